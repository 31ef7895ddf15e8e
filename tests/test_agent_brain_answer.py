from openai.types.chat.chat_completion_chunk import ChoiceDelta

from agent.brain.answer import AnswerReader
from agent.brain.tools import ToolCall
from agent.moves import Say

ASKABLE = {
    "move_in_date": "When do you plan to move in? move_in_date",
    "product": "Are you looking for auto, home, or both? product auto home bundle",
    "property_type": "Is it a house, a condo or a townhouse? property_type house condo townhouse",
    "coverage_start": "When would you want it in place? coverage_start asap within_weeks",
}


def read(*texts: str) -> list[Say]:
    """All clauses of an answer that arrives in these pieces."""
    reader = AnswerReader(ASKABLE)
    return [say for text in texts for say in reader.feed(ChoiceDelta(content=text))] + reader.finish()


def test_only_questions_ask() -> None:
    """A statement that shares words with a question does not ask it."""
    assert read("You move in soon. When do you plan to move in?") == [
        Say("You move in soon."),
        Say("When do you plan to move in?", "move_in_date"),
    ]


def test_a_question_in_two_clauses_is_matched_as_a_whole() -> None:
    """The clause with the question mark carries what the whole sentence asks."""
    assert read("Is it a house, ", "or something else?") == [
        Say("Is it a house,"),
        Say("or something else?", "property_type"),
    ]


def test_tool_calls_are_put_together() -> None:
    """The pieces of a call's arguments are joined in order."""
    reader = AnswerReader(ASKABLE)
    for piece in ('{"product"', ': "home"}'):
        function = {"name": "learn" if piece.startswith("{") else None, "arguments": piece}
        delta = ChoiceDelta.model_validate({"tool_calls": [{"index": 0, "id": "call_0", "function": function}]})
        assert reader.feed(delta) == []
    assert reader.calls == [ToolCall(index=0, id="call_0", name="learn", arguments='{"product": "home"}')]


def test_characters_count_words_and_arguments() -> None:
    """What the limit on an answer's length counts is everything the model wrote."""
    reader = AnswerReader(ASKABLE)
    reader.feed(ChoiceDelta(content="Hi. "))
    reader.feed(
        ChoiceDelta.model_validate({"tool_calls": [{"index": 0, "function": {"name": "end", "arguments": "{}"}}]})
    )
    assert reader.characters == 6
