"""Who has the floor on one call: the single owner of starts, ends, commits, ducks, cuts and resumes.

The machine is pure. It is fed the voice detector's verdict window by window and what became of the work it asked for;
it answers with actions. Time is the call's own audio clock: ms of inbound audio, never a wall clock.

An utterance with a pause in it, then its end::

    lead      ▁▁█████▁▁▁████████▁▁▁▁▁▁▁▁▁▁▁▁▁▁
    machine      │   │  │       │     │      │
                 │   │  │       │     │      └ Settle(2): the reply stands, the record may have it
                 │   │  │       │     └ Release(2): both signals, or one, or none, and long enough
                 │   │  │       └ Understand(2), as the voice fades: text, end-of-turn signals and a reply, all held
                 │   │  └ Discard(1)
                 │   └ Understand(1)
                 └ hearing

Every piece of speculative work carries the generation of the `Understand` that asked for it. Only the generation that
was released may reach the wire, and only one that settled may reach the record.
"""

from dataclasses import dataclass, field
from enum import Enum, auto

from audio.completeness import Asked, Ending
from audio.foreground import Foreground
from audio.silence import Silence
from audio.waiting import Waits


class Floor(Enum):
    """Who has the floor."""

    OPEN = auto()
    """The lead is silent. The persona may be speaking."""
    HEARING = auto()
    """The lead is speaking."""
    PAUSED = auto()
    """The lead has stopped, perhaps for good: a reply is being prepared."""
    OVERLONG = auto()
    """He, or some noise, does not stop: what has been said so far decides whether he is answered all the same."""
    RELEASED = auto()
    """The reply is on its way; the lead could still turn out not to have finished."""
    OVERLAP = auto()
    """The lead speaks over the persona, who has ducked."""
    OVERLAP_PAUSED = auto()
    """He has stopped again: his words decide whether it was an interruption."""
    OVERLAP_LONG = auto()
    """He, or some noise, goes on over her, not loud enough to be surely he: the words so far decide."""

    __hash__ = object.__hash__
    """Members are single. An enumeration's own runs Python code, and floors are looked up with every window."""


_NOBODY_HEARD = frozenset({Floor.OPEN, Floor.RELEASED})
_TO_BE_ANSWERED = frozenset({Floor.HEARING, Floor.PAUSED, Floor.OVERLONG})
ENDLESS = frozenset({Floor.OVERLONG, Floor.OVERLAP_LONG})
"""What is heard goes on; if there are hardly any words in it, it is noise."""


class Words(Enum):
    """What an utterance amounts to."""

    NOTHING = auto()
    """Noise, or nothing that deserves an answer."""
    BACKCHANNEL = auto()
    """"mm-hm", "okay": listening, not speaking."""
    SPEECH = auto()


@dataclass(frozen=True, slots=True)
class Understand:
    """Work out what was said between these offsets (ms of call audio), whether it is over, and a reply. Hold it all."""

    generation: int
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Discard:
    """Throw away this generation's work: the lead speaks on, or it was nothing."""

    generation: int


@dataclass(frozen=True, slots=True)
class Release:
    """Say this generation's reply, now. `wait_ms` is how long the policy waited after the speech it is about."""

    generation: int
    wait_ms: int


@dataclass(frozen=True, slots=True)
class Withdraw:
    """The lead had not finished: stop the released reply at once and forget it. He will be answered as a whole."""

    generation: int


@dataclass(frozen=True, slots=True)
class Settle:
    """The released reply stands; its turn may be recorded."""

    generation: int


@dataclass(frozen=True, slots=True)
class Duck:
    """Stop sending, but keep the rest."""


@dataclass(frozen=True, slots=True)
class Resume:
    """It was no interruption: go on."""


@dataclass(frozen=True, slots=True)
class Cut:
    """It was an interruption: flush the carrier and drop the rest."""


@dataclass(frozen=True, slots=True)
class Idle:
    """Nobody has spoken for a while; `times` counts how often in a row."""

    times: int


@dataclass(frozen=True, slots=True)
class Unheard:
    """The lead said something that was not understood."""


Action = Unheard | Understand | Discard | Release | Withdraw | Settle | Duck | Resume | Cut | Idle


@dataclass(frozen=True, slots=True)
class Policy:
    """The thresholds, in ms where not said otherwise."""

    speech_on: float = 0.5
    """A window at least this likely to be speech starts or keeps an utterance."""
    speech_off: float = 0.35
    onset_ms: int = 64
    """Speech this long starts an utterance."""
    speech_fading: float = 0.7
    """A voice that falls below this may have ended: it asks for speculative work, and forgets it if the voice is back.
    The detector still hears breath and room when the last word is over; silence comes some 70 ms later."""
    offset_ms: int = 64
    """Silence this long is a pause."""
    faded_ms: int = 64
    """A pause that begins longer than this after the voice faded had more speech in it: the work is asked for anew."""
    lingers_ms: int = 96
    """So much earlier than for the detector, at most, a silence may have begun by its loudness: the detector hears a
    voice for some 100 ms longer than there is one, at times for 200, and at times for none."""
    preroll_ms: int = 256
    """Audio kept from before the onset: soft consonants start below the threshold."""
    waits: Waits = field(default_factory=Waits)
    """The silence before a release."""
    overdue_ms: int = 2_000
    """A transcript later than this after the last speech is not waited for."""
    merge_ms: int = 700
    """Speech this soon after a release belongs to the same turn."""
    confirm_ms: int = 928
    """Speech over the persona for this long is an interruption: of a voice as near as his is whatever the words, of any
    other if it has words by then or so much later. She is silent by then, so there is time: an "mm-hm" is over by now,
    and what he says in one breath is told by its words."""
    turn_limit_ms: int = 25_000
    """A lead who talks longer is answered at his next breath, however short, or without one."""
    wordless_ms: int = 2_496
    """A voice that goes on for so long without a new word has its words looked at. If there are no more than before he
    is done, and what still sounds is not he,"""
    doubts: int = 2
    """and if so many looks in a row find none at all it is a noise: a crowd, or a television. Of a voice that silenced
    the persona by its length alone the first look decides."""
    cut_off_ms: int = 128
    """How much longer a lead is waited for, until his turn stands, each time we took him to have finished and he had
    not,"""
    learned_ms: int = 64
    """of that, how much is kept for his next turns: one turn tells little of the next, and several cut-offs in one
    sentence tell no more than the first,"""
    patience_limit_ms: int = 384
    """how much at most,"""
    patience_kept: float = 0.85
    """and how much of what was kept is left after each turn of his that stood."""
    idle_ms: int = 8_000
    """So long after the persona's last word, or the last that was understood, she asks whether he is there,"""
    silence_limit_ms: int = 12_000
    """and so long after it at the latest, though something that may be he is heard by then: it was not understood."""
    unheard_ms: int = 400
    """A voice this long that was not understood is asked to repeat; anything shorter was a noise."""
    unheard_limit: int = 2
    """After so many in a row it is a noise, however long."""


@dataclass(slots=True)
class _Signals:
    """What is known about the newest generation."""

    words: Words | None = None
    ending: Ending = Ending.UNCLEAR
    voice: float | None = None
    """Smart Turn's probability that he has finished."""


class TurnMachine:
    """Decides turns for one call. Feed it `window`, `understood` and `prosody`; carry out what it returns."""

    def __init__(self, policy: Policy | None = None, patience_ms: float = 0.0) -> None:
        self.policy = policy or Policy()
        self.patience_ms = patience_ms
        """How much longer than usual this lead is waited for, by what his pauses were like so far."""
        self._cut_offs = 0
        """How often he was taken to have finished in this turn of his, and had not."""
        self.floor = Floor.OPEN
        self.generation = 0
        self.expects = Asked.ANYTHING
        """What the persona's question asks for."""
        self._signals = _Signals()
        self._started_ms = 0
        self._spoke_ms = 0
        """End of the last window with speech."""
        self._asked = False
        """The newest generation is about what is being heard, and nothing has shown yet that there is more of it."""
        self._asked_ms = 0
        """End of the speech that the newest generation is about."""
        self._run_ms = 0
        """Length of the present run of speech windows."""
        self._overlap_ms = 0
        """Speech over the persona, so far."""
        self._released_ms = 0
        self._quiet_since_ms = 0
        self._idles = 0
        self._unheard = 0
        self._begun_ms = 0
        """When the newest generation was asked for."""
        self._news_ms = 0
        """When the utterance began, or the last time that more words of it were understood,"""
        self._said = 0
        """and how many they were."""
        self._looked_ms = 0
        """When a voice that does not stop was last asked for its words."""
        self._doubts = 0
        """Looks in a row at a voice that does not stop in which no words were found."""
        self._deaf = False
        """Set while what is heard goes on unbroken after it was answered or was nothing: it begins no new turn."""
        self._persona_spoke = False
        """In the window before."""
        self._foreground = Foreground()
        self._silence = Silence()

    @property
    def hearing_since_ms(self) -> int | None:
        """Where the utterance that is not answered yet began; None if there is none."""
        return None if self.floor in _NOBODY_HEARD else self._started_ms

    # What comes in ------------------------------------------------------------------------------------------------

    def window(
        self, probability: float, level_db: float, end_ms: int, length_ms: int, *, persona_speaking: bool
    ) -> list[Action]:
        """One window of the voice detector: its speech probability, its loudness (dB of full scale) and where it ends
        in the call's audio."""
        voice = probability >= (self.policy.speech_off if self._run_ms else self.policy.speech_on)
        speaking = self.floor not in _NOBODY_HEARD
        loud = self._foreground.hears(level_db, voice=voice, speaking=speaking, over_persona=persona_speaking)
        self._run_ms = self._run_ms + length_ms if loud else 0
        if loud:
            self._spoke_ms = end_ms
        self._silence.hears(end_ms - length_ms, level_db)
        self._listen_again(end_ms, persona_speaking=persona_speaking)
        if self._is_overdue(end_ms):
            return self._noise()
        match self.floor:
            case Floor.OPEN:
                return self._open(end_ms, persona_speaking=persona_speaking)
            case Floor.HEARING:
                return self._hearing(end_ms, probability if loud else 0.0, persona_speaking=persona_speaking)
            case Floor.PAUSED:
                return self._paused(end_ms)
            case Floor.OVERLONG:
                return self._overlong(end_ms)
            case Floor.RELEASED:
                return self._released(end_ms)
            case Floor.OVERLAP:
                return self._overlap(end_ms, length_ms if loud else 0)
            case Floor.OVERLAP_PAUSED:
                return self._overlap_paused(end_ms)
            case Floor.OVERLAP_LONG:
                return self._overlap_long(end_ms)

    def understood(self, generation: int, words: Words, said: int, ending: Ending, now_ms: int) -> list[Action]:
        """The text of a generation has arrived: `said` is how many words it has, `ending` whether it reads like a
        finished utterance."""
        if generation != self.generation or self._signals.words is not None:
            return []
        self._signals.words = words
        self._signals.ending = ending
        if words is Words.SPEECH and said > self._said:
            self._said, self._news_ms, self._quiet_since_ms = said, now_ms, now_ms
            self._idles = self._doubts = 0
        match self.floor:
            case Floor.PAUSED:
                return self._paused(now_ms)
            case Floor.OVERLAP_PAUSED:
                return self._overlap_paused(now_ms)
            case Floor.OVERLONG:
                return self._overlong(now_ms)
            case Floor.OVERLAP_LONG:
                return self._overlap_long(now_ms)
            case _:
                return []

    def prosody(self, generation: int, probability: float, now_ms: int) -> list[Action]:
        """Smart Turn's verdict on a generation."""
        if generation != self.generation:
            return []
        self._signals.voice = probability
        return self._paused(now_ms) if self.floor is Floor.PAUSED else []

    def _listen_again(self, now_ms: int, *, persona_speaking: bool) -> None:
        """What was deaf to a noise is not for ever: it ends with a silence, or when it is the lead's turn to speak."""
        if now_ms - self._spoke_ms >= self.policy.offset_ms:
            self._deaf = False
        elif self._deaf and self._persona_spoke and not persona_speaking:
            self._deaf, self._run_ms = False, 0
        self._persona_spoke = persona_speaking
        if persona_speaking:
            self._quiet_since_ms = now_ms

    # One function per floor ---------------------------------------------------------------------------------------

    def _open(self, now_ms: int, *, persona_speaking: bool) -> list[Action]:
        if self._run_ms >= self.policy.onset_ms and not self._deaf:
            self._started_ms = max(0, now_ms - self._run_ms - self.policy.preroll_ms)
            self._cut_offs = 0
            self._news_ms, self._said, self._doubts = now_ms - self._run_ms, 0, 0
            self._foreground.begins()
            if not persona_speaking:
                self._hear()
                return []
            self.floor = Floor.OVERLAP
            self._overlap_ms = self._run_ms
            return [Duck()]
        if self._silent_for(now_ms) >= self.policy.idle_ms:
            self._quiet_since_ms = now_ms
            self._idles += 1
            self._foreground.forget()
            return [Idle(self._idles)]
        return []

    def _hearing(self, now_ms: int, probability: float, *, persona_speaking: bool) -> list[Action]:
        if persona_speaking:
            # Both began at once: the persona ducks, and the words decide.
            self.floor = Floor.OVERLAP
            self._overlap_ms, self._doubts = self._run_ms, 0
            return [*self._speaks_on(), Duck()]
        if now_ms - self._spoke_ms >= self.policy.offset_ms:
            return self._silent(now_ms)
        if now_ms - max(self._news_ms, self._looked_ms) >= self.policy.wordless_ms:
            self._looked_ms = now_ms
            return self._ask(Floor.OVERLONG, now_ms)
        if probability >= self.policy.speech_fading:
            return self._speaks_on()
        return [] if self._asked else self._ask(Floor.HEARING, now_ms)

    def _hear(self) -> None:
        self.floor, self._asked = Floor.HEARING, False

    def _silent(self, now_ms: int) -> list[Action]:
        """The work on this pause may be under way since the voice faded."""
        if not self._asked or self._spoke_ms - self._asked_ms > self.policy.faded_ms:
            return self._ask(Floor.PAUSED, now_ms)
        self.floor = Floor.PAUSED
        return self._paused(now_ms)

    def _speaks_on(self) -> list[Action]:
        asked, self._asked = self._asked, False
        return [Discard(self.generation)] if asked else []

    def _overlong(self, now_ms: int) -> list[Action]:
        if now_ms - self._spoke_ms >= self.policy.offset_ms and not self._is_stale(now_ms):
            return [Discard(self.generation), *self._ask(Floor.PAUSED, now_ms)]
        match self._signals.words:
            case Words.SPEECH if self._news_ms >= self._looked_ms and not self._beyond_limit(now_ms):
                self._hear()
                return [Discard(self.generation)]
            case Words.SPEECH:
                return self._answer_over_it()
            case None if now_ms - self._begun_ms < self.policy.overdue_ms:
                return []
            case _:
                return self._doubt(now_ms)

    def _is_stale(self, now_ms: int) -> bool:
        """No word has come for so long that no short silence puts off what the next look decides."""
        return now_ms - self._news_ms >= self.policy.doubts * self.policy.wordless_ms

    def _beyond_limit(self, now_ms: int) -> bool:
        return now_ms - self._started_ms >= self.policy.turn_limit_ms

    def _answer_over_it(self) -> list[Action]:
        """What still sounds is not going to stop, so there is nothing to wait for: what he said stands."""
        self.floor, self._deaf, self._unheard = Floor.OPEN, True, 0
        return [Release(self.generation, 0), Settle(self.generation)]

    def _doubt(self, now_ms: int) -> list[Action]:
        """A voice without words. Somebody may mumble, but that does not keep the persona silent for long."""
        self._doubts += 1
        if self._doubts < self.policy.doubts and self._silent_for(now_ms) < self.policy.idle_ms:
            self._hear()
            return [Discard(self.generation)]
        return self._noise()

    def _is_overdue(self, now_ms: int) -> bool:
        return self.floor in _TO_BE_ANSWERED and self._silent_for(now_ms) >= self.policy.silence_limit_ms

    def _silent_for(self, now_ms: int) -> int:
        return now_ms - self._quiet_since_ms

    def _noise(self) -> list[Action]:
        self.floor, self._deaf = Floor.OPEN, True
        self._foreground.was_noise()
        return [Discard(self.generation), *self._ask_again()]

    def _ask(self, floor: Floor, now_ms: int) -> list[Action]:
        self.floor = floor
        self.generation += 1
        self._signals = _Signals()
        self._asked, self._asked_ms, self._begun_ms = True, self._spoke_ms, now_ms
        return [Understand(self.generation, self._started_ms, self._spoke_ms)]

    def _paused(self, now_ms: int) -> list[Action]:
        if self._run_ms >= self.policy.onset_ms:
            self._hear()
            return [Discard(self.generation)]
        if self._signals.words is None:
            # A recogniser that never answers must not hold the floor.
            return self._give_back() if now_ms - self._begun_ms >= self.policy.overdue_ms else []
        if self._signals.words is not Words.SPEECH:
            self.floor = Floor.OPEN
            return [Discard(self.generation), *self._ask_again()]
        if self._is_stale(now_ms):
            return self._answer_over_it()
        over_ms = self._silent_since_ms() + self.wait_ms()
        if now_ms < over_ms:
            return []
        self.floor = Floor.RELEASED
        self._foreground.was_lead()
        self._released_ms = now_ms
        self._unheard = 0
        return [Release(self.generation, over_ms - self._asked_ms)]

    def _silent_since_ms(self) -> int:
        by_loudness = self._silence.since_ms()
        if by_loudness is None:
            return self._spoke_ms
        return min(self._spoke_ms, max(by_loudness, self._spoke_ms - self.policy.lingers_ms))

    def _ask_again(self) -> list[Action]:
        voice_ms = self._spoke_ms - self._started_ms - self.policy.preroll_ms
        tiresome = self._unheard >= self.policy.unheard_limit
        if self._signals.words is not Words.NOTHING or voice_ms < self.policy.unheard_ms or tiresome:
            return []
        self._unheard += 1
        return [Unheard()]

    def wait_ms(self) -> int:
        """How long the silence must last, by the signals so far."""
        policy = self.policy
        if self._spoke_ms - self._started_ms > policy.turn_limit_ms:
            return policy.waits.both_ms
        wait = policy.waits.ms(self._signals.ending, self._signals.voice, self.expects)
        # Part of it is learned with the first of them.
        this_turn_ms = max(0, self._cut_offs * policy.cut_off_ms - policy.learned_ms)
        return wait + round(min(self.patience_ms + this_turn_ms, policy.patience_limit_ms))

    def _released(self, now_ms: int) -> list[Action]:
        if self._run_ms >= self.policy.onset_ms:
            # He had not finished. Same utterance, same start: it will be heard again as a whole.
            self._cut_offs += 1
            if self._cut_offs == 1:
                self.patience_ms = min(self.patience_ms + self.policy.learned_ms, self.policy.patience_limit_ms)
            self._hear()
            return [Withdraw(self.generation)]
        if now_ms - self._released_ms >= self.policy.merge_ms and not self._run_ms:
            self.floor = Floor.OPEN
            self.patience_ms *= self.policy.patience_kept
            return [Settle(self.generation)]
        return []

    def _overlap(self, now_ms: int, loud_ms: int) -> list[Action]:
        self._overlap_ms += loud_ms
        if self._overlap_ms >= self.policy.confirm_ms * (1 + self._doubts):
            if not self._foreground.is_near:
                return self._ask(Floor.OVERLAP_LONG, now_ms)
            self._hear()
            self._doubts = self.policy.doubts - 1
            return [Cut()]
        if now_ms - self._spoke_ms >= self.policy.offset_ms:
            return self._ask(Floor.OVERLAP_PAUSED, now_ms)
        return []

    def _overlap_paused(self, now_ms: int) -> list[Action]:
        if self._run_ms >= self.policy.onset_ms:
            self.floor = Floor.OVERLAP
            return [Discard(self.generation)]
        match self._signals.words:
            case Words.SPEECH:
                self.floor = Floor.PAUSED
                return [Cut(), *self._paused(now_ms)]
            case Words.NOTHING | Words.BACKCHANNEL:
                return self._give_back()
            case None:
                # The persona must not fall silent because recognition is slow or has failed.
                overdue = now_ms - self._begun_ms >= self.policy.overdue_ms
                return self._give_back() if overdue else []

    def _overlap_long(self, now_ms: int) -> list[Action]:
        silent = now_ms - self._spoke_ms >= self.policy.offset_ms
        if silent and self._overlap_ms < self.policy.doubts * self.policy.confirm_ms:
            return [Discard(self.generation), *self._ask(Floor.OVERLAP_PAUSED, now_ms)]
        match self._signals.words:
            case Words.SPEECH:
                self._hear()
                return [Discard(self.generation), Cut()]
            case None if now_ms - self._begun_ms < self.policy.overdue_ms:
                return []
            case _:
                self._doubts += 1
                if self._doubts < self.policy.doubts:
                    self.floor = Floor.OVERLAP
                    return [Discard(self.generation)]
                self._deaf = True
                self._foreground.was_noise()
                return self._give_back()

    def _give_back(self) -> list[Action]:
        self.floor = Floor.OPEN
        return [Discard(self.generation), Resume()]
