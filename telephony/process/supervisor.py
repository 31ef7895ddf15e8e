"""Several processes behind one port: starts them, replaces one that dies, and ends or restarts them without a gap.

uvicorn's supervisor does most of it: the workers share one listening socket, so whichever has time takes the next
connection, and a connection that waits is not lost with a worker. What they share beyond that belongs to this process:
the embedded Valkey, the slots for calls, the start of the business clock and the files in which they count.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import parent_process
from pathlib import Path
from socket import socket
from tempfile import TemporaryDirectory

import structlog
import uvicorn
from prometheus_client import multiprocess
from uvicorn.supervisors.multiprocess import Multiprocess, Process

from agent.campaign import CampaignError
from state.embedded import EmbeddedValkey
from telephony.log import set_up_logging
from telephony.process import serving
from telephony.process.admission import RESUME_SECONDS
from telephony.process.draining import RETIRE
from telephony.process.listening import bind
from telephony.process.rolling import Rolling, State, Step
from telephony.process.slots import Slots
from telephony.process.startup import campaigns_of
from telephony.settings import Settings, SettingsError, load_settings

log = structlog.get_logger(__name__)

METRICS = "PROMETHEUS_MULTIPROC_DIR"
"""Where processes count together, if it is set when prometheus_client is imported."""
AGAIN_SECONDS = 5.0
"""A worker is not started more often than that in place of those that die."""
ANSWER_SECONDS = 60.0
"""A worker that says nothing for so long is killed. On a busy machine one takes a while to be there at all."""
LOOK_SECONDS = 0.1
MARGIN_SECONDS = 20.0
"""How much longer than its drain a worker that leaves may take: it finishes what it has begun, too."""
KEPT = ("host", "port", "workers", "redis_url", "data", "business_time")
"""Settings that a restart of the workers leaves as they are: what stands on them is the supervisor's."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What the workers have in common."""

    settings: Settings
    """With the URL of the Redis they all use."""
    slots: Path
    began: float
    """When the business clock was started, by `time.monotonic`."""


def supervise(settings: Settings) -> None:
    """Serves with `settings.workers` processes until terminated.

    Raises:
        PortError: if the port cannot be had.
        EmbeddedError: if there is no Redis and none can be started.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="segue-")))
        config = serving.config_of("unused: each worker makes its own", settings)
        listening = [stack.enter_context(listener) for listener in bind(settings.host, settings.port)]
        if settings.redis_url is None:
            valkey = stack.enter_context(EmbeddedValkey(settings.data))
            settings = settings.model_copy(update={"redis_url": valkey.url})
        os.environ[METRICS] = str(folder)  # the workers inherit it
        shared = Shared(settings, folder / "slots", time.monotonic())
        slots = Slots(shared.slots)
        stack.callback(slots.close)
        supervisor = Supervisor(config, listening, shared, partial(_account_for, slots))
        supervisor.run()
    if supervisor.failed:
        sys.exit(serving.NOT_STARTED)


def _account_for(slots: Slots, worker: int) -> None:
    """What a worker that died had counted as its own is nobody's now; its calls have a while to come back."""
    slots.bereave(worker, time.monotonic() + RESUME_SECONDS)
    multiprocess.mark_process_dead(worker)  # type: ignore[no-untyped-call] # prometheus_client has no types here


class Worker(Process):
    """One process with the whole server in it."""

    def __init__(self, config: uvicorn.Config, sockets: list[socket], shared: Shared) -> None:
        self._shared = shared
        super().__init__(config, sockets)

    def target(self, sockets: list[socket] | None = None) -> None:
        """Runs in the new process, until it is told to end."""
        from telephony.app import create_app  # here, because only workers need the models' libraries
        from telephony.services import open_services

        set_up_logging()
        structlog.contextvars.bind_contextvars(worker=os.getpid())
        threading.Thread(target=_leave_with_parent, daemon=True).start()
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # it is the supervisor's, also where a terminal tells everybody
        shared = self._shared
        opening = partial(open_services, slots=shared.slots, began=shared.began)
        self._server = serving.new_server(create_app(shared.settings, opening), shared.settings)
        with suppress(KeyboardInterrupt):
            super().target(sockets)


def _serves(worker: Process) -> bool | None:
    """Whether a worker serves by now; None if it does not answer.

    uvicorn's own question takes the oldest answer for the newest, and while models load it has dozens of them waiting.
    """
    answer: bool | None = None
    with suppress(OSError, EOFError):  # it has been told to end
        worker.parent_conn.send(b"ping")
        while worker.parent_conn.poll(LOOK_SECONDS if answer is None else 0):
            answer = bool(worker.parent_conn.recv())
    return answer


def _retire(worker: Process) -> None:
    """Has it leave the port to the others, and end when its calls have."""
    if worker.exitcode is None and worker.pid:
        os.kill(worker.pid, RETIRE)


def _leave_with_parent() -> None:
    """Without the supervisor nobody would replace or end this process: it drains, and leaves the port to the next."""
    parent = parent_process()
    assert parent is not None, "workers are started by a supervisor"
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)


class Supervisor(Multiprocess):
    """uvicorn's, for our workers.

    Once one of them has served, those that die are replaced whatever they died of; before that, one that cannot start
    ends them all. A second signal goes on to the workers as the first did. SIGHUP restarts them one by one
    (`telephony.process.rolling`), with the settings and campaigns that are on disk by then.
    """

    def __init__(
        self, config: uvicorn.Config, listening: list[socket], shared: Shared, died: Callable[[int], None]
    ) -> None:
        super().__init__(config, listening)
        self._shared = shared
        self._died = died
        self._served = False
        self._begun = [0.0] * self.processes_num
        """When each worker was started."""
        self._heard = [0.0] * self.processes_num
        """When each last answered."""
        self._rolling = Rolling(self.processes_num)
        self._moving: Process | None = None
        """Whom a restart waits for: the successor that starts, or the worker that leaves."""
        self.failed = False
        """No worker ever served."""

    def init_processes(self) -> None:
        """Starts every worker."""
        self.processes = [self._start(index) for index in range(self.processes_num)]

    def keep_subprocess_alive(self) -> None:
        """Replaces the workers that have died or say nothing any more."""
        for index, worker in enumerate(self.processes):
            if not worker.process.is_alive():
                self._replace(index, worker)
            elif not self._answers(index, worker):
                log.error("worker killed, it did not answer", worker=worker.pid)
                worker.kill()
        self._go_on()

    def terminate_all(self) -> None:
        """Has all workers drain, a successor that starts among them. One that leaves does so already."""
        if self._moving is not None and self._rolling.state is State.STARTING:
            self._moving.terminate()
        super().terminate_all()

    def join_all(self) -> None:
        """Waits for the workers, which drain; a further signal has them make haste."""
        everybody = [*self.processes, *filter(None, [self._moving])]
        while waiting := [worker for worker in everybody if worker.process.is_alive()]:
            if self.signal_queue:
                self.signal_queue.clear()
                for worker in waiting:
                    worker.terminate()
            waiting[0].process.join(LOOK_SECONDS)

    def handle_hup(self) -> None:
        """Restarts the workers one by one, unless what is on disk is wrong: then they go on as they are."""
        try:
            fresh = load_settings()
            campaigns_of(fresh)
        except (SettingsError, CampaignError) as error:
            log.error("workers not restarted, what they would read is wrong", error=str(error))
            return
        now, old = time.monotonic(), self._shared.settings
        kept = {name: getattr(old, name) for name in KEPT}
        self._shared = replace(self._shared, settings=fresh.model_copy(update=kept))
        log.info("restarting the workers one by one", workers=len(self.processes))
        drain_seconds = max(old.drain_seconds, fresh.drain_seconds)
        self._take(self._rolling.begin(now, drain_seconds + serving.DRAIN_SECONDS + MARGIN_SECONDS))

    def _go_on(self) -> None:
        """Looks how far a restart is, and takes its next step."""
        moving = self._moving
        if moving is None:
            return
        alive = moving.process.is_alive()
        if not alive:
            self._died(moving.pid or 0)
        serves = alive and self._rolling.state is State.STARTING and _serves(moving)
        self._take(self._rolling.look(time.monotonic(), serves=bool(serves), alive=alive))

    def _take(self, step: Step | None) -> None:
        moving, index = self._moving, self._rolling.index
        match step:
            case Step.START:
                self._moving = self._new()
            case Step.RETIRE if moving is not None:
                self._moving, self.processes[index] = self.processes[index], moving
                self._begun[index] = self._heard[index] = time.monotonic()
                _retire(self._moving)
            case Step.KILL if moving is not None:
                log.error("worker killed, it did not leave in time", worker=moving.pid)
                moving.kill()
            case Step.GIVE_UP if moving is not None:
                log.error("restart given up, a new worker could not start", worker=moving.pid)
                moving.kill()
                self._moving = None
            case Step.FINISH:
                log.info("all workers restarted", workers=[worker.pid for worker in self.processes])
                self._moving = None

    def _new(self) -> Worker:
        worker = Worker(self.config, self.sockets, self._shared)
        worker.start()
        return worker

    def _start(self, index: int) -> Worker:
        self._begun[index] = self._heard[index] = time.monotonic()
        return self._new()

    def _answers(self, index: int, worker: Process) -> bool:
        """Whether a worker has answered of late. Never waits long: signals are looked at in between."""
        serves = _serves(worker)
        if serves is not None:
            self._served = self._served or serves
            self._heard[index] = time.monotonic()
        return time.monotonic() < self._heard[index] + ANSWER_SECONDS

    def _replace(self, index: int, worker: Process) -> None:
        if not self._served and worker.exitcode == serving.NOT_STARTED:
            self.failed = True
            self.should_exit.set()
        elif time.monotonic() > self._begun[index] + AGAIN_SECONDS:
            log.error("worker died, another takes its place", worker=worker.pid, code=worker.exitcode)
            self._died(worker.pid or 0)
            self.processes[index] = self._start(index)
