"""An independent evaluator of the formulas in a workbook: the package ``formulas``, cell by cell."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import numpy as np
from openpyxl.utils import range_boundaries
from openpyxl.workbook import Workbook

_REFERENCE = re.compile(r"^(?:'?(?P<sheet>.+?)'?!)?(?P<cells>[A-Z$0-9:]+)$")


@cache
def _compiled(source: str) -> Any:
    import formulas

    return formulas.Parser().ast(source)[1].compile()


class Evaluator:
    """Evaluates the cells of a workbook when they are asked for."""

    def __init__(self, book: Workbook) -> None:
        self.book = book
        self.known: dict[tuple[str, int, int], Any] = {}
        self.titles = {title.upper(): title for title in book.sheetnames}

    def __call__(self, sheet: str, row: int, column: int) -> Any:
        """Return what a cell shows: a number, a text, "" for a blank, an error as its text."""
        value = self._cell(sheet, row, column)
        return str(value) if type(value).__name__ == "XlError" else value

    def _cell(self, sheet: str, row: int, column: int) -> Any:
        key = (sheet, row, column)
        if key not in self.known:
            value = self.book[sheet].cell(row, column).value
            if self.book[sheet].cell(row, column).data_type == "f":
                value = self._formula(sheet, str(value))
            self.known[key] = value
        return self.known[key]

    def _formula(self, sheet: str, source: str) -> Any:
        function = _compiled(source)
        inputs = [self._input(sheet, str(name)) for name in function.inputs]
        found = np.asarray(function(*inputs), dtype=object).ravel()[0]
        return float(found) if isinstance(found, int | float | np.number) else found

    def _input(self, sheet: str, name: str) -> Any:
        from schedula import EMPTY

        match = _REFERENCE.match(name)
        assert match is not None, name
        title = match["sheet"].replace("''", "'").upper() if match["sheet"] else sheet.upper()
        first, top, last, bottom = range_boundaries(match["cells"].replace("$", ""))
        cells = [
            [self._cell(self.titles[title], row, column) for column in range(first, last + 1)]
            for row in range(top, bottom + 1)
        ]
        if len(cells) == 1 and len(cells[0]) == 1:
            return EMPTY if cells[0][0] is None else cells[0][0]
        return np.array([[EMPTY if x is None else x for x in line] for line in cells], dtype=object)
