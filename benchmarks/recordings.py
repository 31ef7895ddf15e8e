"""`segue bench judge`: the gaps in recordings of calls, by a program that has nothing but the recordings.

`segue bench turns` knows what each caller said and where he began. Here not even that is known: any stereo recording
with the caller on the left and the agent on the right will do, whatever server and whatever caller made it.
"""

import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.table import Table

from audio.engines import TELEPHONE_RATE, VoiceActivity
from audio.judge import CLEAN_RANGE_DB, Span, agreed_end, gaps, spans, voice_ends
from audio.vad import SileroModel
from benchmarks.errors import BenchmarkError
from benchmarks.statistics import PERCENTILES, percentile
from benchmarks.verdicts import LATEST_MS

DISAGREE = "energy and voice detector disagree about the caller's end"


@dataclass(frozen=True, slots=True)
class Judged:
    """What one recording holds."""

    name: str
    gaps_ms: Sequence[int]
    """From each end of the caller's that was answered to the answer."""
    spoken_over: int
    """How often the agent began while the caller spoke."""
    disagreed: int
    """Answered ends that are not counted, because it is not known where they are."""


def run(folder: Path, console: Console) -> dict[str, Any]:
    """Judges every WAV file of a folder, and shows what came of it.

    Raises:
        BenchmarkError: if there is none, or one is not a stereo recording at 8 kHz.
    """
    files = sorted(folder.glob("*.wav"))
    if not files:
        raise BenchmarkError(f"{folder} holds no WAV files: name a folder of stereo recordings, as --keep-audio saves")
    model = SileroModel()
    data = figures([judge(file.stem, _read(file), model.stream()) for file in files])
    console.print(_table(data))
    return data


def judge(name: str, recording: npt.NDArray[np.int16], detector: VoiceActivity) -> Judged:
    """Judges a recording, shape (n, 2) at 8 kHz: left the caller, right the agent.

    An end of the caller's behind which he goes on before he is answered is a pause. One that the agent leaves
    unanswered cannot be told from it, so only `segue bench turns` counts those.
    """
    left, right = (np.ascontiguousarray(side) for side in recording.T)
    caller, agent, ends = spans(left), spans(right, range_db=CLEAN_RANGE_DB), voice_ends(left, detector)
    agreed = {span.end_ms: agreed_end(span.end_ms, ends) for span in caller}
    answered = [gap for gap in gaps(caller, agent) if gap.gap_ms <= LATEST_MS]
    found = [(gap.end_ms + gap.gap_ms, agreed[gap.end_ms]) for gap in answered]
    return Judged(
        name,
        [onset - end for onset, end in found if end is not None],
        sum(_begins_within(one, caller) for one in agent),
        sum(end is None for _, end in found),
    )


def _begins_within(one: Span, caller: Sequence[Span]) -> bool:
    return any(span.start_ms < one.start_ms < span.end_ms for span in caller)


def figures(judged: Sequence[Judged]) -> dict[str, Any]:
    """The report's data: over all recordings, and each by itself."""
    waits = [gap for one in judged for gap in one.gaps_ms]
    disagreed = sum(one.disagreed for one in judged)
    return {
        "n": len(waits),
        **{f"p{q}_ms": percentile(waits, q) for q in PERCENTILES},
        "spoken_over": sum(one.spoken_over for one in judged),
        "discarded": disagreed,
        "discarded_because": {DISAGREE: disagreed} if disagreed else {},
        "recordings": [
            {"name": one.name, "gaps_ms": list(one.gaps_ms), "spoken_over": one.spoken_over} for one in judged
        ],
    }


def _table(data: dict[str, Any]) -> Table:
    table = Table(title="Gaps in the recordings, ms", title_justify="left")
    for column in ("recordings", "n", "p50", "p90", "p95", "p99", "spoken over", "not counted"):
        table.add_column(column, justify="right")
    gaps_ms = ("-" if data[f"p{q}_ms"] is None else f"{data[f'p{q}_ms']:.0f}" for q in PERCENTILES)
    counts = str(len(data["recordings"])), str(data["n"])
    table.add_row(*counts, *gaps_ms, str(data["spoken_over"]), str(data["discarded"]))
    return table


def _read(path: Path) -> npt.NDArray[np.int16]:
    try:
        with wave.open(str(path)) as file:
            shape = (file.getnchannels(), file.getsampwidth(), file.getframerate())
            if shape != (2, 2, TELEPHONE_RATE):
                raise BenchmarkError(
                    f"{path} has {shape[0]} channels of {8 * shape[1]} bits at {shape[2]} Hz: a call is judged from "
                    f"two of 16 bits at {TELEPHONE_RATE} Hz, the caller left and the agent right"
                )
            return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.int16).reshape(-1, 2)
    except (OSError, EOFError, wave.Error) as error:
        raise BenchmarkError(f"{path} is not a WAV file that can be read ({error})") from None
