"""The model that has nothing but a pace."""

import pytest

from benchmarks.llm_endpoint import End, Pause, Words, paced
from benchmarks.paced_model import GREETING, REPLIES, paced_model, reply_to


def test_an_answer_keeps_its_pace() -> None:
    """The first token after the wait, each later one after a gap, every character kept."""
    steps = paced("Okay, what's next?", 0.4, 50)
    assert steps[0] == Pause(0.4)
    assert "".join(step.text for step in steps if isinstance(step, Words)) == "Okay, what's next?"
    assert {step.seconds for step in steps[1:] if isinstance(step, Pause)} == {1 / 50}
    assert steps[-1] == End()


def test_the_same_words_get_the_same_reply_whatever_the_prompt() -> None:
    """Two systems with prompts of their own are compared on one reply."""
    said = {"role": "user", "content": "A townhouse."}
    ours = reply_to([{"role": "system", "content": "x" * 5000}, {"role": "assistant", "content": "House?"}, said])
    assert ours == reply_to([said])
    assert ours in REPLIES


def test_before_the_caller_has_spoken_it_greets() -> None:
    """A bot that is asked to begin has something to say."""
    assert reply_to([{"role": "system", "content": "Be kind."}]) == GREETING


@pytest.mark.anyio
async def test_it_makes_the_scene_of_each_request() -> None:
    """Nothing has to be queued for it."""
    async with paced_model(250) as endpoint:
        assert endpoint.answers is not None
        assert endpoint.answers({"messages": []})[0] == Pause(0.25)
