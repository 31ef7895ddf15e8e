"""What the lead asked of us about when to call, read from the facts."""

from datetime import UTC, datetime

from agent.gate.zones import lead_zone
from state.view import View


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
