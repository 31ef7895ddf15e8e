"""How the pages put things."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import jinja2
import pytest

from telephony.console.pages import ago, clock_time, day, instant, render, telephone, when
from tests.telephony_kit import NOW

CHICAGO = ZoneInfo("America/Chicago")


def test_times_are_on_the_leads_clock() -> None:
    """Whoever looks, from wherever."""
    assert (clock_time(NOW, CHICAGO), day(NOW, CHICAGO)) == ("2:05 pm", "Wed, Nov 18, 2026")
    assert instant(NOW, CHICAGO) == "Wed, Nov 18, 2026, 14:05:00 CST"


@pytest.mark.parametrize(
    ("hours", "words"), [(1, "3:05 pm"), (10, "Thu, Nov 19, 12:05 am"), (24 * 60, "Sun, Jan 17, 2027, 2:05 pm")]
)
def test_a_time_to_come_says_its_date_only_where_it_tells(hours: int, words: str) -> None:
    """Today's is left out, and this year."""
    assert when(NOW + timedelta(hours=hours), CHICAGO, NOW) == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(3, "just now"), (61, "1 min ago"), (7200, "2 h ago"), (200_000, "2 d ago")]
)
def test_how_long_ago(seconds: int, words: str) -> None:
    """In the one unit that tells."""
    assert ago(NOW - timedelta(seconds=seconds), NOW) == words


@pytest.mark.parametrize(
    ("number", "shown"),
    [("+13125550142", "(312) 555-0142"), ("+447700900123", "+447700900123"), ("", "number withheld")],
)
def test_numbers_are_put_as_their_country_does(number: str, shown: str) -> None:
    """Or left as they are."""
    assert telephone(number) == shown


def test_a_template_without_its_values_is_an_error() -> None:
    """Not an empty place that nobody notices."""
    with pytest.raises(jinja2.UndefinedError):
        render("_head.html", {})
