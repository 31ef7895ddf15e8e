"""What people who take calls over say and text to us: yes or no to a call, on and off duty, what came of a lead. Pure.

Strict where it matters: only a clear yes takes a call, so that no voicemail greeting and no "hello?" can.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from agent.guard.sensitive import mask
from agent.understanding.spoken_time import Meaning, call_time
from state.events import Outcome

LONGEST_YES = 12
"""Words. Whoever says more than this is not answering a question, or is a recording."""

_RECORDING = re.compile(
    r"\b(?:voice ?mail|leave (?:me )?(?:a |your )?(?:message|name|number)|after the (?:tone|beep)|at the (?:tone|beep)|"
    r"(?:you(?:'ve| have) )?reached (?:the )?|not available|unavailable|can(?:'t|not) (?:come|take your)|"
    r"get back to you|record your)\b",
    re.IGNORECASE,
)
_TAKES = re.compile(
    r"^(?:(?:um|uh|oh|well|so|hey)[, ]+)?(?:yes|yeah|yep|yup|sure|ok|okay|absolutely|of course|please do)\b|"
    r"\b(?:put (?:him|her|them|it|the caller|\w+) (?:through|on)|connect (?:us|me|him|her|them|the call)|"
    r"i(?:'ll| will| can) take (?:it|him|her|them|the call|this)|go ahead|send (?:him|her|them|it) (?:over|through)|"
    r"i'?m ready)\b",
    re.IGNORECASE,
)
_PASSES = re.compile(
    r"\b(?:can(?:'t|not)|not (?:now|right now|me|today)|don't|won't|busy|pass|decline|somebody else|someone else|"
    r"another (?:call|client)|in a meeting|driving|later)\b|^(?:no|nope|nah)\b",
    re.IGNORECASE,
)
_PICKS_UP = re.compile(r"\b(?:hello|speaking|who(?:'s| is)?|what)\b|\?$", re.IGNORECASE)


def takes_it(speech: str) -> bool | None:
    """Whether a person agreed to take the call he was told of; None if that is not clear from what he said."""
    speech = speech.strip().replace("’", "'")
    if _RECORDING.search(speech) or _PASSES.search(speech):
        return False
    # "Yes?" and "Yeah, hello, who is it?" are how people pick up.
    if _PICKS_UP.search(speech) or len(speech.split()) > LONGEST_YES:
        return None
    return True if _TAKES.search(speech) else None


# Texts --------------------------------------------------------------------------------------------------------------

_ON = frozenset({"on", "available", "im on", "on duty", "back", "im back", "start"})
# Also the words with which a carrier stops our texts to him: then nothing should ring him for us either.
_OFF = frozenset(
    {"off", "away", "im off", "off duty", "busy", "stop", "end", "quit", "cancel", "unsubscribe", "stopall"}
)

_OUTCOMES: tuple[tuple[Outcome, str], ...] = (
    ("not_interested", r"\bnot interested|no interest|\b(?:lost|dead)\b|went with|doesn'?t want|didn'?t want"),
    ("unreachable", r"\bno answer|voice ?mail|hung up|can'?t reach|couldn'?t reach|unreachable|never picked up"),
    ("booked", r"\bbooked|appointment|scheduled|\bset up (?:a|for)"),
    ("call_back", r"\bcall(?:ing)?(?: \w+)? back|callback|follow(?:ing)?[- ]?up|\btry again|\bcall (?:him|her|them)\b"),
    ("sold", r"^(?:closed|bound|signed|funded|enrolled|won)\b|(?<!not )(?<!nothing )\bsold\b"),
)


@dataclass(frozen=True, slots=True)
class Presence:
    """He is there for calls, or away."""

    available: bool


@dataclass(frozen=True, slots=True)
class Said:
    """What came of a lead. `call_back` is when he means to call the lead again, if he named a time."""

    outcome: Outcome
    notes: str
    call_back: datetime | None = None


def read_text(body: str, lead_now: datetime) -> Presence | Said:
    """What a text of his means. `lead_now` is the clock, with zone, by which a day or an hour he names is read."""
    word = re.sub(r"[^a-z ]", "", body.lower()).strip()
    if word in _ON | _OFF:
        return Presence(word in _ON)
    return said(body, lead_now)


def said(notes: str, lead_now: datetime, outcome: Outcome | None = None) -> Said:
    """What came of a lead, from notes and, where a form has asked for it, the outcome he chose."""
    found = outcome or _outcome(notes)
    when = call_time(notes, lead_now) if found == "call_back" else None
    is_named = when is not None and when.meaning in (Meaning.AT, Meaning.WINDOW, Meaning.NOT_BEFORE)
    return Said(found, mask(notes.strip()), when.earliest if when is not None and is_named else None)


def _outcome(notes: str) -> Outcome:
    for outcome, words in _OUTCOMES:
        if re.search(words, notes, re.IGNORECASE):
            return outcome
    return "other"
