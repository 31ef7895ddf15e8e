"""Dialogue files: conversations written down, with what has to be known after each turn of the lead's.

lead      who he is, where, what he consented to, and what the CRM knew of him (`known`)
business  brand, persona and the human agent
turns     n, at (lead-local), ch (sms, voice, sys), who (bot, lead, agent, sys), text; of the lead's also learned,
          facts_after (cumulative), must, must_not, and barge_in.heard where he cut in
"""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, JsonValue, ValidationError

from agent.campaign import Campaign


class DialogueError(Exception):
    """A dialogue cannot be played. Names the file and what is wrong with it."""


def _as_text(value: Any) -> Any:
    """YAML reads some dates as dates; the record holds them as ISO text."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: _as_text(item) for key, item in value.items()}
    return [_as_text(item) for item in value] if isinstance(value, list) else value


Facts = Annotated[dict[str, JsonValue], BeforeValidator(_as_text)]


def _line(value: Any) -> Any:
    """YAML reads `- no price: say who will give it` as a mapping; it was meant as a line of text."""
    return ", ".join(f"{key}: {item}" for key, item in value.items()) if isinstance(value, dict) else str(value)


Lines = tuple[Annotated[str, BeforeValidator(_line)], ...]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Lead(_Part):
    """Whom we talk with."""

    first_name: str | None = None
    phone: str
    zip: str | None = None
    tz: str
    source: str = "web_form"
    consent: dict[str, str] = {}
    known: Facts = {}


class Business(_Part):
    """For whom we talk."""

    brand: str
    persona: str
    agent: str


class BargeIn(_Part):
    """What of our last turn he had heard when he cut in."""

    heard: str


class Turn(_Part):
    """One message, utterance or circumstance."""

    n: int
    at: datetime
    """Lead-local, without a zone."""
    ch: Literal["sms", "voice", "sys"]
    who: Literal["bot", "lead", "agent", "sys"]
    text: Annotated[str, BeforeValidator(str)]
    cut_short: bool = False
    barge_in: BargeIn | None = None
    learned: Facts = {}
    facts_after: Facts | None = None
    must: Lines = ()
    must_not: Lines = ()


class Dialogue(_Part):
    """A conversation from its first contact to its end."""

    id: str
    title: str = ""
    vertical: str
    lead: Lead
    business: Business
    turns: tuple[Turn, ...]
    summary_must_have: Lines = ()
    summary_must_not_have: Lines = ()

    def moment(self, turn: Turn) -> datetime:
        """When a turn happens, with the lead's zone."""
        return turn.at.replace(tzinfo=ZoneInfo(self.lead.tz))

    def dressed(self, campaign: Campaign) -> Campaign:
        """The campaign under this dialogue's names."""
        brand, agent = self.business.brand, self.business.agent
        short = campaign.brand_short if brand == campaign.brand else brand
        first, *others = campaign.agents or (None,)
        people = (first.model_copy(update={"name": agent}), *others) if first else ()
        names = {"brand": brand, "brand_short": short, "persona": self.business.persona, "agents": people}
        return campaign.model_copy(update=names)


def load_dialogues(place: Path) -> list[Dialogue]:
    """The dialogue of a file, or all of a directory, in the order of their names.

    Raises:
        DialogueError: there is none, or one cannot be read.
    """
    files = [place] if place.is_file() else sorted((*place.glob("*.yaml"), *place.glob("*.yml")))
    if not files:
        raise DialogueError(f"{place} holds no dialogue: give a .yaml file or a directory of them")
    return [_load(file) for file in files]


def _load(file: Path) -> Dialogue:
    try:
        dialogue = Dialogue.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
        ZoneInfo(dialogue.lead.tz)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise DialogueError(f"{file} cannot be read: {error}") from None
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:3])
        raise DialogueError(f"{file} is no dialogue: {faults}") from None
    except (KeyError, ValueError):
        raise DialogueError(f"{file}: there is no time zone {dialogue.lead.tz!r}") from None
    return dialogue
