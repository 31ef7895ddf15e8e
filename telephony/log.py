"""Logging: one line per event, static text, data in fields, and nobody's number or words in clear.

Fields that could identify a person have fixed names (`PERSONAL`) and are redacted before they are rendered, in
development too: a log is copied into tickets sooner than anyone plans.
"""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

PERSONAL = frozenset({"number", "name", "text", "words", "body", "to", "sender"})
"""Fields whose value is never written. Put personal data in no other field."""

DIGITS_SHOWN = 2


def redact(logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: personal fields keep only what helps to tell two apart."""
    for field in PERSONAL & event.keys():
        event[field] = redacted(event[field])
    return event


def redacted(value: object) -> str | None:
    """A number's last two digits, or how long the text is."""
    if value is None:
        return None
    shown = str(value)
    digits = shown.removeprefix("+")
    if digits.isdecimal():
        return "…" + digits[-DIGITS_SHOWN:] if len(digits) > DIGITS_SHOWN else "…"
    return f"<{len(shown)} characters>"


def set_up_logging(*, level: int = logging.INFO) -> None:
    """Sends our logs and the libraries' to stderr: coloured lines on a terminal, JSON otherwise."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        redact,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_renderers()],
            foreign_pre_chain=shared,
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    # Request lines of these hold query strings, and a GET webhook's query holds telephone numbers.
    for chatty in ("uvicorn.access", "httpx", "httpcore", "docket", "twilio"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def _renderers() -> list[structlog.typing.Processor]:
    if sys.stderr.isatty():
        # Rich tracebacks print local variables, so a lead's words: the plain ones do not.
        return [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
