"""Vendors' services in a server: chosen by settings, refused with words that mend, heard through a whole call."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from accelerated import record_at, run
from call_rig import CID, Rig, Script
from fake_vendor import Vendor, fake_vendor
from redis import Redis
from telephony_kit import settings

from agent.brain.llm import LlmBrain
from agent.brain.local import LocalBrain
from agent.brain.model_stream import AnswerError, Failure
from agent.moves import Move, Say
from audio.engines import ModelError, Pcm16, ServiceFailure
from audio.pipecat_services import make, parse
from audio.pipecat_speech import PipecatRecogniser, PipecatVoice, ToolUse
from state.events import Event, LeadSaid, PersonaSaid
from telephony.doctor import State, check_brain, check_services
from telephony.hosting import HostedModel, choices, hosted_model
from telephony.services import choose_brain
from telephony.settings import SettingsError

CAMPAIGN = Path("campaigns/insurance.yaml")
KEY = {"CARTESIA_API_KEY": "k"}


def answer(text: str) -> Sequence[Move]:
    """What the rig's brain says."""
    return [Say("Condo, thanks."), Say("When do you close?", "closing_date")]


def hears(pcm: Pcm16) -> str:
    """Whatever is loud is one phrase."""
    return "a condo" if np.abs(pcm).max() > 300 else ""


def test_a_whole_call_is_heard_and_spoken_by_a_vendor(valkey_url: str) -> None:
    """Over its sockets; speech that goes on takes a clause back at the vendor, and nothing of it is ever heard."""
    seen: list[Vendor] = []

    async def main() -> list[Event]:
        record = record_at(valkey_url)
        async with AsyncExitStack() as stack:
            vendor = await stack.enter_async_context(fake_vendor(hears))
            seen.append(vendor)
            stack.push_async_callback(record.close)
            rig = Rig(record, Script(answer), CAMPAIGN)
            stt = PipecatRecogniser(partial(make, parse("stt", "pipecat:cartesia", vendor.stt_options), KEY))
            tts = PipecatVoice(partial(make, parse("tts", "pipecat:cartesia", vendor.tts_options), KEY))
            for service in (stt, tts):
                stack.push_async_callback(service.close)
                await service.open()
            rig.engines.hosted_stt, rig.engines.hosted_tts = stt, tts
            async with rig:
                await rig.quiet()
                vendor.silent = True
                asked = len(vendor.spoken)
                await rig.say("a condo")
                await rig.until(lambda: len(vendor.spoken) > asked)
                rig.line.speak(rig.phrases.tone("I mean", 600))
                await rig.until(lambda: bool(vendor.cancelled))
                vendor.silent = False
                await rig.quiet()
            return [event for _, event in await record.log(CID)]

    with Redis.from_url(valkey_url) as redis:
        redis.flushdb()
    log = run(main())
    assert [event.text for event in log if isinstance(event, LeadSaid)] == ["a condo"]
    last = [event for event in log if isinstance(event, PersonaSaid)][-1]
    assert last.heard == "Condo, thanks. When do you close?"
    assert seen[0].cancelled


def test_when_the_vendor_is_gone_the_local_engines_go_on(valkey_url: str) -> None:
    """An outage is heard as another voice and never as silence."""

    class Gone:
        async def transcribe(self, pcm: Pcm16, hints: Sequence[str] = ()) -> None:
            raise ServiceFailure("gone")

        async def synthesize(self, text: str) -> None:
            raise ServiceFailure("gone")

    async def main() -> list[Event]:
        record = record_at(valkey_url)
        rig = Rig(record, Script(answer), CAMPAIGN)
        rig.engines.hosted_stt = rig.engines.hosted_tts = Gone()  # type: ignore[assignment]
        async with rig:
            await rig.quiet()
            await rig.say("a condo")
            await rig.quiet()
        log = [event for _, event in await record.log(CID)]
        await record.close()
        return log

    with Redis.from_url(valkey_url) as redis:
        redis.flushdb()
    assert [event.text for event in run(main()) if isinstance(event, LeadSaid)] == ["a condo"]


# Settings and doctor -------------------------------------------------------------------------------------------------


def test_services_are_chosen_by_settings() -> None:
    """Each with its options; what is not set stays local."""
    chosen = choices(settings(stt="pipecat:deepgram.flux", stt_options='{"model": "flux-general-en"}'))
    assert chosen.keys() == {"stt"}
    assert chosen["stt"].vendor == "deepgram.flux"
    assert chosen["stt"].options == {"model": "flux-general-en"}


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"stt": "deepgram"}, "pipecat:deepgram"),
        ({"tts_options": "voice"}, "SEGUE_TTS_OPTIONS"),
        ({"engine_languages": "en,es"}, "SEGUE_STT"),
        ({"engine_languages": "Spanish"}, "SEGUE_ENGINE_LANGUAGES"),
        ({"llm": "pipecat:openai", "llm_base_url": "http://x/v1", "llm_model": "m"}, "SEGUE_LLM_BASE_URL"),
    ],
)
def test_what_is_set_wrongly_is_said(given: dict[str, str], says: str) -> None:
    """In words that mend it."""
    with pytest.raises(SettingsError, match=says):
        settings(**given)


@pytest.mark.anyio
async def test_doctor_tries_each_service(monkeypatch: pytest.MonkeyPatch) -> None:
    """One whose key is missing is named with the variable, one that connects is ready."""
    monkeypatch.delenv("CARTESIA_API_KEY", raising=False)
    assert await check_services(settings()) == []
    async with fake_vendor() as vendor:
        tts = {"tts": "pipecat:cartesia", "tts_options": {**vendor.tts_options, "api_key": "k"}}
        missing, ready = await check_services(settings(stt="pipecat:cartesia", **tts))
    assert (missing.state, ready.state) == (State.MISSING, State.READY)
    assert "set CARTESIA_API_KEY" in missing.detail


@pytest.mark.anyio
async def test_a_service_may_be_the_brains_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the rules to fall back on, as with any model; without its key the start is refused."""
    chosen = settings(llm="pipecat:openai", llm_options={"model": "m", "base_url": "http://127.0.0.1:9/v1"})
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    async with AsyncExitStack() as stack:
        with pytest.raises(ModelError, match="set OPENAI_API_KEY"):
            await hosted_model(chosen, stack)
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    async with AsyncExitStack() as stack:
        assert isinstance(choose_brain(chosen, await hosted_model(chosen, stack)), LlmBrain)
    assert isinstance(choose_brain(settings()), LocalBrain)
    assert "pipecat:openai" in (await check_brain(chosen))[0].detail


class Scripted:
    """A hosted model that says these pieces, then fails if it is to."""

    def __init__(self, *pieces: str | ToolUse, fails: bool = False) -> None:
        self._pieces, self._fails = pieces, fails

    async def stream(self, *asked: object) -> AsyncIterator[str | ToolUse]:
        for piece in self._pieces:
            await asyncio.sleep(0)
            yield piece
        if self._fails:
            raise ServiceFailure("gone")


@pytest.mark.anyio
async def test_words_and_tools_come_as_the_brain_reads_them() -> None:
    """Each call of a tool under a number of its own, and an end only after a whole answer."""
    model = HostedModel(Scripted("Okay.", ToolUse("a", "learn", "{}"), ToolUse("b", "end", "{}")))
    said, first, second, over = [piece async for piece in model.stream([], [], "auto")]
    assert said is not None
    assert said.content == "Okay."
    assert first is not None
    assert second is not None
    assert [piece.tool_calls[0].index for piece in (first, second) if piece.tool_calls] == [0, 1]
    assert over is None


@pytest.mark.anyio
async def test_a_service_that_fails_is_an_answer_that_broke_off() -> None:
    """So the rules finish the turn."""
    pieces = HostedModel(Scripted("So", fails=True)).stream([], [], "auto")
    assert await anext(pieces) is not None
    with pytest.raises(AnswerError) as error:
        await anext(pieces)
    assert error.value.failure is Failure.BROKEN
