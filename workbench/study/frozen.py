"""Views as a run has frozen them, read back."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from workbench.errors import DataError, Place, Problem, Reason
from workbench.language import Message
from workbench.specs.yaml import read_text

MAX_BYTES = 200_000_000
View = TypeVar("View", bound=BaseModel)


def read_view(path: Path, model: type[View]) -> View:
    """Return a view from its file.

    Parameters
    ----------
    path : Path
    model : type
        Of the view.

    Raises
    ------
    DataError
        If the file is damaged, or of another version of the workbench.
    """
    text = read_text(path, str(path), MAX_BYTES)
    try:
        return model.model_validate_json(text)
    except ValueError as cause:
        what = Message("what the run recorded of the report can't be read")
        fix = Message("Run the study again; if that does not help, with --force.")
        raise DataError(Problem(Reason.FILE_FORMAT, what, Place(str(path)), fix=fix)) from cause
