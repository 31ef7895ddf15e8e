"""What the rules of outreach look at: one conversation at one instant, and what can be asked about it."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from agent.campaign import Campaign, Timing
from agent.gate.contact import ANSWERS
from agent.gate.gate import Permit, Refusal, decide, try_again_at
from agent.gate.registers import NO_REGISTERS, Registers
from agent.gate.zones import lead_zone
from state.effects import Effect, HandoffStep, PermitKind
from state.events import Channel
from state.view import Call, Touch, View

FRESH = timedelta(hours=1)
"""A form this soon after a contact of ours belongs to it; a later one begins anew."""
DAY = timedelta(hours=24)
_NOT_DELIVERED = frozenset({"failed", "undelivered"})
_UNANSWERED = frozenset({"busy", "no-answer", "failed", "canceled"})


@dataclass(frozen=True, slots=True)
class Step:
    """An effect to request, when it is due (UTC), and why. `id` names the cause."""

    id: str
    effect: Effect
    due: datetime
    why: str
    held_by: str = ""
    """What made it wait, if anything: the gate's reason or a limit of the campaign's."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing is to be done, whatever else there would be. `until` is when to look again; None: when something has
    happened."""

    why: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class No:
    """A rule has nothing to do here, and why."""

    why: str


@dataclass(frozen=True, slots=True)
class Slot:
    """When a contact may be made: `at` is None if never, as things stand. `held_by` says what it waits for."""

    at: datetime | None
    held_by: str = ""


@dataclass(frozen=True)
class Situation:
    """One conversation at `now` (aware)."""

    view: View
    campaign: Campaign
    now: datetime
    registers: Registers = NO_REGISTERS

    @property
    def timing(self) -> Timing:
        """The campaign's clocks."""
        return self.campaign.timing

    @cached_property
    def zone(self) -> ZoneInfo:
        """The lead's, as far as it is known."""
        return lead_zone(self.view)

    def local(self, at: datetime) -> datetime:
        """An instant on the lead's clock."""
        return at.astimezone(self.zone)

    @cached_property
    def run(self) -> str:
        """What tells the steps that one arrival of the lead's leads to from those of an earlier one."""
        return f"{self.view.arrived_at:%Y%m%dT%H%M%S}" if self.view.arrived_at else ""

    @cached_property
    def touches(self) -> tuple[Touch, ...]:
        """Our own contacts since he arrived, in order; what answers him is none."""
        if self.view.arrived_at is None:
            return ()
        since = self.view.arrived_at - FRESH
        made = (one for one in self.view.touches if one.at >= since and one.permit not in ANSWERS)
        return tuple(sorted(made, key=lambda one: one.at))

    @cached_property
    def heard_at(self) -> datetime | None:
        """When the lead last said or wrote anything, or called us. What a machine says is not his."""
        machines = {call.call for call in self.view.calls.values() if call.answered_by in {"machine", "screener"}}
        times = [line.at for line in self.view.thread if line.who == "lead" and not _on_one_of(machines, line.event)]
        times += [call.placed_at for call in self.view.calls.values() if call.direction == "inbound"]
        if self.view.last_lead_text_at is not None:
            times.append(self.view.last_lead_text_at)
        return max(times, default=None)

    @cached_property
    def answered(self) -> bool:
        """Whether we have heard from him since he arrived."""
        arrived = self.view.arrived_at
        return arrived is not None and self.heard_at is not None and self.heard_at >= arrived - FRESH

    @cached_property
    def taken_over(self) -> bool:
        """Whether one of our people has talked with him."""
        return self.view.handoff is not None and self.view.handoff.step in {HandoffStep.JOINED, HandoffStep.LEFT}

    @cached_property
    def last_call(self) -> Call | None:
        """The newest call, either way."""
        return max(self.view.calls.values(), key=lambda call: call.placed_at, default=None)

    def unanswered(self, call: Call) -> bool:
        """Whether a call of ours did not reach him: it rang out, or a machine took it, or nobody said a word."""
        if call.answered_by is not None:
            return call.answered_by != "person"
        spoken = any(line.who == "lead" and _on_one_of({call.call}, line.event) for line in self.view.thread)
        return not spoken or call.status in _UNANSWERED

    def voicemail(self, call: Call) -> bool:
        """Whether it was picked up all the same: by a machine, or by somebody who said nothing."""
        return self.unanswered(call) and call.status not in _UNANSWERED

    @cached_property
    def undelivered(self) -> bool:
        """Whether our last text never arrived."""
        return bool(self.view.texts) and list(self.view.texts.values())[-1] in _NOT_DELIVERED

    def over(self, step: str) -> bool:
        """Whether a step was done, may have been, or failed for good."""
        tried = self.view.tries.get(step)
        return tried is not None and tried.outcome in {"done", "unknown", "failed"}

    def slot(self, channel: Channel, permit: PermitKind, at: datetime | None = None) -> Slot:
        """The first instant from `at` (default now) at which the campaign's limits and the gate allow a contact."""
        at = max(at or self.now, self.now)
        paced = self._paced(channel, permit, at)
        answer = decide(self.view, self.campaign, channel, permit, paced, registers=self.registers)
        if isinstance(answer, Permit):
            return Slot(paced, "attempts_cap" if paced > at else "")
        return Slot(try_again_at(answer, paced), _because(answer))

    def _paced(self, channel: Channel, permit: PermitKind, at: datetime) -> datetime:
        if permit is PermitKind.REQUESTED_TIME:
            return at
        most = self.timing.calls_24h if channel is Channel.VOICE else self.timing.unanswered_texts_24h
        heard = self.heard_at if channel is Channel.SMS else None
        own = [touch.at for touch in self.view.touches if touch.channel is channel and touch.permit not in ANSWERS]
        recent = sorted(made for made in own if at - made < DAY and (heard is None or made > heard))
        return at if len(recent) < most else max(at, recent[-most] + DAY)

    def spread(self, seconds: int, salt: str = "") -> timedelta:
        """A share of a span, always the same for one lead: not everybody is contacted on the stroke of the hour."""
        digest = hashlib.blake2b(f"{self.view.number}{salt}".encode(), digest_size=4).digest()
        return timedelta(seconds=int.from_bytes(digest) % max(seconds, 1))


def _because(refusal: Refusal) -> str:
    return f"{refusal.reason} ({refusal.why})" if refusal.why else refusal.reason


def _on_one_of(calls: set[str], event: str) -> bool:
    """Whether a line was said on one of these calls: the ids of turns name theirs."""
    return any(event.startswith(f"turn:{call}:") for call in calls)
