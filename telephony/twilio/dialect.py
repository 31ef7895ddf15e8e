"""Twilio's way of speaking: its signature over URL and form, TwiML, Media Streams."""

from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.websockets import WebSocket

from telephony.dialect import Documents
from telephony.forms import Form, read_form
from telephony.twilio import twiml
from telephony.twilio.media import MediaStream
from telephony.twilio.signature import SignatureVerifier


class TwilioDialect:
    """A `telephony.dialect.Dialect`."""

    carrier: Final = "twilio"
    documents: Documents = twiml

    def __init__(self, verifier: SignatureVerifier) -> None:
        self._verifier = verifier

    async def read(self, request: Request) -> Form:
        """The form, or a GET's query, if Twilio signed it."""
        form = await read_form(request)
        # The URL as it was sent: decoding and encoding it again could change a byte.
        path: bytes = request.scope["raw_path"]
        query: bytes = request.scope["query_string"]
        signed = self._verifier.http(
            request.method,
            (path + b"?" + query if query else path).decode("latin-1"),
            None if request.method == "GET" else form.multi_items(),
            None,
            request.headers.get("x-twilio-signature"),
            request.headers.get("x-twilio-webhooks-signature-settings"),
        )
        if not signed:
            raise HTTPException(403, "the X-Twilio-Signature does not match this request")
        return form

    def may_open(self, socket: WebSocket) -> bool:
        """Refuses a wrong signature, and any query: Twilio drops them, and a token in one would stand in access logs.

        An upgrade without a signature has only its token to show.
        """
        if socket.url.query:
            return False
        signature = socket.headers.get("x-twilio-signature")
        algorithm = socket.headers.get("x-twilio-webhooks-signature-settings")
        return signature is None or self._verifier.upgrade(socket.url.path, signature, algorithm)

    def stream(self) -> MediaStream:
        """Twilio Media Streams."""
        return MediaStream()
