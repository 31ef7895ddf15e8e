"""Leaving without a call's noticing: those that are up finish, and whichever is not over when the time is up goes on in
another process.

On SIGTERM a server ends. It turns unready at once, so that a balancer sends nothing new, and no call begins here. On
`RETIRE` one of several processes behind a port ends, and the others go on: it leaves them the port at once, so that
nothing is refused. What is left at the end of the time is handed over by closing its media socket: the carrier asks
`<Connect action>` what next, and whoever answers takes the call up in the middle of the sentence, from the record. A
second signal, or Ctrl-C, ends the wait.
"""

import asyncio
import signal
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager

import structlog

from telephony.process.admission import Admission

log = structlog.get_logger(__name__)

LOOK_SECONDS = 0.1
RETIRE = signal.SIGUSR1
"""Tells one of several processes that it is replaced."""
SETTLE_SECONDS = 1.0
"""So long a connection that was taken just before the port was left may need to become a call."""


@contextmanager
def on_signals(admission: Admission, limit_seconds: float, leave_port: Callable[[], None]) -> Iterator[None]:
    """Has SIGTERM and `RETIRE` drain first, and then do what SIGTERM did: end the server.

    `leave_port` has this process listen no more. Does nothing where nobody handles SIGTERM, or beside the main thread,
    where no signal arrives.
    """
    leave = signal.getsignal(signal.SIGTERM)
    if not callable(leave) or threading.current_thread() is not threading.main_thread():
        yield
        return
    loop, draining = asyncio.get_running_loop(), Draining(admission, limit_seconds)

    def leave_now() -> None:
        leave(signal.SIGTERM, None)

    loop.add_signal_handler(signal.SIGTERM, draining.begin, leave_now)
    loop.add_signal_handler(RETIRE, draining.retire, leave_port, leave_now)
    try:
        yield
    finally:
        draining.give_up()
        loop.remove_signal_handler(RETIRE)
        loop.remove_signal_handler(signal.SIGTERM)
        signal.signal(signal.SIGTERM, leave)


class Draining:
    """Waits for the calls that are up to end, once it is told to."""

    def __init__(self, admission: Admission, limit_seconds: float) -> None:
        self._admission = admission
        self._limit = limit_seconds
        self._waiting: asyncio.Task[None] | None = None

    def begin(self, leave: Callable[[], None]) -> None:
        """Lets no call begin, and calls `leave` when none is up or the time is over; at once the second time."""
        if self._waiting is not None:
            leave()
            return
        self._admission.close()
        self._start(self._wait(leave))

    def retire(self, leave_port: Callable[[], None], leave: Callable[[], None]) -> None:
        """Leaves the port to others, and calls `leave` as `begin` does.

        Calls may begin all the same: the webhook of one may be on its way in here, and its audio comes to the others.
        """
        if self._waiting is None:
            leave_port()
            self._start(self._settle(leave))

    def _start(self, waiting: Coroutine[None, None, None]) -> None:
        log.info("draining", calls=self._admission.live_calls, limit_s=self._limit)
        self._waiting = asyncio.create_task(waiting, name="draining")

    def give_up(self) -> None:
        """The server ends."""
        if self._waiting is not None:
            self._waiting.cancel()

    async def _settle(self, leave: Callable[[], None]) -> None:
        await asyncio.sleep(SETTLE_SECONDS)
        await self._wait(leave)

    async def _wait(self, leave: Callable[[], None]) -> None:
        try:
            async with asyncio.timeout(self._limit):
                while self._admission.live_calls:  # noqa: ASYNC110 - it is looked at a few times a second, once a life
                    await asyncio.sleep(LOOK_SECONDS)
        except TimeoutError:
            pass  # Whoever is still talking is taken over.
        log.info("drained", handed_over=self._admission.live_calls)
        leave()
