"""Variants of the phrases that the guard's models learn from."""

from agent.guard.plain import plain
from benchmarks.guard_phrases import Phrase
from benchmarks.guard_variants import VARIANT_WEIGHT, varied

PHRASES = [
    Phrase(plain(text), "opt_out") for text in ("stop texting me", "Already have one. Please stop.", "END", "...")
]


def test_each_phrase_with_words_has_one_variant() -> None:
    """It keeps its label, and counts for less than what a person wrote."""
    found = varied(PHRASES * 10)
    assert len(found) == 30
    assert {(phrase.label, phrase.weight) for phrase in found} == {("opt_out", VARIANT_WEIGHT)}
    assert any(phrase.message not in [original.message for original in PHRASES] for phrase in found)


def test_variants_are_the_same_every_time() -> None:
    """The same seed, the same variants: the weights can be fitted again."""
    assert varied(PHRASES) == varied(PHRASES)
    assert varied(PHRASES * 5) != varied(PHRASES * 5, seed=2)
