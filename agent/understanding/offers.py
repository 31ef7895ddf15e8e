"""Times that we offered, and which of them the lead took: "2-4 or 4-6 today, which is better?" - "the later one"."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from agent.campaign import WEEKDAYS, Campaign
from agent.understanding.corrections import explained_away
from agent.understanding.spoken_date import find_dates
from agent.words import Polarity, any_of, clean, polarity

_TIME = r"(?P<{0}h>\d{{1,2}})(?:(?::(?P<{0}m>\d\d))| (?P<{0}w>15|30|45)(?= |$))?(?: ?(?P<{0}p>am|pm))?"
_HOURS = re.compile(
    rf"(?<![\w/:.-]){_TIME.format('a')}(?: ?(?:-|to|and|until|till) ?{_TIME.format('b')})?(?![\w/:-]|\.\d)"
)
_ALTERNATIVE = re.compile(r"(?<!\S)or(?!\S)|,")
_FIRST_HOUR_OF_DAY = 8
"""A bare hour before this is in the afternoon."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A time that we offered, lead-local; `end` is None for a point."""

    start: datetime
    end: datetime | None


def offers_in(text: str, now: datetime) -> list[Offer]:
    """The times a line of ours offers, in its order; none unless there are at least two, or one that is asked about."""
    said = _spaced(clean(text))
    every_day = [span for mention in find_dates(said, now.date()) for span in mention.readings[:1]]
    day = every_day[0].first if every_day else None
    offers: list[Offer] = []
    for part in _ALTERNATIVE.split(said):
        named = find_dates(part, now.date())
        day = named[0].readings[0].first if named else day
        hours = _HOURS.search(part)
        if hours is not None:
            offers.append(_offer(hours, day or now.date(), now, is_evening=bool(re.search(r"tonight|evening", part))))
    return offers if "?" in text else []


def _spaced(said: str) -> str:
    """ "2-4" as "2 - 4"; dates with a dash stay."""
    return re.sub(r"(?<![\d-])(\d{1,2}(?::\d\d)?(?:am|pm)?)-(\d{1,2}(?::\d\d)?(?:am|pm)?)(?![\d-])", r"\1 - \2", said)


def _offer(hours: re.Match[str], day: date, now: datetime, *, is_evening: bool) -> Offer:
    start = _clock(hours, "a", later_half=hours["ap"] or hours["bp"] if hours["bh"] else hours["ap"])
    begins = datetime.combine(day, start, now.tzinfo)
    if is_evening and begins.hour < 12:
        begins += timedelta(hours=12)
    if not hours["bh"]:
        return Offer(begins, None)
    ends = datetime.combine(day, _clock(hours, "b", later_half=hours["bp"]), now.tzinfo)
    return Offer(begins, ends if ends > begins else begins + timedelta(hours=2))


def _clock(hours: re.Match[str], which: str, *, later_half: str | None) -> time:
    hour, minute = int(hours[f"{which}h"]), int(hours[f"{which}m"] or hours[f"{which}w"] or 0)
    if hour < 12 and (later_half == "pm" or (later_half is None and hour < _FIRST_HOUR_OF_DAY)):
        hour += 12
    return time(hour % 24, minute % 60)


_FIRST = any_of(
    r"(?:option|number|choice|slot) 1",
    r"option a",
    r"(?:the )?(?:1st|first|former|earlier|earliest|sooner|soonest)(?: (?:1|one|slot|time))?",
    r"as early as possible",
)
_LAST = any_of(
    r"(?:option|number|choice|slot) 2",
    r"option b",
    r"(?:the )?(?:2nd|second|last|latter|later|latest)(?: (?:1|one|slot|time))?",
)
_ORDINAL = any_of(r"(?:the )?(?:1st|2nd)(?: (?:1|one|slot|time|option))?(?= ?$| please| pls| works| is| [,.?])")
""" "The first": of those offered, not of the month."""
_NUMBERED = any_of(r"(?:option|number|choice|slot) [12]")
_NOT_THEN = re.compile(
    r"(?<!\S)(?:not|cant(?: do| make)?|no|except|besides|work|working|busy|booked|out|away|gone|teach)"
    r"(?: on| all| every)? $"
)
_IS_FULL = re.compile(
    r" (?!(?:is |are )?(?:isnt|not|wont be) (?:an? |too )?(?:bad|problem|issue|full|booked|tough|hard|busy)(?!\S))"
    r"(?:(?:im|i am) (?:at (?!home)|out|away|busy|working|booked)|i (?:work|cant"
    r"|have (?!\S+ ?\S* ?(?:off|free)|off|free|time))"
    r"|(?:is|are)?(?: \S+)? ?(?:out|bad|no good|full|booked|tough|hard|busy)(?!\S)"
    r"|(?:isnt|wont|doesnt|cant|is not)(?!\S)"
    r"|(?:is )?my (?!days? off|free|only|best|pick|choice|prefer|favou?rite|vote)\S+)"
)
""" "Thursday is my mother's birthday"."""
_CHOSEN_OF_SEVERAL = any_of(r"or", r"either", r"any")
_ANY = any_of(
    r"either(?: (?:1|one|works|is fine|way))?",
    r"both(?: work)?",
    r"whichever",
    r"whatever works(?: (?:best|for you|for him|for them))?",
    r"any(?: of (?:them|those))?",
    r"dont care",
    r"doesnt matter",
    r"you (?:pick|choose)",
)
_PARTS = {
    "morning": (0, 12),
    "afternoon": (12, 17),
    "evening": (17, 24),
    "tonight": (17, 24),
    "noon": (12, 13),
    "lunch": (11, 14),
}


def taken(said: str, offers: list[Offer], now: datetime) -> Offer | None:
    """The offer that a cleaned answer takes; None if it takes none, or leaves it open which."""
    said = _with_days(_spaced(said), offers)
    named = [offer for offer in offers if _names(_NUMBERED.sub("", said), offer)]
    if len(named) == 1:
        return named[0]
    without = _ORDINAL.sub("", said)
    mentions = find_dates(without, now.date())
    gone = explained_away(without, [(one.start, one.end) for one in mentions])
    mentions = [
        one
        for place, one in enumerate(mentions)
        if place not in gone and not _NOT_THEN.search(without[: one.start]) and not _IS_FULL.match(without[one.end :])
    ]
    if len(offers) > 1 and _CHOSEN_OF_SEVERAL.search(said) is None:
        mentions = mentions[:1]  # "friday, I work thursdays"
    days = {span.first for mention in mentions for span in mention.readings}
    left = [offer for offer in offers if offer.start.date() in days] if days else offers
    left = [offer for offer in left if _part_fits(said, offer)]
    if len(left) == 1 and (days or _part_named(said) or (len(offers) == 1 and polarity(said) is Polarity.YES)):
        return left[0]
    if not left:
        return None
    if _LAST.search(said):
        return left[-1]
    return left[0] if _FIRST.search(said) or _ANY.search(said) else None


def _with_days(said: str, offers: list[Offer]) -> str:
    """The days of the offers in full: "fri" is Friday, where that is one of them."""
    for day in {f"{offer.start:%A}".lower() for offer in offers}:
        said = re.sub(rf"(?<!\S){day[:3]}(?:{day[3:4]}(?:{day[4:5]})?)?s?(?!\S)", day, said)
    return said


_THAT_ONE = re.compile(
    r"(?<!\S)(?:the|that|this|later|latest|latter|earlier|earliest|sooner|other|first|1st|2nd|second|last|morning"
    r"|afternoon|evening|either) 1(?! oclock)(?!\S)"
)
"""The word "one", which stands as a figure in cleaned text."""


def _names(said: str, offer: Offer) -> bool:
    """Whether the answer holds the offer's hour: "2", "2-4", "the 2 o'clock", "615"."""
    said = _THAT_ONE.sub("", said)
    hour, minute = offer.start.hour % 12 or 12, offer.start.minute
    ways = rf"{hour}:{minute:02}|{hour} ?{minute:02}" if minute else rf"{hour}(?::00)?"
    match = re.search(rf"(?<![\w:/.]){ways}(?: ?(?:am|pm|oclock))?(?![\w:/])", said)
    # In "4-6" the 6 is the end of a window, not its name.
    return match is not None and not re.search(r"\d(?::\d\d)?(?:am|pm)? (?:-|to) $", said[: match.start()])


def _part_named(said: str) -> bool:
    return any(part in said.split() for part in _PARTS)


def _part_fits(said: str, offer: Offer) -> bool:
    spans = [span for part, span in _PARTS.items() if part in said.split()]
    return all(first <= offer.start.hour < last for first, last in spans)


# Our own offers ------------------------------------------------------------------------------------------------------

_DAYS_AHEAD = 14
_NOTICE = timedelta(hours=2)
"""How soon before it a visit may still be offered."""


def next_slots(campaign: Campaign, now: datetime, count: int = 2) -> list[Offer]:
    """The next visits the campaign's hours allow, lead-local."""
    slots = []
    for ahead in range(_DAYS_AHEAD):
        day = now.date() + timedelta(days=ahead)
        for hours in campaign.visits.get(WEEKDAYS[day.weekday()], ()):
            start, end = (datetime.combine(day, time.fromisoformat(f"{at:0>5}"), now.tzinfo) for at in hours.split("-"))
            if start >= now + _NOTICE:
                slots.append(Offer(start, end))
    return slots[:count]


def offered(campaign: Campaign, now: datetime) -> str:
    """The next visits in words: "Thursday 9-11 or Friday 1-3"."""
    slots = next_slots(campaign, now)
    return " or ".join(spoken_offer(slot, now) for slot in slots) or "tomorrow"


def spoken_offer(offer: Offer, now: datetime) -> str:
    """ "today 2-4", "Friday 1-3"."""
    days = (offer.start.date() - now.date()).days
    day = {0: "today", 1: "tomorrow"}.get(days, f"{offer.start:%A}")
    return f"{day} {_hour(offer.start)}" + (f"-{_hour(offer.end)}" if offer.end else "")


def _hour(moment: datetime) -> str:
    return f"{moment.hour % 12 or 12}" + (f":{moment:%M}" if moment.minute else "")
