"""How often intervals hold the truth, beside how often they say they do.

    python benchmarks/coverage.py [--only TEXT] [--draws N] [--workers N]

Draws data with a known truth, 4,000 times for each interval and for 8, 20 and 60 units (fewer
draws for what takes long; the table says how many), and counts how often the interval holds it. The
seed is fixed by name and size, so the table can be made in parts. `error` is the Monte-Carlo
standard error; `below` and `above` are the shares in which the truth lies below or above the
interval; `given` is the share of draws in which the workbench gives an interval at all. An interval
that covers less often than it says by more than three errors is `UNDER`: it is to be mended, or
withdrawn below that size. Ends with 1 if there is one.
"""

from __future__ import annotations

import argparse
import os
import sys
import warnings
import zlib
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace

# Small matrices by the thousand: threads of the linear algebra only stand in each other's way.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from intervals import Kind, load

from workbench.stats import Interval

SEED = 20260301
ERRORS = 3.0


@dataclass(frozen=True)
class Row:
    """What a simulation found of one interval at one size."""

    name: str
    kind: Kind
    n: int
    draws: int
    held: int = 0
    below: int = 0
    above: int = 0
    level: float = 0.95

    def seeing(self, interval: Interval | None, truth: float) -> Row:
        """Return the row with one more draw counted."""
        if interval is None:
            return self
        return replace(
            self,
            held=self.held + (interval.low <= truth <= interval.high),
            below=self.below + (truth < interval.low),
            above=self.above + (truth > interval.high),
            level=interval.level,
        )

    @property
    def given(self) -> int:
        """Draws with an interval."""
        return self.held + self.below + self.above

    @property
    def coverage(self) -> float:
        """Share of intervals that hold the truth."""
        return self.held / self.given

    @property
    def error(self) -> float:
        """Monte-Carlo standard error, if the interval covers as it says."""
        return float(np.sqrt(self.level * (1 - self.level) / self.given))

    @property
    def verdict(self) -> str:
        """What is to be said of the interval at this size."""
        if not self.given:
            return "withdrawn"
        if self.kind == "broken":
            return "for information"
        gap = (self.coverage - self.level) / self.error
        if gap < -ERRORS:
            return "UNDER"
        if gap > ERRORS:
            return "conservative"
        return "as it says"

    def text(self) -> str:
        """Return the row of the table."""
        cells = [f"{self.name:<62}", f"{self.kind:<12}", f"{self.n:>3}", f"{self.draws:>5}"]
        if self.given:
            below, above = self.below / self.given, self.above / self.given
            cells += [f"{self.level:>4.2f}", f"{self.coverage:>8.4f}", f"{self.error:>6.4f}"]
            cells += [f"{below:>5.3f}", f"{above:>5.3f}", f"{self.given / self.draws:>5.3f}"]
        else:
            cells += [" " * width for width in (4, 8, 6, 5, 5)] + ["0.000"]
        return _line([*cells, self.verdict])


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


HEADER = [f"{'interval':<62}", f"{'kind':<12}", "  n", "draws", "says", "coverage", " error"]
HEADER += ["below", "above", "given", "verdict"]


def simulate(name: str, n: int, draws: int) -> list[Row]:
    """Return how often the intervals of a case hold the truth."""
    case = load()[name]
    rng = np.random.default_rng([SEED, zlib.crc32(name.encode()), n])
    rows = [Row(one, kind, n, draws) for one, kind in case.kinds.items()]
    for _ in range(draws):
        drawn = case.draw(rng, n)
        rows = [row.seeing(*one) for row, one in zip(rows, drawn, strict=True)]
    return rows


def _job(job: tuple[str, int, int]) -> list[Row]:
    warnings.simplefilter("ignore")
    return simulate(*job)


def main() -> int:
    """Print the table; 1 if an interval covers less often than it says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="part of a name")
    parser.add_argument("--draws", type=int, help="draws for every interval")
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    jobs = [
        (case.name, n, options.draws or case.draws)
        for case in load().values()
        if any(options.only in name for name in case.kinds)
        for n in case.sizes
    ]
    print(_line(HEADER))
    print(_line(["-" * len(cell) for cell in HEADER]))
    under = 0
    with ProcessPoolExecutor(options.workers) as pool:
        for row in (row for rows in pool.map(_job, jobs) for row in rows):
            print(row.text(), flush=True)
            under += row.verdict == "UNDER"
    return 1 if under else 0


if __name__ == "__main__":
    sys.exit(main())
