"""How objects of lower rooms show themselves in JupyterLab: registered by name, loaded when shown.

Rooms below know nothing of display; IPython asks for the type by its name, so that nothing is
imported until such an object is shown.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

# Home and name of a type, and what makes a section of it.
SHOWN = {
    ("workbench.audit.index.index", "Index"): "workbench.display.index:index_section",
    ("workbench.instruments.model", "Instrument"): "workbench.display.objects:instrument_section",
    ("workbench.scoring.scores", "Scores"): "workbench.display.objects:scores_section",
    ("workbench.stats.result", "Result"): "workbench.display.objects:result_section",
    ("workbench.study.compare", "Comparison"): "workbench.display.objects:comparison_section",
    ("workbench.study.facade", "Study"): "workbench.display.objects:study_section",
}


def register(shell: Any) -> None:
    """Let a notebook show studies, instruments, scores, results and indices as what they say.

    Parameters
    ----------
    shell : InteractiveShell
        The running IPython.
    """
    formatter = shell.display_formatter.mimebundle_formatter
    for (home, name), section in SHOWN.items():
        formatter.for_type_by_name(home, name, _shows(section))


def _shows(section: str) -> Any:
    """Return what a notebook shows of an object, given where its section is made."""

    def shown(made: Any, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        home, _, name = section.partition(":")
        found: dict[str, Any] = getattr(import_module(home), name)(made)._repr_mimebundle_(
            include, exclude
        )
        return found

    return shown
