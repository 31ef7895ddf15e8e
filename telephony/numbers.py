"""Telephone numbers as callers, forms and carriers write them, brought to E.164."""

import re

import phonenumbers

HOME_REGION = "US"
"""Numbers without a country code are read as dialled from here."""

WITHHELD = frozenset({"", "anonymous", "unknown", "restricted", "unavailable", "private", "+266696687", "266696687"})
"""What a carrier sends for a caller who hides his number (266696687 spells ANONYMOUS)."""


_ADDRESS = re.compile(r"\s*(?!tel:)([a-z][a-z0-9.+-]*):(.*)", re.IGNORECASE | re.DOTALL)
"""Of a channel that is neither telephone nor text: `whatsapp:+13125550142`, `messenger:…`, `sip:…`."""


def bare(address: str) -> str:
    """An address without the name of its channel: what is a number with us, if anything is."""
    found = _ADDRESS.fullmatch(address)
    return found[2] if found else address


def is_elsewhere(address: str) -> bool:
    """Whether an address is of another channel than telephone and text."""
    return _ADDRESS.fullmatch(address) is not None


def e164(number: str) -> str:
    """Normalises to E.164, such as +13125550142.

    Raises:
        ValueError: saying what is wrong, without repeating the number.
    """
    if is_elsewhere(number):
        raise ValueError("is an address of another channel; write the telephone number alone, as +13125550142")
    try:
        parsed = phonenumbers.parse(number, HOME_REGION)
    except phonenumbers.NumberParseException:
        raise ValueError("is not a telephone number; write it as +13125550142") from None
    if not phonenumbers.is_possible_number(parsed):
        raise ValueError("has too few or too many digits for a telephone number; write it as +13125550142")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def caller(number: str) -> str | None:
    """The E.164 number of a caller, or None if he withheld it or shows what is none: a SIP address, a short code."""
    try:
        return None if number.strip().lower() in WITHHELD else e164(number)
    except ValueError:
        return None
