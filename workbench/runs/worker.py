"""A worker: renders one report after another until it is told that there are no more."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterable, Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from workbench.errors import WorkbenchError
from workbench.runs.engine import STANDARD
from workbench.runs.plan import Job
from workbench.runs.press import Press
from workbench.runs.processes import adopt_orphans, die_with, end_below
from workbench.runs.render import Execute, Workplace, render_report
from workbench.runs.shared_cells import Alike, alike


def in_common(jobs: Iterable[Job]) -> dict[str, Alike]:
    """Return what the parameters of some reports have in common, by notebook."""
    given: dict[str, list[dict[str, Any]]] = {}
    for job in jobs:
        given.setdefault(job.notebook, []).append(job.parameters)
    return {path: alike(parameters) for path, parameters in given.items()}


def warm(common: Mapping[str, Alike], place: Workplace, execute: Execute) -> None:
    """Import what every report needs and run what they share, so that it is paid for once.

    Nothing is compiled here: the compiler of PDF starts threads, and a process that forks must have
    none.

    Parameters
    ----------
    common : mapping of str to Alike
        Of :func:`in_common`.
    place : Workplace
    execute : callable

    Raises
    ------
    WorkbenchError
        If a shared cell reads a parameter that differs from report to report.
    """
    import nbformat
    import papermill

    import workbench.reports.html
    import workbench.reports.pdf  # noqa: F401

    _ = (nbformat.v4, papermill.execute_notebook)
    if getattr(execute, "engine", STANDARD) != STANDARD:
        from workbench.runs.warming import warm as warm_notebooks

        reports = {place.root / path: known for path, known in common.items()}
        warm_notebooks(reports, place.root, place.run, place.seconds)


def serve(
    pipe: Connection,
    others: Iterable[Connection],
    place: Workplace,
    execute: Execute,
    temporary: Path,
    parent: int,
    forked: bool,
    common: Mapping[str, Alike],
) -> None:
    """Answer each job that comes through the pipe with its states and its entry.

    Parameters
    ----------
    pipe : Connection
        To the supervisor. A job comes, or None at the end; a state, the number of a press, an
        entry, or an error goes.
    others : iterable of Connection
        Ends of other pipes that a fork copied: closed, so that each has one owner.
    place : Workplace
    execute : callable
    temporary : Path
        Folder for temporary files, removed by the supervisor.
    parent : int
        Process of the supervisor.
    forked : bool
        Whether this process was forked from a warm one; one started afresh warms itself.
    common : mapping of str to Alike
        What the reports of the run have in common, for one that warms itself.
    """
    for other in others:
        other.close()
    _settle(temporary, parent)
    if not forked:
        warm(common, place, execute)
    press = Press(pipe.send)
    while True:
        try:
            job: Any = pipe.recv()
        except EOFError:
            job = None
        if job is None:
            press.end()
            return
        answer: Any
        try:
            answer = render_report(job, place, execute, pipe.send, press.compiled)
        except WorkbenchError as error:
            answer = error
        end_below(keep=press.processes)
        pipe.send(answer)


def _settle(temporary: Path, parent: int) -> None:
    """Make this process one that ends with its supervisor, and holds together what it starts."""
    if hasattr(os, "setsid"):
        os.setsid()
        adopt_orphans()
        die_with(parent)
    # A terminal's Ctrl-C is the supervisor's to answer. Kernels get the system's default back.
    signal.signal(signal.SIGINT, _ignore)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # What libraries and kernels write of what died stands in the ledger: a terminal shows the run.
    null = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(null, stream)
    tempfile.tempdir = str(temporary)
    os.environ["TMPDIR"] = str(temporary)
    # Kernels leave their connection files in this folder when they are ended.
    os.environ["JUPYTER_RUNTIME_DIR"] = str(temporary / "jupyter")


def _ignore(number: int, frame: object) -> None:
    """Do nothing."""
