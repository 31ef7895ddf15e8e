import json

import pytest

from state.codec import UPCASTS, Raw, decode, encode, upcast
from state.errors import RecordUnreadable
from state.events import SCHEMA
from tests.happenings import lead_arrived, text_received


def test_what_is_encoded_decodes() -> None:
    """An event of the current schema is read back as it was."""
    event = lead_arrived(product="home", drivers=2)
    assert decode(SCHEMA, encode(event)) == event


def test_every_past_schema_has_an_upcast() -> None:
    """No stored event is left behind when the schema moves on."""
    assert set(UPCASTS) == set(range(1, SCHEMA))


def test_upcasts_are_applied_one_schema_at_a_time() -> None:
    """An old event is lifted through each schema between."""

    def rename(raw: Raw) -> Raw:
        return {"words": raw["text"]}

    def wrap(raw: Raw) -> Raw:
        return {"words": [raw["words"]]}

    steps = {1: rename, 2: wrap}
    assert upcast({"text": "hi"}, since=1, to=3, steps=steps) == {"words": ["hi"]}
    assert upcast({"words": "hi"}, since=2, to=3, steps=steps) == {"words": ["hi"]}
    assert upcast({"words": ["hi"]}, since=3, to=3, steps=steps) == {"words": ["hi"]}


def test_newer_schema_is_refused() -> None:
    """An old program does not guess what a newer one meant."""
    with pytest.raises(RecordUnreadable, match="upgrade"):
        decode(SCHEMA + 1, encode(text_received(1)))


def test_damage_is_reported_without_the_words() -> None:
    """The error names the field at fault and quotes nothing a person said."""
    damaged = json.loads(encode(text_received(1, "my secret"))) | {"media": "my secret"}
    with pytest.raises(RecordUnreadable, match="media") as caught:
        decode(SCHEMA, json.dumps(damaged))
    assert "my secret" not in str(caught.value)


def test_broken_json_is_reported() -> None:
    """What is not JSON at all is unreadable, too."""
    with pytest.raises(RecordUnreadable, match="json_invalid"):
        decode(SCHEMA, '{"kind": "text_rec')
