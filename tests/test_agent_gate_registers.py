from datetime import date
from pathlib import Path

import pytest

from agent.gate.registers import NO_REGISTERS, DoNotCall, read_registers, register_files
from agent.gate.tables import TableError

LEAD, OTHER = "+13125550142", "+12125550100"
EMERGENCIES = "state,area,zips,starts,ends,source\n"


def test_no_files_are_empty_registers(tmp_path: Path) -> None:
    """An empty or a missing directory says nothing, and that is no fault."""
    assert read_registers(tmp_path) == NO_REGISTERS
    assert read_registers(tmp_path / "missing") == NO_REGISTERS


@pytest.mark.parametrize(("text", "why"), [("recall of the form\n", "recall of the form"), ("", "no reason given")])
def test_the_kill_switch_is_a_file_that_is_there(tmp_path: Path, text: str, why: str) -> None:
    """Its text is the reason; `touch` is enough."""
    (tmp_path / "kill_switch").write_text(text)
    assert read_registers(tmp_path).kill_switch == why


def test_emergencies_have_places_and_days(tmp_path: Path) -> None:
    """A whole state, or the ZIPs of a county."""
    rows = "LA,,,2026-11-01,,Proclamation 1\nNY,Erie County,140 14201,2026-11-01,2026-11-30,EO 2\n"
    (tmp_path / "emergencies.csv").write_text(EMERGENCIES + rows)
    whole, county = read_registers(tmp_path).emergencies
    assert (whole.zips, whole.ends) == ((), None)
    assert (county.zips, county.ends) == (("140", "14201"), date(2026, 11, 30))


def test_an_emergency_covers_whom_it_may_concern(tmp_path: Path) -> None:
    """A ZIP outside the county is outside; without a ZIP he could be inside."""
    (tmp_path / "emergencies.csv").write_text(EMERGENCIES + "NY,Erie County,140 14201,2026-11-01,,EO 2\n")
    (county,) = read_registers(tmp_path).emergencies
    assert county.covers(["NJ", "NY"], None)
    assert county.covers(["NY"], "14011")
    assert county.covers(["NY"], "14201")
    assert not county.covers(["NY"], "10001")
    assert not county.covers(["NJ"], "14011")


def test_the_newest_copy_of_the_registry_counts(tmp_path: Path) -> None:
    """Its date is in its name. Numbers may be written as the registry gives them."""
    (tmp_path / "dnc-2026-10-01.csv").write_text("number\n2125550100\n")
    (tmp_path / "dnc-2026-11-15.csv").write_text('number\n3125550142\n+12125550111\n"(212) 555-0112"\n"312,5550143"\n')
    copy = read_registers(tmp_path).do_not_call
    assert copy is not None
    assert (copy.copied_on, len(copy)) == (date(2026, 11, 15), 4)
    assert LEAD in copy
    assert "+13125550143" in copy
    assert OTHER not in copy


def test_looking_a_number_up() -> None:
    """Anything that is no number is not in it."""
    copy = DoNotCall(date(2026, 11, 15), [OTHER, LEAD])
    assert LEAD in copy
    assert OTHER in copy
    for absent in ("+19995550142", "+12", "", "+", "anonymous"):
        assert absent not in copy


def test_the_last_answer_about_a_number_counts(tmp_path: Path) -> None:
    """Whatever the order of the rows."""
    rows = f"{LEAD},yes,2026-11-10\n{LEAD},no,2026-10-10\n{OTHER},no_data,2026-11-01\n"
    (tmp_path / "reassigned.csv").write_text("number,answer,asked_on\n" + rows)
    found = read_registers(tmp_path).reassigned
    assert (found[LEAD].answer, found[OTHER].answer) == ("yes", "no_data")


def test_people_who_are_never_contacted(tmp_path: Path) -> None:
    """By number, with reason and date."""
    (tmp_path / "internal.csv").write_text(f"number,reason,added\n{LEAD},litigator,2026-01-02\n")
    barred = read_registers(tmp_path).barred
    assert (barred[LEAD].reason, barred[LEAD].added) == ("litigator", date(2026, 1, 2))


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("emergencies.csv", EMERGENCIES + "ZZ,,,2026-11-01,,x\n", 2),
        ("emergencies.csv", EMERGENCIES + "NY,,,2026-11-02,2026-11-01,x\n", 2),
        ("emergencies.csv", EMERGENCIES + "NY,,14,2026-11-01,,x\n", 2),
        ("emergencies.csv", EMERGENCIES + "NY,,,2026-11-01,,\n", 2),
        ("internal.csv", "number,reason,added\n3125550142,x,2026-01-01\n", 2),
        ("reassigned.csv", f"number,answer,asked_on\n{LEAD},no,2026-01-01\n{LEAD},maybe,2026-01-02\n", 3),
        ("dnc-2026-11-15.csv", "number\n3125550142\n12\n", 3),
        ("dnc-2026-11-15.csv", "phone\n3125550142\n", 1),
        ("dnc-2026-11-15.csv", "", 1),
        ("dnc-latest.csv", "number\n", 1),
        ("dnc-2026-13-15.csv", "number\n", 1),
    ],
)
def test_a_malformed_register_is_refused_by_file_and_line(tmp_path: Path, name: str, text: str, line: int) -> None:
    """Nothing of it is used: half a list is worse than an error."""
    (tmp_path / name).write_text(text)
    with pytest.raises(TableError) as raised:
        read_registers(tmp_path)
    assert (raised.value.name, raised.value.faults[0][0]) == (name, line)


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    """Not an empty register. The kill switch too: better a fault, which stops everything as well."""
    (tmp_path / "internal.csv").write_bytes(b"number,reason,added\n\xff\xfe\n")
    with pytest.raises(TableError, match="cannot be read"):
        read_registers(tmp_path)


def test_only_its_own_files_are_registers(tmp_path: Path) -> None:
    """A note beside them does no harm."""
    for name in ("README.md", "internal.csv", "dnc-2026-11-15.csv", "kill_switch"):
        (tmp_path / name).write_text("")
    assert [path.name for path in register_files(tmp_path)] == ["dnc-2026-11-15.csv", "internal.csv", "kill_switch"]
