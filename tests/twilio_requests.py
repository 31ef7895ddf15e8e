"""Requests as Twilio makes them, for tests of what answers them."""

from collections.abc import Mapping, Sequence

from starlette.datastructures import MultiDict
from twilio.request_validator import RequestValidator

Form = Mapping[str, str] | Sequence[tuple[str, str]]


def signed(url: str, form: Form | None, token: str) -> dict[str, str]:
    """The headers Twilio adds to a form POST to `url` (the public URL, with its query), or to a GET without a form."""
    return {"X-Twilio-Signature": RequestValidator(token).compute_signature(url, MultiDict(form or {}))}
