"""`segue webhooks`: who is told, what was given up, and sending it anew."""

import asyncio
import json
from pathlib import Path

import httpx
import pytest
from happenings import text_received
from redis import Redis
from telephony_kit import ARRIVED, CID, CONSENT, NOW

from state.outgoing import DeadLetter
from state.store import Record
from telephony.commands import webhooks

CRM = {"name": "crm", "url": "https://crm.example.com/segue", "secret": "whsec_" + "c2VjcmV0" * 4}


@pytest.fixture
def given_up(valkey_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """A conversation of which two events were not taken."""
    with Redis.from_url(valkey_url) as redis:
        redis.flushdb()
    monkeypatch.setenv("SEGUE_REDIS_URL", valkey_url)
    monkeypatch.setenv("SEGUE_CAMPAIGNS", str(Path(__file__).parent.parent / "campaigns"))
    monkeypatch.setenv("SEGUE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("SEGUE_WEBHOOKS", json.dumps([CRM]))

    async def tell() -> None:
        record = Record.connect(valkey_url)
        await record.append(CID, ARRIVED, CONSENT, text_received(1))
        for version in (3, 1):
            await record.outgoing.bury(DeadLetter("crm", CID, version, NOW, "HTTP 500"))
        await record.close()

    asyncio.run(tell())
    return valkey_url


def answer(monkeypatch: pytest.MonkeyPatch, *statuses: int) -> list[str]:
    """Has the endpoint answer so, one after the other; returns the kinds it is sent."""
    sent: list[str] = []
    answers = list(statuses)

    def take(request: httpx.Request) -> httpx.Response:
        sent.append(json.loads(request.content)["type"])
        return httpx.Response(answers.pop(0))

    monkeypatch.setattr(webhooks, "new_client", lambda: httpx.AsyncClient(transport=httpx.MockTransport(take)))
    return sent


def test_endpoints_and_what_was_given_up_are_listed(given_up: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Without their secrets."""
    assert webhooks.show() == 0
    assert webhooks.dead() == 0
    out = capsys.readouterr().out
    assert "crm.example.com" in out
    assert "HTTP 500" in out
    assert "2 events were given up." in out
    assert CRM["secret"] not in out


def test_what_is_taken_anew_is_off_the_list(
    given_up: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Oldest first; what is not taken stays."""
    sent = answer(monkeypatch, 204, 500, 204)
    assert webhooks.replay() == 1
    assert webhooks.replay("crm", conversation=CID) == 0
    assert sent == ["lead_arrived", "text_received", "text_received"]
    assert "0 events were given up." not in capsys.readouterr().out
    assert webhooks.dead() == 0
    assert "0 events were given up." in capsys.readouterr().out


def test_an_endpoint_that_is_not_there_is_no_answer(given_up: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It says which there are."""
    assert webhooks.replay("crn") == 2
    assert "it has: crm" in capsys.readouterr().err
