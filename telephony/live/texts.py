"""What the lead writes while he is on the telephone: heard by the call, answered aloud; texts are owed till then."""

from collections.abc import Sequence

from agent import interludes
from agent.asking import asked_last
from agent.brain import Brain
from agent.conversation import respond
from agent.snapshot import Utterance, local_now
from agent.understanding.facts import extract
from state.clock import Clock
from state.effects import Answer
from state.events import EffectSettled
from telephony.live.agenda import Item, Moves
from telephony.live.scribe import Scribe


class CallTexts:
    """Answers texts on one call.

    The request to answer a text stays in the outbox until the call has answered it (`answered`). What the call does
    not come to, because the lead hangs up or this process dies, a worker finds there and answers by text.
    """

    def __init__(self, scribe: Scribe, brain: Brain, clock: Clock) -> None:
        self._scribe = scribe
        self._brain = brain
        self._clock = clock

    def take(self, text: str, words: str) -> Item:
        """The turn that answers the text with this id."""
        return Item(lambda: self._answer(text, words), text, texts=(text,))

    def typed(self, source: str, words: str) -> Item:
        """The turn that answers what was typed on the telephone: the event with this id."""
        return Item(lambda: self._respond(source, words), source)

    def owed(self) -> list[Item]:
        """Turns for the texts that wait for an answer as the call connects: it may have been here before and died."""
        waiting = {answer.text_id for answer in self._outbox().values()}
        return [self.take(line.event, line.text) for line in self._scribe.view.thread if line.event in waiting]

    def is_owed(self, item: Item) -> bool:
        """Whether none of an item's texts has been answered elsewhere."""
        return not item.texts or any(answer.text_id in item.texts for answer in self._outbox().values())

    def answers_question(self, words: str, asking: str | None) -> bool:
        """Whether a text's words answer what is being asked, or what was asked last."""
        snapshot = self._scribe.snapshot()
        asked = asking or asked_last(snapshot.view, snapshot.campaign)
        learned = extract(words, snapshot.campaign, snapshot.view, asked, local_now(snapshot))
        return asked is not None and any(move.key == asked for move in learned)

    def answered(self, texts: Sequence[str]) -> None:
        """The lead has heard what there was to say to these: nothing is owed by text any more."""
        now = self._clock()
        for effect, answer in self._outbox().items():
            if answer.text_id in texts:
                settled = f"{effect}:settled"
                said = "answered on the call"
                self._scribe.put(EffectSettled(id=settled, at=now, effect=effect, outcome="done", detail=said))

    def _outbox(self) -> dict[str, Answer]:
        outbox = self._scribe.view.outbox
        return {key: waiting.effect for key, waiting in outbox.items() if isinstance(waiting.effect, Answer)}

    async def _answer(self, text: str, words: str) -> Moves:
        yield interludes.got_text()
        async for move in self._respond(text, words):
            yield move

    def _respond(self, source: str, words: str) -> Moves:
        return respond(self._brain, self._scribe.snapshot(), Utterance(words, source))
