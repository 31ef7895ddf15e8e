"""The words that are due by rule rather than by talk: the first text, a call's opening, HELP.

Sources: POLICY 2.6 (brand, assistant, recorded line, the way out right behind the identification), 2.7 (AI disclosed
up front), 2.9 (CTIA first text), S12-S17 (a call takes up what was texted).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from agent import identity
from agent.asking import RECORDED, STOP_CALLS, call_lines, is_disclosed, name_to_say, next_question, wording
from agent.campaign import Campaign, Question
from agent.moves import End, Learn, Move, Say, Suppress
from agent.snapshot import Snapshot, local_now
from agent.texting import fits, gsm7
from state.events import Channel
from state.view import Fact, View

CTIA = "Msg frequency varies. Msg&data rates may apply. Reply HELP for help, STOP to opt out."
REPLY_STOP = "Reply STOP to opt out."
WAY_OUT = f"say '{STOP_CALLS}' any time"
SAME_PHONE = timedelta(hours=1)
"""A caller who texted from this number so recently is taken for the lead: he has the thread in his hand."""
AS_ASKED = timedelta(minutes=30)
"""A call this near the time the lead named is the one he asked for."""
TOLD_FOR = timedelta(days=30)
"""How long a lead who is texting with us is taken to remember how to stop it."""
MOST_RECALLED = 2
LINE_DROPPED = "Sorry, the line dropped for a moment."


def first_text(snapshot: Snapshot) -> Say:
    """The text that opens a conversation: who, for whom, why, one question, and CTIA's words. Two segments at most."""
    campaign, name = snapshot.campaign, snapshot.view.first_name
    for brand, greeting in (
        (campaign.brand, _greeting(name)),
        (campaign.brand, "Hi"),
        (campaign.brand_short, "Hi"),
    ):
        body = (
            f"{greeting}, it's {campaign.persona}, the virtual assistant at {brand}. You {campaign.reason}."
            f" {campaign.opening_question} {CTIA}"
        )
        if fits(body):
            break
    return Say(gsm7(snapshot.fill(body)), asks="interest")


def introduced(moves: Sequence[Move], snapshot: Snapshot) -> list[Move]:
    """A reply by text with what is owed around it: who writes, if nothing of ours came before, and the way out.

    Whoever wrote first has had no first text, and is owed the same words. What already tells the way out stays as it
    is, and so does an emergency's: there every word before the advice is one too many.
    """
    view, campaign = snapshot.view, snapshot.campaign
    words = " ".join(move.text for move in moves if isinstance(move, Say))
    is_urgent = any(isinstance(move, Learn) and move.key == "safety_issue" for move in moves)
    is_farewell = any(isinstance(move, Suppress) for move in moves)
    if not words or "STOP" in words or is_urgent or is_farewell:
        return list(moves)
    known = any(line.who == "persona" for line in view.thread)
    who = [] if known else [Say(f"Hi, it's {campaign.persona}, the virtual assistant at {campaign.brand}.")]
    return [*who, *moves, *([Say(REPLY_STOP)] if _owes_way_out(snapshot) else [])]


def _owes_way_out(snapshot: Snapshot) -> bool:
    """Whether a text has to say how to stop them: the first, each after a month without, or all (POLICY T1)."""
    if snapshot.campaign.optout_footer == "every":
        return True
    texts = [line for line in snapshot.view.thread if line.who == "persona" and line.channel is Channel.SMS]
    told = [line.at for line in texts if "STOP" in line.text] or [line.at for line in texts[:1]]
    return not told or snapshot.now - told[-1] > TOLD_FOR


def help_text(campaign: Campaign) -> Say:
    """The answer to HELP: who we are and how to reach a person. Owed to everybody, also after an opt-out."""
    return Say(gsm7(f"{campaign.brand}: for help contact {campaign.callback_contact}. {REPLY_STOP}"))


def busy_text(campaign: Campaign) -> Say:
    """What a caller gets by text when no line was free for him."""
    body = (
        f"It's {campaign.persona}, the virtual assistant at {campaign.brand}. Sorry, all our lines were busy when you"
        f" called. We can go on right here by text, or call again in a few minutes. {REPLY_STOP}"
    )
    return Say(gsm7(campaign.fill(body)))


def call_opening(snapshot: Snapshot) -> list[Say | End]:
    """What the persona says first on a call, clause by clause; the last one asks, or ends a call that was ending."""
    view = snapshot.view
    if call_lines(view) and is_disclosed(view):
        return _resumed(snapshot)
    call = view.live_call
    if call is not None and call.direction == "inbound":
        return _inbound(snapshot)
    opening = outbound_opening(snapshot)
    return [opening.greeting, *opening.to_a_person]


@dataclass(frozen=True, slots=True)
class Outbound:
    """How a call of ours begins: the greeting is for everybody, what we know of the lead only for a person."""

    greeting: Say
    to_a_person: tuple[Say, ...]
    to_anybody: tuple[Say, ...]
    """While nobody knows who listens."""


def outbound_opening(snapshot: Snapshot) -> Outbound:
    """What the persona says first on a call of ours."""
    greeting = Say(identification(snapshot, _greeting(snapshot.view.first_name)))
    if identity.is_open(snapshot):
        who = (identity.question(snapshot),)
        return Outbound(greeting, who, who)
    plan, why = _plan(snapshot), Say(f"You {snapshot.campaign.reason}.")
    return Outbound(greeting, to_the_lead(snapshot), (why, *plan))


def to_the_lead(snapshot: Snapshot) -> tuple[Say, ...]:
    """Why we call, by what we know of him, and whether to go on."""
    return (*_reference(snapshot), *_plan(snapshot))


def screening_answer(snapshot: Snapshot) -> Say:
    """What an assistant that screens calls is told: name, brand and reason, nothing about the lead."""
    campaign = snapshot.campaign
    return Say(f"This is {campaign.persona}, the virtual assistant at {campaign.brand}. You {campaign.reason}.")


_VOICEMAIL: dict[Literal["en", "es"], str] = {
    "en": "{greeting}, this is {persona}, the AI virtual assistant at {brand}. You {reason}. I'll send you a text. You"
    " can also call us at {number}. To get no more calls, call that number and say 'stop calls', or reply STOP to the"
    " text.",
    "es": "{greeting}, habla {persona}, la asistente virtual, una inteligencia artificial, de {brand}. Le enviaré un"
    " mensaje de texto. También puede llamarnos al {number}. Para no recibir más llamadas, llame a ese número y diga"
    " 'stop calls', o responda STOP al mensaje.",
}


def voicemail(snapshot: Snapshot) -> Say:
    """What is left after the beep: who, that it is an AI's voice, why, the number to call back, and the way out."""
    campaign, view = snapshot.campaign, snapshot.view
    language: Literal["en", "es"] = "es" if view.known("preferred_language") == "es" else "en"
    hello = _greeting(view.first_name)
    words = campaign.voicemail.get(language, _VOICEMAIL[language])
    words = words.replace("{greeting}", hello if language == "en" else hello.replace("Hi", "Hola", 1))
    return Say(snapshot.fill(words.replace("{number}", campaign.number or campaign.callback_contact)))


def identification(snapshot: Snapshot, greeting: str | None) -> str:
    """Who speaks, that it is an assistant, that the line is recorded, and the way out: in one breath."""
    campaign = snapshot.campaign
    start = f"{greeting}, this is" if greeting else "This is"
    brand = f"{campaign.brand}'" if campaign.brand.endswith("s") else f"{campaign.brand}'s"
    return f"{start} {campaign.persona}, {brand} virtual assistant, on a {RECORDED}; {WAY_OUT}."


def permission(snapshot: Snapshot) -> Say:
    """Asks whether to go on: on a first call also with the recording, on a later one only whether the time suits."""
    if snapshot.view.known("recording_ok") is True:
        return Say("Is now a good time?", asks="good_time")
    return Say("Is that okay?", asks="recording_ok")


def _greeting(name: str | None) -> str:
    said = name_to_say(name)
    return f"Hi {said}" if said else "Hi"


# Outbound -----------------------------------------------------------------------------------------------------------


def _reference(snapshot: Snapshot) -> list[Say]:
    """Takes up what the lead said, and where he said it (S13, S16); without any words of his, why we call."""
    view, campaign = snapshot.view, snapshot.campaign
    asked_time = _as_asked(snapshot)
    if remembered := recalled(snapshot):
        return [*asked_time, Say(remembered)]
    if asked_time:
        return asked_time
    if any(line.who == "lead" and line.channel is Channel.SMS for line in view.thread):
        liking = campaign.interested if view.known("interest") == "yes" else campaign.reason
        return [Say(f"You said over text that you {liking}." if liking != campaign.reason else f"You {liking}.")]
    return [Say(f"You {campaign.reason}.")]


def recalled(snapshot: Snapshot) -> str | None:
    """What the lead said before, and where: by text, or on a call before this one. None: nothing worth a word."""
    view, campaign = snapshot.view, snapshot.campaign
    for where, was_said in (("You said over text", _was_texted), ("When we last spoke you said", _was_spoken)):
        clauses = [clause for question in campaign.questions if (clause := _clause(question, view, was_said))]
        if clauses:
            said = " and ".join(reversed(clauses[:MOST_RECALLED]))
            return f"{where} that you {said}{_cheer(view, campaign)}"
    return None


def _clause(question: Question, view: View, was_said: Callable[[Fact, View], bool]) -> str | None:
    fact = view.facts.get(question.key)
    if fact is None or fact.value is None or not was_said(fact, view):
        return None
    name = str(fact.value).lower() if isinstance(fact.value, bool) else str(fact.value)
    template = question.recall.get(name, question.recall.get("*"))
    return template.replace("{value}", question.label(fact.value)) if template else None


def _was_texted(fact: Fact, view: View) -> bool:
    return any(line.event == fact.source and line.channel is Channel.SMS for line in view.thread)


def _was_spoken(fact: Fact, view: View) -> bool:
    since = view.live_call.placed_at if view.live_call else None
    lines = (line for line in view.thread if line.event == fact.source and line.channel is Channel.VOICE)
    return any(since is None or line.at < since for line in lines)


def _cheer(view: View, campaign: Campaign) -> str:
    """ "…, congratulations!", for news that deserves it."""
    for question in campaign.questions:
        fact = view.facts.get(question.key)
        if fact is not None and fact.value is True and _was_texted(fact, view) and "true" in question.acknowledge:
            cheer = question.acknowledge["true"]
            return f", {cheer[0].lower()}{cheer[1:]}"
    return "."


def _as_asked(snapshot: Snapshot) -> list[Say]:
    wanted = snapshot.view.known("callback_earliest")
    if not isinstance(wanted, str):
        return []
    now = local_now(snapshot)
    named = datetime.fromisoformat(wanted)
    named = named if named.tzinfo else named.replace(tzinfo=now.tzinfo)
    latest = snapshot.view.known("callback_latest")
    until = datetime.fromisoformat(latest) if isinstance(latest, str) else named
    until = until if until.tzinfo else until.replace(tzinfo=now.tzinfo)
    is_due = named - AS_ASKED <= now <= until + AS_ASKED
    return [Say("I'm calling at the time you asked for.")] if is_due else []


def _plan(snapshot: Snapshot) -> list[Say]:
    if next_question(snapshot.view, snapshot.campaign) is None:
        return [Say("I have what I need to find you someone."), permission(snapshot)]
    return [Say("I have a few quick questions before I connect you with one of our agents."), permission(snapshot)]


# Inbound and resumed ------------------------------------------------------------------------------------------------


def _inbound(snapshot: Snapshot) -> list[Say | End]:
    """The lead calls. A number may be shared, so nothing is said of its owner unless he was just texting from it."""
    view, campaign = snapshot.view, snapshot.campaign
    thanks = f"Thanks for calling {campaign.brand}."
    recent = view.last_lead_text_at is not None and snapshot.now - view.last_lead_text_at <= SAME_PHONE
    if not recent or campaign.confirm_identity:
        return [
            Say(thanks),
            Say(identification(snapshot, None)),
            Say("Who am I speaking with?", asks="first_name"),
        ]
    opening = [Say(identification(snapshot, _greeting(view.first_name))), *_reference(snapshot)]
    question = next_question(view, campaign)
    if question is None:
        return [*opening, permission(snapshot)]
    return [*opening, Say(wording(question, snapshot), asks=question.key)]


def _resumed(snapshot: Snapshot) -> list[Say | End]:
    """The line dropped and is back: no second opening, but the sentence that broke, or the question that is open."""
    view = snapshot.view
    sorry = Say(LINE_DROPPED)
    broken = view.live_call.saying if view.live_call else None
    if broken is not None and (rest := broken.rest.removeprefix(LINE_DROPPED).strip()):
        return [sorry, Say(rest, broken.asks), *([End("said before")] if broken.ends else [])]
    if identity.is_open(snapshot):
        return [sorry, identity.question(snapshot)]
    question = next_question(view, snapshot.campaign, patience=4)
    if question is None:
        return [sorry, Say("I'm back with you.")]
    return [sorry, Say(wording(question, snapshot), asks=question.key)]
