"""Reads one streamed answer of a model: text becomes clauses, tool calls are put together. Pure: no I/O, no time."""

import re
from collections.abc import Mapping

from openai.types.chat.chat_completion_chunk import ChoiceDelta, ChoiceDeltaToolCall

from agent.asked_by import asked_by
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
