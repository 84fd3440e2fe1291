"""Rendering one report: a notebook executed, exported, and put in place whole."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import ReportError, WorkbenchError, shorten
from workbench.reports.compiling import Compile, compiled_folder
from workbench.runs.engine import DEAD, STANDARD, NotebookFailedError, environment, execute_standard
from workbench.runs.files import disk_error, remove_leftovers, write_whole
from workbench.runs.hashing import PACKAGE, sha256_of_file
from workbench.runs.ledger import Entry
from workbench.runs.plan import Job
from workbench.runs.press import PressDiedError
from workbench.runs.processes import memory_limited

Execute = Callable[[Path, dict[str, Any], Path, Path, int], Any]
FAILED = "failed.ipynb"
MOST_REASON = 500


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
    report_seconds : int
        Longest time for one report; 0 for no limit.
    memory : int
        Most bytes for one report; 0 for no limit.
    """

    root: Path
    run: Path
    run_id: str
    seconds: int
    report_seconds: int = 0
    memory: int = 0


def render_report(
    job: Job,
    place: Workplace,
    execute: Execute = execute_standard,
    note: Callable[[str], None] | None = None,
    compiled: Compile = compiled_folder,
) -> Entry:
    """Render one report and return its line for the ledger.

    The files are written in the order notebook, HTML, PDF, each whole. The line is written by the
    caller once it has it, so that a report is done only when all its files are.

    Parameters
    ----------
    job : Job
    place : Workplace
    execute : callable
        Executes a notebook; the standard engine by default.
    note : callable, optional
        Called with each state that the report goes through.
    compiled : callable
        Who compiles the PDF: this process by default.

    Raises
    ------
    WorkbenchError
        If the disk is full or can't be written, which no other report would survive either.
        No other error leaves this function.
    """
    start = time.perf_counter()
    folder = place.run / job.folder
    reason = cell = signal = ""
    notebook = None
    try:
        notebook = _executed(job, place, execute)
        if note is not None:
            note("executed")
        for name, content in _contents(job, notebook, compiled).items():
            write_whole(folder / f"report.{name}", content)
        _remove(folder, *job.stale, FAILED)
    except NotebookFailedError as failure:
        reason = failure.reason
        cell = failure.cell or ""
        signal = failure.signal or ""
        keep_failed(job, place, failure.notebook)
    except PressDiedError as failure:
        reason = f"{DEAD}: the process that made its PDF ended by {failure}"
        signal = failure.signal
        keep_failed(job, place, notebook)
    except Exception as failure:  # one report must never stop the others
        if (full := disk_error(folder, failure)) is not None:
            raise full from failure
        keep_failed(job, place, None)
        last = traceback.extract_tb(failure.__traceback__)[-1]
        text = failure.problems[0].text() if isinstance(failure, WorkbenchError) else str(failure)
        reason = f"{type(failure).__name__}: {text} ({Path(last.filename).name}:{last.lineno})"
    files = {} if reason else {p: sha256_of_file(place.run / p) for p in job.files()} | job.kept
    return Entry(
        job.key,
        job.fingerprint,
        "failed" if reason else "done",
        files,
        place.run_id,
        round(time.perf_counter() - start, 3),
        getattr(execute, "engine", STANDARD),
        shorten(reason, MOST_REASON),
        cell,
        signal,
        worker=os.getpid(),
        parts=job.parts,
    )


def _executed(job: Job, place: Workplace, execute: Execute) -> Any:
    """Return the executed notebook of a report."""
    limit = memory_limited(place.memory) if place.memory else nullcontext()
    with working_folder(place.root) as folder, limit:
        return execute(place.root / job.notebook, job.parameters, folder, place.run, place.seconds)


@contextmanager
def working_folder(root: Path) -> Iterator[Path]:
    """Make a folder in which a notebook works: it shows the project, and is no part of it.

    What a notebook writes or removes there costs only its own report. Its files and folders are
    links, so that relative paths lead where they lead from the project itself.
    """
    with tempfile.TemporaryDirectory(prefix="report-", ignore_cleanup_errors=True) as made:
        folder = Path(made) / root.name if root.name else Path(made)
        folder.mkdir(exist_ok=True)
        for path in root.iterdir():
            # Hidden folders are none of a notebook's business. The package is found by its own
            # path, so that a traceback names the file and not the link.
            if not path.name.startswith(".") and path != PACKAGE:
                (folder / path.name).symlink_to(path)
        inherited = os.environ.get("PYTHONPATH")
        paths = os.pathsep.join([str(PACKAGE.parent), *([inherited] if inherited else [])])
        with environment({"PYTHONPATH": paths}):
            yield folder
        shutil.rmtree(folder, ignore_errors=True)


def _contents(job: Job, notebook: Any, compiled: Compile) -> dict[str, bytes | str]:
    """Return the report in each format asked for."""
    from workbench.reports.html import render_html
    from workbench.reports.pdf import render_pdf

    made: dict[str, bytes | str] = {}
    if "ipynb" in job.formats:
        made["ipynb"] = notebook_text(notebook)
    if "html" in job.formats:
        made["html"] = render_html(notebook, job.title)
    if "pdf" in job.formats:
        made["pdf"] = render_pdf(notebook, job.title, compiled)
    return made


def notebook_text(notebook: Any) -> str:
    """Return the text of a notebook's file, on one line: to indent it takes as long as its page."""
    from nbformat.v4.rwbase import strip_transient

    kept = strip_transient(notebook)
    return json.dumps(kept, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"


def _remove(folder: Path, *forms: str) -> None:
    """Remove files of a report."""
    for form in forms:
        (folder / f"report.{form}").unlink(missing_ok=True)


def keep_failed(job: Job, place: Workplace, notebook: Any) -> None:
    """Keep the notebook of a failed report, and take away what an earlier run left in its place."""
    folder = place.run / job.folder
    try:
        if folder.is_dir():
            _remove(folder, *job.formats, *job.stale, FAILED)
            remove_leftovers(folder, below=False)
        if notebook is not None:
            write_whole(folder / f"report.{FAILED}", notebook_text(notebook))
    except (OSError, ReportError) as cause:
        # Else only this report can't be written, and its reason says so.
        if (full := disk_error(folder, cause)) is not None:
            raise full from cause
