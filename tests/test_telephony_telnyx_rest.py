"""Telnyx's REST API, against the stand-in: what is asked for, what is found again, and what errors mean."""

import asyncio
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from telnyx_api import serving as serving_api
from telnyx_network import ACCOUNT, API_KEY, APPLICATION, TelnyxNetwork

from telephony.carrier import OPTED_OUT, CarrierError
from telephony.telnyx.rest import TelnyxCarrier

pytestmark = pytest.mark.anyio

LEAD, OURS = "+13125550142", "+13125550100"
STATUS = "http://127.0.0.1:1/telnyx/sms/status"
"""Nobody is there to be told."""


def carrier_at(url: str, key: str = API_KEY, read_s: float = 10) -> TelnyxCarrier:
    """The carrier, whose Telnyx is there."""
    return TelnyxCarrier(key, account=ACCOUNT, application=APPLICATION, base_url=url, read_s=read_s)


@pytest.fixture
async def network(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[TelnyxNetwork, str]]:
    """The network, whose webhooks go nowhere."""
    network = TelnyxNetwork("http://127.0.0.1:1/telnyx", {})

    async def nowhere(*_: object, **__: object) -> str:
        return "<Response/>"

    monkeypatch.setattr(network, "post", nowhere)
    async with serving_api(network) as url:
        yield network, url
    assert network.faults == []


async def test_a_text_is_found_again_with_its_words(network: tuple[TelnyxNetwork, str]) -> None:
    """By either end of it, newest first; what is older than asked for is left out."""
    _, url = network
    asked_at = datetime.now(UTC)
    async with carrier_at(url) as carrier:
        first = await carrier.send_text(LEAD, "Hi Jordan", sender=OURS, status_url=STATUS)
        second = await carrier.send_text(LEAD, "Still there?", sender=OURS, status_url=STATUS)
        found = await carrier.find_texts(LEAD, asked_at)
        assert [(text.sid, text.sender, text.body, text.to) for text in found] == [
            (second, OURS, "Still there?", LEAD),
            (first, OURS, "Hi Jordan", LEAD),
        ]
        assert [text.sid for text in await carrier.sent_from(OURS, asked_at)] == [second, first]
        assert await carrier.find_texts(OURS, asked_at) == []
        assert await carrier.find_texts(LEAD, datetime.now(UTC) + timedelta(seconds=1)) == []


async def test_more_texts_than_a_page_holds(network: tuple[TelnyxNetwork, str]) -> None:
    """The list is read on."""
    _, url = network
    asked_at = datetime.now(UTC)
    async with carrier_at(url) as carrier:
        for n in range(60):
            await carrier.send_text(LEAD, f"{n}", sender=OURS, status_url=STATUS)
        assert len({text.sid for text in await carrier.find_texts(LEAD, asked_at)}) == 60


async def test_a_call_is_placed_found_changed_and_ended(network: tuple[TelnyxNetwork, str]) -> None:
    """And one that is over may be ended again."""
    standing, url = network
    asked_at = datetime.now(UTC)
    async with carrier_at(url) as carrier:
        how = {"caller_id": OURS, "instructions_url": STATUS, "status_url": STATUS, "detection_url": STATUS}
        sid = await carrier.dial(LEAD, **how)
        standing.calls[0].status = "in-progress"
        [found] = await carrier.find_calls(LEAD, asked_at)
        assert (found.sid, found.caller_id, found.to, found.status) == (sid, OURS, LEAD, "in-progress")
        assert [call.sid for call in await carrier.placed_from(OURS, asked_at)] == [sid]
        assert await carrier.find_calls(LEAD, asked_at + timedelta(minutes=1)) == []
        assert await carrier.call_status(sid) == "in-progress"
        await carrier.hang_up(sid)
        assert await carrier.call_status(sid) == "completed"
        await carrier.hang_up(sid)


async def test_a_call_nobody_knows_is_over(network: tuple[TelnyxNetwork, str]) -> None:
    """To ask how it stands is no error, to change it is one that says so."""
    _, url = network
    async with carrier_at(url) as carrier:
        assert await carrier.call_status("v3:none") == "completed"
        with pytest.raises(CarrierError) as gone:
            await carrier.redirect("v3:none", "<Response/>")
        assert gone.value.code == 90018


async def test_an_opt_out_is_told_apart(network: tuple[TelnyxNetwork, str]) -> None:
    """Refused for good, and without the lead's number in the words."""
    standing, url = network
    standing.blocked.add(LEAD)
    async with carrier_at(url) as carrier:
        with pytest.raises(CarrierError) as refused:
            await carrier.send_text(LEAD, "Hi", sender=OURS, status_url=STATUS)
    assert refused.value.code in OPTED_OUT
    assert not refused.value.outcome_unknown
    assert LEAD not in str(refused.value)
    assert refused.value.__cause__ is None


async def test_credentials(network: tuple[TelnyxNetwork, str]) -> None:
    """Right ones show the application and where it sends calls; wrong ones say what to check."""
    standing, url = network
    async with carrier_at(url) as carrier:
        assert await carrier.check_credentials() == "Segue, which sends calls to http://127.0.0.1:1/telnyx/voice"
        standing.active = False
        with pytest.raises(CarrierError, match="switched off"):
            await carrier.check_credentials()
    async with carrier_at(url, key="another") as carrier:
        with pytest.raises(CarrierError, match="TELNYX_API_KEY"):
            await carrier.check_credentials()


async def test_what_never_left_may_be_tried_again() -> None:
    """Nobody listens: no code, and the outcome is known."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    async with carrier_at(f"http://127.0.0.1:{port}") as carrier:
        with pytest.raises(CarrierError) as unsent:
            await carrier.send_text(LEAD, "Hi", sender=OURS, status_url=STATUS)
    assert (unsent.value.code, unsent.value.outcome_unknown) == (None, False)


@pytest.mark.parametrize(
    ("answer", "unknown"),
    [
        ("", True),
        ("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nyes!", True),
        ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]", True),
        ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}", True),
        ("HTTP/1.1 503 Busy\r\ncontent-length: 2\r\n\r\n{}", True),
        ("HTTP/1.1 429 Slow down\r\ncontent-length: 2\r\n\r\n{}", False),
        ("HTTP/1.1 422 No\r\ncontent-length: 2\r\n\r\n{}", False),
    ],
)
async def test_what_may_have_been_done_is_not_known(answer: str, unknown: bool) -> None:
    """An answer that was lost or makes no sense is reconciled; a refusal is one, and has a code."""

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer.encode())
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    async with server, carrier_at(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}") as carrier:
        with pytest.raises(CarrierError) as refused:
            await carrier.send_text(LEAD, "Hi", sender=OURS, status_url=STATUS)
    assert refused.value.outcome_unknown is unknown
    assert unknown or refused.value.code in {10011, 422}
