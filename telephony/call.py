"""One live call: the shell around its pure machines.

    leg ──frames──► ear ──windows──► turn machine ──actions──► here
                                                                │ understand: transcript, prosody, reply (all held)
    leg ◄──frames── playout ◄──clauses── reply ◄── brain ◄──────┘
                       │
                       └── what was heard ──► scribe ──► record

Nothing between the lead's last word and the first word of the reply waits for Redis: the view is loaded before the
call speaks and kept up to date by the scribe from then on.
"""

import asyncio
from collections import deque
from collections.abc import Iterable
from contextlib import aclosing
from dataclasses import dataclass, field

import structlog

from agent import handoff, interludes
from agent.asking import asked_last
from agent.campaign import Campaign
from agent.conversation import events_of, respond
from agent.facts import extract
from agent.guard import language
from agent.guard.inbound import inspect, mask
from agent.listening import is_backchannel
from agent.moves import End, HandOff, Move, Suppress
from agent.opening import agent_accepted, call_opening, local_now, nobody_free
from agent.snapshot import Snapshot, Utterance
from agent.summary import summarise
from audio.ear import WINDOW_MS, Ear
from audio.endpoint import text_complete
from audio.engines import FRAME_MS, TELEPHONE_RATE, Pcm16, Transcript
from audio.playout import Heard, Playing, Playout
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
    Words,
)
from state.events import (
    Answer,
    Channel,
    EffectRequested,
    Event,
    HandoffAdvanced,
    HandoffStep,
    LeadSaid,
    Suppressed,
    TextReceived,
)
from state.view import View
from telephony.agenda import Item, Moves, rest_of, stream
from telephony.leg import Leg, LegClosedError
from telephony.reply import Reply, Timeline
from telephony.scribe import Cause, Scribe
from telephony.services import Services
from telephony.twilio.media import Digit, MarkPlayed, Media, Stopped, parse_mark

log = structlog.get_logger(__name__)

PROSODY_SAMPLES = 8 * TELEPHONE_RATE
"""How much of an utterance's end the turn detector looks at."""
NEARLY_DONE_MS = 600
"""An assent this close to the end of the persona's turn answers it; it is no backchannel."""
DETAIL_TYPES = frozenset({"zip"})
"""Answers that are said in pieces, with pauses between them."""
OPT_OUT_KEY = "9"
LAST_WORDS_SECONDS = 1.0


@dataclass(slots=True, eq=False)
class _Guess:
    """Work on what the lead has said so far. Nobody may notice it until its generation is released."""

    action: Understand
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    reply: Reply | None = None

    def drop(self) -> None:
        for task in self.tasks:
            # A task may be the one that found out that there is nothing to answer.
            if task is not asyncio.current_task():
                task.cancel()
        if self.reply is not None:
            self.reply.drop()


class LiveCall:
    """Runs one call from the carrier's `start` to its end."""

    def __init__(self, services: Services, leg: Leg, conversation: str, view: View, campaign: Campaign) -> None:
        self._services = services
        self._leg = leg
        self._campaign = campaign
        self._scribe = Scribe(services, leg, conversation, view)
        self._ear = Ear(services.engines.vad.stream())
        self._machine = TurnMachine()
        self._playout = Playout()
        self._guess: _Guess | None = None
        self._speaking: Reply | None = None
        """The turn the persona has leave to speak, until it is over or cut."""
        self._cut_off: list[Move] = []
        """What the lead did not hear of the turn he cut in on, until he turns out to have said something."""
        self._language = language.Evidence()
        self._agenda: deque[Item] = deque()
        self._turns = view.calls[leg.call].turns if leg.call in view.calls else 0
        self._heard_to_end = True
        self._stir = asyncio.Event()
        """Set when the pacer may have something to do."""
        self._cause: Cause | None = None

    async def run(self) -> None:
        """Talks until the call is over, whoever ends it."""
        self._scribe.connected()
        async with asyncio.TaskGroup() as group:
            self._group = group
            self._helpers = [group.create_task(self._pace()), group.create_task(self._follow())]
            self._plan_turn(self._opening())
            try:
                stopped = await self._listen()
                for task in self._helpers:
                    task.cancel()
                await self._over(stopped)
            finally:
                if self._cause is None:
                    # Something of ours broke: the carrier asks what next, and the call comes back.
                    await self._scribe.ended("dropped", self._ear.now_ms)

    def _opening(self) -> Item:
        source, transfer = f"opening:{self._leg.stream}", self._scribe.view.handoff
        if transfer is not None and transfer.call == self._leg.call and transfer.step is HandoffStep.ACCEPTED:
            return self._announcement(source)  # It came back on a new connection, and somebody waits.
        return Item(lambda: stream(call_opening(self._snapshot())), source)

    async def _over(self, stopped: bool) -> None:
        """The carrier's end is gone: accounts for what was being said and thought."""
        self._drop_guess()  # First, so that nothing it still finds out is answered while the last words are heard.
        if self._cause is None:
            await self._last_words()
        if self._speaking is not None:
            self._speaking.drop()
        if self._cause is not None:
            return  # We hung up, and said so before.
        self._cause = "lead_hung_up" if stopped else "dropped"
        if self._speaking is not None:
            self._close_turn(self._speaking, self._playout.cut(self._ms()))
        self._pass_on_texts()
        await self._scribe.ended(self._cause, self._ear.now_ms)

    async def _last_words(self) -> None:
        """What the lead said as he hung up is heard too: it may be a stop."""
        since_ms = self._machine.hearing_since_ms
        if since_ms is None:
            return
        try:
            async with asyncio.timeout(LAST_WORDS_SECONDS):
                heard = await self._recognised(self._ear.slice(since_ms, self._ear.now_ms))
        except TimeoutError:
            log.warning("last words not recognised in time", call=self._leg.call)
            return
        if text := mask(heard.text):
            said = self._lead_said(text, since_ms, self._ear.now_ms)
            found = inspect(text, self._snapshot())
            moves = found.moves if found is not None else ()
            self._scribe.put(said, *events_of(moves, said.id, self._services.clock()))

    # Hearing ------------------------------------------------------------------------------------------------------

    async def _listen(self) -> bool:
        """Feeds the machines with what the carrier sends; True if the carrier said that the call is over."""
        async for event in self._leg.events():
            match event:
                case Media() if self._cause is not None:
                    pass  # We are hanging up.
                case Media(ulaw=ulaw, lost_ms=lost_ms):
                    for window in self._ear.feed(ulaw, lost_ms):
                        speaking = self._playout.state is not Playing.IDLE
                        actions = self._machine.window(
                            window.probability, window.end_ms, WINDOW_MS, persona_speaking=speaking
                        )
                        await self._carry_out(actions)
                case MarkPlayed(name):
                    if mark := parse_mark(name):
                        self._playout.played(mark.epoch, mark.clause)
                case Digit(digit):
                    await self._pressed(digit)
                case Stopped():
                    return True
        return False

    async def _pressed(self, digit: str) -> None:
        """Key 9 is the silent fallback of "stop calls" (47 CFR 64.1200(b)(3))."""
        if digit != OPT_OUT_KEY or self._scribe.view.suppressed:
            return
        key, now = f"key:{self._leg.call}:{digit}", self._services.clock()
        stop = Suppressed(id=key, at=now, reason="opt_out", channel=Channel.VOICE, words=digit, detector="key")
        self._scribe.put(stop)
        await self._take_leave(key)

    async def _take_leave(self, source: str) -> None:
        """He wants to be left alone: nothing else is said any more."""
        self._agenda.clear()
        await self._cut()
        self._cut_off = []
        self._plan_turn(Item(lambda: stream(interludes.stopped()), source))

    # Turns --------------------------------------------------------------------------------------------------------

    async def _carry_out(self, actions: Iterable[Action]) -> None:
        for action in actions:
            match action:
                case Understand():
                    self._understand(action)
                case Discard():
                    self._discard()
                case Release(wait_ms=wait_ms):
                    await self._release(wait_ms)
                case Withdraw():
                    await self._withdraw()
                case Settle():
                    self._settle()
                case Duck():
                    self._playout.duck()
                case Resume():
                    self._playout.resume()
                case Cut():
                    await self._cut()
                case Idle(times):
                    self._idle(times)
                case Unheard():
                    self._ask_again()
        self._next_on_agenda()

    def _understand(self, action: Understand) -> None:
        self._drop_guess()
        pcm = self._ear.slice(action.start_ms, self._ear.now_ms)
        guess = self._guess = _Guess(action)
        create = self._group.create_task
        guess.tasks = [create(self._transcribe(guess, pcm)), create(self._judge(guess, pcm[-PROSODY_SAMPLES:]))]

    async def _transcribe(self, guess: _Guess, pcm: Pcm16) -> None:
        transcript = await self._recognised(pcm)
        text = mask(transcript.text)
        words = self._words(text)
        if words is Words.SPEECH:
            guess.reply = self._answer(guess.action, text)
            guess.reply.confidence = transcript.confidence
        over, now_ms = text_complete(text), self._ear.now_ms
        await self._carry_out(self._machine.understood(guess.action.generation, words, over=over, now_ms=now_ms))

    async def _recognised(self, pcm: Pcm16) -> Transcript:
        hints = () if self._machine.expects_detail else self._campaign.hints
        try:
            return await self._services.engines.transcribe(pcm, hints)
        except Exception:
            # Unheard is not the end of a call: the lead is asked again when nobody speaks.
            log.exception("recognition failed", call=self._leg.call)
            return Transcript("", confidence=0.0, no_speech=1.0)

    async def _judge(self, guess: _Guess, pcm: Pcm16) -> None:
        try:
            probability = await self._services.engines.turn_probability(pcm)
        except Exception:
            log.exception("turn detection failed", call=self._leg.call)
            return  # The words decide alone.
        await self._carry_out(self._machine.prosody(guess.action.generation, probability, self._ear.now_ms))

    def _words(self, text: str) -> Words:
        if not text:
            return Words.NOTHING
        # Also a "hello?" that began before the persona's first word: it does not cut the greeting.
        goes_on = self._playout.remaining_ms(self._ms()) > NEARLY_DONE_MS
        return Words.BACKCHANNEL if goes_on and is_backchannel(text) else Words.SPEECH

    def _answer(self, action: Understand, text: str) -> Reply:
        """Starts a held reply to what the lead said."""
        said = self._lead_said(text, action.start_ms, action.end_ms)
        reply = Reply(said.turn, self._scribe.view, answers=said, source=said.id)
        # The ear's clock runs with the wall clock: what it is ahead of the speech's end is how long ago that was.
        reply.timeline.speech_ended = self._ms() - (self._ear.now_ms - action.end_ms)
        reply.timeline.transcribed = self._ms()
        self._prepare(reply, self._respond(Utterance(text, said.id)))
        return reply

    def _lead_said(self, text: str, start_ms: int, end_ms: int) -> LeadSaid:
        turn, call = self._turns + 1, self._leg.call
        return LeadSaid(
            id=f"turn:{call}:{turn}:lead",
            at=self._services.clock(),
            call=call,
            turn=turn,
            text=text,
            start_ms=start_ms,
            end_ms=end_ms,
        )

    def _respond(self, utterance: Utterance) -> Moves:
        return respond(self._services.brain, self._snapshot(), utterance)

    def _prepare(self, reply: Reply, moves: Moves) -> None:
        reply.task = self._group.create_task(reply.prepare(moves, self._services.engines, self._play))
        reply.task.add_done_callback(lambda _: self._stir.set())

    async def _release(self, wait_ms: int) -> None:
        guess, self._guess = self._guess, None
        reply = guess.reply if guess else None
        if reply is None or reply.answers is None:
            raise AssertionError("a release without a reply: the machine releases only what was understood as speech")
        waiting = self._fall_silent()
        self._language, proposal = language.hear(self._language, reply.answers.text, reply.confidence)
        if reply.view is not self._scribe.view:
            # Something happened since: the words stand, the answer is thought of anew.
            reply.drop()
            fresh = Reply(reply.turn, self._scribe.view, answers=reply.answers, source=reply.source)
            fresh.timeline = Timeline(reply.timeline.speech_ended, transcribed=reply.timeline.transcribed)
            self._scribe.discarded += 1
            self._prepare(fresh, self._respond(Utterance(reply.answers.text, reply.source)))
            reply = fresh
        if proposal is not None:
            self._plan_turn(Item(lambda: stream(interludes.in_spanish(proposal)), f"{reply.source}:language"))
        reply.timeline.wait_ms = wait_ms
        self._turns = reply.turn
        self._cut_off = []
        self._speaking = reply
        reply.released.set()
        self._stir.set()
        self._stop_at_once(reply)
        await self._flush(waiting)

    def _stop_at_once(self, reply: Reply) -> None:
        """An opt-out does not wait for anything, not even for the turn to settle."""
        if any(isinstance(move, Suppress) for move in reply.moves):
            self._scribe.moves(reply)

    async def _withdraw(self) -> None:
        reply, self._speaking = self._speaking, None
        if reply is not None:
            reply.drop()
            if not reply.recorded:
                self._turns = reply.turn - 1  # Its number is free: the record has never heard of it.
            self._scribe.discarded += 1
        await self._flush(self._fall_silent())

    def _settle(self) -> None:
        if self._speaking is not None:
            self._speaking.settled = True
            self._stir.set()
            self._account(self._speaking)

    async def _cut(self) -> None:
        await self._flush(self._fall_silent())

    def _fall_silent(self) -> bool:
        """Ends the turn that is being spoken, as far as it was heard; whether the carrier has some of it buffered.

        Without an await, so that nothing can come between the cut and its account.
        """
        waiting = self._playout.remaining_ms(self._ms()) > 0
        heard = self._playout.cut(self._ms())
        reply = self._speaking
        if reply is not None:
            reply.drop()
            self._close_turn(reply, heard)
            self._cut_off = [] if heard.complete or reply.then is not None else rest_of(reply, heard)
        return waiting

    async def _flush(self, waiting: bool) -> None:
        if waiting:
            try:
                await self._leg.clear()
            except LegClosedError:
                pass  # Nobody hears it any more.

    def _drop_guess(self) -> None:
        if self._guess is not None:
            self._guess.drop()
            self._scribe.discarded += self._guess.reply is not None
            self._guess = None

    def _discard(self) -> None:
        self._drop_guess()
        if self._cut_off and self._machine.floor is Floor.OPEN:
            # It was noise that cut us off: the rest is said after all.
            rest, self._cut_off = self._cut_off, []
            self._plan_turn(Item(lambda: stream(rest), f"rest:{self._leg.stream}:{self._ear.now_ms}"))

    def _ask_again(self) -> None:
        """Unless something is waiting to be said anyway."""
        if self._speaking is None and not self._agenda:
            moves = interludes.unheard(self._scribe.view, self._campaign)
            self._plan_turn(Item(lambda: stream(moves), f"unheard:{self._leg.stream}:{self._ear.now_ms}"))

    def _idle(self, times: int) -> None:
        if self._speaking is not None or self._guess is not None:
            return
        if self._is_seeking():
            moves = interludes.finding_agent(times)
        else:
            moves = interludes.still_there(self._scribe.view, self._campaign, times)
        self._plan_turn(Item(lambda: stream(moves), f"idle:{self._leg.stream}:{self._ear.now_ms}"))

    # Speaking -----------------------------------------------------------------------------------------------------

    async def _pace(self) -> None:
        """Keeps the carrier's buffer filled just far enough, on absolute deadlines."""
        clock = asyncio.get_running_loop().time
        tick = clock()
        while True:
            try:
                await self._send_due()
            except LegClosedError:
                return
            self._finish_turn()
            if self._playout.state is Playing.IDLE:
                self._stir.clear()
                await self._stir.wait()
                tick = clock()
            else:
                tick += FRAME_MS / 1000
                await asyncio.sleep(max(0.0, tick - clock()))

    async def _send_due(self) -> None:
        epoch = self._playout.epoch
        for item in self._playout.due(self._ms()):
            if self._playout.epoch != epoch:
                return  # Cut while a frame was being sent: what is left is not to be heard.
            if self._speaking is not None and self._speaking.timeline.sent is None:
                self._speaking.timeline.sent = self._ms()
            await self._leg.send(item)

    def _play(self, text: str, ulaw: bytes) -> None:
        self._playout.add(text, ulaw)
        self._stir.set()

    def _finish_turn(self) -> None:
        reply, now = self._speaking, self._ms()
        if reply is not None and reply.complete and reply.settled and self._playout.over(now):
            self._close_turn(reply, self._playout.finish(now))
            self._next_on_agenda()

    def _close_turn(self, reply: Reply, heard: Heard) -> None:
        """The turn is over: into the record with it, as it was heard."""
        self._speaking = None
        self._heard_to_end = heard.complete
        self._account(reply)
        self._scribe.persona_said(reply, heard)
        question = self._campaign.question(reply.asks) if reply.asks else None
        self._machine.expects_detail = question is not None and question.type in DETAIL_TYPES
        if heard.complete and any(isinstance(move, End) for move in reply.moves):
            self._leave("we_hung_up")
        elif reply.then is not None:
            reply.then(heard)

    def _account(self, reply: Reply) -> None:
        fresh = reply.moves[reply.recorded :]
        self._scribe.moves(reply)
        if any(isinstance(move, HandOff) for move in fresh):
            # A helper: a lead who hangs up first needs nobody any more.
            self._helpers.append(self._group.create_task(self._hand_off(reply.turn)))

    async def _hand_off(self, turn: int) -> None:
        """Finds a person for the lead. Runs beside the talk: it reads the whole log."""
        view = self._scribe.view
        if self._is_seeking():
            return  # Asked for twice, found once.
        agent = handoff.choose(self._campaign, view)
        if agent is None:
            self._plan_turn(Item(lambda: stream(nobody_free(self._snapshot())), f"nobody:{self._leg.call}:{turn}"))
            return
        summary = summarise(view, self._campaign, await self._scribe.log())
        if self._is_seeking():
            return
        now = self._services.clock()
        self._scribe.put(*handoff.requested(agent, self._leg.call, turn, summary.card, summary.whisper, now))

    def _is_seeking(self) -> bool:
        transfer = self._scribe.view.handoff
        return transfer is not None and transfer.step in handoff.SEEKING

    def _leave(self, cause: Cause) -> None:
        """Ends our part of the call. The carrier then asks what next: to hang up, or to join the agent's room."""
        if self._cause is not None:
            return
        self._cause = cause
        self._pass_on_texts()
        self._group.create_task(self._close_leg(cause))

    async def _close_leg(self, cause: Cause) -> None:
        # In this order, because the carrier asks as soon as the socket closes, and the record has to know by then.
        await self._scribe.ended(cause, self._ear.now_ms)
        await self._leg.close()

    # Turns of the persona's own -----------------------------------------------------------------------------------

    def _plan_turn(self, item: Item) -> None:
        self._agenda.append(item)
        self._next_on_agenda()

    def _next_on_agenda(self) -> None:
        """Takes the floor if nobody has it."""
        busy = self._speaking is not None or self._guess is not None or self._machine.floor is not Floor.OPEN
        if busy or not self._agenda or self._cause is not None:
            return
        item = self._agenda.popleft()
        self._turns += 1
        reply = Reply(self._turns, self._scribe.view, source=item.source, settled=True, then=item.then)
        reply.released.set()
        self._speaking = reply
        self._prepare(reply, item.moves())

    async def _follow(self) -> None:
        """Hears what happens to this conversation elsewhere: a text, a stop, an agent who accepts."""
        async with aclosing(self._scribe.others()) as events:
            async for event in events:
                await self._react(event)

    async def _react(self, event: Event) -> None:
        match event:
            case TextReceived():
                self._take_text(event)
            case Suppressed():
                await self._take_leave(event.id)
            case HandoffAdvanced(step=HandoffStep.ACCEPTED):
                self._plan_turn(self._announcement(event.id))
            case HandoffAdvanced(step=HandoffStep.DECLINED | HandoffStep.UNREACHED):
                await self._take_back(event.id)

    def _take_text(self, text: TextReceived) -> None:
        """An answer to what was asked is taken at the next clause boundary; anything else waits until nobody speaks."""
        reply = self._speaking
        if reply is not None and reply.settled and self._is_answer(text.body, reply.asks):
            reply.drop()
            self._playout.leave_off()
            reply.complete = True
        self._plan_turn(Item(lambda: self._answer_text(text), text.id, text=text))

    def _is_answer(self, words: str, asking: str | None) -> bool:
        snapshot = self._snapshot()
        asked = asking or asked_last(snapshot.view, self._campaign)
        learned = extract(words, self._campaign, snapshot.view, asked, local_now(snapshot))
        return asked is not None and any(move.key == asked for move in learned)

    async def _answer_text(self, text: TextReceived) -> Moves:
        yield interludes.got_text()
        async for move in self._respond(Utterance(text.body, text.id)):
            yield move

    async def _take_back(self, source: str) -> None:
        """Nobody takes the lead over, or no longer: what was announced is not true any more."""
        self._agenda = deque(item for item in self._agenda if item.then is None)
        if self._speaking is not None and self._speaking.then is not None:
            await self._cut()
            self._cut_off = []
        self._plan_turn(Item(lambda: stream(nobody_free(self._snapshot())), source))

    def _announcement(self, source: str) -> Item:
        """Tells the lead who takes over, then puts him through; if he cuts in, tells him again."""

        def bridge(heard: Heard) -> None:
            transfer = self._scribe.view.handoff
            if transfer is None or transfer.step is not HandoffStep.ACCEPTED:
                return  # The agent has left meanwhile.
            if heard.complete:
                self._leave("transferred")
            else:
                self._plan_turn(self._announcement(source))

        transfer = self._scribe.view.handoff
        agent = (transfer and transfer.agent) or "a colleague"
        return Item(lambda: stream(agent_accepted(self._campaign, agent)), source, bridge)

    def _pass_on_texts(self) -> None:
        """Texts the call did not get to answer are answered by text."""
        now = self._services.clock()
        for text in (item.text for item in self._agenda if item.text is not None):
            answer = Answer(text_id=text.id)
            self._scribe.put(EffectRequested(id=f"answer:{text.sid}:{self._leg.call}", at=now, effect=answer, due=now))
        self._agenda.clear()

    def _snapshot(self) -> Snapshot:
        view, now = self._scribe.view, self._services.clock()
        return Snapshot(view, self._campaign, Channel.VOICE, now, heard_to_end=self._heard_to_end)

    def _ms(self) -> float:
        return asyncio.get_running_loop().time() * 1000
