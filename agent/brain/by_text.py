"""Steps that only a text takes."""

from agent.asking import CALL_TIMES, PATIENCE, call_time_key, is_ready, times_asked_for_time
from agent.brain.reading import Turn
from agent.brain.saying import Moves, ask, ask_time, brief_answer, passed_on, taken_up
from agent.brain.small_talk import SmallTalk
from agent.moves import End, Promise, Say
from state.effects import HandoffStep


def ready_by_text(turn: Turn) -> Moves | None:
    """He wants the call now. The call itself is the answer: words would only cross with its ringing."""
    if turn.learned.get("ready_to_talk") is not True or "callback_earliest" in turn.learned:
        return None
    if turn.calls_are_off:
        contact = turn.campaign.callback_contact
        okay = f"I can't call you without your written okay. You can reach us at {contact}, or we go on right here."
        return [*brief_answer(turn), Say(okay), *ask(turn, PATIENCE)]
    if not turn.may_call_now:
        return [Say("I can't call this late, sorry."), *ask_time(turn, "Let's find a better time.")[1:]]
    return [*brief_answer(turn), End("calling")]


def call_pending(turn: Turn) -> Moves | None:
    """A call was agreed on and has not been placed: add nothing to it but what he asks for, and its open hour."""
    fact = turn.view.facts.get("ready_to_talk")
    if fact is None or fact.value is not True or turn.learned.get("ready_to_talk") is True or turn.calls_are_off:
        return None
    if any(call.placed_at >= fact.at for call in turn.view.calls.values()):
        return None
    words = [*brief_answer(turn), *passed_on(turn)]
    if turn.asked in CALL_TIMES and turn.asked not in turn.learned and times_asked_for_time(turn.view) < PATIENCE:
        return [*taken_up(turn), *words, Say("What time suits you best?", asks=turn.asked)]
    # Without a time it is about to ring. What he tells before a later one is taken up, or he would think it lost.
    later = turn.view.known("callback_earliest") is not None and turn.learned
    heard = (taken_up(turn) or [Say("Got it, thanks.")]) if later else []
    return [*heard, *words, End("call_pending")]


def handed_over(turn: Turn) -> Moves | None:
    """A person has taken the lead over: what he texts now goes to that person."""
    handoff = turn.view.handoff
    if handoff is None or handoff.step not in (HandoffStep.JOINED, HandoffStep.LEFT):
        return None
    who = handoff.agent or turn.fill("{agent}")
    return [
        *brief_answer(turn),
        Say(f"Thanks, I'll let {who} know."),
        Promise(f"tell {who} what the lead texted", by="person"),
        End("handed_over"),
    ]


def text_courtesy(turn: Turn) -> Moves | None:
    """ "Hold on" and "bye" are left in peace; a question is waited for."""
    if turn.talk in (SmallTalk.WAIT, SmallTalk.BYE) and not turn.learned:
        return [Say("Sure, no rush." if turn.talk is SmallTalk.WAIT else "Talk soon!"), End("paused")]
    if turn.talk is SmallTalk.QUESTION and not turn.learned:
        return [Say("Sure, go ahead.")]
    return None


def offer_call(turn: Turn) -> Moves | None:
    """Interest is shown: propose a call, once. Voice only on intent (S18, S25)."""
    view = turn.view
    wants_call = view.known("interest") == "yes" and view.known("ready_to_talk") is None and not turn.calls_are_off
    if not wants_call or "ready_to_talk" in view.asked or view.known("channel_pref") == "sms":
        return None
    if turn.aside is not None and turn.aside.asks is not None:
        return None
    words = [*taken_up(turn), *brief_answer(turn)]
    if not turn.may_call_now:
        return [*words, Say("When's a good time tomorrow for a quick call?", asks=call_time_key(view))]
    return [*words, Say(turn.fill(turn.campaign.call_offer), asks="ready_to_talk")]


def text_ready(turn: Turn) -> Moves | None:
    """Everything is known and no call is agreed on: ask for its time."""
    if not is_ready(turn.view, turn.campaign):
        return None
    agent = turn.fill("{agent}")
    if times_asked_for_time(turn.view) >= PATIENCE:
        return [
            *taken_up(turn),
            *brief_answer(turn),
            Say(f"{agent} can call whenever you like, just name a time."),
            End("ready"),
        ]
    question = Say(f"When's a good time for a call with {agent}?", asks=call_time_key(turn.view))
    return [*taken_up(turn), *brief_answer(turn), Say("That's everything I need."), question]
