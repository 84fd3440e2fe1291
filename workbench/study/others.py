"""The peers of every unit in one wave, and what is typical of them: computed once for all units.

Peers are the others of a unit's group. What is typical of a group without one of its members is
found in the sorted values of the group, so that a report costs no pass over the nation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.scoring.states import Bools, Floats
from workbench.study.peers import PeerGroups

Positions = NDArray[np.int64]
NOBODY: Positions = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Others:
    """Known values of a group in order, without one of them.

    Parameters
    ----------
    values : array of float
        Sorted, without missing ones.
    left_out : int
        Place of the value that is left out; the number of values where none is.
    """

    values: Floats
    left_out: int

    @classmethod
    def of(cls, values: Floats, own: float) -> Others:
        """Return sorted values without one that equals ``own``; all of them where it is NaN."""
        return cls(values, values.size if np.isnan(own) else int(np.searchsorted(values, own)))

    @property
    def n(self) -> int:
        """How many are left."""
        return int(self.values.size) - (self.left_out < self.values.size)

    def _at(self, place: int) -> float:
        """Return the value at a place of what is left."""
        return float(self.values[place + (place >= self.left_out)])

    def median(self) -> float:
        """Return the median, as numpy has it."""
        half = self.n // 2
        return self._at(half) if self.n % 2 else (self._at(half - 1) + self._at(half)) / 2

    def quantile(self, share: float) -> float:
        """Return a quantile by linear interpolation, as numpy has it."""
        place = (self.n - 1) * share
        lower = int(np.floor(place))
        away = place - lower
        low, high = self._at(lower), self._at(min(lower + 1, self.n - 1))
        step = high - low
        return high - step * (1 - away) if away >= 0.5 else low + step * away


@dataclass(frozen=True)
class WavePeers:
    """The groups of peers among the units of one wave.

    Parameters
    ----------
    groups : PeerGroups
    units : list of str
        Units of the wave, in the order of all arrays here.
    population : Series of float
        By unit, of all units.
    names : mapping of str to str
        By unit, of all units.
    """

    groups: PeerGroups
    units: list[str]
    population: pd.Series
    names: Mapping[str, str]

    @cached_property
    def position(self) -> dict[str, int]:
        """Place of each unit in the arrays."""
        return {unit: i for i, unit in enumerate(self.units)}

    @cached_property
    def _group_of(self) -> dict[str, str]:
        """Group of every unit of the study; empty for none."""
        group = self.groups.group
        return {str(u): str(g) for u, g in zip(group.index, group.tolist(), strict=True)}

    @cached_property
    def members(self) -> dict[str, Positions]:
        """Units of each group by their place in the arrays."""
        found: dict[str, list[int]] = {}
        for place, unit in enumerate(self.units):
            found.setdefault(self._group_of.get(unit, ""), []).append(place)
        return {g: np.array(places, dtype=np.int64) for g, places in found.items() if g}

    def group(self, unit: str) -> str:
        """Return the group of a unit; empty for none."""
        return self._group_of.get(unit, "")

    def of_unit(self, unit: str) -> Positions:
        """Return the places of the peers of a unit, in the order of the wave."""
        members = self.members.get(self.group(unit), NOBODY)
        found: Positions = members[members != self.position.get(unit, -1)]
        return found

    def nearest(self, unit: str) -> Positions:
        """Return the places of a unit's peers, the nearest in population first, then by name."""
        peers, own = self.of_unit(unit), self.population.get(unit, np.nan)
        sizes = self._sizes[peers]
        known = (sizes > 0) & bool(own > 0)
        gaps = np.full(len(peers), np.inf)
        gaps[known] = np.abs(np.log(sizes[known] / own))
        return peers[np.lexsort((self._order[peers], gaps))]

    @cached_property
    def _sizes(self) -> Floats:
        """Population by place."""
        return self.population.reindex(self.units).to_numpy(dtype=np.float64)

    @cached_property
    def _order(self) -> Positions:
        """Place of each unit in the order of names."""
        names = [self.names[unit] for unit in self.units]
        found = np.empty(len(names), dtype=np.int64)
        found[sorted(range(len(names)), key=names.__getitem__)] = np.arange(len(names))
        return found

    # -- what is typical --------------------------------------------------------------------------

    def in_order(self, values: Floats) -> dict[str, Floats]:
        """Return the known values of each group, sorted.

        Parameters
        ----------
        values : array of float, shape (units,)
        """
        return {group: sorted_known(values[places]) for group, places in self.members.items()}

    def totals(self, held: Bools) -> dict[str, NDArray[np.int64]]:
        """Return how many units of each group hold each of several things.

        Parameters
        ----------
        held : array of bool, shape (units, things)
        """
        return {group: held[places].sum(axis=0) for group, places in self.members.items()}

    def others(self, by_group: Mapping[str, Floats], values: Floats, unit: str) -> Others:
        """Return the known values of a unit's peers.

        Parameters
        ----------
        by_group : mapping of str to array
            As :meth:`in_order` gives them for ``values``.
        values : array of float, shape (units,)
        unit : str
        """
        found = by_group.get(self.group(unit))
        if found is None:
            return Others(np.empty(0), 0)
        place = self.position.get(unit)
        return Others.of(found, np.nan if place is None else float(values[place]))


def sorted_known(values: Floats) -> Floats:
    """Return the values that are known, in order."""
    return np.sort(values[~np.isnan(values)])
