"""What noise did to a call, judged from its recording. Pure.

Left is what the caller said, without the noise, right the agent as he was played out.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from audio.engines import TELEPHONE_RATE, VoiceActivity
from audio.judge import CLEAN_RANGE_DB, Span, spans
from benchmarks.interruptions import Undisturbed
from benchmarks.statistics import PERCENTILES, percentile, rate, waits_of
from benchmarks.verdicts import COUNTED, LATEST_MS, Outcome, Placed, Turn, judge_call, speech_span

TURN_PAUSE_MS = 1_200
"""Silence of the agent's that divides two of his turns."""
HEARD_WHOLE = 0.85
"""Share of an opening that must be audible: a piece in the middle of which the agent ducked is not found again."""


@dataclass(frozen=True, slots=True)
class CallVerdict:
    """What became of one call."""

    turns: Sequence[Turn]
    false_turns: int
    """How often the agent began to speak when nobody had spoken, sooner than one asks whether anybody is there."""
    mutual_silence_ms: int
    """The longest time in which neither spoke."""
    opening_whole: bool
    """Whether the agent said his opening to its end before the caller spoke."""


def judge(
    recording: npt.NDArray[np.int16],
    placed: Sequence[Placed],
    names: Sequence[str],
    opening: Undisturbed,
    detector: VoiceActivity,
) -> CallVerdict:
    """Judges a call from its stereo recording at 8 kHz; `names` are of all that was to be said."""
    turns = judge_call(recording, placed, detector)
    turns += [Turn(name, "", Outcome.UNSAID) for name in names[len(turns) :]]
    left, right = np.ascontiguousarray(recording[:, 0]), np.ascontiguousarray(recording[:, 1])
    caller = [span for one in placed if (span := speech_span(left, one)) is not None]
    agent = spans(right, range_db=CLEAN_RANGE_DB)
    length_ms = len(right) * 1000 // TELEPHONE_RATE
    until = caller[0].start_ms if caller else length_ms
    whole = opening.share_in(right[: until * TELEPHONE_RATE // 1000]) >= HEARD_WHOLE
    return CallVerdict(turns, false_turns(caller, agent), mutual_silence(caller, agent, length_ms), whole)


def false_turns(caller: Sequence[Span], agent: Sequence[Span]) -> int:
    """How many of the agent's turns answer nothing.

    His first turn does not, nor the first after each of the caller's, nor one after a silence so long that he may ask
    whether anybody is there.
    """
    answered = [one.end_ms for one in caller]
    found = 0
    for before, span in pairwise(agent):
        begins = span.start_ms - before.end_ms >= TURN_PAUSE_MS
        asked = any(before.start_ms < end_ms <= span.start_ms for end_ms in answered)
        found += begins and not asked and span.start_ms - before.end_ms < LATEST_MS
    return found


def mutual_silence(caller: Sequence[Span], agent: Sequence[Span], length_ms: int) -> int:
    """The longest time, ms, in which neither spoke, from the agent's first word to the end of the call."""
    if not agent:
        return length_ms
    quiet_from, longest = agent[0].start_ms, 0
    for span in sorted([*caller, *agent]):
        longest = max(longest, span.start_ms - quiet_from)
        quiet_from = max(quiet_from, span.end_ms)
    return max(longest, length_ms - quiet_from)


def figures(calls: Sequence[CallVerdict]) -> dict[str, Any]:
    """One condition's row of the report."""
    turns = [turn for call in calls for turn in call.turns]
    outcomes = Counter(turn.outcome for turn in turns)
    counted = [turn for turn in turns if turn.outcome in COUNTED]
    discarded = {outcome.value: n for outcome, n in sorted(outcomes.items()) if outcome not in COUNTED}
    return {
        "n": len(counted),
        **{f"p{q}_ms": percentile(waits_of(turns), q) for q in PERCENTILES},
        "missed_turns_rate": rate([turn.outcome is Outcome.NO_ANSWER for turn in counted]),
        "cut_off_rate": rate([turn.outcome is Outcome.CUT_OFF for turn in counted]),
        "false_turns_per_call": round(sum(call.false_turns for call in calls) / len(calls), 2) if calls else None,
        "openings_heard_whole_rate": rate([call.opening_whole for call in calls]),
        "longest_mutual_silence_ms": max((call.mutual_silence_ms for call in calls), default=0),
        "discarded": sum(discarded.values()),
        "discarded_because": discarded,
    }
