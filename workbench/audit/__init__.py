"""How an index is built, what it is made of, and how solid it is."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.audit.index import Index, Node, Structure
    from workbench.audit.robustness import rank_robustness
    from workbench.audit.sobol import sobol_indices

# Loaded when first asked for: SALib alone takes a second and a half.
_HOMES = {
    "Index": "workbench.audit.index",
    "Node": "workbench.audit.index",
    "Structure": "workbench.audit.index",
    "rank_robustness": "workbench.audit.robustness",
    "sobol_indices": "workbench.audit.sobol",
}

__all__ = ["Index", "Node", "Structure", "rank_robustness", "sobol_indices"]


def __getattr__(name: str) -> Any:
    """Return a public name, loading the module it lives in."""
    if name not in _HOMES:
        msg = f"module 'workbench.audit' has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(_HOMES)
