"""`segue report`: what the campaigns' conversations come to, each folded as it is read and then let go. Pure."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from agent.campaign import Campaign
from state.effects import HandoffStep
from state.events import Channel
from telephony.reports import PROMPT_S, Story, spread

UNKNOWN = "unknown"
VOUCHED_FOR = frozenset("AB")
"""Attestations by which the carrier knows its customer. A number that is ever signed with less, or of whose signature
nothing is known, is flagged (47 CFR 64.6300 ff.)."""
MANY = 3
"""Attempts to reach somebody."""


@dataclass(slots=True)
class Tally:
    """Of one campaign's leads, or of all."""

    leads: int = 0
    ours: int = 0
    """Leads who were waiting for us."""
    first_touch_s: list[float] = field(default_factory=list)
    attempts: list[int] = field(default_factory=list)
    """Touches it took to reach those who were reached."""
    began: Counter[str] = field(default_factory=Counter)
    """Leads by the channel of our first touch,"""
    reached: Counter[str] = field(default_factory=Counter)
    """and those of them who answered."""
    dialled: Counter[str] = field(default_factory=Counter)
    """Calls of ours by attestation,"""
    talked: Counter[str] = field(default_factory=Counter)
    """and those on which the lead said something."""
    numbers: dict[str, Counter[str]] = field(default_factory=dict)
    """Calls from each of our numbers by attestation,"""
    talked_from: Counter[str] = field(default_factory=Counter)
    """and those on which the lead said something."""
    qualified_s: list[float] = field(default_factory=list)
    qualified_by_s: dict[Channel, list[float]] = field(default_factory=lambda: {channel: [] for channel in Channel})
    """The same by the channel on which he said what was missing."""
    transfers: Counter[str] = field(default_factory=Counter)
    """Hand-offs by how they ended."""
    outcomes: Counter[str] = field(default_factory=Counter)
    by_way: dict[str, Counter[str]] = field(default_factory=lambda: {"warm": Counter(), "callback": Counter()})
    """What was reported of leads who were put through while we talked, and of those whom somebody called later."""
    held: int = 0
    opt_outs: int = 0
    complaints: int = 0

    def add(self, story: Story, campaign: Campaign | None) -> None:
        """Counts one lead in."""
        self.leads += 1
        self.opt_outs += story.stopped is not None
        self.complaints += story.complained is not None
        self.held += story.held
        self.transfers.update(_ended(step) for step in story.steps.values())
        for warm, outcome in story.outcomes:
            self.outcomes[outcome] += 1
            self.by_way["warm" if warm else "callback"][outcome] += 1
        if (at := qualified_at(story, campaign)) is not None:
            self._add_qualified((at - story.arrived).total_seconds(), _channel_at(story, at))
        if story.ours:
            self._add_contact(story)

    def _add_qualified(self, waited_s: float, channel: Channel | None) -> None:
        self.qualified_s.append(waited_s)
        if channel is not None:
            self.qualified_by_s[channel].append(waited_s)

    def _add_call(self, story: Story, call: str) -> None:
        attestation, talked = story.attestations.get(call, UNKNOWN), call in story.talked
        self.dialled[attestation] += 1
        self.talked[attestation] += talked
        if (ours := story.numbers.get(call)) is not None:
            self.numbers.setdefault(ours, Counter())[attestation] += 1
            self.talked_from[ours] += talked

    def _add_contact(self, story: Story) -> None:
        self.ours += 1
        for call in story.placed:
            self._add_call(story, call)
        if story.touched is None or story.first_channel is None:
            return
        self.first_touch_s.append((story.touched - story.arrived).total_seconds())
        self.began[story.first_channel] += 1
        if story.answered is not None:
            self.reached[story.first_channel] += 1
            if story.attempts:
                self.attempts.append(story.attempts)

    def as_json(self) -> dict[str, Any]:
        """The figures, as `--json` writes them; seconds, and rates as shares of one."""
        return {
            "leads": self.leads,
            "speed_to_first_touch_s": _spread(self.first_touch_s)
            | {"within_60_s": _rate(sum(wait <= PROMPT_S for wait in self.first_touch_s), len(self.first_touch_s))},
            "untouched": self.ours - len(self.first_touch_s),
            "attempts_to_contact": _spread(self.attempts)
            | {
                "by_attempts": {str(count): n for count, n in sorted(Counter(self.attempts).items())},
                "three_or_more": _rate(sum(count >= MANY for count in self.attempts), len(self.attempts)),
            },
            "contact_rate": _contact(sum(self.reached.values()), sum(self.began.values())),
            "contact_rate_by_first_channel": {
                channel.value: _contact(self.reached[channel], self.began[channel]) for channel in Channel
            },
            "contact_rate_by_attestation": {
                name: _contact(self.talked[name], self.dialled[name]) for name in ("A", "B", "C", UNKNOWN)
            },
            "numbers": {number: self._number(number) for number in sorted(self.numbers)},
            "qualification_time_s": _spread(self.qualified_s),
            "qualification_time_by_channel_s": {
                channel.value: _spread(waits) for channel, waits in self.qualified_by_s.items()
            },
            "transfers": {"asked": sum(self.transfers.values()), "outcomes": dict(sorted(self.transfers.items()))},
            "reported": dict(sorted(self.outcomes.items())),
            "reported_by_way": {way: dict(sorted(counts.items())) for way, counts in self.by_way.items()},
            "holds": {"count": self.held, "rate": _rate(self.held, self.leads)},
            "opt_outs": {"count": self.opt_outs, "rate": _rate(self.opt_outs, self.leads)},
            "complaints": {"count": self.complaints, "rate": _rate(self.complaints, self.leads)},
        }

    def _number(self, number: str) -> dict[str, Any]:
        by = self.numbers[number]
        attested = VOUCHED_FOR & by.keys() and by.keys() <= VOUCHED_FOR | {UNKNOWN}
        return _contact(self.talked_from[number], by.total()) | {
            "attestations": dict(sorted(by.items())),
            "flagged": not attested,
        }


def qualified_at(story: Story, campaign: Campaign | None) -> datetime | None:
    """When all was known that makes a lead ready for a person, or a person was asked for; None: not yet."""
    times = [story.sought[0]] if story.sought else []
    if campaign is not None and campaign.ready_when and all(key in story.known for key in campaign.ready_when):
        times.append(max(story.known[key] for key in campaign.ready_when))
    return max(story.arrived, min(times)) if times else None


def _channel_at(story: Story, at: datetime) -> Channel | None:
    return next((channel for since, channel in reversed(story.heard) if since <= at), None)


def _ended(step: HandoffStep) -> str:
    return "joined" if step in {HandoffStep.JOINED, HandoffStep.LEFT} else step.value


def _spread(values: list[float] | list[int]) -> dict[str, Any]:
    found = spread(values)
    return {"n": found.n, "p50": _rounded(found.p50), "p95": _rounded(found.p95)}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _contact(reached: int, of: int) -> dict[str, Any]:
    return {"reached": reached, "of": of, "rate": _rate(reached, of)}


def _rate(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
