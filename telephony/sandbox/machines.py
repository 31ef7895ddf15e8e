"""Telephones that a machine answers: a voicemail with a greeting and a beep, and an assistant that screens calls."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import numpy as np

from audio.engines import TELEPHONE_RATE, Pcm16, TextToSpeech
from telephony.sandbox.handset import Handset
from telephony.sandbox.phone import Person, Phone, PickUp

BEEP_HZ, BEEP_MS, BEEP_LEVEL = 1_000, 400, 6_000
PAUSE_S = 0.6
"""Between the sentences of a greeting, unless it says otherwise."""
RECORDS_AT_MOST_S = 120.0


@dataclass(frozen=True, slots=True)
class Message:
    """What a voicemail recorded: 8 kHz samples from the beep to the end of the call."""

    audio: Pcm16
    cut_off: bool
    """Whether the caller hung up before all he had sent was played."""


class Voices:
    """Lines of one machine, synthesised before any call."""

    def __init__(self, number: str, lines: Sequence[str]) -> None:
        self._number, self._lines = number, lines
        self._voiced: dict[str, Pcm16] = {}

    async def prepare(self, voice: TextToSpeech | None) -> None:
        """Synthesises what is missing. Raises `ValueError` without a voice."""
        if voice is None:
            raise ValueError(f"the machine at {self._number} speaks: give the sandbox a voice, e.g. JoeVoice()")
        for line in set(self._lines) - self._voiced.keys():
            self._voiced[line] = await asyncio.to_thread(voice.synthesize, line)

    async def say(self, handset: Handset, line: str) -> None:
        """Says a line to its end."""
        handset.speak(self._voiced[line])
        await handset.said()


class Voicemail:
    """Answers with `greeting`, sentence by sentence with a pause behind each, beeps, and records.

    A full one says so and hangs up. `messages` are what was left, `received` the texts its owner got.
    """

    def __init__(
        self,
        number: str,
        greeting: Sequence[str],
        *,
        pause_s: float = PAUSE_S,
        beeps: bool = True,
        full: bool = False,
        answered_by: str = "machine_end_beep",
        answer_after_s: float = 4.0,
    ) -> None:
        self.number = number
        self.greeting = tuple(greeting)
        self.pick_up, self.answer_after_s = PickUp.ANSWERS, answer_after_s
        self.answered_by = answered_by
        """What machine detection makes of it, right or wrong."""
        self.messages: list[Message] = []
        self.received: list[str] = []
        self._pause_s, self._beeps, self._full = pause_s, beeps, full
        self._voices = Voices(number, self.greeting)

    async def prepare(self, voice: TextToSpeech | None) -> None:
        """Synthesises the greeting."""
        await self._voices.prepare(voice)

    async def on_text(self, body: str, sender: str, reply: Callable[[str], Awaitable[None]]) -> None:
        """Keeps it for its owner."""
        self.received.append(body)

    async def on_call(self, phone: Phone) -> None:
        """Greets, beeps, records until the caller hangs up."""
        for line in self.greeting:
            await self._voices.say(phone.handset, line)
            await asyncio.sleep(self._pause_s)
        if self._full:
            phone.hang_up()
            return
        if self._beeps:
            phone.handset.speak(beep())
            await phone.handset.said()
        phone.greeted.set()
        await self._record(phone)

    async def _record(self, phone: Phone) -> None:
        since = phone.handset.position
        try:
            await asyncio.wait_for(phone.over.wait(), RECORDS_AT_MOST_S)
        except TimeoutError:
            phone.hang_up()
        handset = phone.handset
        self.messages.append(Message(handset.heard_since(since), cut_off=handset.queued_ms > 0))


class Screener:
    """An assistant that asks who calls and why, waits for the answer, and brings the person or says goodbye."""

    def __init__(
        self,
        person: Person,
        *,
        asks: str = "Hi, this call is being screened. Please state your name and why you are calling.",
        thanks: str = "Thank you. Please stay on the line.",
        refuses: str | None = None,
        brings_after_s: float = 3.0,
        answered_by: str = "unknown",
    ) -> None:
        self.person = person
        self.number, self.pick_up, self.answer_after_s = person.number, person.pick_up, person.answer_after_s
        self.answered_by = answered_by
        self.heard: list[Pcm16] = []
        """What it was told, on each call."""
        self._asks, self._thanks, self._refuses = asks, thanks, refuses
        self._brings_after_s = brings_after_s
        self._voices = Voices(self.number, [line for line in (asks, thanks, refuses) if line])

    async def prepare(self, voice: TextToSpeech | None) -> None:
        """Synthesises its lines and lets the person rehearse."""
        await self._voices.prepare(voice)
        await self.person.prepare(voice)

    async def on_text(self, body: str, sender: str, reply: Callable[[str], Awaitable[None]]) -> None:
        """Texts are not screened."""
        await self.person.on_text(body, sender, reply)

    async def on_call(self, phone: Phone) -> None:
        """Screens the call."""
        await self._voices.say(phone.handset, self._asks)
        since = phone.handset.position
        await phone.handset.far_finished(1_200, since)
        self.heard.append(phone.handset.heard_since(since))
        if self._refuses is not None:
            await self._voices.say(phone.handset, self._refuses)
            phone.hang_up()
            return
        await self._voices.say(phone.handset, self._thanks)
        await asyncio.sleep(self._brings_after_s)
        await self.person.on_call(phone)


def beep() -> Pcm16:
    """The tone after which one speaks: 1 kHz, 400 ms."""
    times = np.arange(BEEP_MS * TELEPHONE_RATE // 1_000) / TELEPHONE_RATE
    return (BEEP_LEVEL * np.sin(2 * np.pi * BEEP_HZ * times)).astype(np.int16)
