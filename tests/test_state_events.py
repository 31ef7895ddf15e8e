from typing import get_args

import pytest
from pydantic import BaseModel, ValidationError

from state.effects import Dial, PermitKind, SendText
from state.events import EVENT, EffectRequested, Event, conversation_id
from tests.happenings import NOW, lead_arrived, requested, send_text, text_received

KINDS: tuple[type[BaseModel], ...] = get_args(get_args(Event)[0])


def test_conversation_id_is_derived() -> None:
    """The same brand and number are the same conversation, in any process; another brand's is another."""
    assert conversation_id("harbor-lane", "+13125550142") == conversation_id("harbor-lane", "+13125550142")
    assert conversation_id("harbor-lane", "+13125550142") != conversation_id("elm-street", "+13125550142")


def test_conversation_id_hides_the_number() -> None:
    """Ids stand in URLs and logs: they are hex and carry no phone number."""
    cid = conversation_id("harbor-lane", "+13125550142")
    assert len(cid) == 20
    assert set(cid) <= set("0123456789abcdef")


def test_brand_and_number_do_not_run_together() -> None:
    """Where the brand ends and the number begins is part of the identity."""
    assert conversation_id("a1", "2") != conversation_id("a", "12")


def test_events_are_immutable() -> None:
    """What happened does not change."""
    with pytest.raises(ValidationError):
        text_received(1).body = "something else"


def test_unknown_fields_are_refused() -> None:
    """A misspelt field is an error, not silence."""
    with pytest.raises(ValidationError, match="bodi"):
        EVENT.validate_python({"kind": "text_received", "id": "1", "at": NOW, "sid": "SM1", "bodi": "hi"})


def test_kind_tells_the_class() -> None:
    """An event read back has the class it was written with."""
    event = lead_arrived(product="home")
    assert EVENT.validate_json(event.model_dump_json()) == event


def test_effects_are_told_apart_by_kind() -> None:
    """An effect inside an event keeps its class through JSON."""
    event = EVENT.validate_json(requested("send:1", send_text()).model_dump_json())
    assert isinstance(event, EffectRequested)
    assert isinstance(event.effect, SendText)


def test_kinds_are_distinct_and_named_after_the_class() -> None:
    """Each kind of event has one name, in snake case."""
    names = [kind.model_fields["kind"].default for kind in KINDS]
    assert len(set(names)) == len(names)
    assert [name.replace("_", "") for name in names] == [kind.__name__.lower() for kind in KINDS]


def test_effects_that_reach_a_lead_need_a_permit() -> None:
    """A send or a dial cannot be requested without saying why it is allowed."""
    with pytest.raises(ValidationError, match="permit"):
        SendText.model_validate({"to": "+13125550142", "body": "hi"})
    with pytest.raises(ValidationError, match="permit"):
        Dial.model_validate({"to": "+13125550142"})
    assert Dial(permit=PermitKind.REQUESTED_TIME, to="+13125550142").kind == "dial"
