"""Telephone numbers as they are written."""

import pytest

from telephony.numbers import bare, caller, e164, is_elsewhere


@pytest.mark.parametrize(
    "written", ["+13125550142", "3125550142", "(312) 555-0142", "1-312-555-0142", "tel:+1-312-555-0142"]
)
def test_a_number_has_one_form(written: str) -> None:
    """However it is written, one person is one conversation."""
    assert e164(written) == "+13125550142"


def test_a_foreign_number_keeps_its_country() -> None:
    """The home region is only for numbers without a country code."""
    assert e164("+44 20 7946 0958") == "+442079460958"


@pytest.mark.parametrize("written", ["", "call me", "77", "+1312555014299999", "client:alice", "sip:a@example.com"])
def test_what_is_no_number_is_refused_without_being_repeated(written: str) -> None:
    """The message goes into answers and logs."""
    with pytest.raises(ValueError, match=r"\+13125550142") as caught:
        e164(written)
    assert not written or written not in str(caught.value)


@pytest.mark.parametrize("withheld", ["anonymous", "Anonymous", "unknown", "Restricted", "+266696687", ""])
def test_a_withheld_number_is_nobody(withheld: str) -> None:
    """Carriers have several words for it."""
    assert caller(withheld) is None


@pytest.mark.parametrize("shown", ["client:alice", "sip:a@example.com", "77", "Out of area"])
def test_a_caller_without_a_number_is_as_good_as_withheld(shown: str) -> None:
    """He is talked with all the same; there is only nobody to call back."""
    assert caller(shown) is None


def test_a_caller_who_shows_his_number_is_known_by_it() -> None:
    """The usual case."""
    assert caller("+13125550142") == "+13125550142"


@pytest.mark.parametrize("address", ["whatsapp:+13125550142", "rcs:+13125550142", "sip:+13125550142@example.com"])
def test_an_address_of_another_channel_is_no_number(address: str) -> None:
    """Whoever wrote from there has not agreed to be called or texted, though his number stands in it."""
    assert is_elsewhere(address)
    assert caller(address) is None
    with pytest.raises(ValueError, match="another channel"):
        e164(address)
    assert "+13125550142" in bare(address)
    assert not is_elsewhere("tel:+1-312-555-0142")
