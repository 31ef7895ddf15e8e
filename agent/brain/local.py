"""The brain that needs no model: it follows the campaign's goal, takes what the lead gives and asks for what is open.

There is no script tree. Every turn starts from the record: learn what was said, take it up, answer what was asked
along the way, then put the one question that now matters most, or find a human once everything is known.
"""

from collections.abc import AsyncIterator

from agent.brain import by_text, on_call, steps
from agent.brain.reading import Turn, read
from agent.brain.saying import Moves
from agent.brain.steps import Step
from agent.moves import Learn, Move, Say
from agent.snapshot import Snapshot, Utterance
from agent.texting import fits, gsm7


class LocalBrain:
    """Replies by rules alone, offline."""

    async def reply(self, snapshot: Snapshot, utterance: Utterance) -> AsyncIterator[Move]:
        """The moves of one turn: facts first, then words in speaking order."""
        for move in decide(snapshot, utterance):
            yield move


def decide(snapshot: Snapshot, utterance: Utterance) -> list[Move]:
    """The whole turn, at once."""
    turn = read(snapshot, utterance)
    learned = [Learn(key, value) for key, value in turn.learned.items()]
    order = _VOICE_STEPS if turn.is_voice else _TEXT_STEPS
    moves = next((moves for step in order if (moves := step(turn)) is not None), [])
    return [*learned, *_styled(turn, moves)]


_VOICE_STEPS: tuple[Step, ...] = (
    steps.minor,
    on_call.lead_away,
    steps.third_party,
    steps.urgent,
    on_call.unidentified,
    on_call.undisclosed,
    on_call.no_recording,
    steps.not_interested,
    steps.link_wanted,
    on_call.while_ringing,
    steps.outside_area,
    steps.booked,
    steps.named_time,
    steps.unusable_time,
    on_call.after_human,
    on_call.rather_text,
    on_call.not_now,
    on_call.transfer_answer,
    on_call.courtesy,
    on_call.ready,
    on_call.offer_transfer,
    steps.go_on,
)
_TEXT_STEPS: tuple[Step, ...] = (
    steps.minor,
    steps.third_party,
    steps.urgent,
    steps.not_interested,
    steps.link_wanted,
    steps.outside_area,
    steps.booked,
    steps.named_time,
    steps.unusable_time,
    by_text.ready_by_text,
    by_text.call_pending,
    by_text.handed_over,
    by_text.text_courtesy,
    by_text.offer_call,
    by_text.text_ready,
    steps.go_on,
)
"""The order in which a turn is considered: the first step that has an answer gives it."""


def _styled(turn: Turn, moves: Moves) -> Moves:
    """Texts stay within two segments of plain characters: what is least needed goes first."""
    if turn.is_voice:
        return moves
    words = [Say(gsm7(move.text), move.asks) for move in moves if isinstance(move, Say)]
    while len(words) > 1 and not fits(" ".join(say.text for say in words)):
        words.pop(0)
    return [*words, *(move for move in moves if not isinstance(move, Say))]
