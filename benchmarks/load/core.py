"""A core for oneself, as far as the machine lets."""

import os
from contextlib import suppress

PRIORITY = -15
"""Niceness: what else runs on the machine is to disturb neither system. It takes root."""


def take(core: int) -> None:
    """Binds this process to a core and, where that is allowed, puts it before others."""
    os.sched_setaffinity(0, {core})
    with suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, PRIORITY)
