"""Intervals whose coverage is simulated, by name; each module of this package registers its own.

    @covers("mean change, t", kind="exact")
    def mean_(rng, n):
        ...
        return interval, truth

A draw makes data of ``n`` units with a known truth and returns the interval that the workbench
gives for it, or None where the workbench refuses or withdraws it. Intervals of one result share
its draws:

    @cover({"mean change, t": "exact", "mean change in deviations": "approximate"})
    def change(rng, n):
        ...
        return (interval, truth), (interval, truth)
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from workbench.stats import Interval, Result

Drawn = tuple[Interval | None, float]
Draw = Callable[[np.random.Generator, int], Drawn]
Draws = Callable[[np.random.Generator, int], tuple[Drawn, ...]]
# exact: covers as often as it says. approximate: nearly. conservative: exact for counts, so it
# covers more often than it says. broken: an assumption does not hold; for information, no verdict.
Kind = Literal["exact", "approximate", "conservative", "broken"]
SIZES = (8, 20, 60)
DRAWS = 4000


@dataclass(frozen=True)
class Case:
    """Intervals to be simulated together: name and kind of each, one draw, sizes, draws."""

    kinds: dict[str, Kind]
    draw: Draws
    sizes: tuple[int, ...]
    draws: int

    @property
    def name(self) -> str:
        """The name of the first, which decides the seed."""
        return next(iter(self.kinds))


CASES: dict[str, Case] = {}


def cover(
    kinds: Mapping[str, Kind], *, sizes: tuple[int, ...] = SIZES, draws: int = DRAWS
) -> Callable[[Draws], Draws]:
    """Register intervals that share their draws; fewer draws are for what takes long."""

    def register(draw: Draws) -> Draws:
        case = Case(dict(kinds), draw, sizes, draws)
        taken = {name for other in CASES.values() for name in other.kinds} & set(kinds)
        if taken:
            raise ValueError(f"{min(taken)} stands twice")
        CASES[case.name] = case
        return draw

    return register


def covers(
    name: str, *, kind: Kind = "approximate", sizes: tuple[int, ...] = SIZES, draws: int = DRAWS
) -> Callable[[Draw], Draw]:
    """Register one interval with draws of its own."""

    def register(draw: Draw) -> Draw:
        cover({name: kind}, sizes=sizes, draws=draws)(lambda rng, n: (draw(rng, n),))
        return draw

    return register


def given(result: Result) -> Interval | None:
    """Return the interval of a result; None where it was refused."""
    return None if result.refusal is not None else result.interval


def load() -> dict[str, Case]:
    """Return all cases, after every module of this package has registered its own."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return CASES
