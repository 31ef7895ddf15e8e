"""What a scripted lead answers to what he hears or reads. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class When:
    """An answer, spoken when `pattern` (a regular expression, case ignored) is found in the agent's turn.

    With `text` he also sends that by SMS while he talks. With `hang_up` he then ends the call.
    """

    pattern: str
    say: str
    once: bool = True
    text: str | None = None
    hang_up: bool = False


@dataclass(frozen=True, slots=True)
class Interrupt:
    """Speaks over the agent: `after_ms` into the `at`-th turn, from 1, or after the pattern `at` was heard."""

    at: str | int
    after_ms: int
    say: str


@dataclass(frozen=True, slots=True)
class TextBack:
    """Answers a text in which `pattern` is found, after a delay."""

    pattern: str
    say: str
    delay_s: float = 2.0
    once: bool = True


@dataclass(slots=True)
class Script:
    """Rules in order of precedence, and `fallbacks` for turns no rule covers: each once, then nothing."""

    rules: Sequence[When] = ()
    fallbacks: Sequence[str] = ()
    interrupts: Sequence[Interrupt] = ()
    texts: Sequence[TextBack] = ()
    _used: set[object] = field(default_factory=set)

    def answer(self, heard: str) -> When | None:
        """The answer to a turn; None: say nothing."""
        for rule in self.rules:
            if rule not in self._used and _found(rule.pattern, heard):
                if rule.once:
                    self._used.add(rule)
                return rule
        for number, fallback in enumerate(self.fallbacks):
            if number not in self._used:
                self._used.add(number)
                return When("", fallback)
        return None

    def interrupt(self, turn: int) -> Interrupt | None:
        """The interruption planned for a turn by its number."""
        for interrupt in self.interrupts:
            if interrupt.at == turn and interrupt not in self._used:
                self._used.add(interrupt)
                return interrupt
        return None

    @property
    def listens_in(self) -> bool:
        """Whether an interruption waits for words, so that a turn must be understood while it is spoken."""
        return any(isinstance(interrupt.at, str) and interrupt not in self._used for interrupt in self.interrupts)

    def interrupt_on(self, heard: str) -> Interrupt | None:
        """The interruption that words call for."""
        for interrupt in self.interrupts:
            if isinstance(interrupt.at, str) and interrupt not in self._used and _found(interrupt.at, heard):
                self._used.add(interrupt)
                return interrupt
        return None

    def text_back(self, body: str) -> TextBack | None:
        """The answer to a text."""
        for rule in self.texts:
            if rule not in self._used and _found(rule.pattern, body):
                if rule.once:
                    self._used.add(rule)
                return rule
        return None

    def lines(self) -> Iterable[str]:
        """Everything that may have to be spoken."""
        yield from (rule.say for rule in self.rules)
        yield from self.fallbacks
        yield from (interrupt.say for interrupt in self.interrupts)


def _found(pattern: str, words: str) -> bool:
    return re.search(pattern, words, re.IGNORECASE) is not None
