"""The page of reports."""

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from state.events import TurnTiming
from state.store import Record
from telephony.console.reports_page import Kept
from tests.happenings import persona_said, text_received
from tests.telephony_kit import NOW, TestServices, open_services, settings

pytestmark = pytest.mark.anyio

HERE = "http://127.0.0.1:8080"


@pytest.fixture
async def kit(record: Record, valkey_url: str) -> AsyncIterator[TestServices]:
    """A server that only its own machine reaches, with a lead in it who answered."""
    async with open_services(record, valkey_url) as opened:
        timing = TurnTiming(gap=330, wait=300, transcript=0, reply=0, speech=20, send=10)
        turn = persona_said(1, "Hello").model_copy(update={"timing": timing, "at": NOW})
        await opened.lead(text_received(1), turn)
        yield replace(opened, services=replace(opened.services, settings=settings(public_url=HERE)))


async def page(kit: TestServices, path: str) -> str:
    """The page's HTML."""
    transport = httpx.ASGITransport(app=kit.app(), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=HERE) as http:
        answer = await http.get(path)
    assert answer.status_code == 200
    return answer.text


async def test_the_page_shows_figures_and_plots(kit: TestServices) -> None:
    """Drawn on the server, with nothing the policy of the pages forbids."""
    html = await page(kit, "/console/reports")
    assert "330 ms" in html
    assert html.count("<svg") >= 2
    assert all(f'id="plot-{name}"' in html for name in ("gap", "first-touch", "contact", "outcomes"))
    assert "style=" not in html


@pytest.mark.parametrize(("asked", "days"), [("30", 30), ("90", 90), ("31", 7), ("x", 7), ("-1", 7)])
async def test_a_period_is_one_of_three(kit: TestServices, asked: str, days: int) -> None:
    """Anything else is a week."""
    assert f'days={days}" aria-current="page"' in await page(kit, f"/console/reports?days={asked}")


async def test_a_report_is_kept_for_a_moment(kit: TestServices) -> None:
    """Ten people who look at once have it made once."""
    kept = Kept()
    first, known = await kept.of(kit.services, 7)
    assert (await kept.of(kit.services, 7))[0] is first
    assert (await kept.of(kit.services, 30))[0] is not first
    assert (known, first.total.leads) == (1, 1)
