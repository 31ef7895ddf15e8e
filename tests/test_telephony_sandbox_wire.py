import base64
import json
from typing import Any

import pytest

from telephony.sandbox import wire

STREAM = "MZ" + "0" * 32
CALL, ACCOUNT = "CA" + "1" * 32, "AC" + "2" * 32
AUDIO = base64.b64encode(b"\x10" * 160).decode()


def message(event: str, /, **rest: Any) -> str:
    """One message of a server's."""
    return json.dumps({"event": event, "streamSid": STREAM, **rest})


def test_the_three_messages_are_read() -> None:
    """Media, mark and clear are all a server may send."""
    assert wire.parse(message("media", media={"payload": AUDIO}), STREAM) == wire.Media(b"\x10" * 160)
    assert wire.parse(message("mark", mark={"name": "e1:end"}), STREAM) == wire.Mark("e1:end")
    assert wire.parse(message("clear"), STREAM) == wire.Clear()


@pytest.mark.parametrize("size", [0, 1, 159, 40_000])
def test_any_length_of_audio_is_legal(size: int) -> None:
    """Payloads need not be 20 ms, nor a multiple of three bytes."""
    payload = base64.b64encode(b"\x10" * size).decode()
    assert wire.parse(message("media", media={"payload": payload}), STREAM) == wire.Media(b"\x10" * size)


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        ("not json", "not JSON"),
        ("[1]", "not a JSON object"),
        (message("play"), "unknown event 'play'"),
        (json.dumps({"streamSid": STREAM}), "unknown event None"),
        (json.dumps({"event": "clear", "streamSid": "MZ1"}), "streamSid 'MZ1' is not this stream's"),
        (json.dumps({"event": "clear"}), "clear: missing streamSid"),
        (message("clear", mark={"name": "x"}), "clear: extra mark"),
        (message("media"), "media: missing media"),
        (message("media", media={"payload": AUDIO}, sequenceNumber="4"), "media: extra sequenceNumber"),
        (message("media", media={"payload": AUDIO, "track": "outbound"}), "media: extra track"),
        (message("media", media={}), "media: missing payload"),
        (message("media", media=AUDIO), "media: not an object"),
        (message("media", media={"payload": 5}), "payload is not a string"),
        (message("media", media={"payload": AUDIO[:-1] + "!"}), "payload is not base64"),
        (message("media", media={"payload": base64.b64encode(b"RIFF\x00\x00").decode()}), "RIFF header"),
        (message("mark", mark={"name": 7}), "name is not a string"),
        (message("mark", mark={"name": "x", "id": 1}), "mark: extra id"),
    ],
)
def test_invalid_messages_are_31951(sent: str, why: str) -> None:
    """Twilio ignores what is not exactly right, so the sandbox says what was wrong."""
    with pytest.raises(wire.MessageError, match=r"^31951 ") as caught:
        wire.parse(sent, STREAM)
    assert why in str(caught.value)


def test_a_binary_frame_is_31950() -> None:
    """Media Streams never use binary frames."""
    with pytest.raises(wire.MessageError) as caught:
        wire.parse(b"\x10" * 160, STREAM)
    assert caught.value.code == 31950


def test_the_opening_is_as_captured() -> None:
    """`connected` has no number; `start` is number 1 and says the format as numbers, the counter as a string."""
    sender = wire.Sender(STREAM, CALL, ACCOUNT)
    assert sender.connected() == '{"event":"connected","protocol":"Call","version":"1.0.0"}'
    assert sender.start({"token": "t"}) == (
        f'{{"event":"start","sequenceNumber":"1","start":{{"accountSid":"{ACCOUNT}","streamSid":"{STREAM}",'
        f'"callSid":"{CALL}","tracks":["inbound"],"mediaFormat":{{"encoding":"audio/x-mulaw","sampleRate":8000,'
        f'"channels":1}},"customParameters":{{"token":"t"}}}},"streamSid":"{STREAM}"}}'
    )


def test_media_is_as_captured() -> None:
    """Counters are strings, keys in wire order, 160 bytes in 216 characters of base64."""
    sender = wire.Sender(STREAM, CALL, ACCOUNT)
    sender.start({})
    text = sender.media(0, b"\xff" * 160)
    body = json.loads(text)
    assert list(body) == ["event", "sequenceNumber", "media", "streamSid"]
    assert list(body["media"]) == ["track", "chunk", "timestamp", "payload"]
    assert (body["sequenceNumber"], body["media"]["chunk"]) == ("2", "1")
    assert len(body["media"]["payload"]) == 216
    assert 340 < len(text) < 400


def test_every_message_takes_the_next_number() -> None:
    """Media, marks, keys and the stop share one sequence; media has a count of its own beside it."""
    sender = wire.Sender(STREAM, CALL, ACCOUNT)
    sent = [sender.start({}), sender.media(0, b""), sender.mark("m"), sender.dtmf("5"), sender.media(1, b"")]
    bodies = [json.loads(text) for text in [*sent, sender.stop()]]
    assert [body["sequenceNumber"] for body in bodies] == ["1", "2", "3", "4", "5", "6"]
    assert bodies[4]["media"]["chunk"] == "2"
    assert bodies[3] == {
        "event": "dtmf",
        "streamSid": STREAM,
        "sequenceNumber": "4",
        "dtmf": {"track": "inbound_track", "digit": "5"},
    }
    assert bodies[5]["stop"] == {"accountSid": ACCOUNT, "callSid": CALL}


@pytest.mark.parametrize("seed", range(8))
def test_time_stamps_start_late_and_wobble(seed: int) -> None:
    """The first is 100 to 170 ms; later ones are 20 ms apart give or take 3 from the ideal line."""
    sender = wire.Sender(STREAM, CALL, ACCOUNT, seed)
    stamps = [int(json.loads(sender.media(frame, b""))["media"]["timestamp"]) for frame in range(100)]
    assert 100 <= stamps[0] <= 170
    assert all(abs(stamp - stamps[0] - 20 * frame) <= 3 for frame, stamp in enumerate(stamps))
    assert stamps == sorted(stamps)


def test_a_lost_frame_shows_as_a_jump_of_the_time_stamp() -> None:
    """The chunk count goes on; only the time stamp tells that audio is missing."""
    sender = wire.Sender(STREAM, CALL, ACCOUNT)
    first, later = (json.loads(sender.media(frame, b""))["media"] for frame in (0, 10))
    assert later["chunk"] == "2"
    assert int(later["timestamp"]) - int(first["timestamp"]) in range(197, 204)
