"""What the conversations add up to."""

from datetime import UTC, timedelta

import pytest

from state.effects import HandoffStep
from state.events import Event, HandoffAdvanced, TurnTiming
from telephony.reports import Share, Story, report, spread, story_of
from tests.happenings import (
    NOW,
    at,
    call_connected,
    call_placed,
    fact,
    lead_arrived,
    lead_said,
    persona_said,
    suppressed,
    text_received,
    text_sent,
)


def told(*events: Event) -> Story:
    """The story of a conversation in which this happened."""
    story = story_of(enumerate(events, start=1))
    assert story is not None
    return story


def timed(gap: float, turn: int = 1) -> Event:
    """A turn with this gap."""
    timing = TurnTiming(gap=gap, wait=gap, transcript=0, reply=0, speech=0, send=0)
    return persona_said(turn, "Hello").model_copy(update={"timing": timing})


def step(step: HandoffStep) -> Event:
    """A hand-off came to a step."""
    return HandoffAdvanced(id=f"h:{step}", at=NOW, handoff="h", step=step, call="CA1")


def sent(seconds: float) -> Event:
    """A text of ours, so long after the form."""
    return text_sent(1).model_copy(update={"at": at(seconds)})


def test_a_log_without_a_lead_tells_no_story() -> None:
    """A person's own log, say."""
    assert story_of([(1, fact("x", 1))]) is None


def test_speed_counts_from_the_form_to_what_we_did_first() -> None:
    """A text or a call, whichever came first."""
    one = told(lead_arrived(), sent(4), call_placed().model_copy(update={"at": at(60)}))
    two = told(lead_arrived(), call_placed().model_copy(update={"at": at(90)}))
    figures = report([one, two], NOW, 7, UTC).total
    assert (figures.first_touch_s.n, figures.first_touch_s.p50) == (2, 47)
    assert figures.prompt == Share(1, 2)


def test_who_came_to_us_was_not_waiting() -> None:
    """A caller is a lead, and nobody's speed."""
    caller = told(lead_arrived().model_copy(update={"source": "inbound_call"}), text_received(1), sent(1))
    figures = report([caller], NOW, 7, UTC).total
    assert (figures.leads, figures.first_touch_s.n, figures.reached.whole) == (1, 0, 0)


def test_a_lead_is_reached_when_he_answers() -> None:
    """By text, or by a word on a call; ringing is not reaching."""
    silent = told(lead_arrived(), sent(4), call_placed(), call_connected())
    wrote = told(lead_arrived(), sent(4), text_received(1))
    spoke = told(lead_arrived(), call_placed(), call_connected(), lead_said(1))
    figures = report([silent, wrote, spoke], NOW, 7, UTC).total
    assert figures.reached == Share(2, 3)
    assert figures.calls_talked == Share(1, 2)


def test_transfers_count_when_two_people_were_put_together() -> None:
    """Of all that were asked for."""
    joined = told(lead_arrived(), step(HandoffStep.REQUESTED), step(HandoffStep.ACCEPTED), step(HandoffStep.JOINED))
    declined = told(lead_arrived(), step(HandoffStep.REQUESTED), step(HandoffStep.DECLINED))
    assert report([joined, declined], NOW, 7, UTC).total.transfers == Share(1, 2)


def test_each_day_has_its_own_figures() -> None:
    """A lead counts on the day he arrived, a turn or a stop on its own; what is older is left out."""
    old = lead_arrived().model_copy(update={"at": NOW - timedelta(days=30)})
    yesterday = lead_arrived().model_copy(update={"at": NOW - timedelta(days=1)})
    made = report([told(old, timed(300), suppressed()), told(yesterday, timed(500))], NOW, 3, UTC)
    assert [day for day, _ in made.days] == [(NOW - timedelta(days=back)).date() for back in (2, 1, 0)]
    assert [figures.leads for _, figures in made.days] == [0, 1, 0]
    assert [figures.gap_ms.n for _, figures in made.days] == [0, 0, 2]
    assert (made.total.leads, made.total.gap_ms.p50, made.total.opt_outs) == (1, 400, Share(1, 1))


def test_of_nothing_there_is_no_rate() -> None:
    """Not a zero: nobody was asked."""
    figures = report([], NOW, 7, UTC).total
    assert (figures.reached.percent, figures.gap_ms.p50, spread([]).n) == (None, None, 0)


@pytest.mark.parametrize(("part", "percent"), [(0, 0), (1, 25), (4, 100)])
def test_a_share_in_per_cent(part: int, percent: float) -> None:
    """Of four."""
    assert Share(part, 4).percent == percent
