"""What tests of the engines share: small notebooks, and a process that forks reports."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import nbformat

from workbench.runs.engine import KERNEL_ENVIRONMENT, NotebookFailedError, environment
from workbench.runs.warming import warm

SECONDS = 60


def notebook(*cells: str | tuple[str, ...], kernel: str = "python3") -> Any:
    """Return a notebook of code cells, each a source or a source with its tags."""
    v4 = nbformat.v4
    made = []
    for cell in cells:
        source, *tags = (cell,) if isinstance(cell, str) else cell
        made.append(v4.new_code_cell(source, metadata={"tags": tags} if tags else {}))
    node = v4.new_notebook(cells=made)
    node.metadata["kernelspec"] = {"name": kernel, "display_name": "-", "language": "python"}
    return node


def _begin() -> None:
    """Warm up, and be no part of a test: kernels that think so let text of subprocesses pass."""
    os.environ.pop("PYTEST_CURRENT_TEST", None)
    warm({}, Path.cwd(), Path.cwd(), SECONDS)


@contextmanager
def worker() -> Iterator[ProcessPoolExecutor]:
    """Return a process started as those are that render reports."""
    with (
        environment(KERNEL_ENVIRONMENT),
        ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_begin) as pool,
    ):
        yield pool


@dataclass
class Bench:
    """Runs notebooks in a folder by an engine in another process."""

    pool: ProcessPoolExecutor
    path: Path

    def write(self, node: Any, name: str = "n.ipynb") -> Path:
        """Write a notebook."""
        nbformat.write(node, self.path / name)
        return self.path / name

    def call(self, function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        """Call a function in the process."""
        return self.pool.submit(function, *args, **options).result(timeout=300)

    def run(
        self, engine: Callable[..., Any], node: Any, parameters: Any = None, **options: Any
    ) -> Any:
        """Return an executed notebook."""
        path = self.write(node)
        seconds = options.pop("seconds", SECONDS)
        return self.call(engine, path, parameters or {}, self.path, self.path, seconds, **options)

    def fail(self, engine: Callable[..., Any], node: Any, **options: Any) -> NotebookFailedError:
        """Return the failure of a notebook that must fail."""
        try:
            self.run(engine, node, **options)
        except NotebookFailedError as failure:
            return failure
        msg = "the notebook did not fail"
        raise AssertionError(msg)


def texts(node: Any) -> list[str]:
    """Return the outputs of the cells as text, one for each cell."""
    found = []
    for cell in node.cells:
        parts = []
        for out in cell.get("outputs", []):
            if out.output_type == "stream":
                parts.append(f"{out.name}: {out.text}")
            elif out.output_type == "error":
                parts.append(f"{out.ename}: {out.evalue}")
            else:
                parts.append(str(out.data.get("text/plain", "")))
        found.append("|".join(parts))
    return found
