"""What is said of calling, apart from when."""

import pytest

from agent.understanding import spoken_calling as calling


@pytest.mark.parametrize("text", ["call me", "i have my papers out . ring me .", "nows great", "whenever , im here"])
def test_an_invitation_without_a_time_is_for_now(text: str) -> None:
    """A clause that only says "call me", or that the moment suits."""
    assert calling.is_ready_now(text)


@pytest.mark.parametrize("text", ["dont call me", "im driving . call me", "call me when im home"])
def test_whoever_is_hindered_is_not_called_now(text: str) -> None:
    """A refusal, an errand or a condition in the same message rules it out."""
    assert not calling.is_ready_now(text)


@pytest.mark.parametrize(
    "text", ["they call it a split level", "i called the gas company on friday", "missed call from you"]
)
def test_calls_that_are_only_mentioned_ask_for_none(text: str) -> None:
    """Other people's calls, and calls that have been."""
    assert calling.only_mentions_calls(text)
    assert not calling.only_mentions_calls(f"{text} so call me")


def test_the_noes_differ() -> None:
    """No call now, texts instead, the lead calls, still thinking: each is followed by something else."""
    assert calling.refuses("not at the moment")
    assert not calling.refuses("not before monday")
    assert calling.wants_texts("id rather text")
    assert not calling.wants_texts("text me back when you call")
    assert calling.will_call_us("ill call you")
    assert not calling.will_call_us("you can call me")
    assert calling.is_undecided("i need to think it over")
    assert not calling.is_undecided("i think 5 works")
    assert calling.is_vague("later")
    assert calling.names_no_hour_of_ours("4 your time")
