"""Spanish phrases of time, in the English that the grammar reads."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.understanding.spanish_time import in_english
from agent.words import clean


@pytest.mark.parametrize(
    ("said", "english"),
    [
        ("mañana por la mañana", "tomorrow morning"),
        ("pasado mañana", "day after tomorrow"),
        ("a las tres y media", "at 3:30"),
        ("a las 5 de la tarde", "at 5pm"),
        ("a las 10 de la noche", "at 10pm"),
        ("a las 6 de la mañana", "at 6am"),
        ("entre las 3 y las 5", "between 3 and 5"),
        ("después de las 5", "after 5"),
        ("como a las 4", "around 4"),
        ("el lunes a las 3", "monday at 3"),
        ("el próximo lunes", "next monday"),
        ("en dos semanas", "in 2 weeks"),
        ("en media hora", "in half an hour"),
        ("hoy no", "not today"),
        ("no antes del lunes", "not before monday"),
        ("ahora no", "not now"),
        ("ahora no puedo hablar", "cant talk"),
        ("llámeme ya", "call me now"),
        ("prefiero mensajes", "id rather text"),
        ("a fin de mes", "end of the month"),
        ("el 23 de noviembre a las 2", "november 23 at 2"),
    ],
)
def test_spanish_is_said_in_english(said: str, english: str) -> None:
    """Clock, day, part of the day, distance, limits and calling."""
    assert in_english(clean(said)) == english


@pytest.mark.parametrize("said", ["tomorrow at 3", "in 20 minutes", "we have 2 kids", "the 24th at 4", "later", "no"])
def test_english_stays(said: str) -> None:
    """Nothing is done to a phrase without Spanish words of time."""
    assert in_english(clean(said)) == clean(said)


@given(st.text(max_size=60))
def test_any_text_is_survived(text: str) -> None:
    """Whatever was said."""
    assert isinstance(in_english(clean(text)), str)
