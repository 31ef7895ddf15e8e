"""One live call: the shell around its pure machines.

    leg ──frames──► ear ──windows──► turn machine ──actions──► here
                                          ▲                     │ understand
                                          └──── speculation ◄───┘    (words, prosody, a reply: all held)
                                                     │ release
    leg ◄──frames── mouth ◄──clauses── reply ◄───────┘
                      │
                      └── what was heard ──► scribe ──► record

Nothing between the lead's last word and the first word of the reply waits for Redis: the view is loaded before the
call speaks and kept up to date by the scribe from then on.
"""

import asyncio
from collections import deque
from collections.abc import Coroutine, Sequence
from contextlib import aclosing

import structlog

from agent import interludes
from agent.asking import asked_last
from agent.campaign import Campaign
from agent.conversation import events_of
from agent.guard import language
from agent.guard.inbound import inspect, mask
from agent.moves import HandOff, Move, Suppress
from agent.opening import call_opening
from audio import echo
from audio.ear import WINDOW_MS, Ear, Window
from audio.playout import Heard
from audio.turns import (
    Action,
    Cut,
    Discard,
    Duck,
    Floor,
    Idle,
    Release,
    Resume,
    Settle,
    TurnMachine,
    Understand,
    Unheard,
    Withdraw,
)
from state.events import (
    AnswerDetected,
    Channel,
    EffectSettled,
    Event,
    HandoffAdvanced,
    Suppressed,
    TextReceived,
    TransferOrdered,
)
from state.view import View
from telephony.faults import guarded
from telephony.leg import Digit, Leg, LegEvent, MarkPlayed, Media, Stopped
from telephony.live.agenda import Item, stream
from telephony.live.asked import asked_for
from telephony.live.handover import HandOver
from telephony.live.keypad import Keypad, is_stop, is_wish_for_person
from telephony.live.mouth import Mouth
from telephony.live.pickup import Pickup
from telephony.live.reply import Reply, Stage, now_ms
from telephony.live.scribe import Cause, Scribe
from telephony.live.speculation import Speculation
from telephony.live.texts import CallTexts
from telephony.services import Services

log = structlog.get_logger(__name__)

NUMBERS = frozenset({"zip", "int"})
"""Answers that may as well be typed."""
SPANISH = "es"
LAST_WORDS_SECONDS = 1.0
STOPS = frozenset({"opt_out", "wrong_number"})
"""Ends of a call that he wanted: the last sentence is said again if he cut in on it, and the call is over then."""


class LiveCall:
    """Runs one call from the carrier's `start` to its end."""

    def __init__(self, services: Services, leg: Leg, conversation: str, view: View, campaign: Campaign) -> None:
        self._services = services
        self._leg = leg
        self._group = asyncio.TaskGroup()
        self._scribe = scribe = Scribe(services, leg, conversation, view, campaign)
        self._ear = ear = Ear(services.engines.detector, guarded(self._group, self._heard))
        self._machine = machine = TurnMachine(patience_ms=view.patience_ms)
        self._echo = echo.Echo()
        self._mouth = mouth = Mouth(
            leg, self._group, services.engines, services.pacer, self._echo, self._turn_over, scribe.persona_saying
        )
        self._handover = HandOver(self, scribe, services.clock)
        self._pickup = pickup = Pickup(self, scribe, services.clock)
        self._speculation = Speculation(
            services, self._group, ear, machine, mouth, scribe, pickup.overhears, self._carry_out
        )
        self._texts = CallTexts(scribe, services.brain, services.clock)
        self._cut_off: list[Move] = []
        """What the lead did not hear of the turn he cut in on, until he turns out to have said something."""
        self._language = language.Evidence()
        self._keypad = Keypad()
        self._agenda: deque[Item] = deque()
        self._helpers: list[asyncio.Task[None]] = []
        """What ends with the talk: a lead who hangs up first needs nobody any more."""
        self._stopped = False
        """The carrier said that the call is over."""
        self._taking_leave = False
        """He wants no more: the last sentence is said to its end, whatever he says over it."""
        self._cause: Cause | None = None

    async def run(self) -> None:
        """Talks until the call is over, whoever ends it."""
        self._scribe.connected()
        async with self._group:
            self._help(self._follow())
            self._open()
            try:
                await self._leg.listen(guarded(self._group, self._hear))
                self._ear.close()
                self._mouth.close()
                for task in self._helpers:
                    task.cancel()
                await self._over()
            finally:
                if self._cause is None:
                    await self._broke()

    def _open(self) -> None:
        detected = self._scribe.view.calls[self._leg.call].detected
        if detected is not None:
            self._pickup.verdict(detected, 0)  # the verdict was quicker than the audio
        source = f"opening:{self._leg.stream}"
        if not self._handover.open(source):
            first = (
                self._pickup.opening if self._pickup.watches else lambda: stream(call_opening(self._scribe.snapshot()))
            )
            self.plan(Item(first, source))
        for item in self._texts.owed():
            self.plan(item)

    async def _over(self) -> None:
        """The carrier's end is gone: accounts for what was being said and thought."""
        self._speculation.drop()  # First: nothing it still finds out is answered while the last words are heard.
        if self._cause is not None:
            self._mouth.withdraw()
            return  # We hung up, and said so before.
        await self._last_words()
        self._cause = "lead_hung_up" if self._stopped else "dropped"
        self._mouth.cut()
        await self._ended(self._cause)

    async def _broke(self) -> None:
        """Something of ours did: the carrier asks what next, and the call comes back."""
        self._ear.close()
        self._mouth.tell()
        self._mouth.withdraw()  # Before the account is closed: it is not over, and goes on where it was heard last.
        self._mouth.close()
        await self._ended("dropped")

    async def _last_words(self) -> None:
        """What the lead said as he hung up is heard too: it may be a stop."""
        keys = self._keypad.last()
        if is_stop(keys) and not self._scribe.view.suppressed:
            self._suppress(keys)
        since_ms = self._machine.hearing_since_ms
        if since_ms is None:
            return
        try:
            async with asyncio.timeout(LAST_WORDS_SECONDS):
                heard = await self._speculation.recognise(self._ear.slice(since_ms, self._ear.now_ms))
        except TimeoutError:
            log.warning("last words not recognised in time", call=self._leg.call)
            return
        if text := mask(heard.text, self._scribe.view.said_last):
            said = self._scribe.lead_said(text, since_ms, self._ear.now_ms)
            found = inspect(text, self._scribe.snapshot())
            moves = found.moves if found is not None else ()
            self._scribe.put(said, *events_of(moves, said.id, self._services.clock()))

    async def _ended(self, cause: Cause) -> None:
        await self._scribe.ended(cause, self._ear.now_ms, self._machine.patience_ms)

    def _help(self, work: Coroutine[None, None, None]) -> None:
        self._helpers.append(self._group.create_task(work))

    # Hearing ------------------------------------------------------------------------------------------------------

    def _hear(self, event: LegEvent) -> None:
        """What the carrier sends."""
        match event:
            case Media() if self._cause is not None:
                pass  # We are hanging up.
            case Media():
                self._ear.feed(event.ulaw, event.lost_ms)
                if self._pickup.wonders:
                    self._pickup.audio(event.ulaw, self._ear.now_ms)
            case MarkPlayed(mark):
                self._mouth.played(mark)
            case Digit(digit):
                self._pressed(digit)
            case Stopped():
                self._stopped = True

    def _heard(self, window: Window) -> None:
        """What the voice detector makes of it, a moment later."""
        if self._cause is None:
            self._typed(self._keypad.rest(window.end_ms))
        if self._cause is None:
            voice = self._voice(window)
            if self._pickup.wonders:
                self._pickup.window(voice, window.end_ms)
        if self._cause is None:
            heard = (voice, window.level_db, window.end_ms, WINDOW_MS)
            self._carry_out(self._machine.window(*heard, persona_speaking=self._mouth.speaking))

    def _voice(self, window: Window) -> float:
        """How likely it is that the lead speaks. Our own voice, coming back, is not his."""
        if window.probability < self._machine.policy.speech_off or self._machine.floor is Floor.HEARING:
            return window.probability
        at = now_ms() - (self._ear.now_ms - window.end_ms)
        if not self._echo.may_be_heard(at):
            return window.probability
        heard = self._ear.slice(window.end_ms - echo.WINDOW_MS, window.end_ms)
        return 0.0 if self._echo.is_echo(heard, at) else window.probability

    def _pressed(self, key: str) -> None:
        self._typed(self._keypad.press(key, self._ear.now_ms, number_wanted=self._wants_number()))

    def _wants_number(self) -> bool:
        """Whether the persona asks for a number, or did last."""
        saying, campaign = self._mouth.saying, self._scribe.campaign
        key = (saying.asks if saying else None) or asked_last(self._scribe.view, campaign)
        question = campaign.question(key) if key else None
        return question is not None and question.type in NUMBERS

    def _typed(self, keys: str | None) -> None:
        """Does what was typed: it stops everything, asks for a person, or answers a question for a number."""
        if not keys or self._scribe.view.suppressed or self._cause is not None:
            return  # What is typed while we hang up comes too late for the record.
        wants_number = self._wants_number()
        if is_stop(keys):
            self._take_leave(self._suppress(keys))
        elif (wants_number or is_wish_for_person(keys)) and not self._pickup.withholds:
            said = self._scribe.typed(mask(keys, self._scribe.view.said_last), self._ear.now_ms)
            words = said.text if wants_number else interludes.PERSON_WANTED
            self._take(words, self._texts.typed(said.id, words))

    def _suppress(self, keys: str) -> str:
        key, now = f"key:{self._leg.call}:{keys}", self._services.clock()
        stop = Suppressed(id=key, at=now, reason="opt_out", channel=Channel.VOICE, words=keys, detector="key")
        self._scribe.put(stop)
        return key

    def _take_leave(self, source: str) -> None:
        """He wants to be left alone: nothing else is said any more."""
        self._taking_leave = True
        saying = self._mouth.saying
        last = [*self._agenda, *([saying.item] if saying and saying.item else [])]
        texts = tuple(text for item in last for text in item.texts)
        self._agenda.clear()
        self._handover.forget()
        self._cut()
        self._cut_off = []
        self.plan(Item(lambda: stream(interludes.stopped()), source, texts=texts))

    # Turns --------------------------------------------------------------------------------------------------------

    def _carry_out(self, actions: Sequence[Action]) -> None:
        for action in actions:
            match action:
                case Understand():
                    self._speculation.begin(action)
                case Discard():
                    self._discard()
                case Release():
                    self._release(action)
                case Withdraw():
                    self._withdraw()
                case Settle():
                    self._settle()
                case Duck() | Cut() if self._taking_leave:
                    pass
                case Duck():
                    self._mouth.duck()
                case Resume():
                    self._mouth.resume()
                case Cut():
                    self._cut()
                case Idle(times):
                    self._idle(times)
                case Unheard():
                    self._ask_again()
        self._next_on_agenda()

    def _release(self, action: Release) -> None:
        reply = self._speculation.take(action.generation)
        assert reply.answers is not None, "what is released answers the lead"
        if self._taking_leave or self._pickup.takes(reply, self._ear.now_ms):
            reply.end()
            self._scribe.threw_away(reply)
            return
        self._mouth.cut()
        self._language, proposal = language.hear(self._language, reply.answers.text, reply.confidence)
        if proposal is not None and SPANISH not in self._services.engines.languages:
            self.plan(Item(lambda: stream(interludes.in_spanish(proposal)), f"{reply.source}:language"))
        reply.timeline.wait_ms = action.wait_ms
        self._cut_off = []
        self._say(reply)
        self._stop_at_once(reply)
        self._mouth.flush()

    def _say(self, reply: Reply) -> None:
        self._scribe.turns = reply.turn
        self._mouth.say(reply)

    def _stop_at_once(self, reply: Reply) -> None:
        """An opt-out does not wait for anything, not even for the turn to settle."""
        if any(isinstance(move, Suppress) for move in reply.moves):
            self._scribe.moves(reply)

    def _withdraw(self) -> None:
        reply = self._mouth.withdraw()
        if reply is not None:
            if not reply.recorded:
                self._scribe.turns = reply.turn - 1  # Its number is free: the record has never heard of it.
            self._scribe.threw_away(reply)
            self._scribe.recognised_in_vain()
        self._mouth.flush()

    def _settle(self) -> None:
        reply = self._mouth.settle()
        if reply is not None:
            self._account(reply)
            self._mouth.tell()

    def _cut(self) -> None:
        self._mouth.cut()
        self._mouth.flush()

    def _discard(self) -> None:
        self._speculation.drop()
        if self._cut_off and self._machine.floor is Floor.OPEN and not self._pickup.withholds:
            # It was noise that cut us off: the rest is said after all.
            rest, self._cut_off = self._cut_off, []
            self.plan(Item(lambda: stream(rest), f"rest:{self._leg.stream}:{self._ear.now_ms}"))

    def _ask_again(self) -> None:
        """Unless something is waiting to be said anyway."""
        if self._mouth.saying is None and not self._agenda and not self._pickup.withholds:
            moves = interludes.unheard(self._scribe.view, self._scribe.campaign)
            self.plan(Item(lambda: stream(moves), f"unheard:{self._leg.stream}:{self._ear.now_ms}"))

    def _idle(self, times: int) -> None:
        if self._mouth.saying is not None or self._speculation.under_way or self._pickup.withholds:
            return
        if self._handover.is_seeking():
            moves = interludes.finding_agent(times)
        else:
            moves = interludes.still_there(self._scribe.view, self._scribe.campaign, times)
        self.plan(Item(lambda: stream(moves), f"idle:{self._leg.stream}:{self._ear.now_ms}"))

    def _turn_over(self, reply: Reply, heard: Heard) -> None:
        """Into the record with it, as it was heard."""
        self._scribe.heard_to_end = heard.complete
        self._account(reply)
        self._scribe.persona_said(reply, heard)
        question = self._scribe.campaign.question(reply.asks) if reply.asks else None
        self._machine.expects = asked_for(question, heard.text)
        item = reply.item
        if item is not None and heard.text:
            self._texts.answered(item.texts)
        self._cut_off = []
        if heard.complete and reply.farewell is not None:
            self.leave("silence" if reply.farewell.reason == "silence" else "we_hung_up")
        elif reply.farewell is not None and reply.farewell.reason in STOPS and not self._taking_leave:
            self._take_leave(f"{reply.source}:again")
        elif item is not None and item.then is not None:
            item.then(heard)
        elif not heard.complete:
            self._cut_off = reply.rest(heard)
        self._next_on_agenda()

    def _account(self, reply: Reply) -> None:
        fresh = reply.moves[reply.recorded :]
        self._scribe.moves(reply)
        if self._cause is None and any(isinstance(move, HandOff) for move in fresh):
            self._handover.seek(reply.turn)

    # Turns of the persona's own -----------------------------------------------------------------------------------

    def plan(self, item: Item) -> None:
        """Says something as soon as nobody speaks."""
        self._agenda.append(item)
        self._next_on_agenda()

    def retract(self, item: Item) -> None:
        """Unsays something: it is not begun any more, or stopped."""
        self._agenda = deque(one for one in self._agenda if one is not item)
        saying = self._mouth.saying
        if saying is not None and saying.item is item:
            self._cut()

    def hush(self) -> None:
        """Falls silent, and forgets what was to be said."""
        self._agenda.clear()
        self._cut()
        self._cut_off = []

    @property
    def remaining_ms(self) -> float:
        """How much of what is queued has still to be heard."""
        return self._mouth.remaining_ms

    def leave(self, cause: Cause) -> None:
        """Ends our part of the call. The carrier then asks what next: to hang up, or to join the agent's room."""
        if self._cause is None:
            self._cause = cause
            self._agenda.clear()
            self._group.create_task(self._close_leg(cause))

    async def _close_leg(self, cause: Cause) -> None:
        # In this order, because the carrier asks as soon as the socket closes, and the record has to know by then.
        await self._ended(cause)
        await self._leg.close()

    def _next_on_agenda(self) -> None:
        """Takes the floor if nobody has it."""
        if not self._agenda or self._cause is not None:
            return
        if self._mouth.saying is not None or self._speculation.under_way or self._machine.floor is not Floor.OPEN:
            return
        item = self._agenda.popleft()
        reply = Reply(self._scribe.turns + 1, self._scribe.view, item=item)
        self._mouth.prepare(reply, item.moves())
        self._say(reply)
        reply.settle()

    # What happens elsewhere ---------------------------------------------------------------------------------------

    async def _follow(self) -> None:
        """Hears what happens to this conversation elsewhere: a text, a stop, an agent who accepts."""
        async with aclosing(self._scribe.others()) as events:
            async for event in events:
                self._react(event)

    def _react(self, event: Event) -> None:
        match event:
            case TextReceived():
                self._take(event.body, self._texts.take(event.id, event.body))
            case EffectSettled():
                self._agenda = deque(item for item in self._agenda if self._texts.is_owed(item))
            case Suppressed():
                self._take_leave(event.id)
            case AnswerDetected(call=self._leg.call, verdict=verdict):
                self._pickup.verdict(verdict, self._ear.now_ms)
            case HandoffAdvanced():
                self._handover.advanced(event)
            case TransferOrdered(call=self._leg.call):
                self._handover.seek(self._scribe.turns + 1)

    def _take(self, words: str, item: Item) -> None:
        """An answer to what was asked is taken at the next clause boundary; anything else waits until nobody speaks."""
        reply = self._mouth.saying
        if reply and reply.stage is Stage.SETTLED and self._texts.answers_question(words, reply.asks):
            self._mouth.leave_off()
        self.plan(item)
