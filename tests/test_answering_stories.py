"""Who answers our calls, from beginning to end: the real app, a sandbox network, tones for voices, a faster clock."""

from datetime import datetime, timedelta

from call_rig import Phrases
from telephony_kit import LEAD, OURS
from transfer_stage import CID, INSURANCE, Caller, Stage, play_outbound

from agent.outreach import Step, plan
from state.effects import SendText
from state.events import CallAnsweredBy, CallEnded, Event, LeadSaid, PersonaSaid, TextSent
from telephony.sandbox.machines import Screener, Voicemail
from telephony.sandbox.server import Sandbox

GREETING = ("Hi, this is Jordan.", "I can't come to the phone right now.", "Leave me a message after the tone.")


def answered(log: list[Event]) -> list[tuple[str, bool]]:
    """Who answered, as it became known, and whether he was left a message."""
    return [(event.who, event.message_left) for event in log if isinstance(event, CallAnsweredBy)]


def heard(log: list[Event]) -> list[str]:
    """What was heard of the persona, turn by turn."""
    return [event.heard for event in log if isinstance(event, PersonaSaid)]


def ended_at(log: list[Event]) -> datetime:
    """When the first call was over."""
    return next(event.at for event in log if isinstance(event, CallEnded))


async def asks_for_a_call(stage: Stage) -> None:
    """The lead wants to be called now."""
    await stage.sandbox.text(LEAD, OURS, "yes call me now")


async def over(stage: Stage) -> None:
    """The call was made and is over."""
    await stage.until(lambda log: any(isinstance(event, CallEnded) for event in log))


def follow_up(log: list[Event]) -> TextSent | None:
    """The text after the call."""
    over = [event.at for event in log if isinstance(event, CallEnded)]
    return next((event for event in log if isinstance(event, TextSent) and over and event.at > over[0]), None)


async def planned(stage: Stage) -> str:
    """The text that is to follow the call that is over."""
    step = plan(await stage.record.view(CID), INSURANCE, ended_at(await stage.log()))
    assert isinstance(step, Step)
    assert isinstance(step.effect, SendText)
    return step.effect.body


def screener(caller: Caller, refuses: str | None = None) -> Screener:
    """An assistant who does not ask for long: a tone says all its words at once, and a voice in which no more are found
    for 2.5 s is held for noise."""
    return Screener(caller, asks="Please state your name and why you are calling.", refuses=refuses)


def clean(sandbox: Sandbox) -> None:
    """Nothing Twilio would have complained about."""
    assert (sandbox.violations, sandbox.warnings, sandbox.errors) == ([], [], [])


def test_a_voicemail_gets_the_message_after_the_beep_and_a_text_that_mentions_it(valkey_url: str) -> None:
    """All of the message is recorded, nothing before the beep, nothing of what the lead told us; then the text."""
    machine = Voicemail(LEAD, GREETING)

    async def story(stage: Stage) -> None:
        await asks_for_a_call(stage)
        await stage.until(lambda log: follow_up(log) is not None)

    log, sandbox = play_outbound(valkey_url, story, lambda _: machine)
    assert answered(log)[-1] == ("machine", True)
    [message] = machine.messages
    said = next(event for event in log if isinstance(event, PersonaSaid) and "reply STOP" in event.text)
    assert said.heard == said.text
    assert not message.cut_off
    assert len(message.audio) / 8_000 >= 0.06 * len(said.text.split())
    assert not any(isinstance(event, LeadSaid) for event in log)
    assert "home coverage" not in " ".join(heard(log))
    text = follow_up(log)
    assert text is not None
    assert timedelta(seconds=45) <= text.at - ended_at(log) <= timedelta(seconds=120)
    assert "voicemail" in text.body
    assert text.body in machine.received
    clean(sandbox)


def test_a_full_mailbox_is_left_alone(valkey_url: str) -> None:
    """No message, and a text that does not speak of one."""
    full = Voicemail(
        LEAD, ["The person you are calling is away.", "The mailbox is full. Goodbye."], full=True, pause_s=3
    )

    async def story(stage: Stage) -> None:
        await asks_for_a_call(stage)
        await over(stage)
        assert "tried to call you" in await planned(stage)

    log, sandbox = play_outbound(valkey_url, story, lambda _: full)
    assert answered(log)[-1] == ("machine", False)
    assert full.messages == []
    clean(sandbox)


def test_a_screener_is_told_who_calls_and_why_and_brings_the_lead(valkey_url: str) -> None:
    """Nothing of his is said to it; he is greeted, and hears what he told us."""

    async def story(stage: Stage) -> None:
        await asks_for_a_call(stage)
        await stage.said("home coverage")

    log, sandbox = play_outbound(
        valkey_url,
        story,
        lambda phrases: screener(Caller(phrases, hello="Hello, this is Jordan", after_s=0.5)),
    )
    assert answered(log) == [("screener", False), ("person", False)]
    turns = heard(log)
    told = next(place for place, turn in enumerate(turns) if "This is Ava, the virtual assistant at" in turn)
    assert "asked for a quote online" in turns[told]
    assert not any("home coverage" in turn for turn in turns[: told + 1])
    assert "recorded line" in " ".join(turns[told + 1 :])
    clean(sandbox)


def test_a_screener_that_turns_us_away_ends_the_call(valkey_url: str) -> None:
    """It is no machine that took a message: the text says that we tried."""
    turned = "The person you are calling is not available. Goodbye."

    async def story(stage: Stage) -> None:
        await asks_for_a_call(stage)
        await over(stage)
        assert "tried to call you" in await planned(stage)

    log, sandbox = play_outbound(valkey_url, story, lambda phrases: screener(Caller(phrases), refuses=turned))
    assert ("screener", False) in answered(log)
    assert not any(left for _, left in answered(log))
    clean(sandbox)


def test_somebody_who_says_hello_late_is_talked_with(valkey_url: str) -> None:
    """He is no machine for having been silent, and is not greeted twice."""

    async def story(stage: Stage) -> None:
        await asks_for_a_call(stage)
        await stage.until(lambda log: ("person", False) in answered(log))
        await stage.until(lambda log: any(isinstance(event, LeadSaid) for event in log))

    log, sandbox = play_outbound(
        valkey_url,
        story,
        lambda phrases: Caller(phrases, hello="Hello? sorry I was muted", after_s=5, detected="unknown"),
    )
    assert answered(log) == [("person", False)]
    assert " ".join(heard(log)).count("recorded line") == 1
    clean(sandbox)


def test_a_person_whom_the_carrier_takes_for_a_machine_is_talked_with(valkey_url: str) -> None:
    """His words weigh more than its verdict: the message stops, and the talk begins."""

    async def story(stage: Stage) -> None:
        await asks_for_a_call(stage)
        await stage.until(lambda log: answered(log)[-1:] == [("machine", False)])
        await stage.until(lambda log: answered(log)[-1:] == [("person", False)])
        await stage.said("home coverage")

    def someone(phrases: Phrases) -> Caller:
        caller = Caller(phrases, hello="Hello I am here who is this", after_s=2.6, detected="machine_end_other")
        return caller

    log, sandbox = play_outbound(valkey_url, story, someone)
    assert not any(left for _, left in answered(log))
    assert not any(isinstance(event, CallEnded) and event.cause == "we_hung_up" for event in log)
    clean(sandbox)


def test_a_machine_that_the_carrier_takes_for_a_person_gets_its_message(valkey_url: str) -> None:
    """What it says shows what it is."""
    machine = Voicemail(LEAD, GREETING, pause_s=1.0, answered_by="human")

    async def story(stage: Stage) -> None:
        await asks_for_a_call(stage)
        await over(stage)

    log, sandbox = play_outbound(valkey_url, story, lambda _: machine)
    assert answered(log)[0] == ("person", False)
    assert answered(log)[-1] == ("machine", True)
    assert len(machine.messages) == 1
    assert not machine.messages[0].cut_off
    clean(sandbox)
