"""One brand's way of talking to one kind of lead, as its file says it."""

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from agent.campaign.part import Part, Weekday
from agent.campaign.people import HumanAgent, Routing
from agent.campaign.questions import Digression, FollowUp, Question
from agent.campaign.timing import Alarm, Timing

VisitHours = Annotated[str, Field(pattern=r"^\d{1,2}:\d\d-\d{1,2}:\d\d$")]


class FormFields(Part):
    """How a web form, or a list of leads, names what we want to know."""

    fields: dict[str, str] = {}
    """Our name for theirs: {Phone: number, fname: first_name, tcpa_id: consent.certificate, roof: facts.roof_age}."""
    fixed: dict[str, str] = {}
    """What is so for everybody who sends it, by our names: {source: web_form, consent.disclosure: "I agree ..."}."""
    tick: str | None = None
    """Their name of the box that has to be ticked for a consent. None: the consent's own fields say it."""


class Campaign(Part):
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
    confirm_identity: bool = False
    """Whether who picks up a call of ours has to say that it is he before anything is said of what we know of him."""
    optout_footer: Literal["initiated", "every"] = "initiated"
    """Which texts tell how to stop them: all that we begin, and answers once a month; or every single one."""
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
