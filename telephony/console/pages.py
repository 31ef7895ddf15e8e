"""Makes the console's pages: Jinja templates that escape whatever they are given, unless it is a template's own."""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from telephony.access import CSRF_FIELD, GUARDED, HEADERS, Operator, csrf_token, operator_of
from telephony.services import Services

_TEMPLATES = Environment(
    loader=PackageLoader("telephony.console"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render(template: str, values: Mapping[str, Any]) -> str:
    """A template with values, every one of them escaped."""
    return _TEMPLATES.get_template(template).render(values)


def answer(
    request: Request, services: Services, operator: Operator | None, template: str, **values: Any
) -> HTMLResponse:
    """A whole page."""
    return HTMLResponse(render(template, common(request, services, operator) | values))


def wants_page(request: Request) -> bool:
    """Whether somebody looks at the answer, not a script."""
    return request.url.path.startswith(GUARDED) and "text/html" in request.headers.get("accept", "")


HEADINGS = {403: "Not allowed", 404: "Not found", 409: "Not possible now", 429: "Too many attempts"}
FAULT = "Something went wrong on our side"


def problem(request: Request, services: Services, status: int, detail: str) -> HTMLResponse:
    """A page that says why there is no other."""
    values = common(request, services, operator_of(request, services.settings)) | {
        "heading": HEADINGS.get(status, FAULT if status >= 500 else "That did not work"),
        "problem": "There is no such page." if detail == HTTPStatus(404).phrase else _sentence(detail),
    }
    # A crash is answered outside of what puts the headers on every other page.
    return HTMLResponse(render("problem.html", values), status_code=status, headers=HEADERS)


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}" + ("" if words.endswith((".", "!", "?")) else ".")


def common(request: Request, services: Services, operator: Operator | None) -> dict[str, Any]:
    """What every page is given."""
    name = operator.name if operator else ""
    return {
        "operator": operator,
        "csrf_field": CSRF_FIELD,
        "csrf": csrf_token(services.settings, name),
        "here": request.url.path,
    }


def clock_time(at: datetime, zone: ZoneInfo) -> str:
    """A time of day, as the lead's clock shows it: 2:05 pm."""
    local = at.astimezone(zone)
    return f"{local:%-I:%M} {'am' if local.hour < 12 else 'pm'}"


def date(at: datetime, zone: ZoneInfo) -> str:
    """A date: Nov 18, 2026."""
    return f"{at.astimezone(zone):%b %-d, %Y}"


def day(at: datetime, zone: ZoneInfo) -> str:
    """A date with its day of the week: Wed, Nov 18, 2026."""
    return f"{at.astimezone(zone):%a}, {date(at, zone)}"


def when(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """An instant near now: without its date if that is today, without its year if that is this one."""
    local, today = at.astimezone(zone), now.astimezone(zone)
    if local.date() == today.date():
        return clock_time(at, zone)
    on = f"{local:%a, %b %-d}" if local.year == today.year else day(at, zone)
    return f"{on}, {clock_time(at, zone)}"


def instant(at: datetime, zone: ZoneInfo) -> str:
    """An instant to the second, with its zone."""
    return f"{day(at, zone)}, {at.astimezone(zone):%H:%M:%S %Z}"


def ago(at: datetime, now: datetime) -> str:
    """How long ago, in the one unit that tells."""
    seconds = (now - at).total_seconds()
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"{int(seconds // size)} {unit} ago"
    return "just now"


def telephone(number: str) -> str:
    """An E.164 number as people of its country write it."""
    if len(number) == 12 and number.startswith("+1"):
        return f"({number[2:5]}) {number[5:8]}-{number[8:]}"
    return number or "number withheld"


_TEMPLATES.filters |= {
    "clock": clock_time,
    "date": date,
    "day": day,
    "when": when,
    "instant": instant,
    "ago": ago,
    "telephone": telephone,
    "sentence": _sentence,
}
