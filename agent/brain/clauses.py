"""Cuts a stream of text into clauses, so that speech can start before the answer is complete."""

import re

_SENTENCE_END = re.compile(r"""[.!?…]+["')\]”’]*(?=\s)""")
_PAUSE = re.compile(r"[,;:–—]+(?=\s)")
_PAUSE_NOW = re.compile(r"(?<![\d,;])[,;]$")
"""A comma that can be nothing else, though what follows it has not come yet; a digit might go on: "3,500"."""
_ABBREVIATION = re.compile(r"(?:^|[\s(])(?:Mr|Mrs|Ms|Dr|St|Jr|Sr|vs|e\.g|i\.e|[ap]\.m|[A-HJ-Z])\.$")

FIRST_CLAUSE = 5
"""Least length of the first clause, which may end at a comma: "Great," is enough to start speaking with."""
LONG_CLAUSE = 80
"""From this length on, later clauses too may end at a comma."""
LONGEST_CLAUSE = 200
"""A text without any punctuation is cut at a space before this length."""


class ClauseSplitter:
    """Takes text piece by piece and gives back clauses as soon as each is complete.

    A clause ends at the end of a sentence; the very first one, and long ones, at a comma too. The character after
    the end must have been seen ("3.5" is no end), so a clause comes one piece later than its full stop; only the
    first one, which somebody waits for, does not wait for what follows its comma.
    """

    def __init__(self) -> None:
        self._held = ""
        self._first = True

    def feed(self, text: str) -> list[str]:
        """Adds text; returns the clauses it completed, stripped and never empty."""
        self._held = (self._held + text).lstrip()
        complete: list[str] = []
        while end := self._end():
            complete.append(self._held[:end].strip())
            self._held = self._held[end:].lstrip()
            self._first = False
        return complete

    def flush(self) -> list[str]:
        """The text is over: returns what is left of it."""
        rest, self._held = self._held.strip(), ""
        return [rest] if rest else []

    def _end(self) -> int:
        """Where the first complete clause ends; 0 when none is complete yet."""
        shortest = FIRST_CLAUSE if self._first else LONG_CLAUSE
        sentence = _sentence_end(self._held)
        pause = next((found.end() for found in _PAUSE.finditer(self._held) if found.end() >= shortest), 0)
        if self._first and not pause and len(self._held) >= shortest and _PAUSE_NOW.search(self._held):
            pause = len(self._held)
        if sentence and pause:
            return min(sentence, pause)
        if sentence or pause:
            return sentence or pause
        return self._held.rfind(" ", 0, LONGEST_CLAUSE) if len(self._held) > LONGEST_CLAUSE else 0


def _sentence_end(text: str) -> int:
    ends = (found.end() for found in _SENTENCE_END.finditer(text))
    return next((end for end in ends if not _ABBREVIATION.search(text[:end])), 0)
