"""Which question is open, which one was put last, and which comes next."""

import re
from collections.abc import Iterable

from agent.asked_by import asked_by
from agent.campaign import Campaign, FollowUp, Question
from agent.snapshot import Snapshot, local_now
from agent.understanding.offers import offered
from agent.words import clean
from state.events import Channel
from state.view import Line, View

PATIENCE = 2
"""How often a question is put before the talk moves on without its answer."""
LEAST_HEARD = 3
"""Words of a question that must have been heard to take what follows for its answer."""
LOOK_BACK = 3
"""How many of our lines without a question may stand between a question and its answer."""
RECORDED = "recorded line"
"""The words by which a call says that it is recorded,"""
STOP_CALLS = "stop calls"
"""and those by which it says how to end all calls."""
MOST_NAMES = 4
_A_NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[ '’-]|\.(?![^\W\d_]{2})){0,39}")
"""Letters of any script; a dot behind an initial, not within an address."""
CALL_TIMES = frozenset({"callback_earliest", "callback_time"})
"""What a question for the time of a call is about: the time, or its hour, once a day is known."""


def is_ready(view: View, campaign: Campaign) -> bool:
    """Whether everything a human needs is known."""
    return all(view.known(key) is not None for key in campaign.ready_when)


def applies(question: Question, view: View) -> bool:
    """Whether the question makes sense for this lead, by what is known of him."""
    return all(view.known(key) in allowed for key, allowed in question.applies_if.items())


def next_question(
    view: View, campaign: Campaign, *, patience: int = PATIENCE, skip: frozenset[str] = frozenset()
) -> Question | None:
    """The question to put next: what an operator whispers, what follows from the lead's news, the campaign's order.

    A question that was put `patience` times, or is to be skipped, is left alone. Optional ones are not asked: once
    nothing else is open, a human takes over.
    """

    def is_open(question: Question) -> bool:
        return (
            question.ask is not None
            and view.known(question.key) is None
            and question.key not in skip
            and view.asked.count(question.key) < patience
        )

    if view.whispers and (hinted := _hinted(view, filter(is_open, campaign.questions))):
        return hinted
    for followup in campaign.followups:
        for question in _followed(followup, view, campaign):
            if is_open(question):
                return question
    planned = (q for q in campaign.questions if not q.optional and applies(q, view) and is_open(q))
    return next(planned, None)


def _hinted(view: View, questions: Iterable[Question]) -> Question | None:
    """The question that an operator's newest hint is about, if it is about one."""
    askable = {question.key: question for question in questions if applies(question, view)}
    words = {key: f"{key} {one.title or ''} {one.ask}" for key, one in askable.items()}
    key = asked_by(view.whispers[-1], words)
    return askable[key] if key is not None else None


def action_due(view: View, campaign: Campaign) -> FollowUp | None:
    """A follow-up that calls for an action instead of a question."""
    return next((f for f in campaign.followups if f.action is not None and is_met(f, view)), None)


def wording(question: Question, snapshot: Snapshot) -> str:
    """How to put a question: other words the second time, and those that fit what is known."""
    view, campaign = snapshot.view, snapshot.campaign
    if question.ask_again is not None and view.asked.count(question.key) % 2 == 1:
        words = question.ask_again
    else:
        fitting = next((w for w in question.ask_when if view.known(w.known) is not None), None)
        spoken = (fitting.ask_voice if fitting else question.ask_voice) if snapshot.channel is Channel.VOICE else None
        words = spoken or (fitting.ask if fitting else question.ask) or ""
    return snapshot.fill(words.replace("{slots}", offered(campaign, local_now(snapshot))))


def asked_last(view: View, campaign: Campaign) -> str | None:
    """The fact that our last question was about, as far as the lead heard it; None if it is unclear.

    A question cut short counts if enough of it was heard to be answered.
    """
    persona = (line for line in reversed(view.thread) if line.who == "persona")
    for line, _ in zip(persona, range(LOOK_BACK), strict=False):
        if line.asks is not None:
            return line.asks
        if line.cut and (guessed := _asked_by_half(line, campaign)):
            return guessed
        if "?" in line.text:
            return None
    return None


def pending(view: View, campaign: Campaign) -> str | None:
    """The campaign's question that was put most lately and is still open, also if other things were said since."""
    persona = (line for line in reversed(view.thread) if line.who == "persona")
    for line, _ in zip(persona, range(LOOK_BACK), strict=False):
        key = line.asks or (_asked_by_half(line, campaign) if line.cut else None)
        if key is not None and campaign.question(key) is not None and view.known(key) is None:
            return key
    return None


def call_time_key(view: View) -> str:
    """What a question for the time of a call is about now."""
    return "callback_earliest" if view.known("callback_earliest") is None else "callback_time"


def times_asked_for_time(view: View) -> int:
    """How often the lead was asked when to call."""
    return sum(key in CALL_TIMES for key in view.asked)


def name_to_say(name: str | None) -> str | None:
    """A form's name if it can be one: anything may stand in that box, an advertisement too, and we would send it."""
    said = " ".join((name or "").split())
    return said if _A_NAME.fullmatch(said) and len(said.split()) <= MOST_NAMES else None


def call_lines(view: View) -> list[Line]:
    """Our lines on the call that is up, or on the last one."""
    since = view.live_call.placed_at if view.live_call else None
    spoken = [line for line in view.thread if line.who == "persona" and line.channel is Channel.VOICE]
    return [line for line in spoken if since is None or line.at >= since]


def is_disclosed(view: View) -> bool:
    """Whether the lead has heard on this call who speaks, that it is recorded, and the way out: all of it."""
    return any(RECORDED in line.text and not _cut_in_way_out(line) for line in call_lines(view))


def _cut_in_way_out(line: Line) -> bool:
    """Whether the lead cut in between the words that the line is recorded and the end of the way out behind them."""
    return line.cut and f"; say '{STOP_CALLS}".startswith(line.text.partition(RECORDED)[2])


def _asked_by_half(line: Line, campaign: Campaign) -> str | None:
    heard = clean(line.text).split()
    for question in campaign.questions:
        wordings = [question.ask, question.ask_voice, question.ask_again]
        wordings += [words for w in question.ask_when for words in (w.ask, w.ask_voice)]
        for words in filter(None, wordings):
            if _ends_with_start_of(heard, clean(words).split()):
                return question.key
    return "recording_ok" if RECORDED in line.text else None


def _ends_with_start_of(heard: list[str], words: list[str]) -> bool:
    longest = min(len(heard), len(words))
    return any(heard[-size:] == words[:size] for size in range(longest, LEAST_HEARD - 1, -1))


def is_met(followup: FollowUp, view: View) -> bool:
    """Whether what a follow-up waits for is known."""
    return all(view.known(key) == value for key, value in followup.when.items())


def _followed(followup: FollowUp, view: View, campaign: Campaign) -> list[Question]:
    if not is_met(followup, view):
        return []
    keys = (key for key in (followup.ask, followup.then) if key is not None)
    return [question for key in keys if (question := campaign.question(key)) is not None]
