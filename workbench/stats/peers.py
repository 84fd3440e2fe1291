"""Where one unit stands among units like it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from workbench.language import Message
from workbench.stats.measured import Floats, left_out, numeric, once
from workbench.stats.noise import grain, settled
from workbench.stats.result import (
    Dropped,
    Effect,
    Refusal,
    Result,
    Sentence,
    fingerprint,
    rounded,
)
from workbench.stats.sizes import Sizes, too_few
from workbench.stats.wording import PLAIN, Labels

# Makes the median absolute deviation of a normal distribution equal to its standard deviation.
MAD_TO_SD = 1.4826


@dataclass(frozen=True, slots=True)
class _Field:
    """A unit and its peers.

    Parameters
    ----------
    own : float
    peers : array of float, shape (peers,)
    units : tuple of str
    own_ends : tuple of float
        Lowest and highest the unit's value could be.
    peer_ends : tuple of array of float, each shape (peers,)
    dropped : tuple of Dropped
    """

    own: float
    peers: Floats
    units: tuple[str, ...]
    own_ends: tuple[float, float]
    peer_ends: tuple[Floats, Floats]
    dropped: tuple[Dropped, ...]


def peer_position(
    values: pd.Series,
    unit: str,
    *,
    peers: Iterable[str] | None = None,
    bounds: pd.DataFrame | None = None,
    direction: Literal[1, -1] = 1,
    labels: Labels = PLAIN,
    names: Mapping[str, object] | None = None,
    sizes: Sizes | None = None,
) -> Result:
    """Return where a unit stands among its peers, itself left out.

    Parameters
    ----------
    values : Series of float
        One number a unit, indexed by code.
    unit : str
        Code of the unit that is asked about.
    peers : iterable of str, optional
        Codes of the units like it; all others by default. The unit itself is left out of them.
    bounds : DataFrame, optional
        Columns ``low`` and ``high``: what each value could be where data are missing.
    direction : {1, -1}
        -1 where less is better.
    labels : Labels
    names : mapping, optional
        How units are called in sentences, by code.
    sizes : mapping, optional

    Returns
    -------
    Result
        Estimate: percentile, from 0 (all peers are better) to 100 (none is). Effect ``gap_mad``:
        distance from the median of the peers in deviations (1.4826 MAD). No interval: the place is
        a description; ``percentile_low`` and ``percentile_high`` hold what the bounds allow.
        With fewer peers than the smallest size the values are listed instead.

    Notes
    -----
    Percentile = 100 (worse + same / 2) / peers. Where more than half of the peers share the median
    the MAD is zero and there is no standardised distance.
    """
    once(values.index)
    chosen = dict.fromkeys(map(str, values.index if peers is None else peers))
    field = _field(values, str(unit), [c for c in chosen if c != str(unit)], bounds, labels)
    n = len(field.peers)
    details = _described(field)
    refusal = _refusal(field, (names or {}).get(unit, unit), sizes)
    frame = pd.DataFrame({"value": field.peers}, index=pd.Index(field.units, name="unit"))
    tables = {"peers": frame}
    mark = fingerprint([unit], field.units, [field.own], field.peers)
    if refusal is not None:
        return Result(
            "peer_position",
            "groups",
            n,
            Message("percentile among peers"),
            design="one unit",
            dropped=field.dropped,
            reading="none",
            refusal=refusal,
            details=details,
            tables=tables,
            fingerprint=mark,
        )
    standing = _standing(field, direction)
    details |= standing
    gap = details["gap_mad"]
    effects = () if gap is None else (Effect("gap_mad", float(gap)),)
    return Result(
        "peer_position",
        "groups",
        n,
        Message("percentile among peers, median and MAD"),
        design="one unit",
        dropped=field.dropped,
        conventions=("percentile counts half of the ties", "the unit is no peer of itself"),
        reading="none",
        estimate=standing["percentile"],
        unit="percentile",
        effects=effects,
        warnings=()
        if effects
        else (
            Message(
                "More than half of the peers have the same value: the distance has no deviation "
                "to be measured in."
            ),
        ),
        sentences=_sentences(n, details, labels),
        details=details,
        tables=tables,
        fingerprint=mark,
    )


def peer_standings(
    values: pd.Series,
    groups: pd.Series,
    *,
    bounds: pd.DataFrame | None = None,
    direction: Literal[1, -1] = 1,
) -> pd.DataFrame:
    """Return where every unit stands among the others of its group, all at once.

    Parameters
    ----------
    values : Series of float
        One number a unit, indexed by code; those without one have no standing and are no peers.
    groups : Series of str
        Group of each unit, by code.
    bounds : DataFrame, optional
        Columns ``low`` and ``high``: what each value could be where data are missing.
    direction : {1, -1}
        -1 where less is better.

    Returns
    -------
    DataFrame
        A row a unit with a number: ``n_peers``, ``peers_worse``, ``peers_same``, ``peers_better``,
        ``percentile``, ``percentile_below``, ``percentile_up_to``, ``percentile_low``,
        ``percentile_high``; percentiles are missing for one without peers.

    Notes
    -----
    Percentile = 100 (worse + same / 2) / peers. Its bounds hold the unit at its worst among peers
    at their best, and the other way round.
    """
    known = values.dropna()
    ends = pd.DataFrame({"low": known, "high": known})
    if bounds is not None:
        ends = bounds[["low", "high"]].reindex(known.index).fillna(ends)
    numbers = known.to_numpy(dtype=np.float64), ends.to_numpy(dtype=np.float64)
    x, turned = (settled(direction * part, grain(*numbers)) for part in numbers)
    least, most = turned.min(axis=1), turned.max(axis=1)
    codes = pd.factorize(groups.reindex(known.index))[0]
    found = np.full((len(x), 5), np.nan)
    for code in range(codes.max(initial=-1) + 1):
        at = np.flatnonzero(codes == code)
        worse, same = _below(x[at], x[at])
        found[at, :3] = np.c_[np.full(len(at), len(at) - 1), worse, same]
        for column, (own, others) in enumerate(((least, most), (most, least)), start=3):
            below, level = _below(own[at], others[at])
            found[at, column] = below + level / 2
    table = pd.DataFrame(found[:, :3], columns=["n_peers", "peers_worse", "peers_same"])
    n = table["n_peers"].where(table["n_peers"] > 0)
    table["peers_better"] = table["n_peers"] - table["peers_worse"] - table["peers_same"]
    table["percentile"] = 100 * (table["peers_worse"] + table["peers_same"] / 2) / n
    table["percentile_below"] = 100 * table["peers_worse"] / n
    table["percentile_up_to"] = 100 * (table["peers_worse"] + table["peers_same"]) / n
    table["percentile_low"], table["percentile_high"] = 100 * found[:, 3] / n, 100 * found[:, 4] / n
    return table.set_index(known.index)[codes >= 0]


def third_of(percentile: float) -> int:
    """Return the third in which a percentile lies: 0 for the lower one, 2 for the upper."""
    return min(2, int(percentile // (100 / 3)))


# -- parts ------------------------------------------------------------------------------------


def _below(own: Floats, others: Floats) -> tuple[Floats, Floats]:
    """Return how many of the others each is above, and level with; row i is no other of itself."""
    ordered = np.sort(others)
    low = np.searchsorted(ordered, own, side="left")
    up_to = np.searchsorted(ordered, own, side="right")
    return (low - (others < own)).astype(np.float64), (up_to - low - (others == own)).astype(
        np.float64
    )


def _field(
    values: pd.Series, unit: str, peers: list[str], bounds: pd.DataFrame | None, labels: Labels
) -> _Field:
    """Return the unit and those of its peers that have a number."""
    numbers = numeric(values)
    numbers.index = numbers.index.map(str)
    ends = {"low": numbers, "high": numbers}
    if bounds is not None:
        known = bounds.set_axis(bounds.index.map(str))
        ends = {
            end: numeric(known[end], end).reindex(numbers.index).fillna(numbers)
            for end in ("low", "high")
        }
    asked = numbers.reindex(sorted(peers))
    there = asked.dropna()
    missing = len(asked) - len(there)
    own = float(numbers.get(unit, np.nan))
    low, high = (np.asarray(ends[end].reindex(there.index), dtype=float) for end in ("low", "high"))
    own_ends = tuple(float(ends[end].get(unit, np.nan)) for end in ("low", "high"))
    return _Field(
        own,
        np.asarray(there, dtype=np.float64),
        tuple(there.index),
        (own_ends[0], own_ends[1]),
        (low, high),
        (left_out(missing, labels),) if missing else (),
    )


def _described(field: _Field) -> dict[str, float | int | None]:
    """Return the numbers that need no smallest size."""
    n = len(field.peers)
    own = None if np.isnan(field.own) else field.own
    found: dict[str, float | int | None] = {"n_peers": n, "value": own}
    if not n:
        return found
    median = float(np.median(field.peers))
    mad = float(np.median(np.abs(field.peers - median)))
    gap = None if own is None else own - median
    return found | {
        "peer_mean": float(field.peers.mean()),
        "peer_median": median,
        "peer_mad": mad,
        "peer_low": float(field.peers.min()),
        "peer_high": float(field.peers.max()),
        "gap": gap,
        "gap_mean": None if own is None else own - float(field.peers.mean()),
        "gap_mad": None if gap is None or mad == 0 else gap / (MAD_TO_SD * mad),
    }


def _standing(field: _Field, direction: Literal[1, -1]) -> dict[str, float]:
    """Return how many peers are worse, alike and better, and the percentile with its bounds."""
    ends = [np.r_[own, peers] for own, peers in zip(field.own_ends, field.peer_ends, strict=True)]
    frame = pd.DataFrame({"value": np.r_[field.own, field.peers], "low": ends[0], "high": ends[1]})
    together = pd.Series("", index=frame.index)
    own = peer_standings(
        frame["value"], together, bounds=frame[["low", "high"]], direction=direction
    ).iloc[0]
    return {name: own[name] for name in own.index if name != "n_peers"}


def _refusal(field: _Field, called: object, sizes: Sizes | None) -> Refusal | None:
    """Return why there is no position."""
    what = Message("The position among the peers cannot be computed.")
    if np.isnan(field.own):
        why = Message("{name} was not measured.", name=called)
        return Refusal("not_measured", what, why, Message("The values of the peers can be shown."))
    return too_few(
        len(field.peers), "peers", what, Message("Their values can be listed side by side."), sizes
    )


def _sentences(
    n: int, details: dict[str, float | int | None], labels: Labels
) -> tuple[Sentence, ...]:
    """Return the position in words: the third, the counts, and what the bounds allow."""
    low, high = float(details["percentile_low"] or 0), float(details["percentile_high"] or 0)
    third, third_low, third_high = (
        third_of(p) for p in (float(details["percentile"] or 0), low, high)
    )
    values = {**labels.values, "n": rounded(n, 0)}
    if third_low != third_high:
        place: Sentence = Message(
            "Among {n} similar {nouns}, the third in which yours stands depends on data that are "
            "missing.",
            **values,
        )
    elif third == 2:
        place = Message("Among {n} similar {nouns}, yours is in the upper third.", **values)
    elif third == 1:
        place = Message("Among {n} similar {nouns}, yours is in the middle third.", **values)
    else:
        place = Message("Among {n} similar {nouns}, yours is in the lower third.", **values)
    counts = Message(
        "Behind it: {worse}; level with it: {same}; ahead of it: {better}.",
        worse=rounded(details["peers_worse"] or 0, 0),
        same=rounded(details["peers_same"] or 0, 0),
        better=rounded(details["peers_better"] or 0, 0),
    )
    gap = float(details["gap"] or 0)
    size = {"size": rounded(abs(gap)), "unit": labels.unit}
    distance: Sentence = Message("It is at the middle value of its peers.")
    if gap > 0:
        distance = Message("It lies {size} {unit} above the middle value of its peers.", **size)
    elif gap < 0:
        distance = Message("It lies {size} {unit} below the middle value of its peers.", **size)
    return place, counts, distance
