"""One wave of a study as arrays by unit, with what all its units share."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from workbench.scoring import Ranks, Scores
from workbench.scoring.states import Bools, Floats
from workbench.study.bins import bin_edges
from workbench.study.others import Others, WavePeers, sorted_known

# Beyond this many units a spread is counted in bins, so that a view stays small.
MOST_LISTED = 300
ByGroup = dict[str, Floats]


@dataclass(frozen=True)
class WaveArrays:
    """One wave of scores by unit.

    Parameters
    ----------
    all : Scores
        Of the study.
    rows : array of int
        Rows of the units of the wave in the scores.
    peers : WavePeers
        Units of the wave and their groups, in the order of ``rows``.
    scores : array of float, shape (units, groups)
    top : array of bool, shape (units, indicators)
        Whether each is at its best level.
    known : array of bool, shape (units, indicators)
        Whether each has a level at all.
    ranks : mapping of str to Ranks
        For the headline nodes.
    parts_known : mapping of str to array of bool, shape (units,)
        For the headline nodes: whether more is known than the number a source reports.
    """

    all: Scores
    rows: NDArray[np.intp]
    peers: WavePeers
    scores: Floats
    top: Bools
    known: Bools
    ranks: dict[str, Ranks]
    parts_known: dict[str, Bools]
    _values: dict[str, tuple[Floats, ByGroup]] = field(default_factory=dict)
    _pairs: dict[tuple[str, int], tuple[tuple[Floats, ByGroup], ...]] = field(default_factory=dict)
    _spreads: dict[tuple[int, int], Spread] = field(default_factory=dict)

    @property
    def units(self) -> list[str]:
        """Units observed, in the order of ``rows``."""
        return self.peers.units

    @property
    def position(self) -> dict[str, int]:
        """Place of each unit in the arrays."""
        return self.peers.position

    def places_known(self, code: str) -> bool:
        """Return whether what missing data could do to the places by a headline is known."""
        there = ~np.isnan(self.ranks[code].rank)
        return bool(self.parts_known[code][there].all())

    # -- groups of the instrument -----------------------------------------------------------------

    @cached_property
    def medians(self) -> list[tuple[int, float]]:
        """Number of units with a score, and their median, by column of ``scores``."""
        columns = (sorted_known(column) for column in self.scores.T)
        return [(x.size, Others(x, x.size).median() if x.size else np.nan) for x in columns]

    @cached_property
    def _scores_in_order(self) -> list[ByGroup]:
        """Known scores of each group of peers, by column of ``scores``."""
        return [self.peers.in_order(column) for column in self.scores.T]

    def scores_of_peers(self, column: int, unit: str) -> Others:
        """Return the scores of a unit's peers in a column of ``scores``."""
        return self.peers.others(self._scores_in_order[column], self.scores[:, column], unit)

    # -- indicators -------------------------------------------------------------------------------

    def level_counts(self, unit: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return how many peers of a unit are at the best level of each indicator, and at any."""
        group, place = self.peers.group(unit), self.position.get(unit)
        if group not in self._top_totals:
            none = np.zeros(self.top.shape[1], dtype=np.int64)
            return none, none
        top, known = self._top_totals[group], self._known_totals[group]
        if place is None:
            return top, known
        return top - self.top[place], known - self.known[place]

    @cached_property
    def _top_totals(self) -> dict[str, NDArray[np.int64]]:
        """Units at the best level of each indicator, by group of peers."""
        return self.peers.totals(self.top)

    @cached_property
    def _known_totals(self) -> dict[str, NDArray[np.int64]]:
        """Units with a level in each indicator, by group of peers."""
        return self.peers.totals(self.known)

    def values_of_peers(self, code: str, unit: str) -> Others:
        """Return the values of an indicator that the peers of a unit have."""
        if code not in self._values:
            values = self.all.results[code].value[self.rows]
            self._values[code] = values, self.peers.in_order(values)
        values, by_group = self._values[code]
        return self.peers.others(by_group, values, unit)

    def values_in_both(self, code: str, before: WaveArrays, unit: str) -> tuple[Others, Others]:
        """Return the values at an earlier wave, and now, of the peers that have both."""
        key = code, id(before)
        if key not in self._pairs:
            value = self.all.results[code].value
            early, late = np.full(len(self.rows), np.nan), value[self.rows]
            for place, other in enumerate(self.units):
                if other in before.position:
                    early[place] = value[before.rows[before.position[other]]]
            both = ~np.isnan(early) & ~np.isnan(late)
            pair = (np.where(both, x, np.nan) for x in (early, late))
            self._pairs[key] = tuple((x, self.peers.in_order(x)) for x in pair)
        first, second = (self.peers.others(g, x, unit) for x, g in self._pairs[key])
        return first, second

    # -- spread -----------------------------------------------------------------------------------

    def spread(self, column: int, decimals: int) -> Spread:
        """Return the scores of all units in a column of ``scores``, as they are printed."""
        key = column, decimals
        if key not in self._spreads:
            self._spreads[key] = Spread(self.peers, np.round(self.scores[:, column], decimals))
        return self._spreads[key]


@dataclass(frozen=True)
class Spread:
    """The scores of all units of a wave, for a picture of peers and others.

    Parameters
    ----------
    peers : WavePeers
    values : array of float, shape (units,)
        As they are printed.
    """

    peers: WavePeers
    values: Floats

    @cached_property
    def known(self) -> Bools:
        """Which units have a score."""
        return ~np.isnan(self.values)

    @cached_property
    def edges(self) -> Floats:
        """Edges of the bins."""
        return bin_edges(float(np.nanmin(self.values)), float(np.nanmax(self.values)))

    @cached_property
    def _counts(self) -> dict[str, Floats]:
        """Units in each bin, by group of peers; under "" those of all groups and none."""
        places = {**self.peers.members, "": np.arange(len(self.values))}
        return {group: self._count(self.values[at]) for group, at in places.items()}

    def _count(self, values: Floats) -> Floats:
        """Return how many values lie in each bin."""
        return np.histogram(values[~np.isnan(values)], self.edges)[0].astype(np.float64)

    def of_unit(self, unit: str) -> dict[str, tuple[float, ...]]:
        """Return the scores of peers and others: listed, or counted in bins where they are many."""
        place, group = self.peers.position.get(unit), self.peers.group(unit)
        if self.known.sum() <= MOST_LISTED:
            like = np.zeros(len(self.values), dtype=bool)
            like[self.peers.of_unit(unit)] = True
            other = ~like
            if place is not None:
                other[place] = False
            return {"peers": self._listed(like), "others": self._listed(other)}
        own = self._count(self.values[[] if place is None else [place]])
        peers = self._counts[group] - own if group in self._counts and group else 0 * own
        others = self._counts[""] - own - peers
        return {
            "edges": tuple(self.edges.tolist()),
            "peers": tuple(peers.tolist()),
            "others": tuple(others.tolist()),
        }

    def _listed(self, mask: Bools) -> tuple[float, ...]:
        """Return the scores of some units, lowest first."""
        return tuple(sorted(self.values[mask & self.known].tolist()))
