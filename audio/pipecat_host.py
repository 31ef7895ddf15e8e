"""Hosts Pipecat's services outside a Pipecat pipeline, behind contracts of ours.

A service is put between two edges that hand every frame it sends to whoever asked. Only Pipecat's public interface of
frames is used. A service does one thing at a time; a `Pool` keeps as many as are needed at once, connected in advance.

Interruption: `InterruptionFrame` makes a service drop its work and tell its vendor, and comes out at the far edge
behind everything that came before it. Only then is the service used again, so that no late word or sound of one reply
can get into another.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, TypeVar

import structlog
from loguru import logger as pipecat_log
from pipecat.clocks.system_clock import SystemClock
from pipecat.frames.frames import (
    CancelFrame,
    ErrorFrame,
    Frame,
    InterruptionFrame,
    StartFrame,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor, FrameProcessorSetup
from pipecat.utils.asyncio.task_manager import TaskManager

from audio.engines import ServiceFailure

log = structlog.get_logger(__name__)
pipecat_log.disable("pipecat")  # It writes what callers say into its log. What goes wrong comes as frames.

T = TypeVar("T")

HEAR_RATE = 16_000
"""Hz given to recognisers: the rate their models read. Services that load a model of their own take it for granted."""
SPEAK_RATE = 24_000
"""Hz asked of voices: the one rate that every vendor has. Some ignore another, and would say so in no frame."""
_ACKNOWLEDGE_S = 1.0
"""An interruption that has not come out by then never will: the service is given up."""
_CONNECT_S = 10.0


class _Edge(FrameProcessor):  # type: ignore[misc]
    """Lets frames pass towards the service, and takes what comes from it."""

    def __init__(self, outward: FrameDirection, take: Callable[[Frame], None]) -> None:
        super().__init__()
        self._outward = outward
        self._take = take

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if direction is self._outward:
            self._take(frame)
        else:
            await self.push_frame(frame, direction)


class ServiceHost:
    """One running service: `send` it frames, and `receive` what comes out."""

    def __init__(self, service: Any) -> None:
        self.service = service
        self._out: asyncio.Queue[Frame] = asyncio.Queue()
        self._head = _Edge(FrameDirection.UPSTREAM, self._upstream)
        self._tail = _Edge(FrameDirection.DOWNSTREAM, self._out.put_nowait)
        self._head.link(service)
        service.link(self._tail)

    async def open(self) -> "ServiceHost":
        """Connects. Raises ServiceFailure if it takes too long or the service reports an error."""
        setup = FrameProcessorSetup(
            clock=SystemClock(),
            task_manager=TaskManager(),
            pipeline_worker=SimpleNamespace(app_resources=None, worker_runner=None),
            audio_in_sample_rate=HEAR_RATE,
            audio_out_sample_rate=SPEAK_RATE,
        )
        try:
            async with asyncio.timeout(_CONNECT_S):
                for processor in (self._tail, self.service, self._head):
                    await processor.setup(setup)
                await self._head.queue_frame(StartFrame())
                await self.until(StartFrame)
        except TimeoutError:
            await self.close()
            raise ServiceFailure(f"{self.service.name} did not start within {_CONNECT_S:g} s") from None
        except BaseException:
            await self.close()
            raise
        return self

    def _upstream(self, frame: Frame) -> None:
        # What else goes upstream is for a pipeline, or a twin of what comes out at the far edge.
        if isinstance(frame, ErrorFrame):
            self._out.put_nowait(frame)

    async def send(self, frame: Frame) -> None:
        """Gives the service something to do."""
        await self._head.queue_frame(frame)

    async def receive(self) -> Frame:
        """The next frame the service sent. Raises ServiceFailure for an error."""
        frame = await self._out.get()
        if isinstance(frame, ErrorFrame):
            raise ServiceFailure(f"{self.service.name}: {frame.error}")
        return frame

    async def until(self, kind: type[Frame]) -> None:
        """Drops frames up to the first of a kind."""
        while not isinstance(await self.receive(), kind):
            pass

    def forget(self) -> None:
        """Drops what has come out and nobody asked for."""
        while not self._out.empty():
            self._out.get_nowait()

    async def interrupt(self) -> None:
        """Stops what it is doing. Raises ServiceFailure if it does not acknowledge."""
        await self.send(InterruptionFrame())
        try:
            async with asyncio.timeout(_ACKNOWLEDGE_S):
                await self.until(InterruptionFrame)
        except TimeoutError:
            raise ServiceFailure(f"{self.service.name} does not acknowledge interruptions") from None

    async def close(self) -> None:
        """Disconnects. Never raises: there is nobody left to tell."""
        try:
            async with asyncio.timeout(_ACKNOWLEDGE_S):
                await self.send(CancelFrame())
                await self.until(CancelFrame)
        except Exception:
            log.info("hosted service did not end by itself", service=self.service.name)
        for processor in (self._head, self.service, self._tail):
            try:
                await processor.cleanup()
            except Exception:
                log.exception("hosted service not cleaned up", service=self.service.name)


class Pool:
    """Services of one choice, one of them always connected and waiting."""

    def __init__(self, make: Callable[[], Any]) -> None:
        """`make` gives a new service; it may block to load a model."""
        self._make = make
        self._idle: list[ServiceHost] = []
        self._tasks: set[asyncio.Task[Any]] = set()
        self._opening = 0
        self._closed = False

    async def open(self) -> None:
        """Connects the first. Raises ServiceFailure or ModelError."""
        self._idle.append(await self._new())

    async def close(self) -> None:
        """Ends them all."""
        self._closed = True
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        while self._idle:
            await self._idle.pop().close()

    @asynccontextmanager
    async def lease(self) -> AsyncIterator[ServiceHost]:
        """One for as long as it takes. If that ends before the service is done, it is interrupted first."""
        host = self._idle.pop() if self._idle else await self._new()
        if not self._idle and not self._opening:
            self.spawn(self._spare())
        host.forget()
        try:
            yield host
        except ServiceFailure:
            self.spawn(host.close())
            raise
        except BaseException:
            self.spawn(self._interrupted(host))
            raise
        else:
            self._give_back(host)

    def spawn(self, work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
        """Runs what nobody has to wait for, until the pool closes."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _new(self) -> ServiceHost:
        return await ServiceHost(await asyncio.to_thread(self._make)).open()

    async def _spare(self) -> None:
        self._opening += 1
        try:
            self._give_back(await self._new())
        except Exception:
            log.exception("no spare service")
        finally:
            self._opening -= 1

    async def _interrupted(self, host: ServiceHost) -> None:
        try:
            await host.interrupt()
        except ServiceFailure as failure:
            log.warning("service given up", error=str(failure))
            await host.close()
        else:
            self._give_back(host)

    def _give_back(self, host: ServiceHost) -> None:
        if self._closed:
            self.spawn(host.close())
        else:
            self._idle.append(host)
