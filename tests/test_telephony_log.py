"""Nobody's number or words are logged in clear."""

import json
import logging
import re

import pytest
import structlog
from happenings import NOW, text_received
from prometheus_client import REGISTRY

from state.events import Channel
from telephony.log import PERSONAL, redact, redacted, scrubbed, set_up_logging


@pytest.mark.parametrize("field", sorted(PERSONAL))
def test_a_personal_field_is_never_written(field: str) -> None:
    """Whatever it holds."""
    event = redact(None, "info", {"event": "text received", field: "stop calling me at 3125550142"})
    assert event[field] == "<29 characters>"


def test_a_number_keeps_its_last_two_digits() -> None:
    """Enough to tell two leads of one log apart, too little to call one."""
    assert redacted("+13125550142") == "…42"
    assert redacted(None) is None
    assert redacted("42") == "…"


def test_other_fields_are_left_alone() -> None:
    """Ids and counts are what a log is for."""
    event = {"event": "call connected", "call": "CA1", "version": 3}
    assert redact(None, "info", dict(event)) == event


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("could not reach +13125550142", "could not reach …42"),
        ("could not reach (312) 555-0142", "could not reach …42"),
        ("From=%2B13125550142&Body=hi", "From=…42&Body=hi"),
        ("no such fact: 078-05-1120", "no such fact: [ssn]"),
        ("078-05-1120", "[ssn]"),
        ("bad value '4111 1111 1111 1111'", "bad value '[card]'"),
        ("path=/leads?ssn=078-05-1120", "path=/leads?ssn=[masked]"),
        ("the gate code is 4482", "the gate code is [code]"),
    ],
)
def test_numbers_are_taken_out_of_any_text(said: str, left: str) -> None:
    """Whichever field, and also the message itself: libraries write messages too."""
    assert scrubbed(said) == left
    assert redact(None, "info", {"event": said, "detail": said}) == {"event": left, "detail": left}


@pytest.mark.parametrize(
    "harmless",
    [
        "CA" + "1" * 32,
        "0d627e990905105a4128",
        "c34143cc032bf5d4c61529a4738bbf5540fca8af767f098132cede5b0356ac2c",
        "550e8400-e29b-41d4-a716-446655440000",
        "2026-11-22T22:33:10.123456Z",
        "http://127.0.0.1:8080/twilio/voice/continue/0d627e990905105a4128/1",
        "first_text@20261119T140000Z",
    ],
)
def test_ids_and_times_stay_whole(harmless: str) -> None:
    """A log whose ids are damaged helps nobody."""
    assert scrubbed(harmless) == harmless


def test_fields_within_fields_are_redacted() -> None:
    """At any depth, in any container, by name and by content."""
    given = {
        "lead": {"number": "+13125550142", "id": "lead:1", "facts": [{"text": "hi there"}, "ssn 078-05-1120"]},
        "seen": ("+13125550142", 3),
    }
    assert redact(None, "info", {"event": "x", **given}) == {
        "event": "x",
        "lead": {"number": "…42", "id": "lead:1", "facts": [{"text": "<8 characters>"}, "ssn [ssn]"]},
        "seen": ["…42", 3],
    }


def test_objects_are_named_not_shown() -> None:
    """The repr of an event holds what the lead said; an exception says its kind and a clean message."""
    logged = redact(
        None, "info", {"event": "x", "what": text_received(1, "my secret"), "error": ValueError("ssn 078-05-1120")}
    )
    assert logged == {"event": "x", "what": "<TextReceived>", "error": "ValueError: ssn [ssn]"}


def test_plain_values_stay_what_they_are() -> None:
    """Numbers, flags, times and enums keep their type."""
    values = {"event": "x", "ms": 12.5, "n": 3, "ok": True, "none": None, "at": NOW, "channel": Channel.SMS}
    assert redact(None, "info", dict(values)) == values


def test_an_exceptions_message_and_cause_are_redacted(capsys: pytest.CaptureFixture[str]) -> None:
    """The traceback keeps its lines: files and line numbers are what it is for."""
    set_up_logging()
    try:
        try:
            int("078-05-1120")
        except ValueError as error:
            raise RuntimeError("cannot store 4111 1111 1111 1111 for +13125550142") from error
    except RuntimeError:
        structlog.get_logger("test").exception("turn failed")
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application")
    err = capsys.readouterr().err
    ours, theirs = map(json.loads, err.splitlines())
    for line in (ours, theirs):
        assert "ValueError: invalid literal for int() with base 10: '[ssn]'" in line["exception"]
        assert "RuntimeError: cannot store [card] for …42" in line["exception"]
        assert re.search(r'File ".*test_telephony_log.py", line \d+, in', line["exception"])
    assert not re.search(r"078-05-1120'|4111 1111 1111 1111 for|5550142", err.replace("\\", ""))


def test_messages_of_the_libraries_are_redacted(capsys: pytest.CaptureFixture[str]) -> None:
    """Their arguments are in the message when it gets to us."""
    set_up_logging()
    logging.getLogger("twilio.http_client").warning("To=%s Body=%s", "+13125550142", "ssn 078-05-1120")
    assert json.loads(capsys.readouterr().err)["event"] == "To=…42 Body=ssn [ssn]"


def test_a_terminal_shows_no_more(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Colours instead of JSON, the same redaction."""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    set_up_logging()
    said = "a secret of the lead"
    try:
        raise RuntimeError("no room for 078-05-1120")
    except RuntimeError:
        structlog.get_logger("test").exception("turn failed", words=said, number="+13125550142")
    err = capsys.readouterr().err
    assert "RuntimeError: no room for [ssn]" in err
    assert "…42" in err
    assert said not in err


def test_a_log_line_is_json_and_redacted(capsys: pytest.CaptureFixture[str]) -> None:
    """Through the whole chain, as it would reach a collector."""
    set_up_logging()
    structlog.get_logger("test").info("text received", body="my words", number="+13125550142", conversation="c1")
    line = json.loads(capsys.readouterr().err)
    assert line["event"] == "text received"
    assert (line["body"], line["number"], line["conversation"]) == ("<8 characters>", "…42", "c1")


def test_an_error_is_logged_without_local_variables(capsys: pytest.CaptureFixture[str]) -> None:
    """Locals hold what the lead said."""
    set_up_logging()
    said = "a secret of the lead"
    try:
        raise RuntimeError("no")
    except RuntimeError:
        structlog.get_logger("test").exception("turn failed", words=said)
    err = capsys.readouterr().err
    assert "RuntimeError: no" in err
    assert said not in err


def test_requests_of_the_libraries_are_not_logged(capsys: pytest.CaptureFixture[str]) -> None:
    """Their lines hold query strings, and those hold numbers."""
    set_up_logging()
    logging.getLogger("uvicorn.access").info("GET /twilio/sms?From=+13125550142")
    logging.getLogger("httpx").info("HTTP Request: GET https://api.example.com/?To=+13125550142")
    assert capsys.readouterr().err == ""


@pytest.fixture(autouse=True)
def logging_as_it_was() -> object:
    """Leaves pytest's own logging as it found it."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level  # type: ignore[misc]
    structlog.reset_defaults()


def test_errors_are_counted_by_kind_and_never_by_what_they_quote() -> None:
    """Our words are fixed, a library's line may hold anything: of that only the logger's name is a label."""

    def counted(kind: str) -> float:
        return REGISTRY.get_sample_value("segue_errors_total", {"kind": kind}) or 0.0

    set_up_logging()
    ours, theirs = counted("clause lost"), counted("somebody.else")
    structlog.get_logger("ours").error("clause lost", call="CA1")
    structlog.get_logger("ours").warning("clause lost", call="CA1")
    logging.getLogger("somebody.else").error("no route to +13125550142")
    assert (counted("clause lost") - ours, counted("somebody.else") - theirs) == (1, 1)
    assert not [one for metric in REGISTRY.collect() for one in metric.samples if "5550142" in str(one.labels)]
