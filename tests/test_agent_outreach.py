"""The plan, situation by situation: which step, when on the lead's clock, and that planning twice is one effect."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from guard_support import CAMPAIGN, VIEW, line
from hypothesis import given
from hypothesis import strategies as st

from agent.campaign import Campaign
from agent.gate.registers import Registers
from agent.outreach import No, Situation, Step, Wait, considered, effect_event, plan, wanted
from agent.texting import fits
from state.effects import Answer, Dial, HandoffStep, PermitKind, SendText
from state.events import (
    CallAnsweredBy,
    CallStatus,
    Channel,
    EffectSettled,
    Event,
    Promised,
    PromiseSettled,
    Scope,
    TextReceived,
    TextSent,
    TextStatus,
)
from state.fold import fold, fold_all
from state.view import Call, Consent, Fact, Handoff, Outbox, Touch, Try, View

CHICAGO = ZoneInfo("America/Chicago")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def on(day: int, clock: str) -> datetime:
    """A time in November 2026 on the lead's clock; the 18th is a Wednesday."""
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, 11, day, hour, minute, tzinfo=CHICAGO).astimezone(UTC)


TWO = on(18, "14:00")
"""Wednesday, two in the afternoon: when the lead of most situations arrives."""
BOTH = {scope: Consent(event="c", basis="written", at=TWO) for scope in Scope}
TEXTS_ONLY = {Scope.SMS: BOTH[Scope.SMS]}
CALLS_ONLY = {Scope.AI_VOICE: BOTH[Scope.AI_VOICE]}


def lead(at: datetime = TWO, source: str = "web_quote_form", **changes: object) -> View:
    """Somebody who has just left his details and agreed to both channels."""
    return VIEW.model_copy(update={"arrived_at": at, "source": source, "consents": BOTH, **changes})


def text(at: datetime, permit: PermitKind = PermitKind.INITIATE, n: int = 1) -> TextSent:
    """A text of ours."""
    return TextSent(id=f"t{n}", at=at, sid=f"SM{n}", effect="e", body="Still looking?", asks="interest", permit=permit)


def wrote(at: datetime, words: str = "yeah", n: int = 1) -> TextReceived:
    """A text of his."""
    return TextReceived(id=f"sms:{n}", at=at, sid=f"in{n}", body=words)


def called(at: datetime, status: str = "no-answer", permit: PermitKind = PermitKind.INITIATE, **more: object) -> View:
    """The lead after a first text at two and a call of ours that is over."""
    call = Call(call="CA1", direction="outbound", status=status, placed_at=at, ended=True, ended_at=at + MINUTE / 2)
    touch = Touch(channel=Channel.VOICE, at=at, permit=permit)
    view = fold(lead(), text(TWO))
    return view.model_copy(update={"calls": {"CA1": call.model_copy(update=more)}, "touches": (*view.touches, touch)})


def touched(view: View, *touches: tuple[Channel, datetime]) -> View:
    """More contacts of ours."""
    made = tuple(Touch(channel=channel, at=at, permit=PermitKind.INITIATE) for channel, at in touches)
    return view.model_copy(update={"touches": (*view.touches, *made)})


def said_yes(at: datetime, words: str = "sure", **facts: tuple[object, datetime]) -> View:
    """He answered the first text and wants a call."""
    view = fold_all(lead(), [text(TWO), wrote(at, words)])
    known = {"ready_to_talk": (True, at), **facts}
    learned = {key: Fact(value=value, source="sms:1", at=when) for key, (value, when) in known.items()}
    return view.model_copy(update={"facts": learned})


def promised(what: str, due: datetime, by: str = "call", until: datetime | None = None) -> Promised:
    """We committed ourselves, in answer to his first text."""
    return Promised(id="sms:1:promise:1", at=on(18, "14:05"), what=what, due=due, until=until, by=by)  # type: ignore[arg-type]


def talked(at: datetime, *, connected: bool, last: object = None, **more: object) -> View:
    """He talked with us on a call he asked for, and the last line was this one."""
    view = called(at, "completed", PermitKind.REQUESTED_TIME, turns=4, connected=connected, **more)
    spoken = line("it's a condo", who="lead", event="turn:CA1:3:lead", at=at)
    asked = last or line("When do you plan to move in?", asks="move_in_date", at=at)
    return view.model_copy(update={"thread": (*view.thread, spoken, asked)})


SMS, VOICE = Channel.SMS, Channel.VOICE
FIRST = fold(lead(), text(TWO))
"""Texted at two, not answered."""
COLD = fold(lead(source="list"), text(TWO))
"""The same, from somebody who did not ask for anything himself."""
MONDAY = {
    "ready_to_talk": Fact(value=True, source="sms:1", at=on(18, "14:05")),
    "callback_earliest": Fact(value="2026-11-23T09:00", source="sms:1", at=on(18, "14:05")),
}
"""He wants to be called, not before Monday."""
AT_NIGHT = on(18, "23:00")
TEXTED_AT_NINE = fold_all(lead(on(18, "20:00")), [text(on(18, "20:00")), wrote(on(18, "21:00"), "still looking")])
KEPT = PromiseSettled(id="x", at=on(18, "15:59"), promise="sms:1:promise:1", outcome="kept")
BROKEN = PromiseSettled(id="x", at=on(18, "17:00"), promise="sms:1:promise:1", outcome="broken")
ANSWERED = fold_all(lead(), [text(TWO), wrote(on(18, "14:05"))])
LONG_AGO = lead(on(18, "14:00"), thread=(line("yes?", who="lead", channel=SMS, at=on(2, "18:20"), event="sms:9"),))

Row = tuple[str, View, datetime, str]

SITUATIONS: tuple[Row, ...] = (
    # The first contact
    ("S22: a quote request at two is texted at once", lead(), TWO, "text Wed 18 14:00:00 first_text initiate"),
    (
        "S21: a form at eleven pm is texted when texts may go",
        lead(AT_NIGHT),
        AT_NIGHT,
        "text Thu 19 08:01:42 first_text initiate",
    ),
    (
        "S21: and not called before mid-morning",
        fold(lead(AT_NIGHT), text(on(19, "8:05"))),
        on(19, "8:06"),
        "call Thu 19 10:00:00 call initiate",
    ),
    (
        "S19, kind of consent: texts only, so a text",
        lead(consents=TEXTS_ONLY),
        TWO,
        "text Wed 18 14:00:00 first_text initiate",
    ),
    (
        "S19, kind of consent: calls only, so a call",
        lead(consents=CALLS_ONLY),
        TWO,
        "call Wed 18 14:00:00 first_call initiate",
    ),
    (
        "S19, kind of consent: neither, so nothing",
        lead(consents={}),
        TWO,
        "there is nothing to do but wait for the lead",
    ),
    (
        "S19, source: he asked to be called",
        lead(source="callback_request"),
        TWO,
        "call Wed 18 14:00:00 first_call initiate",
    ),
    (
        "S19, time of day: asked to be called, at night",
        lead(AT_NIGHT, "callback_request"),
        AT_NIGHT,
        "text Thu 19 08:01:42 first_text initiate",
    ),
    (
        "S19, engagement: he wrote first",
        fold(lead(source="inbound_sms"), wrote(TWO)),
        TWO,
        "there is nothing to do but wait for the lead",
    ),
    (
        "a number that is nowhere",
        lead(number="+18005550100", zip=None),
        TWO,
        "there is nothing to do but wait for the lead",
    ),
    ("whoever is not a lead yet", lead(arrived_at=None), TWO, "there is nothing to do but wait for the lead"),
    (
        "a second form a month later begins anew",
        fold(lead(), text(TWO - 30 * DAY)),
        TWO,
        "text Wed 18 14:00:00 first_text initiate",
    ),
    (
        "a second form minutes later does not",
        FIRST.model_copy(update={"arrived_at": TWO + 5 * MINUTE}),
        TWO + 6 * MINUTE,
        "call Wed 18 14:25:00 call initiate",
    ),
    # No answer to the first text
    (
        "S27: a quote request without an answer is called the same day",
        FIRST,
        TWO + MINUTE,
        "call Wed 18 14:25:00 call initiate",
    ),
    (
        "S19, source: a bought lead is not; he gets a second line",
        COLD,
        TWO + MINUTE,
        "text Wed 18 14:10:00 nudge initiate",
    ),
    (
        "without consent to calls, a second line too",
        FIRST.model_copy(update={"consents": TEXTS_ONLY}),
        TWO + MINUTE,
        "text Wed 18 14:10:00 nudge initiate",
    ),
    (
        "too late in the day for either",
        fold(lead(on(18, "20:40")), text(on(18, "20:40"))),
        on(18, "20:41"),
        "call Thu 19 10:00:07 day2 initiate",
    ),
    (
        "a text that did not arrive leads to a call",
        fold(COLD, TextStatus(id="u", at=TWO, sid="SM1", status="undelivered")),
        TWO + MINUTE,
        "call Wed 18 14:05:00 call initiate",
    ),
    (
        "the second line was sent",
        touched(COLD, (SMS, TWO + 10 * MINUTE)),
        TWO + 11 * MINUTE,
        "call Thu 19 10:00:07 day2 initiate",
    ),
    (
        "the first text could not be sent at all",
        lead(tries={"first_text:20261118T200000": Try(at=TWO, outcome="failed")}),
        TWO + MINUTE,
        "call Wed 18 14:01:00 first_call initiate",
    ),
    (
        "refused at the last moment: a minute later",
        lead(tries={"first_text:20261118T200000": Try(at=TWO, outcome="refused")}),
        TWO,
        "text Wed 18 14:01:00 first_text initiate",
    ),
    (
        "S35: Florida closes at eight in the evening",
        lead(on(18, "19:30"), number="+18135550142", zip="33601"),
        on(18, "19:30"),
        "text Thu 19 07:14:18 first_text initiate",
    ),
    (
        "S35: in Los Angeles it is six in the morning",
        lead(on(18, "8:10"), number="+12135550142", zip="90001"),
        on(18, "8:10"),
        "text Wed 18 10:05:08 first_text initiate",
    ),
    # Calls that did not reach him
    (
        "S28: voicemail, so a text within two minutes",
        fold(
            called(TWO + 25 * MINUTE, "completed"),
            CallAnsweredBy(id="m", at=TWO, call="CA1", who="machine", message_left=True),
        ),
        TWO + 26 * MINUTE,
        "text Wed 18 14:26:30 missed voicemail_follow_up",
    ),
    (
        "a voicemail nobody classified: no word from him",
        called(TWO + 25 * MINUTE, "completed", connected=True, turns=1),
        TWO + 26 * MINUTE,
        "text Wed 18 14:26:30 missed voicemail_follow_up",
    ),
    (
        "S26: no answer, so a text, at a distance",
        called(TWO + 25 * MINUTE),
        TWO + 26 * MINUTE,
        "text Wed 18 14:30:30 missed initiate",
    ),
    ("busy, likewise", called(TWO + 25 * MINUTE, "busy"), TWO + 26 * MINUTE, "text Wed 18 14:30:30 missed initiate"),
    (
        "a call that we took back, likewise",
        called(TWO + 25 * MINUTE, "canceled"),
        TWO + 26 * MINUTE,
        "text Wed 18 14:30:30 missed initiate",
    ),
    (
        "a call that failed, likewise",
        called(TWO + 25 * MINUTE, "failed"),
        TWO + 26 * MINUTE,
        "text Wed 18 14:30:30 missed initiate",
    ),
    (
        "no answer to a call he asked for: at once",
        called(TWO + 25 * MINUTE, permit=PermitKind.REQUESTED_TIME),
        TWO + 26 * MINUTE,
        "text Wed 18 14:26:30 missed voicemail_follow_up",
    ),
    (
        "the text after the missed call was sent",
        fold(called(TWO + 25 * MINUTE), text(TWO + 31 * MINUTE, n=2)),
        TWO + 32 * MINUTE,
        "call Thu 19 14:00:00 day2 initiate",
    ),
    (
        "he wrote after the missed call",
        fold(called(TWO + 25 * MINUTE), wrote(TWO + 27 * MINUTE)),
        TWO + 28 * MINUTE,
        "there is nothing to do but wait for the lead",
    ),
    (
        "a missed call three days ago",
        touched(called(TWO + 25 * MINUTE), (SMS, on(21, "12:00"))),
        on(21, "15:00"),
        "call Sun 22 13:08:51 day5 initiate",
    ),
    # Later days
    (
        "day 2: the other channel than the last",
        touched(COLD, (SMS, TWO + 10 * MINUTE)),
        on(18, "22:00"),
        "call Thu 19 10:00:07 day2 initiate",
    ),
    (
        "day 2 after a call: a text",
        touched(FIRST, (SMS, TWO + 10 * MINUTE), (VOICE, TWO + HOUR)),
        on(18, "22:00"),
        "text Thu 19 14:00:00 day2 initiate",
    ),
    (
        "day 3: a text towards evening",
        touched(COLD, (VOICE, on(19, "10:05"))),
        on(19, "12:00"),
        "text Fri 20 17:14:43 day3 initiate",
    ),
    (
        "day 5: a call, at another time of day",
        touched(COLD, (SMS, on(20, "17:30"))),
        on(21, "12:00"),
        "call Sun 22 13:08:51 day5 initiate",
    ),
    (
        "day 5 is a Sunday, and in Alabama nobody is called then",
        touched(COLD, (SMS, on(20, "17:30"))).model_copy(update={"number": "+12055550142", "zip": "35203"}),
        on(21, "12:00"),
        "call Mon 23 10:00:00 day5 initiate",
    ),
    (
        "day 8: a text at noon",
        touched(COLD, (VOICE, on(23, "13:05"))),
        on(24, "12:00"),
        "text Wed 25 12:04:55 day8 initiate",
    ),
    (
        "day 14: the last text",
        touched(COLD, (SMS, on(25, "12:10"))),
        on(26, "12:00"),
        "text Tue 01 10:00:13 day14 initiate",
    ),
    (
        "after the last text nothing more",
        touched(COLD, (SMS, on(25, "12:10")), (SMS, on(30, "10:10"))),
        on(30, "12:00"),
        "text Tue 01 10:00:13 day14 initiate",
    ),
    (
        "a slot that was missed is not made up beside the next",
        touched(COLD, (SMS, TWO + 10 * MINUTE)),
        on(24, "9:00"),
        "call Tue 24 10:00:00 day5 initiate",
    ),
    (
        "learned channel: he only ever answered by text",
        touched(fold(LONG_AGO, text(TWO)), (SMS, TWO + 10 * MINUTE)),
        on(18, "22:00"),
        "text Thu 19 18:00:07 day2 initiate",
    ),
    (
        "learned hour: he answers after six",
        touched(fold(lead(thread=LONG_AGO.thread), text(TWO)), (SMS, on(19, "18:10"))),
        on(20, "9:00"),
        "text Fri 20 18:14:43 day3 initiate",
    ),
    ("an answer ends the attempts", ANSWERED, on(19, "9:00"), "there is nothing to do but wait for the lead"),
    (
        "so does a call of his",
        COLD.model_copy(
            update={
                "calls": {
                    "CA2": Call(call="CA2", direction="inbound", status="completed", placed_at=TWO + HOUR, ended=True)
                }
            }
        ),
        on(19, "9:00"),
        "there is nothing to do but wait for the lead",
    ),
    (
        "so does one of our people",
        COLD.model_copy(update={"handoff": Handoff(handoff="h", step=HandoffStep.LEFT, call="CA0")}),
        on(19, "9:00"),
        "there is nothing to do but wait for the lead",
    ),
    # The call he asked for
    (
        "S25: a yes is called at once",
        said_yes(on(18, "14:05")),
        on(18, "14:05"),
        "call Wed 18 14:05:00 dial requested_time",
    ),
    ("S18: interest alone is no yes", ANSWERED, on(18, "14:06"), "there is nothing to do but wait for the lead"),
    (
        "a no is none either",
        said_yes(on(18, "14:05"), ready_to_talk=(False, on(18, "14:05"))),
        on(18, "14:06"),
        "there is nothing to do but wait for the lead",
    ),
    (
        "in twenty minutes",
        fold(said_yes(on(18, "14:05")), promised("call at 2:25 pm", on(18, "14:25"))),
        on(18, "14:06"),
        "call Wed 18 14:25:00 dial requested_time",
    ),
    (
        "tomorrow after three",
        fold(ANSWERED, promised("call tomorrow from 3 pm", on(19, "15:00"), until=on(19, "20:00"))),
        on(18, "14:06"),
        "call Thu 19 15:00:00 dial requested_time",
    ),
    (
        "the call at the time he named was made",
        fold_all(
            said_yes(on(18, "14:05"), callback_earliest=("2026-11-18T16:00", on(18, "14:05"))),
            [promised("call at 4 pm", on(18, "16:00")), KEPT],
        ),
        on(18, "16:00"),
        "there is nothing to do but wait for the lead",
    ),
    (
        "not before Monday",
        fold(ANSWERED, promised("call Monday at 9 am", on(23, "9:00"))).model_copy(update={"facts": MONDAY}),
        on(18, "14:06"),
        "call Mon 23 09:00:00 dial requested_time",
    ),
    (
        "a time named at last, and no call yet at the hour",
        fold(ANSWERED, promised("call at 4 pm", on(18, "16:00"))),
        on(18, "16:20"),
        "call Wed 18 16:20:00 dial requested_time",
    ),
    (
        "the hour has passed: not called late",
        fold(ANSWERED, promised("call at 4 pm", on(18, "16:00"))),
        on(18, "16:31"),
        "there is nothing to do but wait for the lead",
    ),
    (
        "a yes at night is called by day",
        said_yes(on(18, "23:00")),
        on(18, "23:00"),
        "call Thu 19 10:00:00 dial requested_time",
    ),
    (
        "S36: wrote at nine pm, no call at seven am",
        TEXTED_AT_NINE,
        on(19, "7:00"),
        "there is nothing to do but wait for the lead",
    ),
    (
        "S36: nor if he said yes then",
        TEXTED_AT_NINE.model_copy(
            update={"facts": {"ready_to_talk": Fact(value=True, source="sms:1", at=on(18, "21:00"))}}
        ),
        on(19, "7:00"),
        "call Thu 19 10:00:00 dial requested_time",
    ),
    (
        "a yes without consent to calls",
        said_yes(on(18, "14:05")).model_copy(update={"consents": TEXTS_ONLY}),
        on(18, "14:06"),
        "there is nothing to do but wait for the lead",
    ),
    (
        "a yes is called once; nobody spoke on that call",
        fold(
            said_yes(on(18, "14:05")),
            CallStatus(id="s", at=on(18, "14:06"), call="CA1", status="completed", sequence=9),
        ),
        on(18, "16:00"),
        "text Wed 18 16:00:00 missed voicemail_follow_up",
    ),
    # The call that broke off
    (
        "S10: the line died: the text goes on where it was",
        talked(on(18, "14:10"), connected=False),
        on(18, "14:11"),
        "text Wed 18 14:11:15 cut_off voicemail_follow_up",
    ),
    (
        "he hung up on our question",
        talked(on(18, "14:10"), connected=True),
        on(18, "14:11"),
        "text Wed 18 14:11:15 cut_off voicemail_follow_up",
    ),
    (
        "he said goodbye",
        talked(on(18, "14:10"), connected=True, last=line("Bye for now!")),
        on(18, "14:11"),
        "there is nothing to do but wait for the lead",
    ),
    (
        "he was not heard any more, and we took leave",
        talked(on(18, "14:10"), connected=True, last=line("Bye for now!"), fell_silent=True),
        on(18, "14:11"),
        "text Wed 18 14:11:15 cut_off voicemail_follow_up",
    ),
    (
        "he texted before the line died, and is answered",
        talked(
            on(18, "14:10"),
            connected=False,
            last=line("can we text?", who="lead", channel=SMS, at=on(18, "14:10") + MINUTE / 4),
        ),
        on(18, "14:11"),
        "there is nothing to do but wait for the lead",
    ),
    (
        "he was put through",
        talked(on(18, "14:10"), connected=True).model_copy(
            update={"handoff": Handoff(handoff="h", step=HandoffStep.JOINED, call="CA1")}
        ),
        on(18, "14:11"),
        "there is nothing to do but wait for the lead",
    ),
    (
        "it may come back",
        talked(on(18, "14:10"), connected=False, ended=False, ended_at=None),
        on(18, "14:11"),
        "a call is under way",
    ),
    # Promises
    (
        "a broken promise is owned up to",
        fold_all(ANSWERED, [promised("call at 4 pm", on(18, "16:00")), BROKEN]),
        on(18, "17:00"),
        "text Wed 18 17:00:00 sorry initiate",
    ),
    (
        "a text we promised",
        fold(
            ANSWERED,
            promised("text the link", on(18, "15:00"), by="text").model_copy(
                update={"body": "Here it is: https://example.com"}
            ),
        ),
        on(18, "14:30"),
        "text Wed 18 15:00:00 promised requested_time",
    ),
    # What stops everything
    (
        "he opted out",
        FIRST.model_copy(update={"suppressed": True, "voice_suppressed": True}),
        TWO + MINUTE,
        "the lead opted out, or the number is somebody else's",
    ),
    (
        "a person has to look first",
        FIRST.model_copy(update={"held": "ambiguous_stop"}),
        TWO + MINUTE,
        "held until a person lifts it: ambiguous_stop",
    ),
    ("a person has taken over", FIRST.model_copy(update={"paused": "Dana"}), TWO + MINUTE, "paused by Dana"),
    (
        "the lead is on the telephone",
        FIRST.model_copy(
            update={
                "calls": {
                    "CA1": Call(call="CA1", direction="inbound", status="in-progress", placed_at=TWO, connected=True)
                }
            }
        ),
        TWO + MINUTE,
        "the lead is on the telephone with us",
    ),
    (
        "his telephone rings",
        called(TWO + MINUTE, "ringing", ended=False, ended_at=None),
        TWO + MINUTE,
        "a call is under way",
    ),
    (
        "the lead's text is being answered",
        ANSWERED.model_copy(update={"outbox": {"a": Outbox(effect=Answer(text_id="sms:1"), due=TWO)}}),
        on(18, "14:05"),
        "the lead's text is being answered",
    ),
)


def shown(found: Step | Wait) -> str:
    """A step in a line, or why there is none."""
    if isinstance(found, Wait):
        return found.why
    kind = "call" if isinstance(found.effect, Dial) else "text"
    permit = found.effect.permit if isinstance(found.effect, Dial | SendText) else ""
    return f"{kind} {found.due.astimezone(CHICAGO):%a %d %H:%M:%S} {found.id.partition(':')[0]} {permit}"


@pytest.mark.parametrize(
    ("view", "now", "expected"), [row[1:] for row in SITUATIONS], ids=[row[0] for row in SITUATIONS]
)
def test_situation(view: View, now: datetime, expected: str) -> None:
    """Which channel, when on Chicago's clock, which rule, under which permit."""
    assert shown(plan(view, CAMPAIGN, now)) == expected


ids = [row[0] for row in SITUATIONS]
STEPS = [row for row in SITUATIONS if isinstance(plan(row[1], CAMPAIGN, row[2]), Step)]


def planned(view: View, now: datetime, campaign: Campaign = CAMPAIGN) -> Step:
    """The step, which there has to be."""
    step = plan(view, campaign, now)
    assert isinstance(step, Step)
    return step


@pytest.mark.parametrize(("view", "now"), [row[1:3] for row in STEPS], ids=[row[0] for row in STEPS])
def test_every_step(view: View, now: datetime) -> None:
    """It is due at no earlier time than now, planned twice it is one, and asked for it is still wanted, once."""
    step = planned(view, now)
    assert step.due >= now
    assert planned(view, now).id == step.id
    asked = fold(view, effect_event(step, view.version, now))
    assert isinstance(plan(asked, CAMPAIGN, now), Wait)
    (effect_id,) = asked.outbox
    assert wanted(asked, CAMPAIGN, effect_id, now)
    assert not wanted(asked.model_copy(update={"held": "wait"}), CAMPAIGN, effect_id, now)


@pytest.mark.parametrize(("view", "now"), [row[1:3] for row in STEPS], ids=[row[0] for row in STEPS])
def test_every_text(view: View, now: datetime) -> None:
    """One question at most, the way out, and no more than two segments; but for what was promised word by word."""
    effect = planned(view, now).effect
    if isinstance(effect, SendText) and effect.permit is not PermitKind.REQUESTED_TIME:
        assert effect.body.count("?") <= 1
        assert "STOP" in effect.body
        assert fits(effect.body)


DONE: dict[str, Callable[[datetime, str], Event]] = {
    "send_text": lambda at, effect: TextSent(
        id="d", at=at, sid="SM8", effect=effect, body="x", permit=PermitKind.INITIATE
    ),
    "dial": lambda at, effect: CallStatus(id="d", at=at, call="CA8", status="no-answer", sequence=9),
}


@pytest.mark.parametrize(("view", "now"), [row[1:3] for row in STEPS], ids=[row[0] for row in STEPS])
def test_a_step_that_was_taken_is_not_taken_again(view: View, now: datetime) -> None:
    """Once it is done, whatever comes next is another."""
    step = planned(view, now)
    event = effect_event(step, view.version, now)
    done = EffectSettled(id="z", at=step.due, effect=event.id, outcome="done")
    after = fold_all(view, [event, DONE[step.effect.kind](step.due, event.id), done])
    again = plan(after, CAMPAIGN, step.due + MINUTE)
    assert not isinstance(again, Step) or again.id != step.id


def test_an_answer_cancels_what_was_asked_for() -> None:
    """S23: he writes while the text is on its way to the carrier's door."""
    step = planned(COLD, TWO + 10 * MINUTE)
    asked = fold(COLD, effect_event(step, COLD.version, TWO + 10 * MINUTE))
    (effect_id,) = asked.outbox
    assert wanted(asked, CAMPAIGN, effect_id, TWO + 10 * MINUTE)
    assert not wanted(fold(asked, wrote(TWO + 10 * MINUTE)), CAMPAIGN, effect_id, TWO + 10 * MINUTE)


def test_the_kill_switch_is_looked_at_again() -> None:
    """Nothing goes while it is set, and the plan comes back to it without an event."""
    off = Registers(kill_switch=True)
    found = plan(lead(), CAMPAIGN, TWO, off)
    assert isinstance(found, Step)
    assert found.due >= TWO + HOUR


def test_timing_is_the_campaigns() -> None:
    """S37: another campaign calls later, sends no second line, and makes no later attempts."""
    timing = CAMPAIGN.timing.model_copy(update={"call_after_s": 3_600, "nudge_after_s": 0, "later": ()})
    other = CAMPAIGN.model_copy(update={"timing": timing})
    assert planned(FIRST, TWO + MINUTE, other).due == TWO + HOUR
    assert isinstance(plan(COLD, other, TWO + MINUTE), Wait)


def test_every_rule_says_why() -> None:
    """What `segue plan` shows: each rule has a word for what it finds or does not."""
    said = considered(Situation(FIRST, CAMPAIGN, TWO + MINUTE))
    assert [one.rule for one in said][:2] == ["no_campaign", "opted_out"]
    assert all(one.says is None or one.says.why for one in said)


def test_a_call_nobody_took_did_not_break_off() -> None:
    """What is said of it is that he missed it."""
    said = {one.rule: one.says for one in considered(Situation(called(on(18, "14:10")), CAMPAIGN, on(18, "14:11")))}
    assert said["text_after_cut_off"] == No("nobody talked with us on the last call")


@given(row=st.sampled_from(SITUATIONS), later=st.timedeltas(timedelta(0), timedelta(days=30)))
def test_nothing_is_ever_planned_for_an_hour_when_nobody_may_be_contacted(row: Row, later: timedelta) -> None:
    """Whatever the situation and whenever it is looked at: due at or after now, between eight and nine."""
    _, view, now, _ = row
    found = plan(view, CAMPAIGN, now + later)
    if isinstance(found, Step):
        zone = Situation(view, CAMPAIGN, now).zone
        assert found.due >= now + later
        assert 8 <= found.due.astimezone(zone).hour < 21
