import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.clauses import clauses


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Great. When do you close?", ["Great.", "When do you close?"]),
        (
            "Condo, thanks, I've fixed that. I have everything I need.",
            ["Condo, thanks, I've fixed that.", "I have everything I need."],
        ),
        (
            "I'm an AI assistant with Harbor Lane, and I can put you through to a person whenever you like.",
            ["I'm an AI assistant with Harbor Lane,", "and I can put you through to a person whenever you like."],
        ),
        ('She said "yes." Then she left.', ['She said "yes."', "Then she left."]),
        ("Oh no. We can fix that!", ["Oh no.", "We can fix that!"]),
        ("So do I. Really.", ["So do I.", "Really."]),
        ("Sure", ["Sure"]),
        ("", []),
        ("  \n ", []),
    ],
)
def test_sentences_are_clauses_and_a_long_first_one_is_cut(text: str, expected: list[str]) -> None:
    """The first clause is short, so that speech starts early; the rest keeps its melody."""
    assert clauses(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Your number is 312-555-0142, and your ZIP, 60614?",
        "It was $1,250.50 on Nov. 13 at 3 p.m. or so.",
        "Dr. Smith lives in St. Louis now.",
        "J. K. Rowling called again today.",
        "That is No. 5 of them.",
        "It is Chicago, Illinois, on Main St. there.",
        "Is it the house in Oak Park, Illinois 60302 then?",
        "The U.S. Mail brought it.",
        "Wait... what?",
        "Mail jordan.smith@gmail.com now.",
    ],
)
def test_numbers_abbreviations_and_names_are_never_split(text: str) -> None:
    """A voice that stops inside a number or a name says something else."""
    assert clauses(text) == [text]


def test_a_long_later_sentence_is_cut_once_it_is_very_long() -> None:
    """Twenty words and more are two breaths for a person as well."""
    long = (
        "Thanks. Sarah, our licensed agent, will price it with you in a minute or two, "
        "so that nobody has to guess what it will be in the end."
    )
    assert clauses(long) == [
        "Thanks.",
        "Sarah, our licensed agent,",
        "will price it with you in a minute or two,",
        "so that nobody has to guess what it will be in the end.",
    ]


@given(
    st.lists(st.sampled_from(["no.", "well,", "ok;", "we", "—", "Dr.", "5", "$1,200", "a.m.", "Sarah?"]), max_size=40)
)
def test_no_word_is_lost_or_moved(words: list[str]) -> None:
    """Joined again the clauses are the reply, and none is empty."""
    parts = clauses(" ".join(words))
    assert " ".join(parts) == " ".join(words)
    assert all(parts)
