"""Steps that keep a promise, or own up to one that was broken."""

from datetime import timedelta

from agent.outreach import wording
from agent.outreach.situation import No, Situation, Step
from state.effects import PermitKind, SendText
from state.events import Channel
from state.view import Commitment

OWNED_UP_WITHIN = timedelta(days=2)
"""A promise that was broken longer ago is not brought up again."""


def promised_text(situation: Situation) -> Step | No:
    """A text we promised: it goes when it is due, with what was promised in it."""
    for one in situation.view.ledger:
        step = f"promised:{one.promise}"
        if one.outcome is not None or one.by != "text" or not one.body or situation.over(step):
            continue
        slot = situation.slot(Channel.SMS, PermitKind.REQUESTED_TIME, one.due or one.made_at)
        if slot.at is not None:
            text = SendText(permit=PermitKind.REQUESTED_TIME, to=situation.view.number, body=one.body)
            return Step(step, text, slot.at, f"we promised: {one.what}", slot.held_by)
    return No("no text was promised")


def apology(situation: Situation) -> Step | No:
    """A promise was broken: he is told, once, and asked how to make up for it."""
    for one in situation.view.ledger:
        step = f"sorry:{one.promise}"
        if one.outcome == "broken" and not situation.over(step) and not _made_up_for(situation, one):
            slot = situation.slot(Channel.SMS, PermitKind.INITIATE)
            if slot.at is not None:
                return Step(step, wording.sorry(situation, one), slot.at, f"broken: {one.what}", slot.held_by)
    return No("no broken promise to own up to")


def _made_up_for(situation: Situation, broken: Commitment) -> bool:
    """Whether we have been in contact since it was broken, or it is too long ago."""
    since = broken.settled_at
    if since is None or situation.now - since > OWNED_UP_WITHIN:
        return True
    heard = situation.heard_at is not None and situation.heard_at >= since
    return heard or any(touch.at >= since for touch in situation.view.touches)
