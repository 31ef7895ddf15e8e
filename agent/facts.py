"""Learns facts from what a lead says: whatever he volunteers, in any order, by the words the campaign's data gives.

Nothing is guessed. A value is learned only if a word for it was said, or if a yes or no answers the question that was
put last. A later value replaces an earlier one; both stay in the log.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime

from pydantic import JsonValue

from agent.amounts import adds_up, amount_band, is_one_sum
from agent.call_wish import OF_CALLS
from agent.campaign import Campaign, Question
from agent.common_facts import common_facts, wants_spanish
from agent.corrections import last_word
from agent.counting import tally
from agent.figures import age_of, day_band, number_of, score_band, zip_of
from agent.mentions import Mention, is_or, mentions, without_asking
from agent.moves import Learn
from agent.named_dates import dated_facts
from agent.offers import offers_in, taken
from agent.shifts import as_wish, shift_in
from agent.spanish import in_english, speaks_spanish
from agent.spoken_date import DateMention, find_dates
from agent.spoken_time import Meaning, call_time
from agent.words import Polarity, any_of, clean, clean_wording, is_unsure, phrase_pattern, polarity
from state.view import Line, View


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
    asked_in_past = line is not None and re.search(r"(?i)\bwhen did\b", line.text) is not None
    known = {key: fact.value for key, fact in view.facts.items()}
    found |= dated_facts(said, campaign, asked, now_local.date(), asked_in_past=asked_in_past, known=known)
    question = campaign.question(asked) if asked else None
    asked_a_sum = question is not None and question.bands_of == "amount" and "zip" not in said
    code = None if asked_a_sum else zip_of(text, asked == "zip")
    if code is not None and (code != view.zip or campaign.question("zip") is not None):
        found["zip"] = code
    found = _implied(campaign, view, found) | found
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
            yield from _choice(question, said, view, is_asked, now)
        case "int":
            number = _count(question, said, now, is_asked=is_asked)
            if number is not None:
                yield number
        case "text":
            yield from _text(question, said, view, is_asked)
        case "datetime":
            yield from _appointment(question, said, view, is_asked, now)
        case "date" | "zip":
            return  # read for all questions at once, by extract


_LEADING_COUNT = re.compile(
    r"(?:um |uh |yeah |like |about |theres |we have |we are |its |just )*\d{1,3}(?: of us| total)? ?(?:$|[,.])"
)
""" "3, me, my wife and our son": the number is the answer, the rest explains it."""


_YEARS = any_of(r"\d{1,2} (?:\w+ )?(?:years?|yrs?)(?: old)?")


def _count(question: Question, said: str, now: datetime, *, is_asked: bool) -> int | None:
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
        number = next((int(value) for value in _by_polarity(question, said)), None)
    return number


def _implied(campaign: Campaign, view: View, found: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """What the new facts tell of others: whoever names his carrier is insured."""
    implied: dict[str, JsonValue] = {}
    for key, value in found.items():
        question = campaign.question(key)
        if question is not None and value is not None:
            name = str(value).lower() if isinstance(value, bool) else str(value)
            implied |= question.implies.get(name, question.implies.get("*", {}))
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


# Choices ------------------------------------------------------------------------------------------------------------

_CORRECTION = re.compile(
    r"(?<!\S)(?:actually|i meant?|meant|correction|scratch that|instead|rather|changed my mind|make (?:it|that)|its"
    r"|it is|wait|oops|my bad|misspoke|should be|technically)(?!\S)"
)
_ALSO = re.compile(r"(?<!\S)(?:also|too|as well|plus|and|add|both|another|on top)(?!\S)")


def _choice(question: Question, said: str, view: View, is_asked: bool, now: datetime) -> Iterator[JsonValue]:
    named = mentions(question, said, asked=is_asked)
    if question.type == "bool":
        yield from _truth(question, named, said, is_asked)
        return
    known = view.known(question.key)
    if question.multi:
        yield from _several(question, named, known)
        return
    standing = [mention for mention in named if not mention.denied]
    denied = {mention.value for mention in named} - {mention.value for mention in standing}
    value = _pick(question, standing, said, known)
    holding = question.in_thousands_if
    in_thousands = bool(holding) and all(view.known(key) in allowed for key, allowed in holding.items())
    if value is None and not is_asked and question.bands_of == "amount":
        is_open = question.required and known is None
        value = amount_band(question, said, cued=True, in_thousands=in_thousands, alone=is_open)
    if value is None and not is_asked and question.bands_of == "score":
        value = score_band(question, said, asked=False)
    if value is None and not is_asked and question.bands_of == "days":
        value = _cued_day(question, said, now)
    if is_asked and question.bands_of == "days" and value == question.values[-1]:
        # The last one is the open one, "just looking": a date beside it says more. "No hurry, by the end of March".
        value = _banded(question, said, now, in_thousands=in_thousands) or value
    if value is None and is_asked and not standing:
        answer = None if denied else next(_by_polarity(question, said), None)
        value = (
            _banded(question, said, now, in_thousands=in_thousands) or _yes_by_then(question, said, view, now) or answer
        )
    if value is not None:
        is_correction = known in denied or _CORRECTION.search(said) or _is_combined(question, value)
        if known is None or is_asked or not question.sticky or is_correction:
            yield value
    elif known is not None and known in denied:
        yield None


def _truth(question: Question, named: list[Mention], said: str, is_asked: bool) -> Iterator[JsonValue]:
    if named:
        yield (named[-1].value == "true") is not named[-1].denied
    elif is_asked and (agreed := polarity(said)) is not None:
        yield agreed is Polarity.YES


def _several(question: Question, named: list[Mention], known: JsonValue) -> Iterator[JsonValue]:
    before = set(known) if isinstance(known, list) else set()
    values = {value for value in before if isinstance(value, str)}
    values |= {mention.value for mention in named if not mention.denied}
    values -= {mention.value for mention in named if mention.denied}
    ordered: list[JsonValue] = [value for value in question.values if value in values]
    if named and ordered:
        yield ordered


def _pick(question: Question, standing: list[Mention], said: str, known: JsonValue) -> str | None:
    standing = [one for one in standing if one.value != "other"] or standing
    values = list(dict.fromkeys(mention.value for mention in standing))
    if len(values) > 1 and is_or(said, standing[-2], standing[-1]):
        return None
    for whole, parts in question.combine.items():
        if set(parts) <= set(values) or (whole in values and set(values) <= {whole, *parts}):
            return whole
        if known in parts and set(parts) <= {*values, str(known)} and _ALSO.search(said):
            return whole
    return standing[-1].value if standing else None


def _is_combined(question: Question, value: str) -> bool:
    return value in question.combine


def _by_polarity(question: Question, said: str) -> Iterator[str]:
    agreed = polarity(said)
    if agreed is None and is_unsure(said):
        yield from (value for value in question.values if value in _NOT_KNOWN)
    if agreed is not None:
        yield from (value for value, words in question.answers.items() if agreed.value in words)


_NOT_KNOWN = frozenset({"unsure", "not_sure"})


def _banded(question: Question, said: str, now: datetime, *, in_thousands: bool) -> str | None:
    if question.bands_of == "amount":
        return amount_band(question, said, cued=False, in_thousands=in_thousands)
    if question.bands_of == "score":
        return score_band(question, said, asked=True)
    if question.bands_of == "days":
        return next((_day_band(question, mention, now) for mention in _ahead(said, now.date())), None)
    return None


_DURATION = re.compile(
    r"(?<!\S)(?:\d{1,3}|(?:a )?couple(?: of)?|(?:a )?few)(?: (?:or|to|maybe) \d{1,3})?"
    r" (?:days?|weeks?|wks?|months?|mos?)(?!\S)"
)


def _ahead(said: str, today: date) -> list[DateMention]:
    """The days named; asked when, "ten days or so" is in ten days."""
    return find_dates(said, today) or find_dates(_DURATION.sub(r"in \g<0>", said, count=1), today)


def _cued_day(question: Question, said: str, now: datetime) -> str | None:
    """The band of a day that stands behind one of the question's cues: "in place by friday"."""
    for mention in find_dates(said, now.date()):
        if any(said[: mention.start].rstrip().endswith(clean_wording(cue)) for cue in question.cues):
            return _day_band(question, mention, now)
    return None


def _day_band(question: Question, mention: DateMention, now: datetime) -> str | None:
    """The band of the middle of what was named: "in february" is about the fourteenth."""
    ahead = [span for span in mention.readings if span.last >= now.date()]
    if not ahead:
        return None
    middle = max(ahead[0].first, now.date()) + (ahead[0].last - max(ahead[0].first, now.date())) / 2
    return day_band(question, (middle - now.date()).days)


def _yes_by_then(question: Question, said: str, view: View, now: datetime) -> str | None:
    """A yes to "before you move in?" means by that date."""
    if polarity(said) is not Polarity.YES:
        return None
    for wording in question.ask_when:
        known = view.known(wording.known)
        if isinstance(known, str):
            if not wording.yes_means_by_then:
                return None
            last = datetime.fromisoformat(known.rpartition("/")[2]).date()
            return day_band(question, (last - now.date()).days)
    return None


# Texts --------------------------------------------------------------------------------------------------------------

_LEAD_IN = re.compile(
    r"^(?:(?:um|uh|well|so|oh|yeah|yes|ok|okay|sure|its|it is|im with|i am with|with|i think|i guess|probably|maybe"
    r"|like|just|the|thats|we have|i have|we use|for|in|im looking at|im interested in|interested in"
    r"|looking at|,|\.) )+"
)
_NO_ANSWER = re.compile(
    r"(?<!\S)(?:dont know|do not know|no idea|not sure|idk|dunno|cant remember|dont remember|rather not|prefer not|why"
    r"|what|who|how|when|where|hold on|hang on|wait|call me|stop|hello|pardon|sorry)(?!\S)|\?"
)
MOST_WORDS = 25


def _text(question: Question, said: str, view: View, is_asked: bool) -> Iterator[JsonValue]:
    if question.sticky and not is_asked and view.known(question.key) is not None:
        return
    named = [mention for mention in mentions(question, said, asked=is_asked) if not mention.denied]
    if named:
        yield named[-1].value
    elif told := _told(question, said):
        yield told[: question.max_len]
    elif is_asked and len(said.split()) <= MOST_WORDS:
        answer = _written(question, _answering(said))
        if answer and polarity(answer) is None:
            yield answer[: question.max_len]


def _answering(said: str) -> str:
    """The sentences that may answer: not those that ask back, or are about the call."""
    sentences = [one.strip() for one in re.findall(r"[^.?]+[.?]?", said)]
    return " , ".join(one.rstrip(" .") for one in sentences if not _NO_ANSWER.search(one))


def _told(question: Question, said: str) -> str:
    """The clauses that hold a word of each list the question names."""
    if not question.told_by:
        return ""
    ignored = phrase_pattern(question.ignore)
    clauses = (clause.strip() for clause in re.split(r"[,.?]", said))
    told = (c for c in clauses if all(phrase_pattern(words).search(ignored.sub("", c)) for words in question.told_by))
    return ", ".join(filter(None, (_written(question, clause) for clause in told)))


def _written(question: Question, said: str) -> str:
    """The lead's words as they are noted: without the way he leads into them, in the question's own terms."""
    for words, others in question.reword.items():
        said = phrase_pattern(others).sub(words, said)
    return re.sub(r" ([,.])", r"\1", _LEAD_IN.sub("", f"{said} ")).strip(" .,")


# Appointments --------------------------------------------------------------------------------------------------------


_MOVES = re.compile(
    r"(?<!\S)(?:actually|instead|change it|move it|reschedule|switch|rather|better|lets do|can we do"
    r"|cant (?:make|do)(?: it)?|something came up|change to|make it|earlier|later|running late)(?!\S)"
)
_ELSEWHEN = re.compile(r"(?<!\S)(?:call|text|message|get back to|check back with) (?:me|us)(?!\S)")
"""A time to be called or texted at is no visit."""


def _as_read(line: Line, view: View) -> str:
    return in_english(line.text, is_spanish=True) if speaks_spanish(line.text, view) else line.text


def _line_that_offered(view: View, now: datetime) -> Line | None:
    ours = (line for line in reversed(view.thread) if line.who == "persona")
    return next((line for line in ours if len(offers_in(_as_read(line, view), now)) > 1), None)


def _appointment(question: Question, said: str, view: View, is_asked: bool, now: datetime) -> Iterator[JsonValue]:
    """The start of the visit he chose among those offered, or of one he names himself."""
    moved = _MOVES.search(said) if not is_asked and view.known(question.key) is not None else None
    if not (is_asked or moved) or _ELSEWHEN.search(said):
        return
    if moved and find_dates(said[moved.end() :], now.date()):
        said = said[moved.end() :]  # "I'm at the dentist's on Thursday, let's do Friday"
    known, by = view.known(question.key), shift_in(said)
    if by is not None and isinstance(known, str):
        yield (datetime.fromisoformat(known) + by).isoformat(timespec="minutes")
        return
    line = view.last_line("persona") if is_asked else _line_that_offered(view, now)
    offers = offers_in(_as_read(line, view), now) if line else []
    said = last_word(said, lambda rest: taken(rest, offers, now) is not None)
    offer = taken(said, offers, now)
    day = datetime.fromisoformat(known).date() if moved and isinstance(known, str) else None
    wish = as_wish(said, day) if moved else said
    when = call_time(wish, now, on=day) if offer is None and (is_asked or moved) else None
    if offer is not None:
        yield offer.start.replace(tzinfo=None).isoformat(timespec="minutes")
    elif when and when.meaning in (Meaning.AT, Meaning.WINDOW) and when.earliest:
        yield when.earliest.replace(tzinfo=None).isoformat(timespec="minutes")
