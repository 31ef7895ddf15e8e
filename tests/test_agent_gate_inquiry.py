from datetime import timedelta

import pytest
from gate_support import MINUTE, NOON, said, seen

from agent.gate.inquiry import OWN_INQUIRIES, RELATIONSHIP, inquired
from state.events import Channel
from state.view import Call


@pytest.mark.parametrize("source", sorted(OWN_INQUIRIES))
def test_a_form_of_his_own_is_an_inquiry(source: str) -> None:
    """For ninety days."""
    view = seen(source=source, arrived_at=NOON)
    assert inquired(view, NOON)
    assert inquired(view, NOON + RELATIONSHIP)
    assert not inquired(view, NOON + RELATIONSHIP + MINUTE)


@pytest.mark.parametrize("source", ["import", "quote_aggregator", "purchased_list", "", "WEB_FORM"])
def test_any_other_source_is_none(source: str) -> None:
    """A list is not the person; what is not known is not an inquiry."""
    assert not inquired(seen(source=source, arrived_at=NOON), NOON)


def test_talking_with_us_is_one() -> None:
    """A text, words on a call, a call to us: within the same ninety days."""
    for channel in Channel:
        assert inquired(seen(source="import", **said(MINUTE, channel)), NOON)
    for direction, is_one in (("inbound", True), ("outbound", False)):
        call = Call(call="CA1", direction=direction, status="completed", placed_at=NOON, ended=True)
        assert inquired(seen(source="import", calls={"CA1": call}), NOON) is is_one
    long_ago = seen(source="import", **said(timedelta(days=91)))
    assert not inquired(long_ago, NOON)
