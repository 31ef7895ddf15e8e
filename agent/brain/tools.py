"""What a model may do besides talking: its tools, made from the campaign, and what a call of one means.

Schemas and checks come from the same types, so a model is never told one thing and judged by another. A fact that
does not fit its question is dropped: a wrong fact costs more than an open question. A call that cannot be read at
all is a `ToolError`: then nothing that the answer wanted done is trusted.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Annotated, Any, Literal

import structlog
from openai.types.chat import ChatCompletionFunctionToolParam
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, NaiveDatetime, TypeAdapter, ValidationError

from agent.asking import is_ready
from agent.campaign import Campaign, Question
from agent.links import link_promise
from agent.moves import End, HandOff, Learn, Move, Promise
from agent.snapshot import Snapshot, Utterance, local_now

log = structlog.get_logger()


class ToolError(Exception):
    """A tool call that cannot be read: no JSON object, or not the tool's shape."""


@dataclass(slots=True)
class ToolCall:
    """One call as it streams in; `arguments` is JSON once it is complete."""

    index: int = 0
    id: str = ""
    name: str = ""
    arguments: str = ""


class _Arguments(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Promise(_Arguments):
    what: Annotated[str, Field(min_length=1, max_length=200)]
    due: AwareDatetime | None = None
    by: Literal["call", "text", "person"] | None = None
    link: Annotated[str | None, Field(description="the link's name, where a text with a link is promised")] = None


class _HandOff(_Arguments):
    reason: Literal["qualified", "requested", "emergency"]


class _End(_Arguments):
    reason: Annotated[str, Field(min_length=1, max_length=200)]


def tools_of(campaign: Campaign) -> list[ChatCompletionFunctionToolParam]:
    """The tools a model is offered: `learn`, with one typed property per campaign question, and three fixed ones."""
    return [
        _tool(
            "learn", "Record what the lead just said about themselves. Only what they really said.", _learn(campaign)
        ),
        _tool("promise", "Record something you commit us to, such as calling back at a time.", _schema(_Promise)),
        _tool("hand_off", "Ask for a human agent to take over.", _schema(_HandOff)),
        _tool("end", "End the conversation after your words.", _schema(_End)),
    ]


def moves_of(calls: list[ToolCall], snapshot: Snapshot, utterance: Utterance) -> list[Move]:
    """What the calls of one answer amount to, in their order.

    Raises:
        ToolError: if any of them cannot be read.
    """
    return [move for call in calls for move in _read(call, snapshot, utterance)]


def _read(call: ToolCall, snapshot: Snapshot, utterance: Utterance) -> Iterator[Move]:
    arguments = _object(call.arguments)
    try:
        match call.name:
            case "learn":
                yield from _facts(arguments, snapshot, utterance)
            case "promise":
                promise = _Promise.model_validate(arguments)
                by_text = promise.by == "text"
                yield (
                    link_promise(promise.what, promise.link, snapshot, promise.due)
                    if by_text
                    else Promise(promise.what, promise.due, by=promise.by)
                )
            case "hand_off":
                yield from _hand_off(_HandOff.model_validate(arguments), snapshot)
            case "end":
                yield End(_End.model_validate(arguments).reason)
            case _:
                raise ToolError("no such tool")
    except ValidationError as error:
        raise ToolError(f"not the shape of {call.name}") from error


def _hand_off(asked: _HandOff, snapshot: Snapshot) -> Iterator[HandOff]:
    # Whether a lead is qualified is the campaign's to say: an agent's time is dear.
    if asked.reason != "qualified" or is_ready(snapshot.view, snapshot.campaign):
        yield HandOff(asked.reason)
    else:
        log.warning("model called a lead qualified too early, dropped")


def _object(arguments: str) -> dict[str, JsonValue]:
    try:
        value = json.loads(arguments or "{}")
    except json.JSONDecodeError as error:
        raise ToolError("arguments are not JSON") from error
    if not isinstance(value, dict):
        raise ToolError("arguments are not an object")
    return value


def _facts(arguments: dict[str, JsonValue], snapshot: Snapshot, utterance: Utterance) -> Iterator[Learn]:
    for key, value in arguments.items():
        question = snapshot.campaign.question(key)
        if value is None:
            continue  # how many models say "not told"
        if question is None:
            log.warning("model learned a fact the campaign does not know, dropped")
            continue
        try:
            yield Learn(key, checked(question, value, local_now(snapshot).date(), utterance.text))
        except ValueError:
            log.warning("model learned a value its question does not allow, dropped", question=key)


def checked(question: Question, value: JsonValue, today: date, said: str) -> JsonValue:
    """The value as the record holds it (dates as ISO strings).

    Raises:
        ValueError: if the question's type, range or window does not allow it, or if a text or ZIP is not in what the
            lead `said` (models make such things up).
    """
    adapter = _adapter(question)
    parsed = adapter.validate_python(value)
    if question.validate_ and isinstance(parsed, date):
        day = parsed.date() if isinstance(parsed, datetime) else parsed
        if not question.validate_.allows((day - today).days):
            raise ValueError("outside the question's window")
    if question.type in ("text", "zip") and not _words(str(parsed)) <= _words(said):
        raise ValueError("not the lead's words")
    stored: JsonValue = adapter.dump_python(parsed, mode="json")
    return stored


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))


def _learn(campaign: Campaign) -> dict[str, object]:
    facts = {question.key: _adapter(question).json_schema() for question in campaign.questions}
    return {"type": "object", "properties": facts, "additionalProperties": False}


def _adapter(question: Question) -> TypeAdapter[Any]:
    return _type(question.type, question.values, question.multi, question.min, question.max, question.max_len)


@lru_cache(maxsize=256)
def _type(
    kind: str, values: tuple[str, ...], multi: bool, least: int | None, most: int | None, longest: int | None
) -> TypeAdapter[Any]:
    """The type of a question's answer. Any: types made from data are beyond static typing."""
    types: dict[str, Any] = {
        "enum": Literal[values] if values else str,
        "int": Annotated[int, Field(ge=least, le=most)],
        "date": date,
        "datetime": NaiveDatetime,
        "bool": bool,
        "zip": Annotated[str, Field(pattern=r"^\d{5}$")],
        "text": Annotated[str, Field(min_length=1, max_length=longest or 200)],
    }
    answer = types[kind]
    return TypeAdapter(list[answer] if multi else answer)  # type: ignore[valid-type]  # known at run time only


def _schema(model: type[BaseModel]) -> dict[str, object]:
    return model.model_json_schema()


def _tool(name: str, description: str, parameters: dict[str, object]) -> ChatCompletionFunctionToolParam:
    return {"type": "function", "function": {"name": name, "description": description, "parameters": parameters}}
