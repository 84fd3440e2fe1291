"""Views of a comparison of two measurements, result by result; nothing is added up."""

from __future__ import annotations

from typing import Literal

from workbench.study.part import Part

Outcome = Literal[
    "improved", "deteriorated", "unchanged", "higher", "lower", "not_comparable", "none"
]


class Side(Part):
    """A result at one of two measurements: a level, a number, or the state that stands instead.

    ``scale`` is that of the level; ``title`` is that of the level, ``state`` the name of the state,
    which may stand beside a level, as D* beside a D. ``status`` is that of the scores.
    """

    level: str | None = None
    scale: str | None = None
    state: str = ""
    status: str = ""
    value: float | None = None
    unit: str = ""


class ChangeView(Part):
    """How one result changed.

    ``why`` says why it can't be compared. ``up``, ``down`` and ``apart`` are the parts of a group
    that improved, that deteriorated, and that can't be compared. Notes are those of the data.
    """

    code: str
    title: str
    tier: str
    outcome: Outcome
    before: Side
    now: Side
    why: tuple[str, ...] = ()
    up: tuple[str, ...] = ()
    down: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    note_before: str = ""
    note_now: str = ""


class ComparisonView(Part):
    """Two measurements of one unit compared by the rules of their instrument.

    ``tiers`` holds the id and plural title of each kind of result, in order; ``explained`` says
    whether each change is asked to be explained, ``remarks`` what its rules say of changes.
    """

    before_title: str
    now_title: str
    explained: bool
    remarks: tuple[str, ...]
    tiers: tuple[tuple[str, str], ...]
    changes: tuple[ChangeView, ...]


class CohortMove(Part):
    """How many units of a cohort changed at one result."""

    code: str
    title: str
    tier: str
    counts: dict[Outcome, int]
