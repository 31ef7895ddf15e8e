"""Leads who use the browser phone. They have a number that no telephone has: nobody can ring them, and no carrier's
conference has room for them, so no person is found for them and no call is offered. They are told so instead.
"""

import re

from agent.moves import HandOff, Move, Promise, Say
from agent.snapshot import Snapshot
from state.events import Channel

PREFIX = "+1312211"
"""Chicago, for the hours of contact. N11 is never an exchange (NANPA, Central Office Code Assignment Guidelines)."""
_PAGE = re.compile(re.escape(PREFIX) + r"\d{4}")

_OFFERS = re.compile(
    r"\bwho(?:'s| is) free\b"
    r"|\b(?:find|finding|get|getting|reach|ask|like)(?: you)? (?:someone|somebody|a person|a colleague|a human)\b"
    r"|\b(?:put|putting|pass|connect|connecting|transfer|transferring)\w* you\b"
    r"|\bcall(?:ed|ing)? (?:you|back)\b|\byou called back\b|\bgive you (?:a|another) (?:\w+ )?call\b"
    r"|\bsuits you (?:for|to)\b|\bin touch with you\b|\b(?:can't|can not|cannot) call\b",
    re.IGNORECASE,
)
"""Words about calls of ours and about people who take over."""


def is_page(number: str | None) -> bool:
    """Whether an E.164 number is a browser's."""
    return number is not None and _PAGE.fullmatch(number) is not None


def offers_contact(text: str) -> bool:
    """Whether a clause offers what nobody can do for a page."""
    return _OFFERS.search(text.replace("’", "'")) is not None


def serves(move: Move) -> bool:
    """Whether a move is of any use to a page: neither a person nor a call of ours reaches one."""
    return not isinstance(move, HandOff) and not (isinstance(move, Promise) and move.by in {"person", "call"})


def instead(snapshot: Snapshot) -> Say:
    """What can be done in place of a call or a transfer, on the channel that he uses."""
    ours = next((call.ours for call in reversed(snapshot.view.calls.values()) if call.ours), "us")
    if snapshot.channel is Channel.SMS:
        by_telephone = f"for a person, call {ours} from a telephone"
        return Say(f"Nobody can ring this page. Press Call to talk to me; {by_telephone}.")
    return Say(f"From this page I can't put you through or have you rung. Call {ours} from a telephone and I can.")
