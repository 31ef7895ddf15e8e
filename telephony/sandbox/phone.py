"""A person's side of a call: the telephone in hand, and what a person may do with it."""

import asyncio
from collections.abc import Awaitable, Callable
from enum import Enum, auto
from typing import Protocol

from audio.engines import TextToSpeech
from telephony.sandbox.handset import Handset, LineDeadError


class PickUp(Enum):
    """What happens when a person's telephone rings."""

    ANSWERS = auto()
    BUSY = auto()
    RINGS_OUT = auto()
    UNREACHABLE = auto()


class Phone:
    """One call in a person's hand. `said` holds the words of every `<Say>` he was played."""

    def __init__(
        self,
        handset: Handset,
        *,
        call: str,
        other: str,
        hang_up: Callable[[], None],
        text: Callable[[str], Awaitable[object]],
    ) -> None:
        self.handset = handset
        self.call, self.other = call, other
        self.said: list[str] = []
        self.hang_up = hang_up
        self.text = text
        """Texts the other number while talking; returns once that was received."""
        self._keypad: Callable[[str], None] | None = None
        self._recogniser: Callable[[str], None] | None = None
        self._asked = asyncio.Event()
        self._company = asyncio.Event()
        self.greeted = asyncio.Event()
        """A machine's greeting is over: what `DetectMessageEnd` waits for."""
        self.over = asyncio.Event()

    def press(self, digit: str) -> None:
        """Presses a key; nothing happens when nothing listens to keys."""
        if self._keypad is not None:
            self._keypad(digit)

    def say(self, words: str) -> None:
        """Says something to whatever recognises speech; nothing happens when nothing does. It is not in the audio:
        the person speaks that himself."""
        if self._recogniser is not None:
            self._recogniser(words)

    async def asked_for_a_key(self) -> None:
        """Waits until the call waits for a key. Raises `LineDeadError` when it ends first."""
        await self._while_on(self._asked)

    async def in_company(self) -> None:
        """Waits until somebody else is in the room. Raises `LineDeadError` when the call ends first."""
        await self._while_on(self._company)

    async def _while_on(self, event: asyncio.Event) -> None:
        waiting = [asyncio.ensure_future(event.wait()), asyncio.ensure_future(self.over.wait())]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()
        if not event.is_set():
            raise LineDeadError

    # What the exchange tells the telephone

    def listen_for_keys(self, keypad: Callable[[str], None] | None, *, asking: bool = False) -> None:
        """Connects the keys to something that listens, or to nothing."""
        self._keypad = keypad
        if asking:
            self._asked.set()
        else:
            self._asked.clear()

    def listen_for_words(self, recogniser: Callable[[str], None] | None) -> None:
        """Connects what he says to something that understands it, or to nothing."""
        self._recogniser = recogniser

    def joined_by_others(self) -> None:
        """The room has begun."""
        self._company.set()

    def went_dead(self) -> None:
        """The call is over."""
        self.over.set()
        self.handset.put_down()


class Person(Protocol):
    """Whoever is behind a number: a lead, a human agent."""

    number: str
    pick_up: PickUp
    answer_after_s: float
    answered_by: str
    """What machine detection says about him: "human", "machine_end_beep", ... The end of a message is told when the
    person's telephone has `greeted`."""

    async def prepare(self, voice: TextToSpeech | None) -> None:
        """Does before the first call what would cost time during one: synthesises his lines."""
        ...

    async def on_call(self, phone: Phone) -> None:
        """Talks. The call goes on when this returns; `LineDeadError` may leave it."""
        ...

    async def on_text(self, body: str, sender: str, reply: Callable[[str], Awaitable[None]]) -> None:
        """Reads a text; `reply` sends one back."""
        ...


class Bystander:
    """A person without a script: answers, says nothing, reads texts."""

    answered_by = "human"

    def __init__(self, number: str, pick_up: PickUp = PickUp.ANSWERS, answer_after_s: float = 1.0) -> None:
        self.number = number
        self.pick_up = pick_up
        self.answer_after_s = answer_after_s
        self.received: list[str] = []

    async def prepare(self, voice: TextToSpeech | None) -> None:
        """Nothing to rehearse."""

    async def on_call(self, phone: Phone) -> None:
        """Listens."""

    async def on_text(self, body: str, sender: str, reply: Callable[[str], Awaitable[None]]) -> None:
        """Keeps it."""
        self.received.append(body)
