"""Views of how sure single statements are: change, position, place, target, and chance."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from workbench.study.part import Part

Beyond = Literal["rose", "fell", "within"]


class PrecisionView(Part):
    """How precise the scores of a result are, as declared.

    ``reliability`` is None where its source gives the standard error. ``std_error`` is None where
    none can be found from it: ``refusal`` is the reason code, and ``n`` the units there were.
    """

    code: str
    title: str
    kind: str
    source: str
    reliability: float | None
    std_error: float | None
    refusal: str = ""
    n: int = 0


class ReliableView(Part):
    """A change, and how far measurement error alone would move it at 95 %."""

    change: float
    reach: float
    outcome: Beyond


class PositionView(Part):
    """Where a result stands among ``n`` peers, itself left out.

    ``low`` and ``high`` are the percentiles that missing data leave open; ``known`` is False where
    that can't be told. With fewer peers than ``needed`` there is no percentile, and ``values`` are
    listed instead.
    """

    n: int
    worse: int
    same: int
    better: int
    percentile: float | None
    low: float | None
    high: float | None
    known: bool
    needed: int
    values: tuple[float, ...] = ()


class PlacesView(Part):
    """The places that measurement error leaves open, or that other choices would give.

    ``share`` of the draws lies within the range over ``choices``; of a range by ``error`` it is the
    level at which it holds for all units at once.
    """

    basis: Literal["error", "choices"]
    low: int
    high: int
    share: float
    weight_share: float | None = None
    one_out: bool = False


class TargetView(Part):
    """A result against the target of the study; no interval where there is no source of error."""

    target: float
    gap: float
    low: float | None
    high: float | None
    verdict: str | None
    met: bool
    margin: float | None


class ChanceView(Part):
    """A share of counted cases against what chance gives for so many of them.

    Numbers are in the unit of the indicator. ``outer_*`` are the limits of 99.8 %; ``factor`` says
    how much wider all limits are because the ``n`` units differ more than chance gives. ``outside``
    counts those outside the limits of 95 %, ``far`` those outside of 99.8 %.
    """

    code: str
    title: str
    unit: str
    events: int
    cases: int
    value: float
    centre: float
    low: float
    high: float
    outer_low: float
    outer_high: float
    place: Literal["below", "inside", "above"]
    beyond: bool
    n: int
    outside: int
    far: int
    factor: float
    less_is_better: bool = False


class NoChance(Part):
    """A share of counted cases of which too few units are known for what chance gives."""

    code: str
    title: str
    n: int
    needed: int


class CertaintyView(Part):
    """How sure the statements about one unit are, by the code of the result."""

    precisions: tuple[PrecisionView, ...] = ()
    changes: dict[str, ReliableView] = Field(default={})
    positions: dict[str, PositionView] = Field(default={})
    places: dict[str, tuple[PlacesView, ...]] = Field(default={})
    no_choices: tuple[str, ...] = ()
    targets: dict[str, TargetView] = Field(default={})
    chances: tuple[ChanceView, ...] = ()
    no_chances: tuple[NoChance, ...] = ()


class CohortChance(Part):
    """Which units lie outside what chance gives: by code, number, and names beyond 99.8 %."""

    code: str
    title: str
    unit: str
    n: int
    centre: float
    factor: float
    outside: int
    above: tuple[str, ...]
    below: tuple[str, ...]


class CohortCertainty(Part):
    """How sure the statements about a cohort are.

    ``changes`` counts, by code, the units that rose and fell beyond measurement error and those
    within it. ``places`` holds the ranges of each unit by the main result.
    """

    precisions: tuple[PrecisionView, ...] = ()
    changes: dict[str, tuple[int, int, int]] = Field(default={})
    places: dict[str, tuple[PlacesView, ...]] = Field(default={})
    no_choices: tuple[str, ...] = ()
    chances: tuple[CohortChance, ...] = ()
    no_chances: tuple[NoChance, ...] = ()
