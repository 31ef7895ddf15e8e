"""The one door: every text and every call goes out through here, and only with a permit.

An effect is decided on the newest view, claimed by an append that fails if anything has happened since, carried out,
and answered by an event. Carriers' creates have no idempotency key, so what was claimed is never done twice: if the
outcome is not known, it stays claimed until the carrier's own lists tell (`telephony.outreach.reconcile`).
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

import structlog

from agent.campaign import Campaign
from agent.handoff import Cause
from agent.outreach import wanted
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
    origin,
)
from state.events import CallPlaced, Channel, EffectSettled, EffectStarted, Event, Suppressed, TextSent
from state.fold import CALL_OVER
from state.store import Conflict
from state.view import Outbox, View
from state.writer import RecordWriter
from telephony.carrier import ACCOUNT_FAULTS, OPTED_OUT, CarrierError
from telephony.instructions import TOKEN_TTL_S
from telephony.metrics import CALLS_WITHOUT_ROOM, EFFECTS, FIRST_TOUCH_SECONDS, REPLY_SECONDS
from telephony.outreach import reconcile
from telephony.outreach.reconcile import OUTCOME_WITHIN
from telephony.permission import Go, Stop, permission, postponed, retry_at
from telephony.services import Services
from telephony.transfers import transfer
from telephony.wake import commit, wake

log = structlog.get_logger(__name__)

ROOM_AGAIN_AFTER = timedelta(seconds=5)
"""How soon a dial asks again whether there is room for the call."""

Outcome = Literal["done", "refused", "failed", "cancelled", "unknown"]


@dataclass(frozen=True, slots=True)
class _Job:
    """One effect that was claimed."""

    cid: str
    id: str
    waiting: Outbox
    campaign: Campaign
    ours: str
    """Our number, E.164."""

    @property
    def effect(self) -> Effect:
        """What is to be done."""
        return self.waiting.effect


class Door:
    """Carries effects out. It keeps nothing itself: any process may have one."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def carry_out(self, cid: str, effect_id: str, known: View | None = None) -> datetime | None:
        """Does one effect, unless it is gone, settled, forbidden or in other hands.

        `known` is the newest view as far as the caller knows: what is decided on it is appended only if it is.

        Returns the business time at which to come back for it, or None when it is over.

        Raises:
            HistoryChanged: if another Redis answers than the one that was vouched for.
        """
        while True:
            view, known = known or await self._services.record.view(cid), None
            waiting = view.outbox.get(effect_id)
            if waiting is None:
                return None
            if waiting.started:
                return await self._find_out(cid, effect_id, waiting, view)
            if waiting.due > self._services.clock():
                return waiting.due
            try:
                return await self._attempt(cid, effect_id, waiting, view)
            except Conflict:
                continue  # something has happened since, perhaps a STOP: decide again

    async def _attempt(self, cid: str, effect_id: str, waiting: Outbox, view: View) -> datetime | None:
        campaign, now, effect = self._services.campaigns.get(view.campaign), self._services.clock(), waiting.effect
        registers = self._services.registers()
        decided = permission(view, campaign, effect, now, registers)
        if campaign and waiting.planned and not wanted(view, campaign, effect_id, now, registers):
            decided = Stop("cancelled", "the plan is another by now")
        if isinstance(decided, Stop):
            settled = self._settled(effect_id, decided.outcome, decided.why)
            # What outreach asked for, it asks for again, if it still wants it then.
            again = [] if waiting.planned else postponed(effect_id, effect, decided.until, settled.at)
            await commit(self._services, cid, settled, *again, expect=view.version)
            await self._after(cid, effect, settled)
            return None
        assert campaign is not None, "nothing goes without a campaign"
        if isinstance(effect, Dial) and not self._has_room(effect_id, campaign):
            return self._services.clock() + ROOM_AGAIN_AFTER
        job = _Job(cid, effect_id, waiting, campaign, self._services.number_of(campaign) or "")
        async with self._turn(job) as wait:
            if wait:
                if isinstance(effect, Dial):
                    self._services.admission.release(effect_id)
                return self._services.clock() + wait
            if not await self._claim(cid, effect_id, decided, view.version):
                return self._services.clock() + OUTCOME_WITHIN
            _time(view, waiting, self._services.clock())
            return await self._do(job)

    def _has_room(self, effect_id: str, campaign: Campaign) -> bool:
        """Holds a slot for a call of ours. Without one the dial waits in the outbox."""
        full = self._services.admission.admit(effect_id, campaign.timing.ring_seconds + TOKEN_TTL_S)
        if full is not None:
            CALLS_WITHOUT_ROOM.labels("outbound", full.name.lower()).inc()
            log.info("dial waits for room", effect=effect_id, why=full.value)
        return full is None

    @asynccontextmanager
    async def _turn(self, job: _Job) -> AsyncIterator[timedelta]:
        """How long an effect waits for our pace: texts for that of a number, calls for that of the account.

        A text that nobody asked for waits, and any call to a lead; not a reply, nor an agent's telephone, for whom a
        lead waits on the line. Each counts. Who need not wait is to have left when the block ends.
        """
        settings, turns, effect = self._services.settings, self._services.record.turns, job.effect
        assert isinstance(effect, SendText | BriefAgent | Dial | RingAgent), "only contacts get as far as this"
        calls = isinstance(effect, Dial | RingAgent)
        sender, who = f"calls:{settings.account}" if calls else job.ours, f"{job.cid}:{job.id}"
        pace = settings.calls_per_second if calls else settings.texts_per_second
        at_once = isinstance(effect, RingAgent) if calls else effect.permit is not PermitKind.INITIATE
        leave = self._services.clock()
        wait = await turns.take(sender, who, leave, per_second=pace, at_once=at_once)
        try:
            yield wait
        finally:
            if not wait and not at_once:
                await turns.left(sender, who, leave, self._services.clock())

    async def _claim(self, cid: str, effect_id: str, go: Go, version: int) -> bool:
        """Reserves the effect on exactly the version it was decided on. False if somebody else has it."""
        started = EffectStarted(
            id=f"{effect_id}:started",
            at=self._services.clock(),
            effect=effect_id,
            rule=go.rule,
            evidence=go.evidence,
        )
        appended = await self._services.record.append(cid, started, expect=version, vouched=True)
        return started.id in appended.added

    async def _do(self, job: _Job) -> datetime | None:
        try:
            events = await self._perform(job)
            settled = self._settled(job.id, "done")
        except CarrierError as error:
            if error.code in ACCOUNT_FAULTS:
                log.error("the carrier does not accept our account: see segue doctor", code=error.code)
            log.warning("carrier refused", conversation=job.cid, effect=job.effect.kind, code=error.code)
            if error.outcome_unknown and not isinstance(job.effect, RingAgent):
                return self._services.clock() + OUTCOME_WITHIN  # it stays claimed; the carrier's lists will tell
            outcome: Outcome = "unknown" if error.outcome_unknown else "failed"
            settled = self._settled(job.id, outcome, str(error.code or "carrier"))
            events = await self._consequences(job.cid, job.id, job.waiting, error)
            self._services.admission.release(job.id)
        await self._write(job.cid, *events, settled)
        await self._after(job.cid, job.effect, settled)
        return None

    async def _consequences(self, cid: str, effect_id: str, waiting: Outbox, error: CarrierError) -> Sequence[Event]:
        """What a failure leads to: an opt-out that the carrier knew of and we did not, or another attempt."""
        now = self._services.clock()
        if error.code in OPTED_OUT and isinstance(waiting.effect, SendText):
            return [opted_out_with_carrier(effect_id, error.code, now)]
        log_of = await self._services.record.log(cid)
        failures = sum(isinstance(event, EffectSettled) and _is_failure_of(event, effect_id) for _, event in log_of)
        until = retry_at(error, failures, now)
        return postponed(effect_id, waiting.effect, until, now, planned=waiting.planned)

    async def _perform(self, job: _Job) -> Sequence[Event]:
        """Asks the carrier, and returns what the lead's log should hold about it."""
        match job.effect:
            case SendText():
                return [self._text_sent(job, job.effect, await self._text(job, job.effect))]
            case BriefAgent():
                await self._text(job, job.effect)  # not part of the lead's thread
            case Dial():
                return [await self._dial(job, job.effect)]
            case RingAgent():
                await self._ring(job, job.effect)
            case Answer() | FindAgent() | CheckTransfer():
                raise AssertionError("what is only thought about is not permitted to go out")
        return []

    async def _text(self, job: _Job, effect: SendText | BriefAgent) -> str:
        status_url = self._services.webhook(f"/sms/status/{job.cid}")
        return await self._services.carrier.send_text(effect.to, effect.body, sender=job.ours, status_url=status_url)

    def _text_sent(self, job: _Job, effect: SendText, sid: str) -> TextSent:
        return TextSent(
            id=f"sms:{sid}",
            at=self._services.clock(),
            sid=sid,
            effect=job.id,
            body=effect.body,
            asks=effect.asks,
            permit=effect.permit,
            by=effect.by,
        )

    async def _dial(self, job: _Job, effect: Dial) -> CallPlaced:
        url = self._services.webhook
        call = await self._services.carrier.dial(
            effect.to,
            caller_id=job.ours,
            instructions_url=url(f"/voice/{job.cid}"),
            status_url=url(f"/voice/status/{job.cid}"),
            ring_seconds=job.campaign.timing.ring_seconds,
            detection_url=url(f"/voice/answered/{job.cid}"),
        )
        self._services.admission.rename(job.id, call)
        now = self._services.clock()
        return CallPlaced(
            id=f"call:{call}:placed", at=now, call=call, effect=job.id, permit=effect.permit, ours=job.ours or None
        )

    async def _ring(self, job: _Job, effect: RingAgent) -> None:
        agent_call = await self._dial_agent(job, effect)
        view, _ = await transfer.advance(self._services, job.cid, effect.handoff, Cause.DIALLED, agent_call=agent_call)
        handoff = view.handoff
        if handoff is None or handoff.handoff != effect.handoff or handoff.step is HandoffStep.LEAD_GONE:
            # The lead hung up while we dialled, or the next is being asked, and nobody but us knows this call.
            await transfer.release_agent(self._services, effect.handoff, agent_call)

    async def _dial_agent(self, job: _Job, effect: RingAgent) -> str:
        """Starts the call; one whose answer was lost is looked up with the carrier, not placed again."""
        # By the world's clock, which is the carrier's; whoever is rung has no other call of ours on.
        url, asked_at = self._services.webhook, datetime.now(UTC) - reconcile.SKEW
        try:
            return await self._services.carrier.dial(
                effect.to,
                caller_id=job.ours,
                instructions_url=url(transfer.path(job.cid, effect.handoff)),
                status_url=url(transfer.path(job.cid, effect.handoff, "status")),
                ring_seconds=job.campaign.timing.transfer_ring_seconds,
            )
        except CarrierError as error:
            if not error.outcome_unknown:
                raise
            calls = await self._services.carrier.find_calls(effect.to, asked_at)
            placed = next((call for call in calls if call.caller_id == job.ours and call.status not in CALL_OVER), None)
            if placed is None:
                raise
            log.info("agent's call found", conversation=job.cid, handoff=effect.handoff, call=placed.sid)
            return placed.sid

    async def _find_out(self, cid: str, effect_id: str, waiting: Outbox, view: View) -> datetime | None:
        """An effect that was claimed: whoever has it may be at it still. If not, the carrier knows what came of it."""
        found = await reconcile.outcome_of(self._services, cid, effect_id, waiting, view)
        if isinstance(found, datetime):
            return found
        again: Sequence[Event] = ()
        if found.outcome == "failed":
            again = await self._consequences(cid, effect_id, waiting, CarrierError("it never arrived there"))
        settled = self._settled(effect_id, found.outcome, found.detail)
        await commit(self._services, cid, *found.events, *again, settled)
        await self._after(cid, waiting.effect, settled)
        return None

    def _settled(self, effect_id: str, outcome: Outcome, detail: str = "") -> EffectSettled:
        now = self._services.clock()
        return EffectSettled(id=f"{effect_id}:settled", at=now, effect=effect_id, outcome=outcome, detail=detail)

    async def _write(self, cid: str, *events: Event) -> None:
        """Writes what has already happened in the world: however long the record is away, it is not forgotten."""
        async with RecordWriter(self._services.record, cid) as writer:
            writer.put(*events)
        await wake(self._services, cid, *events)

    async def _after(self, cid: str, effect: Effect, settled: EffectSettled) -> None:
        EFFECTS.labels(effect.kind, settled.outcome).inc()
        log.info("effect settled", conversation=cid, effect=effect.kind, outcome=settled.outcome, detail=settled.detail)
        if isinstance(effect, RingAgent) and settled.outcome != "done":
            await transfer.advance(self._services, cid, effect.handoff, Cause.NOT_DIALLED, detail=settled.detail)


def _time(view: View, waiting: Outbox, now: datetime) -> None:
    """Measures how long a lead waited for an answer, or for the first we ever said to him."""
    effect = waiting.effect
    if not isinstance(effect, SendText | Dial):
        return
    if effect.permit is PermitKind.REPLY_TO_LEAD and view.last_lead_text_at is not None:
        REPLY_SECONDS.observe((now - view.last_lead_text_at).total_seconds())
    elif effect.permit is PermitKind.INITIATE and not view.touches:
        FIRST_TOUCH_SECONDS.observe((now - waiting.due).total_seconds())


def _is_failure_of(event: EffectSettled, effect_id: str) -> bool:
    return event.outcome == "failed" and origin(event.effect) == origin(effect_id)


def opted_out_with_carrier(cause: str, code: int | None, now: datetime) -> Suppressed:
    """The suppression that follows from the carrier's error, one of `OPTED_OUT`."""
    return Suppressed(
        id=f"{cause}:suppressed",
        at=now,
        reason="opt_out",
        channel=Channel.SMS,
        words="",
        detector=f"carrier:{code}",
    )
