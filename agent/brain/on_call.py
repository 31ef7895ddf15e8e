"""Steps that only a call takes."""

from agent import identity
from agent.asking import PATIENCE, action_due, call_lines, is_disclosed, is_ready
from agent.brain.reading import Turn
from agent.brain.saying import Moves, again, answer, ask_time, back, brief_answer, taken_up
from agent.brain.small_talk import SmallTalk
from agent.brain.wording import acknowledgement
from agent.guard.plain import plain
from agent.guard.wrong_number import is_away
from agent.handoff import is_seeking
from agent.moves import End, HandOff, Promise, Say
from agent.opening import identification, to_the_lead
from agent.words import Polarity, any_of, polarity
from state.effects import HandoffStep


def while_ringing(turn: Turn) -> Moves | None:
    """A human is being called: stay with the lead, start nothing new."""
    if not is_seeking(turn.view):
        return None
    if turn.aside is not None and turn.aside.asks is None:
        return [*answer(turn, turn.aside), Say("One moment, I'm still finding someone for you.")]
    taken = acknowledgement(turn.learned, turn.snapshot.view, turn.campaign)
    return [*([Say(taken)] if taken else []), Say("One moment, I'm still finding someone for you.")]


def after_human(turn: Turn) -> Moves | None:
    """A person had him on the line and has left: help with what is left over, and do not begin anew."""
    handoff, call = turn.view.handoff, turn.view.live_call
    if handoff is None or handoff.step is not HandoffStep.LEFT or call is None or call.call != handoff.call:
        return None
    agent = handoff.agent or turn.fill("{agent}")
    if turn.talk is SmallTalk.BYE or (polarity(turn.said) is Polarity.NO and turn.aside is None):
        return [Say("All right. You can text me here any time. Bye!"), End("after_human")]
    if turn.aside is not None:
        return [*answer(turn, turn.aside), *([] if turn.aside.asks else [Say("Anything else?")])]
    note = Promise(f"tell {agent} what the lead said")
    return [Say(f"I'll pass that on to {agent}."), note, Say("Anything else?")]


def undisclosed(turn: Turn) -> Moves | None:
    """He cut in before he had heard who speaks, that it is recorded, and the way out: that comes first."""
    if not call_lines(turn.view) or is_disclosed(turn.view):
        return None
    ask = Say("Is now an okay time for a few quick questions?", asks="recording_ok")
    return [Say(identification(turn.snapshot, None)), *(answer(turn, turn.aside) if turn.aside else []), ask]


def unidentified(turn: Turn) -> Moves | None:
    """Nobody has said yet that he is the lead, where the campaign wants it said: nothing else is talked about."""
    if not identity.is_open(turn.snapshot):
        return None
    is_he = identity.answer(turn.said, turn.snapshot)
    asked = sum(line.asks == identity.ASKS for line in call_lines(turn.view))
    if is_he is None and asked < PATIENCE:
        return [Say(identification(turn.snapshot, None)), identity.question(turn.snapshot)]
    if not is_he:
        name = turn.view.first_name or "Whoever asked us"
        return [Say(f"Sorry to bother you. {name} can call or text this number any time. Bye!"), End("lead_away")]
    disclosed = [] if is_disclosed(turn.view) else [Say(identification(turn.snapshot, None))]
    return [identity.CONFIRMED, *disclosed, *to_the_lead(turn.snapshot)]


def lead_away(turn: Turn) -> Moves | None:
    """Somebody else answered, and says that the lead is not there: take leave, and tell nothing of what he wants."""
    call = turn.snapshot.view.live_call
    if call is None or not is_away(plain(turn.said)):
        return None
    talked = any(
        line.who == "lead" and line.event.startswith(f"turn:{call.call}:") for line in turn.snapshot.view.thread
    )
    if talked and "third_party_contact" not in turn.view.facts:
        return None  # he tells of somebody else
    name = turn.view.first_name or "whoever asked us"
    return [Say(f"No problem, thanks. {name} can call or text this number any time. Bye!"), End("lead_away")]


def no_recording(turn: Turn) -> Moves | None:
    """Our calls are recorded; without that we go on by text."""
    if turn.learned.get("recording_ok") is not False:
        return None
    return [
        Say("No problem."),
        Say("You can text me at this number any time, and we'll sort it there."),
        End("no_call"),
    ]


def rather_text(turn: Turn) -> Moves | None:
    """He likes texting better: take leave and go on there."""
    if turn.learned.get("channel_pref") != "sms":
        return None
    return [Say("Of course."), Say("Text me at this number any time, and we'll finish there."), End("prefers_text")]


def transfer_answer(turn: Turn) -> Moves | None:
    """A yes to being put through."""
    if turn.asked != "transfer_now" or polarity(turn.said) is not Polarity.YES:
        return None
    return [Say("Okay."), Say("Let me see who's free."), HandOff("requested")]


_CALL_BACK = any_of(r"(?:^|please |just |(?:can|could|would) (?:you|u) (?:please |just )?|you can )call (?:me )?back")


def not_now(turn: Turn) -> Moves | None:
    """The moment is bad: ask for a better one."""
    is_refused = turn.learned.get("ready_to_talk") is False or turn.learned.get("objection") == "timing"
    is_refused |= turn.asked == "good_time" and polarity(turn.said) is Polarity.NO
    is_refused |= _CALL_BACK.search(turn.said) is not None
    if not is_refused or "callback_earliest" in turn.learned:
        return None
    return ask_time(turn, "No problem.")


def courtesy(turn: Turn) -> Moves | None:
    """ "Hello?", "say that again", "hold on", "bye"."""
    match turn.talk:
        case SmallTalk.WAIT if not turn.learned:
            return [Say("Sure, take your time.")]
        case SmallTalk.HELLO if not turn.learned:
            return [Say("Yes, I'm here."), *back(turn)]
        case SmallTalk.HERE if not turn.learned:
            return [Say("There you are."), *back(turn)]
        case SmallTalk.QUESTION if not turn.learned:
            return [Say("Sure, go ahead.")]
        case SmallTalk.REPEAT if not turn.learned and turn.aside is None:
            return [Say("Sure."), *again(turn)]
        case SmallTalk.BYE:
            name = f", {turn.view.first_name}" if turn.view.first_name else ""
            return [Say(f"Thanks{name}. You can text me here any time. Bye!"), End("goodbye")]
        case _:
            return None


def ready(turn: Turn) -> Moves | None:
    """Everything is known: find a human. The lead is told who only when one has accepted."""
    if not is_ready(turn.view, turn.campaign):
        return None
    if turn.failed_handoff:
        return [*taken_up(turn), *ask_time(turn, "I have everything noted.")]
    answered = brief_answer(turn)
    done = Say("Great, that's everything I need." if not turn.learned else "That's everything I need.")
    return [*taken_up(turn), *answered, done, Say("Let me see who's free."), HandOff("qualified")]


def offer_transfer(turn: Turn) -> Moves | None:
    """The campaign wants a person offered at this news."""
    followup = action_due(turn.view, turn.campaign)
    is_new = followup is not None and bool(set(followup.when) & set(turn.learned))
    if followup is None or followup.action != "offer_transfer_now" or not is_new:
        return None
    offer = Say("I can put you through to a person now. Shall I?", asks="transfer_now")
    return [*taken_up(turn), offer]
