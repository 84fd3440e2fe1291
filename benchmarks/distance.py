"""The distance DP2 on made-up municipalities, beside the same arithmetic in plain numpy.

    python benchmarks/distance.py [ROWS]        default 7382

Both start from the same matrix in memory: nine shortfalls in percent, which go together as they do
in a census. Both fit the reference, the deviations, the order and the weights, and give every row
its index; the indices must agree to the last digits. The seed is fixed. Prints medians of rounds in
turn, in processor seconds, and their ratio.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from made_up import side_by_side, tidy

from workbench.instruments import load_instrument
from workbench.scoring.engine import Engine
from workbench.scoring.fits import Fits
from workbench.scoring.matrix import build_matrix

SEED = 20260101
PARTS = 9
INSTRUMENT = """
id: dp2
version: "1"
title: {en: "DP2 of nine shortfalls"}
publisher: {en: "made up"}
language: en
completeness: published
sources: [{id: none, title: "made up", publisher: "made up", year: 2026}]
tiers: [{id: index, title: {en: Index}, plural: {en: Indices}, decimals: 4}]
headline: [I]
nodes:
  - code: I
    tier: index
    title: {en: Index}
    aggregate: {method: dp2, reference: maximum, reference_scope: pooled, scope: wave, ddof: 0}
indicators:
"""
PART = "  - {{code: P{0}, kind: measure, parent: I, direction: -1, title: {{en: Part {0}}}}}\n"

n = int(sys.argv[1]) if len(sys.argv) > 1 else 7382
rng = np.random.default_rng(SEED)
common = rng.normal(size=(n, 1))
values = 100.0 / (1.0 + np.exp(1.5 - 0.9 * common - rng.normal(size=(n, PARTS))))
with tempfile.TemporaryDirectory() as folder:
    file = Path(folder) / "dp2.yml"
    file.write_text(INSTRUMENT + "".join(PART.format(i) for i in range(PARTS)))
    instrument = load_instrument(file)
codes = [f"P{i}" for i in range(PARTS)]
matrix = build_matrix(tidy(instrument, n, 1, codes, values))


def engine() -> np.ndarray:
    """Return the index by the workbench, with its parameters fitted anew."""
    afresh = replace(matrix)
    fits = Fits(afresh, reference=np.ones(afresh.n, dtype=bool))
    return Engine(afresh, fits).run()["I"].score


def plain() -> np.ndarray:
    """Return the index by plain numpy."""
    parts = np.abs(values - values.max(axis=0)) / values.std(axis=0)
    index, order = parts.sum(axis=1), None
    while True:
        correlation = [abs(np.corrcoef(part, index)[0, 1]) for part in parts.T]
        now = np.argsort(correlation)[::-1]
        if order is not None and (now == order).all():
            return index
        order, weight = now, np.ones(PARTS)
        centred = parts - parts.mean(axis=0)
        for i in range(1, PARTS):
            before, own = centred[:, order[:i]], centred[:, order[i]]
            fitted = before @ np.linalg.lstsq(before, own, rcond=None)[0]
            weight[order[i]] = ((own - fitted) ** 2).sum() / (own**2).sum()
        index = parts @ weight


assert np.allclose(engine(), plain(), rtol=1e-12, atol=0)
a, b = side_by_side(engine, plain)
print(
    f"DP2 of {PARTS} parts on {n} rows: engine {a:.4f} s, plain numpy {b:.4f} s, ratio {a / b:.2f}"
)
