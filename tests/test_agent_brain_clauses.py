import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.brain.clauses import LONGEST_CLAUSE, ClauseSplitter


def split(text: str, piece: int = 1) -> list[str]:
    """All clauses of a text that arrives `piece` characters at a time."""
    splitter = ClauseSplitter()
    pieces = [text[start : start + piece] for start in range(0, len(text), piece)]
    return [clause for part in pieces for clause in splitter.feed(part)] + splitter.flush()


def test_a_sentence_is_a_clause() -> None:
    """Clauses end where sentences end."""
    assert split("Got it. When do you close?") == ["Got it.", "When do you close?"]


def test_the_first_clause_may_end_at_a_comma() -> None:
    """Speech starts with the first few words, later commas stay inside their clause."""
    assert split("Great, thanks. Is it a house, a condo or a townhouse?") == [
        "Great,",
        "thanks.",
        "Is it a house, a condo or a townhouse?",
    ]


def test_a_very_short_opening_is_not_a_clause() -> None:
    """ "Oh," alone would leave a hole behind it."""
    assert split("Oh, nice. Go on.")[0] == "Oh, nice."


def test_a_clause_is_given_before_the_text_is_over() -> None:
    """The first clause comes out as soon as the character after it is known."""
    splitter = ClauseSplitter()
    assert splitter.feed("Congratulations!") == []
    assert splitter.feed(" When") == ["Congratulations!"]


@pytest.mark.parametrize(
    "text",
    [
        "It costs 3.5 points.",
        "Ask Dr. Stone about it.",
        "We open at 9 a.m. on Monday.",
        "That is e.g. a condo.",
        "Ask for J. Doe there.",
        "Yes 1,000 of them.",
    ],
)
def test_a_point_inside_a_sentence_does_not_end_it(text: str) -> None:
    """Decimals, abbreviations and initials are not ends of sentences."""
    assert split(text) == [text]


@pytest.mark.parametrize("text", ["No. When do you close?", "So do I. When do you close?"])
def test_a_short_word_can_end_a_sentence(text: str) -> None:
    """What only looks like an abbreviation does not hold speech up."""
    assert split(text)[-1] == "When do you close?"


def test_closing_quotes_stay_with_their_sentence() -> None:
    """A quote or bracket after the full stop belongs to the clause."""
    assert split('Say "stop." Then hang up.') == ['Say "stop."', "Then hang up."]


def test_a_long_sentence_is_cut_at_a_comma() -> None:
    """A later clause that has grown long ends at the next comma."""
    long = "this sentence goes on and on and on for so long that nobody would want to wait for it to end,"
    assert split(f"Well. And {long} really.") == ["Well.", f"And {long}", "really."]


def test_text_without_punctuation_is_cut_at_a_space() -> None:
    """A model that forgets punctuation is still spoken, in pieces of bounded length."""
    clauses = split("word " * 100)
    assert len(clauses) > 1
    assert all(len(clause) <= LONGEST_CLAUSE for clause in clauses)


def test_nothing_but_space_is_no_clause() -> None:
    """Clauses are never empty."""
    assert split("  \n \n ") == []


@given(st.text(alphabet="ab ,.!?\n\"'", max_size=300), st.integers(1, 7))
def test_no_word_is_lost_and_pieces_do_not_matter(text: str, piece: int) -> None:
    """The clauses hold every character but white space, in order, however the text was cut up on its way."""
    clauses = split(text, piece)
    assert "".join("".join(clauses).split()) == "".join(text.split())
    assert all(clause == clause.strip() != "" for clause in clauses)


def test_how_text_is_cut_up_does_not_change_the_clauses() -> None:
    """Big and small network pieces give the same clauses."""
    text = "Great, thanks. When do you close? No rush, whenever you know it."
    assert split(text, 1) == split(text, 5) == split(text, len(text))


def test_the_first_clause_does_not_wait_for_what_follows_its_comma() -> None:
    """Somebody waits for it; a comma after a digit may still be one inside a number."""
    splitter = ClauseSplitter()
    assert splitter.feed("Okay,") == ["Okay,"]
    assert splitter.feed(" thanks,") == []
    assert ClauseSplitter().feed("About 3,") == []
