"""What Twilio's debugger would show: everything the server got wrong, with Twilio's error codes."""

from dataclasses import dataclass, field

import structlog

log = structlog.get_logger()


@dataclass(slots=True)
class Debugger:
    """Collects findings for whoever judges the server. Each is one line that begins with its code, or with `note`."""

    errors: list[str] = field(default_factory=list)
    """Requests that failed: the server could not be reached, refused, was slow, or answered nonsense."""
    warnings: list[str] = field(default_factory=list)
    """TwiML that was accepted but not as meant, and what the sandbox does otherwise than Twilio."""
    violations: list[str] = field(default_factory=list)
    """Messages on media streams that Twilio would have ignored."""

    def error(self, code: int, text: str) -> None:
        """Something failed."""
        self.errors.append(f"{code} {text}")
        log.warning("sandbox error", code=code, body=text)

    def warn(self, code: int, text: str) -> None:
        """Something was ignored or replaced by a default."""
        self.warnings.append(f"{code} {text}")
        log.info("sandbox warning", code=code, body=text)

    def note(self, text: str) -> None:
        """The sandbox allows or leaves out what Twilio would not. Said once."""
        line = f"note {text}"
        if line not in self.warnings:
            self.warnings.append(line)
