"""Speculation under random timing, in virtual time: no superseded word reaches the wire or the record.

The lead speaks and pauses at random, and every engine and the brain take random times. Each phrase of his is a number,
the brain repeats what it is told, clause by clause, and the voice turns each clause into a tone of its own, so that the
wire tells what was answered.
"""

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from call_rig import CID, MS, Line, Phrases, _Quiet
from happenings import NOW, consent, lead_arrived
from hypothesis import example, given, settings
from hypothesis import strategies as st
from virtual_time import run

from agent.campaign import load_campaign
from agent.moves import Move, Say
from agent.snapshot import Snapshot, Utterance
from audio import mulaw
from audio.deadlines import Due
from audio.engines import Pcm16, Transcript
from audio.pcm import levels_db
from audio.playout import Mark
from state.effects import PermitKind
from state.events import CallEnded, CallPlaced, Channel, Event, LeadSaid, PersonaSaid, Scope, TextReceived
from state.fold import fold_all
from state.view import View
from telephony.errands import Errands
from telephony.live.call import LiveCall
from telephony.live.pacer import Pacer
from telephony.services import Services

ONSET_MS = 64 + 32 + 20
"""Speech is noticed this late: the onset, a window that had begun, a frame."""
TONE = 0x80
"""The n-th clause is n below the loudest μ-law value there is, so that its bytes tell which it is."""


@dataclass
class Memory:
    """What is appended, in order. Nobody else appends."""

    log: list[Event] = field(default_factory=list)

    async def append(self, cid: str, *events: Event, expect: int | None = None) -> None:
        """Takes events after a moment, as a record elsewhere does."""
        await asyncio.sleep(0.003)
        self.log += events

    async def follow(self, cid: str, after: int) -> AsyncGenerator[tuple[int, Event], None]:
        """Nothing happens elsewhere."""
        await asyncio.Event().wait()
        yield 0, self.log[0]


class Slow:
    """Engines and brain that answer after times of the dice, in the loop's own time."""

    def __init__(self, phrases: Phrases, dice: random.Random) -> None:
        self._phrases = phrases
        self._dice = dice
        self.clauses: list[str] = []
        self.detector = self

    async def _take(self, longest: float) -> None:
        await asyncio.sleep(self._dice.uniform(0.0, longest) ** 2 / longest)

    async def transcribe(self, pcm: Pcm16, hints: Sequence[str] = (), due: Due | None = None) -> Transcript:
        """Hears the phrases."""
        await self._take(1.2)
        return self._phrases.transcribe(pcm)

    async def turn_probability(self, pcm: Pcm16, due: Due | None = None) -> float:
        """As the dice will."""
        await self._take(1.2)
        return self._dice.random()

    async def synthesize(self, text: str, due: Due | None = None) -> Pcm16:
        """A tone that says which clause it is."""
        await self._take(0.4)
        self.clauses.append(text)
        return mulaw.decode(bytes([TONE + len(self.clauses)]) * (self._dice.randint(100, 900) * MS))

    def stream(self, heard: Callable[[float, float], None]) -> "Loudness":
        """A voice detector."""
        return Loudness(heard)

    async def reply(self, snapshot: Snapshot, utterance: Utterance) -> AsyncIterator[Move]:
        """Repeats what it is told, in two clauses."""
        for place in ("first", "then"):
            await self._take(0.8)
            utterance.spent.tokens += 1
            yield Say(f"{place} {utterance.text}.")


class Loudness:
    """Loud is speech. At once, where the real detector takes a moment."""

    def __init__(self, heard: Callable[[float, float], None]) -> None:
        self._heard = heard
        self._rest = b""

    def feed(self, ulaw: bytes) -> None:
        """Takes μ-law."""
        self._rest += ulaw
        while len(self._rest) >= 256:
            window, self._rest = mulaw.decode(self._rest[:256]), self._rest[256:]
            self._heard(0.95 if np.abs(window).mean() > 100 else 0.02, levels_db(window[np.newaxis])[0])

    def close(self) -> None:
        """Nobody listens any more."""
        self._heard = lambda probability: None


class Wire(Line):
    """A line that notes when each tone is first sent."""

    def __init__(self) -> None:
        super().__init__()
        self.first_sent: dict[int, float] = {}

    def send(self, item: bytes | Mark) -> None:
        """Takes audio or a mark."""
        if isinstance(item, bytes):
            self.first_sent.setdefault(item[0] - TONE, asyncio.get_running_loop().time() * 1000)
        super().send(item)


@dataclass
class Talk:
    """What came of a call."""

    log: list[Event]
    said: list[tuple[str, float, float]]
    """The lead's phrases, with when each began and ended, ms."""
    sent: list[tuple[str, float]]
    """The persona's clauses, with when the first frame of each went out."""


async def talk(script: Sequence[tuple[int, int]], seed: int, before: Sequence[Event] = ()) -> Talk:
    """A call in which the lead speaks and pauses as the script says (ms). Some things may have happened `before`."""
    dice, phrases, wire, memory = random.Random(seed), Phrases(), Wire(), Memory()
    slow = Slow(phrases, dice)
    services: Any = SimpleNamespace(
        record=memory, brain=slow, engines=slow, pacer=Pacer(), clock=lambda: NOW, docket=_Quiet(), errands=Errands()
    )
    services.real_time = lambda due: due
    placed = CallPlaced(id="placed", at=NOW, call="CA1", effect="dial:1", permit=PermitKind.REQUESTED_TIME)
    view = fold_all(View(), [lead_arrived(), consent(Scope.SMS, Scope.AI_VOICE), *before, placed])
    call = LiveCall(cast("Services", services), wire, CID, view, load_campaign(Path("campaigns/insurance.yaml")))
    running = asyncio.create_task(call.run())
    said = []
    clock = asyncio.get_running_loop().time
    await asyncio.sleep(8)
    for number, (voice_ms, silence_ms) in enumerate(script):
        began = clock() * 1000
        wire.speak(phrases.tone(f"p{number}", voice_ms))
        await asyncio.sleep(voice_ms / 1000)
        said.append((f"p{number}", began, clock() * 1000))
        await asyncio.sleep(silence_ms / 1000)
    await asyncio.sleep(15)
    wire.hang_up()
    await running
    sent = [(slow.clauses[level - 1], at) for level, at in wire.first_sent.items() if 0 < level <= len(slow.clauses)]
    return Talk(memory.log, said, sent)


def phrases_in(text: str) -> list[str]:
    """The lead's phrases in a text."""
    return [word.strip(".") for word in text.split() if word.startswith("p") and word.strip(".")[1:].isdigit()]


SCRIPT = st.lists(st.tuples(st.integers(150, 1_500), st.integers(40, 2_500)), min_size=1, max_size=7)


@settings(max_examples=40, deadline=None)
@given(SCRIPT, st.integers(0, 2**32))
@example([(150, 890), (150, 1130), (150, 40)], 1213)  # He spoke on before a reply that stood had its first clause.
def test_no_superseded_word_reaches_the_wire_or_the_record(script: list[tuple[int, int]], seed: int) -> None:
    """An answer begins only while what it answers is the last thing the lead has said; what he said is recorded once,
    in order, as it was finally heard; and each answer is to the words recorded before it.
    """
    came = run(talk(script, seed))
    for clause, at in came.sent:
        if (answered := phrases_in(clause)) and clause.startswith("first"):
            ended = max(end for name, _, end in came.said if name in answered)
            assert not [name for name, began, _ in came.said if ended < began < at - ONSET_MS]
    turns = {event.turn: phrases_in(event.text) for event in came.log if isinstance(event, LeadSaid)}
    heard = [name for event in came.log if isinstance(event, LeadSaid) for name in phrases_in(event.text)]
    assert heard == sorted(set(heard), key=lambda name: int(name[1:]))
    for event in came.log:
        if isinstance(event, PersonaSaid) and (answered := phrases_in(event.text)):
            assert set(answered) == set(turns[event.turn])


def test_a_call_waits_from_its_start_as_long_as_the_last_one_had_learned(monkeypatch: pytest.MonkeyPatch) -> None:
    """His pauses are on the record, so that nobody has to learn them again."""

    async def at_once(self: Slow, longest: float) -> None:
        pass

    monkeypatch.setattr(Slow, "_take", at_once)
    last = CallPlaced(id="placed:0", at=NOW, call="CA0", effect="dial:0", permit=PermitKind.REQUESTED_TIME)
    ended = CallEnded(id="ended:0", at=NOW, call="CA0", cause="lead_hung_up", heard_ms=9_000, patience_ms=256)
    gaps = []
    for before in ((), (last, ended)):
        came = run(talk([(600, 3_000)], 1, before))
        gaps.append(next(at for clause, at in came.sent if phrases_in(clause)) - came.said[0][2])
    assert gaps[1] - gaps[0] == pytest.approx(256, abs=40)


def test_a_reply_is_thought_of_anew_when_something_happened_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    """Held since the voice faded, it was made for a view that is no more when the turn turns out to be over."""
    thought: list[int] = []

    async def follow(self: Memory, cid: str, after: int) -> AsyncGenerator[tuple[int, Event], None]:
        await asyncio.sleep(8.75)  # The lead has fallen silent and is still waited for.
        yield after + 1, TextReceived(id="sms:SM9", at=NOW, sid="SM9", body="and a boat")
        await asyncio.Event().wait()

    async def reply(self: Slow, snapshot: Snapshot, utterance: Utterance) -> AsyncIterator[Move]:
        thought.append(sum(line.channel is Channel.SMS for line in snapshot.view.thread))
        yield Say(f"first {utterance.text}, with {thought[-1]} text.")

    async def at_once(self: Slow, longest: float) -> None:
        pass

    monkeypatch.setattr(Memory, "follow", follow)
    monkeypatch.setattr(Slow, "reply", reply)
    monkeypatch.setattr(Slow, "_take", at_once)
    came = run(talk([(600, 3_000)], 1))
    assert thought[:2] == [0, 1]
    assert [event.text for event in came.log if isinstance(event, PersonaSaid)][1] == "first p0, with 1 text."


@pytest.mark.parametrize("seed", range(3))
def test_what_was_thrown_away_is_counted(seed: int) -> None:
    """Decodes, characters and tokens of guesses that came to nothing."""
    log = run(talk([(600, 700), (600, 700), (600, 700), (600, 3_000)], seed)).log
    [ended] = [event for event in log if isinstance(event, CallEnded)]
    assert ended.decodes_discarded >= ended.discarded > 0
    assert ended.model_tokens > ended.model_tokens_discarded > 0
    assert ended.characters_discarded > 0


def test_a_verdict_on_the_voice_is_not_waited_for_behind_the_release(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever still waits for the engines then keeps them from turns that are not over yet."""
    left: list[float] = []

    async def never(self: Slow, pcm: Pcm16, due: Due | None = None) -> float:
        try:
            await asyncio.Event().wait()
        finally:
            left.append(asyncio.get_running_loop().time() * 1000)
        return 0.0

    monkeypatch.setattr(Slow, "turn_probability", never)
    came = run(talk([(600, 3_000)], 1))
    answered = [at for clause, at in came.sent if phrases_in(clause)]
    assert len(left) == 1
    assert left[0] <= answered[0]


def test_a_verdict_on_the_voice_stands_behind_the_words_of_later_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """It spares one turn a part of its wait; words hold up the whole of theirs. And it is given up before it is due."""
    dues: dict[str, Due] = {}

    async def words(self: Slow, pcm: Pcm16, hints: Sequence[str] = (), due: Due | None = None) -> Transcript:
        assert due is not None
        dues["words"] = due
        return self._phrases.transcribe(pcm)

    async def voice(self: Slow, pcm: Pcm16, due: Due | None = None) -> float:
        assert due is not None
        dues["voice"] = due
        return 0.9

    monkeypatch.setattr(Slow, "transcribe", words)
    monkeypatch.setattr(Slow, "turn_probability", voice)
    run(talk([(600, 3_000)], 1))
    assert dues["voice"].at > dues["words"].at + 1
    assert dues["voice"].until < dues["voice"].at
