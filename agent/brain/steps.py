"""Steps of a reply that both channels take. A step looks at the turn and answers it, or leaves it to the next."""

from collections.abc import Callable
from datetime import UTC, datetime

from agent.asking import CALL_TIMES, PATIENCE, action_due, call_time_key, is_ready
from agent.brain.reading import Turn
from agent.brain.saying import Moves, answer, ask, ask_time, back, passed_on, taken_up
from agent.brain.small_talk import SmallTalk
from agent.brain.wording import spoken_call_time, turn_of
from agent.links import ASKS_FOR_LINK, link_named, link_promise
from agent.moves import End, HandOff, Hold, Promise, Say
from agent.understanding.offers import Offer, offers_in, spoken_offer
from agent.understanding.spoken_time import Meaning, call_time
from agent.words import Polarity, polarity

Step = Callable[[Turn], Moves | None]
_WHOLE_DAY_HOURS = 8


def minor(turn: Turn) -> Moves | None:
    """Nobody under 18 is sold anything; a person looks first."""
    if turn.learned.get("under_18") is not True:
        return None
    return [
        Say("Thanks for telling me. I can only go over this with an adult, so please have a parent get in touch."),
        Hold("the lead is under 18"),
        End("under_18"),
    ]


def third_party(turn: Turn) -> Moves | None:
    """Somebody else has the phone: he learns nothing."""
    if "third_party_contact" not in turn.learned:
        return None
    name = turn.view.first_name or "the person who asked us"
    words = [Say(f"Hi! I can only go over details with {name}."), Say("You're both welcome on a call.")]
    if turn.is_voice:
        return [words[0], Say(f"Could {name} come to the phone?")]
    return [*words, Say(f"{name}, would that help?", asks="ready_to_talk")]


def not_interested(turn: Turn) -> Moves | None:
    """A no is taken courteously, without a pitch."""
    if turn.learned.get("interest") != "no":
        return None
    farewell = "Have a good one!" if turn_of(turn.view) % 2 else "Have a great day!"
    return [Say("No problem at all."), Say(f"Thanks for letting me know. {farewell}"), End("not_interested")]


def named_time(turn: Turn) -> Moves | None:
    """He named a time for a call: say it back in his zone, promise it, leave him in peace."""
    earliest = _moment(turn, "callback_earliest")
    if earliest is None or "callback_earliest" not in turn.learned:
        return None
    latest = _moment(turn, "callback_latest") if "callback_latest" in turn.learned else None
    when = spoken_call_time(earliest, latest, turn.now)
    is_open = latest is None or (latest - earliest).total_seconds() > _WHOLE_DAY_HOURS * 3600
    if is_open and turn.asked not in CALL_TIMES:
        day = when.partition(" from ")[0]
        return [Say(f"Sure, {day}."), Say("What time suits you best?", asks="callback_time")]
    due, until = earliest.astimezone(UTC), latest.astimezone(UTC) if latest else None
    if turn.calls_are_off:
        # By hand one may call who has come to us (47 CFR 64.1200(f)(5)); only our own voice needs his written okay.
        booking = Promise(f"one of our people calls {when}", due, until, by="person")
        return [Say(f"Got it. One of our people will call you {when}."), booking, End("callback_booked")]
    who = "We'll call you back" if turn.failed_handoff else "I'll call you"
    return [Say(f"Got it. {who} {when}."), Promise(f"call {when}", due, until, by="call"), End("callback_booked")]


def _moment(turn: Turn, key: str) -> datetime | None:
    value = turn.view.known(key)
    if not isinstance(value, str):
        return None
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=turn.now.tzinfo)


def unusable_time(turn: Turn) -> Moves | None:
    """He answered our question for a time, but with none we can use."""
    if turn.asked not in ("ready_to_talk", *CALL_TIMES) or turn.learned.get("ready_to_talk") is not None:
        return None
    when = call_time(turn.said, turn.now)
    if when is not None and when.meaning is Meaning.OUTSIDE_HOURS:
        ours = Say("We only call between 9 am and 8 pm.")
        return [ours, Say("What time then suits you?", asks=call_time_key(turn.view))]
    if when is not None and when.meaning is Meaning.VAGUE:
        return ask_time(turn, "Sure.")
    if turn.asked in CALL_TIMES and polarity(turn.said) is Polarity.NO:
        return [Say("No problem. You can reach us here any time."), End("no_callback")]
    return None


def booked(turn: Turn) -> Moves | None:
    """He took a visit: say it back, promise it, and ask on only for what is still open."""
    visits = [question for question in turn.campaign.questions if question.type == "datetime"]
    start = next((_moment(turn, question.key) for question in visits if question.key in turn.learned), None)
    if start is None:
        return None
    when = spoken_offer(_as_offered(turn, start), turn.now)
    said: Moves = [Say(f"Booked: {when}."), Promise(f"a visit {when}", start.astimezone(UTC))]
    if is_ready(turn.view, turn.campaign):
        return [*said, Say("The technician has your notes."), End("visit_booked")]
    return [*said, *ask(turn, PATIENCE)]


def _as_offered(turn: Turn, start: datetime) -> Offer:
    line = turn.snapshot.view.last_line("persona")
    offers = offers_in(line.text, turn.now) if line is not None else []
    return next((offer for offer in offers if offer.start == start), Offer(start, None))


def outside_area(turn: Turn) -> Moves | None:
    """A ZIP to which we do not come: said at once, so that nobody waits for a visit."""
    area, code = turn.campaign.service_area, turn.learned.get("zip")
    if not area or not isinstance(code, str) or code.startswith(area):
        return None
    return [Say(f"I'm sorry, we don't come to {code} yet."), Say("Thanks for asking us."), End("outside_area")]


def link_wanted(turn: Turn) -> Moves | None:
    """He wants a link: by text it is the answer; on a call it is promised, with the text that keeps the promise."""
    name = link_named(turn.said, turn.snapshot) if ASKS_FOR_LINK.search(turn.said) else None
    if name is None:
        return None
    if turn.is_voice:
        return [Say("I'll text you the link."), link_promise("text the link", name, turn.snapshot), *back(turn)]
    return [Say(f"Here it is: {turn.campaign.links[name]}"), *back(turn)]


def urgent(turn: Turn) -> Moves | None:
    """News that needs a human at once."""
    followup = action_due(turn.view, turn.campaign)
    at_once = ("human_now", "safety_script_then_human")
    if followup is None or followup.action not in at_once or not set(followup.when) & set(turn.learned):
        return None
    return [Say("Let me get a person for you right away."), HandOff("emergency")]


def go_on(turn: Turn) -> Moves:
    """Take up, answer, ask: the ordinary turn."""
    if turn.aside is not None:
        return [*taken_up(turn), *answer(turn, turn.aside), *([] if turn.aside.asks else back(turn))]
    if turn.asks_something:
        return [*taken_up(turn), *passed_on(turn), *back(turn)]
    if not turn.learned and turn.talk is None:
        return [*taken_up(turn), *back(turn, PATIENCE)]
    skip = frozenset({turn.asked}) if turn.talk is SmallTalk.SKIP and turn.asked and not turn.learned else frozenset()
    return [*taken_up(turn), *ask(turn, PATIENCE, skip)]
