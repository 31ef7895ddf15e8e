"""What a campaign file can say in the right shape and still not mean: dangling references, words it forbids itself."""

import re
from collections.abc import Iterator
from zoneinfo import available_timezones

import phonenumbers

from agent.campaign.campaign import Campaign
from agent.campaign.people import Shift
from agent.campaign.questions import Question
from agent.gate.zones import all_states

Where = tuple[str | int, ...]
"""The path of keys and list places that leads to the fault."""

COMMON_FACTS = frozenset(
    {
        "first_name",
        "preferred_language",
        "channel_pref",
        "interest",
        "ready_to_talk",
        "transfer_now",
        "good_time",
        "callback_time",
        "callback_earliest",
        "callback_latest",
        "human_requested",
        "ai_asked",
        "opted_out",
        "wrong_number",
        "on_hold",
        "under_18",
        "zip",
        "recording_ok",
        "identity_confirmed",
        "third_party_contact",
        "safety_issue",
        "objection",
    }
)
"""Facts of every campaign, whatever it sells; a campaign may speak of them without defining them."""


def contradictions(campaign: "Campaign") -> Iterator[tuple[Where, str]]:
    """Every fault of a campaign: where it is and what is wrong."""
    yield from _dangling(campaign)
    for index, question in enumerate(campaign.questions):
        for where, message in _question_faults(question):
            yield ("questions", index, *where), message
    bad_patterns = list(_bad_patterns(campaign))
    yield from bad_patterns
    if not bad_patterns:
        yield from _bad_wordings(campaign)
    yield from _voicemail_faults(campaign)
    for name, url in campaign.links.items():
        if not re.fullmatch(r"(https://)?[\w-]+(\.[\w-]+)+(/\S*)?", url):
            yield ("links", name), f"{url!r} is no address such as https://example.com/page"
    yield from _agent_faults(campaign)
    if campaign.number is not None and not _is_e164(campaign.number):
        yield ("number",), f"{campaign.number!r} is no E.164 number such as +13125550142"
    if campaign.active and not campaign.consent_required:
        yield ("consent_required",), "an active campaign must name the consents it needs, such as [sms, ai_voice]"


VOICEMAIL_WORDS = 60
"""What is said in 20 s (POLICY section 4)."""
_OWED = {
    "{persona}": r"\{persona\}",
    "{brand}": r"\{brand\}",
    "{number}": r"\{number\}",
    "that it is an AI": r"\bAI\b|\bIA\b|inteligencia artificial|artificial intelligence",
    "how to get no more calls: say 'stop calls'": r"stop calls",
}


def _voicemail_faults(campaign: "Campaign") -> Iterator[tuple[Where, str]]:
    """A message has to say who calls, that it is a machine, and the way out (47 CFR 64.1200(b))."""
    for language, words in campaign.voicemail.items():
        for owed, pattern in _OWED.items():
            if not re.search(pattern, words):
                yield ("voicemail", language), f"must say {owed}"
        if len(words.split()) > VOICEMAIL_WORDS:
            yield ("voicemail", language), f"is longer than {VOICEMAIL_WORDS} words, which is what 20 seconds hold"
        filled = campaign.fill(words.replace("{number}", "").replace("{greeting}", ""))
        if stray := re.search(r"\{\w*\}", filled):
            yield ("voicemail", language), f"unknown placeholder {stray.group()}"


def _agent_faults(campaign: "Campaign") -> Iterator[tuple[Where, str]]:
    values = {value for question in campaign.questions for value in question.values}
    seen: set[str] = set()
    for index, agent in enumerate(campaign.agents):
        if not _is_e164(agent.number):
            yield ("agents", index, "number"), f"{agent.number!r} is no E.164 number such as +13125550142"
        for field, value in (("name", agent.name), ("number", agent.number)):
            if value in seen:
                yield ("agents", index, field), f"two agents have the {field} {value!r}"
            seen.add(value)
        for place, skill in enumerate(agent.skills):
            if skill not in values:
                yield ("agents", index, "skills", place), f"no question has the value {skill!r}"
        for place, state in enumerate(agent.states):
            if state not in all_states():
                yield ("agents", index, "states", place), f"{state!r} is no postal code of a state such as IL"
        if agent.verticals and campaign.vertical not in agent.verticals:
            yield ("agents", index, "verticals"), f"the campaign's own vertical, {campaign.vertical!r}, is not in it"
        if agent.hours is not None:
            yield from ((("agents", index, "hours", *where), fault) for where, fault in _shift_faults(agent.hours))


def _shift_faults(shift: "Shift") -> Iterator[tuple[Where, str]]:
    if shift.zone not in available_timezones():
        yield ("zone",), f"{shift.zone!r} is no IANA time zone such as America/Chicago"
    if not shift.days:
        yield ("days",), "names no day: leave it out for Monday to Friday"
    if shift.end <= shift.start:
        yield ("end",), "must be later than start, on the same day"


def _dangling(campaign: "Campaign") -> Iterator[tuple[Where, str]]:
    keys = [question.key for question in campaign.questions]
    known = COMMON_FACTS | set(keys)

    def unknown(name: str) -> str:
        return f"no question has the key {name!r}"

    for index, key in enumerate(keys):
        if key in keys[:index]:
            yield ("questions", index, "key"), f"two questions have the key {key!r}"
    for index, name in enumerate(campaign.ready_when):
        if name not in known:
            yield ("ready_when", index), unknown(name)
    for index, question in enumerate(campaign.questions):
        for name in set(question.applies_if) - known:
            yield ("questions", index, "applies_if", name), unknown(name)
        for value, implied in question.implies.items():
            for name in set(implied) - known:
                yield ("questions", index, "implies", value, name), unknown(name)
        for place, wording in enumerate(question.ask_when):
            if wording.known not in known:
                yield ("questions", index, "ask_when", place, "known"), unknown(wording.known)
    for index, followup in enumerate(campaign.followups):
        for name in set(re.findall(r"\{(\w+)\}", campaign.fill(followup.say or ""))) - known:
            yield ("followups", index, "say"), unknown(name)
        for name in set(followup.when) - known:
            yield ("followups", index, "when", name), unknown(name)
        for field, target in (("ask", followup.ask), ("then", followup.then)):
            if target is not None and not _askable(campaign, target):
                yield ("followups", index, field), f"no question with a wording has the key {target!r}"
    for index, digression in enumerate(campaign.digressions):
        if digression.asks is not None and digression.asks not in known:
            yield ("digressions", index, "asks"), unknown(digression.asks)


def _askable(campaign: "Campaign", key: str) -> bool:
    question = campaign.question(key)
    return question is not None and question.ask is not None


def _question_faults(question: "Question") -> Iterator[tuple[Where, str]]:
    if question.type == "enum" and not question.values:
        yield ("type",), "an enum needs values"
    if question.required and question.ask is None:
        yield ("required",), "a required fact needs a wording to ask for it"
    if question.bands and question.bands_of is None:
        yield ("bands",), "say what the bands measure: bands_of: days, amount or score"
    allowed = set(question.values) if question.type == "enum" else None
    if question.type == "bool":
        allowed = {"true", "false"}
    if allowed is None:
        return
    for field in ("labels", "synonyms", "answers", "combine", "bands", "acknowledge", "recall", "implies"):
        for value in sorted(set(getattr(question, field)) - allowed - {"*"}):
            yield (field, value), f"{value!r} is none of the values {', '.join(sorted(allowed))}"


def _bad_patterns(campaign: "Campaign") -> Iterator[tuple[Where, str]]:
    places: list[tuple[Where, str]] = [
        (("never_say_patterns", index), pattern) for index, pattern in enumerate(campaign.never_say_patterns)
    ]
    for index, digression in enumerate(campaign.digressions):
        places += [(("digressions", index, "patterns", n), pattern) for n, pattern in enumerate(digression.patterns)]
    for where, pattern in places:
        try:
            re.compile(pattern)
        except re.error as error:
            yield where, f"not a regular expression: {error}"


def _bad_wordings(campaign: "Campaign") -> Iterator[tuple[Where, str]]:
    """The campaign's own words must be sayable: no unknown placeholder, nothing that it forbids itself."""
    forbidden = [re.compile(p, re.IGNORECASE) for p in campaign.never_say_patterns]
    for where, words in _wordings(campaign):
        filled = campaign.fill(words)
        if stray := re.search(r"\{(?!slots\})\w*\}", filled):
            yield where, f"unknown placeholder {stray.group()}"
        yield from (
            (where, f"says what never_say_patterns forbids: {p.pattern}") for p in forbidden if p.search(filled)
        )


def _wordings(campaign: "Campaign") -> Iterator[tuple[Where, str]]:
    yield ("opening_question",), campaign.opening_question
    yield ("call_offer",), campaign.call_offer
    for index, question in enumerate(campaign.questions):
        for field in ("ask", "ask_voice", "ask_again"):
            if words := getattr(question, field):
                yield ("questions", index, field), words
        for place, wording in enumerate(question.ask_when):
            yield ("questions", index, "ask_when", place, "ask"), wording.ask
        for value, words in question.acknowledge.items():
            yield ("questions", index, "acknowledge", value), words
    for index, digression in enumerate(campaign.digressions):
        yield ("digressions", index, "answer"), digression.answer
        if digression.answer_voice:
            yield ("digressions", index, "answer_voice"), digression.answer_voice


def _is_e164(number: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number)) and number.startswith("+")
    except phonenumbers.NumberParseException:
        return False
