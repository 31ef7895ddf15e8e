"""Complaints: what a lead says who does not only want to be left alone, and what carriers report of the like."""

import re

FILTERED = frozenset({30007, 40002, 40003})
"""Twilio's error, and Telnyx's, for a text that was taken for spam on the way."""

_COMPLAINT = re.compile(
    r"\b(?:spam\w*|scam\w*|harass\w*|complain\w*|report(?:ed|ing)? (?:you|this)|lawyers?|attorneys?|sue|suing|lawsuit"
    r"|illegal|fcc|ftc|tcpa|bbb|who gave you)\b",
    re.IGNORECASE,
)


def complains(words: str) -> bool:
    """Whether a lead's stop is a complaint, too."""
    return _COMPLAINT.search(words) is not None
