"""Levels by cut-points: compiled bands, and the proof that they leave no value without a level."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from workbench.errors import Problem, Reason, did_you_mean
from workbench.instruments.arithmetic import RELATIVE_TOLERANCE, Array
from workbench.instruments.evaluation import Context
from workbench.instruments.formula import Formula, FormulaError, constants, parse_condition
from workbench.language import Message
from workbench.specs.instrument import Band, Cuts

NO_LEVEL = -1


@dataclass(frozen=True, slots=True)
class _BandContext(Context):
    """What a condition on a value may read: ``value`` and ``n``, the elements asked for."""

    measured: Array
    required: Array

    def name(self, name: str) -> Array:
        return self.measured if name == "value" else self.required


@dataclass(frozen=True)
class Bands:
    """Compiled cut-points.

    What the conditions give is tabulated once: they change only at the numbers that they name, and
    lists have few counts. A value then costs one search instead of every comparison.

    Parameters
    ----------
    scale : str
        Scale of the levels.
    conditions : tuple of Formula
        One for each band; the first that holds counts.
    levels : tuple of int
        Index in the scale for each band, ``NO_LEVEL`` where the band gives a state.
    bands : tuple of Band
        As written.
    path : str
        Place of the cut-points in their file, ``indicators[4].levels``.
    """

    scale: str
    conditions: tuple[Formula, ...]
    levels: tuple[int, ...]
    bands: tuple[Band, ...]
    path: str

    def level_of(self, value: Array, n: float | Array = np.nan) -> NDArray[np.int16]:
        """Return the level of each value as an index of the scale, -1 for none."""
        return np.asarray(self.levels_by_band[self.which(value, n)], dtype=np.int16)

    @cached_property
    def levels_by_band(self) -> NDArray[np.int16]:
        """Level of each band as an index of the scale, and of none (-1) after the last."""
        return np.array([*self.levels, NO_LEVEL], dtype=np.int16)

    def levels_between(
        self, low: Array, high: Array
    ) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
        """Return the lowest and highest level that any value from ``low`` to ``high`` has.

        Bands may rise, fall or lie on both sides of a target, so the ends alone do not tell.
        """
        worst, best = self._reach
        start, end = (self._position(np.nan_to_num(x)) for x in (low, high))
        known = ~(np.isnan(low) | np.isnan(high))
        return (
            np.where(known, worst[start, end], np.int16(NO_LEVEL)),
            np.where(known, best[start, end], np.int16(NO_LEVEL)),
        )

    @cached_property
    def _reach(self) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
        """Lowest and highest level from one position among the cut-points to another."""
        level = self.levels_by_band[self._by_position]
        beyond = np.int16(len(self.levels) + max(self.levels, default=0) + 1)
        worst = np.full((len(level), len(level)), NO_LEVEL, dtype=np.int16)
        best = worst.copy()
        for first in range(len(level)):
            best[first, first:] = np.maximum.accumulate(level[first:])
            least = np.minimum.accumulate(np.where(level == NO_LEVEL, beyond, level)[first:])
            worst[first, first:] = np.where(least == beyond, NO_LEVEL, least)
        return worst, best

    def _position(self, value: Array) -> NDArray[np.intp]:
        """Return where values lie among cut-points: even between two, odd at one."""
        return np.searchsorted(self._edges, value)

    @cached_property
    def _edges(self) -> Array:
        """Ends of the stretch around each cut-point in which a number counts as the same."""
        cuts = self._steps[0]
        near = RELATIVE_TOLERANCE * np.maximum(1.0, np.abs(cuts))
        # Cut-points closer than the tolerance share their stretch, and the first of them counts.
        return np.maximum.accumulate(np.column_stack([cuts - near, cuts + near]).ravel())

    def which(self, value: Array, n: float | Array = np.nan) -> NDArray[np.int16]:
        """Return the index of the band of each value, -1 where the value is missing.

        Parameters
        ----------
        value : array of float
            Measured values, any shape.
        n : float or array
            Elements asked for, for checklists.
        """
        value = np.asarray(value, dtype=np.float64)
        if self._asks_n:
            return self._by_count(value, np.asarray(n, dtype=np.float64))
        return self._by_search(value)

    @cached_property
    def _asks_n(self) -> bool:
        """Whether a band asks how many elements there are."""
        return any("n" in condition.names for condition in self.conditions)

    def _by_search(self, value: Array) -> NDArray[np.int16]:
        """Return the band of each value from the stretch it lies in, or the number it meets."""
        found = self._by_position[self._position(value)]
        missing = np.isnan(value)
        return np.where(missing, np.int16(-1), found) if missing.any() else found

    @cached_property
    def _by_position(self) -> NDArray[np.int16]:
        """Band at each position among the cut-points."""
        _, at, between = self._steps
        bands = np.empty(len(at) + len(between), dtype=np.int16)
        bands[0::2], bands[1::2] = between, at
        return bands

    @cached_property
    def _steps(self) -> tuple[Array, NDArray[np.int16], NDArray[np.int16]]:
        """Numbers named, band at each, and band below the first, between each two, and above."""
        cuts = np.array(constants(self.conditions) or [0.0])
        inside = (cuts[:-1] + cuts[1:]) / 2
        stretches = np.array([cuts[0] - 1.0, *inside, cuts[-1] + 1.0])
        return cuts, self._evaluate(cuts, np.nan), self._evaluate(stretches, np.nan)

    def _by_count(self, value: Array, n: Array) -> NDArray[np.int16]:
        """Return the band of counts of elements; every count up to the largest is tried once."""
        known = ~(np.isnan(value) | np.isnan(n))
        everywhere = bool(known.all())
        x, m = (value, n) if everywhere else (np.where(known, a, 0.0) for a in (value, n))
        counts, asked = x.astype(np.intp), m.astype(np.intp)
        if (counts != x).any() or (asked != m).any() or counts.min(initial=0) < 0:
            return self._evaluate(value, n)  # no counts after all
        table = self._counts(int(max(counts.max(initial=0), asked.max(initial=0))))
        found = table[asked][counts] if asked.ndim == 0 else table[asked, counts]
        return found if everywhere else np.where(known, found, np.int16(-1))

    def _counts(self, most: int) -> NDArray[np.int16]:
        """Return the band of each count, by the elements asked for."""
        if most not in self._tables:
            asked, count = np.indices((most + 1, most + 1), dtype=np.float64)
            self._tables[most] = self._evaluate(count, asked)
        return self._tables[most]

    @cached_property
    def _tables(self) -> dict[int, NDArray[np.int16]]:
        """Bands of counts, by the largest."""
        return {}

    def _evaluate(self, value: Array, n: float | Array) -> NDArray[np.int16]:
        """Return the first condition that holds for each value; -1 where none does."""
        context = _BandContext(value, np.broadcast_to(np.asarray(n, dtype=np.float64), value.shape))
        found = np.full(value.shape, -1, dtype=np.int16)
        for index, condition in enumerate(self.conditions):
            holds = condition.evaluate(context) == 1.0
            found = np.where((found < 0) & holds, np.int16(index), found)
        return found.astype(np.int16)


def compile_cuts(
    cuts: Cuts,
    level_ids: tuple[str, ...],
    states: set[str],
    report: Callable[[Problem], None],
    path: str,
) -> Bands | None:
    """Compile bands; report unknown levels and conditions that can't be read.

    Parameters
    ----------
    cuts : Cuts
        As written.
    level_ids : tuple of str
        Levels of the scale, worst first.
    states : set of str
        States that a band may give.
    report : callable
        Takes each problem found.
    path : str
        Place of the cut-points in their file.

    Returns
    -------
    Bands or None
        None if a problem was reported.
    """
    conditions: list[Formula] = []
    levels: list[int] = []
    sound = True
    for band in cuts.bands:
        problem = None
        try:
            condition = parse_condition(band.when)
            conditions.append(condition)
            if not _is_plain(condition.tree):
                what = Message("a band compares value (or n, the elements asked for) with numbers")
                problem = Problem(Reason.INSTRUMENT_LEVELS, what, got=band.when)
        except FormulaError as error:
            problem = error.problem
        if band.level is not None and band.level not in level_ids:
            problem = _unknown("level", band.level, level_ids)
        if band.state is not None and band.state not in states:
            problem = _unknown("state", band.state, sorted(states))
        if problem is not None:
            report(problem)
            sound = False
        levels.append(level_ids.index(band.level) if band.level in level_ids else NO_LEVEL)
    if not sound:
        return None
    return Bands(
        cuts.scale,
        tuple(conditions),
        tuple(levels),
        cuts.bands,
        path,
    )


def _is_plain(tree: ast.expr) -> bool:
    """Return whether a condition changes only at the numbers that it names.

    The proof that bands leave no gap looks at those numbers and between them.
    """
    match tree:
        case ast.BoolOp(values=parts):
            return all(_is_plain(part) for part in parts)
        case ast.UnaryOp(op=ast.Not(), operand=part):
            return _is_plain(part)
        case ast.Compare(left=left, comparators=others):
            return all(_is_term(part) for part in (left, *others))
    return False


def _is_term(tree: ast.expr) -> bool:
    """Return whether a side of a comparison is ``value``, ``n`` or a number."""
    match tree:
        case ast.Name(id="value" | "n") | ast.Constant():
            return True
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=ast.Constant()):
            return True
    return False


def _unknown(kind: str, name: str, names: list[str] | tuple[str, ...]) -> Problem:
    """Return the problem of a level or state that is not defined."""
    what = Message("unknown level") if kind == "level" else Message("unknown state")
    return Problem(Reason.SPEC_REFERENCE, what, got=name, fix=did_you_mean(name, names))


def sample_points(
    bands: Bands,
    minimum: float | None,
    maximum: float | None,
    *,
    n: int | None = None,
    integer: bool = False,
) -> Array:
    """Return values that stand for every stretch between cut-points, and the cut-points themselves.

    A condition on one number can change only at a number that it names. So the numbers named, one
    value between each two, and one beyond each end, show all that the bands can do.

    Parameters
    ----------
    bands : Bands
        Compiled cut-points.
    minimum, maximum : float or None
        Range of the value; None for no limit.
    n : int, optional
        For checklists: the values are then 0 to n.
    integer : bool
        Whether only whole values occur.
    """
    if n is not None:
        return np.arange(n + 1, dtype=np.float64)
    named = constants(bands.conditions)
    if integer:
        ends = [x for x in (minimum, maximum) if x is not None]
        whole = {math.floor(x) + step for x in (*named, *ends) for step in (-1, 0, 1, 2)}
        low_end, high_end = (
            (-math.inf if minimum is None else minimum),
            (math.inf if maximum is None else maximum),
        )
        return np.array(sorted(x for x in whole if low_end <= x <= high_end), dtype=np.float64)
    low = min(named, default=0.0) - 1.0 if minimum is None else minimum
    high = max(named, default=0.0) + 1.0 if maximum is None else maximum
    inside = sorted({x for x in (low, high, *named) if low <= x <= high})
    middles = [(a + b) / 2 for a, b in pairwise(inside)]
    return np.array(sorted({*inside, *middles}), dtype=np.float64)


def find_gaps(bands: Bands, points: Array, *, n: int | None = None) -> list[str]:
    """Return the stretches of values that no band covers, as text: ``8 < value < 9``."""
    missed = np.flatnonzero(bands.which(points, np.nan if n is None else float(n)) < 0)
    stretches = np.split(missed, np.flatnonzero(np.diff(missed) > 1) + 1) if missed.size else []
    named = set(constants(bands.conditions)) if n is None else set(points.tolist())
    return [_stretch(points, int(s[0]), int(s[-1]), named) for s in stretches]


def _stretch(points: Array, first: int, last: int, named: set[float]) -> str:
    """Return one uncovered stretch of the sample points as text, closed where its end is missed."""
    if first == last and points[first] in named:
        return f"value = {points[first]:g}"
    left = right = ""
    if points[first] in named:
        left = f"{points[first]:g} <= "
    elif first > 0:
        left = f"{points[first - 1]:g} < "
    if points[last] in named:
        right = f" <= {points[last]:g}"
    elif last < len(points) - 1:
        right = f" < {points[last + 1]:g}"
    return f"{left}value{right}" if left or right else "any value"


def reachable(bands: Bands, points: Array, *, n: int | None = None) -> set[str]:
    """Return the ids of levels (by band) and states that the points can give."""
    indices = set(bands.which(points, np.nan if n is None else float(n)).tolist()) - {-1}
    return {str(bands.bands[i].level or bands.bands[i].state) for i in indices}
