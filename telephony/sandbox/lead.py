"""A scripted lead who understands: he hears the agent with real ears, answers with a real voice, and texts back."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import numpy as np

from audio.engines import Pcm16, TextToSpeech
from telephony.sandbox.ears import Ears
from telephony.sandbox.handset import Handset
from telephony.sandbox.phone import Phone, PickUp
from telephony.sandbox.script import Interrupt, Script, When

LISTEN_IN_S = 0.4
"""How often a turn is understood while it is spoken, when words are waited for."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a person talks on the telephone."""

    patience_ms: int = 700
    """Silence after which he takes the agent's turn to be over."""
    thinks_ms: int = 400
    """From having understood to his first word."""
    greeting: str = "Hello?"
    """What he says when he picks up; empty: he waits."""
    greets_after_s: float = 0.0
    """From picking up to saying it."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """One turn as the lead knows it. `position` counts 8 kHz samples in the call's recording."""

    who: str
    """"agent" or "lead"."""
    words: str
    position: int


class Lead:
    """A person with a script. `transcript` is what he heard and said on all his calls, `received` the texts he got."""

    answered_by = "human"

    def __init__(
        self,
        number: str,
        script: Script,
        ears: Ears,
        *,
        manner: Manner | None = None,
        pick_up: PickUp = PickUp.ANSWERS,
        answer_after_s: float = 2.0,
    ) -> None:
        self.number = number
        self.script = script
        self.pick_up = pick_up
        self.answer_after_s = answer_after_s
        self.transcript: list[Spoken] = []
        self.received: list[str] = []
        self._ears = ears
        self._manner = manner or Manner()
        self._voiced: dict[str, Pcm16] = {}

    async def prepare(self, voice: TextToSpeech | None) -> None:
        """Synthesises his lines before any call, so that no processor time is spent on them during one."""
        if voice is None:
            raise ValueError(f"the lead {self.number} speaks: give the sandbox a voice, e.g. audio.tts.joe.JoeVoice()")
        for line in {self._manner.greeting, *self.script.lines()} - self._voiced.keys() - {""}:
            self._voiced[line] = await asyncio.to_thread(voice.synthesize, line)

    # Texts

    async def on_text(self, body: str, sender: str, reply: Callable[[str], Awaitable[None]]) -> None:
        """Answers as the script says, after its delay."""
        self.received.append(body)
        rule = self.script.text_back(body)
        if rule is not None:
            await asyncio.sleep(rule.delay_s)
            await reply(rule.say)

    # Calls

    async def on_call(self, phone: Phone) -> None:
        """Talks until the line is dead or the script hangs up."""
        handset = phone.handset
        await asyncio.sleep(self._manner.greets_after_s)
        await self._say(handset, self._manner.greeting)
        since, turn = 0, 0
        while True:
            await handset.far_started(since)
            turn += 1
            interrupt = await self._interruption(handset, turn, since)
            if interrupt is not None:
                await asyncio.sleep(interrupt.after_ms / 1000)
                await self._say(handset, interrupt.say)
                since = handset.position
            ended = await handset.far_finished(self._manner.patience_ms, since)
            heard = await self._ears.understand(handset.heard_since(since))
            self.transcript.append(Spoken("agent", heard, since))
            since = ended
            if heard:
                await self._respond(phone, self.script.answer(heard))

    async def _interruption(self, handset: Handset, turn: int, since: int) -> Interrupt | None:
        """The interruption of this turn, as soon as it is called for; None once the turn ends without one."""
        planned = self.script.interrupt(turn)
        if planned is not None or not self.script.listens_in:
            return planned
        while handset.far_speaking:
            await asyncio.sleep(LISTEN_IN_S)
            wanted = self.script.interrupt_on(await self._ears.understand(handset.heard_since(since)))
            if wanted is not None:
                return wanted
        return None

    async def _respond(self, phone: Phone, answer: When | None) -> None:
        if answer is None:
            return
        await asyncio.sleep(self._manner.thinks_ms / 1000)
        saying = self._say(phone.handset, answer.say)
        if answer.text is None:
            await saying
        else:
            await asyncio.gather(saying, phone.text(answer.text))
        if answer.hang_up:
            phone.hang_up()

    async def _say(self, handset: Handset, line: str) -> None:
        if not line:
            return
        self.transcript.append(Spoken("lead", line, handset.position))
        handset.speak(self._voiced.get(line, np.zeros(0, np.int16)))
        await handset.said()
