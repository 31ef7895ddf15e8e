"""The frames in tests/wire have the shapes of real captures; their audio is line noise, their names are invented."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamdouble.protocol import (  # type: ignore[import-untyped]  # ships no types
    InboundClear,
    InboundMark,
    InboundMedia,
    MediaStreamEncoder,
    parse_outbound,
)
from structlog.testing import capture_logs

from audio.playout import Mark
from telephony.leg import Digit, MarkPlayed, Media, Stopped
from telephony.live.streams import (
    LOST_MS_LIMIT,
    CloseCode,
    Event,
    Started,
    State,
    Violation,
    mark_name,
    parse_mark,
)
from telephony.twilio.media import MediaStream

WIRE = Path(__file__).parent / "wire"
STREAM = "MZ00aa11bb22cc33dd44ee55ff66778899"
CALL = "CA13579bdf2468ace013579bdf2468ace0"
ACCOUNT = "AC5f0e0d0c0b0a09080706050403020100"
SILENCE = b"\xff" * 160


def frames(capture: str) -> list[str]:
    """The frames of one capture, in the order of the wire."""
    return (WIRE / f"{capture}.jsonl").read_text().splitlines()


def receive(stream: MediaStream, frame: str | bytes) -> Event | None:
    """The one event of a frame, if there is one."""
    events = stream.events(frame)
    assert len(events) <= 1
    return events[0] if events else None


def started() -> MediaStream:
    """A stream that is open and has heard nothing yet."""
    stream = MediaStream()
    for frame in frames("whole_call")[:2]:
        receive(stream, frame)
    assert stream.state is State.STARTED
    return stream


def start(**changes: Any) -> str:
    """The `start` of a whole call, with fields of its inner object replaced, or removed if None."""
    message = json.loads(frames("whole_call")[1])
    inner = message["start"] | changes
    message["start"] = {name: value for name, value in inner.items() if value is not None}
    return json.dumps(message)


def media(timestamp: Any = "102", *, stream: Any = STREAM, **changes: Any) -> str:
    """One frame of silence, with fields of its inner object replaced."""
    inner = {"track": "inbound", "chunk": "1", "timestamp": timestamp, "payload": base64.b64encode(SILENCE).decode()}
    return json.dumps({"event": "media", "sequenceNumber": "2", "media": inner | changes, "streamSid": stream})


def kinds(stream: MediaStream, *sent: str | bytes) -> list[str]:
    """What was logged about frames none of which may lead to an event."""
    with capture_logs() as logs:
        assert [stream.events(frame) for frame in sent] == [()] * len(sent)
    assert {entry["event"] for entry in logs} <= {"stream message ignored"}
    assert {entry["log_level"] for entry in logs} <= {"warning"}
    return [entry["kind"] for entry in logs]


def test_whole_call() -> None:
    """A call from `connected` to `stop` gives its events in the order of the wire."""
    stream = MediaStream()
    connected, first, *rest = [receive(stream, frame) for frame in frames("whole_call")]
    assert connected is None
    assert first == Started(
        STREAM, CALL, ACCOUNT, {"token": "one-time-7Qm", "tenant": "7"}, encoding="audio/x-mulaw", rate=8000, channels=1
    )
    assert [type(event) for event in rest] == [Media] * 4 + [Digit, Media, MarkPlayed, Media, Stopped]
    assert [event.timestamp_ms for event in rest if isinstance(event, Media)] == [102, 122, 143, 162, 182, 201]
    assert [event.chunk for event in rest if isinstance(event, Media)] == [1, 2, 3, 4, 5, 6]
    assert rest[4] == Digit("5")
    assert rest[6] == MarkPlayed(Mark(4, 12))


def test_audio_is_decoded() -> None:
    """A frame carries the bytes of the telephone, 20 ms of them."""
    stream = started()
    event = receive(stream, frames("whole_call")[2])
    assert isinstance(event, Media)
    assert event.ulaw == base64.b64decode(json.loads(frames("whole_call")[2])["media"]["payload"])
    assert len(event.ulaw) == 160


def test_the_usual_form_and_any_other_say_the_same() -> None:
    """However a message is written, it is the same audio: the short way to read it changes nothing."""
    spread = media("140", payload="////////")
    compact = json.dumps(json.loads(spread), separators=(",", ":"))
    escaped = compact.replace("/", "\\/")
    expected = Media(b"\xff" * 6, 140, 1)
    assert [started().events(form) for form in (spread, compact, escaped)] == [(expected,)] * 3


@pytest.mark.parametrize("frame", [{"payload": "AAA"}, {"payload": ""}, {"track": "outbound"}, {"stream": "MZ0"}])
def test_a_flaw_is_told_alike_in_the_usual_form(frame: dict[str, str]) -> None:
    """Whichever way reads a message finds the same wrong with it."""
    spread = media(**frame)
    compact = json.dumps(json.loads(spread), separators=(",", ":"))
    assert kinds(started(), compact) == kinds(started(), spread)


def test_state_moves_forward() -> None:
    """The state follows the wire: connecting, connected, started, stopped."""
    stream = MediaStream()
    states = [stream.state]
    for frame in frames("whole_call"):
        receive(stream, frame)
        states.append(stream.state)
    assert states == sorted(states)
    assert set(states) == set(State)


@pytest.mark.parametrize("capture", ["whole_call", "wobble"])
def test_wobble_is_not_loss(capture: str) -> None:
    """Neither a first timestamp that is not 0 nor a few ms of wobble, however long, counts as lost audio."""
    stream = MediaStream()
    heard = [event for frame in frames(capture) if isinstance(event := receive(stream, frame), Media)]
    assert len(heard) > 5
    assert sum(event.lost_ms for event in heard) == 0


def test_lost_frames_are_reported() -> None:
    """A jump of the timestamp is reported on the frame after the gap, in whole frames."""
    stream = MediaStream()
    heard = [event for frame in frames("lost_frames") if isinstance(event := receive(stream, frame), Media)]
    assert [event.lost_ms for event in heard] == [0, 0, 20, 0, 60, 0, 0]


def test_time_stays_true_across_losses() -> None:
    """Audio heard and audio lost add up to the time that passed, within a frame."""
    stream = started()
    timestamps = [102, 122, 159, 181, 264, 279, 483, 502]
    heard = [event for at in timestamps if isinstance(event := receive(stream, media(str(at))), Media)]
    accounted_ms = sum(event.lost_ms + 20 for event in heard)
    assert abs(accounted_ms - (timestamps[-1] - timestamps[0] + 20)) < 20


def test_slow_clock_does_not_hide_a_loss() -> None:
    """When timestamps have fallen a whole frame behind the audio, the next lost frame is still seen."""
    stream = started()
    at = 100.0
    for _ in range(2000):
        at += 19.99
        event = receive(stream, media(str(int(at))))
        assert isinstance(event, Media)
        assert event.lost_ms == 0
    event = receive(stream, media(str(int(at + 40))))
    assert isinstance(event, Media)
    assert event.lost_ms == 20


def test_absurd_timestamp_asks_for_bounded_silence() -> None:
    """No timestamp makes the ear insert minutes of silence."""
    stream = started()
    receive(stream, media("102"))
    event = receive(stream, media("99999999999999999999"))
    assert isinstance(event, Media)
    assert event.lost_ms == LOST_MS_LIMIT


def test_timestamp_may_go_back() -> None:
    """A timestamp that goes back is no loss, and neither is going on from there."""
    stream = started()
    events = [receive(stream, media(at)) for at in ("1000", "900", "920")]
    assert [event.lost_ms for event in events if isinstance(event, Media)] == [0, 0, 0]


@pytest.mark.parametrize(
    ("frame", "kind"),
    [
        (b"\x00\x01", "binary frame"),
        (media().encode(), "binary frame"),
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("null", "not an object"),
        ("[]", "not an object"),
        ("{}", "unknown event"),
        ('{"event":"hold"}', "unknown event"),
        ('{"event":["media"]}', "unknown event"),
        ('{"event":"connected"}', "second connected"),
        (media(stream="MZ" + "0" * 32), "another stream's name"),
        (media(stream=None), "another stream's name"),
        (media(track="outbound"), "track is not inbound"),
        (media(payload="not base64!"), "malformed media"),
        (media(payload="AAA"), "malformed media"),
        (media(payload="é"), "malformed media"),
        (media(payload=""), "malformed media"),
        (media(payload=7), "malformed media"),
        (media(timestamp="soon"), "malformed media"),
        (media(timestamp=""), "malformed media"),
        (media(timestamp="-20"), "malformed media"),
        (media(timestamp=None), "malformed media"),
        (media(timestamp="9" * 5000), "malformed media"),
        (media().replace('"102"', "1e999"), "malformed media"),
        (media(chunk=1.5), "malformed media"),
        (json.dumps({"event": "media", "streamSid": STREAM}), "malformed media"),
        (json.dumps({"event": "media", "streamSid": STREAM, "media": "x"}), "malformed media"),
        (json.dumps({"event": "media", "media": {}}), "malformed media"),
        (json.dumps({"event": "mark", "streamSid": STREAM, "mark": {}}), "malformed mark"),
        (json.dumps({"event": "mark", "streamSid": STREAM, "mark": {"name": 4}}), "malformed mark"),
        (json.dumps({"event": "mark", "streamSid": STREAM, "mark": {"name": "theirs"}}), "mark that is not ours"),
        (json.dumps({"event": "dtmf", "streamSid": STREAM, "dtmf": {"digit": "12"}}), "malformed dtmf"),
        (json.dumps({"event": "dtmf", "streamSid": STREAM, "dtmf": {"digit": ["1"]}}), "malformed dtmf"),
        (json.dumps({"event": "dtmf", "streamSid": STREAM}), "malformed dtmf"),
        (json.dumps({"event": "stop", "streamSid": "MZ" + "0" * 32}), "another stream's name"),
        (json.dumps({"event": "stop"}), "malformed stop"),
    ],
)
def test_odd_frames_are_dropped(frame: str | bytes, kind: str) -> None:
    """What does not fit is dropped with one warning per kind, and the call goes on."""
    stream = started()
    assert kinds(stream, frame, frame, frame) == [kind]
    assert stream.state is State.STARTED
    assert isinstance(receive(stream, media()), Media)


def test_each_kind_is_logged_once_per_stream() -> None:
    """A stream that is odd in two ways is logged twice, and the next stream again."""
    assert kinds(started(), "{", b"", "{", b"", "x") == ["not JSON", "binary frame"]
    assert kinds(started(), "{") == ["not JSON"]


def test_nothing_personal_is_logged() -> None:
    """A warning says what kind of frame it was, never what was in it."""
    frame = json.dumps({"event": "+13125550142", "streamSid": STREAM, "body": "call me"})
    with capture_logs() as logs:
        receive(started(), frame)
    assert "3125550142" not in str(logs)
    assert "call me" not in str(logs)


def test_nothing_is_heard_before_start() -> None:
    """Media, marks, keys and stops before `start` belong to nobody."""
    stream = MediaStream()
    sent = [frame for frame in frames("whole_call") if '"event":"start"' not in frame]
    assert kinds(stream, *sent) == ["message before start"]
    assert stream.state is State.CONNECTED


def test_start_needs_connected() -> None:
    """A `start` without `connected` opens nothing."""
    stream = MediaStream()
    assert kinds(stream, start(), media()) == ["start before connected", "message before start"]
    assert stream.state is State.CONNECTING


def test_nothing_is_heard_after_stop() -> None:
    """After `stop` the stream is over, whatever still arrives."""
    stream = MediaStream()
    for frame in frames("whole_call"):
        receive(stream, frame)
    assert kinds(stream, *frames("whole_call")) == ["message after the end"]
    assert stream.state is State.STOPPED


def test_second_start_closes_the_socket() -> None:
    """A second `start` is someone else on our socket: it is over, and what follows is not heard."""
    stream = MediaStream()
    *before, violation, after = [receive(stream, frame) for frame in frames("second_start")]
    assert [type(event) for event in before] == [type(None), Started, Media]
    assert violation == Violation(CloseCode.POLICY_VIOLATION, "second start")
    assert after is None
    assert stream.state is State.STOPPED


def test_other_media_format_closes_the_socket() -> None:
    """Audio at another rate or in another encoding would be noise in both directions."""
    stream = MediaStream()
    violation = [receive(stream, frame) for frame in frames("hd_codec")][-1]
    assert isinstance(violation, Violation)
    assert violation.code is CloseCode.UNSUPPORTED_DATA


@pytest.mark.parametrize(
    "fmt",
    [
        {"encoding": "audio/x-mulaw", "sampleRate": 16000, "channels": 1},
        {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 2},
        {"encoding": "audio/x-alaw", "sampleRate": 8000, "channels": 1},
    ],
)
def test_each_part_of_the_format_matters(fmt: dict[str, Any]) -> None:
    """Encoding, rate and channels all have to be the telephone's."""
    stream = MediaStream()
    receive(stream, frames("whole_call")[0])
    violation = receive(stream, start(mediaFormat=fmt))
    assert isinstance(violation, Violation)
    assert violation.code is CloseCode.UNSUPPORTED_DATA


@pytest.mark.parametrize(
    "frame",
    [
        start(streamSid=None),
        start(streamSid=""),
        start(streamSid="MZ" + "0" * 32),
        start(callSid=None),
        start(callSid=7),
        start(accountSid=None),
        start(mediaFormat=None),
        start(mediaFormat={}),
        start(mediaFormat="audio/x-mulaw"),
        start(customParameters=None),
        start(customParameters={"token": 7}),
        start(customParameters=["token"]),
        json.dumps({"event": "start", "streamSid": STREAM}),
        json.dumps({"event": "start", "streamSid": STREAM, "start": []}),
    ],
)
def test_incomplete_start_closes_the_socket(frame: str) -> None:
    """A `start` that does not say which stream, call, account or format it is opens nothing."""
    stream = MediaStream()
    receive(stream, frames("whole_call")[0])
    assert receive(stream, frame) == Violation(CloseCode.PROTOCOL_ERROR, "start is incomplete")
    assert stream.state is State.STOPPED
    with pytest.raises(RuntimeError, match="after Started"):
        stream.clear()


@pytest.mark.parametrize("size", [1, 2, 3, 160, 8000, 480_000])
def test_media_out(size: int) -> None:
    """Audio of any length goes out as exactly the fields Twilio takes: one more or less and it is dropped."""
    ulaw = bytes(index % 256 for index in range(size))
    message = json.loads(started().media(ulaw))
    payload = base64.b64encode(ulaw).decode()
    assert message == {"event": "media", "streamSid": STREAM, "media": {"payload": payload}}


def test_mark_out() -> None:
    """A mark's name tells its epoch and clause."""
    sent = json.loads(started().mark(Mark(4, 12)))
    assert sent == {"event": "mark", "streamSid": STREAM, "mark": {"name": "e4:12"}}


def test_clear_out() -> None:
    """A clear names only the stream."""
    assert json.loads(started().clear()) == {"event": "clear", "streamSid": STREAM}


def test_a_strange_stream_name_stays_inside_its_field() -> None:
    """A name with quotes in it cannot add fields to what we send."""
    stream = MediaStream()
    receive(stream, frames("whole_call")[0])
    name = 'MZ","media":"'
    message = json.loads(start(streamSid=name)) | {"streamSid": name}
    assert isinstance(receive(stream, json.dumps(message)), Started)
    assert json.loads(stream.clear()) == {"event": "clear", "streamSid": name}
    assert json.loads(stream.media(SILENCE))["streamSid"] == name


def test_sending_needs_a_start() -> None:
    """Before `start` there is no stream to send to; that is a bug of the caller's and says so."""
    stream = MediaStream()
    with pytest.raises(RuntimeError, match="after Started"):
        stream.media(SILENCE)
    with pytest.raises(RuntimeError, match="after Started"):
        stream.mark(Mark(1, 1))
    with pytest.raises(RuntimeError, match="after Started"):
        stream.clear()


def test_sending_after_stop_is_harmless() -> None:
    """A call may end while a clause is being sent."""
    stream = started()
    receive(stream, frames("whole_call")[-1])
    assert json.loads(stream.media(SILENCE))["streamSid"] == STREAM


@given(st.integers(0, 10**9 - 1), st.integers(0, 10**9 - 1))
def test_mark_names_survive_the_wire(epoch: int, clause: int) -> None:
    """Epoch and clause come back from Twilio as they were sent."""
    assert parse_mark(mark_name(Mark(epoch, clause))) == Mark(epoch, clause)


@pytest.mark.parametrize(
    "name", ["", "e4", "e4:", "e:1", "4:1", "e4:utt12:end", "e-1:2", "e٣:1", "e4:1\n", "e" + "9" * 5000]
)
def test_foreign_mark_names(name: str) -> None:
    """A name that is not ours is nobody's mark."""
    assert parse_mark(name) is None


def test_understands_another_peer() -> None:
    """What streamdouble, an independent model of Twilio's side, sends is heard in full, its losses included."""
    peer = MediaStreamEncoder()
    sent = [peer.connected(), peer.start(custom_parameters={"token": "one-time-7Qm"}), peer.media(SILENCE)]
    peer.skip_frame()
    peer.skip_frame()
    sent += [peer.media(SILENCE), peer.dtmf("#"), peer.mark("e1:1"), peer.stop()]
    stream = MediaStream()
    with capture_logs() as logs:
        _, first, *rest = [receive(stream, json.dumps(frame)) for frame in sent]
    assert isinstance(first, Started)
    assert (first.call, first.parameters) == (peer.identity.call_sid, {"token": "one-time-7Qm"})
    assert rest == [
        Media(SILENCE, 0, 1),
        Media(SILENCE, 60, 2, lost_ms=40),
        Digit("#"),
        MarkPlayed(Mark(1, 1)),
        Stopped(),
    ]
    assert logs == []


def test_is_understood_by_another_peer() -> None:
    """streamdouble, which is strict about frames, takes everything we send."""
    stream = started()
    heard, mark, clear = [
        parse_outbound(frame, expected_stream_sid=STREAM)
        for frame in (stream.media(SILENCE), stream.mark(Mark(4, 12)), stream.clear())
    ]
    assert isinstance(heard, InboundMedia)
    assert heard.payload == SILENCE
    assert isinstance(mark, InboundMark)
    assert mark.name == "e4:12"
    assert isinstance(clear, InboundClear)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
EVENT = st.sampled_from(["connected", "start", "media", "mark", "dtmf", "stop", "clear"]) | JSON


@st.composite
def nearly_right(draw: st.DrawFn) -> str:
    """A frame of a real call with up to three of its values replaced."""
    capture = draw(st.sampled_from(["whole_call", "lost_frames", "second_start", "hd_codec"]))
    message = json.loads(draw(st.sampled_from(frames(capture))))
    for _ in range(draw(st.integers(0, 3))):
        place = message
        while True:
            name = draw(st.sampled_from(sorted(place)))
            if not (isinstance(place[name], dict) and place[name] and draw(st.booleans())):
                break
            place = place[name]
        place[name] = draw(JSON)
    return json.dumps(message)


@given(st.lists(st.text() | st.binary() | JSON.map(json.dumps) | nearly_right(), max_size=20), st.booleans())
def test_no_input_raises(sent: list[str | bytes], open_first: bool) -> None:
    """Whatever arrives, `receive` returns an event or None, and the state only moves forward."""
    stream = started() if open_first else MediaStream()
    for frame in sent:
        before = stream.state
        event = receive(stream, frame)
        assert stream.state >= before
        assert (stream.state is State.STOPPED) == (before is State.STOPPED or isinstance(event, Stopped | Violation))
        if isinstance(event, Media):
            assert event.ulaw
            assert 0 <= event.lost_ms <= LOST_MS_LIMIT


@given(EVENT, JSON, JSON)
def test_no_shape_raises(event: Any, body: Any, name: Any) -> None:
    """The right event names with anything inside raise no more than nonsense does."""
    inner = event if isinstance(event, str) else "media"
    receive(started(), json.dumps({"event": event, inner: body, "streamSid": STREAM, "sequenceNumber": name}))
