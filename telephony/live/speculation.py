"""What a call works out while the lead may yet speak on: his words, whether he is done, and a reply to say then."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import structlog

from agent.conversation import respond
from agent.guard.inbound import inspect, mask
from agent.listening import is_backchannel
from agent.moves import Suppress
from agent.snapshot import Utterance
from audio.completeness import IN_PIECES, ending
from audio.deadlines import Due, TooLateError
from audio.ear import Ear
from audio.engines import TELEPHONE_RATE, Pcm16, Transcript
from audio.turns import ENDLESS, Action, TurnMachine, Understand, Words
from audio.waiting import TELLS_ENOUGH
from state.events import LeadSaid
from telephony.live.mouth import Mouth
from telephony.live.reply import Reply, Timeline, now_ms
from telephony.live.scribe import Scribe
from telephony.services import Services

log = structlog.get_logger(__name__)

PROSODY_SAMPLES = 8 * TELEPHONE_RATE
"""How much of an utterance's end the turn detector looks at."""
HEARD_WITHIN_MS = 1_500
"""Words that could not be looked at this long after they were said count as not understood: the lead is asked again."""
NEARLY_DONE_MS = 600
"""An assent this close to the end of the persona's turn answers it; it is no backchannel."""

MUMBLED_MS = 448
MUMBLED_LOGPROB = -0.8
"""A voice shorter than this that is understood worse is a sound rather than words."""
BABBLE_LOGPROB = -0.8
BABBLE_WORDS_PER_S = 0.8
"""Seconds of a voice without a break that are understood worse than this, or in which there are fewer words, are a
crowd's, or a machine's: who does not pause says two or three words a second."""

CarryOut = Callable[[Sequence[Action]], None]
"""Does what the turn machine decided."""


@dataclass(slots=True, eq=False)
class _Guess:
    """One generation's work."""

    action: Understand
    speech_ended: float
    """ms on the event loop's clock."""
    words: asyncio.Task[None] | None = None
    """Finds out what was said,"""
    voice: asyncio.Task[None] | None = None
    """and whether it sounded finished."""
    reply: Reply | None = None
    earlier: Reply | None = None
    """The reply to what was heard of the same utterance a moment before: it will do if nothing was added but breath."""

    def stop(self) -> None:
        """Nothing more is to be found out. What still waits for an engine leaves the queue to those who wait for it."""
        for task in (self.words, self.voice):
            # It may be this very task that found out what ends the guess.
            if task is not None and task is not asyncio.current_task():
                task.cancel()


class Speculation:
    """The one guess of a call at what the lead's turn was.

    `begin` starts the work on a generation, and forgets the one before. What is found out goes to the turn machine,
    under that generation's number. The reply is held: until `take` hands it over, nobody hears of it, neither the
    lead nor the record; what `drop` throws away has had no effect but its cost.
    """

    def __init__(
        self,
        services: Services,
        group: asyncio.TaskGroup,
        ear: Ear,
        machine: TurnMachine,
        mouth: Mouth,
        scribe: Scribe,
        overhears: Callable[[str | None], None],
        carry_out: CarryOut,
    ) -> None:
        """`overhears` is told what was understood as soon as it is, whatever becomes of it; None: of a voice that goes
        on, nothing."""
        self._services = services
        self._group = group
        self._ear = ear
        self._machine = machine
        self._mouth = mouth
        self._scribe = scribe
        self._overhears = overhears
        self._carry_out = carry_out
        self._guess: _Guess | None = None

    @property
    def under_way(self) -> bool:
        """Whether there is a guess."""
        return self._guess is not None

    def begin(self, action: Understand) -> None:
        """Works on what was said between the action's offsets."""
        earlier = self._set_aside(action)
        self.drop()
        pcm = self._ear.slice(action.start_ms, self._ear.now_ms)
        # The ear's clock runs with the wall clock: what it is ahead of the speech's end is how long ago that was.
        guess = self._guess = _Guess(action, now_ms() - (self._ear.now_ms - action.end_ms), earlier=earlier)
        guess.words = self._group.create_task(self._transcribe(guess, pcm))
        guess.voice = self._group.create_task(self._judge(guess, pcm[-PROSODY_SAMPLES:]))

    def drop(self) -> None:
        """Throws the guess away, if there is one."""
        guess, self._guess = self._guess, None
        if guess is None:
            return
        guess.stop()
        self._scribe.recognised_in_vain()
        for reply in (guess.reply, guess.earlier):
            if reply is not None:
                self._throw_away(reply)

    def take(self, generation: int) -> Reply:
        """Hands over the reply of a generation, still held. If something has happened since it was made, it is thought
        of anew: the words stand, the answer does not."""
        guess, self._guess = self._guess, None
        reply = guess.reply if guess and guess.action.generation == generation else None
        if reply is None or reply.answers is None:
            raise AssertionError("a release without a reply: the machine releases only what was understood as speech")
        assert guess is not None, "it has a reply"
        guess.stop()
        if reply.view is self._scribe.view:
            return reply
        self._throw_away(reply)
        fresh = Reply(reply.turn, self._scribe.view, answers=reply.answers, confidence=reply.confidence)
        fresh.timeline = Timeline(reply.timeline.speech_ended, transcribed=reply.timeline.transcribed)
        return self._think(fresh, reply.answers.text)

    async def recognise(self, pcm: Pcm16, due: Due | None = None) -> Transcript:
        """What 8 kHz audio of the lead says. Empty if the recogniser fails: unheard is not the end of a call, the lead
        is asked again when nobody speaks."""
        hints = () if self._machine.expects in IN_PIECES else self._scribe.campaign.hints
        try:
            return await self._services.engines.transcribe(pcm, hints, due)
        except TooLateError:
            log.warning("words not recognised in time", call=self._scribe.call)
        except Exception:
            log.exception("recognition failed", call=self._scribe.call)
        return Transcript("", confidence=0.0, no_speech=1.0)

    async def _transcribe(self, guess: _Guess, pcm: Pcm16) -> None:
        policy = self._machine.policy
        transcript = await self.recognise(pcm, _due(guess, policy.waits.both_ms, HEARD_WITHIN_MS))
        text = mask(transcript.text, self._scribe.view.said_last)
        words = self._words(guess.action, text, transcript.confidence)
        if words is Words.SPEECH:
            guess.reply = self._answer(guess, text, transcript.confidence)
            self._overhears(text)
        elif self._endless:
            self._overhears(None)
        self._let_go(guess)
        end = ending(text, self._machine.expects)
        if end in TELLS_ENOUGH and guess.voice is not None:
            guess.voice.cancel()  # However he sounded, he is waited for as long.
        said = (words, len(text.split()), end)
        self._carry_out(self._machine.understood(guess.action.generation, *said, self._ear.now_ms))

    async def _judge(self, guess: _Guess, pcm: Pcm16) -> None:
        policy = self._machine.policy
        try:
            # Behind the words of all turns: it spares one turn a little of its wait, and words that are late hold up
            # the whole of it.
            due = _due(guess, HEARD_WITHIN_MS, policy.waits.neither_ms)
            probability = await self._services.engines.turn_probability(pcm, due)
        except TooLateError:
            return  # The words have decided alone.
        except Exception:
            log.exception("turn detection failed", call=self._scribe.call)
            return  # The words decide alone.
        self._carry_out(self._machine.prosody(guess.action.generation, probability, self._ear.now_ms))

    def _is_mumbled(self, action: Understand, confidence: float) -> bool:
        voice_ms = action.end_ms - action.start_ms - self._machine.policy.preroll_ms
        return voice_ms < MUMBLED_MS and confidence < MUMBLED_LOGPROB

    def _words(self, action: Understand, text: str, confidence: float) -> Words:
        if not text or (self._is_babble(action, text, confidence) and not self._is_stop(text)):
            return Words.NOTHING
        # Also a "hello?" that began before the persona's first word: it does not cut the greeting.
        goes_on = self._mouth.remaining_ms > NEARLY_DONE_MS
        mumbled = self._is_mumbled(action, confidence)
        return Words.BACKCHANNEL if goes_on and is_backchannel(text, mumbled=mumbled) else Words.SPEECH

    def _is_babble(self, action: Understand, text: str, confidence: float) -> bool:
        few = len(text.split()) < BABBLE_WORDS_PER_S * (action.end_ms - action.start_ms) / 1000
        return self._endless and (few or confidence < BABBLE_LOGPROB)

    @property
    def _endless(self) -> bool:
        """Whether what is being heard does not stop."""
        return self._machine.floor in ENDLESS

    def _is_stop(self, text: str) -> bool:
        """Whoever wants no more calls is heard, however badly."""
        found = inspect(text, self._scribe.snapshot())
        return found is not None and any(isinstance(move, Suppress) for move in found.moves)

    def _set_aside(self, action: Understand) -> Reply | None:
        """Keeps the reply of a guess that is about to be made anew: the same utterance, a little longer."""
        guess = self._guess
        if guess is None or guess.action.start_ms != action.start_ms:
            return None
        reply, guess.reply, guess.earlier = guess.reply or guess.earlier, None, None
        return reply

    def _let_go(self, guess: _Guess) -> None:
        earlier, guess.earlier = guess.earlier, None
        if earlier is not None:
            self._throw_away(earlier)

    def _answer(self, guess: _Guess, text: str, confidence: float) -> Reply:
        said = self._scribe.lead_said(text, guess.action.start_ms, guess.action.end_ms)
        timeline = Timeline(guess.speech_ended, transcribed=now_ms())
        if (earlier := guess.earlier) is not None and self._still_answers(earlier, said):
            # Same words, same view: a language model need not be asked again.
            guess.earlier = None
            earlier.answers, earlier.confidence = said, confidence
            earlier.timeline = replace(timeline, replied=earlier.timeline.replied, spoken=earlier.timeline.spoken)
            return earlier
        reply = Reply(said.turn, self._scribe.view, answers=said, confidence=confidence)
        reply.wanted_ms = guess.speech_ended + self._machine.policy.waits.both_ms
        reply.timeline = timeline
        return self._think(reply, text)

    def _still_answers(self, reply: Reply, said: LeadSaid) -> bool:
        answered = reply.answers
        return (
            answered is not None
            and (answered.turn, answered.text) == (said.turn, said.text)
            and reply.view is self._scribe.view
        )

    def _think(self, reply: Reply, text: str) -> Reply:
        utterance = Utterance(text, reply.source, reply.spent)
        moves = respond(self._services.brain, self._scribe.snapshot(), utterance)
        self._scribe.thought_of(reply)
        self._mouth.prepare(reply, moves)
        return reply

    def _throw_away(self, reply: Reply) -> None:
        reply.end()
        self._scribe.threw_away(reply)


def _due(guess: _Guess, wanted_ms: float, within_ms: float) -> Due:
    """Wanted so long after the last speech; of no use later than `within_ms` after it."""
    return Due((guess.speech_ended + wanted_ms) / 1000, (guess.speech_ended + within_ms) / 1000)
