"""Building an index of a made-up nation, beside the same arithmetic in plain numpy.

    python benchmarks/audit.py [UNITS] [INDICATORS]        default 2469 108

Indicators in groups of 4, these in groups of 3, these in one index; 2 % of the values missing;
weighted means of what is there. Both start from one matrix of numbers in memory: the plain version
puts every indicator between 0 and 100 and takes three rounds of means; the workbench does that and
also checks the values and the structure, keeps the data of every step with its names, what each
step was, and what it left open. Their scores must agree.

The seed is fixed, one core. Prints medians of rounds in turn, in processor seconds, and their
ratio.
"""

from __future__ import annotations

import os
import sys

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from made_up import side_by_side

from workbench.audit.index import Index, Node, Structure

SEED = 20260101
SIZES = (4, 3)
units, indicators = (int(a) for a in (sys.argv[1:] + ["2469", "108"][len(sys.argv) - 1 :]))
rng = np.random.default_rng(SEED)
values = rng.gamma(2.0, 10.0, (units, indicators))
values[rng.random(values.shape) < 0.02] = np.nan
names = pd.Index([f"{i:05d}" for i in range(units)], name="unit")


def structure() -> Structure:
    """Return the structure: groups of 4, of 3, and one of all."""
    counts = [indicators]
    for size in SIZES:
        counts.append(-(-counts[-1] // size))
    nodes = [
        Node(
            f"{level}.{i}",
            level + 1,
            {f"{level + 1}.{i // SIZES[level]}" if level < len(SIZES) else "index": 1.0},
            is_group=level > 0,
        )
        for level, count in enumerate(counts)
        for i in range(count)
    ]
    return Structure.of([*nodes, Node("index", len(counts) + 1, is_group=True)])


tree = structure()


def build() -> Index:
    """Return the index of the workbench, from the matrix."""
    table = pd.DataFrame(values, index=names, columns=pd.Index(tree.indicators))
    return Index.make(table, tree).normalise("min_max").aggregate(min_availability=0.0)


def plain() -> np.ndarray:
    """Return the scores of the index by plain numpy."""
    low, high = np.nanmin(values, axis=0), np.nanmax(values, axis=0)
    scores = (values - low) / (high - low) * 100
    for size in (*SIZES, scores.shape[1]):
        at = np.arange(0, scores.shape[1], size)
        weights, there = np.ones(scores.shape[1]), ~np.isnan(scores)
        total = np.add.reduceat(np.where(there, scores, 0.0) * weights, at, axis=1)
        scores = total / np.add.reduceat(there * weights, at, axis=1)
    return scores[:, 0]


np.testing.assert_allclose(build().scores.to_numpy(), plain(), rtol=1e-12)
ours, theirs = side_by_side(build, plain, rounds=25)
print(f"{units} units, {indicators} indicators, {len(tree.groups)} groups")
print(
    f"workbench {ours * 1e3:.1f} ms   plain numpy {theirs * 1e3:.1f} ms   {ours / theirs:.1f} times"
)
