"""`segue gate`, as an operator types it."""

import asyncio
from pathlib import Path

import pytest
from happenings import suppressed, text_sent
from redis import Redis
from telephony_kit import ARRIVED, CID, CONSENT, LEAD

from agent.gate.rules import RULES
from state.effects import PermitKind
from state.events import Channel
from state.store import Record
from telephony.commands import gate
from telephony.commands.gate import explain, preview

AFTERNOON = "2026-11-18T14:05"
"""On the lead's clock: a Wednesday in Chicago."""


@pytest.fixture
def redis(valkey_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """An empty Redis, and the environment that names it, the campaigns and a data directory."""
    with Redis.from_url(valkey_url) as redis:
        redis.flushdb()
    monkeypatch.setenv("SEGUE_REDIS_URL", valkey_url)
    monkeypatch.setenv("SEGUE_CAMPAIGNS", str(Path(__file__).parent.parent / "campaigns"))
    monkeypatch.setenv("SEGUE_DATA", str(tmp_path / "data"))
    return valkey_url


def told(url: str, *events: object) -> None:
    """The lead of the story, and what else happened."""

    async def tell() -> None:
        record = Record.connect(url)
        await record.append(CID, ARRIVED, CONSENT, *events)  # type: ignore[arg-type] # events of several kinds
        await record.close()

    asyncio.run(tell())


def leads(directory: Path, *rows: str, header: str = "number,zip,source,consent") -> Path:
    """A list of leads."""
    path = directory / "leads.csv"
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


# One number -----------------------------------------------------------------------------------------------------------


def test_a_permitted_contact_is_explained(redis: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Zones and their clocks, states and their hours, every rule that was looked at, and what counsel is for."""
    assert explain("(312) 555-0142", campaign="insurance", at=AFTERNOON) == 0
    out = capsys.readouterr().out
    assert "PERMITTED: ok" in out
    assert "taken to be a new lead" in out
    assert "Wed 2026-11-18 14:05" in out
    assert "IL " in out
    assert "08:00-21:00" in out
    assert [rule.name for rule in RULES if rule.name not in out] == []
    assert "counsel" in out


def test_a_held_contact_says_by_which_rule_and_until_when(redis: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With the source, and the next time on every clock it was judged by. A call also says what the law wants."""
    assert explain("+18505550142", campaign="insurance", at="2026-11-18T07:30", channel=Channel.VOICE) == 0
    out = capsys.readouterr().out
    assert "HELD: quiet_hours, by the rule federal_hours" in out
    assert "47 CFR 64.1200(c)(1)" in out
    assert "Wed 2026-11-18 11:00 America/New_York; Wed 2026-11-18 10:00 America/Chicago" in out
    assert "OBJECTS: quiet_hours" in out
    assert "Recording, FL: all_party (Fla. Stat. 934.03, H)" in out
    assert "Disclosure, US-FCC" in out
    assert "Flags, FL: " in out


def test_a_number_that_is_nowhere_is_refused(redis: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The rules of place have nothing to look at; all others are shown."""
    assert explain("8005550100", campaign="insurance", at=AFTERNOON) == 0
    out = capsys.readouterr().out
    assert "REFUSED: zone_unknown" in out
    assert "Next permitted time: none" in out
    assert "the state is unknown" in out


def test_the_conversation_on_record_is_what_is_judged(redis: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A lead who opted out is not a new lead."""
    told(redis, suppressed())
    assert explain(LEAD, campaign="insurance", at=AFTERNOON) == 0
    out = capsys.readouterr().out
    assert "The conversation on record." in out
    assert "REFUSED: opted_out, by the rule suppression" in out


def test_a_zip_and_a_kind_can_be_tried(redis: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A ZIP of another state brings its rules; an offset says exactly when."""
    told(redis, text_sent(1))
    assert explain(LEAD, campaign="insurance", at="2026-11-18T20:30-06:00", zip="02903") == 0
    out = capsys.readouterr().out
    assert "RI " in out
    assert "America/New_York" in out
    assert "HELD: quiet_hours" in out
    assert explain(LEAD, campaign="insurance", at=AFTERNOON, kind=PermitKind.REPLY_TO_LEAD) == 0
    assert "REFUSED: not_a_reply" in capsys.readouterr().out


def test_the_operators_registers_count(redis: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The kill switch, and a register that cannot be read."""
    directory = tmp_path / "data" / "registers"
    directory.mkdir(parents=True)
    (directory / "kill_switch").write_text("wrong consent text")
    explain(LEAD, campaign="insurance", at=AFTERNOON)
    assert "Why: wrong consent text" in capsys.readouterr().out
    (directory / "internal.csv").write_text("number,reason,added\nx,y,z\n")
    explain(LEAD, campaign="insurance", at=AFTERNOON)
    assert "REFUSED: registers_unreadable" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"number": "555"}, "too few or too many digits"),
        ({"campaign": "solar"}, "there is no campaign 'solar'; there are: "),
        ({"at": "tomorrow"}, "--at 'tomorrow' is no time"),
        ({"zip": "6061"}, "--zip '6061' is no ZIP"),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused(
    redis: str, options: dict[str, str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a sentence, with exit code 2."""
    question = {"number": LEAD, "campaign": "insurance"} | options
    assert explain(**question) == 2  # type: ignore[arg-type] # strings by name
    assert why in capsys.readouterr().err


# A list ---------------------------------------------------------------------------------------------------------------


def test_a_list_is_counted_by_reason(redis: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Contacted, held and skipped, with the earliest time of what is held; unusable lines are named."""
    told(redis, suppressed())
    path = leads(
        tmp_path,
        f"{LEAD},60614,web_form,sms",
        "+13125550150,60614,web_form,sms",
        "+13125550150,60614,web_form,sms",
        "+12125550151,,web_form,sms",
        "+13125550152,,web_form,",
        "+13125550153,,web_form,oral",
        "+18005550100,,web_form,sms",
        "312,,web_form,sms",
    )
    assert preview(path, campaign="insurance", at="2026-11-18T20:30-06:00") == 0
    out = capsys.readouterr().out
    assert "8 leads: 1 contacted, 1 held, 6 skipped" in out
    for reason in ("opted_out", "no_consent", "consent_not_written", "zone_unknown", "unusable line"):
        assert reason in out
    assert "2026-11-19 13:00 UTC" in out
    assert "line 4: the number is listed twice" in out
    assert "line 9: number has too few" in out


def test_without_an_offset_each_lead_is_asked_about_on_his_own_clock(
    redis: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Half past eight in the evening is lawful in Illinois and New York alike, whenever that is."""
    path = leads(tmp_path, "+13125550150,60614,web_form,sms", "+12125550151,10001,web_form,sms")
    assert preview(path, campaign="insurance", at="2026-11-18T20:30") == 0
    assert "2 leads: 2 contacted" in capsys.readouterr().out


def test_without_a_campaign_every_one_is_asked(redis: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One after the other, each by its name."""
    told(redis, suppressed())
    assert preview(leads(tmp_path, f"{LEAD},60614,web_form,sms"), at=AFTERNOON) == 0
    out = capsys.readouterr().out
    assert "1 lead: 0 contacted, 0 held, 1 skipped" in out.partition("insurance:")[2]
    assert "1 lead: 1 contacted, 0 held, 0 skipped" in out.partition("lending:")[2]


def test_calls_need_more_than_texts(redis: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Another consent, and in some states an inquiry."""
    path = leads(
        tmp_path,
        "+13125550150,60614,web_form,sms",
        "+12015550151,,import,sms ai_voice",
        "+13125550152,60614,web_form,ai_voice",
    )
    assert preview(path, campaign="insurance", at=AFTERNOON, channel=Channel.VOICE) == 0
    out = capsys.readouterr().out
    assert "3 leads: 1 contacted, 0 held, 2 skipped" in out
    assert "no_voice_consent" in out
    assert "no_inquiry" in out


def test_a_list_without_consent_is_a_list_of_nobody(
    redis: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And it is said why."""
    assert preview(leads(tmp_path, LEAD, header="number"), campaign="insurance", at=AFTERNOON) == 0
    out = capsys.readouterr().out
    assert "1 lead: 0 contacted, 0 held, 1 skipped" in out
    assert "no column consent" in out


@pytest.mark.parametrize("header", ["fax,zip", ""])
def test_what_is_no_list_is_refused(
    redis: str, tmp_path: Path, header: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With file and line, and exit code 2; so is a file that is not there."""
    assert preview(leads(tmp_path, header=header), campaign="insurance") == 2
    assert "leads.csv:1: the header has no column number" in capsys.readouterr().err
    assert preview(tmp_path / "missing.csv", campaign="insurance") == 2
    assert "cannot be read" in capsys.readouterr().err


def test_both_are_commands_of_segue_gate(redis: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A number explains, the word `preview` previews."""
    path = leads(tmp_path, f"{LEAD},60614,web_form,sms")
    for words, shown in [
        ([LEAD, "--campaign", "insurance", "--at", AFTERNOON, "--channel", "sms"], "PERMITTED"),
        (["preview", str(path), "--campaign", "insurance", "--at", AFTERNOON], "1 lead: 1 contacted"),
    ]:
        with pytest.raises(SystemExit) as left:
            gate.app(words)
        assert left.value.code == 0
        assert shown in capsys.readouterr().out
