"""How often intervals hold the truth, beside how often they say they do.

    python benchmarks/coverage.py [--only TEXT] [--draws N] [--workers N]

Draws data with a known truth, 4,000 times for each interval and for 8, 20 and 60 units (fewer
draws for what resamples; the table says how many), and counts how often the interval holds it. The
seed is fixed by name and size. `error` is the Monte-Carlo standard error; `below` and `above` are
the shares in which the truth lies below or above the interval; `given` is the share of draws in
which the workbench gives an interval at all. An interval that covers less often than it says by
more than three errors is `under`: it is to be mended, or withdrawn below that size. Ends with 1 if
there is one.
"""

from __future__ import annotations

import argparse
import os
import sys
import warnings
import zlib
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

# Small matrices by the thousand: threads of the linear algebra only stand in each other's way.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from intervals import Case, load

SEED = 20260301
ERRORS = 3.0


@dataclass(frozen=True)
class Row:
    """What a simulation found."""

    case: Case
    n: int
    draws: int
    held: int
    below: int
    above: int
    level: float

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
        if self.case.kind == "broken":
            return "for information"
        gap = (self.coverage - self.level) / self.error
        if gap < -ERRORS:
            return "UNDER"
        if gap > ERRORS:
            return "conservative"
        return "as it says"

    def text(self) -> str:
        """Return the row of the table."""
        start = f"{self.case.name:<52} {self.case.kind:<12} {self.n:>3} {self.draws:>5}"
        if not self.given:
            return f"{start} {'':>6} {'':>8} {'':>6} {'':>6} {'':>6} {0:>6.3f}  {self.verdict}"
        below, above = self.below / self.given, self.above / self.given
        return (
            f"{start} {self.level:>6.2f} {self.coverage:>8.4f} {self.error:>6.4f} {below:>6.3f} "
            f"{above:>6.3f} {self.given / self.draws:>6.3f}  {self.verdict}"
        )


def simulate(name: str, n: int, draws: int) -> Row:
    """Return how often an interval holds the truth."""
    case = load()[name]
    rng = np.random.default_rng([SEED, zlib.crc32(name.encode()), n])
    held, below, above, level = 0, 0, 0, 0.95
    for _ in range(draws):
        interval, truth = case.draw(rng, n)
        if interval is None:
            continue
        level = interval.level
        below += truth < interval.low
        above += truth > interval.high
        held += interval.low <= truth <= interval.high
    return Row(case, n, draws, held, below, above, level)


def _job(job: tuple[str, int, int]) -> Row:
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
        if options.only in case.name
        for n in case.sizes
    ]
    print(
        f"{'interval':<52} {'kind':<12} {'n':>3} {'draws':>5} {'says':>6} {'coverage':>8} "
        f"{'error':>6} {'below':>6} {'above':>6} {'given':>6}  verdict"
    )
    under = 0
    with ProcessPoolExecutor(options.workers) as pool:
        for row in pool.map(_job, jobs):
            print(row.text(), flush=True)
            under += row.verdict == "UNDER"
    return 1 if under else 0


if __name__ == "__main__":
    sys.exit(main())
