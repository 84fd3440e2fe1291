"""Did participants improve more: several waves, and one start for all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.language import Counted, Message
from workbench.stats.clusters import cluster_codes, clusters_refused, few_clusters
from workbench.stats.event_study import EventStudy, like_paths, robustness, violations
from workbench.stats.factors_over_waves import fit_details, main_errors, slopes_table
from workbench.stats.fixed_effects import fit_two_way, two_way_errors
from workbench.stats.linear import Codes
from workbench.stats.measured import numeric_frame
from workbench.stats.pairs import Floats
from workbench.stats.predictors import flattened
from workbench.stats.programme import (
    ONE_BEFORE,
    PROGRAMME,
    Programme,
    effect_sentence,
    small_arm,
    taking_part,
    unknown_part,
)
from workbench.stats.result import (
    Dropped,
    Number,
    Refusal,
    Result,
    Sentence,
    fingerprint,
    rounded,
)
from workbench.stats.sizes import Sizes, few, too_few
from workbench.stats.wording import PLAIN, Labels

ASSUMPTION = Message("without it both groups would have gone on alike")


@dataclass(frozen=True, slots=True)
class _Panel:
    """Visits in rows, in the order of units and waves.

    Attributes
    ----------
    values, treated : array of float, shape (visits,)
    units, waves, codes : array of int, shape (visits,)
        Number of unit, wave and cluster.
    labels : tuple
        Waves.
    start, ref : int
        Number of the first wave with the programme, and of the wave of reference.
    """

    values: Floats
    treated: Floats
    units: Codes
    waves: Codes
    codes: Codes
    labels: tuple[object, ...]
    start: int
    ref: int
    arms: Floats
    dropped: tuple[Dropped, ...]
    warnings: tuple[Sentence, ...]
    fingerprint: str


def effect_several_waves(
    scores: pd.DataFrame,
    treated: pd.Series,
    start: object,
    *,
    ref: object = None,
    clusters: pd.Series | None = None,
    margin: float | None = None,
    level: float = 0.95,
    labels: Labels = PLAIN,
    groups: Programme = PROGRAMME,
    sizes: Sizes | None = None,
) -> Result:
    """Return by how much more participants changed, over several waves (two-way fixed effects).

    Parameters
    ----------
    scores : DataFrame of float
        Units by waves, waves in their order; missing where a unit was not visited.
    treated : Series of bool
        Whether each unit took part (yes/no or 0/1).
    start : object
        Name of the first wave with the programme, a column of ``scores``.
    ref : object, optional
        Wave that the others are compared with in the event study; the last before the start.
    clusters : Series, optional
        Group of each unit at which the programme was assigned; each unit is its own if left out.
    margin, level, labels, sizes
        As of :func:`workbench.stats.mean_change`.
    groups : Programme
        What sentences call both groups.

    Returns
    -------
    Result
        Estimate: coefficient of participation after the start, in points.
        ``tables["by_wave"]`` holds the distance of both groups in each wave, ``violations`` where
        the effect would lie if their paths had drifted apart as before the start.

    Notes
    -----
    Main errors: CR1 clustered, factor G/(G - 1) (N - 1)/(N - K) with K the slopes and waves,
    t(G - 1); below 20 clusters CR2 with Satterthwaite's degrees of freedom.

    Raises
    ------
    ValueError
        If ``start`` or ``ref`` is not a wave, or ``ref`` does not lie before the start.
    """
    what = Message("Whether participants changed more than others cannot be computed.")
    panel = _panel(scores, treated, start, ref, clusters, labels)
    refusal = _refusal(panel, what, labels, sizes)
    if refusal is not None:
        return _result(panel, refusal=refusal)
    after = (panel.waves >= panel.start).astype(np.float64)
    found = fit_two_way((panel.treated * after)[:, None], panel.values, panel.units, panel.waves)
    errors = two_way_errors(found, panel.units, panel.codes)
    number = int(panel.codes.max()) + 1
    main, estimate = main_errors(errors, number, sizes), float(found.beta[0])
    interval, verdict = (
        main.interval(found.beta, 0, level),
        main.verdict(found.beta, 0, level, margin),
    )
    table = slopes_table(["treated"], found, errors, main, level)
    study = _event_study(panel, number, sizes)
    by_wave = study.table(level)
    events = by_wave.drop(columns=["step", "after"])
    events.index = pd.Index([f"ev{wave}" for wave in study.waves])
    details = fit_details(found) | flattened(table) | flattened(events) | like_paths(study)
    details |= robustness(study, level) | {"n_treated": int(panel.arms.sum())}
    details |= {"n_control": len(panel.arms) - int(panel.arms.sum())}
    tables = {"coefficients": table, "by_wave": by_wave}
    if study.before:
        tables["violations"] = violations(study, level)
    return _result(
        panel,
        conventions=(
            f"main errors {main.kind}",
            "K counts slopes and waves; unit effects lie within the clusters",
        ),
        estimate=estimate,
        interval=interval,
        test=main.test(found.beta, [0]),
        margin=margin,
        verdict=verdict,
        warnings=(
            *panel.warnings,
            *few(int(min(panel.arms.sum(), (1 - panel.arms).sum())), "did_arm", sizes),
            *few_clusters(panel.codes, sizes),
        ),
        sentences=(
            effect_sentence(
                float(found.beta[0]), interval, verdict, ASSUMPTION, labels, groups.participants
            ),
            *(_paths(study, level, labels) if study.before else (ONE_BEFORE,)),
        ),
        details=details,
        tables=tables,
    )


# -- parts ------------------------------------------------------------------------------------


def _panel(
    scores: pd.DataFrame,
    treated: pd.Series,
    start: object,
    ref: object,
    clusters: pd.Series | None,
    labels: Labels,
) -> _Panel:
    """Return the visits of the units of which it is known whether they took part."""
    table, dropped = known_units(scores, treated, clusters, labels)
    part = taking_part(treated).loc[table.index].to_numpy(dtype=np.float64)
    names = tuple(table.columns)
    for name, wave in (("start", start), ("ref", ref)):
        if wave not in names and not (name == "ref" and wave is None):
            raise ValueError(f"{name}: {wave!r} is not a wave; there are {list(names)}")
    if ref is not None and names.index(ref) >= names.index(start):
        raise ValueError(f"ref: {ref!r} does not lie before the start {start!r}")
    there = table.notna().to_numpy()
    both = (there & (part == 1)[:, None]).any(axis=0) & (there & (part == 0)[:, None]).any(axis=0)
    late = np.arange(len(names)) >= names.index(start)
    kept = tuple(name for name, good in zip(names, both, strict=True) if good)
    # Sorted by unit, then wave, without the waves in which only one group was visited.
    rows, columns = np.nonzero(there & both)
    place = np.cumsum(both) - 1
    units = np.unique(rows, return_inverse=True)[1]
    first = int(sum(good and not after for good, after in zip(both, late, strict=True)))
    group = units if clusters is None else cluster_codes(clusters, table.index[rows])
    values = table.to_numpy(dtype=np.float64)[rows, columns]
    return _Panel(
        values,
        part[rows],
        units,
        place[columns],
        group,
        kept,
        first,
        kept.index(ref) if ref in kept else first - 1,
        part[np.unique(rows)],
        dropped,
        _gaps(names, both, int((~there).sum()), labels),
        fingerprint(map(str, table.index[rows]), map(str, columns), values, part[rows]),
    )


def _gaps(
    names: tuple[object, ...], both: NDArray[np.bool_], missing: int, labels: Labels
) -> tuple[Sentence, ...]:
    """Return which waves are left out, and how many visits are missing."""
    found: list[Sentence] = [
        Message("In round {wave} only one of both groups was visited; it is left out.", wave=str(w))
        for w, good in zip(names, both, strict=True)
        if not good
    ]
    if missing:
        text = Counted(
            "{n} measurement of the {nouns} is missing; that is taken to have nothing to do with "
            "change.",
            "{n} measurements of the {nouns} are missing; that is taken to have nothing to do with "
            "change.",
            missing,
            nouns=labels.nouns,
        )
        found.append(text)
    return tuple(found)


def known_units(
    scores: pd.DataFrame, treated: pd.Series, clusters: pd.Series | None, labels: Labels
) -> tuple[pd.DataFrame, tuple[Dropped, ...]]:
    """Return the units ever visited of which participation and cluster are known, sorted by code.

    Raises
    ------
    ValueError
        If a unit or wave stands twice.
    """
    for index in (scores.index, scores.columns):
        if index.has_duplicates:
            raise ValueError(f"{index[index.duplicated()][0]} stands twice")
    table = numeric_frame(scores, "scores")
    table = table.loc[sorted(table.index[table.notna().any(axis=1)], key=str)]
    known = table.index.isin(treated.dropna().index)
    if clusters is not None:
        known &= table.index.isin(clusters.dropna().index)
    return table[known], unknown_part(int((~known).sum()), labels)


def _refusal(panel: _Panel, what: Sentence, labels: Labels, sizes: Sizes | None) -> Refusal | None:
    """Return why the effect can't be computed, if it can't."""
    few_units = small_arm(panel.arms, "did_arm", what, labels, sizes)
    if few_units is not None:
        return few_units
    instead = Message(
        "The rounds after the start can be compared, knowing that this is a difference only."
    )
    few_before = too_few(panel.start, "did_pre_waves", what, instead, sizes)
    if few_before is not None or panel.start == len(panel.labels):
        return few_before or Refusal(
            "too_few", what, Message("There is no round after the start."), instead
        )
    if np.ptp(panel.values) == 0:
        return Refusal(
            "no_variation",
            what,
            Message("All have the same value in every round."),
            Message("The count says all there is to say."),
        )
    return clusters_refused(panel.codes, panel.treated[:, None], what, sizes)


def _event_study(panel: _Panel, clusters: int, sizes: Sizes | None) -> EventStudy:
    """Return the distance of both groups in each wave but the one of reference."""
    others = [w for w in range(len(panel.labels)) if w != panel.ref]
    regressors = panel.treated[:, None] * (panel.waves[:, None] == np.array(others))
    found = fit_two_way(regressors.astype(np.float64), panel.values, panel.units, panel.waves)
    errors = two_way_errors(found, panel.units, panel.codes)
    return EventStudy(
        tuple(panel.labels[w] for w in others),
        np.array(others, dtype=np.float64) - panel.ref,
        np.array(others) >= panel.start,
        found,
        errors,
        main_errors(errors, clusters, sizes),
    )


def _paths(study: EventStudy, level: float, labels: Labels) -> tuple[Sentence, ...]:
    """Return how alike both paths were before the start, and what if they had drifted apart."""
    widest = max(study.before, key=lambda j: abs(float(study.beta[j])))
    interval = study.main.interval(study.beta, widest, level)
    before = Counted(
        "In the {n} round before the reference round, the distance between both groups differed "
        "from it by {most} {unit} (probably {low} to {high}); that does not prove that they would "
        "have gone on alike.",
        "In the {n} rounds before the reference round, the distance between both groups differed "
        "from it by {most} {unit} at most (probably {low} to {high}); that does not prove that "
        "they would have gone on alike.",
        len(study.before),
        most=rounded(abs(study.beta[widest])),
        low=rounded(interval.low),
        high=rounded(interval.high),
        **labels.values,
    )
    low, high, least, most = violations(study, level).loc[[1.0]].to_numpy()[0]
    after = Message(
        "If from one round to the next both groups had drifted apart as much as at most before the "
        "start, the average effect would lie between {low} and {high} {unit} (with its uncertainty "
        "between {least} and {most}).",
        low=rounded(low),
        high=rounded(high),
        least=rounded(least),
        most=rounded(most),
        **labels.values,
    )
    return before, after


def _result(panel: _Panel, **values: object) -> Result:
    """Return the result of a panel; what is not given is missing."""
    treated = int(panel.arms.sum())
    described: dict[str, Number] = {"n_treated": treated, "n_control": len(panel.arms) - treated}
    fields: dict[str, object] = {
        "design": "panel, two groups, common start",
        "dropped": panel.dropped,
        "details": described,
        "fingerprint": panel.fingerprint,
    }
    return Result(
        "effect_several_waves",
        "effect",
        len(panel.arms),
        Message("difference in differences with effects of unit and wave"),
        **(fields | values),  # type: ignore[arg-type]
    )
