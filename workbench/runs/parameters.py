"""Parameters of a notebook, checked before it runs: papermill only warns of an unknown name."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workbench.errors import Place, Problem, Reason, WorkbenchError, did_you_mean
from workbench.language import Message
from workbench.specs.yaml import is_file
from workbench.study.injected import assigned_names

MAX_BYTES = 100_000_000


def read_notebook(path: Path, name: str) -> Any:
    """Return a notebook.

    Raises
    ------
    WorkbenchError
        If the file is no notebook.
    """
    import nbformat

    check_notebook_size(path, name)
    invalid: dict[str, Exception] = {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of cells without an id, which do no harm
            notebook = nbformat.read(path, as_version=4, capture_validation_error=invalid)
        for cause in invalid.values():
            raise cause
    except Exception as cause:  # what is no notebook fails in many ways
        what = Message(
            "this is no notebook: {detail}",
            detail=str(cause).splitlines()[0][:80] if str(cause) else "",
        )
        raise WorkbenchError(Problem(Reason.FILE_FORMAT, what, Place(name))) from cause
    return notebook


def check_notebook_size(path: Path, name: str) -> None:
    """Refuse a notebook that is too large to be read, or hashed.

    Raises
    ------
    WorkbenchError
    """
    if is_file(path) and path.stat().st_size > MAX_BYTES:
        what = Message("the file is too large")
        raise WorkbenchError(Problem(Reason.FILE_TOO_LARGE, what, Place(name)))


def notebook_parameters(notebook: Any) -> list[str]:
    """Return the names that a notebook's ``parameters`` cell sets."""
    for cell in notebook.cells:
        if cell.cell_type == "code" and "parameters" in cell.metadata.get("tags", []):
            return assigned_names(cell.source)
    return []


def check_parameters(notebook: Any, name: str, parameters: Mapping[str, Any]) -> None:
    """Refuse parameters that a notebook does not have.

    Raises
    ------
    WorkbenchError
        With the nearest name for each.
    """
    known = notebook_parameters(notebook)
    problems = [
        Problem(
            Reason.PARAMETER_UNKNOWN,
            Message("the notebook has no parameter {name}", name=wanted),
            Place(name),
            fix=did_you_mean(wanted, known),
        )
        for wanted in parameters
        if wanted not in known
    ]
    if problems:
        raise WorkbenchError(problems)
