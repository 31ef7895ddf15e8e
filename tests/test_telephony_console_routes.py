"""The console's pages, as a browser without scripts sees them."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx
import pytest
from console_kit import act_of, csrf_of
from telephony_kit import ARRIVED, CID, LEAD, NOW, TestServices, open_services, settings

from state.events import Event, EvidenceSealed, FactLearned, Promised
from state.store import Record
from tests.happenings import (
    at,
    call_connected,
    call_placed,
    fact,
    held,
    lead_said,
    persona_said,
    requested,
    send_text,
    suppressed,
    text_received,
    whispered,
)

pytestmark = pytest.mark.anyio

HERE = "http://127.0.0.1:8080"
HOSTILE = "<script>alert('x')</script><img src=x onerror=alert(1)> \" ' {{ 7*7 }} </textarea>"


@pytest.fixture
async def kit(record: Record, valkey_url: str) -> AsyncIterator[TestServices]:
    """A server that only its own machine reaches, with a lead in it."""
    async with open_services(record, valkey_url) as opened:
        await opened.lead()
        yield replace(opened, services=replace(opened.services, settings=settings(public_url=HERE)))


@asynccontextmanager
async def browser(kit: TestServices) -> AsyncIterator[httpx.AsyncClient]:
    """A browser on the same machine."""
    transport = httpx.ASGITransport(app=kit.app(), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=HERE) as http:
        yield http


async def page(kit: TestServices, path: str = f"/console/c/{CID}") -> str:
    """A page's HTML."""
    async with browser(kit) as http:
        answer = await http.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return answer.text


async def test_the_list_shows_conversations_and_leads_to_them(kit: TestServices) -> None:
    """Name, number, state, last words."""
    await kit.record.append(CID, text_received(1, "Yeah I am, just busy"))
    html = await page(kit, "/console")
    assert f'href="/console/c/{CID}"' in html
    assert all(part in html for part in ("Jordan", "(312) 555-0142", "replied", "Yeah I am, just busy"))


@pytest.mark.parametrize("digits", ["9" * 5000, "9" * 30, "-1", "\u0663"])
async def test_a_number_without_measure_is_no_page(digits: str, kit: TestServices) -> None:
    """Whatever is written into an address, a page comes of it."""
    assert "Jordan" in await page(kit, f"/console?page={digits}")
    assert "Reports" in await page(kit, f"/console/reports?days={digits}")


async def test_an_empty_list_says_what_to_do(record: Record, kit: TestServices) -> None:
    """So does a search that finds nobody."""
    assert "no number begins or ends so" in await page(kit, "/console?q=nobody")
    assert "Nobody waits" in await page(kit, "/console?show=waiting")
    assert "Jordan" in await page(kit, "/console?q=0142")


async def test_a_conversation_shows_what_an_operator_must_know(kit: TestServices) -> None:
    """Thread, facts with their source, promises, consent, what is next, what the gate would say."""
    learned = FactLearned(id="f", at=NOW, key="product", value="home", source="sms:1")
    promised = Promised(id="p", at=NOW, what="a call at five", due=at(3600))
    await kit.record.append(CID, text_received(1, "Home, please"), learned, promised)
    await kit.record.append(CID, requested("send:1", send_text("Hi Jordan"), due=600))
    html = await page(kit)
    source = re.search(r'href="#(e\d+)" aria-label="Where Product was said"', html)
    assert source is not None
    assert f'<li id="{source[1]}"' in html
    assert all(part in html for part in ("a call at five", "written, <time", "Text (begun by us)", "47 CFR 64.1200"))


async def test_what_runs_from_right_to_left_turns_nothing_else_around(kit: TestServices) -> None:
    """Names and words stand apart from what is beside them, wherever they are shown."""
    await kit.record.append(CID, text_received(1, "\u202eevil"))
    assert "<bdi>\u202eevil</bdi>" in await page(kit, "/console")
    assert "<bdi>Jordan</bdi>" in await page(kit)


async def test_no_words_of_a_lead_s_are_taken_for_html(kit: TestServices) -> None:
    """Names, texts, speech, facts, hints, reasons: in every place, on every page."""
    named = ARRIVED.model_copy(update={"id": "again", "first_name": HOSTILE, "source": HOSTILE})
    events: list[Event] = [
        named,
        text_received(1, HOSTILE),
        call_placed(),
        call_connected(),
        lead_said(1, HOSTILE),
        persona_said(2, f"{HOSTILE} and more", HOSTILE, cut_ms=5),
        fact("product", HOSTILE),
        fact(HOSTILE, "x"),
        whispered(HOSTILE),
        held(HOSTILE),
        Promised(id="p", at=NOW, what=HOSTILE),
        requested("send:1", send_text(HOSTILE)),
        suppressed().model_copy(update={"words": HOSTILE}),
    ]
    await kit.record.append(CID, *events)
    for path in (f"/console/c/{CID}", "/console", f"/console?q={HOSTILE}"):
        html = await page(kit, path)
        assert "<script>alert" not in html
        assert "<img src=x" not in html
        assert "</textarea> " not in html
        # Every attribute and element is a template's own: what was put in has neither quotes nor brackets left.
        assert html.count("<script") == 1


async def test_no_page_needs_what_the_policy_forbids(kit: TestServices) -> None:
    """No inline style, script or handler."""
    await kit.record.append(CID, call_placed(), call_connected(), lead_said(1))
    for path in (f"/console/c/{CID}", "/console", "/console/reports", "/phone"):
        html = await page(kit, path)
        assert not re.search(r'\sstyle=|\son\w+="|<style|javascript:', html)
        assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", html))


async def test_a_conversation_that_never_began_is_not_found(kit: TestServices) -> None:
    """Nor is a log that is no conversation."""
    await kit.record.append("staff", EvidenceSealed(id="s", at=NOW, rows=0, row_hash="0" * 64))
    async with browser(kit) as http:
        for cid in ("nobody", "staff", "..%2f..%2fetc"):
            answer = await http.get(f"/console/c/{cid}", headers={"accept": "text/html,*/*"})
            assert (answer.status_code, "All conversations" in answer.text) == (404, True)


async def test_a_form_without_scripts_leads_back_to_the_thread(kit: TestServices) -> None:
    """And the thread shows what was done."""
    async with browser(kit) as http:
        html = (await http.get(f"/console/c/{CID}")).text
        form = {"csrf": csrf_of(html), "act": act_of(html, "pause")}
        answer = await http.post(f"/console/c/{CID}/pause", data=form)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/console/c/{CID}#now")
    html = await page(kit)
    assert "local operator has taken over" in html
    assert "do-resume" in html
    assert "do-pause" not in html


async def test_a_refused_act_says_why(kit: TestServices) -> None:
    """As JSON, which the page's script shows."""
    async with browser(kit) as http:
        html = (await http.get(f"/console/c/{CID}")).text
        form = {"csrf": csrf_of(html), "act": act_of(html, "pause")}
        answer = await http.post(f"/console/c/{CID}/transfer", data=form)
    assert (answer.status_code, answer.json()) == (409, {"error": "the lead is not on the telephone"})


async def test_what_is_offered_fits_the_moment(kit: TestServices) -> None:
    """Whispering and transferring during a call, nothing to who opted out but to look."""
    assert "do-whisper" not in await page(kit)
    await kit.record.append(CID, call_placed(), call_connected())
    html = await page(kit)
    assert all(name in html for name in ("do-whisper", "do-transfer", "do-stop"))
    await kit.record.append(CID, suppressed())
    html = await page(kit)
    assert "do-stop" not in html
    assert re.search(r'id="do-text"[^>]* disabled', html)


async def test_a_long_thread_shows_its_end(kit: TestServices) -> None:
    """The earlier part is a link away."""
    await kit.record.append(CID, *(text_received(n, f"number {n}.") for n in range(500)))
    html = await page(kit)
    assert "number 499." in html
    assert "number 3." not in html
    assert "number 3." in await page(kit, f"/console/c/{CID}?all=1")


async def test_numbers_are_shown_as_people_write_them(kit: TestServices) -> None:
    """And no page's address or form holds one."""
    html = await page(kit)
    assert "(312) 555-0142" in html
    assert LEAD not in html
