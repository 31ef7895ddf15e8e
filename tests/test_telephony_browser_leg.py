"""A browser's connection as a leg, with another WebRTC peer in the browser's place."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection
from browser_page import Page

from audio import mulaw
from audio.playout import Mark
from telephony.browser.leg import OfferError, WebRtcLeg
from telephony.leg import Digit, LegClosedError, LegEvent, MarkPlayed, Media, Stopped

pytestmark = pytest.mark.anyio

LOUD = mulaw.encode((8_000 * np.sin(2 * np.pi * 440 * np.arange(160) / 8_000)).astype(np.int16))
SECONDS = 20


@asynccontextmanager
async def on_the_line() -> AsyncIterator[tuple[Page, WebRtcLeg, "asyncio.Queue[LegEvent]", "asyncio.Task[None]"]]:
    """A page and the leg it is connected with, what the leg has heard, and its listening."""
    page, leg, heard = Page(), WebRtcLeg("WC1"), asyncio.Queue[LegEvent]()
    async with asyncio.timeout(SECONDS):
        await page.dial(leg.answer)
        await leg.connected()
        listening = asyncio.create_task(leg.listen(heard.put_nowait))
        yield page, leg, heard, listening
        await leg.close()
        await listening
        await page.peer.close()


async def the_next(heard: "asyncio.Queue[LegEvent]", kind: type[LegEvent]) -> LegEvent:
    """The next event of a kind."""
    while not isinstance(event := await heard.get(), kind):
        pass
    return event


async def test_sound_goes_both_ways_and_marks_come_back() -> None:
    """The microphone comes as 20 ms of μ-law; what we send is heard, and the mark behind it is echoed."""
    async with on_the_line() as (page, leg, heard, _):
        media = await the_next(heard, Media)
        assert isinstance(media, Media)
        assert len(media.ulaw) == 160
        for _ in range(10):
            leg.send(LOUD)
        leg.send(Mark(1, 1))
        await page.hear_something()
        assert await the_next(heard, MarkPlayed) == MarkPlayed(Mark(1, 1))


async def test_keys_and_hanging_up_come_by_the_data_channel() -> None:
    """A key of the telephone is a digit; what is no message of ours is ignored; after a goodbye nothing is sent."""
    async with on_the_line() as (page, leg, heard, listening):
        await page.opened.wait()
        for message in ("nonsense", "[1]", json.dumps({"event": "dtmf", "digit": "x"})):
            page.channel.send(message)
        page.channel.send(json.dumps({"event": "dtmf", "digit": "9"}))
        assert await the_next(heard, Digit) == Digit("9")
        page.channel.send(json.dumps({"event": "hangup"}))
        await listening
        assert await the_next(heard, Stopped) == Stopped()
        with pytest.raises(LegClosedError):
            leg.send(LOUD)


async def test_a_page_that_is_closed_has_hung_up() -> None:
    """Its browser says goodbye to the connection: nobody waits for it to come back."""
    async with on_the_line() as (page, _, heard, listening):
        await page.peer.close()
        await listening
        assert await the_next(heard, Stopped) == Stopped()


async def test_an_offer_without_audio_is_refused() -> None:
    """A page whose microphone was not allowed has nothing to call with."""
    silent = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    silent.createDataChannel("events")
    await silent.setLocalDescription(await silent.createOffer())
    leg = WebRtcLeg("WC1")
    with pytest.raises(OfferError, match="microphone"):
        await leg.answer(silent.localDescription.sdp)
    await leg.close()
    await silent.close()
