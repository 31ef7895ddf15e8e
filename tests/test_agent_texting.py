import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.texting import MOST_SEGMENTS, cut, fits, gsm7, segments


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("That’s “it” — really…", 'That\'s "it" - really...'),
        ("Peña, José, Ana María", "Peña, José, Ana Maria"),
        ("ok 👍", "ok "),
        ("Hi Ñandu 😀, it's 😀 Ava", "Hi Ñandu, it's Ava"),
        ("çà et là", "cà et là"),
        ("¿Qué?", "¿Qué?"),
        ("a\u00a0b", "a b"),
    ],
)
def test_text_is_brought_into_the_gsm_alphabet(text: str, plain: str) -> None:
    """One stray character would turn the whole text to UCS-2."""
    assert gsm7(text) == plain


@pytest.mark.parametrize(
    ("text", "count"),
    [("a" * 160, 1), ("a" * 161, 2), ("a" * 306, 2), ("a" * 307, 3), ("€" * 80, 1), ("€" * 81, 2), ("", 1)],
)
def test_segments(text: str, count: int) -> None:
    """160 septets alone, 153 joined; the extension table costs two."""
    assert segments(text) == count
    assert fits(text) == (count <= MOST_SEGMENTS)


@given(st.text(max_size=200))
def test_the_plain_form_is_a_fixed_point(text: str) -> None:
    """Plain text stays as it is."""
    assert gsm7(gsm7(text)) == gsm7(text)


@given(st.text(alphabet="ab ,.", max_size=80), st.integers(10, 60))
def test_a_cut_is_never_longer_than_asked(text: str, most: int) -> None:
    """Whatever is cut fits."""
    assert len(cut(text, most)) <= most


def test_a_cut_is_at_a_word() -> None:
    """No half words."""
    assert cut("a condo by the lake", 12) == "a condo.."
    assert cut("short", 12) == "short"
