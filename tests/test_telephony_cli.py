"""The command line: help that helps, errors without tracebacks."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette

from state.ports import free_port
from telephony import cli
from telephony.doctor import Finding, State
from telephony.settings import Settings, SettingsError, variable

NEEDED = {
    "SEGUE_PUBLIC_URL": "https://calls.example.com",
    "SEGUE_API_TOKEN": "0123456789abcdef",
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "token",
}
"""What a server cannot be started without."""


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """An environment and a directory in which nothing is set up."""
    for field in Settings.model_fields:
        monkeypatch.delenv(variable(field), raising=False)
    monkeypatch.chdir(tmp_path)
    return


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """The exit code of `segue` with these arguments."""
    monkeypatch.setattr(sys, "argv", ["segue", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)


def test_help_names_every_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Each with a line of its own."""
    assert run(monkeypatch, "--help") == 0
    out = capsys.readouterr().out
    for command in ("serve", "doctor", "sandbox", "demo", "bench"):
        assert f" {command} " in out


@pytest.mark.parametrize("group", ["agents", "campaigns", "hold", "webhooks"])
def test_a_group_of_commands_that_can_list_does_so_when_asked_for_nothing(group: str) -> None:
    """Whichever of them it is: nobody has to know what the listing of each is called."""
    assert cli.app[group].default_command is not None


@pytest.mark.parametrize("command", ["serve", "doctor", "sandbox", "demo"])
def test_every_command_explains_itself(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without starting anything."""
    assert run(monkeypatch, command, "--help") == 0
    assert len(capsys.readouterr().out.splitlines()) > 4


def test_it_knows_its_version(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The one it was installed with."""
    assert run(monkeypatch, "--version") == 0
    assert capsys.readouterr().out.strip() == version("segue") != "0.0.0"


def test_a_port_that_is_taken_is_told_of_before_anything_is_loaded(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By one process, and by the parent of several."""
    monkeypatch.setattr("telephony.log.set_up_logging", lambda: None)
    with socket.create_server(("127.0.0.1", 0)) as other:
        for name, value in {**NEEDED, "SEGUE_PORT": str(other.getsockname()[1])}.items():
            monkeypatch.setenv(name, value)
        for workers in ("1", "2"):
            monkeypatch.setenv("SEGUE_WORKERS", workers)
            assert run(monkeypatch, "serve") == 2
            assert "another process has it" in capsys.readouterr().err


def test_a_campaign_with_a_mistake_is_told_of_before_anything_is_loaded(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """With its file, once, however many processes would have read it."""
    (tmp_path / "wrong.yaml").write_text("id: wrong\n")
    more = {"SEGUE_PORT": str(free_port()), "SEGUE_CAMPAIGNS": str(tmp_path), "SEGUE_WORKERS": "2"}
    for name, value in (NEEDED | more).items():
        monkeypatch.setenv(name, value)
    assert run(monkeypatch, "serve") == 2
    assert "wrong.yaml" in capsys.readouterr().err


def test_help_loads_no_model() -> None:
    """It is asked for often, and on machines where nothing is installed yet."""
    code = "import sys; from telephony import cli; print([m for m in sys.modules if 'onnx' in m or 'ctranslate' in m])"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_serving_without_settings_says_what_to_set(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In sentences, with exit code 2."""
    assert run(monkeypatch, "serve") == 2
    err = capsys.readouterr().err
    assert err.startswith("segue: SEGUE_PUBLIC_URL is missing.")
    assert "Traceback" not in err


def test_a_server_is_started_as_it_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Host and port from the settings; no access log, for query strings hold numbers."""
    import uvicorn

    port = free_port()
    campaigns = str(Path(__file__).parent.parent / "campaigns")
    more = {"SEGUE_PORT": str(port), "SEGUE_CAMPAIGNS": campaigns, "TWILIO_NUMBER": "+13125550100"}
    for name, value in (NEEDED | more).items():
        monkeypatch.setenv(name, value)
    configs: list[uvicorn.Config] = []

    def started(server: uvicorn.Server, listening: list[socket.socket]) -> None:
        for listener in listening:
            listener.close()
        configs.append(server.config)
        server.started = True

    monkeypatch.setattr(uvicorn.Server, "run", started)
    monkeypatch.setattr("telephony.log.set_up_logging", lambda: None)
    assert run(monkeypatch, "serve") == 0
    (config,) = configs
    assert isinstance(config.app, Starlette)
    assert (config.host, config.port) == ("127.0.0.1", port)
    assert (config.access_log, config.ws_max_size, config.ws_per_message_deflate) == (False, 65_536, False)


@pytest.mark.parametrize(("state", "code"), [(State.READY, 0), (State.NOTE, 0), (State.MISSING, 1)])
def test_the_doctors_exit_code_is_for_scripts(state: State, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """1 as soon as something needed is missing."""

    async def examine() -> list[Finding]:
        return [Finding("record", State.READY, "ok"), Finding("item", state, "")]

    monkeypatch.setattr("telephony.doctor.examine", examine)
    assert run(monkeypatch, "doctor") == code


@pytest.mark.parametrize(("arguments", "keep"), [(["demo"], False), (["demo", "--keep"], True)])
def test_the_demo_is_told_whether_to_stay(arguments: list[str], keep: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """And its verdict is the exit code."""
    asked: list[bool] = []

    async def play(keep: bool) -> int:
        asked.append(keep)
        return 3

    monkeypatch.setattr("telephony.demo.play", play)
    assert run(monkeypatch, *arguments) == 3
    assert asked == [keep]


def test_the_sandbox_is_told_where_things_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own port, and the server's address for its webhooks."""
    asked: list[tuple[Any, ...]] = []

    async def serve(host: str, port: int, *, number: str, webhook_base: str, say: object) -> None:
        asked.append((host, port, number, webhook_base))

    monkeypatch.setattr("telephony.sandbox.server.main", serve)
    assert run(monkeypatch, "sandbox", "--port", "4011", "--webhook-base", "http://127.0.0.1:9009") == 0
    assert asked == [("127.0.0.1", 4011, "+13125550100", "http://127.0.0.1:9009")]


def test_an_interruption_is_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C while a model loads is no error of ours."""

    def interrupted(arguments: list[str]) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "app", interrupted)
    assert run(monkeypatch) == 130


def test_what_the_user_can_mend_is_told_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whichever part of the server found it."""

    def failing(arguments: list[str]) -> None:
        raise SettingsError({"SEGUE_PORT": "SEGUE_PORT is not right"})

    monkeypatch.setattr(cli, "app", failing)
    assert run(monkeypatch) == 2
    assert capsys.readouterr().err == "segue: SEGUE_PORT is not right\n"
