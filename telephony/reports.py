"""What the conversations add up to: speed to the first touch, who was reached, transfers, opt-outs, gaps of turns.

Pure. Each conversation's log becomes a `Story` of the few moments that are counted, and stories become a `Report`. A
lead counts on the day he arrived, whatever happens to him later; turns, transfers and opt-outs count on their own day.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo

import numpy as np

from agent.complaints import FILTERED, complains
from state.effects import HandoffStep
from state.events import (
    CallConnected,
    CallPlaced,
    CallStatus,
    Channel,
    Event,
    FactLearned,
    HandoffAdvanced,
    HandoffReported,
    LeadArrived,
    LeadSaid,
    OutreachHeld,
    PersonaSaid,
    Suppressed,
    TextReceived,
    TextSent,
    TextStatus,
)

PROMPT_S = 60.0
"""A first touch within this long is prompt."""


@dataclass(slots=True)
class Story:
    """What counts of one conversation."""

    arrived: datetime
    ours: bool
    """We began: he filled in a form. Who called or wrote first was never waiting for us."""
    campaign: str = ""
    touched: datetime | None = None
    first_channel: Channel | None = None
    """Of our first touch."""
    attempts: int = 0
    """Touches of ours before he answered."""
    answered: datetime | None = None
    """His first text or first words on a call."""
    dialled: int = 0
    placed: set[str] = field(default_factory=set)
    """Calls of ours."""
    connected: set[str] = field(default_factory=set)
    """Calls whose audio came about."""
    talked: set[str] = field(default_factory=set)
    """Calls on which he said something."""
    sought: list[datetime] = field(default_factory=list)
    """When a person was asked for him, once for each hand-off."""
    joined: list[datetime] = field(default_factory=list)
    steps: dict[str, HandoffStep] = field(default_factory=dict)
    """How far each hand-off came."""
    outcomes: list[tuple[bool, str]] = field(default_factory=list)
    """What the people who took him over reported, and whether he had been put through to them while we talked."""
    attestations: dict[str, str] = field(default_factory=dict)
    """Of calls of ours, how the carrier vouched for our number: A, B or C."""
    numbers: dict[str, str] = field(default_factory=dict)
    """Of calls of ours, the number of ours that was shown."""
    known: dict[str, datetime] = field(default_factory=dict)
    """When each fact was first known."""
    heard: list[tuple[datetime, Channel]] = field(default_factory=list)
    """From when on he spoke with us by which channel: his first words, and wherever he changed over."""
    held: bool = False
    """Something of his had to wait until a person had looked."""
    stopped: datetime | None = None
    complained: datetime | None = None
    gaps: list[tuple[datetime, float]] = field(default_factory=list)
    """Of voice turns: when, and how many ms."""


def story_of(log: Iterable[tuple[int, Event]]) -> Story | None:
    """The story in a log; None if nobody became a lead in it."""
    story: Story | None = None
    for _, event in log:
        if isinstance(event, LeadArrived) and story is None:
            story = Story(event.at, ours=not event.source.startswith("inbound_"), campaign=event.campaign)
            story.known = dict.fromkeys(event.facts, event.at)
        elif story is not None:
            _count(story, event)
    return story


def _count(story: Story, event: Event) -> None:
    at = event.at
    match event:
        case TextSent():
            _touch(story, Channel.SMS, at)
        case CallPlaced():
            _touch(story, Channel.VOICE, at)
            story.dialled += 1
            story.placed.add(event.call)
            if event.ours:
                story.numbers[event.call] = event.ours
        case CallConnected(call=call):
            story.connected.add(call)
        case TextReceived():
            _hear(story, Channel.SMS, at)
        case LeadSaid(call=call):
            _hear(story, Channel.VOICE, at)
            story.talked.add(call)
        case PersonaSaid(timing=timing) if timing is not None:
            story.gaps.append((at, timing.gap))
        case HandoffAdvanced():
            _hand_over(story, event)
        case HandoffReported(outcome=outcome):
            last = max(story.sought, default=story.arrived)
            story.outcomes.append((any(joined >= last for joined in story.joined), outcome))
        case OutreachHeld():
            story.held = True
        case CallStatus(call=call, attestation=attestation) if attestation:
            story.attestations[call] = attestation
        case FactLearned(key=key):
            story.known.setdefault(key, at)
        case Suppressed(words=words):
            story.stopped = story.stopped or at
            story.complained = story.complained or (at if complains(words) else None)
        case TextStatus(error=error) if error in FILTERED:
            story.complained = story.complained or at
        case _:
            pass


def _touch(story: Story, channel: Channel, at: datetime) -> None:
    if story.touched is None:
        story.touched, story.first_channel = at, channel
    if story.answered is None:
        story.attempts += 1


def _hear(story: Story, channel: Channel, at: datetime) -> None:
    story.answered = story.answered or at
    if not story.heard or story.heard[-1][1] is not channel:
        story.heard.append((at, channel))


def _hand_over(story: Story, event: HandoffAdvanced) -> None:
    story.steps[event.handoff] = event.step
    if event.step is HandoffStep.REQUESTED:
        story.sought.append(event.at)
    elif event.step is HandoffStep.JOINED:
        story.joined.append(event.at)


@dataclass(frozen=True, slots=True)
class Spread:
    """Of how many values, and their percentiles; None where there are no values."""

    n: int
    p50: float | None
    p95: float | None


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    part: int
    whole: int

    @property
    def percent(self) -> float | None:
        """In per cent; None of nothing."""
        return 100 * self.part / self.whole if self.whole else None


@dataclass(frozen=True, slots=True)
class Figures:
    """What one day, or all of them, come to."""

    leads: int
    first_touch_s: Spread
    prompt: Share
    """Of the leads we touched first, those within PROMPT_S."""
    reached: Share
    """Of the leads we touched first, those who answered, by text or on a call."""
    calls_talked: Share
    """Of the calls we placed, those on which the lead said something."""
    transfers: Share
    """Of the hand-offs asked for, those in which the lead and a person were put together."""
    opt_outs: Share
    """Of the leads."""
    gap_ms: Spread


@dataclass(frozen=True, slots=True)
class Report:
    """Day by day, oldest first, and in all. `conversations` is how many it is about."""

    days: tuple[tuple[date, Figures], ...]
    total: Figures
    conversations: int


@dataclass(slots=True)
class _Tally:
    """What happened on some days."""

    leads: list[Story] = field(default_factory=list)
    gaps: list[float] = field(default_factory=list)
    sought: int = 0
    joined: int = 0
    stopped: int = 0

    def add(self, other: "_Tally") -> None:
        """Counts other days in."""
        self.leads += other.leads
        self.gaps += other.gaps
        self.sought += other.sought
        self.joined += other.joined
        self.stopped += other.stopped


def report(stories: Sequence[Story], until: datetime, days: int, zone: tzinfo) -> Report:
    """The report on so many days, the last one being that of `until`. Looks at each moment once."""
    last = until.astimezone(zone).date()
    tallies = {last - timedelta(days=back): _Tally() for back in range(days - 1, -1, -1)}
    total, elsewhen = _Tally(), _Tally()
    for story in stories:
        _tally(story, lambda at: tallies.get(at.astimezone(zone).date(), elsewhen))
    for tally in tallies.values():
        total.add(tally)
    return Report(tuple((day, _figures(tally)) for day, tally in tallies.items()), _figures(total), len(stories))


def _tally(story: Story, on: Callable[[datetime], _Tally]) -> None:
    on(story.arrived).leads.append(story)
    for at, gap in story.gaps:
        on(at).gaps.append(gap)
    for at in story.sought:
        on(at).sought += 1
    for at in story.joined:
        on(at).joined += 1
    if story.stopped is not None:
        on(story.stopped).stopped += 1


def _figures(tally: _Tally) -> Figures:
    began = [story for story in tally.leads if story.ours and story.touched is not None]
    waits = [(story.touched - story.arrived).total_seconds() for story in began if story.touched is not None]
    called = [story for story in tally.leads if story.ours]
    return Figures(
        leads=len(tally.leads),
        first_touch_s=spread(waits),
        prompt=Share(sum(wait <= PROMPT_S for wait in waits), len(waits)),
        reached=Share(sum(story.answered is not None for story in began), len(began)),
        calls_talked=Share(
            sum(min(story.dialled, len(story.talked & story.connected)) for story in called),
            sum(story.dialled for story in called),
        ),
        transfers=Share(tally.joined, max(tally.sought, tally.joined)),
        opt_outs=Share(tally.stopped, len(tally.leads)),
        gap_ms=spread(tally.gaps),
    )


def spread(values: Sequence[float]) -> Spread:
    """Percentiles of values, by linear interpolation."""
    if not values:
        return Spread(0, None, None)
    p50, p95 = (float(value) for value in np.percentile(values, [50, 95]))
    return Spread(len(values), p50, p95)
