"""A study of a nation: from a tidy parquet file to a tidy frame of scores, step by step.

    python benchmarks/reading.py [UNITS] [WAVES]        default 2469 3

The file holds one row for every municipality, wave and indicator of the GDM: 851,805 rows by
default. Prints the seconds of reading (parquet to checked observations), pivoting, scoring, and
building the frame, each by the wall clock. The seed is fixed.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from made_up import tidy

from workbench.instruments import load_instrument
from workbench.observations import load_observations
from workbench.scoring import calibrate, score
from workbench.scoring.matrix import build_matrix
from workbench.specs.study import StudySpec

SEED = 20260101
units, waves = (int(a) for a in (sys.argv[1:] + ["2469", "3"][len(sys.argv) - 1 :]))
gdm = load_instrument(Path(__file__).parents[1] / "data/instruments/gdm-2025-2027.yml")
rng = np.random.default_rng(SEED)
columns, n = [], units * waves
for code in gdm.indicators:
    spec = gdm.nodes[code].spec
    if spec.kind == "checklist":
        columns.append(rng.integers(0, len(spec.elements) + 1, n).astype(float))
    else:
        columns.append(rng.integers(1, 5, n).astype(float))
made = tidy(gdm, units, waves, list(gdm.indicators), np.column_stack(columns))
STUDY = {
    "id": "nation",
    "title": {"en": "A nation"},
    "author": "benchmarks",
    "date": "2026-01-01",
    "instrument": gdm.id,
    "waves": [{"id": w} for w in made.waves],
    "units": {"file": "units.csv", "unit": "unit", "name": "name"},
    "observations": [
        {
            "file": "nation.parquet",
            "wave": {"column": "wave"},
            "code": {"column": "code"},
            "value": {"column": "value"},
        }
    ],
}

with tempfile.TemporaryDirectory() as folder:
    root = Path(folder)
    table = made.frame[["unit", "wave", "code", "value"]].astype(
        {"unit": str, "wave": str, "code": str}
    )
    table.to_parquet(root / "nation.parquet")
    pd.DataFrame({"unit": made.units.index, "name": made.units["name"]}).to_csv(
        root / "units.csv", index=False
    )
    study = StudySpec.model_validate_json(json.dumps(STUDY))
    start = time.perf_counter()
    observations = load_observations(root, study, gdm)
    reading = time.perf_counter() - start
start = time.perf_counter()
build_matrix(observations)
pivoting = time.perf_counter() - start
start = time.perf_counter()
scores = score(gdm, observations, calibrate(gdm, observations))
scoring = time.perf_counter() - start
start = time.perf_counter()
frame = scores.frame
building = time.perf_counter() - start
print(f"{len(table):,} rows of {units:,} units, {len(gdm.indicators)} indicators, {waves} waves")
print(f"reading and checking {reading:.2f} s")
print(f"pivoting {pivoting:.2f} s")
print(f"scoring (pivoting and calibration included) {scoring:.2f} s")
print(f"building {len(frame):,} rows of scores {building:.2f} s")
