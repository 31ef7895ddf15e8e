import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from brain_support import CAMPAIGN, said, snapshot
from pydantic import JsonValue

from agent.brain.tools import ToolCall, ToolError, moves_of, tools_of
from agent.moves import End, HandOff, Learn, Move, Promise
from agent.snapshot import Snapshot


def moves(name: str, arguments: object, at: Snapshot | None = None, words: str = "") -> list[Move]:
    """What one call amounts to."""
    call = ToolCall(name=name, arguments=arguments if isinstance(arguments, str) else json.dumps(arguments))
    return moves_of([call], at or snapshot(), said(words))


def parameters(name: str) -> dict[str, Any]:
    """The schema of a tool's arguments."""
    tool = next(tool for tool in tools_of(CAMPAIGN) if tool["function"]["name"] == name)
    return dict(tool["function"]["parameters"])


def test_learn_has_one_typed_property_per_question() -> None:
    """The schema is the campaign's: enum values, ranges and formats, and no other key."""
    schema = parameters("learn")
    assert schema["additionalProperties"] is False
    assert set(schema["properties"]) == {question.key for question in CAMPAIGN.questions}
    assert schema["properties"]["product"] == {"enum": ["auto", "home"], "type": "string"}
    assert schema["properties"]["vehicles"] == {"maximum": 12, "minimum": 1, "type": "integer"}
    assert schema["properties"]["closing_date"] == {"format": "date", "type": "string"}
    assert schema["properties"]["purposes"]["items"]["enum"] == ["price", "coverage"]


@pytest.mark.parametrize("name", ["learn", "promise", "hand_off", "end"])
def test_no_tool_takes_unknown_arguments(name: str) -> None:
    """Every schema is closed."""
    assert parameters(name)["additionalProperties"] is False


FITTING: list[tuple[str, JsonValue, JsonValue]] = [
    ("product", "home", "home"),
    ("bought_house", True, True),
    ("bought_house", "true", True),
    ("vehicles", 2, 2),
    ("vehicles", "2", 2),
    ("closing_date", "2026-11-13", "2026-11-13"),
    ("purposes", ["price", "coverage"], ["price", "coverage"]),
    ("callback", "2026-11-18T18:00:00", "2026-11-18T18:00:00"),
    ("current_carrier", "state farm", "state farm"),
    ("zip", "60614", "60614"),
]


@pytest.mark.parametrize(("key", "given", "stored"), FITTING)
def test_a_value_that_fits_is_learned(key: str, given: JsonValue, stored: JsonValue) -> None:
    """Values are read as their question's type and stored as the record holds them."""
    assert moves("learn", {key: given}, words="I'm with State Farm, in 60614.") == [Learn(key, stored)]


UNFITTING: list[tuple[str, JsonValue]] = [
    ("product", "boat"),
    ("product", ["home"]),
    ("bought_house", "maybe"),
    ("vehicles", 0),
    ("vehicles", 13),
    ("vehicles", 1.5),
    ("closing_date", "last friday"),
    ("closing_date", "2026-02-30"),
    ("closing_date", "2024-11-13"),
    ("closing_date", "2028-11-13"),
    ("purposes", "price"),
    ("callback", "2026-11-18T18:00:00Z"),
    ("current_carrier", "Allstate"),
    ("current_carrier", ""),
    ("current_carrier", "State Farm " * 5),
    ("zip", "6061"),
    ("zip", "60615"),
    ("favourite_colour", "blue"),
    ("product", None),
]


@pytest.mark.parametrize(("key", "given"), UNFITTING)
def test_a_value_that_does_not_fit_is_dropped(key: str, given: JsonValue) -> None:
    """Unknown keys, wrong types, values out of range or window, and texts the lead did not say are no facts."""
    assert moves("learn", {key: given}, words="State Farm, 60614") == []


def test_one_bad_fact_does_not_spoil_the_others() -> None:
    """Each fact is judged by itself."""
    assert moves("learn", {"vehicles": 99, "product": "home", "colour": "blue"}) == [Learn("product", "home")]


def test_the_window_of_a_date_is_counted_from_the_leads_day() -> None:
    """Both ends of the window are allowed, the day after is not."""
    today = datetime(2026, 11, 18, tzinfo=UTC)
    last, too_late = (today + timedelta(days=days) for days in (240, 241))
    assert moves("learn", {"closing_date": f"{last:%Y-%m-%d}"})
    assert not moves("learn", {"closing_date": f"{too_late:%Y-%m-%d}"})


def test_promises_may_have_a_time() -> None:
    """A due time carries its offset."""
    promised = moves("promise", {"what": "call back", "due": "2026-11-18T18:00:00-06:00"})
    assert promised == [Promise("call back", datetime(2026, 11, 19, 0, 0, tzinfo=UTC))]
    assert moves("promise", {"what": "send the link"}) == [Promise("send the link")]


@pytest.mark.parametrize("reason", ["requested", "emergency"])
def test_a_person_is_found_whenever_one_is_wanted(reason: Any) -> None:
    """A request or an emergency needs no facts."""
    assert moves("hand_off", {"reason": reason}) == [HandOff(reason)]


def test_qualified_is_the_campaigns_to_say() -> None:
    """A model that calls a lead qualified before the campaign's facts are known is not believed."""
    assert moves("hand_off", {"reason": "qualified"}) == []
    ready = snapshot({"product": "home", "property_type": "condo"})
    assert moves("hand_off", {"reason": "qualified"}, ready) == [HandOff("qualified")]


def test_end_has_a_reason() -> None:
    """The end of the conversation says why."""
    assert moves("end", {"reason": "goodbye"}) == [End("goodbye")]


MALFORMED: list[tuple[str, object]] = [
    ("learn", '{"product": "home"'),
    ("learn", "[]"),
    ("learn", '"product"'),
    ("promise", {}),
    ("promise", {"what": "call", "due": "at six"}),
    ("promise", {"what": "call", "due": "2026-11-18T18:00:00"}),
    ("promise", {"what": "call", "when": "now"}),
    ("hand_off", {"reason": "bored"}),
    ("end", {}),
    ("end", ""),
    ("send_text", {}),
    ("", "{}"),
]


@pytest.mark.parametrize(("name", "arguments"), MALFORMED)
def test_a_call_that_cannot_be_read_is_an_error(name: str, arguments: object) -> None:
    """No JSON, no object, missing or unknown arguments, unknown tools: nothing of it is guessed at."""
    with pytest.raises(ToolError):
        moves(name, arguments)


def test_one_unreadable_call_spoils_the_answer() -> None:
    """Calls count together or not at all."""
    calls = [ToolCall(name="learn", arguments='{"product": "home"}'), ToolCall(name="end", arguments="{")]
    with pytest.raises(ToolError):
        moves_of(calls, snapshot(), said(""))


def test_no_arguments_are_an_empty_object() -> None:
    """Some servers send nothing where a tool has only optional arguments."""
    assert moves("learn", "") == []
