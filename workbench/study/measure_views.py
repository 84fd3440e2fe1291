"""Views of raw indicators in a cohort: numbers without levels."""

from __future__ import annotations

from workbench.study.part import Part


class SameUnits(Part):
    """The ``n`` units measured at both waves: their medians, and how many rose and fell."""

    n: int
    before: float
    now: float
    rose: int
    fell: int


class CohortMeasure(Part):
    """One raw indicator in all units of a wave; ``alone`` where nothing makes a result of it.

    ``best`` is the value that the best quarter reaches; quartiles are None where too few units have
    a value. ``then`` holds how many units had one at the baseline, and their median: members join
    and leave, so ``same`` holds those that were measured both times.
    """

    code: str
    title: str
    parent: str
    unit: str
    less_is_better: bool
    alone: bool
    n: int
    lowest: float
    lower: float | None
    median: float
    upper: float | None
    highest: float
    best: float | None
    then: tuple[int, float] | None
    same: SameUnits | None
