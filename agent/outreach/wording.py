"""What the texts of outreach say. Each tells who writes, asks one question, and ends with the way out (POLICY T1)."""

from agent.asking import asked_last, call_time_key, name_to_say, next_question
from agent.asking import wording as question_wording
from agent.outreach.situation import Situation
from agent.snapshot import Snapshot
from agent.texting import fits, gsm7
from state.effects import PermitKind, SendText
from state.events import Channel
from state.view import Call, Commitment, Line, View

STOP = "Reply STOP to opt out."


def hanging_question(view: View) -> Line | None:
    """The question of ours, or the half of one, that the conversation ended on."""
    line = view.thread[-1] if view.thread else None
    asked = line is not None and line.who == "persona" and (line.cut or line.asks is not None)
    return line if asked else None


def continuing(situation: Situation, call: Call, permit: PermitKind) -> SendText:
    """Goes on with the question a call broke off at."""
    start = "I couldn't hear you any more" if call.fell_silent else "Looks like we got cut off"
    start += _comma_name(situation)
    key, question = open_question(situation)
    if question:
        body = f"{start}. We can go on right here by text. {question}"
    else:
        body = f"{start}. Shall we go on right here by text?"
    return _text(situation, permit, body, key if question else None)


def open_question(situation: Situation) -> tuple[str | None, str]:
    """The campaign's question that is open, as a text puts it: the one that was being asked, else the next."""
    view, campaign = situation.view, situation.campaign
    key = asked_last(view, campaign)
    question = campaign.question(key) if key else None
    if question is None or not question.ask or view.known(question.key) is not None:
        question = next_question(view, campaign)
    snapshot = Snapshot(view, campaign, Channel.SMS, situation.now)
    return (question.key, question_wording(question, snapshot)) if question else (None, "")


def missed_call(situation: Situation, call: Call, permit: PermitKind) -> SendText:
    """Mentions the call, and offers what costs him less (S28, S29)."""
    tried = "left you a voicemail" if call.message_left else "tried to call you"
    key, question = open_question(situation)
    easier = f"If text is easier, we can do it right here. {question or 'Is text better for you?'}"
    return _text(situation, permit, f"{_hello(situation)} I just {tried}. {easier}", key)


def nudge(situation: Situation) -> SendText:
    """One line, soon after the first text."""
    say = f"{_hello(situation)} No rush at all: {situation.campaign.opening_question}"
    return _text(situation, PermitKind.INITIATE, say, "interest")


def later(situation: Situation, say: str) -> SendText:
    """A text of the cadence on a later day."""
    filled = say.replace("{opening_question}", situation.campaign.opening_question)
    return _text(situation, PermitKind.INITIATE, f"{_hello(situation)} {filled}", "interest")


def sorry(situation: Situation, broken: Commitment) -> SendText:
    """Tells him that a promise was not kept, and asks how to make up for it."""
    body = f"{_hello(situation)} I promised you this and it didn't happen: {broken.what}. I'm sorry. "
    return _text(
        situation, PermitKind.INITIATE, f"{body}What time suits you for a call?", call_time_key(situation.view)
    )


def _hello(situation: Situation) -> str:
    said = name_to_say(situation.view.first_name)
    name = f" {said}" if said else ""
    return f"Hi{name}, it's {situation.campaign.persona} at {situation.campaign.brand_short}."


def _comma_name(situation: Situation) -> str:
    said = name_to_say(situation.view.first_name)
    return f", {said}" if said else ""


def _text(situation: Situation, permit: PermitKind, body: str, asks: str | None) -> SendText:
    snapshot = Snapshot(situation.view, situation.campaign, Channel.SMS, situation.now)
    filled = gsm7(f"{snapshot.fill(body)} {STOP}")
    assert fits(filled) or len(body) > 200, "a wording of ours that is too long for two segments"
    return SendText(permit=permit, to=situation.view.number, body=filled, asks=asks)
