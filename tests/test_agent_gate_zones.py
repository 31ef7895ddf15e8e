from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.gate.zones import FALLBACK, NOWHERE, lead_zone, place_of_number, place_of_zip, possible_place, zip_of
from state.view import Fact, View

NEW_YORK, CHICAGO, DENVER, PHOENIX = "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix"
NOON = datetime(2026, 11, 18, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    ("number", "zones"),
    [
        ("+13125550142", {CHICAGO}),
        ("+12125550142", {NEW_YORK}),
        ("+18505550142", {NEW_YORK, CHICAGO}),
        ("+16895550142", {NEW_YORK, CHICAGO}),
        ("+14485550142", {NEW_YORK, CHICAGO}),
        ("+19155550142", {CHICAGO, DENVER}),
        ("+19285550142", {PHOENIX, DENVER}),
        ("+17875550142", {"America/Puerto_Rico"}),
    ],
)
def test_a_number_has_every_zone_of_its_area_code(number: str, zones: set[str]) -> None:
    """The library's answer is united with the table's, so a split or overlaid area code keeps both its zones."""
    assert set(place_of_number(number).zones) >= zones


@pytest.mark.parametrize(
    "number",
    ["+18005550100", "+15005550100", "+19005550100", "+447911123456", "+16045550100", "+1312", "3125550142", "", "abc"],
)
def test_a_number_without_a_place_is_nowhere(number: str) -> None:
    """Toll-free, personal, foreign and malformed numbers are unknown, not guessed."""
    assert place_of_number(number) == NOWHERE


@given(st.text())
def test_no_text_makes_a_place_by_accident(text: str) -> None:
    """Anything that is not a US number in E.164 form is nowhere, and nothing raises."""
    assert place_of_number(text) == NOWHERE or text.startswith("+1")


@pytest.mark.parametrize(
    ("code", "zones", "state"),
    [
        ("60614", (CHICAGO,), "IL"),
        ("60614-1234", (CHICAGO,), "IL"),
        ("32401", (CHICAGO, NEW_YORK), "FL"),
        ("86515", (DENVER, PHOENIX), "AZ"),
        ("89883", ("America/Los_Angeles", DENVER), "NV"),
        ("46601", (NEW_YORK,), "IN"),
    ],
)
def test_a_zip_has_the_zones_of_its_prefix_likeliest_first(code: str, zones: tuple[str, ...], state: str) -> None:
    """A prefix on a zone line has both zones; zones that keep the same clock are one."""
    place = place_of_zip(code)
    assert place.zones == zones
    assert state in place.states


@pytest.mark.parametrize("code", ["09012", "96201", "34002", "00000", "6061", "ABCDE", ""])
def test_military_and_unassigned_zips_are_nowhere(code: str) -> None:
    """A soldier's ZIP says nothing about where he is."""
    assert place_of_zip(code) == NOWHERE


def test_a_zip_inside_the_area_codes_state_narrows_the_zones() -> None:
    """A Pensacola ZIP on a panhandle number is Central; the number alone could be Eastern."""
    view = View(number="+18505550142", zip="32501")
    assert possible_place(view).zones == (CHICAGO,)
    assert set(possible_place(view).states) >= {"FL", "AL"}


def test_a_zip_in_another_state_widens_the_zones() -> None:
    """A Chicago ZIP with a Tampa number: he may be in either."""
    place = possible_place(View(number="+18135550142", zip="60614"))
    assert set(place.zones) == {CHICAGO, NEW_YORK}
    assert set(place.states) >= {"IL", "FL"}


def test_an_unknown_zip_leaves_the_place_unknown() -> None:
    """A military ZIP beats the area code: the lead told us that he is elsewhere."""
    assert possible_place(View(number="+13125550142", zip="09012")) == NOWHERE


def test_a_zip_does_not_vouch_for_a_number_that_is_nowhere() -> None:
    """A toll-free or foreign number stays unknown whatever ZIP came with it."""
    assert possible_place(View(number="+18005550100", zip="60614")).zones == ()


def test_what_looks_like_no_zip_is_no_evidence() -> None:
    """Rubbish in the form's field leaves the area code to decide."""
    assert possible_place(View(number="+13125550142", zip="n/a")).zones == (CHICAGO,)


def test_the_zip_the_lead_told_us_goes_before_the_forms() -> None:
    """A correction ("wrong zip, it's 60614") counts at once, as text or as a number."""
    fact = Fact(value="60614", source="sms:1", at=NOON)
    assert zip_of(View(zip="10001", facts={"zip": fact})) == "60614"
    assert zip_of(View(zip="10001", facts={"zip": fact.model_copy(update={"value": 2139})})) == "02139"
    assert zip_of(View(zip="10001")) == "10001"
    assert zip_of(View()) is None


def test_wording_uses_one_zone_even_when_several_are_possible() -> None:
    """Times are told to the lead in the likeliest zone: his ZIP's, else his number's."""
    assert lead_zone(View(number="+18135550142", zip="60614")).key == CHICAGO
    assert lead_zone(View(number="+18135550142")).key == NEW_YORK
    assert lead_zone(View(number="+18005550100")) == FALLBACK
