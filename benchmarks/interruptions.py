"""What became of what came over the agent's speech, judged from the recording. Pure.

Left is the caller, right the agent as he was played out. The agent says one text. How far he has come at a moment is
found by looking for what he said last in a recording in which the same voice says the same text undisturbed.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from audio.engines import TELEPHONE_RATE, Pcm16, VoiceActivity
from audio.judge import CLEAN_RANGE_DB, Span, spans, voice_starts
from benchmarks.verdicts import Placed, speech_span

_PER_MS = TELEPHONE_RATE // 1000
ONSET_AGREEMENT_MS = 150
"""How far the beginning of speech by energy and by voice detection may lie apart."""
GOES_ON_MS = 2_000
"""An agent who has not gone on this long after a noise has lost the floor to it."""
ANSWER_MS = 3_000
"""An interruption is answered within this time of its end."""
SAID_TWICE_MS = 1_000
"""Who goes on may begin so far back: with the word he was cut in, or the one before it."""
SLACK_WORDS = 1
"""The word the agent was cut in may be taken for heard or not."""
SLACK_MS = 60
"""How far the record's length of what was heard may lie from the recording's: three frames."""
TAIL_MS = 400
"""How much of the agent's last sound is looked for in the undisturbed recording,"""
SAME = 0.9
"""and how well it must correlate with what is found there."""


class Outcome(StrEnum):
    """What became of a sound. The values of those that do not count are told to the user."""

    STOPPED = "the agent stopped"
    WENT_ON = "the agent went on"
    UNSAID = "the call ended before"
    QUIET = "the agent was not speaking when it began"
    UNTRUSTED = "energy and voice detector disagree about where the caller began"


COUNTED = frozenset({Outcome.STOPPED, Outcome.WENT_ON})


@dataclass(frozen=True, slots=True)
class Cut:
    """What the record says of the turn that was interrupted."""

    heard: str
    cut_ms: int | None


@dataclass(frozen=True, slots=True)
class Interruption:
    """A caller who meant it."""

    utterance: str
    outcome: Outcome
    start_ms: int | None = None
    stop_ms: int | None = None
    """From his first sound to the agent's last."""
    answer_ms: int | None = None
    """From his last sound to the answer; None if none came in time."""
    heard_words: int | None = None
    """How many words of the text were audible before the agent stopped."""
    heard_ms: int | None = None
    """How far into the undisturbed recording of the text he had come."""
    recorded: Cut | None = None
    record_matches: bool | None = None
    """Whether the record says the same; None without a record."""


@dataclass(frozen=True, slots=True)
class Disturbance:
    """A sound that is nobody's turn."""

    sound: str
    kind: str
    outcome: Outcome
    start_ms: int | None = None
    dip_ms: int | None = None
    """The agent's longest silence from the sound's beginning until two seconds after its end."""


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """A recording, 8 kHz, of the agent saying his text to its end, from his first sound on."""

    pcm: Pcm16
    word_ends: Sequence[int] = ()
    """Where each of his words is over, ms."""

    @classmethod
    def of(cls, right: Pcm16) -> "Undisturbed":
        """From the agent's side of a call in which he spoke alone."""
        agent = spans(right, range_db=CLEAN_RANGE_DB)
        return cls(right[agent[0].start_ms * _PER_MS : agent[-1].end_ms * _PER_MS] if agent else right[:0])

    def find(self, piece: Pcm16) -> int | None:
        """Where, in ms, a piece of it ends; None if it is not in it."""
        if len(self.pcm) < len(piece) or not piece.any():
            return None
        whole, sought = self.pcm.astype(np.float64), piece.astype(np.float64)
        size = len(whole) + len(sought)
        spectrum = np.fft.rfft(whole, size) * np.conj(np.fft.rfft(sought, size))
        products = np.fft.irfft(spectrum, size)[: len(whole) - len(sought) + 1]
        power = np.concatenate(([0.0], np.cumsum(whole**2)))
        energies = power[len(sought) :] - power[: len(products)]
        likeness = products / np.sqrt(np.maximum(energies, 1.0) * (sought**2).sum())
        best = int(likeness.argmax())
        return (best + len(sought)) // _PER_MS if likeness[best] >= SAME else None

    def share_in(self, right: Pcm16) -> float:
        """How much of it is found in a recording of the agent."""
        hop, said = TAIL_MS // 2 * _PER_MS, Undisturbed(right)
        pieces = [
            piece for start in range(0, len(self.pcm) - hop, hop) if (piece := self.pcm[start : start + hop]).any()
        ]
        return sum(said.find(piece) is not None for piece in pieces) / len(pieces) if pieces else 0.0

    def words_until(self, ms: int) -> int:
        """How many words are over by then."""
        return bisect_right(self.word_ends, ms)

    def quiet_until(self, ms: int) -> int:
        """Where he sounds next, at or after a moment."""
        following = spans(self.pcm[ms * _PER_MS :], join_ms=0, range_db=CLEAN_RANGE_DB)
        return ms + following[0].start_ms if following else len(self.pcm) // _PER_MS


@dataclass(frozen=True, slots=True)
class Recording:
    """A call as it is judged: where each side sounds."""

    left: Pcm16
    right: Pcm16
    agent: Sequence[Span]
    voice_starts: Sequence[int]

    @classmethod
    def of(cls, stereo: npt.NDArray[np.int16], detector: VoiceActivity) -> "Recording":
        """From the stereo recording at 8 kHz."""
        left, right = np.ascontiguousarray(stereo[:, 0]), np.ascontiguousarray(stereo[:, 1])
        agent = spans(right, range_db=CLEAN_RANGE_DB)
        return cls(left, right, agent, voice_starts(left, detector))

    def speaking_at(self, ms: int) -> Span | None:
        """The stretch of the agent's speech that lies over a moment."""
        return next((span for span in self.agent if span.start_ms < ms < span.end_ms), None)

    def said_before(self, ms: int) -> Pcm16:
        """The last of what the agent had said by then."""
        return self.right[max(0, ms - TAIL_MS) * _PER_MS : ms * _PER_MS]


def begins_clearly(pcm: Pcm16, detector: VoiceActivity) -> bool:
    """Whether energy and voice detector agree about where speech begins. Before and behind it there is silence."""
    sounds = spans(pcm)
    return bool(sounds) and bool(_agreeing(sounds[0].start_ms, voice_starts(pcm, detector)))


def _agreeing(start_ms: int, starts: Sequence[int]) -> list[int]:
    return [start for start in starts if abs(start - start_ms) <= ONSET_AGREEMENT_MS]


def judge_interruption(call: Recording, placed: Placed | None, name: str) -> Interruption:
    """Judges an utterance that was spoken over the agent's one text."""
    span = speech_span(call.left, placed) if placed else None
    verdict = Interruption(name, Outcome.UNSAID)
    if span is None:
        return verdict
    starts = _agreeing(span.start_ms, call.voice_starts)
    if not starts:
        return replace(verdict, outcome=Outcome.UNTRUSTED)
    start_ms = min(span.start_ms, *starts)
    if call.speaking_at(start_ms) is None:
        return replace(verdict, outcome=Outcome.QUIET)
    # Also what he says after he had stopped, if the caller still speaks: then he had not given way.
    stopped_ms = [other for other in call.agent if other.start_ms < span.end_ms and other.end_ms > start_ms][-1].end_ms
    answer = next((other.start_ms for other in call.agent if other.start_ms >= max(span.end_ms, stopped_ms)), None)
    return replace(
        verdict,
        outcome=Outcome.STOPPED if stopped_ms < span.end_ms else Outcome.WENT_ON,
        start_ms=start_ms,
        stop_ms=stopped_ms - start_ms,
        answer_ms=answer - span.end_ms if answer and answer - span.end_ms <= ANSWER_MS else None,
    )


def compare(verdict: Interruption, call: Recording, whole: Undisturbed, record: Cut) -> Interruption:
    """The verdict with whether the record says of the agent's turn what was audible of it."""
    if verdict.start_ms is None or verdict.stop_ms is None:
        return verdict
    heard_ms = whole.find(call.said_before(verdict.start_ms + verdict.stop_ms))
    if heard_ms is None or record.cut_ms is None:
        return replace(verdict, heard_ms=heard_ms, recorded=record, record_matches=False)
    heard_words = whole.words_until(heard_ms)
    # Nothing sounds between two sentences, so nobody can tell where in there he stopped.
    in_time = heard_ms - SLACK_MS <= record.cut_ms <= whole.quiet_until(heard_ms) + SLACK_MS
    in_words = abs(len(record.heard.split()) - heard_words) <= SLACK_WORDS
    return replace(
        verdict, heard_words=heard_words, heard_ms=heard_ms, recorded=record, record_matches=in_time and in_words
    )


def judge_disturbance(
    call: Recording, placed: Placed | None, kind: str, whole: Undisturbed, until_ms: int
) -> Disturbance:
    """Judges a sound that is no turn. `until_ms`: where the next one begins, or the call ends."""
    span = speech_span(call.left, placed) if placed else None
    name = placed.utterance.name if placed else kind
    verdict = Disturbance(name, kind, Outcome.UNSAID)
    if span is None:
        return verdict
    if call.speaking_at(span.start_ms) is None:
        return replace(verdict, outcome=Outcome.QUIET, start_ms=span.start_ms)
    end_ms = min(until_ms, span.end_ms + GOES_ON_MS)
    dip_ms = longest_silence(call.agent, span.start_ms, end_ms)
    went_on = _goes_on(call, whole, span, min(until_ms, end_ms + TAIL_MS))
    return replace(
        verdict, outcome=Outcome.WENT_ON if went_on else Outcome.STOPPED, start_ms=span.start_ms, dip_ms=dip_ms
    )


def _goes_on(call: Recording, whole: Undisturbed, over: Span, until_ms: int) -> bool:
    """Whether what he says behind a sound follows what he said before it. A new sentence would be his answer to it."""
    before_ms = whole.find(call.said_before(over.start_ms))
    moments = range(over.end_ms + TAIL_MS, until_ms, TAIL_MS // 2)
    after = [at_ms for ms in moments if (at_ms := whole.find(call.said_before(ms))) is not None]
    if before_ms is None or not after:
        return False
    return before_ms - SAID_TWICE_MS <= after[0] - TAIL_MS and max(after) > before_ms


def longest_silence(agent: Sequence[Span], start_ms: int, end_ms: int) -> int:
    """The longest time between two moments in which one side is silent, ms."""
    edges = [start_ms]
    for span in agent:
        if span.end_ms > start_ms and span.start_ms < end_ms:
            edges += [max(start_ms, span.start_ms), min(end_ms, span.end_ms)]
    edges.append(end_ms)
    return max(after - before for before, after in zip(edges[::2], edges[1::2], strict=True))
