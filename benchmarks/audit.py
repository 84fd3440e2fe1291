"""An index of a made-up nation, built and drawn anew, beside the same arithmetic in plain numpy.

    python benchmarks/audit.py [UNITS] [INDICATORS] [DRAWS]        default 2469 108 10000

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
import resource
import subprocess
import sys
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from made_up import side_by_side

from workbench.audit.index import Index, Node, Structure
from workbench.audit.robustness import rank_robustness
from workbench.specs.robustness import Robustness

SEED = 20260101
SIZES = (4, 3)
DEFAULTS = ["2469", "108", "10000"]
units, indicators, draws = (int(a) for a in sys.argv[1:4] + DEFAULTS[len(sys.argv[1:4]) :])
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


SHARE = 0.25
SLICES = 5


def draw(count: int) -> pd.DataFrame:
    """Return the ranges of places over draws, by the workbench."""
    plan = Robustness(weight_share=SHARE, normalise=("z_score",), one_out=False, draws=count)
    return rank_robustness(build(), plan).tables["units"]


def plain_draws(count: int) -> np.ndarray:
    """Return mean, 5 %, median and 95 % of every unit's place over draws, by plain numpy."""
    generator = np.random.default_rng(SEED + 1)
    low, high = np.nanmin(values, axis=0), np.nanmax(values, axis=0)
    middle, spread = np.nanmean(values, axis=0), np.nanstd(values, axis=0, ddof=1)
    scales = [(values - low) / (high - low) * 100, (values - middle) / spread]
    places = np.empty((units, count), dtype=np.int32)
    for number in range(count):
        scores = scales[generator.integers(2)]
        for size in (*SIZES, scores.shape[1]):
            weights = 1 + SHARE * generator.uniform(-1, 1, scores.shape[1])
            if size > scores.shape[1]:
                size = scores.shape[1]
            at, there = np.arange(0, scores.shape[1], size), ~np.isnan(scores)
            total = np.add.reduceat(np.where(there, scores, 0.0) * weights, at, axis=1)
            scores = total / np.add.reduceat(there * weights, at, axis=1)
        places[np.argsort(-scores[:, 0], kind="stable"), number] = np.arange(1, units + 1)
    return np.column_stack([places.mean(axis=1), *np.percentile(places, (5, 50, 95), axis=1)])


def peak(count: int) -> float:
    """Return the most memory that a process of its own takes for so many draws, in MB."""
    command = [sys.executable, __file__, *map(str, (units, indicators, count)), "memory"]
    found = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(found.stdout.split()[-1])


def compare_builds() -> None:
    """Print how long building takes."""
    np.testing.assert_allclose(build().scores.to_numpy(), plain(), rtol=1e-12)
    ours, theirs = side_by_side(build, plain, rounds=25)
    print(f"{units} units, {indicators} indicators, {len(tree.groups)} groups")
    print(
        f"build   workbench {ours * 1e3:.1f} ms   plain numpy {theirs * 1e3:.1f} ms   "
        f"{ours / theirs:.1f} times"
    )


def compare_draws() -> None:
    """Print how long draws take, in slices in turn, and what they take of memory."""
    count = draws // SLICES
    seconds = np.zeros((2, SLICES))
    for number in range(SLICES):
        for row, function in enumerate((draw, plain_draws)):
            start = time.perf_counter()
            found = function(count)
            seconds[row, number] = time.perf_counter() - start
            if row == 0:
                ours = found
    gap = np.abs(ours[["mean", "median"]].to_numpy() - found[:, [0, 2]]) / units
    assert np.median(gap) < 0.02, np.median(gap)
    start = time.perf_counter()
    draw(draws)
    whole = time.perf_counter() - start
    a, b = seconds.sum(axis=1)
    print(f"{draws} draws in {SLICES} slices, {os.cpu_count()} cores")
    print(f"draws   workbench {a:.1f} s   plain numpy {b:.1f} s   {a / b:.2f} times")
    print(f"all draws at once: workbench {whole:.1f} s, {whole / draws * 1e3:.2f} ms a draw")
    print(f"memory: {peak(count):.0f} MB for {count} draws, {peak(draws):.0f} MB for {draws}")


if __name__ == "__main__":
    if sys.argv[4:] == ["memory"]:
        draw(draws)
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    else:
        compare_builds()
        compare_draws()
