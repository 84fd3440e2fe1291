"""How people were sampled, and weights adjusted to known counts of the population."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.language import Counted, Message
from workbench.stats.measured import Floats, numeric
from workbench.stats.result import Dropped, Refusal, Sentence

Ints = NDArray[np.int64]
RAKING_STEPS = 2000
RAKING_TOLERANCE = 1e-12
PROJECTIONS = 200
MARGINS_AGREE = 1e-6
WHAT = Message("The answers cannot be adjusted to the population.")


@dataclass(frozen=True, slots=True, eq=False)
class SurveyDesign:
    """How people were sampled, by columns of the table of respondents.

    Parameters
    ----------
    weights : str, optional
        Column with the sampling weight. Without one all weigh alike, or by ``fpc``.
    strata, clusters : str, optional
        Columns of the strata and of the units sampled first (blocks, districts) within them.
    fpc : str, optional
        Column with the size of the population of the stratum, in units sampled first, or the share
        of it that was sampled (all values at most 1).
    population : DataFrame, optional
        Known counts by cell: one column each for the variables of a cell, and ``N``. The weights
        are adjusted to them (post-stratification).
    margins : tuple of Series
        Known counts by variable: the index holds its categories and has the name of its column.
        The weights are adjusted to all of them (raking). Either these or ``population``.
    merge : mapping
        Declared merging of categories: ``{"age": {"60+": "35 and older", ...}}``; applied to
        respondents and population alike.
    largest_ratio : float, optional
        Weights above so many times the smallest are lowered to it, and all raised to keep the sum.
    """

    weights: str | None = None
    strata: str | None = None
    clusters: str | None = None
    fpc: str | None = None
    population: pd.DataFrame | None = None
    margins: tuple[pd.Series, ...] = ()
    merge: Mapping[str, Mapping[str, str]] | None = None
    largest_ratio: float | None = None

    @property
    def cells(self) -> list[str]:
        """Columns to which weights are adjusted."""
        if self.population is not None:
            return [str(c) for c in self.population.columns if c != "N"]
        return [str(margin.index.name) for margin in self.margins]


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Respondents with their weights and what the variance needs.

    Parameters
    ----------
    frame : DataFrame
    base, weights : array of float, shape (respondents,)
        Weights before and after the adjustment to the population.
    stratum, psu : array of int, shape (respondents,)
        Numbered from 0; the clusters of different strata have different numbers.
    rate : array of float, shape (strata,)
        Share of the stratum that was sampled; 0 where not stated.
    groups : tuple of array of int, each shape (respondents,)
        Post-strata, or the categories of each margin.
    population : float or None
        Size of the population, where it is known.
    dropped : tuple of Dropped
    warnings : tuple of Message
    """

    frame: pd.DataFrame
    base: Floats
    weights: Floats
    stratum: Ints
    psu: Ints
    rate: Floats
    groups: tuple[Ints, ...]
    population: float | None
    dropped: tuple[Dropped, ...]
    warnings: tuple[Sentence, ...]

    @property
    def df(self) -> int:
        """Degrees of freedom: units sampled first less strata."""
        return len(np.unique(self.psu)) - len(self.rate)

    @property
    def careful_df(self) -> float:
        """Degrees of freedom on which intervals rest: fewer where few answers stand for many.

        After an adjustment no more than the effective number of answers (Kish 1965, (sum w)^2 / sum
        w^2) less the known counts that were met: a variance of so uneven a sum is known no better
        (Satterthwaite 1946). At least 1.
        """
        if not self.groups:
            return float(self.df)
        effective = float(self.weights.sum() ** 2 / np.square(self.weights).sum())
        met = sum(int(codes.max()) for codes in self.groups) + 1
        return max(min(float(self.df), effective - met), 1.0)

    @property
    def adjusted(self) -> bool:
        """Whether the weights were adjusted to the population."""
        return bool(self.groups)


def drawn_sample(respondents: pd.DataFrame, design: SurveyDesign) -> Sample | Refusal:
    """Return respondents with adjusted weights, or why they can't be adjusted.

    Raises
    ------
    ValueError
        If a column is missing, a weight or size of a stratum is not above 0, a known count is
        negative, or both counts by cell and margins stand.
    """
    _check(respondents, design)
    frame, dropped = _complete(_as_numbers(respondents, design), design)
    base, stratum, psu, rate = _sampling(frame, design)
    sample = Sample(frame, base, base, stratum, psu, rate, (), None, dropped, ())
    if design.cells:
        return _adjusted(sample, design)
    return _finished(sample, base, (), None, design)


def _check(respondents: pd.DataFrame, design: SurveyDesign) -> None:
    """Refuse a design that does not fit the table."""
    if design.population is not None and design.margins:
        raise ValueError("design: give population or margins, not both")
    if design.population is not None and "N" not in design.population:
        raise ValueError("design: population needs a column N")
    named = [design.weights, design.strata, design.clusters, design.fpc, *design.cells]
    absent = [c for c in named if c is not None and c not in respondents]
    if absent:
        raise ValueError(f"design: the respondents have no column {', '.join(absent)}")


def _as_numbers(respondents: pd.DataFrame, design: SurveyDesign) -> pd.DataFrame:
    """Return respondents whose weights and sizes of strata are numbers above 0."""
    found = respondents
    for column, what in ((design.weights, "a weight"), (design.fpc, "a size of a stratum")):
        if column is None:
            continue
        numbers = numeric(found[column], column)
        if (numbers <= 0).any():
            raise ValueError(f"design: {what} in {column} is not above 0")
        found = found.assign(**{column: numbers.to_numpy()})
    return found


def _complete(
    respondents: pd.DataFrame, design: SurveyDesign
) -> tuple[pd.DataFrame, tuple[Dropped, ...]]:
    """Return respondents of whom all that the design needs is known, and who is left out."""
    named = [design.weights, design.strata, design.clusters, design.fpc, *design.cells]
    used = [c for c in dict.fromkeys(named) if c is not None]
    frame = respondents.dropna(subset=used) if used else respondents
    n = len(respondents) - len(frame)
    why = Counted(
        "{n} answer is left out: its weight, stratum or group is not known.",
        "{n} answers are left out: their weight, stratum or group is not known.",
        n,
    )
    return _merged(frame, design), (Dropped(n, why),) if n else ()


def _merged(frame: pd.DataFrame, design: SurveyDesign) -> pd.DataFrame:
    """Return a table with the declared categories merged."""
    found = frame.copy()
    for column, rule in (design.merge or {}).items():
        if column in found:
            found[column] = found[column].astype(str).replace(dict(rule))
    return found


def _sampling(frame: pd.DataFrame, design: SurveyDesign) -> tuple[Floats, Ints, Ints, Floats]:
    """Return base weights, strata, clusters, and the share sampled of each stratum."""
    n = len(frame)
    stratum = np.zeros(n, dtype=np.int64)
    if design.strata is not None:
        stratum = pd.factorize(frame[design.strata], sort=True)[0].astype(np.int64)
    psu = np.arange(n, dtype=np.int64)
    if design.clusters is not None:
        own = pd.factorize(frame[design.clusters], sort=True)[0]
        psu = np.unique(np.c_[stratum, own], axis=0, return_inverse=True)[1].ravel().astype(int)
    strata = int(stratum.max()) + 1 if n else 0
    rate = np.zeros(strata)
    if design.fpc is not None:
        sizes = frame[design.fpc].to_numpy(dtype=np.float64)
        drawn = np.array([len(np.unique(psu[stratum == h])) for h in range(strata)])
        known = np.array([sizes[stratum == h][0] for h in range(strata)])
        if (sizes != known[stratum]).any():
            raise ValueError(f"design: {design.fpc} differs within a stratum")
        rate = known if sizes.max(initial=0.0) <= 1 else drawn / known
        if (rate > 1).any():
            raise ValueError(f"design: {design.fpc} is smaller than the sample of a stratum")
    if design.weights is not None:
        base = frame[design.weights].to_numpy(dtype=np.float64)
    elif design.fpc is not None:
        base = 1 / rate[stratum]
    else:
        base = np.ones(n)
    return base, stratum, psu, rate


# -- adjustment to the population -------------------------------------------------------------


def _adjusted(sample: Sample, design: SurveyDesign) -> Sample | Refusal:
    """Return the sample adjusted to counts by cell or by margin."""
    targets = _targets(design)
    groups = []
    for names, counts in targets:
        keys = pd.MultiIndex.from_frame(sample.frame[names].astype(str))
        codes = counts.index.get_indexer(keys)
        refusal = _gaps(codes, keys, counts)
        if refusal is not None:
            return refusal
        groups.append(codes.astype(np.int64))
    totals = [counts.to_numpy(dtype=np.float64) for _, counts in targets]
    sums = [float(total.sum()) for total in totals]
    if max(sums) - min(sums) > MARGINS_AGREE * max(sums):
        why = Message("The known counts do not add up to the same population.")
        instead = Message("They can be brought to the same total first.")
        return Refusal("margins_differ", WHAT, why, instead)
    weights = rake(sample.base, groups, totals)
    if weights is None:
        why = Message("The known counts contradict the answers: no weights fit all of them.")
        instead = Message("Groups with few answers can be merged by a declared rule.")
        return Refusal("no_convergence", WHAT, why, instead)
    return _finished(sample, weights, tuple(groups), sums[0], design)


def _targets(design: SurveyDesign) -> list[tuple[list[str], pd.Series]]:
    """Return known counts above 0 with the columns that they count."""
    found = []
    for table in [design.population] if design.population is not None else list(design.margins):
        if isinstance(table, pd.Series):
            name = str(table.index.name)
            frame = pd.DataFrame({name: table.index, "N": table.to_numpy()})
        else:
            frame = table
        frame = _merged(frame, design)
        names = [str(c) for c in frame.columns if c != "N"]
        frame = frame.assign(**{c: frame[c].astype(str) for c in names})
        frame = frame.assign(N=numeric(frame["N"], "N"))
        if (frame["N"] < 0).any():
            raise ValueError(f"design: a count of {', '.join(names)} is negative")
        counts = frame.groupby(names, sort=True)["N"].sum()
        counts.index = pd.MultiIndex.from_frame(counts.index.to_frame(index=False))
        found.append((names, counts[counts > 0]))
    return found


def _gaps(codes: Ints, keys: pd.MultiIndex, counts: pd.Series) -> Refusal | None:
    """Return why respondents and population do not meet in all cells."""
    if (codes < 0).any():
        strange = ", ".join(sorted({" / ".join(key) for key in keys[codes < 0]}))
        why = Message("The population has no count for {cells}.", cells=strange)
        return Refusal(
            "unknown_cell", WHAT, why, Message("The count can be added, or the group merged.")
        )
    empty = sorted(set(range(len(counts))) - set(codes.tolist()))
    if not empty:
        return None
    named = ", ".join(" / ".join(counts.index[i]) for i in empty)
    why = Message("Nobody answered in {cells}.", cells=named)
    instead = Message(
        "Declare with which group it is merged; the average of those who answered can be shown, "
        "which says nothing of that group."
    )
    return Refusal("empty_cell", WHAT, why, instead)


def rake(base: Floats, groups: list[Ints], totals: list[Floats]) -> Floats | None:
    """Return weights that meet all known counts (iterative proportional fitting), None if none do.

    Parameters
    ----------
    base : array of float, shape (respondents,)
    groups : list of array of int, each shape (respondents,)
        Category of each respondent in each margin.
    totals : list of array of float
        Known count of each category.

    Notes
    -----
    With one margin, of cells, this is post-stratification and needs one step (Deming and Stephan
    1940).
    """
    weights = base.copy()
    for _ in range(RAKING_STEPS):
        for codes, total in zip(groups, totals, strict=True):
            weights = weights * (total / np.bincount(codes, weights, len(total)))[codes]
        gap = max(
            float(np.abs(np.bincount(codes, weights, len(total)) / total - 1).max())
            for codes, total in zip(groups, totals, strict=True)
        )
        if gap < RAKING_TOLERANCE:
            return weights
    return None if gap > np.sqrt(RAKING_TOLERANCE) else weights


def _finished(
    sample: Sample,
    weights: Floats,
    groups: tuple[Ints, ...],
    population: float | None,
    design: SurveyDesign,
) -> Sample:
    """Return the sample with its weights, trimmed where that was declared, and with warnings."""
    warnings: list[Sentence] = []
    limit = design.largest_ratio
    if limit is not None and len(weights) and weights.max() > limit * weights.min():
        cut = trimmed(weights, limit)
        n = int((weights > limit * weights.min()).sum())
        warnings.append(
            Counted(
                "{n} answer weighed more than {limit} times the least; its weight was lowered to "
                "that.",
                "{n} answers weighed more than {limit} times the least; their weights were lowered "
                "to that.",
                n,
                limit=limit,
            )
        )
        weights = cut
    return Sample(
        sample.frame,
        sample.base,
        weights,
        sample.stratum,
        sample.psu,
        sample.rate,
        groups,
        population,
        sample.dropped,
        tuple(warnings),
    )


def trimmed(weights: Floats, ratio: float) -> Floats:
    """Return weights of which none is more than so many times the smallest, with the same sum."""
    cut = np.minimum(weights, ratio * weights.min())
    return np.asarray(cut * (weights.sum() / cut.sum()), dtype=np.float64)


# -- variance ---------------------------------------------------------------------------------


def linearised_variances(scores: Floats, sample: Sample) -> tuple[float, float]:
    """Return the variance of a weighted sum of linearised scores, plain and with care.

    Parameters
    ----------
    scores : array of float, shape (respondents,)
        Weight times linearised value; 0 outside a domain.
    sample : Sample

    Notes
    -----
    Scores over weights are replaced by their residuals from the means of the post-strata (of all
    margins in turn after raking), then summed by cluster; per stratum (1 - f) n / (n - 1) times the
    squares about the mean. A stratum with one cluster is centred at the mean of all clusters, which
    overstates rather than hides its part (Lumley 2010, Complex Surveys, chapters 2 and 7).

    With care, each residual is divided by 1 less the answer's leverage on the means of its groups,
    as Valliant (2002) does and HC3 in regression: where few answers stand for many people they draw
    their mean to themselves, and the plain variance is too small. Without adjustment both agree.
    """
    residual = scores / sample.weights
    for _ in range(PROJECTIONS if len(sample.groups) > 1 else 1):
        before = residual
        for codes in sample.groups:
            sums = np.bincount(codes, residual * sample.base)
            residual = residual - (sums / np.bincount(codes, sample.base))[codes]
        if np.abs(residual - before).max(initial=0.0) < 1e-14 * np.abs(scores).max(initial=0.0):
            break
    careful = residual / (1 - _leverage(sample))
    return _between(residual * sample.weights, sample), _between(careful * sample.weights, sample)


def _leverage(sample: Sample) -> Floats:
    """Return the leverage of each answer on the means of its groups; 0 where it is alone."""
    if not sample.groups:
        return np.zeros(len(sample.base))
    kinds = [np.arange(int(codes.max()) + 1) == codes[:, None] for codes in sample.groups]
    columns = np.sqrt(sample.base)[:, None] * np.hstack(kinds)
    leverage = np.einsum("ij,jk,ik->i", columns, np.linalg.pinv(columns.T @ columns), columns)
    # Who is alone is met exactly, and has no residual.
    return np.asarray(np.where(leverage < 1 - 1e-8, leverage, 0.0), dtype=np.float64)


def _between(scores: Floats, sample: Sample) -> float:
    """Return the variance of a sum of scores between the clusters of each stratum."""
    totals = np.bincount(sample.psu, scores)
    home = np.zeros(len(totals), dtype=np.int64)
    home[sample.psu] = sample.stratum
    n = np.bincount(home, minlength=len(sample.rate))
    means = np.bincount(home, totals, len(sample.rate)) / n
    means = np.where(n > 1, means, totals.mean())
    squares = np.bincount(home, (totals - means[home]) ** 2, len(sample.rate))
    factor = np.where(n > 1, n / np.maximum(n - 1, 1), 1.0)
    return float(((1 - sample.rate) * factor * squares).sum())


def lonely_strata(sample: Sample) -> int:
    """Return how many strata with unsampled parts have one cluster only."""
    home = np.unique(np.c_[sample.stratum, sample.psu], axis=0)[:, 0]
    return int(((np.bincount(home) == 1) & (sample.rate < 1)).sum())
