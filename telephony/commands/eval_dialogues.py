"""`segue eval dialogues`: whole conversations against what has to be known, said and done after every turn."""

import asyncio
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from rich.console import Console
from rich.table import Table

from agent.brain import Brain
from agent.brain.llm import Limits, LlmBrain, Usage
from agent.brain.local import LocalBrain
from agent.campaign import Campaign, load_campaigns
from telephony.commands.people import NOT_NEEDED, InputError, refused
from telephony.commands.shares import asked_share
from telephony.dialogues.checks import Finding, Verdict, checked
from telephony.dialogues.facts import FactScore, score_facts
from telephony.dialogues.player import play
from telephony.dialogues.script import Dialogue, DialogueError, load_dialogues
from telephony.services import choose_brain
from telephony.settings import load_settings

UNHURRIED = Limits(connect_s=10, first_token_s=120, between_tokens_s=120, total_s=300)
"""Here the model is judged by what it says, not by how soon: no lead waits."""


@dataclass(frozen=True, slots=True)
class Score:
    """What came of one dialogue."""

    id: str
    facts: FactScore
    findings: tuple[Finding, ...]

    def count(self, verdict: Verdict) -> int:
        """How many checks came out so."""
        return sum(finding.verdict is verdict for finding in self.findings)


def dialogues(
    place: Path,
    *,
    brain: Literal["local", "llm"] = "local",
    min_facts: float = 0.0,
    json_: Path | None = None,
    campaigns: Path | None = None,
) -> int:
    """Play dialogues through the conversation code, on their own clock, and show every miss.

    After each turn of the lead's: the facts known by then; one question at most, about nothing that is known; every
    `must` and `must_not` that a rule can check (the others are listed as unchecked); what the gate says to each contact
    of the script; at the end, the summary. The lead answers the script's lines, so these stand in the record; ours are
    judged beside them. Exits with 1 when too few facts are right, and with 2 if there is no such dialogue.

    Parameters
    ----------
    place
        A directory of dialogue files, or one of them.
    brain
        The rules alone, or the model at SEGUE_LLM_BASE_URL.
    min_facts
        The least share of facts right: 0.9 or 90.
    json_
        Where to write everything as JSON.
    campaigns
        The directory of campaigns; one for each vertical. SEGUE_CAMPAIGNS, or ./campaigns.
    """
    try:
        wanted = asked_share("--min-facts", min_facts)
        scores, usage = asyncio.run(_play_all(place, brain, campaigns))
    except (InputError, DialogueError) as error:
        return refused(InputError(str(error)))
    console = Console(highlight=False, soft_wrap=True)
    _show(console, scores)
    right, known = _totals(scores)
    share = right / known if known else 1.0
    if usage is not None:
        console.print(_answered(usage))
    console.print(f"{right} of {known} facts right ({share:.1%}); asked for {wanted:.1%}")
    if json_ is not None:
        json_.parent.mkdir(parents=True, exist_ok=True)
        json_.write_text(
            json.dumps(_as_json(scores, wanted, usage), indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
        )
    return int(share < wanted)


async def _play_all(
    place: Path, kind: Literal["local", "llm"], directory: Path | None
) -> tuple[list[Score], Usage | None]:
    scripts = load_dialogues(place)
    settings = load_settings(**NOT_NEEDED)
    campaigns = {one.vertical: one for one in load_campaigns(directory or settings.campaigns).values()}
    missing = sorted({script.vertical for script in scripts} - set(campaigns))
    if missing:
        raise InputError(f"there is no campaign for the vertical {', '.join(missing)}; --campaigns names the directory")
    chosen: Brain = LocalBrain()
    if kind == "llm":
        chosen = choose_brain(settings, limits=UNHURRIED)
        if not isinstance(chosen, LlmBrain):
            raise InputError("--brain llm needs SEGUE_LLM_BASE_URL and SEGUE_LLM_MODEL")
    try:
        scores = [await _score(script, campaigns[script.vertical], chosen) for script in scripts]
        return scores, chosen.usage if isinstance(chosen, LlmBrain) else None
    finally:
        if isinstance(chosen, LlmBrain):
            await chosen.close()


async def _score(script: Dialogue, campaign: Campaign, brain: Brain) -> Score:
    moments, summary = await play(script, campaign, brain)
    return Score(script.id, score_facts(moments, campaign), tuple(checked(script, moments, summary, campaign)))


def _answered(usage: Usage) -> str:
    """How much of what was judged is the model's: where it fails, the rules answer."""
    failed = usage.failures.total()
    said = f"the model answered {usage.turns - failed} of {usage.turns} turns"
    why = ", ".join(f"{count} {failure}" for failure, count in usage.failures.most_common())
    return f"{said}, the rules the rest ({why})" if why else said


def _totals(scores: list[Score]) -> tuple[int, int]:
    return sum(one.facts.right for one in scores), sum(one.facts.wanted for one in scores)


# Showing -------------------------------------------------------------------------------------------------------------


def _show(console: Console, scores: list[Score]) -> None:
    console.print(_overview(scores))
    misses = Table("dialogue", "turn", "lead", "fact", "wanted", "got", title="facts missed", title_justify="left")
    failed = Table("dialogue", "turn", "check", "what happened", title="checks failed", title_justify="left")
    unchecked = Table("dialogue", "turn", "not checked by rule", title="unchecked", title_justify="left")
    for score in scores:
        for miss in score.facts.misses:
            misses.add_row(score.id, str(miss.turn), miss.words, miss.key, str(miss.wanted), _told(miss.got))
        for finding in score.findings:
            if finding.verdict is Verdict.FAILED:
                failed.add_row(score.id, finding.where, finding.check, finding.detail)
            elif finding.verdict is Verdict.UNCHECKED:
                unchecked.add_row(score.id, finding.where, finding.check)
    for table in (misses, failed, unchecked):
        if table.row_count:
            console.print(table)


def _overview(scores: list[Score]) -> Table:
    table = Table("dialogue", "facts right", "checks passed", "failed", "unchecked", "also learned", title="dialogues")
    for score in scores:
        table.add_row(
            score.id,
            f"{score.facts.right} of {score.facts.wanted}",
            str(score.count(Verdict.PASSED)),
            str(score.count(Verdict.FAILED)),
            str(score.count(Verdict.UNCHECKED)),
            ", ".join(f"{miss.key}={miss.got}" for miss in score.facts.unexpected),
        )
    return table


def _told(value: object) -> str:
    return "nothing" if value is None else str(value)


def _as_json(scores: list[Score], wanted: float, usage: Usage | None) -> dict[str, Any]:
    right, known = _totals(scores)
    return {
        "facts": {"right": right, "total": known, "share": right / known if known else 1.0},
        "min_facts": wanted,
        "model": None
        if usage is None
        else {"turns": usage.turns, "answered": usage.turns - usage.failures.total(), "failures": dict(usage.failures)},
        "checks": {verdict.value: sum(score.count(verdict) for score in scores) for verdict in Verdict},
        "dialogues": [
            {
                "id": score.id,
                "facts": {"right": score.facts.right, "total": score.facts.wanted},
                "misses": [asdict(miss) for miss in score.facts.misses],
                "also_learned": [asdict(miss) for miss in score.facts.unexpected],
                "checks": [asdict(finding) for finding in score.findings],
            }
            for score in scores
        ],
    }
