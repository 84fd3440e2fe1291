"""Warming a process before it forks reports: what they would all do is done once."""

from __future__ import annotations

import ast
import contextlib
import gc
import importlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import nbformat
import papermill

from workbench.language import Message
from workbench.runs.child import Orders, cannot_fork
from workbench.runs.engine import KERNEL_ENVIRONMENT
from workbench.runs.forked import FORKED, WHOLE, Watch
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
    # figures of pyplot belong to the report that draws them
    os.environ.update(KERNEL_ENVIRONMENT)
    left = {}
    notebooks = {path: read_notebook(path, path.name) for path in reports}
    for module in (*MODULES, *(m for n in notebooks.values() for m in _imported(n))):
        with contextlib.suppress(Exception):  # the cell that imports it says what is wrong
            importlib.import_module(module)
    warm_shell()
    for locale in {
        str(a.parameters["locale"]) for a in reports.values() if "locale" in a.parameters
    }:
        _warm_display(locale)
    for path, common in reports.items():
        check_shared(notebooks[path], path.name, common.varying)
        if any(is_shared(cell) for cell in notebooks[path].cells):
            why = _share(path, notebooks[path], common, root, run, seconds)
            if why is not None:
                left[path] = why
    gc.collect()
    gc.freeze()
    return left


def _warm_display(tag: str) -> None:
    """Load texts, fonts and templates of a language; one that is not known fails in its report."""
    from workbench.display.warm import warm_up
    from workbench.errors import WorkbenchError

    with contextlib.suppress(WorkbenchError):
        warm_up(tag)


def _imported(notebook: Any) -> Iterator[str]:
    """Yield the modules that a notebook imports at the top of its cells."""
    if needs_standard(notebook) is not None:
        return
    for cell in notebook.cells:
        tree = parse_cell(str(cell.source)) if cell.cell_type == "code" else None
        for node in tree.body if tree is not None else []:
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield node.module
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _share(
    path: Path, notebook: Any, common: Alike, root: Path, run: Path, seconds: int
) -> Message | None:
    """Run the shared cells of a notebook, in a report of their own first; return why not."""
    if needs_standard(notebook) is not None:
        return Message("the notebook is run by the standard engine")
    content = path.read_bytes()
    variables = {**KERNEL_ENVIRONMENT, "WORKBENCH_RUN": str(run)}
    first = [c for c in notebook.cells if "parameters" in c.metadata.get("tags", [])]
    shared = [c for c in notebook.cells if is_shared(c)]
    state = nbformat.v4.new_code_cell(_STATE)
    trial = nbformat.v4.new_notebook(
        cells=[*first, state, *shared, nbformat.v4.new_code_cell(_STATE)],
        metadata=notebook.metadata,
    )
    orders = Orders(variables, root, seed_of(content, common.parameters))
    watch = Watch(orders, cell_seconds=seconds, seconds=seconds * WHOLE)
    try:
        done = papermill.execute_notebook(
            trial,
            None,
            parameters=dict(common.parameters),
            engine_name=FORKED,
            progress_bar=False,
            watch=watch,
        )
    except Exception as cause:  # each report will say so where it belongs
        return Message(
            "its shared cells fail: {detail}", detail=watch.reason or type(cause).__name__
        )
    states = [json.loads(c.outputs[0].text) for c in done.cells if c.source == _STATE]
    changed = [name for name in states[0] if states[0][name] != states[1][name]]
    if changed:
        return Message("its shared cells change the {what} of the process", what=changed[0])
    injected = [c.source for c in done.cells if "injected-parameters" in c.metadata.get("tags", [])]
    sources = [c.source for c in first] + injected + [c.source for c in shared]
    module = run_here(sources, variables, root)
    ran = iter([c.outputs for c in done.cells if is_shared(c)])
    outputs = {
        place: next(ran) for _, place, cell in own_code_cells(notebook.cells) if is_shared(cell)
    }
    keep(path, Shared(common, content, run, module, outputs))
    return None


__all__ = ["process_state", "warm"]
