from brain_support import CLOSED, said, snapshot

from agent.brain.turn import Turn, with_facts
from agent.moves import End, HandOff, Learn, Move, Promise, Say

HOUSE = Say("Is it a house or a condo?", "property_type")


def turn(*plan: Move) -> Turn:
    """A turn with this plan, of a lead who wants home insurance."""
    return Turn(snapshot({"product": "home"}), said("We closed."), plan or CLOSED)


def test_facts_of_the_rules_are_known_to_the_model() -> None:
    """What this turn taught is in the snapshot the prompt is made from, with its source."""
    fact = turn().known().view.facts["closing_date"]
    assert (fact.value, fact.source) == ("2026-11-13", "turn:CA1:3")


def test_the_planned_question_is_the_first_that_may_be_asked() -> None:
    """The rest follows in the campaign's order; what is known is not among it."""
    askable = list(turn().askable())
    assert askable[0] == "property_type"
    assert "closing_date" not in askable
    assert "current_carrier" in askable


def test_a_planned_question_outside_the_campaign_may_be_asked() -> None:
    """The rules also ask for consent to a call, which no campaign lists."""
    assert turn(Say("Does now work?", "ready_to_talk")).askable()["ready_to_talk"] == "Does now work?"


def test_the_model_adds_facts() -> None:
    """New facts and corrections of older ones count; the rules' facts and repetitions do not."""
    current = turn()
    given: list[Move] = [
        Learn("closing_date", "2026-12-24"),
        Learn("product", "home"),
        Learn("product", "auto"),
        End("bye"),
    ]
    assert current.take(given) == [Learn("product", "auto"), End("bye")]
    assert current.learned() == [Learn("product", "auto")]


def test_after_a_whole_answer_only_deeds_are_left() -> None:
    """The rules' words are not said; their hand-off happens."""
    assert turn(Say("Great."), HandOff("qualified"), HOUSE).still_to_do() == [HandOff("qualified")]


def test_a_deed_of_the_models_replaces_the_same_of_the_rules() -> None:
    """One promise, one hand-off, one end a turn."""
    current = turn(Promise("call"), End("bye"))
    current.take([Promise("call at six")])
    assert current.still_to_do() == [End("bye")]


def test_when_nothing_was_said_the_rules_say_everything() -> None:
    """Their whole reply, without the facts that were already given."""
    assert turn().remainder(CLOSED) == list(CLOSED[1:])


def test_when_something_was_said_only_the_question_follows() -> None:
    """The rules' other words would repeat what was said."""
    current = turn()
    current.said.append(Say("How nice!"))
    assert current.remainder([*CLOSED, HandOff("qualified")]) == [HOUSE, HandOff("qualified")]


def test_after_a_question_no_second_one_follows() -> None:
    """One question a turn, whoever asked it."""
    current = turn()
    current.said.append(Say("Which one is it?"))
    assert current.remainder(CLOSED) == []


def test_new_facts_of_a_second_plan_count() -> None:
    """Given what the model learned, the rules may conclude more; what was given is not given again."""
    current = turn()
    current.take([Learn("property_type", "condo")])
    plan: list[Move] = [Learn("closing_date", "2026-11-13"), Learn("bought_house", True), Say("Good.")]
    assert current.remainder(plan) == [Learn("bought_house", True), Say("Good.")]


def test_with_facts_leaves_the_snapshot_as_it_was() -> None:
    """A snapshot never changes: speculation depends on it."""
    before = snapshot()
    after = with_facts(before, [Learn("product", "home")], said("home"))
    assert "product" not in before.view.facts
    assert after.view.known("product") == "home"
