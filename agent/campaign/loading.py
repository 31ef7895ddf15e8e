"""Reads campaigns, and says of a bad one in which line what is wrong."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import ValidationError

from agent.campaign.campaign import Campaign
from agent.campaign.checks import contradictions
from agent.campaign.marked_yaml import Marked, MarkedYamlError, read
from agent.campaign.questions import Digression

_COMMON_DIGRESSIONS = Path(__file__).with_name("digressions.yaml")


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
        why = "holds no campaign: put a .yaml file there" if directory.is_dir() else "there is no such folder"
        raise CampaignError(directory, [Problem(1, "", f"{why}, or name another with SEGUE_CAMPAIGNS")])
    return campaigns


@cache
def _common_digressions() -> tuple[Digression, ...]:
    """What leads of any campaign ask along the way: who we are, where we got the number, how long it takes."""
    data = read(_COMMON_DIGRESSIONS.read_text(encoding="utf-8")).data
    return tuple(Digression.model_validate(one) for one in data)


def _with_common(own: Sequence[Digression]) -> tuple[Digression, ...]:
    """The campaign's own digressions first, each filled up from its common namesake, then the other common ones."""
    common = {one.name: one for one in _common_digressions()}
    filled = tuple(_filled(one, common.pop(one.name, None)) for one in own)
    return (*filled, *common.values())


def _filled(own: Digression, common: Digression | None) -> Digression:
    if common is None:
        return own
    unsaid = common.model_fields_set - own.model_fields_set
    return own.model_copy(update={field: getattr(common, field) for field in unsaid})


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
