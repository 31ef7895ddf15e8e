import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
import pytest
from starlette.responses import Response
from starlette.websockets import WebSocket
from webhook_server import WebhookServer

from telephony.sandbox.desk import Timing
from telephony.sandbox.exchange import OUR_NUMBER, Exchange
from telephony.sandbox.live_call import Detection, Reporting
from telephony.sandbox.phone import Bystander, Phone, PickUp
from telephony.sandbox.refusals import CallOrder, RefusalError
from telephony.sandbox.resources import Call, CallStatus, ConferenceStatus
from telephony.sandbox.steps import Inline

pytestmark = pytest.mark.anyio
LEAD, AGENT = "+13125550142", "+13125550177"
NOW = Timing(queue_s=0, ringing_s=0, longest_ring_s=0.05, send_s=0, deliver_s=0, word_s=0, detect_s=0)
EVERYTHING = frozenset({"initiated", "ringing", "answered", "completed"})
VOICE = b"\x10" * 160
ROOM = '<Response><Dial action="/done"><Conference waitUrl="" {}>xfer-1</Conference></Dial></Response>'


class Quick(Bystander):
    """Answers at once; `talk` is what he does then."""

    def __init__(self, number: str, pick_up: PickUp = PickUp.ANSWERS, answer_after_s: float = 0) -> None:
        super().__init__(number, pick_up, answer_after_s)

    async def on_call(self, phone: Phone) -> None:
        await self.talk(phone)

    async def talk(self, phone: Phone) -> None:
        """Nothing, unless a test says otherwise."""


@asynccontextmanager
async def exchange(server: WebhookServer, *people: Bystander, **options: Any) -> AsyncIterator[Exchange]:
    """An exchange in front of that server."""
    async with server.serve() as url:
        network = Exchange(webhook_base=url, people=people, timing=NOW, **options)
        try:
            yield network
        finally:
            await network.close()


def dial(network: Exchange, server: WebhookServer, *, twiml: str = "", to: str = LEAD, fallback: str = "") -> Call:
    """A call the server asked for, with every event reported."""
    order = CallOrder(
        to=to,
        sender=OUR_NUMBER,
        url="" if twiml else f"{server.url}/instructions",
        twiml=twiml,
        method="POST",
        fallback=fallback,
        ring_s=60,
    )
    return network.place(order, Reporting(f"{server.url}/status", "POST", EVERYTHING), Detection())


# Calls


async def test_an_answered_call_runs_its_instructions() -> None:
    """Initiated, ringing, answered, completed, in that order; in between the TwiML is asked for and carried out."""
    server = WebhookServer({"/instructions": "<Response><Say>One moment.</Say></Response>"})
    async with exchange(server, Quick(LEAD)) as network:
        call = dial(network, server)
        await network.settle()
    assert server.values("/status", "CallStatus") == ["initiated", "ringing", "in-progress", "completed"]
    assert server.values("/status", "SequenceNumber") == ["0", "1", "2", "3"]
    assert server.values("/status", "CallbackSource") == ["call-progress-events"] * 4
    assert server.to("/status")[3].fields["CallDuration"] == "0"
    asked = server.to("/instructions")[0]
    assert asked.fields["CallStatus"] == "in-progress"
    assert (asked.fields["From"], asked.fields["To"]) == (OUR_NUMBER, LEAD)
    assert (asked.fields["CallSid"], asked.fields["Direction"]) == (call.sid, "outbound-api")
    assert all(asked.signed for asked in server.asked)
    assert network.live[call.sid].phone.said == ["One moment."]
    assert call.status is CallStatus.COMPLETED


@pytest.mark.parametrize(
    ("pick_up", "ends", "sip", "ringing"),
    [
        (PickUp.BUSY, "busy", "486", True),
        (PickUp.RINGS_OUT, "no-answer", "487", True),
        (PickUp.UNREACHABLE, "failed", "404", False),
    ],
)
async def test_calls_nobody_takes(pick_up: PickUp, ends: str, sip: str, ringing: bool) -> None:
    """Each ends with the `completed` event, whose status says how; no instructions are asked for."""
    server = WebhookServer()
    async with exchange(server, Quick(LEAD, pick_up)) as network:
        dial(network, server)
        await network.settle()
    assert server.values("/status", "CallStatus") == ["initiated", *(["ringing"] if ringing else []), ends]
    assert server.to("/status")[-1].fields["SipResponseCode"] == sip
    assert not server.to("/instructions")


async def test_a_number_nobody_has_fails() -> None:
    """The network does not know it."""
    server = WebhookServer()
    async with exchange(server) as network:
        call = dial(network, server, to="+13125550199")
        await network.settle()
    assert call.status is CallStatus.FAILED


async def test_only_the_events_asked_for_are_reported() -> None:
    """By default that is the end alone."""
    server = WebhookServer()
    async with exchange(server, Quick(LEAD)) as network:
        order = CallOrder(LEAD, OUR_NUMBER, "", "<Response/>", "POST", "", 60)
        network.place(order, Reporting(f"{server.url}/status"), Detection())
        await network.settle()
    assert server.values("/status", "CallStatus") == ["completed"]


async def test_a_call_is_cancelled_while_it_rings() -> None:
    """It never was answered, and a call that is over cannot be ended again."""
    server = WebhookServer()
    async with exchange(server, Quick(LEAD, answer_after_s=0.05)) as network:
        call = dial(network, server)
        await server.until("/status", 2)
        network.end(network.live[call.sid], CallStatus.CANCELED)
        await network.settle()
        with pytest.raises(RefusalError) as caught:
            network.end(network.live[call.sid], CallStatus.COMPLETED)
    assert caught.value.code == 21220
    assert server.values("/status", "CallStatus") == ["initiated", "ringing", "canceled"]


async def test_a_cancel_while_queued_is_silent() -> None:
    """Twilio makes no callback at all then."""
    server = WebhookServer()
    async with exchange(server, Quick(LEAD)) as network:
        network.desk.timing = Timing(queue_s=5)
        call = dial(network, server)
        network.end(network.live[call.sid], CallStatus.CANCELED)
        await network.settle()
    assert call.status is CallStatus.CANCELED
    assert server.asked == []


async def test_a_live_call_is_redirected() -> None:
    """The verb under way is broken off and the new document runs."""
    server = WebhookServer({"/instructions": '<Response><Pause length="60"/></Response>'})
    async with exchange(server, Quick(LEAD)) as network:
        call = dial(network, server)
        await server.until("/instructions")
        network.redirect(network.live[call.sid], Inline("<Response><Say>Goodbye.</Say></Response>"))
        await network.settle()
        with pytest.raises(RefusalError):
            network.redirect(network.live[call.sid], Inline("<Response/>"))
    assert network.live[call.sid].phone.said == ["Goodbye."]


async def test_failed_instructions_go_to_the_fallback() -> None:
    """The debugger keeps the failure, and the call goes on."""
    server = WebhookServer(
        {"/instructions": Response("no", 500), "/fallback": "<Response><Say>Sorry.</Say></Response>"}
    )
    async with exchange(server, Quick(LEAD)) as network:
        call = dial(network, server, fallback=f"{server.url}/fallback")
        await network.settle()
    assert network.live[call.sid].phone.said == ["Sorry."]
    assert [error[:5] for error in network.errors] == ["11200"]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Response("<Response", media_type="text/xml"), "12100"),
        (Response("{}", media_type="application/json"), "12300"),
    ],
)
async def test_nonsense_ends_the_call(answer: Response, code: str) -> None:
    """TwiML that cannot be read, or is of another type."""
    server = WebhookServer({"/instructions": answer})
    async with exchange(server, Quick(LEAD)) as network:
        call = dial(network, server)
        await network.settle()
    assert [error[:5] for error in network.errors] == [code]
    assert call.status is CallStatus.COMPLETED


async def test_plain_text_is_read_aloud() -> None:
    """An "OK" meant for nobody is heard by the caller, and then the call ends."""
    server = WebhookServer({"/instructions": Response("OK", media_type="text/plain")})
    async with exchange(server, Quick(LEAD)) as network:
        call = dial(network, server)
        await network.settle()
    assert network.live[call.sid].phone.said == ["OK"]
    assert network.warnings[0].startswith("12300")


async def test_a_redirect_verb_and_relative_urls() -> None:
    """Relative URLs start at the document they are in; inline documents have nothing to start from."""
    server = WebhookServer({"/instructions": "<Response><Redirect>/next</Redirect><Say>never</Say></Response>"})
    async with exchange(server, Quick(LEAD)) as network:
        dial(network, server)
        dial(network, server, twiml="<Response><Redirect>/next</Redirect></Response>")
        await network.settle()
    assert len(server.to("/next")) == 1
    assert [error[:5] for error in network.errors] == ["11100"]


async def test_an_incoming_call() -> None:
    """The request for instructions is its ringing event; its end is reported once."""
    server = WebhookServer({"/twilio/voice": "<Response><Say>Hello.</Say></Response>"})
    async with exchange(server, Quick(LEAD)) as network:
        live = await network.call(LEAD, OUR_NUMBER)
        await network.settle()
    asked = server.to("/twilio/voice")[0].fields
    assert (asked["CallStatus"], asked["Direction"]) == ("ringing", "inbound")
    assert (asked["From"], asked["To"]) == (LEAD, OUR_NUMBER)
    assert "StirVerstat" in asked
    assert server.values("/twilio/voice/status", "CallStatus") == ["completed"]
    assert live.phone.said == ["Hello."]


async def test_a_rejected_call_is_never_answered() -> None:
    """The caller hears busy, or nothing."""
    server = WebhookServer({"/twilio/voice": '<Response><Reject reason="busy"/></Response>'})
    async with exchange(server, Quick(LEAD)) as network:
        live = await network.call(LEAD, OUR_NUMBER)
        await network.settle()
    assert live.record.status is CallStatus.BUSY
    assert live.record.started is None


async def test_only_people_call_and_only_our_numbers_are_called() -> None:
    """Anything else is a mistake of the test or of the person at the terminal."""
    async with exchange(WebhookServer()) as network:
        with pytest.raises(ValueError, match="not one of the sandbox's numbers"):
            await network.call(LEAD, "+13125550199")
        with pytest.raises(ValueError, match="belongs to the sandbox"):
            await network.text(OUR_NUMBER, OUR_NUMBER, "hi")


async def test_machine_detection_reports_its_verdict() -> None:
    """Asynchronously, with what the person is; of a machine, at the end of its greeting."""
    server = WebhookServer({"/instructions": '<Response><Pause length="60"/></Response>'})
    person = Quick(LEAD)
    person.answered_by = "machine_end_beep"
    async with exchange(server, person) as network:
        order = CallOrder(LEAD, OUR_NUMBER, f"{server.url}/instructions", "", "POST", "", 60)
        call = network.place(order, Reporting(), Detection(f"{server.url}/amd"))
        network.live[call.sid].phone.greeted.set()
        asked = await server.until("/amd")
        network.live[call.sid].end()
        await network.settle()
    assert asked.fields["AnsweredBy"] == "machine_end_beep"
    assert call.answered_by == "machine_end_beep"


@pytest.mark.parametrize(
    ("detection", "verdict"),
    [({"waits_for_end": False}, "machine_start"), ({"timeout_s": 0.01}, "machine_end_other")],
)
async def test_a_machine_whose_greeting_is_not_waited_for(detection: dict[str, Any], verdict: str) -> None:
    """`Enable` tells of it at once; `DetectMessageEnd` gives up on a greeting without an end."""
    server = WebhookServer({"/instructions": '<Response><Pause length="60"/></Response>'})
    person = Quick(LEAD)
    person.answered_by = "machine_end_beep"
    async with exchange(server, person) as network:
        order = CallOrder(LEAD, OUR_NUMBER, f"{server.url}/instructions", "", "POST", "", 60)
        call = network.place(order, Reporting(), Detection(f"{server.url}/amd", **detection))
        asked = await server.until("/amd")
        network.live[call.sid].end()
        await network.settle()
    assert asked.fields["AnsweredBy"] == verdict


# Keys


class Presser(Quick):
    """Presses keys as soon as he is asked for one."""

    def __init__(self, number: str, keys: str) -> None:
        super().__init__(number)
        self.keys = keys

    async def talk(self, phone: Phone) -> None:
        """Presses them."""
        await phone.asked_for_a_key()
        for key in self.keys:
            phone.press(key)


GATHER = (
    '<Response><Gather numDigits="{}" timeout="{}" action="/keys"><Say>Press 1.</Say></Gather>'
    "<Say>Bye.</Say></Response>"
)


@pytest.mark.parametrize(("digits", "keys", "got"), [("1", "1", "1"), ("3", "12#", "12"), ("2", "4567", "45")])
async def test_keys_are_gathered(digits: str, keys: str, got: str) -> None:
    """Until there are enough, or the finishing key; then the action is asked what next."""
    server = WebhookServer({"/instructions": GATHER.format(digits, 60)})
    async with exchange(server, Presser(LEAD, keys)) as network:
        call = dial(network, server)
        await network.settle()
    assert server.values("/keys", "Digits") == [got]
    assert network.live[call.sid].phone.said == ["Press 1."]


async def test_without_a_key_the_next_verb_runs() -> None:
    """The action is not asked."""
    server = WebhookServer({"/instructions": GATHER.format(1, 0)})
    async with exchange(server, Quick(LEAD)) as network:
        call = dial(network, server)
        await network.settle()
    assert not server.to("/keys")
    assert network.live[call.sid].phone.said == ["Press 1.", "Bye."]


# Streams


STREAM = (
    '<Response><Connect action="/continue"><Stream url="{}" statusCallback="{}/stream">'
    '<Parameter name="token" value="t"/></Stream></Connect></Response>'
)


def stream_to(server: WebhookServer) -> str:
    """A document that connects the call to the server's media socket."""
    return STREAM.format(server.url.replace("http", "ws") + "/media", server.url)


async def say_and_close(socket: WebSocket, stream: str) -> None:
    """An agent who says 100 ms, waits for them to be heard, and closes."""
    payload = base64.b64encode(VOICE * 5).decode()
    await socket.send_json({"event": "media", "streamSid": stream, "media": {"payload": payload}})
    await socket.send_json({"event": "mark", "streamSid": stream, "mark": {"name": "end"}})
    while (await socket.receive_json())["event"] != "mark":
        pass
    await socket.close()


async def test_a_stream_and_what_comes_after_it() -> None:
    """Signed upgrade, parameters, audio in the call's recording; when the server closes, the action is asked."""
    server = WebhookServer(media=say_and_close)
    async with exchange(server, Quick(LEAD)) as network:
        server.answers["/instructions"] = stream_to(server)
        call = dial(network, server)
        await network.settle()
    assert server.sockets_signed == [True]
    assert server.starts[0]["start"]["callSid"] == call.sid
    assert server.starts[0]["start"]["customParameters"] == {"token": "t"}
    assert server.values("/continue", "CallStatus") == ["in-progress"]
    assert server.values("/stream", "StreamEvent") == ["stream-started", "stream-stopped"]
    assert np.count_nonzero(network.live[call.sid].phone.handset.recording[:, 1]) >= 640
    assert (network.errors, network.warnings, network.violations) == ([], [], [])
    assert network.notes[0].startswith("ws stream URL let through")


async def test_a_hang_up_stops_the_stream() -> None:
    """The server gets `stop`, and the action is not asked: the call is over."""
    last: list[dict[str, Any]] = []

    async def listen(socket: WebSocket, stream: str) -> None:
        network.live[call.sid].phone.hang_up()
        while not last or last[-1]["event"] != "stop":
            last.append(await socket.receive_json())

    server = WebhookServer(media=listen)
    async with exchange(server, Quick(LEAD)) as network:
        server.answers["/instructions"] = stream_to(server)
        call = dial(network, server)
        await network.settle()
    assert last[-1]["stop"]["callSid"] == call.sid
    assert not server.to("/continue")
    assert call.status is CallStatus.COMPLETED


async def test_a_redirect_ends_the_stream() -> None:
    """`stop` comes first, then the new document runs and the action does not."""
    last: list[dict[str, Any]] = []

    async def listen(socket: WebSocket, stream: str) -> None:
        network.redirect(network.live[call.sid], Inline("<Response><Say>Moved.</Say></Response>"))
        while not last or last[-1]["event"] != "stop":
            last.append(await socket.receive_json())

    server = WebhookServer(media=listen)
    async with exchange(server, Quick(LEAD)) as network:
        server.answers["/instructions"] = stream_to(server)
        call = dial(network, server)
        await network.settle()
    assert last[-1]["event"] == "stop"
    assert network.live[call.sid].phone.said == ["Moved."]
    assert not server.to("/continue")


async def test_a_crashed_socket_goes_to_the_action() -> None:
    """An abnormal close is an error in the debugger; the call lives on."""

    async def crash(socket: WebSocket, stream: str) -> None:
        await socket.close(1011)

    server = WebhookServer(media=crash)
    async with exchange(server, Quick(LEAD)) as network:
        server.answers["/instructions"] = stream_to(server)
        dial(network, server)
        await network.settle()
    assert [error[:5] for error in network.errors] == ["31921"]
    assert server.values("/stream", "StreamEvent") == ["stream-started", "stream-error"]
    assert len(server.to("/continue")) == 1


@pytest.mark.parametrize(
    ("url", "code"), [("ws://127.0.0.1:9/media", "31902"), ("ws://agent.example.net/media", "31922")]
)
async def test_a_stream_that_cannot_open_goes_to_the_action(url: str, code: str) -> None:
    """Refused or not encrypted: the verb is over, and what comes after it runs."""
    server = WebhookServer()
    async with exchange(server, Quick(LEAD)) as network:
        server.answers["/instructions"] = STREAM.format(url, server.url)
        dial(network, server)
        await network.settle()
    assert [error[:5] for error in network.errors] == [code]
    assert len(server.to("/continue")) == 1


# Conferences


class Greeter(Quick):
    """Greets when he has company, and hangs up."""

    async def talk(self, phone: Phone) -> None:
        """Says 200 ms."""
        await phone.in_company()
        phone.handset.speak(np.full(1_600, 4_000, np.int16))
        await phone.handset.said()
        await phone.handset.far_finished(silence_ms=60)
        phone.hang_up()


class Answerer(Quick):
    """Answers what he hears."""

    async def talk(self, phone: Phone) -> None:
        """Says 100 ms after he was greeted."""
        await phone.handset.far_finished(silence_ms=60)
        phone.handset.speak(np.full(800, 4_000, np.int16))
        await phone.handset.said()


async def test_two_calls_meet_in_a_room() -> None:
    """Each hears the other, both recordings hold both, and the agent's leaving sends the lead to his action."""
    server = WebhookServer()
    async with exchange(server, Answerer(LEAD), Greeter(AGENT)) as network:
        events = f'statusCallback="{server.url}/room" statusCallbackEvent="start end join leave"'
        lead = dial(
            network,
            server,
            twiml=ROOM.format(f'participantLabel="lead" {events}').replace("/done", server.url + "/lead"),
        )
        agent = dial(
            network,
            server,
            to=AGENT,
            twiml=ROOM.format('participantLabel="agent" endConferenceOnExit="true"').replace(
                "/done", server.url + "/agent"
            ),
        )
        await network.settle()
    handsets = [network.live[call.sid].phone.handset for call in (lead, agent)]
    heard_by_lead, heard_by_agent = (np.count_nonzero(handset.recording[:, 1]) for handset in handsets)
    assert heard_by_lead == pytest.approx(1_600, abs=200)
    assert heard_by_agent > 300
    assert server.values("/lead", "DialCallStatus") == ["answered"]
    assert not server.to("/agent")
    events_seen = server.values("/room", "StatusCallbackEvent")
    assert sorted(events_seen[:3]) == ["conference-start", "participant-join", "participant-join"]
    assert "conference-end" in events_seen
    assert server.values("/room", "SequenceNumber") == [str(number + 1) for number in range(len(events_seen))]
    conference = network.conferences[0]
    assert conference.status is ConferenceStatus.COMPLETED
    assert {participant.label for participant in conference.participants} == {"lead", "agent"}


async def test_a_room_closed_by_rest_sends_everybody_on() -> None:
    """The calls live on with their own actions."""
    server = WebhookServer()
    async with exchange(server, Quick(LEAD), Quick(AGENT)) as network:
        document = ROOM.format("").replace("/done", f"{server.url}/done")
        calls = [dial(network, server, to=number, twiml=document) for number in (LEAD, AGENT)]
        for call in calls:
            await asyncio.wait_for(network.live[call.sid].phone.in_company(), 60)
        network.find_rooms("xfer-1")[0].end("conference-ended-via-api")
        await network.settle()
    assert len(server.to("/done")) == 2


async def test_a_label_in_use_skips_the_room() -> None:
    """16025, and the next verb runs."""
    server = WebhookServer()
    document = ROOM.format('participantLabel="x"').replace("</Response>", "<Say>Alone.</Say></Response>")
    async with exchange(server, Quick(LEAD), Quick(AGENT)) as network:
        first = dial(network, server, twiml=document)
        await server.until("/status", 3)
        second = dial(network, server, to=AGENT, twiml=document)
        await network.live[second.sid].phone.over.wait()
        network.live[first.sid].end()
        await network.settle()
    assert network.live[second.sid].phone.said == ["Alone."]
    assert [error[:5] for error in network.errors] == ["16025"]


ASK = (
    '<Response><Gather input="{}" numDigits="1" timeout="{}" action="/answer"><Say>Press 1 or say yes.</Say></Gather>'
    "<Say>Nothing heard.</Say></Response>"
)


@pytest.mark.parametrize(
    ("listens_to", "got"),
    [
        ("dtmf speech", {"SpeechResult": "Yes.", "Confidence": "0.9"}),
        ("speech", {"SpeechResult": "Yes."}),
        ("dtmf", {}),
    ],
)
async def test_words_are_gathered_where_they_are_listened_to(listens_to: str, got: dict[str, str]) -> None:
    """They go to the action with how sure the recogniser is; a gather for keys alone does not hear them."""
    server = WebhookServer({"/instructions": ASK.format(listens_to, 60 if got else 1), "/answer": "<Response/>"})

    class Speaks(Quick):
        async def talk(self, phone: Phone) -> None:
            while not phone.said:  # noqa: ASYNC110 - a telephone announces nothing
                await asyncio.sleep(0.01)
            phone.say("Yes.")

    async with exchange(server, Speaks(LEAD)) as network:
        dial(network, server)
        await network.settle()
    assert bool(server.to("/answer")) is bool(got)
    if got:
        fields = server.to("/answer")[0].fields
        assert {name: fields[name] for name in got} == got
        assert "Digits" not in fields


async def test_whoever_is_alone_in_a_room_hears_its_wait_url() -> None:
    """Say, Pause and Redirect are played, round and round, until somebody comes; anything else is ignored aloud."""
    room = ROOM.replace('waitUrl=""', 'waitUrl="/wait"')
    server = WebhookServer(
        {
            "/instructions": room.format('participantLabel="a"'),
            "/wait": "<Response><Say>One moment.</Say><Hangup/><Redirect>/wait</Redirect></Response>",
            "/done": "<Response/>",
        }
    )

    class Waits(Quick):
        async def talk(self, phone: Phone) -> None:
            while phone.said.count("One moment.") < 3:  # noqa: ASYNC110 - a telephone announces nothing
                await asyncio.sleep(0.01)
            phone.hang_up()

    async with exchange(server, Waits(LEAD)) as network:
        call = dial(network, server)
        await network.settle()
        assert any("Hangup" in warning for warning in network.warnings)
    assert network.live[call.sid].phone.said.count("One moment.") >= 3
    assert len(server.to("/wait")) >= 3
    assert all(asked.signed for asked in server.to("/wait"))
