"""Nobody's number or words are logged in clear."""

import json
import logging

import pytest
import structlog

from telephony.log import PERSONAL, redact, redacted, set_up_logging


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
