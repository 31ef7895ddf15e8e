import csv
from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.understanding.spoken_time import DAY_HOURS, Meaning, call_time

NOW = datetime(2026, 11, 18, 14, 5, tzinfo=ZoneInfo("America/Chicago"))
TABLES = (
    "callback_phrases",
    "heldout_callbacks",
    "more_callbacks",
    "fitted_callbacks",
    "fifth_callbacks",
    "sixth_callbacks",
)


def phrases() -> list[dict[str, str]]:
    """The policy's table and those of other authors, English and Spanish."""
    rows: list[dict[str, str]] = []
    for table in TABLES:
        with (Path(__file__).parent / "data" / f"{table}.csv").open(encoding="utf-8", newline="") as lines:
            rows += csv.DictReader(lines)
    return rows


@pytest.mark.parametrize("row", phrases(), ids=lambda row: row["text"])
def test_the_policys_phrases(row: dict[str, str]) -> None:
    """Meaning, both ends and whether to confirm, for a fixed now."""
    found = call_time(row["text"], NOW)
    if row["label"] == "none":
        assert found is None
        return
    assert found is not None
    assert found.meaning == row["label"]
    assert shown(found.earliest) == row["earliest"]
    assert shown(found.latest) == row["latest"]
    assert found.confirm == (row["confirm"] == "yes")


def shown(moment: datetime | None) -> str:
    """Wall clock, as the table writes it."""
    return f"{moment:%Y-%m-%dT%H:%M}" if moment else ""


@pytest.mark.parametrize(
    ("text", "meaning", "earliest", "latest"),
    [
        ("615", "at", "11-18T18:15", "11-18T18:20"),
        ("call me at five", "at", "11-18T17:00", "11-18T17:05"),
        ("tomorrow at 3, sorry, 4", "at", "11-19T16:00", "11-19T16:05"),
        ("monday at 3, i mean tuesday at 2", "at", "11-24T14:00", "11-24T14:05"),
        ("5 on thursday, no, make that friday", "at", "11-20T17:00", "11-20T17:05"),
        ("friday at 10, actually make it 11", "at", "11-20T11:00", "11-20T11:05"),
        ("thurs morning, scratch that, fri morning", "window", "11-20T09:00", "11-20T12:00"),
        ("tomorrow at 3 works, sorry i missed you at 2", "at", "11-19T15:00", "11-19T15:05"),
        ("im off at 4 so 4:15", "at", "11-18T16:15", "11-18T16:20"),
        ("don't call after 6", "window", "11-18T14:05", "11-18T18:00"),
        ("no more calls after 7 please", "window", "11-18T14:05", "11-18T19:00"),
        ("off after 5, but not after 8", "window", "11-18T17:00", "11-18T20:00"),
        ("sometime between now and 4", "window", "11-18T14:05", "11-18T16:00"),
        ("evenings but not mornings", "window", "11-18T17:00", "11-18T20:00"),
        ("call my cell now", "ready_now", "11-18T14:05", "11-18T14:10"),
        ("en media horita", "at", "11-18T14:35", "11-18T14:40"),
        ("later today, like 5", "window", "11-18T16:45", "11-18T17:15"),
        ("how bout 6", "at", "11-18T18:00", "11-18T18:05"),
        ("in the am", "window", "11-19T09:00", "11-19T12:00"),
        ("call me at 3:30 instead", "at", "11-18T15:30", "11-18T15:35"),
        ("tomorrow after 3", "window", "11-19T15:00", "11-19T20:00"),
        ("tomorrow morning", "window", "11-19T09:00", "11-19T12:00"),
        ("any time tomorrow", "window", "11-19T09:00", "11-19T20:00"),
        ("weds evening next week", "window", "11-25T17:00", "11-25T20:00"),
        ("stop calling during my shift, I'm out at 5", "window", "11-18T17:00", "11-18T20:00"),
        ("11 tonight when my shift ends", "outside_window", "11-18T23:00", "11-18T23:05"),
        ("just call me real quick before I chicken out", "ready_now", "11-18T14:05", "11-18T14:10"),
        ("3 o'clock where you are", "vague", "", ""),
        ("I'm not there yet, maybe down the road", "not_ready", "", ""),
        ("no phone calls, type it here", "text_only", "", ""),
        ("first thing tomorrow", "window", "11-19T09:00", "11-19T20:00"),
        ("half past four", "at", "11-18T16:30", "11-18T16:35"),
        ("quarter to five", "at", "11-18T16:45", "11-18T16:50"),
        ("three thirty pm", "at", "11-18T15:30", "11-18T15:35"),
        ("friday at ten thirty", "at", "11-20T10:30", "11-20T10:35"),
        ("between two and four tomorrow", "window", "11-19T14:00", "11-19T16:00"),
        ("from 4 to 6", "window", "11-18T16:00", "11-18T18:00"),
        ("until 5", "window", "11-18T14:05", "11-18T17:00"),
        ("this evening after 6", "window", "11-18T18:00", "11-18T20:00"),
        ("thirty minutes", "at", "11-18T14:35", "11-18T14:40"),
        ("give me five", "at", "11-18T14:10", "11-18T14:15"),
        ("an hour", "at", "11-18T15:05", "11-18T15:10"),
        ("not before monday, im traveling", "not_before", "11-23T09:00", ""),
        ("don't call me tomorrow, call me friday", "window", "11-20T09:00", "11-20T20:00"),
        ("8 tonight", "outside_window", "11-18T20:00", "11-18T20:05"),
        ("in a bit", "vague", "", ""),
        ("now works", "ready_now", "11-18T14:05", "11-18T14:10"),
    ],
)
def test_more_ways_to_name_a_time(text: str, meaning: str, earliest: str, latest: str) -> None:
    """The same rules on phrases of our own, recognised speech among them."""
    found = call_time(text, NOW)
    assert found is not None
    assert (found.meaning, shown(found.earliest)[5:], shown(found.latest)[5:]) == (meaning, earliest, latest)


@pytest.mark.parametrize(
    "text",
    [
        "did you call me this morning?",
        "are you open Saturdays",
        "sure",
        "it's a condo",
        "it's 60614",
        "yeah that's fine",
        "",
    ],
)
def test_other_talk_is_no_time(text: str) -> None:
    """What does not speak of a time gives none."""
    assert call_time(text, NOW) is None


def test_a_bare_hour_belongs_to_the_day_agreed_on() -> None:
    """After "Monday it is, 10 or 2?", "10" is Monday at 10."""
    found = call_time("10", NOW, on=date(2026, 11, 23))
    assert found is not None
    assert shown(found.earliest) == "2026-11-23T10:00"
    assert not found.confirm


def test_a_naive_now_is_refused() -> None:
    """Without a zone, "at 3" would be a time nowhere."""
    with pytest.raises(ValueError, match="zone"):
        call_time("at 3", datetime(2026, 11, 18, 14, 5))  # noqa: DTZ001 -- the point of the test


@given(st.text(max_size=60))
def test_any_text_is_survived(text: str) -> None:
    """Whatever is said, the parser answers or passes."""
    call_time(text, NOW)


@given(st.integers(0, 23), st.integers(0, 59), st.booleans())
def test_a_point_in_time_is_ahead_and_inside_the_hours_or_said_to_be_outside(
    hour: int, minute: int, tomorrow: bool
) -> None:
    """No reading puts a call into the past, nor silently outside the hours."""
    found = call_time(f"at {hour}:{minute:02}{' tomorrow' if tomorrow else ''}", NOW)
    assert found is not None
    assert found.earliest is not None
    assert found.earliest >= NOW
    if found.meaning is Meaning.AT:
        assert DAY_HOURS[0] <= found.earliest.time() < DAY_HOURS[1]
    else:
        assert found.meaning is Meaning.OUTSIDE_HOURS
        assert found.confirm


def test_other_hours_move_the_limits() -> None:
    """A narrower campaign clips and refuses accordingly."""
    narrow = (time(10), time(18))
    late = call_time("at 7", NOW, hours=narrow)
    assert late is not None
    assert late.meaning is Meaning.OUTSIDE_HOURS
    window = call_time("after 5", NOW, hours=narrow)
    assert window is not None
    assert shown(window.latest) == "2026-11-18T18:00"
