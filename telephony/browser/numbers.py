"""The numbers of people who call from the browser phone: none that a telephone could have (`agent.pages`)."""

import secrets

from agent.pages import PREFIX


def new_number() -> str:
    """One of ten thousand, at random, E.164."""
    return f"{PREFIX}{secrets.randbelow(10_000):04}"
