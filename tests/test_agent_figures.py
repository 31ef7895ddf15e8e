import pytest

from agent.campaign import Band, Question
from agent.figures import amount_band, day_band, number_of, zip_of

CARS = Question(key="cars", type="int", min=1, max=12, cues=("# cars", "garage for #"))
LOAN = Question(
    key="loan",
    type="enum",
    values=("small", "large"),
    bands_of="amount",
    bands={"small": Band(max=49_999), "large": Band(min=50_000)},
    cues=("owe", "borrow"),
)


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


@pytest.mark.parametrize(
    ("said", "cued", "band"),
    [
        ("about 310k", False, "large"),
        ("20 grand", False, "small"),
        ("1.2 million", False, "large"),
        ("45000", False, "small"),
        ("300", False, None),
        ("owe about 310k", True, "large"),
        ("in 2019 i made 310k", True, None),
    ],
)
def test_amounts(said: str, cued: bool, band: str | None) -> None:
    """A sum needs a unit or thousands; unasked, its cue as well."""
    assert amount_band(LOAN, said, cued=cued) == band


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


def test_one_sum_with_its_unit_needs_no_cue_where_nothing_is_known() -> None:
    """A second sum, or one that is something else's, does."""
    for said, band in (
        ("get rid of my card debt , like 18 grand", "small"),
        ("the house is 420k and we put 80k down", None),
        ("i make 90k", None),
    ):
        assert amount_band(LOAN, said, cued=True, alone=True) == band
        assert amount_band(LOAN, said, cued=True) is None


def test_what_figures_come_to_is_meant() -> None:
    """ "Three forty" is in thousands where thousands are spoken of; "so three" sums up who was counted."""
    said = "the house is 4 20 and were putting 80 down so like 3 40"
    assert amount_band(LOAN, said, cued=False, in_thousands=True) == "large"
    assert number_of(CARS, "2 of mine and 1 of hers so 3", asked=True) == 3


def test_a_zip_corrected_or_spoken_with_a_zero() -> None:
    """The last one counts only if he corrects himself."""
    assert zip_of("53202. no sorry 53207, we moved", asked=True) == "53207"
    assert zip_of("53202 or 53207", asked=True) == "53202"
    assert zip_of("it's oh four one oh two", asked=True) == "04102"
