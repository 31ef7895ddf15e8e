"""The brain that asks a language model.

The local rules go first in every turn: they find the facts they are sure of and plan what has to be done. The model
finds the words, and may learn and do more. When it fails in any way, the rules' own words finish the turn, so an
outage is heard as a plainer answer and never as silence.
"""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

import structlog
from openai.types.chat import ChatCompletionFunctionToolParam, ChatCompletionMessageParam
from openai.types.chat.chat_completion_chunk import ChoiceDelta

from agent import identity
from agent.brain import Brain
from agent.brain.answer import AnswerReader
from agent.brain.model_stream import AnswerError, Failure, Limits, Model, Patience, ToolChoice, deltas
from agent.brain.prompt import messages_of
from agent.brain.tools import ToolCall, ToolError, moves_of, tools_of
from agent.brain.turn import Turn, with_facts
from agent.campaign import Campaign
from agent.moves import Move, Say
from agent.snapshot import Snapshot, Spent, Utterance

__all__ = ["Failure", "Limits", "LlmBrain", "Usage"]

log = structlog.get_logger()

_ROUNDS: tuple[ToolChoice, ...] = ("auto", "none")
"""Many models that call tools say nothing with it: they are asked once more, for words only."""


@dataclass(slots=True)
class Usage:
    """What all turns together cost. Characters rather than tokens: every endpoint's text has them."""

    turns: int = 0
    finished: int = 0
    """Turns read to their end. The others were abandoned (speculation, interruptions) or are still under way."""
    requests: int = 0
    characters_in: int = 0
    """Of the messages sent; the tools' schemas are not counted."""
    characters_out: int = 0
    failures: Counter[Failure] = field(default_factory=Counter)
    """One per turn that the rules had to finish."""
    first_token_s: deque[float] = field(default_factory=lambda: deque(maxlen=1000))
    """How long each of the last requests took to its first token."""


class LlmBrain:
    """A `Brain`. Holds a model and `usage`, but nothing of any conversation.

    `fallback` must be local and quick: it is asked in every turn, before the model. Closing the iterator of a reply
    closes the model's stream, which stops it at the provider.
    """

    def __init__(self, model: Model, fallback: Brain, *, limits: Limits | None = None) -> None:
        self.usage = Usage()
        self._model = model
        self._fallback = fallback
        self._limits = limits or Limits()
        self._offered: tuple[Campaign, list[ChatCompletionFunctionToolParam]] | None = None
        """The campaign that was asked for last and its tools: making their schemas takes 4 ms."""

    async def warm_up(self) -> None:
        """Makes the first turn as quick as those after it."""
        await self._model.warm_up()

    async def close(self) -> None:
        """Closes the connections."""
        await self._model.close()

    async def reply(self, snapshot: Snapshot, utterance: Utterance) -> AsyncGenerator[Move, None]:
        """Streams the moves of one turn: the rules' facts, the model's clauses, then what is to be done."""
        turn = Turn(snapshot, utterance, [move async for move in self._fallback.reply(snapshot, utterance)])
        if identity.is_open(snapshot):
            for move in turn.plan:  # A model is told too much for somebody who may be a stranger.
                yield move
            return
        self.usage.turns += 1
        for fact in turn.facts():
            yield fact
        try:
            async with aclosing(self._answer(turn)) as moves:
                async for move in moves:
                    yield move
            rest = turn.still_to_do()
        except Exception as error:  # a server can send anything, and whatever it is, the lead must be answered
            self._note(error, turn)
            rest = turn.remainder(await self._plan(turn))
        for move in rest:
            yield move
        self.usage.finished += 1

    def _note(self, error: Exception, turn: Turn) -> None:
        failure = error.failure if isinstance(error, AnswerError) else Failure.NONSENSE
        self.usage.failures[failure] += 1
        log.warning(
            "model failed, local rules finish the turn",
            failure=failure,
            clauses=len(turn.said),
            exc_info=failure is Failure.NONSENSE,
        )

    async def _plan(self, turn: Turn) -> Sequence[Move]:
        """The rules' plan, given what the model learned before it failed."""
        if not turn.learned():
            return turn.plan
        snapshot = with_facts(turn.snapshot, turn.learned(), turn.utterance)
        return [move async for move in self._fallback.reply(snapshot, turn.utterance)]

    async def _answer(self, turn: Turn) -> AsyncGenerator[Move, None]:
        """The model's own moves.

        Raises:
            AnswerError: when it fails. What was yielded before stands.
        """
        messages = messages_of(turn.known(), turn.utterance, turn.plan)
        patience = Patience(self._limits)
        for tool_choice in _ROUNDS:
            reader = AnswerReader(turn.askable())
            pieces = self._ask(messages, turn, tool_choice, patience)
            async with aclosing(self._clauses(reader, pieces, turn.utterance.spent)) as clauses:
                async for say in clauses:
                    turn.said.append(say)
                    yield say
            for move in turn.take(_understood(reader.calls, turn)):
                yield move
            if turn.said or not reader.calls:
                break
            messages = [*messages, *_results(reader.calls)]
        if not turn.said:
            raise AnswerError(Failure.EMPTY)

    async def _clauses(
        self, reader: AnswerReader, pieces: AsyncGenerator[ChoiceDelta, None], spent: Spent
    ) -> AsyncGenerator[Say, None]:
        """The clauses of one answer. One that grows too long ends after its last complete clause."""
        loop = asyncio.get_running_loop()
        asked = loop.time()
        try:
            async with aclosing(pieces):
                async for piece in pieces:
                    if reader.characters == 0:
                        self.usage.first_token_s.append(loop.time() - asked)
                    spent.tokens += 1
                    for say in reader.feed(piece):
                        yield say
                    if reader.characters > self._limits.characters:
                        return
                for say in reader.finish():
                    yield say
        finally:
            self.usage.characters_out += reader.characters

    def _ask(
        self, messages: list[ChatCompletionMessageParam], turn: Turn, tool_choice: ToolChoice, patience: Patience
    ) -> AsyncGenerator[ChoiceDelta, None]:
        characters = sum(len(str(message.get("content", ""))) for message in messages)
        self.usage.requests += 1
        self.usage.characters_in += characters
        turn.utterance.spent.prompt_characters += characters
        return deltas(self._model.stream(messages, self._tools(turn.snapshot.campaign), tool_choice), patience)

    def _tools(self, campaign: Campaign) -> list[ChatCompletionFunctionToolParam]:
        if self._offered is None or self._offered[0] is not campaign:
            self._offered = campaign, tools_of(campaign)
        return self._offered[1]


def _understood(calls: list[ToolCall], turn: Turn) -> list[Move]:
    try:
        return moves_of(calls, turn.snapshot, turn.utterance)
    except ToolError as error:
        raise AnswerError(Failure.MALFORMED) from error


def _results(calls: list[ToolCall]) -> list[ChatCompletionMessageParam]:
    """The calls and their results, as the protocol wants them told back."""
    asked: ChatCompletionMessageParam = {
        "role": "assistant",
        "tool_calls": [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in calls
        ],
    }
    answers: list[ChatCompletionMessageParam] = [
        {"role": "tool", "tool_call_id": call.id, "content": "Done. Now write your words to the lead."}
        for call in calls
    ]
    return [asked, *answers]
