"""Who answers, is it a machine, get me a person: each grammar by its rules, without the learned layer."""

import pytest

from agent.guard.ai_question import asks_if_ai
from agent.guard.human_request import asks_for_person
from agent.guard.plain import plain
from agent.guard.wrong_number import wrong_number


@pytest.mark.parametrize(
    "text",
    [
        "are you a robot",
        "r u real",
        "am i talking to a row bot",
        "is this one of those AI things",
        "you sound like a recording",
        "prove you're human",
        "did a person write this",
        "bot or human?",
        "human??",
        "are these texts automated",
        "so you're not a real person",
        "¿hablo con una máquina?",
        "¿eres una persona real o un robot?",
    ],
)
def test_is_it_a_machine(text: str) -> None:
    """A question, a verdict, a challenge, the bare noun."""
    assert asks_if_ai(plain(text))


@pytest.mark.parametrize(
    "text",
    [
        "is this a real quote",
        "I bought a robot vacuum",
        "is the gate automatic",
        "is it per person",
        "the last company had a robot answer",
        "human please",
        "is this call recorded",
        "do you have an AI program",
        "mi carro es automático",
        "are you there",
    ],
)
def test_a_machine_of_others_is_no_question(text: str) -> None:
    """The noun belongs to something else, or the person is asked for."""
    assert not asks_if_ai(plain(text))


@pytest.mark.parametrize(
    "text",
    [
        "let me talk to a human",
        "i want to speak to a reel person",
        "get me your manager",
        "put a human on",
        "have an advisor call me",
        "is an agent available",
        "does anyone there speak Spanish",
        "I don't talk to robots",
        "zero",
        "representitive",
        "páseme con un agente",
        "¿hay alguien que hable español?",
        "que me llame una persona",
    ],
)
def test_a_person_is_wanted(text: str) -> None:
    """Talk, pass on, be called, be there, no machine, the bare role."""
    assert asks_for_person(plain(text))


@pytest.mark.parametrize(
    "text",
    [
        "my agent retired",
        "I spoke with an agent yesterday",
        "I have to talk to my husband",
        "someone hit my car",
        "call me now",
        "transfer the title to my son",
        "is the inspection in person",
        "zero accidents",
        "I'm a manager at Target",
        "when will the agent call",
        "soy agente de bienes raíces",
    ],
)
def test_a_role_in_another_sentence_is_no_request(text: str) -> None:
    """Told of, not asked for."""
    assert not asks_for_person(plain(text))


@pytest.mark.parametrize(
    "text",
    [
        "wrong number",
        "Ron number",
        "you have the wrong guy",
        "this isn't Jordan",
        "Jordan doesn't live here",
        "nobody here by that name",
        "he passed away",
        "this is my kid's phone",
        "I am 12 years old",
        "you've reached a business",
        "se equivocó de número",
        "aquí no vive ningún Jordan",
    ],
)
def test_somebody_else_answers(text: str) -> None:
    """Another person, another owner, a death, a child."""
    assert wrong_number(plain(text), "Jordan")


@pytest.mark.parametrize(
    "text",
    [
        "wrong zip, it's 60614",
        "that's the wrong number of bedrooms",
        "sorry I sent the wrong number, it's 4",
        "this is Jordan's wife",
        "yes this is Jordan",
        "my phone died",
        "I am 34 years old",
        "my daughter is 16",
        "the number is wrong on the form",
        "sí, soy Jordan",
    ],
)
def test_another_mistake_is_no_wrong_number(text: str) -> None:
    """The lead corrects himself, or speaks of somebody else."""
    assert not wrong_number(plain(text), "Jordan")
