"""Records of a JSON file: a list of objects, or the features of a map."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from workbench.errors import DataError, Place, Problem, Reason
from workbench.language import Message
from workbench.observations.limits import check_size

MAX_BYTES = 100_000_000


def read_records(path: Path, place: Place) -> pd.DataFrame:
    """Return the records of a JSON file, one row each; a key that one lacks is empty there.

    Parameters
    ----------
    path : Path
        A list of objects, or a GeoJSON collection, whose properties are then read.
    place : Place
        Named in errors.

    Raises
    ------
    DataError
        If the file is no JSON, or neither of the two.
    """
    if path.stat().st_size > MAX_BYTES:
        what = Message("the file is too large")
        expected = Message("at most {n} bytes", n=MAX_BYTES)
        raise DataError(Problem(Reason.FILE_TOO_LARGE, what, place, expected=expected))
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as cause:
        what = Message("this is no JSON file: {detail}", detail=str(cause)[:120])
        raise DataError(Problem(Reason.FILE_FORMAT, what, place)) from cause
    records = _records(content)
    if records is None:
        what = Message("the file holds no list of records")
        expected = Message("a list of objects, one a row, or a GeoJSON collection")
        raise DataError(Problem(Reason.FILE_FORMAT, what, place, expected=expected))
    names = dict.fromkeys(name for record in records for name in record)
    check_size(len(records), len(names), place)
    return pd.DataFrame.from_records(records)


def _records(content: Any) -> list[dict[str, Any]] | None:
    """Return the objects of a list or collection; None for anything else."""
    if isinstance(content, dict) and isinstance(content.get("features"), list):
        content = [f.get("properties") for f in content["features"] if isinstance(f, dict)]
    if not isinstance(content, list) or not all(isinstance(x, dict) for x in content):
        return None
    return [{key: _number(value) for key, value in record.items()} for record in content]


def _number(value: Any) -> Any:
    """Return whole numbers as the floats that all tables hold, and everything else as it is."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    try:
        return float(value) if whole else value
    except OverflowError:  # a number of hundreds of digits is none, and is reported as it stands
        return str(value)
