"""Who may open the console, and what he may do there.

Nobody has to sign in on the machine itself: when the server listens on loopback, its public URL leads nowhere else, the
Host header names loopback and no header says that a proxy passed the request on. All four, for behind a tunnel every
request comes from this machine. Everybody else shows a token once, and has a signed cookie then, or is named by a proxy
that signed him in (OIDC): one line of settings each.

What changes anything needs the role `operate` and a CSRF token: signed, for this person, in a page of ours.
"""

import hashlib
import hmac
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from ipaddress import ip_address, ip_network
from math import ceil
from urllib.parse import urlencode, urlsplit

import structlog
from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from telephony.limits import RateLimit
from telephony.services import Services
from telephony.settings import Settings

log = structlog.get_logger(__name__)

LOGIN = "/console/login"
COOKIE = "segue_console"
SESSION_SECONDS = 12 * 3600
"""How long a sign-in lasts, and a page can be acted from."""
NAME_LENGTH = 60
LOCAL = "local operator"
"""Who acts on the machine itself."""
CSRF_FIELD = "csrf"

GUARDED = ("/console", "/phone")
"""Paths of pages for people."""
PASSED_ON = frozenset({"forwarded", "via", "x-real-ip"})
HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self' blob:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(self)",
    "cache-control": "no-store",
}
"""Of every answer on those paths. `cache-control` is left as it is where it is set."""


class Role(StrEnum):
    """What somebody may do: look, or also act."""

    VIEW = "view"
    OPERATE = "operate"


@dataclass(frozen=True, slots=True)
class Operator:
    """Who is at the console. The name goes into the record with what he does."""

    name: str
    role: Role

    @property
    def may_act(self) -> bool:
        """Whether he may change anything."""
        return self.role is Role.OPERATE


Handler = Callable[[Request, Services, Operator], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]


def page(handler: Handler) -> Endpoint:
    """An endpoint for whoever may look. Who is not known yet is sent to sign in."""

    @wraps(handler)
    async def endpoint(request: Request) -> Response:
        services: Services = request.app.state.services
        operator = operator_of(request, services.settings)
        if operator is None:
            back = urlencode({"next": request.url.path})
            return RedirectResponse(f"{LOGIN}?{back}", status_code=303)
        return await handler(request, services, operator)

    return endpoint


def action(handler: Handler) -> Endpoint:
    """An endpoint that changes something. 401 to who is not known, 403 to who may only look or has no CSRF token."""

    @wraps(handler)
    async def endpoint(request: Request) -> Response:
        services: Services = request.app.state.services
        operator = operator_of(request, services.settings)
        if operator is None:
            raise HTTPException(401, "sign in at /console/login")
        if not operator.may_act:
            raise HTTPException(403, "you may look, but not act: ask for the role operate")
        await check_csrf(request, services.settings, operator.name)
        return await handler(request, services, operator)

    return endpoint


def operator_of(connection: HTTPConnection, settings: Settings) -> Operator | None:
    """Who is asking, or None if that is not known."""
    if settings.console_user_header and (named := _named_by_proxy(connection, settings)):
        return named
    if is_local(connection, settings):
        return Operator(LOCAL, Role.OPERATE)
    return _signed_in(connection, settings)


# On the machine itself -----------------------------------------------------------------------------------------------


def is_local(connection: HTTPConnection, settings: Settings) -> bool:
    """Whether a request surely comes from a person at this machine."""
    headers = connection.headers
    passed_on = any(name in PASSED_ON or name.startswith("x-forwarded-") for name in headers)
    return (
        is_private(settings)
        and is_loopback(_hostname(headers.get("host", "")))
        and not passed_on
        and not _is_elsewhere(_peer(connection))
    )


def is_private(settings: Settings) -> bool:
    """Whether the settings let nobody reach the server but from this machine, and not through a proxy."""
    public = urlsplit(settings.public_url).hostname
    return is_loopback(settings.host) and is_loopback(public) and not settings.console_user_header


def is_loopback(host: str | None) -> bool:
    """Whether a name or address means this machine and nothing else."""
    if host is None:
        return False
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _hostname(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def _is_elsewhere(host: str) -> bool:
    """Whether an address is another machine's, whatever the settings say about where we listen."""
    try:
        return not ip_address(host).is_loopback
    except ValueError:
        return False  # a socket without addresses


def _peer(connection: HTTPConnection) -> str:
    """Who really connected, also where a proxy's word for it has been taken since."""
    client = connection.scope.get(PEER) or connection.scope.get("client")
    return str(client[0]) if client else ""


# By a proxy ----------------------------------------------------------------------------------------------------------


def _named_by_proxy(connection: HTTPConnection, settings: Settings) -> Operator | None:
    """Whom the proxy signed in. Its header counts only from its own address, else anybody could send it."""
    name = connection.headers.get(settings.console_user_header or "", "").strip()[:NAME_LENGTH]
    if not name or not _is_proxy(_peer(connection), settings):
        return None
    operators = _listed(settings.console_operators)
    return Operator(name, Role.OPERATE if name in operators or "*" in operators else Role.VIEW)


def _is_proxy(peer: str, settings: Settings) -> bool:
    try:
        address = ip_address(peer)
    except ValueError:
        return False
    return any(address in ip_network(network) for network in _listed(settings.console_proxies))


def _listed(text: str) -> list[str]:
    return [part for part in (part.strip() for part in text.split(",")) if part]


# By a token ----------------------------------------------------------------------------------------------------------


def role_of_token(token: str, settings: Settings) -> Role | None:
    """What a token allows, if it is one of ours."""
    known = ((settings.console_token, Role.OPERATE), (settings.console_view_token, Role.VIEW))
    roles = [
        role
        for secret, role in known
        if secret is not None and hmac.compare_digest(secret.get_secret_value().encode(), token.encode())
    ]
    return roles[0] if roles else None


def sign_in(response: Response, operator: Operator, settings: Settings) -> None:
    """Gives the browser its session."""
    response.set_cookie(
        COOKIE,
        _signer(settings, "session").dumps([operator.name, operator.role.value]),
        max_age=SESSION_SECONDS,
        path="/",
        secure=settings.public_url.startswith("https:"),
        httponly=True,
        samesite="strict",
    )


def sign_out(response: Response) -> None:
    """Takes the session away."""
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")


def _signed_in(connection: HTTPConnection, settings: Settings) -> Operator | None:
    try:
        name, role = _signer(settings, "session").loads(connection.cookies.get(COOKIE, ""), max_age=SESSION_SECONDS)
        return Operator(str(name), Role(role))
    except (BadSignature, ValueError):
        return None


def csrf_token(settings: Settings, name: str) -> str:
    """What a page of ours carries for its forms, for this person."""
    return _signer(settings, "csrf").dumps(name)


async def check_csrf(request: Request, settings: Settings, name: str) -> None:
    """Refuses, with 403, a form that no page of ours for this person made."""
    given = (await request.form()).get(CSRF_FIELD, "")
    try:
        signed = _signer(settings, "csrf").loads(str(given), max_age=SESSION_SECONDS)
    except BadSignature:
        signed = None
    if signed != name or request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        log.warning("console form refused", path=request.url.path)
        raise HTTPException(403, "this page is too old, or not ours: load it again")


def _signer(settings: Settings, purpose: str) -> URLSafeTimedSerializer:
    """Its key follows from the secrets, so all processes have it, and a changed token ends its sessions."""
    tokens = (settings.api_token, settings.console_token, settings.console_view_token)
    secret = "\n".join(token.get_secret_value() if token else "" for token in tokens)
    key = hashlib.sha256(f"segue console\n{secret}".encode()).hexdigest()
    return URLSafeTimedSerializer(key, salt=purpose)


def new_login_limit() -> RateLimit:
    """How often one address may try a token."""
    return RateLimit(burst=10, per_second=0.1)


def refuse_guessing(request: Request, limit: RateLimit) -> None:
    """429 with Retry-After to who tries token after token."""
    wait = limit.take(request.client.host if request.client else "", time.monotonic())
    if wait > 0:
        raise HTTPException(429, "too many attempts", headers={"retry-after": str(ceil(wait))})


# What every answer carries -------------------------------------------------------------------------------------------

PEER = "segue.peer"
"""Where in the scope the real peer is kept."""


class KeepPeer:
    """Keeps the address of whoever connected, before a proxy's headers put another one in its place."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes everything on."""
        await self._app({**scope, PEER: scope.get("client")} if "client" in scope else scope, receive, send)


class SecurityHeaders:
    """Puts `HEADERS` on every answer under `GUARDED`, errors included."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes everything on; answers to pages for people get the headers."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        guarded = scope["type"] == "http" and scope["path"].startswith(GUARDED)
        await self._app(scope, receive, with_headers if guarded else send)
