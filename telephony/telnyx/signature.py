"""Was this request made by Telnyx? Checks `telnyx-signature-ed25519` and `telnyx-timestamp`.

Signed are the time and the raw body: `{timestamp}|{body}`, with a key whose public half the portal shows. The URL is
not, so a path must not say what only the body can be trusted with, and a request without a body says nothing.
Rules: https://developers.telnyx.com/development/api-fundamentals/webhooks/receiving-webhooks.
"""

import base64
import binascii
import re
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

TOLERANCE_S: Final = 300
"""How far the signed time may be from ours: an older request is a replay."""

_SECONDS = re.compile(r"[0-9]{1,12}")


class PublicKey:
    """The account's public key: 32 bytes, in base64. Raises ValueError for another."""

    def __init__(self, public_key: str) -> None:
        self._key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key, validate=True))

    def signed(self, body: bytes, signature: str | None, timestamp: str | None, now: float) -> bool:
        """Whether Telnyx signed this body, lately. `now` is in seconds since 1970."""
        if not signature or not timestamp or not _SECONDS.fullmatch(timestamp):
            return False
        if abs(now - int(timestamp)) > TOLERANCE_S:
            return False
        try:
            self._key.verify(base64.b64decode(signature, validate=True), timestamp.encode() + b"|" + body)
        except (InvalidSignature, binascii.Error, ValueError):
            return False
        return True
