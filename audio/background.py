"""Threads that compute, behind those that answer."""

import os
import sys
import threading
from contextlib import suppress

NICENESS = 1
"""More than that of the event loop and the voice detector, which have little to do and must do it at once. No more,
because other processes go before it too: at 10 a machine busy with those left the recogniser a tenth of a core."""


def give_way() -> None:
    """Has this thread, and what it starts, stand back a little where others want the processor at the same time.

    On Linux, where each thread has a niceness of its own. It may be raised by anybody, and lowered again by root only:
    for threads that do nothing else.
    """
    if sys.platform == "linux":
        with suppress(OSError):  # Somewhere even that is forbidden; then inference competes with the loop.
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
