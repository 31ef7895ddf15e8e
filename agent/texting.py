"""What fits into a text message: the GSM 7-bit alphabet and the length of its segments (GSM 03.38, 23.040)."""

import re
import unicodedata

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("^{}\\[~]|€\f")
"""Characters that take two places."""
_PLAIN = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "•": "-", "\u00a0": " ", "\t": " "}
)
MOST_SEGMENTS = 2


def gsm7(text: str) -> str:
    """The text in the GSM alphabet: typographic marks made plain, foreign accents dropped, the rest left out.

    One character outside the alphabet would more than halve what a segment holds.
    """
    kept = (c if c in _BASIC or c in _EXTENDED else _without_accent(c) for c in text.translate(_PLAIN))
    return re.sub(r" +(?=[ ,.;:!?])", "", "".join(kept))  # where something was left out


def segments(text: str) -> int:
    """How many segments a text of GSM characters takes: 160 septets alone, 153 each when joined."""
    size = sum(2 if character in _EXTENDED else 1 for character in text)
    return 1 if size <= 160 else -(-size // 153)


def fits(text: str) -> bool:
    """Whether the text is short enough to be one message of ours."""
    return segments(gsm7(text)) <= MOST_SEGMENTS


def cut(text: str, most: int) -> str:
    """The text, at most so many characters long, cut at a space."""
    if len(text) <= most:
        return text
    return text[: most - 2].rsplit(" ", 1)[0].rstrip(" ,.;") + ".."


def _without_accent(character: str) -> str:
    base = unicodedata.normalize("NFKD", character)[0]
    return base if base in _BASIC else ""
