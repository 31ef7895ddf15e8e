"""Makes the console's pages: Jinja templates that escape whatever they are given, unless it is a template's own."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from telephony.access import CSRF_FIELD, GUARDED, Operator, csrf_token
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


def problem(request: Request, services: Services, status: int, detail: str) -> HTMLResponse:
    """A page that says why there is no other."""
    values = common(request, services, None) | {"status": status, "problem": detail}
    return HTMLResponse(render("problem.html", values), status_code=status)


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
    """A time of day, as the lead's clock shows it."""
    return f"{at.astimezone(zone):%H:%M:%S}"


def day(at: datetime, zone: ZoneInfo) -> str:
    """A date: Wed 18 Nov 2026."""
    return f"{at.astimezone(zone):%a %-d %b %Y}"


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


_TEMPLATES.filters |= {"clock": clock_time, "day": day, "ago": ago, "telephone": telephone}
