"""Peers: which units are like which."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from workbench.errors import DataError, Place, Problem, Reason, did_you_mean
from workbench.language import Message, marked
from workbench.specs.common import Text, in_all_languages
from workbench.specs.study import Peers


@dataclass(frozen=True)
class PeerGroups:
    """Peer group of every unit.

    Parameters
    ----------
    group : Series of str
        Id of the group by unit; empty where it can't be told, as without a population.
    titles : mapping of str to Text
        Name of each group, in the order of the study.
    minimum : int
        Fewer other members than this are not summarised.
    source : Text or None
        Where the grouping comes from.
    """

    group: pd.Series
    titles: dict[str, Text]
    minimum: int
    source: Text | None

    def members(self, unit: str) -> list[str]:
        """Return the other units of a unit's group."""
        own = self.group.get(unit, "")
        return [u for u in self._by_group[own] if u != unit] if own else []

    @cached_property
    def _by_group(self) -> dict[str, list[str]]:
        """Units of each group, in their order."""
        found: dict[str, list[str]] = {}
        for unit, group in zip(self.group.index.tolist(), self.group.tolist(), strict=True):
            found.setdefault(str(group), []).append(str(unit))
        return found


def peer_groups(units: pd.DataFrame, spec: Peers | None, place: Place | None = None) -> PeerGroups:
    """Return the peer groups of a study; all units are peers where the study declares none.

    Parameters
    ----------
    units : DataFrame
        Index unit; column ``population`` or the one that ``spec`` names.
    spec : Peers or None
    place : Place, optional
        Where the study names the column, for the error.

    Raises
    ------
    DataError
        If the column named does not exist.
    """
    if spec is None or spec.by == "all":
        everyone = in_all_languages(marked("all of the study"))
        group = pd.Series("all", index=units.index)
        minimum = 5 if spec is None else spec.minimum
        return PeerGroups(group, {"all": everyone}, minimum, None)
    if spec.by == "column":
        column = str(spec.column)
        if column not in units.columns:
            what = Message("peers name the column {name}, which the units do not have", name=column)
            fix = did_you_mean(column, [str(c) for c in units.columns])
            where = place or Place("peers.column")
            raise DataError(Problem(Reason.COLUMN_MISSING, what, where, fix=fix))
        group = units[column].astype(str)
        titles = {str(g): Text(str(g)) for g in sorted(set(group)) if g}
        return PeerGroups(group, titles, spec.minimum, spec.source)
    limits = np.array([np.inf if band.below is None else band.below for band in spec.bands])
    population = units["population"].to_numpy(dtype=np.float64)
    index = np.searchsorted(limits, population, side="right")
    ids = np.array([*(band.id for band in spec.bands), ""], dtype=object)
    index = np.where(np.isnan(population), len(spec.bands), np.minimum(index, len(spec.bands) - 1))
    group = pd.Series(ids[index], index=units.index)
    return PeerGroups(
        group, {band.id: band.title for band in spec.bands}, spec.minimum, spec.source
    )
