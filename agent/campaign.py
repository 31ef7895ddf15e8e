"""Campaigns: what a vertical asks, says and never says. YAML only; a vertical is data, never code."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, ValidationError

from agent.campaign_checks import contradictions
from agent.marked_yaml import Marked, MarkedYamlError, read

Scalar = str | int | bool


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Validity(_Part):
    """What an answer must keep to."""

    min_days: int | None = None
    """How far from today a date may lie, in days; negative is the past."""
    max_days: int | None = None
    service_area: bool = False
    """A ZIP must lie in the campaign's `service_area`; elsewhere we say that we do not come."""

    def allows(self, days: int) -> bool:
        """Whether a date so many days from today is allowed."""
        return (self.min_days is None or days >= self.min_days) and (self.max_days is None or days <= self.max_days)


class Band(_Part):
    """A span of numbers that one enum value stands for, both ends included; an open end is left out."""

    min: float | None = None
    max: float | None = None

    def holds(self, number: float) -> bool:
        """Whether the number lies in the band."""
        return (self.min is None or number >= self.min) and (self.max is None or number <= self.max)


class AskWhen(_Part):
    """A wording that fits better once another fact is known."""

    known: str
    ask: str
    ask_voice: str | None = None
    yes_means_by_then: bool = False
    """`known` is a date, and a plain yes means "by that date"; the question's bands turn it into a value."""


class Question(_Part):
    """One fact the campaign wants, how to ask for it, and which words of the lead's mean what."""

    key: str
    type: Literal["enum", "int", "date", "datetime", "text", "bool", "zip"]
    title: str | None = None
    """What a summary calls it: "Move-in". None: the key."""
    ask: str | None = None
    """Example wording. None: never asked, only picked up from what the lead volunteers."""
    ask_voice: str | None = None
    """Spoken wording, where the text one does not speak well."""
    ask_again: str | None = None
    """Other wording, for when the first was not understood."""
    ask_when: tuple[AskWhen, ...] = ()
    values: tuple[str, ...] = ()
    labels: dict[str, str] = {}
    """How a value is said aloud and in summaries: {none: "no present cover"}. Default: the value itself."""
    synonyms: dict[str, tuple[str, ...]] = {}
    """Words that mean a value wherever they occur, beyond the value's own name. For a bool the values are `true` and
    `false`; for an int, numbers; for a text, the canonical text. `*` stands for up to three words, `#` for a number."""
    answers: dict[str, tuple[str, ...]] = {}
    """Words that mean a value only in an answer to this question. `yes` and `no` stand for any way of saying so."""
    ignore: tuple[str, ...] = ()
    """Phrases that hold one of the words above and do not mean it: "at home"."""
    cues: tuple[str, ...] = ()
    """Words beside which a date or an amount is this fact: "closing", "owe". For an int, `#` stands for the number:
    "# cars", "roof #"."""
    counts: tuple[str, ...] = ()
    """For an int, what may be listed instead of a number: [ticket, accident]; "a ticket and an accident" are 2."""
    counts_himself: tuple[str, ...] = ()
    """Of those, the words for the speaker: [me, myself]. A list without him is not the whole count."""
    since_year: bool = False
    """For an int that counts years: "put in 2018" and "last year" are told too."""
    told_by: tuple[tuple[str, ...], ...] = ()
    """A text is also learned unasked, from the clauses that hold a word of each of these lists: a thing and a fault."""
    reword: dict[str, tuple[str, ...]] = {}
    """In a text, what to write for other words: {stopped working: [quit, died]}."""
    combine: dict[str, tuple[str, ...]] = {}
    """Values that together mean another one: {bundle: [auto, home]}."""
    bands: dict[str, Band] = {}
    """Enum values that are spans of a number: see `bands_of`."""
    bands_of: Literal["days", "amount", "score"] | None = None
    """What the bands measure: days from today, dollars, or a credit score."""
    per: Literal["year"] | None = None
    """Of an amount: what is said of an hour, a week or a month counts as what it comes to in a year."""
    in_thousands_if: dict[str, tuple[Scalar, ...]] = {}
    """When these facts hold, a bare "280" is 280 thousand."""
    implies: dict[str, dict[str, Scalar]] = {}
    """What a value tells of other facts that are not known: {"*": {current_insurance: insured}}; `*` is any value."""
    sticky: bool = False
    """Once known, a bare mention of another value does not change it; a correction or an answer does."""
    multi: bool = False
    required: bool = False
    optional: bool = False
    """Asked only when nothing required is open."""
    applies_if: dict[str, tuple[Scalar, ...]] = {}
    min: int | None = None
    max: int | None = None
    max_len: int | None = None
    validate_: Annotated[Validity | None, Field(alias="validate")] = None
    acknowledge: dict[str, str] = {}
    """For some values, what to say on learning them ("Congratulations on the new home!")."""
    recall: dict[str, str] = {}
    """For some values, how a call refers to them, after "you": {home: want home coverage}. The value `*` stands for
    any other, and `{value}` for the value."""
    note: str | None = None
    """For whoever edits the campaign; never said."""

    def label(self, value: JsonValue) -> str:
        """A value as a person would say it."""
        name = str(value).lower() if isinstance(value, bool) else str(value)
        return self.labels.get(name, name.replace("_", " "))


class FollowUp(_Part):
    """When a fact is learned, ask or say this before the next planned question: it follows the signal."""

    when: dict[str, Scalar]
    ask: str | None = None
    then: str | None = None
    action: (
        Literal[
            "offer_transfer_now",
            "human_now",
            "safety_script_then_human",
            "explain_missing_and_link_portal",
            "check_age_and_offer_family_call",
        ]
        | None
    ) = None
    """The first three find a person; of the others, `say` is what is done."""
    say: str | None = None
    """What to say when it is learned. May hold the names of facts: "Your file needs {missing_documents}."."""
    note: str | None = None
    """For whoever edits the campaign; never said."""


class Digression(_Part):
    """A question leads ask along the way, and the answer.

    One with the name of a common digression (`agent/digressions.yaml`) takes from that what it does not say itself.
    """

    name: str
    patterns: tuple[str, ...] = ()
    """Regular expressions, case ignored."""
    answer: str = ""
    answer_voice: str | None = None
    asks: str | None = None
    """The fact that the answer itself asks for, where it ends in a question."""
    learn: dict[str, Scalar] = {}
    """What asking it tells about the lead: {objection: trust}."""
    note: str | None = None
    """What a summary says of it: "asked about price"."""


def _clock_time(value: object) -> object:
    # pydantic would read the number 10 as ten seconds past midnight.
    if isinstance(value, str | time):
        return value
    raise ValueError('write a time of day as "10:00"')


ClockTime = Annotated[time, BeforeValidator(_clock_time)]

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
VisitHours = Annotated[str, Field(pattern=r"^\d{1,2}:\d\d-\d{1,2}:\d\d$")]


class Shift(_Part):
    """When a person takes calls, on his own clock: {zone: America/Chicago, start: "09:00", end: "17:30"}."""

    zone: str
    """An IANA name."""
    days: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")
    start: ClockTime
    end: ClockTime

    def covers(self, moment: datetime) -> bool:
        """Whether he works at a moment (aware)."""
        local = moment.astimezone(ZoneInfo(self.zone))
        return WEEKDAYS[local.weekday()] in self.days and self.start <= local.time() < self.end


class HumanAgent(_Part):
    """A person who takes calls over. What is left out of `verticals`, `states` and `hours` does not bind him."""

    name: str
    number: str
    pronoun: Literal["she", "he", "they"] = "they"
    verticals: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    """Values of the campaign's enum questions: who wants one of them is his."""
    languages: tuple[str, ...] = ("en",)
    """As `preferred_language` has them: "en", "es"."""
    states: tuple[str, ...] = ()
    """Postal codes of the states he is licensed in."""
    hours: Shift | None = None


class Routing(_Part):
    """Whom to ask first when a lead is to be put through, and how many."""

    order: Literal["listed", "round_robin"] = "listed"
    """As the file lists them, or whoever was asked longest ago."""
    widen: bool = True
    """When nobody with the skill can be had, to ask somebody without it. Licence and language are never dropped."""
    tries: Annotated[int, Field(ge=1, le=10)] = 3
    """How many people are rung for one lead, one after the other, before he is offered a time."""


class Touchpoint(_Part):
    """One later attempt to reach a lead who has not answered. Hours are his."""

    day: Annotated[int, Field(ge=2)]
    """Day 1 is that of the first contact."""
    between: tuple[ClockTime, ClockTime]
    channel: Literal["sms", "voice", "other"]
    """`other` is the one we did not try last."""
    say: str = "{opening_question}"
    """What it says, if it is a text. Who speaks goes before it, how to stop behind it."""


LATER = (
    Touchpoint(day=2, between=(time(10), time(11, 30)), channel="other"),
    Touchpoint(
        day=3,
        between=(time(17), time(19)),
        channel="sms",
        say="We can do all of it right here by text, a question at a time. {opening_question}",
    ),
    Touchpoint(day=5, between=(time(13), time(15)), channel="voice"),
    Touchpoint(
        day=8,
        between=(time(12), time(13, 30)),
        channel="sms",
        say="You {reason} last week, and we're still glad to help. {opening_question}",
    ),
    Touchpoint(
        day=14,
        between=(time(10), time(11, 30)),
        channel="sms",
        say="I haven't heard back, so this is my last note. Shall I close your request?",
    ),
)


class Timing(_Part):
    """The clocks of outreach. Defaults are POLICY section 4's cadence."""

    nudge_after_s: Annotated[int, Field(ge=0)] = 600
    """After the first text, a short second one, where no call follows on the same day. 0: none."""
    call_after_s: Annotated[int, Field(ge=0)] = 1_500
    """After the first text, a call to a lead who asked for something himself and has not answered. 0: none."""
    missed_call_text_s: Annotated[int, Field(ge=45, le=120)] = 60
    """After a call that reached a voicemail, the text that mentions it."""
    voicemails_24h: Annotated[int, Field(ge=0, le=1)] = 1
    """Messages left on a machine in 24 h: one, or none at all."""
    cut_off_text_s: Annotated[int, Field(ge=0, le=60)] = 45
    """After a call that broke off, the text that goes on with it."""
    later: tuple[Touchpoint, ...] = LATER
    """Attempts on later days, in order of time. Any answer ends them."""
    calls_24h: int = 2
    """Calls of ours in 24 h that the lead did not ask for."""
    unanswered_texts_24h: int = 2
    """Texts of ours in 24 h to which he has not said a word."""
    call_window: tuple[ClockTime, ClockTime] = (time(10), time(20))
    """Lead-local hours in which a call may be started without being asked for."""
    ring_seconds: Annotated[int, Field(ge=15, le=60)] = 25
    """How long a telephone rings: 15 s at least, or it counts as abandoned (47 CFR 64.1200(a)(6))."""
    spacing_s: int = 300
    """Least time between a text and a call of ours that the lead did not ask for."""
    text_spacing_s: int = 600
    """Least time between two texts of ours when the lead has not answered the first."""
    call_spacing_s: int = 14_400
    """Least time between two calls of ours that the lead did not ask for."""
    attempts_24h: int = 3
    """At most 3: the strictest states allow no more (the gate's own limit)."""
    attempts_7d: int = 6
    attempts_total: int = 12
    """In 90 days, by all channels. A call the lead asked for is bound by the day's cap only."""
    reply_grace_s: Annotated[int, Field(ge=0, le=900)] = 900
    """How long after the lead's text an answer counts as an answer, at any hour: a quarter of an hour at most."""
    transfer_ring_seconds: int = 20


class Alarm(_Part):
    """When a campaign stops contacting anybody of its own accord, until an operator resumes it."""

    opt_out_percent: Annotated[float, Field(gt=0, le=100)] = 5
    """Of those contacted. Carriers look at a sender from about here."""
    complaint_percent: Annotated[float, Field(gt=0, le=100)] = 1
    of_at_least: Annotated[int, Field(ge=1)] = 50
    """Among fewer people contacted a share says nothing,"""
    least: Annotated[int, Field(ge=1)] = 3
    """and neither do fewer opt-outs or complaints than this."""
    days: Annotated[int, Field(ge=1)] = 7
    """How far back it looks, but never behind the last time it was resumed."""

    def why(self, contacted: int, stopped: int, complained: int) -> str | None:
        """What is wrong, of so many people; None: nothing."""
        if contacted < self.of_at_least:
            return None
        for count, percent, what in (
            (complained, self.complaint_percent, "complaints"),
            (stopped, self.opt_out_percent, "opt-outs"),
        ):
            if count >= self.least and count > contacted * percent / 100:
                return f"{count} {what} of {contacted} people contacted, the limit is {percent:g} %"
        return None


class FormFields(_Part):
    """How a web form, or a list of leads, names what we want to know."""

    fields: dict[str, str] = {}
    """Our name for theirs: {Phone: number, fname: first_name, tcpa_id: consent.certificate, roof: facts.roof_age}."""
    fixed: dict[str, str] = {}
    """What is so for everybody who sends it, by our names: {source: web_form, consent.disclosure: "I agree ..."}."""
    tick: str | None = None
    """Their name of the box that has to be ticked for a consent. None: the consent's own fields say it."""


class Campaign(_Part):
    """One brand's way of talking to one kind of lead.

    Wordings may hold `{agent}`, `{brand}`, `{brand_short}`, `{persona}`, `{reason}` and `{contact}`; `fill` puts them
    in.
    """

    id: str
    brand: str
    brand_short: str
    """As the persona says it: "Harbor Lane"."""
    persona: str
    vertical: str
    number: str | None = None
    """Our E.164 number for calls and texts; None uses the server's."""
    takes_unknown: bool = True
    """Whether somebody who calls or texts its number without being a lead becomes one of this campaign. Of several
    with the same number only one should."""
    callback_contact: str
    """Phone or e-mail given in HELP answers."""
    active: bool = True
    retention_days: Annotated[int, Field(ge=1)] | None = None
    """How long after the last contact `segue forget --expired` leaves a conversation its words. The shortest of a
    brand's campaigns counts for all of them. None: until somebody asks to be erased."""
    keep_audio_days: Annotated[int, Field(ge=1)] | None = None
    """How long the audio of calls is kept, on the disk of the server that had them. None: none is kept."""
    consent_required: tuple[Literal["sms", "ai_voice"], ...] = ("sms", "ai_voice")
    reason: str
    """Why we are in touch, after "You": "asked for a quote online"."""
    opening_question: str
    """What the first text asks: "Still looking for coverage?"."""
    voicemail: dict[Literal["en", "es"], str] = {}
    """What is left after a beep, by language; where it is not given, our own words. It has to say who calls, that it
    is an AI, the number to call back and how to get no more calls; `{greeting}` is "Hi Jordan", `{number}` the number
    as it is said."""
    links: dict[str, str] = {}
    """Pages that may be promised by text, by name: {upload: https://example.com/u}. The first is meant where the lead
    names none."""
    call_offer: str = "I can give you a quick call to go over options. Does now work?"
    """How a text proposes a call."""
    interested: str = "are interested"
    """How a call refers to a lead's yes to the opening question, after "you": "are still looking for coverage"."""
    goal: str
    questions: tuple[Question, ...]
    followups: tuple[FollowUp, ...] = ()
    ready_when: tuple[str, ...]
    """Facts that make the lead ready for a human."""
    visits: dict[Weekday, tuple[VisitHours, ...]] = {}
    """Hours in which somebody can come, by day of the week: {mon: ["9:00-11:00"]}. `{slots}` in a wording offers
    the next two."""
    service_area: tuple[str, ...] = ()
    """ZIP codes, or how they begin, that we come to. Empty: everywhere."""
    notes: tuple[str, ...] = ()
    """For whoever edits the campaign, such as the law behind its rules; never said."""
    digressions: tuple[Digression, ...] = ()
    never_ask: tuple[str, ...] = ()
    never_say: tuple[str, ...] = ()
    never_say_patterns: tuple[str, ...] = ()
    """What the outbound guard refuses, as regular expressions."""
    hints: tuple[str, ...] = ()
    """Names worth recognising on a call."""
    agents: tuple[HumanAgent, ...] = ()
    routing: Routing = Routing()
    form: FormFields = FormFields()
    alarm: Alarm = Alarm()
    timing: Timing = Timing()
    extra: dict[str, JsonValue] = {}

    @property
    def subject(self) -> Question | None:
        """The question what it is all about, the product say: the first that has to be answered."""
        return next((question for question in self.questions if question.required), None)

    def question(self, key: str) -> Question | None:
        """The question for a fact, if the campaign has one."""
        return next((question for question in self.questions if question.key == key), None)

    def fill(self, text: str, agent: str | None = None) -> str:
        """The wording with this campaign's names in place of its placeholders.

        `agent` is who would take this lead; None names nobody. For a lead use `Snapshot.fill`, which knows.
        """
        for name, value in self._names(agent).items():
            text = text.replace("{" + name + "}", value)
        return text

    def _names(self, agent: str | None) -> dict[str, str]:
        return {
            "agent": agent or "a specialist",
            "brand": self.brand,
            "brand_short": self.brand_short,
            "persona": self.persona,
            "reason": self.reason,
            "contact": self.callback_contact,
        }


# Loading ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a campaign file. `line` counts from 1."""

    line: int
    where: str
    message: str


class CampaignError(Exception):
    """A campaign file cannot be used. Its text names the file and, for every problem, the line and what is wrong."""

    def __init__(self, path: Path, problems: Iterable[Problem]) -> None:
        self.path = path
        self.problems = tuple(problems)
        lines = [f"{path}:{p.line}: {p.where + ': ' if p.where else ''}{p.message}" for p in self.problems]
        super().__init__("\n".join(lines))


def load_campaign(path: Path) -> Campaign:
    """Reads one campaign.

    Raises:
        CampaignError: the file is missing, is no YAML, or says something a campaign cannot mean.
    """
    try:
        marked = read(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise CampaignError(path, [Problem(1, "", f"cannot be read: {error}")]) from error
    except MarkedYamlError as error:
        raise CampaignError(path, [Problem(error.line, "", error.message)]) from error
    try:
        campaign = Campaign.model_validate(marked.data)
    except ValidationError as error:
        raise CampaignError(path, _wrong_shapes(marked, error)) from error
    campaign = campaign.model_copy(update={"digressions": _with_common(campaign.digressions)})
    problems = [_problem(marked, where, message) for where, message in contradictions(campaign)]
    if problems:
        raise CampaignError(path, problems)
    return campaign


def load_campaigns(directory: Path) -> dict[str, Campaign]:
    """Reads every `*.yaml` of a directory, by campaign id.

    Raises:
        CampaignError: the directory holds no campaign, one cannot be used, or two have the same id.
    """
    campaigns: dict[str, Campaign] = {}
    for path in sorted(directory.glob("*.yaml")):
        campaign = load_campaign(path)
        if campaign.id in campaigns:
            raise CampaignError(path, [Problem(1, "id", f"another file already has the id {campaign.id!r}")])
        campaigns[campaign.id] = campaign
    if not campaigns:
        raise CampaignError(directory, [Problem(1, "", "holds no campaign: put a .yaml file there")])
    return campaigns


@cache
def common_digressions() -> tuple[Digression, ...]:
    """What leads of any campaign ask along the way: who we are, where we got the number, how long it takes."""
    data = read(_COMMON_DIGRESSIONS.read_text(encoding="utf-8")).data
    return tuple(Digression.model_validate(one) for one in data)


def _with_common(own: Sequence[Digression]) -> tuple[Digression, ...]:
    """The campaign's own digressions first, each filled up from its common namesake, then the other common ones."""
    common = {one.name: one for one in common_digressions()}
    filled = tuple(_filled(one, common.pop(one.name, None)) for one in own)
    return (*filled, *common.values())


def _filled(own: Digression, common: Digression | None) -> Digression:
    if common is None:
        return own
    unsaid = common.model_fields_set - own.model_fields_set
    return own.model_copy(update={field: getattr(common, field) for field in unsaid})


_COMMON_DIGRESSIONS = Path(__file__).with_name("digressions.yaml")


def _problem(marked: Marked, where: Sequence[str | int], message: str) -> Problem:
    return Problem(marked.line_of(where), ".".join(str(step) for step in where), message)


def _wrong_shapes(marked: Marked, error: ValidationError) -> list[Problem]:
    problems: dict[tuple[int, str], Problem] = {}
    for found in error.errors(include_url=False):
        message = "unknown key" if found["type"] == "extra_forbidden" else found["msg"]
        problem = _problem(marked, found["loc"], message)
        # A union reports one error for each of its members; the first says enough.
        problems.setdefault((problem.line, found["msg"]), problem)
    return sorted(problems.values(), key=lambda problem: problem.line)
