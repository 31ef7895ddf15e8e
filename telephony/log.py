"""Logging: one line per event, static text, data in fields, and nobody's number or words in clear.

Fields that could identify a person have fixed names (`PERSONAL`) and are redacted before they are rendered, in
development too: a log is copied into tickets sooner than anyone plans. What else a line holds, down to the message of
an exception, is searched for telephone numbers and for what the guard masks: a library that quotes its input in an
error does not know whose it is.
"""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from datetime import date, time, timedelta
from enum import Enum
from pathlib import Path
from typing import Any

import structlog

from agent.guard.sensitive import mask
from telephony.metrics import ERRORS

PERSONAL = frozenset({"number", "name", "text", "words", "body", "to", "sender"})
"""Fields whose value is never written, at any depth. Put personal data in no other field."""

TRACEBACKS = frozenset({"exception", "stack"})
"""Fields of several lines that structlog renders from an exception."""

DIGITS_SHOWN = 2

_PHONE = re.compile(
    r"(?<![\w+])(?:(?:\+|%2B)\d{8,15}|(?:\+?1[-. ]?)?(?:\([2-9]\d\d\) ?|[2-9]\d\d[-. ]?)[2-9]\d\d[-. ]?\d{4})(?![\w])"
)
_ID = re.compile(r"(?=[^\s]*[A-Za-z])[\w:@./?&=%+-]+")
"""One token with letters in it: an id, a path, an address. Its digits are no card, whatever they add up to."""
_SHAPE = re.compile(r"(?<![\w-])(?:\d{3}-\d{2}-\d{4}|\d{4}(?:-?\d{4}){3})(?![\w-])")
_FRAME = re.compile(r'\s*File ".*", line \d+')


def redact(logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: personal fields keep only what helps to tell two apart, others lose what is sensitive."""
    for field, value in event.items():
        event[field] = _clean(field, value)
    return event


def _clean(field: str, value: object) -> object:
    if field in PERSONAL:
        return redacted(value)
    match value:
        case str() if field in TRACEBACKS:
            return "\n".join(line if _FRAME.match(line) else scrubbed(line) for line in value.split("\n"))
        case Enum() | bool() | int() | float() | None | date() | time() | timedelta():
            return value
        case str() | Path():
            return scrubbed(str(value))
        case Mapping():
            return {scrubbed(str(key)): _clean(str(key), inner) for key, inner in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_clean(field, inner) for inner in value]
        case BaseException():
            return f"{type(value).__name__}: {scrubbed(str(value))}"
        case _:
            return f"<{type(value).__name__}>"  # its repr may quote anything


def scrubbed(text: str) -> str:
    """The text without telephone numbers and without the numbers that must not be kept."""
    masked = _SHAPE.sub("[masked]", text) if _ID.fullmatch(text) else mask(text)
    return _PHONE.sub(lambda number: f"…{number[0][-DIGITS_SHOWN:]}", masked)


def redacted(value: object) -> str | None:
    """A number's last two digits, or how long the text is."""
    if value is None:
        return None
    shown = str(value)
    digits = shown.removeprefix("+")
    if digits.isdecimal():
        return "…" + digits[-DIGITS_SHOWN:] if len(digits) > DIGITS_SHOWN else "…"
    return f"<{len(shown)} characters>"


def count(logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: counts errors. Our words are static; of a library's line only its logger's name is."""
    if event["level"] in {"error", "critical"}:
        record = event.get("_record")
        ERRORS.labels(event["event"] if record is None else record.name).inc()
    return event


def set_up_logging(*, level: int = logging.INFO) -> None:
    """Sends our logs and the libraries' to stderr: coloured lines on a terminal, JSON otherwise."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        count,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                # Before the redaction, which has to see the exception's message; never rich tracebacks: those print
                # local variables, so a lead's words.
                structlog.processors.StackInfoRenderer(),
                structlog.processors.format_exc_info,
                redact,
                _renderer(),
            ],
            foreign_pre_chain=shared,
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    # Request lines of these hold query strings, and a GET webhook's query holds telephone numbers;
    # ICE candidates are addresses.
    for chatty in ("uvicorn.access", "httpx", "httpcore", "docket", "twilio", "aioice"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def _renderer() -> structlog.typing.Processor:
    if sys.stderr.isatty():
        return structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    return structlog.processors.JSONRenderer()
