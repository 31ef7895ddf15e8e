"""What is taken out of a lead's words before anything is stored, and what must survive."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.guard.inbound import mask
from agent.guard.sensitive import was_masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("my social is 123-45-6789 if you need it", "my social is [ssn] if you need it"),
        ("123 45 6789", "[ssn]"),
        ("ssn 123456789", "ssn [ssn]"),
        ("123456789 is my social", "[ssn] is my social"),
        ("mi seguro social es 123456789", "mi seguro social es [ssn]"),
        ("my ITIN is 912-70-1234", "my ITIN is [ssn]"),
        ("the last four of my social are 6789", "the last four of my social are [ssn]"),
        ("one two three, four five, six seven eight nine", "[ssn]"),
        ("it is one two three dash four five dash six seven eight nine", "it is [ssn]"),
        ("my social is one twenty three forty five sixty seven eighty nine", "my social is [ssn]"),
        ("my social is one two three four five six seven double eight", "my social is [ssn]"),
    ],
)
def test_social_security_numbers_are_masked(text: str, masked: str) -> None:
    """By their grouping, or as nine digits beside a cue word; typed or spoken."""
    assert mask(text) == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("4111 1111 1111 1111 exp 12/27", "[card] exp 12/27"),
        ("4111-1111-1111-1111", "[card]"),
        ("4111111111111111", "[card]"),
        ("amex 378282246310005", "amex [card]"),
        ("4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "[card]"),
        ("four one one one one one one one one one one one one one one one", "[card]"),
        ("my card is 4111 1111 1111 1112", "my card is [card]"),
    ],
)
def test_card_numbers_are_masked(text: str, masked: str) -> None:
    """By their check digit (ISO/IEC 7812-1); beside the word "card" also with a digit misheard."""
    assert mask(text) == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (
            "routing number is 021000021 and account 123456789012",
            "routing number is [account] and account [account]",
        ),
        ("mi cuenta es 12345678", "mi cuenta es [account]"),
        ("acct # 1234567", "acct # [account]"),
        ("checking, zero two one zero zero zero zero two one", "checking, [account]"),
        ("my account number is 1234567890", "my account number is [account]"),
        ("gate code is 4521#", "gate code is [code]#"),
        ("the code for the gate is four five two one", "the code for the gate is [code]"),
        ("lockbox 8842, zip 60614", "lockbox [code], zip 60614"),
        ("alarm code is double one two three", "alarm code is [code]"),
        ("el código de la puerta es 4455", "el código de la puerta es [code]"),
        ("cvv 123", "cvv [code]"),
    ],
)
def test_account_numbers_and_codes_are_masked_beside_their_cue(text: str, masked: str) -> None:
    """A few digits alone are nothing; near "account", "routing", "gate" or "alarm" they are a secret."""
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "call me at 312-555-0142",
        "(312) 555-0142",
        "3125550142",
        "+1 312 555 0142",
        "three one two, five five five, zero one four two",
        "312-555-0142, zip 60614",
        "60614",
        "60614-1234",
        "zip is 60614",
        "the phone on the account is 312-555-0142",
        "call +1 312 555 0142 about the account",
        "owe about 310k",
        "$310,000 in my account",
        "I have two cars and three drivers",
        "closing 12/05/2026 from my savings",
        "we close 2026-12-05 and the account is fine",
        "4111 1111 1111 1112",
        "credit is good i think like seven ten",
        "between 2:30 and 4",
        "the roof is 15 years old, house built in 1987",
        "we move in on december fifth",
        "5 door sedan",
        "order 123456789",
    ],
)
def test_what_a_conversation_needs_survives(text: str) -> None:
    """Telephone numbers, ZIPs, amounts, dates, counts."""
    assert mask(text) == text
    assert not was_masked(text)


def test_several_secrets_in_one_text() -> None:
    """Each by its own kind, the words between them untouched."""
    text = "ssn 123-45-6789, card 4111-1111-1111-1111, gate code 4521, call 312-555-0142"
    assert mask(text) == "ssn [ssn], card [card], gate code [code], call 312-555-0142"
    assert was_masked(mask(text))


WORDS = st.sampled_from(
    [
        "my",
        "social",
        "ssn",
        "card",
        "account",
        "routing",
        "gate",
        "code",
        "alarm",
        "zip",
        "phone",
        "is",
        "and",
        "the",
        "last",
        "four",
        "[ssn]",
        "[card]",
        "one",
        "two",
        "double",
        "twenty",
        "oh",
        "123-45-6789",
        "123456789",
        "4111111111111111",
        "4111",
        "1111",
        "312-555-0142",
        "60614",
        "$500",
        "12/05",
        ",",
        ".",
        "-",
        "#",
    ]
)


@given(st.lists(WORDS, max_size=14).map(" ".join))
def test_masking_twice_is_masking_once(text: str) -> None:
    """What was masked is no cue and no number."""
    assert mask(mask(text)) == mask(text)


@given(st.text(max_size=100))
def test_any_text_can_be_masked(text: str) -> None:
    """And one without digits or number words in it keeps its length or changes only by marks."""
    masked = mask(text)
    assert mask(masked) == masked
    assert masked == text or was_masked(masked)


@given(
    area=st.integers(1, 899).filter(lambda number: number != 666),
    group=st.integers(1, 99),
    serial=st.integers(1, 9999),
    before=st.sampled_from(["", "it's ", "call 312-555-0142 or use "]),
)
def test_every_valid_ssn_is_masked(area: int, group: int, serial: int, before: str) -> None:
    """Whatever stands before it."""
    assert mask(f"{before}{area:03}-{group:02}-{serial:04}") == f"{before}[ssn]"


@given(st.integers(200, 999), st.integers(200, 999), st.integers(0, 9999), st.sampled_from(["-", " ", "."]))
def test_every_telephone_number_survives(area: int, exchange: int, line: int, between: str) -> None:
    """In the usual groups, also beside a word that is a cue for something else."""
    text = f"the number on my card account is {area}{between}{exchange}{between}{line:04}"
    assert mask(text) == text


@pytest.mark.parametrize(
    "parts",
    [
        [("my social is 078 05", "my social is [ssn: 5 digits]"), ("1120", "[ssn]"), ("60614", "60614")],
        [
            ("it's zero seven eight, that's my social", None),
            ("my social is zero seven eight", "my social is [ssn: 3 digits]"),
        ],
        [("ssn 078", "ssn [ssn: 3 digits]"), ("05", "[ssn: 5 digits]"), ("and then 1120", "and then [ssn]")],
        [
            ("the card number is 4111", "the card number is [card: 4 digits]"),
            ("one one one one", "[card: 8 digits]"),
            ("1111 1111", "[card]"),
            ("it is 3 drivers", "it is 3 drivers"),
        ],
        [
            ("my card is 4111 1111", "my card is [card: 8 digits]"),
            ("call me at 312-555-0142", "call me at 312-555-0142"),
        ],
        [
            ("my account number is 0012", "my account number is [account: 4 digits]"),
            ("3456 7890", "[account]"),
            ("60614", "60614"),
        ],
        [
            ("the routing number is oh seven one", "the routing number is [account: 3 digits]"),
            ("zero zero zero zero one three", "[account: 9 digits]"),
            ("60614", "60614"),
        ],
        [
            ("el número de cuenta es 1234", "el número de cuenta es [account: 4 digits]"),
            ("5678", "[account: 8 digits]"),
        ],
        [("my account number ends in 4321", None), ("60614", "60614")],
        [("I keep about 500 in my savings account", "I keep about 500 in my savings account"), ("60614", "60614")],
    ],
)
def test_a_number_that_comes_in_parts_is_masked_in_each(parts: list[tuple[str, str | None]]) -> None:
    """He pauses, and is taken for done; or sends two texts. What follows a whole number is left alone."""
    before = ""
    for said, masked in parts:
        heard = mask(said, before)
        assert masked is None or heard == masked
        assert was_masked(heard) is ("[" in heard)
        assert mask(heard, before) == heard
        before = heard


@pytest.mark.parametrize(
    "text",
    [
        "I get social security, 1800",
        "my credit card debt is around 15000",
        "credit score is 720",
        "my social is on the application from 2024 I think",
        "it's a 2500 square foot house with a card reader at 1200",
    ],
)
def test_a_cue_alone_makes_no_part_of_a_number(text: str) -> None:
    """Amounts beside such words, and numbers in the middle of a sentence, stay."""
    assert mask(text) == text
