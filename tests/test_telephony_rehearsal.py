"""What is made at its first use is there before the first lead comes."""

from pathlib import Path

import pytest
from telephony_kit import NOW

from agent.brain.local import LocalBrain
from agent.brain.reading import _compiled
from agent.campaign import Campaign, load_campaign
from agent.conversation import respond
from agent.snapshot import Snapshot, Utterance
from agent.words import phrase_pattern
from state.events import Channel
from state.view import View
from telephony.rehearsal import rehearse

pytestmark = pytest.mark.anyio

CAMPAIGNS = sorted((Path(__file__).parent.parent / "campaigns").glob("*.yaml"))


@pytest.mark.parametrize("campaign", [*map(load_campaign, CAMPAIGNS)], ids=lambda one: one.id)
async def test_the_first_text_finds_its_patterns(campaign: Campaign) -> None:
    """Whatever the campaign. A text may have a word of its own to look for, no more."""
    for made in (phrase_pattern, _compiled):
        made.cache_clear()
    await rehearse([campaign], NOW)
    made_before = phrase_pattern.cache_info().currsize + _compiled.cache_info().currsize
    view = View(number="+13125550143", campaign=campaign.id, brand=campaign.brand, arrived_at=NOW)
    snapshot = Snapshot(view, campaign, Channel.SMS, NOW)
    said = [move async for move in respond(LocalBrain(), snapshot, Utterance("Hi, yes I am still looking", "sms:1"))]
    assert said
    made_now = phrase_pattern.cache_info().currsize + _compiled.cache_info().currsize
    assert made_before > 50
    assert made_now - made_before < made_before / 20
