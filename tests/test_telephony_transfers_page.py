"""The page behind the link in an agent's card, and the link itself."""

from collections.abc import AsyncIterator
from html.parser import HTMLParser

import httpx
import pytest
from telephony_kit import CAMPAIGN, CID, NOW, PUBLIC, TestServices, open_services

from agent.campaign import HumanAgent
from state.events import HandoffReported, Promised, TextReceived
from state.store import Record
from telephony.transfers.link import GOOD_FOR, link

pytestmark = pytest.mark.anyio

SARAH = CAMPAIGN.agents[0]
EVIL = '<script>alert(1)</script><img src=x onerror=alert(2)> & "it\'s"'


@pytest.fixture
async def server(record: Record, valkey_url: str) -> AsyncIterator[TestServices]:
    """Services with the lead, who wrote something."""
    async with open_services(record, valkey_url) as services:
        await services.lead(TextReceived(id="sms:1", at=NOW, sid="SM1", body=EVIL))
        yield services


def path(server: TestServices, agent: HumanAgent = SARAH) -> str:
    """The path of the link in the card."""
    return link(server.services, CID, agent, NOW).removeprefix(PUBLIC)


async def get(server: TestServices, where: str) -> httpx.Response:
    """Opens a link."""
    async with server.client() as client:
        return await client.http.get(where)


async def post(server: TestServices, where: str, **form: str) -> httpx.Response:
    """Sends the form."""
    async with server.client() as client:
        return await client.http.post(where, data=form)


class Tags(HTMLParser):
    """Every element of a page."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.feed(document)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        """Notes it."""
        self.names.add(tag)


async def test_the_page_shows_the_thread_and_takes_nobodys_words_for_html(server: TestServices) -> None:
    """What a lead wrote is text, whatever it looks like."""
    page = await get(server, path(server))
    assert page.status_code == 200
    assert Tags(page.text).names.isdisjoint({"script", "img", "iframe"})
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
    assert "Jordan" in page.text


async def test_its_headers_are_strict(server: TestServices) -> None:
    """No script, no frame, no referrer, no copy, no index; the same when it refuses."""
    for page in (await get(server, path(server)), await get(server, "/handoff/nonsense")):
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] == "no-referrer"
        assert page.headers["x-content-type-options"] == "nosniff"


async def test_a_link_holds_until_it_expires_and_for_its_holder_only(server: TestServices) -> None:
    """Changed, cut, made for another server or for somebody who works here no more: refused."""
    good = path(server)
    changed = good[:-4] + ("AAAA" if not good.endswith("AAAA") else "BBBB")
    stranger = HumanAgent(name="Eve", number="+13125550166")
    for bad in (changed, good[:-8], "/handoff/", path(server, stranger)):
        assert (await get(server, bad)).status_code == 404
    server.clock.now = NOW + GOOD_FOR
    assert (await get(server, good)).status_code == 410


async def test_reading_changes_nothing(server: TestServices) -> None:
    """Telephones fetch links for a preview."""
    before = (await server.record.view(CID)).version
    await get(server, path(server))
    assert (await server.record.view(CID)).version == before


async def test_an_outcome_joins_the_record_once(server: TestServices) -> None:
    """The form sent twice is one report; the promise in it is one, too; the page shows it."""
    where = path(server)
    for _ in range(2):
        answer = await post(server, where, outcome="call_back", notes="tomorrow at 3 <b>", seen="3")
        assert answer.status_code == 303
    log = [event for _, event in await server.record.log(CID)]
    [report] = [event for event in log if isinstance(event, HandoffReported)]
    assert (report.agent, report.outcome, report.notes, report.by) == (
        "Sarah",
        "call_back",
        "tomorrow at 3 <b>",
        "page",
    )
    assert len([event for event in log if isinstance(event, Promised)]) == 1
    assert "tomorrow at 3 &lt;b&gt;" in (await get(server, where)).text


@pytest.mark.parametrize("form", [{"outcome": "rich"}, {"notes": "x"}, {"outcome": "sold", "notes": "x" * 2001}])
async def test_a_form_that_is_not_ours_is_refused(form: dict[str, str], server: TestServices) -> None:
    """With what it may hold."""
    assert (await post(server, path(server), **form)).status_code == 400


async def test_guessing_is_limited(server: TestServices) -> None:
    """One address may not try links without end."""
    app = server.app()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=PUBLIC) as http:
        codes = [(await http.get("/handoff/guess")).status_code for _ in range(30)]
    assert 429 in codes
