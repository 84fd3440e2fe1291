"""Parameters that papermill put into a notebook, checked when the notebook opens its study.

Papermill warns of a name that the notebook does not have and goes on with the default, which would
be the report of another municipality. ``workbench run`` refuses such a name before it starts; this
refuses it where papermill is called alone.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Sequence
from itertools import pairwise

from workbench.errors import Place, Problem, Reason, WorkbenchError, did_you_mean
from workbench.language import Message

# How the cell begins that papermill writes below the cell of parameters.
_INJECTED = "# Parameters\n"
# What a cell of parameters says, and a cell that a user heads in the same way does not.
_STUDY = re.compile(r"""^study(: str)? = ["']""", re.MULTILINE)


def assigned_names(source: str) -> list[str]:
    """Return the names that a piece of Python sets at its top, none if it is not plain Python."""
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return []
    names = []
    for node in body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        names += [t.id for t in targets if isinstance(t, ast.Name)]
    return names


def check_injected(cells: Sequence[str]) -> None:
    """Refuse names that papermill set and that the cell above, with the parameters, does not know.

    Parameters
    ----------
    cells : sequence of str
        Sources of the cells that were run, in order.

    Raises
    ------
    WorkbenchError
        With the nearest name for each.
    """
    for above, source in pairwise(cells):
        known = assigned_names(above)
        if source.startswith(_INJECTED) and _STUDY.search(above):
            unknown = [name for name in assigned_names(source) if name not in known]
            if unknown:
                raise WorkbenchError([_unknown(name, known) for name in unknown])


def _unknown(name: str, known: list[str]) -> Problem:
    """Return the problem of a parameter that the notebook does not have."""
    what = Message("the notebook has no parameter {name}", name=name)
    fix = did_you_mean(name, known)
    return Problem(Reason.PARAMETER_UNKNOWN, what, Place("papermill"), fix=fix)


def cells_run() -> list[str]:
    """Return the sources of the cells run in this kernel; none outside a notebook."""
    kernel = sys.modules.get("IPython")
    shell = kernel.get_ipython() if kernel is not None else None
    return [] if shell is None else [str(source) for source in shell.user_ns.get("In", [])]
