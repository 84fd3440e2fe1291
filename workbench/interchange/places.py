"""Where everything of a workbook stands: which sheet, row and column holds what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np

from workbench.instruments import Instrument
from workbench.instruments.model import parts_of
from workbench.scoring.fits import POOLED, cases_by
from workbench.scoring.matrix import Matrix
from workbench.scoring.scores import Scores
from workbench.specs.instrument import LookupTable

FIRST_ROW = 2
# Columns of the sheet of answers, and of that of scores.
ANSWER, USED = "G", "H"
Column = Literal["given", "asked", "present", "known", "counts", "found", "value", "score", "level"]
COLUMNS: Mapping[Column, str] = {
    "given": "G", "asked": "H", "present": "I", "known": "J", "counts": "K", "found": "L",
    "value": "M", "score": "N", "level": "O",
}  # fmt: skip
LEVEL_TITLE, WORKBENCH_SCORE, WORKBENCH_LEVEL, DIFFERENCE, AGREES, HOW = "PQRSTU"
_KINDS = ("scale", "lookup", "conversion")
NodeKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """One row of the answers of a case.

    Parameters
    ----------
    code : str
        Full code.
    what : {"answer", "word", "tally", "fact"}
        A number or word, a word given to a group, a count of a state, or a fact.
    label : str
        State or level that is counted.
    """

    code: str
    what: Literal["answer", "word", "tally", "fact"] = "answer"
    label: str = ""


@dataclass
class Parameters:
    """Numbers fitted to the reference: each stands once in its sheet.

    Parameters
    ----------
    sheet : str
    rows : list of tuple
        Node and purpose, name, label of the cases, position, number.
    """

    sheet: str
    rows: list[tuple[str, str, str, int, float]] = field(default_factory=list)
    _places: dict[tuple[str, str, str], tuple[int, int]] = field(default_factory=dict)

    def cells(self, key: str, name: str, label: str, values: tuple[float, ...]) -> list[str]:
        """Return the cells of a parameter, one for each of its numbers."""
        first, n = self._place(key, name, label, values)
        return [f"{self.sheet}!$E${row}" for row in range(first, first + n)]

    def span(self, key: str, name: str, label: str, values: tuple[float, ...]) -> str:
        """Return the cells of a parameter as one range."""
        first, n = self._place(key, name, label, values)
        return f"{self.sheet}!$E${first}:$E${first + n - 1}"

    def _place(self, key: str, name: str, label: str, values: tuple[float, ...]) -> tuple[int, int]:
        """Return the first row and the number of rows."""
        at = (key, name, label)
        if at not in self._places:
            self._places[at] = (len(self.rows) + FIRST_ROW, len(values))
            self.rows += [(*at, position, x) for position, x in enumerate(values, start=1)]
        return self._places[at]


@dataclass(frozen=True)
class Names:
    """Names of the sheets as formulas write them, in the language of the workbook."""

    answers: str
    tree: str
    parameters: str
    tables: str
    scores: str


@dataclass
class Places:
    """Where everything stands.

    Parameters
    ----------
    scores : Scores
    matrix : Matrix
        The observations behind them.
    rows : array of int
        Cases that are written, as rows of the scores.
    names : Names
    tag : str
        Language of the titles of levels.
    prefix : str
        Sheet of the scores, for formulas that stand on another one.
    """

    scores: Scores
    matrix: Matrix
    rows: np.ndarray
    names: Names
    tag: str
    prefix: str = ""

    def __post_init__(self) -> None:
        """Take what every part reads."""
        self.instrument: Instrument = self.scores.instrument
        self.parameters = Parameters(self.names.parameters)
        self.case_number = {int(row): n for n, row in enumerate(self.rows.tolist())}

    # -- answers and scores -----------------------------------------------------------------------

    @cached_property
    def asked(self) -> tuple[Asked, ...]:
        """Rows of the answers of each case."""
        return tuple(self._asked())

    def _asked(self) -> Iterator[Asked]:
        yield from (Asked(name, "fact") for name in sorted(self._facts_read()))
        for code, node in self.instrument.nodes.items():
            if not node.is_indicator:
                yield from self._of_group(code)
                continue
            yield Asked(code)
            yield from (Asked(f"{code}.{part.id}") for _, part in parts_of(node.spec))

    def _of_group(self, code: str) -> Iterator[Asked]:
        """Yield what was reported of a group in any case."""
        if code in self.matrix.columns:
            if not np.isnan(self.matrix.value(code)).all():
                yield Asked(code)
            if self.matrix.has_words(code):
                yield Asked(code, "word")
        for label in self.matrix.tallies.get(code, {}):
            yield Asked(code, "tally", label)

    def _facts_read(self) -> set[str]:
        """Return the facts that a formula reads."""
        formulas = [f for node in self.instrument.nodes.values() for f in node.formulas.values()]
        names = {name for formula in formulas for name in formula.names}
        if any("in_year" in formula.functions for formula in formulas):
            names.add("year")
        return names & set(self.scores.facts)

    @cached_property
    def _offset(self) -> Mapping[Asked, int]:
        return {asked: n for n, asked in enumerate(self.asked)}

    @cached_property
    def order(self) -> Mapping[str, int]:
        """Place of each node in the scores of a case."""
        return {code: n for n, code in enumerate(self.instrument.nodes)}

    def answer(self, row: int, asked: Asked, column: str = ANSWER) -> str | None:
        """Return the cell of an answer; None where the sheet has none."""
        offset = self._offset.get(asked)
        if offset is None:
            return None
        return f"{self.names.answers}!{column}{self.answer_row(row) + offset}"

    def answer_row(self, row: int) -> int:
        """Return the first row of the answers of a case."""
        return FIRST_ROW + self.case_number[row] * len(self.asked)

    def answers_of(self, row: int, code: str, *, parts: bool = False) -> str:
        """Return the range of the answers of an indicator, or of its parts alone."""
        first = self._offset[Asked(code)] + self.answer_row(row)
        n = sum(1 for _ in parts_of(self.instrument.nodes[code].spec))
        return f"{self.names.answers}!{ANSWER}{first + parts}:{ANSWER}{first + n}"

    def given(self, row: int, code: str) -> str:
        """Return how many answers there are to an indicator and its parts."""
        cells = self.answers_of(row, code)
        first, _, last = cells.rpartition("!")[2].partition(":")
        return f"COUNTA({cells})" if first != last else f'IF({cells.partition(":")[0]}="",0,1)'

    def score_row(self, row: int, code: str) -> int:
        """Return the row of a node of a case."""
        return FIRST_ROW + self.case_number[row] * len(self.order) + self.order[code]

    def at(self, row: int, code: str, column: Column) -> str:
        """Return a cell of a node of a case."""
        return f"{self.prefix}{COLUMNS[column]}{self.score_row(row, code)}"

    def from_answers(self) -> Places:
        """Return the same places as formulas on the sheet of answers write them."""
        found = copy(self)
        found.prefix = f"{self.names.scores}!"
        return found

    # -- tree ------------------------------------------------------------------------------------

    @cached_property
    def edges(self) -> Mapping[NodeKey, int]:
        """Row of the tree for each node under each of its parents; parent ``""`` for roots."""
        keys = [
            (code, parent)
            for code, node in self.instrument.nodes.items()
            for parent in (node.parents or ("",))
        ]
        return {key: FIRST_ROW + n for n, key in enumerate(keys)}

    def weight(self, code: str, parent: str) -> str:
        """Return the cell of a weight."""
        return f"{self.names.tree}!$D${self.edges[code, parent]}"

    def least_known(self, code: str) -> str:
        """Return the cell with the share of weight that a group asks for."""
        node = self.instrument.nodes[code]
        return f"{self.names.tree}!$I${self.edges[code, next(iter(node.parents), '')]}"

    # -- tables ----------------------------------------------------------------------------------

    @cached_property
    def tables(self) -> tuple[tuple[str, str, str, str | float, str | float], ...]:
        """Rows of the tables: kind, id, what a row is, its key, its entry."""
        rows: list[tuple[str, str, str, str | float, str | float]] = []
        for scale, levels in self.instrument.scales.items():
            for n, level in enumerate(levels, start=1):
                title = self.instrument.text(level.title, self.tag)
                rows.append(("scale", scale, title, level.id, n))
        for name, lookup in self.instrument.lookups.items():
            for entry in lookup.rows:
                key = entry.limit if entry.key is None else entry.key
                rows.append(("lookup", name, "", "" if key is None else key, entry.value))
        for code, node in self.instrument.nodes.items():
            if isinstance(node.aggregate, LookupTable):
                rows += self._conversions(code, node.aggregate)
        kept = dict.fromkeys(rows)  # groups share their tables, each of which stands in one piece
        return tuple(sorted(kept, key=lambda row: _KINDS.index(row[0])))

    def _conversions(
        self, code: str, rule: LookupTable
    ) -> Iterator[tuple[str, str, str, str | float, str | float]]:
        """Yield the rows of a conversion table, by how many parts are at each level."""
        child = self.instrument.nodes[code].children[0]
        parts = [level.id for level in self.instrument.levels_of(child)]
        own = [level.id for level in self.instrument.scales[rule.scale]]
        table = next(t for t in self.instrument.spec.tables if t.id == rule.table)
        single = {name: name for name in parts if name in own}
        for words, level in {**single, **table.rows}.items():
            key = sum(10.0 ** parts.index(word) for word in words.split())
            yield "conversion", rule.table, words, key, own.index(level) + 1

    def table(self, kind: str, name: str, column: Literal["C", "D", "E"]) -> str:
        """Return a column of a table as a range."""
        rows = self._table_rows[kind, name]
        first, last = rows[0], rows[-1]
        return f"{self.names.tables}!${column}${first}:${column}${last}"

    def entries(self, kind: str, name: str) -> list[str]:
        """Return the cells of the entries of a table."""
        return [f"{self.names.tables}!$E${row}" for row in self._table_rows[kind, name]]

    @cached_property
    def _table_rows(self) -> Mapping[tuple[str, str], list[int]]:
        """Rows of the sheet for each table, by kind and id."""
        found: dict[tuple[str, str], list[int]] = {}
        for n, (kind, name, *_) in enumerate(self.tables, start=FIRST_ROW):
            found.setdefault((kind, name), []).append(n)
        return found

    # -- parameters ------------------------------------------------------------------------------

    def label(self, row: int, scope: str, by: tuple[str, ...]) -> str | None:
        """Return which parameters are those of a case."""
        return self._labels(scope, by).get(row)

    def _labels(self, scope: str, by: tuple[str, ...]) -> Mapping[int, str]:
        if (scope, by) not in self._labelled:
            waves = self.scores.cases.get_level_values("wave").astype(str).to_numpy()
            found: dict[int, str] = {}
            for label, inside in cases_by(waves, self.scores.facts, scope, by):  # type: ignore[arg-type]
                found |= dict.fromkeys(np.flatnonzero(inside).tolist(), label)
            self._labelled[scope, by] = found
        return self._labelled[scope, by]

    @cached_property
    def _labelled(self) -> dict[tuple[str, tuple[str, ...]], Mapping[int, str]]:
        return {}

    def fitted(self, row: int, key: str, rule: object) -> Fitted | None:
        """Return the parameters under a key that are those of a case; None where there are none."""
        scope, by = getattr(rule, "scope", "pooled"), getattr(rule, "by", ())
        label = self.label(row, scope, by)
        found = self.scores.parameters.get(key, {}).get(label or POOLED)
        return None if label is None or found is None else Fitted(self, key, label, found)


@dataclass(frozen=True)
class Fitted:
    """Parameters of one node for one case, as cells."""

    places: Places
    key: str
    label: str
    values: Mapping[str, float | tuple[float, ...]]

    def has(self, name: str) -> bool:
        """Return whether there is a parameter."""
        return name in self.values

    def _numbers(self, name: str) -> tuple[float, ...]:
        found = self.values[name]
        return found if isinstance(found, tuple) else (found,)

    def cell(self, name: str) -> str:
        """Return the cell of a parameter that is one number."""
        return self.cells(name)[0]

    def cells(self, name: str) -> list[str]:
        """Return the cells of a parameter."""
        return self.places.parameters.cells(self.key, name, self.label, self._numbers(name))

    def span(self, name: str) -> str:
        """Return the cells of a parameter as one range."""
        return self.places.parameters.span(self.key, name, self.label, self._numbers(name))
