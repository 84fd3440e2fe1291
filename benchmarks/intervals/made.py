"""What several modules need: codes, groups, and intervals read from a result or a table."""

from __future__ import annotations

import numpy as np
import pandas as pd

from intervals import Drawn
from workbench.stats import Interval, Result


def codes(n: int) -> list[str]:
    """Return codes of so many units."""
    return [f"{i:05d}" for i in range(n)]


def series(values: np.ndarray) -> pd.Series:
    """Return one value a unit."""
    return pd.Series(values, codes(len(values)))


def of_groups(*parts: np.ndarray) -> tuple[pd.Series, pd.Series]:
    """Return the values of groups a, b, c ... and the group of each unit."""
    names = [letter for letter, part in zip("abcdefgh", parts, strict=False) for _ in part]
    return series(np.concatenate(parts)), series(np.array(names))


def of(result: Result, name: str) -> Interval | None:
    """Return the interval of a size of effect; None where it was refused or there is none."""
    found = [effect.interval for effect in result.effects if effect.name == name]
    return found[0] if found and result.refusal is None else None


def ends(result: Result, low: str, high: str, level: float = 0.95) -> Interval | None:
    """Return an interval that stands in the details."""
    if result.refusal is not None or result.details.get(low) is None:
        return None
    return Interval(float(result[low]), float(result[high]), level)


def all_held(table: pd.DataFrame, truth: np.ndarray, low: str, high: str) -> Drawn:
    """Return whether intervals of a table that hold together hold all truths."""
    held = ((table[low].to_numpy() <= truth) & (table[high].to_numpy() >= truth)).all()
    return Interval(0.0, 1.0), 0.5 if held else 2.0
