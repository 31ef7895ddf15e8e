import pytest

from agent.campaign import Band, Question
from agent.understanding.amounts import amount_band

LOAN = Question(
    key="loan",
    type="enum",
    values=("small", "large"),
    bands_of="amount",
    bands={"small": Band(max=49_999), "large": Band(min=50_000)},
    cues=("owe", "borrow"),
)


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
    """ "Three forty" is in thousands where thousands are spoken of."""
    said = "the house is 4 20 and were putting 80 down so like 3 40"
    assert amount_band(LOAN, said, cued=False, in_thousands=True) == "large"


INCOME = Question(
    key="income",
    type="enum",
    values=("low", "middle", "high"),
    bands_of="amount",
    per="year",
    bands={"low": Band(max=39_999), "middle": Band(min=40_000, max=80_000), "high": Band(min=80_001)},
    cues=("make", "salary"),
)


@pytest.mark.parametrize(
    ("said", "band"),
    [
        ("60 maybe 65000", "large"),
        ("20-25k", "small"),
        ("between 30 and 40k", "small"),
        ("half a mil", "large"),
        ("a couple thousand", "small"),
        ("1 50 k", "large"),
        ("7 500", "small"),
        ("60 k wait make it 20", "small"),
        ("65 no 45k", "small"),
        ("make it 45000 not 65000", "small"),
        ("like 15", "small"),
        ("3 cards", None),
        ("500 a month", None),
    ],
)
def test_how_people_put_sums(said: str, band: str | None) -> None:
    """Ranges, words, corrections, and thousands left unsaid where a sum was asked for."""
    assert amount_band(LOAN, said, cued=False) == band


@pytest.mark.parametrize(
    ("said", "asked", "band"),
    [
        ("5k a month", True, "middle"),
        ("20 an hour", True, "middle"),
        ("1100 a week", True, "middle"),
        ("about 72", True, "middle"),
        ("under 40", True, "low"),
        ("over 80", True, "high"),
        ("make 38k a yr", False, "low"),
        ("make it 45k", False, None),
        ("the payment is 1800 a month", False, None),
    ],
)
def test_what_is_earned_counts_by_the_year(said: str, asked: bool, band: str | None) -> None:
    """Whatever it is paid by; unasked, earning has to be spoken of."""
    assert amount_band(INCOME, said, cued=not asked) == band
