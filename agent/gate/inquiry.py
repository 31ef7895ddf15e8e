"""Whether the lead came to us, or we to him."""

from datetime import datetime, timedelta

from state.view import View

RELATIONSHIP = timedelta(days=90)
"""An inquiry makes an established business relationship for three months (47 CFR 64.1200(f)(5)); here, 90 days."""

OWN_INQUIRIES = frozenset(
    {
        "application_portal",
        "callback_request",
        "event_registration",
        "inbound_call",
        "inbound_sms",
        "quote_request",
        "web_form",
        "web_quote_form",
    }
)
"""Sources by which a lead asks us, by his own act. Any other source, an aggregator's list say, is no inquiry."""


def inquired(view: View, now: datetime) -> bool:
    """Whether the lead himself asked us, or has talked with us, within the last 90 days."""
    times = [line.at for line in view.thread if line.who == "lead"]
    times += [call.placed_at for call in view.calls.values() if call.direction == "inbound"]
    if view.last_lead_text_at is not None:
        times.append(view.last_lead_text_at)
    if view.arrived_at is not None and view.source in OWN_INQUIRIES:
        times.append(view.arrived_at)
    return any(now - at <= RELATIONSHIP for at in times)
