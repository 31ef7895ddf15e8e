"""Forms that come over HTTP: webhooks of carriers, web forms."""

from starlette.datastructures import ImmutableMultiDict
from starlette.exceptions import HTTPException
from starlette.requests import Request

Form = ImmutableMultiDict[str, str]

FORM_TYPE = "application/x-www-form-urlencoded"


async def read_form(request: Request) -> Form:
    """A form's pairs, empty values and duplicates kept: of Twilio's all are signed. 415 to a body that is no form."""
    if request.method == "GET":
        return request.query_params
    content_type = request.headers.get("content-type", "")
    if content_type.partition(";")[0].strip().lower() != FORM_TYPE:
        raise HTTPException(415, f"send {FORM_TYPE}")
    form = await request.form()
    return ImmutableMultiDict([(name, value) for name, value in form.multi_items() if isinstance(value, str)])


def field(form: Form, name: str) -> str:
    """A field that has to be there; 400 if it is not."""
    value = form.get(name, "")
    if not value:
        raise HTTPException(400, f"the request has no {name}")
    return value
