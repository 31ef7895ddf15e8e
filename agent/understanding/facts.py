"""Learns facts from what a lead says: whatever he volunteers, in any order, by the words the campaign's data gives.

Nothing is guessed. A value is learned only if a word for it was said, or if a yes or no answers the question that was
put last. A later value replaces an earlier one; both stay in the log.
"""

import re
from collections.abc import Iterator
from datetime import datetime

from pydantic import JsonValue

from agent.campaign import Campaign, Question
from agent.moves import Learn
from agent.understanding.amounts import adds_up, is_one_sum
from agent.understanding.appointments import appointment
from agent.understanding.call_wish import OF_CALLS
from agent.understanding.choices import by_polarity, choice
from agent.understanding.common_facts import common_facts, wants_spanish
from agent.understanding.corrections import last_word
from agent.understanding.counting import tally
from agent.understanding.figures import age_of, number_of, of_the_thing, zip_of
from agent.understanding.free_text import free_text
from agent.understanding.mentions import mentions, without_asking
from agent.understanding.named_dates import dated_facts
from agent.understanding.spanish import in_english, speaks_spanish
from agent.understanding.whose import of_himself
from agent.words import Polarity, any_of, clean, polarity
from state.view import View


def extract(text: str, campaign: Campaign, view: View, asked: str | None, now_local: datetime) -> list[Learn]:
    """The facts in one utterance or text that are new or differ from what is known.

    Args:
        text: what the lead said, masked; typed or recognised.
        asked: the fact our last question was about, if it was heard.
        now_local: the lead's wall clock, aware; "next friday" depends on it.

    A value of None takes back what was known: "no, it's not a condo".
    """
    said = in_english(text, is_spanish=speaks_spanish(text, view))
    if not said:
        return []
    found = _chosen(_about_the_matter(said), campaign, view, asked, now_local)
    if (as_said := clean(text)) != said:
        # A campaign may have words in Spanish of its own.
        found = _chosen(as_said, campaign, view, asked, now_local) | found
    line = view.last_line("persona")
    asked_in_past = line is not None and _ASKED_IN_PAST.search(line.text) is not None
    known = {key: fact.value for key, fact in view.facts.items()}
    found |= dated_facts(said, campaign, asked, now_local.date(), asked_in_past=asked_in_past, known=known)
    question = campaign.question(asked) if asked else None
    asked_a_sum = question is not None and question.bands_of == "amount" and "zip" not in said
    code = None if asked_a_sum else zip_of(text, asked == "zip")
    if code is not None and (code != view.zip or campaign.question("zip") is not None):
        found["zip"] = code
    found = _implied(campaign, view, found, is_over=_IS_OVER.search(said) is not None) | found
    engaged = frozenset(key for key, value in found.items() if value is not None)
    found |= common_facts(said, view, asked, now_local, engaged)
    if "callback_earliest" in found and asked in OF_CALLS:
        # The time of the call is not that of the matter: "tomorrow morning".
        found = {key: value for key, value in found.items() if key not in _by_days(campaign)}
    if wants_spanish(text):
        found["preferred_language"] = "es"
    if engaged or found.get("interest") == "yes" or polarity(said) is Polarity.YES:
        found = _taken_for_granted(campaign, view, known=found) | found
    return [Learn(key, value) for key, value in found.items() if value != view.known(key) or _is_wished_anew(key, view)]


_ASKED_IN_PAST = re.compile(
    r"(?i)\b(?:when did|(?:when|which day|what day|what date)\b.*\b(?:did|was|ended|lapsed|closed|ran out))\b"
)


def _by_days(campaign: Campaign) -> set[str]:
    return {question.key for question in campaign.questions if question.bands_of == "days"}


def _chosen(said: str, campaign: Campaign, view: View, asked: str | None, now: datetime) -> dict[str, JsonValue]:
    """What is found question by question; the one that was asked has the first claim to a word."""
    found: dict[str, JsonValue] = {}
    asked_for = campaign.question(asked) if asked else None
    for question in sorted(campaign.questions, key=lambda question: question.key != asked):
        # Who asks for a product wants it. Of anything else he may only wonder: "do you cover condos?"
        is_wanted = question == campaign.subject and view.known(question.key) is None
        for value in _values(question, without_asking(said) if is_wanted else said, view, asked, now):
            if question.key != asked and asked in found and found[asked] == value and isinstance(value, str):
                continue  # "bachelor's", asked for the degree he has, says nothing of the one he wants
            if _is_sum_asked_for(question, said, asked_for, found):
                continue
            found[question.key] = value
    return found


def _is_sum_asked_for(question: Question, said: str, asked: Question | None, found: dict[str, JsonValue]) -> bool:
    """Whether the only sum named is the one that was asked for, and no other: "95k before taxes" is his income."""
    if asked is None or asked is question or asked.key not in found:
        return False
    return question.bands_of == asked.bands_of == "amount" and is_one_sum(said)


_ABOUT_CONTACT = re.compile(
    r"(?<!\S)(?P<contact>(?:call|text|ring|phone|message|email|reach|try|contact|check back with|get back to)"
    r"(?: me| us)?(?: again| back)?) (?:(?:in|on|at|around|sometime|after|by|the) )*"
    r"(?:today|tonight|tomorrow|(?:this|next) (?:week|month|morning|afternoon|evening)|next year|later|\d+ \w+)(?!\S)"
)


def _about_the_matter(said: str) -> str:
    """Without the times at which he wants to be called or texted: "text me next week" is no deadline of his."""
    return _ABOUT_CONTACT.sub(r"\g<contact>", said)


def _is_wished_anew(key: str, view: View) -> bool:
    """A call that was wished for and placed is used up: the same words are a new wish."""
    wish = view.facts.get(key) if key == "ready_to_talk" else None
    return wish is not None and any(call.placed_at >= wish.at for call in view.calls.values())


def _values(question: Question, said: str, view: View, asked: str | None, now: datetime) -> Iterator[JsonValue]:
    """At most one value of a question's fact."""
    is_asked = asked == question.key
    match question.type:
        case "enum" | "bool":
            yield from choice(question, said, view, now, is_asked=is_asked)
        case "int":
            number = _count(question, said, now, is_asked=is_asked)
            if number is not None:
                yield number
        case "text":
            yield from free_text(question, said, view, is_asked=is_asked)
        case "datetime":
            yield from appointment(question, said, view, now, is_asked=is_asked)
        case "date" | "zip":
            return  # read for all questions at once, by extract


_LEADING_COUNT = re.compile(
    r"(?:um |uh |yeah |like |about |theres |we have |we are |its |just )*\d{1,3}(?: of us| total)? ?(?:$|[,.])"
)
""" "3, me, my wife and our son": the number is the answer, the rest explains it."""


_YEARS = any_of(r"\d{1,2} (?:\w+ )?(?:years?|yrs?)(?: old)?")


def _count(question: Question, said: str, now: datetime, *, is_asked: bool) -> int | None:
    said = said if question.counts_himself else of_himself(said)
    said = of_the_thing(said) if question.since_year else said
    said = last_word(said, lambda rest: re.search(r"\d", rest) is not None) if is_asked else said
    is_number = adds_up(said) or (is_asked and _LEADING_COUNT.match(said))
    if question.counts and not is_number:
        listed = tally(question.counts, said, himself=question.counts_himself, asked=is_asked)
        if listed is not None and (question.min or 0) <= listed <= (question.max or listed):
            return listed
    in_years = _YEARS.search(said) is not None
    if question.since_year and not in_years and (age := age_of(question, said, now.date(), asked=is_asked)) is not None:
        return age
    named = [int(m.value) for m in mentions(question, said, asked=is_asked) if not m.denied]
    number = number_of(question, said, asked=is_asked and (not named or said[0].isdigit() or adds_up(said)))
    if number is None and named:
        number = named[-1]
    if number is None and is_asked:
        number = next((int(value) for value in by_polarity(question, said)), None)
    return number


_IS_OVER = any_of(r"(?:was|used to be|had been) (?:insured |covered )?(?:with|through|thru|by)")


def _implied(campaign: Campaign, view: View, found: dict[str, JsonValue], *, is_over: bool) -> dict[str, JsonValue]:
    """What the new facts tell of others: whoever names his carrier is insured, unless he `was` with it."""
    implied: dict[str, JsonValue] = {}
    for key, value in found.items():
        question = campaign.question(key)
        if question is not None and value is not None:
            name = str(value).lower() if isinstance(value, bool) else str(value)
            implied |= question.implies.get(name, {} if is_over else question.implies.get("*", {}))
    return {key: value for key, value in implied.items() if view.known(key) is None}


_ABOUT_HIM = any_of(
    r"you (?:just )?(?:asked|inquired|wanted|requested|filled|signed|mentioned|said|applied|were looking|looked)",
    r"(?:thanks|thank you) for(?: \S+){0,2} (?:asking|interest|inquiry|request|reaching)",
    r"your (?:interest|request|inquiry|question|application)",
)


def _taken_for_granted(campaign: Campaign, view: View, *, known: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """What our last line said of him and he went along with: "you asked about our MBA, is it online or campus?"."""
    line = view.last_line("persona")
    sentences = re.split(r"(?<=[.!?])\s+", line.text) if line else []
    found: dict[str, JsonValue] = {}
    for sentence in (clean(one) for one in sentences if "?" not in one):
        for question in campaign.questions if _ABOUT_HIM.search(sentence) else ():
            if question.type not in ("enum", "text") or question.key in known or view.known(question.key) is not None:
                continue
            values = {mention.value for mention in mentions(question, sentence, asked=False) if not mention.denied}
            if len(values) == 1:
                value = values.pop()
                found[question.key] = [value] if question.multi else value
    return found
