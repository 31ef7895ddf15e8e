"""The numbers of people who call from the browser phone: none that a telephone could have."""

import re
import secrets

_PREFIX = "+1312211"
"""Chicago, for the hours of contact. N11 is never an exchange (NANPA, Central Office Code Assignment Guidelines)."""
_BROWSER = re.compile(re.escape(_PREFIX) + r"\d{4}")


def is_browser(number: str) -> bool:
    """Whether a number is a browser's."""
    return _BROWSER.fullmatch(number) is not None


def new_number() -> str:
    """One of ten thousand, at random, E.164."""
    return f"{_PREFIX}{secrets.randbelow(10_000):04}"
