"""Exploring a study: other choices, and what moves with them. Its logic needs no widgets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from workbench.explore.exploration import Exploration, explore
from workbench.explore.extra import require_widgets
from workbench.explore.saving import save_choice
from workbench.explore.shown import overview, pair, profile
from workbench.study import Study

if TYPE_CHECKING:
    from workbench.explore.widgets import Explorer

__all__ = ["Exploration", "explore", "explorer", "overview", "pair", "profile", "save_choice"]


def explorer(study: Exploration | Study | str | Path, *, locale: str | None = None) -> Explorer:
    """Return the controls of a study and what moves with them, for a notebook.

    Parameters
    ----------
    study : Exploration, Study, str or Path
    locale : str, optional
        As of :func:`explore`.

    Raises
    ------
    WorkbenchError
        If what draws controls is not installed; as :func:`explore`.
    """
    require_widgets()
    from workbench.explore.widgets import Explorer

    seen = study if isinstance(study, Exploration) else explore(study, locale=locale)
    return Explorer(seen)
