"""What the server's parts share, and how it is opened."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from telephony_kit import ARRIVED, CAMPAIGN, NOW, OURS, TestServices, settings
from telephony_kit import open_services as open_test_services

from agent.brain.llm import LlmBrain
from agent.brain.local import LocalBrain
from agent.campaign import CampaignError
from audio.engines import ModelError
from audio.pool import Engines
from state.fold import fold_all
from state.store import Record, RecordUnavailable
from state.view import View
from telephony.services import choose_brain, open_services
from telephony.settings import SettingsError

pytestmark = pytest.mark.anyio

REPOSITORY = Path(__file__).parent.parent
CAMPAIGNS = REPOSITORY / "campaigns"


@pytest.fixture
async def server(record: Record, valkey_url: str) -> AsyncIterator[TestServices]:
    """Services on an empty record."""
    async with open_test_services(record, valkey_url) as opened:
        yield opened


# Campaigns and numbers -----------------------------------------------------------------------------------------------


async def test_our_number_says_which_campaign_it_is(server: TestServices) -> None:
    """The campaign that owns it, if it is active."""
    assert server.services.campaign_at(OURS) is CAMPAIGN
    assert server.services.campaign_at("+13125550199") is None


async def test_a_campaign_that_is_not_active_answers_no_number(record: Record, valkey_url: str) -> None:
    """Nobody is spoken to in its name."""
    async with open_test_services(record, valkey_url, campaign=CAMPAIGN.model_copy(update={"active": False})) as server:
        assert server.services.campaign_at(OURS) is None


async def test_a_number_that_is_shared_has_one_owner_always(server: TestServices) -> None:
    """The first by id, whatever order the files were read in."""
    for other in ("lending", "auto"):
        server.services.campaigns[other] = CAMPAIGN.model_copy(update={"id": other})  # type: ignore[index]
    owner = server.services.campaign_at(OURS)
    assert owner is not None
    assert owner.id == "auto"


async def test_a_conversation_without_its_campaign_says_what_to_do(server: TestServices) -> None:
    """The file was taken away."""
    view = fold_all(View(), [ARRIVED.model_copy(update={"campaign": "lending"})])
    with pytest.raises(LookupError, match="put its file back"):
        server.services.campaign_of(view)


# Time ----------------------------------------------------------------------------------------------------------------


async def test_what_is_overdue_is_due_now(server: TestServices) -> None:
    """No wake-up is set in the past."""
    before = datetime.now(UTC)
    assert before <= server.services.real_time(NOW - timedelta(days=1)) <= datetime.now(UTC)


async def test_the_wall_is_as_far_from_now_as_the_business_day(server: TestServices) -> None:
    """The two clocks run at one pace."""
    before = datetime.now(UTC)
    there = server.services.real_time(NOW + timedelta(hours=3))
    assert before + timedelta(hours=3) <= there <= datetime.now(UTC) + timedelta(hours=3)


# Opening -------------------------------------------------------------------------------------------------------------


def test_the_brain_is_the_one_that_is_set() -> None:
    """Without an endpoint the local one talks."""
    assert isinstance(choose_brain(settings()), LocalBrain)
    chosen = choose_brain(settings(llm_base_url="http://127.0.0.1:9/v1", llm_model="small"))
    assert isinstance(chosen, LlmBrain)


async def test_everything_is_opened_and_closed(tmp_path: Path) -> None:
    """With the embedded Valkey, which ends with it; each part is told while it starts."""
    closed: list[str] = []

    class Loaded(Engines):
        def __init__(self) -> None:
            """Loads nothing."""

        def close(self) -> None:
            closed.append("engines")

    parts: list[str] = []
    started = settings(campaigns=CAMPAIGNS, data=tmp_path, business_time=NOW)
    async with open_services(started, parts.append, load=lambda on_progress: Loaded()) as opened:
        assert (await opened.record.ping())["server"] == "valkey"
        assert opened.clock() - NOW < timedelta(minutes=1)
        assert "insurance" in opened.campaigns
        record = opened.record
    assert parts == ["record", "engines"]
    assert closed == ["engines"]
    with pytest.raises(RecordUnavailable):
        await record.ping()


async def test_a_campaign_without_a_number_stops_the_start(tmp_path: Path) -> None:
    """It would fail at its first lead."""
    with pytest.raises(SettingsError, match="insurance"):
        async with open_services(settings(campaigns=CAMPAIGNS, data=tmp_path, twilio_number=None)):
            pass


async def test_a_directory_without_campaigns_stops_the_start(tmp_path: Path) -> None:
    """Before anything is started."""
    with pytest.raises(CampaignError):
        async with open_services(settings(campaigns=tmp_path, data=tmp_path / "data")):
            pass
    assert not (tmp_path / "data").exists()


async def test_a_missing_model_closes_what_was_opened(tmp_path: Path) -> None:
    """No server is left behind by a start that failed."""

    def missing(on_progress: object) -> Engines:
        raise ModelError("Whisper: not installed")

    with pytest.raises(ModelError):
        async with open_services(settings(campaigns=CAMPAIGNS, data=tmp_path), load=missing):
            pass
    url = (tmp_path / "valkey.url").read_text()
    record = Record.connect(url)
    with pytest.raises(RecordUnavailable):
        await record.ping()
    await record.close()
