"""Spans of a call: off by itself, one for each turn and part when a provider is there, and nobody's words in them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from accelerated import record_at, run
from call_rig import CID, Rig, Script
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from redis import Redis

from agent.moves import Say
from state.events import PersonaSaid, TurnTiming
from telephony.live.spans import CallSpans

CAMPAIGN = Path("campaigns/insurance.yaml")
TIMING = TurnTiming(gap=330, wait=200, transcript=0, reply=100, speech=20, send=10)
MS = 1_000_000


@pytest.fixture
def exported(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """What a provider would send away."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "get_tracer", provider.get_tracer)
    yield exporter
    provider.shutdown()


def named(exporter: InMemorySpanExporter, name: str) -> list[ReadableSpan]:
    """The spans of one name, in the order they ended."""
    return [span for span in exporter.get_finished_spans() if span.name == name]


def test_the_parts_of_a_gap_fill_the_turn_s_beginning(exported: InMemorySpanExporter) -> None:
    """One behind the other, from the lead's last sample to our first, all within the turn, which is within the call."""
    spans = CallSpans("CA1")
    spans.connected()
    spans.answered(3, TIMING, sent_ms_ago=1000, cut=True)
    spans.ended("lead_hung_up")
    (call,), (turn,) = named(exported, "call"), named(exported, "turn")
    parts = [named(exported, name)[0] for name in ("wait", "transcript", "reply", "speech", "send")]
    assert [(part.end_time - part.start_time) / MS for part in parts] == [200, 0, 100, 20, 10]
    assert [part.start_time for part in parts] == [turn.start_time, *(part.end_time for part in parts[:-1])]
    assert (turn.end_time - turn.start_time) / MS == 1330
    assert {part.parent.span_id for part in parts} == {turn.context.span_id}
    assert turn.parent.span_id == call.context.span_id
    assert (call.attributes["segue.cause"], turn.attributes["segue.cut"]) == ("lead_hung_up", True)


def test_without_a_provider_nothing_happens() -> None:
    """The API alone keeps nothing."""
    spans = CallSpans("CA1")
    spans.connected()
    spans.answered(1, TIMING, sent_ms_ago=0, cut=False)
    spans.ended("lead_hung_up")


def test_a_call_has_a_span_for_each_answer_and_no_words_in_it(valkey_url: str, exported: InMemorySpanExporter) -> None:
    """The gap in the span is the one on record; attributes are of few kinds."""

    async def main() -> list[PersonaSaid]:
        record = record_at(valkey_url)
        try:
            async with Rig(record, Script(lambda text: [Say("When do you close?")]), CAMPAIGN) as rig:
                await rig.quiet()
                await rig.say("a condo please")
                await rig.quiet()
            return [event for _, event in await record.log(CID) if isinstance(event, PersonaSaid)]
        finally:
            await record.close()

    with Redis.from_url(valkey_url) as redis:
        redis.flushdb()
    answered = [event for event in run(main()) if event.timing is not None]
    turns = named(exported, "turn")
    assert [(span.attributes["segue.turn"], span.attributes["segue.gap_ms"]) for span in turns] == [
        (event.turn, event.timing.gap) for event in answered
    ]
    assert len(turns) == 1
    kinds = {key for span in exported.get_finished_spans() for key in span.attributes}
    assert kinds == {"segue.call", "segue.turn", "segue.gap_ms", "segue.cut", "segue.cause"}
