"""`segue record`, as an operator types it."""

import asyncio
from pathlib import Path

import pytest
from happenings import NOW, dial, fact, hint_alone, lead_arrived, persona_said, requested, settled, text_received
from redis import Redis
from telephony_kit import ARRIVED, CID, LEAD

from state.connect import connect
from state.events import EVENT, Event
from state.store import Record
from state.view import View
from telephony.commands import record as command
from telephony.commands.record import SHOWN, line

WORDS = "we just bought a place"
STORY: tuple[Event, ...] = (
    ARRIVED,
    text_received(1, WORDS),
    fact("product", "home"),
    requested("dial:1", dial()),
    persona_said(1, "Congratulations!", cut_ms=200, heard="Congrat"),
)


def append(url: str, cid: str, *events: Event) -> None:
    """Appends, and leaves a snapshot."""

    async def main() -> None:
        record = Record(connect(url), snapshot_after=1)
        await record.append(cid, *events)
        await record.view(cid)
        await record.close()

    asyncio.run(main())


@pytest.fixture
def server(valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A Redis that holds the story, and the environment that names it."""
    with Redis.from_url(valkey_url) as redis:
        redis.flushdb()
    append(valkey_url, CID, *STORY)
    append(valkey_url, "other", text_received(2))
    monkeypatch.setenv("SEGUE_REDIS_URL", valkey_url)
    monkeypatch.setenv("SEGUE_CAMPAIGNS", str(Path(__file__).parent.parent / "campaigns"))
    return valkey_url


def damage(url: str) -> None:
    """Somebody with access to Redis changes the stored view."""
    with Redis.from_url(url, decode_responses=True) as redis:
        key = f"segue:{{{CID}}}:view"
        view = View.model_validate_json(str(redis.hget(key, "view")))
        redis.hset(key, "view", view.model_copy(update={"first_name": "Robin"}).model_dump_json())


def test_a_sound_record_passes(server: str, capsys: pytest.CaptureFixture[str]) -> None:
    """All of it, counted, in a line."""
    assert command.verify() == command.verify(all=True) == 0
    assert capsys.readouterr().out == 2 * ("Conversations: 2, events: 6, stored views compared: 2. Nothing is wrong.\n")


@pytest.mark.parametrize("named", [CID, LEAD, "(312) 555-0142"])
def test_one_conversation_is_named_by_id_or_number(server: str, capsys: pytest.CaptureFixture[str], named: str) -> None:
    """However the number is written."""
    assert command.verify(named) == 0
    assert capsys.readouterr().out.startswith("Conversations: 1, events: 5,")


def test_a_difference_fails_and_is_told(server: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Where, and what; not what was said. Others are not drawn in."""
    damage(server)
    assert command.verify(all=True) == 1
    out = capsys.readouterr().out
    assert "stored view is not the fold of the log" in out
    assert "first_name" in out
    assert "Robin" not in out
    assert "WRONG: 1." in out
    assert command.verify("other") == 0


def test_what_a_crash_left_over_is_told_and_passes(server: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The sweeper will clear it away."""

    async def main() -> None:
        record = Record.connect(server)
        await record.append(CID, settled("dial:1"))
        await hint_alone(record, CID, requested("dial:1", dial()))
        await record.close()

    asyncio.run(main())
    assert command.verify(CID) == 0
    out = capsys.readouterr().out
    assert "due hint of an effect that has settled" in out
    assert "Nothing is wrong." in out


def test_one_and_all_is_no_question(server: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Which of the two?"""
    assert command.verify("other", all=True) == 2
    assert "--all" in capsys.readouterr().err


@pytest.mark.parametrize("named", ["nobody", "+13125559999"])
def test_an_unknown_conversation_is_refused(server: str, capsys: pytest.CaptureFixture[str], named: str) -> None:
    """Verifying what is not there would always pass."""
    for ask in (command.verify, command.show):
        assert ask(named) == 2
        assert f"there is no conversation '{named}'" in capsys.readouterr().err


def test_show_tells_what_happened_without_the_person(server: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An event a line, in order; words, facts and numbers are redacted."""
    assert command.show(CID) == 0
    out = capsys.readouterr().out
    first, *told = out.splitlines()
    assert first == f"conversation {CID}"
    assert [one.split()[0] for one in told] == ["1", "2", "3", "4", "5"]
    assert "body=<22 characters>" in told[1]
    assert "key=product  value=<4 characters>" in told[2]
    assert "effect=(kind dial, permit initiate, to …42)" in told[3]
    for secret in (WORDS, LEAD, "home", "Congrat", "Jordan", "60614"):
        assert secret not in out


def test_show_plain_tells_all(server: str, capsys: pytest.CaptureFixture[str]) -> None:
    """For whoever may read it."""
    assert command.show(LEAD, plain=True) == 0
    out = capsys.readouterr().out
    assert f"body={WORDS}" in out
    assert f"to {LEAD}" in out


def test_a_new_field_is_redacted_until_it_is_known() -> None:
    """What is shown is listed, what is hidden is not: forgetting a field hides it."""
    hidden = {"number", "first_name", "zip", "facts", "body", "to", "text", "heard", "words", "value", "what"}
    hidden |= {"summary", "ip", "user_agent", "detail", "disclosure", "source_url"}
    assert not hidden & SHOWN
    everything = lead_arrived(product="home", drivers=2)
    assert "home" not in line(1, everything, plain=False)
    assert EVENT.validate_python(everything).at == NOW


def test_a_list_can_be_made_anew(server: str, capsys: pytest.CaptureFixture[str]) -> None:
    """For a record from before there was one: every conversation in it is listed, and found by its number."""

    async def forget_the_list() -> None:
        redis = connect(server)
        await redis.delete("segue:{list}:recent", "segue:{list}:words")
        await redis.aclose()

    async def found() -> list[str]:
        record = Record.connect(server)
        try:
            return await record.listing.search("0142")
        finally:
            await record.close()

    asyncio.run(forget_the_list())
    assert asyncio.run(found()) == []
    assert command.relist() == 0
    assert capsys.readouterr().out == "2 conversations listed.\n"
    assert asyncio.run(found()) == [CID]
