"""What is said of the machine."""

import json

import pytest

from benchmarks import machine


def test_the_machine_is_described() -> None:
    """Enough to tell two machines, and two versions, apart."""
    described = machine.describe_machine()
    assert json.loads(json.dumps(described)) == described
    assert described["cpus"] >= 1
    assert described["processor"]
    assert described["packages"]["numpy"].count(".") == 2


def test_a_package_that_is_not_there_has_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """The benchmark runs without Pipecat too."""
    monkeypatch.setattr(machine, "PACKAGES", ("no-such-package",))
    assert machine.describe_machine()["packages"] == {"no-such-package": None}
