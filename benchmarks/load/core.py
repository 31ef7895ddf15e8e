"""A core for oneself, as far as the machine lets."""

import os
from contextlib import suppress
from pathlib import Path

PRIORITY = -15
"""Niceness: what else runs on the machine is to disturb neither system. It takes root."""


def take(core: int) -> None:
    """Binds this process to a core and, where that is allowed, puts it before others.

    Linux may share a core out among sessions first and heed niceness only within each (sched(7), autogroup): the
    process gets a session of its own, and that the niceness too.
    """
    os.sched_setaffinity(0, {core})
    with suppress(PermissionError):
        os.setsid()
    with suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, PRIORITY)
        with suppress(FileNotFoundError):
            Path("/proc/self/autogroup").write_text(str(PRIORITY))
