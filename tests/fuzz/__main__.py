"""Run cases and print the table: ``python -m tests.fuzz --cases 20000``."""

from __future__ import annotations

import argparse
import contextlib
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.fuzz.bases import SAID
from tests.fuzz.case import Outcome, judge, make_faulty
from tests.fuzz.drive import Case, Tally, draw_of, drive, plan_cases
from tests.fuzz.faults import KINDS
from tests.fuzz.faults.plain import Unusual
from tests.fuzz.readers import READERS


def main() -> int:
    """Run what was asked for, and return 1 if anything was found."""
    ask = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    ask.add_argument("--cases", type=int, default=20_000)
    ask.add_argument("--workers", type=int, default=2)
    ask.add_argument("--seed", type=int, default=0)
    ask.add_argument("--reader", action="append", choices=[r.name for r in READERS])
    ask.add_argument("--kind", action="append", choices=KINDS)
    ask.add_argument(
        "--case", metavar="READER/KIND/N", help="one case, whole: its input stays in ./fuzz-case"
    )
    given = ask.parse_args()
    if given.case:
        return one(given.case, given.seed)
    start = time.monotonic()
    readers = [r for r in READERS if not given.reader or r.name in given.reader]
    cases = plan_cases(given.cases, readers, given.kind or KINDS)
    tally = Tally()
    with contextlib.suppress(KeyboardInterrupt):  # what was counted is shown
        _count(tally, drive(cases, readers, seed=given.seed, workers=given.workers), len(cases))
    seconds = time.monotonic() - start
    print("\nread + refused, and FOUND: neither, by reader and kind of fault\n")
    print(tally.table())
    total = Counter(v for (_, _, v), n in tally.counts.items() for _ in range(n))
    print(
        f"\n{sum(total.values())} cases in {seconds:.0f} s: {total['ok']} read, "
        f"{total['refused']} refused, {total['found']} found."
    )
    alike = Counter(outcome.what for _, outcome in tally.found)
    for what, n in alike.most_common():
        print(f"{n} times: {what}")
    return 1 if tally.found else 0


def _count(tally: Tally, outcomes: Iterator[tuple[Case, Outcome]], n_cases: int) -> None:
    """Count outcomes, and print what is found for the first time, and how far it is."""
    start = time.monotonic()
    for n, (case, outcome) in enumerate(outcomes, start=1):
        if outcome.verdict == "found" and outcome.what not in {o.what for _, o in tally.found}:
            name = "/".join(map(str, case))
            print(f"\n{outcome.what}\n  --case '{name}'  ({outcome.how})", flush=True)
        tally.take(case, outcome)
        if n % 500 == 0:
            print(f"{n} of {n_cases} after {time.monotonic() - start:.0f} s", flush=True)


def one(name: str, seed: int) -> int:
    """Read one case, print what came, and keep its input."""
    reader_name, kind, number = name.split("/")
    reader = next(r for r in READERS if r.name == reader_name)
    faulty = make_faulty(reader, kind, draw_of(seed, (reader_name, kind, int(number))))
    folder = Path("fuzz-case").resolve()
    shutil.rmtree(folder, ignore_errors=True)
    outcome = judge(reader, faulty, folder)
    print(
        f"{outcome.verdict}: {outcome.what}\n{faulty.how}\nworkbench {' '.join(faulty.base.words)}"
    )
    shown = (
        faulty.content
        if faulty.base.target == SAID or faulty.content.startswith(Unusual.MARK)
        else faulty.base.target
    )
    print(f"faulty: {shown!r} in {folder / 'project'}\n{outcome.detail}")
    return int(outcome.verdict == "found")


if __name__ == "__main__":
    sys.exit(main())
