"""Rendering one report: a notebook executed, exported, and put in place whole."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.runs.engine import STANDARD, NotebookFailedError, execute_standard
from workbench.runs.files import write_whole
from workbench.runs.hashing import sha256_of_file
from workbench.runs.ledger import Entry
from workbench.runs.plan import Job

Execute = Callable[[Path, dict[str, Any], Path, Path, int], Any]


@dataclass(frozen=True, slots=True)
class Workplace:
    """Where reports are rendered: the same for all reports of a run.

    Parameters
    ----------
    root : Path
        Project folder.
    run : Path
        Run folder with the frozen data.
    run_id : str
    seconds : int
        Longest time for one cell.
    """

    root: Path
    run: Path
    run_id: str
    seconds: int


def render_report(job: Job, place: Workplace, execute: Execute = execute_standard) -> Entry:
    """Render one report and return its line for the ledger; no error leaves this function.

    The files are written in the order notebook, HTML, PDF, each whole. The line is written by the
    caller once it has it, so that a report is done only when all its files are.

    Parameters
    ----------
    job : Job
    place : Workplace
    execute : callable
        Executes a notebook; the standard engine by default.
    """
    start = time.perf_counter()
    folder = place.run / job.folder
    reason = ""
    try:
        notebook = execute(
            place.root / job.notebook, job.parameters, place.root, place.run, place.seconds
        )
        contents = _contents(job, notebook)
        for name, content in contents.items():
            write_whole(folder / f"report.{name}", content)
        _remove(folder, *job.stale, "failed.ipynb")
    except NotebookFailedError as failure:
        reason = failure.reason
        _keep_failed(job, folder, failure.notebook)
    except Exception as failure:  # one report must never stop the others
        last = traceback.extract_tb(failure.__traceback__)[-1]
        reason = f"{type(failure).__name__}: {failure} ({Path(last.filename).name}:{last.lineno})"
    files = {} if reason else {p: sha256_of_file(place.run / p) for p in job.files()} | job.kept
    return Entry(
        job.key,
        job.fingerprint,
        "failed" if reason else "done",
        files,
        place.run_id,
        round(time.perf_counter() - start, 3),
        STANDARD,
        reason,
    )


def _contents(job: Job, notebook: Any) -> dict[str, bytes | str]:
    """Return the report in each format asked for."""
    import nbformat

    from workbench.reports.html import render_html
    from workbench.reports.pdf import render_pdf

    made: dict[str, bytes | str] = {"ipynb": nbformat.writes(notebook) + "\n"}
    if "html" in job.formats:
        made["html"] = render_html(notebook, job.title)
    if "pdf" in job.formats:
        made["pdf"] = render_pdf(notebook, job.title)
    return made


def _remove(folder: Path, *forms: str) -> None:
    """Remove files of a report."""
    for form in forms:
        (folder / f"report.{form}").unlink(missing_ok=True)


def _keep_failed(job: Job, folder: Path, notebook: Any) -> None:
    """Keep the notebook of a failed report, and take away what an earlier run left in its place."""
    import nbformat

    _remove(folder, *job.formats, *job.stale)
    if notebook is not None:
        write_whole(folder / "report.failed.ipynb", nbformat.writes(notebook) + "\n")
