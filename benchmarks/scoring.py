"""Scoring the GDM on a made-up nation, beside the same arithmetic in plain numpy.

    python benchmarks/scoring.py [UNITS] [WAVES]        default 2469 3

Both start from the same matrices in memory: elements ticked or not, and results of the measures.
The plain version counts elements, reads every indicator against its printed conditions, counts
levels by theme, module and in all, and divides; its shares must be those of the workbench. The
workbench does that and also states, suppositions, bounds, remarks for explanations, and levels kept
from reviews.
The seed is fixed. Prints medians of rounds in turn, in processor seconds, and their ratio.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from made_up import side_by_side, tidy

from workbench.instruments import load_instrument
from workbench.scoring import calibrate, score
from workbench.scoring.engine import Engine
from workbench.scoring.fits import Fits
from workbench.scoring.matrix import build_matrix

SEED = 20260101
units, waves = (int(a) for a in (sys.argv[1:] + ["2469", "3"][len(sys.argv) - 1 :]))
gdm = load_instrument(Path(__file__).parents[1] / "data/instruments/gdm-2025-2027.yml")
rng = np.random.default_rng(SEED)
checklists = [c for c in gdm.indicators if gdm.nodes[c].kind == "checklist"]
measures = [c for c in gdm.indicators if gdm.nodes[c].kind == "measure"]
elements = [f"{c}.{e.id}" for c in checklists for e in gdm.nodes[c].spec.elements]
sizes = np.array([len(gdm.nodes[c].spec.elements) for c in checklists])
n = units * waves
ticks = (rng.random((n, len(elements))) < 0.6).astype(float)
values = np.column_stack(
    [
        rng.integers(1, 5, n).astype(float) if c == "2.3.4" else rng.uniform(0, 100, n)
        for c in measures
    ]
)


def conditions_of(code: str) -> list[tuple[str, int]]:
    """Return the printed conditions of an indicator as numpy expressions, and their levels."""
    bands = gdm.nodes[code].bands
    assert bands is not None
    ids = [level.id for level in gdm.levels_of(code)]
    return [
        (f.source.replace(" and ", ") & (").replace(" or ", ") | ("), ids.index(str(band.level)))
        for f, band in zip(bands.conditions, bands.bands, strict=True)
    ]


LEVELS = {
    code: [(compile(f"({c})", code, "eval"), k) for c, k in conditions_of(code)]
    for code in gdm.indicators
}
STARTS = np.concatenate([[0], np.cumsum(sizes)[:-1]])
COLUMN = {code: i for i, code in enumerate(gdm.indicators)}
GROUPS = {g: [COLUMN[c] for c in gdm.nodes[g].leaves] for g in gdm.groups}


def plain() -> dict[str, np.ndarray]:
    """Return the advance of every group by plain numpy: levels, counts by level, shares."""
    met = np.add.reduceat(ticks, STARTS, axis=1)
    level = np.full((n, len(gdm.indicators)), -1, dtype=np.int16)
    sources = [(c, met[:, i], sizes[i]) for i, c in enumerate(checklists)]
    sources += [(c, values[:, i], 0) for i, c in enumerate(measures)]
    for code, value, asked in sources:
        for condition, k in LEVELS[code]:
            level[eval(condition, {"value": value, "n": asked}), COLUMN[code]] = k
    shares = {}
    for group, columns in GROUPS.items():
        counts = [(level[:, columns] == k).sum(axis=1) for k in range(3)]
        shares[group] = 100.0 * counts[2] / (counts[0] + counts[1] + counts[2])
    return shares


observations = tidy(gdm, units, waves, [*elements, *measures], np.column_stack([ticks, values]))
start = time.perf_counter()
matrix = build_matrix(observations)
pivoting = time.perf_counter() - start
start = time.perf_counter()
scores = score(gdm, observations, calibrate(gdm, observations))
whole = time.perf_counter() - start
start = time.perf_counter()
rows = len(scores.frame)
building = time.perf_counter() - start


def engine() -> None:
    """Score the matrix, with nothing kept from the round before."""
    afresh = replace(matrix)
    Engine(afresh, Fits(afresh)).run()


a, b = side_by_side(engine, plain)
expected = plain()
first = scores.cases.get_level_values("wave") == scores.cases[0][1]  # later waves keep reviews
for group, share in expected.items():
    assert np.allclose(scores.results[group].score[first], share[first]), group
n_rows = len(observations.frame)
print(f"{units} units, {len(gdm.indicators)} indicators, {waves} waves: {n_rows} rows")
print(f"pivot {pivoting:.3f} s; calibrate and score {whole:.3f} s; {rows} rows {building:.2f} s")
print(f"engine from matrices {a:.3f} s, plain numpy {b:.3f} s, ratio {a / b:.2f}")
