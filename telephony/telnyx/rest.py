"""Telnyx's REST API as a `telephony.carrier.Carrier`: TeXML calls, and texts.

Paths and fields: https://developers.telnyx.com/api-reference. As with Twilio nothing is tried twice: what may have
happened is reported as `outcome_unknown`, and the lists tell whether it did. The list of texts holds no words, so each
text in question is fetched by its id.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final, Self
from urllib.parse import quote

import httpx

from telephony.carrier import CarrierError, PlacedCall, SentText

API: Final = "https://api.telnyx.com"
CONNECT_S: Final = 3.0
READ_S: Final = 10.0
"""How long an answer may take, from one packet to the next."""
PAGE: Final = 50
"""Entries on a page of a list."""
LOOK_BACK: Final = 1000
"""Entries of a list that are looked at, newest first."""
CALL_OVER: Final = frozenset({10005, 90018})
"""No such call (any more), and a call that has ended already."""
STATUS_EVENTS: Final = "initiated ringing answered completed"

_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
TOO_MANY: Final = 10011
_NUMBER = re.compile(r"\+?\d{7,}")


class TelnyxCarrier:
    """One account's calls and texts. It owns its connections: close it, or use it in `async with`.

    `account` is the AccountSid of TeXML, `application` the TeXML application that calls are placed by. `base_url` sends
    everything to another server, which has to behave like `https://api.telnyx.com`. Every method raises `CarrierError`.
    """

    lists_lag: Final = timedelta(minutes=10)
    """They are "eventually consistent", however long that takes."""

    def __init__(
        self, api_key: str, *, account: str, application: str, base_url: str | None = None, read_s: float = READ_S
    ) -> None:
        self._application = application
        self._calls = f"/v2/texml/Accounts/{quote(account)}/Calls"
        self._http = httpx.AsyncClient(
            base_url=base_url or API,
            headers={"Authorization": f"Bearer {api_key}"},
            timeout=httpx.Timeout(read_s, connect=CONNECT_S),
            trust_env=not base_url,  # A stand-in is near; a proxy from the environment is for the way out.
        )

    async def send_text(self, to: str, body: str, *, sender: str, status_url: str) -> str:
        """Queues a text; its later states go to `status_url`. Returns its id."""
        message = {"to": to, "from": sender, "text": body, "webhook_url": status_url, "use_profile_webhooks": False}
        answer = await self._ask("send the text", "POST", "/v2/messages", json=message)
        return _id(answer.get("data"), "id")

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
        """Queues a call. Returns its id. Machine detection runs beside the call: nobody waits in silence for it."""
        call = {
            "To": to,
            "From": caller_id,
            "Url": instructions_url,
            "UrlMethod": "POST",
            "Timeout": ring_seconds,
            "StatusCallback": status_url,
            "StatusCallbackMethod": "POST",
            "StatusCallbackEvent": STATUS_EVENTS,
            **(_detection(detection_url) if detection_url else {}),
        }
        answer = await self._ask("place the call", "POST", f"/v2/texml/calls/{self._application}", json=call)
        return _id(answer, "call_sid")

    async def redirect(self, call: str, document: str) -> None:
        """Replaces what a live call is doing; its media stream ends. Code in `CALL_OVER`: the lead is gone."""
        await self._ask("redirect the call", "POST", self._path(call), data={"Texml": document})

    async def hang_up(self, call: str) -> None:
        """Ends a call in any state. One that is over already is as it should be."""
        try:
            await self._ask("end the call", "POST", self._path(call), data={"Status": "completed"})
        except CarrierError as error:
            if error.code not in CALL_OVER:
                raise

    async def call_status(self, call: str) -> str:
        """How a call stands; one Telnyx does not know is over."""
        try:
            return str((await self._ask("show the call", "GET", self._path(call)))["status"])
        except CarrierError as error:
            if error.code not in CALL_OVER:
                raise
            return "completed"
        except KeyError:
            raise CarrierError("Telnyx shows the call without its status") from None

    async def find_texts(self, to: str, since: datetime) -> list[SentText]:
        """Texts to a number that Telnyx took at or after `since`, newest first."""
        return await self._texts({"filter[cld]": to}, since)

    async def find_calls(self, to: str, since: datetime) -> list[PlacedCall]:
        """Calls to a number that Telnyx took at or after `since`, newest first."""
        return await self._listed({"To": to}, since)

    async def sent_from(self, sender: str, since: datetime) -> list[SentText]:
        """Texts from a number of ours that Telnyx took at or after `since`, newest first."""
        return await self._texts({"filter[cli]": sender}, since)

    async def placed_from(self, caller_id: str, since: datetime) -> list[PlacedCall]:
        """Calls from a number of ours that Telnyx took at or after `since`, newest first."""
        # By day is as near as the list can be asked for; the rest is sorted out here.
        day = since.date() - timedelta(days=1)
        return await self._listed({"From": caller_id, "StartTime>": f"{day}"}, since)

    async def check_credentials(self) -> str:
        """The TeXML application's name, and where its calls go. Raises CarrierError for one that is switched off."""
        task = "show the TeXML application; check TELNYX_API_KEY and TELNYX_APP_ID"
        found = (await self._ask(task, "GET", f"/v2/texml_applications/{self._application}")).get("data") or {}
        if not found.get("active"):
            raise CarrierError("the TeXML application is switched off: switch it on in the Telnyx portal")
        return f"{found.get('friendly_name')}, which sends calls to {found.get('voice_url')}"

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _texts(self, of: Mapping[str, str], since: datetime) -> list[SentText]:
        """The detail records since then, each with the words of its text."""
        texts: list[SentText] = []
        asked: dict[str, Any] = {
            "filter[record_type]": "messaging",
            "filter[created_at][gte]": since.isoformat(),
            "sort": "-created_at",
            "page[size]": PAGE,
            **of,
        }
        for page in range(1, LOOK_BACK // PAGE + 1):
            asked["page[number]"] = page
            records = _entries(await self._ask("list the texts", "GET", "/v2/detail_records", params=asked), "data")
            texts += [await self._text(record, since) for record in records]
            if len(records) < PAGE:
                break
        return texts

    async def _text(self, record: Mapping[str, Any], since: datetime) -> SentText:
        sid = _id(record, "uuid")
        message = (await self._ask("show a text", "GET", f"/v2/messages/{quote(sid)}")).get("data") or {}
        return SentText(
            sid=sid,
            sender=str(record.get("cli")),
            body=str(message.get("text") or ""),
            status=str(record.get("status")),
            created=_time(record.get("created_at"), since),
            to=str(record.get("cld")),
        )

    async def _listed(self, of: Mapping[str, str], since: datetime) -> list[PlacedCall]:
        calls: list[PlacedCall] = []
        asked: dict[str, Any] = {**of, "PageSize": PAGE}
        for page in range(LOOK_BACK // PAGE):
            asked["Page"] = page
            listed = _entries(await self._ask("list the calls", "GET", self._calls, params=asked), "calls")
            calls += [_call(one, since) for one in listed]
            if len(listed) < PAGE:
                break
        recent = [call for call in calls if call.created >= since.replace(microsecond=0)]
        return sorted(recent, key=lambda call: call.created, reverse=True)

    def _path(self, call: str) -> str:
        return f"{self._calls}/{quote(call, safe='')}"

    async def _ask(self, task: str, method: str, path: str, **given: Any) -> dict[str, Any]:
        """One request. Errors are not chained: they carry the lead's number, and a traceback would print it."""
        try:
            answer = await self._http.request(method, path, **given)
            if not answer.is_success:
                raise _refused(task, answer)
            body = answer.json() if answer.content else {}
        except _NOT_SENT as unsent:
            raise CarrierError(f"Telnyx could not be reached to {task} ({type(unsent).__name__})") from None
        except (httpx.HTTPError, ValueError) as lost:
            message = f"Telnyx was asked to {task}, but its answer was lost ({type(lost).__name__})"
            raise CarrierError(message, outcome_unknown=True) from None
        if not isinstance(body, dict):
            raise CarrierError(f"Telnyx was asked to {task}, and its answer is no object", outcome_unknown=True)
        return body


def _refused(task: str, answer: httpx.Response) -> CarrierError:
    status, first = answer.status_code, _first_error(answer)
    code = int(first["code"]) if str(first.get("code", "")).isdecimal() else None
    said = _NUMBER.sub("…", str(first.get("detail") or first.get("title") or "no reason given"))
    unknown = status >= httpx.codes.INTERNAL_SERVER_ERROR
    # What came without a code has that of its status, so that it is not taken for a request that never arrived.
    code = code or (TOO_MANY if status == httpx.codes.TOO_MANY_REQUESTS else status)
    return CarrierError(f"Telnyx would not {task}: {said} (error {code})", code=code, outcome_unknown=unknown)


def _first_error(answer: httpx.Response) -> dict[str, Any]:
    try:
        error = answer.json()["errors"][0]
    except (ValueError, KeyError, TypeError, IndexError):
        return {}  # not Telnyx's own words: a proxy's, say
    return error if isinstance(error, dict) else {}


def _detection(url: str) -> dict[str, Any]:
    """`DetectMessageEnd` reports a person at once and a machine when its greeting ends."""
    return {
        "MachineDetection": "DetectMessageEnd",
        "AsyncAmd": True,
        "AsyncAmdStatusCallback": url,
        "AsyncAmdStatusCallbackMethod": "POST",
    }


def _id(created: Any, field: str) -> str:
    """The id in an answer. Without one the request may have been carried out all the same."""
    found = created.get(field) if isinstance(created, dict) else None
    if not isinstance(found, str) or not found:
        raise CarrierError("Telnyx's answer names no id", outcome_unknown=True)
    return found


def _entries(answer: Mapping[str, Any], field: str) -> list[dict[str, Any]]:
    listed = answer.get(field)
    if not isinstance(listed, list):
        raise CarrierError(f"Telnyx's list has no {field}")
    return [entry for entry in listed if isinstance(entry, dict)]


def _call(listed: Mapping[str, Any], since: datetime) -> PlacedCall:
    return PlacedCall(
        sid=_id(listed, "sid"),
        caller_id=str(listed.get("from")),
        status=str(listed.get("status")),
        created=_time(listed.get("date_created"), since),
        to=str(listed.get("to")),
    )


def _time(value: object, since: datetime) -> datetime:
    """When Telnyx took it, in ISO 8601 or as in e-mail. What has no readable time may be what is looked for: new."""
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = read(str(value))
        except ValueError:
            continue
        if found.tzinfo is not None:
            return found
    return since
