"""Scores as tables for the terminal and for files."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

from workbench.errors import Place, Problem, Reason, WorkbenchError, did_you_mean
from workbench.language import Message
from workbench.study.facade import Study

Heads = list[tuple[str, str]]


def score_rows(
    study: Study, wave: str | None, nodes: list[str] | None
) -> tuple[Heads, list[list[str]]]:
    """Return one row a unit: code, name, and the score and level of each node.

    Raises
    ------
    WorkbenchError
        If a wave or node is unknown.
    """
    scores, locale = study.scores, study.locale
    waves = [w.id for w in study.spec.waves]
    if wave is not None and wave not in waves:
        what = Message("the study has no such wave")
        problem = Problem(
            Reason.WAVE_UNKNOWN, what, Place("--wave"), got=wave, fix=did_you_mean(wave, waves)
        )
        raise WorkbenchError(problem)
    codes = [
        study.instrument.node(n).code
        for n in nodes or study.instrument.headline or study.instrument.groups
    ]
    observed = set(scores.cases.get_level_values("wave"))
    last = [w for w in waves if w in observed and w not in study.undated] or [
        w for w in waves if w in observed
    ]
    chosen = wave or last[-1]
    heads = [("unit", "left"), ("name", "left")]
    for code in codes:
        heads += [(study.instrument.title(code, locale.tag), "right"), ("status", "left")]
    rows = []
    frame = scores.frame
    frame = frame.loc[(frame["wave"] == chosen) & frame["node"].isin(codes)]
    by_key: dict[tuple[Any, Any], Any] = {(r.unit, r.node): r for r in frame.itertuples()}
    for unit in [u for u, w in scores.cases if w == chosen]:
        row = [unit, str(study.units["name"][unit])]
        for code in codes:
            cell = by_key[unit, code]
            decimals = study.instrument.decimals(code)
            level = f" {cell.level}" if isinstance(cell.level, str) else ""
            row += [locale.number(cell.score, decimals) + level, str(cell.status)]
        rows.append(row)
    return heads, rows


def write_scores(study: Study, path: Path) -> int:
    """Write all scores, tidy, to a csv or parquet file; return the number of rows.

    Raises
    ------
    WorkbenchError
        If the file is of another type or can't be written.
    """
    frame = study.scores.frame
    suffix = path.suffix.lower()
    if suffix not in (".csv", ".parquet"):
        what = Message("scores are written as .csv or .parquet")
        raise WorkbenchError(
            Problem(Reason.FILE_FORMAT, what, Place(str(path)), got=suffix or path.name)
        )
    try:
        if suffix == ".csv":
            path.write_text(frame.to_csv(index=False, lineterminator="\n"), encoding="utf-8")
        else:
            out = BytesIO()
            frame.to_parquet(out, index=False)
            path.write_bytes(out.getvalue())
    except OSError as cause:
        what = Message("the file can't be written: {detail}", detail=cause.strerror or str(cause))
        raise WorkbenchError(Problem(Reason.FILE_NOT_WRITABLE, what, Place(str(path)))) from cause
    return len(frame)
