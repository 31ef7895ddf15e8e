"""What is for a browser stays here, and everything else goes to the carrier of telephones."""

import pytest
from telephony_kit import LEAD, OURS, RecordingCarrier

from agent.pages import is_page
from telephony.browser.carrier import WithBrowser
from telephony.browser.numbers import new_number
from telephony.carrier import CarrierError

pytestmark = pytest.mark.anyio


async def test_a_text_to_a_browser_reaches_no_telephone() -> None:
    """It gets an id of ours; a text to anybody else is the other carrier's."""
    telephones = RecordingCarrier()
    carrier = WithBrowser(telephones)
    browser = new_number()
    assert (await carrier.send_text(browser, "hello", sender=OURS, status_url="")).startswith("WM")
    assert await carrier.find_texts(browser, since=None) == []  # type: ignore[arg-type]
    assert telephones.texts == []
    await carrier.send_text(LEAD, "hello", sender=OURS, status_url="")
    assert [text["to"] for text in telephones.texts] == [LEAD]


async def test_a_browser_cannot_be_rung() -> None:
    """A dial fails for good, so that outreach goes on another way."""
    telephones = RecordingCarrier()
    with pytest.raises(CarrierError) as refusal:
        await WithBrowser(telephones).dial(new_number(), caller_id=OURS, instructions_url="", status_url="")
    assert refusal.value.code is not None
    assert not refusal.value.outcome_unknown
    assert telephones.dials == []


@pytest.mark.parametrize("number", ["+13125550142", "+131221112345", "+1312211", "", "+13122110000x"])
def test_no_telephone_is_taken_for_a_browser(number: str) -> None:
    """Only the numbers that no exchange has."""
    assert not is_page(number)
