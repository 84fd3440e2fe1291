"""Which factors go with a score over several waves, steady differences between units taken out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from workbench.language import Message
from workbench.stats.clusters import cluster_codes, clusters_refused, few_clusters
from workbench.stats.factor_words import NOT_A_CAUSE, allowance, association
from workbench.stats.fixed_effects import TwoWayFit, fit_two_way, two_way_errors, within
from workbench.stats.inference import Errors
from workbench.stats.linear import Codes, aliased
from workbench.stats.measured import numeric
from workbench.stats.pairs import Floats
from workbench.stats.predictors import Design, design_of, flattened, focus_of, unsound
from workbench.stats.result import Number, Refusal, Result, Sentence
from workbench.stats.sizes import Sizes, default_sizes
from workbench.stats.wording import PLAIN, Labels


def factors_over_waves(
    outcome: pd.Series,
    predictors: pd.DataFrame,
    *,
    focus: str | None = None,
    clusters: pd.Series | None = None,
    reference: Mapping[str, object] | None = None,
    margin: float | None = None,
    level: float = 0.95,
    labels: Labels = PLAIN,
    names: Mapping[str, object] | None = None,
    sizes: Sizes | None = None,
) -> Result:
    """Return which factors go with a score within units over waves (two-way fixed effects).

    Parameters
    ----------
    outcome : Series of float
        Indexed by unit and wave (a MultiIndex of both, in this order); visits may be missing.
    predictors : DataFrame
        Factors that vary over the waves, with the same index.
    clusters : Series, optional
        Group of each unit, indexed by unit; each unit is its own if left out.
    focus, reference, margin, level, labels, names, sizes
        As of :func:`workbench.stats.factors`.

    Returns
    -------
    Result
        Estimate: the slope of the focus. ``tables["coefficients"]`` holds the slopes with every
        error, ``details`` the same by ``se_cluster_nonnested/name``.

    Notes
    -----
    Main errors: CR1 without the unit effects in its factor, t(G - 1); below 20 clusters CR2 with
    Satterthwaite's degrees of freedom. Conventions: see
    :func:`workbench.stats.fixed_effects.two_way_errors`.

    Raises
    ------
    ValueError
        If the index is not unit and wave, or the focus is not a predictor.
    """
    if outcome.index.nlevels != 2:
        raise ValueError(f"outcome: index has {outcome.index.nlevels} levels; expected unit, wave")
    known = numeric(outcome, "outcome")
    design = design_of(known, predictors, labels, reference=reference)
    term = focus_of(design, focus)
    what = Message("Which factors go with {outcome} cannot be computed.", outcome=labels.outcome)
    units, waves, codes = _codes(design, clusters)
    regressors = design.matrix[:, 1:]
    refusal = (
        unsound(design, what, sizes)
        or _steady(design, regressors, units, waves, what)
        or clusters_refused(codes, regressors[:, [j - 1 for j in design.places(term)]], what, sizes)
    )
    if refusal is not None:
        return _result(design, refusal=refusal)
    found = fit_two_way(regressors, design.outcome.to_numpy(dtype=np.float64), units, waves)
    errors = two_way_errors(found, units, codes)
    main = main_errors(errors, int(codes.max()) + 1, sizes)
    places = [j - 1 for j in design.places(term)]
    j = places[0] if len(places) == 1 else None
    table = slopes_table([column.name for column in design.columns], found, errors, main, level)
    return _result(
        design,
        conventions=(
            f"main errors {main.kind}; the others in the table of coefficients",
            "unit effects left out of the small-sample factor where they lie within the clusters",
        ),
        estimate=None if j is None else float(found.beta[j]),
        interval=None if j is None else main.interval(found.beta, j, level),
        test=main.test(found.beta, places),
        margin=margin,
        verdict=None if j is None else main.verdict(found.beta, j, level, margin),
        warnings=(*design.warnings, *few_clusters(codes, sizes)),
        sentences=(
            *(
                association(
                    design.columns[j],
                    float(found.beta[j]),
                    main.interval(found.beta, j, level),
                    main.verdict(found.beta, j, level, margin),
                    labels,
                    names or {},
                )
                for j in places
            ),
            *allowance(design),
            Message("All {nouns} are compared with themselves over the rounds.", **labels.values),
            NOT_A_CAUSE,
        ),
        details=fit_details(found) | flattened(table),
        tables={"coefficients": table},
    )


def main_errors(errors: Mapping[str, Errors], clusters: int, sizes: Sizes | None) -> Errors:
    """Return the errors that the main fields rest on: CR2 where clusters are few."""
    few = clusters < (sizes or default_sizes())["clusters"].warn
    return errors["cluster_CR2" if few else "cluster_nonnested"]


def fit_details(found: TwoWayFit) -> dict[str, Number]:
    """Return the numbers of a fit that belong to no slope."""
    return {
        "n": found.fit.n,
        "n_units": found.units,
        "n_periods": found.waves,
        "K_all": found.k_all,
        "K_nonnested": found.k_nonnested,
        "r2_with_effects": found.r2,
        "r2_within": found.r2_within,
        "rss": found.fit.rss,
    }


def slopes_table(
    names: list[str], found: TwoWayFit, errors: Mapping[str, Errors], main: Errors, level: float
) -> pd.DataFrame:
    """Return the slopes with their errors under every convention, one row each."""
    table = pd.DataFrame({"coef": found.beta}, index=pd.Index(names, name="term"))
    for kind, part in errors.items():
        table[f"se_{kind}"] = part.se
    table["df_CR2_satterthwaite"] = errors["cluster_CR2"].df
    table["se"], table["df"], table["p"] = main.se, main.df, main.p(found.beta)
    reach = main.reach(level)
    table["ci_low"], table["ci_high"] = found.beta - reach, found.beta + reach
    return table


# -- parts ------------------------------------------------------------------------------------


def _codes(design: Design, clusters: pd.Series | None) -> tuple[Codes, Codes, Codes]:
    """Return the numbers of unit, wave and cluster of each row.

    Raises
    ------
    ValueError
        If a unit has no cluster.
    """
    index = design.outcome.index
    names = [pd.Series(index.get_level_values(i), index=index) for i in (0, 1)]
    units, waves = (cluster_codes(series, index) for series in names)
    if clusters is None:
        return units, waves, units
    groups = names[0].map(clusters)
    if groups.isna().any():
        raise ValueError(f"clusters: unit {names[0][groups.isna()].iloc[0]} has none")
    return units, waves, cluster_codes(groups, index)


def _steady(
    design: Design, regressors: Floats, units: Codes, waves: Codes, what: Sentence
) -> Refusal | None:
    """Return the refusal of factors that units and waves alone determine."""
    columns = np.column_stack([(waves[:, None] == np.arange(waves.max() + 1)), regressors])
    lengths = np.linalg.norm(regressors, axis=0)
    centred = within(columns.astype(np.float64), units)
    # What is left of a steady factor is the error of the arithmetic, not a direction.
    tiny = np.linalg.norm(centred[:, waves.max() + 1 :], axis=0) <= 1e-9 * lengths
    centred[:, waves.max() + 1 :][:, tiny] = 0.0
    found = [j - waves.max() - 1 for j in aliased(centred) if j > waves.max()]
    if not found:
        return None
    return Refusal(
        "collinear",
        what,
        Message(
            "{factor} does not vary over the rounds otherwise than for everyone.",
            factor=design.columns[found[0]].term,
        ),
        Message("Steady differences can be looked at within one round."),
    )


def _result(design: Design, **values: object) -> Result:
    """Return the result of a design; what is not given is missing."""
    fields: dict[str, object] = {
        "design": "panel",
        "dropped": design.dropped,
        "details": {"n": design.n},
        "fingerprint": design.fingerprint,
    }
    method = Message("least squares with effects of unit and wave")
    return Result(
        "factors_over_waves",
        "association",
        design.n,
        method,
        **(fields | values),  # type: ignore[arg-type]
    )
