"""The console's addresses: the list, a thread, what keeps them up to date, what an operator can do, signing in."""

from typing import Any
from urllib.parse import urlencode

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from agent.gate.zones import lead_zone
from telephony import access
from telephony.access import LOGIN, NAME_LENGTH, Operator, action, page
from telephony.console import actions, live, pages, reports_page, rows
from telephony.console.panel import panel_of
from telephony.console.thread import thread_of
from telephony.forms import whole
from telephony.live.recording import folder_of, recordings
from telephony.services import Services

log = structlog.get_logger(__name__)

SEARCH_LENGTH = 100
ITEMS = 400
"""Items of a thread in one page; the earlier ones are a link away."""
HOME = "/console"


# The list ------------------------------------------------------------------------------------------------------------


@page
async def conversations(request: Request, services: Services, operator: Operator) -> Response:
    """`GET /console`: conversations, live ones first. `?q=` searches, `?show=waiting` is who waits for a person."""
    values = await _list(request, services)
    return pages.answer(request, services, operator, "list.html", **values)


@page
async def conversations_live(request: Request, services: Services, operator: Operator) -> Response:
    """`GET /console/live`: the same list, whenever it changes."""

    async def make() -> live.Parts:
        values = pages.common(request, services, operator) | await _list(request, services)
        return {"rows": pages.render("_rows.html", values), "tabs": pages.render("_tabs.html", values)}

    return live.stream(live.anywhere(services.record), make, request.app.state.stopping)


async def _list(request: Request, services: Services) -> dict[str, Any]:
    query = request.query_params
    text, number = query.get("q", "").strip()[:SEARCH_LENGTH], query.get("page", "1")
    waiting = query.get("show") == "waiting"
    if text:
        found = await rows.found(services, text)
    else:
        found = await rows.listed(services, whole(number) or 1, waiting=waiting)
    kept = urlencode({name: value for name, value in (("q", text), ("show", "waiting" if waiting else "")) if value})
    return {
        "found": found,
        "q": text,
        "waiting_only": waiting,
        "kept": kept,
        "now": services.clock(),
        "live_url": f"/console/live?{urlencode(query.multi_items())}",
    }


# One conversation ----------------------------------------------------------------------------------------------------


@page
async def conversation(request: Request, services: Services, operator: Operator) -> Response:
    """`GET /console/c/{cid}`: the thread of one conversation and what stands beside it."""
    values = await _conversation(request, services, operator)
    log.info("conversation shown", conversation=request.path_params["cid"], operator=operator.name)
    return HTMLResponse(pages.render("conversation.html", values))


@page
async def conversation_live(request: Request, services: Services, operator: Operator) -> Response:
    """`GET /console/c/{cid}/live?after=`: the parts of that page, whenever something lands."""
    after = request.query_params.get("after", "0")
    cid = request.path_params["cid"]

    async def make() -> live.Parts:
        values = await _conversation(request, services, operator) | {"act": str}  # the page's script gives the ids
        return {name: pages.render(f"_{name}.html", values) for name in ("thread", "panel", "acts", "head")}

    changes = live.in_conversation(services.record, cid, whole(after) or 0)
    return live.stream(changes, make, request.app.state.stopping)


async def _conversation(request: Request, services: Services, operator: Operator) -> dict[str, Any]:
    cid = request.path_params["cid"]
    entries = await services.record.log(cid)
    view = await services.record.view(cid)
    if not entries or not view.brand:
        raise HTTPException(404, "there is no such conversation")
    campaign, now = services.campaigns.get(view.campaign), services.clock()
    items = thread_of(entries, view, campaign)
    whole = request.query_params.get("all") == "1"
    return pages.common(request, services, operator) | {
        "cid": cid,
        "view": view,
        "row": rows.row_of(cid, view),
        "campaign": campaign,
        "persona": campaign.persona if campaign else "the persona",
        "items": items if whole else items[-ITEMS:],
        "earlier": 0 if whole else max(0, len(items) - ITEMS),
        "panel": panel_of(entries, view, campaign, now, services.registers()),
        "audio": recordings(services.settings.data, view.campaign, cid),
        "zone": lead_zone(view),
        "now": now,
        "version": entries[-1][0],
        "act": actions.new_act,
        "words_limit": actions.WORDS_LIMIT,
        "live_url": f"/console/c/{cid}/live?after={entries[-1][0]}{'&all=1' if whole else ''}",
    }


@page
async def audio(request: Request, services: Services, operator: Operator) -> Response:
    """`GET /console/c/{cid}/audio/{name}`: the recording of a call, as WAV."""
    cid, name = request.path_params["cid"], request.path_params["name"]
    view = await services.record.view(cid)
    kept = recordings(services.settings.data, view.campaign, cid)
    if not any(name in names for names in kept.values()):
        raise HTTPException(404, "there is no such recording on this server")
    log.info("recording played", conversation=cid, operator=operator.name)
    return FileResponse(folder_of(services.settings.data, view.campaign, cid) / name, media_type="audio/wav")


@action
async def do(request: Request, services: Services, operator: Operator) -> Response:
    """`POST /console/c/{cid}/{action}`: takes over, whispers, transfers, pauses, resumes, stops, lifts a hold."""
    cid = request.path_params["cid"]
    await actions.act(services, cid, request.path_params["action"], await request.form(), operator)
    return RedirectResponse(f"/console/c/{cid}#now", status_code=303)


# Signing in ----------------------------------------------------------------------------------------------------------


async def login(request: Request) -> Response:
    """`GET /console/login`: asks for a name and a token, or says how to set one. Not on the machine itself."""
    services: Services = request.app.state.services
    if access.is_local(request, services.settings):
        return RedirectResponse(_back(request.query_params.get("next", "")), status_code=303)
    return _login(request, services, "")


async def sign_in(request: Request) -> Response:
    """`POST /console/login`: takes them."""
    services: Services = request.app.state.services
    settings = services.settings
    access.refuse_guessing(request, request.app.state.login_limit)
    await access.check_csrf(request, settings, "")
    form = await request.form()
    role = access.role_of_token(str(form.get("token", "")), settings)
    name = " ".join(str(form.get("name", "")).split())[:NAME_LENGTH]
    if role is None or not name:
        log.warning("console sign-in refused")
        return _login(request, services, "That is not the token." if role is None else "Say who you are.", 401, name)
    response = RedirectResponse(_back(str(form.get("next", ""))), status_code=303)
    access.sign_in(response, Operator(name, role), settings)
    log.info("console sign-in", operator=name, role=role.value)
    return response


def _login(request: Request, services: Services, problem: str, status: int = 200, name: str = "") -> Response:
    settings = services.settings
    values = pages.common(request, services, None) | {
        "problem": problem,
        "open": bool(settings.console_token or settings.console_view_token),
        "next": _back(request.query_params.get("next", "")),
        "name": name,
        "name_length": NAME_LENGTH,
    }
    return HTMLResponse(pages.render("login.html", values), status_code=status)


def _back(path: str) -> str:
    """A page of ours to go on to, never somebody else's."""
    return path if path.startswith(access.GUARDED) and not path.startswith(LOGIN) and "\\" not in path else HOME


@page
async def sign_out(request: Request, services: Services, operator: Operator) -> Response:
    """`POST /console/logout`."""
    await access.check_csrf(request, services.settings, operator.name)
    response = RedirectResponse(LOGIN, status_code=303)
    access.sign_out(response)
    return response


ROUTES: list[BaseRoute] = [
    Route(HOME, conversations),
    Route("/console/live", conversations_live),
    Route("/console/reports", reports_page.reports),
    Route(LOGIN, login, methods=["GET"]),
    Route(LOGIN, sign_in, methods=["POST"]),
    Route("/console/logout", sign_out, methods=["POST"]),
    Route("/console/c/{cid}", conversation),
    Route("/console/c/{cid}/live", conversation_live),
    Route("/console/c/{cid}/audio/{name}", audio),
    Route("/console/c/{cid}/{action}", do, methods=["POST"]),
    Mount("/console/static", StaticFiles(packages=[("telephony.console", "static")])),
]
