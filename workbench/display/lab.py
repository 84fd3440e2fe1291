"""How objects of lower rooms show themselves in JupyterLab: registered by name, loaded when shown.

Rooms below know nothing of display; IPython asks for the type by its name, so that nothing is
imported until such an object is shown.
"""

from __future__ import annotations

from typing import Any


def register(shell: Any) -> None:
    """Let a notebook show an index as structure, steps and results.

    Parameters
    ----------
    shell : InteractiveShell
        The running IPython.
    """
    formatter = shell.display_formatter.mimebundle_formatter
    formatter.for_type_by_name("workbench.audit.index.index", "Index", _index)


def _index(index: Any, include: Any = None, exclude: Any = None) -> dict[str, Any]:
    """Return what a notebook shows of an index."""
    from workbench.display.index import index_section

    return index_section(index)._repr_mimebundle_(include, exclude)
