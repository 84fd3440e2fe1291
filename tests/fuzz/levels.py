"""How a file is opened to be made faulty: as bytes, text, tree, table, archive or columns.

Each level is a function of the random source, a change, the content and the ending of the file's
name; it returns the content with the change made. What a format can't hold is written as near to
it as the format allows.
"""

from __future__ import annotations

import csv
import io
import json
import random
import warnings
import zipfile
from collections.abc import Callable
from typing import Any
from xml.sax.saxutils import escape

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from python_calamine import CalamineWorkbook
from ruamel.yaml import YAML

from tests.observations.test_reading import ods

Draw = random.Random
Change = Callable[[Draw, Any], Any]
Rows = list[list[Any]]
Members = list[tuple[str, bytes]]
MOST_COLUMNS = 16_384  # of a sheet
MOST_CELLS = 500_000  # that are gone through to change one
YAML_ENDINGS = (".yml", ".yaml")
FORMULA_KEYS = ("formula", "compute", "when")


def in_bytes(draw: Draw, change: Change, content: bytes, ending: str) -> bytes:
    """Change the bytes."""
    return bytes(change(draw, content))


def in_text(draw: Draw, change: Change, content: bytes, ending: str) -> bytes:
    """Change the text; halves of characters stand for bytes that are none."""
    text = content.decode("utf-8", "surrogateescape")
    return str(change(draw, text)).encode("utf-8", "surrogatepass")


def in_tree(draw: Draw, change: Change, content: bytes, ending: str) -> bytes:
    """Change what YAML or JSON says; JSON is written, which is YAML too. Of lines, one is changed."""
    if ending == ".jsonl":
        lines = content.decode("utf-8", "replace").splitlines() or ["{}"]
        number = draw.randrange(len(lines))
        lines[number] = _json(change(draw, json.loads(lines[number])))
        return "\n".join(lines).encode("utf-8", "surrogatepass")
    text = content.decode("utf-8")
    tree = YAML(typ="safe").load(text) if ending in YAML_ENDINGS else json.loads(text)
    return _json(change(draw, tree)).encode("utf-8", "surrogatepass")


def _json(tree: Any) -> str:
    return json.dumps(tree, default=str, ensure_ascii=False, allow_nan=True)


def in_table(draw: Draw, change: Change, content: bytes, ending: str) -> bytes:
    """Change the rows of a table, the header among them; of a workbook, one sheet is changed."""
    if ending == ".xlsx":
        return _in_sheet(draw, change, content)
    return WRITERS[ending](change(draw, READERS[ending](content)))


def _csv_rows(content: bytes) -> Rows:
    return [list(row) for row in csv.reader(io.StringIO(content.decode("utf-8"), newline=""))]


def _csv_bytes(rows: Rows) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([["" if c is None else c for c in row] for row in rows])
    return out.getvalue().encode("utf-8", "surrogatepass")


def _ods_rows(content: bytes) -> Rows:
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


def _ods_bytes(rows: Rows) -> bytes:
    plain = (int, float)
    return ods([[c if type(c) in plain else escape(_shown(c)) for c in row] for row in rows])


def _shown(cell: Any) -> str:
    text = "" if cell is None else str(cell)
    return ILLEGAL_CHARACTERS_RE.sub("", text).encode("utf-8", "replace").decode("utf-8")


def _json_rows(content: bytes) -> Rows:
    records = json.loads(content)
    return [list(records[0]), *(list(record.values()) for record in records)]


def _json_bytes(rows: Rows) -> bytes:
    head = [str(name) for name in rows[0]] if rows else []
    return _json([dict(zip(head, row, strict=False)) for row in rows[1:]]).encode(
        "utf-8", "replace"
    )


def _parquet_rows(content: bytes) -> Rows:
    table = pq.read_table(io.BytesIO(content))
    return [table.column_names, *(list(row.values()) for row in table.to_pylist())]


def _parquet_bytes(rows: Rows) -> bytes:
    head, body = (rows[0], rows[1:]) if rows else ([], [])
    columns = [[row[n] if n < len(row) else None for row in body] for n in range(len(head))]
    names = [_shown(name) for name in head]
    return parquet_bytes(pa.Table.from_arrays([_array(c) for c in columns], names=names))


def _array(column: list[Any]) -> pa.Array:
    try:
        return pa.array(column)
    except (pa.ArrowException, ValueError, TypeError, OverflowError):
        return pa.array([None if cell is None else _shown(cell) for cell in column])


def parquet_bytes(table: pa.Table) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()


READERS = {
    ".csv": _csv_rows, ".ods": _ods_rows, ".json": _json_rows, ".parquet": _parquet_rows,
}  # fmt: skip
WRITERS = {
    ".csv": _csv_bytes, ".ods": _ods_bytes, ".json": _json_bytes, ".parquet": _parquet_bytes,
}  # fmt: skip


def _in_sheet(draw: Draw, change: Change, content: bytes) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = draw.choice(book.worksheets)
    if sheet.max_row * sheet.max_column > MOST_CELLS:  # a fault before has put a cell far away
        raise ValueError(sheet.dimensions)
    before = [list(row) for row in sheet.iter_rows(values_only=True)]
    after = change(draw, [list(row) for row in before])
    for n, row in enumerate(after, start=1):
        was = before[n - 1] if n <= len(before) else []
        for m, cell in enumerate(row[:MOST_COLUMNS], start=1):
            if m > len(was) or cell is not was[m - 1]:
                _put(sheet, n, m, cell)
        for m in range(len(row) + 1, len(was) + 1):
            _put(sheet, n, m, None)
    if len(after) < len(before):
        sheet.delete_rows(len(after) + 1, len(before))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _put(sheet: Any, row: int, column: int, cell: Any) -> None:
    place = sheet.cell(row, column)
    if not hasattr(place, "data_type") or type(place).__name__ == "MergedCell":
        return
    try:
        place.value = cell
    except (ValueError, TypeError, openpyxl.utils.exceptions.IllegalCharacterError):
        place.value = _shown(cell)[:32_000]


def in_archive(draw: Draw, change: Change, content: bytes, ending: str) -> bytes:
    """Change the members of a zip: a list of name and content."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = [(i.filename, archive.read(i)) for i in archive.infolist() if not i.is_dir()]
    changed = change(draw, members)
    return changed if isinstance(changed, bytes) else zipped(changed)


def zipped(members: Members) -> bytes:
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore")  # of names that stand twice
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def in_formula(draw: Draw, change: Change, content: bytes, ending: str) -> bytes:
    """Change one formula or condition of an instrument, as a text."""
    tree = YAML(typ="safe").load(content.decode("utf-8"))
    node, key = draw.choice(
        [(n, k) for n, k in places(tree) if k in FORMULA_KEYS and isinstance(n[k], str)]
    )
    node[key] = change(draw, node[key])
    return _json(tree).encode("utf-8", "surrogatepass")


def places(tree: Any) -> list[tuple[Any, Any]]:
    """Return every place of a tree as the container and the key or index in it."""
    found: list[tuple[Any, Any]] = []
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict | list):
            keys = list(node) if isinstance(node, dict) else list(range(len(node)))
            found += [(node, key) for key in keys]
            waiting += [node[key] for key in keys]
    return found


def in_columns(draw: Draw, change: Change, content: bytes, ending: str) -> bytes:
    """Change an Arrow table, kept as parquet."""
    changed = change(draw, pq.read_table(io.BytesIO(content)))
    return changed if isinstance(changed, bytes) else parquet_bytes(changed)


LEVELS: dict[str, Callable[[Draw, Change, bytes, str], bytes]] = {
    "bytes": in_bytes, "text": in_text, "tree": in_tree, "table": in_table, "archive": in_archive,
    "columns": in_columns, "formula": in_formula,
}  # fmt: skip
