"""What formulas of an instrument read in one case, as cells of the workbook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from workbench.instruments import Node
from workbench.instruments.evaluation import Across
from workbench.interchange.expressions import Cells, written
from workbench.interchange.places import USED, Asked, Places
from workbench.interchange.spelling import (
    UNKNOWN,
    Unwritable,
    first_that_holds,
    known,
    number,
    text,
)
from workbench.language import Message
from workbench.specs.instrument import Category, Checklist, Lookup, Measure


@dataclass(frozen=True)
class CaseCells:
    """Cells of one case; what formulas read of facts, indicators and groups.

    Parameters
    ----------
    places : Places
    row : int
        Row of the case in the scores.
    node : Node
        Whose formula it is.
    """

    places: Places
    row: int
    node: Node

    def _fact(self, name: str) -> str:
        cell = self.places.answer(self.row, Asked(name, "fact"))
        if cell is None:
            raise Unwritable(Message("{name} stands in no cell", name=name))
        return known(cell)

    def name(self, name: str) -> str:
        """Return a variable of the node, an input of it, or a fact."""
        code = f"{self.node.code}.{name}"
        if code in self.places.instrument.observables:
            return used(self.places, self.row, code)
        return self._fact(name)

    def value(self, code: str) -> str:
        """Return an element or variable, the value of an indicator, the score of a group."""
        node = self.places.instrument.nodes.get(code)
        if node is None:
            return used(self.places, self.row, code)
        if not node.is_indicator:
            return self.score(code)
        return known(as_number(self.places, self.row, node))

    def score(self, code: str) -> str:
        """Return the score of an indicator or group."""
        return known(self.places.at(self.row, code, "score"))

    def level(self, code: str) -> str:
        """Return the level of a node, 0 for the worst."""
        cell = self.places.at(self.row, code, "level")
        return f"IF(ISNUMBER({cell}),{cell}-1,{UNKNOWN})"

    def complete(self, code: str) -> str:
        """Return 1 where a node is at its best level, 0 where not."""
        cell = self.places.at(self.row, code, "level")
        top = len(self.places.instrument.levels_of(code))
        return f"IF(ISNUMBER({cell}),IF({cell}={top},1,0),{UNKNOWN})"

    def _of_parts(self, column: str) -> list[str]:
        found = []
        for code in self.node.children:
            cell = self.places.at(self.row, code, column)  # type: ignore[arg-type]
            counts = self.places.at(self.row, code, "counts")
            found.append(f"IF({counts}=1,{known(cell)},{UNKNOWN})")
        return found

    def scores(self) -> list[str]:
        """Return the scores of the parts that count."""
        return self._of_parts("score")

    def levels(self) -> list[str]:
        """Return the levels of the parts that count, 0 for the worst."""
        return [f"({cell}-1)" for cell in self._of_parts("level")]

    def weights(self) -> list[str]:
        """Return the weights of the parts whose scores are known."""
        return [
            f"({weight(self.places, self.row, code, self.node)}+0*{score})"
            for code, score in zip(self.node.children, self.scores(), strict=True)
        ]

    def table(self, name: str) -> tuple[Lookup, Sequence[str]]:
        """Return a look-up, and the cells of its entries."""
        return self.places.instrument.lookups[name], self.places.entries("lookup", name)

    def across(self, call: Across) -> list[str]:
        """Return figures of the reference population."""
        by = tuple(name for name in call.by if name != "year")
        rule = _Scope("wave" if "year" in call.by else "pooled", by)
        fitted = self.places.fitted(self.row, f"{self.node.code}:{call.source}", rule)
        if fitted is None:
            return [UNKNOWN]
        return [known(cell) for cell in fitted.cells("figure")]

    def before(self) -> Cells | None:
        """Return the cells of the wave before; None if there is none."""
        row = int(self.places.scores.previous[self.row])
        if row < 0:
            return None
        if row not in self.places.case_number:
            raise Unwritable(Message("it reads an earlier wave that is not in the workbook"))
        return CaseCells(self.places, row, self.node)

    def years(self) -> list[tuple[str, Cells]]:
        """Return the cells of all waves of the unit with their years, the last first."""
        units = self.places.scores.cases.get_level_values("unit")
        rows = np.flatnonzero(units == units[self.row]).tolist()
        found = [CaseCells(self.places, row, self.node) for row in reversed(rows)]
        return [(cells._fact("year"), cells) for cells in found]


@dataclass(frozen=True, slots=True)
class _Scope:
    """To which cases figures are fitted."""

    scope: str
    by: tuple[str, ...]


def used(places: Places, row: int, code: str) -> str:
    """Return an element, a variable or an input as it is used, unknown where it is not."""
    return known(used_cell(places, row, code))


def used_cell(places: Places, row: int, code: str) -> str:
    """Return the cell with what is used of an element, a variable or an input."""
    column = USED if has_used(places, code) else "G"
    cell = places.answer(row, Asked(code), column)
    if cell is None:
        raise Unwritable(Message("{name} stands in no cell", name=code))
    return cell


def has_used(places: Places, code: str) -> bool:
    """Return whether what is used of a part may be another number than the answer."""
    seen = places.instrument.observables[code]
    spec = places.instrument.nodes[seen.owner].spec
    if isinstance(spec, Checklist):
        return True
    return isinstance(spec, Measure) and bool(getattr(seen.part, "compute", None))


def as_number(places: Places, row: int, node: Node) -> str:
    """Return the cell with the value of an indicator; of options, an expression of their scores."""
    cell = places.at(row, node.code, "value")
    if not isinstance(node.spec, Category):
        return cell
    options = [
        (f"{cell}={text(option.id)}", number(option.score))
        for option in node.spec.options
        if option.score is not None
    ]
    return f"IF(ISNUMBER({cell}),{cell},{first_that_holds(options, text(''))})"


def weight(places: Places, row: int, code: str, parent: Node) -> str:
    """Return the weight of a part of a group: its cell, or its formula over facts."""
    formula = places.instrument.nodes[code].weight_formula(parent.code)
    if formula is None:
        return places.weight(code, parent.code)
    return written(formula, CaseCells(places, row, parent))
