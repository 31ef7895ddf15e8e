"""The browser calls of several processes, with WebRTC peers in the browsers' place."""

import asyncio
from dataclasses import replace

import pytest
from browser_page import Page
from call_rig import Phrases
from telephony_kit import BRAND, CAMPAIGN, open_services

from audio.pool import Engines
from state.events import CallConnected, CallEnded, conversation_id
from state.store import Record
from telephony.browser.calls import BrowserCalls
from telephony.browser.numbers import new_number
from telephony.webhooks import Party

pytestmark = pytest.mark.anyio

SECONDS = 20


async def test_a_lead_has_one_telephone_whichever_process_has_his_call(record: Record, valkey_url: str) -> None:
    """Who calls from another page is hung up on at the first, also if another process took that call."""
    number = new_number()
    lead = Party(conversation_id(BRAND, number), number, CAMPAIGN)
    here, there = BrowserCalls(), BrowserCalls()
    phrases = Phrases()
    engines = Engines(stt=phrases, tts=phrases, turn_detector=phrases, vad=phrases)
    async with open_services(record, valkey_url) as opened, asyncio.timeout(SECONDS):
        services = replace(opened.services, engines=engines)
        first, second = Page(), Page()
        await first.dial(lambda offer: here.take(services, lead, offer))
        await first.opened.wait()
        await second.dial(lambda offer: there.take(services, lead, offer))
        await asyncio.gather(second.opened.wait(), first.closed.wait())
        await here.close()
        assert second.peer.connectionState == "connected"
        await there.close()
        log = [event for _, event in await record.log(lead.cid)]
        await asyncio.gather(first.peer.close(), second.peer.close())
        engines.close()
    connected = [event.call for event in log if isinstance(event, CallConnected)]
    assert [event.call for event in log if isinstance(event, CallEnded)] == connected
    assert len(set(connected)) == 2
