"""Cells tagged ``shared``: run once in a warm process, before its reports are forked."""

from __future__ import annotations

import contextlib
import copy
import hashlib
import io
import json
import os
import random
import sys
import threading
import types
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.language import marked
from workbench.runs.shared_check import is_shared


@dataclass(frozen=True, slots=True)
class Alike:
    """What the reports of one notebook have in common.

    Parameters
    ----------
    parameters : dict
        With the same value in all of them.
    varying : frozenset of str
        Names of the others.
    """

    parameters: dict[str, Any]
    varying: frozenset[str]


def alike(reports: Iterable[Mapping[str, Any]]) -> Alike:
    """Return what the parameters of some reports have in common."""
    first: dict[str, Any] | None = None
    varying: set[str] = set()
    for parameters in reports:
        if first is None:
            first = dict(parameters)
        names = first.keys() | parameters.keys()
        varying |= {n for n in names if first.get(n, ...) != parameters.get(n, ...)}
    kept = {name: value for name, value in (first or {}).items() if name not in varying}
    return Alike(kept, frozenset(varying))


@dataclass(frozen=True, slots=True)
class Shared:
    """Cells that ran before any report of a notebook was forked.

    Parameters
    ----------
    alike : Alike
        Parameters under which they ran.
    content : bytes
        The notebook as it was then.
    run : Path
        The run whose frozen data they read.
    module : module
        The ``__main__`` that they made.
    outputs : dict of int to list
        Outputs of each, by its place among the notebook's own code cells.
    """

    alike: Alike
    content: bytes
    run: Path
    module: types.ModuleType
    outputs: dict[int, list[Any]]

    def fits(self, content: bytes, parameters: Mapping[str, Any], run: Path) -> bool:
        """Say whether a report is one of those for which the cells ran."""
        rest = {n: v for n, v in parameters.items() if n not in self.alike.varying}
        return (content, rest, run) == (self.content, self.alike.parameters, self.run)


_READY: dict[Path, Shared] = {}


def keep(notebook: Path, shared: Shared) -> None:
    """Keep cells that ran for the reports forked from here on."""
    _READY[notebook] = shared


def find(notebook: Path, content: bytes, parameters: Mapping[str, Any], run: Path) -> Shared | None:
    """Return the shared cells of a report, None if they did not run or not for it."""
    shared = _READY.get(notebook)
    return shared if shared is not None and shared.fits(content, parameters, run) else None


def own_code_cells(cells: Iterable[Any]) -> Iterable[tuple[int, int, Any]]:
    """Yield place among all cells, place among the notebook's own code cells, and cell."""
    place = 0
    for index, cell in enumerate(cells):
        if cell.cell_type == "code" and "injected-parameters" not in cell.metadata.get("tags", []):
            yield index, place, cell
            place += 1


def outputs_of(shared: Shared, cells: Iterable[Any]) -> dict[int, list[Any]]:
    """Return a copy of the outputs of shared cells by their place among all cells."""
    return {
        index: copy.deepcopy(shared.outputs[place])
        for index, place, cell in own_code_cells(cells)
        if is_shared(cell)
    }


def run_here(sources: Iterable[str], variables: Mapping[str, str], root: Path) -> types.ModuleType:
    """Run cells in this process, as they run in a report; return the module they make.

    They were rehearsed in a process of their own before.
    """
    from workbench.runs.engine import environment
    from workbench.runs.needs import transform
    from workbench.runs.shell import Compiler

    module = types.ModuleType("__main__")
    main, folder = sys.modules["__main__"], Path.cwd()
    quiet = io.StringIO()
    sys.modules["__main__"] = module
    try:
        os.chdir(root)
        with (
            environment(variables),
            contextlib.redirect_stdout(quiet),
            contextlib.redirect_stderr(quiet),
        ):
            for source in sources:
                name = Compiler().get_code_name(source, source, 0)
                exec(compile(transform(source), name, "exec"), module.__dict__)  # noqa: S102
    finally:
        sys.modules["__main__"] = main
        os.chdir(folder)
    return module


def process_state() -> str:
    """Return what a shared cell must leave alone: all that other notebooks would feel too."""
    import matplotlib as mpl
    import numpy as np
    import pandas as pd

    style = {k: str(v) for k, v in mpl.rcParams.items() if k not in ("backend", "interactive")}
    state = {
        marked("the working directory"): str(Path.cwd()),
        marked("the environment"): sorted(os.environ.items()),
        marked("the path of modules"): sys.path,
        marked("random numbers"): [str(random.getstate()), str(np.random.get_state())],  # noqa: NPY002
        marked("the style of figures"): sorted(style.items()),
        marked("the options of pandas"): pd.describe_option("", _print_desc=False),
        marked("threads"): threading.active_count(),
    }
    digests = {
        name: hashlib.sha256(json.dumps(value).encode()).hexdigest()[:16]
        for name, value in state.items()
    }
    return json.dumps(digests)
