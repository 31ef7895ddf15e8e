"""Runs the load test: two systems, one after the other, on one core, under callers on another.

A probe is a number of calls held for some seconds. It passes if what the callers hear comes on time: p99 lateness of
all audio below LATE_MS, less than GAPS of it missing, no call lost and, so that a server cannot pass by not listening,
what they say answered. The highest number that passes is the system's calls per core. Both processes run before
others on their cores where that is allowed.
"""

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from audio import mulaw
from benchmarks.callers import describe, recorded
from benchmarks.errors import BenchmarkError
from benchmarks.load.inference import TURN_MS, recordings
from benchmarks.load.search import Search
from benchmarks.machine import describe_machine
from benchmarks.servers import Pipecat, Segue, call_sid, process, segue_server
from state.ports import free_port

LATE_MS = 20.0
GAPS = 0.01
"""Of the audio: silence in the middle of a turn."""
LOST = 0.02
"""Of the callers' utterances: not answered, or answered by a turn that stalled."""
SETTLE_S = 5.0
"""What is not measured of a probe: openings, and the wake of calls that were just opened or closed."""
MEASURE_S = 7.0
CLIENT_LATE_MS = 5.0
TRIES = 2
"""A probe in which the callers themselves were late says little: it is measured again."""
DIALLED_AT_ONCE = 20
JOINS = 6
JOIN_EVERY_S = 2.0
LIVE = 4
"""Calls that are up while others join."""

SPOKEN = "a sentence in Segue's voice"
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Options:
    """What is asked for."""

    compare: bool = False
    most: int = 400
    """No more calls than this are tried."""
    speech: Path | None = None
    """A folder of recordings that the callers say."""


@dataclass(frozen=True, slots=True)
class System:
    """One configuration under test, and how many calls to try first."""

    name: str
    detector: str
    first: int
    turn_end: str = "timer"


SEGUE = System("segue", "silero", 200)
PIPECAT = System("pipecat", "silero", 16)
SEGUE_WEBRTC = System("segue", "webrtcvad", 200)
PIPECAT_WEBRTC = System("pipecat", "webrtcvad", 16)
PIPECAT_AS_IT_COMES = System("pipecat", "silero", LIVE, turn_end="smart_turn")


@dataclass(frozen=True, slots=True)
class Cores:
    """One for the server, another for the callers and everything else."""

    server: int
    callers: int


@dataclass(slots=True)
class Result:
    """What came of it."""

    machine: dict[str, Any]
    options: Options
    spoken: str
    """What the callers said."""
    systems: dict[str, dict[str, Any]] = field(default_factory=dict)
    same_detector: dict[str, dict[str, Any]] = field(default_factory=dict)
    joining: dict[str, dict[str, Any]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The report's data."""
        same = {"detector": "webrtcvad", **self.same_detector, **_ratio(self.same_detector)}
        return {
            **self.systems,
            **_ratio(self.systems),
            "same_detector": same if self.same_detector else None,
            "joining": {**self.joining.get("segue", {}), **self.joining},
            "limit": {"p99_lateness_ms": LATE_MS, "gaps": GAPS, "lost": LOST},
            "machine": self.machine,
            "settings": {**asdict(self.options), "speech": str(self.options.speech), "spoken": self.spoken},
        }


def _ratio(systems: dict[str, dict[str, Any]]) -> dict[str, float]:
    ours, theirs = (systems.get(name, {}).get("calls_per_core") for name in ("segue", "pipecat"))
    return {"ratio": round(ours / theirs, 1)} if ours and theirs else {}


async def run(options: Options, tell: Tell) -> Result:
    """Searches and measures, some minutes.

    Raises:
        BenchmarkError: if the machine has no two cores, or a server does not start.
    """
    cores = _cores()
    utterances = recorded(options.speech) if options.speech else []
    result = Result(describe_machine(), options, describe(utterances) if utterances else SPOKEN)
    here = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {cores.callers})  # And with it the callers, and the Valkey that is started from here.
    try:
        with tempfile.TemporaryDirectory(prefix="segue-load-") as folder:
            said = [mulaw.encode(one.pcm) for one in utterances]
            bench = Bench(Path(folder), cores, options, said, tell)
            await _measure(bench, result)
    finally:
        os.sched_setaffinity(0, here)
    return result


async def _measure(bench: "Bench", result: Result) -> None:
    compare = result.options.compare
    for system in (SEGUE, PIPECAT) if compare else (SEGUE,):
        result.systems[system.name] = await bench.search(system)
    for system in (SEGUE_WEBRTC, PIPECAT_WEBRTC) if compare else ():
        result.same_detector[system.name] = await bench.search(system)
    for system in (SEGUE, PIPECAT_AS_IT_COMES) if compare else (SEGUE,):
        result.joining[system.name] = await bench.join(system)


def _cores() -> Cores:
    if not hasattr(os, "sched_getaffinity"):
        raise BenchmarkError("segue bench load pins processes to cores, which needs Linux")
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        raise BenchmarkError("segue bench load needs two cores: one for the server, one for its callers")
    return Cores(cores[0], cores[1])


class Bench:
    """Starts systems and callers, and measures."""

    def __init__(self, folder: Path, cores: Cores, options: Options, utterances: Sequence[bytes], tell: Tell) -> None:
        """`utterances` are what the callers say, μ-law; none: a sentence in Segue's voice."""
        self._folder = folder
        self._cores = cores
        self._options = options
        self._tell = tell
        self._voice, self._utterances = folder / "voice.ulaw", folder / "utterances"
        self._runs = 0
        voice, utterance = recordings()
        self._voice.write_bytes(voice)
        self._utterances.mkdir()
        for number, ulaw in enumerate(utterances or [utterance]):
            (self._utterances / f"{number:04}.ulaw").write_bytes(ulaw)

    async def search(self, system: System) -> dict[str, Any]:
        """The highest number of calls that passes, and every probe on the way there."""
        search = Search(system.first, limit=self._options.most)
        probes = []
        async with self._up(system) as callers:
            while (calls := search.next) is not None:
                self._tell(f"{system.name} ({system.detector}): {calls} calls")
                probe = await callers.probe(calls)
                probe["passed"] = passes(probe)
                search.tried(calls, passed=probe["passed"])
                probes.append(probe)
        best = max((probe for probe in probes if probe["passed"]), key=lambda probe: probe["calls"], default=None)
        chosen = best or probes[0]
        return {
            "calls_per_core": search.best,
            "detector": system.detector,
            **{key: chosen[key] for key in ("p99_lateness_ms", "gap_ms_per_minute", "p50_answer_ms", "spoken_to")},
            "probes": probes,
        }

    async def join(self, system: System) -> dict[str, Any]:
        """What the live calls hear while others join them."""
        async with self._up(system) as callers:
            self._tell(f"{system.name}: a new call every {JOIN_EVERY_S:g} s")
            await callers.probe(LIVE, measure_s=1.0)
            return await callers.probe_while_joining(LIVE)

    @asynccontextmanager
    async def _up(self, system: System) -> AsyncIterator["Callers"]:
        self._runs += 1
        folder = self._folder / f"{self._runs}-{system.name}"
        folder.mkdir()
        async with AsyncExitStack() as stack:
            server: Segue | Pipecat
            if system.name == "segue":
                server = await stack.enter_async_context(segue_server(folder, command=self._segue(system)))
            else:
                server = await stack.enter_async_context(self._pipecat(system, folder))
            yield await stack.enter_async_context(calling(server, self._cores.callers, self._utterances))

    def _segue(self, system: System) -> list[str]:
        arguments = [str(self._cores.server), system.detector, str(self._voice)]
        return [sys.executable, "-m", "benchmarks.load.server", *arguments]

    @asynccontextmanager
    async def _pipecat(self, system: System, folder: Path) -> AsyncIterator[Pipecat]:
        port = free_port()
        arguments = [str(self._cores.server), str(port), str(self._voice), system.detector, system.turn_end]
        command = [sys.executable, "-m", "benchmarks.baselines.pipecat_load", *arguments]
        async with process("the Pipecat bot", command, folder, {}, f"http://127.0.0.1:{port}/openapi.json"):
            yield Pipecat(port)


def passes(probe: dict[str, Any]) -> bool:
    """Whether what the callers heard was on time, and what they said was answered."""
    late = probe["p99_lateness_ms"]
    if late is None or probe["closed"] or probe["silent"]:
        return False
    answered = probe["lost"] <= max(1, LOST * (probe["answers"] + probe["lost"]))
    return bool(late < LATE_MS and probe["gap_ms_per_minute"] < GAPS * 60_000 and answered)


class Callers:
    """The process of the callers (`benchmarks.load.client`), and the calls that are up."""

    def __init__(self, server: Segue | Pipecat, client: asyncio.subprocess.Process) -> None:
        self._server = server
        self._client = client
        self._calls = 0
        self._dialled = 0
        self._orders = 0
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}

    async def probe(self, calls: int, measure_s: float = MEASURE_S) -> dict[str, Any]:
        """What so many callers hear."""
        await self._have(calls)
        await asyncio.sleep(SETTLE_S)
        for _ in range(TRIES):
            heard = await self._ask({"measure": measure_s, "of": calls})
            if heard["p99_client_lateness_ms"] < CLIENT_LATE_MS:
                break
        return heard

    async def probe_while_joining(self, live: int) -> dict[str, Any]:
        """What the oldest calls hear while another joins every few seconds."""
        measuring = asyncio.create_task(self._ask({"measure": JOINS * JOIN_EVERY_S, "of": live}))
        for _ in range(JOINS):
            await self._dial(1)
            await asyncio.sleep(JOIN_EVERY_S)
        return {"live_calls": live, "joins": JOINS, **await measuring}

    async def _have(self, calls: int) -> None:
        if calls < self._calls:
            await self._ask({"hang_up": self._calls - calls})
            self._calls = calls
        while self._calls < calls:
            await self._dial(min(DIALLED_AT_ONCE, calls - self._calls))

    async def _dial(self, count: int) -> None:
        first = self._dialled + 1
        self._dialled += count
        self._calls += count
        orders = [asdict(await self._server.invite(call_sid(first + index))) for index in range(count)]
        await self._ask({"dial": orders})

    async def _ask(self, order: dict[str, Any]) -> dict[str, Any]:
        self._orders += 1
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._answers[self._orders] = answer
        assert self._client.stdin is not None
        self._client.stdin.write(json.dumps({"order": self._orders, **order}).encode() + b"\n")
        return await answer

    async def listen(self) -> None:
        """Takes the answers as they come. They bear the number of their order."""
        assert self._client.stdout is not None
        while line := await self._client.stdout.readline():
            answer = json.loads(line)
            self._answers.pop(answer.pop("order")).set_result(answer)
        for waiting in self._answers.values():
            waiting.set_exception(BenchmarkError("the load test's callers ended before their work was done"))


@asynccontextmanager
async def calling(server: Segue | Pipecat, core: int, utterances: Path) -> AsyncIterator[Callers]:
    """Callers of a server, none yet."""
    command = [sys.executable, "-m", "benchmarks.load.client", str(core), str(utterances), str(TURN_MS)]
    pipe = asyncio.subprocess.PIPE
    client = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, limit=2**20)
    callers = Callers(server, client)
    listening = asyncio.create_task(callers.listen())
    try:
        yield callers
    finally:
        client.terminate()
        await client.wait()
        listening.cancel()
