"""`segue bench noise`: whether a conversation survives what else sounds on the caller's line.

In each condition callers take turns with the agent over a background, and then say nothing for a while. What they said
is known apart from the noise, so it is judged as it was said (`benchmarks.noise_verdicts`): was every turn answered,
was nobody cut off, was nothing answered that nobody said, and did the two ever end in mutual silence?

With a comparison each batch of calls is played to the stock Pipecat bot as well: the same callers, the same noise, and
Segue's words in Segue's voice.
"""

import asyncio
import random
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from audio.engines import Pcm16
from audio.vad import SileroModel
from benchmarks.caller import Conversation, converse
from benchmarks.callers import Utterance, deal, describe, on_the_line, recorded, synthetic
from benchmarks.errors import BenchmarkError
from benchmarks.interruptions import Undisturbed
from benchmarks.machine import describe_machine
from benchmarks.noise_verdicts import CallVerdict, figures, judge
from benchmarks.noisy_handset import NoisyHandset
from benchmarks.progress import Countdown, Tell
from benchmarks.report import NAMES
from benchmarks.servers import Pipecat, Segue, call_sid, pipecat_server, replies_in, segue_server
from benchmarks.sounds import SPEECH_LEVEL, Wave, at_level, babble, hiss, hold_music, music, one_voice, street, to_pcm
from benchmarks.turns import PIPECAT, SEGUE, keep, made
from benchmarks.verdicts import Outcome
from telephony.sandbox.media_leg import MarkMode

LOOP_S = 60.0
"""Length of a background before it repeats."""
LISTENS_S = 13.0
"""How long a caller says nothing at the end: the agent may ask whether he is there, and nothing else."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What a caller's line carries besides him."""

    name: str
    make: Callable[[float, int, Sequence[Pcm16]], Wave] | None = None
    snr_db: float | None = None
    """How far the background lies below speech."""
    echo_db: float | None = None
    """How loud our own voice comes back."""


def _without_voices(make: Callable[[float, int], Wave]) -> Callable[[float, int, Sequence[Pcm16]], Wave]:
    return lambda seconds, seed, _: make(seconds, seed)


CONDITIONS = (
    Condition("quiet"),
    *(Condition(f"hiss, {snr} dB", _without_voices(hiss), snr) for snr in (20, 10, 5)),
    *(Condition(f"street, {snr} dB", _without_voices(street), snr) for snr in (20, 10, 5)),
    *(Condition(f"music, {snr} dB", _without_voices(music), snr) for snr in (20, 10)),
    Condition("hold music, 0 dB", _without_voices(hold_music), 0),
    *(Condition(f"five people talking, {snr} dB", babble, snr) for snr in (20, 10)),
    Condition("a television, 15 dB", one_voice, 15),
    *(Condition(f"our own voice, -{below} dB", echo_db=-below) for below in (20, 25, 30)),
)


@dataclass(frozen=True, slots=True)
class Options:
    """What is asked for."""

    calls: int = 2
    """In each condition."""
    turns: int = 3
    speech: Path | None = None
    concurrency: int = 8
    seed: int = 1
    keep_audio: Path | None = None
    only: str = ""
    """Part of the names of the conditions that are played; all have this one."""
    compare: bool = False

    @property
    def conditions(self) -> list[Condition]:
        """Those that are played."""
        return [condition for condition in CONDITIONS if self.only in condition.name]


@dataclass(slots=True)
class Result:
    """What came of it, by condition."""

    options: Options
    spoken: str
    machine: dict[str, Any]
    calls: dict[str, dict[Condition, list[CallVerdict]]]
    """By system."""
    troubles: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The report's data: for each system a row for each condition. Segue's stand outside too."""
        blocks = {system: _block(calls) for system, calls in self.calls.items()}
        asked = {name: str(value) if isinstance(value, Path) else value for name, value in asdict(self.options).items()}
        return {
            **blocks,
            **blocks[SEGUE],
            "machine": self.machine,
            "settings": {**asked, "spoken": self.spoken},
        }


def _block(calls: Mapping[Condition, Sequence[CallVerdict]]) -> dict[str, Any]:
    rows = [
        {"condition": one.name, "snr_db": one.snr_db, "echo_db": one.echo_db, **figures(verdicts)}
        for one, verdicts in calls.items()
    ]
    return {
        "conditions": rows,
        "longest_mutual_silence_ms": max(row["longest_mutual_silence_ms"] for row in rows),
    }


@dataclass(frozen=True, slots=True)
class Call:
    """A call that is to be played."""

    sid: str
    condition: Condition
    script: Sequence[Utterance]
    background: Pcm16 | None
    marks: MarkMode


@dataclass(slots=True)
class Played:
    """And how it went."""

    call: Call
    handset: NoisyHandset
    conversation: Conversation


async def run(options: Options, tell: Tell) -> Result:
    """Plays all the calls.

    Raises:
        BenchmarkError: if a server does not start, no call came to its first turn, or no such condition is known.
        ModelError: if a model is not installed.
    """
    if not options.conditions:
        raise BenchmarkError(f"no condition is called {options.only!r}: " + "; ".join(one.name for one in CONDITIONS))
    tell("preparing what the callers say")
    utterances = recorded(options.speech) if options.speech else synthetic(options.seed)
    machine = describe_machine()
    calls = _calls(options, utterances)
    async with _bench(options, tell) as bench:
        await bench.hear_openings()
        countdown = Countdown(len(calls))
        for first in range(0, len(calls), options.concurrency):
            batch = calls[first : first + options.concurrency]
            tell(countdown.line(first, len(batch)))
            await bench.play(batch)
    tell("listening to the recordings")
    result = Result(options, describe(utterances), machine, {})
    for system, played in bench.played.items():
        _judge(result, system, played, bench.openings[system])
    turns = [turn for one in result.calls[SEGUE].values() for call in one for turn in call.turns]
    if all(turn.outcome is Outcome.UNSAID for turn in turns):
        raise BenchmarkError("no call came to its first turn: " + "; ".join(result.troubles or ["nobody spoke"]))
    return result


class Bench:
    """The systems, running, and the calls that were played to them."""

    def __init__(self, segue: Segue, bot: Pipecat | None, options: Options) -> None:
        self._segue = segue
        self._bot = bot
        self._seed = options.seed
        self._opening: list[str] = []
        self.openings: dict[str, Undisturbed] = {}
        """As they sound where nobody speaks and nothing disturbs."""
        self.played: dict[str, list[Played]] = {SEGUE: []} if bot is None else {SEGUE: [], PIPECAT: []}

    async def hear_openings(self) -> None:
        """One call to each system on which nothing is said."""
        await self._hear_opening(SEGUE, self._segue)
        self._opening = replies_in(await self._segue.log(call_sid(0)))[:1]
        if self._bot is not None:
            self._bot.prepare({call_sid(0): self._opening})
            await self._hear_opening(PIPECAT, self._bot)

    async def _hear_opening(self, name: str, system: Segue | Pipecat) -> None:
        alone = await converse(await system.answer(call_sid(0)), (), random.Random(0))
        self.openings[name] = Undisturbed.of(np.ascontiguousarray(alone.recording[:, 1]))

    async def play(self, batch: Sequence[Call]) -> None:
        """Plays the calls of a batch at once, to one system after the other."""
        self.played[SEGUE] += await asyncio.gather(*(self._play(self._segue, call) for call in batch))
        if self._bot is not None:
            logs = [await self._segue.log(call.sid) for call in batch]
            # The first reply may have been cut off there; here it is not, until somebody does it.
            replies = {call.sid: self._opening + replies_in(log)[1:] for call, log in zip(batch, logs, strict=True)}
            self._bot.prepare(replies)
            self.played[PIPECAT] += await asyncio.gather(*(self._play(self._bot, call) for call in batch))

    async def _play(self, system: Segue | Pipecat, call: Call) -> Played:
        handset = NoisyHandset(call.background, call.condition.echo_db)
        leg = (await system.invite(call.sid)).leg(call.marks, handset)
        script = [_at_speech_level(one) for one in call.script]
        # The pauses belong to the call, so that every system gets the same.
        dice = random.Random(f"{self._seed}:{call.sid}")
        return Played(call, handset, await converse(leg, script, dice, listens_s=LISTENS_S))


@asynccontextmanager
async def _bench(options: Options, tell: Tell) -> AsyncIterator[Bench]:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="segue-bench-")))
        tell("starting the server and loading its models")
        segue = await stack.enter_async_context(segue_server(made(folder / SEGUE)))
        bot = None
        if options.compare:
            tell("starting the Pipecat bot")
            bot = await stack.enter_async_context(pipecat_server(made(folder / PIPECAT), "hibari"))
        yield Bench(segue, bot, options)


def _calls(options: Options, utterances: Sequence[Utterance]) -> list[Call]:
    """One call of each condition after the other, so that a busy moment hits different ones."""
    rounds = [(number, condition) for number in range(options.calls) for condition in options.conditions]
    scripts = deal(utterances, len(rounds), options.turns, options.seed)
    voices = [one.pcm for one in utterances]
    return [
        Call(
            call_sid(index + 1),
            condition,
            script,
            _background(condition, options.seed + number, voices),
            (MarkMode.TWILIO, MarkMode.DROP)[number % 2],
        )
        for index, ((number, condition), script) in enumerate(zip(rounds, scripts, strict=True))
    ]


def _background(condition: Condition, seed: int, voices: Sequence[Pcm16]) -> Pcm16 | None:
    if condition.make is None or condition.snr_db is None:
        return None
    wave = condition.make(LOOP_S, seed, voices)
    return to_pcm(at_level(wave, SPEECH_LEVEL * 10 ** (-condition.snr_db / 20)))


def _at_speech_level(utterance: Utterance) -> Utterance:
    """As loud as any other: the distance to the noise is what is set."""
    wave = utterance.pcm.astype(np.float64) / 32_768
    return Utterance(utterance.name, utterance.text, on_the_line(to_pcm(at_level(wave, SPEECH_LEVEL))))


def _judge(result: Result, system: str, calls: Sequence[Played], opening: Undisturbed) -> None:
    detector, keep_audio = SileroModel(), result.options.keep_audio
    verdicts = result.calls[system] = {condition: [] for condition in result.options.conditions}
    for played in calls:
        call, heard = played.call, played.conversation
        names = [one.name for one in call.script]
        verdict = judge(heard.recording, heard.placed, names, opening, detector.stream())
        verdicts[call.condition].append(verdict)
        notes = [heard.trouble] if heard.trouble else []
        notes += [f"Twilio would ignore: {violation}" for violation in dict.fromkeys(heard.violations)]
        result.troubles += [f"{NAMES[system]}, {call.condition.name}: {note}" for note in notes]
        if keep_audio:
            _keep(keep_audio, system, played, verdict)


def _keep(folder: Path, system: str, played: Played, verdict: CallVerdict) -> None:
    """What the line carried on the left, noise and all, and the agent on the right."""
    call, sent = played.call, played.handset.sent
    right = played.conversation.recording[:, 1]
    left = np.resize(sent, len(right)) if len(sent) else np.zeros(len(right), np.int16)
    name = call.condition.name.replace(",", "").replace(" ", "-")
    keep(folder / f"{int(call.sid[2:], 16):03}-{system}-{name}", np.stack([left, right], axis=1), verdict.turns)
