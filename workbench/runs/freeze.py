"""Freezing a study into a run folder: everything that its reports read, before any is rendered."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import pandas as pd

from workbench.observations.csv_texts import csv_text
from workbench.runs.dictionary import dictionary
from workbench.runs.files import write_whole
from workbench.runs.plan import Plan
from workbench.study import Study


def freeze(plan: Plan) -> list[str]:
    """Write calibration, tables with their dictionary, and views; return their paths in the run.

    Parameters
    ----------
    plan : Plan
    """
    study, data = plan.study, plan.run / "data"
    written = []

    def put(name: str, content: bytes | str) -> None:
        write_whole(data / name, content)
        written.append(f"data/{name}")

    put(
        "calibration.json", json.dumps(study.calibration.to_json(), indent=1, sort_keys=True) + "\n"
    )
    frames = frames_of(study)
    put("dictionary.csv", csv_text(dictionary(study, frames)))
    for name, frame in frames.items():
        put(f"{name}.csv", csv_text(frame))
        put(f"{name}.parquet", parquet_bytes(frame))
    for key in plan.views:
        put(f"views/{key}.json", plan.views.text(key) + "\n")
    return written


def frames_of(study: Study) -> dict[str, pd.DataFrame]:
    """Return the tables of a run."""
    warnings = pd.DataFrame(
        [
            (w.kind, w.unit, w.wave, w.node, w.message.text(study.locale.tag))
            for w in study.warnings
        ],
        columns=["kind", "unit", "wave", "node", "text"],
    )
    frames = {
        "scores": with_texts(study.scores.frame),
        "units": study.units.reset_index(),
        "warnings": warnings,
    }
    counts = study.scores.counts_frame()
    if not counts.empty:
        frames["counts"] = counts
    return frames


def with_texts(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose categories are texts, so its file does not depend on their order."""
    return frame.astype(
        {c: "str" for c in frame.columns if isinstance(frame[c].dtype, pd.CategoricalDtype)}
    )


def parquet_bytes(frame: pd.DataFrame) -> bytes:
    """Return a frame as a parquet file."""
    out = BytesIO()
    frame.to_parquet(out, index=False, compression="zstd")
    return out.getvalue()


def data_files(run: Path) -> list[str]:
    """Return the paths of a run's frozen data."""
    return sorted(p.relative_to(run).as_posix() for p in (run / "data").rglob("*") if p.is_file())
