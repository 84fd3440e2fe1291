"""Faults of tables: rows of cells, the first of them the header."""

from __future__ import annotations

from tests.fuzz.faults.registry import fault
from tests.fuzz.levels import Draw, Rows
from tests.fuzz.texts import NUMBERS, TEXTS, VALUES

MOST_CELLS = 60_000  # to write more into a workbook takes longer than to read it


def _place(draw: Draw, rows: Rows) -> tuple[int, int]:
    """Return a cell, mostly one below the header."""
    filled = [n for n, row in enumerate(rows) if row] or [0]
    n = draw.choice(filled if draw.random() < 0.3 else (filled[1:] or filled))
    return n, draw.randrange(max(1, len(rows[n]))) if rows else 0


def _put(draw: Draw, rows: Rows, cell: object) -> Rows:
    if rows and any(rows):
        n, m = _place(draw, rows)
        rows[n][m] = cell
    return rows


@fault("structure", "table")
def a_column_gone(draw: Draw, rows: Rows) -> Rows:
    m = draw.randrange(max(map(len, rows), default=0) or 1)
    return [row[:m] + row[m + 1 :] for row in rows]


@fault("structure", "table")
def a_column_twice(draw: Draw, rows: Rows) -> Rows:
    m = draw.randrange(max(map(len, rows), default=0) or 1)
    return [[*row, *row[m : m + 1]] for row in rows]


@fault("structure", "table")
def columns_in_another_order(draw: Draw, rows: Rows) -> Rows:
    order = list(range(max(map(len, rows), default=0)))
    draw.shuffle(order)
    whole = draw.random() < 0.5  # else the header stays
    return [
        [row[m] for m in order if m < len(row)] if n or whole else row for n, row in enumerate(rows)
    ]


@fault("structure", "table")
def a_row_gone(draw: Draw, rows: Rows) -> Rows:
    n = draw.randrange(len(rows) or 1)
    return rows[:n] + rows[n + 1 :]


@fault("structure", "table")
def a_row_twice(draw: Draw, rows: Rows) -> Rows:
    n = draw.randrange(len(rows) or 1)
    return [*rows, *(list(row) for row in rows[n : n + 1])]


@fault("structure", "table")
def rows_above_or_empty(draw: Draw, rows: Rows) -> Rows:
    rows.insert(
        draw.choice((0, draw.randrange(len(rows) + 1))),
        draw.choice(([], ["A title"], ["", "", ""])),
    )
    return rows


@fault("structure", "table")
def rows_of_other_lengths(draw: Draw, rows: Rows) -> Rows:
    n = draw.randrange(len(rows) or 1)
    if rows:
        rows[n] = draw.choice((rows[n] + ["x"], rows[n] + ["", ""], rows[n][:-1], rows[n][1:]))
    return rows


@fault("structure", "table")
def a_name_of_another_column(draw: Draw, rows: Rows) -> Rows:
    if rows and rows[0]:
        m = draw.randrange(len(rows[0]))
        name = str(rows[0][m])
        rows[0][m] = draw.choice(
            (name + "s", name.upper(), name[::-1], "", " ", draw.choice(rows[0]), "unit", "value")
        )
    return rows


@fault("structure", "table")
def turned_on_its_side(draw: Draw, rows: Rows) -> Rows:
    return [list(column) for column in zip(*rows, strict=False)]


@fault("type", "table")
def a_cell_of_another_type(draw: Draw, rows: Rows) -> Rows:
    return _put(draw, rows, draw.choice((*VALUES, *NUMBERS)))


@fault("type", "table")
def a_column_of_another_type(draw: Draw, rows: Rows) -> Rows:
    m = draw.randrange(max(map(len, rows), default=0) or 1)
    value = draw.choice(VALUES)
    return [
        [*row[:m], value, *row[m + 1 :]] if n and m < len(row) else row
        for n, row in enumerate(rows)
    ]


@fault("type", "table")
def a_header_of_numbers(draw: Draw, rows: Rows) -> Rows:
    return [[draw.choice(VALUES) for _ in rows[0]], *rows[1:]] if rows else rows


@fault("encoding", "table")
def characters_that_are_none(draw: Draw, rows: Rows) -> Rows:
    odd = draw.choice(("\ud800", "\x00", "\ufffe", "\ufeff", "\x85", "\u2028", "Ã±", "�", "\udc80"))
    n, m = _place(draw, rows)
    return _put(draw, rows, f"{rows[n][m] if rows and rows[n] else ''}{odd}")


@fault("size", "table")
def rows_without_end(draw: Draw, rows: Rows) -> Rows:
    n = draw.choice((100, 2_000, 5_000))
    most = MOST_CELLS // max(1, max(map(len, rows), default=1))
    return (rows[:1] + rows[1:] * n)[:most]


@fault("size", "table")
def columns_without_end(draw: Draw, rows: Rows) -> Rows:
    n = draw.choice((300, 3_000, 17_000))
    return [[*row, *(f"c{m}" if k == 0 else 1 for m in range(n))] for k, row in enumerate(rows[:3])]


@fault("size", "table")
def a_cell_without_end(draw: Draw, rows: Rows) -> Rows:
    return _put(
        draw,
        rows,
        draw.choice(("a", "9", "é", "a\n", '"', ",")) * draw.choice((300, 32_000, 1_000_000)),
    )


@fault("nesting", "table")
def a_cell_of_cells(draw: Draw, rows: Rows) -> Rows:
    deep: object = 1
    depth = draw.choice((2, 20, 60, 200))
    for _ in range(depth):
        deep = [deep] if draw.random() < 0.5 else {"a": deep}
    return _put(
        draw, rows, draw.choice((deep, "[" * depth, '"' * depth, "=" + "(" * depth, "<a>" * depth))
    )


@fault("truncation", "table")
def rows_cut(draw: Draw, rows: Rows) -> Rows:
    return rows[: draw.randrange(len(rows) + 1)]


@fault("truncation", "table")
def columns_cut(draw: Draw, rows: Rows) -> Rows:
    m = draw.randrange(max(map(len, rows), default=0) or 1)
    return [row[:m] for row in rows]


@fault("hostile text", "table")
def a_hostile_cell(draw: Draw, rows: Rows) -> Rows:
    return _put(draw, rows, draw.choice(TEXTS))


@fault("hostile text", "table")
def a_hostile_row(draw: Draw, rows: Rows) -> Rows:
    text = draw.choice(TEXTS)
    return [*rows, [draw.choice((text, draw.choice(TEXTS))) for _ in rows[-1]]] if rows else rows


@fault("hostile text", "table")
def a_hostile_name(draw: Draw, rows: Rows) -> Rows:
    if rows and rows[0]:
        rows[0][draw.randrange(len(rows[0]))] = draw.choice(TEXTS)
    return rows
