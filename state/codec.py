"""Events as they are stored: JSON beside the number of the schema it was written in."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from state.errors import RecordUnreadable
from state.events import EVENT, SCHEMA, Event

Raw = dict[str, Any]

UPCASTS: Mapping[int, Callable[[Raw], Raw]] = {}
"""For each past schema, what lifts one of its events to the next. Empty while there has been only one schema."""


def encode(event: Event) -> str:
    """The event as JSON of the current schema."""
    return event.model_dump_json()


def decode(schema: int, data: str) -> Event:
    """Reads a stored event of any schema up to the current one.

    Raises:
        RecordUnreadable: if a newer program wrote it, or it is damaged. The message never quotes what it holds.
    """
    if schema > SCHEMA:
        raise RecordUnreadable(f"an event has schema {schema}, this program reads up to {SCHEMA}: upgrade it")
    try:
        return (
            EVENT.validate_json(data) if schema == SCHEMA else EVENT.validate_python(upcast(json.loads(data), schema))
        )
    except ValidationError as error:
        where = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['type']}" for item in error.errors())
        # Its own text quotes the input, which may hold what a person said.
        raise RecordUnreadable(f"a stored event of schema {schema} does not validate: {where}") from None


def upcast(raw: Raw, since: int, to: int = SCHEMA, steps: Mapping[int, Callable[[Raw], Raw]] = UPCASTS) -> Raw:
    """Lifts an event's fields from schema `since` to schema `to`, one schema at a time."""
    for schema in range(since, to):
        raw = steps[schema](raw)
    return raw
