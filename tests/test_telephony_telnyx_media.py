"""Telnyx's media sockets: its names, its order, its errors."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.playout import Mark
from telephony.leg import Digit, MarkPlayed, Media, Stopped
from telephony.live.streams import LOST_MS_LIMIT, CloseCode, Started, State, Violation
from telephony.telnyx.media import HELD, TelnyxStream

STREAM = "32DE0DEA-53CB-4B21-89A4-9E1819C043BC"
CALL = "v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ"
PCMU = {"encoding": "PCMU", "sample_rate": 8000, "channels": 1}


def message(event: str, **more: Any) -> str:
    """A frame of the stream."""
    return json.dumps({"event": event, "stream_id": STREAM, "sequence_number": "2", **more})


def start(media_format: dict[str, Any] | None = None, **more: Any) -> str:
    """What comes after `connected`."""
    inner = {"user_id": "u1", "call_control_id": CALL, "client_state": "", "media_format": media_format or PCMU}
    return message("start", start=inner | more)


def frame(chunk: int, track: str = "inbound") -> str:
    """20 ms of the lead's voice; its bytes say which."""
    payload = base64.b64encode(bytes([chunk % 256]) * 160).decode()
    return message("media", media={"track": track, "chunk": str(chunk), "timestamp": "5", "payload": payload})


def started() -> TelnyxStream:
    """A stream that is open."""
    stream = TelnyxStream()
    stream.receive('{"event":"connected","version":"1.0.0"}')
    assert isinstance(stream.receive(start()), Started)
    return stream


def heard(stream: TelnyxStream, *chunks: int) -> list[tuple[int, int]]:
    """What the ear gets of frames that arrive in this order: chunk, and the milliseconds missing before it."""
    events = [event for chunk in chunks for event in stream.events(frame(chunk))]
    return [(event.chunk, event.lost_ms) for event in events if isinstance(event, Media)]


def test_start_names_the_stream_and_the_call() -> None:
    """The stream's name is beside `start`, the call's in it; parameters come with the URL."""
    stream = TelnyxStream()
    assert stream.receive('{"event":"connected","version":"1.0.0"}') is None
    opened = stream.receive(start())
    assert opened == Started(STREAM, CALL, "u1", {}, "PCMU", 8000, 1)
    assert stream.state is State.STARTED


@pytest.mark.parametrize("other", [{"encoding": "PCMA"}, {"sample_rate": 16000}, {"channels": 2}])
def test_another_codec_is_refused(other: dict[str, Any]) -> None:
    """An ear for μ-law would take it for noise."""
    stream = TelnyxStream()
    stream.receive('{"event":"connected"}')
    refused = stream.receive(start(PCMU | other))
    assert isinstance(refused, Violation)
    assert refused.code is CloseCode.UNSUPPORTED_DATA


def test_frames_are_heard_in_the_order_they_were_spoken_in() -> None:
    """Whatever order they arrive in; nothing is missing then."""
    assert heard(started(), 4, 6, 5, 8, 7, 9) == [(4, 0), (5, 0), (6, 0), (7, 0), (8, 0), (9, 0)]


def test_a_lost_frame_is_waited_for_a_little_and_then_silence() -> None:
    """The ear's time stays true: what is missing is told before the frame that comes after it."""
    stream = started()
    assert heard(stream, 1, 3, 4, 5) == [(1, 0)]
    assert heard(stream, 6) == [(3, 20), (4, 0), (5, 0), (6, 0)]
    assert heard(stream, 2) == []
    assert stream.odd == {"frame that came too late": 1}


def test_the_timeline_counts_audio() -> None:
    """Telnyx's own time stamps have no unit that is documented, so they are not used."""
    stream = started()
    events = [event for chunk in (1, 2, 5, 6, 7, 8) for event in stream.events(frame(chunk))]
    assert [event.timestamp_ms for event in events if isinstance(event, Media)] == [0, 20, 80, 100, 120, 140]


def test_the_end_lets_out_what_waits() -> None:
    """The lead's last word is heard, even if a frame before it was lost."""
    stream = started()
    heard(stream, 1, 3)
    last = stream.events(message("stop", stop={"user_id": "u1", "call_control_id": CALL}))
    assert [type(event) for event in last] == [Media, Stopped]


@given(st.lists(st.integers(1, 12) | st.integers(0, 10**9), max_size=40))
def test_no_order_of_arrival_is_too_odd(chunks: list[int]) -> None:
    """What is let out only moves on, waits are bounded, and no more silence is asked for than anybody would bear."""
    stream = started()
    out = heard(stream, *chunks)
    assert [chunk for chunk, _ in out] == sorted({chunk for chunk, _ in out})
    assert all(lost_ms <= LOST_MS_LIMIT for _, lost_ms in out)
    assert len(set(chunks)) - len(out) - sum(stream.odd.values()) <= HELD


def test_keys_and_marks() -> None:
    """As with any carrier; what the persona says herself is not heard."""
    stream = started()
    assert stream.events(message("dtmf", occurred_at="2026-11-18", dtmf={"digit": "7"})) == (Digit("7"),)
    assert stream.events(message("mark", mark={"name": "e4:12"})) == (MarkPlayed(Mark(4, 12)),)
    assert stream.events(frame(1, track="outbound")) == ()


def test_an_error_of_theirs_is_no_end() -> None:
    """It is logged; the call goes on."""
    stream = started()
    error = {"code": 100003, "title": "malformed_frame", "detail": "?"}
    assert stream.events(message("error", payload=error)) == ()
    assert stream.events('{"event":"error","payload":"?"}') == ()
    assert heard(stream, 1) == [(1, 0)]


def test_what_we_send() -> None:
    """Without the stream's name: the socket has one stream."""
    stream = started()
    payload = base64.b64encode(b"\xff" * 160).decode()
    assert json.loads(stream.media(b"\xff" * 160)) == {"event": "media", "media": {"payload": payload}}
    assert json.loads(stream.mark(Mark(2, 3))) == {"event": "mark", "mark": {"name": "e2:3"}}
    assert json.loads(stream.clear()) == {"event": "clear"}


def test_nothing_is_sent_before_the_start() -> None:
    """Telnyx would refuse it."""
    for send in (TelnyxStream().clear, lambda: TelnyxStream().media(b"x"), lambda: TelnyxStream().mark(Mark(1, 1))):
        with pytest.raises(RuntimeError, match="only after Started"):
            send()
