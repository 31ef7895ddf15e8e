"""Links that are promised by text: kept with the real link, or visibly broken."""

from datetime import timedelta
from pathlib import Path

import pytest
from happenings import NOW

from agent.brain.local import decide
from agent.brain.tools import ToolCall, moves_of
from agent.campaign import Campaign, CampaignError, load_campaign
from agent.links import ASKS_FOR_LINK, link_named, link_promise
from agent.moves import Promise, Say
from agent.promises import settle
from agent.snapshot import Snapshot, Utterance
from agent.words import clean
from state.events import Channel, Promised
from state.fold import fold_all
from state.view import View

EDUCATION = load_campaign(Path("campaigns/higher_education.yaml"))
COST = "It's Riley at Lakemont. Here's the link: https://lakemont.example/cost"


def snapshot(channel: Channel = Channel.VOICE, campaign: Campaign = EDUCATION) -> Snapshot:
    """A lead of the university's."""
    return Snapshot(View(first_name="Tess", zip="85004"), campaign, channel, NOW)


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("can you text me the link", True),
        ("just send me a link to that page", True),
        ("what's the link?", True),
        ("text me tomorrow", False),
        ("I linked my account", False),
    ],
)
def test_who_asks_for_a_link(text: str, asks: bool) -> None:
    """And who does not."""
    assert (ASKS_FOR_LINK.search(clean(text)) is not None) is asks


def test_the_link_he_names_is_meant_else_the_first() -> None:
    """A campaign without links has none to name."""
    assert link_named("send me the visit link", snapshot()) == "visit"
    assert link_named("send me the link", snapshot()) == "cost"
    assert link_named("send me the link", snapshot(campaign=EDUCATION.model_copy(update={"links": {}}))) is None


def test_on_a_call_a_link_is_promised_with_the_text_that_keeps_it() -> None:
    """By text it is simply given."""
    moves = decide(snapshot(), Utterance("can you text me the link about the cost", "turn:1"))
    [promise] = [move for move in moves if isinstance(move, Promise)]
    assert (promise.by, promise.due, promise.body) == ("text", NOW, COST)
    answer = decide(snapshot(Channel.SMS), Utterance("whats the link", "sms:1"))
    assert any(isinstance(move, Say) and "https://lakemont.example/cost" in move.text for move in answer)
    assert not any(isinstance(move, Promise) for move in answer)


@pytest.mark.parametrize(("link", "body"), [("cost", COST), ("brochure", None), (None, None)])
def test_a_model_promises_links_by_name(link: str | None, body: str | None) -> None:
    """One that the campaign does not have leaves nothing to send."""
    named = f', "link": "{link}"' if link else ""
    call = ToolCall(0, "1", "promise", f'{{"what": "text the link", "by": "text"{named}}}')
    assert moves_of([call], snapshot(), Utterance("ok", "turn:1")) == [
        Promise("text the link", NOW, by="text", body=body)
    ]


def test_a_promise_without_its_text_is_broken_for_all_to_see() -> None:
    """Half an hour after it was due."""
    promise = link_promise("text the brochure", "brochure", snapshot())
    promised = Promised(id="p", at=NOW, what=promise.what, due=promise.due, by=promise.by, body=promise.body)
    view = fold_all(View(), [promised])
    assert settle(view, NOW + timedelta(minutes=29)) == []
    [settled] = settle(view, NOW + timedelta(minutes=31))
    assert settled.outcome == "broken"


def test_a_link_that_is_no_address_is_refused(tmp_path: Path) -> None:
    """It would be texted as it stands."""
    text = Path("campaigns/higher_education.yaml").read_text()
    (tmp_path / "broken.yaml").write_text(text.replace("https://lakemont.example/cost,", "our cost page,"))
    with pytest.raises(CampaignError, match=r"links\.cost: 'our cost page' is no address"):
        load_campaign(tmp_path / "broken.yaml")
