"""One call's account: what the conversation has come to, known here first and written behind the call's back."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from itertools import count
from typing import Literal

import structlog

from agent.campaign import Campaign
from agent.conversation import events_of
from agent.snapshot import Snapshot
from audio.playout import Heard
from state.errors import RecordUnavailable
from state.events import CallConnected, CallEnded, Channel, Event, LeadSaid, PersonaSaid, PersonaSaying
from state.fold import fold, fold_all
from state.follow import pause
from state.view import View
from state.writer import RecordWriter
from telephony.leg import Leg
from telephony.live.reply import Reply, now_ms
from telephony.live.spans import CallSpans
from telephony.metrics import TURN_GAP_MS, WASTED
from telephony.services import Services
from telephony.wake import wake

log = structlog.get_logger(__name__)

CLOSE_SECONDS = 2.0
"""How long a hang-up waits for the record. The writer goes on afterwards, however long Redis is away."""

UNKEPT = "[not kept]"
"""What the record holds in place of the words of somebody who refused to be recorded."""

Cause = Literal["lead_hung_up", "we_hung_up", "silence", "transferred", "dropped"]


class Scribe:
    """Folds what the call does into its own view at once, and writes it through one writer that nobody cancels.

    The view is the call's: it runs ahead of the record by what is being written, and takes in what others append as
    it lands.
    """

    def __init__(self, services: Services, leg: Leg, conversation: str, view: View, campaign: Campaign) -> None:
        self._services = services
        self._leg = leg
        self._conversation = conversation
        self.campaign = campaign
        self._loaded = view.version
        self._ours: set[str] = set()
        self._writer = RecordWriter(services.record, conversation, appended=self._appended)
        self._spans = CallSpans(leg.call)
        self.view = view
        self.turns = view.calls[leg.call].turns if leg.call in view.calls else 0
        """Number of the newest turn that was begun."""
        self.heard_to_end = True
        """Whether the lead heard the persona's last turn out."""
        self._answers: list[Reply] = []
        """What was thought of to answer the lead, whatever became of it."""
        self._discarded: list[Reply] = []
        """Those of them that were thrown away."""
        self._decodes_discarded = 0

    @property
    def call(self) -> str:
        """The carrier's id of the call."""
        return self._leg.call

    def snapshot(self) -> Snapshot:
        """What a brain gets to see now."""
        now = self._services.clock()
        return Snapshot(self.view, self.campaign, Channel.VOICE, now, heard_to_end=self.heard_to_end)

    async def _appended(self, events: Sequence[Event]) -> None:
        await wake(self._services, self._conversation, *events)

    def put(self, *events: Event) -> None:
        """Folds events in and queues them for the record; never waits."""
        self._ours.update(event.id for event in events)
        self.view = fold_all(self.view, events)
        self._writer.put(*(as_recorded(event, self.view) for event in events))

    async def others(self) -> AsyncGenerator[Event, None]:
        """What anybody else appends to this conversation, folded in as it lands."""
        async with aclosing(self._services.record.follow(self._conversation, self._loaded)) as landed:
            async for _, event in landed:
                if event.id not in self._ours:
                    self.view = fold(self.view, event)
                    yield event

    async def log(self) -> list[tuple[int, Event]]:
        """The whole conversation as the record has it: a moment behind the view, never behind an earlier turn.

        Waits for Redis, however long: whoever reads a whole log in mid-call has time.
        """
        for attempt in count():
            await self._writer.flush()
            try:
                return await self._services.record.log(self._conversation)
            except RecordUnavailable:
                await asyncio.sleep(pause(attempt))
        raise AssertionError("counting never ends")

    def connected(self) -> None:
        """The lead hears us from here on."""
        self._writer.start()
        self._spans.connected()
        leg = self._leg
        self._account_for_broken()
        event = CallConnected(id=f"connected:{leg.stream}", at=self._services.clock(), call=leg.call, stream=leg.stream)
        self.put(event)

    def _account_for_broken(self) -> None:
        """Closes the account of a turn whose process died in it: heard is what the carrier had said was played."""
        call = self.view.calls.get(self.call)
        broken = call.saying if call is not None else None
        if broken is None or broken.accounted:
            return
        self.put(
            PersonaSaid(
                id=f"turn:{self.call}:{broken.turn}:persona",
                at=self._services.clock(),
                call=self.call,
                turn=broken.turn,
                text=broken.text,
                heard=broken.heard,
                cut_ms=broken.heard_ms,
                asks=broken.asks,
            )
        )

    def lead_said(self, text: str, start_ms: int, end_ms: int) -> LeadSaid:
        """What the lead said between two offsets of the call's audio, in the turn after the newest. Not recorded."""
        turn = self.turns + 1
        return LeadSaid(
            id=f"turn:{self.call}:{turn}:lead",
            at=self._services.clock(),
            call=self.call,
            turn=turn,
            text=text,
            start_ms=start_ms,
            end_ms=end_ms,
        )

    def typed(self, words: str, now_ms: int) -> LeadSaid:
        """Records what the lead typed on his telephone."""
        said = LeadSaid(
            id=f"keys:{self.call}:{now_ms}",
            at=self._services.clock(),
            call=self.call,
            turn=self.turns,
            text=words,
            start_ms=now_ms,
            end_ms=now_ms,
        )
        self.put(said)
        return said

    def thought_of(self, reply: Reply) -> None:
        """A reply is being made; what it costs goes on the call's account."""
        self._answers.append(reply)

    def threw_away(self, reply: Reply) -> None:
        """It will not be heard: what it costs was for nothing."""
        self._discarded.append(reply)

    def moves(self, reply: Reply) -> list[Event]:
        """Records the moves of a turn that are not recorded yet, after what the lead said to cause them."""
        events: list[Event] = []
        if reply.answers is not None and reply.answers.id not in self._ours:
            events.append(reply.answers)
        fresh = reply.moves[reply.recorded :]
        events += events_of(fresh, reply.source, self._services.clock(), first=reply.recorded)
        reply.recorded = len(reply.moves)
        self.put(*events)
        return events

    def persona_saying(self, reply: Reply, heard: Heard) -> None:
        """Records how far a turn has come, for whoever may have to take the call up in the middle of it.

        A turn that has its own way on, a text's answer or a step of a transfer, is taken up by that.
        """
        text, item = reply.text, reply.item
        event_id = f"turn:{self.call}:{reply.turn}:saying:{len(text)}:{len(heard.text)}"
        told = not text or heard.text == text or event_id in self._ours
        if told or (item is not None and (item.texts or item.then)):
            return
        self.put(
            PersonaSaying(
                id=event_id,
                at=self._services.clock(),
                call=self.call,
                turn=reply.turn,
                text=text,
                heard=heard.text,
                heard_ms=heard.ms,
                asks=reply.asks,
                ends=reply.ends,
            )
        )

    def persona_said(self, reply: Reply, heard: Heard) -> None:
        """Records a turn of the persona's as it was heard."""
        if not reply.text:
            return
        leg, timing = self._leg, reply.timeline.timing()
        self.put(
            PersonaSaid(
                id=f"turn:{leg.call}:{reply.turn}:persona",
                at=self._services.clock(),
                call=leg.call,
                turn=reply.turn,
                text=reply.text,
                heard=reply.text if heard.complete else heard.text,
                cut_ms=None if heard.complete else heard.ms,
                asks=reply.asks,
                timing=timing,
            )
        )
        if timing is not None:
            TURN_GAP_MS.observe(timing.gap)
            sent_ms_ago = now_ms() - (reply.timeline.sent or now_ms())
            self._spans.answered(reply.turn, timing, sent_ms_ago, cut=not heard.complete)
            log.info("turn answered", call=leg.call, turn=reply.turn, gap_ms=round(timing.gap))

    def recognised_in_vain(self) -> None:
        """What was recognised was not all of it: the lead spoke on."""
        self._decodes_discarded += 1

    async def ended(self, cause: Cause, heard_ms: int, patience_ms: float) -> None:
        """Closes the account. Returns when the record has it, or after a bounded wait with the writing still going."""
        leg = self._leg
        event = CallEnded(
            id=f"ended:{leg.stream}",
            at=self._services.clock(),
            call=leg.call,
            stream=leg.stream,
            cause=cause,
            heard_ms=heard_ms,
            discarded=len(self._discarded),
            model_tokens=sum(reply.spent.tokens for reply in self._answers),
            model_tokens_discarded=sum(reply.spent.tokens for reply in self._discarded),
            prompt_characters=sum(reply.spent.prompt_characters for reply in self._answers),
            prompt_characters_discarded=sum(reply.spent.prompt_characters for reply in self._discarded),
            decodes_discarded=self._decodes_discarded,
            characters_discarded=sum(reply.characters for reply in self._discarded),
            patience_ms=round(patience_ms),
        )
        self.put(event)
        for work, amount in (
            ("decodes", event.decodes_discarded),
            ("characters", event.characters_discarded),
            ("tokens", event.model_tokens_discarded),
        ):
            WASTED.labels(work).inc(amount)
        self._spans.ended(cause)
        log.info("call ended", call=leg.call, cause=cause)
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._writer.close()
        except TimeoutError:
            log.warning("call's record still being written", call=leg.call, pending=self._writer.pending)


def as_recorded(event: Event, view: View) -> Event:
    """What the record gets of an event of this call, given the view with it folded in.

    Of a lead who refused to be recorded it gets no transcript: the call has his words while it lasts, and what he told
    us is kept as facts. The words in which he refuses are among those that are not kept.
    """
    if isinstance(event, LeadSaid) and view.known("recording_ok") is False:
        return event.model_copy(update={"text": UNKEPT})
    return event
