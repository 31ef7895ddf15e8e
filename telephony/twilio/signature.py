"""Was this request made by Twilio? Checks `X-Twilio-Signature`.

Twilio signs the URL it was told to use. Behind a proxy, a framework's idea of that URL is wrong, so it is always put
together here from the configured public URL and the raw path and query of the request.
Rules: https://www.twilio.com/docs/usage/security and https://www.twilio.com/docs/usage/webhooks/webhooks-security.
"""

from collections.abc import Iterator, Sequence
from itertools import product
from urllib.parse import SplitResult, parse_qs, urlsplit

from twilio.request_validator import RequestValidator, get_signature_algorithm

Form = Sequence[tuple[str, str]]


class _Pairs(dict[str, list[str]]):
    """A form with all values of each name, as the validator asks for them (`getall`): it cannot have a plain dict."""

    def __init__(self, form: Form = ()) -> None:
        super().__init__()
        for name, value in form:
            self.setdefault(name, []).append(value)

    def getall(self, name: str) -> list[str]:
        return self[name]


Signed = _Pairs | str

_DEFAULT_PORTS = {"https": 443, "http": 80}


class SignatureVerifier:
    """Checks requests to one public URL, e.g. `https://agent.example.net`, perhaps with a path in front.

    Twilio signs with the *primary* auth token of the account; a secondary token signs nothing before it is promoted.
    `also` names further secrets to accept: the other token while one is being rotated, or a shared key's.
    """

    def __init__(self, auth_token: str, public_url: str, *, also: Sequence[str] = ()) -> None:
        if not auth_token or not all(also):
            raise ValueError("an empty auth token would let anybody sign: set TWILIO_AUTH_TOKEN")
        self._validators = [RequestValidator(token) for token in (auth_token, *also)]
        self._http_bases, self._socket_bases = _bases(public_url)

    def http(
        self,
        method: str,
        raw_path_and_query: str,
        form: Form | None,
        body: bytes | None,
        header: str | None,
        algorithm_header: str | None = None,
    ) -> bool:
        """Whether a webhook is Twilio's. Give the form's pairs as they came (empty values and duplicates too), or the
        raw body if it is not a form. `algorithm_header` is `X-Twilio-Webhooks-Signature-Settings`, if there is one.
        """
        signed = _signed_content(method, raw_path_and_query, form, body)
        if signed is None:
            return False
        return self._any(self._http_bases, [raw_path_and_query], signed, header, algorithm_header)

    def upgrade(self, path: str, header: str | None, algorithm_header: str | None = None) -> bool:
        """Whether a WebSocket upgrade is Twilio's. Signed is the `wss://` URL, at times with a slash behind it."""
        return self._any(self._socket_bases, [path, path + "/"], _Pairs(), header, algorithm_header)

    def _any(
        self,
        bases: Sequence[str],
        paths: Sequence[str],
        signed: Signed,
        header: str | None,
        algorithm_header: str | None,
    ) -> bool:
        if not header:
            return False
        algorithm = get_signature_algorithm(algorithm_header)
        try:
            return any(
                validator.validate(base + path, signed, header, algorithm)
                for validator, base, path in product(self._validators, bases, paths)
            )
        except ValueError:  # not a URL, or not text: nothing Twilio would have signed
            return False


def _signed_content(method: str, path: str, form: Form | None, body: bytes | None) -> Signed | None:
    """What is signed besides the URL: a form's pairs, or a body through its hash in the query. None: not signable."""
    if form is not None:
        return _Pairs(form)
    if method.upper() == "GET" or not (body or _names_a_hash(path)):
        return _Pairs()
    if not _names_a_hash(path):
        return None  # nothing would tie this body to the signature
    try:
        return (body or b"").decode()
    except UnicodeDecodeError:
        return None


def _names_a_hash(path: str) -> bool:
    return "bodySHA256" in parse_qs(path.partition("?")[2])


def _bases(public_url: str) -> tuple[list[str], list[str]]:
    """Beginnings of the URLs Twilio may have signed, for webhooks and for sockets.

    Whether a port is part of the signed URL depends on scheme and product, so each is tried with and without it. User
    and password never are.
    """
    url = urlsplit(public_url)
    if url.scheme not in _DEFAULT_PORTS or not url.hostname or url.query or url.fragment:
        raise ValueError(f"the public URL must look like https://agent.example.net, without a query: {public_url!r}")
    hosts = list(_hosts(url))
    path = url.path.rstrip("/")
    return [f"{url.scheme}://{host}{path}" for host in hosts], [
        f"{url.scheme.replace('http', 'ws')}://{host}{path}" for host in hosts
    ]


def _hosts(url: SplitResult) -> Iterator[str]:
    host = url.netloc.rpartition("@")[2]
    port = url.port
    yield host  # as it stands in the settings is how it is mostly signed
    yield host.removesuffix(f":{port}") if port else f"{host}:{_DEFAULT_PORTS[url.scheme]}"
