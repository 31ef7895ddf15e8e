"""The composition of containers: valid, and such that nothing is lost when it stops."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from telephony.settings import Settings, variable

ROOT = Path(__file__).parent.parent
FILE = ROOT / "docker-compose.yml"


@pytest.fixture
def services() -> Any:
    """What is composed."""
    return yaml.safe_load(FILE.read_text())["services"]


def test_it_follows_the_compose_specification() -> None:
    """By the specification's own schema."""
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(FILE)]
    checked = subprocess.run(check, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout


def test_every_setting_it_makes_is_one(services: Any) -> None:
    """A misspelt variable would be ignored in silence."""
    known = {variable(field) for field in Settings.model_fields}
    assert set(services["segue"]["environment"]) <= known
    assert services["segue"]["environment"]["SEGUE_REDIS_URL"] == "redis://valkey:6379/0"


def test_the_record_survives_its_container(services: Any) -> None:
    """Every write is in a file, in a volume, and nothing is evicted."""
    command = services["valkey"]["command"]
    pairs = dict(zip(command[1::2], command[2::2], strict=True))
    assert pairs["--appendonly"] == "yes"
    assert pairs["--maxmemory-policy"] == "noeviction"
    assert services["valkey"]["volumes"] == ["valkey-data:/data"]


def test_calls_may_finish_before_it_is_killed(services: Any) -> None:
    """The grace is longer than the drain and what uvicorn takes after it."""
    grace = int(services["segue"]["stop_grace_period"].removesuffix("s"))
    assert grace > Settings.model_fields["drain_seconds"].default + 10


def test_nothing_is_open_to_the_world_by_itself(services: Any) -> None:
    """The record has no port; the server's is this machine's, for a proxy with TLS."""
    assert "ports" not in services["valkey"]
    assert services["segue"]["ports"] == ["127.0.0.1:8080:8080"]
