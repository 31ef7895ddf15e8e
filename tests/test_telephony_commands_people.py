"""Who a number stands for."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from happenings import LEAD, NOW, text_received
from telephony_kit import ARRIVED, BRAND, CAMPAIGN, CID

from state.clock import system_clock
from state.store import Record
from telephony.commands.people import Files, InputError, Person, find, open_files, refused
from telephony.settings import load_settings

pytestmark = pytest.mark.anyio

LENDING = CAMPAIGN.model_copy(update={"id": "lending", "brand": "Elm Street Lending"})
SECOND = CAMPAIGN.model_copy(update={"id": "renters"})
CAMPAIGNS = {one.id: one for one in (CAMPAIGN, LENDING, SECOND)}
HARBOR, ELM = Person(BRAND, LEAD), Person("Elm Street Lending", LEAD)


@pytest.fixture
async def files(record: Record) -> Files:
    """A record in which the lead talked with both brands."""
    await record.append(HARBOR.cid, ARRIVED)
    await record.append(ELM.cid, text_received(1))
    return Files(record, CAMPAIGNS, lambda: NOW)


async def test_a_number_is_a_person_to_each_brand(files: Files) -> None:
    """However it is written; two campaigns of a brand know the same one."""
    assert HARBOR.cid == CID
    for written in (LEAD, "(312) 555-0142", "312 555 0142"):
        assert await find(files, written, None, None) == [ELM, HARBOR]


async def test_a_campaign_or_brand_narrows_it_down(files: Files) -> None:
    """A campaign stands for its brand."""
    assert await find(files, LEAD, "renters", None) == [HARBOR]
    assert await find(files, LEAD, None, "Elm Street Lending") == [ELM]


@pytest.mark.parametrize(
    ("question", "told"),
    [
        (("555", None, None), "too few or too many digits"),
        (("Jordan", None, None), "is not a telephone number"),
        (("+13125550143", None, None), "no conversation with \\+13125550143 for Elm Street Lending, Harbor Lane"),
        ((LEAD, "solar", None), "no campaign 'solar'; there are: insurance, lending, renters"),
        ((LEAD, None, "Oak"), "no conversation with .* for Oak"),
    ],
)
async def test_a_question_without_an_answer_says_why(
    files: Files, question: tuple[str, str | None, str | None], told: str
) -> None:
    """In a sentence."""
    with pytest.raises(InputError, match=told):
        await find(files, *question)


async def test_only_the_record_and_the_campaigns_are_needed(tmp_path: Path) -> None:
    """No carrier's credentials; the embedded server is started when none runs, and the business clock is heeded."""
    (tmp_path / "campaigns").mkdir()
    source = Path(__file__).parent.parent / "campaigns" / "insurance.yaml"
    (tmp_path / "campaigns" / "insurance.yaml").write_text(source.read_text())
    needed = {"public_url": "http://127.0.0.1", "api_token": "0" * 16, "twilio_account_sid": "AC" + "0" * 32}
    settings = load_settings(
        _env_file=None,
        campaigns=tmp_path / "campaigns",
        data=tmp_path / "data",
        twilio_auth_token="0",
        business_time="2020-01-01T00:00:00Z",
        **needed,
    )
    async with open_files(settings) as files:
        assert (await files.record.ping())["appendonly"] is True
        assert list(files.campaigns) == ["insurance"]
        assert files.clock() < datetime(2020, 1, 2, tzinfo=UTC) < system_clock()


def test_a_refusal_is_a_sentence_and_an_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    """On stderr, for scripts and people."""
    assert refused(InputError("there is no [brand]")) == 2
    assert capsys.readouterr().err == "segue: there is no [brand]\n"
