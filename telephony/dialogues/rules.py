"""The `must` and `must_not` lines that a rule can check: which words mean which rule, and the rules themselves."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from agent.asking import RECORDED
from agent.campaign import Campaign
from agent.gate.gate import Permit, Refusal, decide
from agent.moves import HandOff, Hold, Say, Suppress
from state.effects import Dial, PermitKind, SendText
from state.events import Channel, FactLearned, Suppressed
from telephony.dialogues.player import Moment
from telephony.dialogues.question_in import QuestionFinder
from telephony.dialogues.script import Dialogue


@dataclass(frozen=True, slots=True)
class Seen:
    """A turn and its setting."""

    moment: Moment
    campaign: Campaign
    script: Dialogue

    @property
    def agent(self) -> str:
        """The human agent's name."""
        return self.script.business.agent


@dataclass(frozen=True, slots=True)
class Rule:
    """`fault` says what is wrong, or None. `anywhere`: it judges how things stand, not our words to the lead."""

    fault: Callable[[Seen, str], str | None]
    anywhere: bool = False


def asks_of(moment: Moment) -> list[str]:
    """The facts that our words ask for."""
    return [move.asks for move in moment.moves if isinstance(move, Say) and move.asks]


# Our words -----------------------------------------------------------------------------------------------------------


def _says(pattern: str) -> Rule:
    wanted = re.compile(pattern, re.IGNORECASE)
    return Rule(lambda seen, _: None if wanted.search(seen.moment.said) else f"we say: {seen.moment.said}")


def _says_not(pattern: str) -> Rule:
    refused = re.compile(pattern, re.IGNORECASE)
    return Rule(lambda seen, _: f"we say: {seen.moment.said}" if refused.search(seen.moment.said) else None)


_PERSON = r"\b(?:person|people|someone|human|officer|counselor|technician|both welcome)\b"
_LINK = r"\b[\w-]+\.(?:example|com|org|edu|net)\b"
_FIGURE = r"[$€£]\s?\d|\d\s?%|\b\d[\d,.]*\s?(?:dollars|bucks|percent|a month|per month|a year|apr)\b"
_HUMAN = r"\bi(?:'m| am) (?:a |an )?(?:real|human|person|live|licensed)\b|\bnot (?:a |an )?(?:ai|bot|robot)\b"
_DISCOURAGES = r"\b(?:qualif\w+|approv\w+|den(?:y|ied)|ineligible|won't work|can't get)\b"


def _offers_a_person(seen: Seen, _: str) -> str | None:
    moment = seen.moment
    named = seen.agent.lower() in moment.said.lower() or re.search(_PERSON, moment.said, re.IGNORECASE)
    return None if named or _hands_off(moment) else f"we say: {moment.said}"


def _names_the_agent(seen: Seen, _: str) -> str | None:
    return None if seen.agent in seen.moment.said else f"we say: {seen.moment.said}"


def _one_question(seen: Seen, _: str) -> str | None:
    return None if seen.moment.said.count("?") == 1 else f"we say: {seen.moment.said}"


def _asks_nothing(seen: Seen, _: str) -> str | None:
    return f"we say: {seen.moment.said}" if "?" in seen.moment.said else None


def _goes_on(seen: Seen, _: str) -> str | None:
    """A question is put, or none is left and a person is being found."""
    moment = seen.moment
    return None if "?" in moment.said or _hands_off(moment) else f"we say: {moment.said}"


def _no_qualifying(seen: Seen, _: str) -> str | None:
    asked = [key for key in asks_of(seen.moment) if seen.campaign.question(key) is not None]
    return f"asks {', '.join(asked)}" if asked else None


def _asks_not_that(seen: Seen, clause: str) -> str | None:
    """ "ask the move-in date": our question is about another fact than the one named."""
    target = QuestionFinder(seen.campaign).asked_in(f"{clause}?", seen.moment.before)
    return f"asks {target}" if target is not None and target in asks_of(seen.moment) else None


def _safety_first(seen: Seen, _: str) -> str | None:
    first = next((move.text for move in seen.moment.moves if isinstance(move, Say)), "")
    warns = re.search(r"\b(?:leave|get out|keep .*away|911|988)\b", first, re.IGNORECASE)
    return None if warns else f"we say first: {first}"


def _tells_nobody(seen: Seen, _: str) -> str | None:
    """Nothing the lead told us is in our words."""
    values = [seen.campaign.question(key) for key in seen.moment.before.facts]
    told = [
        label
        for question in values
        if question is not None
        and (label := question.label(seen.moment.before.known(question.key))).lower() in seen.moment.said.lower()
        and len(label) > 3
    ]
    return f"tells {', '.join(told)}" if told else None


def _numbers(seen: Seen) -> list[str]:
    """The long numbers that were masked in what the lead wrote."""
    return [run for run in re.findall(r"\d[\d -]{5,}\d", seen.moment.turn.text) if run not in seen.moment.words]


def _not_echoed(seen: Seen, _: str) -> str | None:
    return "it is repeated" if any(run in seen.moment.said for run in _numbers(seen)) else None


def _not_stored(seen: Seen, _: str) -> str | None:
    kept = "\n".join(event.model_dump_json() for event in seen.moment.log)
    return "it is in the record" if any(run in kept for run in _numbers(seen)) else None


def _no_such_fact(seen: Seen, clause: str) -> str | None:
    facts = " ".join(f"{key} {fact.value}" for key, fact in seen.moment.after.facts.items()).lower()
    words = set(re.findall(r"[a-z]{5,}|WIC", clause)) - {"store", "facts", "named", "public", "leave"}
    kept = sorted(word for word in words if word.lower()[:7] in facts)
    return f"facts hold {', '.join(kept)}" if kept else None


# What we do ----------------------------------------------------------------------------------------------------------


def _hands_off(moment: Moment) -> bool:
    return any(isinstance(move, HandOff) for move in moment.moves)


def _finds_a_person(seen: Seen, _: str) -> str | None:
    return None if _hands_off(seen.moment) else "no person is looked for"


def _dials(seen: Seen, _: str) -> str | None:
    step = seen.moment.next_step
    if _hands_off(seen.moment):
        return None
    if step is None or not isinstance(step.effect, Dial):
        return "no call is planned"
    late = step.due - seen.moment.now
    return f"the call is due in {late}" if late > timedelta(seconds=60) else None


def _dials_not(seen: Seen, _: str) -> str | None:
    step = seen.moment.next_step
    return f"a call is planned: {step.why}" if step is not None and isinstance(step.effect, Dial) else None


def _dials_at(seen: Seen, clause: str) -> str | None:
    step, wanted = seen.moment.next_step, re.search(r"\d\d:\d\d", clause)
    if step is None or not isinstance(step.effect, Dial):
        return "no call is planned"
    due = _local(seen, step.due)
    return None if wanted and f"{due:%H:%M}" == wanted[0] else f"the call is due at {due:%a %H:%M}"


def _nothing_before_asked(seen: Seen, clause: str) -> str | None:
    """We do nothing of our own accord before the time the lead named; without one, nothing before ten o'clock.

    A clause that speaks of calls alone binds calls alone.
    """
    step = seen.moment.next_step
    bound = Dial if "call" in clause and not re.search(r"text|contact|cadence", clause) else Dial | SendText
    if step is None or not isinstance(step.effect, bound):
        return None
    named = seen.moment.after.known("callback_earliest")
    if isinstance(named, str):
        return None if _local(seen, step.due).replace(tzinfo=None) >= datetime.fromisoformat(named) else _due(seen)
    tonight = isinstance(step.effect, Dial) and _local(seen, step.due).hour < 10
    return _due(seen) if tonight or step.due.date() == seen.moment.now.date() else None


def _nothing_planned(seen: Seen, _: str) -> str | None:
    return _due(seen) if seen.moment.next_step is not None else None


def _due(seen: Seen) -> str:
    step = seen.moment.next_step
    return f"planned: {step.why}, {_local(seen, step.due):%a %H:%M}" if step else "nothing is planned"


def _local(seen: Seen, moment: datetime) -> datetime:
    return moment.astimezone(seen.script.moment(seen.moment.turn).tzinfo)


def _suppresses(seen: Seen, _: str) -> str | None:
    view = seen.moment.after
    return None if view.suppressed and view.voice_suppressed else "he is not suppressed on both channels"


def _suppresses_not(seen: Seen, _: str) -> str | None:
    return "he was suppressed" if any(isinstance(move, Suppress) for move in seen.moment.moves) else None


def _queue_is_empty(seen: Seen, _: str) -> str | None:
    return f"still waiting: {', '.join(seen.moment.after.outbox)}" if seen.moment.after.outbox else None


def _words_kept(seen: Seen, _: str) -> str | None:
    kept = [event.words for event in seen.moment.log if isinstance(event, Suppressed)]
    return None if seen.moment.words in kept else "the words are not with the suppression"


def _both_in_log(seen: Seen, _: str) -> str | None:
    for key in seen.moment.turn.learned:
        values = [event.value for event in seen.moment.log if isinstance(event, FactLearned) and event.key == key]
        if len(values) > 1 and values[-1] == seen.moment.after.known(key):
            return None
    return "no fact has two values in the log"


def _known_now(seen: Seen, _: str) -> str | None:
    missing = [key for key in seen.moment.turn.learned if key not in seen.moment.facts]
    return f"not known: {', '.join(missing)}" if missing else None


def _held_for_a_person(seen: Seen, _: str) -> str | None:
    held = any(isinstance(move, Hold) for move in seen.moment.moves)
    return None if held and not seen.moment.said else f"we say: {seen.moment.said}"


# The gate ------------------------------------------------------------------------------------------------------------


def _reply_permitted(seen: Seen, _: str) -> str | None:
    answer = decide(seen.moment.after, seen.campaign, Channel.SMS, PermitKind.REPLY_TO_LEAD, seen.moment.now)
    return None if isinstance(answer, Permit) else f"refused: {answer.reason}"


def _blocked(seen: Seen, clause: str) -> str | None:
    answer = decide(seen.moment.after, seen.campaign, Channel.VOICE, PermitKind.INITIATE, seen.moment.now)
    wanted = re.search(r"reason (\w+)", clause)
    if not isinstance(answer, Refusal):
        return "it is permitted"
    return None if wanted is None or answer.reason == wanted[1] else f"refused, but as {answer.reason}"


def _next_allowed(seen: Seen, clause: str) -> str | None:
    answer = decide(seen.moment.after, seen.campaign, Channel.SMS, PermitKind.INITIATE, seen.moment.now)
    wanted = re.search(r"\d\d:\d\d", clause)
    if not isinstance(answer, Refusal) or answer.next_allowed is None or wanted is None:
        return "a text is permitted now"
    allowed = _local(seen, answer.next_allowed)
    return None if f"{allowed:%H:%M}" == wanted[0] else f"next allowed {allowed:%a %H:%M}"


def _word(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


Table = tuple[tuple[re.Pattern[str], Rule], ...]

MUST: Table = (
    (_word(r"next allowed \d\d:\d\d"), Rule(_next_allowed, anywhere=True)),
    (_word(r"gate (?:blocks|refuses)"), Rule(_blocked, anywhere=True)),
    (_word(r"text answer is fine"), Rule(_reply_permitted, anywhere=True)),
    (_word(r"one call at \d\d:\d\d"), Rule(_dials_at, anywhere=True)),
    (_word(r"no call\b|no text|none before|cadence"), Rule(_nothing_before_asked, anywhere=True)),
    (_word(r"dial within"), Rule(_dials, anywhere=True)),
    (_word(r"suppress"), Rule(_suppresses, anywhere=True)),
    (_word(r"cancel every"), Rule(_queue_is_empty, anywhere=True)),
    (_word(r"words stored|raw words"), Rule(_words_kept, anywhere=True)),
    (_word(r"both are in the log|replaces the old"), Rule(_both_in_log, anywhere=True)),
    (_word(r"facts? (?:are|is) in the call"), Rule(_known_now, anywhere=True)),
    (_word(r"masked"), Rule(_not_stored, anywhere=True)),
    (_word(r"do not store"), Rule(_no_such_fact, anywhere=True)),
    (_word(r"one confirmation"), Rule(_asks_nothing)),
    (_word(r"goes to a person"), Rule(_held_for_a_person)),
    (_word(r"live transfer|connect a person|person at once|human at once"), Rule(_finds_a_person)),
    (_word(r"safety line"), Rule(_safety_first)),
    (_word(r"no further qualifying"), Rule(_no_qualifying)),
    (_word(r"(?:was |be |been )?removed|not needed"), _says(r"\bremoved\b")),
    (_word(r"restart the opening"), _says_not(re.escape(RECORDED))),
    (_word(r"virtual|\bAI\b|assistant"), _says(r"\bAI\b|virtual assistant")),
    (_word(r"no (?:price|rate|premium|figure)"), _says_not(_FIGURE)),
    (_word(r"who will give it"), Rule(_names_the_agent)),
    (_word(r"\blink\b|\bpage\b|portal"), _says(_LINK)),
    (_word(r"eligibility|discourag"), _says_not(_DISCOURAGES)),
    (_word(r"refusal to share"), Rule(_tells_nobody)),
    (_word(r"offer|invite|one word away"), Rule(_offers_a_person)),
    (_word(r"open (?:point|question)"), Rule(_goes_on)),
    (_word(r"\bone question"), Rule(_one_question)),
)
MUST_NOT: Table = (
    (_word(r"opt-?out"), Rule(_suppresses_not, anywhere=True)),
    (_word(r"cadence|contact before"), Rule(_nothing_before_asked, anywhere=True)),
    (_word(r"later contact"), Rule(_nothing_planned, anywhere=True)),
    (_word(r"call before a yes"), Rule(_dials_not, anywhere=True)),
    (_word(r"store it"), Rule(_not_stored, anywhere=True)),
    (_word(r"facts? named"), Rule(_no_such_fact, anywhere=True)),
    (_word(r"echo"), Rule(_not_echoed)),
    (_word(r"qualifying question"), Rule(_no_qualifying)),
    (_word(r"ask (?:why|to confirm|him to confirm|her to confirm)"), Rule(_asks_nothing)),
    (_word(r"^ask\b"), Rule(_asks_not_that)),
    (_word(r"human|real person"), _says_not(_HUMAN)),
    (_word(r"(?:quote|state|give|say|name)\b.*\b(?:rate|apr|premium|price|cost)"), _says_not(_FIGURE)),
    (_word(r"qualify|approved"), _says_not(_DISCOURAGES)),
    (_word(r"(?:drop|lose|ignore).*(?:question|it)\b"), Rule(_goes_on)),
    (_word(r"connecting you"), _says_not(r"\bconnecting you\b")),
    (_word(r"accept documents"), _says_not(r"\b(?:send|text) (?:them|it|the photos) (?:here|to)\b")),
    (_word(r"offer a slot"), Rule(lambda seen, _: "offers one" if "appointment" in asks_of(seen.moment) else None)),
    (_word(r"repeat what|tell .* what|share"), Rule(_tells_nobody)),
    (_word(r"discuss aid"), _says_not(r"\baid\b|\bloans?\b")),
)
"""Which words of a line mean which rule; the first that fits. What a rule cannot see is not here: milliseconds, rings,
what a person does."""
