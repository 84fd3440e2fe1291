"""Many cases in processes that can be ended: a table of counts by reader and kind of fault."""

from __future__ import annotations

import contextlib
import multiprocessing as mp
import os
import random
import resource
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path

from tests.fuzz.case import MOST_SECONDS, Outcome, options_of, run_case
from tests.fuzz.faults import KINDS
from tests.fuzz.readers import READERS, Reader, bases_of

MOST_DATA = 3_000_000_000  # where a process ends, beyond what a case may take
MOST_WALL = 30.0  # for a case that waits and does not compute
MOST_MAKING = 120.0  # for a case to be made, which is no fault of a reader
CASES_A_PROCESS = 400
Case = tuple[str, str, int]


def cells(readers: Sequence[Reader] = READERS) -> list[tuple[Reader, str]]:
    """Return the pairs of reader and kind of fault that there are."""
    return [(r, kind) for r in readers for kind in KINDS if options_of(r, kind)]


def draw_of(seed: int, case: Case) -> random.Random:
    """Return the random source of a case: the same wherever and whenever it is run."""
    return random.Random(f"{seed}/{'/'.join(map(str, case))}")


@dataclass
class Tally:
    """Counts by reader, kind and verdict, and what was found."""

    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    found: list[tuple[Case, Outcome]] = field(default_factory=list)

    def take(self, case: Case, outcome: Outcome) -> None:
        """Count a case."""
        self.counts[case[0], case[1], outcome.verdict] += 1
        if outcome.verdict == "found":
            self.found.append((case, outcome))

    def table(self) -> str:
        """Return the table: read, refused and, if any, found, for each reader and kind."""
        readers = [r.name for r in READERS if any(k[0] == r.name for k in self.counts)]
        lines = [["", *KINDS]]
        for name in readers:
            lines.append([name, *(self._cell(name, kind) for kind in KINDS)])
        widths = [max(len(line[n]) for line in lines) for n in range(len(KINDS) + 1)]
        return "\n".join(
            "  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip()
            for line in lines
        )

    def _cell(self, reader: str, kind: str) -> str:
        ok, refused, found = (self.counts[reader, kind, v] for v in ("ok", "refused", "found"))
        if not ok + refused + found:
            return "-"
        return f"{ok} + {refused}" + (f" FOUND {found}" if found else "")


def plan_cases(
    n: int, readers: Sequence[Reader] = READERS, kinds: Sequence[str] = KINDS
) -> list[Case]:
    """Return so many cases, spread evenly over the cells of the table."""
    found = [(r.name, kind) for r, kind in cells(readers) if kind in kinds]
    return [(*found[k % len(found)], k // len(found)) for k in range(n)]


def drive(
    cases: Sequence[Case], readers: Sequence[Reader] = READERS, *, seed: int, workers: int
) -> Iterator[tuple[Case, Outcome]]:
    """Yield the outcome of each case; a process that hangs or dies is ended, and that is found."""
    known = {reader.name: reader for reader in readers}
    for name in {case[0] for case in cases}:
        bases_of(known[name])  # made once, before processes are forked
    waiting = list(reversed(cases))
    pool = [Worker(known, seed) for _ in range(min(workers, len(cases)))]
    try:
        while waiting or any(worker.case for worker in pool):
            for worker in pool:
                if worker.case is None and waiting:
                    worker.give(waiting.pop())
            wait([w.parent for w in pool], timeout=0.1)
            for worker in pool:
                done = worker.ended()
                if done is not None:
                    yield done
    finally:
        for worker in pool:
            worker.end()


class Worker:
    """A process that reads one case after the other, and the watch over it."""

    def __init__(self, readers: Mapping[str, Reader], seed: int) -> None:
        self.readers = readers
        self.seed = seed
        self.case: Case | None = None
        self._start()

    def _start(self) -> None:
        context = mp.get_context("fork")
        self.parent, child = context.Pipe()
        self.process = context.Process(
            target=_serve, args=(child, self.readers, self.seed), daemon=True
        )
        self.process.start()
        child.close()
        self.served, self.began, self.given, self.computed = 0, 0.0, 0.0, 0.0

    def give(self, case: Case) -> None:
        """Have a case read; a process that read many makes place for a new one."""
        if self.served >= CASES_A_PROCESS:
            self.end()
            self._start()
        self.case, self.began, self.given = case, 0.0, time.monotonic()
        self.served += 1
        self.parent.send(case)

    def ended(self) -> tuple[Case, Outcome] | None:
        """Return case and outcome if it has ended, or must be ended."""
        if self.case is None:
            return None
        outcome: Outcome | None = None
        try:
            while outcome is None and self.parent.poll():
                said = self.parent.recv()
                if isinstance(said, Outcome):
                    outcome = said
                else:
                    self.began, self.computed = time.monotonic(), self._seconds()
        except (EOFError, OSError):
            self.process.join(5)
            outcome = Outcome("found", f"the process died: {self.process.exitcode}")
        if outcome is None and self.began:
            wall, computed = time.monotonic() - self.began, self._seconds() - self.computed
            if computed > MOST_SECONDS * 1.5 or wall > MOST_WALL:
                outcome = Outcome("found", f"hang: over {MOST_SECONDS:.0f} s")
        elif outcome is None and time.monotonic() - self.given > MOST_MAKING:
            outcome = Outcome("found", "hang: the case can't be made")
        if outcome is None:
            return None
        case, self.case = self.case, None
        if outcome.what.startswith(("hang", "the process", "memory")):
            self.end()
            self._start()
        return case, outcome

    def _seconds(self) -> float:
        """Return the seconds that the process has computed."""
        try:
            fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def end(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.join()
        self.parent.close()


def _serve(pipe: Connection, readers: Mapping[str, Reader], seed: int) -> None:
    """Read cases as they come, within the limits of memory."""
    resource.setrlimit(resource.RLIMIT_DATA, (MOST_DATA, MOST_DATA))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(EOFError, KeyboardInterrupt):
        while True:
            case: Case = pipe.recv()
            draw = draw_of(seed, case)
            try:
                outcome = run_case(readers[case[0]], case[1], draw, lambda: pipe.send("ready"))
            except MemoryError:
                outcome = Outcome("found", "memory: over the limit")
            pipe.send(outcome)
