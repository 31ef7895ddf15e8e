"""The link in an agent's card: signed, expiring, good for one conversation and one person, and no login.

    base64url( conversation 10 bytes | expiry 4 bytes, seconds since 1970 | agent 4 bytes | MAC 12 bytes )

The MAC is keyed BLAKE2b over the rest. Nothing is stored, so a link needs no record to be refused, and a new
SEGUE_API_TOKEN makes every old one void.
"""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from agent.campaign import Campaign, HumanAgent
from telephony.services import Services

GOOD_FOR = timedelta(hours=72)
"""Long enough for notes after a weekend, short enough for a text that lies about on a telephone."""
PATH = "/handoff"
_CID, _EXPIRY, _AGENT, _MAC = 10, 4, 4, 12


class BadLinkError(Exception):
    """The link is not one of ours, or its time is over."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom a link speaks for."""

    cid: str
    agent: bytes
    """What is kept of the agent's number; see `is_for`."""

    def is_for(self, agent: HumanAgent) -> bool:
        """Whether it was given to this person."""
        return hmac.compare_digest(self.agent, _trace(agent.number))

    def find(self, campaign: Campaign) -> HumanAgent | None:
        """The person it was given to, if he is still among the campaign's."""
        return next((agent for agent in campaign.agents if self.is_for(agent)), None)


def link(services: Services, cid: str, agent: HumanAgent, now: datetime) -> str:
    """The address of the page on which this agent sees this conversation and says what came of it."""
    expires = int((now + GOOD_FOR).timestamp())
    content = bytes.fromhex(cid) + expires.to_bytes(_EXPIRY) + _trace(agent.number)
    token = base64.urlsafe_b64encode(content + _mac(services, content)).decode().rstrip("=")
    return services.settings.url(f"{PATH}/{token}")


def opened(services: Services, token: str, now: datetime) -> Holder:
    """Whom a token speaks for.

    Raises:
        BadLinkError: if it is not ours, was changed, or has expired.
    """
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError):
        raise BadLinkError("no link of ours") from None
    content, mac = raw[:-_MAC], raw[-_MAC:]
    if len(content) != _CID + _EXPIRY + _AGENT or not hmac.compare_digest(mac, _mac(services, content)):
        raise BadLinkError("no link of ours")
    expires = datetime.fromtimestamp(int.from_bytes(content[_CID : _CID + _EXPIRY]), UTC)
    if now >= expires:
        raise BadLinkError("the link has expired")
    return Holder(content[:_CID].hex(), content[_CID + _EXPIRY :])


def _trace(number: str) -> bytes:
    return hashlib.blake2b(number.encode(), digest_size=_AGENT, person=b"agent").digest()


def _mac(services: Services, content: bytes) -> bytes:
    secret = hashlib.blake2b(services.settings.api_token.get_secret_value().encode(), person=b"agent-link").digest()
    return hashlib.blake2b(content, key=secret, digest_size=_MAC).digest()
