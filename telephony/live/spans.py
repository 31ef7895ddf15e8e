"""A call as OpenTelemetry sees it: one span for the call, one for each turn that answers the lead, and in it one for
each part of the gap.

Only the API is used, which comes with Pipecat and does nothing by itself. With the `otel` extra installed,
`opentelemetry-instrument segue serve` brings the SDK and an exporter, told by the standard `OTEL_*` variables.
Attributes hold ids, numbers and fixed words: nothing that was said, and nobody's number.
"""

import time

from opentelemetry import trace
from opentelemetry.trace import Span
from opentelemetry.util.types import Attributes

from state.events import TurnTiming

NS_PER_MS = 1_000_000


class CallSpans:
    """The spans of one connection of a call's audio."""

    def __init__(self, call: str) -> None:
        self._tracer = trace.get_tracer("segue")
        self._call = call
        self._span: Span | None = None

    def connected(self) -> None:
        """The lead hears us from here on."""
        self._span = self._tracer.start_span("call", attributes={"segue.call": self._call})

    def answered(self, turn: int, timing: TurnTiming, sent_ms_ago: float, *, cut: bool) -> None:
        """A turn is over, whose first sample was sent so long ago.

        Its span runs from the lead's last sample to now. The parts come one after another, as they are counted: what
        was done while the turn machine still waited is within `wait` and took no time of its own.
        """
        if self._span is None or not self._span.is_recording():
            return
        now = time.time_ns()
        at = now - round((sent_ms_ago + timing.gap) * NS_PER_MS)
        attributes: Attributes = {
            "segue.call": self._call,
            "segue.turn": turn,
            "segue.gap_ms": timing.gap,
            "segue.cut": cut,
        }
        span = self._tracer.start_span(
            "turn", trace.set_span_in_context(self._span), attributes=attributes, start_time=at
        )
        within = trace.set_span_in_context(span)
        for part in ("wait", "transcript", "reply", "speech", "send"):
            until = at + round(getattr(timing, part) * NS_PER_MS)
            self._tracer.start_span(part, within, start_time=at).end(until)
            at = until
        span.end(now)

    def ended(self, cause: str) -> None:
        """The audio is over."""
        if self._span is not None:
            self._span.set_attribute("segue.cause", cause)
            self._span.end()
            self._span = None
