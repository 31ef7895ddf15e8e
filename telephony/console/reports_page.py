"""The page of reports: figures and plots of the last days, read from the record when somebody looks."""

import asyncio
import time
from dataclasses import dataclass, field
from datetime import timedelta, tzinfo
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from state.listing import Shelf
from telephony.access import Operator, page
from telephony.console import pages
from telephony.console.plots import HEIGHT, LEFT, RIGHT, WIDTH, Plot, plot
from telephony.forms import whole
from telephony.reports import Figures, Report, Story, report, story_of
from telephony.services import Services

PERIODS = (7, 30, 90)
"""Days to choose from."""
CONVERSATIONS = 2_000
"""The most recently active ones that are read; the page says when there are more."""
TOGETHER = 20
"""Logs read at a time: calls that are on come in between."""
FRESH_S = 30.0
"""A report is made anew only after this."""
ZONE: tzinfo = ZoneInfo("America/New_York")
"""Whose days they are; the leads' own differ."""


@dataclass(slots=True)
class Kept:
    """The last reports made, so that a page loaded again, or by ten people, costs nothing."""

    made: dict[int, tuple[float, Report, int]] = field(default_factory=dict)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def of(self, services: Services, days: int) -> tuple[Report, int]:
        """The report on so many days, and how many conversations there are in all."""
        async with self.lock:
            known = self.made.get(days)
            if known is None or time.monotonic() - known[0] > FRESH_S:
                made = await _make(services, days)
                known = self.made[days] = (time.monotonic(), made, await services.record.listing.count(Shelf.RECENT))
            return known[1], known[2]


async def _make(services: Services, days: int) -> Report:
    now = services.clock()
    entries = await services.record.listing.since(now - timedelta(days=days), CONVERSATIONS)
    stories: list[Story] = []
    for start in range(0, len(entries), TOGETHER):
        logs = await asyncio.gather(*(services.record.log(cid) for cid, _ in entries[start : start + TOGETHER]))
        stories += [story for log in logs if (story := story_of(log)) is not None]
    return report(stories, now, days, ZONE)


@page
async def reports(request: Request, services: Services, operator: Operator) -> Response:
    """`GET /console/reports?days=`: 7, 30 or 90."""
    asked = whole(request.query_params.get("days", ""))
    days = asked if asked in PERIODS else PERIODS[0]
    kept: Kept = request.app.state.reports
    made, known = await kept.of(services, days)
    return pages.answer(
        request,
        services,
        operator,
        "reports.html",
        report=made,
        total=made.total,
        plots=plots_of(made),
        days=days,
        periods=PERIODS,
        conversations=known,
        limit=CONVERSATIONS,
        size=(WIDTH, HEIGHT, LEFT, RIGHT),
    )


def plots_of(made: Report) -> list[Plot]:
    """Every plot of the page."""
    days = [day for day, _ in made.days]
    each: list[Figures] = [figures for _, figures in made.days]
    nothing = not any(one.leads or one.transfers.whole or one.opt_outs.part for one in each)
    return [
        plot(
            "gap",
            "From the lead's last word to our first",
            "ms",
            days,
            [("median", [one.gap_ms.p50 for one in each]), ("95th percentile", [one.gap_ms.p95 for one in each])],
        ),
        plot(
            "first-touch",
            "From a form to our first contact",
            "s",
            days,
            [("median", [one.first_touch_s.p50 for one in each])],
        ),
        plot(
            "contact",
            "Contact rates",
            "%",
            days,
            [
                ("leads who answered", [one.reached.percent for one in each]),
                ("calls that were talked on", [one.calls_talked.percent for one in each]),
            ],
        ),
        plot(
            "outcomes",
            "Leads, transfers, opt-outs",
            "a day",
            days,
            []
            if nothing
            else [
                ("leads", [float(one.leads) for one in each]),
                ("put through", [float(one.transfers.part) for one in each]),
                ("transfers tried", [float(one.transfers.whole) for one in each]),
                ("opted out", [float(one.opt_outs.part) for one in each]),
            ],
        ),
    ]
