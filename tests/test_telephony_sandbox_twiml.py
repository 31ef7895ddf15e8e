import pytest
from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import Connect, Dial, Gather, VoiceResponse

from telephony.sandbox import twiml
from telephony.sandbox.twiml import TwimlError


def response(inner: str) -> str:
    """A document with these verbs."""
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{inner}</Response>'


def test_a_stream_with_its_parameters_is_read() -> None:
    """What twilio's own builder writes for a media stream comes back as it was meant, without a warning."""
    document = VoiceResponse()
    connect = Connect(action="/continue")
    stream = connect.stream(url="wss://agent.example.net/media", status_callback="https://agent.example.net/s")
    stream.parameter(name="token", value="one-time")
    document.append(connect)
    document.say("The assistant is unavailable.")
    read = twiml.parse_voice(str(document))
    assert read.warnings == ()
    assert read.verbs == (
        twiml.Connect(
            twiml.Stream(
                url="wss://agent.example.net/media",
                parameters={"token": "one-time"},
                status_callback="https://agent.example.net/s",
            ),
            action="/continue",
        ),
        twiml.Say("The assistant is unavailable."),
    )


def test_a_whisper_is_read() -> None:
    """Gather holds its prompts and the number of keys."""
    document = VoiceResponse()
    gather = Gather(num_digits=1, timeout=8, action="/accept")
    gather.say("Press 1 to take the call.")
    document.append(gather)
    document.hangup()
    read = twiml.parse_voice(str(document))
    prompt = twiml.Say("Press 1 to take the call.")
    assert read.verbs == (
        twiml.Gather(prompts=(prompt,), action="/accept", num_digits=1, timeout_s=8),
        twiml.Hangup(),
    )


def test_a_conference_is_read() -> None:
    """Every attribute the mixing depends on arrives; those that only sound different are accepted."""
    document = VoiceResponse()
    dial = Dial(action="/done")
    dial.conference(
        "xfer-ab12",
        participant_label="agent",
        start_conference_on_enter=True,
        end_conference_on_exit=True,
        beep="false",
        wait_url="",
        jitter_buffer_size="small",
        status_callback="https://agent.example.net/room",
        status_callback_event="start end join leave",
    )
    document.append(dial)
    read = twiml.parse_voice(str(document))
    assert read.warnings == ()
    assert read.verbs == (
        twiml.Dial(
            twiml.Conference(
                name="xfer-ab12",
                label="agent",
                start_on_enter=True,
                end_on_exit=True,
                wait_url="",
                status_callback="https://agent.example.net/room",
                status_events=frozenset({"start", "end", "join", "leave"}),
            ),
            action="/done",
        ),
    )


def test_the_other_verbs_are_read() -> None:
    """Play, pause, redirect and reject."""
    read = twiml.parse_voice(
        response('<Play>https://x/a.wav</Play><Pause length="2"/><Redirect method="GET">/next</Redirect><Reject/>')
    )
    assert read.verbs == (
        twiml.Play("https://x/a.wav"),
        twiml.Pause(2),
        twiml.Redirect("/next", "GET"),
        twiml.Reject("rejected"),
    )


@pytest.mark.parametrize(
    ("inner", "why"),
    [
        ("<hangup/>", "<hangup> is not known inside <Response>"),
        ("<Dial><Room>x</Room></Dial>", "<Room> is not known inside <Dial>"),
        ('<Connect><Stream URL="wss://x/m"/></Connect>', "<Stream> has no attribute URL"),
        ('<Pause length="long"/>', '<Pause length="long"> is not a value'),
        ('<Dial><Conference beep="no">r</Conference></Dial>', 'beep="no"'),
        ("<Dial><Conference statusCallbackEvent=\"['start', 'end']\">r</Conference></Dial>", "statusCallbackEvent="),
        ('<Dial><Conference participantLabel="a/b">r</Conference></Dial>', 'participantLabel="a/b"'),
        ("<Dial><Number>+13125550142</Number></Dial>", "not played by the sandbox"),
        ("<Connect></Connect>", "<Connect> holds 0 streams"),
    ],
)
def test_what_twilio_ignores_is_a_warning(inner: str, why: str) -> None:
    """Typos in names, case and values do not fail the document; they are ignored, and told."""
    assert any(why in warning for warning in twiml.parse_voice(response(inner)).warnings)


def test_an_ignored_value_falls_back_to_the_default() -> None:
    """A list where a word was wanted asks for no events at all."""
    read = twiml.parse_voice(
        response("<Dial><Conference statusCallbackEvent=\"['start']\" beep='x'>r</Conference></Dial>")
    )
    assert read.verbs == (twiml.Dial(twiml.Conference("r")),)


def test_long_parameters_are_dropped() -> None:
    """Name and value together stay under 500 characters."""
    kept, lost = "v" * 496, "v" * 497
    read = twiml.parse_voice(
        response(
            f'<Connect><Stream url="wss://x/m"><Parameter name="abc" value="{kept}"/>'
            f'<Parameter name="def" value="{lost}"/></Stream></Connect>'
        )
    )
    connect = read.verbs[0]
    assert isinstance(connect, twiml.Connect)
    assert connect.stream is not None
    assert connect.stream.parameters == {"abc": kept}
    assert "500 characters" in read.warnings[0]


@pytest.mark.parametrize(
    ("text", "code"),
    [("", 12100), ("OK", 12100), ("<Response>", 12100), ("<response/>", 12100), (response(" " * 70_000), 11750)],
)
def test_what_is_no_document_is_an_error(text: str, code: int) -> None:
    """Not XML, not a Response, or too long."""
    with pytest.raises(TwimlError) as caught:
        twiml.parse_voice(text)
    assert caught.value.code == code


def stream(url: str, track: str = "inbound_track") -> twiml.Stream:
    """A stream to that URL."""
    return twiml.Stream(url, {}, track)


def test_stream_urls_lose_their_query() -> None:
    """Twilio connects without it, so a token there never arrives."""
    url, notes = twiml.media_url(stream("wss://agent.example.net/media/9f?token=t"))
    assert url == "wss://agent.example.net/media/9f"
    assert "use <Parameter>" in notes[0]


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost:8080", "[::1]:8080"])
def test_loopback_needs_no_certificate(host: str) -> None:
    """Plain ws is let through on this machine, and noted, because Twilio would refuse it."""
    url, notes = twiml.media_url(stream(f"ws://{host}/media"))
    assert url == f"ws://{host}/media"
    assert "31922" in notes[0]


@pytest.mark.parametrize(
    ("url", "track", "code"),
    [
        ("ws://agent.example.net/media", "inbound_track", 31922),
        ("https://agent.example.net/media", "inbound_track", 31922),
        ("/media", "inbound_track", 31923),
        ("", "inbound_track", 31923),
        ("wss://agent.example.net/media", "both_tracks", 31941),
    ],
)
def test_streams_that_cannot_be_are_refused(url: str, track: str, code: int) -> None:
    """Not encrypted, not a URL, or asking for tracks a bidirectional stream has not."""
    with pytest.raises(TwimlError) as caught:
        twiml.media_url(stream(url, track))
    assert caught.value.code == code


def test_replies_to_a_text_are_read() -> None:
    """Each Message is one text, with its words in it or in a Body."""
    document = MessagingResponse()
    document.message("one")
    document.message(status_callback="https://x/s").body("two")
    read = twiml.parse_messaging(str(document))
    assert read == twiml.Messaging((twiml.Reply("one"), twiml.Reply("two", "https://x/s")), ())
    assert twiml.parse_messaging("<Response/>").replies == ()


def test_voice_verbs_mean_nothing_in_a_text() -> None:
    """Say in the answer to a text is ignored."""
    assert "<Say>" in twiml.parse_messaging(response("<Say>hi</Say>")).warnings[0]
