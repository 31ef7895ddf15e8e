"""What a campaign wants to know, what it makes of the answers, and what leads ask it."""

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from agent.campaign.part import Part, Scalar


class Validity(Part):
    """What an answer must keep to."""

    min_days: int | None = None
    """How far from today a date may lie, in days; negative is the past."""
    max_days: int | None = None
    service_area: bool = False
    """A ZIP must lie in the campaign's `service_area`; elsewhere we say that we do not come."""

    def allows(self, days: int) -> bool:
        """Whether a date so many days from today is allowed."""
        return (self.min_days is None or days >= self.min_days) and (self.max_days is None or days <= self.max_days)


class Band(Part):
    """A span of numbers that one enum value stands for, both ends included; an open end is left out."""

    min: float | None = None
    max: float | None = None

    def holds(self, number: float) -> bool:
        """Whether the number lies in the band."""
        return (self.min is None or number >= self.min) and (self.max is None or number <= self.max)


class AskWhen(Part):
    """A wording that fits better once another fact is known."""

    known: str
    ask: str
    ask_voice: str | None = None
    yes_means_by_then: bool = False
    """`known` is a date, and a plain yes means "by that date"; the question's bands turn it into a value."""


class Question(Part):
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
    name_ends: tuple[str, ...] = ()
    """What a proper name of the kind ends with: [mutual, casualty]. "With big lake casualty" is told unasked."""
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


class FollowUp(Part):
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


class Digression(Part):
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
