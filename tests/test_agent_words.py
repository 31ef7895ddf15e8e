import pytest

from agent.words import Polarity, any_of, clean, ordinal, phrase_pattern, polarity


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("We're closing on the twenty-third. OK?", "were closing on the 23rd . ok ?"),
        ("It’s a “condo”", "its a condo"),
        ("three hundred ten thousand", "310000"),
        ("a hundred and twenty five", "125"),
        ("two million", "2000000"),
        ("two thousand five", "2005"),
        ("six oh six one four", "6 0 6 1 4"),
        ("oh I see", "oh i see"),
        ("December fifth, 2026", "december 5th , 2026"),
        ("at 3:30 p.m.", "at 3:30 pm"),
        ("at three thirty PM", "at 3 30 pm"),
        ("$1,200 a month", "1200 a month"),
        ("single-family", "single family"),
        ("4-6 today", "4-6 today"),
        ("12/5", "12/5"),
        ("home & auto", "home and auto"),
        ("Peña", "pena"),
        ("🙄 ok", "ok"),
        ("", ""),
    ],
)
def test_typed_and_recognised_words_become_alike(text: str, plain: str) -> None:
    """Case, apostrophes, accents and number words never decide what is understood."""
    assert clean(text) == plain


def test_cleaning_twice_changes_nothing() -> None:
    """Clean text is a fixed point, so helpers may clean again."""
    for text in ("We're in on the twenty-third, at 3:30 p.m.!", "one to three months", "no. it's $1,200"):
        assert clean(clean(text)) == clean(text)


@pytest.mark.parametrize(("number", "words"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (11, "11th"), (22, "22nd")])
def test_ordinals(number: int, words: str) -> None:
    """English endings, with the teens' exception."""
    assert ordinal(number) == words


def test_phrases_match_whole_words_and_the_longer_first() -> None:
    """ "home" is not in "townhome", and "car insurance" wins over "car"."""
    pattern = phrase_pattern(("home", "car", "car insurance"))
    assert pattern.search("a townhome") is None
    match = pattern.search("my car insurance")
    assert match is not None
    assert match[0] == "car insurance"
    assert phrase_pattern(()).search("anything") is None


def test_a_star_stands_for_up_to_three_words_of_one_clause() -> None:
    """Also behind the last word."""
    ends, past = phrase_pattern(("when the * ends",)), phrase_pattern(("was with *",))
    assert ends.search("when the progressive 1 ends i guess")
    assert ends.search("when the ends")
    assert not ends.search("when the rain stops , it ends")
    found = past.search("i was with allstate , then none")
    assert found
    assert found[0] == "was with allstate"


def test_any_of_is_bounded_by_words() -> None:
    """A pattern never matches inside a word."""
    assert any_of("can", "will").search("cannot willing") is None
    assert any_of("can", "will").search("i will") is not None


@pytest.mark.parametrize(
    "text",
    [
        "yes",
        "Yeah I am, just been busy",
        "yeah that's fine",
        "sure. its for home",
        "no it's fine go on",
        "no that's ok",
        "No problem",
        "no worries",
        "no go ahead",
        "no not at all",
        "yeah no heat and now it smells",
        "hey yes! nursing. but is this a bot lol",
        "um yeah",
        "uh huh",
        "ok",
        "k",
        "sounds good",
        "works for me",
        "5 is good",
        "I don't mind",
        "why not",
        "I guess",
        "of course",
        "yep in accounting",
        "thanks, yes please",
        "sí",
        "we do",
        "still looking",
        "It would. You may call me at 2",
        "it does",
        "indeed",
    ],
)
def test_ways_to_say_yes(text: str) -> None:
    """Agreement, also where it begins with a no."""
    assert polarity(clean(text)) is Polarity.YES


@pytest.mark.parametrize(
    "text",
    [
        "no",
        "Nope",
        "nah",
        "no thanks",
        "yeah no thanks",
        "yeah, no",
        "not really",
        "not now",
        "not yet",
        "I don't",
        "we haven't",
        "that's not okay",
        "that doesn't work",
        "right now is not good",
        "it's not a good time",
        "I can't talk",
        "I'm good",
        "I'm all set",
        "never",
        "neither",
        "not interested",
        "it is not",
        "they don't",
        "it wouldn't, my job covers it",
        "yeh no",
    ],
)
def test_ways_to_say_no(text: str) -> None:
    """Refusal, also where it begins with a yes."""
    assert polarity(clean(text)) is Polarity.NO


@pytest.mark.parametrize(
    "text",
    [
        "not sure",
        "I don't know",
        "no idea",
        "maybe",
        "it depends",
        "december fifth",
        "a condo",
        "",
        "hello?",
        "they are, no thanks",
        "it does. no",
    ],
)
def test_neither_yes_nor_no(text: str) -> None:
    """Doubt is no answer, though it is made of the same words."""
    assert polarity(clean(text)) is None
