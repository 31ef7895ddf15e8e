"""`segue bench noise`: whether a conversation survives what else sounds on the caller's line.

In each condition callers take turns with the agent over a background, and then say nothing for a while. What they said
is known apart from the noise, so it is judged as it was said (`benchmarks.noise_verdicts`): was every turn answered,
was nobody cut off, was nothing answered that nobody said, and did the two ever end in mutual silence?
"""

import asyncio
import random
import tempfile
from collections.abc import Callable, Sequence
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
from benchmarks.servers import Segue, call_sid, segue_server
from benchmarks.sounds import SPEECH_LEVEL, Wave, at_level, babble, hiss, hold_music, music, one_voice, street, to_pcm
from benchmarks.turns import SEGUE, keep
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
    calls: dict[Condition, list[CallVerdict]]
    troubles: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The report's data: a row for each condition."""
        rows = [
            {"condition": one.name, "snr_db": one.snr_db, "echo_db": one.echo_db, **figures(calls)}
            for one, calls in self.calls.items()
        ]
        longest = max(row["longest_mutual_silence_ms"] for row in rows)
        asked = {name: str(value) if isinstance(value, Path) else value for name, value in asdict(self.options).items()}
        return {
            "conditions": rows,
            "longest_mutual_silence_ms": longest,
            "machine": self.machine,
            "settings": {**asked, "spoken": self.spoken},
        }


@dataclass(slots=True)
class _Call:
    sid: str
    condition: Condition
    script: Sequence[Utterance]
    handset: NoisyHandset
    marks: MarkMode
    conversation: Conversation = field(default_factory=Conversation)


async def run(options: Options, tell: Tell) -> Result:
    """Plays all the calls.

    Raises:
        BenchmarkError: if the server does not start, no call came to its first turn, or no such condition is known.
        ModelError: if a model is not installed.
    """
    if not options.conditions:
        raise BenchmarkError(f"no condition is called {options.only!r}: " + "; ".join(one.name for one in CONDITIONS))
    tell("preparing what the callers say")
    utterances = recorded(options.speech) if options.speech else synthetic(options.seed)
    machine = describe_machine()
    calls = _calls(options, utterances)
    with tempfile.TemporaryDirectory(prefix="segue-bench-") as folder:
        tell("starting the server and loading its models")
        async with segue_server(Path(folder)) as segue:
            alone = await converse(await segue.answer(call_sid(0)), (), random.Random(0))
            countdown = Countdown(len(calls))
            for first in range(0, len(calls), options.concurrency):
                batch = calls[first : first + options.concurrency]
                tell(countdown.line(first, len(batch)))
                await asyncio.gather(*(_play(segue, call, options.seed) for call in batch))
    tell("listening to the recordings")
    result = Result(options, describe(utterances), machine, {condition: [] for condition in options.conditions})
    _judge(result, calls, Undisturbed.of(np.ascontiguousarray(alone.recording[:, 1])))
    if all(turn.outcome is Outcome.UNSAID for one in result.calls.values() for call in one for turn in call.turns):
        raise BenchmarkError("no call came to its first turn: " + "; ".join(result.troubles or ["nobody spoke"]))
    return result


def _calls(options: Options, utterances: Sequence[Utterance]) -> list[_Call]:
    """One call of each condition after the other, so that a busy moment hits different ones."""
    rounds = [(number, condition) for number in range(options.calls) for condition in options.conditions]
    scripts = deal(utterances, len(rounds), options.turns, options.seed)
    voices = [one.pcm for one in utterances]
    return [
        _Call(
            call_sid(index + 1),
            condition,
            script,
            NoisyHandset(_background(condition, options.seed + number, voices), condition.echo_db),
            (MarkMode.TWILIO, MarkMode.DROP)[number % 2],
        )
        for index, ((number, condition), script) in enumerate(zip(rounds, scripts, strict=True))
    ]


def _background(condition: Condition, seed: int, voices: Sequence[Pcm16]) -> Pcm16 | None:
    if condition.make is None or condition.snr_db is None:
        return None
    wave = condition.make(LOOP_S, seed, voices)
    return to_pcm(at_level(wave, SPEECH_LEVEL * 10 ** (-condition.snr_db / 20)))


async def _play(segue: Segue, call: _Call, seed: int) -> None:
    invitation = await segue.invite(call.sid)
    leg = invitation.leg(call.marks, call.handset)
    script = [_at_speech_level(one) for one in call.script]
    dice = random.Random(f"{seed}:{call.sid}")
    call.conversation = await converse(leg, script, dice, listens_s=LISTENS_S)


def _at_speech_level(utterance: Utterance) -> Utterance:
    """As loud as any other: the distance to the noise is what is set."""
    wave = utterance.pcm.astype(np.float64) / 32_768
    return Utterance(utterance.name, utterance.text, on_the_line(to_pcm(at_level(wave, SPEECH_LEVEL))))


def _judge(result: Result, calls: Sequence[_Call], opening: Undisturbed) -> None:
    detector, keep_audio = SileroModel(), result.options.keep_audio
    for call in calls:
        heard = call.conversation
        names = [one.name for one in call.script]
        verdict = judge(heard.recording, heard.placed, names, opening, detector.stream())
        result.calls[call.condition].append(verdict)
        notes = [heard.trouble] if heard.trouble else []
        notes += [f"Twilio would ignore: {violation}" for violation in dict.fromkeys(heard.violations)]
        result.troubles += [f"{call.condition.name}: {note}" for note in notes]
        if keep_audio:
            _keep(keep_audio, call, verdict)


def _keep(folder: Path, call: _Call, verdict: CallVerdict) -> None:
    """What the line carried on the left, noise and all, and the agent on the right."""
    right = call.conversation.recording[:, 1]
    left = np.resize(call.handset.sent, len(right)) if len(call.handset.sent) else np.zeros(len(right), np.int16)
    name = call.condition.name.replace(",", "").replace(" ", "-")
    keep(folder / f"{int(call.sid[2:], 16):03}-{SEGUE}-{name}", np.stack([left, right], axis=1), verdict.turns)
