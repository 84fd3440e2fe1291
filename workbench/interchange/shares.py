"""Shares of a level as formulas of a spreadsheet: indicators counted one by one, or tallies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from workbench.instruments import Node
from workbench.interchange.leaves import EXCLUDED, Written
from workbench.interchange.places import Asked, Column, Places
from workbench.interchange.spelling import NOTHING, Unwritable, total
from workbench.language import Message
from workbench.scoring.shares import Counts
from workbench.scoring.states import State
from workbench.specs.instrument import Share

SLACK = "1E-12"
OUT = (State.NOT_MEASURABLE, State.NOT_APPLICABLE)


@dataclass(frozen=True)
class ShareWriter:
    """Writes the share of one group in one case.

    ``asked`` is how many indicators are in the denominator, ``present`` how many are at the level,
    ``known`` of how many of them anything is known.

    Parameters
    ----------
    places : Places
    row : int
        Row of the case in the scores.
    node : Node
    rule : Share
    """

    places: Places
    row: int
    node: Node
    rule: Share

    @property
    def counts(self) -> Counts:
        """The counts behind the workbench's own share."""
        return self.places.scores.counts[self.node.code]

    def write(self, plain: Mapping[str, bool]) -> Written:
        """Return the formulas by column.

        Parameters
        ----------
        plain : mapping of str to bool
            Groups below whose counts stand in their cells.

        Raises
        ------
        Unwritable
            If counts of its source leave open how many there are.
        """
        if self.counts.from_tally[self.row]:
            found = self._of_tally() if self._has_own_tally() else self._of_parts(plain)
        else:
            found = self._of_parts(plain)
        asked, present, known = (self._cell(c) for c in ("asked", "present", "known"))
        least = self.places.least_known(self.node.code)
        enough = f"{known}>=({least}-{SLACK})*{asked}"
        share = f"{present}/{asked}*100"
        return found | {
            "counts": f"IF({asked}=0,0,1)",
            "found": f"IF({asked}=0,{NOTHING},IF(AND({known}>0,{enough}),{share},{NOTHING}))",
        }

    def _cell(self, column: Column) -> str:
        return self.places.at(self.row, self.node.code, column)

    # -- indicators one by one ---------------------------------------------------------------------

    def _of_parts(self, plain: Mapping[str, bool]) -> Written:
        """Return the counts of the indicators below, as sums of those of the groups below."""
        codes = self._summed(plain)
        rows = [self._one(code) for code in codes]
        return {
            "asked": total([asked for asked, _, _ in rows]),
            "present": total([present for _, present, _ in rows]),
            "known": total([known for _, _, known in rows]),
        }

    def _summed(self, plain: Mapping[str, bool]) -> tuple[str, ...]:
        """Return what is summed: the children where they share no indicator, else the leaves."""
        nodes = self.places.instrument.nodes
        groups = [nodes[c] for c in self.node.children if not nodes[c].is_indicator]
        below = [leaf for c in self.node.children for leaf in nodes[c].leaves]
        alike = all(
            isinstance(g.aggregate, Share)
            and (g.aggregate.scale, g.aggregate.level) == (self.rule.scale, self.rule.level)
            for g in groups
        )
        if groups and alike and len(below) == len(set(below)):
            if all(plain.get(g.code, False) for g in groups):
                return self.node.children
            raise Unwritable(self._open())
        if self.counts.from_tally[self.row]:
            raise Unwritable(self._open())
        return self.node.leaves

    def _one(self, code: str) -> tuple[str, str, str]:
        """Return how many indicators of a part are asked for, at the level, and known."""
        node = self.places.instrument.nodes[code]
        if not node.is_indicator:
            cells = (self.places.at(self.row, code, c) for c in ("asked", "present", "known"))
            return tuple(cells)  # type: ignore[return-value]
        if node.scale != self.rule.scale:
            return "0", "0", "0"
        level, counts = (self.places.at(self.row, code, c) for c in ("level", "counts"))
        ids = [entry.id for entry in self.places.instrument.scales[self.rule.scale]]
        reached = (
            f"IF(ISNUMBER({level}),IF({level}>={ids.index(self.rule.level) + 1},{counts},0),0)"
        )
        return counts, reached, self.places.at(self.row, code, "known")

    # -- counts of the source ----------------------------------------------------------------------

    def _open(self) -> Message:
        return Message("the counts of its source leave open how many indicators are at each level")

    def _has_own_tally(self) -> bool:
        given = self.places.matrix.tallies.get(self.node.code, {})
        return any(not np.isnan(values[self.row]) for values in given.values())

    def _of_tally(self) -> Written:
        """Return the counts that the source gives for the group.

        Raises
        ------
        Unwritable
            If they do not list every indicator, or other counts narrow them.
        """
        counts, row = self.counts, self.row
        given = self.places.matrix.tallies[self.node.code]
        listed = {label: values[row] for label, values in given.items()}
        effects = self.places.instrument.state_effects
        out = [label for label in listed if effects.get(label) in EXCLUDED]
        first = counts.levels.index(self.rule.level)
        at = [label for label in counts.levels[first:] if label in listed]
        asked = counts.n - sum(np.nan_to_num(listed[label]) for label in out)
        reached = sum(np.nan_to_num(listed[label]) for label in at)
        own = counts.excluded[0][row], counts.least[row, first : len(counts.levels)].sum()
        exact = bool((counts.least[row] == counts.most[row]).all())
        if not exact or (counts.n - own[0], own[1]) != (asked, reached):
            raise Unwritable(self._open())

        def cells(labels: list[str]) -> list[str]:
            found = [self.places.answer(row, Asked(self.node.code, "tally", x)) for x in labels]
            return [f"N({cell})" for cell in found if cell is not None]

        return {
            "asked": f"{counts.n}-{total(cells(out))}",
            "present": total(cells(at)),
            "known": self._cell("asked"),
        }
