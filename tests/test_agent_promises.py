"""The ledger: what settles a promise, and what the record could never show."""

from datetime import datetime, timedelta
from typing import Literal

import pytest

from agent.promises import GRACE, deadline, next_look, settle
from state.effects import HandoffStep
from state.view import Call, Commitment, Handoff, Report, Try, View

NOW = datetime.fromisoformat("2026-11-18T20:05:00+00:00")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
DUE = NOW + HOUR


def made(by: Literal["call", "text", "person"] | None, promise: str = "p", **more: object) -> Commitment:
    """A promise made now, for an hour from now."""
    one = Commitment(promise=promise, what="call", made_at=NOW, due=DUE, by=by)
    return one.model_copy(update=more)


def call(at: datetime, direction: Literal["inbound", "outbound"] = "outbound", turns: int = 0) -> dict[str, Call]:
    """A call."""
    return {"CA1": Call(call="CA1", direction=direction, status="no-answer", placed_at=at, ended=True, turns=turns)}


SAID = Report(agent="Sarah", outcome="call_back", notes="", at=NOW)
TOOK = Handoff(handoff="h", step=HandoffStep.LEFT, call="CA1")


@pytest.mark.parametrize(
    ("view", "now", "outcome"),
    [
        (View(ledger=(made("call"),)), DUE, None),
        (View(ledger=(made("call"),), calls=call(DUE)), DUE + MINUTE, "kept"),
        (View(ledger=(made("call"),), calls=call(NOW + MINUTE)), DUE, None),
        (View(ledger=(made("call"),), calls=call(NOW + MINUTE, "inbound", turns=3)), DUE, "released"),
        (View(ledger=(made("call"),)), DUE + GRACE + MINUTE, "broken"),
        (View(ledger=(made("call", until=DUE + HOUR),)), DUE + GRACE + MINUTE, None),
        (View(ledger=(made("call"),), suppressed=True), DUE, "released"),
        (View(ledger=(made("text"),), tries={"promised:p": Try(at=DUE, outcome="done")}), DUE, "kept"),
        (View(ledger=(made("text"),), tries={"promised:p": Try(at=DUE, outcome="failed")}), DUE + HOUR, "broken"),
        (View(ledger=(made("person"),), calls=call(DUE), handoff=TOOK), DUE, "kept"),
        (View(ledger=(made("person"),), reports=(SAID,)), DUE, None),
        (View(ledger=(made("person"),), reports=(SAID.model_copy(update={"at": DUE}),)), DUE, "kept"),
        (View(ledger=(made("person", due=None),)), NOW + 99 * HOUR, None),
        (View(ledger=(made(None),)), NOW + 99 * HOUR, None),
        (View(ledger=(made("call", outcome="kept"),)), NOW + 99 * HOUR, None),
    ],
)
def test_what_settles_a_promise(view: View, now: datetime, outcome: str | None) -> None:
    """By what keeps it, within its time and a little grace; what nothing could show stays open."""
    assert [one.outcome for one in settle(view, now)] == ([outcome] if outcome else [])


@pytest.mark.parametrize("by", ["call", "person"])
def test_another_time_takes_the_place_of_the_first(by: Literal["call", "person"]) -> None:
    """ "Make it four": nobody expects the call at three any more."""
    view = View(ledger=(made(by), made(by, promise="q", made_at=NOW + MINUTE, due=DUE + HOUR)))
    assert [(one.promise, one.outcome) for one in settle(view, NOW + 2 * MINUTE)] == [("p", "released")]
    assert next_look(view) == DUE + GRACE


def test_what_has_no_time_is_never_broken() -> None:
    """Somebody has to agree on one first."""
    assert deadline(made("person", due=None)) is None
    assert next_look(View()) is None
