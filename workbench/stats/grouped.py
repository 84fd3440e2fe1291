"""One measurement of units that belong to different groups, matched by code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.language import Counted, Message
from workbench.stats.measured import numeric, once
from workbench.stats.noise import spread_out
from workbench.stats.pairs import Floats
from workbench.stats.result import Dropped, Refusal, Sentence, fingerprint
from workbench.stats.wording import Labels

Names = Mapping[object, object]
NOT_AN_EFFECT = Message("This describes the difference; it does not say what caused it.")


@dataclass(frozen=True, slots=True)
class Grouped:
    """Units with a value and a group, in the order of their codes.

    Parameters
    ----------
    values : array of float, shape (units,)
    codes : array of int, shape (units,)
        Place of each unit's group in ``levels``.
    levels : tuple
        Groups in their order: of the categories, of the numbers, or of the alphabet.
    units : Index
    dropped : tuple of Dropped
    names : mapping
        How a group is called in sentences, where not by its value.
    """

    values: Floats
    codes: NDArray[np.intp]
    levels: tuple[object, ...]
    units: pd.Index
    dropped: tuple[Dropped, ...]
    names: Names = field(default_factory=dict)

    def part(self, code: int) -> Floats:
        """Return the values of one group."""
        return np.asarray(self.values[self.codes == code])

    def code_of(self, group: object) -> int:
        """Return the place of a group, -1 where no unit has it; ``1`` and ``"1"`` are the same."""
        if group in self.levels:
            return self.levels.index(group)
        texts = [shown(level) for level in self.levels]
        return texts.index(shown(group)) if shown(group) in texts else -1

    def name(self, group: object) -> object:
        """Return how a group is called in sentences."""
        by_text = {shown(key): value for key, value in self.names.items()}
        return by_text.get(shown(group), shown(group))

    @property
    def fingerprint(self) -> str:
        """Hash of the units, their values and groups."""
        return fingerprint(self.units, self.values, self.codes, map(shown, self.levels))


def shown(level: object) -> str:
    """Return the value of a group as text; ``1.0``, a whole number beside gaps, is ``1``."""
    if isinstance(level, float | np.floating) and float(level).is_integer():
        return str(int(level))
    return str(level)


def grouped(
    values: pd.Series,
    groups: pd.Series,
    labels: Labels,
    *,
    order: Sequence[object] | None = None,
    names: Names | None = None,
) -> Grouped:
    """Return the units that have a value and a group.

    Parameters
    ----------
    values : Series of float
        One number a unit, indexed by its code; missing where it was not measured.
    groups : Series
        Group of each unit. Order of rows is of no account in either.
    labels : Labels
    order : sequence, optional
        Groups in their order; those not named are left out.
    names : mapping, optional
        How groups are called in sentences.

    Raises
    ------
    ValueError
        If a code stands twice in one of them, or a value is no number.
    """
    for series in (values, groups):
        once(series.index)
    if not values.index.is_monotonic_increasing:
        values = values.sort_index()
    belonging = groups.notna().to_numpy()
    there = int(belonging.sum())
    if not groups.index.equals(values.index):
        groups = groups.reindex(values.index)
        belonging = groups.notna().to_numpy()
    numbers = numeric(values).to_numpy(dtype=np.float64)
    codes, levels = _coded(groups, order)
    measured, belongs = np.isfinite(numbers), codes >= 0
    kept = measured & belongs
    found = (
        (int((measured & ~belongs).sum()), True),
        (there - int((belonging & measured).sum()), False),
    )
    dropped = tuple(Dropped(n, _left_out(n, labels, without)) for n, without in found if n)
    return Grouped(numbers[kept], codes[kept], levels, values.index[kept], dropped, names or {})


def _coded(
    groups: pd.Series, order: Sequence[object] | None
) -> tuple[NDArray[np.intp], tuple[object, ...]]:
    """Return the place of each unit's group, and the groups in their order."""
    if isinstance(groups.dtype, pd.CategoricalDtype):
        codes = groups.cat.codes.to_numpy().astype(np.intp)
        levels = groups.cat.categories.tolist()
    else:
        codes, unique = pd.factorize(groups)
        levels = unique.tolist()
        ordered = sorted(range(len(levels)), key=lambda i: _sorting(levels[i]))
        codes = _recoded(codes, {old: new for new, old in enumerate(ordered)})
        levels = [levels[i] for i in ordered]
    if order is None:
        return codes, tuple(levels)
    texts = [shown(level) for level in levels]
    wanted = {texts.index(shown(g)): i for i, g in enumerate(order) if shown(g) in texts}
    return _recoded(codes, wanted), tuple(order)


def _recoded(codes: NDArray[np.intp], new: Mapping[int, int]) -> NDArray[np.intp]:
    """Return codes under new numbers; -1 where there is none."""
    table = np.full(max([*new, int(codes.max(initial=-1))], default=-1) + 2, -1, dtype=np.intp)
    for old, to in new.items():
        table[old] = to
    return table[codes]


def _sorting(level: object) -> tuple[int, float, str]:
    """Return what sorts numbers as numbers and all else as text."""
    if isinstance(level, int | float | np.number):
        return 0, float(level), ""
    return 1, 0.0, str(level)


def _left_out(n: int, labels: Labels, without_group: bool) -> Sentence:
    """Return who was left out."""
    if without_group:
        return Counted(
            "{n} of the {nouns} belongs to none of the groups compared and is left out.",
            "{n} of the {nouns} belong to none of the groups compared and are left out.",
            n,
            nouns=labels.nouns,
        )
    return Counted(
        "{n} of the {nouns} has no value of {outcome} and is left out.",
        "{n} of the {nouns} have no value of {outcome} and are left out.",
        n,
        nouns=labels.nouns,
        outcome=labels.outcome,
    )


def constant(values: Floats) -> bool:
    """Return whether numbers don't vary."""
    return not spread_out(values)


def no_variation(labels: Labels) -> Refusal:
    """Return the refusal of groups within which nothing varies."""
    return Refusal(
        "no_variation",
        Message("The groups cannot be tested in {outcome}.", outcome=labels.outcome),
        Message("Within each group all {nouns} have the same value.", nouns=labels.nouns),
        Message("The value of each group can be shown."),
    )


def described(values: Floats) -> dict[str, float | int | None]:
    """Return size, mean, deviation and median of a group."""
    n = len(values)
    return {
        "n": n,
        "mean": float(values.mean()) if n else None,
        "sd": float(values.std(ddof=1)) if n > 1 else None,
        "median": float(np.median(values)) if n else None,
    }
