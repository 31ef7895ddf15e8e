"""The table of rules, and the page that explains it."""

import csv
import re
from pathlib import Path

import pytest

from agent.gate.gate import OPERATORS_TO_LIFT
from agent.gate.registers import KILL_SWITCH
from agent.gate.rules import RULES
from state.effects import PermitKind

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "compliance.md").read_text()
DATA = ROOT / "agent" / "gate" / "data"


def explained() -> list[list[str]]:
    """The rows of the page's first table: rule, what, source, data, code, tests, kind."""
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in PAGE.splitlines() if line.startswith("| `")]
    return [row for row in rows if len(row) == 7]


def test_the_page_explains_every_rule_in_its_order() -> None:
    """No rule without a line, no line without a rule."""
    assert [row[0].strip("`") for row in explained()] == [rule.name for rule in RULES]


@pytest.mark.parametrize("row", explained(), ids=lambda row: row[0])
def test_a_rules_line_leads_to_code_and_tests(row: list[str]) -> None:
    """Files that are there; and what it says is law has a source."""
    paths = re.findall(r"`((?:agent|tests)/[\w/.]+)`", row[4] + row[5])
    assert paths
    assert all((ROOT / path).exists() for path in paths)
    assert any(path.startswith("tests/") for path in paths)
    assert not row[6].startswith("law") or row[2] != "-"


def test_every_table_and_register_is_on_the_page() -> None:
    """An operator finds each file by its name."""
    names = {path.name for path in DATA.iterdir() if path.is_file()}
    assert {name for name in names | {KILL_SWITCH, "internal.csv", "reassigned.csv"} if f"`{name}`" not in PAGE} <= {
        "edition.toml"
    }
    assert "edition.toml" in PAGE


def test_the_page_says_that_counsel_must_review() -> None:
    """First of all; and the edition says that it has not happened."""
    assert PAGE.split("\n## ")[0].count("ounsel") >= 2
    assert "not legal advice" in PAGE
    assert "reviewed_by_counsel = false" in (DATA / "edition.toml").read_text()


def test_doubtful_rows_are_named() -> None:
    """Every state whose row is weak stands on the page, but for the territories, which it names together."""
    with (DATA / "state_rules.csv").open(encoding="utf-8") as rows:
        weak = {row["state"] for row in csv.DictReader(rows) if row["confidence"] == "L"}
    named = set(re.findall(r"\b[A-Z]{2}\b", PAGE.split("Rows whose confidence is L:")[1].split("\n- ")[0]))
    assert weak - {"GU", "PR", "VI"} <= named


def test_names_are_unique_and_reasons_have_sources() -> None:
    """A refusal is traced by its rule's name."""
    names = [rule.name for rule in RULES]
    assert len(set(names)) == len(names)
    assert all(rule.citation for rule in RULES)


def test_only_our_own_people_are_spared_the_stop() -> None:
    """No kind of contact with the lead is exempt from recipient, switch, campaign and suppression."""
    for rule in RULES[:4]:
        assert rule.exempt <= {PermitKind.STAFF}


def test_what_operators_lift_is_what_the_registers_object() -> None:
    """The reasons after which a contact is asked for again by itself are spelt as the rules spell them."""
    source = (ROOT / "agent" / "gate" / "listed.py").read_text()
    assert all(f'"{reason}"' in source for reason in OPERATORS_TO_LIFT)
