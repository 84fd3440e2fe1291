"""Scores as a table for files."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from workbench.errors import Place, Problem, Reason, WorkbenchError
from workbench.language import Message
from workbench.study.facade import Study


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
