"""What else is decided before any model: danger to somebody, and the bare words HELP and START."""

import re

from agent.guard.plain import Plain


def danger(message: Plain) -> str | None:
    """The kind of danger somebody is in now: `gas`, `fire`, `electric`, `medical` or `self_harm`."""
    for kind, pattern in _DANGER.items():
        if pattern.search(message.text) and not _NO_DANGER.search(message.text):
            return kind
    return None


def is_start(message: Plain) -> bool:
    """The bare word that resumes texts (TWILIO default words, without YES: it answers too much else)."""
    return _START.fullmatch(message.text) is not None


def is_help(message: Plain) -> bool:
    """The bare word that CTIA wants answered with who we are and how to reach us."""
    return message.text in {"help", "info", "help please", "ayuda"}


# Danger --------------------------------------------------------------------------------------------------------------

_DANGER = {
    "gas": re.compile(
        r"\bsmell(?:s|ing|ed)? (?:\w+ ){0,3}?(?:gas|rotten eggs?|propane|sulfur)\b|\bgas (?:smell|odor|leak|leaking|"
        r"is leaking)\b|\bleaking gas\b|\b(?:carbon monoxide|co) (?:alarm|detector|monitor) (?:is |keeps |just |"
        r"started |has )*(?:going|went|beep\w*|sound\w*|scream\w*|off)|\bcarbon monoxide (?:leak|poisoning)\b|"
        r"\b(?:huele|olor) a gas\b|\bfuga de gas\b"
    ),
    "fire": re.compile(
        r"\b(?:house|home|kitchen|roof|furnace|garage|stove|attic|basement|apartment|building|car|outlet|wall|unit|"
        r"it) (?:is|caught|just caught) (?:on fire|fire|burning|in flames)\b|\b(?:there is|theres|got|"
        r"have) (?:a )?(?:fire|flames|smoke) (?:in|coming|inside|everywhere|at|right now|filling)\b|"
        r"\bsmoke (?:is )?(?:coming|pouring|filling|everywhere)\b|\bse (?:esta )?(?:quema|incendia|quemando|"
        r"incendiando)\w*\b"
    ),
    "electric": re.compile(
        r"\b(?:sparks?|sparking|arcing) (?:\w+ ){0,3}?(?:from|out|coming|flying|at|in|everywhere|when)\b|\b(?:outlet|"
        r"panel|breaker|wire|wires|furnace|box) (?:is|are|keeps?|started) (?:sparking|smoking|arcing|"
        r"buzzing and hot)\b|\bwater (?:\w+ ){0,4}(?:near|around|in|on|into|by|over) (?:the )?(?:\w+ )?(?:panel|"
        r"outlets?|breaker|electric\w*|fuse box|wiring)\b|\b(?:power ?line|live wire) (?:\w+ ){0,2}(?:down|fell)\b"
    ),
    "medical": re.compile(
        r"\b(?:having|had|is having|think i am having) a (?:heart attack|stroke|seizure)\b|\b(?:can not|can hardly|"
        r"not|is not|stopped) breath(?:e|ing)\b|\bchest pains?\b|\b(?:unconscious|not responding|passed out) (?:on|"
        r"right|now|and)\b|\bneed an ambulance\b|\b(?:call|calling) (?:911|an ambulance|9 1 1)\b|\b(?:is|he is|"
        r"she is) (?:bleeding|choking|overdos\w+)\b|\bambulancia\b"
    ),
    "self_harm": re.compile(
        r"\b(?:kill|hurt|harm) myself\b|\b(?:want|going|plan) to (?:die|end my life|end it all)\b|\bsuicid(?:e|al)\b|"
        r"\bmatarme\b|\bquitarme la vida\b"
    ),
}
_NO_DANGER = re.compile(
    r"\b(?:last (?:year|month|winter|summer|spring|fall|week)|years? ago|months? ago|in (?:19|20)\d\d|back in|"
    r"insurance for|covers?|does (?:it|that|this) cover|what if|in case of|used to|was fixed|false alarm|"
    r"life insurance|rider|exclusion|clause)\b"
)
_START = re.compile(
    r"(?:please )?(?:start|unstop|resume|opt in|opt me in|opt me back in|resubscribe|subscribe me again|reanudar|"
    r"iniciar|empezar)(?: please| texts| messages| again)*"
)
