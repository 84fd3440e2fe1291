"""The municipal workbench: score municipal diagnostics, compare them, print reports to trust.

Only what a notebook needs stands here, and it is loaded when first asked for, so that
``import workbench`` costs nothing.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.audit.index import Index, Structure
    from workbench.errors import WorkbenchError
    from workbench.instruments import Instrument, compare_versions, load_instrument
    from workbench.observations import Observations
    from workbench.scoring import Calibration, Scores, calibrate, explain, score
    from workbench.study import Study
    from workbench.study.compare import compare

_HOMES = {
    "Calibration": "workbench.scoring",
    "Index": "workbench.audit.index",
    "Instrument": "workbench.instruments",
    "Observations": "workbench.observations",
    "Scores": "workbench.scoring",
    "Structure": "workbench.audit.index",
    "Study": "workbench.study",
    "WorkbenchError": "workbench.errors",
    "calibrate": "workbench.scoring",
    "compare": "workbench.study.compare",
    "compare_versions": "workbench.instruments",
    "explain": "workbench.scoring",
    "load_instrument": "workbench.instruments",
    "score": "workbench.scoring",
}

__all__ = [
    "Calibration",
    "Index",
    "Instrument",
    "Observations",
    "Scores",
    "Structure",
    "Study",
    "WorkbenchError",
    "calibrate",
    "compare",
    "compare_versions",
    "explain",
    "load_instrument",
    "score",
]


def __getattr__(name: str) -> Any:
    """Return a public name, loading the room it lives in."""
    if name not in _HOMES:
        msg = f"module 'workbench' has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(_HOMES[name]), name)


def _show_in_notebooks() -> None:
    """Let objects show themselves where IPython runs; elsewhere nothing is loaded."""
    if "IPython" not in sys.modules:
        return
    shell = sys.modules["IPython"].get_ipython()
    if getattr(shell, "display_formatter", None) is not None:
        from workbench.display.lab import register

        register(shell)


_show_in_notebooks()


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(_HOMES)
