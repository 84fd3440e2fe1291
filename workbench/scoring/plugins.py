"""Plug-ins of other packages: found by their entry point, and what they give is checked."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Any

import numpy as np

from workbench.errors import Problem, Reason, ScoringError
from workbench.language import Message
from workbench.scoring.states import Floats


def checked(name: str, result: Any, shape: tuple[int, ...]) -> Floats:
    """Return what a plug-in gave, if it is numbers of the shape asked for.

    Raises
    ------
    ScoringError
        If it is anything else.
    """
    try:
        numbers: Floats = np.asarray(result, dtype=np.float64)
    except (TypeError, ValueError):
        numbers = np.empty((0, 0, 0))
    if numbers.shape != shape:
        what = Message("the plug-in {name} did not give one number for each case", name=name)
        expected = Message("an array of shape {shape}", shape=shape)
        raise ScoringError(Problem(Reason.PLUGIN, what, got=repr(result), expected=expected))
    return np.where(np.isfinite(numbers), numbers, np.nan)


def load_plugin(group: str, name: str, needs: tuple[str, ...]) -> Any:
    """Return an object registered under an entry-point group, checked for what it must offer.

    Raises
    ------
    ScoringError
        If none of that name is installed, or it lacks a function; what is installed is listed.
    """
    found = {entry.name: entry for entry in entry_points(group=group)}
    if name not in found:
        what = Message("no plug-in {name} is installed for {group}", name=name, group=group)
        fix = Message("Installed: {names}.", names=", ".join(sorted(found)) or "none")
        raise ScoringError(Problem(Reason.PLUGIN, what, fix=fix))
    plugin = found[name].load()
    missing: list[str] = [n for n in needs if not isinstance(getattr(plugin, n, None), Callable)]  # type: ignore[arg-type]
    if missing:
        what = Message("the plug-in {name} lacks {names}", name=name, names=", ".join(missing))
        raise ScoringError(Problem(Reason.PLUGIN, what))
    return plugin
