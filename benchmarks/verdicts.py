"""What became of each of a caller's turns, judged from the recording. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from audio.engines import FRAME_SAMPLES, TELEPHONE_RATE, Pcm16, VoiceActivity
from audio.judge import CLEAN_RANGE_DB, Span, agreed_end, gaps, spans, voice_ends
from benchmarks.callers import Utterance

_PER_MS = TELEPHONE_RATE // 1000
_SEARCH = 2 * TELEPHONE_RATE
"""Samples before the moment it was queued in which an utterance may begin: a caller's clock that lagged catches up."""

LATEST_MS = 6_000
"""What comes later is no answer; after 8 s an agent may ask whether the caller is still there."""


class Outcome(StrEnum):
    """Whether a turn counts, and as what. The values of those that do not are told to the user."""

    ANSWERED = "answered"
    CUT_OFF = "cut off"
    """The agent began to speak before the caller had finished."""
    NO_ANSWER = "no answer came"
    TALKING = "the agent was still talking when the caller began"
    UNTRUSTED = "energy and voice detector disagree about the caller's end"
    UNSAID = "the call ended before"


COUNTED = frozenset({Outcome.ANSWERED, Outcome.CUT_OFF, Outcome.NO_ANSWER})


@dataclass(frozen=True, slots=True)
class Placed:
    """An utterance, and about where in the recording (samples) it was queued to be said."""

    utterance: Utterance
    near: int


@dataclass(frozen=True, slots=True)
class Parts:
    """Where an answer's gap went, ms. They sum to the gap."""

    wait: float
    transcript: float
    reply: float
    speech: float
    send: float


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a caller's. Offsets are ms of the recording."""

    utterance: str
    text: str
    outcome: Outcome
    end_ms: int | None = None
    """Where the caller's speech ends: the earlier of what energy and voice detector say."""
    gap_ms: int | None = None
    """From there to the first sample of the answer; only of an answered turn."""
    parts: Parts | None = None


def judge_call(recording: npt.NDArray[np.int16], placed: Sequence[Placed], detector: VoiceActivity) -> list[Turn]:
    """Judges a call from its stereo recording (left the caller, right the agent, 8 kHz).

    Whether a turn is trusted depends on the caller's side alone, so that it is the same whoever answers him.
    """
    left, right = np.ascontiguousarray(recording[:, 0]), np.ascontiguousarray(recording[:, 1])
    said = [speech_span(left, one) for one in placed]
    ends = voice_ends(left, detector)
    agent = spans(right, range_db=CLEAN_RANGE_DB)
    return [_verdict(one.utterance, index, said, agent, ends) for index, one in enumerate(placed)]


def speech_span(left: Pcm16, placed: Placed) -> Span | None:
    """Where the caller is heard to say it, from his first sound to his last; None if he did not come to it."""
    pcm = placed.utterance.pcm
    latest = placed.near // FRAME_SAMPLES * FRAME_SAMPLES + FRAME_SAMPLES
    for start in range(latest, max(-1, latest - _SEARCH), -FRAME_SAMPLES):
        if np.array_equal(left[start : start + len(pcm)], pcm):
            sounds = spans(pcm)
            return Span(start // _PER_MS + sounds[0].start_ms, start // _PER_MS + sounds[-1].end_ms)
    return None


def _verdict(
    utterance: Utterance, index: int, said: Sequence[Span | None], agent: Sequence[Span], ends: Sequence[int]
) -> Turn:
    turn = Turn(utterance.name, utterance.text, Outcome.UNSAID)
    span = said[index]
    if span is None:
        return turn
    end_ms = agreed_end(span.end_ms, ends)
    if end_ms is None:
        return replace(turn, outcome=Outcome.UNTRUSTED)
    turn = replace(turn, end_ms=end_ms)
    # An agent who speaks before the last sound by energy has cut the caller off, though the detector heard its end.
    over = [other for other in agent if other.start_ms < span.end_ms and other.end_ms > span.start_ms]
    if over:
        talking = over[0].start_ms < span.start_ms
        return replace(turn, outcome=Outcome.TALKING if talking else Outcome.CUT_OFF)
    following = [later for later in said[index + 1 :] if later is not None][:1]
    for gap in gaps([Span(span.start_ms, end_ms), *following], agent):
        if gap.end_ms == end_ms and gap.gap_ms <= LATEST_MS:
            return replace(turn, outcome=Outcome.ANSWERED, gap_ms=gap.gap_ms)
    return replace(turn, outcome=Outcome.NO_ANSWER)
