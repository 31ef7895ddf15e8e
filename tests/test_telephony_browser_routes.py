"""The browser phone's page, its texts and its offers, as scripts of a browser send them."""

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
from console_kit import csrf_of
from telephony_kit import BRAND, TestServices, open_services, settings, until_quiet

from agent.pages import is_page
from state.events import LeadArrived, TextReceived, TextSent, conversation_id
from state.store import Record

pytestmark = pytest.mark.anyio

HERE = "http://127.0.0.1:8080"


@pytest.fixture
async def kit(record: Record, valkey_url: str) -> AsyncIterator[TestServices]:
    """A server on its own machine."""
    async with open_services(record, valkey_url) as opened:
        yield replace(opened, services=replace(opened.services, settings=settings(public_url=HERE)))


@pytest.fixture
async def browser(kit: TestServices) -> AsyncIterator[httpx.AsyncClient]:
    """A browser on the same machine; it keeps its cookies."""
    transport = httpx.ASGITransport(app=kit.app(), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=HERE) as http:
        yield http


async def opened(browser: httpx.AsyncClient) -> tuple[str, str]:
    """Opens the page; returns the CSRF token of its forms and the number it has been given."""
    page = await browser.get("/phone")
    assert page.status_code == 200, page.text
    return csrf_of(page.text), browser.cookies["segue_phone"]


async def test_a_browser_stays_the_same_lead_until_it_wants_to_be_another(browser: httpx.AsyncClient) -> None:
    """The number is kept in a cookie, and belongs to no telephone."""
    csrf, number = await opened(browser)
    assert is_page(number)
    assert (await opened(browser))[1] == number
    answer = await browser.post("/phone/new", data={"csrf": csrf})
    assert answer.status_code == 303
    assert is_page(browser.cookies["segue_phone"])
    assert browser.cookies["segue_phone"] != number


async def test_a_text_is_taken_once_and_answered_in_the_pane(kit: TestServices, browser: httpx.AsyncClient) -> None:
    """It takes the way of every lead's text; the answer comes through the door, and no telephone's carrier sees it."""
    csrf, number = await opened(browser)
    form = {"csrf": csrf, "act": "act-number-one", "words": "Is this about home insurance? <b>"}
    first, again = [await browser.post("/phone/text", data=form) for _ in range(2)]
    assert first.status_code == again.status_code == 200, first.text
    assert first.json() == again.json()
    await until_quiet(kit.services)
    log = [event for _, event in await kit.record.log(conversation_id(BRAND, number))]
    assert [type(event) for event in log if isinstance(event, LeadArrived | TextReceived | TextSent)] == [
        LeadArrived,
        TextReceived,
        TextSent,
    ]
    assert kit.carrier.texts == []
    page = (await browser.get("/phone")).text
    sent = next(event for event in log if isinstance(event, TextSent))
    assert sent.body.split("'")[0] in page
    assert "&lt;b&gt;" in page


@pytest.mark.parametrize("sdp", ["", "v=0", "nonsense", "v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"])
async def test_an_offer_that_cannot_be_answered_is_refused(browser: httpx.AsyncClient, sdp: str) -> None:
    """400, with what is wrong with it; nobody becomes a lead."""
    csrf, _ = await opened(browser)
    answer = await browser.post("/phone/call", data={"csrf": csrf, "sdp": sdp})
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]


async def test_nothing_is_done_without_a_token_of_the_page(browser: httpx.AsyncClient) -> None:
    """Another site cannot have a browser call or text."""
    await opened(browser)
    for path in ("/phone/call", "/phone/text", "/phone/new"):
        assert (await browser.post(path, data={"words": "hello", "act": "act-number-one"})).status_code == 403


async def test_who_is_elsewhere_signs_in_first(browser: httpx.AsyncClient) -> None:
    """Behind a tunnel the page is shut, like the console."""
    answer = await browser.get("/phone", headers={"x-forwarded-for": "203.0.113.9"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/login?next=%2Fphone")
