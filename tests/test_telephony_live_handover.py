"""The transfer as the lead's call sees it: who is announced, when he is put through, and when that is unsaid."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from happenings import NOW, consent, lead_arrived

from agent.campaign import load_campaign
from agent.moves import Say
from agent.snapshot import Snapshot
from audio.playout import Heard
from state.effects import HandoffStep, PermitKind
from state.events import CallConnected, CallEnded, CallPlaced, Channel, Event, HandoffAdvanced
from state.fold import fold_all
from state.view import View
from telephony.live.agenda import Item
from telephony.live.handover import HandOver
from telephony.live.scribe import Scribe

pytestmark = pytest.mark.anyio

CALL = "CA1"
CAMPAIGN = load_campaign(Path(__file__).parent.parent / "campaigns" / "insurance.yaml")
ALL = Heard("all of it", 900, complete=True)
HALF = Heard("half", 400, complete=False)


class Stage:
    """A call that only notes what is planned, and the record's side of it."""

    def __init__(self, *events: Event) -> None:
        placed = CallPlaced(id="placed", at=NOW, call=CALL, effect="d", permit=PermitKind.INITIATE)
        up = CallConnected(id="up:1", at=NOW, call=CALL, stream="MZ1")
        self.view = fold_all(View(), [lead_arrived(), consent(), placed, up, *events])
        self.call, self.campaign = CALL, CAMPAIGN
        self.planned: list[Item] = []
        self.retracted: list[Item] = []
        self.left: list[str] = []
        persona = SimpleNamespace(plan=self.planned.append, retract=self.retracted.append, leave=self.left.append)
        self.handover = HandOver(cast(Any, persona), cast(Scribe, self), lambda: NOW)

    def snapshot(self) -> Snapshot:
        """What is known."""
        return Snapshot(self.view, CAMPAIGN, Channel.VOICE, NOW)

    def put(self, *events: Event) -> None:
        """Into the record with it."""
        self.view = fold_all(self.view, events)

    def comes_to(self, step: HandoffStep, **more: Any) -> None:
        """The transfer takes a step, and the call hears of it."""
        self.put(event := at(step, **more))
        self.handover.advanced(event)

    async def words(self) -> str:
        """What was planned last."""
        return " ".join([move.text async for move in self.planned[-1].moves() if isinstance(move, Say)])

    def heard(self, heard: Heard) -> None:
        """The last of what was planned is over."""
        assert self.planned[-1].then is not None
        self.planned[-1].then(heard)


def at(step: HandoffStep, **more: Any) -> HandoffAdvanced:
    """The transfer to Sarah having come to a step."""
    given = {"handoff": "h1", "call": CALL, "agent": "Sarah"} | more
    return HandoffAdvanced(id=f"handoff:{given['handoff']}:{step}", at=NOW, step=step, **given)


async def test_nobody_is_announced_before_he_has_accepted() -> None:
    """Ringing and whisper are silent; then he hears her name, and is put through once he has heard all of it."""
    stage = Stage()
    for step in (HandoffStep.REQUESTED, HandoffStep.RINGING, HandoffStep.BRIEFING):
        stage.comes_to(step)
    assert stage.planned == []
    stage.comes_to(HandoffStep.ACCEPTED)
    assert "Connecting you with Sarah now." in await stage.words()
    assert stage.left == []
    stage.heard(HALF)
    assert len(stage.planned) == 2
    stage.heard(ALL)
    assert stage.left == ["transferred"]


async def test_who_leaves_after_he_was_announced_is_unsaid() -> None:
    """The lead is not sent into a room where nobody is, also if he has just heard that he would be."""
    stage = Stage(at(HandoffStep.REQUESTED))
    stage.comes_to(HandoffStep.ACCEPTED)
    announced = stage.planned[-1]
    stage.comes_to(HandoffStep.UNREACHED)
    assert stage.retracted == [announced]
    assert "Sarah just dropped off" in await stage.words()
    assert announced.then is not None
    announced.then(ALL)
    assert stage.left == []


async def test_who_was_never_announced_leaves_without_a_word() -> None:
    """He was asked behind the lead's back; the next one is told of when he is tried."""
    stage = Stage(at(HandoffStep.REQUESTED, search="h1"))
    stage.comes_to(HandoffStep.DECLINED)
    assert stage.planned == []
    stage.comes_to(HandoffStep.REQUESTED, handoff="h1.2", agent="Mike", search="h1")
    assert await stage.words() == "Sarah can't take it just now. I'm trying Mike for you."


async def test_a_lead_who_wants_to_be_left_alone_is_put_through_to_nobody() -> None:
    """His stop came while she was being announced."""
    stage = Stage(at(HandoffStep.REQUESTED))
    stage.comes_to(HandoffStep.ACCEPTED)
    stage.handover.forget()
    stage.heard(ALL)
    assert stage.left == []


async def test_a_person_is_sought_once_however_often_he_asks() -> None:
    """And steps of another call's transfer are not this one's."""
    stage = Stage()
    stage.handover.seek(3)
    before = stage.view.version
    stage.handover.seek(4)
    assert (stage.handover.is_seeking(), stage.view.version) == (True, before)
    stage.comes_to(HandoffStep.ACCEPTED, call="CAother")
    assert stage.planned == []


@pytest.mark.parametrize(
    ("events", "words"),
    [
        ([], None),
        ([at(HandoffStep.ACCEPTED)], "Connecting you with Sarah now."),
        (
            [
                at(HandoffStep.JOINED),
                CallEnded(id="e", at=NOW, call=CALL, stream="MZ1", cause="transferred", heard_ms=1),
                at(HandoffStep.LEFT),
                CallConnected(id="up:2", at=NOW, call=CALL, stream="MZ2"),
            ],
            "again, the virtual assistant",
        ),
    ],
)
async def test_a_call_that_comes_back_goes_on_where_the_transfer_stands(events: list[Event], words: str | None) -> None:
    """Announced anew where she waits; told what happened where he comes from the room; else it opens as ever."""
    stage = Stage(*events)
    assert stage.handover.open("opening:MZ2") is (words is not None)
    assert words is None or words in await stage.words()
