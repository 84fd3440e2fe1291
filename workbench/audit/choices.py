"""Choices that an index could reasonably have made otherwise, and the scores that each gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.scoring.aggregate import MEANS
from workbench.scoring.normalise import Reference, apply, fit
from workbench.specs.instrument import MinMax, Normalise, PercentileRank, ZScore

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Normalisation = Literal["none", "min_max", "z_score", "percentile_rank"]
Aggregation = Literal["arithmetic", "geometric", "harmonic", "median"]
Missing = Literal["available", "median", "lowest"]

# Means that multiply or divide need scores above 0, and the scale of points is what people read.
SCALE = (1.0, 100.0)
RULES: dict[Normalisation, Normalise] = {
    "min_max": MinMax(method="min_max", range=SCALE),
    "z_score": ZScore(method="z_score", mean=50.0, sd=10.0),
    "percentile_rank": PercentileRank(method="percentile_rank", range=SCALE),
}
_DECIMALS = 9
_CHUNK = 3_000_000


@dataclass(frozen=True, slots=True)
class Choices:
    """Which choices are varied; the first of each list is the one that the index made.

    Parameters
    ----------
    weights : mapping of str to float
        Weight of each indicator; equal for all if left out.
    weight_share : float
        Each weight is drawn evenly between itself less and plus this share of it, from 0 to 1;
        then all are brought to the sum of 1.
    normalisations : tuple of {"min_max", "z_score", "percentile_rank", "none"}
        "none" takes the values as they are, turned where less is better.
    aggregations : tuple of {"arithmetic", "geometric", "harmonic", "median"}
        Geometric and harmonic means are for scores above 0: z-scores have mean 50 and deviation 10
        and are cut at 1.
    missing : tuple of {"available", "median", "lowest"}
        What stands for a missing indicator: nothing (the weights of the others count more), the
        median of the units, or the lowest score.
    one_out : bool
        Whether one indicator at a time is left out, each as likely as none.
    directions : mapping of str to int
        -1 for indicators of which less is better.
    """

    weights: Mapping[str, float] = field(default_factory=dict)
    weight_share: float = 0.25
    normalisations: tuple[Normalisation, ...] = ("min_max", "z_score", "percentile_rank")
    aggregations: tuple[Aggregation, ...] = ("arithmetic", "geometric")
    missing: tuple[Missing, ...] = ("available",)
    one_out: bool = True
    directions: Mapping[str, int] = field(default_factory=dict)

    def varied(self, k: int) -> tuple[str, ...]:
        """Return the names of the choices that are varied, with so many indicators."""
        several = {
            "weights": self.weight_share > 0 and k > 1,
            "normalisation": len(self.normalisations) > 1,
            "aggregation": len(self.aggregations) > 1,
            "missing": len(self.missing) > 1,
            "one_out": self.one_out and k > 2,
        }
        return tuple(name for name, is_varied in several.items() if is_varied)

    def check(self, indicators: list[str]) -> None:
        """Refuse choices that do not fit the indicators.

        Raises
        ------
        ValueError
        """
        for name, options, allowed in (
            ("normalisations", self.normalisations, ("none", *RULES)),
            ("aggregations", self.aggregations, ("arithmetic", "geometric", "harmonic", "median")),
            ("missing", self.missing, ("available", "median", "lowest")),
        ):
            odd = [option for option in options if option not in allowed]
            if odd or not options:
                got = odd[0] if odd else "nothing"
                raise ValueError(f"{name}: {', '.join(allowed)} were expected, not {got}")
        if not 0 <= self.weight_share <= 1:
            raise ValueError(f"weight_share: 0 to 1 was expected, not {self.weight_share}")
        unknown = sorted((set(self.weights) | set(self.directions)) - set(indicators))
        if unknown:
            raise ValueError(f"choices: there is no indicator {', '.join(unknown)}")
        if self.weights:
            without = [c for c in indicators if not self.weights.get(c, 0) >= 0]
            if without or sum(self.weights.values()) <= 0:
                raise ValueError("weights: numbers of 0 or more were expected, not all of them 0")
        if any(d not in (1, -1) for d in self.directions.values()):
            raise ValueError("directions: 1 or -1 was expected")


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """Choices drawn, one row a draw.

    Parameters
    ----------
    normalisation, aggregation, missing : array of int, shape (draws,)
        Positions in the lists of :class:`Choices`.
    out : array of int, shape (draws,)
        Indicator left out; the number of indicators for none.
    weights : array of float, shape (draws, indicators)
        Before the left-out indicator is set to 0.
    """

    normalisation: Ints
    aggregation: Ints
    missing: Ints
    out: Ints
    weights: Floats

    def __len__(self) -> int:
        """Return the number of draws."""
        return len(self.out)

    def of(self, choice: str) -> Ints:
        """Return the positions drawn of a choice that is a list."""
        lists: dict[str, Ints] = {
            "normalisation": self.normalisation,
            "aggregation": self.aggregation,
            "missing": self.missing,
            "one_out": self.out,
        }
        return lists[choice]


class Table:
    """Indicators of units, normalised by every rule that is tried.

    Parameters
    ----------
    values : DataFrame
        Units by indicators.
    choices : Choices
    """

    def __init__(self, values: pd.DataFrame, choices: Choices) -> None:
        self.choices = choices
        self.indicators = [str(c) for c in values.columns]
        self.n, self.k = values.shape
        weights = [float(choices.weights.get(c, 0.0)) for c in self.indicators]
        base = np.array(weights) if choices.weights else np.ones(self.k)
        self.weights: Floats = base / base.sum()
        raw = values.to_numpy(dtype=np.float64)
        self.ready = {
            (i, j): _filled(self._normalised(raw, rule), how)
            for (i, rule), (j, how) in product(
                enumerate(choices.normalisations), enumerate(choices.missing)
            )
        }

    def _normalised(self, raw: Floats, rule: Normalisation) -> Floats:
        """Return all indicators by one rule, more is better."""
        columns = []
        units = np.arange(self.n).astype(str)
        for position, code in enumerate(self.indicators):
            x, direction = raw[:, position], int(self.choices.directions.get(code, 1))
            if rule == "none":
                columns.append(x * direction)
                continue
            parameters = fit(RULES[rule], Reference(x, units), code, direction)
            columns.append(apply(RULES[rule], x, parameters, direction))
        return np.column_stack(columns)

    def nominal(self) -> Draws:
        """Return the choices that the index made, as one draw."""
        zero = np.zeros(1, dtype=np.int64)
        return Draws(zero, zero, zero, np.array([self.k]), self.weights[None, :])

    def drawn(self, uniform: Floats) -> Draws:
        """Return choices from numbers between 0 and 1.

        Parameters
        ----------
        uniform : array of float, shape (draws, 4 + indicators)
            For normalisation, aggregation, missing, one out, and each weight.
        """
        c = self.choices
        sizes = (len(c.normalisations), len(c.aggregations), len(c.missing))
        picked = [
            np.minimum((uniform[:, i] * size).astype(np.int64), size - 1)
            for i, size in enumerate(sizes)
        ]
        places = self.k + 1 if "one_out" in c.varied(self.k) else 1
        out = np.minimum((uniform[:, 3] * places).astype(np.int64), places - 1)
        # 0 stands for none, so that a single place leaves nothing out.
        out = np.where(out == 0, self.k, out - 1)
        share = 1 + c.weight_share * (2 * uniform[:, 4:] - 1)
        return Draws(picked[0], picked[1], picked[2], out, self.weights * share)

    def scores(self, draws: Draws) -> Floats:
        """Return the score of each unit under each draw, shape (units, draws)."""
        weights = np.hstack([draws.weights, np.zeros((len(draws), 1))])
        weights[np.arange(len(draws)), draws.out] = 0.0
        weights = weights[:, :-1]
        total = weights.sum(axis=1, keepdims=True)
        weights = np.divide(weights, total, out=np.full_like(weights, np.nan), where=total > 0)
        found: Floats = np.full((self.n, len(draws)), np.nan)
        kinds = np.c_[draws.normalisation, draws.missing, draws.aggregation]
        size = max(1, _CHUNK // (self.n * self.k))
        for kind in np.unique(kinds, axis=0):
            at = np.flatnonzero((kinds == kind).all(axis=1))
            mean = self.choices.aggregations[kind[2]]
            ready = self.ready[int(kind[0]), int(kind[1])]
            for start in range(0, len(at), size):
                part = at[start : start + size]
                found[:, part] = _aggregated(ready, weights[part], mean)
        return found


def _filled(scores: Floats, how: Missing) -> Floats:
    """Return scores with something in the place of missing ones."""
    if how == "available":
        return scores
    there = pd.DataFrame(scores)
    instead = there.median() if how == "median" else there.min()
    return there.fillna(instead).to_numpy()


def _aggregated(scores: Floats, weights: Floats, mean: Aggregation) -> Floats:
    """Return the mean of each unit for each row of weights, shape (units, draws)."""
    n, k = scores.shape
    draws = len(weights)
    if mean in ("geometric", "harmonic"):
        scores = np.where(np.isnan(scores), np.nan, np.maximum(scores, SCALE[0]))
    cases = np.broadcast_to(scores[:, None, :], (n, draws, k)).reshape(n * draws, k)
    each = np.broadcast_to(weights[None, :, :], (n, draws, k)).reshape(n * draws, k)
    return np.asarray(MEANS[mean](cases, each).reshape(n, draws), dtype=np.float64)


def places(scores: Floats) -> Floats:
    """Return places by score, 1 is best, ties share the best; missing without a score.

    Parameters
    ----------
    scores : array of float, shape (units, draws)

    Notes
    -----
    Scores are compared to nine decimals, since binary arithmetic would break ties.
    """
    n, draws = scores.shape
    settled = np.round(scores, _DECIMALS)
    key = np.where(np.isnan(settled), np.inf, -settled)
    order = np.argsort(key, axis=0, kind="stable")
    ordered = np.take_along_axis(key, order, axis=0)
    fresh = np.ones((n, draws), dtype=bool)
    fresh[1:] = ordered[1:] != ordered[:-1]
    first = np.maximum.accumulate(np.where(fresh, np.arange(1, n + 1)[:, None], 0), axis=0)
    found = np.empty((n, draws))
    np.put_along_axis(found, order, first.astype(np.float64), axis=0)
    return np.where(np.isnan(settled), np.nan, found)
