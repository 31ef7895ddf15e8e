"""A rolling restart, decided: each worker's successor serves before it has to leave, one after the other.

    STARTING ──its successor serves──► LEAVING ──it is gone──► STARTING (the next one) ─ ... ─► DONE
        └──its successor ends, or takes too long──► DONE: those that are left stay as they are

So there is always somebody at the port, and never more than one process above the usual number. Nothing here does
anything: a shell asks `look` a few times a second and carries out what it says.
"""

from enum import Enum

START_SECONDS = 120.0
"""How long a successor may take to serve. Models take a few seconds to load, on a busy machine many."""


class State(Enum):
    """Where the restart is."""

    STARTING = "a successor starts"
    LEAVING = "the one before it drains"
    DONE = "nothing is to be done"


class Step(Enum):
    """What is to be done."""

    START = "start a successor"
    RETIRE = "put it in the place of the worker, which is to leave"
    KILL = "the worker has not left in time"
    GIVE_UP = "the successor cannot serve: end it, and leave things as they are"
    FINISH = "all have been restarted"


class Rolling:
    """Restarts workers 0 to `count` - 1."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._leave_seconds = 0.0
        self._since = 0.0
        self._again = False
        self.state = State.DONE
        self.index = 0
        """Which worker it is about."""

    def begin(self, now: float, leave_seconds: float) -> Step | None:
        """Begins; one that drains may take so long.

        If it has begun already, all are restarted once more afterwards: some may not have seen what is new by now.
        """
        self._leave_seconds = leave_seconds
        if self.state is not State.DONE:
            self._again = True
            return None
        self.index = 0
        return self._start(now)

    def look(self, now: float, *, serves: bool, alive: bool) -> Step | None:
        """What to do now, if the one that is waited for serves, and lives: the successor, later the one that leaves."""
        match self.state:
            case State.STARTING if serves:
                self._enter(State.LEAVING, now)
                return Step.RETIRE
            case State.STARTING if not alive or now > self._since + START_SECONDS:
                self.state, self._again = State.DONE, False
                return Step.GIVE_UP
            case State.LEAVING if not alive:
                return self._next(now)
            case State.LEAVING if now > self._since + self._leave_seconds:
                return Step.KILL
        return None

    def _next(self, now: float) -> Step:
        self.index += 1
        if self.index == self._count:
            self.state = State.DONE
            if not self._again:
                return Step.FINISH
            self.index, self._again = 0, False
        return self._start(now)

    def _start(self, now: float) -> Step:
        self._enter(State.STARTING, now)
        return Step.START

    def _enter(self, state: State, now: float) -> None:
        self.state, self._since = state, now
