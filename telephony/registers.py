"""The registers' files, read again when they change: who throws the kill switch need not restart the server."""

from pathlib import Path

import structlog

from agent.gate.registers import Registers, read_registers, register_files
from agent.gate.tables import TableError

log = structlog.get_logger(__name__)

DIRECTORY = "registers"
"""Where they are, in the data directory."""


class RegisterFiles:
    """The registers of a directory, which need not exist. Looking costs a few file names and dates."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._seen: object = ()
        self._registers = Registers()

    def __call__(self) -> Registers:
        """What the files hold now. Never raises: registers that cannot be read have a `fault`, and stop outreach."""
        try:
            seen = self._signature()
            if seen != self._seen:
                self._registers, self._seen = read_registers(self._directory), seen
                log.info("registers read", files=len(seen))
        except (TableError, OSError) as error:
            if str(error) != self._registers.fault:
                log.error("registers unreadable, nobody is contacted", problem=str(error))
            self._registers, self._seen = Registers(fault=str(error)), None
        return self._registers

    def _signature(self) -> tuple[tuple[str, int, int], ...]:
        stats = [(path.name, path.stat()) for path in register_files(self._directory)]
        return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)


def registers_of(directory: Path) -> Registers:
    """The registers of a directory, read once; unreadable ones have a `fault`."""
    try:
        return read_registers(directory)
    except (TableError, OSError) as error:
        return Registers(fault=str(error))
