"""The one door: what goes out, what does not, and what is never done twice."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prometheus_client import REGISTRY
from telephony_kit import (
    CALL,
    CAMPAIGN,
    CID,
    LEAD,
    NOW,
    OURS,
    PUBLIC,
    SARAH,
    TestServices,
    open_services,
    settings,
)

from state.effects import BriefAgent, Dial, Effect, HandoffStep, PermitKind, RingAgent, SendText, origin
from state.events import (
    CallPlaced,
    Channel,
    EffectRequested,
    EffectSettled,
    EffectStarted,
    HandoffAdvanced,
    Suppressed,
    TextReceived,
    TextSent,
)
from state.store import Record
from state.turns import PROMPT
from state.view import View
from telephony.carrier import CarrierError, PlacedCall
from telephony.door import Door
from telephony.outreach.reconcile import ASKED_FOR, OUTCOME_WITHIN
from telephony.permission import RETRY_AFTER

pytestmark = pytest.mark.anyio

TEXT = SendText(permit=PermitKind.INITIATE, to=LEAD, body="Hi Jordan, it's Ava.", asks="interest")
DIAL = Dial(permit=PermitKind.INITIATE, to=LEAD)
BRIEF = BriefAgent(handoff="h1", to=SARAH, body="Home, condo.")
RING = RingAgent(handoff="h1", agent="Sarah", to=SARAH)
ON_A_CALL = CallPlaced(id="placed", at=NOW - timedelta(minutes=1), call=CALL, effect="d", permit=PermitKind.INITIATE)
STOPPED = Suppressed(id="stop", at=NOW, reason="opt_out", channel=Channel.SMS, words="stop", detector="keyword")


def asked(effect: Effect, *, due: timedelta = timedelta()) -> EffectRequested:
    """A request for an effect, under the id `e1`."""
    return EffectRequested(id="e1", at=NOW, effect=effect, due=NOW + due)


def transfer_at(step: HandoffStep, agent_call: str | None = None) -> HandoffAdvanced:
    """A transfer of the lead's call, at a step."""
    return HandoffAdvanced(
        id=f"handoff:h1:{step}", at=NOW, handoff="h1", step=step, call=CALL, agent="Sarah", agent_call=agent_call
    )


@pytest.fixture
async def server(record: Record, valkey_url: str) -> AsyncIterator[TestServices]:
    """Services on an empty record."""
    async with open_services(record, valkey_url) as services:
        yield services


async def settled(server: TestServices) -> EffectSettled:
    """How the effect ended."""
    return next(event for _, event in await server.record.log(CID) if isinstance(event, EffectSettled))


async def test_first_texts_keep_the_pace_of_our_number_and_answers_do_not_wait(server: TestServices) -> None:
    """What waits is not claimed, and goes when its turn has come, if it is still allowed."""
    services = replace(server.services, settings=settings(texts_per_second=0.5))
    door = Door(services)
    await server.lead(asked(TEXT))
    await server.record.turns.take(OURS, "somebody else's", NOW, per_second=0.5)
    await server.record.turns.left(OURS, "somebody else's", NOW, NOW)
    again = await door.carry_out(CID, "e1")
    assert again == NOW + timedelta(seconds=2) + PROMPT
    assert server.carrier.texts == []
    assert await kinds(server) == []
    server.clock.advance(seconds=2 + PROMPT.total_seconds())
    assert await door.carry_out(CID, "e1") is None
    assert len(server.carrier.texts) == 1
    text = TextReceived(id="sms:9", at=server.clock(), sid="SM9", body="who is this?")
    reply = TEXT.model_copy(update={"permit": PermitKind.REPLY_TO_LEAD})
    request = EffectRequested(id="e2", at=server.clock(), effect=reply, due=server.clock())
    await server.record.append(CID, text, request)
    assert await door.carry_out(CID, "e2") is None
    assert len(server.carrier.texts) == 2


async def test_a_text_that_was_held_up_on_its_way_holds_up_the_next(
    server: TestServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What counts is when it left, not when it had leave."""
    send = server.carrier.send_text

    async def slowly(*given: Any, **more: Any) -> str:
        server.clock.advance(seconds=3)
        return await send(*given, **more)

    monkeypatch.setattr(server.carrier, "send_text", slowly)
    door = Door(replace(server.services, settings=settings(texts_per_second=1)))
    await server.lead(asked(TEXT))
    assert await door.carry_out(CID, "e1") is None
    wait = await server.record.turns.take(OURS, "next", server.clock(), per_second=1)
    assert wait == timedelta(seconds=1)


async def test_how_long_a_lead_waited_for_the_first_word_is_measured(server: TestServices) -> None:
    """From when it was due; what follows is no first contact."""
    before = sample_of("segue_first_touch_seconds_sum"), sample_of("segue_first_touch_seconds_count")
    await server.lead(asked(TEXT), asked(TEXT).model_copy(update={"id": "e2"}))
    server.clock.advance(seconds=4)
    await Door(server.services).carry_out(CID, "e1")
    server.clock.advance(hours=1)
    await Door(server.services).carry_out(CID, "e2")
    after = sample_of("segue_first_touch_seconds_sum"), sample_of("segue_first_touch_seconds_count")
    assert len(server.carrier.texts) == 2
    assert (after[0] - before[0], after[1] - before[1]) == (4, 1)


def sample_of(name: str) -> float:
    """What a metric stands at in this process."""
    return REGISTRY.get_sample_value(name) or 0.0


async def kinds(server: TestServices) -> list[str]:
    """What the log holds after the lead and the request."""
    return [event.kind for _, event in await server.record.log(CID)][3:]


# Sending -------------------------------------------------------------------------------------------------------------


async def test_a_permitted_text_is_sent_once_and_recorded(server: TestServices) -> None:
    """Claimed, sent, in the thread, settled; and a second wake-up finds nothing to do."""
    await server.lead(asked(TEXT))
    door = Door(server.services)
    assert [await door.carry_out(CID, "e1") for _ in range(2)] == [None, None]
    assert server.carrier.texts == [
        {"to": LEAD, "body": TEXT.body, "sender": OURS, "status_url": f"{PUBLIC}/twilio/sms/status/{CID}"}
    ]
    assert await kinds(server) == ["effect_started", "text_sent", "effect_settled"]
    view = await server.record.view(CID)
    assert (view.outbox, view.asked, view.thread[-1].text) == ({}, ("interest",), TEXT.body)


async def test_a_permitted_call_is_placed_with_the_conversation_in_its_urls(server: TestServices) -> None:
    """So that any process can say what to do when it is answered."""
    await server.lead(asked(DIAL))
    await Door(server.services).carry_out(CID, "e1")
    assert server.carrier.dials == [
        {
            "to": LEAD,
            "caller_id": OURS,
            "instructions_url": f"{PUBLIC}/twilio/voice/{CID}",
            "status_url": f"{PUBLIC}/twilio/voice/status/{CID}",
            "ring_seconds": CAMPAIGN.timing.ring_seconds,
            "detection_url": f"{PUBLIC}/twilio/voice/answered/{CID}",
        }
    ]
    assert await kinds(server) == ["effect_started", "call_placed", "effect_settled"]
    assert (await server.record.view(CID)).calls[f"CA{1:032x}"].ours == OURS


async def test_calls_leave_at_the_accounts_pace(server: TestServices) -> None:
    """One a second for all servers together: a call that comes sooner is put off, unclaimed, and not lost."""
    await server.lead(asked(DIAL))
    account = f"calls:{server.services.settings.twilio_account_sid}"
    await server.record.turns.take(account, "another server's call", NOW, per_second=1)
    await server.record.turns.left(account, "another server's call", NOW, NOW)
    door = Door(server.services)
    assert await door.carry_out(CID, "e1") == NOW + timedelta(seconds=1) + PROMPT
    assert (server.carrier.dials, await kinds(server), server.services.admission.taken) == ([], [], 0)
    server.clock.advance(seconds=1 + PROMPT.total_seconds())
    assert await door.carry_out(CID, "e1") is None
    assert [call["to"] for call in server.carrier.dials] == [LEAD]


async def test_an_agents_telephone_does_not_wait_for_the_pace(server: TestServices) -> None:
    """A lead waits on the line; the carrier queues the one call that is too soon."""
    await server.lead(ON_A_CALL, transfer_at(HandoffStep.REQUESTED), asked(RING))
    account = f"calls:{server.services.settings.twilio_account_sid}"
    await server.record.turns.take(account, "another server's call", NOW, per_second=1)
    await Door(server.services).carry_out(CID, "e1")
    assert [call["to"] for call in server.carrier.dials] == [SARAH]


async def test_the_campaigns_own_number_goes_first(record: Record, valkey_url: str) -> None:
    """The server's number is for campaigns without one."""
    campaign = CAMPAIGN.model_copy(update={"number": "+13125550111"})
    async with open_services(record, valkey_url, campaign=campaign) as server:
        await server.lead(asked(TEXT))
        await Door(server.services).carry_out(CID, "e1")
        assert server.carrier.texts[0]["sender"] == "+13125550111"


async def test_nothing_goes_before_it_is_due(server: TestServices) -> None:
    """A wake-up that comes early is told when to come back."""
    await server.lead(asked(TEXT, due=timedelta(minutes=5)))
    door = Door(server.services)
    assert await door.carry_out(CID, "e1") == NOW + timedelta(minutes=5)
    assert server.carrier.texts == []
    server.clock.advance(minutes=5)
    assert await door.carry_out(CID, "e1") is None
    assert len(server.carrier.texts) == 1


# Refusing ------------------------------------------------------------------------------------------------------------


async def test_what_the_gate_refuses_is_not_sent(server: TestServices) -> None:
    """At ten at night in Chicago; the log says which rule it was."""
    server.clock.advance(hours=8)
    await server.lead(asked(TEXT))
    await Door(server.services).carry_out(CID, "e1")
    assert server.carrier.texts == []
    how = await settled(server)
    assert (how.outcome, how.detail) == ("refused", "federal_hours: quiet_hours")


async def test_what_only_time_forbids_is_asked_for_again(server: TestServices) -> None:
    """At eight in the morning, once, and as often as it takes; the log shows each refusal."""
    server.clock.advance(hours=8)
    await server.lead(asked(TEXT))
    door = Door(server.services)
    await door.carry_out(CID, "e1")
    ((again, waiting),) = (await server.record.view(CID)).outbox.items()
    morning = datetime(2026, 11, 19, 14, tzinfo=UTC)
    assert (again, waiting.due, waiting.effect) == ("e1@20261119T140000Z", morning, TEXT)
    server.clock.now = morning
    await door.carry_out(CID, again)
    assert len(server.carrier.texts) == 1
    assert (await server.record.view(CID)).outbox == {}


async def test_a_stop_cancels_what_was_queued(server: TestServices) -> None:
    """On both channels, without the door having to know."""
    await server.lead(asked(TEXT), asked(DIAL).model_copy(update={"id": "e2"}), STOPPED)
    for effect in ("e1", "e2"):
        assert await Door(server.services).carry_out(CID, effect) is None
    assert (server.carrier.texts, server.carrier.dials) == ([], [])


async def test_a_stop_between_deciding_and_claiming_wins(server: TestServices, monkeypatch: pytest.MonkeyPatch) -> None:
    """The claim fails on the newer version, and the second look finds nothing to send."""
    await server.lead(asked(TEXT))
    read = server.record.view

    async def view_then_stop(cid: str) -> View:
        seen = await read(cid)
        await server.record.append(CID, STOPPED)
        return seen

    monkeypatch.setattr(server.record, "view", view_then_stop)
    await Door(server.services).carry_out(CID, "e1")
    assert server.carrier.texts == []
    assert "effect_started" not in await kinds(server)


async def test_without_its_campaign_nothing_goes(server: TestServices) -> None:
    """A campaign file that was taken away takes its outreach with it."""
    await server.lead(asked(TEXT))
    server.services.campaigns.pop("insurance")  # type: ignore[attr-defined]
    await Door(server.services).carry_out(CID, "e1")
    assert server.carrier.texts == []
    assert (await settled(server)).outcome == "refused"


async def test_an_agent_gets_the_card_of_a_lead_who_has_left(server: TestServices) -> None:
    """It is what he calls back with; his telephone is not rung for it."""
    await server.lead(
        ON_A_CALL, transfer_at(HandoffStep.LEAD_GONE), asked(BRIEF), asked(RING).model_copy(update={"id": "e2"})
    )
    await Door(server.services).carry_out(CID, "e1")
    await Door(server.services).carry_out(CID, "e2")
    assert ([text["to"] for text in server.carrier.texts], server.carrier.dials) == ([SARAH], [])


# Failing -------------------------------------------------------------------------------------------------------------


async def test_a_refusal_of_the_carriers_is_on_the_record(server: TestServices) -> None:
    """With its code, and without a text in the thread."""
    server.carrier.fails = CarrierError("not a mobile", code=21614)
    await server.lead(asked(TEXT))
    await Door(server.services).carry_out(CID, "e1")
    how = await settled(server)
    assert (how.outcome, how.detail) == ("failed", "21614")
    assert (await server.record.view(CID)).thread == ()


async def test_a_carrier_that_could_not_be_reached_is_tried_again(server: TestServices) -> None:
    """A moment without a network must not cost a lead his answer; each attempt asks the gate anew."""
    server.carrier.fails = CarrierError("no connection")
    await server.lead(asked(TEXT))
    door = Door(server.services)
    await door.carry_out(CID, "e1")
    ((again, waiting),) = (await server.record.view(CID)).outbox.items()
    assert waiting.due == NOW + RETRY_AFTER[0]
    server.clock.now = waiting.due
    await door.carry_out(CID, again)
    assert [text["body"] for text in server.carrier.texts] == [TEXT.body]


async def test_a_carrier_that_stays_away_is_given_up(server: TestServices) -> None:
    """After the last pause; the log holds every failure."""
    await server.lead(asked(TEXT))
    attempts = 0
    while waiting := (await server.record.view(CID)).outbox:
        ((effect, entry),) = waiting.items()
        server.clock.now = entry.due
        server.carrier.fails = CarrierError("no connection")
        await Door(server.services).carry_out(CID, effect)
        attempts += 1
    assert attempts == len(RETRY_AFTER) + 1
    assert (await kinds(server)).count("effect_settled") == attempts


async def test_a_text_that_was_taken_though_its_answer_was_lost_is_found_and_not_sent_again(
    server: TestServices,
) -> None:
    """The carrier's list has it: so has the record, under the carrier's id, as soon as the list is asked."""

    async def taken_all_the_same() -> None:
        server.carrier.texts.append({"to": TEXT.to, "body": TEXT.body, "sender": OURS, "status_url": ""})
        server.carrier.fails = CarrierError("timed out", outcome_unknown=True)

    server.carrier.before = taken_all_the_same
    await server.lead(asked(TEXT))
    door = Door(server.services)
    assert await door.carry_out(CID, "e1") == NOW + OUTCOME_WITHIN
    assert "e1" in (await server.record.view(CID)).outbox
    server.clock.now = NOW + OUTCOME_WITHIN
    assert await door.carry_out(CID, "e1") is None
    assert (await settled(server)).outcome == "done"
    assert [line.text for line in (await server.record.view(CID)).thread] == [TEXT.body]
    assert len(server.carrier.texts) == 1


async def test_a_text_the_carrier_never_had_is_tried_again(server: TestServices) -> None:
    """A worker died between its claim and its request: whoever finds the claim waits as long as one can run."""
    claim = EffectStarted(id="e1:started", at=NOW, effect="e1", rule="initiate")
    await server.lead(asked(TEXT), claim)
    door = Door(server.services)
    server.clock.advance(seconds=1)
    assert await door.carry_out(CID, "e1") == NOW + OUTCOME_WITHIN
    server.clock.now = NOW + OUTCOME_WITHIN
    assert await door.carry_out(CID, "e1") is None
    assert (await settled(server)).outcome == "failed"
    assert server.carrier.texts == []
    (again,) = (await server.record.view(CID)).outbox
    assert origin(again) == "e1"


async def test_a_list_that_lags_is_not_believed_too_soon(server: TestServices) -> None:
    """What is not there yet may come: nobody is texted twice because his carrier's lists are slow."""
    server.carrier.lists_lag = timedelta(minutes=10)
    claim = EffectStarted(id="e1:started", at=NOW, effect="e1", rule="initiate")
    await server.lead(asked(TEXT), claim)
    door = Door(server.services)
    server.clock.now = NOW + timedelta(minutes=9)
    assert await door.carry_out(CID, "e1") == server.clock.now + OUTCOME_WITHIN
    server.clock.now = NOW + timedelta(minutes=10)
    assert await door.carry_out(CID, "e1") is None
    assert (await settled(server)).outcome == "failed"


async def test_nothing_is_guessed_while_the_carrier_cannot_be_asked(server: TestServices) -> None:
    """The claim stands, and holds its place under the caps, until the list can be read; after a day it is given up."""
    await server.lead(asked(TEXT), EffectStarted(id="e1:started", at=NOW, effect="e1", rule="initiate"))
    door = Door(server.services)
    server.clock.now = NOW + OUTCOME_WITHIN
    server.carrier.fails = CarrierError("no answer")
    assert await door.carry_out(CID, "e1") == server.clock() + OUTCOME_WITHIN
    assert "e1" in (await server.record.view(CID)).outbox
    server.clock.now = NOW + ASKED_FOR
    server.carrier.fails = CarrierError("no answer")
    assert await door.carry_out(CID, "e1") is None
    assert (await settled(server)).outcome == "unknown"


async def test_two_workers_on_one_effect_send_once(server: TestServices) -> None:
    """The second finds the claim while the first is with the carrier."""
    await server.lead(asked(TEXT))
    second: list[object] = []

    async def meanwhile() -> None:
        second.append(await Door(server.services).carry_out(CID, "e1"))

    server.carrier.before = meanwhile
    await Door(server.services).carry_out(CID, "e1")
    assert len(server.carrier.texts) == 1
    assert second == [NOW + OUTCOME_WITHIN]


async def test_a_stop_while_the_carrier_sends_does_not_lose_the_text(server: TestServices) -> None:
    """It went out, so the thread shows it."""
    await server.lead(asked(TEXT))

    async def meanwhile() -> None:
        await server.record.append(CID, STOPPED)

    server.carrier.before = meanwhile
    await Door(server.services).carry_out(CID, "e1")
    view = await server.record.view(CID)
    assert view.suppressed
    assert view.thread[-1].text == TEXT.body


async def test_an_opt_out_with_the_carrier_is_an_opt_out(server: TestServices) -> None:
    """Error 21610 means he wrote STOP where we did not see it."""
    server.carrier.fails = CarrierError("unsubscribed", code=21610)
    await server.lead(asked(TEXT))
    await Door(server.services).carry_out(CID, "e1")
    view = await server.record.view(CID)
    assert view.suppressed
    assert view.voice_suppressed


async def test_an_agent_who_opted_out_with_the_carrier_opts_out_nobody_else(server: TestServices) -> None:
    """It is his telephone that refused the card; the lead has said nothing."""
    server.carrier.fails = CarrierError("unsubscribed", code=21610)
    await server.lead(ON_A_CALL, transfer_at(HandoffStep.REQUESTED), asked(BRIEF))
    await Door(server.services).carry_out(CID, "e1")
    assert (await settled(server)).outcome == "failed"
    assert not (await server.record.view(CID)).suppressed


# The transfer's effects ----------------------------------------------------------------------------------------------


async def test_the_agent_is_texted_and_rung_under_the_staff_permit(server: TestServices) -> None:
    """Neither shows in the lead's thread nor counts as a contact of his."""
    await server.lead(
        ON_A_CALL,
        transfer_at(HandoffStep.REQUESTED),
        asked(BRIEF),
        asked(RING).model_copy(update={"id": "e2"}),
    )
    door = Door(server.services)
    await door.carry_out(CID, "e1")
    await door.carry_out(CID, "e2")
    assert [text["to"] for text in server.carrier.texts] == [SARAH]
    assert [(dial["to"], dial["instructions_url"]) for dial in server.carrier.dials] == [
        (SARAH, f"{PUBLIC}/twilio/agent/{CID}/h1")
    ]
    view = await server.record.view(CID)
    assert view.handoff is not None
    assert (view.handoff.step, view.handoff.agent_call) == (HandoffStep.RINGING, f"CA{1:032x}")
    assert view.thread == ()
    assert [touch.at for touch in view.touches] == [ON_A_CALL.at]


async def test_staff_means_the_campaigns_agents(server: TestServices) -> None:
    """The staff permit opens no way to anybody else; an agent who cannot be rung is unreached."""
    stranger = RING.model_copy(update={"to": "+13125550999"})
    await server.lead(ON_A_CALL, transfer_at(HandoffStep.REQUESTED), asked(stranger))
    await Door(server.services).carry_out(CID, "e1")
    assert server.carrier.dials == []
    assert await _step(server) is HandoffStep.UNREACHED


@pytest.mark.parametrize(
    "error", [CarrierError("busy", code=21220), CarrierError("timed out", outcome_unknown=True), CarrierError("no")]
)
async def test_an_agent_who_cannot_be_rung_is_unreached(error: CarrierError, server: TestServices) -> None:
    """The lead is told, whatever went wrong."""
    server.carrier.fails = error
    await server.lead(ON_A_CALL, transfer_at(HandoffStep.REQUESTED), asked(RING))
    await Door(server.services).carry_out(CID, "e1")
    assert await _step(server) is HandoffStep.UNREACHED


async def test_a_ring_whose_answer_was_lost_is_looked_up_and_not_repeated(server: TestServices) -> None:
    """The carrier's list shows our call: it goes on with that one."""
    server.carrier.fails = CarrierError("timed out", outcome_unknown=True)
    server.carrier.placed = [PlacedCall("CAover", OURS, "busy", NOW), PlacedCall("CAfound", OURS, "ringing", NOW)]
    await server.lead(ON_A_CALL, transfer_at(HandoffStep.REQUESTED), asked(RING))
    await Door(server.services).carry_out(CID, "e1")
    view = await server.record.view(CID)
    assert view.handoff is not None
    assert (view.handoff.step, view.handoff.agent_call) == (HandoffStep.RINGING, "CAfound")
    assert server.carrier.dials == []


async def test_a_ring_of_which_no_outcome_is_known_does_not_end_a_talk(server: TestServices) -> None:
    """The process died while it dialled, and the agent has picked up since."""
    started = EffectStarted(id="e1:started", at=NOW - OUTCOME_WITHIN, effect="e1", rule="staff")
    await server.lead(
        ON_A_CALL, transfer_at(HandoffStep.REQUESTED), asked(RING), started, transfer_at(HandoffStep.BRIEFING)
    )
    await Door(server.services).carry_out(CID, "e1")
    assert await _step(server) is HandoffStep.BRIEFING


async def test_a_lead_who_leaves_while_we_dial_leaves_no_telephone_ringing(server: TestServices) -> None:
    """Only we know the SID of the call that just began."""
    await server.lead(ON_A_CALL, transfer_at(HandoffStep.REQUESTED), asked(RING))

    async def meanwhile() -> None:
        await server.record.append(CID, transfer_at(HandoffStep.LEAD_GONE))

    server.carrier.before = meanwhile
    await Door(server.services).carry_out(CID, "e1")
    assert server.carrier.ended == [f"CA{1:032x}"]


async def _step(server: TestServices) -> HandoffStep:
    handoff = (await server.record.view(CID)).handoff
    assert handoff is not None
    return handoff.step


# Replies -------------------------------------------------------------------------------------------------------------


async def test_a_reply_goes_out_at_night(server: TestServices) -> None:
    """He wrote first, a moment ago: answering is no calling."""
    server.clock.advance(hours=8)
    wrote = TextReceived(id="sms:SM1", at=server.clock(), sid="SM1", body="hello?")
    reply = TEXT.model_copy(update={"permit": PermitKind.REPLY_TO_LEAD})
    await server.lead(wrote, asked(reply))
    await Door(server.services).carry_out(CID, "e1")
    assert [text["body"] for text in server.carrier.texts] == [TEXT.body]
    sent = [event for _, event in await server.record.log(CID) if isinstance(event, TextSent)]
    assert [event.permit for event in sent] == [PermitKind.REPLY_TO_LEAD]


@pytest.mark.parametrize(("permit", "counted"), [(PermitKind.REPLY_TO_LEAD, 1), (PermitKind.INITIATE, 0)])
async def test_only_an_answer_is_timed_from_the_text_it_answers(
    permit: PermitKind, counted: int, server: TestServices
) -> None:
    """What goes out of our own accord long after his text is no slow answer."""
    before = _replies_timed()
    text = TextReceived(id="sms:9", at=NOW, sid="SM9", body="who is this?")
    await server.lead(text, asked(TEXT.model_copy(update={"permit": permit})))
    await Door(server.services).carry_out(CID, "e1")
    assert len(server.carrier.texts) == 1
    assert _replies_timed() - before == counted


def _replies_timed() -> float:
    return REGISTRY.get_sample_value("segue_text_reply_seconds_count") or 0
