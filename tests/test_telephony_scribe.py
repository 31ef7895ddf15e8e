"""What a call's account keeps of somebody who does not want to be recorded."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from call_rig import CID, Rig, Script
from happenings import fact, lead_said, persona_said, suppressed

from agent.moves import Learn, Move, Say
from state.events import Event, FactLearned, LeadSaid, PersonaSaid
from state.store import Record
from state.view import View, fold_all
from telephony.scribe import UNKEPT, as_recorded

INSURANCE = Path(__file__).parent.parent / "campaigns" / "insurance.yaml"
REFUSED = fold_all(View(), [fact("recording_ok", False)])


def test_the_words_of_a_lead_who_refused_are_not_kept() -> None:
    """The turn is: that he spoke, and when."""
    said = lead_said(1, "We just bought a place.")
    assert as_recorded(said, REFUSED) == said.model_copy(update={"text": UNKEPT})


@pytest.mark.parametrize("view", [View(), fold_all(REFUSED, [fact("recording_ok", True, n=2)])])
def test_the_words_of_anybody_else_are(view: View) -> None:
    """Who was not asked yet, has heard that the line is recorded; who changed his mind has changed it."""
    assert as_recorded(lead_said(1, "We just bought a place."), view) == lead_said(1, "We just bought a place.")


@pytest.mark.parametrize("event", [fact("product", "home"), persona_said(2, "Got it."), suppressed()])
def test_everything_else_is_recorded(event: Event) -> None:
    """Facts, our own words, and an opt-out with the words it was made in: that is evidence."""
    assert as_recorded(event, REFUSED) == event


def brain(text: str) -> Sequence[Move]:
    """Understands what it needs to."""
    if "record" in text:
        return [Learn("recording_ok", False), Say("Of course, I have turned that off. Home or auto?")]
    return [Learn("product", "home"), Say("Got it.")]


@pytest.mark.anyio
async def test_a_call_goes_on_without_a_transcript(record: Record) -> None:
    """The brain hears every word; the record gets facts, and not one word from the refusal on."""
    async with Rig(record, Script(brain), INSURANCE) as rig:
        await rig.quiet()
        await rig.say("please do not record this")
        await rig.quiet()
        await rig.say("a bungalow by the lake")
        await rig.quiet()
    events = [event for _, event in await record.log(CID)]
    assert rig.brain.asked == ["please do not record this", "a bungalow by the lake"]
    assert [event.text for event in events if isinstance(event, LeadSaid)] == [UNKEPT, UNKEPT]
    assert [event.key for event in events if isinstance(event, FactLearned)] == ["recording_ok", "product"]
    assert [event.text for event in events if isinstance(event, PersonaSaid)][-1] == "Got it."
    assert "bungalow" not in repr(events)
