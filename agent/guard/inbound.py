"""The inbound guard: what is decided about a lead's words before any brain hears them.

It is deterministic and the same on every channel, and what it decides no model can undo. Words are masked first
(`mask`); what is left is inspected in the order of `FindingKind`: the first kind found decides, the others ride along.
"""

from dataclasses import dataclass

from agent.asking import asked_last
from agent.guard.reading import FindingKind, Listener, findings
from agent.guard.sensitive import mask
from agent.moves import Hold, Move, Resume, Suppress
from agent.snapshot import Snapshot
from state.events import Channel

__all__ = ["Finding", "FindingKind", "inspect", "mask"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What the guard found, and by which rule."""

    kind: FindingKind
    detector: str
    also: frozenset[FindingKind] = frozenset()
    """Other kinds that the same words hold."""
    moves: tuple[Move, ...] = ()
    """What follows at once, whatever is said about it: the suppression, the hold."""

    @property
    def kinds(self) -> frozenset[FindingKind]:
        """Everything that was found."""
        return self.also | {self.kind}


def inspect(text: str, snapshot: Snapshot) -> Finding | None:
    """What the guard finds in masked words; None leaves them to the brain."""
    found = findings(text, _listener(snapshot))
    if not found:
        return None
    first = next(kind for kind in FindingKind if kind in found)
    return Finding(first, found[first], frozenset(found) - {first}, _at_once(first, found[first], text, snapshot))


def _at_once(kind: FindingKind, detector: str, text: str, snapshot: Snapshot) -> tuple[Move, ...]:
    match kind:
        case FindingKind.OPT_OUT:
            return (Suppress("opt_out", detector, snapshot.channel, text),)
        case FindingKind.WRONG_NUMBER:
            return (Suppress("wrong_number", detector, snapshot.channel, text),)
        case FindingKind.AMBIGUOUS_STOP:
            return (Hold(f"{kind}: {detector}"),)
        case FindingKind.START:
            return (Resume(),)
        case _:
            return ()


def _listener(snapshot: Snapshot) -> Listener:
    campaign = snapshot.campaign
    return Listener(
        persona=campaign.persona,
        agents=tuple(agent.name for agent in campaign.agents),
        first_name=snapshot.view.first_name,
        is_call=snapshot.channel is Channel.VOICE,
        is_answered=_answering(snapshot),
    )


def _answering(snapshot: Snapshot) -> bool:
    """Whether we had just asked something, or had told him to get to safety: "okay, I'm going out" does as he was told."""
    if snapshot.view.known("safety_issue") is True:
        return True
    key = asked_last(snapshot.view, snapshot.campaign)
    return key is not None and key not in _PERMISSIONS


_PERMISSIONS = frozenset({"recording_ok", "ready_to_talk", "interest"})
"""A no to one of these is a no to the conversation."""
