"""What an operator can do in a conversation. Each act is an event with his name, so the record is the audit of it.

Nothing here contacts anybody: a person's text is an effect like any other, and goes through the door with a permit.
"""

import re
import secrets
from collections.abc import Callable
from datetime import datetime

import structlog
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from agent.guard.sensitive import mask
from agent.texting import gsm7
from state.effects import PermitKind, SendText
from state.events import (
    Channel,
    EffectRequested,
    Event,
    HoldLifted,
    Paused,
    Resumed,
    Suppressed,
    TransferOrdered,
    Whispered,
)
from state.store import Conflict
from state.view import Call, View
from telephony.access import Operator
from telephony.services import Services
from telephony.wake import commit

log = structlog.get_logger(__name__)

WORDS_LIMIT = 640
"""Characters of a text or a whisper: four segments."""
_ACT = re.compile(r"[\w-]{8,64}")

Make = Callable[[str, View, Operator, str, datetime], list[Event]]
"""(id, view, who, words, now) -> events."""


def new_act() -> str:
    """An id for an act that a page offers: done twice, by a double click say, it is one event."""
    return secrets.token_urlsafe(12)


def act_of(form: FormData) -> str:
    """The id of a form's act; 400 without one."""
    given = str(form.get("act", ""))
    if not _ACT.fullmatch(given):
        raise HTTPException(400, "load the page again: the form has no id")
    return given


async def act(services: Services, cid: str, name: str, form: FormData, operator: Operator) -> None:
    """Does what an operator asked for.

    Raises:
        HTTPException: 404 for an act there is not, 400 for a form without its words or id, 409 if it cannot be done
            as things stand. Says why.
    """
    make = ACTS.get(name)
    if make is None:
        raise HTTPException(404, "there is no such action")
    given, words = act_of(form), " ".join(str(form.get("words", "")).split())
    if len(words) > WORDS_LIMIT:
        raise HTTPException(400, f"at most {WORDS_LIMIT} characters")
    while True:
        view = await services.record.view(cid)
        if view.version == 0:
            raise HTTPException(404, "there is no such conversation")
        events = make(f"operator:{given}", view, operator, mask(words), services.clock())
        try:
            await commit(services, cid, *events, expect=view.version)
            break
        except Conflict:
            continue  # something happened meanwhile: it may not be possible any more
    log.info("operator acted", conversation=cid, action=name, operator=operator.name)


def text(id: str, view: View, operator: Operator, words: str, now: datetime) -> list[Event]:
    """A person writes; the persona pauses from here on. An answer if the lead wrote to us, else a contact we begin."""
    _need(words)
    if view.suppressed:
        raise HTTPException(409, "this person wants no contact: no text goes out")
    permit = PermitKind.INITIATE if view.last_lead_text_at is None else PermitKind.REPLY_TO_LEAD
    effect = SendText(permit=permit, to=view.number, body=gsm7(words), by=operator.name)
    takes_over = [] if view.paused else [Paused(id=f"{id}:paused", at=now, by=operator.name)]
    return [*takes_over, EffectRequested(id=id, at=now, effect=effect, due=now)]


def whisper(id: str, view: View, operator: Operator, words: str, now: datetime) -> list[Event]:
    """A hint for the persona during a call."""
    _need(words)
    return [Whispered(id=id, at=now, call=_live(view).call, hint=words, by=operator.name)]


def transfer(id: str, view: View, operator: Operator, words: str, now: datetime) -> list[Event]:
    """Puts the lead through to a person now."""
    return [TransferOrdered(id=id, at=now, call=_live(view).call, by=operator.name)]


def pause(id: str, view: View, operator: Operator, words: str, now: datetime) -> list[Event]:
    """The persona writes and dials nothing more until it is told to go on. A call that is on goes on."""
    return [] if view.paused else [Paused(id=id, at=now, by=operator.name)]


def resume(id: str, view: View, operator: Operator, words: str, now: datetime) -> list[Event]:
    """The persona goes on."""
    return [Resumed(id=id, at=now, by=operator.name)] if view.paused else []


def stop(id: str, view: View, operator: Operator, words: str, now: datetime) -> list[Event]:
    """Nobody contacts this person again, on either channel."""
    if view.suppressed:
        return []
    channel = Channel.VOICE if view.live_call else Channel.SMS
    return [
        Suppressed(id=id, at=now, reason="opt_out", channel=channel, words=words, detector="operator", by=operator.name)
    ]


def lift(id: str, view: View, operator: Operator, words: str, now: datetime) -> list[Event]:
    """A person has looked: outreach may go on."""
    return [HoldLifted(id=id, at=now, by=operator.name)] if view.held else []


def _need(words: str) -> None:
    if not words:
        raise HTTPException(400, "write something first")


def _live(view: View) -> Call:
    if view.live_call is None:
        raise HTTPException(409, "the lead is not on the telephone")
    return view.live_call


ACTS: dict[str, Make] = {
    "text": text,
    "whisper": whisper,
    "transfer": transfer,
    "pause": pause,
    "resume": resume,
    "stop": stop,
    "lift": lift,
}
