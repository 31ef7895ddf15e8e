"""The sandbox's answering machines, apart from calls: `test_answering_stories` has those."""

import pytest
from telephony_kit import LEAD

from audio import mulaw
from audio.beep import BeepDetector
from telephony.sandbox.machines import Screener, Voicemail, beep
from telephony.sandbox.phone import Bystander

pytestmark = pytest.mark.anyio


def test_the_beep_is_one() -> None:
    """As the server hears it, once over."""
    detector = BeepDetector()
    frames = mulaw.encode(beep()) + b"\xff" * 320
    assert [detector.feed(frames[at : at + 160]) for at in range(0, len(frames), 160)].count(True) == 1


async def test_a_machine_needs_a_voice() -> None:
    """Said before the first call, and how to give it one."""
    with pytest.raises(ValueError, match="give the sandbox a voice"):
        await Voicemail(LEAD, ["Hi."]).prepare(None)


async def test_texts_reach_who_is_behind_the_machine() -> None:
    """The owner of the mailbox, and the person whose calls are screened."""

    async def reply(_: str) -> None:
        raise AssertionError("nobody answers")

    machine, person = Voicemail(LEAD, ["Hi."]), Bystander(LEAD)
    await machine.on_text("hello", LEAD, reply)
    await Screener(person).on_text("hello", LEAD, reply)
    assert (machine.received, person.received) == (["hello"], ["hello"])
