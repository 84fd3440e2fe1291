"""The rows of a table of titles and rules, read with every mistake."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.errors import DataError, Problem, Reason, did_you_mean
from workbench.instruments import Instrument
from workbench.language import Message
from workbench.observations.cells import read_keys
from workbench.observations.tables import RawTable, cell_text, read_table
from workbench.specs.tables import TableFile

KINDS = (
    "group", "grade", "category", "checklist", "element", "statement", "measure", "score",
    "points", "none",
)  # fmt: skip
TEXTS = ("title", "unit", "evidence", "note", "objective")
PLAIN = (
    "code", "parent", "kind", "tier", "scale", "weight", "direction", "review", "basis",
    "minimum", "maximum",
)  # fmt: skip
_TAGGED = re.compile(rf"^({'|'.join(TEXTS)})_([a-z]{{2,3}}(-[A-Z]{{2}})?)$")
_PARTED = re.compile(r"[;\s]+")
_NUMBERS = ("weight", "minimum", "maximum")
_CHOICES = {
    "review": ("once", "annual"), "basis": ("norm", "practice"), "direction": ("1", "-1"),
}  # fmt: skip


@dataclass(frozen=True)
class Item:
    """One row: a group, an indicator, or an element of a checklist.

    Parameters
    ----------
    row : int
        As a spreadsheet shows it.
    code, kind : str
    parents : tuple of str
        Codes above; for an element, that of its checklist.
    cells : dict of str to str
        What the other columns say; empty ones are left out.
    texts : dict of str to dict of str to str
        Title, unit and the like, by language.
    rules : dict of str to str
        Rule of each level, by its id.
    """

    row: int
    code: str
    kind: str
    parents: tuple[str, ...]
    cells: dict[str, str]
    texts: dict[str, dict[str, str]]
    rules: dict[str, str]

    def words(self, name: str) -> dict[str, str] | None:
        """Return a text by language, None where there is none."""
        return self.texts.get(name) or None

    def number(self, name: str) -> float | None:
        """Return a number that was checked, None where there is none."""
        return float(self.cells[name]) if name in self.cells else None


@dataclass
class ItemReader:
    """Reads the rows of a table; collects problems instead of stopping at the first.

    Parameters
    ----------
    outline : Instrument
    table : RawTable
    problems : list of Problem
        Takes what is found.
    """

    outline: Instrument
    table: RawTable
    problems: list[Problem] = field(default_factory=list)

    @property
    def levels(self) -> tuple[str, ...]:
        """Ids of the levels of the outline, which may be columns."""
        return tuple(level.id for levels in self.outline.scales.values() for level in levels)

    def items(self) -> list[Item]:
        """Return the rows that could be read."""
        columns = self._columns()
        codes = read_keys(self.table, "code", self.problems)
        flagged = {p.place.row for p in self.problems}
        found: list[Item] = []
        seen: dict[tuple[str, str], int] = {}
        for index, row in enumerate(map(int, self.table.rows)):
            cells = {c: cell_text(self.table.frame[c].iloc[index]).strip() for c in columns}
            item = self._item(row, str(codes[index]), {c: t for c, t in cells.items() if t})
            if row in flagged:
                continue
            if not item.code:
                what, fix = Message("the row has no code"), Message("Write one, or delete the row.")
                self._report(Reason.CODE_UNKNOWN, what, row, "code", fix=fix)
                continue
            key = (item.parents[0] if item.kind == "element" and item.parents else "", item.code)
            if key in seen:
                what = Message(
                    "the code {code} stands twice, first in row {row}",
                    code=item.code,
                    row=seen[key],
                )
                self._report(Reason.DUPLICATE, what, row, "code")
                continue
            seen[key] = row
            self._check(item)
            found.append(item)
        return found

    def _columns(self) -> list[str]:
        """Return the columns that mean something; the others are problems."""
        names = [str(c) for c in self.table.frame.columns]
        known = [*PLAIN, *TEXTS, *self.levels]
        for name in names:
            if name not in known and not _TAGGED.match(name):
                what = Message("the column {name} has no meaning here", name=name)
                fix = did_you_mean(name, [*known, "title_es", "title_en"])
                self._report(Reason.COLUMN_MISSING, what, None, name, fix=fix)
        if "code" not in names:
            self.problems.append(self.table.no_column("code"))
        if self.problems:
            raise DataError(self.problems)
        return [n for n in names if n != "code"]

    def _item(self, row: int, code: str, cells: dict[str, str]) -> Item:
        """Return a row in its parts."""
        texts: dict[str, dict[str, str]] = {}
        for name, text in cells.items():
            tagged = _TAGGED.match(name)
            if tagged or name in TEXTS:
                kind, tag = (tagged[1], tagged[2]) if tagged else (name, self.outline.spec.language)
                texts.setdefault(kind, {})[tag] = text
        rules = {level: cells[level] for level in self.levels if level in cells}
        parents = tuple(p for p in _PARTED.split(cells.get("parent", "")) if p)
        kept = {k: v for k, v in cells.items() if k in PLAIN}
        return Item(row, code, self._kind(code, kept, rules), parents, kept, texts, rules)

    def _kind(self, code: str, cells: dict[str, str], rules: dict[str, str]) -> str:
        """Return the kind of a row: as written, else that of the outline, else what fits."""
        if "kind" in cells:
            return cells["kind"].casefold()
        if "tier" in cells or code in self.outline.groups:
            return "group"
        if rules:
            return "category"
        node = self.outline.nodes.get(code)
        return node.kind if node is not None else "grade"

    def _check(self, item: Item) -> None:
        """Report cells of a row that can't be what they say."""
        if item.kind not in KINDS:
            what, fix = Message("there is no such kind"), did_you_mean(item.kind, KINDS)
            self._report(Reason.SPEC_VALUE, what, item.row, "kind", got=item.kind, fix=fix)
        for name, allowed in _CHOICES.items():
            if name in item.cells and item.cells[name] not in allowed:
                expected = Message("one of {names}", names=", ".join(allowed))
                self._report(
                    Reason.SPEC_VALUE, Message("the value is not allowed"), item.row, name,
                    got=item.cells[name], expected=expected,
                )  # fmt: skip
        for name in _NUMBERS:
            text = item.cells.get(name, "0")
            try:
                float(text)
            except ValueError:
                self._report(
                    Reason.VALUE_NOT_NUMBER, Message("not a number"), item.row, name, got=text
                )
        if item.kind != "none" and not item.texts.get("title") and not self._is_known_group(item):
            what = Message("{code} has no title", code=item.code)
            fix = Message("Fill in title_es or title_en.")
            column = f"title_{self.outline.spec.language}"
            self._report(Reason.SPEC_MISSING_KEY, what, item.row, column, fix=fix)

    def _is_known_group(self, item: Item) -> bool:
        """Return whether a row is a group whose title the outline has."""
        return item.kind == "group" and item.code in self.outline.groups

    def _report(
        self, reason: Reason, what: Message, row: int | None, column: str, **options: Any
    ) -> None:
        """Note a problem at a cell."""
        self.problems.append(Problem(reason, what, self.table.place(row, column), **options))


def open_table(path: Path) -> RawTable:
    """Return a table of titles and rules; csv, xlsx, ods or parquet."""
    return read_table(path.parent, TableFile(file=path.name))
