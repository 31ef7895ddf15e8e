"""`segue bench turns`: how long a caller waits for an answer, measured on his end of the socket.

Callers speak to the running server as Twilio would connect them, and what they hear is judged from the recording of
their line alone (`audio.judge`). With a comparison, each batch of calls is played to every system in turn, so that a
busy moment of the machine hits all of them alike: the same utterances, the same pauses, the same replies.
"""

import asyncio
import json
import random
import tempfile
import wave
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from agent.campaign import load_campaign
from audio.engines import TELEPHONE_RATE
from audio.judge import CLEAN_RANGE_DB, spans
from audio.vad import SileroModel
from benchmarks.caller import Conversation, converse
from benchmarks.callers import Utterance, deal, describe, recorded, synthetic
from benchmarks.endpointing import tradeoff
from benchmarks.errors import BenchmarkError
from benchmarks.machine import describe_machine
from benchmarks.paced_model import paced_model
from benchmarks.progress import Countdown, Tell
from benchmarks.servers import CAMPAIGN, Pipecat, Segue, call_sid, pipecat_server, replies_in, segue_server
from benchmarks.statistics import figures, model_costs, parts_at, percentile, slowest_tenth
from benchmarks.verdicts import Outcome, Parts, Turn, judge_call
from benchmarks.work import Work
from state.events import CallEnded, Event, LeadSaid, PersonaSaid

SEGUE, PIPECAT, PIPECAT_SAME_VOICE = "segue", "pipecat", "pipecat_same_voice"
VOICES = {PIPECAT: "piper", PIPECAT_SAME_VOICE: "hibari"}
PICKED_UP_WITHIN_S = 6.0
"""Callers who are on the line at once did not come onto it in the same instant: that would make their first turns end
together. About as long as a turn and its answer."""
SAME_TURN_MS = 500
"""How far the server's idea of where a turn ended may lie from the recording's."""

Batch = Mapping[str, Sequence[Utterance]]
"""What is said in each call of those that run at once, by call."""


@dataclass(frozen=True, slots=True)
class Options:
    """What is asked for."""

    calls: int = 3
    turns: int = 6
    speech: Path | None = None
    concurrency: int = 1
    compare: bool = False
    seed: int = 1
    keep_audio: Path | None = None
    llm_first_token_ms: int | None = None
    """Every system talks through one language model whose first token takes this long; None: no model."""


@dataclass(slots=True)
class Result:
    """What came of it: the turns of each system, in the order they were taken."""

    options: Options
    spoken: str
    machine: dict[str, Any]
    turns: dict[str, list[Turn]]
    troubles: list[str] = field(default_factory=list)
    ends: list[CallEnded] = field(default_factory=list)
    """Segue's own account of each call."""
    greetings: dict[str, list[int]] = field(default_factory=dict)
    """By system, for each call: ms from the start of its audio to the first sound of the greeting."""
    tradeoff: list[dict[str, Any]] = field(default_factory=list)
    """What Segue's policy would make of the same utterances if it were more or less patient."""
    work: dict[str, Any] = field(default_factory=dict)
    """What Segue's server, its engines and the callers had to do."""

    def as_json(self) -> dict[str, Any]:
        """The report's data."""
        blocks: dict[str, Any] = {system: figures(turns) for system, turns in self.turns.items()}
        blocks[SEGUE]["parts_ms"] = parts_at(self.turns[SEGUE], 50)
        blocks[SEGUE]["parts_p90_ms"] = parts_at(self.turns[SEGUE], 90)
        blocks[SEGUE]["slowest_tenth"] = slowest_tenth(self.turns[SEGUE])
        if self.work:
            blocks[SEGUE]["work"] = self.work
        blocks[SEGUE]["learned_patience_ms"] = {
            f"p{q}": percentile([end.patience_ms for end in self.ends], q) for q in (50, 90)
        }
        for system, waited in self.greetings.items():
            blocks[system]["greeting_ms"] = {f"p{q}": percentile(waited, q) for q in (50, 95)}
        if self.tradeoff:
            blocks["tradeoff"] = self.tradeoff
        if self.options.llm_first_token_ms is not None:
            blocks[SEGUE]["model_per_call"] = model_costs(self.ends)
        asked = {name: str(value) if isinstance(value, Path) else value for name, value in asdict(self.options).items()}
        return {**blocks, "machine": self.machine, "settings": {**asked, "spoken": self.spoken}}


async def run(options: Options, tell: Tell) -> Result:
    """Plays all the calls.

    Raises:
        BenchmarkError: if a server does not start, or no call came to its first turn.
        ModelError: if a model is not installed.
    """
    tell("preparing what the callers say")
    utterances = recorded(options.speech) if options.speech else synthetic(options.seed)
    scripts = deal(utterances, options.calls, options.turns, options.seed)
    machine = describe_machine()
    async with _bench(options, tell) as bench:
        result = Result(options, describe(utterances), machine, bench.turns, bench.troubles, bench.ends)
        result.greetings = bench.greetings
        await bench.warm_up()
        countdown = Countdown(options.calls)
        for first in range(0, options.calls, options.concurrency):
            batch = scripts[first : first + options.concurrency]
            tell(countdown.line(first, len(batch)))
            await bench.play({call_sid(first + 1 + index): script for index, script in enumerate(batch)})
    result.work = bench.work.as_json(sum(turn.outcome is not Outcome.UNSAID for turn in result.turns[SEGUE]))
    if all(turn.outcome is Outcome.UNSAID for turn in result.turns[SEGUE]):
        raise BenchmarkError("no call came to its first turn: " + "; ".join(bench.troubles or ["nobody spoke"]))
    tell("trying other patience on the same utterances")
    result.tradeoff = await asyncio.to_thread(tradeoff, utterances, load_campaign(CAMPAIGN).hints)
    return result


class Bench:
    """The systems, running, and what has been measured of them."""

    def __init__(self, segue: Segue, bots: Mapping[str, Pipecat], options: Options) -> None:
        self._segue = segue
        self._bots = bots
        self._options = options
        self._detector = SileroModel()
        self.turns: dict[str, list[Turn]] = {SEGUE: [], **{name: [] for name in bots}}
        self.troubles: list[str] = []
        self.greetings: dict[str, list[int]] = {name: [] for name in self.turns}
        self.ends: list[CallEnded] = []
        self.work = Work(segue.metrics)

    async def warm_up(self) -> None:
        """One call to each system in which only the greeting is heard; it is not measured."""
        systems: list[Segue | Pipecat] = [self._segue, *self._bots.values()]
        for system in systems:
            await self._calls(system, {call_sid(0): ()})

    async def play(self, batch: Batch) -> None:
        """Plays the calls of a batch at once, to one system after the other."""
        async with self.work.going_on():
            calls = await self._calls(self._segue, batch)
        logs = {call: await self._segue.log(call) for call in batch}
        self._judge(SEGUE, batch, calls, logs)
        self.ends += [event for log in logs.values() for event in log if isinstance(event, CallEnded)]
        replies = {call: replies_in(log) for call, log in logs.items()}
        for name, bot in self._bots.items():
            bot.prepare(replies)
            self._judge(name, batch, await self._calls(bot, batch), {})

    async def _calls(self, system: Segue | Pipecat, batch: Batch) -> dict[str, Conversation]:
        async def one(call: str, script: Sequence[Utterance]) -> Conversation:
            # The pauses belong to the call, so that every system gets the same.
            dice = random.Random(f"{self._options.seed}:{call}")
            if len(batch) > 1:
                await asyncio.sleep(random.Random(f"{call}:{self._options.seed}").uniform(0, PICKED_UP_WITHIN_S))
            return await converse(await system.answer(call), script, dice)

        talks = [one(call, script) for call, script in batch.items()]
        return dict(zip(batch, await asyncio.gather(*talks), strict=True))

    def _judge(
        self, name: str, batch: Batch, calls: Mapping[str, Conversation], logs: Mapping[str, Sequence[Event]]
    ) -> None:
        for call, conversation in calls.items():
            turns = judge_call(conversation.recording, conversation.placed, self._detector.stream())
            turns = [with_parts(turn, logs[call]) for turn in turns] if call in logs else turns
            unsaid = batch[call][len(turns) :]
            turns += [Turn(utterance.name, utterance.text, Outcome.UNSAID) for utterance in unsaid]
            self.turns[name] += turns
            agent = spans(np.ascontiguousarray(conversation.recording[:, 1]), range_db=CLEAN_RANGE_DB)
            self.greetings[name] += [span.start_ms for span in agent[:1]]
            self._note(name, call, conversation)
            if self._options.keep_audio:
                keep(self._options.keep_audio / f"{int(call[2:], 16):03}-{name}", conversation.recording, turns)

    def _note(self, name: str, call: str, conversation: Conversation) -> None:
        notes = [conversation.trouble] if conversation.trouble else []
        notes += [f"Twilio would ignore: {violation}" for violation in dict.fromkeys(conversation.violations)]
        self.troubles += [f"{name}, call {int(call[2:], 16)}: {note}" for note in notes]


@asynccontextmanager
async def _bench(options: Options, tell: Tell) -> AsyncIterator[Bench]:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="segue-bench-")))
        tell("starting the server and loading its models")
        llm = None
        if options.llm_first_token_ms is not None:
            llm = (await stack.enter_async_context(paced_model(options.llm_first_token_ms))).base_url
        segue = await stack.enter_async_context(segue_server(made(folder / SEGUE), llm))
        bots = {}
        for name, voice in VOICES.items() if options.compare else ():
            tell(f"starting the Pipecat bot with the voice {voice}")
            bots[name] = await stack.enter_async_context(pipecat_server(made(folder / name), voice, llm))
        yield Bench(segue, bots, options)


def made(folder: Path) -> Path:
    """The folder, which is made."""
    folder.mkdir(parents=True)
    return folder


def with_parts(turn: Turn, log: Sequence[Event]) -> Turn:
    """The turn with where its gap went, if the record knows it.

    The server takes the end of speech from its voice detector, which is late by some 60 to 90 ms. That is waiting
    too, so the wait is what the other parts leave of the gap the caller had.
    """
    if turn.gap_ms is None or turn.end_ms is None:
        return turn
    answers = {event.turn: event.timing for event in log if isinstance(event, PersonaSaid)}
    heard = [event for event in log if isinstance(event, LeadSaid) and answers.get(event.turn)]
    end_ms = turn.end_ms
    said = min(heard, key=lambda event: abs(event.end_ms - end_ms), default=None)
    timing = answers[said.turn] if said and abs(said.end_ms - end_ms) <= SAME_TURN_MS else None
    if timing is None:
        return turn
    wait = turn.gap_ms - timing.transcript - timing.reply - timing.speech - timing.send
    return replace(turn, parts=Parts(wait, timing.transcript, timing.reply, timing.speech, timing.send))


def keep(path: Path, recording: npt.NDArray[np.int16], verdicts: Sequence[Any]) -> None:
    """Writes a call's recording (`.wav`, left the caller, right the agent) and its verdicts (dataclasses, `.json`)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(f"{path}.wav", "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(TELEPHONE_RATE)
        file.writeframes(recording.astype("<i2").tobytes())
    path.with_suffix(".json").write_text(json.dumps([asdict(verdict) for verdict in verdicts], indent=1))
