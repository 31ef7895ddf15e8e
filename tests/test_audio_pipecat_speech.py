"""Pipecat's services behind our contracts: those that run here, and one whose vendor is a socket on this machine."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from functools import partial
from itertools import chain, repeat
from pathlib import Path

import numpy as np
import pytest
from fake_vendor import Vendor, fake_vendor

from agent.brain.tools import tools_of
from agent.campaign import load_campaign
from audio.engines import TELEPHONE_RATE, ServiceFailure
from audio.models import JOE, WHISPER_TINY_EN, verified
from audio.pipecat_services import make, parse
from audio.pipecat_speech import PipecatModel, PipecatRecogniser, PipecatVoice, ToolUse
from benchmarks.llm_endpoint import End, Hang, Words, calls, llm_endpoint, speaks

pytestmark = pytest.mark.anyio

CAMPAIGN = Path(__file__).parent.parent / "campaigns" / "insurance.yaml"
KEY = {"CARTESIA_API_KEY": "k", "OPENAI_API_KEY": "k"}
SAID = "I would like to book an appointment for next Tuesday, please."


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine may take any time over a model's start, a word or an answer, and is not what is tested."""
    for bound in ("pipecat_host._CONNECT_S", "pipecat_host._ACKNOWLEDGE_S", "pipecat_speech.SPOKEN_S"):
        monkeypatch.setattr(f"audio.{bound}", 90.0)


@pytest.fixture
async def vendor(anyio_backend: str) -> AsyncIterator[Vendor]:
    """A vendor that hears how long it was spoken to, in tenths of a second."""
    async with fake_vendor(lambda pcm: f"{len(pcm) / 1600:.0f} tenths") as vendor:
        yield vendor


def recogniser(vendor: Vendor) -> PipecatRecogniser:
    """Cartesia's, connected to the vendor."""
    return PipecatRecogniser(partial(make, parse("stt", "pipecat:cartesia", vendor.stt_options), KEY))


def voice(vendor: Vendor) -> PipecatVoice:
    """Cartesia's, connected to the vendor."""
    return PipecatVoice(partial(make, parse("tts", "pipecat:cartesia", vendor.tts_options), KEY))


async def test_whisper_and_piper_understand_each_other() -> None:
    """Two services with models of their own, each at its own rate; 8 kHz at both boundaries."""
    pytest.importorskip("piper", reason="Piper is not installed: pip install piper-tts (the extra `bench`)")
    model = str(verified(WHISPER_TINY_EN).parent)
    # A busy machine may take any time over a decode, and is not what is tested.
    whisper = {"model": model, "device": "cpu", "compute_type": "int8", "ttfs_p99_latency": 60}
    piper = {"voice": verified(JOE).stem, "download_dir": str(verified(JOE).parent), "stop_frame_timeout_s": 60}
    hears = PipecatRecogniser(partial(make, parse("stt", "pipecat:whisper", whisper), KEY))
    speaks = PipecatVoice(partial(make, parse("tts", "pipecat:piper", piper), KEY))
    try:
        await asyncio.gather(hears.open(), speaks.open())
        pcm = await speaks.synthesize(SAID)
        assert 2 < len(pcm) / TELEPHONE_RATE < 6
        assert "appointment for next Tuesday" in (await hears.transcribe(pcm)).text
    finally:
        await hears.close()
        await speaks.close()


async def test_an_utterance_reaches_a_streaming_vendor_at_its_rate(vendor: Vendor) -> None:
    """Two seconds stay two seconds: 8 kHz is never taken for 16."""
    stt = recogniser(vendor)
    await stt.open()
    assert (await stt.transcribe(np.zeros(2 * TELEPHONE_RATE, np.int16))).text == "20 tenths"
    await stt.close()
    assert vendor.keys == {"k"}


async def test_an_abandoned_utterance_never_gets_into_the_next(vendor: Vendor) -> None:
    """Whoever gave up on it, its words are its own."""
    stt = recogniser(vendor)
    await stt.open()
    first = asyncio.create_task(stt.transcribe(np.zeros(TELEPHONE_RATE, np.int16)))
    await asyncio.sleep(0)
    first.cancel()
    heard = [await stt.transcribe(np.zeros(seconds * TELEPHONE_RATE, np.int16)) for seconds in (2, 3)]
    assert [one.text for one in heard] == ["20 tenths", "30 tenths"]
    await stt.close()


async def test_an_answer_that_comes_too_late_never_gets_into_the_next(vendor: Vendor) -> None:
    """The connection on which it may still come is given up."""
    patience = chain([0.01], repeat(60))  # Of the services in the order in which they are made, s.

    def service() -> object:
        options = vendor.stt_options | {"ttfs_p99_latency": next(patience)}
        return make(parse("stt", "pipecat:cartesia", options), KEY)

    stt = PipecatRecogniser(service)
    await stt.open()
    vendor.late = True
    assert (await stt.transcribe(np.zeros(2 * TELEPHONE_RATE, np.int16))).text == ""
    vendor.late = False
    assert (await stt.transcribe(np.zeros(3 * TELEPHONE_RATE, np.int16))).text == "30 tenths"
    await stt.close()


async def test_a_recogniser_that_answers_no_more_has_failed(vendor: Vendor) -> None:
    """One silence is what it heard; a second in a row is its own, and another engine has to hear the lead."""
    impatient = vendor.stt_options | {"ttfs_p99_latency": 0.01}
    stt = PipecatRecogniser(partial(make, parse("stt", "pipecat:cartesia", impatient), KEY))
    await stt.open()
    vendor.late = True
    assert (await stt.transcribe(np.zeros(TELEPHONE_RATE, np.int16))).text == ""
    with pytest.raises(ServiceFailure, match="no transcript"):
        await stt.transcribe(np.zeros(TELEPHONE_RATE, np.int16))
    await stt.close()


async def test_a_clause_comes_back_at_telephone_rate(vendor: Vendor) -> None:
    """24 kHz from the vendor, 8 kHz to the call: three words are 180 ms."""
    tts = voice(vendor)
    await tts.open()
    pcm = await tts.synthesize("Hello there, Jordan.")
    assert abs(len(pcm) / 8 - 180) < 60
    assert vendor.spoken == ["Hello there, Jordan."]
    assert len(await tts.synthesize("...")) == 0
    await tts.close()


async def test_an_interrupted_clause_is_taken_back_at_the_vendor(vendor: Vendor) -> None:
    """Barge-in reaches the service, and nothing of the old clause gets into the next one."""
    tts = voice(vendor)
    await tts.open()
    vendor.silent = True
    first = asyncio.create_task(tts.synthesize("Nobody will hear this."))
    async with asyncio.timeout(60):
        while not vendor.spoken:  # noqa: ASYNC110 - the vendor announces nothing
            await asyncio.sleep(0.01)
        first.cancel()
        while not vendor.cancelled:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    vendor.silent = False
    assert abs(len(await tts.synthesize("Okay then.")) / 8 - 120) < 60
    await tts.close()


async def test_a_vendor_that_is_not_there_says_so() -> None:
    """A failure with a name, at the start."""
    tts = voice(Vendor(port=9))
    with pytest.raises(ServiceFailure, match="Cartesia"):
        await tts.open()
    await tts.close()


async def test_a_model_streams_words_and_tools() -> None:
    """Text as it comes, calls whole; the model is not asked a second time for them."""
    async with llm_endpoint() as endpoint:
        options = {"base_url": endpoint.base_url, "model": "m"}
        model = PipecatModel(partial(make, parse("llm", "pipecat:openai", options), KEY))
        await model.open()
        endpoint.scenes += [speaks("Okay,", " thanks."), [Words("Hm."), *calls("learn", '{"product": "home"}'), End()]]
        said = [{"role": "user", "content": "Hello"}]
        assert [piece async for piece in model.stream(said, [], "auto")] == ["Okay,", " thanks."]
        pieces = [piece async for piece in model.stream(said, tools_of(load_campaign(CAMPAIGN)), "auto")]
        assert ToolUse("call_0", "learn", '{"product": "home"}') in pieces
        assert len(endpoint.requests) == 2
        assert {tool["function"]["name"] for tool in endpoint.requests[1]["tools"]} >= {"learn", "hand_off"}
        await model.close()


async def test_closing_an_answer_stops_the_model() -> None:
    """The request is closed at the provider, and the next answer is its own."""
    async with llm_endpoint() as endpoint:
        options = {"base_url": endpoint.base_url, "model": "m"}
        model = PipecatModel(partial(make, parse("llm", "pipecat:openai", options), KEY))
        await model.open()
        endpoint.scenes += [[Words("Well"), Hang()], speaks("Sure.")]
        said = [{"role": "user", "content": "Hello"}]
        async with aclosing(model.stream(said, [], "auto")) as answer:
            assert await anext(answer) == "Well"
        async with asyncio.timeout(60):
            await endpoint.client_left.wait()
        assert [piece async for piece in model.stream(said, [], "auto")] == ["Sure."]
        await model.close()
