"""What one utterance comes to: the facts, the question along the way, the courtesy, against the record before it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from pydantic import JsonValue

from agent.asking import asked_last, pending
from agent.brain.small_talk import SmallTalk, small_talk
from agent.campaign import Campaign, Digression
from agent.handoff import FAILED, is_seeking
from agent.snapshot import Snapshot, Utterance, local_now
from agent.understanding.facts import extract
from agent.understanding.spanish import in_english, speaks_spanish
from agent.words import polarity
from state.events import Channel, Scope
from state.view import Fact, View

_QUESTION = re.compile(
    r"^(?:(?:and|but|so|ok|okay|well|um|wait|hey|,) )*"
    r"(?:(?:do|does|did|can|could|will|would|are|is) (?:you|u|yall|it|this|they|there|i|we)"
    r"|what|whats|when|where|wheres|how|hows|why|which|who|whos) "
)


@dataclass(frozen=True, slots=True)
class Turn:
    """What one utterance came to, against the record before it."""

    snapshot: Snapshot
    said: str
    """Cleaned."""
    asked: str | None
    learned: Mapping[str, JsonValue]
    view: View
    """The record with the new facts in it."""
    now: datetime
    """Lead-local."""
    aside: Digression | None
    talk: SmallTalk | None

    @property
    def learned_snapshot(self) -> Snapshot:
        """The snapshot with the new facts in it."""
        return replace(self.snapshot, view=self.view)

    @property
    def campaign(self) -> Campaign:
        """The campaign of this talk."""
        return self.snapshot.campaign

    def fill(self, words: str) -> str:
        """A wording of the campaign's, with the names for this lead."""
        return self.learned_snapshot.fill(words)

    @property
    def is_voice(self) -> bool:
        """Whether this is a call."""
        return self.snapshot.channel is Channel.VOICE

    @property
    def asks_something(self) -> bool:
        """Whether he asked something the campaign has no note on."""
        is_question = self.said.endswith("?") or _QUESTION.match(self.said) is not None
        return is_question and self.aside is None and self.talk is None and not self.learned

    @property
    def understood(self) -> bool:
        """Whether the utterance taught anything or asked anything."""
        return bool(self.learned) or self.aside is not None or self.talk is not None or polarity(self.said) is not None

    @property
    def failed_handoff(self) -> bool:
        """Whether a human was sought and none came: on this call, or on the last one if he writes."""
        handoff, call = self.view.handoff, self.view.live_call
        is_of_now = handoff is not None and (call is None or call.call == handoff.call)
        return is_of_now and handoff is not None and handoff.step in FAILED and not is_seeking(self.view)

    @property
    def calls_are_off(self) -> bool:
        """Whether he took back, or never gave, what a call of ours needs: the gate would refuse every one."""
        view = self.view
        given = view.consents.get(Scope.AI_VOICE)
        return view.voice_suppressed or given is None or given.basis != "written"

    @property
    def may_call_now(self) -> bool:
        """Whether a call could be proposed at this hour. The gate decides whether it may be placed."""
        start, end = self.campaign.timing.call_window
        return start <= self.now.time() < end


def read(snapshot: Snapshot, utterance: Utterance) -> Turn:
    """Understands an utterance."""
    view, campaign, now = snapshot.view, snapshot.campaign, local_now(snapshot)
    said = in_english(utterance.text, is_spanish=speaks_spanish(utterance.text, view))
    asked = asked_last(view, campaign)
    if asked in (None, "transfer_now") and polarity(said) is None:
        # Neither yes nor no to what was just said: it may still answer the question before.
        asked = pending(view, campaign) or asked
    learned = {move.key: move.value for move in extract(utterance.text, campaign, view, asked, now)}
    aside = _digression(utterance.text, campaign, learned)
    if aside is not None:
        learned |= {key: value for key, value in aside.learn.items() if view.known(key) != value}
    facts = {k: Fact(value=v, source=utterance.event, at=snapshot.now) for k, v in learned.items()}
    after = view.model_copy(update={"facts": view.facts | facts})
    return Turn(snapshot, said, asked, learned, after, now, aside, small_talk(said))


def _digression(text: str, campaign: Campaign, learned: Mapping[str, JsonValue]) -> Digression | None:
    lowered = text.lower().replace("’", "'")
    for digression in campaign.digressions:
        if any(pattern.search(lowered) for pattern in _compiled(digression.patterns)):
            # "I already have State Farm" may simply answer our question.
            answered = bool(set(learned) & {q.key for q in campaign.questions}) and "?" not in text
            if digression.asks is None or not answered:
                return digression
    return None


@lru_cache(4096)
def _compiled(patterns: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)
