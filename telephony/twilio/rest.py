"""Twilio's REST API as a `telephony.carrier.Carrier`.

A create (a text, a call) has no idempotency key in this API, so nothing here is tried twice: what may have happened is
reported as `outcome_unknown`, and `find_texts` and `find_calls` tell whether it did.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final, Self
from urllib.parse import urlencode

import aiohttp
import twilio.rest.api.v2010  # noqa: F401 - `Client` would import it at the first request, which would wait for it
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http.response import Response
from twilio.rest import Client
from yarl import URL

from telephony.carrier import CarrierError, PlacedCall, SentText

CALL_NOT_FOUND: Final = 20404
CALL_NOT_IN_PROGRESS: Final = 21220
CALL_OVER: Final = frozenset({CALL_NOT_FOUND, CALL_NOT_IN_PROGRESS})

CONNECT_S: Final = 3.0
READ_S: Final = 10.0
"""How long an answer may take, from one packet to the next."""
TWIML_LIMIT: Final = 4000
"""Characters of TwiML in a request; a document we answer with may be longer."""
LOOK_BACK: Final = 1000
"""Entries of a list that are looked at, newest first: one page."""

STATUS_EVENTS: Final = ("initiated", "ringing", "answered", "completed")

KEPT_OPEN_S: Final = 5.0
"""How long a connection waits for the next request: one the carrier is just closing would lose it."""

_NOT_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.ClientHttpProxyError)
_SERVER_FAULT = 500
FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}
_NUMBER = re.compile(r"\+?\d{7,}")


class TwilioCarrier:
    """One account's calls and texts. It owns its connections: close it, or use it in `async with`.

    `base_url` sends everything to another server, e.g. `http://127.0.0.1:4010`, which has to behave like
    `https://api.twilio.com`. Every method raises `CarrierError`.
    """

    lists_lag: Final = timedelta()

    def __init__(
        self, account_sid: str, auth_token: str, *, base_url: str | None = None, read_s: float = READ_S
    ) -> None:
        self._http = _Http(base_url, read_s)
        self._account = account_sid
        self._client = Client(account_sid, auth_token, http_client=self._http)

    async def send_text(self, to: str, body: str, *, sender: str, status_url: str) -> str:
        """Queues a text of at most 1600 characters; its later states go to `status_url`. Returns its SID."""
        with _carrier_errors("send the text"):
            message = await self._client.messages.create_async(
                to=to, from_=sender, body=body, status_callback=status_url
            )
            return _sid(message)

    async def dial(
        self,
        to: str,
        *,
        caller_id: str,
        instructions_url: str,
        status_url: str,
        ring_seconds: int = 25,
        detection_url: str | None = None,
    ) -> str:
        """Queues a call (one per second leaves an account by default). Returns its SID.

        Machine detection is asynchronous: synchronous detection would let a person wait in silence for four seconds.
        """
        detection = _detection(detection_url) if detection_url else {}
        with _carrier_errors("place the call"):
            call = await self._client.calls.create_async(
                to=to,
                from_=caller_id,
                url=instructions_url,
                method="POST",
                timeout=ring_seconds,
                status_callback=status_url,
                status_callback_method="POST",
                status_callback_event=list(STATUS_EVENTS),
                **detection,
            )
            return _sid(call)

    async def redirect(self, call: str, document: str) -> None:
        """Replaces what a live call is doing; its media stream ends. Code in `CALL_OVER`: the lead is gone."""
        if len(document) > TWIML_LIMIT:
            raise CarrierError(
                f"Twilio takes {TWIML_LIMIT} characters of TwiML here, not {len(document)}: give it a URL"
            )
        with _carrier_errors("redirect the call"):
            await self._client.calls(call).update_async(twiml=document)

    async def hang_up(self, call: str) -> None:
        """Ends a call in any state. One that is over already is as it should be."""
        try:
            with _carrier_errors("end the call"):
                await self._client.calls(call).update_async(status="completed")
        except CarrierError as error:
            if error.code not in CALL_OVER:
                raise

    async def call_status(self, call: str) -> str:
        """How a call stands; one Twilio does not know is over."""
        try:
            with _carrier_errors("show the call"):
                fetched = await self._client.calls(call).fetch_async()
                return str(fetched.status)
        except CarrierError as error:
            if error.code not in CALL_OVER:
                raise
            return "completed"

    async def find_texts(self, to: str, since: datetime) -> list[SentText]:
        """Texts to a number that Twilio took at or after `since` (by its clock, in whole seconds), newest first."""
        return await self._texts(since, to=to)

    async def find_calls(self, to: str, since: datetime) -> list[PlacedCall]:
        """Calls to a number that Twilio took at or after `since` (by its clock, in whole seconds), newest first."""
        return await self._calls(since, to=to)

    async def sent_from(self, sender: str, since: datetime) -> list[SentText]:
        """Texts from a number of ours that Twilio took at or after `since`, newest first."""
        return await self._texts(since, from_=sender)

    async def placed_from(self, caller_id: str, since: datetime) -> list[PlacedCall]:
        """Calls from a number of ours that Twilio took at or after `since`, newest first."""
        return await self._calls(since, from_=caller_id)

    async def _texts(self, since: datetime, **of: str) -> list[SentText]:
        with _carrier_errors("list the texts"):
            texts = await self._client.messages.list_async(limit=LOOK_BACK, **of)
            return [
                SentText(text.sid, text.from_, text.body, str(text.status), created, str(text.to))
                for text in texts
                if (created := _created(text, since)) >= since.replace(microsecond=0)
            ]

    async def _calls(self, since: datetime, **of: str) -> list[PlacedCall]:
        with _carrier_errors("list the calls"):
            calls = await self._client.calls.list_async(limit=LOOK_BACK, **of)
            return [
                PlacedCall(call.sid, call._from, str(call.status), created, str(call.to))
                for call in calls
                if (created := _created(call, since)) >= since.replace(microsecond=0)
            ]

    async def check_credentials(self) -> str:
        """The account's name and state, e.g. `Harbor Lane (active)`."""
        with _carrier_errors("show the account; check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN"):
            account = await self._client.api.v2010.accounts(self._account).fetch_async()
            return f"{account.friendly_name} ({account.status})"

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


class _Http:
    """What `twilio.rest.Client` sends its requests through.

    Not the library's own `AsyncTwilioHttpClient`: that one ignores the time-out it is made with, does not tell a
    request that was never sent from one whose answer was lost, and logs the numbers in a query.
    """

    is_async = True

    def __init__(self, base_url: str | None, read_s: float) -> None:
        self._base = URL(base_url) if base_url else None
        if self._base is not None and not (self._base.scheme in {"http", "https"} and self._base.host):
            raise ValueError(f"the carrier's base URL must look like http://127.0.0.1:4010: {base_url!r}")
        self._timeout = aiohttp.ClientTimeout(total=None, connect=CONNECT_S, sock_read=read_s)
        self._opened: aiohttp.ClientSession | None = None

    async def request(
        self,
        method: str,
        url: str,
        params: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's signature; it always passes None
        allow_redirects: bool = False,
    ) -> Response:
        async with self._session().request(
            method,
            self._target(url),
            params={name: str(value) for name, value in (params or {}).items()},
            data=urlencode(data, doseq=True) if data else None,
            headers={**(headers or {}), **_authorization(auth), **(FORM if data else {})},
            allow_redirects=allow_redirects,
        ) as answer:
            return Response(answer.status, await answer.text(), answer.headers)

    async def close(self) -> None:
        if self._opened is not None:
            await self._opened.close()

    def _session(self) -> aiohttp.ClientSession:
        # When it is needed: it belongs to the event loop in which it is made.
        if self._opened is None:
            self._opened = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(keepalive_timeout=KEPT_OPEN_S),
                timeout=self._timeout,
                cookie_jar=aiohttp.DummyCookieJar(),
                # A stand-in is near; a proxy from the environment is for the way out.
                trust_env=self._base is None,
            )
        return self._opened

    def _target(self, url: str) -> URL:
        target = URL(url)
        if self._base is None:
            return target
        path = self._base.raw_path.rstrip("/") + target.raw_path
        return self._base.with_path(path, encoded=True).with_query(target.query)


def _authorization(auth: tuple[str, str] | None) -> dict[str, str]:
    return {"Authorization": aiohttp.encode_basic_auth(*auth)} if auth else {}


@contextmanager
def _carrier_errors(task: str) -> Iterator[None]:
    """Turns what the library and the network raise into a `CarrierError`.

    Their own errors are not chained: they carry the lead's number, and a traceback would print it.
    """
    try:
        yield
    except (TwilioRestException, TwilioServiceException) as refusal:
        raise _refused(task, refusal) from None
    except TwilioException:  # a list that could not be read, without a code
        raise CarrierError(f"Twilio would not {task}") from None
    except _NOT_SENT as unsent:
        raise CarrierError(f"Twilio could not be reached to {task} ({type(unsent).__name__})") from None
    except (aiohttp.ClientError, TimeoutError, ValueError) as lost:
        message = f"Twilio was asked to {task}, but its answer was lost ({type(lost).__name__})"
        raise CarrierError(message, outcome_unknown=True) from None


def _refused(task: str, refusal: Any) -> CarrierError:
    status = int(refusal.status)
    # Without a code in the answer, the library puts the HTTP status there.
    code = refusal.code if refusal.code != status else None
    words = refusal.msg if isinstance(refusal, TwilioRestException) else (refusal.detail or refusal.title)
    said = _NUMBER.sub("…", str(words))
    number = f"error {code}, HTTP {status}" if code else f"HTTP {status}"
    return CarrierError(
        f"Twilio would not {task}: {said} ({number})", code=code, outcome_unknown=status >= _SERVER_FAULT
    )


def _detection(url: str) -> dict[str, Any]:
    """`DetectMessageEnd` reports a person at once and a machine when its greeting ends."""
    return {
        "machine_detection": "DetectMessageEnd",
        "async_amd": "true",
        "async_amd_status_callback": url,
        "async_amd_status_callback_method": "POST",
    }


def _sid(created: Any) -> str:
    if not created.sid:
        raise ValueError("no SID in the answer")
    return str(created.sid)


def _created(record: Any, since: datetime) -> datetime:
    """When Twilio took it. An entry without a date may be the one that is looked for, so it counts as new."""
    created = record.date_created
    return created if isinstance(created, datetime) else since
