"""Who gets into the console, by which of the three ways, and what he may do there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from console_kit import act_of, csrf_of
from starlette.requests import HTTPConnection
from telephony_kit import CID, TestServices, open_services, settings

from state.events import Paused
from state.store import Record
from telephony.access import COOKIE, HEADERS, Role, is_local, is_loopback, operator_of, role_of_token

pytestmark = pytest.mark.anyio

TOKEN, LOOKING = "operate-0123456789", "looking-0123456789"
HERE = "http://127.0.0.1:8080"


def asking(*, host: str = "127.0.0.1:8080", peer: str = "127.0.0.1", **headers: str) -> HTTPConnection:
    """A request as the application sees it."""
    given = {"host": host} | {name.replace("_", "-"): value for name, value in headers.items()}
    raw = [(name.encode(), value.encode()) for name, value in given.items()]
    return HTTPConnection({"type": "http", "headers": raw, "client": (peer, 1234)})


def at_home(**given: Any) -> Any:
    """Settings of a server that only its own machine reaches."""
    return settings(**{"public_url": HERE} | given)


@pytest.fixture
async def kit(record: Record, valkey_url: str) -> AsyncIterator[TestServices]:
    """The server with a lead in it."""
    async with open_services(record, valkey_url) as opened:
        await opened.lead()
        yield opened


@asynccontextmanager
async def browser(kit: TestServices, base: str = "https://calls.example.com", **given: Any) -> AsyncIterator[Any]:
    """Somebody's browser at the server with these settings; it keeps cookies and follows nothing by itself."""
    chosen = replace(kit, services=replace(kit.services, settings=settings(**given)))
    transport = httpx.ASGITransport(app=chosen.app(), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=base) as http:
        yield http


async def sign_in(http: httpx.AsyncClient, token: str, name: str = "Kim") -> httpx.Response:
    """Fills in the form."""
    form = {"csrf": csrf_of((await http.get("/console/login")).text), "name": name, "token": token, "next": "/console"}
    return await http.post("/console/login", data=form)


# On the machine itself -----------------------------------------------------------------------------------------------


def test_on_the_machine_itself_nobody_signs_in() -> None:
    """Loopback in the settings, in the public URL and in Host, and no proxy: a local operator, who may act."""
    operator = operator_of(asking(), at_home())
    assert operator is not None
    assert (operator.name, operator.role) == ("local operator", Role.OPERATE)


@pytest.mark.parametrize(
    ("connection", "given"),
    [
        (asking(), {"host": "0.0.0.0"}),
        (asking(), {"public_url": "https://calls.example.com"}),
        (asking(host="calls.example.com"), {}),
        (asking(host="127.0.0.1.example.com"), {}),
        (asking(host=""), {}),
        (asking(forwarded="for=1.2.3.4"), {}),
        (asking(x_forwarded_for="1.2.3.4"), {}),
        (asking(x_forwarded_host="127.0.0.1"), {}),
        (asking(x_forwarded_proto="https"), {}),
        (asking(x_real_ip="1.2.3.4"), {}),
        (asking(via="1.1 tunnel"), {}),
        (asking(peer="192.0.2.7"), {}),
        (asking(), {"console_user_header": "x-user", "console_proxies": "127.0.0.1"}),
    ],
)
def test_anything_else_is_not_local(connection: HTTPConnection, given: dict[str, Any]) -> None:
    """Behind a tunnel every request comes from this machine: one sign of one is enough."""
    assert operator_of(connection, at_home(**given)) is None


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost", "LOCALHOST"])
def test_loopback_has_many_names(host: str) -> None:
    """All of 127/8, its IPv6 sibling and the name."""
    assert is_loopback(host)
    assert is_local(asking(host=f"[{host}]:80" if ":" in host else host), at_home(host=host))


@pytest.mark.parametrize("host", [None, "", "0.0.0.0", "::", "10.0.0.1", "localhost.example.com", "127.1"])
def test_what_others_may_reach_is_not_loopback(host: str | None) -> None:
    """Wildcards bind everything; a name may lead anywhere."""
    assert not is_loopback(host)


# By a token ----------------------------------------------------------------------------------------------------------


async def test_who_is_not_known_is_sent_to_sign_in(kit: TestServices) -> None:
    """And comes back to the page he asked for."""
    async with browser(kit, console_token=TOKEN) as http:
        answer = await http.get(f"/console/c/{CID}")
    assert answer.status_code == 303
    assert parse_qs(urlsplit(answer.headers["location"]).query) == {"next": [f"/console/c/{CID}"]}


async def test_one_line_of_settings_opens_the_console(kit: TestServices) -> None:
    """Without it, the page says which line."""
    async with browser(kit) as http:
        assert "SEGUE_CONSOLE_TOKEN=$(openssl rand -hex 24)" in (await http.get("/console/login")).text
    async with browser(kit, console_token=TOKEN) as http:
        answer = await sign_in(http, TOKEN)
        assert (answer.status_code, answer.headers["location"]) == (303, "/console")
        assert (await http.get("/console")).status_code == 200


async def test_the_session_is_a_cookie_scripts_cannot_read(kit: TestServices) -> None:
    """Signed, HttpOnly, SameSite=Strict, and Secure where the server is reached by https."""
    async with browser(kit, console_token=TOKEN) as http:
        cookie = (await sign_in(http, TOKEN)).headers["set-cookie"]
        assert {"HttpOnly", "SameSite=strict", "Secure"} <= {part.strip() for part in cookie.split(";")}
        http.cookies[COOKIE] = http.cookies[COOKIE][:-2] + "xx"
        assert (await http.get("/console")).status_code == 303


async def test_a_changed_token_ends_its_sessions(kit: TestServices) -> None:
    """Whoever left the company is out."""
    async with browser(kit, console_token=TOKEN) as http:
        await sign_in(http, TOKEN)
        session = http.cookies[COOKIE]
    async with browser(kit, console_token="another-0123456789") as http:
        http.cookies[COOKIE] = session
        assert (await http.get("/console")).status_code == 303


@pytest.mark.parametrize("token", ["", "wrong-0123456789", TOKEN[:-1], TOKEN + " "])
async def test_a_wrong_token_opens_nothing(kit: TestServices, token: str) -> None:
    """Nor does one that is nearly right."""
    async with browser(kit, console_token=TOKEN) as http:
        answer = await sign_in(http, token)
        assert (answer.status_code, "set-cookie" in answer.headers) == (401, False)


async def test_guessing_is_slowed_down(kit: TestServices) -> None:
    """After ten attempts one has to wait."""
    async with browser(kit, console_token=TOKEN) as http:
        codes = [(await sign_in(http, "guess")).status_code for _ in range(11)]
    assert codes == [401] * 10 + [429]


async def test_signing_in_leads_nowhere_else(kit: TestServices) -> None:
    """A link with somebody else's address in it leads to the list."""
    async with browser(kit, console_token=TOKEN) as http:
        for path in ("https://evil.example", "//evil.example", "/console\\@evil.example", "/console/login"):
            page = (await http.get("/console/login", params={"next": path})).text
            assert 'name="next" value="/console"' in page


async def test_signing_out_ends_the_session(kit: TestServices) -> None:
    """In this browser."""
    async with browser(kit, console_token=TOKEN) as http:
        await sign_in(http, TOKEN)
        await http.post("/console/logout", data={"csrf": csrf_of((await http.get("/console")).text)})
        assert (await http.get("/console")).status_code == 303


def test_no_token_is_no_password() -> None:
    """Where none is set, an empty one opens nothing."""
    assert role_of_token("", settings()) is None


# By a proxy ----------------------------------------------------------------------------------------------------------

PROXY = {
    "console_user_header": "X-Auth-Request-Email",
    "console_proxies": "10.0.0.0/8, 127.0.0.1",
    "console_operators": "kim@example.com",
}


@pytest.mark.parametrize(
    ("peer", "name", "role"),
    [
        ("10.1.2.3", "kim@example.com", Role.OPERATE),
        ("127.0.0.1", "lee@example.com", Role.VIEW),
        ("192.0.2.1", "kim@example.com", None),
        ("10.1.2.3", "", None),
    ],
)
def test_a_proxy_names_whom_it_signed_in(peer: str, name: str, role: Role | None) -> None:
    """Its word counts from its own address only; who is not listed may look."""
    found = operator_of(asking(peer=peer, x_auth_request_email=name), settings(**PROXY))
    assert (found and found.role) == role


async def test_a_forged_address_makes_nobody_a_proxy(kit: TestServices) -> None:
    """X-Forwarded-For changes whom we call the client, never who connected."""
    given = PROXY | {"console_proxies": "10.0.0.5"}
    async with browser(kit, **given) as http:
        headers = {"x-forwarded-for": "10.0.0.5", "x-auth-request-email": "kim@example.com"}
        assert (await http.get("/console", headers=headers)).status_code == 303


# What he may do ------------------------------------------------------------------------------------------------------


async def test_who_may_look_may_not_act(kit: TestServices) -> None:
    """He sees the thread, without the forms, and a form he makes himself is refused."""
    async with browser(kit, console_token=TOKEN, console_view_token=LOOKING) as http:
        await sign_in(http, LOOKING)
        page = (await http.get(f"/console/c/{CID}")).text
        assert "do-pause" not in page
        answer = await http.post(f"/console/c/{CID}/pause", data={"csrf": csrf_of(page), "act": "12345678"})
    assert answer.status_code == 403
    assert (await kit.record.view(CID)).paused is None


async def test_an_act_needs_a_page_of_ours(kit: TestServices) -> None:
    """Without its CSRF token, with somebody else's, or from another site nothing happens."""
    async with browser(kit, console_token=TOKEN) as http:
        await sign_in(http, TOKEN, "Lee")
        other = csrf_of((await http.get("/console")).text)
        await sign_in(http, TOKEN, "Kim")
        page = (await http.get(f"/console/c/{CID}")).text
        form = {"csrf": csrf_of(page), "act": act_of(page, "pause")}
        for wrong in ({"csrf": ""}, {"csrf": other}, {"csrf": form["csrf"][:-1]}):
            assert (await http.post(f"/console/c/{CID}/pause", data=form | wrong)).status_code == 403
        crossing = {"sec-fetch-site": "cross-site"}
        assert (await http.post(f"/console/c/{CID}/pause", data=form, headers=crossing)).status_code == 403
        assert (await kit.record.view(CID)).paused is None
        assert (await http.post(f"/console/c/{CID}/pause", data=form)).status_code == 303
    [paused] = [event for _, event in await kit.record.log(CID) if isinstance(event, Paused)]
    assert paused.by == "Kim"


async def test_who_is_not_known_cannot_act(kit: TestServices) -> None:
    """Not even with a token that a page for nobody carries."""
    async with browser(kit, console_token=TOKEN) as http:
        csrf = csrf_of((await http.get("/console/login")).text)
        answer = await http.post(f"/console/c/{CID}/stop", data={"csrf": csrf, "act": "12345678"})
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "path", ["/console", "/console/login", "/console/static/console.js", "/console/c/none", "/phone"]
)
async def test_every_answer_carries_the_security_headers(kit: TestServices, path: str) -> None:
    """Pages, scripts, errors; a page can be framed by nobody and runs no script but ours."""
    async with browser(kit, console_token=TOKEN) as http:
        answer = await http.get(path)
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert "unsafe" not in HEADERS["content-security-policy"]
    assert "frame-ancestors 'none'" in HEADERS["content-security-policy"]


async def test_webhooks_are_left_as_they_are(kit: TestServices) -> None:
    """The headers are for pages."""
    async with browser(kit) as http:
        assert "content-security-policy" not in (await http.get("/healthz")).headers
