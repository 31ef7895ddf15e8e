"""`segue bench barge-in`: what an agent does when somebody speaks, or something sounds, while he speaks.

In every call two sounds come over the agent's opening, the longest turn he has: first one that is nobody's turn (a
cough, an "mm-hm", a door, a key), after which he must go on; then a caller who means it, before whom he must stop. All
is measured on the caller's line (`benchmarks.interruptions`), and only then compared with what the record says.
"""

import asyncio
import random
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from itertools import count, cycle, islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from audio.engines import TELEPHONE_RATE
from audio.judge import spans
from audio.tts.joe import JoeVoice
from audio.vad import SileroModel
from benchmarks.alignment import Aligner
from benchmarks.barge_in_figures import as_json
from benchmarks.caller import converse
from benchmarks.callers import Utterance, deal, describe, on_the_line, recorded, synthetic
from benchmarks.errors import BenchmarkError
from benchmarks.interruptions import (
    Cut,
    Disturbance,
    Interruption,
    Outcome,
    Recording,
    Undisturbed,
    begins_clearly,
    compare,
    judge_disturbance,
    judge_interruption,
)
from benchmarks.machine import describe_machine
from benchmarks.progress import Countdown, Tell
from benchmarks.servers import Pipecat, Segue, call_sid, pipecat_server, replies_in, segue_server
from benchmarks.sounds import BETWEEN, Wave, key_tone, mm_hm, to_pcm
from benchmarks.turns import PIPECAT, SEGUE, keep
from benchmarks.verdicts import Placed
from state.events import Event, PersonaSaid
from telephony.sandbox.handset import LineDeadError
from telephony.sandbox.media_leg import MarkMode, MediaLeg, StreamError

GREETING_S = 45.0
FIRST_MS = (1_000, 3_500)
"""When the first sound comes, counted from the agent's first word,"""
BETWEEN_MS = (2_200, 3_200)
"""and how long after its end the second one does: time enough to go on, or not to."""
PAUSE_S = 1.5
"""How long a pause may be: an agent who is silent for longer has lost the floor."""
AFTERWARDS_S = 4.0
"""How long the caller then listens."""
BACKCHANNELS = ("", "Okay.", "Yeah.", "Right.", "Uh huh.", "Sure.")
"""Words of listening; none of them for an "mm-hm", which no voice here can read."""
DIGITS = "1234567"
HEADLINE = (
    "stop_to_silence_p50_ms",
    "stop_to_silence_p95_ms",
    "record_matches_heard_rate",
    "false_interruptions_rate",
)
_PER_MS = TELEPHONE_RATE // 1000
KEY, BACKCHANNEL = "key", "backchannel"


@dataclass(frozen=True, slots=True)
class Options:
    """What is asked for."""

    calls: int = 32
    speech: Path | None = None
    concurrency: int = 4
    compare: bool = False
    seed: int = 1
    keep_audio: Path | None = None


@dataclass(frozen=True, slots=True)
class Noise:
    """A sound that is no turn."""

    kind: str
    sound: Utterance
    digit: str | None = None
    """The key that is pressed with it."""


@dataclass(frozen=True, slots=True)
class Script:
    """What comes over the agent's opening in a call, and when."""

    noise: Noise
    interruption: Utterance
    marks: MarkMode
    first_ms: float
    between_ms: float


@dataclass(slots=True)
class Heard:
    """A call as the caller had it."""

    noise: Placed | None = None
    interruption: Placed | None = None
    recording: npt.NDArray[np.int16] = field(default_factory=lambda: np.zeros((0, 2), np.int16))
    troubles: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Verdicts:
    """What was measured of one system."""

    interruptions: list[Interruption] = field(default_factory=list)
    disturbances: list[Disturbance] = field(default_factory=list)


@dataclass(slots=True)
class Result:
    """What came of it."""

    options: Options
    spoken: str
    machine: dict[str, Any]
    verdicts: dict[str, Verdicts]
    troubles: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The report's data: a block for each system, and Segue's main figures once more at the top."""
        asked = {name: str(value) if isinstance(value, Path) else value for name, value in asdict(self.options).items()}
        blocks = {name: as_json(one.interruptions, one.disturbances) for name, one in self.verdicts.items()}
        headline = {key: blocks[SEGUE][key] for key in HEADLINE}
        return {**headline, **blocks, "machine": self.machine, "settings": {**asked, "spoken": self.spoken}}


async def run(options: Options, tell: Tell) -> Result:
    """Plays all the calls.

    Raises:
        BenchmarkError: if a server does not start, or nobody came to speak over the agent.
        ModelError: if a model is not installed.
    """
    tell("preparing what the callers say")
    utterances, left_out = clear(recorded(options.speech) if options.speech else synthetic(options.seed))
    scripts = write(options, utterances)
    machine = describe_machine()
    async with _bench(options, tell) as bench:
        await bench.warm_up()
        countdown = Countdown(options.calls)
        for first in range(0, options.calls, options.concurrency):
            batch = scripts[first : first + options.concurrency]
            tell(countdown.line(first, len(batch)))
            await bench.play({call_sid(first + 1 + index): script for index, script in enumerate(batch)})
        tell("listening to the recordings")
        verdicts = bench.judge()
    if all(one.outcome is Outcome.UNSAID for one in verdicts[SEGUE].interruptions):
        raise BenchmarkError("no caller came to speak: " + "; ".join(bench.troubles or ["the agent was silent"]))
    if left_out:
        bench.troubles.append(f"Not played, because nobody can tell where they begin: {', '.join(left_out)}")
    return Result(options, describe(utterances), machine, verdicts, bench.troubles)


def clear(utterances: Sequence[Utterance]) -> tuple[list[Utterance], list[str]]:
    """What the callers say, each from its first sound on, and the names of those that have no clear beginning.

    Raises:
        BenchmarkError: if none has.
    """
    detector = SileroModel()
    sounding = [replace(one, pcm=one.pcm[spans(one.pcm)[0].start_ms * _PER_MS :]) for one in utterances]
    quiet = np.zeros(TELEPHONE_RATE // 2, np.int16)
    begin = [begins_clearly(np.concatenate((quiet, one.pcm, quiet)), detector.stream()) for one in sounding]
    kept = [one for one, clearly in zip(sounding, begin, strict=True) if clearly]
    if not kept:
        raise BenchmarkError("energy and voice detector disagree about where each recording begins: bring others")
    return kept, [one.name for one, clearly in zip(sounding, begin, strict=True) if not clearly]


def write(options: Options, utterances: Sequence[Utterance]) -> list[Script]:
    """The calls' scripts. Every kind of noise and both ways of echoing marks take turns; the rest is rolled."""
    dice = random.Random(options.seed)
    spoken = [utterance for (utterance,) in deal(utterances, options.calls, 1, options.seed)]
    noises = list(islice(_noises(options.seed), options.calls))
    modes = cycle((MarkMode.TWILIO, MarkMode.TWILIO, MarkMode.DROP, MarkMode.DROP))
    times = [(dice.uniform(*FIRST_MS), dice.uniform(*BETWEEN_MS)) for _ in spoken]
    return [
        Script(noise, utterance, marks, *when)
        for noise, utterance, marks, when in zip(noises, spoken, modes, times, strict=False)
    ]


def _noises(seed: int) -> Iterator[Noise]:
    """Noises, backchannels and keys in turn, without end."""
    voice = JoeVoice()
    words = cycle(BACKCHANNELS)
    for number in count(seed * 1_000):
        for kind, make in BETWEEN.items():
            yield Noise(kind, _sound(kind, make(number)))
            # Every other one is the commonest of all: the sound of listening.
            said = next(words)
            spoken = voice.synthesize(said) if said else to_pcm(mm_hm(number))
            yield Noise(BACKCHANNEL, Utterance(said or "mm-hm", said, on_the_line(spoken)))
        digit = DIGITS[number % len(DIGITS)]
        yield Noise(KEY, _sound(f"key {digit}", key_tone(digit)), digit)


def _sound(name: str, wave: Wave) -> Utterance:
    return Utterance(name, "", on_the_line(to_pcm(wave)))


class Bench:
    """The systems, running, and the calls they have had."""

    def __init__(self, segue: Segue, bot: Pipecat | None, options: Options) -> None:
        self._segue = segue
        self._bot = bot
        self._options = options
        self._whole: dict[str, Undisturbed] = {}
        """Each system's opening, said to its end."""
        self._calls: list[tuple[str, str, Script, Heard, Cut | None]] = []
        self.troubles: list[str] = []

    async def warm_up(self) -> None:
        """One call to each system in which the agent is not disturbed."""
        call = call_sid(0)
        alone = await self._alone(SEGUE, self._segue, call)
        log = await self._segue.log(call)
        if (opening := opening_of(log)) is not None:
            self._whole[SEGUE] = replace(alone, word_ends=Aligner().word_ends(alone.pcm, opening.text))
        if self._bot is not None:
            self._bot.prepare({call: replies_in(log)})
            await self._alone(PIPECAT, self._bot, call)

    async def _alone(self, name: str, system: Segue | Pipecat, call: str) -> Undisturbed:
        conversation = await converse(await system.answer(call), (), random.Random(0))
        self._whole[name] = Undisturbed.of(np.ascontiguousarray(conversation.recording[:, 1]))
        return self._whole[name]

    async def play(self, batch: Mapping[str, Script]) -> None:
        """Plays the calls of a batch at once, to one system after the other."""
        heard = await self._at_once(self._segue, batch)
        logs = {call: await self._segue.log(call) for call in batch}
        for call, script in batch.items():
            opening = opening_of(logs[call])
            self._note(SEGUE, call, script, heard[call], Cut(opening.heard, opening.cut_ms) if opening else None)
        if self._bot is not None:
            replies = {call: replies_in(log) for call, log in logs.items()}
            self._bot.prepare(replies)
            heard = await self._at_once(self._bot, batch)
            for call, script in batch.items():
                self._note(PIPECAT, call, script, heard[call], None)

    async def _at_once(self, system: Segue | Pipecat, batch: Mapping[str, Script]) -> dict[str, Heard]:
        talks = [listen(await _line(system, call, script), script) for call, script in batch.items()]
        return dict(zip(batch, await asyncio.gather(*talks), strict=True))

    def _note(self, name: str, call: str, script: Script, heard: Heard, cut: Cut | None) -> None:
        self._calls.append((name, call, script, heard, cut))
        self.troubles += [f"{name}, call {int(call[2:], 16)}: {trouble}" for trouble in heard.troubles]

    def judge(self) -> dict[str, Verdicts]:
        """Judges every call from its recording, now that nothing is played any more."""
        detector = SileroModel()
        verdicts = {SEGUE: Verdicts(), **({PIPECAT: Verdicts()} if self._bot else {})}
        for name, call, script, heard, cut in self._calls:
            recording, whole = Recording.of(heard.recording, detector.stream()), self._whole[name]
            meant = judge_interruption(recording, heard.interruption, script.interruption.name)
            until_ms = meant.start_ms or len(recording.left) // _PER_MS
            noise = judge_disturbance(recording, heard.noise, script.noise.kind, whole, until_ms)
            if cut and noise.outcome is not Outcome.STOPPED:  # Else it was not the opening that was cut in on.
                meant = compare(meant, recording, whole, cut)
            verdicts[name].interruptions.append(meant)
            verdicts[name].disturbances.append(noise)
            if self._options.keep_audio:
                path = self._options.keep_audio / f"{int(call[2:], 16):03}-{name}"
                keep(path, heard.recording, [noise, meant])
        return verdicts


def opening_of(log: Sequence[Event]) -> PersonaSaid | None:
    """The persona's first turn, as the record has it."""
    return next((event for event in log if isinstance(event, PersonaSaid)), None)


async def _line(system: Segue | Pipecat, call: str, script: Script) -> MediaLeg:
    return (await system.invite(call)).leg(script.marks)


async def listen(leg: MediaLeg, script: Script) -> Heard:
    """Plays a call to its end. Never raises for what the server does: what it did is in the recording."""
    heard = Heard()
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(leg.run())
            try:
                await _speak_over(leg, script, heard)
            finally:
                leg.hang_up()
    except* StreamError as refused:
        heard.troubles.append(str(refused.exceptions[0]))
    heard.recording = leg.recording
    heard.troubles += [f"Twilio would ignore: {violation}" for violation in dict.fromkeys(leg.violations)]
    return heard


async def _speak_over(leg: MediaLeg, script: Script, heard: Heard) -> None:
    try:
        async with asyncio.timeout(GREETING_S):
            await leg.agent_started()
        await asyncio.sleep(script.first_ms / 1000)
        await _while_speaking(leg)
        heard.noise = _make(leg, script.noise.sound)
        if script.noise.digit is not None:
            leg.press(script.noise.digit)
        await leg.handset.said()
        await asyncio.sleep(script.between_ms / 1000)
        await _while_speaking(leg)
        heard.interruption = _make(leg, script.interruption)
        await leg.handset.said()
        await asyncio.sleep(AFTERWARDS_S)
    except TimeoutError:
        heard.troubles.append(f"no greeting within {GREETING_S:g} s")
    except LineDeadError:
        heard.troubles.append("the server ended the call")


async def _while_speaking(leg: MediaLeg) -> None:
    """Waits out a pause of the agent's: over silence there is nothing to interrupt."""
    with suppress(TimeoutError):
        async with asyncio.timeout(PAUSE_S):
            await leg.agent_started(since=leg.position)


def _make(leg: MediaLeg, sound: Utterance) -> Placed:
    placed = Placed(sound, leg.position)
    leg.speak(sound.pcm)
    return placed


@asynccontextmanager
async def _bench(options: Options, tell: Tell) -> AsyncIterator[Bench]:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="segue-bench-")))
        tell("starting the server and loading its models")
        (folder / SEGUE).mkdir()
        segue = await stack.enter_async_context(segue_server(folder / SEGUE))
        bot = None
        if options.compare:
            tell("starting the Pipecat bot")
            (folder / PIPECAT).mkdir()
            bot = await stack.enter_async_context(pipecat_server(folder / PIPECAT, "hibari"))
        yield Bench(segue, bot, options)
