"""Telnyx's way of speaking: its signature over the body, TeXML, its media sockets, and texts as JSON events.

TeXML's webhooks are forms in Twilio's words (https://developers.telnyx.com/api-reference/callbacks/texml-call-completed);
those of texts are not (https://developers.telnyx.com/docs/messaging/messages/receiving-webhooks) and are translated.
"""

import json
import time
from collections.abc import Callable
from typing import Any, Final

from starlette.datastructures import ImmutableMultiDict
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.websockets import WebSocket

from telephony.dialect import Documents
from telephony.forms import Form, read_form
from telephony.telnyx import texml
from telephony.telnyx.media import TelnyxStream
from telephony.telnyx.signature import PublicKey

TEXT_STATUS: Final = {
    "sending_failed": "failed",
    "delivery_failed": "undelivered",
    "expired": "undelivered",
    "delivery_unconfirmed": "sent",
}
"""Twilio's words for how a text stands, where Telnyx has others."""


class TelnyxDialect:
    """A `telephony.dialect.Dialect`."""

    carrier: Final = "telnyx"
    documents: Documents = texml

    def __init__(self, key: PublicKey, now: Callable[[], float] = time.time) -> None:
        self._key = key
        self._now = now

    async def read(self, request: Request) -> Form:
        """What Telnyx signed. Only a POST can be believed: the signature covers nothing but a body."""
        body, headers = await request.body(), request.headers
        signature, timestamp = headers.get("telnyx-signature-ed25519"), headers.get("telnyx-timestamp")
        if request.method != "POST" or not self._key.signed(body, signature, timestamp, self._now()):
            raise HTTPException(403, "the telnyx-signature-ed25519 does not match this request")
        if headers.get("content-type", "").startswith("application/json"):
            return text_fields(body)
        return call_fields(await read_form(request))

    def may_open(self, socket: WebSocket) -> bool:
        """Telnyx signs no upgrade: the token alone tells."""
        return True

    def stream(self) -> TelnyxStream:
        """Telnyx media streaming."""
        return TelnyxStream()


def call_fields(form: Form) -> Form:
    """A call's form with what the network says of the caller's number where Twilio has it."""
    level = form.get("ShakenStirAttestation", "")
    if not level:
        return form
    passed = form.get("ShakenStirValidated", "").lower() == "true"
    said = f"TN-Validation-{'Passed' if passed else 'Failed'}-{level}"
    return ImmutableMultiDict([*form.multi_items(), ("StirVerstat", said), ("StirStatus", said)])


def text_fields(body: bytes) -> Form:
    """A text's event as the form Twilio would send. 400 for what is no event of a text."""
    try:
        payload = json.loads(body)["data"]["payload"]
        fields = _of_message(payload)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError):
        raise HTTPException(400, "the body is not an event of a message") from None
    return ImmutableMultiDict(fields)


def _of_message(message: dict[str, Any]) -> dict[str, str]:
    to = message["to"][0]
    fields = {
        "MessageSid": str(message["id"]),
        "From": str(message["from"]["phone_number"]),
        "To": str(to["phone_number"]),
        "Body": str(message.get("text") or ""),
        "NumMedia": str(len(message.get("media") or [])),
    }
    if message["direction"] == "inbound":
        return fields
    status = str(to["status"])
    errors = message.get("errors") or []
    code = str(errors[0].get("code", "")) if errors else ""
    return fields | {"MessageStatus": TEXT_STATUS.get(status, status), "ErrorCode": code}
