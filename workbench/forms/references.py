"""The cells that formulas of an instrument read in a workbook for one unit."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.forms.excel import UNKNOWN, CannotExpress
from workbench.forms.layout import YEAR, Layout
from workbench.forms.sheets import Lists
from workbench.instruments import Instrument
from workbench.instruments.arithmetic import RELATIVE_TOLERANCE
from workbench.language import Message


@dataclass(frozen=True, slots=True)
class Named:
    """Cells of what the formulas of one indicator name.

    Parameters
    ----------
    instrument : Instrument
    layout : Layout
    lists : Lists
        Holds look-up tables.
    owner : str
        Code of the indicator.
    """

    instrument: Instrument
    layout: Layout
    lists: Lists
    owner: str

    def name(self, name: str) -> str:
        """Return the value of a variable or input of the indicator, else of a fact."""
        spots = self.layout.spots
        for code in (f"{self.owner}.{name}", YEAR if name == "year" else name):
            if code in spots:
                return spots[code].cell("value")
        raise CannotExpress(Message("{name} is not asked in this form", name=name))

    def value(self, code: str) -> str:
        """Return the value of a code."""
        spot = self.layout.spots.get(code)
        if spot is None:
            raise CannotExpress(Message("{name} is not asked in this form", name=code))
        return spot.cell("value")

    def complete(self, code: str) -> str:
        """Return 1 where an indicator is at its best level."""
        top = len(self.instrument.levels_of(code)) - 1
        return f"IF({self.level(code)}={top},1,0)"

    def level(self, code: str) -> str:
        """Return the level of an indicator, 0 for the worst."""
        spot = self.layout.spots.get(code)
        if spot is None or not self.instrument.nodes[code].is_indicator:
            raise CannotExpress(Message("the level of {name} is not known here", name=code))
        index = spot.cell("index")
        return f"IF({index}<0,{UNKNOWN},{index})"

    def lookup(self, table: str, x: str) -> str:
        """Return an entry of a table that stands on a hidden sheet."""
        rows = self.instrument.lookups[table].rows
        if rows[0].key is not None:
            keys = self.lists.reference(r.key for r in rows)
            return f"INDEX({self.lists.reference(r.value for r in rows)},MATCH({x},{keys},0))"
        if any(r.up_to is not None for r in rows):
            raise CannotExpress(Message("a spreadsheet has nothing for a part of this formula"))
        # Each row holds from the limit of the one before; above a last limit there is no entry.
        starts: list[object] = [-1e300, *(r.below for r in rows if r.below is not None)]
        values: list[object] = [r.value for r in rows]
        values += [None] * (len(starts) - len(values))
        # A number that falls short of a limit by binary arithmetic alone is at the limit.
        x = f"({x})+{RELATIVE_TOLERANCE:.0E}*MAX(1,ABS({x}))"
        return f"LOOKUP({x},{self.lists.reference(starts)},{self.lists.reference(values)})"


@dataclass(frozen=True, slots=True)
class Banded:
    """Cells of what a condition of a band names.

    Parameters
    ----------
    measured : str
        Cell of the value.
    asked : str
        Cell of the count of elements asked for.
    """

    measured: str
    asked: str

    def name(self, name: str) -> str:
        """Return the value or the count asked for."""
        return self.measured if name == "value" else self.asked

    def value(self, code: str) -> str:
        """Refuse: bands read nothing else."""
        raise AssertionError(code)

    def complete(self, code: str) -> str:
        """Refuse: bands read nothing else."""
        raise AssertionError(code)

    def level(self, code: str) -> str:
        """Refuse: bands read nothing else."""
        raise AssertionError(code)

    def lookup(self, table: str, x: str) -> str:
        """Refuse: bands read nothing else."""
        raise AssertionError(table)
