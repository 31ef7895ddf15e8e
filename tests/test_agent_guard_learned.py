"""The learned layer: its features, its stored weights, and that they belong to the phrases in the repository."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.guard.learned import BUCKETS, UNHEARD, WEIGHTS, Topic, buckets, stored
from agent.guard.lexicon import CLASS_OF, classes
from agent.guard.plain import plain
from benchmarks.guard_phrases import drawn, fingerprint, read, written


def test_the_weights_were_fitted_on_these_phrases() -> None:
    """After a change of benchmarks/data/guard, `python -m benchmarks.train_guard` has to be run."""
    with np.load(WEIGHTS) as stored:
        assert str(stored["phrases"]) == fingerprint()
        assert stored["weights"].shape == (len(Topic), BUCKETS)


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("stop texting me", Topic.OPT_OUT),
        ("dejen de llamarme", Topic.OPT_OUT),
        ("not interested thanks", Topic.DECLINE),
        ("are you a robot", Topic.AI_QUESTION),
        ("let me talk to a real person", Topic.HUMAN_REQUEST),
    ],
)
def test_the_plain_cases_are_likeliest_to_be_what_they_are(text: str, topic: Topic) -> None:
    """Each topic's model knows its own."""
    odds = stored().log_odds(plain(text))
    assert max(odds, key=odds.__getitem__) is topic
    assert odds[topic] > 1.4


@pytest.mark.parametrize("text", ["", "   ", "...", "¿?"])
def test_no_words_are_about_nothing(text: str) -> None:
    """The models have no opinion about silence."""
    assert set(stored().log_odds(plain(text)).values()) == {UNHEARD}


@given(st.text(max_size=300))
def test_odds_are_finite(text: str) -> None:
    """For any text."""
    assert np.isfinite(list(stored().log_odds(plain(text)).values())).all()


@given(st.text(max_size=80))
def test_features_are_buckets_each_once(text: str) -> None:
    """Sorted, distinct, in range."""
    found = buckets(plain(text))
    assert np.array_equal(found, np.unique(found))
    assert found.size == 0 or (found.min() >= 0 and found.max() < BUCKETS)


def test_sisters_and_translations_share_classes() -> None:
    """What is learned of one wording is known of the other."""
    assert classes("stop texting me") == classes("quit calling us") == ["STOP", "CONTACTING", "ME"]
    assert classes("no me llamen") == ["NOT", "ME", "CONTACT"]


def test_a_number_is_a_class_and_an_unknown_word_stands_for_itself() -> None:
    """Neither "60614" nor "zebra" is lost."""
    assert classes("zebra 60614") == ["zebra", "NUM"]
    assert all(name.isupper() for name in CLASS_OF.values())


def test_drawing_is_the_same_every_time() -> None:
    """The same seed, the same sentences; another seed, others."""
    assert drawn(2) == drawn(2)
    assert drawn(2) != drawn(2, seed=2)


def test_no_slot_is_left_open() -> None:
    """Every slot of the grammar has its fillings, every label is one the models know."""
    labels = {"opt_out", "not_opt_out", "decline", "ai_question", "not_ai_question"}
    labels |= {"human_request", "not_human_request"}
    sentences = drawn(3)
    assert {phrase.label for phrase in sentences} == labels
    assert not any("{" in phrase.message.text for phrase in sentences)


def test_names_of_the_story_are_read_as_roles() -> None:
    """As the guard reads them."""
    assert read("is Sarah there, Jordan?").clauses == ("is agent there", "leadname")
    assert len(written()) > 2000
