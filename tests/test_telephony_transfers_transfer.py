"""The warm transfer's webhooks: whisper, agreement, and every way back."""

from collections.abc import AsyncIterator
from xml.etree import ElementTree

import pytest
from telephony_kit import CALL, CID, NOW, OURS, SARAH, TestServices, open_services

from agent.handoff import Cause, is_seeking
from state.effects import HandoffStep, PermitKind
from state.events import CallEnded, CallPlaced, CallStatus, HandoffAdvanced
from state.store import Record
from telephony.carrier import CarrierError
from telephony.transfers import transfer

pytestmark = pytest.mark.anyio

AGENT_CALL = "CA" + "a" * 32
BASE = f"/twilio/agent/{CID}/h1"
LEG = {"CallSid": AGENT_CALL, "From": OURS, "To": SARAH, "CallStatus": "in-progress"}
ON_A_CALL = CallPlaced(id="placed", at=NOW, call=CALL, effect="d", permit=PermitKind.INITIATE)
HUNG_UP = CallEnded(id="ended:MZ1", at=NOW, call=CALL, cause="lead_hung_up", heard_ms=9_000)
REQUESTED = HandoffAdvanced(
    id="handoff:h1:requested",
    at=NOW,
    handoff="h1",
    step=HandoffStep.REQUESTED,
    call=CALL,
    agent="Sarah",
    summary="Jordan, home, a condo, moving in on the fifth.",
)


def at(step: HandoffStep) -> HandoffAdvanced:
    """The transfer having come to a step."""
    return HandoffAdvanced(id=f"handoff:h1:{step}", at=NOW, handoff="h1", step=step, call=CALL, agent_call=AGENT_CALL)


RINGING = [ON_A_CALL, REQUESTED, at(HandoffStep.RINGING)]
BRIEFING = [*RINGING, at(HandoffStep.BRIEFING)]
ACCEPTED = [*BRIEFING, at(HandoffStep.ACCEPTED)]
JOINED = [*ACCEPTED, at(HandoffStep.JOINED)]


@pytest.fixture
async def server(record: Record, valkey_url: str) -> AsyncIterator[TestServices]:
    """The server on an empty record."""
    async with open_services(record, valkey_url) as services:
        yield services


async def step(server: TestServices) -> HandoffStep:
    """Where the transfer stands."""
    handoff = (await server.record.view(CID)).handoff
    assert handoff is not None
    return handoff.step


def verbs(document: str) -> list[str]:
    """The top verbs of a TwiML document."""
    return [element.tag for element in ElementTree.fromstring(document)]


def spoken(document: str) -> str:
    """What a TwiML document says."""
    return " ".join(say.text or "" for say in ElementTree.fromstring(document).iter("Say"))


# It goes well --------------------------------------------------------------------------------------------------------


async def test_the_agent_hears_the_summary_and_is_asked(server: TestServices) -> None:
    """On his own leg, with nobody else in any room."""
    await server.lead(*RINGING)
    async with server.client() as client:
        answer = await client.twilio(BASE, **LEG)
    assert verbs(answer.text) == ["Gather", "Hangup"]
    assert "Jordan, home, a condo, moving in on the fifth." in spoken(answer.text)
    assert f"{BASE}/accept" in answer.text
    assert await step(server) is HandoffStep.BRIEFING


async def test_an_agent_who_agrees_waits_in_the_room(server: TestServices) -> None:
    """The lead is not touched by it: the call follows the record and tells him first."""
    await server.lead(*BRIEFING)
    async with server.client() as client:
        answer = await client.twilio(f"{BASE}/accept", **LEG | {"Digits": "1"})
    conference = ElementTree.fromstring(answer.text).find("Dial/Conference")
    assert conference is not None
    assert (conference.text, conference.attrib["participantLabel"]) == ("segue-h1", "agent")
    assert conference.attrib["endConferenceOnExit"] == "true"
    assert await step(server) is HandoffStep.ACCEPTED
    assert server.carrier.redirects == []


async def test_agreeing_twice_is_agreeing_once(server: TestServices) -> None:
    """A repeated request gets the same document, before and after the lead has joined."""
    await server.lead(*BRIEFING)
    async with server.client() as client:
        first = await client.twilio(f"{BASE}/accept", **LEG | {"Digits": "1"})
        second = await client.twilio(f"{BASE}/accept", **LEG | {"Digits": "1"})
        await server.record.append(CID, at(HandoffStep.JOINED))
        third = await client.twilio(f"{BASE}/accept", **LEG | {"Digits": "1"})
    assert first.text == second.text == third.text
    log = [event for _, event in await server.record.log(CID)]
    assert sum(isinstance(event, HandoffAdvanced) and event.step is HandoffStep.ACCEPTED for event in log) == 1


async def test_when_the_agent_leaves_the_persona_takes_the_lead_back(server: TestServices) -> None:
    """The room closes with her: her leg is hung up, his is brought to our socket again."""
    await server.lead(*JOINED)
    async with server.client() as client:
        hers = await client.twilio(f"{BASE}/done", **LEG)
        his = await client.twilio(f"{BASE}/lead", **LEG | {"CallSid": CALL})
    assert verbs(hers.text) == ["Hangup"]
    assert ElementTree.fromstring(his.text).find("Connect/Stream") is not None
    assert await step(server) is HandoffStep.LEFT


async def test_a_lead_who_hung_up_is_not_brought_back(server: TestServices) -> None:
    """There is nobody to bring."""
    await server.lead(*JOINED, CallStatus(id="s", at=NOW, call=CALL, status="completed", sequence=3))
    async with server.client() as client:
        his = await client.twilio(f"{BASE}/lead", **LEG | {"CallSid": CALL})
    assert verbs(his.text) == ["Hangup"]


async def test_an_agent_who_dropped_off_leaves_nobody_alone(server: TestServices) -> None:
    """The lead was on his way into the room: he comes back to the persona, and the next person is sought."""
    away = CallEnded(id="ended:MZ1", at=NOW, call=CALL, cause="transferred", heard_ms=9_000)
    await server.lead(*ACCEPTED, away)
    async with server.client() as client:
        await client.twilio(f"{BASE}/done", **LEG)
        his = await client.twilio(f"/twilio/voice/continue/{CID}/1", CallSid=CALL)
    assert ElementTree.fromstring(his.text).find("Connect/Stream") is not None
    view = await server.record.view(CID)
    assert is_seeking(view)
    assert view.handoff is not None
    assert view.handoff.step is HandoffStep.UNREACHED


async def test_whoever_is_alone_in_the_room_hears_a_voice(server: TestServices) -> None:
    """Words and a pause of five seconds, again and again; a stranger to the room hears nothing."""
    await server.lead(*ACCEPTED)
    async with server.client() as client:
        waits = [await client.twilio(f"{BASE}/wait/{who}", **LEG) for who in ("agent", "lead")]
        nobody = await client.twilio(f"{BASE}/wait/somebody", **LEG)
    assert [verbs(answer.text) for answer in waits] == [["Say", "Pause", "Redirect"]] * 2
    assert nobody.status_code == 404


# By voice ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("speech", "expected"),
    [
        ("Yes, put him through.", HandoffStep.ACCEPTED),
        ("Sure, I'll take it", HandoffStep.ACCEPTED),
        ("I can't, I'm with another client", HandoffStep.DECLINED),
        ("You've reached Sarah Miller, please leave a message after the tone", HandoffStep.DECLINED),
        ("Hello? Who is this?", HandoffStep.BRIEFING),
        ("Yes?", HandoffStep.BRIEFING),
    ],
)
async def test_an_agent_answers_by_voice(speech: str, expected: HandoffStep, server: TestServices) -> None:
    """A clear yes takes the call, a no or a recording does not, and anything else is asked again."""
    await server.lead(*BRIEFING)
    async with server.client() as client:
        await client.twilio(f"{BASE}/accept/1", **LEG | {"SpeechResult": speech, "Confidence": "0.9"})
    assert await step(server) is expected


async def test_who_is_unclear_is_asked_again_and_then_passed_over(server: TestServices) -> None:
    """He hears the summary again, as he talked over it; after three times the next one is rung."""
    await server.lead(*BRIEFING)
    async with server.client() as client:
        for asked in (1, 2):
            answer = await client.twilio(f"{BASE}/accept/{asked}", **LEG | {"SpeechResult": "Hello?"})
            assert "Jordan, home, a condo" in spoken(answer.text)
            assert f"{BASE}/accept/{asked + 1}" in answer.text
        answer = await client.twilio(f"{BASE}/accept/3", **LEG | {"SpeechResult": "Hello?"})
    assert spoken(answer.text) == transfer.NOT_TAKEN
    view = await server.record.view(CID)
    assert view.handoff is not None
    assert (view.handoff.step, view.handoff.why) == (HandoffStep.DECLINED, "Hello?")
    assert is_seeking(view)


# Ways back -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pressed", [{"Digits": "2"}, {"Digits": ""}, {}])
async def test_any_other_key_declines(pressed: dict[str, str], server: TestServices) -> None:
    """Only the agreed key takes a call."""
    await server.lead(*BRIEFING)
    async with server.client() as client:
        answer = await client.twilio(f"{BASE}/accept", **LEG | pressed)
    assert spoken(answer.text) == transfer.NOT_TAKEN
    assert await step(server) is HandoffStep.DECLINED


@pytest.mark.parametrize("status", ["busy", "no-answer", "failed", "canceled", "completed"])
async def test_an_agent_who_does_not_pick_up_is_unreached(status: str, server: TestServices) -> None:
    """However the carrier puts it."""
    await server.lead(*RINGING)
    async with server.client() as client:
        answer = await client.twilio(f"{BASE}/status", **LEG | {"CallStatus": status})
    assert answer.status_code == 204
    assert await step(server) is HandoffStep.UNREACHED


async def test_an_agent_who_hangs_up_on_the_summary_declines(server: TestServices) -> None:
    """He was reached, and did not want it."""
    await server.lead(*BRIEFING)
    async with server.client() as client:
        await client.twilio(f"{BASE}/status", **LEG | {"CallStatus": "completed"})
    assert await step(server) is HandoffStep.DECLINED


@pytest.mark.parametrize("status", ["initiated", "ringing", "in-progress"])
async def test_progress_of_the_agents_leg_changes_nothing(status: str, server: TestServices) -> None:
    """The steps are taken from what he does."""
    await server.lead(*RINGING)
    async with server.client() as client:
        await client.twilio(f"{BASE}/status", **LEG | {"CallStatus": status})
    assert await step(server) is HandoffStep.RINGING


async def test_a_late_end_of_the_agents_leg_does_not_undo_the_talk(server: TestServices) -> None:
    """Reports of a transfer that is over are just reports."""
    await server.lead(*JOINED, at(HandoffStep.LEFT))
    async with server.client() as client:
        await client.twilio(f"{BASE}/status", **LEG | {"CallStatus": "completed"})
    assert await step(server) is HandoffStep.LEFT


# The lead leaves -----------------------------------------------------------------------------------------------------


async def test_an_agent_cannot_take_a_call_that_is_over(server: TestServices) -> None:
    """Between the hang-up and its callback the record already knows."""
    await server.lead(*BRIEFING, HUNG_UP)
    async with server.client() as client:
        answer = await client.twilio(f"{BASE}/accept", **LEG | {"Digits": "1"})
    assert (verbs(answer.text), spoken(answer.text)) == (["Say", "Hangup"], transfer.CALLER_LEFT)
    assert await step(server) is HandoffStep.LEAD_GONE


async def test_an_agent_who_picks_up_too_late_is_told(server: TestServices) -> None:
    """He hears one sentence, not a summary of somebody who has gone."""
    await server.lead(*RINGING, HUNG_UP)
    async with server.client() as client:
        answer = await client.twilio(BASE, **LEG)
    assert spoken(answer.text) == transfer.CALLER_LEFT
    assert await step(server) is HandoffStep.LEAD_GONE


@pytest.mark.parametrize("events", [RINGING, BRIEFING, ACCEPTED])
async def test_when_the_lead_leaves_the_agent_is_let_go(
    events: list[CallPlaced | HandoffAdvanced], server: TestServices
) -> None:
    """Once, however often we are told."""
    await server.lead(*events, HUNG_UP)
    for _ in range(2):
        await transfer.lead_left(server.services, CID, CALL)
    assert server.carrier.ended == [AGENT_CALL]
    assert await step(server) is HandoffStep.LEAD_GONE


async def test_another_call_of_the_leads_ends_no_transfer(server: TestServices) -> None:
    """Only the call that was to be handed over counts."""
    await server.lead(*RINGING)
    await transfer.lead_left(server.services, CID, "CA" + "f" * 32)
    assert await step(server) is HandoffStep.RINGING


async def test_an_agent_who_cannot_be_let_go_is_no_error(server: TestServices) -> None:
    """The step stands: he is told when he answers."""
    await server.lead(*RINGING)
    server.carrier.fails = CarrierError("unreachable")
    await transfer.lead_left(server.services, CID, CALL)
    assert await step(server) is HandoffStep.LEAD_GONE


@pytest.mark.parametrize(
    ("ending", "expected"),
    [
        (HUNG_UP, HandoffStep.LEAD_GONE),
        (HUNG_UP.model_copy(update={"cause": "dropped"}), HandoffStep.RINGING),
        (HUNG_UP.model_copy(update={"cause": "transferred"}), HandoffStep.RINGING),
    ],
)
async def test_the_record_tells_a_hang_up_from_broken_audio(
    ending: CallEnded, expected: HandoffStep, server: TestServices
) -> None:
    """For calls without a status callback; broken audio comes back, so the agent goes on ringing."""
    await server.lead(*RINGING, ending)
    await transfer.let_go_if_left(server.services, CID, await server.record.view(CID))
    assert await step(server) is expected


async def test_a_call_that_ended_another_way_is_the_status_callbacks_business(server: TestServices) -> None:
    """Nothing is guessed while the record has no account of the audio."""
    await server.lead(*RINGING, CallStatus(id="s", at=NOW, call=CALL, status="completed", sequence=3))
    await transfer.let_go_if_left(server.services, CID, await server.record.view(CID))
    assert await step(server) is HandoffStep.RINGING


# Strangers and races -------------------------------------------------------------------------------------------------


async def test_another_transfers_webhook_moves_nothing(server: TestServices) -> None:
    """A stale URL of an earlier transfer is answered, and that is all."""
    await server.lead(*BRIEFING)
    async with server.client() as client:
        answer = await client.twilio(f"/twilio/agent/{CID}/h0/accept", **LEG | {"Digits": "1"})
    assert verbs(answer.text) == ["Say", "Hangup"]
    assert await step(server) is HandoffStep.BRIEFING


async def test_a_conversation_without_a_transfer_is_answered_all_the_same(server: TestServices) -> None:
    """The agent hears that nobody waits."""
    await server.lead()
    async with server.client() as client:
        answer = await client.twilio(BASE, **LEG)
        unknown = await client.twilio("/twilio/agent/feed/h1", **LEG)
    assert spoken(answer.text) == transfer.NO_LONGER
    assert unknown.status_code == 404


async def test_a_step_is_decided_again_when_something_came_between(
    server: TestServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lead hangs up between the agent's yes and its append: the yes comes too late."""
    await server.lead(*BRIEFING)
    read = server.record.view
    news = [at(HandoffStep.LEAD_GONE)]

    async def view_then_news(cid: str) -> object:
        seen = await read(cid)
        while news:
            await server.record.append(CID, news.pop())
        return seen

    monkeypatch.setattr(server.record, "view", view_then_news)
    view, taken = await transfer.advance(server.services, CID, "h1", Cause.AGREED, agent_call=AGENT_CALL)
    assert not taken
    assert view.handoff is not None
    assert view.handoff.step is HandoffStep.LEAD_GONE
