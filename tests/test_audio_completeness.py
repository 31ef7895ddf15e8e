"""What words say about being all of an utterance. Wrong either way costs patience, never words."""

import csv
from pathlib import Path

import pytest

from audio.completeness import Asked, Ending, ending


@pytest.mark.parametrize(
    "text",
    [
        "We closed last Friday, and we move in on December 5th.",
        "How much is it gonna be?",
        "Stop!",
        "Yes",
        "yeah",
        "no thanks",
        "Yes, I am.",
        "I think so.",
        "I know that.",
        "Where are you calling from?",
        "What's the weather like?",
        "He said 'no.'",
        "starting fresh just want to compare",
        "townhouse",
        "Two people",
        "You have the wrong number.",
        "It's cheaper than what we have.",
        "About 200 a month.",
        "There are 4.",
        "2:30 PM",
        "By the end.",
    ],
)
def test_what_people_stop_after_is_complete(text: str) -> None:
    """Sentences, questions, short answers with or without a full stop, and text that was not punctuated at all."""
    assert ending(text) is Ending.COMPLETE


@pytest.mark.parametrize(
    "text",
    [
        "We closed last Friday, and",
        "We closed last Friday, and.",
        "I was wondering if...",
        "Well, the thing is,",
        "The reason I ask is...",
        "My zip code is.",
        "It's for my.",
        "I want to.",
        "Um.",
        "so I was thinking because",
        "I live in a big house with.",
        "We bought it and so.",
        "We are sure that",
        "the house I",
        "It's between—",
        "What about the?",
        "My wife end.",
    ],
)
def test_what_leads_on_is_unfinished(text: str) -> None:
    """A dash, or a last word that nobody ends with, whatever full stop the recogniser put behind it."""
    assert ending(text) is Ending.UNFINISHED


@pytest.mark.parametrize("text", ["", "...", "Mountain view...", "Hello World,", "Could you perhaps tell me the price"])
def test_what_says_nothing_is_unclear(text: str) -> None:
    """Nothing heard, hardly understood, or long and without an end."""
    assert ending(text) is Ending.UNCLEAR


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("my number is 312 555", Ending.UNFINISHED),
        ("It's 312-555.", Ending.SERIES),
        ("two nine three", Ending.SERIES),
        ("It's 312-555-0142", Ending.COMPLETE),
        ("three one two five five five oh one four two", Ending.COMPLETE),
        ("My zip code is 60614", Ending.COMPLETE),
        ("zip 6 0 6 1 4", Ending.COMPLETE),
        ("1, 0, 0, 0, 1.", Ending.UNCLEAR),
        ("six oh six", Ending.SERIES),
        ("It's 312-55-0142.", Ending.COMPLETE),
        ("he quoted 140", Ending.UNCLEAR),
        ("It was built in 1984", Ending.COMPLETE),
        ("I have a 2019", Ending.UNFINISHED),
        ("Around 5 30", Ending.COMPLETE),
        ("Set the alarm for 630", Ending.COMPLETE),
        ("You can reach me at 415", Ending.UNFINISHED),
        ("Call me at 430", Ending.COMPLETE),
        ("5", Ending.UNCLEAR),
        ("I don't have one.", Ending.COMPLETE),
    ],
)
def test_a_number_is_complete_when_it_can_be_all_of_it(text: str, expected: Ending) -> None:
    """ZIP codes, telephone numbers, years, times of day; half a telephone number is awaited, and of a row of digits
    nobody knows how many there are."""
    assert ending(text) is expected


@pytest.mark.parametrize("text", ["About $350,000.", "It costs $300.", "Around 200.", "Maybe 150.", "4,500.", "84%."])
def test_an_amount_is_no_row_of_digits(text: str) -> None:
    """Dollars, thousands, hundreds and whatever is said roughly: nobody says his telephone number so."""
    assert ending(text) is Ending.COMPLETE
    assert ending(text.rstrip(".")) is Ending.UNCLEAR


@pytest.mark.parametrize(
    ("asked", "text", "expected"),
    [
        (Asked.ASSENT, "Yes.", Ending.COMPLETE),
        (Asked.ASSENT, "Yeah, sure", Ending.WHOLE),
        (Asked.ASSENT, "Yes,", Ending.COMPLETE),
        (Asked.ASSENT, "No, but we", Ending.UNFINISHED),
        (Asked.ASSENT, "Yes, we do.", Ending.COMPLETE),
        (Asked.ANYTHING, "Yes.", Ending.COMPLETE),
        (Asked.COUNT, "15", Ending.COMPLETE),
        (Asked.COUNT, "150", Ending.COMPLETE),
        (Asked.ZIP, "It's 60614", Ending.WHOLE),
        (Asked.ZIP, "6 0 6 1 4", Ending.WHOLE),
        (Asked.ZIP, "60614-1234", Ending.WHOLE),
        (Asked.ZIP, "606.", Ending.UNFINISHED),
        (Asked.ZIP, "6.", Ending.UNFINISHED),
        (Asked.ZIP, "I don't know.", Ending.COMPLETE),
        (Asked.TELEPHONE, "312-555-0142", Ending.WHOLE),
        (Asked.TELEPHONE, "1 312 555 0142", Ending.WHOLE),
        (Asked.TELEPHONE, "60614", Ending.UNFINISHED),
        (Asked.TELEPHONE, "I don't have one.", Ending.COMPLETE),
        (Asked.EMAIL, "jordan at gmail dot com", Ending.WHOLE),
        (Asked.EMAIL, "It's jordan.", Ending.UNFINISHED),
        (Asked.EMAIL, "I'd rather not.", Ending.COMPLETE),
        (Asked.EMAIL, "What for?", Ending.COMPLETE),
        (Asked.EMAIL, "Sure.", Ending.UNFINISHED),
        (Asked.EMAIL, "No.", Ending.COMPLETE),
        (Asked.SPELLING, "S-M-Y", Ending.UNFINISHED),
    ],
)
def test_what_was_asked_for_is_whole_when_it_is_all_there(asked: Asked, text: str, expected: Ending) -> None:
    """A part of it is no answer, however it ends; and something else is judged as ever."""
    assert ending(text, asked) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("S M", Ending.SERIES),
        ("S-M-Y", Ending.SERIES),
        ("That's M as in Mary.", Ending.UNFINISHED),
        ("I'd take plan B.", Ending.COMPLETE),
        ("My email is Jordan.", Ending.UNFINISHED),
        ("My email is jordan at gmail dot com", Ending.COMPLETE),
        ("My email is jordan@gmail.com.", Ending.COMPLETE),
        ("Can you email me?", Ending.COMPLETE),
    ],
)
def test_names_and_addresses_are_heard_to_their_end(text: str, expected: Ending) -> None:
    """Letters that are being spelled go on, and an address has a domain."""
    assert ending(text) is expected


def test_what_leads_say_is_hardly_ever_taken_for_unfinished() -> None:
    """Thousands of whole phrases, written as a recogniser would: each taken for half a one would wait a second."""
    rows = [row for path in Path("benchmarks/data/guard").glob("*.csv") for row in csv.DictReader(path.open())]
    said = [row["text"] for row in rows if row.get("lang", "en") == "en" and row["text"]]
    heard = [text[0].upper() + text[1:] + ("" if text[-1] in ".?!" else ".") for text in said]
    assert len(heard) > 10_000
    assert sum(ending(text) is Ending.UNFINISHED for text in heard) < 0.015 * len(heard)
