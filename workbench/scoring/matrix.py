"""Tidy observations as typed matrices: one row a case (unit in a wave), one column a code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from workbench.instruments import Instrument
from workbench.observations import Observations
from workbench.scoring.states import Bools, Floats


@dataclass(frozen=True)
class Matrix:
    """Observations of one stage as arrays.

    Parameters
    ----------
    instrument : Instrument
    cases : MultiIndex
        ``unit, wave`` of each row, by wave and unit.
    columns : mapping of str to int
        Column of each observed code.
    values : array of float, shape (cases, codes)
        Numbers observed; NaN where there is none.
    words : array of int, shape (cases, codes)
        Index into ``labels`` of the state or level observed; -1 where there is none.
    precision : array of float, shape (cases, codes)
        Half a unit of the last printed digit.
    labels : tuple of str
        States and levels that occur.
    tallies : mapping of str to mapping of str to array
        For each group with counts: state or level to counts, shape (cases,); NaN where not given.
    carries : array of bool, shape (cases,)
        Whether what is at its best level in the case is not reviewed again later: its stage says
        so, or no stage is recorded.
    unlisted_not_met : bool
        Whether an element without a record counts as not met where others of its list are recorded.
    facts : mapping of str to array
        Facts of each case, shape (cases,); NaN where unknown.
    previous : array of int, shape (cases,)
        Row of the same unit in the dated wave before; -1 where there is none.
    followers : tuple of array of int
        For each wave in order, the rows that have a previous one.
    """

    instrument: Instrument
    cases: pd.MultiIndex
    columns: Mapping[str, int]
    values: Floats
    words: np.ndarray
    precision: Floats
    labels: tuple[str, ...]
    tallies: Mapping[str, Mapping[str, Floats]]
    carries: Bools
    unlisted_not_met: bool
    facts: Mapping[str, Floats]
    previous: np.ndarray
    followers: tuple[np.ndarray, ...]
    _none: Floats = field(repr=False)

    @property
    def n(self) -> int:
        """Number of cases."""
        return len(self.cases)

    def value(self, code: str) -> Floats:
        """Return the numbers observed for a code, all NaN where it was never observed."""
        column = self.columns.get(code)
        return self._none if column is None else self.values[:, column]

    def word(self, code: str) -> np.ndarray:
        """Return the states or levels observed for a code, as indices into ``labels``."""
        column = self.columns.get(code)
        return np.full(self.n, -1, dtype=np.int16) if column is None else self.words[:, column]

    def is_plain(self, code: str) -> bool:
        """Return whether every case has a number for a code, and none a state or level."""
        column = self.columns.get(code)
        return column is not None and bool(self._numbers[column] and not self._worded[column])

    def has_words(self, code: str) -> bool:
        """Return whether a state or level was observed for a code in any case."""
        column = self.columns.get(code)
        return column is not None and bool(self._worded[column])

    @cached_property
    def _numbers(self) -> Bools:
        """Columns in which every case has a number."""
        numbers: Bools = ~np.logical_or.reduce(np.isnan(self.values), axis=0)
        return numbers

    @cached_property
    def _worded(self) -> Bools:
        """Columns in which any case has a state or level."""
        worded: Bools = np.logical_or.reduce(self.words >= 0, axis=0)
        return worded

    def half_unit(self, code: str) -> Floats:
        """Return the precision of the numbers observed for a code."""
        column = self.columns.get(code)
        return self._none if column is None else self.precision[:, column]


def build_matrix(
    observations: Observations,
    *,
    undated: frozenset[str] = frozenset(),
    cases: pd.MultiIndex | None = None,
) -> Matrix:
    """Return observations as matrices.

    Parameters
    ----------
    observations : Observations
        Of one stage and one rater: each code at most once a case.
    undated : frozenset of str
        Waves without a date, which follow no other.
    cases : MultiIndex, optional
        Rows wanted; those observed by default.
    """
    instrument = observations.instrument
    cases = observations.cases if cases is None else cases
    frame = observations.frame
    frame = frame.loc[~frame["compare_only"]]
    n = len(cases)
    keys = pd.MultiIndex.from_arrays([frame["unit"].astype(object), frame["wave"].astype(object)])
    rows = cases.get_indexer(keys)
    codes = [str(c) for c in frame["code"].cat.categories]
    columns = {code: i for i, code in enumerate(codes)}
    column = frame["code"].cat.codes.to_numpy()
    value = frame["value"].to_numpy(dtype=np.float64)
    state = frame["state"].astype(str).to_numpy(dtype=object)
    is_group = np.array(
        [c in instrument.nodes and not instrument.nodes[c].is_indicator for c in codes], dtype=bool
    )
    tallied = is_group[column] & (state != "") & ~np.isnan(value) if n else np.zeros(0, dtype=bool)
    labels = tuple(sorted({s for s in state if s}))
    index = {label: i for i, label in enumerate(labels)}
    # One code after the other in memory, as they are read.
    values = np.full((n, len(codes)), np.nan, order="F")
    precision = np.full((n, len(codes)), np.nan, order="F")
    words = np.full((n, len(codes)), -1, dtype=np.int16, order="F")
    # A group may be reported by a number and by a word, each in a row of its own.
    plain = ~tallied & ~np.isnan(value)
    values[rows[plain], column[plain]] = value[plain]
    precision[rows[plain], column[plain]] = frame["precision"].to_numpy(dtype=np.float64)[plain]
    worded = ~tallied & (state != "")
    words[rows[worded], column[worded]] = [index[s] for s in state[worded]]
    tallies: dict[str, dict[str, Floats]] = {}
    for row, col, label, count in zip(
        rows[tallied], column[tallied], state[tallied], value[tallied], strict=True
    ):
        by_label = tallies.setdefault(codes[col], {})
        by_label.setdefault(label, np.full(n, np.nan))[row] = count
    return Matrix(
        instrument,
        cases,
        columns,
        values,
        words,
        precision,
        labels,
        tallies,
        _carries(observations, rows, n),
        observations.unlisted_elements == "not_met",
        _facts(observations, cases, values, columns),
        *_previous(observations.waves, cases, undated),
        np.full(n, np.nan),
    )


def _carries(observations: Observations, rows: np.ndarray, n: int) -> Bools:
    """Return which cases were measured at a stage whose best levels are not reviewed again."""
    frame = observations.frame.loc[~observations.frame["compare_only"]]
    final = {stage.id for stage in observations.instrument.spec.stages if stage.carries}
    passing = ~frame["stage"].isin([*final, ""]).to_numpy()
    carries: Bools = np.ones(n, dtype=bool)
    carries[rows[passing]] = False
    return carries


def _facts(
    observations: Observations, cases: pd.MultiIndex, values: Floats, columns: Mapping[str, int]
) -> dict[str, Floats]:
    """Return facts of each case: of its wave's observations, else its unit's, else its wave's."""
    units = cases.get_level_values("unit")
    waves = cases.get_level_values("wave")
    names = {fact.id for fact in observations.instrument.spec.facts} | {"year"}
    found: dict[str, Floats] = {}
    for name in names:
        known = np.full(len(cases), np.nan)
        by_wave = {w: f[name] for w, f in observations.wave_facts.items() if name in f}
        if by_wave:
            known = waves.map(by_wave).to_numpy(dtype=np.float64, na_value=np.nan)
        if name in observations.units.columns:
            of_unit = observations.units[name].reindex(units).to_numpy(dtype=np.float64)
            known = np.where(np.isnan(of_unit), known, of_unit)
        if name in columns:
            seen = values[:, columns[name]]
            known = np.where(np.isnan(seen), known, seen)
        found[name] = known
    return found


def _previous(
    waves: tuple[str, ...], cases: pd.MultiIndex, undated: frozenset[str]
) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
    """Return the row of the same unit in its last dated wave before each case, and who has one."""
    units, of_unit = np.unique(cases.get_level_values("unit").astype(str), return_inverse=True)
    of_wave = cases.get_level_values("wave")
    previous = np.full(len(cases), -1, dtype=np.int64)
    last = np.full(len(units), -1, dtype=np.int64)
    followers = []
    for wave in waves:
        if wave in undated:
            continue
        rows = np.flatnonzero(of_wave == wave)
        previous[rows] = last[of_unit[rows]]
        last[of_unit[rows]] = rows
        followers.append(rows[previous[rows] >= 0])
    return previous, tuple(followers)
