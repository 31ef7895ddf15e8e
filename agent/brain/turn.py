"""The books of one turn: what the rules plan, what the model has said and done, what is left for the rules."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from agent.brain.prompt import open_questions
from agent.moves import Learn, Move, Say
from agent.snapshot import Snapshot, Utterance
from state.view import Fact


@dataclass(slots=True)
class Turn:
    """One turn, in which the rules decide what is done and the model finds the words, and may do more.

    `plan` is what the rules alone would do.
    """

    snapshot: Snapshot
    utterance: Utterance
    plan: Sequence[Move]
    said: list[Say] = field(default_factory=list)
    done: list[Move] = field(default_factory=list)
    """The model's own moves, other than words."""

    def facts(self) -> list[Learn]:
        """What the rules found in the utterance. It always counts."""
        return [move for move in self.plan if isinstance(move, Learn)]

    def learned(self) -> list[Learn]:
        """What only the model found."""
        return [move for move in self.done if isinstance(move, Learn)]

    def known(self) -> Snapshot:
        """The snapshot with the rules' facts in it."""
        return with_facts(self.snapshot, self.facts(), self.utterance)

    def askable(self) -> dict[str, str]:
        """What may be asked now, the planned question first: for each fact the words in which it could be asked."""
        planned = {move.asks: move.text for move in self.plan if isinstance(move, Say) and move.asks}
        for question in open_questions(self.known()):
            wordings = (planned.get(question.key), question.ask, question.ask_voice, question.key, *question.values)
            planned[question.key] = " ".join(words for words in wordings if words)
        return planned

    def take(self, moves: Iterable[Move]) -> list[Move]:
        """Enters moves of the model's; returns those that count. It may add facts, not overrule the rules'."""
        known = self.known().view
        found = {fact.key for fact in self.facts()}
        taken = [
            move
            for move in moves
            if not (isinstance(move, Learn) and (move.key in found or known.known(move.key) == move.value))
        ]
        self.done += taken
        return taken

    def still_to_do(self) -> list[Move]:
        """After a complete answer: what the rules want done and the model did not do."""
        kinds = {type(move) for move in self.done}
        return [move for move in self.plan if not isinstance(move, Say | Learn) and type(move) not in kinds]

    def remainder(self, plan: Sequence[Move]) -> list[Move]:
        """After a failure: how the rules finish the turn. `plan` is theirs, given what the model learned.

        When nothing was said yet it is their whole reply; else only their question, unless one was asked.
        """
        given = {fact.key for fact in (*self.facts(), *self.learned())}
        kinds = {type(move) for move in self.done} - {Learn}
        left = [move for move in plan if type(move) not in kinds]
        left = [move for move in left if not (isinstance(move, Learn) and move.key in given)]
        if not self.said:
            return left
        asked = any("?" in say.text for say in self.said)
        questions = [move for move in left if isinstance(move, Say) and move.asks and not asked]
        return [*questions[:1], *(move for move in left if not isinstance(move, Say))]


def with_facts(snapshot: Snapshot, facts: Iterable[Learn], utterance: Utterance) -> Snapshot:
    """The snapshot as if these facts, learned from the utterance, were already in the record."""
    new = {fact.key: Fact(value=fact.value, source=utterance.event, at=snapshot.now) for fact in facts}
    return replace(snapshot, view=snapshot.view.model_copy(update={"facts": snapshot.view.facts | new}))
