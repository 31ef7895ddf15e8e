"""What Twilio is told to do with the lead's calls."""

from collections.abc import AsyncIterator
from xml.etree import ElementTree

import pytest
from telephony_kit import BRAND, CALL, CID, LEAD, NOW, OURS, PUBLIC, SARAH, TestServices, open_services

from agent.opening import call_opening
from agent.snapshot import Snapshot
from state.effects import HandoffStep, PermitKind
from state.events import (
    AnswerDetected,
    CallArrived,
    CallConnected,
    CallEnded,
    CallPlaced,
    CallStatus,
    Channel,
    HandoffAdvanced,
    Suppressed,
    conversation_id,
)
from state.fold import fold, fold_all
from state.store import Record
from state.view import View
from telephony.voice import RESUMPTIONS, Next, after_stream

pytestmark = pytest.mark.anyio

RINGING = {"CallSid": CALL, "From": LEAD, "To": OURS, "CallStatus": "ringing", "Direction": "inbound"}
OUTBOUND = {"CallSid": CALL, "From": OURS, "To": LEAD, "CallStatus": "in-progress", "Direction": "outbound-api"}
PLACED = CallPlaced(id=f"call:{CALL}:placed", at=NOW, call=CALL, effect="dial:1", permit=PermitKind.INITIATE)
CONNECTED = CallConnected(id="connected:MZ1", at=NOW, call=CALL, stream="MZ1")
STOPPED = Suppressed(
    id="sms:SM1:suppressed", at=NOW, reason="opt_out", channel=Channel.SMS, words="stop", detector="keyword"
)


def ended(cause: str, stream: str = "MZ1") -> CallEnded:
    """An account of the call's audio having ended."""
    return CallEnded(id=f"ended:{stream}", at=NOW, call=CALL, cause=cause, heard_ms=1_000)


def handoff(step: HandoffStep) -> HandoffAdvanced:
    """A transfer of the call at a step."""
    return HandoffAdvanced(id=f"handoff:h1:{step}", at=NOW, handoff="h1", step=step, call=CALL, agent="Sarah")


@pytest.fixture
async def server(record: Record, valkey_url: str) -> AsyncIterator[TestServices]:
    """The server on an empty record."""
    async with open_services(record, valkey_url) as services:
        yield services


def verbs(document: str) -> list[str]:
    """The top verbs of a TwiML document."""
    return [element.tag for element in ElementTree.fromstring(document)]


def token_of(document: str) -> str:
    """The stream's token parameter."""
    parameter = ElementTree.fromstring(document).find("Connect/Stream/Parameter[@name='token']")
    assert parameter is not None
    return parameter.attrib["value"]


# Instructions --------------------------------------------------------------------------------------------------------


async def test_a_caller_is_connected_to_the_media_socket(server: TestServices) -> None:
    """The socket's URL is the public one as wss, the action carries the conversation."""
    async with server.client() as client:
        answer = await client.twilio("/twilio/voice", **RINGING)
    root = ElementTree.fromstring(answer.text)
    connect, stream = root.find("Connect"), root.find("Connect/Stream")
    assert answer.headers["content-type"].startswith("text/xml")
    assert connect is not None
    assert stream is not None
    assert stream.attrib["url"] == "wss://calls.example.com/twilio/media"
    assert connect.attrib["action"] == f"{PUBLIC}/twilio/voice/continue/{CID}/1"


async def test_the_greeting_is_spoken_before_the_audio_comes(server: TestServices) -> None:
    """The words with which this very call will open, name and all, wait among what the engines keep."""
    async with server.client() as client:
        await client.twilio("/twilio/voice", **RINGING)
    view = await server.record.view(CID)
    opening = call_opening(Snapshot(fold(view, CONNECTED), server.services.campaign_of(view), Channel.VOICE, NOW))
    assert " ".join(server.voice.words) == opening[0].text


async def test_the_greeting_of_a_call_of_ours_is_spoken_while_it_rings(server: TestServices) -> None:
    """Before anybody has picked up; of the other reports none has anything spoken."""
    await server.lead(PLACED)
    async with server.client() as client:
        await client.twilio(f"/twilio/voice/status/{CID}", **report("initiated", 0))
        assert server.voice.words == []
        await client.twilio(f"/twilio/voice/status/{CID}", **report("ringing", 1))
    assert " ".join(server.voice.words).startswith("Hi Jordan, this is Ava")


async def test_the_greeting_of_a_call_of_ours_is_kept_by_the_process_that_takes_it(server: TestServices) -> None:
    """Another may have heard it ring."""
    await server.lead(PLACED)
    async with server.client() as client:
        await client.twilio(f"/twilio/voice/{CID}", **OUTBOUND)
    assert " ".join(server.voice.words).startswith("Hi Jordan, this is Ava")


async def test_an_unknown_caller_becomes_a_lead_by_calling(server: TestServices) -> None:
    """Calling is not consenting: the record holds no consent of his."""
    async with server.client() as client:
        await client.twilio("/twilio/voice", **RINGING)
    view = await server.record.view(CID)
    assert (view.number, view.campaign, view.source, view.consents) == (LEAD, "insurance", "inbound_call", {})
    assert view.calls[CALL].direction == "inbound"


async def test_a_known_lead_who_calls_stays_who_he_is(server: TestServices) -> None:
    """The call joins the conversation there is."""
    await server.lead()
    async with server.client() as client:
        await client.twilio("/twilio/voice", **RINGING)
    view = await server.record.view(CID)
    assert (view.first_name, view.source, list(view.calls)) == ("Jordan", "web_quote_form", [CALL])


async def test_the_same_question_gets_an_equally_valid_answer(server: TestServices) -> None:
    """Twilio asks twice when it is unsure: both documents work, and the call is in the record once."""
    async with server.client() as client:
        documents = [(await client.twilio("/twilio/voice", **RINGING)).text for _ in range(2)]
    assert len(await server.record.log(CID)) == 2
    for document in documents:
        assert await server.record.take_token(token_of(document)) == {"cid": CID, "call": CALL}


async def test_a_token_works_once(server: TestServices) -> None:
    """Who has seen it pass cannot use it again."""
    async with server.client() as client:
        token = token_of((await client.twilio("/twilio/voice", **RINGING)).text)
    assert await server.record.take_token(token) is not None
    assert await server.record.take_token(token) is None


@pytest.mark.parametrize("withheld", ["anonymous", "Restricted", "+266696687", "", "sip:a@example.com", "77"])
async def test_who_withholds_his_number_gets_a_conversation_per_call(withheld: str, server: TestServices) -> None:
    """Two strangers must not share what they said."""
    other = "CA" + "9" * 32
    async with server.client() as client:
        for call in (CALL, other):
            answer = await client.twilio("/twilio/voice", **RINGING | {"From": withheld, "CallSid": call})
            assert verbs(answer.text) == ["Connect"]
    for call, not_his in ((CALL, other), (other, CALL)):
        view = await server.record.view(conversation_id(BRAND, f"withheld:{call}"))
        assert view.number == ""
        assert call in view.calls
        assert not_his not in view.calls


async def test_a_call_of_ours_that_is_answered_is_connected(server: TestServices) -> None:
    """Its instructions carry the conversation in the path."""
    await server.lead(PLACED)
    async with server.client() as client:
        answer = await client.twilio(f"/twilio/voice/{CID}", **OUTBOUND)
    assert await server.record.take_token(token_of(answer.text)) == {"cid": CID, "call": CALL}


async def test_a_call_answered_before_its_dial_was_recorded_is_known(server: TestServices) -> None:
    """Or the call's own events would have no call to belong to."""
    await server.lead()
    async with server.client() as client:
        await client.twilio(f"/twilio/voice/{CID}", **OUTBOUND)
    assert (await server.record.view(CID)).calls[CALL].status == "in-progress"


async def test_who_opts_out_while_it_rings_is_not_talked_to(server: TestServices) -> None:
    """A stop by text holds for the call that is under way."""
    await server.lead(PLACED, STOPPED)
    async with server.client() as client:
        answer = await client.twilio(f"/twilio/voice/{CID}", **OUTBOUND)
    assert verbs(answer.text) == ["Hangup"]


async def test_an_unknown_conversation_is_not_found(server: TestServices) -> None:
    """A stale URL gets a reason, not an empty conversation."""
    async with server.client() as client:
        for path in ("/twilio/voice/feed", "/twilio/voice/continue/feed/1"):
            answer = await client.twilio(path, **OUTBOUND)
            assert answer.status_code == 404


# After the stream ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([PLACED, CONNECTED], Next.RESUME),
        ([PLACED, CONNECTED, ended("dropped")], Next.RESUME),
        ([PLACED, CONNECTED, ended("we_hung_up")], Next.HANG_UP),
        ([PLACED, CONNECTED, ended("lead_hung_up")], Next.HANG_UP),
        ([PLACED, CONNECTED, ended("dropped"), CONNECTED, ended("we_hung_up", "MZ2")], Next.HANG_UP),
        ([PLACED, CONNECTED, CallStatus(id="s", at=NOW, call=CALL, status="completed", sequence=3)], Next.HANG_UP),
        ([PLACED, CONNECTED, STOPPED], Next.HANG_UP),
        ([STOPPED, CallArrived(id="a", at=NOW, call=CALL), CONNECTED], Next.RESUME),
        ([PLACED, CONNECTED, handoff(HandoffStep.RINGING)], Next.RESUME),
        ([PLACED, CONNECTED, handoff(HandoffStep.ACCEPTED), ended("transferred")], Next.CONFERENCE),
        ([PLACED, CONNECTED, handoff(HandoffStep.ACCEPTED)], Next.CONFERENCE),
        ([PLACED, CONNECTED, handoff(HandoffStep.UNREACHED)], Next.RESUME),
        ([], Next.HANG_UP),
    ],
)
def test_the_record_decides_what_follows_a_stream(events: list[object], expected: Next) -> None:
    """Broken audio is taken up again, an ended call is not, and an agent who waits comes first."""
    assert after_stream(fold_all(View(), events), CALL) is expected  # type: ignore[arg-type]


async def test_a_call_whose_process_died_is_taken_up_again(server: TestServices) -> None:
    """By whichever process is asked; it gets a fresh token and the next attempt's action."""
    await server.lead(PLACED, CONNECTED)
    async with server.client() as client:
        answer = await client.twilio(f"/twilio/voice/continue/{CID}/1", **OUTBOUND)
    assert f"/twilio/voice/continue/{CID}/2" in answer.text
    assert await server.record.take_token(token_of(answer.text)) == {"cid": CID, "call": CALL}


async def test_a_call_that_keeps_breaking_is_ended_with_an_apology(server: TestServices) -> None:
    """Not taken up for ever."""
    await server.lead(PLACED, CONNECTED)
    async with server.client() as client:
        answer = await client.twilio(f"/twilio/voice/continue/{CID}/{RESUMPTIONS + 1}", **OUTBOUND)
    assert verbs(answer.text) == ["Say", "Hangup"]


async def test_a_call_we_ended_is_hung_up(server: TestServices) -> None:
    """The goodbye was said on the stream."""
    await server.lead(PLACED, CONNECTED, ended("we_hung_up"))
    async with server.client() as client:
        answer = await client.twilio(f"/twilio/voice/continue/{CID}/1", **OUTBOUND)
    assert verbs(answer.text) == ["Hangup"]


async def test_a_lead_whose_agent_waits_joins_the_room(server: TestServices) -> None:
    """And the transfer is then joined."""
    await server.lead(PLACED, CONNECTED, handoff(HandoffStep.ACCEPTED), ended("transferred"))
    async with server.client() as client:
        answers = [await client.twilio(f"/twilio/voice/continue/{CID}/1", **OUTBOUND) for _ in range(2)]
    for answer in answers:
        conference = ElementTree.fromstring(answer.text).find("Dial/Conference")
        assert conference is not None
        assert (conference.text, conference.attrib["participantLabel"]) == ("segue-h1", "lead")
    moved = (await server.record.view(CID)).handoff
    assert moved is not None
    assert moved.step is HandoffStep.JOINED


# Status --------------------------------------------------------------------------------------------------------------


def report(status: str, sequence: int | None) -> dict[str, str]:
    """A status callback of a call of ours."""
    numbered = {} if sequence is None else {"SequenceNumber": str(sequence)}
    return OUTBOUND | {"CallStatus": status} | numbered


async def test_reports_in_any_order_make_the_same_call(server: TestServices) -> None:
    """Their sequence orders them, not their arrival."""
    await server.lead(PLACED)
    async with server.client() as client:
        for status, sequence in (("completed", 3), ("ringing", 1), ("initiated", 0), ("in-progress", 2)):
            answer = await client.twilio(f"/twilio/voice/status/{CID}", **report(status, sequence))
            assert (answer.status_code, answer.text) == (204, "")
    call = (await server.record.view(CID)).calls[CALL]
    assert (call.status, call.ended) == ("completed", True)


async def test_a_report_twice_is_one_event(server: TestServices) -> None:
    """Callbacks come at least once."""
    await server.lead(PLACED)
    before = len(await server.record.log(CID))
    async with server.client() as client:
        for _ in range(3):
            await client.twilio(f"/twilio/voice/status/{CID}", **report("ringing", 1))
    assert len(await server.record.log(CID)) == before + 1


@pytest.mark.parametrize("sides", [RINGING, OUTBOUND])
async def test_a_report_without_the_conversation_finds_it(sides: dict[str, str], server: TestServices) -> None:
    """A number's own callback has a fixed URL, and no sequence; the lead is on either side."""
    await server.lead(PLACED)
    async with server.client() as client:
        await client.twilio("/twilio/voice/status", **sides | {"CallStatus": "completed"})
    assert (await server.record.view(CID)).calls[CALL].ended


async def test_a_lead_who_hangs_up_releases_the_agent(server: TestServices) -> None:
    """Nobody's telephone goes on ringing for a call that is over."""
    ringing = handoff(HandoffStep.RINGING).model_copy(update={"agent_call": "CAagent"})
    await server.lead(PLACED, CONNECTED, ringing)
    async with server.client() as client:
        for _ in range(2):
            await client.twilio(f"/twilio/voice/status/{CID}", **report("completed", 3))
    assert server.carrier.ended == ["CAagent"]
    gone = (await server.record.view(CID)).handoff
    assert gone is not None
    assert gone.step is HandoffStep.LEAD_GONE
    assert SARAH not in str(await server.record.log(CID))


# Who answered, and with what signature ------------------------------------------------------------------------------


async def test_the_carriers_verdict_on_who_answered_is_written_down_once(server: TestServices) -> None:
    """It may come before the audio and on another server: the call reads it from its record."""
    await server.lead(PLACED)
    form = {"CallSid": CALL, "AnsweredBy": "machine_end_beep", "MachineDetectionDuration": "4100"}
    async with server.client() as client:
        answers = [await client.twilio(f"/twilio/voice/answered/{CID}", **form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [204, 204]
    found = [event for _, event in await server.record.log(CID) if isinstance(event, AnswerDetected)]
    assert [(one.call, one.verdict, one.after_ms) for one in found] == [(CALL, "machine_end_beep", 4_100)]


async def test_the_signature_of_a_call_of_ours_is_kept(server: TestServices) -> None:
    """Ringing and answered tell it; the report of the end, which does not, takes nothing back."""
    await server.lead(PLACED)
    async with server.client() as client:
        for sequence, (state, stir) in enumerate((("ringing", "A"), ("completed", ""))):
            about = {**OUTBOUND, "CallStatus": state, "StirStatus": stir, "SequenceNumber": str(sequence)}
            await client.twilio(f"/twilio/voice/status/{CID}", **about)
    call = (await server.record.view(CID)).calls[CALL]
    assert (call.status, call.attestation) == ("completed", "A")


async def test_the_signature_of_a_call_to_us_is_kept(server: TestServices) -> None:
    """With the number of ours that was called."""
    async with server.client() as client:
        await client.twilio("/twilio/voice", **RINGING, StirVerstat="TN-Validation-Failed-B")
    call = (await server.record.view(CID)).calls[CALL]
    assert (call.ours, call.attestation) == (OURS, "failed")
