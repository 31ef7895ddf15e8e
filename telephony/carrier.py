"""What a carrier does for us, whichever carrier it is: `telephony.twilio`, `telephony.telnyx`.

How it asks us and what it obeys is `telephony.dialect`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

OPTED_OUT: Final = frozenset({21610, 40300})
"""Twilio's and Telnyx's error for a number that has sent STOP: nothing more is delivered to it."""
TOO_MANY_REQUESTS: Final = frozenset({20429, 10011})
"""Theirs for more requests at once than the account may make: nothing was done."""

ACCOUNT_FAULTS: Final = frozenset({20003, 20005, 10009, 10010})
"""Theirs for credentials or an account they do not accept: it says nothing of the number, and mending it is ours."""


class CarrierError(Exception):
    """The carrier refused or could not be reached. `code` is the carrier's own error number, if it gave one.

    `outcome_unknown` is True when the request may have been carried out all the same (a time-out after sending):
    then it must be reconciled, not repeated.
    """

    def __init__(self, message: str, *, code: int | None = None, outcome_unknown: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.outcome_unknown = outcome_unknown


@dataclass(frozen=True, slots=True)
class SentText:
    """A text in the carrier's list. `status` is its word for it: queued, sent, delivered, undelivered, failed, …"""

    sid: str
    sender: str
    body: str
    status: str
    created: datetime
    to: str = ""


@dataclass(frozen=True, slots=True)
class PlacedCall:
    """A call in the carrier's list. `status` is its word for it: queued, ringing, in-progress, completed, busy, …"""

    sid: str
    caller_id: str
    status: str
    created: datetime
    to: str = ""


class Carrier(Protocol):
    """Control of calls and texts. Only `telephony.door` may send or dial (an architecture test shows it)."""

    @property
    def lists_lag(self) -> timedelta:
        """How long after a request the lists below may still lack what came of it."""
        ...

    async def send_text(self, to: str, body: str, *, sender: str, status_url: str) -> str:
        """Hands a text to the carrier; returns its SID."""
        ...

    async def dial(
        self,
        to: str,
        *,
        caller_id: str,
        instructions_url: str,
        status_url: str,
        ring_seconds: int = 25,
        detection_url: str | None = None,
    ) -> str:
        """Starts an outbound call; returns its SID. Instructions are fetched from the URL once it is answered.

        With `detection_url` the carrier listens who answers, and says it there while the call goes on.
        """
        ...

    async def redirect(self, call: str, document: str) -> None:
        """Replaces what a live call is doing. Its media stream ends."""
        ...

    async def hang_up(self, call: str) -> None:
        """Ends a call, or cancels it while it rings. A call that is already over is not an error."""
        ...

    async def call_status(self, call: str) -> str:
        """How a call stands: queued, ringing, in-progress, completed, busy, no-answer, failed or canceled."""
        ...

    async def find_texts(self, to: str, since: datetime) -> list[SentText]:
        """Texts to a number that the carrier took at or after `since`, by its clock, newest first."""
        ...

    async def find_calls(self, to: str, since: datetime) -> list[PlacedCall]:
        """Calls to a number that the carrier took at or after `since`, by its clock, newest first."""
        ...

    async def sent_from(self, sender: str, since: datetime) -> list[SentText]:
        """Texts from a number of ours that the carrier took at or after `since`, by its clock, newest first."""
        ...

    async def placed_from(self, caller_id: str, since: datetime) -> list[PlacedCall]:
        """Calls from a number of ours that the carrier took at or after `since`, by its clock, newest first."""
        ...
