"""Views of a comparison of two measurements, result by result; nothing is added up."""

from __future__ import annotations

from typing import Literal

from workbench.study.part import Part

Outcome = Literal[
    "improved", "deteriorated", "unchanged", "higher", "lower", "not_comparable", "none"
]


class Side(Part):
    """A result at one of two measurements: a level, a number, or the state that stands instead.

    ``scale`` is that of the level. ``state`` is the name of the state; ``mark`` its id where it
    stands beside a level, as D* for a D. ``status`` is that of the scores.
    """

    level: str | None = None
    scale: str | None = None
    state: str = ""
    mark: str = ""
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


class VersionResult(Part):
    """A result on page one, at one of two measurements."""

    title: str
    score: float | None
    level: str
    decimals: int
    unit: str | None


class LeftOut(Part):
    """Indicators that are not compared for one reason; ``why`` is what became of them."""

    why: str
    titles: tuple[str, ...]


class SameShare(Part):
    """How many of the ``n`` indicators compared are at their best level, then and now."""

    n: int
    before: int
    now: int


class VersionView(Part):
    """A measurement of a unit with another version of the instrument, beside that of the view.

    ``declared`` is False where neither version says what corresponds to what. ``stages`` are those
    of the two measurements, empty where there are none.
    """

    instrument: str
    version: str
    declared: bool
    note: str
    then: tuple[VersionResult, ...]
    now: tuple[VersionResult, ...]
    stages: tuple[str, str]
    comparison: ComparisonView
    share: SameShare | None
    left_out: tuple[LeftOut, ...]


class CohortVersion(Part):
    """A measurement of the cohort with another version: ``n`` units were measured with both."""

    instrument: str
    version: str
    wave_title: str
    declared: bool
    note: str
    n: int
    moves: tuple[CohortMove, ...]
    left_out: tuple[LeftOut, ...]
