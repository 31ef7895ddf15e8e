"""The inbound guard: what is decided about a lead's words before any brain hears them.

It is deterministic and the same on every channel, and what it decides no model can undo. Words are masked first
(`mask`); what is left is inspected in the order of `FindingKind`: the first kind found decides, the others ride along.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from agent.asking import asked_last
from agent.guard import optout, questions
from agent.guard.plain import Plain, plain
from agent.guard.sensitive import mask, was_masked
from agent.moves import Hold, Move, Resume, Suppress
from agent.snapshot import Snapshot
from state.events import Channel

__all__ = ["Finding", "FindingKind", "inspect", "mask"]


class FindingKind(StrEnum):
    """What the guard can find, the most urgent first."""

    OPT_OUT = "opt_out"
    WRONG_NUMBER = "wrong_number"
    EMERGENCY = "emergency"
    START = "start"
    HELP = "help"
    HUMAN_REQUEST = "human_request"
    AI_QUESTION = "ai_question"
    AMBIGUOUS_STOP = "ambiguous_stop"
    """May mean stop, may not: hold until a person has looked."""
    SENSITIVE = "sensitive"
    """Something was masked."""


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
    found = dict(_findings(plain(text), text, snapshot))
    if not found:
        return None
    first = next(kind for kind in FindingKind if kind in found)
    return Finding(first, found[first], frozenset(found) - {first}, _at_once(first, found[first], text, snapshot))


def _findings(message: Plain, text: str, snapshot: Snapshot) -> Iterator[tuple[FindingKind, str]]:
    roles = _roles(message, snapshot)
    stop = optout.read(message, spoken=snapshot.channel is Channel.VOICE, answering=_answering(snapshot))
    if stop is not None:
        certain = stop.stop is optout.Stop.CERTAIN
        yield FindingKind.OPT_OUT if certain else FindingKind.AMBIGUOUS_STOP, stop.detector
    if questions.wrong_number(message, snapshot.view.first_name):
        yield FindingKind.WRONG_NUMBER, "wrong_number"
    if (danger := questions.danger(message)) is not None:
        yield FindingKind.EMERGENCY, danger
    if snapshot.channel is Channel.SMS and questions.is_start(message):
        yield FindingKind.START, "keyword"
    if snapshot.channel is Channel.SMS and questions.is_help(message):
        yield FindingKind.HELP, "keyword"
    if questions.asks_for_person(roles):
        yield FindingKind.HUMAN_REQUEST, "person"
    if questions.asks_if_ai(roles):
        yield FindingKind.AI_QUESTION, "ai"
    if was_masked(text):
        yield FindingKind.SENSITIVE, "masked"


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


def _roles(message: Plain, snapshot: Snapshot) -> Plain:
    """The message with the names of our side replaced by what they are: "can Sarah call me" asks for an agent."""
    names = {agent.name.lower(): "agent" for agent in snapshot.campaign.agents}
    names[snapshot.campaign.persona.lower()] = "you"
    pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, names))})\b")
    return Plain(tuple(pattern.sub(lambda match: names[match[0]], clause) for clause in message.clauses))


def _answering(snapshot: Snapshot) -> bool:
    key = asked_last(snapshot.view, snapshot.campaign)
    return key is not None and key not in _PERMISSIONS


_PERMISSIONS = frozenset({"recording_ok", "ready_to_talk", "interest"})
"""A no to one of these is a no to the conversation."""
