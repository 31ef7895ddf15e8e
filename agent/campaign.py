"""Campaigns: what a vertical asks, says and never says. YAML only; a vertical is data, never code."""

from datetime import time
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

Scalar = str | int | bool


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DateWindow(_Part):
    """How far from today a date may lie, in days; negative is the past."""

    min_days: int
    max_days: int


class Question(_Part):
    """One fact the campaign wants, and how to ask for it."""

    key: str
    type: Literal["enum", "int", "date", "datetime", "text", "bool", "zip"]
    ask: str | None = None
    """Example wording. None: never asked, only picked up from what the lead volunteers."""
    ask_voice: str | None = None
    """Spoken wording, where the text one does not speak well."""
    values: tuple[str, ...] = ()
    synonyms: dict[str, tuple[str, ...]] = {}
    """For enums: words that mean a value, beyond the value's own name."""
    multi: bool = False
    required: bool = False
    optional: bool = False
    """Asked only when nothing required is open."""
    applies_if: dict[str, tuple[Scalar, ...]] = {}
    min: int | None = None
    max: int | None = None
    max_len: int | None = None
    validate_: Annotated[DateWindow | None, Field(alias="validate")] = None
    acknowledge: dict[str, str] = {}
    """For some values, what to say on learning them ("Congratulations on the new home!")."""


class FollowUp(_Part):
    """When a fact is learned, ask this before the next planned question: it follows the signal."""

    when: dict[str, Scalar]
    ask: str | None = None
    then: str | None = None
    action: Literal["offer_transfer_now", "human_now"] | None = None


class Digression(_Part):
    """A question leads ask along the way, and the answer. `patterns` are regular expressions, case ignored."""

    name: str
    patterns: tuple[str, ...]
    answer: str
    answer_voice: str | None = None


class HumanAgent(_Part):
    """A person who takes calls over."""

    name: str
    number: str
    skills: tuple[str, ...] = ()


class Timing(_Part):
    """The clocks of outreach. Defaults are POLICY section 4's cadence."""

    first_text_within_s: int = 5
    call_window: tuple[time, time] = (time(10), time(20))
    """Lead-local hours in which a call may be started without being asked for."""
    ring_seconds: int = 25
    spacing_s: int = 300
    """Least time between a text and a call of ours that the lead did not ask for."""
    attempts_24h: int = 3
    reply_grace_s: int = 900
    """How long after the lead's text an answer counts as an answer, at any hour."""
    transfer_ring_seconds: int = 20


class Campaign(_Part):
    """One brand's way of talking to one kind of lead."""

    id: str
    brand: str
    brand_short: str
    """As the persona says it: "Harbor Lane"."""
    persona: str
    vertical: str
    number: str | None = None
    """Our E.164 number for calls and texts; None uses the server's."""
    callback_contact: str
    """Phone or e-mail given in HELP answers."""
    active: bool = True
    consent_required: tuple[Literal["sms", "ai_voice"], ...] = ("sms", "ai_voice")
    reason: str
    """Why we are in touch, after "You": "asked for a quote online"."""
    opening_question: str
    """What the first text asks: "Still looking for coverage?"."""
    goal: str
    questions: tuple[Question, ...]
    followups: tuple[FollowUp, ...] = ()
    ready_when: tuple[str, ...]
    """Facts that make the lead ready for a human."""
    digressions: tuple[Digression, ...] = ()
    never_ask: tuple[str, ...] = ()
    never_say: tuple[str, ...] = ()
    never_say_patterns: tuple[str, ...] = ()
    """What the outbound guard refuses, as regular expressions."""
    hints: tuple[str, ...] = ()
    """Names worth recognising on a call."""
    agents: tuple[HumanAgent, ...] = ()
    timing: Timing = Timing()
    extra: dict[str, JsonValue] = {}

    def question(self, key: str) -> Question | None:
        """The question for a fact, if the campaign has one."""
        return next((question for question in self.questions if question.key == key), None)
