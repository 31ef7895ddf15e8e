"""What every `/v1` route has in common: the bearer token, the rate limit, and how wrong input is told."""

import hmac
import time
from collections.abc import Awaitable, Callable
from functools import wraps
from math import ceil

import structlog
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from telephony.limits import RateLimit
from telephony.services import Services

log = structlog.get_logger(__name__)

Handler = Callable[[Request, Services], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]

BURST = 20
PER_SECOND = 5.0
"""Requests without the token that one address may make, at once and in the long run."""


def new_limit() -> RateLimit:
    """The limit of one server for those without the token."""
    return RateLimit(burst=BURST, per_second=PER_SECOND)


def new_holders_limit(per_second: int) -> RateLimit:
    """The limit of one server for those who know it."""
    return RateLimit(burst=2 * per_second, per_second=per_second)


def authorised(handler: Handler) -> Endpoint:
    """An endpoint for holders of SEGUE_API_TOKEN.

    Answers 429 with Retry-After to who asks too often, whether or not he knows the token, and 401 to who does not.
    """

    @wraps(handler)
    async def endpoint(request: Request) -> Response:
        services: Services = request.app.state.services
        strangers: RateLimit = request.app.state.limit
        holders: RateLimit = request.app.state.holders_limit
        known, now = _knows_token(request, services), time.monotonic()
        host = request.client.host if request.client else ""
        # Who has guessed too often is refused with the right token, too, and so does not learn that it is right.
        wait = strangers.wait(host, now) or (holders if known else strangers).take(host, now)
        if wait > 0:
            raise HTTPException(429, "too many requests", headers={"retry-after": str(ceil(wait))})
        if not known:
            log.warning("api call refused", path=request.url.path)
            raise HTTPException(
                401, "send the header Authorization: Bearer <SEGUE_API_TOKEN>", headers={"www-authenticate": "Bearer"}
            )
        return await handler(request, services)

    return endpoint


def _knows_token(request: Request, services: Services) -> bool:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    expected = services.settings.api_token.get_secret_value()
    return scheme.lower() == "bearer" and hmac.compare_digest(token.strip().encode(), expected.encode())


def unprocessable(*problems: dict[str, str]) -> Response:
    """422 with one entry per field that is wrong."""
    return JSONResponse({"error": "the request is not acceptable", "problems": list(problems)}, status_code=422)


def problem(field: str, what: str) -> dict[str, str]:
    """One entry of a 422."""
    return {"field": field, "problem": what}


def problems_of(error: ValidationError) -> list[dict[str, str]]:
    """pydantic's findings, without the values: those are personal."""
    return [problem(".".join(str(part) for part in one["loc"]), _what(one)) for one in error.errors()]


def _what(found: ErrorDetails) -> str:
    field = found["loc"][-1] if found["loc"] else ""
    match found["type"]:
        case "missing" if field == "consent":
            return "is missing: nobody is taken in without what he agreed to: scopes, basis, act and disclosure"
        case "missing":
            return "is missing"
        case "extra_forbidden":
            return "is no field of ours; GET /v1/openapi.json has them all"
    cause = found.get("ctx", {}).get("error")
    return str(cause or found["msg"])
