"""The engines that execute notebooks, by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import Place, Problem, Reason, WorkbenchError, did_you_mean
from workbench.language import Message
from workbench.runs.child import cannot_fork
from workbench.runs.engine import STANDARD, execute_standard
from workbench.runs.forked import FORKED, execute_forked


@dataclass(frozen=True, slots=True)
class NamedEngine:
    """An engine that says what it is called, for the ledger.

    Parameters
    ----------
    engine : str
    function : callable
        Executes a notebook.
    """

    engine: str
    function: Callable[..., Any]

    def __call__(
        self, notebook: Path, parameters: dict[str, Any], root: Path, run: Path, seconds: int
    ) -> Any:
        """Execute a notebook and return it."""
        return self.function(notebook, parameters, root, run, seconds)


ENGINES = {
    FORKED: NamedEngine(FORKED, execute_forked),
    STANDARD: NamedEngine(STANDARD, execute_standard),
}


def default_engine() -> NamedEngine:
    """Return the engine that forks, where that can be done, else the standard one."""
    return ENGINES[STANDARD if cannot_fork() else FORKED]


def engine_named(name: str) -> NamedEngine:
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
