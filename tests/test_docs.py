import re
import subprocess
import tomllib
from pathlib import Path
from typing import get_args

import pytest

from state.events import Event, TurnTiming
from telephony.cli import app

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]

TOP_LEVEL = ("agent", "audio", "benchmarks", "campaigns", "docs", "state", "telephony", "tests")
PATH = re.compile(rf"(?:{'|'.join(TOP_LEVEL)})/[\w./-]*\w|\b(?:Dockerfile|Makefile|pyproject\.toml|constraints\.txt)\b")
PLACEHOLDER = re.compile(r"[<{*]")
CODE = re.compile(r"`([^`\n]+)`")


def requirements() -> set[str]:
    """The names of everything that pyproject.toml asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = [requirement for extra in project["optional-dependencies"].values() for requirement in extra]
    return {re.split(r"[<>=!~;\[ ]", requirement)[0] for requirement in (*project["dependencies"], *extras)}


def code_of(page: Path) -> list[str]:
    """What a page says in code: inline spans and the lines of code blocks."""
    text = page.read_text()
    blocks = re.findall(r"^```(?:\w*)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return [*CODE.findall(prose), *(line for block in blocks for line in block.splitlines())]


def tracked() -> list[Path]:
    """The text files of the tree, as they are now."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    paths = (ROOT / name for name in listed.decode().split("\0") if name)
    return [path for path in paths if path.is_file() and path.suffix not in {".wav", ".png", ".bin", ".gif"}]


def test_every_dependency_has_its_line() -> None:
    """What is installed is explained: what for, why this one, which licence."""
    rows = [line.split("|") for line in (ROOT / "docs" / "dependencies.md").read_text().splitlines() if "|" in line]
    explained = {row[1].strip(" `") for row in rows if len(row) >= 6 and all(cell.strip() for cell in row[1:-1])}
    assert requirements() - explained == set()


def test_no_line_for_what_is_not_a_dependency() -> None:
    """A dependency that was dropped is dropped from the page as well."""
    rows = re.findall(r"^\| `([\w.-]+)` \|", (ROOT / "docs" / "dependencies.md").read_text(), re.MULTILINE)
    assert set(rows) - requirements() == set()


def test_every_event_and_timing_part_is_explained() -> None:
    """The architecture page leaves out no kind of event and no part of a turn's gap."""
    spans = {span for code in code_of(ROOT / "docs" / "architecture.md") for span in re.split(r"[,\s]+", code)}
    kinds = {get_args(kind.model_fields["kind"].annotation)[0] for kind in get_args(get_args(Event)[0])}
    assert (kinds | TurnTiming.model_fields.keys()) - spans == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_named_exists(page: Path) -> None:
    """A page that names a file or folder of the project names one that is there."""
    named = {path for code in code_of(page) if not PLACEHOLDER.search(code) for path in PATH.findall(code)}
    assert {path for path in named if not (ROOT / path).exists()} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_named_exists(page: Path) -> None:
    """`segue something` in a page is a command that `segue` has."""
    commands = {command for code in code_of(page) for command in re.findall(r"^\$? ?segue (\w+)", code)}
    assert {command for command in commands if command not in app} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_between_pages_leads_somewhere(page: Path) -> None:
    """Relative links point at files of the project."""
    links = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


# Put together here, so that this file does not name them itself.
REGISTRIES = [
    ".".join(parts)
    for parts in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("docker", "io"), ("ghcr", "io"))
]
HOMES = re.compile(r"(?<![\w.])/(?:home|root|Users|work)/\w+")


def test_no_registry_and_no_machine_is_named() -> None:
    """Where packages come from is the installer's setting, and nobody else has this machine's folders."""
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked()
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if any(registry in line for registry in REGISTRIES) or HOMES.search(line)
    ]
    assert found == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_test_named_exists(page: Path) -> None:
    """What a page says shows something is there, by file and name."""
    named = {found for code in code_of(page) for found in re.findall(r"(tests/\w+\.py)::(\w+)", code)}
    missing = {(path, name) for path, name in named if f"def {name}(" not in (ROOT / path).read_text()}
    assert missing == set()


def test_no_requirement_is_left_out() -> None:
    """Every row of the policy sheet has a place on the page."""
    page = (ROOT / "docs" / "requirements.md").read_text()
    assert {int(number) for number in re.findall(r"\bS(\d+)\b", page)} == set(range(1, 93))
