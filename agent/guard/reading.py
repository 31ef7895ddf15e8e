"""What a message holds, by rules and models together.

A rule knows the grammar of a request and is right far more often than not; a model has seen many a way of making one, and
many a near miss. Neither decides alone, but for the bare stop words: a model's log-odds and what a rule's word is worth
are added up. What no rule knows is found where the models see it clearly, and where they see nothing of what a rule is
sure of, it is not taken for a stop but held until a person has looked: to pass it over is for nobody but him.

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
from agent.guard.optout import Stop
from agent.guard.plain import Plain, plain
from agent.guard.sensitive import was_masked
from agent.guard.wrong_number import is_away, wrong_number

CERTAIN, STRANGER, UNCLEAR, REFUTED, AWAY = 2.0, 1.5, 1.0, -3.0, -4.0
"""What a rule's word adds to the log-odds of a stop: it is certain, it reads a wrong number or an unclear no, or it reads
that only a time or a channel is refused, others are told to leave others alone, or the lead is away just now, wants no
debt, or names the end of a time."""
NAMED = 3.0
"""What a rule adds to the log-odds of a request for a person."""
ASKED = 2.0
"""And to those of a question whether we are a machine."""
STOP_FROM, HOLD_FROM, PERSON_FROM, MACHINE_FROM = -0.15, -0.9, -0.5, 0.2
"""From so much on it is one. All of these were chosen by what rules and models said of authors whom neither had seen
(`benchmarks/train_guard.py`); the first two were moved once, with the bias of models that had learned everyday answers,
until as many stops of `tests/data/{sealed,unseen}_optout.csv` were caught as before, and the third is no lower because of
everyday answers ("homeowners please")."""
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
    """We had just asked a question that a no may answer, or given an order that he may say he obeys."""


def findings(text: str, listener: Listener, models: Models | None = None) -> dict[FindingKind, str]:
    """Everything that masked words hold, each with the rule that found it; by other `models` than the stored, if given."""
    return dict(_found(text, listener) if models is None else _findings(plain(text), text, listener, models))


# The same words are read again moments later: when a text is answered after its webhook, when a reply is thought of anew
# because something has happened meanwhile. Only the last few are remembered: what leads say is not to be kept.
@lru_cache(32)
def _found(text: str, listener: Listener) -> tuple[tuple[FindingKind, str], ...]:
    return tuple(_findings(plain(text), text, listener, learned.stored()))


def _findings(message: Plain, text: str, listener: Listener, models: Models) -> Iterator[tuple[FindingKind, str]]:
    roles = _with_roles(message, listener)
    odds = models.log_odds(roles)
    yield from _endings(message, roles, listener, models, odds)
    if (danger := questions.danger(message)) is not None:
        yield FindingKind.EMERGENCY, danger
    if not listener.is_call and questions.is_start(message):
        yield FindingKind.START, "keyword"
    if not listener.is_call and questions.is_help(message):
        yield FindingKind.HELP, "keyword"
    is_named = asks_for_person(roles)
    wants_person = odds[Topic.HUMAN_REQUEST] + NAMED * is_named >= PERSON_FROM
    # Who says that the lead is away offers a person, himself, and asks for none.
    if wants_person and (is_named or not is_away(message)):
        yield FindingKind.HUMAN_REQUEST, "person" if is_named else LEARNED
    is_asked = asks_if_ai(roles)
    if odds[Topic.AI_QUESTION] + ASKED * is_asked >= MACHINE_FROM:
        yield FindingKind.AI_QUESTION, "ai" if is_asked else LEARNED
    if was_masked(text):
        yield FindingKind.SENSITIVE, "masked"


def _endings(
    message: Plain, roles: Plain, listener: Listener, models: Models, odds: Mapping[Topic, float]
) -> Iterator[tuple[FindingKind, str]]:
    """A stop, a wrong number, or a no that a person has to look at."""
    by_rule = optout.read(message, spoken=listener.is_call, answering=listener.is_answered)
    if _is_left_to_rules(message, by_rule, listener):
        if by_rule is not None:
            yield _KIND_OF[by_rule.stop], by_rule.detector
        return
    stop, detector = (by_rule.stop, by_rule.detector) if by_rule is not None else (None, LEARNED)
    if by_rule is None and listener.is_answered and optout.tells_of_household(message):
        return
    is_stranger = wrong_number(message, listener.first_name)
    said = _weight(message, stop, odds[Topic.OPT_OUT], is_stranger=is_stranger)
    if odds[Topic.OPT_OUT] + said >= STOP_FROM or (said >= STRANGER and _is_in_a_clause(roles, models)):
        if is_stranger:
            yield FindingKind.WRONG_NUMBER, "wrong_number"
        if stop is Stop.CERTAIN or not is_stranger:
            yield FindingKind.OPT_OUT, detector if stop is Stop.CERTAIN else LEARNED
    elif stop is Stop.CERTAIN or _is_held(stop, listener, odds):
        yield FindingKind.AMBIGUOUS_STOP, detector


_KIND_OF = {Stop.CERTAIN: FindingKind.OPT_OUT, Stop.UNCLEAR: FindingKind.AMBIGUOUS_STOP}


def _is_left_to_rules(message: Plain, by_rule: optout.Reading | None, listener: Listener) -> bool:
    """A bare stop word is never put to the models, nor what answers a question of ours; and "unstop", which to a model
    looks like a stop, is its opposite to the carrier, whatever a model says."""
    if optout.is_bare(by_rule) or optout.is_plain_answer(message):
        return True
    return optout.is_bare_answer(message) if listener.is_call else questions.is_start(message)


def _weight(message: Plain, stop: Stop | None, odds: float, *, is_stranger: bool) -> float:
    """What the rules add to the log-odds of a stop."""
    if stop is Stop.CERTAIN:
        return CERTAIN
    said = STRANGER * is_stranger + UNCLEAR * (stop is Stop.UNCLEAR)
    if odds + said < STOP_FROM and not is_stranger:
        return said  # There is nothing to refute, and to look for it costs as much as all other rules together.
    is_away_now = is_away(message) and not is_stranger
    is_no_stop = is_away_now or optout.refuses_a_debt(message) or optout.names_an_end(message)
    is_no_stop = is_no_stop or optout.asks_to_be_heard(message)
    return said + REFUTED * optout.asks_for_less(message) + AWAY * is_no_stop


def _is_in_a_clause(roles: Plain, models: Models) -> bool:
    """Whether a clause by itself is a stop to the models, though other matters drown it in the whole."""
    return any(models.log_odds(Plain((clause,)))[Topic.OPT_OUT] >= STOP_FROM for clause in roles.clauses)


def _is_held(stop: Stop | None, listener: Listener, odds: Mapping[Topic, float]) -> bool:
    """Whether it may be a no to everything. Where we had just asked something, a model alone takes no answer for one."""
    if stop is None and listener.is_answered:
        return False
    return odds[Topic.DECLINE] + odds[Topic.OPT_OUT] / 4 + UNCLEAR * (stop is Stop.UNCLEAR) >= HOLD_FROM


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
