"""Spanish words of the matter, put into the English that rules are written in."""

import pytest
from happenings import NOW

from agent.understanding.spanish import in_english, speaks_spanish
from state.view import Fact, View


@pytest.mark.parametrize(
    ("said", "english"),
    [
        ("No tengo ninguno todavía", "i dont have any"),
        ("estamos comprando nuestra primera casa", "were buying our 1st house"),
        ("¿Cuándo es el cierre?", "when es closing ?"),
        ("de 1 a 3 o mañana de 9 a 11", "between 1 and 3 or tomorrow between 9 and 11"),
        ("el 4 de diciembre", "december 4"),
        ("no, rento un apartamento", "no , i rent 1 apartment"),
    ],
)
def test_what_matters_is_carried_over(said: str, english: str) -> None:
    """Word by word, times by the grammar of times; an "o" between hours is no zero."""
    assert in_english(said, is_spanish=True) == english


def test_english_stays_as_it_is() -> None:
    """Only its plain form is taken."""
    assert in_english("Come on, me and my son at 5", is_spanish=False) == "come on , me and my son at 5"


@pytest.mark.parametrize(
    ("text", "known", "spanish"),
    [
        ("hola tengo cucarachas en la cocina", None, True),
        ("¿Le va mejor el jueves?", None, True),
        ("el jueves", "es", True),
        ("I live at Casa Linda", None, False),
        ("yes that works", None, False),
    ],
)
def test_whose_words_are_spanish(text: str, known: str | None, spanish: bool) -> None:
    """Those of a lead who asked for it, and those that show it; one word does not."""
    facts = {"preferred_language": Fact(value=known, source="sms:1", at=NOW)} if known else {}
    assert speaks_spanish(text, View(facts=facts)) is spanish
