"""What a message holds: the rules' findings, and the learned layer's where they pass.

Deterministic, and free of the conversation's state but for what `Listener` says of it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from agent.guard import learned, optout, questions
from agent.guard.ai_question import asks_if_ai
from agent.guard.human_request import asks_for_person
from agent.guard.learned import Models, Topic
from agent.guard.plain import Plain, plain
from agent.guard.sensitive import was_masked
from agent.guard.wrong_number import wrong_number

SURE = 0.5
"""From here on a model's likelihood decides; chosen, like those below, with authors held out
(`benchmarks/train_guard.py`)."""
SURE_OF_A_STOP = 0.7
"""From here on what a rule calls unclear is a stop."""
SURE_OF_A_NO = 0.7
"""From here on a message is an unclear no, and held."""
VERY_SURE = 0.95
"""From here on it decides against a rule that reads the words otherwise."""
DOUBTFUL = 0.45
"""From here on a message that holds a stop word waits for a person."""
UNLIKELY = 0.05
"""Below it for stop and no alike, what a rule calls an unclear no is a near miss; with other authors held out, no real
one lay below 0.15 and 0.3."""
RULED_OUT = 0.05
"""Below it, what a rule takes for a wrong number is about something else; a stop that a rule is sure of is never ruled
out."""
LEARNED = "learned"
"""The detector of what no rule has found."""


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
class Listener:
    """What is known of the one who reads a message: who is who, and how it came."""

    persona: str
    agents: tuple[str, ...] = ()
    first_name: str | None = None
    """The lead's, as the form gave it."""
    is_call: bool = False
    is_answered: bool = False
    """We had just asked a question that a no may answer."""


def findings(text: str, listener: Listener, models: Models | None = None) -> dict[FindingKind, str]:
    """Everything that masked words hold, each with the rule that found it; by other `models` than the stored, if given."""
    return dict(_found(text, listener) if models is None else _findings(plain(text), text, listener, models))


# A text is read when it comes, for what takes effect at once, and again a moment later, to be answered. Only the last few
# are remembered: what leads say is not to be kept.
@lru_cache(32)
def _found(text: str, listener: Listener) -> tuple[tuple[FindingKind, str], ...]:
    return tuple(_findings(plain(text), text, listener, learned.stored()))


def _findings(message: Plain, text: str, listener: Listener, models: Models) -> Iterator[tuple[FindingKind, str]]:
    roles = _with_roles(message, listener)
    likely = models.likelihoods(roles)
    is_stranger = wrong_number(message, listener.first_name) and not _rule_out_a_stop(roles, likely, models)
    is_start = not listener.is_call and questions.is_start(message)
    # To a model, "unstop" looks like a stop. The carrier takes it for its opposite, whatever a model says.
    stop = _stop(message, {} if is_stranger or is_start else likely, listener)
    if stop is not None:
        certain = stop.stop is optout.Stop.CERTAIN
        yield FindingKind.OPT_OUT if certain else FindingKind.AMBIGUOUS_STOP, stop.detector
    if is_stranger:
        yield FindingKind.WRONG_NUMBER, "wrong_number"
    if (danger := questions.danger(message)) is not None:
        yield FindingKind.EMERGENCY, danger
    if is_start:
        yield FindingKind.START, "keyword"
    if not listener.is_call and questions.is_help(message):
        yield FindingKind.HELP, "keyword"
    if asks_for_person(roles):
        yield FindingKind.HUMAN_REQUEST, "person"
    elif likely[Topic.HUMAN_REQUEST] >= SURE:
        yield FindingKind.HUMAN_REQUEST, LEARNED
    if asks_if_ai(roles):
        yield FindingKind.AI_QUESTION, "ai"
    elif likely[Topic.AI_QUESTION] >= SURE:
        yield FindingKind.AI_QUESTION, LEARNED
    if was_masked(text):
        yield FindingKind.SENSITIVE, "masked"


def _rule_out_a_stop(message: Plain, likely: Mapping[Topic, float], models: Models) -> bool:
    """Whether the models see no stop: not in the message, and not in any clause of it, where other matters drown none."""
    return likely[Topic.OPT_OUT] < RULED_OUT and all(
        models.likelihoods(Plain((clause,)))[Topic.OPT_OUT] < SURE for clause in message.clauses
    )


def _stop(message: Plain, likely: Mapping[Topic, float], listener: Listener) -> optout.Reading | None:
    """What the rules say, and where they pass or are unsure, what the models say.

    Only both together let a stop word through.
    """
    by_rule = optout.read(message, spoken=listener.is_call, answering=listener.is_answered)
    if not likely or (listener.is_call and optout.is_bare_answer(message)):
        return by_rule
    if by_rule is not None and by_rule.stop is optout.Stop.CERTAIN:
        return by_rule
    chance, is_contested = likely[Topic.OPT_OUT], optout.has_stop_phrase(message)
    if chance >= (VERY_SURE if is_contested else SURE_OF_A_STOP if by_rule is not None else SURE):
        return optout.Reading(optout.Stop.CERTAIN, LEARNED)
    is_doubtful = chance >= DOUBTFUL and not is_contested and optout.holds_stop_word(message)
    is_decline = likely[Topic.DECLINE] >= SURE_OF_A_NO and not listener.is_answered
    if max(chance, likely[Topic.DECLINE]) < UNLIKELY and not optout.holds_stop_word(message):
        return None
    return by_rule or (optout.Reading(optout.Stop.UNCLEAR, LEARNED) if is_doubtful or is_decline else None)


def _with_roles(message: Plain, listener: Listener) -> Plain:
    """The message with names replaced by roles: "can Sarah call me" asks for an agent, "is Ava real" about us."""
    pattern, roles = _roles(listener)
    return Plain(tuple(pattern.sub(lambda match: roles[match[1]], clause) for clause in message.clauses))


@lru_cache(maxsize=256)
def _roles(listener: Listener) -> tuple[re.Pattern[str], dict[str, str]]:
    roles = {listener.first_name: "leadname"} if listener.first_name else {}
    roles |= dict.fromkeys(listener.agents, "agent") | {listener.persona: "you"}
    roles = {name.lower(): role for name, role in roles.items()}
    return re.compile(rf"\b({'|'.join(map(re.escape, roles))})s?\b"), roles
