"""Puts up what the demo plays on: the server as a process of its own, with an embedded Valkey and a lawful clock."""

import asyncio
import os
import secrets
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from telephony.demo import story

SERVE = "import sys; sys.argv[1:] = ['serve']; from telephony.cli import main; main()"
"""`segue serve`, also where the console script is not on the path."""
START_SECONDS = 180
"""A server that cannot start ends by itself; one on a busy machine imports and loads for a minute and more."""
STOP_SECONDS = 15


class StageError(Exception):
    """The server did not come up. Says where its log is."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where everything is."""

    server: str
    """The server's base URL."""
    token: str
    data: Path
    log: Path
    pid: int
    """The server's process."""


@asynccontextmanager
async def server(
    folder: Path,
    carrier_url: str,
    account: str,
    auth_token: str,
    port: int,
    progress: Callable[[str], None],
    more: Mapping[str, str] | None = None,
) -> AsyncIterator[Stage]:
    """Runs `segue serve` until the block ends. `more` are settings in place of the stage's own."""
    base, token = f"http://127.0.0.1:{port}", secrets.token_hex(16)
    data, log_file = folder / "data", folder / "server.log"
    environment = {
        "SEGUE_PUBLIC_URL": base,
        "SEGUE_PORT": str(port),
        "SEGUE_API_TOKEN": token,
        "SEGUE_DATA": str(data),
        "SEGUE_BUSINESS_TIME": story.BUSINESS_TIME,
        "SEGUE_TWILIO_BASE_URL": carrier_url,
        "SEGUE_REDIS_URL": "",
        "SEGUE_LLM_BASE_URL": "",
        "SEGUE_DRAIN_SECONDS": "0",
        "TWILIO_ACCOUNT_SID": account,
        "TWILIO_AUTH_TOKEN": auth_token,
        "TWILIO_NUMBER": story.OUR_NUMBER,
    }
    with log_file.open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", SERVE), env=os.environ | environment | dict(more or {}), stdout=log, stderr=log
        )
    stage = Stage(base, token, data, log_file, process.pid)
    try:
        await _ready(process, stage, progress)
        yield stage
    finally:
        await _stop(process)


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()


async def _ready(process: asyncio.subprocess.Process, stage: Stage, progress: Callable[[str], None]) -> None:
    async with httpx.AsyncClient(base_url=stage.server, trust_env=False) as client:
        for _ in range(START_SECONDS * 4):
            if process.returncode is not None:
                break
            try:
                if (await client.get("/readyz")).status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:
                progress("Loading the models and starting the server")
            await asyncio.sleep(0.25)
    raise StageError(f"the server did not start; its log says why: {stage.log}")
