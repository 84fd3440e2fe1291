"""Executing one notebook by papermill's standard engine, putting away what differs by chance."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from workbench.runs.seeds import seed_of

STANDARD = "standard"
DEAD = "DeadKernelError"  # what the reason of a report begins with whose process died
ERROR_TAG = "papermill-error-cell-tag"
START_SECONDS = 120
_ADDRESS = re.compile(r" at 0x[0-9a-f]{6,16}(?=>|&gt;)", re.IGNORECASE)
_CELL_FILE = re.compile(r"/[^\s\"'<>]{0,200}/ipykernel_\d+/\d+\.py")
# What a kernel inherits. One thread for linear algebra: the workers already use every core, and
# sums come out the same. A fixed hash seed: the order of sets must not reach a report.
KERNEL_ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    # Figures of pyplot are shown in their cell, whatever the terminal's own setting is.
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
}
# And what a report does: tracebacks are as wide as a terminal, and none is asked how wide it is.
REPORT_ENVIRONMENT = {**KERNEL_ENVIRONMENT, "COLUMNS": "80"}


class NotebookFailedError(Exception):
    """A notebook did not run to its end; holds it as far as it came.

    Parameters
    ----------
    reason : str
        Name and text of the error.
    notebook : NotebookNode or None
        With the error in its cell.
    cell : str, optional
        Id of the cell that failed, in that notebook.
    signal : str, optional
        Name of the signal that ended the process, such as ``SIGSEGV``.
    """

    def __init__(
        self, reason: str, notebook: Any, *, cell: str | None = None, signal: str | None = None
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.notebook = notebook
        self.cell = cell
        self.signal = signal

    def __reduce__(self) -> tuple[object, ...]:
        """Survive the way between processes."""
        return _rebuild, (self.reason, self.notebook, self.cell, self.signal)


def _rebuild(
    reason: str, notebook: Any, cell: str | None, signal: str | None
) -> NotebookFailedError:
    """Return a failure as it was."""
    return NotebookFailedError(reason, notebook, cell=cell, signal=signal)


@contextmanager
def environment(values: Mapping[str, str]) -> Iterator[None]:
    """Set variables of the environment for a while."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def execute_standard(
    notebook: Path, parameters: Mapping[str, Any], root: Path, run: Path, seconds: int
) -> Any:
    """Execute a notebook in a fresh kernel and return it, cleaned.

    Parameters
    ----------
    notebook : Path
    parameters : mapping
        Checked before.
    root : Path
        Project folder: the kernel's working directory.
    run : Path
        Run folder whose frozen data the notebook reads.
    seconds : int
        Longest time for one cell.

    Raises
    ------
    NotebookFailedError
        If a cell raises, the kernel dies, or time runs out.
    """
    import nbformat
    import papermill
    from papermill.engines import papermill_engines
    from papermill.exceptions import PapermillExecutionError
    from traitlets.config import Config

    from workbench.runs.client import StandardEngine

    papermill_engines.register(STANDARD, StandardEngine)
    seed = seed_of(notebook.read_bytes(), parameters)
    with tempfile.TemporaryDirectory(prefix="workbench-", ignore_cleanup_errors=True) as folder:
        variables = {**REPORT_ENVIRONMENT, "WORKBENCH_RUN": str(run), "TMPDIR": folder}
        output = Path(folder) / "executed.ipynb"
        held: list[Any] = []
        # Unix sockets are faster than TCP, and a kernel does not warn of them on every start. Left
        # to itself each kernel names them alike in the working directory, where two would meet.
        sockets = {"transport": "ipc", "ip": str(Path(folder) / "kernel")}
        config = Config({"KernelManager": sockets} if os.name == "posix" else {})
        try:
            with environment(variables):
                papermill.execute_notebook(
                    str(notebook),
                    str(output),
                    parameters=dict(parameters),
                    engine_name=STANDARD,
                    kernel_name="python3",
                    language="python",
                    progress_bar=False,
                    log_output=False,
                    cwd=str(root),
                    start_timeout=START_SECONDS,
                    execution_timeout=seconds,
                    # What a cell shows may come after its end: later than 4 s on a busy machine.
                    iopub_timeout=START_SECONDS,
                    request_save_on_cell_execute=False,
                    config=config,
                    held=held,
                    extra_arguments=[
                        "--IPKernelApp.log_level=CRITICAL",
                        f"--IPKernelApp.exec_lines=__import__('workbench.runs.seeds', "
                        f"fromlist=['']).seed_first_cell(get_ipython(), {seed})",
                    ],
                )
        except Exception as cause:
            # papermill names the failed cell; a dead kernel or a timeout comes as itself.
            reason = reason_of(cause)
            if not held:
                raise NotebookFailedError(reason, None) from cause
            node = held[0]
            cell = (
                cell_id(cause.cell_index)
                if isinstance(cause, PapermillExecutionError)
                else _note_failure(node, reason)
            )
            raise NotebookFailedError(reason, clean(node), cell=cell) from cause
        return clean(nbformat.read(output, as_version=4))


def reason_of(cause: Exception) -> str:
    """Return the telling line of an error."""
    name = getattr(cause, "ename", type(cause).__name__)
    value = str(getattr(cause, "evalue", cause)).strip().splitlines()
    return f"{name}: {value[0]}" if value else str(name)


def _note_failure(notebook: Any, reason: str) -> str | None:
    """Make sure that a failed notebook shows why, in the cell where it ended; return its id.

    A kernel that died leaves no word, and papermill marks its cell and all after it as completed.
    Only the times tell which one was the last that began.
    """
    import nbformat

    own = [c for c in notebook.cells if ERROR_TAG not in c.metadata.get("tags", [])]
    begun = [i for i, c in enumerate(own) if c.metadata.get("papermill", {}).get("start_time")]
    if not begun:
        return None
    outputs = own[begun[-1]].setdefault("outputs", [])
    if not any(o.output_type == "error" for o in outputs):
        name, _, text = reason.partition(": ")
        error = nbformat.v4.new_output("error", ename=name, evalue=text, traceback=[reason])
        outputs.append(error)
    return cell_id(begun[-1])


def cell_id(index: int) -> str:
    """Return the id that a cell has in a cleaned notebook."""
    return f"cell-{index:03d}"


def clean(notebook: Any) -> Any:
    """Return an executed notebook without what differs between runs: times, paths, random ids."""
    keep = {
        k: notebook.metadata[k] for k in ("kernelspec", "language_info") if k in notebook.metadata
    }
    passed = notebook.metadata.get("papermill", {}).get("parameters", {})
    notebook.metadata.clear()
    notebook.metadata.update(keep)
    notebook.metadata["workbench"] = {"parameters": dict(passed)}
    index = 0
    kept = []
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        if ERROR_TAG in tags:  # a banner of papermill's with a link to its own cell
            continue
        cell.metadata.clear()
        if tags:
            cell.metadata["tags"] = sorted(tags)
        cell["id"] = cell_id(index)
        for output in cell.get("outputs", []):
            _mask(output)
        index += 1
        kept.append(cell)
    notebook["cells"] = kept
    return notebook


def _mask(output: Any) -> None:
    """Take out of an output where things lay in memory and what a kernel called its files."""
    if output.output_type == "stream":
        output.text = _masked(output.text)
    elif output.output_type == "error":
        output.evalue = _masked(output.evalue)
        output.traceback = [_masked(line) for line in output.traceback]
    else:
        for form in ("text/plain", "text/html"):
            if form in output.data:
                output.data[form] = _masked(output.data[form])


def _masked(text: str) -> str:
    text = _ADDRESS.sub(" at 0x0", text)
    return _CELL_FILE.sub("cell.py", text) if "/ipykernel_" in text else text
