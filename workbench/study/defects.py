"""Which defects of the data a report tells: those that the study has not explained beforehand."""

from __future__ import annotations

from collections.abc import Iterable

from workbench.observations import DataWarning
from workbench.specs.study import Replicated


def is_explained(warning: DataWarning, declared: Iterable[Replicated]) -> bool:
    """Return whether a reported value differs from its parts by no more than the study declares.

    Parameters
    ----------
    warning : DataWarning
    declared : iterable of Replicated
        What the study says its results reproduce, and how closely: inputs that are published with
        few decimals leave a difference that is no defect.
    """
    values = dict(warning.message.values)
    given, computed = values.get("given"), values.get("computed")
    if warning.kind != "reported_differs":
        return False
    if not isinstance(given, float) or not isinstance(computed, float):
        return False  # a level, or parts that give bounds only
    allowed = [
        entry.tolerance
        for entry in declared
        if entry.tolerance is not None
        and warning.node in entry.nodes
        and (entry.waves is None or warning.wave in entry.waves)
    ]
    return bool(allowed) and abs(given - computed) <= max(allowed)
