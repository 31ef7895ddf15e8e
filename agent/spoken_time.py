"""When to call, as people say it: "in 20 minutes", "tomorrow after 3", "call me at 5", "not before Monday".

A small grammar instead of a library, because the libraries misread exactly these (POLICY 3.2). Its rules: a bare hour
from 1 to 7 is in the afternoon; a time that has passed is tomorrow's and has to be confirmed; "later" and the like
are no time; a window is clipped to the hours in which we call; a time outside them, or on a holiday, is said so, never
moved silently. Spanish is read by way of English (`agent.spanish_time`).
"""

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache

from holidays import country_holidays

from agent.spanish_time import in_english
from agent.spoken_clock import Clock, find_clock
from agent.spoken_date import DateMention, Span, find_dates
from agent.words import clean

DAY_HOURS = (time(9), time(20))
"""Lead-local hours in which a person who names a day may be called."""
POINT = timedelta(minutes=5)
"""How wide "at 3" is."""
ROUGHLY = timedelta(minutes=15)
"""How far off "around 3" may be, either way."""


class Meaning(StrEnum):
    """What a phrase about calling means."""

    READY_NOW = "ready_now"
    AT = "at"
    WINDOW = "window"
    NOT_BEFORE = "not_before"
    OUTSIDE_HOURS = "outside_window"
    """A time we may not call at: offer others."""
    VAGUE = "vague"
    """A call is welcome, the time is open: ask. Where nothing is to be confirmed, the lead is going to call us."""
    NOT_READY = "not_ready"
    """No call."""
    TEXT_ONLY = "text_only"
    """No call until the lead asks for one; texts are welcome."""


@dataclass(frozen=True, slots=True)
class CallTime:
    """When a lead wants to be called: lead-local, aware. `latest` is None for an open end."""

    meaning: Meaning
    earliest: datetime | None = None
    latest: datetime | None = None
    confirm: bool = False
    """Say it back as a question: the words leave room for another reading."""


def call_time(
    text: str, now: datetime, *, on: date | None = None, hours: tuple[time, time] = DAY_HOURS
) -> CallTime | None:
    """What the text says about when to call; None if it says nothing about it.

    `now` is lead-local and aware. `on` is the day already agreed on, to which a bare "10" belongs. A window's end is
    clipped to `hours`.

    Raises:
        ValueError: if `now` is naive.
    """
    if now.tzinfo is None:
        raise ValueError("the lead's local time needs its zone")
    now = now.replace(second=0, microsecond=0)
    text = _THIS_SECOND.sub("this minute", clean(text))
    said = _HOLIDAY.sub(lambda match: _next_holiday(match, now.date()), in_english(_in_full(text)))
    said = _NOT_TODAY.sub("", _HEDGE.sub("", _PAST.sub("", said))).replace("my time", "")
    said = _SHORT_DAY.sub(lambda match: _WEEKDAYS[match[0][:3]], said)
    return _Parser(said, now, on, hours).read()


# Words ---------------------------------------------------------------------------------------------------------------

_SHORTHAND = {
    "rn": "right now",
    "tmw": "tomorrow",
    "2moro": "tomorrow",
    "tmrw": "tomorrow",
    "gimme": "give me",
    "lemme": "let me",
    "wanna": "want to",
    "yall": "you",
    "ya": "you",
    "u": "you",
    "pls": "please",
    "plz": "please",
    "thx": "thanks",
    "wknd": "weekend",
    "aft": "afternoon",
    "btwn": "between",
    "b4": "before",
    "eve": "evening",
}


def _in_full(said: str) -> str:
    """Shorthand of the thumbs spelled out; "christmas eve" and the Spanish "ya" stay."""
    if _SPANISH_YA.search(said):
        return said
    words = _P_M.sub(r"\1pm", said).split()
    return " ".join(
        word if word == "eve" and place and words[place - 1] in _HOLIDAYS_EVE else _SHORTHAND.get(word, word)
        for place, word in enumerate(words)
    )


_THIS_SECOND = re.compile(r"\bthis (?:very )?2nd\b(?! of)")
"""Not the second of the month."""
_P_M = re.compile(r"\b(\d{1,2}(?::\d\d)?) p\b")
_HOLIDAYS_EVE = frozenset({"christmas", "xmas", "years"})
_SPANISH_YA = re.compile(
    r"\bya (?:puede\w*|me|no|estoy|call|llam\w+|marq\w+|marc\w+|mismo)\b|\b(?:llam|marqu|marc)\w* ya\b"
)
_WEEKDAYS = {name[:3]: name for name in (day.lower() for day in calendar.day_name)}
_SHORT_DAY = re.compile(
    r"\b(?:mon|tues?|wed|thu|thurs?|fri|sat|sun)\b(?= (?:morning|afternoon|evening|night|at|after|before|between|"
    r"around|works|is|or|\d)|$| [,.?])"
)
_TODAY = re.compile(r"\b(?:today|tonight|this (?:afternoon|evening|morning))\b")
_PAST = re.compile(
    r"\b(?:in |about )?(?:\d+|an?|a few|a couple(?: of)?) (?:years?|months?|weeks?|days?|hours?|"
    r"minutes?) ago\b"
)
_FACTS = re.compile(
    r"\b(?:renews?|expires?|closed|closing|moved|moving|bought|built|born|since|accident|ticket|lease|policy|yesterday|"
    r"on call|happened|occurred|dentist|graduat\w+|turn(?:ed|s|ing) \d+|storm|hail|court|inspection|resets?|due|effective|"
    r"birthday|surgery|installed|filed|deadline|semester|was(?! (?:thinking|hoping|wondering))|"
    r"last|what time|what day|how late|your hours|years? old|house number|ends|starts|started|married|"
    r"i work (?:from )?\d|per month|a month(?! from)|a year)\b"
)
"""What dates and numbers are about when they are not about calling."""
_ABOUT_CALLS = re.compile(
    r"\b(?:(?<!on )call|talk|reach|ring|phone|try|chat|available|free|(?<!i )(?<!we )works?|good|best|better|"
    r"not (?:before|until|till))\b"
)
_HEDGE = re.compile(r" (?:maybe|probably|i think|i guess|if possible)(?= ?[.,]|$)")
_NOT_TODAY = re.compile(r"\bnot (?:today|tonight|now|right now)(?: ,| \.| but)* (?=.*\b(?:tomorrow|next|\w+day)\b)")
_OTHER_ZONE = re.compile(r"\byour time\b")
_NO_CALL = (
    r"(?:(?:no|dont|do not|please|cant|wont|not) )*(?:call|calls|calling)(?: me)?(?: ,| \.)? ?(?:please |but |"
    r"and |just )*"
)
_TEXT = r"(?:text|texts|texting|message|messages|email|whatsapp|sms)"
_TEXT_ONLY = re.compile(
    rf"\b{_TEXT} (?:a lot |way |much )?(?:better|instead)\b|\b(?:rather|prefer|better|easier)(?: to| you| if you| we|"
    rf" by| be| not talk)? (?:just )?{_TEXT}\b"
    rf"|\b(?:just|only) (?:by )?{_TEXT}\b|\b{_TEXT}(?: me)? (?:only|instead|please|works better|preferred|first)\b|"
    rf"\bno calls\b"
    rf"|\b{_TEXT} (?:is|are|would be|works)(?: way| much| a lot)? ?(?:better|best|easier|fine|preferred|ok|good)\b"
    rf"|\b(?:can|could) (?:we|you|i)(?: please| just)* {_TEXT}\b(?! you)|{_NO_CALL}{_TEXT} me\b|\b(?:keep|"
    rf"stick) (?:it )?(?:to|with) {_TEXT}\b"
    rf"|\bdo (?:this|it) (?:over|by|via) {_TEXT}\b|^(?:please |pls |ok |no )*{_TEXT} me(?: please)?$"
)
_WE_ARE_CALLED = re.compile(
    r"\b(?:ill|i will|i can|let me|i would|id rather|im going to|i am going to|im gonna|i|we will|"
    r"well) (?:just )?(?:be the (?:one|1) to )?(?:call|ring|phone|try|hit|buzz|dial|reach out to|get back to|give) (?:you|yas|your office)\b"
    r"|^(?:ok |sure |ill |no |, |, )*(?:call|ring|buzz|phone) you (?:later|back|tomorrow|when|in|soon|tonight)\b"
    r"|\b(?:ill|i will) (?:just )?(?:call|reach out|be the one (?:to call|calling)|call (?:back|in|later))\b(?! me)"
)
_NOT_READY = re.compile(
    r"^(?:(?:no|sorry|nah|um|uh|well|oh|,|\.) )*(?:not (?:right now|now|at the moment|just yet|yet|at this time|ready|"
    r"really)"
    r"|(?:im |i am )?not ready(?: yet| for (?:a|that) call)?|maybe (?:later|another time|some other time|another day|"
    r"next time)|some other time maybe"
    r"|(?:(?:now|this|it) (?:is not|isnt) |(?:its )?not )(?:really )?(?:a|the) (?:good|great|best|right) time|(?:its )?(?:a )?bad time|no call(?: now| right now| yet)?|no calls (?:now|right now|yet)|rather not(?: right now| now)?|"
    r"dont call(?: me)?(?: right)? now)"
    r"(?: (?:thanks|thank you|please|sorry|though|yet))*[ ,.]*$"
)
_UNDECIDED = re.compile(
    r"\bstill (?:thinking|deciding|debating|undecided|on the fence|not sure|mulling)|\b(?:have not|havent|not) (?:yet )?"
    r"(?:decided|made up my mind)|\b(?:need|want|got|have|let me|give me|gonna|going|just need|like) (?:\w+ ){0,3}?(?:to )?"
    r"(?:think|sleep|mull|pray|chew) (?:(?:it|this|that|things) )?(?:on|over|about)\b"
    r"|\b(?:need|want|give me)(?: \w+){0,2} (?:more )?time to (?:think|decide)\b"
    r"|\bhold off (?:for now|a bit|on (?:this|that|it|the call))|\b(?:lets|let us|gonna|rather) hold off\b(?! (?:until|till?|on))"
    r"|\b(?:on the fence|undecided|not (?:really )?(?:sure|ready)(?: (?:yet|about (?:this|it)|to (?:talk|commit|decide))))\b"
    r"|\bnot yet\b(?! (?:at|but))|\b(?:some other|another) time maybe\b"
    r"|\b(?:no me decido|no (?:lo )?(?:he|hemos) decidido|lo (?:estoy|estamos|voy a|tengo que) pens\w+|pensarlo|"
    r"pensandolo|no estoy (?:segur|list)\w+)\b"
)
"""No call, and no refusal either: the lead is thinking."""
_LATER = re.compile(
    r"\blater (?:on )?today\b|\btoday later\b|\bsome ?time this week\b|\bthis week some ?time\b|\b(?:one|1) of these days\b"
)
_VAGUE = re.compile(
    r"\b(?:later|after (?:i|we|my|the kids|they|he|she|work|dinner|lunch|school|church|class|practice|my shift|this|"
    r"the meeting|the game)|(?:when|once|as soon as) (?:i|im|the|my|we|hes|shes|its)"
    r"|in a (?:bit|while|few|sec|second|minute|moment|little)|give me a (?:bit|few|minute|sec|second|moment)|"
    r"soon(?!er or)|some(?:time| other time| time)|another (?:time|day)"
    r"|(?:cant|can not|cannot|unable to|not able to|couldnt) (?:really )?(?:talk|speak|chat|answer|take (?:a )?calls?|"
    r"pick up|get to the phone|do (?:a )?calls?)"
    r"|not a good time|bad time|whenever|any ?time|busy|im driving|driving|at work|in a meeting|in class|"
    r"at the doctors?|swamped|tied up|in the middle of"
    r"|a few minutes|couple(?: of)? minutes|before bed|at lunch|on my (?:lunch|break)|lunch break|call me back|"
    r"try me back|try again)\b"
)
_REFUSING = re.compile(
    r"\b(?:dont|not|cant|cannot|wont|never|no|isnt|busy|driving|meeting|working|swamped|in class|"
    r"tied up|at work)\b"
)
_POLITE = (
    r"(?:(?:yes|yeah|yep|sure|ok|okay|please|pls|so|well|hi|hey|oh|alright|great|good|si|just|then|fine|"
    r"absolutely|perfect|,|\.|you|can|could|may|u|feel free to|go ahead|and|im free|i am free|im available) )*"
)
_CALL_ME = (
    r"(?:(?:call|ring|phone|dial|buzz)(?: me| us)?(?: up)?|give (?:me|us) a (?:call|ring|buzz|shout|holler)|"
    r"go ahead(?: and call)?(?: me)?|ready(?: when(?:ever)? you are| now| to talk| for the call)?|"
    r"im ready(?: now| to talk| when you are)?|i am ready|(?:i )?can talk(?: now)?|lets talk|lets do it|call)"
)
_NOW = re.compile(
    rf"^{_POLITE}{_CALL_ME}(?: (?:now|right now|please|asap|right away|thanks|whenever you(?:re| are) ready|back|,|\.|"
    rf"im (?:free|ready|here|available)|anytime now|if you want|if you can))*[ .?]*$"
    r"|\b(?:call|ring|phone)(?: me)?(?: back)?(?: right)? (?:now|asap|right away|immediately|this minute|"
    r"as soon as)\b|\b(?:now|right now|this minute) (?:works|is (?:good|fine|great|perfect|ok|okay|best))\b"
    r"|\b(?:im|i am|were|we are) (?:free|available|around|ready)(?: to talk)?(?: right)? now\b|\b(?:go ahead(?: and)?|(?:you|u) can|"
    r"feel free to) (?:call|ring|dial|buzz|try)(?: me| us)?(?= (?:im|i am|now|if|back)\b|[ .]*$)"
    r"|^(?:im |i am |yeah |yes )*free to (?:talk|chat)[ .]*$|\b(?:this (?:very )?second|no time like the present|(?:hit|call|ring) me up now)\b"
    r"|\b(?:cut (?:out|off)|disconnected|dropped|lost you|hung up|got cut|broke up|breaking up)\b.*\b(?:call|ring|try)(?: me)? (?:back|again)\b"
    r"|\b(?:i have|ive got|i got|got) (?:a (?:few|couple)(?: of)? (?:min\w*|sec\w*)|a (?:minute|min|sec|moment)|time|some time)(?: to talk)?(?: right)? now\b"
    r"|\b(?:i have|ive got|i got|got) a (?:few |couple )?(?:minutes?|mins?|sec|moment)[ ,.]*(?:so )?(?:try|call|ring) me\b"
    r"|\bi can talk[ .]*$|\b(?:telephone|call|phone|ring) me (?<!all )at once\b"
    r"|\bready when(?:ever)? you are\b|\b(?:im|i am) (?:free|available|around|ready|here)(?: right)? now\b|"
    r"\bgive me a (?:call|ring|buzz)(?: now)?[ .]*$"
    r"|\b(?:right now|asap|anytime now|any time now|as soon as (?:you can|possible)|at your earliest)\b|^(?:(?:yes|"
    r"yeah|ok|sure|how about|,) )*(?:nows good|now|right away|immediately|this minute)(?: please| ,.*)?[ .?]*$|"
    r"\bcall now\b|\bfree (?:right )?now\b"
    r"|\bgood time (?:is )?now\b|\bim (?:free|available|around)$|^ready$"
)
_NOT_BEFORE = re.compile(
    r"\b(?:not (?:before|until|till?)|no earlier than|nothing before|(?:wait|hold off|hold on|no calls?|"
    r"(?:dont|do not|cant|cannot|no) (?:call|ring|phone|talk)(?: me| us)?|please wait|cant talk|cant|not free|not available|busy|out of town|away|gone)"
    r"(?: \w+)? (?:until|till?)|(?:dont|do not|no) (?:call|ring|phone|calls)(?: me| us)? before|"
    r"earliest (?:is|i can do is|would be))\b"
)
_AFTER = re.compile(
    r"\b(?:(?<!quarter )(?<!\d )after|(?<!half )(?<!quarter )(?<!\d )past|from|starting(?: at)?|any ?time from|(?<!no )later than|"
    r"onwards?)\b"
)
_AFTER_THE_DAY = re.compile(r"\b(?:after|past) (?:the )?$")
_REFUSED = re.compile(
    r"\b(?:dont|not|cant|cannot|wont|never|no|out|away|gone|nothing|traveling|travelling|slammed|swamped|booked|busy|vacation)"
    r"(?: (?!before|until|till?\b|[.?](?= ))\S+){0,3} $"
)
_ANY_TIME = re.compile(r"\b(?:any ?time|whenever|all day) $")
_BEFORE = re.compile(r"\b(?:before|by|until|till?|no later than|prior to|earlier than)\b")

# From now on ---------------------------------------------------------------------------------------------------------

_ABOUT = "(?P<about>about |like |around |roughly |approximately |maybe )?(?:another )?"
_HOURS_IN = re.compile(
    rf"\b(?:in |give me )?{_ABOUT}(?P<n>\d{{1,2}}|an|a couple(?: of)?|a few|couple(?: of)?|few) (?:hours?|hrs?|"
    rf"h)\b(?P<so> or so)?"
)
_AN_HOUR = re.compile(r"\b(?P<about>about )?(?P<n>an )?hour from now(?P<so> or so)?\b")
_MINUTES_IN = re.compile(
    rf"\b(?:in |give me ){_ABOUT}(?P<n>\d{{1,3}})(?: ?(?:minutes?|mins?|m))?"
    r"(?! ?(?:hours?|hrs?|days?|weeks?|months?|years?|[ap]m))(?: |$)(?! ?(?:cars?|kids|days?|weeks?|months?|years?))"
)
_HALF = re.compile(r"\b(?:in )?(?:a |about )?(?:half an hour|(?:a )?half hour|30 minutes|1/2 hour)\b")
_AND_A_HALF = re.compile(
    r"\b(?:in )?(?:about )?(?:(?P<n>\d{1,2}|an?|a couple) )?(?:hours?|"
    r"hrs?)? ?and a half(?: hours?| hrs?)?\b"
)
_BARE_MINUTES = re.compile(r"\b(?P<n>\d{1,3}) ?(?:minutes?|mins?)\b")

_PARTS: tuple[tuple[str, tuple[time, time]], ...] = (
    ("mid morning", (time(10), time(11, 30))),
    ("morning", (time(9), time(12))),
    ("mornings", (time(9), time(12))),
    ("afternoon", (time(12), time(17))),
    ("afternoons", (time(12), time(17))),
    ("aft", (time(12), time(17))),
    ("evening", (time(17), time(20))),
    ("evenings", (time(17), time(20))),
    ("tonight", (time(18), time(20))),
    ("tonite", (time(18), time(20))),
    ("night", (time(18), time(20))),
)

# Holidays ------------------------------------------------------------------------------------------------------------

_CLOSED = ("New Year's Day", "Memorial Day", "Independence Day", "Labor Day", "Thanksgiving Day", "Christmas Day")
"""The holidays on which nobody is called."""
_HOLIDAY = re.compile(
    r"\b(?:(?P<name>thanksgiving|christmas|xmas|new years|memorial|labor|independence)(?: day| eve(?!\w))?|"
    r"the (?:4th of july|july 4th)|4th of july|"
    r"the (?P<plural>holidays)|(?:the|this) holiday)\b"
)


def _next_holiday(match: re.Match[str], today: date) -> str:
    """The date of a holiday that was named, in ISO form; "the holiday" is the next one."""
    wanted = {"xmas": "christmas", "new years": "new year"}.get(match["name"] or "", match["name"] or "")
    if match["plural"]:
        wanted = "new year"
    elif not wanted and "july" in match[0]:
        wanted = "independence"
    days = sorted(item for year in (today.year, today.year + 1) for item in _closed(year).items())
    ahead = [day for day, name in days if day >= today and wanted in name.lower()]
    day = ahead[0] - timedelta(days=1) if match[0].endswith("eve") else ahead[0]
    return day.isoformat()


@lru_cache(maxsize=16)
def _closed(year: int) -> dict[date, str]:
    named = country_holidays("US", years=year, observed=False).items()
    return {day: name for day, name in named if name in _CLOSED}


# The grammar ---------------------------------------------------------------------------------------------------------


class _Parser:
    """Reads one phrase. Each reading is tried in turn, the surest first."""

    def __init__(self, text: str, now: datetime, on: date | None, hours: tuple[time, time]) -> None:
        self.text = text
        self.now = now
        self.hours = hours
        self.on = on if on is not None and on > now.date() else None

    def read(self) -> CallTime | None:
        if _FACTS.search(self.text) and not _ABOUT_CALLS.search(self.text):
            return None
        readings: tuple[Callable[[], CallTime | None], ...] = (
            self._unusable,
            self._from_now,
            self._on_a_day,
            self._today_or_agreed,
            self._no_time,
            self._now,
            self._vague,
        )
        return next((found for reading in readings if (found := reading()) is not None), None)

    def _unusable(self) -> CallTime | None:
        if _OTHER_ZONE.search(self.text) or _LATER.search(self.text):
            return CallTime(Meaning.VAGUE, confirm=True)
        is_undecided = _UNDECIDED.search(self.text) and not find_dates(self.text, self.now.date())
        if _NOT_READY.search(self.text) or (is_undecided and find_clock(self.text) is None):
            return CallTime(Meaning.NOT_READY)
        return None

    def _no_time(self) -> CallTime | None:
        """What is said of calling, and no time with it."""
        if _TEXT_ONLY.search(self.text):
            return CallTime(Meaning.TEXT_ONLY)
        return CallTime(Meaning.VAGUE) if _WE_ARE_CALLED.search(self.text) else None

    def _from_now(self) -> CallTime | None:
        """ "in 20 minutes", "in a couple hours"."""
        if match := _AND_A_HALF.search(self.text):
            whole = int(match["n"]) if (match["n"] or "").isdigit() else 2 if match["n"] == "a couple" else 1
            return self._at(self.now + timedelta(hours=whole, minutes=30))
        if _HALF.search(self.text):
            return self._at(self.now + timedelta(minutes=30))
        if match := _HOURS_IN.search(self.text) or _AN_HOUR.search(self.text):
            return self._hours_in(match["n"] or "an", roughly=bool(match["so"] or match["about"]))
        if match := _MINUTES_IN.search(self.text) or _BARE_MINUTES.search(self.text):
            return self._at(self.now + timedelta(minutes=int(match["n"])))
        return None

    def _hours_in(self, count: str, *, roughly: bool) -> CallTime:
        hours = int(count) if count.isdigit() else 1 if count == "an" else 3 if "few" in count else 2
        about = self.now + timedelta(hours=hours)
        if (count == "an" or count.isdigit()) and not roughly:
            return self._at(about)
        about = about.replace(minute=about.minute // 15 * 15)
        return self._window(about, about + timedelta(minutes=30))

    def _on_a_day(self) -> CallTime | None:
        """A named day, with or without a time of day."""
        dates = find_dates(self.text, self.now.date())
        # "Don't call me tomorrow, call me Friday" names the day he does not want first.
        mention = next((date for date in dates if not _REFUSED.search(self.text[: date.start])), None)
        if mention is None:
            return self._refused(dates[0]) if dates else None
        span = next((span for span in mention.readings if span.last >= self.now.date()), None)
        if span is None:
            return None
        said = self.text[mention.start : mention.end]
        rest = f"{self.text[: mention.start]}{self.text[mention.end :]}"
        return self._within(span, f"{rest} tonight" if said == "tonight" else rest, before=self.text[: mention.start])

    def _refused(self, mention: DateMention) -> CallTime | None:
        """ "Not today": the day after is the first that may do."""
        span = mention.readings[0]
        if (span.last - self.now.date()).days > 14 or self._timed_today() is not None:
            return None
        return self._not_before(span.last + timedelta(days=1), "")

    def _timed_today(self) -> Clock | None:
        return find_clock(self.text)

    def _within(self, span: Span, rest: str, before: str) -> CallTime:
        day = max(span.first, self.now.date())
        if _NOT_BEFORE.search(before):
            return self._not_before(day, rest)
        if _AFTER_THE_DAY.search(before):
            return self._not_before(span.last + timedelta(days=1), rest)
        timed = self._timed(day, rest, is_named=True)
        if timed is not None:
            return timed if span.is_day and not _is_sunday(timed) else replace(timed, confirm=True)
        if (span.last - span.first).days >= _MONTH_DAYS and span.first > self.now.date():
            return self._not_before(span.first, "")
        start = self.now if day == self.now.date() else self._moment(day, self.hours[0])
        is_any_time = day == self.now.date() and _ANY_TIME.search(before) is not None
        if _BEFORE.search(before):
            return self._window(self.now, self._moment(day - timedelta(days=1), self.hours[1]), confirm=True)
        return self._window(start, self._moment(day, self.hours[1]), confirm=not is_any_time)

    def _not_before(self, day: date, rest: str) -> CallTime:
        clock = find_clock(rest)
        start = clock.first if clock else self.hours[0]
        return CallTime(Meaning.NOT_BEFORE, self._moment(day, start), confirm=clock is None)

    def _today_or_agreed(self) -> CallTime | None:
        return self._timed(self.on or self.now.date(), self.text, is_named=self.on is not None)

    def _timed(self, day: date, text: str, *, is_named: bool) -> CallTime | None:
        """A time of day or a part of the day."""
        text = _about_the_call(text)
        clock = find_clock(text)
        part = next(((name, span) for name, span in _PARTS if re.search(rf"\b{name}\b", text)), None)
        if clock is not None:
            return self._clocked(day, clock, text, part[0] if part else None, is_named=is_named)
        if part is None:
            return None
        start, end = (self._moment(day, edge) for edge in part[1])
        has_passed = end <= self.now
        if has_passed:
            start, end = start + timedelta(days=1), end + timedelta(days=1)
        return self._window(max(start, self.now), end, confirm=has_passed)

    def _clocked(self, day: date, clock: Clock, text: str, part: str | None, *, is_named: bool) -> CallTime:
        clock = replace(
            clock, first=_in_part(clock.first, part), last=_in_part(clock.last, part) if clock.last else None
        )
        first, is_tomorrow = self._ahead(day, clock, is_named=is_named or bool(_TODAY.search(text)))
        if clock.last is not None:
            return self._window(max(first, self.now), self._moment(first.date(), clock.last), confirm=is_tomorrow)
        if _NOT_BEFORE.search(text):
            return CallTime(Meaning.NOT_BEFORE, first, confirm=is_tomorrow)
        if _AFTER.search(text):
            return self._window(first, self._moment(first.date(), self.hours[1]), confirm=is_tomorrow)
        if _BEFORE.search(text):
            return self._window(max(self.now, self._moment(first.date(), self.hours[0])), first, confirm=is_tomorrow)
        if clock.roughly:
            return self._window(first - ROUGHLY, first + ROUGHLY, confirm=is_tomorrow)
        return self._at(first, confirm=is_tomorrow)

    def _ahead(self, day: date, clock: Clock, *, is_named: bool) -> tuple[datetime, bool]:
        """The moment of a clock time, and whether it had to be moved to tomorrow because today's has passed.

        "At 9" in the afternoon can only mean 9 tonight, when we may not call, or 9 tomorrow.
        """
        first = self._moment(day, clock.first)
        if clock.zone is not None:
            first = first.replace(tzinfo=clock.zone).astimezone(self.now.tzinfo)
        ends = self._moment(day, clock.last) if clock.last is not None else first
        if is_named or ends > self.now:
            return first, False
        return first + timedelta(days=1), True

    def _now(self) -> CallTime | None:
        if not _NOW.search(self.text) or _REFUSING.search(self.text):
            return None
        return CallTime(Meaning.READY_NOW, self.now, self.now + POINT)

    def _vague(self) -> CallTime | None:
        return CallTime(Meaning.VAGUE, confirm=True) if _VAGUE.search(self.text) else None

    def _moment(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, self.now.tzinfo)

    def _at(self, moment: datetime, *, confirm: bool = False) -> CallTime:
        if not self.hours[0] <= moment.time() < self.hours[1] or _is_closed(moment.date()):
            return CallTime(Meaning.OUTSIDE_HOURS, moment, moment + POINT, confirm=True)
        return CallTime(Meaning.AT, moment, moment + POINT, confirm=confirm)

    def _window(self, start: datetime, end: datetime, *, confirm: bool = False) -> CallTime:
        end = min(end, self._moment(end.date(), self.hours[1]))
        if end <= start:
            return CallTime(Meaning.OUTSIDE_HOURS, start, start + POINT, confirm=True)
        if _is_closed(start.date()) and start.date() == end.date():
            return CallTime(Meaning.OUTSIDE_HOURS, start, end, confirm=True)
        return CallTime(Meaning.WINDOW, start, end, confirm=confirm)


_CALL_AT = re.compile(
    r"\b(?:call|ring|try|reach|phone|buzz|text)(?: me| us)?(?: back)?(?: at| around| about| after| by)? (?=\d)"
)
_THEN = re.compile(
    r"\b(?:before|after|when|once|because|since|as|if) (?:i|im|we|my|the|he|she|they|it|its|work|school|second|first|dinner|lunch)\b"
)


def _about_the_call(text: str) -> str:
    """What of a text tells the time of the call: "off at 6 so call me 6:15", "7am before I leave for work"."""
    if match := _CALL_AT.search(text):
        text = text[match.start() :]
    match = _THEN.search(text)
    if match and (find_clock(text[: match.start()]) is not None and find_clock(text[match.start() :]) is None):
        return text[: match.start()].strip()
    return text


_MONTH_DAYS = 27
"""The first and the last of a month are at least so far apart: "next month" is no window, only its beginning is meant."""


def _is_sunday(when: CallTime) -> bool:
    """Not every state lets us call on a Sunday: the day is said back."""
    return when.earliest is not None and when.earliest.weekday() == calendar.SUNDAY


def _is_closed(day: date) -> bool:
    return day in _closed(day.year)


def _in_part(clock: time, part: str | None) -> time:
    """ "10 tonight" is at 22:00, "6 in the morning" at 6:00."""
    if part is None:
        return clock
    if "morning" in part:
        return clock.replace(hour=clock.hour - 12) if clock.hour >= 13 else clock
    return clock.replace(hour=clock.hour + 12) if clock.hour < 12 else clock
