"""Sends what is for a browser to the browser, and everything else to the carrier of telephones."""

import secrets
from datetime import datetime, timedelta

from agent.pages import is_page
from telephony.carrier import Carrier, CarrierError, PlacedCall, SentText

CALL = "WC"
TEXT = "WM"
"""What our own ids begin with, as Twilio's do with CA and SM."""
UNREACHABLE = 21217
"""Twilio's error for a number that cannot be called. It is not tried again."""


def new_id(kind: str) -> str:
    """A new id of a call or a text."""
    return kind + secrets.token_hex(16)


class WithBrowser:
    """A `Carrier` in front of another.

    A browser's pane shows the texts that the record holds, so a text has arrived once the door has recorded it. One
    that the door could not record is in no list of ours and is sent again, rightly: nobody has seen it.
    """

    def __init__(self, telephones: Carrier) -> None:
        self._telephones = telephones

    @property
    def lists_lag(self) -> timedelta:
        """See `Carrier`."""
        return self._telephones.lists_lag

    async def send_text(self, to: str, body: str, *, sender: str, status_url: str) -> str:
        """See `Carrier`."""
        if is_page(to):
            return new_id(TEXT)
        return await self._telephones.send_text(to, body, sender=sender, status_url=status_url)

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
        """See `Carrier`. A browser calls; it cannot be called."""
        if is_page(to):
            raise CarrierError("a browser cannot be rung", code=UNREACHABLE)
        return await self._telephones.dial(
            to,
            caller_id=caller_id,
            instructions_url=instructions_url,
            status_url=status_url,
            ring_seconds=ring_seconds,
            detection_url=detection_url,
        )

    async def redirect(self, call: str, document: str) -> None:
        """See `Carrier`."""
        if call.startswith(CALL):
            raise CarrierError("a browser's call takes no instructions")
        await self._telephones.redirect(call, document)

    async def hang_up(self, call: str) -> None:
        """See `Carrier`."""
        await self._telephones.hang_up(call)

    async def call_status(self, call: str) -> str:
        """See `Carrier`."""
        return await self._telephones.call_status(call)

    async def find_texts(self, to: str, since: datetime) -> list[SentText]:
        """See `Carrier`."""
        return [] if is_page(to) else await self._telephones.find_texts(to, since)

    async def find_calls(self, to: str, since: datetime) -> list[PlacedCall]:
        """See `Carrier`."""
        return [] if is_page(to) else await self._telephones.find_calls(to, since)

    async def sent_from(self, sender: str, since: datetime) -> list[SentText]:
        """See `Carrier`."""
        return await self._telephones.sent_from(sender, since)

    async def placed_from(self, caller_id: str, since: datetime) -> list[PlacedCall]:
        """See `Carrier`."""
        return await self._telephones.placed_from(caller_id, since)
