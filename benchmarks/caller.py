"""One caller on the line: waits for his turn, speaks, listens to the answer, speaks again."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from benchmarks.callers import Utterance
from benchmarks.verdicts import LATEST_MS, Placed
from telephony.sandbox.handset import LineDeadError
from telephony.sandbox.media_leg import MediaLeg, StreamError

GREETING_S = 45.0
"""How long to wait for the greeting; a bot may load its models first."""
ANSWER_S = LATEST_MS / 1000
"""How long to wait for an answer to begin,"""
TURN_S = 45.0
"""and to end."""
AGENT_SILENCE_MS = 1_200
"""The agent has finished when he has been silent this long."""
THINKING_S = (0.2, 0.9)
"""How long the caller then waits before he speaks."""


@dataclass(slots=True)
class Conversation:
    """A call as the caller had it."""

    placed: list[Placed] = field(default_factory=list)
    recording: npt.NDArray[np.int16] = field(default_factory=lambda: np.zeros((0, 2), np.int16))
    violations: list[str] = field(default_factory=list)
    """What the server sent that Twilio would have ignored."""
    trouble: str | None = None
    """Why the call did not go on, if it did not."""


async def converse(
    leg: MediaLeg, utterances: Sequence[Utterance], dice: random.Random, listens_s: float = 0.0
) -> Conversation:
    """Plays a call to its end. Never raises for what the server does: what it did is in the recording.

    `listens_s` is how long the caller says nothing before he hangs up.
    """
    call = Conversation()
    try:
        async with asyncio.TaskGroup() as group:
            line = group.create_task(_run(leg))
            try:
                await _talk(leg, utterances, dice, call)
                await asyncio.wait([line], timeout=listens_s)
            finally:
                leg.hang_up()
    except* StreamError as refused:
        call.trouble = str(refused.exceptions[0])
    call.recording = leg.recording
    call.violations = leg.violations
    return call


async def _talk(leg: MediaLeg, utterances: Sequence[Utterance], dice: random.Random, call: Conversation) -> None:
    try:
        async with asyncio.timeout(GREETING_S):
            await leg.agent_finished(AGENT_SILENCE_MS)
        for utterance in utterances:
            await asyncio.sleep(dice.uniform(*THINKING_S))
            call.placed.append(Placed(utterance, leg.position))
            leg.speak(utterance.pcm)
            await leg.handset.said()
            await _hear_out(leg)
    except TimeoutError:
        call.trouble = f"no greeting within {GREETING_S:g} s"
    except LineDeadError:
        call.trouble = "the server ended the call"


async def _run(leg: MediaLeg) -> None:
    try:
        await leg.run()
    finally:
        leg.handset.put_down()  # A telephone that the leg does not own would wait on.


async def _hear_out(leg: MediaLeg) -> None:
    """Waits for the answer and for its end; a server that does not answer is not waited for very long."""
    asked = leg.position
    try:
        async with asyncio.timeout(ANSWER_S):
            await leg.agent_started()
        async with asyncio.timeout(TURN_S):
            await leg.agent_finished(AGENT_SILENCE_MS, since=asked)
    except TimeoutError:
        pass  # the judge will find no answer
