"""What became of a request to the carrier whose answer was lost, by the carrier's own lists. Never guessed.

Creates have no idempotency key: whether a text or call was taken is told only by the list of those that were.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import structlog

from agent.gate.pace import RINGING_AT_MOST
from state.effects import BriefAgent, Dial, SendText
from state.events import CallPlaced, CallStatus, Event, TextSent
from state.fold import CALL_OVER
from state.view import Call, Outbox, View
from telephony.carrier import CarrierError, PlacedCall
from telephony.services import Services

log = structlog.get_logger(__name__)

OUTCOME_WITHIN = timedelta(seconds=60)
"""After this the carrier is asked about a claimed effect without an outcome: longer than any request to it runs."""
ASKED_FOR = timedelta(hours=24)
"""How long a carrier that does not answer is asked what came of something."""
SKEW = timedelta(seconds=30)
"""How far the carrier's clock may be from ours."""
LONG_CALL = timedelta(hours=2)
"""A call that has been up so long is asked about: its end may not have been reported."""
ASK_AGAIN = timedelta(minutes=5)
"""How long after a call was asked about, and was not over, it is asked about again."""
REPORTED_LAST = 1_000
"""Sequence of a call's state as the list has it; those of callbacks stay far below."""


@dataclass(frozen=True, slots=True)
class Found:
    """What came of an effect that was claimed, and what the record should hold of it."""

    outcome: Literal["done", "failed", "unknown"]
    detail: str
    events: tuple[Event, ...] = ()


async def outcome_of(services: Services, cid: str, effect_id: str, claimed: Outbox, view: View) -> Found | datetime:
    """What came of a claimed effect without an outcome; or when (business time) to ask again.

    "failed" means that the carrier has nothing like it, so that it may be tried again.
    """
    now, effect, since = services.clock(), claimed.effect, claimed.started_at or claimed.due
    if now < since + OUTCOME_WITHIN:
        return since + OUTCOME_WITHIN
    campaign = services.campaigns.get(view.campaign)
    if campaign is None or not isinstance(effect, SendText | BriefAgent | Dial):
        return Found("unknown", "no outcome was recorded")
    ours = services.number_of(campaign) or ""
    log_of = [event for _, event in await services.record.log(cid)]
    try:
        if isinstance(effect, Dial):
            known = {event.call for event in log_of if isinstance(event, CallPlaced)}
            taken = await _calls(services, effect, ours, since)
        else:
            known = {event.sid for event in log_of if isinstance(event, TextSent)}
            taken = await _texts(services, effect, ours, since)
    except CarrierError as error:
        log.warning("outcome still unknown", conversation=cid, effect=effect.kind, code=error.code)
        asked_long = now >= since + ASKED_FOR
        return Found("unknown", "the carrier could not be asked") if asked_long else now + OUTCOME_WITHIN
    sid = next((sid for sid in reversed(taken) if sid not in known), None)
    if sid is None and now < since + services.carrier.lists_lag:
        return now + OUTCOME_WITHIN  # it may be there later: what is taken for lost is made a second time
    if sid is None:
        return Found("failed", "not in the carrier's list")
    return Found("done", "by the carrier's list", _as_recorded(effect_id, effect, sid, since, ours))


async def _calls(services: Services, effect: Dial, ours: str, since: datetime) -> list[str]:
    calls = await services.carrier.find_calls(effect.to, _by_carrier(services, since))
    return [call.sid for call in calls if call.caller_id == ours]


async def _texts(services: Services, effect: SendText | BriefAgent, ours: str, since: datetime) -> list[str]:
    texts = await services.carrier.find_texts(effect.to, _by_carrier(services, since))
    # At the end, because a trial account's texts begin with words of the carrier's own.
    body = effect.body.strip()
    return [text.sid for text in texts if text.sender == ours and text.body.strip().endswith(body)]


def _by_carrier(services: Services, at: datetime) -> datetime:
    """A business time on the carrier's clock, which shows the world's, to be on the safe side a little earlier."""
    return services.real_time_of(at) - SKEW


def _as_recorded(
    effect_id: str, effect: SendText | BriefAgent | Dial, sid: str, at: datetime, ours: str
) -> tuple[Event, ...]:
    match effect:
        case Dial():
            placed = CallPlaced(
                id=f"call:{sid}:placed", at=at, call=sid, effect=effect_id, permit=effect.permit, ours=ours
            )
            return (placed,)
        case SendText(body=body, asks=asks, permit=permit):
            return (TextSent(id=f"sms:{sid}", at=at, sid=sid, effect=effect_id, body=body, asks=asks, permit=permit),)
        case BriefAgent():
            return ()  # not part of the lead's thread


# Calls whose end was not reported ------------------------------------------------------------------------------------


async def calls(services: Services, cid: str, view: View) -> bool:
    """Asks the carrier about calls that should be over by now; True if the record learned something."""
    learned: list[Event] = []
    for call in overdue(view, services.clock()):
        learned += await _end_of(services, view, call)
    if learned:
        await services.record.append(cid, *learned)
    return bool(learned)


def overdue(view: View, now: datetime) -> list[Call]:
    """Calls that should be over by now, as far as we have been told of them."""
    return [call for call in view.calls.values() if _is_overdue(call, now)]


def _is_overdue(call: Call, now: datetime) -> bool:
    if call.ended:
        return False
    return now - call.placed_at >= (LONG_CALL if call.connected else RINGING_AT_MOST)


async def _end_of(services: Services, view: View, call: Call) -> list[Event]:
    campaign = services.campaign_of(view)
    called = view.number if call.direction == "outbound" else services.number_of(campaign) or ""
    try:
        listed = await services.carrier.find_calls(called, _by_carrier(services, call.placed_at))
    except CarrierError as error:
        log.warning("call not found out about", call=call.call, code=error.code)
        return []
    over = next((one for one in listed if one.sid == call.call and one.status in CALL_OVER), None)
    if over is None:
        return []
    log.info("end of a call learned from the carrier", call=over.sid, status=over.status)
    return [as_listed(services, over)]


def as_listed(services: Services, call: PlacedCall) -> CallStatus:
    """How the list says that a call ended, as the report we never got."""
    return CallStatus(
        id=f"call:{call.sid}:listed", at=services.clock(), call=call.sid, status=call.status, sequence=REPORTED_LAST
    )
