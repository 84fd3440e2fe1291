"""The simulation of coverage runs, and every interval it knows can be drawn."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest


def test_an_interval_is_simulated_with_its_error(root: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(root / "benchmarks" / "coverage.py"), "--only", "mean change, t",
         "--draws", "40"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in done.stdout.splitlines()]
    found = dict(zip(rows[0], rows[2], strict=True))
    assert found["interval"] == "mean change, t"
    assert found["draws"] == "40"
    assert float(found["error"]) == pytest.approx(np.sqrt(0.95 * 0.05 / 40), abs=1e-4)
    assert found["verdict"] == "as it says"


def test_the_table_of_coverage_names_intervals_that_are_simulated(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(root / "benchmarks"))
    from intervals import load

    known = {name: kind for case in load().values() for name, kind in case.kinds.items()}
    text = (root / "docs" / "coverage.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (.+?) +\| (exact|approximate|conservative|broken) ", text, re.MULTILINE)
    assert len(rows) > 100
    assert {name for name, _ in rows} == set(known)
    assert all(known[name] == kind for name, kind in rows)


@pytest.mark.slow
def test_every_interval_can_be_drawn(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(root / "benchmarks"))
    from intervals import load

    for case in load().values():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            drawn = case.draw(np.random.default_rng(1), max(case.sizes))
        assert len(drawn) == len(case.kinds)
        assert all(np.isfinite(truth) for interval, truth in drawn if interval is not None)


@pytest.mark.slow
def test_no_interval_depends_on_the_hash_seed_or_the_threads(root: Path) -> None:
    program = (
        "import sys, warnings, numpy as np\n"
        "sys.path.insert(0, 'benchmarks'); warnings.simplefilter('ignore')\n"
        "from intervals import load\n"
        "for name, case in load().items():\n"
        "    for interval, _ in case.draw(np.random.default_rng(7), min(case.sizes)):\n"
        "        print(name, interval and (interval.low, interval.high))"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONPATH": str(root), "PYTHONHASHSEED": seed,
                 "OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads},
            cwd=root, capture_output=True, text=True, check=True,
        ).stdout.splitlines()
        for seed, threads in (("1", "1"), ("424242", "2"))
    ]  # fmt: skip
    assert len(said[0]) > 100
    assert said[0] == said[1]
