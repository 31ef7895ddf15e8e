"""`segue consent`, as an operator types it."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from happenings import NOW, requested, send_text, settled, started, suppressed, text_sent, text_status
from redis import Redis
from telephony_kit import ARRIVED, BRAND, CID, CONSENT, LEAD

from state.consent import sealing
from state.events import ConsentGiven, Event
from state.store import Record
from telephony.commands import consent

STORY: tuple[Event, ...] = (
    ARRIVED,
    CONSENT,
    requested("send:1", send_text()),
    started("send:1"),
    text_sent(1),
    settled("send:1"),
    text_status(1, "delivered"),
    suppressed(),
)


@pytest.fixture
def server(valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A Redis that holds the story, and the environment that names it."""

    async def tell() -> None:
        record = Record.connect(valkey_url)
        await record.append(CID, *STORY)
        seal = sealing(await record.log(CID), NOW)
        assert seal is not None
        await record.append(CID, seal)
        await record.close()

    with Redis.from_url(valkey_url) as redis:
        redis.flushdb()
    asyncio.run(tell())
    monkeypatch.setenv("SEGUE_REDIS_URL", valkey_url)
    monkeypatch.setenv("SEGUE_CAMPAIGNS", str(Path(__file__).parent.parent / "campaigns"))
    return valkey_url


def forge(url: str) -> None:
    """Somebody with access to Redis puts better words into the consent."""
    with Redis.from_url(url, decode_responses=True) as redis:
        key = f"segue:{{{CID}}}:log"
        entries: Sequence[tuple[str, dict[str, str]]] = redis.xrange(key)  # type: ignore[assignment]
        redis.delete(key)
        for entry, fields in entries:
            better = fields["event"].replace("I agree to be called and texted.", "I agree to anything.")
            redis.xadd(key, {"schema": fields["schema"], "event": better}, id=entry)


def test_show_tells_evidence_suppression_and_contacts(server: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What a dispute asks for, on one page."""
    assert consent.show(LEAD) == 0
    out = capsys.readouterr().out
    for told in (
        f"{BRAND} and {LEAD} (conversation {CID})",
        "Texts: suppressed. Calls: suppressed. Reason: opt_out.",
        "Chain: intact, 2 rows, 2 of them sealed, head ",
        "disclosure: I agree to be called and texted.",
        "scopes: sms, ai_voice",
        "words: STOP",
        "permit initiate, rule reply, consent lead:1:consent, done, SMo1 delivered",
    ):
        assert told in out


def test_show_warns_of_a_forgery(server: str, capsys: pytest.CaptureFixture[str]) -> None:
    """And its exit code says so to scripts."""
    forge(server)
    assert consent.show(LEAD, campaign="insurance") == 1
    assert "Chain: BROKEN" in capsys.readouterr().out


def test_export_writes_the_proof(server: str, tmp_path: Path) -> None:
    """One entry for each brand; the rows are whole events again."""
    out = tmp_path / "proof.json"
    assert consent.export(LEAD, out=out) == 0
    (proof,) = json.loads(out.read_text())
    assert (proof["brand"], proof["number"], proof["chain"]["intact"]) == (BRAND, LEAD, True)
    assert ConsentGiven.model_validate(proof["evidence"][0]["row"]) == CONSENT
    assert [contact["carrier_id"] for contact in proof["contacts"]] == ["SMo1"]


def test_export_without_a_file_goes_to_standard_output(server: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """For a pipe."""
    assert consent.export(LEAD) == 0
    assert json.loads(capfdbinary.readouterr().out)[0]["number"] == LEAD


def test_export_says_in_the_file_that_it_is_forged(server: str, tmp_path: Path) -> None:
    """The file travels without the exit code."""
    forge(server)
    out = tmp_path / "proof.json"
    assert consent.export(LEAD, out=out, brand=BRAND) == 1
    assert json.loads(out.read_text())[0]["chain"]["intact"] is False


def test_bad_questions_are_answered_with_2(server: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And a sentence."""
    assert consent.show("555") == 2
    assert consent.show("+13125550143") == 2
    assert consent.export(LEAD, out=tmp_path / "nowhere" / "proof.json") == 2
    err = capsys.readouterr().err
    assert err.count("segue: ") == 3
    assert "cannot be written: No such file or directory" in err


@pytest.mark.parametrize(
    ("arguments", "code"), [(["show", LEAD], 0), (["show", LEAD, "--brand", "Oak"], 2), (["show", "nobody"], 2)]
)
def test_the_exit_code_reaches_the_shell(server: str, arguments: list[str], code: int) -> None:
    """Through the command line itself."""
    assert consent.app(arguments, result_action="return_value") == code
