"""The live call: real machines, record and playout, on a loop ten times faster than life."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import timedelta
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from accelerated import record_at, run
from call_rig import CID, MS, Rig, Script
from happenings import NOW, call_connected, persona_saying
from redis import Redis

from agent.asking import RECORDED
from agent.moves import End, HandOff, Learn, Move, Say
from agent.opening import LINE_DROPPED
from agent.snapshot import Snapshot, Utterance
from audio.engines import Transcript
from audio.waiting import Waits
from state.effects import Answer, FindAgent, HandoffStep
from state.events import (
    CallEnded,
    EffectRequested,
    EffectSettled,
    Event,
    FactLearned,
    HandoffAdvanced,
    LeadSaid,
    PersonaSaid,
    PersonaSaying,
    Suppressed,
    TextReceived,
    TransferOrdered,
)
from state.fold import fold_all
from state.view import View
from telephony.live.reply import APOLOGY

CAMPAIGN = Path("campaigns/insurance.yaml")


def table(text: str) -> Sequence[Move]:
    """What the rig's brain says."""
    match text:
        case "a condo" | "a condo please":
            return [Learn("property_type", "condo"), Say("Condo, thanks."), Say("When do you close?", "closing_date")]
        case "I am ready":
            return [Say("Let me see who is free."), HandOff("qualified")]
        case "bye":
            return [Say("Goodbye."), End("done")]
        case _:
            return [Say(f"You said {text}, and there is a lot to be said about it. {'Word after word. ' * 10}")]


def play(
    valkey_url: str,
    story: Callable[[Rig], Awaitable[None]],
    brain: Script | None = None,
    before: Sequence[Event] = (),
) -> list[Event]:
    """Runs a call through a story, in a conversation in which some things happened `before`; returns the log."""

    async def main() -> list[Event]:
        record = record_at(valkey_url)
        try:
            async with Rig(record, brain or Script(table), CAMPAIGN, before) as rig:
                await story(rig)
            return [event for _, event in await record.log(CID)]
        finally:
            await record.close()

    with Redis.from_url(valkey_url) as redis:
        redis.flushdb()
    return run(main())


def of(log: list[Event], kind: type) -> list:
    """The events of one kind."""
    return [event for event in log if isinstance(event, kind)]


def test_the_persona_opens_and_the_opening_is_heard(valkey_url: str) -> None:
    """The first words leave without waiting for the lead, and are recorded as heard to the end."""

    async def story(rig: Rig) -> None:
        await rig.quiet()

    [opening] = of(play(valkey_url, story), PersonaSaid)
    assert "Harbor Lane" in opening.text
    assert opening.heard == opening.text
    assert opening.cut_ms is None


def test_half_of_what_was_asked_for_is_waited_for(valkey_url: str) -> None:
    """An address that has no domain yet is no answer, though it could be a sentence; once it has one it is."""
    asks = Script(lambda text: [Say("What's the best e-mail for you?")] if text == "go ahead" else [Say("Thanks.")])

    async def story(rig: Rig) -> None:
        await rig.quiet()
        await rig.say("go ahead")
        await rig.quiet()
        await rig.say("it's jordan")
        await asyncio.sleep(0.7)
        await rig.say("at gmail dot com")
        await rig.quiet()

    log = play(valkey_url, story, asks)
    assert [said.text for said in of(log, LeadSaid)] == ["go ahead", "it's jordan at gmail dot com"]
    assert of(log, PersonaSaid)[-1].timing.wait < Waits().either_ms


def test_a_turn_is_heard_answered_and_recorded_in_order(valkey_url: str) -> None:
    """LeadSaid, what was learned from it, then the answer with its timing."""

    async def story(rig: Rig) -> None:
        await rig.quiet()
        await rig.say("a condo please")
        await rig.quiet()

    log = play(valkey_url, story)
    [said] = of(log, LeadSaid)
    [fact] = of(log, FactLearned)
    answer = of(log, PersonaSaid)[-1]
    assert said.text == "a condo please"
    assert (fact.key, fact.value, fact.source) == ("property_type", "condo", said.id)
    assert (answer.text, answer.asks, answer.turn) == ("Condo, thanks. When do you close?", "closing_date", said.turn)
    assert log.index(said) < log.index(fact) < log.index(answer)
    timing = answer.timing
    parts = timing.wait + timing.transcript + timing.reply + timing.speech + timing.send
    assert timing.gap == pytest.approx(parts)
    assert timing.gap > 0


def test_a_pause_inside_an_utterance_is_not_its_end(valkey_url: str) -> None:
    """Both parts are heard as one; the first part's reply is discarded unheard."""

    async def story(rig: Rig) -> None:
        await rig.quiet()
        rig.line.speak(rig.phrases.tone("we closed", 500))
        await rig.until(lambda: bool(rig.brain.asked))
        await rig.say("last friday", 500)
        await rig.quiet()

    log = play(valkey_url, story)
    assert [event.text for event in of(log, LeadSaid)] == ["we closed last friday"]
    [ended] = of(log, CallEnded)
    assert ended.discarded >= 1
    assert ended.decodes_discarded >= 1
    assert ended.characters_discarded >= len("You said we closed")


def test_a_breath_behind_the_last_word_does_not_ask_the_brain_again(valkey_url: str) -> None:
    """What was heard is looked at anew, to its end; the same words keep the answer that is being made."""

    async def story(rig: Rig) -> None:
        await rig.quiet()
        await rig.say("tell me more")
        await rig.breathe(256)
        await rig.quiet()
        assert rig.brain.asked == ["tell me more"]

    log = play(valkey_url, story)
    assert [event.text for event in of(log, LeadSaid)] == ["tell me more"]


def test_a_word_in_the_fading_voice_is_answered_with_the_rest(valkey_url: str) -> None:
    """The answer to what was heard without it is not said."""

    async def story(rig: Rig) -> None:
        await rig.quiet()
        heard = chain(["a condo"], repeat("a house instead"))
        rig.phrases.transcribe = lambda pcm, hints=(): Transcript(next(heard), -0.2, 0.0)
        await rig.say("a condo", 600)
        await rig.breathe(256)
        await rig.quiet()
        assert (rig.brain.asked[0], rig.brain.asked[-1]) == ("a condo", "a house instead")

    log = play(valkey_url, story)
    assert [event.text for event in of(log, LeadSaid)] == ["a house instead"]
    assert of(log, FactLearned) == []
    assert of(log, PersonaSaid)[-1].text.startswith("You said a house instead")


def test_an_interruption_stops_the_persona_and_records_what_was_heard(valkey_url: str) -> None:
    """The rest is flushed; the record holds the words heard and where they stopped."""

    async def story(rig: Rig) -> None:
        await rig.quiet()
        await rig.say("tell me more")
        await rig.until(lambda: rig.line.agent_speaking)
        heard = rig.line.heard_ms
        await rig.until(lambda: rig.line.heard_ms > heard + 1000)
        await rig.say("wait a moment please", 1300)
        await rig.quiet()

    brain = Script(table)
    log = play(valkey_url, story, brain)
    cut = of(log, PersonaSaid)[1]
    assert cut.cut_ms is not None
    assert cut.text.startswith(cut.heard)
    assert 0 < len(cut.heard) < len(cut.text)
    assert brain.asked[-1] == "wait a moment please"
    assert brain.heard_to_end[-1] is False


def test_a_lead_who_is_not_heard_any_more_is_asked_twice_and_left(valkey_url: str) -> None:
    """Courteously, and the record says why, so that a text can go on."""

    async def story(rig: Rig) -> None:
        await rig.quiet()
        await rig.say("a condo please")
        await rig.over()

    log = play(valkey_url, story)
    assert [event.text for event in of(log, PersonaSaid)[2:]] == [
        "Take your time. When do you close?",
        "Are you still there?",
        "I can't hear you, so I'll let you go. You can text me here any time. Bye for now!",
    ]
    assert of(log, CallEnded)[0].cause == "silence"


def test_keys_under_the_personas_speech_change_nothing(valkey_url: str) -> None:
    """All but those that stop everything, ask for a person, or answer."""

    async def story(rig: Rig) -> None:
        await rig.until(lambda: rig.line.heard_ms > 1000)
        rig.line.press("5")
        rig.line.press("#")
        await rig.quiet(900)

    log = play(valkey_url, story)
    [opening] = of(log, PersonaSaid)
    assert opening.cut_ms is None
    assert of(log, Suppressed) == []


@pytest.mark.parametrize(("heard", "confidence"), [("mm-hm", -0.2), ("I help", -0.98)])
def test_a_backchannel_does_not_cut(valkey_url: str, heard: str, confidence: float) -> None:
    """ "Mm-hm" under the persona's speech changes nothing in the record, nor does an "uh-huh" that was misheard."""

    async def story(rig: Rig) -> None:
        await rig.quiet()
        await rig.say("tell me more")
        await rig.until(lambda: rig.line.agent_speaking)
        so_far = rig.line.heard_ms
        await rig.until(lambda: rig.line.heard_ms > so_far + 1000)
        rig.phrases.confidence = confidence
        await rig.say(heard, 200)
        await rig.quiet(900)

    log = play(valkey_url, story)
    assert [event.text for event in of(log, LeadSaid)] == ["tell me more"]
    assert [event.cut_ms for event in of(log, PersonaSaid)] == [None, None]


def test_our_own_voice_coming_back_is_nobody_s(valkey_url: str) -> None:
    """On a telephone that hands the persona her own words back she says them all the same; a lead is heard over it."""

    async def story(rig: Rig) -> None:
        rig.line.returns = 0.1
        await rig.quiet()
        assert rig.phrases.transcribed == 0
        await rig.say("tell me more")
        await rig.until(lambda: rig.line.agent_speaking)
        so_far = rig.line.heard_ms
        await rig.until(lambda: rig.line.heard_ms > so_far + 1000)
        await rig.say("wait a moment", 1_200)
        await rig.quiet(900)

    log = play(valkey_url, story)
    assert next(event.text for event in of(log, LeadSaid)) == "tell me more"
    opening, answer, *_ = of(log, PersonaSaid)
    assert opening.cut_ms is None
    assert answer.cut_ms is not None


def test_a_hello_does_not_cut_the_greeting(valkey_url: str) -> None:
    """Whoever picks up says "hello" into our first words; the disclosure is heard all the same."""

    async def story(rig: Rig) -> None:
        await rig.say("Hello?", 300)
        await rig.quiet(900)

    log = play(valkey_url, story)
    [opening] = of(log, PersonaSaid)
    assert opening.cut_ms is None
    assert of(log, LeadSaid) == []


def test_speech_just_after_the_release_is_merged(valkey_url: str) -> None:
    """A reply that came too early is withdrawn, and the whole is answered once."""

    async def story(rig: Rig) -> None:
        await rig.quiet()
        await rig.say("a condo")
        await rig.until(lambda: rig.line.agent_speaking)
        await rig.say("near the lake", 600)
        await rig.quiet()

    log = play(valkey_url, story)
    assert [event.text for event in of(log, LeadSaid)] == ["a condo near the lake"]
    assert len(of(log, PersonaSaid)) == 2
    assert of(log, FactLearned) == []


def test_a_lead_who_was_cut_off_is_waited_for_longer_on_his_next_call(valkey_url: str) -> None:
    """What was learned of his pauses is in the record when the call is over."""

    async def story(rig: Rig) -> None:
        await rig.quiet()
        await rig.say("a condo")
        await rig.until(lambda: rig.line.agent_speaking)
        await rig.say("near the lake", 600)

    assert fold_all(View(), play(valkey_url, story)).patience_ms > 0


def test_goodbye_is_heard_before_the_line_is_closed(valkey_url: str) -> None:
    """The server ends the call only after the last mark has come back."""

    async def story(rig: Rig) -> None:
        await rig.quiet()
        await rig.say("bye")
        await rig.over()
        assert not rig.line.agent_speaking

    log = play(valkey_url, story)
    assert of(log, PersonaSaid)[-1].cut_ms is None
    assert of(log, CallEnded)[0].cause == "we_hung_up"


def test_stop_in_words_suppresses_and_ends_the_call(valkey_url: str) -> None:
    """A spoken opt-out is recorded at once, answered with one courteous sentence, and the call is over."""

    async def story(rig: Rig) -> None:
        await rig.quiet()
        await rig.say("please stop calling me", 900)
        await rig.over()

    log = play(valkey_url, story)
    [suppressed] = of(log, Suppressed)
    assert suppressed.reason == "opt_out"
    assert of(log, CallEnded)[0].cause == "we_hung_up"


def test_a_text_in_mid_call_is_answered_aloud(valkey_url: str) -> None:
    """The call follows the record: a text that lands there is taken at the next safe point."""

    async def story(rig: Rig) -> None:
        await rig.quiet()
        text = TextReceived(id="sms:SM9", at=NOW, sid="SM9", body="a condo")
        await rig.record.append(CID, text)
        await rig.quiet()

    log = play(valkey_url, story)
    [fact] = of(log, FactLearned)
    assert fact.source == "sms:SM9"
    assert of(log, PersonaSaid)[-1].text.startswith("Got your text.")


def explains(text: str) -> Sequence[Move]:
    """A brain that talks for a while before and after its question."""
    if text == "a condo":
        return table(text)
    long = "There is a lot to be said about this, and I will say it all, one thing after the other."
    return [Say(long), Say("Is it a house or a condo?", "property_type"), Say(long)]


def test_a_texted_answer_is_taken_at_the_next_clause_boundary(valkey_url: str) -> None:
    """What was asked is answered: the persona ends its clause, drops the rest, and acknowledges aloud."""

    async def story(rig: Rig) -> None:
        await rig.quiet()
        await rig.say("tell me more")
        await rig.until(lambda: rig.line.agent_speaking)
        heard = rig.line.heard_ms
        await rig.until(lambda: rig.line.heard_ms > heard + 1000)
        await rig.record.append(CID, TextReceived(id="sms:SM9", at=NOW, sid="SM9", body="a condo"))
        await rig.quiet(600)

    log = play(valkey_url, story, Script(explains))
    _, explained, acknowledged = of(log, PersonaSaid)
    assert explained.text.startswith(explained.heard)
    assert explained.heard != explained.text
    assert acknowledged.text.startswith("Got your text.")
    assert [fact.source for fact in of(log, FactLearned)] == ["sms:SM9"]


def test_any_other_text_waits_until_nobody_speaks(valkey_url: str) -> None:
    """It does not cut the persona off."""

    async def story(rig: Rig) -> None:
        await rig.quiet()
        await rig.say("tell me more")
        await rig.until(lambda: rig.line.agent_speaking)
        heard = rig.line.heard_ms
        await rig.until(lambda: rig.line.heard_ms > heard + 1000)
        await rig.record.append(CID, TextReceived(id="sms:SM9", at=NOW, sid="SM9", body="my dog is barking"))
        await rig.quiet(600)

    _, explained, acknowledged = of(play(valkey_url, story, Script(explains)), PersonaSaid)
    assert explained.heard == explained.text
    assert acknowledged.text.startswith("Got your text.")


def owed(words: str) -> list[Event]:
    """A text as the webhook takes it in: with the request to answer it."""
    text = TextReceived(id="sms:SM9", at=NOW, sid="SM9", body=words)
    return [text, EffectRequested(id="answer:SM9", at=NOW, effect=Answer(text_id=text.id), due=NOW)]


def test_a_text_that_was_answered_aloud_is_not_owed_by_text(valkey_url: str) -> None:
    """The call settles the answer once the lead has heard it."""

    async def story(rig: Rig) -> None:
        await rig.quiet()
        await rig.record.append(CID, *owed("a condo"))
        await rig.quiet()

    log = play(valkey_url, story)
    [settled] = of(log, EffectSettled)
    assert (settled.effect, settled.outcome) == ("answer:SM9", "done")
    assert fold_all(View(), log).outbox == {}


def test_a_text_the_call_did_not_answer_is_owed_by_text(valkey_url: str) -> None:
    """The lead texts and hangs up: nothing he said is lost between the channels."""

    async def story(rig: Rig) -> None:
        await rig.until(lambda: rig.line.agent_speaking)
        await rig.record.append(CID, *owed("my dog is barking"))
        heard = rig.line.heard_ms
        await rig.until(lambda: rig.line.heard_ms > heard + 500)

    assert set(fold_all(View(), play(valkey_url, story)).outbox) == {"answer:SM9"}


def test_a_call_that_comes_back_answers_what_it_owes(valkey_url: str) -> None:
    """The process that had the call died with a text unanswered; the next one finds it in the record."""

    async def story(rig: Rig) -> None:
        await rig.quiet(900)

    log = play(valkey_url, story, before=owed("a condo"))
    assert of(log, PersonaSaid)[-1].text.startswith("Got your text.")
    assert fold_all(View(), log).outbox == {}


def test_a_call_whose_process_died_goes_on_in_the_middle_of_the_sentence(valkey_url: str) -> None:
    """What the carrier said was played counts as heard; the first clause it did not confirm is said again."""
    opening = f"This is Ava, on a {RECORDED}. Is that okay?"
    broken = persona_saying(1, opening, heard=f"This is Ava, on a {RECORDED}.", asks="recording_ok")

    async def story(rig: Rig) -> None:
        await rig.quiet()

    first, second = of(play(valkey_url, story, before=[call_connected(stream="MZ0"), broken]), PersonaSaid)
    assert (first.text, first.heard, first.turn) == (opening, broken.heard, 1)
    assert first.cut_ms == broken.heard_ms
    assert (second.text, second.asks, second.turn) == (f"{LINE_DROPPED} Is that okay?", "recording_ok", 2)


def test_how_far_a_turn_has_come_is_on_record_while_it_is_said(valkey_url: str) -> None:
    """All of it as soon as it is known, then clause by clause as it is played; never more than was said."""

    async def story(rig: Rig) -> None:
        await rig.quiet()

    log = play(valkey_url, story)
    [opening], progress = of(log, PersonaSaid), of(log, PersonaSaying)
    assert {event.text for event in progress} == {opening.text}
    assert [len(event.heard) for event in progress] == sorted({len(event.heard) for event in progress})
    assert len(progress) > 1
    assert all(opening.text.startswith(event.heard) for event in progress)
    assert log.index(progress[-1]) < log.index(opening)


def test_a_text_that_was_answered_elsewhere_is_not_answered_again(valkey_url: str) -> None:
    """A worker was quicker than the call that just connected."""

    async def story(rig: Rig) -> None:
        await rig.until(lambda: rig.line.agent_speaking)
        sent = EffectSettled(id="answer:SM9:settled", at=NOW, effect="answer:SM9", outcome="done")
        await rig.record.append(CID, sent)
        await rig.quiet(900)

    assert len(of(play(valkey_url, story, before=owed("a condo")), PersonaSaid)) == 1


def test_a_stop_by_text_ends_the_call(valkey_url: str) -> None:
    """A suppression from any channel is a suppression here."""

    async def story(rig: Rig) -> None:
        await rig.quiet()
        stop = Suppressed(id="sms:SM9:stop", at=NOW, reason="opt_out", channel="sms", words="stop", detector="keyword")
        await rig.record.append(CID, stop)
        await rig.over()

    assert of(play(valkey_url, story), CallEnded)[0].cause == "we_hung_up"


def searches(log: Sequence[Event]) -> list[str]:
    """The searches for a person that were asked for."""
    effects = [event.effect for event in of(log, EffectRequested)]
    return [effect.search for effect in effects if isinstance(effect, FindAgent)]


def step(reached: HandoffStep, handoff: str = "h", agent: str | None = "Sarah", detail: str = "") -> HandoffAdvanced:
    """A transfer having come to a step."""
    return HandoffAdvanced(
        id=f"{handoff}:{reached}",
        at=NOW,
        handoff=handoff,
        step=reached,
        call="CA1",
        agent=agent,
        search="h",
        detail=detail,
    )


def test_the_lead_is_told_only_when_an_agent_has_accepted(valkey_url: str) -> None:
    """Requested by the brain, announced on acceptance, and only then is the line given up."""

    async def story(rig: Rig) -> None:
        await rig.quiet()
        await rig.say("I am ready")
        await rig.quiet()
        log = [event for _, event in await rig.record.log(CID)]
        assert not [event for event in of(log, PersonaSaid) if "Sarah" in event.text]
        assert searches(log) == ["CA1-2"]
        await rig.record.append(CID, step(HandoffStep.REQUESTED), step(HandoffStep.ACCEPTED))
        await rig.over()

    log = play(valkey_url, story)
    assert "Sarah" in of(log, PersonaSaid)[-1].text
    assert of(log, CallEnded)[0].cause == "transferred"


def test_a_stop_said_while_hanging_up_counts(valkey_url: str) -> None:
    """The last words are recognised after the line is dead."""

    async def story(rig: Rig) -> None:
        await rig.quiet()
        await rig.say("please stop calling me", 900)

    log = play(valkey_url, story)
    assert [event.text for event in of(log, LeadSaid)] == ["please stop calling me"]
    assert of(log, Suppressed)[0].reason == "opt_out"
    assert of(log, CallEnded)[0].cause == "lead_hung_up"


def test_key_nine_stops_everything_at_once(valkey_url: str) -> None:
    """Pressed while the persona speaks: suppressed in that instant, one sentence, the end."""

    async def story(rig: Rig) -> None:
        await rig.until(lambda: rig.line.agent_speaking)
        rig.line.press("9")
        await rig.over()

    log = play(valkey_url, story)
    [stop] = of(log, Suppressed)
    opening, farewell = of(log, PersonaSaid)
    assert stop.detector == "key"
    assert opening.cut_ms is not None
    assert "stop contacting you" in farewell.heard
    assert of(log, CallEnded)[0].cause == "we_hung_up"


def counts(text: str) -> Sequence[Move]:
    """A brain that asks for a number, and is content with what it gets."""
    return [Say("How many cars?", "vehicles")] if text == "a car" else [Say(f"I have {text}.")]


def test_a_number_that_was_asked_for_may_be_typed(valkey_url: str) -> None:
    """It is on the record as the lead's, and answered; the nine in it stops nothing."""

    async def story(rig: Rig) -> None:
        await rig.quiet()
        await rig.say("a car")
        await rig.quiet()
        for key in "19":
            rig.line.press(key)
        await rig.quiet()

    log = play(valkey_url, story, Script(counts))
    assert [event.text for event in of(log, LeadSaid)] == ["a car", "19"]
    assert of(log, PersonaSaid)[-1].heard == "I have 19."
    assert of(log, Suppressed) == []


def test_a_nine_in_answer_to_a_number_stops_everything(valkey_url: str) -> None:
    """If no other key follows, also when he hangs up at once."""

    async def story(rig: Rig) -> None:
        await rig.quiet()
        await rig.say("a car")
        await rig.quiet()
        rig.line.press("9")
        await asyncio.sleep(0.1)

    log = play(valkey_url, story, Script(counts))
    assert [stop.words for stop in of(log, Suppressed)] == ["9"]


def test_key_zero_finds_a_person(valkey_url: str) -> None:
    """As on every line: nobody was told to, and everybody tries."""

    async def story(rig: Rig) -> None:
        await rig.quiet()
        rig.line.press("0")
        await rig.quiet()

    log = play(valkey_url, story)
    assert [event.text for event in of(log, LeadSaid)] == ["0"]
    assert [fact.key for fact in of(log, FactLearned)] == ["human_requested"]
    assert "find someone for you" in of(log, PersonaSaid)[-1].heard
    assert [type(event.effect) for event in of(log, EffectRequested)] == [FindAgent]


@pytest.mark.parametrize("by_key", [True, False])
def test_who_talks_over_the_last_sentence_does_not_begin_anew(by_key: bool, valkey_url: str) -> None:
    """He wanted no more: whatever he says now, he hears that to its end, and the call is over."""

    async def story(rig: Rig) -> None:
        if by_key:
            await rig.until(lambda: rig.line.agent_speaking)
            rig.line.press("9")
        else:
            await rig.quiet()
            await rig.say("please stop calling me", 900)
        await rig.until(lambda: bool(rig.line.agent_speaking))
        rig.line.speak(rig.phrases.tone("who are you anyway", 900))
        await rig.over()

    log = play(valkey_url, story)
    last = of(log, PersonaSaid)[-1]
    assert (last.cut_ms, "Goodbye" in last.text) == (None, True)
    assert of(log, CallEnded)[0].cause == "we_hung_up"


def test_an_agent_who_leaves_after_accepting_is_not_announced_any_more(valkey_url: str) -> None:
    """The announcement is taken back, and the lead keeps his call."""

    async def story(rig: Rig) -> None:
        await rig.quiet()
        await rig.say("I am ready")
        await rig.quiet()
        await rig.record.append(CID, step(HandoffStep.REQUESTED), step(HandoffStep.ACCEPTED))
        await rig.until(lambda: rig.line.agent_speaking)
        await rig.record.append(CID, step(HandoffStep.UNREACHED))
        await rig.quiet(1200)
        assert not rig.line.closed

    log = play(valkey_url, story)
    assert of(log, CallEnded)[0].cause == "lead_hung_up"
    announced, taken_back = of(log, PersonaSaid)[-2:]
    assert announced.cut_ms is not None
    assert "Sarah just dropped off" in taken_back.text


def test_a_next_one_is_named_and_nobody_ends_in_a_time(valkey_url: str) -> None:
    """While people are rung the lead hears how it goes; when nobody is left, why, and a question for a time."""

    async def story(rig: Rig) -> None:
        await rig.quiet()
        await rig.say("I am ready")
        await rig.quiet()
        await rig.record.append(CID, step(HandoffStep.REQUESTED), step(HandoffStep.DECLINED))
        await rig.record.append(CID, step(HandoffStep.REQUESTED, "h.2", agent="Mike"))
        await rig.quiet()
        await rig.record.append(CID, step(HandoffStep.NOBODY_FREE, "h.3", agent=None, detail="asked already"))
        await rig.quiet()

    said = [event.text for event in of(play(valkey_url, story), PersonaSaid)]
    assert said[-2] == "Sarah can't take it just now. I'm trying Mike for you."
    assert said[-1].startswith("I couldn't get hold of anyone just now.")


def test_a_lead_who_comes_back_from_the_room_is_told_who_speaks_again(valkey_url: str) -> None:
    """The agent left while he stayed: no second opening, and nothing is asked that he has answered."""

    async def story(rig: Rig) -> None:
        await rig.quiet()

    joined = step(HandoffStep.JOINED).model_copy(update={"at": NOW - timedelta(minutes=5)})
    away = CallEnded(id="ended:MZ0", at=NOW, call="CA1", cause="transferred", heard_ms=1)
    before = [step(HandoffStep.REQUESTED), joined, away, step(HandoffStep.LEFT)]
    [said] = of(play(valkey_url, story, before=before), PersonaSaid)
    assert said.text.startswith("It's Ava again, the virtual assistant. Sarah is off the line.")


def test_two_wishes_for_a_person_ring_one(valkey_url: str) -> None:
    """A transfer is asked for once, however often the lead asks."""

    async def story(rig: Rig) -> None:
        await rig.quiet()
        await rig.say("I am ready")
        await rig.quiet()
        await rig.say("I am ready")
        await rig.quiet()

    log = play(valkey_url, story)
    assert len(searches(log)) == 1


def test_an_operator_s_order_finds_a_person(valkey_url: str) -> None:
    """Without a word of the lead's; an order for another call is not for this one."""

    async def story(rig: Rig) -> None:
        await rig.quiet()
        await rig.record.append(CID, TransferOrdered(id="o1", at=NOW, call="CA0", by="Kim"))
        await rig.record.append(CID, TransferOrdered(id="o2", at=NOW, call="CA1", by="Kim"))
        await rig.record.append(CID, TransferOrdered(id="o3", at=NOW, call="CA1", by="Kim"))
        await rig.quiet()

    assert len(searches(play(valkey_url, story))) == 1


def test_spanish_on_a_call_is_offered_by_text_or_with_a_person(valkey_url: str) -> None:
    """Once: the voice speaks English only, and says what it can do instead."""

    async def story(rig: Rig) -> None:
        await rig.quiet()
        await rig.say("no hablo inglés")
        await rig.quiet(900)
        await rig.say("hablo español")
        await rig.quiet(900)

    said = [event.text for event in of(play(valkey_url, story), PersonaSaid)]
    assert len([text for text in said if "Spanish" in text]) == 1


def test_spanish_is_simply_talked_where_the_engines_know_it(valkey_url: str) -> None:
    """Nothing is offered in its place."""

    async def story(rig: Rig) -> None:
        rig.engines.languages = ("en", "es")
        await rig.quiet()
        await rig.say("no hablo inglés")
        await rig.quiet(900)

    said = [event.text for event in of(play(valkey_url, story), PersonaSaid)]
    assert [text for text in said if "You said no hablo" in text]
    assert not [text for text in said if "Spanish" in text]


def test_a_brain_that_fails_costs_a_turn_and_not_the_call(valkey_url: str) -> None:
    """The lead hears an apology, and is answered the next time."""

    def fails(text: str) -> Sequence[Move]:
        if text == "a condo":
            raise ValueError("no idea")
        return table(text)

    async def story(rig: Rig) -> None:
        await rig.quiet()
        await rig.say("a condo")
        await rig.quiet()
        await rig.say("a condo please")
        await rig.quiet()

    _, apology, answer = of(play(valkey_url, story, Script(fails)), PersonaSaid)
    assert apology.text == APOLOGY
    assert answer.text == "Condo, thanks. When do you close?"


class Stalls(Script):
    """A brain that says a sentence, a second one when it is let, and never comes to the third."""

    def __init__(self) -> None:
        super().__init__(lambda text: [Say("word " * 60 + "and.")])
        self.let = asyncio.Event()
        self.stalled = False

    async def reply(self, snapshot: Snapshot, utterance: Utterance) -> AsyncIterator[Move]:
        """Its sentences."""
        async for move in super().reply(snapshot, utterance):
            yield move
        await self.let.wait()
        yield Say("And more.")
        self.stalled = True
        await asyncio.Event().wait()


def test_a_call_that_breaks_in_a_turn_leaves_it_to_whoever_goes_on(valkey_url: str) -> None:
    """The record has all of the turn that was made; then the call's account is closed, and nothing comes after."""
    reported: list[dict[str, Any]] = []

    def gone(item: object) -> None:
        raise OSError("the carrier's library failed")

    async def main() -> list[Event]:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context))
        record, brain = record_at(valkey_url), Stalls()
        rig = Rig(record, brain, CAMPAIGN)
        await rig.__aenter__()
        await rig.quiet()
        opening_ms = rig.line.heard_ms
        await rig.say("a long story")
        await rig.until(lambda: rig.line.heard_ms > opening_ms + 1000)  # it stands by then
        brain.let.set()
        await rig.until(lambda: brain.stalled)
        rig.line.send = gone
        with pytest.raises(ExceptionGroup):
            await rig.over()
        log = [event for _, event in await record.log(CID)]
        await record.close()
        return log

    with Redis.from_url(valkey_url) as redis:
        redis.flushdb()
    log = run(main())
    assert reported == []
    assert of(log, PersonaSaying)[-1].text.endswith("word and. And more.")
    assert isinstance(log[-1], CallEnded)
    assert log[-1].cause == "dropped"


def test_engines_that_fail_leave_the_call_alive(valkey_url: str) -> None:
    """What was not recognised is as if it had not been said; the persona asks when nobody speaks."""

    async def story(rig: Rig) -> None:
        await rig.quiet()
        rig.phrases.broken = True
        await rig.say("a condo")
        await rig.until(lambda: rig.phrases.transcribed == 1)
        rig.phrases.broken = False
        rig.line.speak(np.zeros(500 * MS, np.int16))
        await rig.say("a condo please", 1100)
        await rig.quiet()

    log = play(valkey_url, story)
    assert [event.text for event in of(log, LeadSaid)] == ["a condo please"]
    assert of(log, CallEnded)[0].cause == "lead_hung_up"


def test_a_lead_who_hangs_up_ends_the_call(valkey_url: str) -> None:
    """Whatever was being said is recorded as far as it was heard."""

    async def story(rig: Rig) -> None:
        await rig.until(lambda: rig.line.agent_speaking)

    log = play(valkey_url, story)
    assert of(log, CallEnded)[0].cause == "lead_hung_up"
    [opening] = of(log, PersonaSaid)
    assert opening.cut_ms is not None
