import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.tts.verbalise import verbalise

PHONE = "three one two, five five five, zero one four two"


@pytest.mark.parametrize(
    "written", ["312-555-0142", "(312) 555-0142", "312.555.0142", "312 555 0142", "3125550142", "+1 312-555-0142"]
)
def test_phone_numbers_are_read_digit_by_digit(written: str) -> None:
    """Area code, exchange, line, with a breath between them, however it is written."""
    assert verbalise(f"Call {written}, please.") == f"Call {PHONE}, please."


def test_a_sentence_may_hold_two_phone_numbers() -> None:
    """Each is read; what stands around them stays."""
    assert (
        verbalise("312-555-0142 or 800-555-0142?") == f"{PHONE} or eight zero zero, five five five, zero one four two?"
    )


def test_a_foreign_number_is_read_in_threes() -> None:
    """Whatever the country groups by, nothing is read as a quantity."""
    assert verbalise("+44 20 7946 0958") == "two zero seven, nine four six, zero nine five, eight"


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("Your ZIP is 60614, right?", "Your ZIP is six, zero, six, one, four, right?"),
        ("60614-1234", "six, zero, six, one, four, dash, one, two, three, four"),
        ("Is it 60614?", "Is it six, zero, six, one, four?"),
        ("case #123456", "case one two three, four five six"),
        ("policy 12345678.", "policy one two three, four five six, seven eight."),
        ("In danger, call 911.", "In danger, call nine one one."),
    ],
)
def test_codes_are_read_digit_by_digit(written: str, spoken: str) -> None:
    """ZIP codes, case numbers and short codes are not quantities."""
    assert verbalise(written) == spoken


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("jordan.smith@gmail.com.", "jordan dot smith at gmail dot com."),
        ("Is it j_doe42@harbor-lane.co?", "Is it j underscore doe four two at harbor dash lane dot co?"),
        ("See harborlane.com/quote", "See harborlane dot com slash quote"),
        ("https://www.harborlane.com", "harborlane dot com"),
    ],
)
def test_addresses_are_read_by_their_signs(written: str, spoken: str) -> None:
    """The dots and dashes of an address are words; the full stop of a sentence is not."""
    assert verbalise(written) == spoken


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("$99/month", "$99 a month"),
        ("$99/mo.", "$99 a month."),
        ("open 24/7", "open twenty-four seven"),
        ("Mon at 3 PM CT", "Monday at 3 PM Central"),
        ("Fri, Nov 20", "Friday, Nov 20"),
        ("8 a.m. ET", "8 a.m. Eastern"),
        ("a HELOC", "a hee-lock"),
        ("1,500 sq. ft.", "1,500 square feet"),
        ("Msg&data rates may apply", "message and data rates may apply"),
    ],
)
def test_shorthand_is_written_out(written: str, spoken: str) -> None:
    """What a text message abbreviates, a voice says in full."""
    assert verbalise(written) == spoken


@pytest.mark.parametrize(
    "text",
    [
        "December 5th, 2026 at 3:30 PM",
        "12/05/2026",
        "$25000 or $1,250.50",
        "25,000 miles, 25000 miles",
        "a 2019 Ford F-150",
        "5% of 1.25 million",
        "the U.S. and an AI",
        "The sun is out, and we sat down.",
        "I said no.",
        "2-3 days, 9-5",
    ],
)
def test_the_rest_is_left_to_the_voice(text: str) -> None:
    """The voice reads dates, times, money, years and initialisms well by itself."""
    assert verbalise(text) == text


@given(st.text(st.characters(categories=["L", "Zs"], include_characters=",?!'"), max_size=80))
def test_words_without_digits_are_never_changed(text: str) -> None:
    """Only digits, signs and the listed shorthand mean anything to it."""
    written = text.replace("HELOC", "").replace("Mon", "").replace("Sun", "").replace("Sat", "")
    days = ("Tue", "Wed", "Thu", "Fri")
    assert verbalise(written) == written or any(day in written for day in days)


@given(st.integers(200, 999), st.integers(200, 999), st.integers(0, 9_999))
def test_every_digit_of_a_phone_number_is_said(area: int, exchange: int, line: int) -> None:
    """Ten digits in, ten words out, none lost and none a quantity."""
    spoken = verbalise(f"Is {area}-{exchange}-{line:04} right?")
    assert len(spoken.removeprefix("Is ").removesuffix(" right?").replace(",", "").split()) == 10
