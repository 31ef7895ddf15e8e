"""The page behind the link in an agent's card: the whole thread, what is known, and a form for what came of it.

Works without a login, for whoever holds the link, until it expires; it says no more than its one conversation. Reading
changes nothing, as telephones fetch links to show a preview. Nobody's words are ever taken for HTML.
"""

import base64
import hashlib
import time
from collections.abc import Sequence
from html import escape
from math import ceil
from typing import get_args
from zoneinfo import ZoneInfo

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from agent.campaign import Campaign, HumanAgent
from agent.gate.zones import lead_zone
from agent.staff_words import said
from agent.summary import summarise
from state.events import Outcome
from state.view import Line, Report, View
from telephony.limits import RateLimit
from telephony.services import Services
from telephony.transfers.link import BadLinkError, Holder, opened
from telephony.transfers.staff import reported
from telephony.wake import commit

log = structlog.get_logger(__name__)

NOTES_LIMIT = 2_000
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:42rem;margin:0 auto;padding:1rem;color:#1a1a1a;background:#fff}"
    "h1{font-size:1.25rem}h2{font-size:1rem;margin-top:2rem}pre{white-space:pre-wrap;font:inherit;margin:0}"
    "ol{list-style:none;padding:0}li{margin:.5rem 0;padding:.5rem .75rem;border-radius:.5rem;background:#f0f0f2}"
    "li.lead{background:#e3f0ff}small{color:#555}textarea,select,button{font:inherit;width:100%;margin:.25rem 0 .75rem;"
    "padding:.5rem;box-sizing:border-box}button{background:#0b57d0;color:#fff;border:0;border-radius:.5rem}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "x-robots-tag": "noindex, nofollow",
}
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)


async def page(request: Request) -> Response:
    """`GET` and `POST /handoff/{token}`. 404 to a link that is not ours, 410 to one that has expired."""
    services: Services = request.app.state.services
    _limit(request)
    holder = _holder(request, services)
    view = await services.record.view(holder.cid)
    campaign = services.campaigns.get(view.campaign)
    agent = holder.find(campaign) if campaign else None
    if campaign is None or agent is None:
        raise HTTPException(404, "this link is not good any more")
    if request.method == "POST":
        await _take(request, services, holder.cid, view, agent)
        return RedirectResponse(request.url.path, 303, HEADERS)
    summary = summarise(view, campaign, await services.record.log(holder.cid))
    return HTMLResponse(_document(view, campaign, agent, summary.full), headers=HEADERS)


def _limit(request: Request) -> None:
    limit: RateLimit = request.app.state.limit
    wait = limit.take(request.client.host if request.client else "", time.monotonic())
    if wait > 0:
        raise HTTPException(429, "too many requests", headers={"retry-after": str(ceil(wait))})


def _holder(request: Request, services: Services) -> Holder:
    try:
        return opened(services, request.path_params["token"], services.clock())
    except BadLinkError as error:
        log.warning("agent's link refused", reason=str(error))
        expired = "expired" in str(error)
        raise HTTPException(410 if expired else 404, str(error), headers=HEADERS) from None


async def _take(request: Request, services: Services, cid: str, view: View, agent: HumanAgent) -> None:
    """Records an outcome. Sent twice with the same words on the same view, it is one."""
    form = await request.form()
    outcome, notes = str(form.get("outcome", "")), str(form.get("notes", ""))
    if outcome not in OUTCOMES:
        raise HTTPException(400, f"outcome must be one of {', '.join(OUTCOMES)}")
    if len(notes) > NOTES_LIMIT:
        raise HTTPException(400, f"notes may have {NOTES_LIMIT} characters")
    lead_now = services.clock().astimezone(lead_zone(view))
    cause = f"page:{agent.number}:{form.get('seen', '')}:{outcome}"
    events = reported(services, agent, said(notes, lead_now, outcome), cause, by="page")
    await commit(services, cid, *events)
    log.info("outcome reported", conversation=cid, outcome=outcome)


# The document --------------------------------------------------------------------------------------------------------


def _document(view: View, campaign: Campaign, agent: HumanAgent, full: str) -> str:
    headline, _, facts = full.partition("\n")
    zone = lead_zone(view)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(campaign.brand)}</title><style>{_STYLE}</style></head><body>"
        f"<h1>{escape(headline)}</h1><pre>{escape(facts)}</pre>"
        f"<h2>The whole thread</h2><ol>{_thread(view.thread, campaign, zone)}</ol>"
        f"{_reports(view.reports, zone)}{_form(view, agent)}</body></html>"
    )


def _thread(lines: Sequence[Line], campaign: Campaign, zone: ZoneInfo) -> str:
    return "".join(
        f'<li class="{line.who}"><small>{_who(line, campaign)}, {line.at.astimezone(zone):%a %d %b %H:%M}, '
        f"{'text' if line.channel == 'sms' else 'call'}{', cut off' if line.cut else ''}</small><br>"
        f"{escape(line.text)}</li>"
        for line in lines
    )


def _who(line: Line, campaign: Campaign) -> str:
    return "Lead" if line.who == "lead" else escape(campaign.persona)


def _reports(reports: Sequence[Report], zone: ZoneInfo) -> str:
    if not reports:
        return ""
    items = "".join(
        f"<li><small>{escape(one.agent)}, {one.at.astimezone(zone):%a %d %b %H:%M}</small><br>"
        f"{escape(one.outcome.replace('_', ' '))}. {escape(one.notes)}</li>"
        for one in reports
    )
    return f"<h2>What came of it</h2><ol>{items}</ol>"


def _form(view: View, agent: HumanAgent) -> str:
    options = "".join(f'<option value="{one}">{one.replace("_", " ")}</option>' for one in OUTCOMES)
    return (
        f'<h2>{escape(agent.name)}, what came of it?</h2><form method="post">'
        f'<input type="hidden" name="seen" value="{view.version}">'
        f'<label>Outcome<select name="outcome">{options}</select></label>'
        f'<label>Notes<textarea name="notes" rows="4" maxlength="{NOTES_LIMIT}"></textarea></label>'
        "<button>Save</button></form>"
    )
