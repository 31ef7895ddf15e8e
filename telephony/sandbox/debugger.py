"""What Twilio's debugger would show: everything the server got wrong, with Twilio's error codes."""

from dataclasses import dataclass, field

import structlog

log = structlog.get_logger()


@dataclass(slots=True)
class Debugger:
    """Collects findings for whoever judges the server. Each is one line; faults begin with their code."""

    errors: list[str] = field(default_factory=list)
    """Requests that failed: the server could not be reached, refused, was slow, or answered nonsense."""
    warnings: list[str] = field(default_factory=list)
    """TwiML and fields that were accepted but not as meant."""
    violations: list[str] = field(default_factory=list)
    """Messages on media streams that Twilio would have ignored."""
    notes: list[str] = field(default_factory=list)
    """What the sandbox lets through or leaves out where Twilio would not. No fault of the server's."""

    def error(self, code: int, text: str) -> None:
        """Something failed."""
        self.errors.append(f"{code} {text}")
        log.warning("sandbox error", code=code, body=text)

    def warn(self, code: int, text: str) -> None:
        """Something was ignored or replaced by a default."""
        self.warnings.append(f"{code} {text}")
        log.info("sandbox warning", code=code, body=text)

    def note(self, text: str) -> None:
        """The sandbox differs from Twilio here. Said once."""
        if text not in self.notes:
            self.notes.append(text)
