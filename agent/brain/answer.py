"""Reads one streamed answer of a model: text becomes clauses, tool calls are put together. Pure: no I/O, no time."""

import re
from collections.abc import Mapping

from openai.types.chat.chat_completion_chunk import ChoiceDelta, ChoiceDeltaToolCall

from agent.brain.clauses import ClauseSplitter
from agent.brain.tools import ToolCall
from agent.moves import Say


class AnswerReader:
    """Takes the deltas of one answer. `calls` holds the tool calls so far.

    `askable` maps facts to words they could be asked in, the likeliest first: a clause that asks is matched with it.
    """

    def __init__(self, askable: Mapping[str, str]) -> None:
        self.calls: list[ToolCall] = []
        self.characters = 0
        """Of text and of tool arguments."""
        self._askable = askable
        self._splitter = ClauseSplitter()
        self._sentence = ""

    def feed(self, delta: ChoiceDelta) -> list[Say]:
        """Adds one piece; returns the clauses it completed."""
        for piece in delta.tool_calls or ():
            self._gather(piece)
        text = delta.content or ""
        self.characters += len(text)
        return [self._say(clause) for clause in self._splitter.feed(text)]

    def finish(self) -> list[Say]:
        """The answer is complete: returns what is left of its text."""
        return [self._say(clause) for clause in self._splitter.flush()]

    def _gather(self, piece: ChoiceDeltaToolCall) -> None:
        # Servers number the calls, or give each its own id, or both.
        last = self.calls[-1] if self.calls else None
        if last is None or piece.index != last.index or (piece.id and last.id and piece.id != last.id):
            last = ToolCall(index=piece.index)
            self.calls.append(last)
        last.id = piece.id or last.id
        if piece.function:
            last.name = piece.function.name or last.name
            last.arguments += piece.function.arguments or ""
            self.characters += len(piece.function.arguments or "")

    def _say(self, clause: str) -> Say:
        # A question may come in several clauses ("Is it a house," "or a condo?"): the whole of it is matched.
        self._sentence = f"{self._sentence} {clause}"
        asks = asked_by(self._sentence, self._askable) if "?" in clause else None
        if re.search(r"[.!?…]\W*$", clause):
            self._sentence = ""
        return Say(clause, asks)


_COMMON_WORDS = """
a about an and any are at be can do does for from have how i if in is it like of on or ok okay our please so that the
then there this to was we what when where which who will with would you your
"""
_COMMON = frozenset(_COMMON_WORDS.split())


def asked_by(sentence: str, askable: Mapping[str, str]) -> str | None:
    """The fact that a sentence asks for: the one whose wording shares most words with it, the first one on a tie.

    None when no word is shared. That is the safe side: a question wrongly marked as asked might never be asked, one
    wrongly left open is at worst asked twice.
    """
    words = _stems(sentence)
    shared = {key: len(words & _stems(wording.replace("_", " "))) for key, wording in askable.items()}
    best = max(shared, key=lambda key: shared[key], default=None)
    return best if best is not None and shared[best] else None


def _stems(text: str) -> set[str]:
    words = set(re.findall(r"[a-z]+", text.lower())) - _COMMON
    return {re.sub(r"(?<=\w{3})(ing|ed|es|e|s)$", "", word) for word in words}
