"""Who takes a lead over."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from happenings import NOW

from agent.campaign import Campaign, HumanAgent, Routing, Shift, load_campaign
from agent.routing import CLAIM_GRACE, LONGEST_TALK, Bar, Standing, addressee, colleague, is_busy, offer, route
from state.effects import HandoffStep
from state.events import Scope
from state.view import Consent, Duty, Fact, Handoff, View

INSURANCE = load_campaign(Path("campaigns/insurance.yaml"))
OFFICE = Shift(zone="America/Chicago", start=time(9), end=time(17))
SARAH = HumanAgent(name="Sarah", number="+13125550177", skills=("home",))
MIKE = HumanAgent(name="Mike", number="+13125550178", skills=("auto",), hours=OFFICE)
ANA = HumanAgent(name="Ana", number="+13125550179", languages=("en", "es"), states=("IL", "IN"))


def campaign(*agents: HumanAgent, **routing: object) -> Campaign:
    """The insurance campaign with these people."""
    return INSURANCE.model_copy(update={"agents": agents, "routing": Routing.model_validate(routing)})


def lead(zip_code: str | None = "60614", number: str = "+13125550142", **facts: str) -> View:
    """A lead in Chicago, unless another place is given."""
    known = {key: Fact(value=value, source="l", at=NOW) for key, value in facts.items()}
    consent = Consent(event="c", basis="written", at=NOW)
    return View(
        number=number,
        zip=zip_code,
        campaign="insurance",
        facts=known,
        arrived_at=NOW,
        consents={Scope.SMS: consent, Scope.AI_VOICE: consent},
    )


def chosen(view: View, team: Campaign, now: datetime = NOW, tried: tuple[str, ...] = (), **away: bool) -> str | None:
    """The name of who is asked; `away` names those who are."""
    roster = [Standing(agent, available=not away.get(agent.name, False)) for agent in team.agents]
    agent = route(view, team, roster, now, tried).agent
    return agent.name if agent else None


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        (lead(product="home"), "Sarah"),
        (lead(product="auto"), "Mike"),
        (lead(), "Sarah"),
        (lead(product="home", preferred_language="es"), "Ana"),
        (lead(product="renters"), "Sarah"),
    ],
    ids=["skill", "the other skill", "nothing known", "language", "a skill nobody names"],
)
def test_the_right_one_is_asked(view: View, expected: str) -> None:
    """By what the lead wants and speaks; when he calls for no skill, by the file's order."""
    assert chosen(view, campaign(SARAH, MIKE, ANA)) == expected


@pytest.mark.parametrize(
    ("view", "licensed"),
    [
        (lead("60614"), True),
        (lead("10001"), False),
        (lead(None), True),
        (lead(None, "+12125550142"), False),
        (lead(None, "+18005550142"), False),
    ],
    ids=["Illinois by ZIP", "New York by ZIP", "Illinois by number", "New York by number", "nowhere"],
)
def test_a_licence_is_never_dropped(view: View, licensed: bool) -> None:
    """Not even when nobody else is there; a place nobody knows is no licensed one."""
    assert (chosen(view, campaign(ANA)) == "Ana") is licensed


def test_language_is_never_dropped() -> None:
    """He was promised somebody who speaks it."""
    assert chosen(lead(preferred_language="es"), campaign(SARAH, MIKE)) is None


def test_skill_is_dropped_last_and_only_if_the_campaign_widens() -> None:
    """Better somebody than nobody, unless the file says no."""
    wants_home = lead(product="home")
    assert chosen(wants_home, campaign(SARAH, MIKE), Sarah=True) == "Mike"
    assert chosen(wants_home, campaign(SARAH, MIKE, widen=False), Sarah=True) is None


@pytest.mark.parametrize(
    ("hour", "day", "on"), [(15, 18, True), (14, 18, False), (23, 18, False), (16, 21, False)], ids=str
)
def test_hours_are_the_agents_own(hour: int, day: int, on: bool) -> None:
    """9 to 17 in Chicago, Monday to Friday; 15 UTC is 9 there."""
    now = datetime(2026, 11, day, hour, 30 if hour == 14 else 0, tzinfo=UTC)
    assert (chosen(lead(), campaign(MIKE), now) == "Mike") is on


def test_who_was_asked_or_is_away_or_busy_is_not_asked() -> None:
    """And the route says why of each."""
    team = campaign(SARAH, MIKE, ANA)
    roster = [Standing(SARAH), Standing(MIKE, available=False), Standing(ANA, busy=True)]
    found = route(lead(), team, roster, NOW, tried=("Sarah",))
    assert found.agent is None
    assert found.barred == {"Sarah": Bar.TRIED, "Mike": Bar.AWAY, "Ana": Bar.BUSY}


def test_round_robin_asks_who_was_asked_longest_ago() -> None:
    """And first whoever never was."""
    team = campaign(SARAH, ANA, order="round_robin")
    recent, earlier = NOW - timedelta(minutes=5), NOW - timedelta(hours=1)
    asked = [Standing(SARAH, last_engaged=recent), Standing(ANA, last_engaged=earlier)]
    assert route(lead(), team, asked, NOW).agent == ANA
    assert route(lead(), team, [asked[0], Standing(ANA)], NOW).agent == ANA
    assert route(lead(), campaign(SARAH, ANA), asked, NOW).agent == SARAH


def test_a_card_goes_to_somebody_also_at_night() -> None:
    """Nobody rings: whoever fits gets it, even if he is off duty."""
    night = datetime(2026, 11, 19, 4, tzinfo=UTC)
    assert addressee(lead(), campaign(MIKE), [Standing(MIKE)], night) == MIKE
    assert addressee(lead("10001"), campaign(ANA), [Standing(ANA)], night) is None


# Busy ----------------------------------------------------------------------------------------------------------------


def duty(ago: timedelta, handoff: str = "h") -> Duty:
    """Chosen a while ago."""
    return Duty(conversation="c", handoff=handoff, engaged_at=NOW - ago)


def talking(step: HandoffStep, handoff: str = "h") -> View:
    """The lead he was chosen for."""
    return View(handoff=Handoff(handoff=handoff, step=step, call="CA1"))


@pytest.mark.parametrize(
    ("stands", "view", "busy"),
    [
        (Duty(), None, False),
        (duty(timedelta(minutes=1)), talking(HandoffStep.RINGING), True),
        (duty(timedelta(hours=1)), talking(HandoffStep.JOINED), True),
        (duty(timedelta(hours=1)), talking(HandoffStep.LEFT), False),
        (duty(timedelta(minutes=1)), talking(HandoffStep.DECLINED), False),
        (duty(LONGEST_TALK + timedelta(seconds=1)), talking(HandoffStep.JOINED), False),
        (duty(timedelta(seconds=1)), View(), True),
        (duty(CLAIM_GRACE), View(), False),
        (duty(timedelta(minutes=1)), talking(HandoffStep.RINGING, "h.2"), False),
    ],
    ids=[
        "never chosen",
        "being rung",
        "talking",
        "done",
        "declined",
        "a talk of which nothing was heard any more",
        "just chosen",
        "chosen by who died before he asked",
        "the next one is asked",
    ],
)
def test_who_is_busy(stands: Duty, view: View | None, busy: bool) -> None:
    """His log says that he was chosen, the lead's whether that lasts."""
    assert is_busy(stands, view, NOW) is busy


# A time to offer -----------------------------------------------------------------------------------------------------


def test_a_time_is_offered_when_somebody_works_and_the_lead_may_be_called() -> None:
    """In half an hour at the earliest, on a half hour; in the evening, the next morning at ten."""
    assert offer(lead(), campaign(MIKE), NOW) == datetime(2026, 11, 18, 21, 0, tzinfo=UTC)
    evening = datetime(2026, 11, 18, 23, 10, tzinfo=UTC)
    assert offer(lead(), campaign(MIKE), evening) == datetime(2026, 11, 19, 16, 0, tzinfo=UTC)


def test_nothing_is_offered_that_cannot_be_kept() -> None:
    """Nobody is licensed there: no time helps."""
    assert offer(lead("10001"), campaign(ANA), NOW) is None


# Who is named ---------------------------------------------------------------------------------------------------------


def test_a_lead_is_told_of_the_person_he_would_be_put_through_to() -> None:
    """Not of the first in the file, who may not have his licence; of who has him, once somebody has; else of nobody."""
    team = campaign(HumanAgent(name="Nora", number="+13125550171", states=("NY",)), MIKE)
    assert colleague(lead(), team, NOW) == "Mike"
    ringing = Handoff(handoff="h", step=HandoffStep.RINGING, agent="Ana", call="CA1")
    assert colleague(lead().model_copy(update={"handoff": ringing}), team, NOW) == "Ana"
    assert colleague(lead("10001"), campaign(ANA), NOW) is None
