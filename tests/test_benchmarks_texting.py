"""`segue bench sms`, `outreach` and `import`, on a small scale: through the real server, and counted rightly."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from benchmarks import cli
from benchmarks.texting import listed, outreach, sms
from telephony.sandbox.resources import Direction, Message, MessageStatus

pytestmark = pytest.mark.alone

OURS, LEAD, OTHER = "+13125550100", "+13125550142", "+13125550143"


def message(direction: Direction, ms: int, lead: str = LEAD) -> Message:
    """A text of a thread, so many ms after its beginning."""
    inbound = direction is Direction.INBOUND
    to, sender = (OURS, lead) if inbound else (lead, OURS)
    at = datetime(2026, 11, 18, 20, 5, tzinfo=UTC) + timedelta(milliseconds=ms)
    return Message("AC", to, sender, "hi", direction, at, MessageStatus.QUEUED)


def test_a_wait_runs_from_his_text_to_our_next() -> None:
    """Threads do not mix; a text that he followed up himself was not answered, and a second of ours answers nothing."""
    inbound, ours = Direction.INBOUND, Direction.OUTBOUND_API
    thread = [(inbound, 0), (ours, 20), (ours, 30), (inbound, 100), (inbound, 200), (ours, 240)]
    messages = [message(direction, ms) for direction, ms in thread]
    messages.insert(1, message(inbound, 10, OTHER))
    assert sms.waits_of(messages) == [20.0, 40.0]


def test_texts_are_answered_through_the_real_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each once, and the figures are saved."""
    small = sms.Options(per_second=5, seconds=1, warm_up=2)
    monkeypatch.setattr(sms, "Options", lambda *given: small)
    assert cli.sms(json=tmp_path / "out" / "sms.json") == 0
    figures: dict[str, Any] = json.loads((tmp_path / "out" / "sms.json").read_text())
    assert (figures["texts"], figures["answered"] + figures["unanswered"]) == (5, 5)
    assert figures["answered"] > 0
    assert 0 < figures["p50_ms"] <= figures["p99_ms"] <= figures["max_ms"]


def test_leads_are_texted_and_others_wait(tmp_path: Path) -> None:
    """Whoever is posted is texted, whoever waits is weighed, and all sizes are measured."""
    options = outreach.Options(leads=10, sizes=(400, 200), idle_s=0.2, probes=3)
    figures = asyncio.run(outreach.measure(options, tmp_path))
    assert (figures["intake"]["leads"], figures["intake"]["touched"]) == (10, 10)
    assert figures["intake"]["leads_per_second"] > 0
    assert [row["conversations"] for row in figures["waiting"]] == [200, 400]
    assert all(row["redis_bytes_per_conversation"] > 1000 for row in figures["waiting"])
    outreach.show(figures, Console(quiet=True))


def test_a_second_is_full_of_those_that_left_in_it() -> None:
    """Wherever it begins."""
    texts = [message(Direction.OUTBOUND_API, ms) for ms in (0, 600, 900, 1000, 1500, 2000)]
    assert listed.most_within(texts, 1.0) == 4
    assert listed.most_within(texts[:1], 1.0) == 1
    assert listed.most_within([], 1.0) == 0


def test_a_list_comes_in_and_is_texted_at_the_carrier_s_pace(tmp_path: Path) -> None:
    """By the command itself, whose memory is looked at from outside."""
    figures = asyncio.run(listed.measure(listed.Options(rows=12, texts_per_second=50, watch_s=0), tmp_path))
    assert (figures["rows"], figures["import_peak_mb"] > 10) == (12, True)
    assert figures["most_in_a_second"] <= figures["texts"] <= 12
    listed.show(figures, Console(quiet=True))
