"""A second look at a transfer: nobody is left ringing, waiting or alone."""

from collections.abc import AsyncIterator
from xml.etree import ElementTree

import pytest
from telephony_kit import CALL, CID, NOW, TestServices, open_services

from agent.handoff import is_seeking
from state.effects import CheckTransfer, HandoffStep, PermitKind
from state.events import CallConnected, CallEnded, CallPlaced, EffectRequested, Event, HandoffAdvanced
from state.store import Record
from telephony.carrier import CarrierError
from telephony.transfers import watch
from telephony.twilio.rest import CALL_NOT_IN_PROGRESS

pytestmark = pytest.mark.anyio

AGENT_CALL = "CA" + "a" * 32
PLACED = CallPlaced(id="placed", at=NOW, call=CALL, effect="d", permit=PermitKind.INITIATE)
CONNECTED = CallConnected(id="connected:MZ1", at=NOW, call=CALL, stream="MZ1")
AWAY = CallEnded(id="ended:MZ1", at=NOW, call=CALL, stream="MZ1", cause="transferred", heard_ms=9_000)
BACK = CallConnected(id="connected:MZ2", at=NOW, call=CALL, stream="MZ2")


def at(step: HandoffStep) -> HandoffAdvanced:
    """The transfer having come to a step."""
    return HandoffAdvanced(
        id=f"handoff:h1:{step}", at=NOW, handoff="h1", step=step, call=CALL, agent="Sarah", agent_call=AGENT_CALL
    )


@pytest.fixture
async def server(record: Record, valkey_url: str) -> AsyncIterator[TestServices]:
    """Services on an empty record."""
    async with open_services(record, valkey_url) as services:
        yield services


async def look(server: TestServices, step: HandoffStep, *events: Event, handoff: str = "h1") -> object:
    """What a look at a transfer that had come to `step` leads to; returns when to look again."""
    effect = CheckTransfer(handoff=handoff, step=step)
    wanted = EffectRequested(id="check", at=NOW, effect=effect, due=NOW)
    await server.lead(PLACED, CONNECTED, *events, wanted)
    return await watch.check(server.services, CID, "check", effect)


async def reached(server: TestServices) -> HandoffStep:
    """Where the transfer stands; the look is over."""
    view = await server.record.view(CID)
    assert view.handoff is not None
    assert "check" not in view.outbox
    return view.handoff.step


@pytest.mark.parametrize(
    ("stands", "ends"),
    [
        (HandoffStep.REQUESTED, HandoffStep.UNREACHED),
        (HandoffStep.RINGING, HandoffStep.UNREACHED),
        (HandoffStep.BRIEFING, HandoffStep.DECLINED),
    ],
)
async def test_an_agent_of_whom_nothing_is_heard_is_let_go(
    stands: HandoffStep, ends: HandoffStep, server: TestServices
) -> None:
    """His call is ended, and the next person is sought."""
    await look(server, HandoffStep.REQUESTED, at(HandoffStep.REQUESTED), at(stands))
    assert await reached(server) is ends
    assert server.carrier.ended == [AGENT_CALL]
    assert is_seeking(await server.record.view(CID))


@pytest.mark.parametrize("stands", [HandoffStep.ACCEPTED, HandoffStep.JOINED, HandoffStep.LEAD_GONE])
async def test_a_transfer_that_moved_on_is_left_alone(stands: HandoffStep, server: TestServices) -> None:
    """The look was for an earlier step."""
    await look(server, HandoffStep.REQUESTED, at(HandoffStep.REQUESTED), at(stands))
    assert await reached(server) is stands
    assert (server.carrier.ended, server.carrier.redirects) == ([], [])


async def test_another_persons_transfer_is_left_alone(server: TestServices) -> None:
    """He was passed over meanwhile."""
    await look(server, HandoffStep.REQUESTED, at(HandoffStep.RINGING), handoff="h0")
    assert await reached(server) is HandoffStep.RINGING


async def test_two_who_talk_are_left_alone(server: TestServices) -> None:
    """The carrier says that the agent's call is up."""
    await look(server, HandoffStep.JOINED, at(HandoffStep.JOINED), AWAY)
    assert await reached(server) is HandoffStep.JOINED
    assert server.carrier.redirects == []


async def test_a_lead_alone_in_the_room_is_brought_back(server: TestServices) -> None:
    """The agent's call is over, whether or not we were told: the persona takes the lead back."""
    server.carrier.statuses[AGENT_CALL] = "completed"
    await look(server, HandoffStep.JOINED, at(HandoffStep.JOINED), AWAY)
    assert await reached(server) is HandoffStep.LEFT
    [(call, document)] = server.carrier.redirects
    assert call == CALL
    assert ElementTree.fromstring(document).find("Connect/Stream") is not None


async def test_after_the_agent_left_only_who_did_not_come_back_is_fetched(server: TestServices) -> None:
    """Usually the room's end brings him by itself."""
    await look(server, HandoffStep.LEFT, at(HandoffStep.LEFT), AWAY, BACK)
    assert server.carrier.redirects == []


async def test_a_lead_who_sits_in_an_empty_room_is_fetched(server: TestServices) -> None:
    """He entered it after it had closed."""
    await look(server, HandoffStep.LEFT, at(HandoffStep.LEFT), AWAY)
    assert [call for call, _ in server.carrier.redirects] == [CALL]


async def test_a_lead_who_has_hung_up_is_not_an_error(server: TestServices) -> None:
    """The carrier knows before we do."""
    server.carrier.fails = CarrierError("over", code=CALL_NOT_IN_PROGRESS)
    assert await look(server, HandoffStep.LEFT, at(HandoffStep.LEFT), AWAY) is None
    assert await reached(server) is HandoffStep.LEFT


async def test_a_carrier_that_does_not_answer_is_asked_again(server: TestServices) -> None:
    """Nothing is guessed."""
    server.carrier.fails = CarrierError("unreachable")
    again = await look(server, HandoffStep.JOINED, at(HandoffStep.JOINED), AWAY)
    assert again == NOW + watch.ASK_AGAIN
    assert "check" in (await server.record.view(CID)).outbox
