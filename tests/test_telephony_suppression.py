"""What a stop does, from webhook or telephone to the carrier: everything ends at once, and is confirmed once."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from call_rig import CID as RIG
from call_rig import Rig, Script
from telephony_kit import ARRIVED, CID, CONSENT, LEAD, NOW, OURS, TestServices, open_services, until_quiet

from agent.moves import Move, Say
from state.consent import verify_chain
from state.effects import Dial, PermitKind, SendText
from state.events import (
    CallConnected,
    CallEnded,
    CallPlaced,
    Channel,
    ConsentGiven,
    EffectRequested,
    EffectStarted,
    LeadArrived,
    Scope,
    Suppressed,
)
from state.store import Record
from telephony import sms
from telephony.carrier import CarrierError
from telephony.door import Door

pytestmark = [pytest.mark.anyio, pytest.mark.alone]

QUEUED_TEXT = EffectRequested(
    id="first_text",
    at=NOW,
    due=NOW + timedelta(hours=1),
    effect=SendText(permit=PermitKind.INITIATE, to=LEAD, body="Still looking?"),
)
QUEUED_CALL = EffectRequested(
    id="dial:1",
    at=NOW,
    due=NOW + timedelta(hours=1),
    effect=Dial(permit=PermitKind.REQUESTED_TIME, to=LEAD),
)
INSURANCE = Path(__file__).parent.parent / "campaigns" / "insurance.yaml"
CONFIRMED = "You're opted out of Harbor Lane Insurance."
WELCOME = "Welcome back"


@pytest.fixture
async def server(record: Record, valkey_url: str) -> AsyncIterator[TestServices]:
    """The server on an empty record, with the local brain."""
    async with open_services(record, valkey_url) as services:
        yield services


class Texter:
    """The lead, writing; after each text the workers have done what was due."""

    def __init__(self, server: TestServices) -> None:
        self._server = server
        self._sent = 0

    async def writes(self, body: str, *, then_work: bool = True) -> None:
        """One text through the webhook."""
        self._sent += 1
        form = {"MessageSid": f"SMin{self._sent:030d}", "From": LEAD, "To": OURS, "Body": body, "NumMedia": "0"}
        async with self._server.client() as client:
            assert (await client.twilio("/twilio/sms", **form)).status_code == 200
        if then_work:
            await self.work()

    async def work(self) -> None:
        """Everything that is due is done."""
        await until_quiet(self._server.services)

    def got(self) -> list[str]:
        """The texts he got from us."""
        return [text["body"] for text in self._server.carrier.texts]


@pytest.fixture
def lead(server: TestServices) -> Texter:
    """The lead's telephone."""
    return Texter(server)


async def suppressions(server: TestServices) -> list[Suppressed]:
    """The suppressions in the log."""
    return [event for _, event in await server.record.log(CID) if isinstance(event, Suppressed)]


# At once, everything -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["STOP", "please leave me alone", "quit texting me", "ya no me manden mensajes"])
async def test_a_stop_cancels_what_is_queued_in_the_same_append(server: TestServices, lead: Texter, words: str) -> None:
    """Both channels, before any worker runs; only the answer, which may confirm it, waits."""
    await server.lead(QUEUED_TEXT, QUEUED_CALL)
    await lead.writes(words, then_work=False)
    view = await server.record.view(CID)
    assert (view.suppressed, view.voice_suppressed) == (True, True)
    assert [entry.effect.kind for entry in view.outbox.values()] == ["answer"]
    (stop,) = await suppressions(server)
    assert (stop.reason, stop.channel, stop.words) == ("opt_out", Channel.SMS, words)


async def test_a_queued_call_that_woke_too_late_is_not_made(server: TestServices, lead: Texter) -> None:
    """The door finds it gone."""
    await server.lead(QUEUED_CALL)
    await lead.writes("STOP")
    server.clock.advance(hours=2)
    assert await Door(server.services).carry_out(CID, QUEUED_CALL.id) is None
    assert server.carrier.dials == []


async def test_a_form_of_another_campaign_lifts_nothing(server: TestServices, lead: Texter) -> None:
    """The conversation is the brand's: so is the stop, also for a lead who comes again with a new consent."""
    await server.lead()
    await lead.writes("STOP")
    again = LeadArrived.model_validate(ARRIVED.model_dump() | {"id": "lead:2", "campaign": "lending"})
    consent = ConsentGiven.model_validate(CONSENT.model_dump() | {"id": "lead:2:consent", "at": NOW})
    await server.record.append(CID, again, consent)
    view = await server.record.view(CID)
    assert (view.campaign, view.suppressed, view.voice_suppressed) == ("lending", True, True)


async def test_the_ledger_of_it_is_chained_and_sealed(server: TestServices, lead: Texter) -> None:
    """Consent given, revoked, resumed: three rows that nobody can change unseen."""
    await server.lead()
    await lead.writes("STOP")
    await lead.writes("START")
    verdict = verify_chain(await server.record.log(CID))
    assert (verdict.rows, verdict.sealed, verdict.faults) == (3, 3, ())


# One confirmation, never a second ------------------------------------------------------------------------------------


async def test_a_stop_in_other_words_is_confirmed_once(server: TestServices, lead: Texter) -> None:
    """The carrier knows bare keywords only."""
    await server.lead()
    await lead.writes("please stop texting me")
    await lead.writes("I said stop texting me")
    await lead.writes("take me off your list")
    assert len(lead.got()) == 1
    assert lead.got()[0].startswith(CONFIRMED)


@pytest.mark.parametrize(
    "word", ["STOP", "stop", "Unsubscribe", "END", "quit", "STOPALL", "revoke", "OptOut", "CANCEL"]
)
async def test_what_the_carrier_confirms_we_do_not(server: TestServices, lead: Texter, word: str) -> None:
    """Its list is in its documentation; ours would be the second confirmation."""
    await server.lead()
    await lead.writes(word)
    assert (await server.record.view(CID)).suppressed
    assert lead.got() == []


async def test_what_the_carrier_confirmed_is_not_confirmed_by_us_later(server: TestServices, lead: Texter) -> None:
    """STOP, and then once more in his own words."""
    await server.lead()
    await lead.writes("STOP")
    await lead.writes("please stop texting me")
    assert len(await suppressions(server)) == 2
    assert lead.got() == []


async def test_a_second_stop_before_the_first_was_confirmed_is_one_confirmation(
    server: TestServices, lead: Texter
) -> None:
    """Two texts in a row, and only then the workers."""
    await server.lead()
    await lead.writes("stop texting me", then_work=False)
    await lead.writes("I mean it, leave me alone", then_work=False)
    await lead.work()
    assert len(lead.got()) == 1


async def test_a_stop_while_the_confirmation_is_under_way_asks_for_no_other(server: TestServices, lead: Texter) -> None:
    """The carrier has it already, and nobody knows yet."""
    await server.lead()
    await lead.writes("stop texting me", then_work=False)
    await sms.answer(server.services, CID, *await waiting_answer(server))
    effect = next(key for key in (await server.record.view(CID)).outbox if key.startswith("reply:"))
    started = EffectStarted(id=f"{effect}:started", at=NOW, effect=effect, rule="opt_out_confirmation")
    await server.record.append(CID, started)
    await lead.writes("leave me alone", then_work=False)
    await sms.answer(server.services, CID, *await waiting_answer(server))
    second = next(key for key in (await server.record.view(CID)).outbox if key.startswith("reply:") and key != effect)
    await Door(server.services).carry_out(CID, second)
    assert lead.got() == []


async def waiting_answer(server: TestServices) -> tuple[str, object]:
    """The answer that is to be thought of."""
    outbox = (await server.record.view(CID)).outbox
    return next((key, entry.effect) for key, entry in outbox.items() if entry.effect.kind == "answer")


async def test_a_confirmation_of_unknown_outcome_is_not_sent_again(server: TestServices, lead: Texter) -> None:
    """He may have it."""
    await server.lead()
    server.carrier.fails = CarrierError("timed out", outcome_unknown=True)
    await lead.writes("stop texting me")
    await lead.writes("leave me alone")
    assert lead.got() == []


async def test_a_confirmation_comes_within_five_minutes_or_not_at_all(server: TestServices, lead: Texter) -> None:
    """47 CFR 64.1200(a)(12)."""
    await server.lead()
    await lead.writes("stop texting me", then_work=False)
    server.clock.advance(minutes=6)
    await lead.work()
    assert lead.got() == []


async def test_a_stop_after_a_resumption_is_not_confirmed_again(server: TestServices, lead: Texter) -> None:
    """There is one in a conversation's life."""
    await server.lead()
    await lead.writes("stop texting me")
    await lead.writes("START")
    server.clock.advance(minutes=1)
    await lead.writes("stop texting me")
    confirmations = [body for body in lead.got() if body.startswith(CONFIRMED)]
    assert len(confirmations) == 1
    assert (await server.record.view(CID)).suppressed


# START, HELP ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["START", "unstop"])
async def test_start_resumes_texts_only(server: TestServices, lead: Texter, word: str) -> None:
    """Calls need a new written consent."""
    await server.lead()
    await lead.writes("STOP")
    await lead.writes(word)
    view = await server.record.view(CID)
    assert (view.suppressed, view.voice_suppressed) == (False, True)
    assert lead.got()[0].startswith(WELCOME)


async def test_start_lifts_no_wrong_number(server: TestServices, lead: Texter) -> None:
    """Whoever has the number now never agreed to anything."""
    await server.lead()
    await lead.writes("you have the wrong number")
    assert [stop.reason for stop in await suppressions(server)] == ["wrong_number"]
    await lead.writes("START")
    assert (await server.record.view(CID)).suppressed
    assert [body for body in lead.got() if body.startswith(WELCOME)] == []


async def test_help_is_answered_after_an_opt_out_too(server: TestServices, lead: Texter) -> None:
    """CTIA 5.1.2: always; once for each time it is asked, and with nothing else."""
    await server.lead()
    await lead.writes("STOP")
    await lead.writes("HELP")
    assert len(lead.got()) == 1
    assert "for help contact" in lead.got()[0]
    await lead.writes("so what about that quote")
    assert len(lead.got()) == 1
    server.clock.advance(minutes=1)
    await lead.writes("help")
    assert len(lead.got()) == 2


async def test_help_is_answered_while_a_person_looks(server: TestServices, lead: Texter) -> None:
    """A hold stops what we want to say, not what he asks for."""
    await server.lead()
    await lead.writes("STOP")
    await lead.writes("hm")
    assert (await server.record.view(CID)).held is not None
    await lead.writes("HELP")
    assert len(lead.got()) == 1


# On a call -----------------------------------------------------------------------------------------------------------


def chatty(text: str) -> Sequence[Move]:
    """A brain that goes on whatever is said."""
    return [Say("Understood, and what about your car?")]


@pytest.mark.parametrize("words", ["stop calling me", "take me off your list please"])
async def test_a_stop_that_is_spoken_stops_texts_too(record: Record, tmp_path: Path, words: str) -> None:
    """The call is recorded as opted out because the speech said so, and we end it."""
    rig = Rig(record, Script(chatty), INSURANCE)
    async with rig:
        await rig.quiet()
        await record.append(RIG, QUEUED_TEXT)
        await rig.say(words)
        await rig.over()
    log = [event for _, event in await record.log(RIG)]
    (stop,) = [event for event in log if isinstance(event, Suppressed)]
    assert (stop.reason, stop.channel, stop.words) == ("opt_out", Channel.VOICE, words)
    assert [event.cause for event in log if isinstance(event, CallEnded)] == ["we_hung_up"]
    view = await record.view(RIG)
    assert (view.suppressed, view.voice_suppressed, view.outbox) == (True, True, {})
    assert rig.brain.asked == []


async def test_a_stop_by_text_during_a_call_is_answered_on_it(server: TestServices, lead: Texter) -> None:
    """The persona takes leave aloud: no text of ours besides."""
    call = "CA" + "1" * 32
    placed = CallPlaced(id="p", at=NOW, call=call, effect="d", permit=PermitKind.INITIATE)
    await server.lead(placed, CallConnected(id="c", at=NOW, call=call, stream="MZ1"))
    await lead.writes("stop texting me")
    assert (await server.record.view(CID)).suppressed
    assert lead.got() == []


async def test_a_text_after_a_spoken_stop_goes_to_a_person(server: TestServices, lead: Texter) -> None:
    """It is no new beginning."""
    spoken = Suppressed(
        id="turn:1:suppressed", at=NOW, reason="opt_out", channel=Channel.VOICE, words="stop calling", detector="verb"
    )
    await server.lead(spoken)
    await lead.writes("and what would a quote cost")
    view = await server.record.view(CID)
    assert (view.suppressed, view.held) == (True, "text after an opt-out")
    assert lead.got() == []


async def test_scopes_of_the_story(server: TestServices) -> None:
    """The kit's lead may be texted and called, or these tests would prove nothing."""
    await server.lead()
    assert set((await server.record.view(CID)).consents) == {Scope.SMS, Scope.AI_VOICE}
