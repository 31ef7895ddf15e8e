from datetime import date

import pytest

from agent.campaign import Band, Question
from agent.understanding.figures import age_of, day_band, number_of, score_band, zip_of

CARS = Question(key="cars", type="int", min=1, max=12, cues=("# cars", "garage for #"))


@pytest.mark.parametrize(
    ("said", "asked", "number"),
    [
        ("2 cars", False, 2),
        ("2 older cars", False, 2),
        ("a garage for about 3", False, 3),
        ("we have 3", False, None),
        ("we have 3", True, 3),
        ("40 then 4", True, 4),
        ("to", True, 2),
        ("to", False, None),
        ("at 3:30", True, None),
        ("on 12/5", True, None),
        ("2.5", True, None),
    ],
)
def test_counts(said: str, asked: bool, number: int | None) -> None:
    """Beside its cue, or as an answer; within limits; no times, dates or fractions."""
    assert number_of(CARS, said, asked=asked) == number


def test_days_fall_into_bands() -> None:
    """Both ends belong to a band; outside of all there is none."""
    weeks = Question(key="when", type="enum", values=("soon",), bands_of="days", bands={"soon": Band(min=4, max=35)})
    assert [day_band(weeks, days) for days in (3, 4, 35, 36)] == [None, "soon", "soon", None]


@pytest.mark.parametrize(
    ("text", "asked", "code"),
    [
        ("60614", False, "60614"),
        ("it's 60614-1234", False, "60614"),
        ("zip code is 6 0 6 1 4", False, "60614"),
        ("six oh six one four", True, "60614"),
        ("six oh six one four", False, None),
        ("$60614", False, None),
        ("60614 miles", False, None),
        ("606145", False, None),
        ("312-555-0142", True, None),
    ],
)
def test_zip_codes(text: str, asked: bool, code: str | None) -> None:
    """Five digits, written or spoken, and no sum, distance or telephone number."""
    assert zip_of(text, asked) == code


def test_a_zip_corrected_or_spoken_with_a_zero() -> None:
    """The last one counts only if he corrects himself."""
    assert zip_of("53202. no sorry 53207, we moved", asked=True) == "53207"
    assert zip_of("53202 or 53207", asked=True) == "53202"
    assert zip_of("it's oh four one oh two", asked=True) == "04102"
    assert zip_of("60614 but the house is in 60618", asked=True) == "60618"
    assert number_of(CARS, "2 of mine and 1 of hers so 3", asked=True) == 3


def test_ages_by_the_year_it_was_put_in() -> None:
    """Asked, any year will do; unasked, the thing and its installing have to be spoken of."""
    roof, today = Question(key="roof", type="int", cues=("roof #",), since_year=True), date(2026, 11, 18)
    said = ("replaced it in 2019", "new roof in 2021", "a claim in 2019", "its a couple of years old", "in 2031")
    assert [age_of(roof, one, today, asked=True) for one in said] == [7, 5, 7, 2, None]
    assert [age_of(roof, one, today, asked=False) for one in said] == [None, 5, None, None, None]


def test_credit_scores() -> None:
    """Three digits, typed or spoken, or the hundred they lie in; unasked only beside the word."""
    bands = {"fair": Band(max=669), "good": Band(min=670)}
    credit = Question(key="credit", type="enum", values=("fair", "good"), bands_of="score", bands=bands)
    said = ("around 720", "5 80", "high 600 s", "low 600 s", "650 a month", "900")
    assert [score_band(credit, one, asked=True) for one in said] == ["good", "fair", "good", "fair", None, None]
    assert score_band(credit, "720", asked=False) is None
    assert score_band(credit, "my score is 720", asked=False) == "good"
