import pytest

from agent.campaign.marked_yaml import MarkedYamlError, read


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("10:00", "10:00"),
        ("2026-11-18", "2026-11-18"),
        ("+13125550142", "+13125550142"),
        ("04012", "04012"),
        ("true", True),
        ("12", 12),
        ("-60", -60),
        ("2.5", 2.5),
        ("~", None),
        ("null", None),
    ],
)
def test_plain_words_mean_what_a_campaign_author_expects(written: str, meant: object) -> None:
    """Only true and false are booleans; times, dates, telephone numbers and ZIP codes stay words."""
    assert read(f"value: {written}").data == {"value": meant}


def test_every_part_knows_its_line() -> None:
    """The line of a path is that of its innermost part that exists."""
    marked = read("a: 1\nlist:\n  - x: 1\n    y: 2\n  - x: 3\n")
    assert marked.line_of(("a",)) == 1
    assert marked.line_of(("list", 0, "y")) == 4
    assert marked.line_of(("list", 1)) == 5
    assert marked.line_of(("list", 1, "missing", "deeper")) == 5
    assert marked.line_of(("list", 9)) == 2
    assert marked.line_of(()) == 1


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "empty"),
        ("a: [1\nb: 2\n", 2, "expected ',' or ']'"),
        ("a: 1\nb: 2\na: 3\n", 3, "'a' stands here twice"),
        ("a: 1\n---\nb: 2\n", 2, "another document"),
        ("a: 1\nb: {c: 1, c: 2}\n", 2, "'c' stands here twice"),
        ("a:\n\t- 1\n", 2, "cannot start any token"),
        ("a: \x00\n", 1, "special characters"),
        ("a: !!python/object:os.system 1\n", 1, "could not determine a constructor"),
    ],
)
def test_what_is_no_campaign_yaml_says_where(text: str, line: int, words: str) -> None:
    """Every refusal carries a line and a reason."""
    with pytest.raises(MarkedYamlError, match="line") as error:
        read(text)
    assert error.value.line == line
    assert words in error.value.message
