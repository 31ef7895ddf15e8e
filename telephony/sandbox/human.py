"""A scripted human agent: gets the card by text, hears the whisper, takes the call or does not, and greets the lead."""

import asyncio
from collections.abc import Awaitable, Callable
from enum import Enum, auto

import numpy as np

from audio.engines import Pcm16, TextToSpeech
from telephony.sandbox.phone import Phone, PickUp


class Decision(Enum):
    """What he does with the whisper."""

    TAKES_IT = auto()
    SAYS_YES = auto()
    """Answers aloud."""
    TAKES_IT_AND_DROPS = auto()
    """Presses the key, and his line dies before the lead is there."""
    DECLINES = auto()
    """Presses another key."""
    IGNORES_IT = auto()
    """Presses none, as a voicemail would."""
    HANGS_UP = auto()


class HumanAgent:
    """A person who sells. `cards` are the texts he got, `whispers` the words he was played before the lead."""

    answered_by = "human"

    def __init__(
        self,
        number: str,
        greeting: str,
        *,
        decision: Decision = Decision.TAKES_IT,
        pick_up: PickUp = PickUp.ANSWERS,
        answer_after_s: float = 3.0,
        decides_after_s: float = 2.0,
        greets_after_s: float = 0.4,
        stays_s: float = 5.0,
        drops_after_s: float = 0.5,
    ) -> None:
        self.number = number
        self.greeting = greeting
        self.decision = decision
        self.pick_up = pick_up
        self.answer_after_s = answer_after_s
        self.decides_after_s = decides_after_s
        """From the key being asked for to his pressing it: he listens first."""
        self.greets_after_s = greets_after_s
        self.stays_s = stays_s
        """After his greeting; then he hangs up."""
        self.drops_after_s = drops_after_s
        """After the key, if that is what he does."""
        self.cards: list[str] = []
        self.whispers: list[str] = []
        self._voiced: Pcm16 = np.zeros(0, np.int16)

    async def prepare(self, voice: TextToSpeech | None) -> None:
        """Synthesises his greeting."""
        if voice is not None and self.greeting:
            self._voiced = await asyncio.to_thread(voice.synthesize, self.greeting)

    async def on_text(self, body: str, sender: str, reply: Callable[[str], Awaitable[None]]) -> None:
        """Keeps the card."""
        self.cards.append(body)

    async def on_call(self, phone: Phone) -> None:
        """Hears the whisper, decides, and if he takes it greets the lead and stays a while."""
        await phone.asked_for_a_key()
        await asyncio.sleep(self.decides_after_s)
        self.whispers.extend(phone.said)
        match self.decision:
            case Decision.TAKES_IT | Decision.TAKES_IT_AND_DROPS:
                phone.press("1")
            case Decision.SAYS_YES:
                phone.say("Yes, put him through.")
            case Decision.DECLINES:
                phone.press("2")
            case Decision.HANGS_UP:
                phone.hang_up()
            case Decision.IGNORES_IT:
                pass
        if self.decision is Decision.TAKES_IT_AND_DROPS:
            await asyncio.sleep(self.drops_after_s)
            phone.hang_up()
        await phone.in_company()
        await asyncio.sleep(self.greets_after_s)
        phone.handset.speak(self._voiced)
        await phone.handset.said()
        await asyncio.sleep(self.stays_s)
        phone.hang_up()
