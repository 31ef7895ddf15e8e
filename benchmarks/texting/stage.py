"""What both texting tests stand on: a server in a process of its own, a Valkey, and the sandbox as its carrier."""

import asyncio
import secrets
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import httpx
from redis.asyncio import Redis

from benchmarks.servers import ACCOUNT, BUSINESS_TIME, CAMPAIGNS, environment, process
from state.connect import connect
from state.embedded import EmbeddedValkey
from state.ports import free_port
from state.store import Record
from telephony.sandbox.desk import Timing
from telephony.sandbox.phone import Bystander
from telephony.sandbox.server import Sandbox

OURS = "+13125550100"
TOKEN = secrets.token_hex(16)
SERVE = (sys.executable, "-m", "benchmarks.texting.server")
QUICK = Timing(send_s=0.05, deliver_s=0.1)
"""Delivery reports come while the next texts are answered, as they do in life."""
REPORTED_S = 3.0
"""How long the last delivery reports are waited for."""
TICK_HZ = 100
"""Of /proc/PID/stat; fixed in Linux' interface."""


@dataclass(frozen=True)
class Stage:
    """The parts a test plays with."""

    url: str
    """Of the server."""
    record: Record
    redis: Redis
    redis_url: str
    sandbox: Sandbox
    pid: int
    """Of the server."""
    token: str
    env: Mapping[str, str]
    """In which commands find what the server uses."""

    def client(self) -> httpx.AsyncClient:
        """One that may post leads."""
        limits = httpx.Limits(max_connections=64)
        headers = {"authorization": f"Bearer {self.token}"}
        return httpx.AsyncClient(base_url=self.url, headers=headers, limits=limits, trust_env=False, timeout=30)

    @property
    def started(self) -> datetime:
        """The server's business time when it began."""
        return datetime.fromisoformat(BUSINESS_TIME)

    def cpu_s(self) -> float:
        """The seconds of processor the server has used."""
        return cpu_s(self.pid)

    def memory_bytes(self) -> int:
        """What of it is in memory."""
        return memory_bytes(self.pid, "VmRSS")

    async def redis_cpu_s(self) -> float:
        """The same of the Valkey."""
        used = await self.redis.info("cpu")
        return float(used["used_cpu_sys"] + used["used_cpu_user"])

    async def redis_commands(self) -> int:
        """How many commands it has been given."""
        return int((await self.redis.info("stats"))["total_commands_processed"])

    async def redis_bytes(self) -> int:
        """What the record and the queue of wake-ups weigh there."""
        memory = await self.redis.info("memory")
        return int(memory["used_memory"] - memory["mem_clients_normal"] - memory["mem_aof_buffer"])


@asynccontextmanager
async def stage(folder: Path, people: list[str], texts_per_second: int = 1_000_000) -> AsyncIterator[Stage]:
    """Runs everything until the block ends; `people` are the numbers that can be texted, so many a second.

    Raises:
        BenchmarkError: if the server does not start.
    """
    port, auth_token = free_port(), secrets.token_hex(16)
    url = f"http://127.0.0.1:{port}"
    sandbox = Sandbox(ACCOUNT, auth_token, url, numbers=[OURS], people=[Bystander(one) for one in people], timing=QUICK)
    with EmbeddedValkey(folder / "data") as valkey:
        redis = connect(valkey.url)
        assert isinstance(redis, Redis)
        record = Record(redis)
        async with sandbox.serve() as carrier:
            settings = {
                "SEGUE_PUBLIC_URL": url,
                "SEGUE_PORT": str(port),
                "SEGUE_API_TOKEN": TOKEN,
                "SEGUE_API_PER_SECOND": "1000000",
                "SEGUE_TEXTS_PER_SECOND": str(texts_per_second),
                "SEGUE_REDIS_URL": valkey.url,
                "SEGUE_CAMPAIGNS": str(CAMPAIGNS),
                "SEGUE_BUSINESS_TIME": BUSINESS_TIME,
                "SEGUE_TWILIO_BASE_URL": carrier,
                "TWILIO_ACCOUNT_SID": ACCOUNT,
                "TWILIO_AUTH_TOKEN": auth_token,
                "TWILIO_NUMBER": OURS,
            }
            async with process("the Segue server", SERVE, folder, settings, f"{url}/readyz") as pid:
                yield Stage(url, record, redis, valkey.url, sandbox, pid, TOKEN, environment(settings))
                with suppress(TimeoutError):
                    async with asyncio.timeout(REPORTED_S):
                        await sandbox.settle()
        await record.close()


def cpu_s(pid: int) -> float:
    """The seconds of processor a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK_HZ


def memory_bytes(pid: int, kind: str) -> int:
    """A process's memory: `VmRSS`, what it has now, or `VmHWM`, the most it had."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{kind}:")), 0)


def number_of(index: int) -> str:
    """The number of the n-th lead, in Chicago or near it."""
    return f"+1{(312, 773, 630, 847, 708)[index // 1_000_000]}{200_0000 + index % 1_000_000}"
