"""However the line sounds and whatever the recogniser makes of it, the persona is not silent for long beside a lead who
says nothing: the turn machine on its virtual clock, with a persona who does as it says."""

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from audio.completeness import Ending
from audio.turns import (
    Action,
    Cut,
    Discard,
    Duck,
    Floor,
    Idle,
    Policy,
    Release,
    Resume,
    TurnMachine,
    Understand,
    Unheard,
    Withdraw,
    Words,
)

WINDOW_MS = 32
REPLY_MS, PROMPT_MS = 2_016, 1_024
LONGEST_MS = Policy().silence_limit_ms + 2 * WINDOW_MS
LONGEST_IN_TIME_MS = 12_000
"""While nobody speaks she asks after eight seconds; a voice that begins just before is listened to for a while."""
LONGEST_CUT_OFF_MS = 10_000
LONGEST_CUT_OFF_IN_TIME_MS = 6_000
"""She falls silent before a voice over hers, and it turns out to have no words."""


@dataclass(frozen=True)
class Sound:
    """What the line carries for a while, as the detector hears it."""

    probability: float
    level_db: float
    windows: int
    flickers: bool
    """Every other window is none."""


@dataclass(frozen=True)
class Transcript:
    """What the recogniser makes of an utterance, and after how long; never, if it is None."""

    words: Words
    said: int
    ending: Ending
    after_ms: int | None


@dataclass
class Conversation:
    """A call in which the persona does what the machine decides, and nobody hears of words but by the recogniser."""

    transcripts: list[Transcript]
    machine: TurnMachine = field(default_factory=TurnMachine)
    now_ms: int = 0
    left_ms: int = 4_000
    """Of what the persona is saying,"""
    rest_ms: int = 0
    """and of what she was cut off in."""
    ducked: bool = False
    silent_ms: int = 0
    longest_ms: int = 0
    longest_cut_off_ms: int = 0
    _due: list[tuple[int, int, Transcript]] = field(default_factory=list)
    _asked: int = 0
    _said: int = 0
    """Words of the lead's in the utterance"""
    _started_ms: int = 0
    """that began here."""

    def hear(self, sound: Sound) -> None:
        """The next windows."""
        for index in range(sound.windows):
            voice = not (sound.flickers and index % 2)
            self.now_ms += WINDOW_MS
            heard = (sound.probability if voice else 0.02, sound.level_db if voice else -60.0, self.now_ms, WINDOW_MS)
            self._carry_out(self.machine.window(*heard, persona_speaking=self.left_ms > 0))
            self._recognise()
            self._time_passes()

    def _recognise(self) -> None:
        due = [one for one in self._due if one[0] <= self.now_ms]
        self._due = [one for one in self._due if one[0] > self.now_ms]
        for _, generation, found in due:
            if generation == self.machine.generation and found.words is Words.SPEECH:
                self._lead_said(found.said)
            self._carry_out(self.machine.understood(generation, found.words, found.said, found.ending, self.now_ms))

    def _lead_said(self, words: int) -> None:
        if words > self._said:
            self._said, self.silent_ms = words, 0

    def _time_passes(self) -> None:
        if self.left_ms > 0 and not self.ducked:
            self.left_ms, self.silent_ms = max(0, self.left_ms - WINDOW_MS), 0
            return
        self.silent_ms += WINDOW_MS
        self.longest_ms = max(self.longest_ms, self.silent_ms)
        if self.ducked or self.rest_ms:
            self.longest_cut_off_ms = max(self.longest_cut_off_ms, self.silent_ms)

    def _carry_out(self, actions: list[Action]) -> None:
        for action in actions:
            match action:
                case Understand(generation=generation, start_ms=start_ms):
                    self._said = self._said if start_ms == self._started_ms else 0
                    self._started_ms = start_ms
                    self._ask(generation)
                case Release():
                    self._say(REPLY_MS)
                case Unheard() | Idle() if self.left_ms == 0:
                    self._say(PROMPT_MS)
                case Duck():
                    self.ducked = True
                case Resume():
                    self.ducked = False
                case Cut() | Withdraw():
                    self.rest_ms = self.left_ms if isinstance(action, Cut) else 0
                    self.left_ms, self.ducked = 0, False
                case Discard() if self.rest_ms and self.machine.floor is Floor.OPEN:
                    self._say(self.rest_ms)
                case _:
                    pass

    def _say(self, ms: int) -> None:
        self.left_ms, self.rest_ms, self.ducked = ms, 0, False

    def _ask(self, generation: int) -> None:
        found = self.transcripts[self._asked % len(self.transcripts)]
        self._asked += 1
        if found.after_ms is not None:
            self._due.append((self.now_ms + found.after_ms, generation, found))


sounds = st.lists(
    st.builds(
        Sound,
        st.sampled_from([0.02, 0.4, 0.6, 0.95]),
        st.sampled_from([-45.0, -35.0, -30.0, -20.0]),
        st.integers(1, 250),
        st.booleans(),
    ),
    min_size=5,
    max_size=25,
)
words = st.sampled_from(Words)


def transcripts(after_ms: st.SearchStrategy[int | None]) -> st.SearchStrategy[list[Transcript]]:
    """What a recogniser makes of noise."""
    one = st.builds(Transcript, words, st.integers(0, 9), st.sampled_from(Ending), after_ms)
    return st.lists(one, min_size=1, max_size=8)


def longest(line: list[Sound], found: list[Transcript]) -> tuple[int, int]:
    """The longest silence on a line, ms; and the longest in which the persona had something to say."""
    call = Conversation(found)
    for sound in line:
        call.hear(sound)
    return call.longest_ms, call.longest_cut_off_ms


@settings(max_examples=100)
@given(sounds, transcripts(st.integers(0, 600)))
def test_a_noise_never_ends_in_mutual_silence(line: list[Sound], found: list[Transcript]) -> None:
    """Whatever the detector hears, if there are no more words in it the persona answers, goes on, or asks whether he is
    there."""
    silent_ms, cut_off_ms = longest(line, found)
    assert silent_ms <= LONGEST_IN_TIME_MS
    assert cut_off_ms <= LONGEST_CUT_OFF_IN_TIME_MS


@settings(max_examples=100)
@given(sounds, transcripts(st.one_of(st.none(), st.integers(0, 2_500))))
def test_nor_does_a_recogniser_that_is_slow_or_dead(line: list[Sound], found: list[Transcript]) -> None:
    """Nobody waits for it for ever."""
    silent_ms, cut_off_ms = longest(line, found)
    assert silent_ms <= LONGEST_MS
    assert cut_off_ms <= LONGEST_CUT_OFF_MS
