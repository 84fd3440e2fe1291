"""Executing reports in children of a warm process, as an engine of papermill.

What a kernel pays for every report (its start, imports) is paid once. A report that crashes, loops
or takes all memory costs itself alone.
"""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from time import monotonic
from typing import Any

import nbformat
from ipykernel.ipkernel import IPythonKernel
from nbformat.v4 import new_output
from papermill.engines import Engine, papermill_engines
from papermill.exceptions import PapermillExecutionError
from papermill.execute import raise_for_execution_errors, remove_error_markers
from papermill.iorw import load_notebook_node
from papermill.log import logger
from papermill.parameterize import parameterize_notebook

from workbench.language import Message
from workbench.runs.child import Child, Orders, cannot_fork, start
from workbench.runs.client import ReportClient, StandardEngine
from workbench.runs.engine import (
    DEAD,
    KERNEL_ENVIRONMENT,
    NotebookFailedError,
    cell_id,
    clean,
    execute_standard,
    reason_of,
)
from workbench.runs.needs import needs_standard
from workbench.runs.seeds import seed_of
from workbench.runs.shared_cells import Shared, find, outputs_of
from workbench.runs.shell import Code
from workbench.runs.wire import EndedError, LateError

FORKED = "forked"
FOREVER = 10.0**9
GRACE = 5.0


class NeedsKernelError(Exception):
    """A notebook asked for what only a kernel has."""


@dataclass
class Watch:
    """How a report is watched, and what was seen.

    Parameters
    ----------
    orders : Orders
    shared : Shared or None
        Cells that ran before.
    cell_seconds : float
        Longest time for one cell.
    notebook : NotebookNode
        As far as it came.
    cell : int or None
        The cell that failed.
    signal : str or None
        What ended the process.
    reason : str
        Why it failed.
    """

    orders: Orders = field(default_factory=Orders)
    shared: Shared | None = None
    cell_seconds: float = FOREVER
    notebook: Any = None
    cell: int | None = None
    signal: str | None = None
    reason: str = ""


class ForkedEngine(Engine):  # type: ignore[misc]
    """Executes a notebook in a process forked from this one."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        execution_timeout: int | None = None,
        watch: Watch | None = None,
        **options: Any,
    ) -> None:
        """Execute a notebook, by the standard engine where nobody else sees to that."""
        if watch is not None:
            _Report(nb_man, watch).run()
            return
        found = standard_because(nb_man.nb)
        why = str(found or "")
        if found is None:
            try:
                _Report(nb_man, Watch(cell_seconds=execution_timeout or FOREVER)).run()
            except NeedsKernelError as cause:
                why = str(cause)
                nb_man.notebook_start()
            else:
                return
        logger.warning(f"The standard engine is used: {why}")
        StandardEngine.execute_managed_notebook(
            nb_man, kernel_name, execution_timeout=execution_timeout, **options
        )


class _Report:
    """One report: its cells in a child, its outputs in the notebook of papermill's manager."""

    def __init__(self, nb_man: Any, watch: Watch) -> None:
        self.nb_man = nb_man
        self.watch = watch
        self.client = ReportClient(nb_man)
        self.nb = nb_man.nb
        watch.notebook = self.nb

    def run(self) -> None:
        """Run all cells, or until one fails."""
        shared = self.watch.shared
        ready = outputs_of(shared, self.nb.cells) if shared is not None else {}
        codes = _codes(self.nb.cells, ready)
        child = start(self.watch.orders, list(codes.values()))
        try:
            for index, cell in enumerate(self.nb.cells):
                self.nb_man.cell_start(cell, index)
                try:
                    if index in ready:
                        cell.outputs, cell.execution_count = ready[index], codes[index].count
                        continue
                    failed = index in codes and self._follow(child, index, codes[index])
                    if failed:
                        self.nb_man.cell_exception(cell, cell_index=index)
                finally:
                    self.nb_man.cell_complete(cell, cell_index=index)
                if failed:
                    break
            self.nb.metadata["language_info"] = dict(IPythonKernel.language_info)
        finally:
            signal = child.end(GRACE if self.watch.reason.startswith(DEAD) else 0.0)
        if self.watch.reason:
            self._show_end(signal)

    def _follow(self, child: Child, index: int, code: Code) -> bool:
        """Take the outputs of one cell; return whether it failed."""
        cell = self.nb.cells[index]
        cell.outputs = []
        self.client.clear_before_next_output = False
        deadline = monotonic() + self.watch.cell_seconds
        try:
            while True:
                for message in child.receiver.receive(deadline, child.pidfd):
                    kind = message["kind"]
                    if kind == "end":
                        failed = message["failed"] and not code.may_fail
                        self.watch.cell = index if failed else None
                        return failed
                    self._take(kind, message, cell, index)
        except (EndedError, LateError) as cause:
            self.watch.cell = index
            self.watch.reason = self._why(cause)
            for message in child.receiver.rest():
                self._take("stream", message, cell, index)
            return True

    def _take(self, kind: str, message: Mapping[str, Any], cell: Any, index: int) -> None:
        """Take one message."""
        if kind == "needs":
            raise NeedsKernelError(message["what"])
        if kind == "broken":
            raise RuntimeError(message["error"])
        if kind == "start":
            cell.execution_count = message["content"]["execution_count"]
            return
        header = {"msg_type": kind}
        full = {
            "header": header,
            "msg_type": kind,
            "parent_header": {},
            "content": message["content"],
        }
        self.client.process_message(full, cell, index)

    def _why(self, cause: Exception) -> str:
        """Return why a report ended, but for the signal."""
        if isinstance(cause, EndedError):
            return f"{DEAD}: its process ended"
        return (
            "CellTimeoutError: A cell timed out while it was being executed, "
            f"after {self.watch.cell_seconds:g} seconds."
        )

    def _show_end(self, signal: str | None) -> None:
        """Show in its cell how a report ended."""
        watch = self.watch
        if watch.reason.startswith(DEAD):
            watch.signal = signal
            watch.reason += f" by {signal}" if signal else " by itself"
        name, _, text = watch.reason.partition(": ")
        error = new_output("error", ename=name, evalue=text, traceback=[watch.reason])
        self.nb.cells[watch.cell].outputs.append(error)


def standard_because(notebook: Any) -> Message | None:
    """Return why a notebook would be run by the standard engine, None if it would not."""
    return cannot_fork() or needs_standard(notebook)


def _codes(cells: Sequence[Any], ready: Container[int]) -> dict[int, Code]:
    """Return what is to be run by the index of its cell, counted as a kernel does."""
    codes: dict[int, Code] = {}
    for index, cell in enumerate(cells):
        tags = cell.metadata.get("tags", [])
        if cell.cell_type == "code" and cell.source.strip() and "skip-execution" not in tags:
            may_fail = "raises-exception" in tags
            codes[index] = Code(cell.source, len(codes) + 1, may_fail, index in ready)
    return codes


def execute_forked(
    notebook: Path, parameters: Mapping[str, Any], root: Path, run: Path, seconds: int
) -> Any:
    """Execute a notebook in a child of this process and return it, cleaned.

    The process should have been started inside ``environment(KERNEL_ENVIRONMENT)``, since linear
    algebra and the hash seed look there only at their start. A notebook that needs a kernel, or a
    process that can't fork, has the standard engine. Who renders the report holds it as a whole to
    its limits of time and memory.

    Parameters
    ----------
    notebook : Path
    parameters : mapping
        Checked before.
    root : Path
        Project folder: the working directory of the cells.
    run : Path
        Run folder whose frozen data the notebook reads.
    seconds : int
        Longest time for one cell.

    Raises
    ------
    NotebookFailedError
        If a cell raises, the process dies, or time runs out.
    """
    content = notebook.read_bytes()
    if standard_because(_loaded(content)) is not None:
        return execute_standard(notebook, parameters, root, run, seconds)
    with tempfile.TemporaryDirectory(prefix="workbench-", ignore_cleanup_errors=True) as folder:
        variables = {**KERNEL_ENVIRONMENT, "WORKBENCH_RUN": str(run), "TMPDIR": folder}
        seed = seed_of(content, parameters)
        shared = find(notebook, content, parameters, run)
        orders = Orders(variables, root, seed, shared.module if shared else None)
        watch = Watch(orders, shared, seconds)
        try:
            node = _execute(content, parameters, watch)
        except NeedsKernelError:
            node = None
        except PapermillExecutionError as cause:
            raise _failure(cause, watch) from cause
    if node is None:
        return execute_standard(notebook, parameters, root, run, seconds)
    return clean(node)


def _execute(content: bytes, parameters: Mapping[str, Any], watch: Watch) -> Any:
    """Do what ``papermill.execute_notebook`` does, without its two writes to nowhere.

    For a report of 200 kB these were half of what the parent had to do.
    """
    node = copy.deepcopy(_loaded(content))
    if parameters:
        node = parameterize_notebook(
            node, dict(parameters), kernel_name="python3", language="python"
        )
    node = remove_error_markers(node)
    node = ForkedEngine.execute_notebook(node, "python3", progress_bar=False, watch=watch)
    raise_for_execution_errors(node, None)
    return node


@lru_cache(maxsize=16)
def _loaded(content: bytes) -> Any:
    """Return a notebook as papermill loads it."""
    return load_notebook_node(nbformat.reads(content.decode(), as_version=4))


def _failure(cause: PapermillExecutionError, watch: Watch) -> NotebookFailedError:
    """Return the failure of a report."""
    return NotebookFailedError(
        watch.reason or reason_of(cause),
        clean(watch.notebook),
        cell=cell_id(cause.cell_index),
        signal=watch.signal,
    )


papermill_engines.register(FORKED, ForkedEngine)
