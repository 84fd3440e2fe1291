"""The engines that execute notebooks, by name."""

from __future__ import annotations

from workbench.errors import Place, Problem, Reason, WorkbenchError, did_you_mean
from workbench.language import Message
from workbench.runs.engine import STANDARD, execute_standard
from workbench.runs.render import Execute

ENGINES: dict[str, Execute] = {STANDARD: execute_standard}


def engine_named(name: str) -> Execute:
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
