from collections.abc import Iterator
from datetime import date, time
from importlib.resources import files

import pytest
from pydantic import ValidationError

from agent.gate.hours import FEDERAL, Window
from agent.gate.law import FLAGS, INQUIRY_FLAGS, Law, StateRule, current_law, read_law
from agent.gate.legal_holidays import STATES
from agent.gate.tables import TableError
from state.events import Channel

TODAY = date(2026, 11, 18)
FILES = ("state_rules.csv", "recording_consent.csv", "ai_disclosure.csv", "holiday_overrides.csv", "edition.toml")


def texts(**changed: str) -> dict[str, str]:
    """The product's own tables, some of them changed."""
    here = files("agent.gate") / "data"
    return {name: (here / name).read_text(encoding="utf-8") for name in FILES} | changed


def law_with(old: str, new: str, name: str = "state_rules.csv") -> Law:
    """The law with some text of a table changed."""
    text = texts()[name]
    assert old in text
    return read_law(texts(**{name: text.replace(old, new, 1)}))


def row(state: str, law: Law | None = None) -> StateRule:
    """The row that binds in one state today."""
    (found,) = (law or current_law()).rules_for([state], [TODAY])
    return found


# The tables -----------------------------------------------------------------------------------------------------------


def test_every_state_has_a_row_with_its_source() -> None:
    """Fifty states, the District, and three territories; each with citation and confidence."""
    rows = current_law().states
    assert {one.state for one in rows} == STATES - {"AS", "MP", "UM"}
    assert all(one.citation and one.confidence in "HML" for one in rows)
    assert all(one.citation and one.confidence in "HML" for one in current_law().recording)
    assert all(one.citation and one.confidence in "HML" for one in current_law().disclosure)


def test_the_edition_names_date_and_content() -> None:
    """Two editions of one day differ by digest, so a decision can be traced to the very rows."""
    ours = current_law().edition
    assert ours.startswith("2026-11-22+")
    changed = law_with("Latest start in the country.", "Latest start.")
    assert changed.edition != ours
    assert read_law(texts()).edition == ours


def test_it_is_read_once() -> None:
    """Decisions after the first touch no file."""
    assert current_law() is current_law()


def lines_of(error: pytest.ExceptionInfo[TableError]) -> Iterator[int]:
    """The lines an error names."""
    return (line for line, _ in error.value.faults)


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("AL,Alabama,,08:00-20:00", "AL,Alabama,,8-20", "is no window"),
        ("AL,Alabama,,08:00-20:00", "AL,Alabama,,", "live_weekday: is empty"),
        ("AL,Alabama,,08:00-20:00", "AL,Alabama,,07:00-20:00", "wider than the federal 08:00-21:00"),
        ("AL,Alabama,,08:00-20:00", "AL,Alabama,,20:00-08:00", "ends before it starts"),
        ("AL,Alabama,,", "AL,Alabama,soon,", "in_force_from"),
        ("AL,Alabama", "Al,Alabama", "state"),
        ("AL,Alabama", "XX,Alabama", "holidays of XX are not known"),
        ("none,1,,,08:00", "none,1,3,,08:00", "attempts_cap and cap_hours go together"),
        ("none,1,,,unknown", "none,1,3,,unknown", "auto_cap and auto_cap_hours go together"),
        ("unknown,unknown,0,,Ala", "unknown,unknown,0,adad_limit,Ala", "adad_limit: no such flag"),
        ("unknown,unknown,0,,Ala", "perhaps,unknown,0,,Ala", "texts_covered"),
        ("Ala. Code 8-19C,L,", "Ala. Code 8-19C,X,", "confidence"),
        ("0,,Ala. Admin. Code r. 770-X-5-.17; Ala. Code 8-19C,L", "0,,,L", "citation: is empty"),
    ],
)
def test_a_malformed_row_is_refused_by_file_and_line(old: str, new: str, what: str) -> None:
    """Alabama's row is on line 3. A rule that cannot be read is never a rule that is left out."""
    with pytest.raises(TableError, match=r"state_rules\.csv:3: ") as raised:
        law_with(old, new)
    assert what in str(raised.value)
    assert list(lines_of(raised)) == [3]


def test_a_state_has_one_row_for_each_day_it_begins() -> None:
    """Two rows from one day would be one too many; the second is named."""
    text = texts()["state_rules.csv"]
    again = text + next(line for line in text.splitlines() if line.startswith("WY,")) + "\n"
    with pytest.raises(TableError, match=r"state_rules\.csv:56: WY is in force from the same day as on line 55"):
        read_law(texts(**{"state_rules.csv": again}))


@pytest.mark.parametrize("text", ["", "as_of = 'today'", "as_of = ["])
def test_an_edition_needs_its_date(text: str) -> None:
    """Otherwise nobody can say by which rules a decision was made."""
    with pytest.raises(TableError, match=r"edition\.toml:1: as_of"):
        read_law(texts(**{"edition.toml": text}))


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("recording_consent.csv", "CA,all_party", "CA,both_party"),
        ("ai_disclosure.csv", "CA,Companion chatbots,not a sales assistant,sms;voice", "CA,Companion,x,fax"),
    ],
)
def test_the_other_tables_are_checked_too(name: str, old: str, new: str) -> None:
    """By the same loader."""
    with pytest.raises(TableError, match=rf"{name}:\d+: "):
        law_with(old, new, name)


# What a row means -----------------------------------------------------------------------------------------------------


def test_texts_keep_the_hours_of_people_and_calls_those_of_both() -> None:
    """An artificial voice may be an automated device: the stricter of the two columns binds it."""
    assert row("IN").schedule(Channel.SMS).weekday == FEDERAL
    assert row("IN").schedule(Channel.VOICE).weekday == Window(time(9), time(20))
    assert row("ME").schedule(Channel.VOICE).saturday is None
    assert row("SD").schedule(Channel.VOICE).saturday is None
    assert row("NE").schedule(Channel.SMS).sunday == FEDERAL
    assert row("NE").schedule(Channel.VOICE).sunday == Window(time(13), time(21))


def test_a_wide_automated_column_opens_nothing() -> None:
    """Both bind: the common hours are what is left."""
    wide = row("KY", law_with("KY,Kentucky,,10:00-21:00,10:00-21:00,10:00-21:00,0,,,10:00-21:00", KENTUCKY_WIDE))
    assert wide.schedule(Channel.VOICE).weekday == Window(time(10), time(21))


KENTUCKY_WIDE = "KY,Kentucky,,10:00-21:00,10:00-21:00,10:00-21:00,0,,,08:00-21:00"


def test_a_ban_on_holidays_closes_the_day() -> None:
    """For texts by the one column, for calls by either."""
    thanksgiving = date(2026, 11, 26)
    for state in ("AL", "LA", "PA", "RI", "UT"):
        assert row(state).schedule(Channel.SMS).on(thanksgiving) is None
        assert row(state).schedule(Channel.VOICE).on(thanksgiving) is None
    assert row("IL").schedule(Channel.VOICE).on(thanksgiving) is not None


def test_nebraskas_holidays_have_sundays_hours_for_an_automated_voice() -> None:
    """1 pm to 9 pm (291 NAC 11-003); a text keeps the ordinary day."""
    thanksgiving = date(2026, 11, 26)
    assert row("NE").schedule(Channel.VOICE).on(thanksgiving) == Window(time(13), time(21))
    assert row("NE").schedule(Channel.SMS).on(thanksgiving) == FEDERAL


def test_caps_are_read() -> None:
    """Florida's for everybody, Maine's for devices."""
    florida, maine = row("FL").cap, row("ME").automated_cap
    assert florida is not None
    assert maine is not None
    assert (florida.count, florida.hours) == (3, 24)
    assert (maine.count, maine.hours) == (1, 8)
    assert row("IL").cap is None
    assert row("IL").automated_cap is None


def test_every_flag_that_closes_a_state_is_a_known_one() -> None:
    """And some state has it: a flag nobody carries is a rule nobody keeps."""
    assert INQUIRY_FLAGS.keys() <= FLAGS
    carried = {flag for one in current_law().states for flag in one.special_flags}
    assert carried == FLAGS


def test_a_row_that_says_nothing_new_is_not_made_up() -> None:
    """The model itself refuses a column it does not know."""
    with pytest.raises(ValidationError, match="consent_lifts"):
        StateRule.model_validate(row("KY").model_dump() | {"consent_lifts": "yes"})


# Which rows bind ------------------------------------------------------------------------------------------------------


def test_all_states_somebody_could_be_in_bind() -> None:
    """In the order given, each once."""
    rows = current_law().rules_for(["IL", "FL", "IL"], [TODAY])
    assert [one.state for one in rows] == ["IL", "FL"]


@pytest.mark.parametrize("states", [[], ["AS"], ["IL", "??"]])
def test_an_unknown_state_means_all_of_them(states: list[str]) -> None:
    """The strictest intersection, also when only one of the candidates has no row."""
    assert len(current_law().rules_for(states, [TODAY])) == len(current_law().states)


def test_a_rule_binds_from_its_day() -> None:
    """A change of the law is a new row with a date; both bind where it is already tomorrow."""
    wider = "KY,Kentucky,2027-01-01,09:00-21:00,09:00-21:00,09:00-21:00,0,,,09:00-21:00,09:00-21:00,09:00-21:00,0,,"
    law = law_with("KY,Kentucky,,", f"{wider},unknown,unknown,0,,KRS 367 as amended,H,\nKY,Kentucky,,")
    before, after = date(2026, 12, 31), date(2027, 1, 1)
    assert [one.citation for one in law.rules_for(["KY"], [before])] == ["KRS 367.46955(16)"]
    assert [one.citation for one in law.rules_for(["KY"], [after])] == ["KRS 367 as amended"]
    assert len(law.rules_for(["KY"], [before, after])) == 2


def test_before_its_first_row_a_state_is_unknown() -> None:
    """Oregon's row is in force from 2026: asked about 2025, the strictest answer is given."""
    assert len(current_law().rules_for(["OR"], [date(2025, 6, 1)])) == len(current_law().states)
    assert len(current_law().rules_for(["OR"], [TODAY])) == 1


# What is told beside a decision ---------------------------------------------------------------------------------------


def test_recording_rules_of_the_states() -> None:
    """With the federal one, which is all there is elsewhere."""
    assert [one.state for one in current_law().recording_in(["WA", "TX"])] == ["US", "WA"]


def test_disclosure_rules_that_speak_to_a_contact() -> None:
    """In force on the day, for the channel, in the state; proposals and past rules do not speak."""
    utah = {one.jurisdiction[0] for one in current_law().disclosures_in(["UT"], Channel.VOICE, TODAY)}
    assert utah == {"US-FCC", "US-FTC", "UT", "company"}
    assert len(current_law().disclosures_in(["UT"], Channel.SMS, TODAY)) == 4
    assert len(current_law().disclosures_in(["UT"], Channel.SMS, date(2027, 7, 2))) == 3
    colorado = {one.jurisdiction[0] for one in current_law().disclosures_in(["CO"], Channel.SMS, TODAY)}
    assert "CO" not in colorado
    assert "CO" in {one.jurisdiction[0] for one in current_law().disclosures_in(["CO"], Channel.SMS, date(2027, 1, 1))}
    assert all(one.status != "proposed" for one in current_law().disclosures_in(["ME"], Channel.VOICE, TODAY))
