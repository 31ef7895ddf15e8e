"""Texts: taken in once, stopped at once, answered from the record."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from telephony_kit import (
    ARRIVED,
    BRAND,
    CALL,
    CAMPAIGN,
    CID,
    CONSENT,
    LEAD,
    NOW,
    OURS,
    SARAH,
    TestServices,
    open_services,
    until_quiet,
)

from agent.brain import Brain
from agent.moves import HandOff, Learn, Move, Say
from agent.snapshot import Snapshot, Utterance
from state.effects import Answer, BriefAgent, FindAgent, PermitKind, SendText
from state.events import (
    CallConnected,
    CallPlaced,
    Channel,
    ConsentGiven,
    EffectRequested,
    EffectSettled,
    FactLearned,
    Paused,
    Promised,
    Suppressed,
    TextReceived,
    TextSent,
    conversation_id,
)
from state.store import Record
from state.view import View
from telephony import sms
from telephony.door import Door
from telephony.transfers import search

pytestmark = pytest.mark.anyio

SID = "SM" + "2" * 32
TEXT = {"MessageSid": SID, "From": LEAD, "To": OURS, "Body": "Yeah I am, just been busy", "NumMedia": "0"}
SENT = TextSent(id="sms:SM9", at=NOW, sid="SM9", effect="e", body="Hi", permit=PermitKind.INITIATE)
ON_A_CALL = [
    CallPlaced(id="p", at=NOW, call=CALL, effect="d", permit=PermitKind.INITIATE),
    CallConnected(id="c", at=NOW, call=CALL, stream="MZ1"),
]


class ScriptedBrain(Brain):
    """A brain that makes the given moves, and notes what it was asked with."""

    def __init__(self, *moves: Move) -> None:
        self.moves = moves
        self.asked: list[tuple[Snapshot, Utterance]] = []

    async def reply(self, snapshot: Snapshot, utterance: Utterance) -> AsyncIterator[Move]:  # type: ignore[override]
        """The moves, in order."""
        self.asked.append((snapshot, utterance))
        for move in self.moves:
            yield move


BRAIN_MOVES = (Learn("interest", "yes"), Say("Totally get it!"), Say("Does now work?", asks="ready_to_talk"))


@pytest.fixture
def brain() -> ScriptedBrain:
    """Answers as in the story."""
    return ScriptedBrain(*BRAIN_MOVES)


@pytest.fixture
async def server(record: Record, valkey_url: str, brain: ScriptedBrain) -> AsyncIterator[TestServices]:
    """The server on an empty record."""
    async with open_services(record, valkey_url, brain=brain) as services:
        yield services


async def receive(server: TestServices, body: str, sid: str = SID) -> None:
    """A text of the lead's, through the webhook."""
    async with server.client() as client:
        answer = await client.twilio("/twilio/sms", **TEXT | {"Body": body, "MessageSid": sid})
    assert answer.status_code == 200


async def answer(server: TestServices, sid: str = SID) -> datetime | View:
    """Thinks of the reply to it."""
    return await sms.answer(server.services, CID, f"answer:{sid}", Answer(text_id=f"sms:{sid}"))


async def work(server: TestServices) -> None:
    """Lets a worker do everything that is due."""
    await until_quiet(server.services)


async def events(server: TestServices, kind: type) -> list[object]:
    """The log's events of one kind."""
    return [event for _, event in await server.record.log(CID) if isinstance(event, kind)]


async def asked_for(server: TestServices) -> list[SendText]:
    """The texts that wait to be sent."""
    waiting = (await server.record.view(CID)).outbox.values()
    return [entry.effect for entry in waiting if isinstance(entry.effect, SendText)]


# Taking in -----------------------------------------------------------------------------------------------------------


async def test_a_text_is_recorded_and_answered_with_nothing(server: TestServices) -> None:
    """The reply goes out by the API: the webhook's own answer is an empty document."""
    await server.lead()
    async with server.client() as client:
        answered = await client.twilio("/twilio/sms", **TEXT)
    assert answered.headers["content-type"].startswith("text/xml")
    assert answered.text.endswith("<Response />")
    view = await server.record.view(CID)
    assert (view.thread[-1].text, view.thread[-1].who) == (TEXT["Body"], "lead")
    assert [entry.effect for entry in view.outbox.values()] == [Answer(text_id=f"sms:{SID}")]


async def test_a_webhook_twice_is_one_event(server: TestServices) -> None:
    """Twilio repeats itself when it is unsure."""
    await server.lead()
    for _ in range(3):
        await receive(server, "hello")
    assert len(await events(server, TextReceived)) == 1
    assert len(await events(server, EffectRequested)) == 1


async def test_an_unknown_texter_becomes_a_lead_who_inquired(server: TestServices) -> None:
    """He may be answered, and no more: an inquiry is no written consent."""
    await receive(server, "do you do renters?")
    view = await server.record.view(CID)
    assert (view.number, view.source, view.campaign) == (LEAD, "inbound_sms", "insurance")
    (consent,) = await events(server, ConsentGiven)
    assert isinstance(consent, ConsentGiven)
    assert (consent.basis, [str(scope) for scope in consent.scopes]) == ("inquiry", ["sms"])


async def test_what_is_sensitive_is_not_stored(server: TestServices) -> None:
    """It is masked before the record sees it."""
    await server.lead()
    await receive(server, "my ssn is 078-05-1120")
    assert "078-05-1120" not in str(await server.record.log(CID))


async def test_a_number_in_two_texts_is_not_stored(server: TestServices) -> None:
    """The second is known for the rest of the first."""
    await server.lead()
    await receive(server, "my social is 078 05", "SM" + "8" * 32)
    await receive(server, "1120", "SM" + "9" * 32)
    assert [line.text for line in (await server.record.view(CID)).thread] == ["my social is [ssn: 5 digits]", "[ssn]"]


async def test_pictures_are_counted(server: TestServices) -> None:
    """A text may be nothing else."""
    await server.lead()
    async with server.client() as client:
        await client.twilio("/twilio/sms", **TEXT | {"Body": "", "NumMedia": "2"})
    (text,) = await events(server, TextReceived)
    assert isinstance(text, TextReceived)
    assert (text.body, text.media) == ("", 2)


async def test_a_text_from_nobody_is_not_taken(server: TestServices) -> None:
    """It could not be answered."""
    async with server.client() as client:
        refused = await client.twilio("/twilio/sms", **TEXT | {"From": "anonymous"})
    assert refused.status_code == 400
    assert (await server.record.view(conversation_id(BRAND, f"withheld:{SID}"))).version == 0


WHATSAPP = {"From": f"whatsapp:{LEAD}", "To": f"whatsapp:{OURS}"}


async def test_a_message_of_another_channel_is_not_answered_by_text(server: TestServices) -> None:
    """Twilio delivers WhatsApp to the same address: who writes there has agreed to nothing here."""
    await server.lead()
    before = (await server.record.view(CID)).version
    async with server.client() as client:
        refused = await client.twilio("/twilio/sms", **TEXT | WHATSAPP)
    assert refused.status_code == 400
    assert (await server.record.view(CID)).version == before


async def test_a_stop_holds_over_whatever_channel_it_comes(server: TestServices) -> None:
    """It is obeyed, and confirmed nowhere."""
    await server.lead()
    async with server.client() as client:
        taken = await client.twilio("/twilio/sms", **TEXT | WHATSAPP | {"Body": "please stop texting me"})
    assert taken.status_code == 200
    await work(server)
    view = await server.record.view(CID)
    assert (view.suppressed, view.voice_suppressed, server.carrier.texts) == (True, True, [])


# Stopping ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["STOP", "please stop texting me", "wrong number, no Jordan here"])
async def test_a_stop_holds_before_the_webhook_answers(words: str, server: TestServices) -> None:
    """On both channels, without waiting for a worker."""
    await server.lead()
    await receive(server, words)
    view = await server.record.view(CID)
    assert view.suppressed
    assert view.voice_suppressed


async def test_a_stop_cancels_what_was_queued(server: TestServices) -> None:
    """A text that was to go out this minute does not."""
    waiting = EffectRequested(
        id="e1", at=NOW, effect=SendText(permit=PermitKind.INITIATE, to=LEAD, body="Still there?"), due=NOW
    )
    await server.lead(SENT, waiting)
    await receive(server, "STOP")
    await work(server)
    assert server.carrier.texts == []
    assert (await server.record.view(CID)).outbox == {}


async def test_the_carriers_own_stop_words_are_confirmed_by_the_carrier(server: TestServices) -> None:
    """A second confirmation of ours would fail, and annoy."""
    await server.lead(SENT)
    await receive(server, "Stop")
    await work(server)
    assert server.carrier.texts == []


async def test_a_stop_in_other_words_is_confirmed_once(server: TestServices) -> None:
    """By a permit of its own, for everything else is forbidden by then."""
    await server.lead(SENT)
    await receive(server, "please stop texting me")
    await work(server)
    await receive(server, "I said stop texting me", "SM" + "3" * 32)
    await work(server)
    (confirmation,) = server.carrier.texts
    assert BRAND in confirmation["body"]
    sent = await events(server, TextSent)
    assert [event.permit for event in sent if isinstance(event, TextSent)] == [
        PermitKind.INITIATE,
        PermitKind.OPT_OUT_CONFIRMATION,
    ]
    stopped, *_ = await events(server, Suppressed)
    assert isinstance(stopped, Suppressed)
    assert stopped.words == "please stop texting me"


async def test_a_stop_is_not_left_to_the_brain(server: TestServices, brain: ScriptedBrain) -> None:
    """No model hears it."""
    await server.lead(SENT)
    await receive(server, "unsubscribe me")
    await work(server)
    assert brain.asked == []


# Answering -----------------------------------------------------------------------------------------------------------


async def test_a_reply_is_one_text_with_what_was_learned(server: TestServices, brain: ScriptedBrain) -> None:
    """Everything said is joined; the question it puts is known; facts, text and the end of the answer land together."""
    await server.lead(SENT)
    await receive(server, TEXT["Body"])
    await answer(server)
    assert await asked_for(server) == [
        SendText(permit=PermitKind.REPLY_TO_LEAD, to=LEAD, body="Totally get it! Does now work?", asks="ready_to_talk")
    ]
    assert [event.key for event in await events(server, FactLearned) if isinstance(event, FactLearned)] == ["interest"]
    ((snapshot, utterance),) = brain.asked
    assert (snapshot.channel, snapshot.now) == (Channel.SMS, NOW)
    assert utterance == Utterance(TEXT["Body"], f"sms:{SID}")


async def test_answering_twice_answers_once(server: TestServices) -> None:
    """A second wake-up finds the answer given."""
    await server.lead(SENT)
    await receive(server, "hello")
    await answer(server)
    before = await server.record.log(CID)
    await answer(server)
    assert await server.record.log(CID) == before


async def test_a_reply_thought_of_too_early_is_thought_of_again(
    server: TestServices, brain: ScriptedBrain, monkeypatch: pytest.MonkeyPatch
) -> None:
    """He wrote again meanwhile: the first reply is thrown away unsent."""
    await server.lead(SENT)
    await receive(server, "hello")
    more = TextReceived(id="sms:SM7", at=NOW, sid="SM7", body="and another thing")
    append, news = server.record.append, [more]

    async def append_after_news(cid: str, *given: object, expect: int | None = None) -> object:
        while news:
            await append(cid, news.pop())
        return await append(cid, *given, expect=expect)  # type: ignore[arg-type]

    monkeypatch.setattr(server.record, "append", append_after_news)
    await answer(server)
    assert [snapshot.view.thread[-1].text for snapshot, _ in brain.asked] == ["hello", "and another thing"]
    assert len(await asked_for(server)) == 1


async def test_during_a_call_the_persona_answers_there(server: TestServices, brain: ScriptedBrain) -> None:
    """The call follows the record; a text besides would be a second voice."""
    await server.lead(SENT, *ON_A_CALL)
    await receive(server, "can you hear me")
    await answer(server)
    assert brain.asked == []
    assert await asked_for(server) == []
    assert [entry.effect for entry in (await server.record.view(CID)).outbox.values()] == [Answer(text_id=f"sms:{SID}")]


async def test_a_text_is_not_left_for_ever_to_a_call_that_has_vanished(server: TestServices) -> None:
    """Nobody has told us of its end, and nobody will."""
    await server.lead(SENT, *ON_A_CALL)
    await receive(server, "can you hear me")
    assert await answer(server) == NOW + sms.LOOK_AGAIN
    server.clock.now = NOW + sms.LEFT_TO_CALL
    assert not isinstance(await answer(server), datetime)
    assert len(await asked_for(server)) == 1


async def test_who_asks_for_a_person_by_text_is_brought_to_one(record: Record, valkey_url: str) -> None:
    """The agent gets the card by text; nobody's telephone rings."""
    brain = ScriptedBrain(Say("A colleague will call you."), HandOff("requested"))
    async with open_services(record, valkey_url, brain=brain) as server:
        await server.lead(SENT)
        await receive(server, "sounds good, what next")
        await answer(server)
        waiting = [entry.effect for entry in (await server.record.view(CID)).outbox.values()]
        (wanted,) = [effect for effect in waiting if isinstance(effect, FindAgent)]
        await search.find(server.services, CID, f"find:{wanted.search}:1", wanted)
        waiting = [entry.effect for entry in (await server.record.view(CID)).outbox.values()]
        (brief,) = [effect for effect in waiting if isinstance(effect, BriefAgent)]
        assert (brief.to, brief.permit) == (SARAH, PermitKind.STAFF)
        assert "Jordan" in brief.body


async def test_a_brain_with_nothing_to_say_sends_nothing(record: Record, valkey_url: str) -> None:
    """An empty text would be an error at the carrier."""
    async with open_services(record, valkey_url, brain=ScriptedBrain(Learn("interest", "yes"))) as server:
        await server.lead(SENT)
        await receive(server, "ok")
        await answer(server)
        assert await asked_for(server) == []
        assert (await server.record.view(CID)).outbox == {}


async def test_a_text_goes_from_the_webhook_to_the_carrier(server: TestServices) -> None:
    """Through webhook, answer and door, with only the workers to help."""
    await server.lead(SENT)
    await receive(server, TEXT["Body"])
    await work(server)
    assert [(text["to"], text["body"]) for text in server.carrier.texts] == [(LEAD, "Totally get it! Does now work?")]


def test_a_text_holds_only_what_a_segment_holds() -> None:
    """One typographic quote would more than halve its length."""
    (asked,) = sms.sends(View(number=LEAD), [Say("That’s fine – got it…")], "sms:1", NOW)
    assert isinstance(asked, EffectRequested)
    assert isinstance(asked.effect, SendText)
    assert asked.effect.body == "That's fine - got it..."


# Status --------------------------------------------------------------------------------------------------------------


def report(status: str, **more: str) -> dict[str, str]:
    """A delivery report of a text of ours."""
    return {"MessageSid": "SM9", "MessageStatus": status, "From": OURS, "To": LEAD} | more


async def test_reports_in_any_order_never_go_back(server: TestServices) -> None:
    """Delivered stays delivered when `sent` arrives late."""
    await server.lead(SENT)
    async with server.client() as client:
        for status in ("delivered", "sent", "queued"):
            answered = await client.twilio(f"/twilio/sms/status/{CID}", **report(status))
            assert (answered.status_code, answered.text) == (204, "")
    assert (await server.record.view(CID)).texts == {"SM9": "delivered"}


async def test_a_report_twice_is_one_event(server: TestServices) -> None:
    """And one without the conversation in its path finds it by the numbers."""
    await server.lead(SENT)
    before = len(await server.record.log(CID))
    async with server.client() as client:
        await client.twilio(f"/twilio/sms/status/{CID}", **report("sent"))
        await client.twilio("/twilio/sms/status", **report("sent"))
    assert len(await server.record.log(CID)) == before + 1


async def test_an_opt_out_the_carrier_knows_of_is_ours_too(server: TestServices) -> None:
    """Error 21610 in a report suppresses the lead on both channels."""
    await server.lead(SENT)
    async with server.client() as client:
        await client.twilio(f"/twilio/sms/status/{CID}", **report("undelivered", ErrorCode="21610"))
    assert (await server.record.view(CID)).suppressed


async def test_an_agents_opt_out_does_not_silence_the_lead(server: TestServices) -> None:
    """The agent's texts are reported to the same conversation."""
    await server.lead(SENT)
    async with server.client() as client:
        await client.twilio(f"/twilio/sms/status/{CID}", **report("undelivered", To=SARAH, ErrorCode="21610"))
    assert not (await server.record.view(CID)).suppressed


# While a person has taken over ---------------------------------------------------------------------------------------

TAKEN_OVER = Paused(id="p", at=NOW, by="Kim")


async def test_while_a_person_writes_the_persona_does_not(server: TestServices) -> None:
    """It learns what the lead says, and neither answers, promises nor looks for somebody."""
    await server.lead(TAKEN_OVER)
    await receive(server, "home insurance please, can I talk to a person?")
    await work(server)
    assert (server.carrier.texts, await events(server, Promised)) == ([], [])
    assert (await server.record.view(CID)).known("human_requested") is True


async def test_a_stop_is_obeyed_whoever_writes(server: TestServices) -> None:
    """And confirmed: that is owed."""
    await server.lead(TAKEN_OVER)
    await receive(server, "please stop texting me")
    await work(server)
    assert (await server.record.view(CID)).suppressed
    assert len(server.carrier.texts) == 1


async def test_a_reply_under_way_when_a_person_takes_over_is_not_sent(server: TestServices) -> None:
    """It was thought of before, and would come in between."""
    await server.lead(text_received_now())
    reply = SendText(permit=PermitKind.REPLY_TO_LEAD, to=LEAD, body="Auto, home, or both?")
    await server.record.append(CID, EffectRequested(id="r1", at=NOW, effect=reply, due=NOW), TAKEN_OVER)
    await Door(server.services).carry_out(CID, "r1")
    [settled] = await events(server, EffectSettled)
    assert isinstance(settled, EffectSettled)
    assert (settled.outcome, settled.detail, server.carrier.texts) == ("cancelled", "a person has taken over", [])


def text_received_now() -> TextReceived:
    """A text of the lead's."""
    return TextReceived(id="sms:now", at=NOW, sid="SMnow", body="hello")


# Brands that share a number -------------------------------------------------------------------------------------------

LENDER = "Cedar Point Lending"
LENDING = CAMPAIGN.model_copy(update={"id": "lending", "brand": LENDER, "takes_unknown": False})
LENDING_CID = conversation_id(LENDER, LEAD)
LENT = ARRIVED.model_copy(update={"brand": LENDER, "campaign": "lending"})
"""The same lead as the lender knows him."""


@pytest.fixture
def two_brands(server: TestServices) -> TestServices:
    """An insurer and a lender who write from one number; strangers belong to the insurer."""
    server.services.campaigns["lending"] = LENDING  # type: ignore[index]
    return server


async def test_a_text_to_a_shared_number_is_for_the_brand_whose_lead_he_is(two_brands: TestServices) -> None:
    """The insurer has never heard of him."""
    await two_brands.record.append(LENDING_CID, LENT, CONSENT)
    await receive(two_brands, "Yes")
    assert [line.text for line in (await two_brands.record.view(LENDING_CID)).thread] == ["Yes"]
    assert (await two_brands.record.view(CID)).version == 0


async def test_of_two_brands_the_one_that_wrote_last_is_answered(two_brands: TestServices) -> None:
    """On his telephone they are one thread. The same webhook, delivered again, stays where it was."""
    later = SENT.model_copy(update={"id": "sms:SM8", "sid": "SM8", "at": NOW + timedelta(minutes=1)})
    await two_brands.lead(SENT)
    await two_brands.record.append(LENDING_CID, LENT, CONSENT, later)
    await receive(two_brands, "Yes")
    newest = SENT.model_copy(update={"id": "sms:SM7", "sid": "SM7", "at": NOW + timedelta(minutes=2)})
    await two_brands.record.append(CID, newest)
    await receive(two_brands, "Yes")
    lent, insured = await two_brands.record.view(LENDING_CID), await two_brands.record.view(CID)
    assert [line.text for line in lent.thread if line.who == "lead"] == ["Yes"]
    assert [line.text for line in insured.thread if line.who == "lead"] == []


@pytest.mark.parametrize("words", ["STOP", "please stop texting me"])
async def test_a_stop_to_a_shared_number_counts_for_every_brand_behind_it(two_brands: TestServices, words: str) -> None:
    """He cannot know that they are two. It is confirmed once at most."""
    await two_brands.lead(SENT)
    await two_brands.record.append(LENDING_CID, LENT, CONSENT)
    await receive(two_brands, words)
    await work(two_brands)
    for cid in (CID, LENDING_CID):
        view = await two_brands.record.view(cid)
        assert (view.suppressed, view.voice_suppressed, view.outbox) == (True, True, {})
    assert len(two_brands.carrier.texts) == (0 if words == "STOP" else 1)
