import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import httpx
import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from telephony.sandbox.desk import Timing
from telephony.sandbox.exchange import ACCOUNT, OUR_NUMBER, TOKEN
from telephony.sandbox.phone import Bystander
from telephony.sandbox.server import Sandbox

pytestmark = pytest.mark.anyio
T = TypeVar("T")
LEAD, AGENT = "+13125550142", "+13125550177"
WEBHOOKS = "http://127.0.0.1:9"
"""Nobody listens there: these tests are about REST."""
HOLD = '<Response><Pause length="60"/></Response>'
ROOM = '<Response><Dial><Conference waitUrl="" participantLabel="{}">xfer-1</Conference></Dial></Response>'


class LocalTwilio(TwilioHttpClient):  # type: ignore[misc]  # the library has no types
    """Sends the real client's requests to the sandbox."""

    def __init__(self, base: str) -> None:
        super().__init__(timeout=60)
        self.base = urlsplit(base)

    def request(self, method: str, url: str, *args: Any, **rest: Any) -> Any:
        """The same request to another host."""
        parts = urlsplit(url)
        local = urlunsplit((self.base.scheme, self.base.netloc, parts.path, parts.query, ""))
        return super().request(method, local, *args, **rest)


Ask = Callable[[Callable[[Client], Any]], Any]


@asynccontextmanager
async def api(*people: Bystander, token: str = TOKEN) -> AsyncIterator[tuple[Sandbox, Callable[..., Any]]]:
    """A served sandbox, and a way to ask it with the real client, which blocks and so runs in a thread."""
    timing = Timing(queue_s=0, ringing_s=0, send_s=0, deliver_s=0, word_s=0)
    sandbox = Sandbox(webhook_base=WEBHOOKS, people=people, timing=timing)
    async with sandbox.serve() as url:
        client = Client(ACCOUNT, token, http_client=LocalTwilio(url))

        async def ask(question: Callable[[Client], T]) -> T:
            return await asyncio.to_thread(question, client)

        yield sandbox, ask


async def code(ask: Callable[..., Any], question: Callable[[Client], Any]) -> tuple[int, int]:
    """The HTTP status and error code of a refused request."""
    with pytest.raises(TwilioRestException) as caught:
        await ask(question)
    return caught.value.status, caught.value.code


async def test_a_call_is_created_and_read() -> None:
    """The client finds every field where Twilio puts it."""
    async with api(Bystander(LEAD, answer_after_s=0)) as (sandbox, ask):
        call = await ask(
            lambda client: client.calls.create(
                to=LEAD, from_=OUR_NUMBER, twiml=HOLD, status_callback_event=["initiated", "completed"]
            )
        )
        assert (call.status, call.direction, call.account_sid) == ("queued", "outbound-api", ACCOUNT)
        assert abs(call.date_created - datetime.now(UTC)) < timedelta(minutes=1)
        assert (call.to, call._from, call.to_formatted) == (LEAD, OUR_NUMBER, "(312) 555-0142")
        again = await ask(lambda client: client.calls(call.sid).fetch())
        assert again.sid == call.sid
        assert sandbox.warnings == []


async def test_a_live_call_is_redirected_and_ended() -> None:
    """And after that it can be neither."""
    async with api(Bystander(LEAD, answer_after_s=0)) as (sandbox, ask):
        call = await ask(lambda client: client.calls.create(to=LEAD, from_=OUR_NUMBER, twiml=HOLD))
        phone = sandbox.live[call.sid].phone
        async with asyncio.timeout(60):
            while (await ask(lambda client: client.calls(call.sid).fetch())).status != "in-progress":
                pass
        await ask(lambda client: client.calls(call.sid).update(twiml=f"<Response><Say>Hi.</Say>{HOLD[10:]}"))
        await ask(lambda client: client.calls(call.sid).update(status="completed"))
        await asyncio.wait_for(phone.over.wait(), 60)
        await sandbox.settle()
        assert (await ask(lambda client: client.calls(call.sid).fetch())).status == "completed"
        assert await code(ask, lambda client: client.calls(call.sid).update(status="completed")) == (400, 21220)
        assert await code(ask, lambda client: client.calls(call.sid).update(twiml=HOLD)) == (400, 21220)


async def test_a_ringing_call_is_cancelled_but_not_redirected() -> None:
    """There is nothing to redirect before the answer, nor to cancel after it."""
    async with api(Bystander(LEAD, answer_after_s=60)) as (sandbox, ask):
        call = await ask(lambda client: client.calls.create(to=LEAD, from_=OUR_NUMBER, twiml=HOLD))
        assert await code(ask, lambda client: client.calls(call.sid).update(twiml=HOLD)) == (400, 21220)
        await ask(lambda client: client.calls(call.sid).update(status="canceled"))
        await sandbox.settle()
        assert sandbox.calls[0].status == "canceled"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"to": "nonsense"}, 21211),
        ({"from_": "+13125550199"}, 21210),
        ({"url": "/voice"}, 21205),
        ({"twiml": HOLD, "to": "+15005550002"}, 21214),
    ],
)
async def test_bad_calls_are_refused(fields: dict[str, str], expected: int) -> None:
    """400 with Twilio's code, which the client raises."""
    async with api() as (_, ask):
        form = {"to": LEAD, "from_": OUR_NUMBER, "url": f"{WEBHOOKS}/voice", **fields}
        assert await code(ask, lambda client: client.calls.create(**form)) == (400, expected)


async def test_a_bad_update_is_refused() -> None:
    """Both kinds of instructions at once, and a status there is none."""
    async with api(Bystander(LEAD, answer_after_s=0)) as (_, ask):
        call = await ask(lambda client: client.calls.create(to=LEAD, from_=OUR_NUMBER, twiml=HOLD))
        both = {"twiml": HOLD, "url": f"{WEBHOOKS}/voice"}
        assert await code(ask, lambda client: client.calls(call.sid).update(**both)) == (400, 21218)
        assert await code(ask, lambda client: client.calls(call.sid).update(status="queued")) == (400, 21219)


async def test_a_list_for_an_event_is_a_warning() -> None:
    """Repeated keys are right; a Python list in one value asks for nothing."""
    async with api(Bystander(LEAD)) as (sandbox, ask):
        await ask(
            lambda client: client.calls.create(
                to=LEAD, from_=OUR_NUMBER, twiml=HOLD, status_callback_event="['initiated', 'completed']"
            )
        )
        assert sandbox.warnings[0].startswith("21626")


async def test_a_text_is_created_and_read() -> None:
    """Queued at first; the client reads segments and dates."""
    async with api(Bystander(LEAD)) as (sandbox, ask):
        message = await ask(lambda client: client.messages.create(to=LEAD, from_=OUR_NUMBER, body="x" * 161))
        assert (message.status, message.num_segments, message.error_code) == ("queued", "2", None)
        await sandbox.settle()
        again = await ask(lambda client: client.messages(message.sid).fetch())
        assert (again.status, again.body) == ("delivered", "x" * 161)
        assert again.date_sent is not None


async def test_opted_out_receivers_are_refused() -> None:
    """21610, synchronously, once the carrier has seen STOP."""
    async with api(Bystander(LEAD)) as (sandbox, ask):
        await sandbox.text(LEAD, OUR_NUMBER, "STOP")
        refused = await code(ask, lambda client: client.messages.create(to=LEAD, from_=OUR_NUMBER, body="hi"))
        assert refused == (400, 21610)


async def test_lists_are_filtered_newest_first() -> None:
    """As a server does that must find out whether its request was carried out."""
    async with api(Bystander(LEAD), Bystander(AGENT)) as (_, ask):
        for to, body in ((LEAD, "one"), (AGENT, "two"), (LEAD, "three")):
            await ask(lambda client, to=to, body=body: client.messages.create(to=to, from_=OUR_NUMBER, body=body))
        await ask(lambda client: client.calls.create(to=LEAD, from_=OUR_NUMBER, twiml=HOLD))
        texts = await ask(lambda client: client.messages.list(to=LEAD, from_=OUR_NUMBER))
        assert [text.body for text in texts] == ["three", "one"]
        hour = timedelta(hours=1)
        later = await ask(lambda client: client.messages.list(date_sent_after=datetime.now(UTC) + hour))
        assert later == []
        assert len(await ask(lambda client: client.calls.list(to=LEAD))) == 1
        assert await ask(lambda client: client.calls.list(to=LEAD, status="completed")) == []


async def test_lists_are_paged() -> None:
    """The client follows `next_page_uri` to the end."""
    async with api(Bystander(LEAD)) as (_, ask):
        for number in range(5):
            await ask(lambda client, number=number: client.messages.create(to=LEAD, from_=OUR_NUMBER, body=str(number)))
        texts = await ask(lambda client: client.messages.list(page_size=2))
        assert [text.body for text in texts] == ["4", "3", "2", "1", "0"]


async def test_conferences_and_their_participants() -> None:
    """Found by name or SID; participants by call or label; closed by status."""
    async with api(Bystander(LEAD, answer_after_s=0), Bystander(AGENT, answer_after_s=0)) as (sandbox, ask):
        calls = {}
        for number, label in ((LEAD, "lead"), (AGENT, "agent")):
            calls[label] = await ask(
                lambda client, number=number, label=label: client.calls.create(
                    to=number, from_=OUR_NUMBER, twiml=ROOM.format(label)
                )
            )
        for call in calls.values():
            await asyncio.wait_for(sandbox.live[call.sid].phone.in_company(), 60)
        (room,) = await ask(lambda client: client.conferences.list(friendly_name="xfer-1", status="in-progress"))
        present = await ask(lambda client: client.conferences(room.sid).participants.list())
        assert {participant.label: participant.call_sid for participant in present} == {
            label: call.sid for label, call in calls.items()
        }
        by_label = await ask(lambda client: client.conferences(room.sid).participants("agent").fetch())
        assert by_label.call_sid == calls["agent"].sid
        ended = await ask(lambda client: client.conferences(room.sid).update(status="completed"))
        assert (ended.status, ended.reason_conference_ended) == ("completed", "conference-ended-via-api")
        await sandbox.settle()
        assert await ask(lambda client: client.conferences(room.sid).participants.list()) == []


async def test_the_account_is_shown() -> None:
    """A server can check its credentials."""
    async with api() as (_, ask):
        account = await ask(lambda client: client.api.v2010.accounts(ACCOUNT).fetch())
        assert (account.sid, account.status) == (ACCOUNT, "active")


async def test_a_wrong_token_is_20003() -> None:
    """Whatever it asks for."""
    async with api(token="wrong") as (_, ask):
        assert await code(ask, lambda client: client.calls("CA" + "0" * 32).fetch()) == (401, 20003)


@pytest.mark.parametrize(
    "question",
    [
        lambda client: client.calls("CA" + "0" * 32).fetch(),
        lambda client: client.messages("SM" + "0" * 32).fetch(),
        lambda client: client.conferences("CF" + "0" * 32).fetch(),
        lambda client: client.conferences("CF" + "0" * 32).participants("CA1").fetch(),
        lambda client: client.api.v2010.accounts("AC" + "0" * 32).fetch(),
        lambda client: client.queues("QU" + "0" * 32).fetch(),
    ],
)
async def test_what_is_not_there_is_20404(question: Callable[[Client], Any]) -> None:
    """Unknown SIDs, other accounts, and the parts of the API the sandbox has not."""
    async with api() as (_, ask):
        assert await code(ask, question) == (404, 20404)


async def test_errors_look_like_twilios_on_the_wire() -> None:
    """A JSON body with a link, and a request id on what succeeds."""
    async with Sandbox().serve() as url, httpx.AsyncClient(trust_env=False) as http:
        account = f"{url}/2010-04-01/Accounts/{ACCOUNT}.json"
        refused = await http.get(account)
        assert (refused.status_code, refused.json()["code"]) == (401, 20003)
        assert refused.headers["www-authenticate"] == 'Basic realm="Twilio API"'
        shown = await http.get(account, auth=(ACCOUNT, TOKEN))
        assert shown.headers["twilio-request-id"].startswith("RQ")
        listed = await http.get(f"{url}/2010-04-01/Accounts/{ACCOUNT}/Calls.json?PageSize=none", auth=(ACCOUNT, TOKEN))
        assert (listed.status_code, listed.json()["code"]) == (400, 20001)
