"""What the lead asked of us about when to call, read from the facts."""

from datetime import UTC, datetime, timedelta

from agent.gate.zones import lead_zone
from state.view import View

STILL_MEANT = timedelta(hours=24)
"""How long after a yes to a call, or after the time he named for it, it may still be placed."""


def callback_earliest(view: View) -> datetime | None:
    """The instant, in UTC, before which the lead does not want to hear from us; None when he named none.

    The fact is ISO text in the lead's local time, as it was said back to him; an offset in it is respected.

    Raises:
        ValueError: if the fact is not a time. Whoever asks must then not contact him.
    """
    value = view.known("callback_earliest")
    if value is None:
        return None
    if not isinstance(value, str):
        raise ValueError("callback_earliest must be ISO text such as 2026-11-23T10:00")
    named = datetime.fromisoformat(value)
    return (named if named.tzinfo else named.replace(tzinfo=lead_zone(view))).astimezone(UTC)


def named_time(view: View, now: datetime) -> bool:
    """Whether a time for the call was agreed on with the lead: one that he has not overtaken by asking anew since, and
    that is not long gone.

    Raises:
        ValueError: as `callback_earliest`.
    """
    yes = view.facts.get("ready_to_talk")
    asked = yes.at if yes is not None and yes.value is True else datetime.min.replace(tzinfo=UTC)
    named, earliest = view.facts.get("callback_earliest"), callback_earliest(view)
    if named and earliest and now - earliest <= STILL_MEANT and max(named.at, earliest) >= asked:
        return True
    promises = (one for one in view.ledger if one.by == "call" and one.due is not None and one.outcome is None)
    return any(one.made_at >= asked for one in promises)
