"""The link in a card: for one conversation and one person, for a while, and from nobody but us."""

import base64
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from telephony_kit import CAMPAIGN, CID, NOW, PUBLIC, TestServices, open_services, settings

from agent.campaign import HumanAgent
from state.store import Record
from telephony.transfers.link import GOOD_FOR, PATH, BadLinkError, link, opened

pytestmark = pytest.mark.anyio

SARAH = CAMPAIGN.agents[0]
A_SECOND = timedelta(seconds=1)


@pytest.fixture
async def server(record: Record, valkey_url: str) -> AsyncIterator[TestServices]:
    """Services whose token the links are made with."""
    async with open_services(record, valkey_url) as services:
        yield services


def token(server: TestServices) -> str:
    """What stands behind the page's path in a link that is given out now."""
    address = link(server.services, CID, SARAH, NOW)
    assert address.startswith(f"{PUBLIC}{PATH}/")
    return address.rpartition("/")[2]


async def test_a_link_speaks_for_whom_it_was_given_to(server: TestServices) -> None:
    """And for nobody else, also not for who takes his place under the same name."""
    holder = opened(server.services, token(server), NOW)
    assert (holder.cid, holder.find(CAMPAIGN)) == (CID, SARAH)
    successor = HumanAgent(name="Sarah", number="+13125550178")
    assert holder.find(CAMPAIGN.model_copy(update={"agents": (successor,)})) is None


async def test_a_link_shows_no_number_and_ends(server: TestServices) -> None:
    """It travels by text, and lies about on a telephone."""
    given = token(server)
    assert b"5550177" not in base64.urlsafe_b64decode(given + "==")
    opened(server.services, given, NOW + GOOD_FOR - A_SECOND)
    with pytest.raises(BadLinkError, match="expired"):
        opened(server.services, given, NOW + GOOD_FOR)


async def test_whatever_is_not_ours_is_refused(server: TestServices) -> None:
    """Each byte that is another, cut or added; made with another token of ours; or no token at all."""
    given = token(server)
    raw = base64.urlsafe_b64decode(given + "=" * (-len(given) % 4))
    forged = [raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :] for at in range(len(raw))] + [raw[:-1], raw + b"\0", b""]
    for one in [*(base64.urlsafe_b64encode(one).decode() for one in forged), "näh", "=", "%00"]:
        with pytest.raises(BadLinkError):
            opened(server.services, one, NOW)
    renewed = replace(server.services, settings=settings(api_token="another-secret-of-ours"))
    with pytest.raises(BadLinkError, match="no link of ours"):
        opened(renewed, given, NOW)
