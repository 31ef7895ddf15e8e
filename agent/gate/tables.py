"""Rules and registers are tables: CSV files with a header, read into models. A bad row is refused by file and line."""

import csv
from collections.abc import Iterator
from io import StringIO
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError


class TableError(Exception):
    """A table cannot be used. Names the file and, for every fault, the line and what is wrong with it."""

    def __init__(self, name: str, faults: list[tuple[int, str]]) -> None:
        super().__init__("\n".join(f"{name}:{line}: {what}" for line, what in faults))
        self.name = name
        self.faults = tuple(faults)
        """Line, counting from 1, and message."""


class TableRow(BaseModel):
    """What a row is read into: cells are stripped, and every column must be known."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


Row = TypeVar("Row", bound=TableRow)


def read_table(text: str, name: str, model: type[Row]) -> tuple[Row, ...]:
    """The rows of a CSV text, in order. A cell that is empty is left out, so the model's default stands for it.

    Raises:
        TableError: if the text is no such table; every bad row is named.
    """
    rows: list[Row] = []
    faults: list[tuple[int, str]] = []
    for line, cells in numbered(text, name):
        try:
            rows.append(model.model_validate(cells))
        except ValidationError as error:
            faults += [(line, _told(problem["loc"], problem["type"], problem["msg"])) for problem in error.errors()]
    if faults:
        raise TableError(name, faults)
    return tuple(rows)


def numbered(text: str, name: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row's first line and its cells that are not empty.

    Raises:
        TableError: if there is no header, or a row has not as many cells as it.
    """
    reader = csv.reader(StringIO(text), strict=True)
    line = 1
    try:
        header = [column.strip() for column in next(reader, [])]
        if not header or len(set(header)) < len(header):
            raise TableError(name, [(1, "the first line must name each column once")])
        line = reader.line_num + 1
        for cells in reader:
            if len(cells) not in {0, len(header)}:
                raise TableError(name, [(line, f"has {len(cells)} cells, the header has {len(header)}")])
            if cells:
                yield line, {column: cell for column, cell in zip(header, cells, strict=True) if cell.strip()}
            line = reader.line_num + 1
    except csv.Error as error:
        raise TableError(name, [(line, f"is no CSV: {error}")]) from error


def _told(where: tuple[int | str, ...], kind: str, message: str) -> str:
    column = ".".join(str(step) for step in where)
    if kind == "missing":
        return f"{column}: is empty"
    if kind == "extra_forbidden":
        return f"{column}: there is no such column"
    return f"{column}: {message.removeprefix('Value error, ')}" if column else message.removeprefix("Value error, ")
