"""What is typical of the peers of each unit, found once for all: the same as asking each time."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from workbench.study.bins import bin_edges
from workbench.study.others import Others, WavePeers, sorted_known
from workbench.study.peers import PeerGroups
from workbench.study.wave import MOST_LISTED, Spread


def some_peers(n: int, seed: int = 1) -> WavePeers:
    """Return units in three groups and none, with equal, unknown and zero populations."""
    rng = np.random.default_rng(seed)
    units = [f"{i:05d}" for i in range(n)]
    every = [*units, "90001"]  # not measured in this wave
    group = pd.Series(rng.choice(["a", "b", "c", ""], n + 1), index=every)
    population = pd.Series(rng.choice([0, 100, 200, 400, 5000, np.nan], n + 1), index=every)
    names = {unit: f"{'ABC'[i % 3]} {i}" for i, unit in enumerate(every)}
    return WavePeers(PeerGroups(group, {}, 5, None), units, population, names)


@pytest.mark.parametrize("n", [2, 3, 4, 7, 40])
@pytest.mark.parametrize("seed", range(4))
def test_values_without_one_are_those_of_numpy_to_the_last_bit(n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = np.round(rng.normal(50, 20, n), 1 if seed % 2 else 9)
    values[rng.random(n) < 0.2] = np.nan
    known = sorted_known(values)
    for place in range(n):
        left = np.delete(values, place)
        left = left[~np.isnan(left)]
        found = Others.of(known, values[place])
        assert found.n == left.size
        if left.size:
            assert found.median() == np.median(left)
            for share in (0.1, 0.25, 0.5, 0.75, 0.9):
                assert found.quantile(share) == np.quantile(left, share)


def test_peers_are_the_others_of_a_group() -> None:
    peers = some_peers(60)
    for unit in [*peers.units, "90001"]:
        own = peers.groups.group[unit]
        expected = [
            i
            for i, u in enumerate(peers.units)
            if own and u != unit and peers.groups.group[u] == own
        ]
        assert peers.of_unit(unit).tolist() == expected


def test_the_nearest_in_size_come_first_then_by_name() -> None:
    peers = some_peers(60)
    for unit in peers.units:
        own = peers.population[unit]

        def away(place: int, own: float = own) -> tuple[float, str]:
            size = peers.population[peers.units[place]]
            gap = abs(np.log(size / own)) if size > 0 and own > 0 else np.inf
            return float(gap), peers.names[peers.units[place]]

        expected = sorted(peers.of_unit(unit).tolist(), key=away)
        assert peers.nearest(unit).tolist() == expected


@pytest.mark.parametrize("n", [20, MOST_LISTED + 200])
def test_a_spread_counts_each_other_unit_once(n: int) -> None:
    peers = some_peers(n)
    rng = np.random.default_rng(5)
    values = np.round(rng.uniform(0, 100, n), 1)
    values[::9] = np.nan
    spread = Spread(peers, values)
    for place in (0, 1, 2, n - 1):
        unit = peers.units[place]
        like = np.isin(np.arange(n), peers.of_unit(unit))
        other = ~like & (np.arange(n) != place)
        found = spread.of_unit(unit)
        for name, mask in (("peers", like), ("others", other)):
            some = np.sort(values[mask & ~np.isnan(values)])
            if n <= MOST_LISTED:
                assert found[name] == tuple(some)
            else:
                edges = bin_edges(np.nanmin(values), np.nanmax(values))
                assert found[name] == tuple(np.histogram(some, edges)[0].astype(float))
