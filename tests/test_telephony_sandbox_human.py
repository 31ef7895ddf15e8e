import asyncio

import numpy as np
import pytest

from audio.engines import Pcm16
from telephony.sandbox.handset import Handset, LineDeadError
from telephony.sandbox.human import Decision, HumanAgent
from telephony.sandbox.phone import Phone

pytestmark = pytest.mark.anyio
AGENT, OURS = "+13125550177", "+13125550100"


class Voice:
    """100 ms of something."""

    def synthesize(self, text: str) -> Pcm16:
        """The same for any text."""
        return np.full(800, 4_000, np.int16)


class Desk:
    """An agent's telephone and what he does with it."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.hung_up = asyncio.Event()
        self.pressed = asyncio.Event()
        self.phone = Phone(Handset(), call="CA2", other=OURS, hang_up=self.hung_up.set, text=self._text)

    async def _text(self, body: str) -> None:
        raise AssertionError("he does not text")

    def key(self, digit: str) -> None:
        """Keeps it."""
        self.keys.append(digit)
        self.pressed.set()

    async def whisper(self, words: str) -> None:
        """Plays the card's words and asks for a key."""
        self.phone.said.append(words)
        self.phone.listen_for_keys(self.key, asking=True)


def agent(decision: Decision = Decision.TAKES_IT) -> HumanAgent:
    """An agent who wastes no time."""
    return HumanAgent(AGENT, "Hi Jordan", decision=decision, decides_after_s=0, greets_after_s=0, stays_s=0)


async def test_he_takes_the_call_and_greets() -> None:
    """1 after the whisper, the greeting once he has company, and in the end he hangs up."""
    desk, sarah = Desk(), agent()
    await sarah.prepare(Voice())
    script = asyncio.create_task(sarah.on_call(desk.phone))
    await desk.whisper("Jordan, home, just closed")
    await asyncio.wait_for(desk.pressed.wait(), 60)
    assert desk.keys == ["1"]
    assert not desk.phone.handset.speaking
    desk.phone.joined_by_others()

    async def run_clock() -> None:
        async for _ in desk.phone.handset.frames():
            pass

    clock = asyncio.create_task(run_clock())
    await asyncio.wait_for(desk.hung_up.wait(), 60)
    desk.phone.went_dead()
    await asyncio.gather(clock, script)
    assert np.count_nonzero(desk.phone.handset.recording[:, 0]) == 800
    assert sarah.whispers == ["Jordan, home, just closed"]


@pytest.mark.parametrize(
    ("decision", "keys", "hangs_up"),
    [(Decision.DECLINES, ["2"], False), (Decision.IGNORES_IT, [], False), (Decision.HANGS_UP, [], True)],
)
async def test_he_does_not_take_it(decision: Decision, keys: list[str], hangs_up: bool) -> None:
    """Another key, none, or the receiver; he never greets anybody."""
    desk, sarah = Desk(), agent(decision)
    script = asyncio.create_task(sarah.on_call(desk.phone))
    await desk.whisper("Jordan")
    while not sarah.whispers:  # noqa: ASYNC110  # somebody who ignores a key makes no sound
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    desk.phone.went_dead()
    with pytest.raises(LineDeadError):
        await script
    assert (desk.keys, desk.hung_up.is_set()) == (keys, hangs_up)


async def test_he_keeps_the_cards() -> None:
    """And does not answer them."""
    sarah = agent()

    async def reply(body: str) -> None:
        raise AssertionError(body)

    await sarah.on_text("Jordan: home, condo", OURS, reply)
    assert sarah.cards == ["Jordan: home, condo"]
