"""TeXML: what differs from TwiML, and that nothing else does."""

from xml.etree import ElementTree

import pytest

from telephony.telnyx import texml
from telephony.twilio import twiml

STREAM, ACTION = "wss://agent.example.net/telnyx/media", "https://agent.example.net/telnyx/voice/continue/c/1"


def tree(document: str) -> list[ElementTree.Element]:
    """The verbs of a document."""
    response = ElementTree.fromstring(document)
    assert response.tag == "Response"
    return list(response)


def test_connect_stream() -> None:
    """Audio goes both ways as μ-law, the token goes with the URL, and what comes after the stream asks what next."""
    connect, redirect = tree(texml.connect_stream(STREAM, ACTION, {"token": "a b&c"}))
    assert (connect.tag, connect.attrib) == ("Connect", {})
    [stream] = connect
    assert stream.attrib == {
        "url": STREAM + "?token=a+b%26c",
        "track": "inbound_track",
        "codec": "PCMU",
        "bidirectionalMode": "rtp",
        "bidirectionalCodec": "PCMU",
    }
    assert (redirect.tag, redirect.text, redirect.attrib) == ("Redirect", ACTION, {"method": "POST"})


@pytest.mark.parametrize("url", ["https://agent.example.net/media", STREAM + "?token=x"])
def test_a_stream_url_is_a_sockets(url: str) -> None:
    """And has no query of its own."""
    with pytest.raises(ValueError, match="wss://host/path"):
        texml.connect_stream(url, ACTION, {})


def test_agent_whisper() -> None:
    """A key or a word goes to the answer's address; silence hangs up."""
    gather, end = tree(texml.agent_whisper("Jordan, home. Press 1.", ACTION))
    assert gather.attrib["action"] == ACTION
    assert (gather.attrib["input"], gather.attrib["numDigits"]) == ("dtmf speech", "1")
    assert [(say.tag, say.text) for say in gather] == [("Say", "Jordan, home. Press 1.")]
    assert end.tag == "Hangup"


def test_who_comes_first_is_told_what_he_waits_for() -> None:
    """Telnyx asks for nothing to be heard in an empty room. The lead finds somebody there and is told nothing."""
    how = {"end_on_exit": True, "action_url": ACTION, "wait_url": ACTION, "waiting": "One moment."}
    say, dial = tree(texml.join_conference("segue-h1", "agent", **how))  # type: ignore[arg-type]
    assert say.text == "One moment."
    [room] = dial
    assert (dial.attrib["action"], room.text) == (ACTION, "segue-h1")
    assert room.attrib == {"beep": "false", "startConferenceOnEnter": "true", "endConferenceOnExit": "true"}
    [dial] = tree(texml.join_conference("segue-h1", "lead", **how))  # type: ignore[arg-type]
    assert dial.tag == "Dial"


def test_the_rest_is_twiml() -> None:
    """One way to hang up, one to do nothing."""
    assert texml.hang_up is twiml.hang_up
    assert texml.empty is twiml.empty
