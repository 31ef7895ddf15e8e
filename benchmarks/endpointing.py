"""`segue bench endpointing`: how well, and at what cost, the end of a turn is told from a pause. Without a call.

What the server would hear is put through its detector, recogniser, turn detector and turn machine in the machine's own
time, which is counted in audio. So hundreds of utterances take a minute, and a policy can be tried on all of them in a
second. The engines run once for every pause; each policy then replays what they found, with the time they took.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

import numpy as np

from audio.completeness import Ending, ending
from audio.ear import WINDOW_MS, Window
from audio.engines import TELEPHONE_RATE, Pcm16
from audio.judge import AGREEMENT_MS
from audio.pcm import levels_db
from audio.pool import Engines, load_engines
from audio.turns import Action, Floor, Policy, Release, TurnMachine, Understand, Words
from audio.vad import WINDOW
from audio.waiting import Waits
from benchmarks.callers import Utterance
from benchmarks.pauses import Kind, Speech
from benchmarks.statistics import percentile

_PER_MS = TELEPHONE_RATE // 1000
BEFORE_MS, AFTER_MS = 500, 2_000
"""Silence around an utterance. The longest wait has to fit into what follows."""
SEND_MS = 10
"""Half a tick of the pacer: how long audio that is ready waits for its turn."""
WAITS = ("both_ms", "either_ms", "neither_ms", "series_ms", "unfinished_ms")
PATIENCE = (0.5, 0.75, 0.875, 1.0, 1.125, 1.25, 1.5)
NO_LOOKS = 10**6
"""ms: what is measured are ends. To look at a voice that goes on the engines would have to run for each policy."""
NEVER = Policy(waits=Waits(neither_ms=10**6), overdue_ms=10**6, wordless_ms=NO_LOOKS)
"""Releases nothing: shows every pause there is."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Where the machine asked for work, and what came of it. Offsets are ms from the audio's start."""

    start_ms: int
    end_ms: int
    asked_ms: int
    """When it asked."""
    text: str
    probability: float
    text_ms: float
    """What the transcript took,"""
    prosody_ms: float
    """and the turn detector's verdict."""
    speech_ms: float
    """Synthesis of a short clause."""
    stood: bool = True
    """Whether it was a pause: not, if the voice had only faded for a moment."""


@dataclass(slots=True)
class Heard:
    """An utterance as the server's ear has it."""

    speech: Speech
    windows: list[Window]
    pauses: dict[int, Pause] = field(default_factory=dict)
    """By where the speech before them ends."""

    @property
    def end_ms(self) -> int:
        """Where the speaker really ends, by energy."""
        return BEFORE_MS + self.speech.end_ms

    @property
    def trusted(self) -> bool:
        """Whether energy and voice detector agree about the end; if not, it is not known where that is."""
        return any(pause.stood and abs(pause.end_ms - self.end_ms) <= AGREEMENT_MS for pause in self.pauses.values())


@dataclass(frozen=True, slots=True)
class Turn:
    """What a policy made of an utterance. The gap is None if it cut the speaker off."""

    heard: Heard
    gap_ms: float | None


def listen(speech: Sequence[Speech], engines: Engines, hints: Sequence[str] = ()) -> list[Heard]:
    """Runs every engine on everything, once. `hints` are what a campaign has the recogniser know: with a prompt it
    punctuates otherwise than without."""
    return [_listen(one, engines, hints) for one in speech]


def _listen(one: Speech, engines: Engines, hints: Sequence[str]) -> Heard:
    before, after = (np.zeros(ms * _PER_MS, np.int16) for ms in (BEFORE_MS, AFTER_MS))
    pcm = np.concatenate((before, one.pcm, after))
    heard = Heard(one, _windows(pcm, engines))
    machine = TurnMachine(NEVER)
    for probability, level_db, now in heard.windows:
        for action in machine.window(probability, level_db, now, WINDOW_MS, persona_speaking=False):
            if isinstance(action, Understand):
                spoken = pcm[action.start_ms * _PER_MS : now * _PER_MS]
                heard.pauses[action.end_ms] = _judge(action, now, spoken, engines, hints)
                machine.understood(action.generation, Words.SPEECH, now, Ending.UNCLEAR, now)
        if machine.floor is Floor.PAUSED:
            end_ms, pause = heard.pauses.popitem()
            heard.pauses[end_ms] = replace(pause, stood=True)
    return heard


def _windows(pcm: Pcm16, engines: Engines) -> list[Window]:
    probabilities = engines.vad.stream().feed(pcm)
    levels = levels_db(pcm[: len(probabilities) * WINDOW].reshape(-1, WINDOW))
    judged = zip(probabilities, levels, strict=True)
    return [Window(*one, (index + 1) * WINDOW_MS) for index, one in enumerate(judged)]


def _judge(action: Understand, now: int, pcm: Pcm16, engines: Engines, hints: Sequence[str]) -> Pause:
    began = time.perf_counter()
    transcript = engines.stt.transcribe(pcm, hints)
    transcribed = time.perf_counter()
    probability = engines.turn_detector.probability(pcm[-8000 * _PER_MS :])
    judged = time.perf_counter()
    engines.tts.synthesize("Got it, thanks.")
    spoken = time.perf_counter()
    times = (transcribed - began, judged - transcribed, spoken - judged)
    text_ms, prosody_ms, speech_ms = (1000 * taken for taken in times)
    span = (action.start_ms, action.end_ms, now)
    return Pause(*span, transcript.text, probability, text_ms, prosody_ms, speech_ms, stood=False)


# Policies ------------------------------------------------------------------------------------------------------------


Report = tuple[float, Callable[[int], list[Action]]]
"""When an engine is done, and what it then tells the machine."""


def take(heard: Heard, policy: Policy, *, text: bool = True, prosody: bool = True) -> Turn:
    """What a policy makes of an utterance, with both signals or without one of them."""
    machine, reports = TurnMachine(replace(policy, wordless_ms=NO_LOOKS)), list[Report]()
    ready_ms = 0.0
    for probability, level_db, now in heard.windows:
        actions = [action for at, tell in reports if at <= now for action in tell(now)]
        reports = [report for report in reports if report[0] > now]
        actions += machine.window(probability, level_db, now, WINDOW_MS, persona_speaking=False)
        for action in actions:
            if isinstance(action, Understand):
                pause = heard.pauses[action.end_ms]
                ready_ms = now + pause.text_ms + pause.speech_ms
                reports = _reports(machine, action.generation, pause, now, text=text, prosody=prosody)
            elif isinstance(action, Release):
                cut = now < heard.end_ms
                return Turn(heard, None if cut else max(now, ready_ms) + SEND_MS - heard.end_ms)
    raise AssertionError(f"{heard.speech.name}: nothing was released in {AFTER_MS} ms of silence")


def _reports(
    machine: TurnMachine, generation: int, pause: Pause, now: int, *, text: bool, prosody: bool
) -> list[Report]:
    end = ending(pause.text) if text else Ending.UNCLEAR
    words = (Words.SPEECH, len(pause.text.split()), end)
    reports: list[Report] = [(now + pause.text_ms, lambda at: machine.understood(generation, *words, at))]
    if prosody:
        # The pool has two threads: the verdict is made beside the transcript.
        probability = pause.probability
        reports.append((now + pause.prosody_ms, lambda at: machine.prosody(generation, probability, at)))
    return reports


def curve(heard: Sequence[Heard]) -> list[dict[str, Any]]:
    """Gap against false cut-offs over the policy's patience, every wait scaled alike. 1.0 is the policy that ships."""
    return [{"patience": scale, **figures([take(one, patient(scale)) for one in heard])} for scale in PATIENCE]


def tradeoff(utterances: Sequence[Utterance], hints: Sequence[str]) -> list[dict[str, Any]]:
    """The curve for utterances as they were said. Loads the engines: some seconds, and half a second an utterance."""
    engines = load_engines()
    try:
        whole = [Speech(one.name, Kind.WHOLE, one.pcm, held_out=True, generated=False) for one in utterances]
        return curve([one for one in listen(whole, engines, hints) if one.trusted])
    finally:
        engines.close()


def patient(scale: float) -> Policy:
    """The policy with all its waits scaled, in whole windows of the detector."""
    waits = {name: getattr(Waits(), name) for name in WAITS}
    scaled = {name: round(wait * scale / WINDOW_MS) * WINDOW_MS for name, wait in waits.items()}
    return Policy(waits=replace(Waits(), **scaled))


def figures(turns: Sequence[Turn]) -> dict[str, Any]:
    """Gaps in ms, and the share of turns in which the speaker was cut off."""
    gaps = [turn.gap_ms for turn in turns if turn.gap_ms is not None]
    cut_off_rate = round(1 - len(gaps) / len(turns), 4) if turns else None
    return {
        "n": len(turns),
        **{f"p{q}_ms": percentile(gaps, q) for q in (50, 90, 95)},
        "cut_off_rate": cut_off_rate,
    }


# Signals -------------------------------------------------------------------------------------------------------------


class Place(StrEnum):
    """Where a pause is. Only the first kind is the end of a turn."""

    END = "ends"
    PAUSE = "pauses of their own"
    HESITATION = "hesitations put in"
    CUT = "broken off"


def signals(heard: Sequence[Heard]) -> dict[str, dict[str, Any]]:
    """For each kind of place, the share of pauses that each signal took for the end of the turn."""
    verdicts: dict[Place, list[tuple[bool, bool]]] = {place: [] for place in Place}
    for one in heard:
        for pause in (pause for pause in one.pauses.values() if pause.stood):
            said = ending(pause.text) is Ending.COMPLETE
            verdicts[_place(one, pause)].append((said, pause.probability >= Waits().finished))
    return {place.value: _shares(found) for place, found in verdicts.items()}


def _place(heard: Heard, pause: Pause) -> Place:
    if abs(pause.end_ms - heard.end_ms) <= AGREEMENT_MS:
        return Place.END if heard.speech.turn_over else Place.CUT
    return Place.HESITATION if heard.speech.kind is Kind.HESITANT else Place.PAUSE


def _shares(verdicts: Sequence[tuple[bool, bool]]) -> dict[str, Any]:
    def share(say: Callable[[bool, bool], bool]) -> float | None:
        return round(sum(say(*verdict) for verdict in verdicts) / len(verdicts), 3) if verdicts else None

    return {
        "n": len(verdicts),
        "text": share(lambda text, _: text),
        "prosody": share(lambda _, prosody: prosody),
        "both": share(lambda text, prosody: text and prosody),
        "either": share(lambda text, prosody: text or prosody),
    }


def report(heard: Sequence[Heard]) -> dict[str, Any]:
    """Everything, as JSON: what the signals cost and tell, what each policy makes of them, and the trade-off.

    `chosen_by` and `held_out` are the same utterances as `recorded` and `generated`, by whether words and waits were
    chosen with them in sight. Not among them: `between_sentences`, whose speakers pause where they could have been
    done, and `hesitant`, with a pause put in at a place where few people would make one.
    """
    ends = [one for one in heard if one.speech.turn_over]
    trusted = [one for one in ends if one.trusted]
    ordinary = [one for one in trusted if one.speech.kind is Kind.WHOLE]
    whole = [one for one in ordinary if not one.speech.between_sentences]
    groups = {
        "recorded": [one for one in whole if not one.speech.generated],
        "generated": [one for one in whole if one.speech.generated],
        "chosen_by": [one for one in whole if not one.speech.held_out],
        "held_out": [one for one in whole if one.speech.held_out],
        "between_sentences": [one for one in ordinary if one.speech.between_sentences],
        "hesitant": [one for one in trusted if one.speech.kind is Kind.HESITANT],
    }
    return {
        "utterances": len(heard),
        "discarded": len(ends) - len(trusted),
        "cost_ms": _cost([pause for one in heard for pause in one.pauses.values()]),
        "speculation": speculation([one for one in heard if one.trusted]),
        "signals": signals(heard),
        "signals_held_out": signals([one for one in heard if one.speech.held_out]),
        "policies": {name: _policies(group) for name, group in groups.items()},
        "tradeoff": {name: curve(group) for name, group in groups.items()},
    }


def speculation(heard: Sequence[Heard]) -> dict[str, Any]:
    """How long after the speaker's last sound the work was begun that his answer came of; and how much was asked for,
    per pause, that no pause came of."""
    pauses = [pause for one in heard for pause in one.pauses.values()]
    stood = [pause for pause in pauses if pause.stood]
    lead_ms = [[pause for pause in one.pauses.values() if pause.stood][-1].asked_ms - one.end_ms for one in heard]
    return {
        "pauses": len(stood),
        "asked_in_vain_per_pause": round((len(pauses) - len(stood)) / len(stood), 3) if stood else None,
        **{f"begun_p{q}_ms": percentile(lead_ms, q) for q in (50, 95)},
    }


def _cost(pauses: Sequence[Pause]) -> dict[str, float | None]:
    return {
        "transcript": percentile([pause.text_ms for pause in pauses], 50),
        "turn_detector": percentile([pause.prosody_ms for pause in pauses], 50),
        "first_clause": percentile([pause.speech_ms for pause in pauses], 50),
    }


def _policies(heard: Sequence[Heard]) -> dict[str, Any]:
    waits = Waits()
    policy = Policy(waits=waits)
    alone = Policy(waits=replace(waits, either_ms=waits.both_ms))
    fixed = Policy(waits=replace(waits, **dict.fromkeys(WAITS, waits.neither_ms)))
    return {
        "both signals": figures([take(one, policy) for one in heard]),
        "text alone": figures([take(one, alone, prosody=False) for one in heard]),
        "prosody alone": figures([take(one, alone, text=False) for one in heard]),
        f"silence of {waits.neither_ms} ms": figures([take(one, fixed) for one in heard]),
    }
