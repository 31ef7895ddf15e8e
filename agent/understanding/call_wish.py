"""Whether and when a lead wants to be called: "call me after five", "the first one", "make it an hour later"."""

import re
from collections.abc import Iterator
from datetime import date, datetime

from pydantic import JsonValue

from agent.asking import CALL_TIMES
from agent.understanding.offers import offers_in, taken
from agent.understanding.shifts import as_wish, shift_in
from agent.understanding.spoken_time import POINT, CallTime, Meaning, call_time
from agent.words import Polarity, any_of, polarity
from state.effects import HandoffStep
from state.view import View

Found = Iterator[tuple[str, JsonValue]]

OF_CALLS = frozenset({"ready_to_talk", *CALL_TIMES})
"""What we ask for when we ask whether, or when, to call."""

_RING = re.compile(r"(?<!\S)(?:telephone|phone|ring|buzz|dial|holler at)(?= (?:me|us)(?!\S))")
""" "You may telephone me": other words for a call."""
_CALL_ME = any_of(
    r"(?:call|ring|phone) (?:me|us|now|asap|back)",
    r"give (?:me|us) a (?:quick )?(?:call|ring|buzz|shout)",
    r"(?:you|u) (?:can|may|could) call",
    r"ready when you are",
    r"(?:im|i am) (?:free|available|around) (?:right )?now",
    r"lets (?:talk|chat|do a call|hop on)",
    r"call (?:me )?then",
    r"(?:can|could) (?:we|you) (?:do it|do this|talk|chat|call) (?:right )?now",
    r"(?:now|right now) works",
    r"(?:yeah |sure |ok |please )?call(?= ?$)",
)
_WHO_CALLED = any_of(
    r"(?:who|why|did|didnt|when|stop|keep|kept|(?<!can )(?<!could )(?<!would )(?<!will )you just"
    r"|someone|you guys|trying to|tried to) (?:\S+ )?"
    r"(?:call|called|calling|ring|phone)(?: me| us)?"
)
_DONT_CALL = any_of(
    r"(?:dont|do not|never|stop|quit|no need to|not) (?:\S+ )?(?:call|calling|calls|ring)(?: me)?",
    r"no (?:phone )?calls?",
)
_TIME_SUITS = any_of(
    r"works",
    r"(?:would|will|could|can|should|might|does|that) work",
    r"is (?:good|fine|ok|okay|great|better|perfect|best)",
    r"suits?",
    r"would be (?:good|fine|great|better)",
    r"good for me",
    r"better",
    r"not (?:before|until|till)",
    r"how about",
    r"lets say",
)
_FREE_AT = any_of(
    r"i (?:can|could) (?:talk|chat|speak)(?! to| with| it| about)", r"(?:im|i am|ill be|i will be) (?:free|available)",
    r"(?:you|u) (?:can|could) (?:reach|get|catch|try) me", r"best times?(?: \S+){0,3} is",
)  # fmt: skip
"""He tells, unasked, when he can talk: the time stands behind it."""
_COME_BACK = any_of(
    r"(?:call|text|message|try|reach|contact|check back with|check in with|get back to|follow up with|hit up) (?:me|us)"
    r"(?: (?:back|again|up))?",
    r"(?:check|circle|reach|touch) (?:back|in|out|base)",
    r"follow up",
)
_HOUR = r"\d{1,2}(?::\d\d)?(?:am|pm)?"
_WE = r"(?:can|could|should) (?:we|you|she|he|they)"
_MOVES = any_of(
    r"instead", r"(?:move|push|change|switch|bump) (?:it|that|the call|our call)", r"reschedule",
    r"cant (?:make|do)", r"something came up", r"(?:can|could) it be", r"any chance (?:of|for|at|we|you|she|he)",
    rf"{_WE} (?:do|say|try|switch|push|bump|change|make it|aim for)", r"lets (?:do|say|try|make it|go with|aim for)",
    r"running (?:late|behind)", r"how about", r"rather", r"actually", r"make (?:it|that)", r"change (?:to|of plans)",
    r"no good(?: any ?more)?", r"not (?:mon|tues|wednes|thurs|fri|satur|sun)day", r"(?:doesnt|wont) work",
    r"a (?:bit|little) (?:later|earlier|sooner)", r"(?:is|works|would be) better", r"same (?:time|hour)s?",
    rf"i meant? (?:at )?{_HOUR}", rf"{_HOUR} not (?:at )?{_HOUR}", rf"not (?:at )?{_HOUR} [,.] (?:at )?{_HOUR}",
)  # fmt: skip
"""A new time for a call that was agreed on."""
_SAME_TIME = any_of(r"same (?:time|hour)s?")
_NAMED = frozenset({Meaning.AT, Meaning.WINDOW, Meaning.NOT_BEFORE})
_NO_TIME_FOR_NOW = frozenset({Meaning.VAGUE, Meaning.OUTSIDE_HOURS})


def call_wish(said: str, view: View, asked: str | None, now: datetime) -> Found:
    """The facts about a call in a cleaned text: `ready_to_talk`, `callback_earliest` and `callback_latest`.

    The times are the lead's wall clock, ISO 8601 to the minute; `now` is his, aware.
    """
    said = _RING.sub("call", said)
    settled = _taken_offer(said, view, asked, now) or _shifted(said, view)
    if settled is not None:
        yield from _agreed(settled)
        return
    wants_call = bool(_CALL_ME.search(_DONT_CALL.sub("", said))) and not _WHO_CALLED.search(said)
    when, is_for_a_call = _time_named(said, view, asked, now, wants_call=wants_call)
    if when is not None and when.meaning in _NAMED:
        yield from _agreed(when) if is_for_a_call else _callback(when)
        return
    offered = _offered(view, now) if asked in CALL_TIMES and polarity(said) is Polarity.YES else None
    if offered is not None:
        yield from _agreed(offered)
        return
    ready = None
    if wants_call and not (when and when.meaning in _NO_TIME_FOR_NOW):
        ready = True
    elif asked == "ready_to_talk":
        ready = _readiness(said, when)
    if ready is not None:
        yield "ready_to_talk", ready
    if ready:
        yield from _sooner(view, now)


def _time_named(
    said: str, view: View, asked: str | None, now: datetime, *, wants_call: bool
) -> tuple[CallTime | None, bool]:
    """The time he names, and whether it is surely one for a call; a time of something else is not read."""
    is_open = asked in (None, "interest", "recording_ok")
    comes_later = _COME_BACK.search(_DONT_CALL.sub("", said)) if is_open or asked == "appointment" else None
    is_free = _FREE_AT.search(said) if is_open else None
    day = _agreed_day(view)
    moves = day is not None and _MOVES.search(said) is not None
    later_by_phone = comes_later is not None and comes_later[0].startswith(("call", "try", "reach"))
    is_for_a_call = asked in OF_CALLS or wants_call or later_by_phone or moves or is_free is not None
    suits = asked in (None, "interest") and _TIME_SUITS.search(said) is not None
    if not (is_for_a_call or suits or comes_later):
        return None, False
    wish = as_wish(said, day) if moves else said[is_free.start() :] if is_free else said
    when = call_time(wish, now, on=day)
    if when is not None and moves and _SAME_TIME.search(said):
        when = _at_the_same_time(when, view)
    return when, is_for_a_call


def _taken_offer(said: str, view: View, asked: str | None, now: datetime) -> CallTime | None:
    """The one he takes of several times at which we said he could be called: "the first one"."""
    line = view.last_line("persona") if asked in CALL_TIMES else None
    offers = offers_in(line.text, now) if line else []
    offer = taken(said, offers, now) if len(offers) > 1 else None
    return CallTime(Meaning.AT, offer.start, offer.end or offer.start + POINT) if offer else None


def _shifted(said: str, view: View) -> CallTime | None:
    """The time agreed on, moved: "make it an hour later"."""
    by = shift_in(said)
    known, until = view.known("callback_earliest"), view.known("callback_latest")
    if by is None or not isinstance(known, str):
        return None
    end = datetime.fromisoformat(until) + by if isinstance(until, str) else None
    return CallTime(Meaning.WINDOW, datetime.fromisoformat(known) + by, end)


def _at_the_same_time(when: CallTime, view: View) -> CallTime:
    """The day of one time with the hours of the one agreed on before."""
    known, until = view.known("callback_earliest"), view.known("callback_latest")
    if when.earliest is None or not isinstance(known, str):
        return when
    day, zone = when.earliest.date(), when.earliest.tzinfo
    start, end = (
        datetime.combine(day, datetime.fromisoformat(one).time(), zone) if isinstance(one, str) else None
        for one in (known, until)
    )
    return CallTime(Meaning.WINDOW, start, end)


def _offered(view: View, now: datetime) -> CallTime | None:
    """The time at which we said he could be called back."""
    handoff = view.handoff
    if handoff is None or handoff.step is not HandoffStep.NOBODY_FREE or handoff.offer is None:
        return None
    at = handoff.offer.astimezone(now.tzinfo)
    return CallTime(Meaning.AT, at, at)


def _agreed_day(view: View) -> date | None:
    known = view.known("callback_earliest")
    return datetime.fromisoformat(known).date() if isinstance(known, str) else None


def _readiness(said: str, when: CallTime | None) -> bool | None:
    if when is not None and when.meaning is Meaning.VAGUE and polarity(said) is Polarity.YES:
        return True
    if when is not None:
        return {Meaning.READY_NOW: True, Meaning.NOT_READY: False, Meaning.TEXT_ONLY: False}.get(when.meaning)
    agreed = polarity(said)
    return None if agreed is None else agreed is Polarity.YES


def _agreed(when: CallTime) -> Found:
    yield from _callback(when)
    yield "ready_to_talk", True


def _callback(when: CallTime) -> Found:
    if when.earliest is not None:
        yield "callback_earliest", _wall_clock(when.earliest)
    # An open end takes back the end of a window named before.
    yield "callback_latest", _wall_clock(when.latest) if when.latest is not None else None


def _sooner(view: View, now: datetime) -> Found:
    """ "Call me now" takes back a later time named before."""
    known = view.known("callback_earliest")
    if isinstance(known, str) and known > _wall_clock(now):
        yield "callback_earliest", None
        yield "callback_latest", None


def _wall_clock(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(timespec="minutes")
