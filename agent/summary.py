"""What a human needs to take a lead over in mid-conversation, and nothing the lead did not say.

Everything here is read from the record: facts by name, the questions he put along the way, what he was promised, the
consents. No sentence is composed by a model, so no product, number or date can slip in (S42, S69).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from pydantic import JsonValue

from agent.campaign import Campaign, Question
from agent.gate.zones import lead_zone
from agent.guard.plain import plain
from agent.guard.questions import danger
from agent.texting import cut, gsm7
from agent.understanding.offers import offers_in
from agent.words import ordinal
from state.events import Channel, ConsentGiven, Event, LeadSaid, Promised, TextReceived
from state.view import View

HEADLINE_WORDS = 12
CARD_CHARACTERS = 480
"""About three segments: what an agent reads while his telephone rings."""
WHISPER_WORDS = 20
"""Some 7 seconds of speech: with the question behind it, ten."""
_MASKS = re.compile(r"\[(ssn|card|account|code)\]")


@dataclass(frozen=True, slots=True)
class Summary:
    """Three lengths of one truth."""

    headline: str
    """Who, what, by when; at most 12 words."""
    card: str
    """The text to the agent: plain GSM characters, at most 480."""
    whisper: str
    """What the agent hears before he is asked; with the question, at most ten seconds."""
    full: str
    """Every fact and circumstance, a line each, for a screen."""


def summarise(view: View, campaign: Campaign, log: Sequence[tuple[int, Event]]) -> Summary:
    """Sums a conversation up for the person who takes it over. `log` is the whole of it, oldest first."""
    events = [event for _, event in log]
    headline = _headline(view, campaign)
    asked = _asked_about(view, campaign, events)
    first = _first_channel(events)
    facts = list(_facts(view, campaign))
    rest = [
        f"First channel: {first}." if first else "",
        f"Questions on the way: {', '.join(asked)}." if asked else "",
        _danger(view, events),
        *_wishes(view),
        *(f"Promised: {what}." for what in _promised(events)),
        _masked(events),
        f"Consent ids: {_consents(view, events)}." if view.consents else "",
    ]
    notes = [note for note in rest if note]
    return Summary(
        headline=headline,
        card=_card(headline, facts, notes),
        whisper=_whisper(view, campaign, asked),
        full="\n".join((f"{headline} ({view.number})", *facts, *notes)),
    )


def card_with(card: str, link: str) -> str:
    """The card with a link on a line of its own, still as long as a card may be."""
    return f"{cut(card, CARD_CHARACTERS - len(link) - 1)}\n{link}"


# Facts --------------------------------------------------------------------------------------------------------------


def _name(view: View) -> str:
    return str(view.first_name or view.known("first_name") or "The lead")


def _headline(view: View, campaign: Campaign) -> str:
    """Name, then what the campaign calls ready: for insurance product, cover and timing."""
    labels = [
        question.label(value)
        for key in campaign.ready_when
        if (question := campaign.question(key)) is not None and (value := view.known(key)) is not None
    ]
    words = f"{_name(view)}: {', '.join(labels)}" if labels else f"{_name(view)}: nothing asked yet"
    return " ".join(words.split()[:HEADLINE_WORDS]).rstrip(",")


def _facts(view: View, campaign: Campaign) -> Iterator[str]:
    for question in campaign.questions:
        value = view.known(question.key)
        if value is not None:
            shown = _visit(view, value) if question.type == "datetime" else _shown(question, value)
            yield f"{question.title or question.key.replace('_', ' ').capitalize()}: {shown}"
    for key, title in (("zip", "ZIP"), ("preferred_language", "Language"), ("third_party_contact", "Also spoke to")):
        value = view.known(key)
        if value is not None and campaign.question(key) is None:
            yield f"{title}: {value}"


def _shown(question: Question, value: JsonValue) -> str:
    if isinstance(value, list):
        return ", ".join(question.label(item) for item in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return question.label(value) if question.type != "text" else str(value)


def _visit(view: View, value: JsonValue) -> str:
    """The day and hour of a visit, to its end where we had offered one: "2026-11-18 14:00-16:00"."""
    start = datetime.fromisoformat(str(value))
    lines = [(line.text, line.at.astimezone(lead_zone(view))) for line in view.thread if line.who == "persona"]
    offers = (offer for text, at in reversed(lines) for offer in offers_in(text, at))
    ends = (offer.end for offer in offers if offer.end and offer.start.replace(tzinfo=None) == start)
    end = next(ends, None)
    return f"{start:%Y-%m-%d %H:%M}" + (f"-{end:%H:%M}" if end else "")


# Circumstances ------------------------------------------------------------------------------------------------------


def _first_channel(events: Sequence[Event]) -> str | None:
    first = next((event for event in events if isinstance(event, TextReceived | LeadSaid)), None)
    if first is None:
        return None
    channel = Channel.SMS if isinstance(first, TextReceived) else Channel.VOICE
    return "text (sms)" if channel is Channel.SMS else "call (voice)"


def _asked_about(view: View, campaign: Campaign, events: Sequence[Event]) -> list[str]:
    words = [text.lower().replace("’", "'") for text in _lead_words(events)]
    notes = [
        digression.note
        for digression in campaign.digressions
        if digression.note and any(re.search(p, text, re.IGNORECASE) for p in digression.patterns for text in words)
    ]
    if view.known("ai_asked") is True:
        notes.append("asked if this is AI")
    if view.known("human_requested") is True:
        notes.append("asked for a person")
    return list(dict.fromkeys(notes))


def _lead_words(events: Sequence[Event]) -> Iterator[str]:
    for event in events:
        if isinstance(event, TextReceived):
            yield event.body
        elif isinstance(event, LeadSaid):
            yield event.text


_DANGERS = {
    "gas": "gas smell reported, told to call 911 or the gas company",
    "fire": "fire reported, told to call 911",
    "electric": "electrical danger reported, told to keep away",
    "medical": "a medical emergency reported, told to call 911",
    "self_harm": "he spoke of harming himself, given 988",
}


def _danger(view: View, events: Sequence[Event]) -> str:
    """What he reported and what we told him; and that he says it is over, if he does."""
    kinds = [kind for text in _lead_words(events) if (kind := danger(plain(text))) is not None]
    if not kinds or view.known("safety_issue") is None:
        return ""
    return f"Safety: {_DANGERS[kinds[-1]]}{'' if view.known('safety_issue') else '; cleared since, he says'}."


def _wishes(view: View) -> Iterator[str]:
    earliest, latest = view.known("callback_earliest"), view.known("callback_latest")
    if isinstance(earliest, str):
        until = f" to {latest.partition('T')[2]}" if isinstance(latest, str) else " or later"
        yield f"Wants a call: {earliest.replace('T', ' ')}{until}, lead's time."
    objection = view.known("objection")
    if objection not in (None, "none"):
        yield f"Objection: {str(objection).replace('_', ' ')}."
    if view.known("channel_pref") is not None:
        yield f"Prefers: {view.known('channel_pref')}."


def _promised(events: Sequence[Event]) -> list[str]:
    return list(dict.fromkeys(event.what for event in events if isinstance(event, Promised)))


def _masked(events: Sequence[Event]) -> str:
    """What he volunteered and we took out, by kind: "Volunteered and removed: SSN."."""
    kinds = {kind.upper() if kind == "ssn" else kind for text in _lead_words(events) for kind in _MASKS.findall(text)}
    return f"Volunteered and removed: {', '.join(sorted(kinds))}." if kinds else ""


def _consents(view: View, events: Sequence[Event]) -> str:
    given = [event for event in events if isinstance(event, ConsentGiven)]
    if given:
        return "; ".join(f"{event.id} ({', '.join(event.scopes)})" for event in given)
    return "; ".join(f"{consent.event} ({scope})" for scope, consent in view.consents.items())


# Lengths ------------------------------------------------------------------------------------------------------------


def _card(headline: str, facts: Sequence[str], notes: Sequence[str]) -> str:
    """The headline, then facts and notes as far as they fit; whole ones, never half a fact."""
    card = gsm7(f"{headline}.")
    for part in (f"{'; '.join(facts)}." if facts else "", *notes):
        longer = gsm7(f"{card}\n{part}")
        if not part:
            continue
        if len(longer) > CARD_CHARACTERS:
            room = CARD_CHARACTERS - len(card) - 1
            return f"{card}\n{cut(gsm7(part), room)}" if room > 20 else card
        card = longer
    return card


def _whisper(view: View, campaign: Campaign, asked: Sequence[str]) -> str:
    parts = [_name(view)]
    parts += [words for question in campaign.questions if (words := _spoken(question, view.known(question.key)))]
    parts += asked[:2]
    whisper, count = "", 0
    for part in parts:
        count += len(part.split())
        if count > WHISPER_WORDS:
            break
        whisper = f"{whisper}, {part}" if whisper else part
    return f"{whisper}."


def _spoken(question: Question, value: JsonValue) -> str | None:
    if value is None or value is False or isinstance(value, list):
        return None
    if question.type == "date":
        return f"{(question.title or question.key).lower()} {_spoken_date(str(value))}"
    if value is True:
        return question.labels.get("true")
    return question.label(value) if question.type == "enum" else None


def _spoken_date(value: str) -> str:
    first = date.fromisoformat(value.partition("/")[0])
    prefix = "around " if "/" in value else ""
    return f"{prefix}{first:%B} {ordinal(first.day)}"
