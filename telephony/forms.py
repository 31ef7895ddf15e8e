"""Forms that come over HTTP: webhooks of carriers, web forms."""

import re
from urllib.parse import parse_qsl

from starlette.datastructures import ImmutableMultiDict
from starlette.exceptions import HTTPException
from starlette.requests import Request

Form = ImmutableMultiDict[str, str]

FORM_TYPE = "application/x-www-form-urlencoded"
MOST_FIELDS = 1000


async def read_form(request: Request) -> Form:
    """A form's pairs, empty values and duplicates kept: of Twilio's all are signed. 415 to a body that is no form."""
    if request.method == "GET":
        return request.query_params
    content_type = request.headers.get("content-type", "")
    if content_type.partition(";")[0].strip().lower() != FORM_TYPE:
        raise HTTPException(415, f"send {FORM_TYPE}")
    try:
        # Not Starlette's parser, which is made for uploads and takes ten times as long.
        pairs = parse_qsl((await request.body()).decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise HTTPException(400, f"the form cannot be read: send UTF-8, and at most {MOST_FIELDS} fields") from None
    return ImmutableMultiDict(pairs)


_WHOLE = re.compile(r"[0-9]{1,15}")


def whole(text: str) -> int | None:
    """A whole number in ASCII digits, None for anything else.

    `str.isdecimal` knows the digits of all scripts, `int` refuses some thousands of them, and Redis what has twenty.
    """
    return int(text) if _WHOLE.fullmatch(text) else None


def field(form: Form, name: str) -> str:
    """A field that has to be there; 400 if it is not."""
    value = form.get(name, "")
    if not value:
        raise HTTPException(400, f"the request has no {name}")
    return value
