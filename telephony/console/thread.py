"""The thread of one conversation: its log as items for a reader, oldest first, texts and speech in one column."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import assert_never

from agent.campaign import Campaign
from agent.gate.rules import POLICY, RULES
from agent.handoff import FAILED
from state.effects import (
    Answer,
    BriefAgent,
    CheckTransfer,
    Dial,
    Effect,
    FindAgent,
    HandoffStep,
    PermitKind,
    RingAgent,
    SendText,
)
from state.events import (
    CallAnsweredBy,
    CallArrived,
    CallConnected,
    CallEnded,
    CallPlaced,
    CallStatus,
    ConsentGiven,
    EffectRequested,
    EffectSettled,
    EffectStarted,
    Erased,
    Event,
    FactLearned,
    HandoffAdvanced,
    HandoffReported,
    HoldLifted,
    LeadArrived,
    LeadSaid,
    OutreachHeld,
    Paused,
    PersonaSaid,
    Promised,
    PromiseSettled,
    Resumed,
    Suppressed,
    TextReceived,
    TextSent,
    TextsResumed,
    TransferOrdered,
    TurnTiming,
    Whispered,
)
from state.fold import CALL_OVER
from state.view import View
from telephony.console.rows import name_of

PARTS = ("wait", "transcript", "reply", "speech", "send")
"""Of a voice turn's gap, in their order."""


@dataclass(frozen=True, slots=True)
class Learned:
    """A fact that a turn brought."""

    key: str
    title: str
    value: str


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a turn's gap, placed in per mille of the whole."""

    name: str
    ms: int
    at: int
    width: int


@dataclass(frozen=True, slots=True)
class Decision:
    """What the gate said to a contact. `rule` is the kind of the permit, or the rule that refused."""

    permitted: bool
    rule: str
    citation: str
    evidence: tuple[tuple[str, str], ...] = ()

    @property
    def words(self) -> str:
        """A permit, in an operator's words."""
        return f"permitted, {WHY[PermitKind(self.rule)]}" if self.rule in set(PermitKind) else "permitted"


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of the thread. `kind` is message, call or note; `side` is lead, ours or empty."""

    anchor: str
    kind: str
    at: datetime
    side: str = ""
    who: str = ""
    channel: str = ""
    words: str = ""
    unheard: str = ""
    coming: str = ""
    """What is to be said next of a turn that is being said."""
    person: bool = False
    """A person of the staff wrote it."""
    tone: str = ""
    meta: str = ""
    learned: tuple[Learned, ...] = ()
    gap: int | None = None
    parts: tuple[Part, ...] = ()
    decision: Decision | None = None
    details: tuple[tuple[str, str], ...] = ()
    call: str = ""
    events: tuple[str, ...] = field(default=(), repr=False)


def thread_of(log: Sequence[tuple[int, Event]], view: View, campaign: Campaign | None) -> list[Item]:
    """The whole thread. `campaign` is None if its file is gone; then facts keep their bare names."""
    return _Thread(log, view, campaign).items()


def anchors(log: Iterable[tuple[int, Event]]) -> dict[str, str]:
    """Where in the page each event stands, by its id."""
    return {event.id: f"e{version}" for version, event in log}


class _Thread:
    def __init__(self, log: Sequence[tuple[int, Event]], view: View, campaign: Campaign | None) -> None:
        self._log = log
        self._view = view
        self._campaign = campaign
        events = [event for _, event in log]
        self._name = name_of(view)
        self._lead = self._name or "The lead"
        self._persona = campaign.persona if campaign else "Persona"
        self._requested = {event.id: event for event in events if isinstance(event, EffectRequested)}
        self._started = {event.effect: event for event in events if isinstance(event, EffectStarted)}
        steps = [event for event in events if isinstance(event, HandoffAdvanced)]
        self._agents = {event.handoff: event.agent for event in steps if event.agent}
        self._connected = {event.call for event in events if isinstance(event, CallConnected)}
        self._streams: set[str] = set()

    def items(self) -> list[Item]:
        made = [
            replace(item, anchor=f"e{version}", events=(event.id,))
            for version, event in self._log
            for item in self._item(event)
        ]
        return [*_with_facts(made, self._learned()), *self._being_said()]

    def _being_said(self) -> Iterator[Item]:
        """The turn that the persona is in the middle of: it has no entry of its own before it is over."""
        call = self._view.live_call
        saying = call.saying if call else None
        if call is None or saying is None or saying.accounted:
            return
        at, anchor = self._log[-1][1].at, f"saying-{saying.turn}"
        yield Item(
            anchor, "message", at, "ours", self._persona, "voice", saying.heard, coming=saying.rest, call=call.call
        )

    def _learned(self) -> dict[str, list[Learned]]:
        found: dict[str, list[Learned]] = {}
        for _, event in self._log:
            if isinstance(event, FactLearned):
                found.setdefault(event.source, []).append(
                    Learned(
                        event.key, title_of(event.key, self._campaign), shown(event.key, event.value, self._campaign)
                    )
                )
        return found

    def _item(self, event: Event) -> Iterator[Item]:
        at = event.at
        match event:
            case TextReceived(body=body, media=media):
                more = f"{media} picture{'s' * (media > 1)}, not kept" if media else ""
                yield Item("", "message", at, "lead", self._lead, "text", body, meta=more)
            case TextSent():
                yield self._text_sent(event)
            case LeadSaid(text=text, call=call):
                yield Item("", "message", at, "lead", self._lead, "voice", text, call=call)
            case PersonaSaid():
                yield self._persona_said(event)
            case CallPlaced(call=call, effect=effect):
                yield Item("", "call", at, words="We call", call=call, decision=self._permit(effect))
            case CallArrived(call=call):
                yield Item("", "call", at, words=f"{self._lead} calls", call=call)
            case CallConnected(call=call):
                again = call in self._streams
                self._streams.add(call)
                yield _note(at, "The call is back" if again else "On the line", "live", call=call)
            case CallEnded(cause=cause, heard_ms=heard_ms, discarded=discarded):
                minutes, seconds = divmod(heard_ms // 1000, 60)
                told = f"{CAUSES[cause]}, after {minutes}:{seconds:02}"
                drafts = (("answers prepared and not needed", str(discarded)),) if discarded else ()
                yield _note(at, told, "warn" if cause == "dropped" else "", details=drafts)
            case CallStatus(status=status, call=call):
                if status in CALL_OVER and call not in self._connected:
                    yield _note(at, UNCONNECTED.get(status, "The call was not answered"), "warn")
            case _:
                yield from self._circumstance(event)

    def _circumstance(self, event: Event) -> Iterator[Item]:
        at = event.at
        match event:
            case LeadArrived(source=source, facts=facts):
                told = tuple((title_of(key, self._campaign), str(value)) for key, value in facts.items())
                yield _note(at, f"{self._name or 'Somebody'} became a lead: {source.replace('_', ' ')}", details=told)
            case ConsentGiven(scopes=scopes, basis=basis, act=act, disclosure=disclosure):
                names = " and ".join(SCOPES[scope] for scope in scopes)
                more = (("how", f"{basis}, by {act}"), ("words agreed to", disclosure or "none shown"))
                yield _note(at, f"Consent to {names}", "good", details=more)
            case Suppressed(reason=reason, words=words, detector=detector, by=by):
                what = "Wrong number" if reason == "wrong_number" else "Stop: nobody contacts this number again"
                more = (("found by", detector), *((("words", words),) if words else ()))
                yield _note(at, f"{what}{_by(by)}", "stop", details=more)
            case TextsResumed():
                yield _note(at, "START: texts may go on, calls may not", "good")
            case OutreachHeld(reason=reason):
                yield _note(at, f"Held until a person has looked: {reason.replace('_', ' ')}", "warn")
            case HoldLifted(by=by):
                yield _note(at, f"Hold lifted by {by}", "good")
            case Paused(by=by):
                yield _note(at, f"{by} has taken over; {self._persona} pauses", "warn")
            case Resumed(by=by):
                yield _note(at, f"{by} gave back to {self._persona}", "good")
            case Whispered(hint=hint, by=by):
                yield _note(at, f"{by} whispers to {self._persona}: {hint}", "whisper")
            case TransferOrdered(by=by):
                yield _note(at, f"{by} wants {self._name or 'the lead'} put through", "live")
            case Promised(what=what):
                yield _note(at, f"Promised: {what}", "good")
            case HandoffAdvanced():
                yield self._transfer(event)
            case HandoffReported(agent=agent, outcome=outcome, notes=notes):
                came = f"{agent} reports: {outcome.replace('_', ' ')}"
                yield _note(at, came, "good", details=(("notes", notes),) if notes else ())
            case PromiseSettled(outcome=outcome):
                yield _note(at, f"A promise was {outcome}", "good" if outcome == "kept" else "warn")
            case CallAnsweredBy(who=who, message_left=left):
                yield _note(at, f"{PICKED_UP[who]}{'; our message was left' if left else ''}")
            case EffectSettled():
                yield from self._settled(event)
            case Erased(reason=reason):
                yield _note(at, f"What was said before was erased ({reason})", "stop")
            case _:
                pass

    def _transfer(self, event: HandoffAdvanced) -> Item:
        told = step_words(event.step, self._agents.get(event.handoff), self._name)
        more = tuple((name, words) for name, words in (("told", event.summary), ("because", event.detail)) if words)
        return _note(event.at, told, "warn" if event.step in FAILED else "live", details=more)

    def _text_sent(self, event: TextSent) -> Item:
        return Item(
            "",
            "message",
            event.at,
            "ours",
            event.by or self._persona,
            "text",
            event.body,
            person=event.by is not None,
            meta=self._view.texts.get(event.sid, ""),
            decision=self._permit(event.effect),
        )

    def _persona_said(self, event: PersonaSaid) -> Item:
        return Item(
            "",
            "message",
            event.at,
            "ours",
            self._persona,
            "voice",
            event.heard,
            unheard=unheard(event.text, event.heard),
            meta=f"cut off after {event.cut_ms / 1000:.1f} s" if event.cut_ms is not None else "",
            gap=round(event.timing.gap) if event.timing else None,
            parts=waterfall(event.timing) if event.timing else (),
            call=event.call,
        )

    def _settled(self, event: EffectSettled) -> Iterator[Item]:
        asked = self._requested.get(event.effect)
        if asked is None or event.outcome == "done":
            return
        rule, _, reason = event.detail.partition(": ")
        refused = event.outcome == "refused"
        decision = Decision(False, rule, CITATIONS.get(rule, "")) if refused else None
        what, body = describe(asked.effect)
        because = reason_of(reason) if refused else event.detail
        told = f"{what} {OUTCOMES[event.outcome]}{f': {because}' if because else ''}"
        tone = "warn" if event.outcome != "cancelled" else ""
        yield _note(event.at, told, tone, decision=decision, details=(("words", body),) if body else ())

    def _permit(self, effect: str) -> Decision | None:
        started = self._started.get(effect)
        if started is None:
            return None
        evidence = tuple((name.replace("_", " "), _plainly(value)) for name, value in started.evidence.items() if value)
        return Decision(True, started.rule, citations_of(started.rule), evidence)


def _with_facts(items: Iterable[Item], learned: dict[str, list[Learned]]) -> Iterator[Item]:
    """Each fact at the first item of the event it was learned from."""
    for item in items:
        facts = [fact for event in item.events for fact in learned.pop(event, [])]
        yield replace(item, learned=tuple(facts)) if facts else item


def _note(at: datetime, words: str, tone: str = "", **more: object) -> Item:
    return replace(Item("", "note", at, words=words, tone=tone), **more)  # type: ignore[arg-type]


def _by(name: str | None) -> str:
    return f", by {name}" if name else ""


UNCONNECTED = {
    "no-answer": "Nobody picked up",
    "busy": "The line was busy",
    "failed": "The call could not be placed",
    "canceled": "The call was taken back before anybody picked up",
}
"""How a call ended that never had any sound, by the carrier's word."""
PICKED_UP = {"person": "A person picked up", "machine": "Voicemail picked up", "screener": "A call screener picked up"}
STEPS = {
    HandoffStep.REQUESTED: "{agent} is asked to take {lead} over",
    HandoffStep.RINGING: "{agent}'s telephone rings",
    HandoffStep.BRIEFING: "{agent} hears who it is",
    HandoffStep.ACCEPTED: "{agent} takes the call",
    HandoffStep.JOINED: "{agent} and {lead} talk",
    HandoffStep.LEFT: "{agent} and {lead} are done",
    HandoffStep.DECLINED: "{agent} declined",
    HandoffStep.UNREACHED: "{agent} was not reached",
    HandoffStep.LEAD_GONE: "{lead} hung up before {agent} came",
    HandoffStep.NOBODY_FREE: "Nobody is free for {lead}",
}


def step_words(step: HandoffStep, agent: str | None, lead: str) -> str:
    """How far a transfer has come."""
    return STEPS[step].format(agent=agent or "Somebody", lead=lead or "the lead")


CAUSES = {
    "lead_hung_up": "The lead hung up",
    "we_hung_up": "We hung up",
    "silence": "We hung up: nobody was heard any more",
    "transferred": "Put through",
    "dropped": "The line dropped",
}
SCOPES = {"sms": "texts", "ai_voice": "calls by an AI"}
OUTCOMES = {
    "refused": "refused",
    "failed": "failed",
    "cancelled": "no longer wanted",
    "unknown": "with unknown outcome",
}


def unheard(text: str, heard: str) -> str:
    """What was made ready and never heard."""
    return text.removeprefix(heard).strip() if text.startswith(heard) else text


def waterfall(timing: TurnTiming) -> tuple[Part, ...]:
    """A turn's gap as parts of a thousand, those without time left out."""
    parts, at = [], 0.0
    for name in PARTS:
        ms = getattr(timing, name)
        if ms >= 0.5:
            left, right = round(at / timing.gap * 1000), round((at + ms) / timing.gap * 1000)
            parts.append(Part(name, round(ms), left, right - left))
        at += ms
    return tuple(parts)


WHY = {
    PermitKind.INITIATE: "begun by us",
    PermitKind.REPLY_TO_LEAD: "in answer",
    PermitKind.REQUESTED_TIME: "as asked for",
    PermitKind.VOICEMAIL_FOLLOW_UP: "after a voicemail",
    PermitKind.OPT_OUT_CONFIRMATION: "confirms the stop",
    PermitKind.HELP: "help",
    PermitKind.STAFF: "to staff",
}
"""Why we contact somebody, in an operator's words."""


def describe(effect: Effect) -> tuple[str, str]:
    """What an effect is, and the words in it."""
    match effect:
        case SendText(permit=permit, body=body, by=by):
            return f"{by}'s text" if by else f"Text ({WHY[permit]})", body
        case Dial(permit=permit):
            return f"Call ({WHY[permit]})", ""
        case BriefAgent(body=body):
            return "Card for the agent", body
        case RingAgent(agent=agent):
            return f"Call to {agent}", ""
        case FindAgent():
            return "Search for a person", ""
        case CheckTransfer():
            return "Look whether the transfer has moved on", ""
        case Answer():
            return "Answer to the lead's text", ""
        case _:
            assert_never(effect)


REASONS = {
    "min_spacing": "too soon after the last contact",
    "attempts_cap": "tried as often as may be",
    "not_before": "a later time was asked for",
    "call_in_progress": "on the phone with us right now",
    "not_the_lead": "there is no number to reach",
}
"""What the gate's shortest words mean, where they do not say it themselves."""


def reason_of(word: str) -> str:
    """Why the gate refused, in an operator's words."""
    return REASONS.get(word, word.replace("_", " "))


CITATIONS = {rule.name: rule.citation for rule in RULES}
"""By rule of the gate."""


def citations_of(permit: str) -> str:
    """The sources of every rule that a contact of this kind has passed."""
    sources = [rule.citation for rule in RULES if permit not in rule.exempt and rule.citation != POLICY]
    return "; ".join(dict.fromkeys(sources)) if permit in set(PermitKind) else ""


def title_of(key: str, campaign: Campaign | None) -> str:
    """What a fact is called."""
    question = campaign.question(key) if campaign else None
    return (question.title if question else None) or key.replace("_", " ").capitalize().replace("Ai ", "AI ").replace(
        "Zip", "ZIP"
    )


def shown(key: str, value: object, campaign: Campaign | None) -> str:
    """A fact's value as a person would say it."""
    question = campaign.question(key) if campaign else None
    if value is None:
        return "(erased)"
    if isinstance(value, list):
        return ", ".join(shown(key, one, campaign) for one in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str) and (moment := _moment(value)):
        return moment
    return question.label(value) if question and question.type != "text" else str(value)  # type: ignore[arg-type]


_ISO = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?)?")


def _moment(value: str) -> str:
    """A date or a time on the lead's clock, as a person would say it; empty for anything else."""
    if not _ISO.fullmatch(value):
        return ""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return ""
    date = f"{moment:%a, %b %-d, %Y}"
    return f"{date}, {moment:%-I:%M} {'am' if moment.hour < 12 else 'pm'}" if "T" in value else date


def _plainly(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {part}" for name, part in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
