"""The visit a lead chose among those offered, or named himself, and how he moves it."""

import re
from collections.abc import Iterator
from datetime import datetime

from pydantic import JsonValue

from agent.campaign import Question
from agent.understanding.corrections import explained_away, last_word
from agent.understanding.offers import offers_in, taken
from agent.understanding.shifts import as_wish, shift_in
from agent.understanding.spanish import in_english, speaks_spanish
from agent.understanding.spoken_date import find_dates
from agent.understanding.spoken_time import Meaning, call_time
from state.view import Line, View

_MOVES = re.compile(
    r"(?<!\S)(?:actually|instead|change it|move it|reschedule|switch|rather|better|lets do|can we do"
    r"|cant (?:make|do)(?: it)?|something came up|change to|make it|earlier|later|running late)(?!\S)"
)
_ELSEWHEN = re.compile(r"(?<!\S)(?:call|text|message|get back to|check back with) (?:me|us)(?!\S)")
"""A time to be called or texted at is no visit."""


def _as_read(line: Line, view: View) -> str:
    return in_english(line.text, is_spanish=True) if speaks_spanish(line.text, view) else line.text


def _line_that_offered(view: View, now: datetime) -> Line | None:
    ours = (line for line in reversed(view.thread) if line.who == "persona")
    return next((line for line in ours if len(offers_in(_as_read(line, view), now)) > 1), None)


def appointment(question: Question, said: str, view: View, now: datetime, *, is_asked: bool) -> Iterator[JsonValue]:
    """The start of the visit he chose among those offered, or of one he names himself."""
    moved = _MOVES.search(said) if not is_asked and view.known(question.key) is not None else None
    if not (is_asked or moved) or _ELSEWHEN.search(said):
        return
    if moved and find_dates(said[moved.end() :], now.date()):
        said = said[moved.end() :]  # "I'm at the dentist's on Thursday, let's do Friday"
    known, by = view.known(question.key), shift_in(said)
    if by is not None and isinstance(known, str):
        yield (datetime.fromisoformat(known) + by).isoformat(timespec="minutes")
        return
    line = view.last_line("persona") if is_asked else _line_that_offered(view, now)
    offers = offers_in(_as_read(line, view), now) if line else []
    spans = [(one.start, one.end) for one in find_dates(said, now.date())]
    if not explained_away(said, spans):
        said = last_word(said, lambda rest: taken(rest, offers, now) is not None)
    offer = taken(said, offers, now)
    day = datetime.fromisoformat(known).date() if moved and isinstance(known, str) else None
    wish = as_wish(said, day) if moved else said
    when = call_time(wish, now, on=day) if offer is None and (is_asked or moved) else None
    if offer is not None:
        yield offer.start.replace(tzinfo=None).isoformat(timespec="minutes")
    elif when and when.meaning in (Meaning.AT, Meaning.WINDOW) and when.earliest:
        yield when.earliest.replace(tzinfo=None).isoformat(timespec="minutes")
