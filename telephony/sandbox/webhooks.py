"""Twilio's requests to the server: signed, limited to 15 s, and on demand duplicated and out of order.

Sources: Twilio, "Security" (signatures), "Webhooks: Connection Overrides" (retries), "TwiML for Programmable Voice".
"""

import asyncio
import random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urldefrag, urlencode, urlsplit, urlunsplit

import aiohttp
from twilio.request_validator import RequestValidator
from yarl import URL

from telephony.sandbox.debugger import Debugger

LIMIT_S = 15.0
CONNECT_LIMIT_S = 5.0
MOST_REDIRECTS = 10
REDIRECTS = frozenset({301, 302, 303, 307, 308})
KEEP_METHOD = frozenset({307, 308})
UNREACHABLE = 11205
RETRIEVAL_FAILED = 11200
CONNECTIONS = 200
XML_TYPES = frozenset({"text/xml", "application/xml", "text/html"})


@dataclass(frozen=True, slots=True)
class Chaos:
    """How unreliable status callbacks are. Both are shares, 0..1, decided by the seed.

    A reordered callback waits `held_s` while later ones of the same call or text overtake it.
    """

    duplicate: float = 0.0
    reorder: float = 0.0
    seed: int = 0
    held_s: float = 0.3


@dataclass(frozen=True, slots=True)
class Page:
    """What the server answered to a request for instructions."""

    text: str
    content_type: str
    """Without parameters, lower case."""
    url: str
    """Where it came from in the end; relative URLs in it start here."""

    @property
    def is_xml(self) -> bool:
        """Whether Twilio reads it as TwiML."""
        return self.content_type in XML_TYPES


@dataclass(frozen=True, slots=True)
class Report:
    """A status callback. `failure` is the debugger's code when the server answers 4xx or 5xx."""

    url: str
    method: str
    fields: Mapping[str, str]
    failure: int = 15003


@dataclass(frozen=True, slots=True)
class _Overrides:
    """The connection overrides in a URL's fragment."""

    retries: int = 1
    retry_on: frozenset[str] = field(default=frozenset({"ct"}))
    limit_s: float = LIMIT_S

    @classmethod
    def of(cls, fragment: str) -> "_Overrides":
        given = dict(parse_qsl(fragment))
        return cls(
            retries=min(5, int(given.get("rc", "1"))),
            retry_on=frozenset(given.get("rp", "ct").split(",")),
            limit_s=min(LIMIT_S, int(given.get("rt", "15000")) / 1000),
        )

    def again(self, outcome: "_Answer | aiohttp.ClientError | TimeoutError") -> bool:
        """Whether an attempt with this outcome is repeated."""
        match outcome:
            case aiohttp.ClientConnectorError() | aiohttp.ConnectionTimeoutError():
                kind = "ct"
            case TimeoutError():
                kind = "rt"
            case _Answer():
                kind = f"{outcome.status // 100}xx"
            case _:
                kind = "none"
        return bool({kind, "all"} & self.retry_on) and kind not in ("2xx", "3xx")


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the server answered."""

    status: int
    content_type: str
    """Without parameters, lower case; empty if there is none."""
    text: str
    url: str


def signed_url(url: str) -> str:
    """The URL as it is requested and signed: without fragment and user; https without its port, as voice does."""
    parts = urlsplit(urldefrag(url).url)
    host = parts.netloc.rpartition("@")[2]
    if parts.scheme in ("https", "wss") and parts.port:
        host = host.rpartition(":")[0]
    return urlunsplit((parts.scheme, host, parts.path, parts.query, ""))


class Courier:
    """Carries requests to the server. `instructions` wait for an answer, a `report` does not."""

    def __init__(self, token: str, debugger: Debugger, chaos: Chaos | None = None) -> None:
        self._validator = RequestValidator(token)
        self._debugger = debugger
        self._chaos = chaos or Chaos()
        self._random = random.Random(self._chaos.seed)
        self._opened: aiohttp.ClientSession | None = None
        self._lanes: dict[str, asyncio.Task[None]] = {}
        self._under_way: set[asyncio.Task[None]] = set()

    def sign(self, url: str, params: Mapping[str, str] | None = None) -> str:
        """`X-Twilio-Signature` of a request."""
        return str(self._validator.compute_signature(url, dict(params or {})))

    async def instructions(self, url: str, method: str, params: Mapping[str, str]) -> Page | None:
        """Asks the server what to do; None, and an error in the debugger, when it does not say."""
        answer = await self._request(url, method, params)
        if answer is None:
            return None
        if answer.status >= 400:
            self._debugger.error(RETRIEVAL_FAILED, f"{url} answered {answer.status}")
            return None
        if answer.text and not answer.content_type:
            self._debugger.error(RETRIEVAL_FAILED, f"{url} answered without a Content-Type")
            return None
        return Page(answer.text, answer.content_type, answer.url)

    def report(self, lane: str, report: Report) -> None:
        """Sends a status callback; those of one `lane` (a call, a text, a room) in order, but for chaos."""
        if not report.url:
            return
        if not urlsplit(report.url).hostname:
            self._debugger.error(11100, f"callback URL {report.url!r} is not absolute")
            return
        held = self._random.random() < self._chaos.reorder
        copies = 2 if self.happens_twice() else 1
        if held:
            task = asyncio.create_task(self._deliver_late(report, copies))
        else:
            task = asyncio.create_task(self._deliver_after(self._lanes.get(lane), report, copies))
            self._lanes[lane] = task
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    def happens_twice(self) -> bool:
        """Whether chance has the next request sent again, as a retry would."""
        return self._random.random() < self._chaos.duplicate

    async def drain(self) -> None:
        """Waits until every callback was delivered or failed."""
        while self._under_way:
            await asyncio.gather(*self._under_way)

    async def close(self) -> None:
        """Gives up what is under way."""
        for task in list(self._under_way):
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        if self._opened is not None:
            await self._opened.close()

    async def _deliver_after(self, before: asyncio.Task[None] | None, report: Report, copies: int) -> None:
        if before is not None:
            await asyncio.wait([before])
        for _ in range(copies):
            answer = await self._request(report.url, report.method, report.fields)
            if answer is not None and answer.status >= 400:
                self._debugger.error(report.failure, f"callback {report.url} answered {answer.status}")

    async def _deliver_late(self, report: Report, copies: int) -> None:
        await asyncio.sleep(self._chaos.held_s)
        await self._deliver_after(None, report, copies)

    async def _request(self, url: str, method: str, params: Mapping[str, str]) -> _Answer | None:
        """One request with its retries and redirects, all within the limit."""
        overrides = _Overrides.of(urlsplit(url).fragment)
        once = uuid.uuid4().hex
        try:
            async with asyncio.timeout(LIMIT_S):
                for attempt in range(overrides.retries + 1):
                    outcome = await self._attempt(url, method, params, once, overrides)
                    if attempt == overrides.retries or not overrides.again(outcome):
                        break
        except TimeoutError:
            self._debugger.error(UNREACHABLE, f"{url} took longer than {LIMIT_S:g} s")
            return None
        if isinstance(outcome, _Answer):
            return outcome
        code = 11215 if isinstance(outcome, aiohttp.TooManyRedirects) else UNREACHABLE
        self._debugger.error(code, f"{url}: {type(outcome).__name__} {outcome}".rstrip())
        return None

    async def _attempt(
        self, url: str, method: str, params: Mapping[str, str], once: str, overrides: _Overrides
    ) -> _Answer | aiohttp.ClientError | TimeoutError:
        """One request with its redirects, which the client would follow without signing them."""
        timeout = aiohttp.ClientTimeout(total=None, connect=CONNECT_LIMIT_S, sock_read=overrides.limit_s)
        try:
            for _ in range(MOST_REDIRECTS + 1):
                at, body, headers = self._signed(url, method, params, once)
                async with self._session().request(
                    method, at, data=body, headers=headers, timeout=timeout, allow_redirects=False
                ) as response:
                    text = await response.text()
                    onward = response.headers.get("location") if response.status in REDIRECTS else None
                    if onward is None:
                        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
                        return _Answer(response.status, kind, text, str(at))
                    url = str(at.join(URL(onward)))
                    method = method if response.status in KEEP_METHOD else "GET"
            raise aiohttp.TooManyRedirects(response.request_info, response.history)
        except (aiohttp.ClientError, TimeoutError) as error:
            return error

    def _signed(
        self, url: str, method: str, params: Mapping[str, str], once: str
    ) -> tuple[URL, str | None, dict[str, str]]:
        target = signed_url(url)
        if method == "GET":
            target += ("&" if urlsplit(target).query else "?") + urlencode(params)
        form = dict(params) if method == "POST" else None
        headers = {
            "X-Twilio-Signature": self.sign(target, form),
            "I-Twilio-Idempotency-Token": once,
            "User-Agent": "TwilioProxy/1.1",
            "Accept": "*/*",
        }
        if form is None:
            return URL(target, encoded=True), None, headers
        at = URL(urldefrag(url).url, encoded=True)
        return at, urlencode(form), {**headers, "Content-Type": "application/x-www-form-urlencoded"}

    def _session(self) -> aiohttp.ClientSession:
        # When it is needed: it belongs to the event loop in which it is made.
        if self._opened is None:
            self._opened = aiohttp.ClientSession(
                # None is used twice: one the server is just closing would look like a server that failed.
                connector=aiohttp.TCPConnector(limit=CONNECTIONS, force_close=True),
                cookie_jar=aiohttp.DummyCookieJar(),  # one call's cookies are not another's
            )
        return self._opened
