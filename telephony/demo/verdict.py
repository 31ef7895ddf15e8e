"""Did the story really happen? Judged from the record and the recording, never from the script."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from agent.campaign import Campaign
from audio.engines import TELEPHONE_RATE
from audio.judge import Gap, gaps, spans, stop_times
from state.effects import BriefAgent, HandoffStep
from state.events import (
    CallConnected,
    CallPlaced,
    EffectRequested,
    Event,
    FactLearned,
    HandoffAdvanced,
    LeadSaid,
    PersonaSaid,
    TextReceived,
    TextSent,
)
from state.fold import fold
from state.view import View

T = TypeVar("T")

SLOWEST_ANSWER_MS = 3_000
SLOWEST_STOP_MS = 800


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must have happened, and what shows it."""

    what: str
    happened: bool
    shown_by: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the verdict rests on. `recording` is (n, 2) int16 at 8 kHz: the lead as he spoke, what he heard."""

    log: Sequence[Event]
    view: View
    campaign: Campaign
    recording: npt.NDArray[np.int16]
    card: str
    """The text the agent's telephone received."""
    whisper: str
    complaints: Sequence[str]
    """What the carrier found wrong with what we sent it."""
    turns: list[Gap] = field(init=False)
    stops: list[int] = field(init=False)

    def __post_init__(self) -> None:
        lead, heard = spans(self.recording[:, 0]), spans(self.recording[:, 1])
        object.__setattr__(self, "turns", gaps(lead, heard))
        object.__setattr__(self, "stops", stop_times(lead, heard))

    def of(self, kind: type[T]) -> list[T]:
        """The events of one kind, in order."""
        return [event for event in self.log if isinstance(event, kind)]


def judge(evidence: Evidence) -> list[Check]:
    """Every check, in the order of the story."""
    return [check(evidence) for check in CHECKS]


def _texted(evidence: Evidence) -> Check:
    sent, received = evidence.of(TextSent), evidence.of(TextReceived)
    return Check(
        "texted, and answered by text", bool(sent) and len(received) >= 2, f"{len(sent)} out, {len(received)} in"
    )


def _called_on_a_yes(evidence: Evidence) -> Check:
    ready = _first(evidence.log, lambda event: isinstance(event, FactLearned) and event.key == "ready_to_talk")
    placed = _first(evidence.log, lambda event: isinstance(event, CallPlaced))
    connected = bool(evidence.of(CallConnected))
    return Check("called after a yes, not before", 0 <= ready < placed and connected, f"events {ready} and {placed}")


def _heard(evidence: Evidence) -> Check:
    said, answered = evidence.of(LeadSaid), evidence.turns
    quick = [gap for gap in answered if gap.gap_ms <= SLOWEST_ANSWER_MS]
    shown = f"{len(said)} turns recognised, {len(quick)} answers in the recording"
    return Check("heard and answered aloud", len(said) >= 4 and len(quick) >= 4, shown)


def _interrupted(evidence: Evidence) -> Check:
    cut = [event for event in evidence.of(PersonaSaid) if event.cut_ms is not None and event.heard != event.text]
    stopped = [ms for ms in evidence.stops if ms <= SLOWEST_STOP_MS]
    shown = f"silent after {min(evidence.stops, default=-1)} ms; heard only {cut[0].heard!r}" if cut else "never cut"
    return Check("stopped speaking when interrupted", bool(cut) and bool(stopped), shown)


def _asked_nothing_known(evidence: Evidence) -> Check:
    view, repeated, asked = View(), list[str](), 0
    for event in evidence.log:
        if isinstance(event, TextSent | PersonaSaid) and event.asks is not None:
            asked += 1
            if view.known(event.asks) is not None and _answered_before(view, event.asks, event):
                repeated.append(event.asks)
        view = fold(view, event)
    return Check("asked nothing it knew", asked > 0 and not repeated, f"{asked} questions; again: {repeated or 'none'}")


def _answered_before(view: View, key: str, event: TextSent | PersonaSaid) -> bool:
    """A turn is recorded when it is over: what was learned while it was spoken was not known when it was thought of."""
    source = view.facts[key].source
    return not source.startswith(f"turn:{event.call}:{event.turn + 1}:") if isinstance(event, PersonaSaid) else True


def _qualified(evidence: Evidence) -> Check:
    wanted = evidence.campaign.ready_when
    known = {key: evidence.view.known(key) for key in wanted}
    return Check("qualified", all(value is not None for value in known.values()), _facts(known))


def _summary_is_right(evidence: Evidence) -> Check:
    requested = [event.effect.body for event in evidence.of(EffectRequested) if isinstance(event.effect, BriefAgent)]
    card = evidence.card.lower()
    learned = evidence.view.known("product")
    question = evidence.campaign.question("product")
    others = {value for value in (question.values if question else ()) if value != learned}
    invented = sorted(value for value in others if value in card)
    right = bool(requested) and evidence.card in requested and str(learned) in card and not invented and "$" not in card
    shown = f"{evidence.card.splitlines()[0]!r}" if evidence.card else "no card"
    return Check("summary reached the agent, true to the facts", right and bool(evidence.whisper), shown)


def _transferred(evidence: Evidence) -> Check:
    steps = [event.step for event in evidence.of(HandoffAdvanced)]
    wanted = [HandoffStep.REQUESTED, HandoffStep.BRIEFING, HandoffStep.ACCEPTED, HandoffStep.JOINED]
    in_order = [step for step in steps if step in wanted] == wanted
    return Check("put through to a person who accepted", in_order, " → ".join(steps))


def _met(evidence: Evidence) -> Check:
    ours = max((event.heard_ms for event in evidence.log if event.kind == "call_ended"), default=0)
    after = spans(evidence.recording[ours * TELEPHONE_RATE // 1000 :, 1])
    spoken = sum(span.end_ms - span.start_ms for span in after)
    return Check("heard the person in the same call", spoken >= 1_000, f"{spoken / 1000:.1f} s after the hand-over")


def _carrier_content(evidence: Evidence) -> Check:
    shown = "; ".join(evidence.complaints) or "no violation, no warning, no error"
    return Check("spoke the carrier's protocol without a fault", not evidence.complaints, shown)


CHECKS: tuple[Callable[[Evidence], Check], ...] = (
    _texted,
    _called_on_a_yes,
    _heard,
    _interrupted,
    _asked_nothing_known,
    _qualified,
    _summary_is_right,
    _transferred,
    _met,
    _carrier_content,
)


def _first(log: Sequence[Event], wanted: Callable[[Event], bool]) -> int:
    return next((index for index, event in enumerate(log) if wanted(event)), -1)


def _facts(known: Mapping[str, object]) -> str:
    return ", ".join(f"{key}={value}" for key, value in known.items())
