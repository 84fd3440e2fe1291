"""Whole indices of the field, each written from its method note alone and compared with pandas.

The definitions are in ``indices/``; the numbers are random with a fixed seed, and what is expected
is computed here from the formulas of the notes.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from tests.support import observe
from workbench.instruments import load_instrument
from workbench.scoring import Scores, calibrate, score

FOLDER = Path(__file__).parent / "indices"
YEARS = ("2019", "2020", "2021")
UNITS = [f"m{i:02d}" for i in range(1, 26)]


def table(
    seed: int, years: tuple[str, ...] = YEARS, **columns: tuple[float, float]
) -> pd.DataFrame:
    """Return numbers between two limits for each unit and year."""
    rng = np.random.default_rng(seed)
    index = pd.MultiIndex.from_product([years, UNITS], names=["year", "unit"])
    found = {name: rng.uniform(*ends, len(index)).round(3) for name, ends in columns.items()}
    return pd.DataFrame(found, index=index)


def scored(
    name: str, data: pd.DataFrame, codes: dict[str, str] | None = None, *, pooled: bool = True
) -> Scores:
    """Return the scores of an index; ``codes`` renames the columns of the data."""
    instrument = load_instrument(FOLDER / f"{name}.yml")
    rows = [
        (unit, year, (codes or {}).get(column, column), float(x))
        for (year, unit), row in data.iterrows()
        for column, x in row.items()
    ]
    waves = tuple(data.index.get_level_values("year").unique())
    facts = {wave: {"year": float(wave)} for wave in waves}
    every = observe(instrument, rows, waves=waves, wave_facts=facts)
    reference = every if pooled else every.of_waves(waves[:1])
    return score(instrument, every, calibrate(instrument, reference, every_wave=every))


def agrees(scores: Scores, node: str, expected: pd.Series, tolerance: float = 1e-9) -> None:
    """Check a node in every case."""
    found = pd.Series(scores.results[node].score, index=scores.cases).swaplevel()
    wanted = expected.reindex(found.index)
    np.testing.assert_allclose(found, wanted, rtol=0, atol=tolerance, equal_nan=True)


def test_gender_inequality() -> None:
    data = table(
        1, ("2020",), mmr=(2, 1500), abr=(2, 150), seats_f=(0, 50), school_f=(5, 99),
        school_m=(10, 99), work_f=(10, 80), work_m=(50, 90),
    )  # fmt: skip
    data.iloc[0, data.columns.get_loc("seats_f")] = 0.0
    scores = scored("gender-inequality", data, {c: f"{c}.x" for c in data})
    d = data / 100
    seats = data["seats_f"].clip(lower=0.1) / 100
    health = np.sqrt(10 / data["mmr"].clip(10, 1000) / data["abr"])
    women_power = np.sqrt(seats * d["school_f"])
    men_power = np.sqrt((1 - seats) * d["school_m"])
    women = (health * women_power * d["work_f"]) ** (1 / 3)
    men = (1 * men_power * d["work_m"]) ** (1 / 3)
    both = 2 / (1 / women + 1 / men)
    standard = (
        (health + 1) / 2 * (women_power + men_power) / 2 * (d["work_f"] + d["work_m"]) / 2
    ) ** (1 / 3)
    agrees(scores, "GII", 1 - both / standard)


def test_adjusted_mazziotta_pareto() -> None:
    data = table(2, a=(0, 90), b=(10, 20), c=(0, 5))
    parts = []
    for name, sign in (("a", 1), ("b", 1), ("c", -1)):
        x = data[name]
        parts.append(100 + sign * 60 * (x - x.loc["2019"].mean()) / (x.max() - x.min()))
    wide = pd.concat(parts, axis=1)
    mean, spread = wide.mean(axis=1), wide.std(axis=1, ddof=0)
    agrees(scored("adjusted-mazziotta-pareto", data), "AMPI", mean - spread**2 / mean)


def test_taxonomic_measure() -> None:
    data = table(3, a=(0, 90), b=(10, 20), c=(0, 5))
    by = data.groupby("year")
    z = (data - by.transform("mean")) / by.transform(lambda x: x.std(ddof=0))
    z["c"] *= -1
    distance = np.sqrt(((z - z.groupby("year").transform("max")) ** 2).sum(axis=1))
    of_year = distance.groupby("year")
    limit = of_year.transform("mean") + 2 * of_year.transform(lambda x: x.std(ddof=0))
    # Only the first year is the reference: each year is described by itself all the same.
    agrees(scored("taxonomic-measure", data, pooled=False), "H", 1 - distance / limit)


def test_vulnerability_by_ranks() -> None:
    data = table(4, a=(0, 50), b=(0, 9), c=(0, 90))
    data["b"] = data["b"].round(0)  # many ties
    n = len(UNITS)
    rank = (data.groupby("year").rank(method="min") - 1) / (n - 1)
    total = rank.sum(axis=1).round(10).groupby("year").rank(method="min")
    scores = scored("vulnerability-by-ranks", data)
    agrees(scores, "total", (total - 1) / (n - 1))
    agrees(scores, "flags", (rank >= 0.9).sum(axis=1).astype(float))


def test_incentives() -> None:
    data = table(
        5, revenue=(80, 120), pob=(1000, 99000), q1=(0, 20), q2=(0, 20), q3=(0, 20), q4=(0, 20),
        q5=(0, 20),
    )  # fmt: skip
    scores = scored("incentives", data, {"revenue": "revenue.x"})
    growth = 100 * (data["revenue"] / data["revenue"].groupby("unit").shift() - 1)
    points = pd.cut(growth, [-np.inf, 0, 5, 20, np.inf], labels=[0, 40, 70, 100]).astype(float)
    best = 5 * np.sort(data[["q1", "q2", "q3", "q4", "q5"]], axis=1)[:, 2:].mean(axis=1)
    weight = data.index.get_level_values("year").map({"2019": 0.7, "2020": 0.5, "2021": 0.4})
    weight = pd.Series(weight, index=data.index)
    own, other = weight * np.where(data["pob"] > 50000, 2, 1), 1 - weight
    total = (own * points + other * best) / (own + other)
    alone = pd.Series(best, index=data.index).where(other / (own + other) >= 0.4 - 1e-12)
    agrees(scores, "total", total.where(points.notna(), alone))
    first = scores.frame.query("node == 'revenue' and wave == '2019'")
    assert set(first["status"]) == {"missing"}
