"""Erasing a person: what was said, learned and promised goes; what the law wants kept stays.

The log is written anew in one step, each event in its place with its id and time, without its content: who was called
when and by which rule can still be shown, what was talked about cannot. The rows of the consent ledger stay word for
word, so their chain can still be verified, and a suppression holds as before. `Erased` closes what was before.

Kept with the evidence: the number, the page, address and browser a consent came from, and the words of an opt-out.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import singledispatch
from typing import Literal

from state.effects import BriefAgent, SendText
from state.errors import RecordError, RecordUnreadable
from state.events import (
    EffectRequested,
    Erased,
    Event,
    EvidenceSealed,
    FactLearned,
    HandoffAdvanced,
    HandoffReported,
    LeadArrived,
    LeadSaid,
    PersonaSaid,
    PersonaSaying,
    Promised,
    TextReceived,
    TextSent,
    Whispered,
)
from state.fold import fold_all
from state.store import Conflict, Record
from state.view import View

BLANK = "[erased]"
"""What stands where words were."""

PROTECTIVE = frozenset({"under_18"})
"""Facts that keep us from contacting somebody. They outlive the rest."""

QUIET = timedelta(hours=1)
"""A call or a send of which nothing was heard for so long is over, whatever was not reported."""

Reason = Literal["request", "retention"]


class Busy(RecordError):  # noqa: N818 (named for how it is)
    """The conversation cannot be erased at this moment: somebody is talking in it. Says when to try again."""


async def erase(record: Record, cid: str, reason: Reason, now: datetime) -> bool:
    """Takes the content out of one conversation's log. False if there is none in it.

    Copies elsewhere are the caller's to see to: Redis' own file (`Record.compact`), the carrier's, backups.

    Raises:
        Busy: while a call is on, or a text or call of ours is under way.
        RecordUnreadable: if events are missing; erasing would hide that.
        RecordUnavailable: if Redis did not answer. Erasing again does no harm.
    """
    while True:
        log = await record.log(cid)
        events = [event for _, event in log]
        if [version for version, _ in log] != list(range(1, len(log) + 1)):
            raise RecordUnreadable("events are missing from this conversation: find out why before it is erased")
        blanked = [blank(event) for event in events]
        if blanked == events:
            return False
        _refuse_if_busy(fold_all(View(), events), events, now)
        try:
            # First, so that a crash leaves no name in the list that the log no longer has.
            await record.listing.forget(cid, events)
            await record.rewrite(cid, blanked, Erased(id=f"erased:{len(log)}", at=now, reason=reason))
            return True
        except Conflict:
            continue  # something was added meanwhile, which has to go too


def last_contact(events: Sequence[Event]) -> datetime | None:
    """When anything last happened between the two of us; None if nothing ever did."""
    return max((event.at for event in events if not isinstance(event, Erased | EvidenceSealed)), default=None)


def _refuse_if_busy(view: View, events: Sequence[Event], now: datetime) -> None:
    latest = last_contact(events)
    if latest is None or now - latest > QUIET:
        return
    if view.live_call is not None or view.with_human:
        raise Busy("this person is on the telephone with us: try again when the call is over")
    if any(waiting.started for waiting in view.outbox.values()):
        raise Busy("a text or call to this person is under way: try again in a minute")


# What is content -----------------------------------------------------------------------------------------------------


@singledispatch
def blank(event: Event) -> Event:
    """The event without what was said, learned or promised in it. Blanking twice changes nothing more."""
    return event


@blank.register
def _(event: LeadArrived) -> Event:
    return event.model_copy(update={"first_name": None, "zip": None, "facts": {}})


@blank.register(TextReceived)
@blank.register(TextSent)
def _(event: TextReceived | TextSent) -> Event:
    return event.model_copy(update={"body": BLANK})


@blank.register
def _(event: LeadSaid) -> Event:
    return event.model_copy(update={"text": BLANK})


@blank.register(PersonaSaid)
@blank.register(PersonaSaying)
def _(event: PersonaSaid | PersonaSaying) -> Event:
    return event.model_copy(update={"text": BLANK, "heard": BLANK})


@blank.register
def _(event: FactLearned) -> Event:
    return event if event.key in PROTECTIVE else event.model_copy(update={"value": None})


@blank.register
def _(event: Promised) -> Event:
    return event.model_copy(update={"what": BLANK, "due": None, "until": None, "body": None})


@blank.register
def _(event: Whispered) -> Event:
    return event.model_copy(update={"hint": BLANK})


@blank.register
def _(event: HandoffAdvanced) -> Event:
    blanks = {name: BLANK for name in ("summary", "detail") if getattr(event, name)}
    return event.model_copy(update=blanks) if blanks else event


@blank.register
def _(event: HandoffReported) -> Event:
    return event.model_copy(update={"notes": BLANK})


@blank.register
def _(event: EffectRequested) -> Event:
    if not isinstance(event.effect, SendText | BriefAgent):
        return event
    return event.model_copy(update={"effect": event.effect.model_copy(update={"body": BLANK})})
