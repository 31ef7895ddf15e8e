"""Warm transfers from beginning to end: the real app, a sandbox network, tones for voices, a faster clock."""

from datetime import time

from telephony_kit import LEAD
from transfer_stage import INSURANCE, MIKE, SARAH, Stage, longest_silence_s, play, steps_of

from agent.campaign import Shift
from state.events import Event, PersonaSaid, Promised
from telephony.sandbox.human import Decision
from telephony.sandbox.live_call import Reporting
from telephony.sandbox.phone import PickUp
from telephony.sandbox.server import Sandbox
from telephony.sandbox.steps import Over

THROUGH = ["requested", "ringing", "briefing", "accepted", "joined"]


def said(log: list[Event]) -> str:
    """Everything the persona said."""
    return " ".join(event.text for event in log if isinstance(event, PersonaSaid))


def rung(sandbox: Sandbox) -> list[str]:
    """Whose telephones rang, in order."""
    return [call.to for call in sandbox.calls if call.to in (SARAH, MIKE)]


def lead_heard(sandbox: Sandbox) -> float:
    """The longest silence in the lead's ear, in seconds."""
    live = next(live for live in sandbox.live.values() if live.record.sender == LEAD)
    return longest_silence_s(live.phone.handset.recording[:, 1])


def clean(sandbox: Sandbox) -> None:
    """Nothing Twilio would have complained about."""
    assert (sandbox.violations, sandbox.warnings, sandbox.errors) == ([], [], [])


def test_who_declines_is_followed_by_the_next(valkey_url: str) -> None:
    """The lead hears that it goes on, and with whom, and never ten seconds of nothing."""

    async def story(stage: Stage) -> None:
        await stage.reached(*THROUGH[:3], "declined", *THROUGH)

    log, sandbox = play(valkey_url, story, sarah={"decision": Decision.DECLINES})
    assert rung(sandbox) == [SARAH, MIKE]
    assert "Sarah can't take it just now. I'm trying Mike for you." in said(log)
    assert "Connecting you with Mike now. He already has your details" in said(log)
    assert "Connecting you with Sarah" not in said(log)
    assert lead_heard(sandbox) <= 10
    clean(sandbox)


def test_no_answer_and_busy_end_in_an_honest_word_and_a_time(valkey_url: str) -> None:
    """One rings out, one is busy: the lead hears it, takes the time offered, and it is promised."""

    async def story(stage: Stage) -> None:
        await stage.said("I couldn't get hold of anyone just now. I can have you called back")
        phone = stage.lead.phone
        assert phone is not None
        phone.handset.speak(stage.lead.tone("yes that works"))
        await stage.until(lambda log: any(isinstance(event, Promised) and event.due for event in log))

    log, sandbox = play(valkey_url, story, sarah={"pick_up": PickUp.RINGS_OUT}, mike={"pick_up": PickUp.BUSY})
    assert rung(sandbox) == [SARAH, MIKE]
    assert steps_of(log) == ["requested", "ringing", "unreached", "requested", "ringing", "unreached", "nobody_free"]
    [promise] = [event for event in log if isinstance(event, Promised) and event.due]
    assert promise.what.startswith("call today at")
    assert "Connecting" not in said(log)
    assert lead_heard(sandbox) <= 10
    clean(sandbox)


def test_a_lead_who_hangs_up_stops_the_ringing(valkey_url: str) -> None:
    """Her telephone is silent at once, and nobody else's rings."""

    async def story(stage: Stage) -> None:
        await stage.reached("requested", "ringing")
        stage.lead.leaves.set()
        await stage.reached("requested", "ringing", "lead_gone")

    log, sandbox = play(valkey_url, story, sarah={"answer_after_s": 15.0})
    assert steps_of(log) == ["requested", "ringing", "lead_gone"]
    [ring] = [call for call in sandbox.calls if call.to == SARAH]
    assert ring.status == "canceled"
    assert rung(sandbox) == [SARAH]
    clean(sandbox)


def test_an_agent_who_drops_before_the_lead_is_there_leaves_him_with_the_persona(valkey_url: str) -> None:
    """He was promised Sarah; he hears that she is gone, and the next one is found."""

    async def story(stage: Stage) -> None:
        await stage.reached(*THROUGH[:4], "unreached", *THROUGH)

    log, sandbox = play(valkey_url, story, sarah={"decision": Decision.TAKES_IT_AND_DROPS})
    assert "Sarah just dropped off. Let me see who else is free." in said(log)
    assert rung(sandbox) == [SARAH, MIKE]
    assert lead_heard(sandbox) <= 10
    clean(sandbox)


def test_an_agent_who_leaves_gives_the_lead_back(valkey_url: str) -> None:
    """He stays on the line: the persona is there again, and knows what happened."""

    async def story(stage: Stage) -> None:
        await stage.reached(*THROUGH, "left")
        await stage.said("It's Ava again, the virtual assistant. Sarah is off the line.")

    log, sandbox = play(valkey_url, story, sarah={"stays_s": 40.0})
    assert steps_of(log) == [*THROUGH, "left"]
    assert said(log).count("recorded line") == 1
    clean(sandbox)


def test_an_agent_agrees_aloud(valkey_url: str) -> None:
    """ "Yes, put him through" is as good as the key."""

    async def story(stage: Stage) -> None:
        await stage.reached(*THROUGH)
        await stage.together()

    _, sandbox = play(valkey_url, story, sarah={"decision": Decision.SAYS_YES})
    assert rung(sandbox) == [SARAH]
    [room] = sandbox.conferences
    assert {participant.label for participant in room.participants} == {"agent", "lead"}
    clean(sandbox)


def test_nobody_on_duty_rings_nobody(valkey_url: str) -> None:
    """The lead hears that people are off, and is offered a time at which they are there."""
    night = Shift(zone="America/Chicago", start=time(18), end=time(19))
    team = tuple(agent.model_copy(update={"hours": night}) for agent in INSURANCE.agents)

    async def story(stage: Stage) -> None:
        await stage.said("Our people are off at the moment. I can have you called back today at 6 pm Central.")

    log, sandbox = play(valkey_url, story, campaign=INSURANCE.model_copy(update={"agents": team}))
    assert steps_of(log) == ["nobody_free"]
    assert rung(sandbox) == []
    clean(sandbox)


def test_a_lead_left_alone_in_the_room_is_brought_back(valkey_url: str) -> None:
    """Her line dies and no report of it comes: within seconds we ask the carrier, and take him back."""

    async def story(stage: Stage) -> None:
        await stage.reached(*THROUGH[:4])
        deaf(stage.sandbox, SARAH)
        await stage.until(lambda log: "unreached" in steps_of(log) or "left" in steps_of(log))
        await stage.said("again, the virtual assistant")

    log, sandbox = play(valkey_url, story, sarah={"decision": Decision.TAKES_IT_AND_DROPS, "drops_after_s": 3.0})
    assert steps_of(log)[4:6] == ["joined", "left"]
    assert lead_heard(sandbox) <= 10


def deaf(sandbox: Sandbox, number: str) -> None:
    """From here on Twilio tells us nothing of somebody's calls."""
    for live in sandbox.live.values():
        if live.record.to == number:
            live._reporting = Reporting()
            live._steps._to = lambda *_: Over()  # type: ignore[method-assign]
