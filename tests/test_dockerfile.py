import json
import re
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent


class Instruction(NamedTuple):
    """One instruction, its continuation lines joined."""

    name: str
    arguments: str


def instructions() -> list[Instruction]:
    """The Dockerfile's instructions, comments left out."""
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    text = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    joined = re.sub(r"\\\n\s*", " ", text)
    return [Instruction(*line.split(maxsplit=1)) for line in joined.splitlines() if line.strip()]


def final_stage() -> list[Instruction]:
    """What the image is made of: everything from the last FROM on."""
    found = instructions()
    last = max(index for index, instruction in enumerate(found) if instruction.name == "FROM")
    return found[last:]


def only(name: str) -> str:
    """The arguments of an instruction that stands once in the final stage."""
    (found,) = [instruction.arguments for instruction in final_stage() if instruction.name == name]
    return found


def environment() -> dict[str, str]:
    """The variables of the image."""
    return dict(re.findall(r"(\w+)=(\S+)", only("ENV")))


def test_the_base_is_pinned_to_a_python() -> None:
    """Every stage starts from the same tagged Python, which the project supports."""
    bases = {instruction.arguments.split()[0] for instruction in instructions() if instruction.name == "FROM"}
    assert bases == {"python:3.11-slim"}


def test_the_server_is_not_root() -> None:
    """The last USER is a number other than 0, which every host can check, and it comes before what runs."""
    names = [instruction.name for instruction in final_stage()]
    assert int(only("USER")) > 0
    assert names.index("USER") < names.index("HEALTHCHECK") < names.index("CMD")


def test_the_command_is_in_exec_form() -> None:
    """No shell stands between the container and the server, so a stop signal reaches it."""
    assert json.loads(only("CMD")) == ["segue", "serve"]
    assert "ENTRYPOINT" not in [instruction.name for instruction in final_stage()]


def test_health_is_asked_of_the_server_itself() -> None:
    """The health check needs no shell and no curl, follows the port setting, and compiles."""
    options, _, command = only("HEALTHCHECK").partition("CMD ")
    program = json.loads(command)
    assert "--start-period=" in options
    assert program[:2] == ["python", "-c"]
    assert "/healthz" in program[2]
    assert "SEGUE_PORT" in program[2]
    compile(program[2], "HEALTHCHECK", "exec")


def test_data_lives_in_a_volume_the_user_owns() -> None:
    """What the embedded server writes survives the container."""
    assert environment()["SEGUE_DATA"] == only("VOLUME") == "/data"
    created = next(instruction.arguments for instruction in final_stage() if instruction.name == "RUN")
    assert "--home-dir /data --create-home" in created
    assert f"--uid {only('USER')}" in created


def test_the_server_can_be_reached_from_outside() -> None:
    """In a container, loopback is nobody's address."""
    assert environment()["SEGUE_HOST"] == "0.0.0.0"
    assert environment()["SEGUE_PORT"] == only("EXPOSE")


def test_no_secret_and_no_remote_file_is_built_in() -> None:
    """Nothing is fetched by ADD, no variable is a secret, and no file named like one is copied."""
    assert "ADD" not in {instruction.name for instruction in instructions()}
    text = (ROOT / "Dockerfile").read_text()
    assert not re.search(r"\w*(TOKEN|SECRET|PASSWORD|API_KEY|_SID)\w*=", text)
    assert not [
        i.arguments for i in instructions() if i.name == "COPY" and re.search(r"\.env|\.pem|\.key", i.arguments)
    ]


@pytest.mark.parametrize("name", [".env", ".env.production", "server.pem", "twilio.key", ".segue", ".git"])
def test_secrets_and_data_stay_out_of_the_build(name: str) -> None:
    """Whatever `COPY . .` could pick up by mistake is ignored."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    patterns = [line.strip().rstrip("/") for line in lines if line.strip() and not line.startswith("#")]
    assert any(fnmatch(name, pattern) for pattern in patterns)


def test_what_the_build_copies_exists() -> None:
    """Every path that is copied from the project is there."""
    for instruction in instructions():
        if instruction.name == "COPY" and "--from" not in instruction.arguments:
            *sources, _ = instruction.arguments.split()
            assert all((ROOT / source).exists() for source in sources)
