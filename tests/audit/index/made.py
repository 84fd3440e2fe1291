"""A small index made up for the tests: four indicators, two groups, one index."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from workbench.audit.index import Index, Node, Structure


def structure() -> Structure:
    return Structure.of(
        [
            Node("a", parents={"left": 1.0}),
            Node("b", parents={"left": 2.0}, direction=-1, denominator="people"),
            Node("c", parents={"right": 1.0}),
            Node("d", parents={"right": 3.0}, direction=-1),
            Node("left", 2, {"all": 1.0}, is_group=True),
            Node("right", 2, {"all": 2.0}, is_group=True),
            Node("all", 3, is_group=True),
        ]
    )


def table(*, gaps: float = 0.0, n: int = 40, seed: int = 5) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    values = rng.gamma(2.0, 3.0, (n, 4)) + 1
    values[:, 1] = rng.normal(50, 9, n)
    values[rng.random(values.shape) < gaps] = np.nan
    return pd.DataFrame(values, index=[f"u{i:02d}" for i in range(n)], columns=list("abcd"))


def beside(n: int = 40) -> pd.DataFrame:
    rng = np.random.default_rng(8)
    frame = pd.DataFrame({"people": rng.uniform(5, 50, n), "size": ["big", "small"] * (n // 2)})
    return frame.set_axis([f"u{i:02d}" for i in range(n)])


def index(**options: Any) -> Index:
    return Index.make(table(**options), structure(), units=beside())


def panel(*, gaps: float = 0.3, waves: tuple[str, ...] = ("2018", "2020", "2021")) -> Index:
    frames = [table(gaps=gaps, n=12, seed=s) for s, _ in enumerate(waves)]
    values = pd.concat(dict(zip(waves, frames, strict=True)), names=["wave", "unit"])
    return Index.make(values.swaplevel().sort_index(), structure())


def ready(**options: Any) -> Index:
    return index(**options).normalise("min_max", range=(1, 100))
