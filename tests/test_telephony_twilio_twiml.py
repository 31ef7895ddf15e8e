"""Documents are compared as trees: the order of attributes means nothing."""

from collections.abc import Callable
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.twilio.twiml import (
    agent_whisper,
    connect_stream,
    empty,
    hang_up,
    join_conference,
    wait_in_room,
)

ACTION = "https://agent.example.net/twilio/voice/continue?c=7&step=2"
WAIT = "https://calls.example.com/twilio/agent/c/h/wait/lead"
STREAM = "wss://agent.example.net/twilio/media"


def tree(document: str) -> ElementTree.Element:
    """The document's `<Response>`, read as Twilio reads it."""
    assert document.startswith('<?xml version="1.0" encoding="UTF-8"?>')
    response = ElementTree.fromstring(document.encode())
    assert response.tag == "Response"
    return response


def only(parent: ElementTree.Element, tag: str) -> ElementTree.Element:
    """The one child of a verb, which has to be this one."""
    (child,) = parent
    assert child.tag == tag
    return child


def test_empty() -> None:
    """Nothing to do is an empty response, not an empty body or text, which Twilio would text to the lead."""
    assert len(tree(empty())) == 0


def test_hang_up() -> None:
    """A call can be ended without a word."""
    assert [verb.tag for verb in tree(hang_up())] == ["Hangup"]


@pytest.mark.parametrize("document", [hang_up("Goodbye & thanks.")])
def test_say_and_hang_up(document: str) -> None:
    """A last sentence comes before the end."""
    say, end = tree(document)
    assert (say.tag, say.text, end.tag) == ("Say", "Goodbye & thanks.", "Hangup")


def test_connect_stream() -> None:
    """The stream has its parameters as nouns and its way back as the action, asked by POST."""
    connect = only(tree(connect_stream(STREAM, ACTION, {"token": "one-time-7Qm", "call": "a<b"})), "Connect")
    assert connect.attrib == {"action": ACTION, "method": "POST"}
    stream = only(connect, "Stream")
    assert stream.attrib == {"url": STREAM}
    assert [(noun.tag, noun.attrib) for noun in stream] == [
        ("Parameter", {"name": "token", "value": "one-time-7Qm"}),
        ("Parameter", {"name": "call", "value": "a<b"}),
    ]


@pytest.mark.parametrize("url", [f"{STREAM}?token=x", "https://agent.example.net/twilio/media", "/twilio/media", ""])
def test_stream_url(url: str) -> None:
    """Twilio drops a query from the stream URL and takes no other scheme, so neither leaves the house."""
    with pytest.raises(ValueError, match="pass values as parameters"):
        connect_stream(url, ACTION, {})


def test_stream_parameter_limit() -> None:
    """Name and value have to stay under 500 characters together."""
    assert "v" * 494 in connect_stream(STREAM, ACTION, {"token": "v" * 494})
    with pytest.raises(ValueError, match="'token'"):
        connect_stream(STREAM, ACTION, {"token": "v" * 495})


def test_stream_parameter_characters() -> None:
    """A token that XML cannot carry is an error: changing it silently would lock the call out."""
    with pytest.raises(ValueError, match="'token'"):
        connect_stream(STREAM, ACTION, {"token": "a\x00b"})


def test_error_does_not_tell_the_token() -> None:
    """The message names the parameter, never its value."""
    with pytest.raises(ValueError, match="name and value") as caught:
        connect_stream(STREAM, ACTION, {"token": "secret" * 100})
    assert "secret" not in str(caught.value)


def test_agent_whisper() -> None:
    """The agent hears who is calling and answers by a key or a word; silence hangs up."""
    gather, end = tree(agent_whisper("Jordan, home insurance. Press 1 to take the call.", ACTION))
    assert gather.attrib.pop("hints")
    assert gather.attrib == {
        "input": "dtmf speech",
        "numDigits": "1",
        "timeout": "8",
        "speechTimeout": "auto",
        "action": ACTION,
        "method": "POST",
    }
    assert only(gather, "Say").text == "Jordan, home insurance. Press 1 to take the call."
    assert end.tag == "Hangup"


def test_wait_in_room() -> None:
    """A voice, a pause, and the same again: never silence, never music, for as long as it takes."""
    say, pause, again = tree(wait_in_room("One moment.", WAIT))
    assert (say.text, pause.attrib, again.text) == ("One moment.", {"length": "5"}, WAIT)


def test_agent_whisper_wait() -> None:
    """How long the agent has can be set."""
    assert tree(agent_whisper("Press 1.", ACTION, wait_seconds=5))[0].get("timeout") == "5"


@pytest.mark.parametrize("end_on_exit", [True, False])
@pytest.mark.parametrize("start_on_enter", [True, False])
def test_join_conference(end_on_exit: bool, start_on_enter: bool) -> None:
    """A room has no beep, no music and a small jitter buffer: the defaults are made for meetings."""
    document = join_conference(
        "xfer-ab12", "caller", end_on_exit=end_on_exit, action_url=ACTION, wait_url=WAIT, start_on_enter=start_on_enter
    )
    dial = only(tree(document), "Dial")
    assert dial.attrib == {"action": ACTION, "method": "POST"}
    room = only(dial, "Conference")
    assert room.text == "xfer-ab12"
    assert room.attrib == {
        "beep": "false",
        "waitUrl": WAIT,
        "jitterBufferSize": "small",
        "participantLabel": "caller",
        "startConferenceOnEnter": str(start_on_enter).lower(),
        "endConferenceOnExit": str(end_on_exit).lower(),
    }


@pytest.mark.parametrize("label", ["", "a/b", "x" * 129, "CA13579bdf2468ace013579bdf2468ace0"])
def test_participant_label(label: str) -> None:
    """A label Twilio would refuse is refused here, before the lead is moved into a room that cannot form."""
    with pytest.raises(ValueError, match="participant label"):
        join_conference("xfer-ab12", label, end_on_exit=True, action_url=ACTION, wait_url=WAIT)


def test_room_name() -> None:
    """A conference without a name is nobody's."""
    with pytest.raises(ValueError, match="room name"):
        join_conference("", "caller", end_on_exit=True, action_url=ACTION, wait_url=WAIT)


@pytest.mark.parametrize("document", [hang_up, lambda text: agent_whisper(text, ACTION)])
@given(text=st.text(min_size=1, max_size=40))
def test_any_words_make_a_readable_document(document: Callable[[str], str], text: str) -> None:
    """Whatever a model or a lead said, the document can be parsed: a control character would end the call."""
    said = tree(document(text)).find(".//Say")
    assert said is not None
    assert len((said.text or "").strip()) <= len(text)
    for letter in filter(str.isalnum, text):
        assert letter in (said.text or "")
