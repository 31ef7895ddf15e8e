"""Who picked up, on a real call of the rig: what is said to whom, and what the record holds of it."""

from collections.abc import Awaitable, Callable, Sequence

import numpy as np
from call_rig import CID, MS, Rig, Script
from happenings import NOW, fact, text_received
from test_telephony_live_call import play

from agent.asking import RECORDED
from agent.moves import Say
from audio.engines import Pcm16
from state.events import AnswerDetected, CallAnsweredBy, CallEnded, Event, LeadSaid, PersonaSaid

TOLD = (text_received(1), fact("product", "home"))
"""He texted that he wants home coverage."""


def beep() -> Pcm16:
    """A machine's tone, and a moment of silence."""
    sine = 6_000 * np.sin(2 * np.pi * 1_000 * np.arange(400 * MS) / 8_000)
    return np.concatenate((sine, np.zeros(300 * MS))).astype(np.int16)


def answered(events: Sequence[Event]) -> list[tuple[str, bool]]:
    """Who answered, as it became known."""
    return [(event.who, event.message_left) for event in events if isinstance(event, CallAnsweredBy)]


def heard(events: Sequence[Event]) -> str:
    """Everything that was heard of the persona."""
    return " ".join(event.heard for event in events if isinstance(event, PersonaSaid))


def call(url: str, story: Callable[[Rig], Awaitable[None]]) -> tuple[list[Event], Script]:
    """Plays a story on a call to a lead who has texted that he wants home coverage."""
    brain = Script(lambda text: [Say(f"You said {text}.")])
    return play(url, story, brain, TOLD), brain


def test_a_machine_gets_the_message_after_the_beep_and_nothing_else(valkey_url: str) -> None:
    """The message is heard to its end, then we hang up; what the lead told us is not said to a machine."""

    async def story(rig: Rig) -> None:
        await rig.say("Hi, you've reached Jordan. Leave a message after the tone.", 2_500)
        rig.line.speak(beep())
        await rig.over()

    events, brain = call(valkey_url, story)
    assert answered(events) == [("machine", False), ("machine", True)]
    said = heard(events)
    assert "AI virtual assistant" in said
    assert "reply STOP" in said
    assert "home coverage" not in said
    assert brain.asked == []
    assert not any(isinstance(event, LeadSaid) for event in events)
    assert [event.cause for event in events if isinstance(event, CallEnded)] == ["we_hung_up"]


def test_a_person_hears_what_we_know_of_him(valkey_url: str) -> None:
    """In one breath with the greeting, which did not wait for him."""

    async def story(rig: Rig) -> None:
        await rig.quiet()

    human = AnswerDetected(id="amd", at=NOW, call="CA1", verdict="human")
    events = play(valkey_url, story, Script(lambda text: []), (*TOLD, human))
    assert answered(events) == [("person", False)]
    assert RECORDED in heard(events)
    assert "home coverage" in heard(events)


def test_nobody_who_says_nothing_hears_what_we_know(valkey_url: str) -> None:
    """The greeting and why we call, but nothing of his."""

    async def story(rig: Rig) -> None:
        await rig.quiet()

    events, _ = call(valkey_url, story)
    assert answered(events) == []
    assert RECORDED in heard(events)
    assert "home coverage" not in heard(events)


def test_the_carriers_verdict_reaches_the_call_through_the_record(valkey_url: str) -> None:
    """On whichever server it arrives."""

    async def story(rig: Rig) -> None:
        found = AnswerDetected(id="amd", at=NOW, call="CA1", verdict="machine_end_beep")
        await rig.record.append(CID, found)
        await rig.over()

    events, _ = call(valkey_url, story)
    assert answered(events)[-1] == ("machine", True)


def test_who_picks_up_during_the_message_is_talked_to(valkey_url: str) -> None:
    """From the start: he has heard nothing of it."""

    async def story(rig: Rig) -> None:
        await rig.record.append(CID, AnswerDetected(id="amd", at=NOW, call="CA1", verdict="machine_end_beep"))
        await rig.until(lambda: rig.line.agent_speaking and rig.line.cleared > 0)
        await rig.say("Hello I am here now", 1_500)
        await rig.quiet(1_000)

    events, _ = call(valkey_url, story)
    assert answered(events) == [("machine", False), ("person", False)]
    assert RECORDED in heard(events)
    assert "home coverage" in heard(events)


def test_people_talking_behind_whoever_picked_up_are_no_machine(valkey_url: str) -> None:
    """However long: the opening is said to its end, and he is asked whether he is there."""

    async def story(rig: Rig) -> None:
        rig.phrases.confidence = -1.2
        await rig.say("one could say", 14_000)
        await rig.quiet(9_000)

    events, _ = call(valkey_url, story)
    assert answered(events) == []
    said = heard(events)
    assert said.index("virtual assistant") < said.index(RECORDED) < said.index("still there")


def test_an_assistant_that_screens_is_told_who_calls_and_why(valkey_url: str) -> None:
    """Nothing of the lead; then the person it brings is greeted."""

    async def story(rig: Rig) -> None:
        await rig.say("Please state your name and why you are calling.", 2_000)
        await rig.quiet(1_500)
        await rig.say("Hello this is Jordan", 800)
        await rig.quiet(1_000)

    events, _ = call(valkey_url, story)
    assert answered(events) == [("screener", False), ("person", False)]
    turns = [event.heard for event in events if isinstance(event, PersonaSaid)]
    assert any(turn.startswith("This is Ava, the virtual assistant") and "home coverage" not in turn for turn in turns)
    assert "home coverage" in turns[-1]
