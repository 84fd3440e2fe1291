"""Tables as files: scores, and the numbers of comparisons."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pandas as pd

from workbench.errors import Place, Problem, Reason, WorkbenchError
from workbench.language import Message
from workbench.observations.csv_texts import csv_text
from workbench.study.facade import Study


def write_scores(study: Study, path: Path) -> int:
    """Write all scores, tidy, to a csv or parquet file; return the number of rows.

    Raises
    ------
    WorkbenchError
        If the file is of another type or can't be written.
    """
    write_table(study.scores.frame, path)
    return len(study.scores.frame)


def write_table(frame: pd.DataFrame, path: Path) -> None:
    """Write a table to a csv or parquet file.

    Raises
    ------
    WorkbenchError
        If the file is of another type or can't be written.
    """
    suffix = path.suffix.lower()
    if suffix not in (".csv", ".parquet"):
        what = Message("tables are written as .csv or .parquet")
        raise WorkbenchError(
            Problem(Reason.FILE_FORMAT, what, Place(str(path)), got=suffix or path.name)
        )
    try:
        if suffix == ".csv":
            path.write_text(csv_text(frame), encoding="utf-8")
        else:
            out = BytesIO()
            frame.to_parquet(out, index=False)
            path.write_bytes(out.getvalue())
    except OSError as cause:
        what = Message("the file can't be written: {detail}", detail=cause.strerror or str(cause))
        raise WorkbenchError(Problem(Reason.FILE_NOT_WRITABLE, what, Place(str(path)))) from cause
