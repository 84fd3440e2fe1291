"""Warming a process before it forks reports: what they would all do is done once."""

from __future__ import annotations

import ast
import contextlib
import gc
import importlib
import importlib.util
import json
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import nbformat
import papermill

from workbench.language import Message
from workbench.runs.child import Orders, cannot_fork
from workbench.runs.engine import KERNEL_ENVIRONMENT, REPORT_ENVIRONMENT, environment, reason_of
from workbench.runs.forked import FORKED, Watch
from workbench.runs.needs import needs_standard, parse_cell
from workbench.runs.parameters import read_notebook
from workbench.runs.seeds import seed_of
from workbench.runs.shared_cells import Alike, Shared, keep, own_code_cells, process_state, run_here
from workbench.runs.shared_check import check_shared, is_shared
from workbench.runs.shell import warm_shell

# What reports use whether they say so or not.
MODULES = (
    "IPython.core.oinspect",
    "matplotlib.pyplot",
    "matplotlib_inline.backend_inline",
    "nbformat.v4",
    "workbench.display.html",
    "workbench.study",
)
_STATE = f"print(__import__({__name__!r}, fromlist=['']).process_state())"


def warm(reports: Mapping[Path, Alike], root: Path, run: Path, seconds: int) -> dict[Path, Message]:
    """Load what the reports of some notebooks load, and run their shared cells.

    Called once in a process that will fork reports, after it started inside
    ``environment(KERNEL_ENVIRONMENT)``. It starts no thread.

    Parameters
    ----------
    reports : mapping of Path to Alike
        Notebooks, and what the parameters of their reports have in common.
    root, run : Path
        Project folder and run folder.
    seconds : int
        Longest time for one cell.

    Returns
    -------
    dict of Path to Message
        Notebooks whose shared cells run in each report after all, and why.

    Raises
    ------
    WorkbenchError
        If a shared cell reads a parameter that differs from report to report.
    """
    if cannot_fork() is not None:
        return {}
    notebooks = read_checked(reports)
    # matplotlib looks at its environment while it is imported.
    with environment(KERNEL_ENVIRONMENT):
        for name in (*MODULES, *(m for n in notebooks.values() for m in _imported(n))):
            with contextlib.suppress(Exception):  # the cell that imports it says what is wrong
                importlib.import_module(name)
        tags = (common.parameters.get("locale") for common in reports.values())
        for tag in {str(tag) for tag in tags if tag is not None}:
            _warm_display(tag)
    warm_shell()
    left = {}
    for path, common in reports.items():
        # Of a notebook with one report nothing is gained.
        if common.varying and any(is_shared(cell) for cell in notebooks[path].cells):
            why = _share(path, notebooks[path], common, root, run, seconds)
            if why is not None:
                left[path] = why
    gc.collect()
    gc.freeze()
    return left


def read_checked(reports: Mapping[Path, Alike]) -> dict[Path, Any]:
    """Return the notebooks of some reports.

    Raises
    ------
    WorkbenchError
        If a shared cell reads a parameter that differs from report to report.
    """
    notebooks = {path: read_notebook(path, path.name) for path in reports}
    for path, common in reports.items():
        check_shared(notebooks[path], path.name, common.varying)
    return notebooks


def _warm_display(tag: str) -> None:
    """Load texts, fonts and templates of a language; one that is not known fails in its report."""
    from workbench.display.warm import warm_up
    from workbench.errors import WorkbenchError

    with contextlib.suppress(WorkbenchError):
        warm_up(tag)


def _imported(notebook: Any) -> Iterator[str]:
    """Yield the installed modules that a notebook imports at the top of its cells.

    What lies in the project may do anything while it is imported, and does it in its reports.
    """
    if needs_standard(notebook) is not None:
        return
    for cell in notebook.cells:
        tree = parse_cell(str(cell.source)) if cell.cell_type == "code" else None
        for node in tree.body if tree is not None else []:
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            yield from filter(_is_installed, names)


def _is_installed(name: str) -> bool:
    """Say whether a module belongs to Python, to what is installed, or to the workbench."""
    first = name.partition(".")[0]
    if first == "workbench" or first in sys.stdlib_module_names:
        return True
    try:
        spec = importlib.util.find_spec(first)
    except ValueError:  # a module that was not imported, such as __main__
        return False
    places = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    return spec is not None and any(str(spec.origin).startswith(place) for place in places)


def _share(
    path: Path, notebook: Any, common: Alike, root: Path, run: Path, seconds: int
) -> Message | None:
    """Run the shared cells of a notebook, in a report of their own first; return why not."""
    if needs_standard(notebook) is not None:
        return Message("the notebook is run by the standard engine")
    try:
        done = _rehearse(notebook, common, _orders(path, common, root, run), seconds)
        states = [json.loads(c.outputs[0].text) for c in done.cells if c.source == _STATE]
        changed = [name for name in states[0] if states[0][name] != states[1][name]]
        if changed:
            what = Message(changed[0])
            return Message("its shared cells change {what} for other notebooks", what=what)
        # What was rehearsed is done in this process too, for the sake of the objects it makes.
        sources = [c.source for c in done.cells if c.source != _STATE]
        module = run_here(sources, _variables(run), root)
    except Exception as cause:  # each report will say so where it belongs
        return Message("its shared cells fail: {detail}", detail=reason_of(cause))
    ran = iter([c.outputs for c in done.cells if is_shared(c)])
    outputs = {
        place: next(ran) for _, place, cell in own_code_cells(notebook.cells) if is_shared(cell)
    }
    keep(path, Shared(common, path.read_bytes(), run, module, outputs))
    return None


def _variables(run: Path) -> dict[str, str]:
    return {**REPORT_ENVIRONMENT, "WORKBENCH_RUN": str(run)}


def _orders(path: Path, common: Alike, root: Path, run: Path) -> Orders:
    return Orders(_variables(run), root, seed_of(path.read_bytes(), common.parameters))


def _rehearse(notebook: Any, common: Alike, orders: Orders, seconds: int) -> Any:
    """Run the shared cells of a notebook in a process of their own, and what tells its state."""
    state = nbformat.v4.new_code_cell(_STATE)
    first = [c for c in notebook.cells if "parameters" in c.metadata.get("tags", [])]
    shared = [c for c in notebook.cells if is_shared(c)]
    trial = nbformat.v4.new_notebook(
        cells=[*first, state, *shared, nbformat.v4.new_code_cell(_STATE)],
        metadata=notebook.metadata,
    )
    watch = Watch(orders, cell_seconds=seconds)
    return papermill.execute_notebook(
        trial,
        None,
        parameters=dict(common.parameters),
        engine_name=FORKED,
        progress_bar=False,
        watch=watch,
    )


__all__ = ["process_state", "warm"]
