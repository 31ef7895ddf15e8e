"""The building blocks of a reply: take up, answer, ask, come back to what is open."""

import re

from agent.asking import PATIENCE, call_time_key, is_met, next_question, times_asked_for_time, wording
from agent.brain.reading import Turn
from agent.brain.small_talk import SmallTalk
from agent.brain.wording import NOT_CAUGHT, acknowledgement, turn_of
from agent.campaign import Digression
from agent.moves import End, Move, Promise, Say
from agent.opening import recalled
from agent.understanding.mentions import asks_whether_we_have
from agent.words import Polarity, polarity

Moves = list[Move]

PATIENCE_ASIDE = 4
"""How often a question may be put again after the lead asked something else: that is no refusal to answer."""


def answer(turn: Turn, aside: Digression) -> Moves:
    """The campaign's answer to what he asked along the way."""
    words = (aside.answer_voice if turn.is_voice else None) or aside.answer
    return [Say(turn.fill(words), asks=aside.asks)]


def brief_answer(turn: Turn) -> Moves:
    """The same, unless it would ask something itself."""
    return answer(turn, turn.aside) if turn.aside is not None and turn.aside.asks is None else []


def passed_on(turn: Turn) -> Moves:
    """What he asked and the campaign has no note on goes to a person."""
    if not turn.asks_something:
        return []
    agent = turn.fill("{agent}")
    note = Promise(f"have {agent} answer what the lead asked", by="person")
    return [Say(f"Good question for {agent}. I'll pass it on."), note]


def taken_up(turn: Turn) -> Moves:
    """A word on what the lead just said, and what the campaign has to say to it."""
    return [*_taken_up(turn), *_campaign_says(turn)]


def _campaign_says(turn: Turn) -> Moves:
    """The follow-ups that have something to say, when what they wait for was just learned."""
    says: Moves = []
    for followup in turn.campaign.followups:
        is_new = any(key in turn.learned for key in followup.when)
        if followup.say and is_new and is_met(followup, turn.view):
            words = turn.fill(followup.say)
            named = {key: turn.view.known(key) for key in re.findall(r"\{(\w+)\}", words)}
            if None not in named.values():
                says.append(Say(words.format_map(named)))
    return says


def _taken_up(turn: Turn) -> Moves:
    subject = turn.campaign.subject
    if subject is not None and subject.key in turn.learned and asks_whether_we_have(turn.said):
        return [Say("Yes, we do.")]
    if taken := acknowledgement(turn.learned, turn.snapshot.view, turn.campaign):
        return [Say(taken)]
    match turn.talk:
        case SmallTalk.BUSY:
            return [Say("Totally get it!")]
        case SmallTalk.THANKS:
            return [Say("You're welcome.")]
        case SmallTalk.HOW_ARE_YOU:
            return [Say("Doing fine, thanks for asking.")]
        case SmallTalk.SKIP:
            return [Say("No problem, we can skip that.")]
    is_fine = turn.asked == "good_time" and polarity(turn.said) is Polarity.YES
    if is_fine or turn.learned.get("recording_ok") or turn.learned.get("interest") == "yes":
        return [Say("Great.")]
    if turn.asked == "first_name":
        # Whose number this is stays unsaid until he has said it himself.
        name = turn.view.known("first_name") or turn.view.first_name or ""
        if str(name).lower() not in turn.said.split():
            return [Say("Thanks.")]
        is_lead = name == turn.snapshot.view.first_name
        remembered = recalled(turn.snapshot) if turn.is_voice and is_lead else None
        return [Say(f"Thanks, {name}."), *([Say(remembered)] if remembered else [])]
    if turn.learned.get("channel_pref") == "sms":
        return [Say("Sure, texting works.")]
    if turn.learned.get("ready_to_talk") is False:
        return [Say("No problem, we can do it here.")]
    if turn.aside is None and not turn.understood and not turn.asks_something:
        return [Say(NOT_CAUGHT[turn_of(turn.view) % len(NOT_CAUGHT)])]
    return []


def ask(turn: Turn, patience: int, skip: frozenset[str] = frozenset()) -> Moves:
    """The one question of this turn; when all have been put in vain, a person instead."""
    question = next_question(turn.view, turn.campaign, patience=patience, skip=skip)
    if question is not None:
        return [Say(wording(question, turn.learned_snapshot), asks=question.key)]
    if turn.is_voice and turn.view.asked.count("transfer_now") < PATIENCE:
        return [Say("I think a person can help you better. Shall I find one?", asks="transfer_now")]
    return ask_time(turn, "I'd like a person to take it from here.")


def back(turn: Turn, patience: int = PATIENCE_ASIDE) -> Moves:
    """Back to what is open: the question before the campaign's own, if that one has no answer yet."""
    if turn.asked is not None and turn.view.known(turn.asked) is None and turn.view.asked.count(turn.asked) < patience:
        match turn.asked:
            case "recording_ok":
                return [Say("Is now an okay time for a few quick questions?", asks="recording_ok")]
            case "good_time":
                return [Say("Is now a good time?", asks="good_time")]
            case "interest":
                return [Say(turn.fill(turn.campaign.opening_question), asks="interest")]
            case "ready_to_talk":
                return [Say("Would a quick call work for you?", asks="ready_to_talk")]
            case key if (question := turn.campaign.question(key)) is not None and question.ask:
                return [Say(wording(question, turn.learned_snapshot), asks=key)]
    return ask(turn, patience)


def again(turn: Turn) -> Moves:
    """The last question once more."""
    line = turn.view.last_line("persona")
    if line is None or line.cut or line.asks is None:
        return ask(turn, PATIENCE_ASIDE)
    question = turn.campaign.question(line.asks)
    if question is None:
        return [Say(_last_sentence(line.text), asks=line.asks)]
    return [Say(wording(question, turn.learned_snapshot), asks=question.key)]


def _last_sentence(text: str) -> str:
    return re.split(r"(?<=[.!?])\s+", text.strip())[-1]


def ask_time(turn: Turn, first: str) -> Moves:
    """Asks when to call, at most twice."""
    if times_asked_for_time(turn.view) >= PATIENCE:
        return [Say(f"{first} Just tell me here whenever it suits you."), End("call_open")]
    when = "later today or tomorrow" if turn.now.hour < 18 else "tomorrow"
    return [Say(first), Say(f"What time suits you for a call, {when}?", asks=call_time_key(turn.view))]
