"""What is made at its first use is made before the first lead comes.

Patterns are compiled, tables read and libraries imported when they are first needed. Together that is most of a second,
for which whoever came first after a start would wait, and everybody with him.
"""

from collections.abc import Iterable
from datetime import datetime

from agent.brain.local import LocalBrain
from agent.campaign import Campaign
from agent.conversation import respond
from agent.gate.registers import Registers
from agent.guard.inbound import mask
from agent.opening import introduced
from agent.outreach import plan
from agent.snapshot import Snapshot, Utterance
from state.effects import PermitKind, SendText
from state.events import Channel, ConsentGiven, Event, LeadArrived, Scope
from state.fold import fold_all
from state.view import View
from telephony.numbers import e164
from telephony.permission import permission

NUMBER = "(312) 555-0142"
LINES = (
    "Yeah I am, just been busy, we move in on the fifth of December",
    "How long will the call take? My email is jo at example dot com",
    "tomorrow after 3 works, and no, I don't have any claims",
    "Stop texting me, you have the wrong number",
)


async def rehearse(campaigns: Iterable[Campaign], now: datetime) -> None:
    """Plays a few lines of a made-up lead through what every text goes through. Nothing is kept, nothing goes out."""
    for campaign in campaigns:
        view = fold_all(View(), _lead(campaign, now))
        plan(view, campaign, now, Registers())
        for permit in (PermitKind.INITIATE, PermitKind.REPLY_TO_LEAD):
            permission(view, campaign, SendText(permit=permit, to=view.number, body="Hi!"), now, Registers())
        for line in LINES:
            snapshot = Snapshot(view, campaign, Channel.SMS, now)
            said = [move async for move in respond(LocalBrain(), snapshot, Utterance(mask(line), "rehearsal"))]
            introduced(said, snapshot)


def _lead(campaign: Campaign, now: datetime) -> list[Event]:
    return [
        LeadArrived(
            id="lead:rehearsal",
            at=now,
            number=e164(NUMBER),
            brand=campaign.brand,
            campaign=campaign.id,
            source="rehearsal",
            first_name="Jordan",
            zip="60614",
        ),
        ConsentGiven(
            id="consent:rehearsal",
            at=now,
            scopes=(Scope.SMS, Scope.AI_VOICE),
            basis="written",
            act="tick",
            disclosure="I agree to be called and texted, also by an automated voice.",
        ),
    ]
