"""The ledger of promises: what we committed ourselves to, and whether it was kept. Pure.

A promise is made by an event with its due time, and settled by another. Which settles it follows from what keeps it: a
call at that time, a text, or one of our people. What the record could not show to be kept stays open, for all to see.
"""

from datetime import datetime, timedelta
from typing import Literal

from state.effects import HandoffStep
from state.events import PromiseSettled
from state.view import Commitment, View

GRACE = timedelta(minutes=30)
"""How much later than agreed still keeps a promise."""
EARLY = timedelta(minutes=15)
End = tuple[Literal["kept", "broken", "released"], str]
"""How it ended, and what shows it."""

_TAKEN = frozenset({HandoffStep.JOINED, HandoffStep.LEFT})


def settle(view: View, now: datetime) -> list[PromiseSettled]:
    """The promises that have been kept or broken by now, or that nobody expects any more."""
    found = []
    for one in view.ledger:
        if one.outcome is None and (end := _end(one, view, now)) is not None:
            outcome, detail = end
            found.append(
                PromiseSettled(id=f"{one.promise}:settled", at=now, promise=one.promise, outcome=outcome, detail=detail)
            )
    return found


def next_look(view: View) -> datetime | None:
    """When the next open promise would be broken; None: none ever will."""
    ends = [end for one in view.ledger if one.outcome is None and (end := deadline(one)) is not None]
    return min(ends, default=None)


def deadline(one: Commitment) -> datetime | None:
    """The last instant at which a promise can be kept; None: no time was agreed on, or nothing here could keep it."""
    last = one.until or one.due
    return None if last is None or one.by is None else last + GRACE


def _end(one: Commitment, view: View, now: datetime) -> End | None:
    if view.suppressed:
        return "released", "he wants no more contact"
    keeps = {"call": _by_call, "text": _by_text, "person": _by_person}
    end = keeps[one.by](one, view) if one.by else None
    if end is not None:
        return end
    last = deadline(one)
    return ("broken", f"not done by {last:%Y-%m-%d %H:%M} UTC") if last is not None and now > last else None


def _by_call(one: Commitment, view: View) -> End | None:
    """A call of ours at the time keeps it, also one that he did not take. It lapses when he names another time."""
    since = max(one.made_at, (one.due or one.made_at) - EARLY)
    for call in view.calls.values():
        if call.direction == "outbound" and call.placed_at >= since:
            return "kept", "he was called"
        if call.direction == "inbound" and call.placed_at > one.made_at and call.turns:
            return "released", "he called himself"
    return _superseded(one, view)


def _superseded(one: Commitment, view: View) -> End | None:
    """He has named another time for the same since."""
    later = any(other.by == one.by and other.due and other.made_at > one.made_at for other in view.ledger)
    return ("released", "another time was agreed on") if one.due and later else None


def _by_text(one: Commitment, view: View) -> End | None:
    sent = view.tries.get(f"promised:{one.promise}")
    return ("kept", "the text was sent") if sent is not None and sent.outcome == "done" else None


def _by_person(one: Commitment, view: View) -> End | None:
    """One of ours talked with him on a call that began after the promise, or has told since what came of it."""
    if any(report.at > one.made_at for report in view.reports):
        return "kept", "a person has reported"
    handoff = view.handoff
    call = view.calls.get(handoff.call) if handoff is not None and handoff.step in _TAKEN else None
    if call is not None and call.placed_at >= one.made_at:
        return "kept", "a person has talked with him"
    return _superseded(one, view)
