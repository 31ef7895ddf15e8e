"""The one path from the lead's words to ours, on every channel: inbound guard, brain, outbound guard."""

import re
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from datetime import datetime

import structlog

from agent.asking import asked_last, wording
from agent.brain import Brain
from agent.campaign import Campaign
from agent.guard.inbound import Finding, FindingKind, inspect
from agent.guard.outbound import Breach, Refused, check
from agent.handoff import is_seeking, sought
from agent.moves import End, HandOff, Hold, Learn, Move, Promise, Resume, Say, Suppress
from agent.opening import help_text
from agent.pages import is_page, serves
from agent.snapshot import Snapshot, Utterance, local_now
from agent.understanding.facts import extract
from state.events import (
    Channel,
    Event,
    FactLearned,
    OutreachHeld,
    Promised,
    Suppressed,
    TextsResumed,
)

log = structlog.get_logger(__name__)

CARRIER_STOP_WORDS = frozenset({"STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL"})
"""Whole texts that Twilio confirms by itself; after one any text of ours fails with error 21610."""

Moves = AsyncGenerator[Move, None]
"""A turn as it comes about. Closing it closes the brain's stream behind it."""
OnRefusal = Callable[[Breach], None]


def _log_refusal(breach: Breach) -> None:
    log.warning("clause refused", breach=breach.value)


async def respond(
    brain: Brain, snapshot: Snapshot, utterance: Utterance, *, on_refusal: OnRefusal = _log_refusal
) -> Moves:
    """Streams what we do about the lead's masked words. `on_refusal` hears of every clause that was replaced.

    Pure but for the brain: it may be run speculatively and thrown away.
    """
    asked, replaced, on_page = False, set[str](), is_page(snapshot.view.number)
    async with aclosing(_moves(brain, snapshot, utterance)) as moves:
        async for move in moves:
            if on_page and not serves(move):
                continue
            if isinstance(move, Say):
                say = check(move, snapshot, asked=asked)
                if isinstance(say, Refused):
                    on_refusal(say.breach)
                    if say.instead is None or say.instead.text in replaced:
                        continue  # a replacement is said once in a turn
                    say = say.instead
                    replaced.add(say.text)
                asked = asked or "?" in say.text
                move = say
            yield move


def _moves(brain: Brain, snapshot: Snapshot, utterance: Utterance) -> Moves:
    finding = inspect(utterance.text, snapshot)
    if _writes_after_opting_out(snapshot, finding):
        return _each(Hold("text after an opt-out"), End("opted_out"))
    if finding is None:
        return _of_brain(brain, snapshot, utterance)
    match finding.kind:
        case FindingKind.OPT_OUT | FindingKind.WRONG_NUMBER:
            return _stop(snapshot, utterance, finding)
        case FindingKind.AMBIGUOUS_STOP:
            return _each(*finding.moves, *_leave_it_there(snapshot), End(finding.kind.value))
        case FindingKind.EMERGENCY:
            return _emergency(snapshot, utterance, finding)
        case FindingKind.START:
            return _each(*finding.moves, Say(_resumed(snapshot.campaign)))
        case FindingKind.HELP:
            return _each(help_text(snapshot.campaign))
        case FindingKind.HUMAN_REQUEST:
            return _human_request(brain, snapshot, utterance, finding)
        case FindingKind.AI_QUESTION:
            return _ai_question(brain, snapshot, utterance, finding)
        case FindingKind.SENSITIVE:
            return _sensitive(brain, snapshot, utterance)


async def _each(*moves: Move) -> Moves:
    for move in moves:
        yield move


async def _of_brain(brain: Brain, snapshot: Snapshot, utterance: Utterance) -> Moves:
    """The brain's moves, without those that are the guard's alone."""
    stream = brain.reply(snapshot, utterance)
    try:
        async for move in stream:
            if isinstance(move, Suppress):
                yield Hold("the brain took it for a stop")
            elif not isinstance(move, Resume):
                yield move
    finally:
        if isinstance(stream, AsyncGenerator):
            await stream.aclose()


# What a finding leads to ---------------------------------------------------------------------------------------------


def _writes_after_opting_out(snapshot: Snapshot, finding: Finding | None) -> bool:
    """A text from somebody who opted out goes to a person, unless it is about that. His own call is talked on."""
    about_it = {FindingKind.OPT_OUT, FindingKind.WRONG_NUMBER, FindingKind.START, FindingKind.HELP}
    suppressed = snapshot.channel is Channel.SMS and snapshot.view.suppressed
    return suppressed and (finding is None or finding.kind not in about_it)


def _farewell(kind: FindingKind, snapshot: Snapshot, utterance: Utterance) -> list[Say]:
    """One courteous sentence, no pitch, no question; to a stranger not even the lead's name."""
    brand, by_text = snapshot.campaign.brand, snapshot.channel is Channel.SMS
    if by_text and _confirmed_by_carrier(snapshot, utterance):
        return []
    if kind is FindingKind.WRONG_NUMBER:
        sorry = "Sorry for the mix-up. We won't contact this number again."
        return [Say(sorry if by_text else f"{sorry} Goodbye.")]
    if by_text:
        return [Say(f"You're opted out of {brand}. No more texts or calls from us. Reply START to get texts again.")]
    return [Say("Understood. We won't call or text you again. Goodbye.")]


def _confirmed_by_carrier(snapshot: Snapshot, utterance: Utterance) -> bool:
    """Whether these words, or earlier ones, had the carrier confirm the opt-out: there is never a second one."""
    texts = (line.text for line in snapshot.view.thread if line.who == "lead" and line.channel is Channel.SMS)
    return any(text.strip().upper() in CARRIER_STOP_WORDS for text in (utterance.text, *texts))


def _leave_it_there(snapshot: Snapshot) -> list[Say]:
    """An unclear no: on a call we take leave, by text silence is the courtesy."""
    if snapshot.channel is Channel.SMS:
        return []
    return [Say("All right, I'll leave it there. Thanks for your time. Goodbye.")]


def _resumed(campaign: Campaign) -> str:
    return f"Welcome back to {campaign.brand}. We can text you again; calls stay off. HELP for help, STOP to opt out."


_SAFETY = {
    "gas": "Please leave the house now, don't touch any switches, and once outside call 911 or your gas company.",
    "fire": "Please get out now and call 911 from outside.",
    "electric": "Please keep well away from it, and call 911 if anything smokes or burns.",
    "medical": "Please call 911 right now.",
    "self_harm": "I'm glad you told me. Please call or text 988 right now, someone is there for you day and night.",
}


async def _stop(snapshot: Snapshot, utterance: Utterance, finding: Finding) -> Moves:
    """A stop and its farewell. Why he does not want us is worth knowing; of a stranger nothing is learned."""
    for move in (*finding.moves, *_farewell(finding.kind, snapshot, utterance)):
        yield move
    if finding.kind is FindingKind.OPT_OUT:
        yield Learn("interest", "no")
        for fact in _told(snapshot, utterance):
            if fact.key == "objection":
                yield fact
    yield End(finding.kind.value)


def _told(snapshot: Snapshot, utterance: Utterance) -> list[Learn]:
    """What the words tell, by the rules alone: no model is asked where every second counts."""
    asked = asked_last(snapshot.view, snapshot.campaign)
    return extract(utterance.text, snapshot.campaign, snapshot.view, asked, local_now(snapshot))


async def _emergency(snapshot: Snapshot, utterance: Utterance, finding: Finding) -> Moves:
    yield Say(_SAFETY[finding.detector])
    for fact in _told(snapshot, utterance):
        yield fact
    yield Learn("safety_issue", True)
    if not _seeking(snapshot):
        if snapshot.channel is Channel.VOICE:
            yield Say("I'm finding a person for you right now.")
        yield HandOff("emergency")


async def _human_request(brain: Brain, snapshot: Snapshot, utterance: Utterance, finding: Finding) -> Moves:
    for say in _asides(finding, snapshot):
        yield say
    if FindingKind.AI_QUESTION in finding.also:
        yield Learn("ai_asked", True)
    yield Learn("human_requested", True)
    if _seeking(snapshot):
        yield Say("I'm on it. One moment, please.")
    elif snapshot.channel is Channel.VOICE:
        yield Say("Of course. Let me find someone for you.")
    else:
        yield Say("Of course. I'll ask a person on our team to get in touch with you.")
        yield Promise("a person gets in touch", by="person")
    notes = _notes(snapshot) if snapshot.channel is Channel.SMS else frozenset[str]()
    async with aclosing(_of_brain(brain, snapshot, utterance)) as moves:
        async for move in moves:
            if isinstance(move, Learn) or (isinstance(move, Say) and move.text in notes):
                yield move
    if not _seeking(snapshot):
        yield HandOff("requested")


def _notes(snapshot: Snapshot) -> frozenset[str]:
    """What the campaign can answer at once, and leaves to nobody: "can someone go over the cost with me?"."""
    answers = (snapshot.fill(digression.answer) for digression in snapshot.campaign.digressions)
    return frozenset(answer for answer in answers if "?" not in answer)


async def _ai_question(brain: Brain, snapshot: Snapshot, utterance: Utterance, finding: Finding) -> Moves:
    """A plain yes and an offer; then what the brain makes of the rest, and the question that was open stays open."""
    for say in _asides(finding, snapshot):
        yield say
    yield Learn("ai_asked", True)
    offer = "" if is_page(snapshot.view.number) else ", and I can get you a person whenever you like"
    yield Say(f"{_AI.format(snapshot.campaign.brand_short)}{offer}.")
    question: Say | None = None
    async with aclosing(_of_brain(brain, snapshot, utterance)) as moves:
        async for move in moves:
            if not isinstance(move, Say):
                yield move
                if isinstance(move, End | HandOff):
                    return
            elif "?" in move.text:
                question = Say(_last_question(move.text), move.asks)
    yield question or _pending(snapshot) or Say("Shall we go on?")


async def _sensitive(brain: Brain, snapshot: Snapshot, utterance: Utterance) -> Moves:
    yield Say(_redacted(snapshot))
    async with aclosing(_of_brain(brain, snapshot, utterance)) as moves:
        async for move in moves:
            yield move


_AI = "I'm an AI assistant with {}"


def _asides(finding: Finding, snapshot: Snapshot) -> list[Say]:
    """What must be said first, where the words hold more than what was decided on."""
    says = []
    if FindingKind.SENSITIVE in finding.also:
        says.append(Say(_redacted(snapshot)))
    if FindingKind.AI_QUESTION in finding.also:
        says.append(Say(f"{_AI.format(snapshot.campaign.brand_short)}."))
    return says


def _redacted(snapshot: Snapshot) -> str:
    agents = snapshot.campaign.agents
    person = agents[0].name if agents else "One of our people"
    verb = "send" if snapshot.channel is Channel.SMS else "give me"
    return (
        f"Please don't {verb} that here, I've removed it from our notes. {person} will take it securely if it's needed."
    )


def _seeking(snapshot: Snapshot) -> bool:
    return is_seeking(snapshot.view)


def _pending(snapshot: Snapshot) -> Say | None:
    """The question the lead has not answered yet, put once more."""
    key = asked_last(snapshot.view, snapshot.campaign)
    question = snapshot.campaign.question(key) if key is not None else None
    if question is None or snapshot.view.known(question.key) is not None:
        return None
    words = wording(question, snapshot)
    return Say(words, question.key) if words else None


def _last_question(text: str) -> str:
    questions: list[str] = re.findall(r"[^.!?]*\?", text)
    return questions[-1].strip()


# Into the record -----------------------------------------------------------------------------------------------------


def events_of(moves: Sequence[Move], source: str, now: datetime, *, first: int = 0) -> list[Event]:
    """What a turn's moves mean for the record. `source` is the id of the event that holds the lead's words.

    Ids are derived from it: `first` is the place in its turn of the first of these moves, when a turn is recorded in
    parts. What is said is recorded by the channel, once it was sent or heard; a hand-off is requested by it too, since
    it takes a call and a summary of the whole log. Who is promised a person's call has his card sent to one.
    """
    events = (_event(move, source, now, place) for place, move in enumerate(moves, first))
    made = [event for event in events if event is not None]
    booked = (one for one in made if isinstance(one, Promised) and one.by == "person" and one.due is not None)
    return [*made, *(sought(one.id, None, now) for one in booked)]


def _event(move: Move, source: str, now: datetime, place: int) -> Event | None:
    match move:
        case Learn(key, value):
            return FactLearned(id=f"{source}:fact:{place}", at=now, key=key, value=value, source=source)
        case Promise(what, due, until, by, body):
            promise = f"{source}:promise:{place}"
            return Promised(id=promise, at=now, what=what, due=due, until=until, by=by, body=body)
        case Suppress(reason, detector, channel, words):
            # Found at once and again when the answer is thought of: one suppression.
            return Suppressed(
                id=f"{source}:suppressed", at=now, reason=reason, channel=channel, words=words, detector=detector
            )
        case Hold(reason):
            return OutreachHeld(id=f"{source}:held", at=now, reason=reason)
        case Resume():
            return TextsResumed(id=f"{source}:resumed", at=now)
        case Say() | HandOff() | End():
            return None
