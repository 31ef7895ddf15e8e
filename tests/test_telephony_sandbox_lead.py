import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import numpy as np
import pytest

from audio.engines import Pcm16, Transcript
from telephony.sandbox.ears import Ears
from telephony.sandbox.handset import Handset, LineDeadError
from telephony.sandbox.lead import Lead, Manner
from telephony.sandbox.phone import Phone
from telephony.sandbox.script import Interrupt, Script, TextBack, When

pytestmark = [pytest.mark.anyio, pytest.mark.alone]
LEAD, OURS = "+13125550142", "+13125550100"
QUICK = Manner(patience_ms=100, thinks_ms=0, greeting="")


class Tones:
    """Speaks any line as 300 ms of a tone, and recognises tones by their pitch: a language for tests."""

    def __init__(self, words: Sequence[str] = ()) -> None:
        self.words = list(words)

    def synthesize(self, text: str) -> Pcm16:
        """A tone of its own for each line."""
        if text not in self.words:
            self.words.append(text)
        pitch = 300 + 100 * self.words.index(text)
        return (6_000 * np.sin(2 * np.pi * pitch * np.arange(2_400) / 8_000)).astype(np.int16)

    def transcribe(self, pcm: Pcm16, hints: Sequence[str] = ()) -> Transcript:
        """The line of the strongest pitch."""
        spectrum = np.abs(np.fft.rfft(pcm.astype(float)))
        pitch = float(np.argmax(spectrum)) * 8_000 / len(pcm)
        return Transcript(self.words[round((pitch - 300) / 100)], 0.0, 0.0)


class OnTheLine:
    """A lead on a call, and the other end of his line."""

    def __init__(self, lead: Lead, tones: Tones) -> None:
        self.tones = tones
        self.texts: list[str] = []
        self.hung_up = asyncio.Event()
        self.phone = Phone(Handset(), call="CA1", other=OURS, hang_up=self.hung_up.set, text=self._text)
        self.lead = lead

    async def _text(self, body: str) -> None:
        self.texts.append(body)

    def agent_says(self, line: str) -> None:
        """The agent speaks into the lead's ear."""
        self.phone.handset.say_to_ear(self.tones.synthesize(line))

    async def lead_says(self) -> str:
        """Waits until the lead has said one more line; returns it."""
        said = len(self.said)
        async with asyncio.timeout(60):
            while len(self.said) == said or self.phone.handset.speaking:  # noqa: ASYNC110  # a lead rings no bell
                await asyncio.sleep(0.01)
        return self.said[-1]

    @property
    def said(self) -> list[str]:
        """The lead's lines so far."""
        return [spoken.words for spoken in self.lead.transcript if spoken.who == "lead"]


@asynccontextmanager
async def talking(script: Script, manner: Manner = QUICK) -> AsyncIterator[OnTheLine]:
    """A lead with that script on a live line."""
    tones = Tones()
    lead = Lead(LEAD, script, Ears(tones), manner=manner)
    await lead.prepare(tones)
    line = OnTheLine(lead, tones)

    async def run_clock() -> None:
        async for _ in line.phone.handset.frames():
            pass

    async def talk() -> None:
        with pytest.raises(LineDeadError):
            await lead.on_call(line.phone)

    clock, talk_task = asyncio.create_task(run_clock()), asyncio.create_task(talk())
    try:
        yield line
    finally:
        line.phone.went_dead()
        await asyncio.gather(clock, talk_task)


async def test_a_lead_answers_what_he_understood() -> None:
    """He waits until the agent is silent, and says the line of the rule that matches."""
    script = Script([When("when do you close", "last friday"), When("is that okay", "yeah that's fine")])
    async with talking(script) as line:
        line.agent_says("is that okay?")
        assert await line.lead_says() == "yeah that's fine"
        line.agent_says("when do you close?")
        assert await line.lead_says() == "last friday"
    assert [spoken.who for spoken in line.lead.transcript] == ["agent", "lead", "agent", "lead"]
    left = line.phone.handset.recording[:, 0]
    assert np.count_nonzero(left) == pytest.approx(4_800, rel=0.1)  # a tone has zeros of its own


async def test_a_lead_greets_when_he_picks_up() -> None:
    """Before anybody else speaks, and what is said meanwhile is heard all the same."""
    script = Script([When("hi jordan", "that's me")])
    async with talking(script, Manner(patience_ms=100, thinks_ms=0, greeting="Hello?")) as line:
        line.agent_says("hi jordan")
        line.lead.transcript.clear()
        assert await line.lead_says() in ("Hello?", "that's me")
        async with asyncio.timeout(60):
            while line.said[-1] != "that's me":
                await line.lead_says()


async def test_a_lead_interrupts() -> None:
    """He speaks while the agent does, and then hears the answer, not the words he cut."""
    script = Script([When("virtual", "go on")], interrupts=[Interrupt(1, 60, "are you a real person")])
    async with talking(script) as line:
        line.agent_says("is it a house")
        assert await line.lead_says() == "are you a real person"
        cut_at = line.lead.transcript[0].position
        assert line.phone.handset.heard_since(cut_at - 800)[:800].any()
        line.agent_says("i'm a virtual assistant")
        assert await line.lead_says() == "go on"


async def test_a_lead_interrupts_on_words() -> None:
    """He listens in while the agent speaks."""
    script = Script(interrupts=[Interrupt("condo", 0, "hold on")])
    async with talking(script) as line:
        for _ in range(40):
            line.agent_says("a condo")
        assert await line.lead_says() == "hold on"
        assert line.phone.handset.far_speaking


async def test_a_lead_hangs_up_and_texts_as_scripted() -> None:
    """A text goes out while he talks; the call ends after his last word."""
    script = Script([When("bye", "goodbye", text="thanks!", hang_up=True)])
    async with talking(script) as line:
        line.agent_says("bye")
        await asyncio.wait_for(line.hung_up.wait(), 60)
        assert not line.phone.handset.speaking
    assert (line.said, line.texts) == (["goodbye"], ["thanks!"])


async def test_a_lead_texts_back() -> None:
    """By rule, after the rule's delay; what no rule covers stays without an answer."""
    lead = Lead(LEAD, Script(texts=[TextBack("still looking", "Yeah I am", delay_s=0)]), Ears(Tones()))
    replies: list[str] = []

    async def reply(body: str) -> None:
        replies.append(body)

    await lead.on_text("Still looking for coverage?", OURS, reply)
    await lead.on_text("Msg&data rates may apply", OURS, reply)
    assert replies == ["Yeah I am"]
    assert len(lead.received) == 2


async def test_a_lead_needs_a_voice() -> None:
    """Said before the first call, not during it."""
    with pytest.raises(ValueError, match="JoeVoice"):
        await Lead(LEAD, Script(), Ears(Tones())).prepare(None)


async def test_a_lead_with_real_ears_understands_a_real_voice() -> None:
    """Joe's voice through μ-law and back: Whisper hears enough for a rule to match."""
    from audio.stt.whisper import Whisper
    from audio.tts.joe import JoeVoice

    handset = Handset()
    handset.say_to_ear(JoeVoice().synthesize("Is it a house, a condo or a townhouse?"))
    for _ in range(250):
        handset.tick()
    heard = await Ears(Whisper()).understand(handset.heard_since(0))
    assert re.search(r"house.*condo", heard, re.IGNORECASE)
