"""Ed25519 signatures of Telnyx: time and body, nothing else, and only lately."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from telephony.telnyx.signature import TOLERANCE_S, PublicKey

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = PublicKey(base64.b64encode(PRIVATE.public_key().public_bytes_raw()).decode())
NOW = 1_795_000_000
BODY = b"CallSid=v3%3Aabc&CallStatus=completed"


def sign(body: bytes = BODY, at: int | str = NOW, key: Ed25519PrivateKey = PRIVATE) -> str:
    """Telnyx's signature."""
    return base64.b64encode(key.sign(f"{at}|".encode() + body)).decode()


def test_a_signature_known_beforehand() -> None:
    """Computed once with another library (`openssl pkeyutl -sign -rawin`), so that both cannot err together."""
    vector = "YeT6kXMoTZkPXYep7WGTJ/rzrGgrv9FtlU7FMKjFUrRvb5Lt5Aziutx7H9smvGLAOoI7MWXfq3lDGBROHrfiBA=="
    assert KEY.signed(BODY, vector, str(NOW), NOW)


@pytest.mark.parametrize("age_s", [0, TOLERANCE_S, -TOLERANCE_S])
def test_what_telnyx_signed_lately_is_believed(age_s: int) -> None:
    """Clocks may differ a little, either way."""
    assert KEY.signed(BODY, sign(), str(NOW), NOW + age_s)


@pytest.mark.parametrize("age_s", [TOLERANCE_S + 1, -TOLERANCE_S - 1])
def test_an_old_request_is_a_replay(age_s: int) -> None:
    """Beyond five minutes nothing is believed, from the future neither."""
    assert not KEY.signed(BODY, sign(), str(NOW), NOW + age_s)


def test_body_and_time_are_signed() -> None:
    """A changed byte of either, or another's key, is refused."""
    assert not KEY.signed(BODY + b"&", sign(), str(NOW), NOW)
    assert not KEY.signed(BODY, sign(), str(NOW + 1), NOW)
    assert not KEY.signed(BODY, sign(key=Ed25519PrivateKey.generate()), str(NOW), NOW)


@pytest.mark.parametrize("signature", [None, "", "not base64!", base64.b64encode(b"short").decode()])
def test_without_a_signature_nothing_is_believed(signature: str | None) -> None:
    """A missing header is no permission."""
    assert not KEY.signed(BODY, signature, str(NOW), NOW)


@pytest.mark.parametrize("timestamp", [None, "", "soon", "1e9", "-1", "٣", "9" * 5000])
def test_a_time_that_is_none_is_refused(timestamp: str | None) -> None:
    """Whatever it is signed with."""
    assert not KEY.signed(BODY, sign(at=timestamp or ""), timestamp, NOW)


@pytest.mark.parametrize("key", ["", "AAAA", "not base64!"])
def test_a_key_that_is_none_is_refused(key: str) -> None:
    """There is no verifier that would let anybody in."""
    with pytest.raises(ValueError, match=r"."):
        PublicKey(key)
