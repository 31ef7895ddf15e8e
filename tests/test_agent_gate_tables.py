from datetime import date

import pytest

from agent.gate.tables import TableError, TableRow, numbered, read_table


class Day(TableRow):
    """A row."""

    name: str
    day: date | None = None


def test_cells_become_a_model() -> None:
    """Cells are stripped; an empty one takes the model's default; empty lines are skipped."""
    rows = read_table('name,day\n Labor Day ,2026-09-07\n\n"Some, day",\n', "days.csv", Day)
    assert rows == (Day(name="Labor Day", day=date(2026, 9, 7)), Day(name="Some, day"))


def test_every_bad_row_is_named_by_file_and_line() -> None:
    """Also behind a cell that runs over two lines: the line is where the row begins."""
    text = 'name,day\n"two\nlines",2026-01-01\nfoo,yesterday\n,2026-01-01\n'
    with pytest.raises(TableError) as raised:
        read_table(text, "days.csv", Day)
    lines = str(raised.value).splitlines()
    assert [line.split(": ")[0] for line in lines] == ["days.csv:4", "days.csv:5"]
    assert "name: is empty" in lines[1]
    assert raised.value.name == "days.csv"


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("", 1, "the first line must name each column once"),
        ("name,name\n", 1, "the first line must name each column once"),
        ("name,day\na\n", 2, "has 1 cells, the header has 2"),
        ("name,day\na,2026-01-01\nb,2026-01-02,x\n", 3, "has 3 cells, the header has 2"),
        ('name,day\n"a,2026-01-01\n', 2, "is no CSV"),
        ("name,place\na,b\n", 2, "place: there is no such column"),
    ],
)
def test_what_is_no_table_is_refused(text: str, line: int, what: str) -> None:
    """Whoever has to mend the file is told where and what."""
    with pytest.raises(TableError) as raised:
        read_table(text, "days.csv", Day)
    assert raised.value.faults[0][0] == line
    assert what in str(raised.value)


def test_rows_come_with_their_first_line() -> None:
    """For whoever checks rows against each other."""
    assert list(numbered('a,b\n1,\n"x\ny",2\n3,4\n', "t")) == [
        (2, {"a": "1"}),
        (3, {"a": "x\ny", "b": "2"}),
        (5, {"a": "3", "b": "4"}),
    ]
