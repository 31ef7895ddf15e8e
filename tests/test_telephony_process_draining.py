"""Draining: no call begins, those that are up finish, and the time is limited."""

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import ExitStack

import pytest
from telephony_kit import TestServices, open_services
from virtual_time import run

from state.store import Record
from telephony.process.admission import Admission, Full
from telephony.process.draining import Draining, on_signals


def left_at(admission: Admission, *happenings: tuple[float, Callable[[Draining], None]]) -> float:
    """When the server leaves that drains from 0 on with a limit of a minute, if this happens meanwhile, in seconds."""

    async def main() -> float:
        loop, left = asyncio.get_running_loop(), asyncio.Event()
        draining = Draining(admission, 60)
        draining.begin(left.set)
        for after, happening in happenings:
            loop.call_later(after, happening, draining)
        await left.wait()
        draining.give_up()
        return loop.time()

    return run(main())


def test_a_call_that_is_up_is_waited_for() -> None:
    """Not longer than it lasts, and not for the slot that is kept for its coming back."""
    with ExitStack() as call:
        call.enter_context((admission := Admission(most=2)).live("CA1"))
        assert left_at(admission, (20, lambda _: call.close())) == pytest.approx(20, abs=0.2)


def test_a_call_that_does_not_end_is_handed_over() -> None:
    """The limit is the longest anybody is waited for; without a call there is nothing to wait for."""
    admission = Admission(most=2)
    with admission.live("CA1"):
        assert left_at(admission) == pytest.approx(60)
    assert left_at(Admission()) == 0


def test_who_is_told_twice_leaves_at_once() -> None:
    """The second signal ends the wait."""

    async def main() -> list[str]:
        left: list[str] = []
        draining = Draining(admission, 60)
        draining.begin(lambda: left.append("first"))
        draining.begin(lambda: left.append("second"))
        draining.give_up()
        return left

    admission = Admission(most=2)
    with admission.live("CA1"):
        assert run(main()) == ["second"]


def test_no_call_begins_any_more() -> None:
    """Who has a slot keeps it; everybody else is told why not."""
    admission = Admission(most=5)
    admission.admit("CA1", 60)
    admission.close()
    assert (admission.admit("CA1", 60), admission.admit("CA2", 60)) == (None, Full.DRAINING)


def test_who_is_replaced_leaves_the_port_and_waits_for_its_calls() -> None:
    """Others have the port, so none is refused here: a call whose webhook is under way may begin, elsewhere."""

    async def main() -> tuple[list[str], bool]:
        happened: list[str] = []
        left = asyncio.Event()
        draining = Draining(admission, 60)
        draining.retire(lambda: happened.append("port left"), left.set)
        assert admission.admit("CA2", 60) is None
        asyncio.get_running_loop().call_later(20, call.close)
        await left.wait()
        happened.append(f"left after {asyncio.get_running_loop().time():.0f} s")
        return happened, admission.draining

    admission = Admission(most=5)
    with ExitStack() as call:
        call.enter_context(admission.live("CA1"))
        assert run(main()) == (["port left", "left after 20 s"], False)


async def ready(server: TestServices) -> int:
    """What a balancer is told."""
    async with server.client() as client:
        return (await client.http.get("/readyz")).status_code


@pytest.mark.anyio
async def test_sigterm_turns_the_server_unready_before_it_leaves(record: Record, valkey_url: str) -> None:
    """What the signal did before, it does when the calls are over; afterwards it is as it was."""
    left = asyncio.Event()

    def leave(number: int, frame: object) -> None:
        left.set()

    before = signal.signal(signal.SIGTERM, leave)
    try:
        async with open_services(record, valkey_url) as server:
            admission = server.services.admission
            with on_signals(admission, 60, lambda: None), ExitStack() as call:
                call.enter_context(admission.live("CA1"))
                assert await ready(server) == 200
                os.kill(os.getpid(), signal.SIGTERM)
                while not admission.draining:  # noqa: ASYNC110 - a signal is noticed by the loop, in its own time
                    await asyncio.sleep(0)
                assert await ready(server) == 503
                assert not left.is_set()
                call.close()
                await left.wait()
            assert signal.getsignal(signal.SIGTERM) is leave
    finally:
        signal.signal(signal.SIGTERM, before)
