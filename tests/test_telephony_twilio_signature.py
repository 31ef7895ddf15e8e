"""Fixed vectors come from twilio-python 9.13.0; the others are signed here by the same library."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator
from twilio_requests import signed

from telephony.twilio.signature import SignatureVerifier

TOKEN = "a1b2c3d4e5f60718293a4b5c6d7e8f90"
PUBLIC = "https://agent.example.net"
FORM = [
    ("CallSid", "CAdeadbeefdeadbeefdeadbeefdeadbeef"),
    ("From", "+14155550123"),
    ("To", "+14155550199"),
    ("CallStatus", "ringing"),
    ("FromZip", ""),
    ("callerNote", "é x"),
]
SHARED_KEY = "key=webhooks_sharedkey_01,algorithm=HMAC_SHA256"
JSON_BODY = b'{"kind":"note","n":1}'
JSON_PATH = "/json?bodySHA256=71f43fe73d75025b54299f5fe917cb474146a3b29fd63a687c25ceb4ce601c60"

verifier = SignatureVerifier(TOKEN, PUBLIC)


def sign(url: str, token: str = TOKEN) -> str:
    """The signature of a request in which only the URL is signed."""
    return signed(url, None, token)["X-Twilio-Signature"]


def test_form_post() -> None:
    """A form is signed with its empty values and its text in UTF-8, capitals sorting before small letters."""
    assert verifier.http("POST", "/voice/in?tenant=7", FORM, None, "T7NWFUz14n2PvfMit0sz2Gb0TRc=")


def test_order_of_the_form_does_not_matter() -> None:
    """Twilio sorts the parameters before signing them."""
    assert verifier.http("POST", "/voice/in?tenant=7", FORM[::-1], None, "T7NWFUz14n2PvfMit0sz2Gb0TRc=")


def test_get() -> None:
    """A GET has all its parameters in the URL, and only that is signed."""
    path = "/voice/in?tenant=7&CallSid=CA1&From=%2B14155550123"
    assert verifier.http("GET", path, None, None, "dHNgHU1JGahP+VEPzRfqDZ/YQWo=")


def test_json_post() -> None:
    """A JSON body is tied to the signature by its hash in the query."""
    assert verifier.http("POST", JSON_PATH, None, JSON_BODY, "rTFJZVFDvb/t1GzuD5bMAu/H3uE=")


@pytest.mark.parametrize("body", [b'{"kind":"note","n":2}', b"", None, b"\xff\xfe"])
def test_another_json_body(body: bytes | None) -> None:
    """A right signature over the URL does not carry another body, an empty one, or one that is not text."""
    assert not verifier.http("POST", JSON_PATH, None, body, "rTFJZVFDvb/t1GzuD5bMAu/H3uE=")


@pytest.mark.parametrize("path", ["/json", "/json?bodySHA256=", "/json?bodysha256=abc"])
def test_body_without_hash(path: str) -> None:
    """A body that nothing ties to the signature is refused even when the URL is signed rightly."""
    assert not verifier.http("POST", path, None, JSON_BODY, sign(PUBLIC + path))


def test_post_without_anything() -> None:
    """A POST with neither form nor body is signed by its URL alone."""
    assert verifier.http("POST", "/voice/in", None, b"", sign(PUBLIC + "/voice/in"))
    assert verifier.http("POST", "/voice/in", [], None, sign(PUBLIC + "/voice/in"))


@pytest.mark.parametrize("signature", ["M6SAWNhBU3xZ+e1lKuNmaBxeUrY=", "ePVMwk05fBS0sTJ7ZxR+SpBc36Q="])
def test_upgrade(signature: str) -> None:
    """The upgrade is signed over the wss URL, sometimes with a slash behind it that we never gave."""
    assert verifier.upgrade("/media", signature)


def test_upgrade_with_port() -> None:
    """The upgrade may be signed over the URL with :443, which the library would guess to be :80."""
    assert verifier.upgrade("/media", sign("wss://agent.example.net:443/media"))
    assert verifier.upgrade("/media", sign("wss://agent.example.net:443/media/"))


@pytest.mark.parametrize(
    "url",
    [
        "wss://agent.example.net/other",
        "https://agent.example.net/media",
        "wss://evil.example.net/media",
        "wss://agent.example.net:8443/media",
        "wss://agent.example.net/media?token=x",
    ],
)
def test_upgrade_of_another_url(url: str) -> None:
    """A signature over any other URL opens no socket."""
    assert not verifier.upgrade("/media", sign(url))


def test_shared_key_algorithm() -> None:
    """A request signed with a shared key says so in a header, and is checked with HMAC-SHA256."""
    signature = "FZFwroWSsjkjZA6H3SDduv0bSapKDDsuM/71/2AAGP0="
    assert verifier.http("POST", "/voice/in?tenant=7", FORM, None, signature, SHARED_KEY)
    assert not verifier.http("POST", "/voice/in?tenant=7", FORM, None, signature)


def test_upgrade_with_shared_key() -> None:
    """An upgrade may be signed with a shared key as well."""
    signature = RequestValidator(TOKEN).compute_signature("wss://agent.example.net/media", {}, "HMAC_SHA256")
    assert verifier.upgrade("/media", signature, SHARED_KEY)


def test_unknown_algorithm() -> None:
    """An algorithm we do not know verifies nothing."""
    header = "key=k,algorithm=NONE"
    assert not verifier.http("POST", "/voice/in?tenant=7", FORM, None, "T7NWFUz14n2PvfMit0sz2Gb0TRc=", header)


@pytest.mark.parametrize("public_url", ["https://agent.example.net", "https://agent.example.net:8443"])
def test_port_is_optional(public_url: str) -> None:
    """Twilio signs some requests with the port and some without it; both are the configured URL."""
    behind = SignatureVerifier(TOKEN, public_url)
    assert behind.http("POST", "/sms", [("A", "1")], None, "G3P/mWPv1ENeixX3FzU4RjIVIKI=")
    with_port = behind.http("POST", "/sms", [("A", "1")], None, "ggcipepM/jDkNL7cpVRaVsGwBTQ=")
    assert with_port == public_url.endswith(":8443")


def test_explicit_default_port() -> None:
    """A signature over :443 is one over the configured URL."""
    assert verifier.http("GET", "/x", None, None, sign("https://agent.example.net:443/x"))


@pytest.mark.parametrize("public_url", ["https://user:pw@agent.example.net:8443", "https://user@agent.example.net/"])
def test_user_and_password_are_not_signed(public_url: str) -> None:
    """Twilio leaves user and password out of the URL it signs."""
    assert SignatureVerifier(TOKEN, public_url).http("GET", "/x", None, None, sign(f"{PUBLIC}/x"))


@pytest.mark.parametrize("signed_host", ["[::1]:8080", "[::1]"])
def test_ipv6_literal(signed_host: str) -> None:
    """A URL with an IPv6 literal verifies with its port and without it."""
    local = SignatureVerifier(TOKEN, "http://[::1]:8080")
    assert local.http("GET", "/x", None, None, sign(f"http://{signed_host}/x"))
    assert local.upgrade("/media", sign(f"ws://{signed_host}/media"))


def test_plain_http() -> None:
    """A local stand-in signs http and ws URLs, ports included."""
    local = SignatureVerifier(TOKEN, "http://127.0.0.1:8080")
    assert local.http(
        "POST", "/sms", [("A", "1")], None, signed("http://127.0.0.1:8080/sms", {"A": "1"}, TOKEN)["X-Twilio-Signature"]
    )
    assert local.upgrade("/media", sign("ws://127.0.0.1:8080/media"))


@pytest.mark.parametrize("public_url", ["https://agent.example.net/segue", "https://agent.example.net/segue/"])
def test_public_url_with_a_path(public_url: str) -> None:
    """What a proxy strips in front of the path was signed all the same."""
    behind = SignatureVerifier(TOKEN, public_url)
    assert behind.http("GET", "/voice", None, None, sign("https://agent.example.net/segue/voice"))
    assert behind.upgrade("/media", sign("wss://agent.example.net/segue/media"))


def test_trailing_slash_of_the_public_url() -> None:
    """A slash at the end of the setting does not become two in the URL."""
    assert SignatureVerifier(TOKEN, PUBLIC + "/").http("GET", "/x", None, None, sign(PUBLIC + "/x"))


def test_trailing_slash_of_a_webhook_matters() -> None:
    """Only the upgrade may differ by a slash; a webhook's path is signed byte for byte."""
    assert not verifier.http("GET", "/x", None, None, sign(PUBLIC + "/x/"))


def test_escapes_are_not_touched() -> None:
    """The raw path is signed: %2F is not a slash and %20 not a plus."""
    path = "/voice%2Fin?name=J%20D&plus=%2B"
    assert verifier.http("GET", path, None, None, sign(PUBLIC + path))
    assert not verifier.http("GET", "/voice/in?name=J+D&plus=+", None, None, sign(PUBLIC + path))


def test_duplicate_names() -> None:
    """A name that comes twice is signed with both its values."""
    form = [("MediaUrl", "b"), ("MediaUrl", "a"), ("From", "+14155550123")]
    header = signed(f"{PUBLIC}/sms", form, TOKEN)["X-Twilio-Signature"]
    assert verifier.http("POST", "/sms", form, None, header)
    assert not verifier.http("POST", "/sms", form[1:], None, header)


@pytest.mark.parametrize("header", [None, "", "x", "T7NWFUz14n2PvfMit0sz2Gb0TRc", "é" * 28, "=" * 28])
def test_missing_or_wrong_header(header: str | None) -> None:
    """Without the right header a request is nobody's, and no header raises."""
    assert not verifier.http("POST", "/voice/in?tenant=7", FORM, None, header)
    assert not verifier.upgrade("/media", header)


@pytest.mark.parametrize("change", range(len(FORM)))
def test_any_changed_field(change: int) -> None:
    """Changing, dropping or adding any field breaks the signature, an empty one included."""
    name, value = FORM[change]
    header = "T7NWFUz14n2PvfMit0sz2Gb0TRc="
    changed = [*FORM[:change], (name, value + "0"), *FORM[change + 1 :]]
    assert not verifier.http("POST", "/voice/in?tenant=7", changed, None, header)
    if value:
        assert not verifier.http("POST", "/voice/in?tenant=7", FORM[:change] + FORM[change + 1 :], None, header)
    assert not verifier.http("POST", "/voice/in?tenant=7", [*FORM, ("Digits", "1")], None, header)


def test_another_token() -> None:
    """Another account's token signs nothing of ours; neither does our secondary one until it is promoted."""
    assert not verifier.http("GET", "/x", None, None, sign(PUBLIC + "/x", token="f" * 32))


def test_rotation() -> None:
    """While a token is being rotated, requests signed with either are Twilio's."""
    both = SignatureVerifier("f" * 32, PUBLIC, also=[TOKEN])
    assert both.http("GET", "/x", None, None, sign(PUBLIC + "/x"))
    assert both.upgrade("/media", sign("wss://agent.example.net/media", token="f" * 32))
    assert not both.http("GET", "/x", None, None, sign(PUBLIC + "/x", token="0" * 32))


def test_empty_token() -> None:
    """An empty token would verify what anybody can sign, so there is no verifier without one."""
    with pytest.raises(ValueError, match="TWILIO_AUTH_TOKEN"):
        SignatureVerifier("", PUBLIC)
    with pytest.raises(ValueError, match="TWILIO_AUTH_TOKEN"):
        SignatureVerifier(TOKEN, PUBLIC, also=[""])


@pytest.mark.parametrize(
    "public_url",
    ["", "agent.example.net", "wss://agent.example.net", "https://", "https://h/?a=1", "https://h/#f", "https://h:x"],
)
def test_unusable_public_url(public_url: str) -> None:
    """A public URL that could not have been signed is refused at start-up, not at the first call."""
    with pytest.raises(ValueError, match=r"URL|[Pp]ort"):
        SignatureVerifier(TOKEN, public_url)


@pytest.mark.parametrize("path", ["", "*", "@evil.example.net/x", ":x", "//[", "/\udcff", "x://[/"])
def test_odd_paths_are_refused(path: str) -> None:
    """A target that is not a path is refused like any unsigned request; it does not crash the server."""
    assert not verifier.http("POST", path, FORM, None, "T7NWFUz14n2PvfMit0sz2Gb0TRc=")
    assert not verifier.upgrade(path, "T7NWFUz14n2PvfMit0sz2Gb0TRc=")


TEXT = st.text(st.characters(codec="utf-8"), max_size=12)


@given(st.lists(st.tuples(TEXT, TEXT), max_size=6))
def test_every_form_verifies_as_signed(form: list[tuple[str, str]]) -> None:
    """What Twilio's own library signs, we verify: any names, any values, any duplicates."""
    header = signed(f"{PUBLIC}/sms?c=7", form, TOKEN)["X-Twilio-Signature"]
    assert verifier.http("POST", "/sms?c=7", form, None, header)


@given(st.binary(max_size=40))
def test_every_text_body_verifies_by_its_hash(body: bytes) -> None:
    """A body verifies when its hash is signed, unless it is not text; it never raises."""
    path = f"/json?bodySHA256={hashlib.sha256(body).hexdigest()}"
    try:
        body.decode()
        text = True
    except UnicodeDecodeError:
        text = False
    assert verifier.http("POST", path, None, body, sign(PUBLIC + path)) == text
