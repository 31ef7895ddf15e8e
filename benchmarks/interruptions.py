"""What became of what came over the agent's speech, judged from the recording. Pure.

Left is the caller, right the agent as he was played out. The agent says one text; a recogniser says which of its words
a stretch of his side holds. How far he had come when he stopped is found by looking for the last of what he said in a
recording in which the same voice says the same text undisturbed.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from audio.engines import TELEPHONE_RATE, Pcm16, VoiceActivity
from audio.judge import CLEAN_RANGE_DB, Span, spans, voice_starts
from benchmarks.callers import Utterance
from benchmarks.verdicts import Placed, speech_span

_PER_MS = TELEPHONE_RATE // 1000
_WORD = re.compile(r"[a-z0-9']+")
ONSET_AGREEMENT_MS = 150
"""How far the beginning of speech by energy and by voice detection may lie apart."""
GOES_ON_MS = 2_000
"""An agent who has not gone on this long after a noise has lost the floor to it."""
ANSWER_MS = 3_000
"""An interruption is answered within this time of its end."""
CONTINUES = 0.5
"""Share of the words after a noise that must be those the agent had still to say."""
SLACK_WORDS = 1
"""The word the agent was cut in may be taken for heard or not."""
SLACK_MS = 60
"""How far the record's length of what was heard may lie from the recording's: three frames."""
TAIL_MS = 400
"""How much of the agent's last sound is looked for in the undisturbed recording,"""
SAME = 0.9
"""and how well it must correlate with what is found there."""

Recognise = Callable[[Pcm16], str]
"""What 8 kHz audio says."""


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

    @classmethod
    def of(cls, right: Pcm16) -> "Undisturbed":
        """From the agent's side of a call in which he spoke alone."""
        agent = spans(right, range_db=CLEAN_RANGE_DB)
        return cls(right[agent[0].start_ms * _PER_MS : agent[-1].end_ms * _PER_MS] if agent else right[:0])

    def find(self, tail: Pcm16) -> int | None:
        """Where, in ms, a piece of it ends; None if it is not in it."""
        if len(self.pcm) < len(tail) or not tail.any():
            return None
        whole, piece = self.pcm.astype(np.float64), tail.astype(np.float64)
        products = np.correlate(whole, piece, "valid")
        energies = np.convolve(whole**2, np.ones(len(piece)), "valid")
        likeness = products / np.sqrt(np.maximum(energies, 1.0) * (piece**2).sum())
        best = int(likeness.argmax())
        return (best + len(piece)) // _PER_MS if likeness[best] >= SAME else None

    def quiet_until(self, ms: int) -> int:
        """Where he sounds next, at or after a moment."""
        following = spans(self.pcm[ms * _PER_MS :], join_ms=0, range_db=CLEAN_RANGE_DB)
        return ms + following[0].start_ms if following else len(self.pcm) // _PER_MS


@dataclass(frozen=True, slots=True)
class Recording:
    """A call as it is judged: where each side sounds, and what the agent set out to say."""

    left: Pcm16
    right: Pcm16
    agent: Sequence[Span]
    voice_starts: Sequence[int]
    text: str
    recognise: Recognise

    @classmethod
    def of(cls, stereo: npt.NDArray[np.int16], text: str, detector: VoiceActivity, recognise: Recognise) -> "Recording":
        """From the stereo recording at 8 kHz."""
        left, right = np.ascontiguousarray(stereo[:, 0]), np.ascontiguousarray(stereo[:, 1])
        agent = spans(right, range_db=CLEAN_RANGE_DB)
        return cls(left, right, agent, voice_starts(left, detector), text, recognise)

    def speaking_at(self, ms: int) -> Span | None:
        """The stretch of the agent's speech that lies over a moment."""
        return next((span for span in self.agent if span.start_ms < ms < span.end_ms), None)

    def words(self, start_ms: int, end_ms: int) -> list[str]:
        """What the agent is heard to say between two moments."""
        return words_of(self.recognise(self.right[start_ms * _PER_MS : end_ms * _PER_MS]))


def judge_interruption(call: Recording, placed: Placed | None, name: str) -> Interruption:
    """Judges an utterance that was spoken over the agent's one text."""
    span = speech_span(call.left, placed) if placed else None
    verdict = Interruption(name, Outcome.UNSAID)
    if span is None:
        return verdict
    starts = [start for start in call.voice_starts if abs(start - span.start_ms) <= ONSET_AGREEMENT_MS]
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
    stopped = (verdict.start_ms + verdict.stop_ms) * _PER_MS
    heard_ms = whole.find(call.right[max(0, stopped - TAIL_MS * _PER_MS) : stopped])
    if heard_ms is None or record.cut_ms is None:
        return replace(verdict, heard_ms=heard_ms, recorded=record, record_matches=False)
    heard_words = words_heard(words_of(call.recognise(whole.pcm[: heard_ms * _PER_MS])), call.text)
    # Nothing sounds between two sentences, so nobody can tell where in there he stopped.
    in_time = heard_ms - SLACK_MS <= record.cut_ms <= whole.quiet_until(heard_ms) + SLACK_MS
    in_words = abs(len(words_of(record.heard)) - heard_words) <= SLACK_WORDS
    return replace(
        verdict, heard_words=heard_words, heard_ms=heard_ms, recorded=record, record_matches=in_time and in_words
    )


def judge_disturbance(call: Recording, placed: Placed | None, kind: str, until_ms: int) -> Disturbance:
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
    # A new sentence would be the agent's answer to a noise: going on means saying what he had still to say.
    before = words_heard(call.words(0, span.start_ms), call.text)
    rest = words_of(call.text)[max(0, before - 2) :]
    said = call.words(span.end_ms, until_ms)
    silent = not any(one.end_ms > span.end_ms and one.start_ms < end_ms for one in call.agent)
    went_on = not silent and share_within(said, rest) >= CONTINUES
    return replace(
        verdict, outcome=Outcome.WENT_ON if went_on else Outcome.STOPPED, start_ms=span.start_ms, dip_ms=dip_ms
    )


def words_of(text: str) -> list[str]:
    """Its words, without case and punctuation."""
    return _WORD.findall(text.lower().replace("’", "'"))


def words_heard(recognised: Sequence[str], text: str) -> int:
    """How many words of a text were said, by what was recognised of it: a recogniser mistakes some of them."""
    words = words_of(text)
    matcher = SequenceMatcher(None, words, recognised, autojunk=False)
    blocks = [block for block in matcher.get_matching_blocks() if block.size]
    if not blocks:
        return 0
    last = blocks[-1]
    return min(len(words), last.a + last.size + len(recognised) - last.b - last.size)


def share_within(said: Sequence[str], rest: Sequence[str]) -> float:
    """How much of what was said is found, in order, in the rest of a text."""
    if not said:
        return 0.0
    blocks = SequenceMatcher(None, rest, said, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) / len(said)


def longest_silence(agent: Sequence[Span], start_ms: int, end_ms: int) -> int:
    """The longest time between two moments in which one side is silent, ms."""
    edges = [start_ms]
    for span in agent:
        if span.end_ms > start_ms and span.start_ms < end_ms:
            edges += [max(start_ms, span.start_ms), min(end_ms, span.end_ms)]
    edges.append(end_ms)
    return max(after - before for before, after in zip(edges[::2], edges[1::2], strict=True))


def placed_sound(name: str, pcm: Pcm16, position: int) -> Placed:
    """A sound as it was queued at a position of the recording."""
    return Placed(Utterance(name, "", pcm), position)
