"""Aggregations of numbers as formulas of a spreadsheet: one function for each mean.

Parts are cells with the score, whether the part counts, and the weight; a part without a score, or
that does not count, is left out. See :mod:`workbench.scoring.aggregate`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from workbench.interchange.spelling import NOTHING, chained, number, total


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a group.

    Parameters
    ----------
    score, counts : str
        Cells.
    weight : str
        Cell, or an expression over facts.
    """

    score: str
    counts: str
    weight: str

    @property
    def there(self) -> str:
        """Whether the part has a score and a weight that counts."""
        return f"IF(ISNUMBER({self.score}),{self.counts}*{self.weight}>0,FALSE)"

    def times(self, of_score: str) -> str:
        """Return something of the score times the weight; 0 for a part that is left out."""
        return f"IF({self.there},{self.weight}*{of_score},0)"


def spans(cells: list[str]) -> list[str]:
    """Return cells of one column, those that follow each other as one range."""
    found: list[tuple[int, int]] = []
    column = cells[0].rstrip("0123456789")
    for row in (int(cell.removeprefix(column)) for cell in cells):
        if found and found[-1][1] == row - 1:
            found[-1] = (found[-1][0], row)
        else:
            found.append((row, row))
    return [f"{column}{a}:{column}{b}" if a < b else f"{column}{a}" for a, b in found]


def counted_weight(parts: list[Part]) -> str:
    """Return the weight of the parts that count."""
    return total([f"{p.counts}*{p.weight}" for p in parts])


def present_weight(parts: list[Part]) -> str:
    """Return the weight of those of them that have a score."""
    return total([f"IF(ISNUMBER({p.score}),{p.counts}*{p.weight},0)" for p in parts])


def arithmetic(parts: list[Part], present: str) -> str:
    """Return the weighted arithmetic mean."""
    return f"{total([p.times(p.score) for p in parts])}/{present}"


def _least(parts: list[Part]) -> str:
    """Return the least score that counts."""
    return chained("MIN", [f"IF({p.there},{p.score},{number(1e300)})" for p in parts])


def _most(parts: list[Part]) -> str:
    """Return the greatest score that counts."""
    return chained("MAX", [f"IF({p.there},{p.score},-{number(1e300)})" for p in parts])


def geometric(parts: list[Part], present: str) -> str:
    """Return the weighted geometric mean; 0 for a score of 0, none for one below."""
    logs = total([p.times(f"LN({p.score})") for p in parts])
    least = _least(parts)
    return f"IF({least}<0,{NOTHING},IF({least}=0,0,EXP({logs}/{present})))"


def harmonic(parts: list[Part], present: str) -> str:
    """Return the weighted harmonic mean; 0 for a score of 0."""
    inverse = total([p.times(f"1/{p.score}") for p in parts])
    zero = total([f"IF({p.there},IF({p.score}=0,1,0),0)" for p in parts])
    return f"IF({zero}>0,0,{present}/{inverse})"


def power(parts: list[Part], present: str, exponent: float) -> str:
    """Return the weighted power mean; 0 for a score of 0 with a negative exponent."""
    by = number(exponent)
    mean = f"({total([p.times(f'{p.score}^{by}') for p in parts])}/{present})^(1/{by})"
    if exponent > 0:
        return mean
    least = _least(parts)
    return f"IF({least}<0,{NOTHING},IF({least}=0,0,{mean}))"


def median(parts: list[Part], present: str) -> str:
    """Return the median: cells that hold no number are passed over."""
    return chained("MEDIAN", spans([p.score for p in parts]))


def minimum(parts: list[Part], present: str) -> str:
    """Return the lowest score."""
    return _least(parts)


def maximum(parts: list[Part], present: str) -> str:
    """Return the highest score."""
    return _most(parts)


def weighted_sum(parts: list[Part], present: str) -> str:
    """Return the weighted sum."""
    return total([p.times(p.score) for p in parts])


MEANS: dict[str, Callable[[list[Part], str], str]] = {
    "arithmetic": arithmetic,
    "geometric": geometric,
    "harmonic": harmonic,
    "median": median,
    "minimum": minimum,
    "maximum": maximum,
    "sum": weighted_sum,
    "points": weighted_sum,
}
