"""What stands beside the thread: who the lead is, what is known and allowed, what comes next and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from agent.campaign import Campaign
from agent.gate.gate import Permit, decide
from agent.gate.registers import Registers
from agent.outreach import Step, plan
from state.consent import verify_chain
from state.effects import CheckTransfer, PermitKind, origin
from state.events import Channel, Event, FactLearned, Promised
from state.view import View
from telephony.console.rows import name_of
from telephony.console.thread import SCOPES, anchors, describe, reason_of, shown, step_words, title_of


@dataclass(frozen=True, slots=True)
class FactLine:
    """A fact, its source in the thread, and how often it was corrected."""

    title: str
    value: str
    source: str
    corrected: int


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """The newest evidence for one scope."""

    scope: str
    basis: str
    at: datetime
    anchor: str


@dataclass(frozen=True, slots=True)
class NextLine:
    """Something of ours that is to come, and why."""

    what: str
    due: datetime | None
    why: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate would say now to a contact that we begin."""

    channel: str
    permitted: bool
    reason: str
    rule: str
    citation: str
    next_allowed: datetime | None


@dataclass(frozen=True, slots=True)
class Panel:
    """Everything beside the thread."""

    facts: tuple[FactLine, ...]
    consents: tuple[ConsentLine, ...]
    evidence: str
    promises: tuple[tuple[str, datetime | None], ...]
    following: tuple[NextLine, ...]
    verdicts: tuple[Verdict, ...]
    transfer: str
    """How far the newest one has come; empty if there was none."""


def panel_of(
    log: Sequence[tuple[int, Event]], view: View, campaign: Campaign | None, now: datetime, registers: Registers
) -> Panel:
    """The panel as of now. Without the campaign's file nothing may follow, and nothing is asked of the gate."""
    where = anchors(log)
    chain = verify_chain(log)
    return Panel(
        facts=tuple(_facts(log, view, campaign, where)),
        consents=tuple(
            ConsentLine(SCOPES[scope], consent.basis, consent.at, where.get(consent.event, ""))
            for scope, consent in view.consents.items()
        ),
        evidence=evidence_of(chain.rows, bool(chain.faults)),
        promises=tuple((event.what, event.due) for _, event in log if isinstance(event, Promised)),
        following=tuple(following(view, campaign, now, registers)),
        verdicts=tuple(_verdicts(view, campaign, now, registers)),
        transfer=step_words(view.handoff.step, view.handoff.agent, name_of(view)) if view.handoff else "",
    )


def evidence_of(rows: int, broken: bool) -> str:
    """What the chain over the evidence comes to; nothing where there is none."""
    if broken:
        return "The evidence was changed after it was recorded: see segue consent show."
    return f"Evidence of {rows} {'act' if rows == 1 else 'acts'}, unchanged since it was recorded." if rows else ""


def _facts(
    log: Sequence[tuple[int, Event]], view: View, campaign: Campaign | None, where: dict[str, str]
) -> list[FactLine]:
    told = [event.key for _, event in log if isinstance(event, FactLearned)]
    return [
        FactLine(
            title_of(key, campaign),
            shown(key, fact.value, campaign),
            where.get(fact.source, ""),
            max(0, told.count(key) - 1),
        )
        for key, fact in view.facts.items()
    ]


def following(view: View, campaign: Campaign | None, now: datetime, registers: Registers) -> list[NextLine]:
    """What waits in the outbox and why; if nothing does, what the plan says."""
    if campaign is None:
        return [NextLine("Nothing", None, f"the file of the campaign {view.campaign} is gone")]
    shown = [effect_id for effect_id, waiting in view.outbox.items() if not isinstance(waiting.effect, CheckTransfer)]
    if shown:
        return [_waiting(view, campaign, effect_id, now, registers) for effect_id in shown]
    step = plan(view, campaign, now, registers)
    if isinstance(step, Step):
        what, words = describe(step.effect)
        return [NextLine(what, step.due, _because(step), words)]
    return [NextLine("Nothing", None, step.why)]


def _waiting(view: View, campaign: Campaign, effect_id: str, now: datetime, registers: Registers) -> NextLine:
    entry = view.outbox[effect_id]
    what, words = describe(entry.effect)
    if entry.started:
        return NextLine(what, None, "under way", words)
    # The plan passes over what is in the outbox already: without it, it says why that is there.
    rest = {key: other for key, other in view.outbox.items() if key != effect_id}
    step = plan(view.model_copy(update={"outbox": rest}), campaign, now, registers)
    why = _because(step) if isinstance(step, Step) and step.id == origin(effect_id) else ""
    return NextLine(what, entry.due, why, words)


def _because(step: Step) -> str:
    return f"{step.why}; waits for {step.held_by.replace('_', ' ')}" if step.held_by else step.why


def _verdicts(view: View, campaign: Campaign | None, now: datetime, registers: Registers) -> list[Verdict]:
    if campaign is None:
        return []
    found = []
    for channel in Channel:
        answer = decide(view, campaign, channel, PermitKind.INITIATE, now, registers=registers)
        name = "Text" if channel is Channel.SMS else "Call"
        if isinstance(answer, Permit):
            found.append(Verdict(name, True, "allowed now", "", answer.citation, None))
        else:
            reason = answer.why or reason_of(answer.reason)
            found.append(Verdict(name, False, reason, answer.rule, answer.citation, answer.next_allowed))
    return found
