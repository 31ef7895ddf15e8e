"""Figures of campaigns: from logs alone, each lead once."""

from datetime import timedelta

import pytest
from happenings import (
    at,
    call_placed,
    call_status,
    consent,
    fact,
    lead_arrived,
    suppressed,
    text_received,
    text_sent,
    text_status,
)
from telephony_kit import CAMPAIGN

from state.effects import HandoffStep
from state.events import (
    CallConnected,
    Event,
    HandoffAdvanced,
    HandoffReported,
    LeadSaid,
    OutreachHeld,
    Scope,
    TextStatus,
)
from telephony.campaign_report import Tally, qualified_at
from telephony.reports import Story, story_of


def story(*events: Event) -> Story:
    """A lead's."""
    made = story_of(enumerate([lead_arrived(), consent(Scope.SMS), *events], 1))
    assert made is not None
    return made


def figures(*stories: Story) -> dict[str, object]:
    """Of these leads."""
    tally = Tally()
    for one in stories:
        tally.add(one, CAMPAIGN)
    return tally.as_json()


def moved(event: Event, seconds: float) -> Event:
    """The same, later."""
    return event.model_copy(update={"at": at(seconds)})


def handed(step: HandoffStep, seconds: float) -> HandoffAdvanced:
    """A step of a hand-off."""
    return HandoffAdvanced(id=f"handoff:1:{step}", at=at(seconds), handoff="1", step=step, call="CA1")


def test_speed_attempts_and_contact_by_first_channel() -> None:
    """He who answered the second touch took two attempts; he who was called first counts there."""
    answered = story(moved(text_sent(1), 3), moved(call_placed(), 600), text_received(1, seconds=900))
    silent, untouched = story(moved(call_placed("CA2"), 120)), story()
    found = figures(answered, silent, untouched)
    assert found["speed_to_first_touch_s"] == {"n": 2, "p50": 61.5, "p95": 114.15, "within_60_s": 0.5}
    assert found["untouched"] == 1
    assert found["attempts_to_contact"]["by_attempts"] == {"2": 1}
    assert found["attempts_to_contact"]["three_or_more"] == 0.0
    assert found["contact_rate"] == {"reached": 1, "of": 2, "rate": 0.5}
    assert found["contact_rate_by_first_channel"] == {
        "sms": {"reached": 1, "of": 1, "rate": 1.0},
        "voice": {"reached": 0, "of": 1, "rate": 0.0},
    }


def test_contact_by_attestation_counts_calls_of_ours() -> None:
    """As the carrier vouched for them; where it did not say, that is told too."""
    vouched = call_status("ringing", 1).model_copy(update={"attestation": "A"})
    talked = LeadSaid(id="turn:CA1:1", at=at(9), call="CA1", turn=1, text="hello", start_ms=0, end_ms=9)
    one = story(call_placed(), vouched, CallConnected(id="c", at=at(5), call="CA1", stream="MZ1"), talked)
    found = figures(one, story(call_placed("CA2")))["contact_rate_by_attestation"]
    assert found["A"] == {"reached": 1, "of": 1, "rate": 1.0}
    assert found["unknown"] == {"reached": 0, "of": 1, "rate": 0.0}
    assert found["B"]["of"] == found["C"]["of"] == 0


def test_transfers_count_by_how_they_ended() -> None:
    """One that was joined and left again was joined; what the person reported stands beside it."""
    steps = (HandoffStep.REQUESTED, HandoffStep.RINGING, HandoffStep.JOINED, HandoffStep.LEFT)
    reported = HandoffReported(id="r", at=at(99), agent="Sarah", outcome="sold", notes="", by="text")
    found = figures(story(*(handed(step, 60) for step in steps), reported), story(handed(HandoffStep.DECLINED, 60)))
    assert found["transfers"] == {"asked": 2, "outcomes": {"declined": 1, "joined": 1}}
    assert found["reported"] == {"sold": 1}


def test_what_came_of_it_is_told_by_the_way_to_the_person() -> None:
    """Put through while we talked, or called later because nobody was free."""
    sold = HandoffReported(id="r", at=at(99), agent="Sarah", outcome="sold", notes="", by="text")
    warm = story(handed(HandoffStep.REQUESTED, 50), handed(HandoffStep.JOINED, 60), sold)
    later = story(handed(HandoffStep.REQUESTED, 50), handed(HandoffStep.NOBODY_FREE, 60), sold)
    anew = handed(HandoffStep.REQUESTED, 70).model_copy(update={"handoff": "2", "id": "handoff:2:requested"})
    again = story(handed(HandoffStep.REQUESTED, 50), handed(HandoffStep.JOINED, 60), anew, sold)
    assert figures(warm, later, again)["reported_by_way"] == {"warm": {"sold": 1}, "callback": {"sold": 2}}


def test_qualification_is_told_by_the_channel_it_happened_on() -> None:
    """Where he spoke with us when the last of it was known; a form alone is neither."""
    said = LeadSaid(id="turn:CA1:1", at=at(600), call="CA1", turn=1, text="a home", start_ms=0, end_ms=9)
    by_text = story(text_received(1, seconds=30), fact("product", "home", n=40))
    on_a_call = story(text_received(1, seconds=30), said, fact("product", "home", n=640))
    found = figures(by_text, on_a_call, story(fact("product", "home", n=5)))["qualification_time_by_channel_s"]
    assert found["sms"] == {"n": 1, "p50": 40.0, "p95": 40.0}
    assert found["voice"] == {"n": 1, "p50": 640.0, "p95": 640.0}


@pytest.mark.parametrize(
    ("signed", "flagged"), [(["A", "B"], False), (["A", None], False), ([None], True), (["A", "C"], True)]
)
def test_a_number_nobody_vouches_for_is_flagged(signed: list[str | None], flagged: bool) -> None:
    """Each of our numbers has its attestations, how often it was answered, and whether something is wrong with it."""
    leads = []
    for n, level in enumerate(signed):
        placed = call_placed(f"CA{n}").model_copy(update={"ours": "+13125550100"})
        status = call_status("ringing", 1, f"CA{n}").model_copy(update={"attestation": level})
        leads.append(story(placed, status))
    found = figures(*leads)["numbers"]["+13125550100"]
    assert (found["flagged"], found["of"], found["reached"]) == (flagged, len(signed), 0)
    assert sum(found["attestations"].values()) == len(signed)


def test_holds_are_counted() -> None:
    """Leads of whom something had to wait for a person: with opt-outs and complaints, how welcome we are."""
    assert figures(story(OutreachHeld(id="h", at=at(5), reason="ambiguous_stop")), story())["holds"] == {
        "count": 1,
        "rate": 0.5,
    }


def test_a_lead_is_qualified_when_all_is_known_or_a_person_is_asked_for() -> None:
    """Whichever comes first; not before he arrived."""
    assert CAMPAIGN.ready_when == ("product",)
    known = story(fact("product", "home", n=40))
    assert qualified_at(known, CAMPAIGN) == at(40)
    assert qualified_at(story(handed(HandoffStep.REQUESTED, 20), fact("product", "home", n=40)), CAMPAIGN) == at(20)
    assert qualified_at(story(), CAMPAIGN) is None
    assert qualified_at(known, None) is None


def test_opt_outs_and_complaints() -> None:
    """A complaint is a stop that says so, or a text that was taken for spam."""
    angry = suppressed().model_copy(update={"words": "this is spam"})
    filtered = TextStatus(id="s", at=at(3), sid="SMo1", status="undelivered", error=30007)
    found = figures(story(suppressed()), story(angry), story(text_sent(1), filtered), story(text_status(1, "failed")))
    assert found["opt_outs"] == {"count": 2, "rate": 0.5}
    assert found["complaints"] == {"count": 2, "rate": 0.5}


def test_who_came_to_us_was_not_waiting() -> None:
    """He counts as a lead, not in speed and contact."""
    caller = lead_arrived().model_copy(update={"source": "inbound_call"})
    made = story_of([(1, caller), (2, moved(text_sent(1), 3600))])
    assert made is not None
    found = figures(made)
    assert (found["leads"], found["contact_rate"]["of"], found["speed_to_first_touch_s"]["n"]) == (1, 0, 0)
    assert made.arrived + timedelta(hours=1) == made.touched
