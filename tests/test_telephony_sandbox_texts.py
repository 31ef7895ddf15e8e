from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.responses import Response
from webhook_server import WebhookServer

from telephony.sandbox.desk import Timing
from telephony.sandbox.exchange import OUR_NUMBER, Exchange
from telephony.sandbox.phone import Bystander, PickUp
from telephony.sandbox.refusals import TextOrder
from telephony.sandbox.resources import Message, MessageStatus
from telephony.sandbox.texts import HELPED, STARTED, STOPPED, Keyword
from telephony.sandbox.webhooks import Chaos

pytestmark = pytest.mark.anyio
LEAD = "+13125550142"
NOW = Timing(send_s=0, deliver_s=0)


@asynccontextmanager
async def exchange(server: WebhookServer, *people: Bystander, **options: Any) -> AsyncIterator[Exchange]:
    """An exchange in front of that server."""
    async with server.serve() as url:
        network = Exchange(webhook_base=url, people=people, timing=NOW, **options)
        try:
            yield network
        finally:
            await network.close()


def send(network: Exchange, server: WebhookServer, body: str = "Hi Jordan") -> Message:
    """A text the server asked for."""
    return network.send(TextOrder(LEAD, OUR_NUMBER, body, f"{server.url}/status"))


async def test_a_text_is_sent_and_delivered() -> None:
    """The REST answer says queued, for which there is no callback; then sent and delivered are reported."""
    server, lead = WebhookServer(), Bystander(LEAD)
    async with exchange(server, lead) as network:
        message = send(network, server)
        assert message.shown()["status"] == "queued"
        await network.settle()
    assert server.values("/status", "MessageStatus") == ["sent", "delivered"]
    fields = server.to("/status")[1].fields
    assert fields["MessageSid"] == fields["SmsSid"] == message.sid
    assert "RawDlrDoneDate" in fields
    assert all(asked.signed for asked in server.asked)
    assert lead.received == ["Hi Jordan"]
    assert [status for _, status in message.history] == ["queued", "sent", "delivered"]


@pytest.mark.parametrize(("people", "code"), [((), "30005"), ((Bystander(LEAD, PickUp.UNREACHABLE),), "30003")])
async def test_texts_that_do_not_arrive(people: tuple[Bystander, ...], code: str) -> None:
    """A number nobody has, and a handset that is off."""
    server = WebhookServer()
    async with exchange(server, *people) as network:
        message = send(network, server)
        await network.settle()
    assert message.status is MessageStatus.UNDELIVERED
    assert server.values("/status", "MessageStatus") == ["sent", "undelivered"]
    assert server.values("/status", "ErrorCode") == ["", code]


async def test_an_incoming_text() -> None:
    """All the fields of the webhook, old twins included; an empty answer sends nothing."""
    server = WebhookServer()
    async with exchange(server, Bystander(LEAD)) as network:
        message = await network.text(LEAD, OUR_NUMBER, "sure, its for home")
        await network.settle()
    asked = server.to("/twilio/sms")[0]
    assert asked.signed
    assert asked.fields["MessageSid"] == asked.fields["SmsSid"] == asked.fields["SmsMessageSid"] == message.sid
    assert (asked.fields["From"], asked.fields["To"]) == (LEAD, OUR_NUMBER)
    assert (asked.fields["Body"], asked.fields["NumMedia"]) == ("sure, its for home", "0")
    assert network.texts == [message]


async def test_replies_in_twiml_are_sent() -> None:
    """One text for each Message."""
    server, lead = (
        WebhookServer({"/twilio/sms": "<Response><Message>one</Message><Message>two</Message></Response>"}),
        None,
    )
    lead = Bystander(LEAD)
    async with exchange(server, lead) as network:
        await network.text(LEAD, OUR_NUMBER, "hello")
        await network.settle()
    assert sorted(lead.received) == ["one", "two"]
    assert network.texts[1].direction == "outbound-reply"


async def test_plain_text_is_texted_to_the_customer() -> None:
    """Twilio's trap: an "OK" in the answer reaches the lead. It is a warning here."""
    server, lead = WebhookServer({"/twilio/sms": Response("OK", media_type="text/plain")}), Bystander(LEAD)
    async with exchange(server, lead) as network:
        await network.text(LEAD, OUR_NUMBER, "hello")
        await network.settle()
    assert lead.received == ["OK"]
    assert network.warnings[0].startswith("12300")


@pytest.mark.parametrize(
    ("body", "keyword"),
    [
        ("STOP", Keyword.STOP),
        (" stop ", Keyword.STOP),
        ("Unsubscribe", Keyword.STOP),
        ("cancel", Keyword.STOP),
        ("stop please", Keyword.NONE),
        ("yes", Keyword.START),
        ("UNSTOP", Keyword.START),
        ("yes, call me", Keyword.NONE),
        ("help", Keyword.HELP),
        ("", Keyword.NONE),
    ],
)
def test_keywords_are_whole_messages(body: str, keyword: Keyword) -> None:
    """Case and blanks aside."""
    assert Keyword.of(body) is keyword


async def test_stop_blocks_and_is_confirmed_by_the_carrier() -> None:
    """The server still hears of it, and what it answers is not sent."""
    server, lead = WebhookServer({"/twilio/sms": "<Response><Message>Sorry!</Message></Response>"}), Bystander(LEAD)
    async with exchange(server, lead) as network:
        await network.text(LEAD, OUR_NUMBER, "Stop")
        await network.text(LEAD, OUR_NUMBER, "stop")
        await network.settle()
    assert server.values("/twilio/sms", "Body") == ["Stop", "stop"]
    assert lead.received == [STOPPED]
    assert network.texting.blocked == {(OUR_NUMBER, LEAD)}
    assert [error[:5] for error in network.errors] == ["21610", "21610"]
    assert [text.by_carrier for text in network.texts] == [False, True, False]


async def test_start_opens_again() -> None:
    """YES too; when nothing was blocked it is an ordinary text."""
    server, lead = WebhookServer(), Bystander(LEAD)
    async with exchange(server, lead) as network:
        for body in ("yes", "stop", "start"):
            await network.text(LEAD, OUR_NUMBER, body)
            await network.settle()
    assert lead.received == [STOPPED, STARTED]
    assert not network.texting.blocked


async def test_help_is_answered_by_the_carrier() -> None:
    """And reaches the server as well."""
    server, lead = WebhookServer(), Bystander(LEAD)
    async with exchange(server, lead) as network:
        await network.text(LEAD, OUR_NUMBER, "HELP")
        await network.settle()
    assert lead.received == [HELPED]
    assert len(server.to("/twilio/sms")) == 1


async def test_webhooks_are_duplicated_on_demand() -> None:
    """The same SID twice; the second answer goes nowhere."""
    server, lead = WebhookServer({"/twilio/sms": "<Response><Message>hi</Message></Response>"}), Bystander(LEAD)
    async with exchange(server, lead, chaos=Chaos(duplicate=1.0)) as network:
        await network.text(LEAD, OUR_NUMBER, "hello")
        await network.settle()
    assert len(server.to("/twilio/sms")) == 2
    assert len(set(server.values("/twilio/sms", "MessageSid"))) == 1
    assert lead.received == ["hi"]


class Chatty(Bystander):
    """Answers every text once."""

    async def on_text(self, body: str, sender: str, reply: Callable[[str], Awaitable[None]]) -> None:
        await reply(f"you said: {body}")


async def test_people_answer_texts() -> None:
    """What a person replies arrives at the server from his number."""
    server = WebhookServer()
    async with exchange(server, Chatty(LEAD)) as network:
        send(network, server)
        await network.settle()
    assert server.values("/twilio/sms", "Body") == ["you said: Hi Jordan"]
    assert server.values("/twilio/sms", "From") == [LEAD]


class Broken(Bystander):
    """His script fails."""

    async def on_text(self, body: str, sender: str, reply: Callable[[str], Awaitable[None]]) -> None:
        raise RuntimeError("a bug in the test")


async def test_a_broken_script_is_not_silent() -> None:
    """The debugger says whose it was."""
    server = WebhookServer()
    async with exchange(server, Broken(LEAD)) as network:
        send(network, server)
        await network.settle()
    assert "a bug in the test" in network.errors[0]
