"""The brain that needs no model: it follows the campaign's goal, takes what the lead gives and asks for what is open.

There is no script tree. Every turn starts from the record: learn what was said, take it up, answer what was asked
along the way, then put the one question that now matters most, or find a human once everything is known.
"""

import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import JsonValue

from agent.asking import (
    PATIENCE,
    action_due,
    asked_last,
    call_lines,
    is_disclosed,
    is_ready,
    next_question,
    pending,
    wording,
)
from agent.brain.small_talk import SmallTalk, small_talk
from agent.brain.wording import NOT_CAUGHT, acknowledgement, spoken_call_time, turn_of
from agent.campaign import Campaign, Digression
from agent.facts import extract
from agent.handoff import FAILED, SEEKING
from agent.moves import End, HandOff, Hold, Learn, Move, Promise, Say
from agent.opening import identification, local_now
from agent.snapshot import Snapshot, Utterance
from agent.spoken_time import Meaning, call_time
from agent.texting import fits, gsm7
from agent.words import Polarity, clean, polarity
from state.events import Channel, HandoffStep
from state.view import Fact, View

PATIENCE_ASIDE = 4
"""How often a question may be put again after the lead asked something else: that is no refusal to answer."""
_WHOLE_DAY_HOURS = 8
_QUESTION = re.compile(
    r"^(?:(?:and|but|so|ok|okay|well|um|wait|hey|,) )*"
    r"(?:(?:do|does|did|can|could|will|would|are|is) (?:you|u|yall|it|this|they|there|i|we)"
    r"|what|whats|when|where|wheres|how|hows|why|which|who|whos) "
)


class LocalBrain:
    """Replies by rules alone, offline, in well under a millisecond."""

    async def reply(self, snapshot: Snapshot, utterance: Utterance) -> AsyncIterator[Move]:
        """The moves of one turn: facts first, then words in speaking order."""
        for move in decide(snapshot, utterance):
            yield move


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
    def campaign(self) -> Campaign:
        """The campaign of this talk."""
        return self.snapshot.campaign

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


def decide(snapshot: Snapshot, utterance: Utterance) -> list[Move]:
    """The whole turn, at once."""
    turn = read(snapshot, utterance)
    learned = [Learn(key, value) for key, value in turn.learned.items()]
    steps = _VOICE_STEPS if turn.is_voice else _TEXT_STEPS
    moves = next((moves for step in steps if (moves := step(turn)) is not None), [])
    return [*learned, *_styled(turn, moves)]


def read(snapshot: Snapshot, utterance: Utterance) -> Turn:
    """Understands an utterance."""
    view, campaign, now = snapshot.view, snapshot.campaign, local_now(snapshot)
    said, asked = clean(utterance.text), asked_last(view, campaign)
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
        if any(re.search(pattern, lowered, re.IGNORECASE) for pattern in digression.patterns):
            # "I already have State Farm" may simply answer our question.
            answered = bool(set(learned) & {q.key for q in campaign.questions}) and "?" not in text
            if digression.asks is None or not answered:
                return digression
    return None


# Steps both channels take -------------------------------------------------------------------------------------------

Moves = list[Move]
_Step = Callable[[Turn], "Moves | None"]


def _minor(turn: Turn) -> Moves | None:
    """Nobody under 18 is sold anything; a person looks first."""
    if turn.learned.get("under_18") is not True:
        return None
    return [
        Say("Thanks for telling me. I can only go over this with an adult, so please have a parent get in touch."),
        Hold("the lead is under 18"),
        End("under_18"),
    ]


def _third_party(turn: Turn) -> Moves | None:
    """Somebody else has the phone: he learns nothing."""
    if "third_party_contact" not in turn.learned:
        return None
    name = turn.view.first_name or "the person who asked us"
    words = [Say(f"Hi! I can only go over details with {name}."), Say("You're both welcome on a call.")]
    if turn.is_voice:
        return [words[0], Say(f"Could {name} come to the phone?")]
    return [*words, Say(f"{name}, would that help?", asks="ready_to_talk")]


def _not_interested(turn: Turn) -> Moves | None:
    if turn.learned.get("interest") != "no":
        return None
    farewell = "Have a good one!" if turn_of(turn.view) % 2 else "Have a great day!"
    return [Say("No problem at all."), Say(f"Thanks for letting me know. {farewell}"), End("not_interested")]


def _named_time(turn: Turn) -> Moves | None:
    """He named a time for a call: say it back in his zone, promise it, leave him in peace."""
    earliest = _moment(turn, "callback_earliest")
    if earliest is None or "callback_earliest" not in turn.learned:
        return None
    latest = _moment(turn, "callback_latest") if "callback_latest" in turn.learned else None
    when = spoken_call_time(earliest, latest, turn.now)
    is_open = latest is None or (latest - earliest).total_seconds() > _WHOLE_DAY_HOURS * 3600
    if is_open and turn.asked != "callback_earliest":
        day = when.partition(" from ")[0]
        return [Say(f"Sure, {day}."), Say("What time suits you best?", asks="callback_earliest")]
    who = "We'll call you back" if _failed_handoff(turn) else "I'll call you"
    due = earliest.astimezone(UTC)
    return [Say(f"Got it. {who} {when}."), Promise(f"call {when}", due), End("callback_booked")]


def _moment(turn: Turn, key: str) -> datetime | None:
    value = turn.view.known(key)
    if not isinstance(value, str):
        return None
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=turn.now.tzinfo)


def _unusable_time(turn: Turn) -> Moves | None:
    """He answered our question for a time, but with none we can use."""
    if turn.asked not in ("callback_earliest", "ready_to_talk") or turn.learned.get("ready_to_talk") is not None:
        return None
    when = call_time(turn.said, turn.now)
    if when is not None and when.meaning is Meaning.OUTSIDE_HOURS:
        return [Say("We only call between 9 am and 8 pm."), Say("What time then suits you?", asks="callback_earliest")]
    if when is not None and when.meaning is Meaning.VAGUE:
        return _ask_time(turn, "Sure.")
    if turn.asked == "callback_earliest" and polarity(turn.said) is Polarity.NO:
        return [Say("No problem. You can reach us here any time."), End("no_callback")]
    return None


def _ask_time(turn: Turn, first: str) -> Moves:
    if turn.view.asked.count("callback_earliest") >= PATIENCE:
        return [Say(f"{first} Just tell me here whenever it suits you."), End("call_open")]
    when = "later today or tomorrow" if turn.now.hour < 18 else "tomorrow"
    return [Say(first), Say(f"What time suits you for a call, {when}?", asks="callback_earliest")]


def _failed_handoff(turn: Turn) -> bool:
    return turn.view.handoff is not None and turn.view.handoff.step in FAILED


def _urgent(turn: Turn) -> Moves | None:
    followup = action_due(turn.view, turn.campaign)
    if followup is None or followup.action != "human_now" or not set(followup.when) & set(turn.learned):
        return None
    return [Say("Let me get a person for you right away."), HandOff("emergency")]


# Voice --------------------------------------------------------------------------------------------------------------


def _while_ringing(turn: Turn) -> Moves | None:
    """A human is being called: stay with the lead, start nothing new."""
    handoff = turn.view.handoff
    if handoff is None or handoff.step not in SEEKING:
        return None
    if turn.aside is not None and turn.aside.asks is None:
        return [*_answer(turn, turn.aside), Say("One moment, I'm still finding someone for you.")]
    taken = acknowledgement(turn.learned, turn.snapshot.view, turn.campaign)
    return [*([Say(taken)] if taken else []), Say("One moment, I'm still finding someone for you.")]


def _undisclosed(turn: Turn) -> Moves | None:
    """He cut in before he had heard who speaks and that it is recorded: that comes first."""
    if not call_lines(turn.view) or is_disclosed(turn.view) or turn.snapshot.heard_to_end:
        return None
    ask = Say("Is now an okay time for a few quick questions?", asks="recording_ok")
    return [Say(identification(turn.snapshot, None)), *(_answer(turn, turn.aside) if turn.aside else []), ask]


def _no_recording(turn: Turn) -> Moves | None:
    """Our calls are recorded; without that we go on by text."""
    if turn.learned.get("recording_ok") is not False:
        return None
    return [
        Say("No problem."),
        Say("You can text me at this number any time, and we'll sort it there."),
        End("no_call"),
    ]


def _rather_text(turn: Turn) -> Moves | None:
    if turn.learned.get("channel_pref") != "sms":
        return None
    return [Say("Of course."), Say("Text me at this number any time, and we'll finish there."), End("prefers_text")]


def _transfer_answer(turn: Turn) -> Moves | None:
    if turn.asked != "transfer_now" or polarity(turn.said) is not Polarity.YES:
        return None
    return [Say("Okay."), Say("Let me see who's free."), HandOff("requested")]


def _not_now(turn: Turn) -> Moves | None:
    is_refused = turn.learned.get("ready_to_talk") is False or turn.learned.get("objection") == "timing"
    is_refused |= turn.asked == "good_time" and polarity(turn.said) is Polarity.NO
    if not is_refused or "callback_earliest" in turn.learned:
        return None
    return _ask_time(turn, "No problem.")


def _courtesy(turn: Turn) -> Moves | None:
    """ "Hello?", "say that again", "hold on", "bye"."""
    match turn.talk:
        case SmallTalk.WAIT if not turn.learned:
            return [Say("Sure, take your time.")]
        case SmallTalk.HELLO if not turn.learned:
            return [Say("Yes, I'm here."), *_back(turn)]
        case SmallTalk.REPEAT if not turn.learned:
            return [Say("Sure."), *_again(turn)]
        case SmallTalk.BYE:
            name = f", {turn.view.first_name}" if turn.view.first_name else ""
            return [Say(f"Thanks{name}. You can text me here any time. Bye!"), End("goodbye")]
        case _:
            return None


def _again(turn: Turn) -> Moves:
    line = turn.view.last_line("persona")
    if line is None or line.cut or line.asks is None:
        return _ask(turn, PATIENCE_ASIDE)
    question = turn.campaign.question(line.asks)
    if question is None:
        return [Say(_last_sentence(line.text), asks=line.asks)]
    return [Say(wording(question, turn.view, turn.snapshot.channel), asks=question.key)]


def _last_sentence(text: str) -> str:
    return re.split(r"(?<=[.!?])\s+", text.strip())[-1]


def _ready(turn: Turn) -> Moves | None:
    """Everything is known: find a human. The lead is told who only when one has accepted."""
    if not is_ready(turn.view, turn.campaign):
        return None
    if _failed_handoff(turn):
        return [*_taken_up(turn), *_ask_time(turn, "I have everything noted.")]
    answer = _answer(turn, turn.aside) if turn.aside is not None and turn.aside.asks is None else []
    done = Say("Great, that's everything I need." if not turn.learned else "That's everything I need.")
    return [*_taken_up(turn), *answer, done, Say("Let me see who's free."), HandOff("qualified")]


def _offer_transfer(turn: Turn) -> Moves | None:
    followup = action_due(turn.view, turn.campaign)
    is_new = followup is not None and bool(set(followup.when) & set(turn.learned))
    if followup is None or followup.action != "offer_transfer_now" or not is_new:
        return None
    offer = Say("I can put you through to a person now. Shall I?", asks="transfer_now")
    return [*_taken_up(turn), offer]


def _go_on(turn: Turn) -> Moves:
    """Take up, answer, ask: the ordinary turn."""
    if turn.aside is not None:
        answer = _answer(turn, turn.aside)
        return [*_taken_up(turn), *answer, *([] if turn.aside.asks else _back(turn))]
    if turn.asks_something:
        agent = turn.campaign.fill("{agent}")
        note = Promise(f"have {agent} answer what the lead asked")
        return [*_taken_up(turn), Say(f"Good question for {agent}. I'll pass it on."), note, *_back(turn)]
    if not turn.learned and turn.talk is None:
        return [*_taken_up(turn), *_back(turn, PATIENCE)]
    skip = frozenset({turn.asked}) if turn.talk is SmallTalk.SKIP and turn.asked and not turn.learned else frozenset()
    return [*_taken_up(turn), *_ask(turn, PATIENCE, skip)]


def _answer(turn: Turn, aside: Digression) -> Moves:
    words = (aside.answer_voice if turn.is_voice else None) or aside.answer
    return [Say(turn.campaign.fill(words), asks=aside.asks)]


def _taken_up(turn: Turn) -> Moves:
    """A word on what the lead just said."""
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
        return [Say(f"Thanks, {name}." if str(name).lower() in turn.said.split() else "Thanks.")]
    if turn.learned.get("channel_pref") == "sms":
        return [Say("Sure, texting works.")]
    if turn.learned.get("ready_to_talk") is False:
        return [Say("No problem, we can do it here.")]
    if turn.aside is None and not turn.understood and not turn.asks_something:
        return [Say(NOT_CAUGHT[turn_of(turn.view) % len(NOT_CAUGHT)])]
    return []


def _back(turn: Turn, patience: int = PATIENCE_ASIDE) -> Moves:
    """Back to what is open: the question before the campaign's own, if that one has no answer yet."""
    if turn.asked is not None and turn.view.known(turn.asked) is None and turn.view.asked.count(turn.asked) < patience:
        match turn.asked:
            case "recording_ok":
                return [Say("Is now an okay time for a few quick questions?", asks="recording_ok")]
            case "good_time":
                return [Say("Is now a good time?", asks="good_time")]
            case "interest":
                return [Say(turn.campaign.fill(turn.campaign.opening_question), asks="interest")]
            case "ready_to_talk":
                return [Say("Would a quick call work for you?", asks="ready_to_talk")]
    return _ask(turn, patience)


def _ask(turn: Turn, patience: int, skip: frozenset[str] = frozenset()) -> Moves:
    """The one question of this turn; when all have been put in vain, a person instead."""
    question = next_question(turn.view, turn.campaign, patience=patience, skip=skip)
    if question is not None:
        return [Say(turn.campaign.fill(wording(question, turn.view, turn.snapshot.channel)), asks=question.key)]
    if turn.is_voice and turn.view.asked.count("transfer_now") < PATIENCE:
        return [Say("I think a person can help you better. Shall I find one?", asks="transfer_now")]
    return _ask_time(turn, "I'd like a person to take it from here.")


# Texts --------------------------------------------------------------------------------------------------------------


def _ready_by_text(turn: Turn) -> Moves | None:
    """He wants the call now. The call itself is the answer: words would only cross with its ringing."""
    if turn.learned.get("ready_to_talk") is not True or "callback_earliest" in turn.learned:
        return None
    if not _may_call_now(turn):
        return [Say("I can't call this late, sorry."), *_ask_time(turn, "Let's find a better time.")[1:]]
    return [*_brief_answer(turn), End("calling")]


def _call_pending(turn: Turn) -> Moves | None:
    """A call was agreed on and has not been placed: add nothing to it."""
    fact = turn.view.facts.get("ready_to_talk")
    if fact is None or fact.value is not True or turn.learned.get("ready_to_talk") is True:
        return None
    if any(call.placed_at >= fact.at for call in turn.view.calls.values()):
        return None
    return [*_brief_answer(turn), End("call_pending")]


def _brief_answer(turn: Turn) -> Moves:
    return _answer(turn, turn.aside) if turn.aside is not None and turn.aside.asks is None else []


def _handed_over(turn: Turn) -> Moves | None:
    """A person has taken the lead over: what he texts now goes to that person."""
    handoff = turn.view.handoff
    if handoff is None or handoff.step not in (HandoffStep.JOINED, HandoffStep.LEFT):
        return None
    who = handoff.agent or turn.campaign.fill("{agent}")
    return [
        *_brief_answer(turn),
        Say(f"Thanks, I'll let {who} know."),
        Promise(f"tell {who} what the lead texted"),
        End("handed_over"),
    ]


def _text_courtesy(turn: Turn) -> Moves | None:
    if turn.talk in (SmallTalk.WAIT, SmallTalk.BYE) and not turn.learned:
        return [Say("Sure, no rush." if turn.talk is SmallTalk.WAIT else "Talk soon!"), End("paused")]
    return None


def _offer_call(turn: Turn) -> Moves | None:
    """Interest is shown: propose a call, once. Voice only on intent (S18, S25)."""
    view = turn.view
    wants_call = view.known("interest") == "yes" and view.known("ready_to_talk") is None
    if not wants_call or "ready_to_talk" in view.asked or view.known("channel_pref") == "sms":
        return None
    if turn.aside is not None and turn.aside.asks is not None:
        return None
    words = [*_taken_up(turn), *_brief_answer(turn)]
    if not _may_call_now(turn):
        return [*words, Say("When's a good time tomorrow for a quick call?", asks="callback_earliest")]
    return [*words, Say(turn.campaign.fill(turn.campaign.call_offer), asks="ready_to_talk")]


def _may_call_now(turn: Turn) -> bool:
    """Whether a call could be proposed at this hour. The gate decides whether it may be placed."""
    start, end = turn.campaign.timing.call_window
    return start <= turn.now.time() < end


def _text_ready(turn: Turn) -> Moves | None:
    if not is_ready(turn.view, turn.campaign):
        return None
    agent = turn.campaign.fill("{agent}")
    if turn.view.asked.count("callback_earliest") >= PATIENCE:
        return [
            *_taken_up(turn),
            *_brief_answer(turn),
            Say(f"{agent} can call whenever you like, just name a time."),
            End("ready"),
        ]
    ask = Say(f"When's a good time for a call with {agent}?", asks="callback_earliest")
    return [*_taken_up(turn), *_brief_answer(turn), Say("That's everything I need."), ask]


_VOICE_STEPS: tuple[_Step, ...] = (
    _minor,
    _third_party,
    _urgent,
    _undisclosed,
    _no_recording,
    _not_interested,
    _while_ringing,
    _named_time,
    _unusable_time,
    _rather_text,
    _not_now,
    _transfer_answer,
    _courtesy,
    _ready,
    _offer_transfer,
    _go_on,
)
_TEXT_STEPS: tuple[_Step, ...] = (
    _minor,
    _third_party,
    _urgent,
    _not_interested,
    _named_time,
    _unusable_time,
    _ready_by_text,
    _call_pending,
    _handed_over,
    _text_courtesy,
    _offer_call,
    _text_ready,
    _go_on,
)


# Style --------------------------------------------------------------------------------------------------------------


def _styled(turn: Turn, moves: Moves) -> Moves:
    """Texts stay within two segments of plain characters: what is least needed goes first."""
    if turn.is_voice:
        return moves
    words = [Say(gsm7(move.text), move.asks) for move in moves if isinstance(move, Say)]
    while len(words) > 1 and not fits(" ".join(say.text for say in words)):
        words.pop(0)
    return [*words, *(move for move in moves if not isinstance(move, Say))]
