"""What operators do: events with their names, and texts that go out by the door or not at all."""

from collections.abc import AsyncIterator

import pytest
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from state.effects import Dial, PermitKind, SendText
from state.events import (
    EffectRequested,
    EffectSettled,
    Event,
    HoldLifted,
    Paused,
    Resumed,
    Suppressed,
    TextSent,
    TransferOrdered,
    Whispered,
)
from state.store import Record
from telephony.access import Operator, Role
from telephony.console.actions import ACTS, WORDS_LIMIT, act, new_act
from telephony.door import Door
from tests.happenings import call_connected, call_ended, call_placed, held, suppressed, text_received
from tests.telephony_kit import CID, LEAD, NOW, TestServices, open_services, until_quiet

pytestmark = pytest.mark.anyio

KIM = Operator("Kim", Role.OPERATE)
DIAL = Dial(permit=PermitKind.INITIATE, to=LEAD)


@pytest.fixture
async def kit(record: Record, valkey_url: str) -> AsyncIterator[TestServices]:
    """The server with a lead in it."""
    async with open_services(record, valkey_url) as opened:
        await opened.lead()
        yield opened


async def does(kit: TestServices, name: str, words: str = "", id: str | None = None) -> list[Event]:
    """What Kim's act adds to the record, by itself."""
    before = (await kit.record.view(CID)).version
    await act(kit.services, CID, name, FormData({"act": id or new_act(), "words": words}), KIM)
    return [event for _, event in await kit.record.log(CID, before)]


async def of(kit: TestServices, kind: type[Event]) -> list[Event]:
    """The events of a kind in the record."""
    return [event for _, event in await kit.record.log(CID) if isinstance(event, kind)]


async def test_a_person_s_text_goes_out_by_the_door_with_his_name(kit: TestServices) -> None:
    """He takes over with it; the text is permitted, sent once, and is his in the thread."""
    await kit.record.append(CID, text_received(1).model_copy(update={"at": NOW}))
    paused, asked = await does(kit, "text", " Kim here,  I can help. ")
    assert isinstance(paused, Paused)
    assert isinstance(asked, EffectRequested)
    assert asked.effect == SendText(permit=PermitKind.REPLY_TO_LEAD, to=LEAD, body="Kim here, I can help.", by="Kim")
    await until_quiet(kit.services)
    assert [text["body"] for text in kit.carrier.texts] == ["Kim here, I can help."]
    [sent] = await of(kit, TextSent)
    assert isinstance(sent, TextSent)
    assert (sent.by, (await kit.record.view(CID)).thread[-1].by) == ("Kim", "Kim")


async def test_a_person_s_text_to_who_never_wrote_is_bound_by_every_rule(kit: TestServices) -> None:
    """It is a contact that we begin: at night it waits like any other."""
    kit.clock.advance(hours=9)
    _, asked = await does(kit, "text", "Are you there?")
    await Door(kit.services).carry_out(CID, asked.id)
    assert kit.carrier.texts == []
    settled = await of(kit, EffectSettled)
    assert [event.outcome for event in settled if isinstance(event, EffectSettled)] == ["refused"]


async def test_nobody_writes_to_who_opted_out(kit: TestServices) -> None:
    """The form says so; the door would refuse it anyhow."""
    await kit.record.append(CID, suppressed())
    with pytest.raises(HTTPException, match="no contact"):
        await does(kit, "text", "One more thing")


async def test_what_must_not_be_kept_is_masked_in_a_person_s_words_too(kit: TestServices) -> None:
    """A card number that an agent repeats, say."""
    _, asked = await does(kit, "text", "Is it 4111 1111 1111 1111?")
    assert "4111" not in asked.model_dump_json()


async def test_a_double_click_is_one_act(kit: TestServices) -> None:
    """The page gave the act its id."""
    assert len(await does(kit, "text", "Kim here.", "click-12345")) == 2
    assert await does(kit, "text", "Kim here.", "click-12345") == []


async def test_the_persona_pauses_until_it_is_told_to_go_on(kit: TestServices) -> None:
    """What it was about to begin is dropped, and asked for again when the person gives back."""
    assert [type(event) for event in await does(kit, "pause")] == [Paused]
    await kit.record.append(CID, EffectRequested(id="d1", at=NOW, effect=DIAL, due=NOW))
    assert await Door(kit.services).carry_out(CID, "d1") is None
    await until_quiet(kit.services)
    assert (kit.carrier.dials, kit.carrier.texts) == ([], [])
    assert Resumed in [type(event) for event in await does(kit, "resume")]
    await until_quiet(kit.services)
    assert len(kit.carrier.texts) == 1


async def test_pausing_twice_is_pausing_once(kit: TestServices) -> None:
    """So is going on, and a stop of who is stopped."""
    await does(kit, "pause")
    assert await does(kit, "pause") == []
    await does(kit, "resume")
    assert await does(kit, "resume") == []
    await does(kit, "stop")
    assert [event for event in await does(kit, "stop") if isinstance(event, Suppressed)] == []


async def test_a_stop_is_evidence_with_a_name(kit: TestServices) -> None:
    """It holds on both channels, and empties the outbox."""
    await kit.record.append(CID, EffectRequested(id="d", at=NOW, effect=DIAL, due=NOW))
    stop = (await does(kit, "stop", "asked for it at the office"))[0]
    assert isinstance(stop, Suppressed)
    assert (stop.by, stop.detector, stop.words) == ("Kim", "operator", "asked for it at the office")
    view = await kit.record.view(CID)
    assert (view.suppressed, view.voice_suppressed, view.outbox) == (True, True, {})


async def test_a_hold_is_lifted_once(kit: TestServices) -> None:
    """By name."""
    await kit.record.append(CID, held())
    [lifted] = await does(kit, "lift")
    assert isinstance(lifted, HoldLifted)
    assert lifted.by == "Kim"
    assert await does(kit, "lift") == []


async def test_a_call_can_be_whispered_to_and_transferred(kit: TestServices) -> None:
    """The events name the call, which follows the record."""
    await kit.record.append(CID, call_placed(), call_connected())
    [whispered] = await does(kit, "whisper", "Ask about the roof.")
    [ordered] = await does(kit, "transfer")
    assert isinstance(whispered, Whispered)
    assert isinstance(ordered, TransferOrdered)
    assert (whispered.call, whispered.hint, whispered.by, ordered.call) == ("CA1", "Ask about the roof.", "Kim", "CA1")


@pytest.mark.parametrize("name", ["whisper", "transfer"])
async def test_without_a_call_there_is_nothing_to_whisper_to(kit: TestServices, name: str) -> None:
    """It says so, and writes nothing."""
    await kit.record.append(CID, call_placed(), call_connected(), call_ended())
    with pytest.raises(HTTPException, match="not on the telephone"):
        await does(kit, name, "Hello?")


@pytest.mark.parametrize(
    ("name", "words", "id", "status"),
    [
        ("text", "", None, 400),
        ("whisper", "   ", None, 400),
        ("text", "x" * (WORDS_LIMIT + 1), None, 400),
        ("pause", "", "../../x", 400),
        ("delete", "", None, 404),
    ],
)
async def test_a_form_that_cannot_be_meant_is_refused(
    kit: TestServices, name: str, words: str, id: str | None, status: int
) -> None:
    """With what is wrong."""
    with pytest.raises(HTTPException) as caught:
        await does(kit, name, words, id)
    assert caught.value.status_code == status


async def test_nobody_is_acted_on_who_is_not_there(kit: TestServices) -> None:
    """A mistyped address makes no conversation."""
    with pytest.raises(HTTPException) as caught:
        await act(kit.services, "nobody", "pause", FormData({"act": new_act()}), KIM)
    assert caught.value.status_code == 404
    assert (await kit.record.view("nobody")).version == 0


def test_every_act_can_be_done() -> None:
    """The acts of the issue, and no more."""
    assert set(ACTS) == {"text", "whisper", "transfer", "pause", "resume", "stop", "lift"}
