"""Files written whole or not at all, and tables whose cells can't become formulas."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from openpyxl.workbook import Workbook

from workbench.errors import DataError, Place, Problem, Reason
from workbench.language import Message
from workbench.observations.csv_texts import quiet


def write_beside(path: Path, content: bytes) -> None:
    """Write a file beside its place and rename it there, so that no reader sees half of it.

    Raises
    ------
    DataError
        If the folder can't be written, or the disk is full.
    """
    beside = path.with_name(f".tmp-{os.getpid()}-{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(content)
        beside.replace(path)
    except OSError as cause:
        beside.unlink(missing_ok=True)
        what = Message("the file can't be written: {detail}", detail=cause.strerror or str(cause))
        fix = Message("Close it in other programs; check permissions and the space on the disk.")
        problem = Problem(Reason.FILE_NOT_WRITABLE, what, Place(str(path)), fix=fix)
        raise DataError(problem) from cause


def write_workbook(path: Path, book: Workbook) -> None:
    """Write a workbook whole or not at all."""
    content = io.BytesIO()
    book.save(content)
    write_beside(path, content.getvalue())


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a table of texts as csv, UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([quiet(cell) for cell in row] for row in rows)
    write_beside(path, text.getvalue().encode("utf-8"))


def cell_of(place: Place) -> str:
    """Return a cell as a spreadsheet calls it, ``D17``; by row and column where it has names."""
    if place.row is None:
        return place.column or ""
    column = place.column or ""
    if column.isalpha() and column.isupper() and len(column) <= 3:
        return f"{column}{place.row}"
    return f"{place.row} {column}".strip()
