"""The engines that execute notebooks, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import Place, Problem, Reason, WorkbenchError, did_you_mean
from workbench.language import Message
from workbench.runs.engine import STANDARD, execute_standard
from workbench.runs.forked import FORKED, execute_forked
from workbench.runs.plan import Job
from workbench.runs.render import Execute, Workplace
from workbench.runs.shared_cells import Alike, alike
from workbench.runs.warming import warm

Reports = Mapping[Path, Alike]


def load_exporters(reports: Reports, place: Workplace) -> None:
    """Import what every report needs, so that it is paid for once.

    Nothing is compiled here: the compiler of PDF starts threads, and a process that forks must have
    none.
    """
    import nbformat
    import papermill

    import workbench.reports.html
    import workbench.reports.pdf  # noqa: F401

    _ = (nbformat.v4, papermill.execute_notebook)


def warm_reports(reports: Reports, place: Workplace) -> None:
    """Load what reports load, and run what they share."""
    load_exporters(reports, place)
    warm(reports, place.root, place.run, place.seconds)


@dataclass(frozen=True, slots=True)
class Engine:
    """A way to execute notebooks.

    Parameters
    ----------
    name : str
    execute : callable
        Executes one notebook, in a worker.
    warm : callable
        Prepares a process that renders reports or forks such processes.
    """

    name: str
    execute: Execute
    warm: Callable[[Reports, Workplace], None] = load_exporters


ENGINES: dict[str, Engine] = {
    FORKED: Engine(FORKED, execute_forked, warm_reports),
    STANDARD: Engine(STANDARD, execute_standard),
}


def engine_named(name: str) -> Engine:
    """Return the engine of a name.

    Raises
    ------
    WorkbenchError
        If there is none.
    """
    if name not in ENGINES:
        what, fix = Message("there is no such engine"), did_you_mean(name, ENGINES)
        problem = Problem(Reason.PARAMETER_VALUE, what, Place("--engine"), got=name, fix=fix)
        raise WorkbenchError(problem)
    return ENGINES[name]


def reports_of(jobs: Iterable[Job], place: Workplace) -> dict[Path, Alike]:
    """Return the notebooks of some reports, and what the parameters of each have in common."""
    parameters: dict[Path, list[Mapping[str, object]]] = {}
    for job in jobs:
        parameters.setdefault(place.root / job.notebook, []).append(job.parameters)
    return {path: alike(given) for path, given in parameters.items()}
