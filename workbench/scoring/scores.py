"""Scores: the result of scoring, as arrays inside and as a tidy frame outside."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from workbench.errors import Place, Problem, Reason, ScoringError, did_you_mean
from workbench.instruments import Instrument
from workbench.language import Message
from workbench.observations import DataWarning
from workbench.scoring.fits import Fitted
from workbench.scoring.remarks import Remark
from workbench.scoring.results import NodeResult
from workbench.scoring.shares import Counts
from workbench.scoring.states import NO_LEVEL, Floats, status_names, status_of

COLUMNS = (
    "unit", "wave", "node", "value", "score", "low", "high", "level", "level_low", "level_high",
    "coverage", "status", "computed",
)  # fmt: skip


@dataclass(frozen=True)
class Scores:
    """Scores of units in waves.

    Parameters
    ----------
    instrument : Instrument
    cases : MultiIndex
        ``unit, wave`` of each case.
    results : mapping of str to NodeResult
        Arrays by node.
    counts : mapping of str to Counts
        Indicators by level and state, by group, for instruments that count.
    remarks : tuple of Remark
        What rules for missing data, gaps and suppositions did.
    warnings : tuple of DataWarning
        Where the data contradict each other, as scoring met it.
    facts : mapping of str to array
        Facts of each case, shape (cases,); NaN where unknown.
    parts : mapping of str to array
        Elements and variables as they were used, given or computed, by full code.
    parameters : mapping of str to Fitted
        Parameters fitted to the reference, by node and what they are for.
    previous : array of int, shape (cases,)
        Row of the same unit in the dated wave before; -1 where there is none.
    """

    instrument: Instrument
    cases: pd.MultiIndex
    results: Mapping[str, NodeResult]
    counts: Mapping[str, Counts]
    remarks: tuple[Remark, ...]
    warnings: tuple[DataWarning, ...]
    facts: Mapping[str, Floats]
    parts: Mapping[str, Floats]
    parameters: Mapping[str, Fitted]
    previous: np.ndarray

    @property
    def n_cases(self) -> int:
        """Number of cases: units in waves."""
        return len(self.cases)

    @property
    def nodes(self) -> tuple[str, ...]:
        """Codes of the nodes, parents before children."""
        return tuple(self.instrument.nodes)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """Tidy scores: one row a unit, wave and node; see ``COLUMNS``.

        ``level`` columns hold ids of the node's scale; ``status`` says where a value comes from
        (observed, computed, reported, mixed, carried) or why there is none.
        """
        n, codes = len(self.cases), list(self.results)
        names = status_names()
        columns: dict[str, object] = {}
        for key in ("unit", "wave"):
            values = self.cases.get_level_values(key).astype(str)
            categories = pd.unique(values)
            index = pd.Index(categories).get_indexer(values)
            columns[key] = pd.Categorical.from_codes(np.tile(index, len(codes)), categories)
        columns["node"] = pd.Categorical.from_codes(
            np.repeat(np.arange(len(codes)), n), pd.Index(codes)
        )
        for name in ("value", "score", "low", "high"):
            columns[name] = np.concatenate([getattr(self.results[c], name) for c in codes])
        ids, offsets = self._level_ids(codes)
        for name in ("level", "level_low", "level_high"):
            parts = [
                np.where(found == NO_LEVEL, NO_LEVEL, found + offsets[c])
                for c in codes
                for found in (getattr(self.results[c], name),)
            ]
            columns[name] = pd.Categorical(
                np.array([*ids, None], dtype=object)[np.concatenate(parts)]
            )
        columns["coverage"] = np.concatenate([self.results[c].coverage for c in codes])
        status = np.concatenate(
            [status_of(self.results[c].state, self.results[c].basis) for c in codes]
        )
        columns["status"] = pd.Categorical.from_codes(status, pd.Index(names))
        columns["computed"] = np.concatenate([self.results[c].computed for c in codes])
        return pd.DataFrame(columns)

    def _level_ids(self, codes: list[str]) -> tuple[list[str], dict[str, int]]:
        """Return level ids of all scales in one list, and where each node's scale starts."""
        ids: list[str] = []
        starts: dict[str, int] = {}
        for scale, levels in self.instrument.scales.items():
            starts[scale] = len(ids)
            ids += [level.id for level in levels]
        return ids, {c: starts.get(self.instrument.nodes[c].scale or "", 0) for c in codes}

    def to_frame(self) -> pd.DataFrame:
        """Return the tidy scores."""
        return self.frame

    def row(self, unit: str, wave: str) -> int:
        """Return the row of a case.

        Raises
        ------
        ScoringError
            If the unit was not observed in that wave.
        """
        rows = self._rows.get(unit)
        if rows is None:
            what = Message("no observations of unit {unit}", unit=unit)
            fix = did_you_mean(unit, sorted(self._rows))
            raise ScoringError(Problem(Reason.UNIT_UNKNOWN, what, Place(unit), fix=fix))
        if wave not in rows:
            what = Message("unit {unit} was not observed in wave {wave}", unit=unit, wave=wave)
            fix = did_you_mean(wave, rows)
            raise ScoringError(Problem(Reason.WAVE_UNKNOWN, what, Place(unit), fix=fix))
        return rows[wave]

    def waves_of(self, unit: str) -> tuple[str, ...]:
        """Return the waves in which a unit was observed, in order."""
        return tuple(self._rows.get(unit, ()))

    @property
    def units(self) -> Collection[str]:
        """Codes of the units with observations."""
        return self._rows.keys()

    @cached_property
    def _rows(self) -> dict[str, dict[str, int]]:
        """Row of each case, by unit and wave."""
        found: dict[str, dict[str, int]] = {}
        for row, (unit, wave) in enumerate(self.cases):
            found.setdefault(str(unit), {})[str(wave)] = row
        return found

    def wide(self, wave: str, what: str = "score") -> pd.DataFrame:
        """Return one wave as a table: index unit, columns nodes.

        Parameters
        ----------
        wave : str
        what : {"score", "value", "low", "high", "coverage", "computed"}
        """
        rows = np.flatnonzero(self.cases.get_level_values("wave") == wave)
        units = self.cases.get_level_values("unit")[rows]
        return pd.DataFrame(
            {code: getattr(r, what)[rows] for code, r in self.results.items()},
            index=pd.Index(units, name="unit"),
        )

    def counts_frame(self) -> pd.DataFrame:
        """Return counts by level and state: ``unit, wave, node, label, count``.

        ``label`` is the id of a level, or the state in lower case; counts not known are NaN.
        """
        frames = []
        for code, counts in self.counts.items():
            for i, label in enumerate(counts.labels):
                frames.append(
                    pd.DataFrame(
                        {
                            "unit": self.cases.get_level_values("unit"),
                            "wave": self.cases.get_level_values("wave"),
                            "node": code,
                            "label": label,
                            "count": counts.table[:, i],
                        }
                    )
                )
        if not frames:
            return pd.DataFrame(columns=["unit", "wave", "node", "label", "count"])
        return pd.concat(frames, ignore_index=True)
