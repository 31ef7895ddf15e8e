from telephony.sandbox.script import Interrupt, Script, TextBack, When


def test_the_first_rule_that_matches_answers() -> None:
    """Rules are in order of precedence; case does not matter."""
    script = Script([When("close", "last friday"), When("closing|close", "never")])
    answer = script.answer("Great. When do you CLOSE?")
    assert answer is not None
    assert answer.say == "last friday"


def test_a_rule_is_used_once_unless_told() -> None:
    """A lead does not repeat himself, but may say yes for ever."""
    script = Script([When("price", "how much is it"), When("okay", "yes", once=False)])
    said = [script.answer(heard) for heard in ("the price", "the price", "okay?", "okay?")]
    assert [answer and answer.say for answer in said] == ["how much is it", None, "yes", "yes"]


def test_fallbacks_cover_the_unexpected_in_order() -> None:
    """Each once, and then the lead says nothing."""
    script = Script([When("close", "friday")], fallbacks=["sorry?", "go on"])
    said = [script.answer(heard) for heard in ("what colour", "close", "what size", "what else")]
    assert [answer and answer.say for answer in said] == ["sorry?", "friday", "go on", None]


def test_an_interruption_by_turn_comes_once() -> None:
    """In the turn it was planned for, and no other."""
    script = Script(interrupts=[Interrupt(2, 300, "wait")])
    assert [script.interrupt(turn) is not None for turn in (1, 2, 2, 3)] == [False, True, False, False]
    assert not script.listens_in


def test_an_interruption_by_words_needs_listening_in() -> None:
    """Until it has been used."""
    script = Script(interrupts=[Interrupt("condo", 0, "hold on")])
    assert script.listens_in
    assert script.interrupt_on("is it a house") is None
    assert script.interrupt_on("is it a house, a condo") is not None
    assert not script.listens_in
    assert script.interrupt_on("a condo") is None


def test_texts_are_answered_by_rule() -> None:
    """Once each, unless told."""
    script = Script(texts=[TextBack("call", "sure"), TextBack("looking", "yeah", once=False)])
    bodies = ("Still looking?", "Can I call?", "Can I call?", "Still looking?")
    answers = [script.text_back(body) for body in bodies]
    assert [answer and answer.say for answer in answers] == ["yeah", "sure", None, "yeah"]


def test_every_line_can_be_rehearsed() -> None:
    """Rules, fallbacks and interruptions are all spoken."""
    script = Script([When("a", "one")], ["two"], [Interrupt(1, 0, "three")], [TextBack("b", "not spoken")])
    assert list(script.lines()) == ["one", "two", "three"]
