"""Intervals whose coverage is simulated, by name; each module of this package registers its own.

    @covers("mean change", kind="exact")
    def mean_change_(rng, n):
        ...
        return interval, truth

A draw makes data of ``n`` units with a known truth and returns the interval that the workbench
gives for it, or None where the workbench refuses or withdraws it.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from workbench.stats import Interval, Result

Draw = Callable[[np.random.Generator, int], tuple[Interval | None, float]]
# exact: covers as often as it says. approximate: nearly. conservative: exact for counts, so it
# covers more often than it says. broken: an assumption does not hold; for information, no verdict.
Kind = Literal["exact", "approximate", "conservative", "broken"]
SIZES = (8, 20, 60)
DRAWS = 4000


@dataclass(frozen=True)
class Case:
    """An interval to be simulated: its name, its kind, one draw, the sizes and how many draws."""

    name: str
    kind: Kind
    draw: Draw
    sizes: tuple[int, ...]
    draws: int


CASES: dict[str, Case] = {}


def covers(
    name: str, *, kind: Kind = "approximate", sizes: tuple[int, ...] = SIZES, draws: int = DRAWS
) -> Callable[[Draw], Draw]:
    """Register a draw; fewer draws are for what resamples, and are printed."""

    def register(draw: Draw) -> Draw:
        if name in CASES:
            raise ValueError(f"{name} stands twice")
        CASES[name] = Case(name, kind, draw, sizes, draws)
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
