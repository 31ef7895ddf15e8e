"""The clocks of a campaign's outreach, and when it stops of its own accord."""

from datetime import time
from typing import Annotated, Literal

from pydantic import Field

from agent.campaign.part import ClockTime, Part


class Touchpoint(Part):
    """One later attempt to reach a lead who has not answered. Hours are his."""

    day: Annotated[int, Field(ge=2)]
    """Day 1 is that of the first contact."""
    between: tuple[ClockTime, ClockTime]
    channel: Literal["sms", "voice", "other"]
    """`other` is the one we did not try last."""
    say: str = "{opening_question}"
    """What it says, if it is a text. Who speaks goes before it, how to stop behind it."""


LATER = (
    Touchpoint(day=2, between=(time(10), time(11, 30)), channel="other"),
    Touchpoint(
        day=3,
        between=(time(17), time(19)),
        channel="sms",
        say="We can do all of it right here by text, a question at a time. {opening_question}",
    ),
    Touchpoint(day=5, between=(time(13), time(15)), channel="voice"),
    Touchpoint(
        day=8,
        between=(time(12), time(13, 30)),
        channel="sms",
        say="You {reason} last week, and we're still glad to help. {opening_question}",
    ),
    Touchpoint(
        day=14,
        between=(time(10), time(11, 30)),
        channel="sms",
        say="I haven't heard back, so this is my last note. Shall I close your request?",
    ),
)


class Timing(Part):
    """The clocks of outreach. Defaults are POLICY section 4's cadence."""

    nudge_after_s: Annotated[int, Field(ge=0)] = 600
    """After the first text, a short second one, where no call follows on the same day. 0: none."""
    call_after_s: Annotated[int, Field(ge=0)] = 1_500
    """After the first text, a call to a lead who asked for something himself and has not answered. 0: none."""
    missed_call_text_s: Annotated[int, Field(ge=45, le=120)] = 60
    """After a call that reached a voicemail, the text that mentions it."""
    voicemails_24h: Annotated[int, Field(ge=0, le=1)] = 1
    """Messages left on a machine in 24 h: one, or none at all."""
    cut_off_text_s: Annotated[int, Field(ge=0, le=60)] = 45
    """After a call that broke off, the text that goes on with it."""
    later: tuple[Touchpoint, ...] = LATER
    """Attempts on later days, in order of time. Any answer ends them."""
    calls_24h: int = 2
    """Calls of ours in 24 h that the lead did not ask for."""
    unanswered_texts_24h: int = 2
    """Texts of ours in 24 h to which he has not said a word."""
    call_window: tuple[ClockTime, ClockTime] = (time(10), time(20))
    """Lead-local hours in which a call may be started without being asked for."""
    ring_seconds: Annotated[int, Field(ge=15, le=60)] = 25
    """How long a telephone rings: 15 s at least, or it counts as abandoned (47 CFR 64.1200(a)(6))."""
    spacing_s: int = 300
    """Least time between a text and a call of ours that the lead did not ask for."""
    text_spacing_s: int = 600
    """Least time between two texts of ours when the lead has not answered the first."""
    call_spacing_s: int = 14_400
    """Least time between two calls of ours that the lead did not ask for."""
    attempts_24h: int = 3
    """At most 3: the strictest states allow no more (the gate's own limit)."""
    attempts_7d: int = 6
    attempts_total: int = 12
    """In 90 days, by all channels. A call the lead asked for is bound by the day's cap only."""
    reply_grace_s: Annotated[int, Field(ge=0, le=900)] = 900
    """How long after the lead's text an answer counts as an answer, at any hour: a quarter of an hour at most."""
    transfer_ring_seconds: int = 20


class Alarm(Part):
    """When a campaign stops contacting anybody of its own accord, until an operator resumes it."""

    opt_out_percent: Annotated[float, Field(gt=0, le=100)] = 5
    """Of those contacted. Carriers look at a sender from about here."""
    complaint_percent: Annotated[float, Field(gt=0, le=100)] = 1
    of_at_least: Annotated[int, Field(ge=1)] = 50
    """Among fewer people contacted a share says nothing,"""
    least: Annotated[int, Field(ge=1)] = 3
    """and neither do fewer opt-outs or complaints than this."""
    days: Annotated[int, Field(ge=1)] = 7
    """How far back it looks, but never behind the last time it was resumed."""

    def why(self, contacted: int, stopped: int, complained: int) -> str | None:
        """What is wrong, of so many people; None: nothing."""
        if contacted < self.of_at_least:
            return None
        for count, percent, what in (
            (complained, self.complaint_percent, "complaints"),
            (stopped, self.opt_out_percent, "opt-outs"),
        ):
            if count >= self.least and count > contacted * percent / 100:
                return f"{count} {what} of {contacted} people contacted, the limit is {percent:g} %"
        return None
