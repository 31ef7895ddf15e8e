"""The servers under test: how they are started, told of a call, and reported when they fail."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import phonenumbers
import pytest

from agent.campaign import load_campaign
from benchmarks import servers
from benchmarks.errors import BenchmarkError
from benchmarks.servers import CAMPAIGN, Pipecat, Segue, call_sid, last_words, number_of, replies_in
from state.events import CallEnded, PersonaSaid, Scope, conversation_id
from state.store import Record
from telephony.twilio.signature import SignatureVerifier

pytestmark = [pytest.mark.anyio, pytest.mark.alone]
NOW = datetime(2026, 11, 18, tzinfo=UTC)


def test_every_call_has_a_number_of_its_own_that_is_nobodys() -> None:
    """The numbers are those reserved for fiction; a conversation is never called twice."""
    numbers = [number_of(call_sid(index)) for index in range(250)]
    assert len(set(numbers)) == 250
    assert all(phonenumbers.is_possible_number(phonenumbers.parse(number)) for number in numbers)
    assert all(number[5:10] == "55501" for number in numbers)


async def test_the_server_is_told_of_the_call_before_it_comes(record: Record) -> None:
    """The record holds the lead, his consent and the call; the token opens this call's socket, once."""
    campaign = load_campaign(CAMPAIGN)
    segue = Segue(8080, record, campaign, "secret")
    call = call_sid(7)
    leg = await segue.answer(call)
    cid = conversation_id(campaign.brand, number_of(call))
    view = await record.view(cid)
    assert (view.number, view.campaign) == (number_of(call), campaign.id)
    assert Scope.AI_VOICE in view.consents
    assert list(view.calls) == [call]
    assert await record.take_token(leg._parameters["token"]) == {"cid": cid, "call": call}
    signature = leg._headers["X-Twilio-Signature"]
    assert SignatureVerifier("secret", "http://127.0.0.1:8080").upgrade("/twilio/media", signature)


async def test_a_calls_log_is_read_when_it_is_over(record: Record) -> None:
    """Up to the event that says so."""
    campaign = load_campaign(CAMPAIGN)
    segue, call = Segue(8080, record, campaign, "secret"), call_sid(8)
    await segue.answer(call)
    ended = CallEnded(id="ended", at=NOW, call=call, cause="lead_hung_up", heard_ms=1000)
    await record.append(conversation_id(campaign.brand, number_of(call)), ended)
    log = await segue.log(call)
    assert [event.kind for event in log] == ["lead_arrived", "consent_given", "call_placed", "call_ended"]


async def test_a_server_that_does_not_write_is_not_waited_for(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the record has by then is returned."""
    monkeypatch.setattr(servers, "WRITTEN_S", 0.05)
    segue, call = Segue(8080, record, load_campaign(CAMPAIGN), "secret"), call_sid(9)
    await segue.answer(call)
    assert len(await segue.log(call)) == 3


def test_replies_are_what_the_persona_said() -> None:
    """In order, the greeting first, whether or not they were heard to the end."""
    said = [
        PersonaSaid(id=f"p{turn}", at=NOW, call="CA", turn=turn, text=text, heard="") for turn, text in enumerate("ab")
    ]
    ended = CallEnded(id="e", at=NOW, call="CA", cause="lead_hung_up", heard_ms=1)
    assert replies_in([*said, ended]) == ["a", "b"]


async def test_the_bot_is_given_its_replies_by_call(tmp_path: Path) -> None:
    """In the file it reads."""
    Pipecat(8080, tmp_path / "replies.json").prepare({"CA1": ["Hello."]})
    assert (tmp_path / "replies.json").read_text() == '{"CA1": ["Hello."]}'


async def start(folder: Path, program: str) -> None:
    """Runs a program as if it were a server."""
    command = [sys.executable, "-c", program]
    async with servers.process("the server", command, folder, {"SEGUE_X": "1"}, "http://127.0.0.1:9/readyz"):
        pytest.fail("it is not ready")


async def test_a_server_that_dies_is_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user sees why, not only that; and the user's own settings do not reach it."""
    monkeypatch.setenv("SEGUE_REDIS_URL", "redis://mine")
    program = "import os, sys; print(sorted(k for k in os.environ if 'SEGUE' in k)); sys.exit('no models')"
    with pytest.raises(BenchmarkError, match=r"(?s)the server ended with code 1\. .*no models") as error:
        await start(tmp_path, program)
    assert "['SEGUE_X']" in str(error.value)


async def test_a_server_that_never_gets_ready_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a while nobody waits any more."""
    monkeypatch.setattr(servers, "READY_S", 0.3)
    with pytest.raises(BenchmarkError, match=r"not ready after 0\.3 s\. It said nothing"):
        await start(tmp_path, "import time; time.sleep(60)")


def test_last_words_are_the_last(tmp_path: Path) -> None:
    """A long log is not poured over the user."""
    log = tmp_path / "log"
    log.write_text("\n".join(f"line {number}" for number in range(100)))
    assert last_words(log, 2) == "Its last words:\n  line 98\n  line 99"
