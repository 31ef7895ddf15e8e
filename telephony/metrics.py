"""What `/metrics` counts, in Prometheus' text format. Labels are few and fixed: no ids, no numbers.

What it shows of how things stand when it is asked is in `telephony.gauges`.
"""

import os

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from audio.deadlines import Fate, Served

STARTS = Counter("segue_process_starts_total", "Processes of this server that began to serve.")
ERRORS = Counter("segue_errors_total", "What was logged as an error, by the log's fixed words.", ["kind"])
WEBHOOKS = Counter(
    "segue_webhooks_total", "Signed requests from the carrier, by route and answer.", ["route", "status"]
)
LEADS = Counter("segue_leads_total", "Leads taken in through the API, by result.", ["result"])
EFFECTS = Counter("segue_effects_total", "Effects that settled, by kind and outcome.", ["kind", "outcome"])
EVENTS_TOLD = Counter("segue_events_told_total", "Events brought to webhook endpoints, by result.", ["result"])
REPLY_SECONDS = Histogram(
    "segue_text_reply_seconds",
    "From an inbound text to our reply being asked of the carrier.",
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)
FIRST_TOUCH_SECONDS = Histogram(
    "segue_first_touch_seconds",
    "From the instant a new lead may be contacted to our first contact being asked of the carrier.",
    buckets=(0.5, 1, 2, 5, 10, 30, 60, 300, 1800),
)
ODD_MESSAGES = Counter(
    "segue_media_odd_messages_total", "Messages on media sockets that were dropped, by what was wrong.", ["kind"]
)
CALLS_WITHOUT_ROOM = Counter(
    "segue_calls_without_room_total", "Calls that could not begin: refused, or put off.", ["direction", "why"]
)
LIVE_CALLS = Gauge("segue_live_calls", "Calls whose audio is with this server.", multiprocess_mode="livesum")
TURN_GAP_MS = Histogram(
    "segue_turn_gap_ms",
    "Voice: from the caller's last speech sample to the first sample of the reply, in milliseconds.",
    buckets=(100, 200, 300, 400, 500, 650, 800, 1000, 1500, 2500),
)
ENGINE_WAIT_SECONDS = Histogram(
    "segue_engine_wait_seconds",
    "How long work for the local speech engines waited for a thread, by kind: transcript, prosody, speech.",
    ["work"],
    buckets=(0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2),
)
ENGINE_SECONDS = Counter(
    "segue_engine_seconds_total", "How long the local speech engines were at it, by kind of work.", ["work"]
)
ENGINE_DROPPED = Counter(
    "segue_engine_dropped_total",
    "Work for the local speech engines that was not begun: late, or unwanted because the caller spoke on.",
    ["work", "why"],
)
WASTED = Counter(
    "segue_speculation_wasted_total",
    "Work thrown away because the caller spoke on: utterances decoded, characters synthesised, tokens of a model.",
    ["work"],
)


def engine_served(served: Served) -> None:
    """Counts what became of a piece of the engines' work. Safe in any thread."""
    if served.fate is Fate.DONE:
        ENGINE_WAIT_SECONDS.labels(served.kind).observe(served.waited_s)
        ENGINE_SECONDS.labels(served.kind).inc(served.took_s)
    else:
        ENGINE_DROPPED.labels(served.kind, served.fate.value).inc()


def exposition() -> bytes:
    """All of it as text; of several processes that count together, the sums."""
    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call] # prometheus_client has no types here
    return generate_latest(registry)
