"""How far places move under other reasonable choices of weights and rules."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from workbench.audit.choices import Choices, Draws, Floats, Table, places
from workbench.audit.sobol import sobol_indices
from workbench.language import Counted, Message
from workbench.stats.measured import left_out, numeric_frame, once, row
from workbench.stats.result import (
    Dropped,
    Effect,
    Interval,
    Number,
    Refusal,
    Result,
    Sentence,
    fingerprint,
    rounded,
)
from workbench.stats.sizes import Sizes, too_few
from workbench.stats.wording import PLAIN, Labels

METHOD = Message("Monte Carlo over declared choices")
FAR = 5
# Choices that are one number each in the drawing, before the weights.
LISTS = ("normalisation", "aggregation", "missing", "one_out")


def rank_robustness(
    values: pd.DataFrame,
    choices: Choices | None = None,
    *,
    unit: str | None = None,
    draws: int = 2000,
    sobol_samples: int | None = None,
    share: float = 0.90,
    seed: int = 20250101,
    labels: Labels = PLAIN,
    names: Mapping[str, object] | None = None,
    sizes: Sizes | None = None,
) -> Result:
    """Return how far places move when the choices behind an index are made otherwise.

    Parameters
    ----------
    values : DataFrame of float
        Units by indicators; missing where one was not measured.
    choices : Choices, optional
        Which choices are varied; the first of each list is what the index does.
    unit : str, optional
        Code of the unit that is asked about: its place and range become the estimate.
    draws : int
    sobol_samples : int, optional
        A power of two: which choice moves places most is computed too, with so many samples.
    share : float
        Of the draws that a range holds: 0.90 leaves 5 % out at each end.
    seed : int
    labels : Labels
    names : mapping, optional
        How units are called in sentences, by code.
    sizes : mapping, optional

    Returns
    -------
    Result
        Estimate: share of units whose range reaches more than five places from where they stand,
        or with ``unit`` its place with the range over choices (no statement about chance). Table
        ``units``: ``rank``, ``median``, ``low``, ``high``, ``moved_far`` (share of draws in which
        it moves more than five places); ``choices``: mean shift of places by option; ``one_out``:
        places without each indicator. With ``sobol_samples`` table ``indices``: ``S1`` and ``ST``
        of the mean shift by choice, with bootstrap intervals. ``details``: ``mean_rank_shift``,
        ``share_moved`` (mean over draws).

    Notes
    -----
    Every draw takes one option of each list and weights within their share, evenly and
    independently; scores, then places, follow. Mean shift: mean over units of |place - place as
    chosen| (Saisana, Saltelli and Tarantola 2005, doi:10.1111/j.1467-985X.2005.00350.x; OECD/JRC
    2008, section 7).

    Raises
    ------
    ValueError
        If a choice is unknown, a unit stands twice, or ``sobol_samples`` is no power of two.
    """
    choices = choices or Choices()
    once(values.index)
    choices.check([str(c) for c in values.columns])
    frame, dropped = _measured(values, choices, labels)
    details: dict[str, Number] = {"n": len(frame), "indicators": frame.shape[1]}
    called = unit if unit is None else (names or {}).get(unit, unit)
    refusal = _refusal(frame, choices, unit, called, labels, sizes)
    mark = fingerprint(frame.index, map(str, frame.columns), frame.to_numpy().ravel())
    if refusal is not None:
        return Result(
            "rank_robustness",
            "description",
            len(frame),
            METHOD,
            design="choices",
            dropped=dropped,
            reading="none",
            unit="places",
            refusal=refusal,
            details=details,
            fingerprint=mark,
        )
    table = Table(frame, choices)
    base = places(table.scores(table.nominal()))[:, 0]
    rng = np.random.default_rng(seed)
    drawn = table.drawn(rng.random((draws, len(LISTS) + table.k)))
    found = places(table.scores(drawn))
    shift = np.abs(found - base[:, None])
    units = _units(frame.index, base, found, share)
    reach = np.maximum(units["rank"] - units["low"], units["high"] - units["rank"])
    far = float((reach > FAR).mean())
    tables = {"units": units, "choices": _by_choice(drawn, shift, table)}
    if frame.shape[1] > 2:
        tables["one_out"] = _one_out(table, frame.index)
    details |= {
        "draws": draws,
        "mean_rank_shift": float(np.nanmean(shift)),
        "share_moved": float((shift > FAR).mean()),
        "share_can_move": far,
        "units_can_move": int((reach > FAR).sum()),
    }
    warnings: tuple[Sentence, ...] = ()
    if sobol_samples is not None:
        indices = _sensitivity(table, base, sobol_samples, seed)
        if indices.refusal is None:
            tables["indices"], warnings = indices.tables["indices"], indices.warnings
            details |= {k: v for k, v in indices.details.items() if k.startswith(("S1_", "ST_"))}
    estimate, interval, effects = far, None, ()
    if unit is not None:
        own = row(units, unit)
        estimate = own["rank"]
        interval = Interval(own["low"], own["high"], share, "range over choices")
        details |= own
    return Result(
        "rank_robustness",
        "description",
        len(frame),
        METHOD,
        design="choices",
        dropped=dropped,
        conventions=(f"range: middle {100 * share:g} % of draws", "ties share the best place"),
        reading="none",
        estimate=estimate,
        unit="share" if unit is None else "places",
        interval=interval,
        effects=effects or (Effect("mean_rank_shift", float(np.nanmean(shift))),),
        warnings=warnings,
        sentences=_sentences(details, called, len(frame), labels),
        details=details,
        tables=tables,
        seed=seed,
        replicates=draws,
        fingerprint=mark,
    )


# -- parts ------------------------------------------------------------------------------------


def _measured(
    values: pd.DataFrame, choices: Choices, labels: Labels
) -> tuple[pd.DataFrame, tuple[Dropped, ...]]:
    """Return units with at least one indicator that counts, in the order of codes."""
    frame = numeric_frame(values)
    frame.index = pd.Index(frame.index.map(str), name="unit")
    frame = frame.sort_index()
    counted = [c for c in frame.columns if not choices.weights or choices.weights.get(str(c), 0)]
    there = np.flatnonzero(frame[counted].notna().to_numpy().any(axis=1))
    known = frame.iloc[there]
    missing = len(frame) - len(known)
    return known, (left_out(missing, labels),) if missing else ()


def _refusal(
    frame: pd.DataFrame,
    choices: Choices,
    unit: str | None,
    called: object,
    labels: Labels,
    sizes: Sizes | None,
) -> Refusal | None:
    """Return why places can't be varied."""
    what = Message("How far the places depend on the choices cannot be computed.")
    instead = Message("The places can be shown as they are.")
    if unit is not None and unit not in frame.index:
        why = Message("{name} was not measured.", name=called)
        return Refusal("not_measured", what, why, instead)
    few_units = too_few(len(frame), "ranked_units", what, instead, sizes)
    if few_units is not None:
        return few_units
    flat = [str(c) for c in frame.columns if frame[c].nunique() < 2]
    if flat and set(choices.normalisations) != {"none"}:
        why = Message("All units have the same value of {names}.", names=", ".join(flat))
        return Refusal("no_variation", what, why, Message("It can be computed without these."))
    if not choices.varied(frame.shape[1]):
        why = Message("No choice was declared that could be made otherwise.")
        return Refusal("not_declared", what, why, Message("Weights or rules can be declared."))
    return None


def _units(index: pd.Index, base: Floats, found: Floats, share: float) -> pd.DataFrame:
    """Return the place of each unit as chosen and over the draws."""
    # Where nothing is missing the plain one gives the same, and goes through all units at once.
    quantile = np.nanquantile if np.isnan(found).any() else np.quantile
    low, median, high = quantile(found, ((1 - share) / 2, 0.5, (1 + share) / 2), axis=1)
    return pd.DataFrame(
        {
            "rank": base,
            "median": median,
            "low": low,
            "high": high,
            "least": np.nanmin(found, axis=1),
            "most": np.nanmax(found, axis=1),
            "moved_far": (np.abs(found - base[:, None]) > FAR).mean(axis=1),
        },
        index=index,
    )


def _by_choice(drawn: Draws, shift: Floats, table: Table) -> pd.DataFrame:
    """Return the mean shift of places under each option of each choice."""
    c = table.choices
    options: dict[str, list[str]] = {
        "normalisation": list(c.normalisations),
        "aggregation": list(c.aggregations),
        "missing": list(c.missing),
        "one_out": [*table.indicators, "(none)"],
    }
    each = np.nanmean(shift, axis=0)
    rows = []
    for choice in c.varied(table.k):
        if choice == "weights":
            continue
        for position, option in enumerate(options[choice]):
            at = drawn.of(choice) == position
            mean = float(each[at].mean()) if at.any() else np.nan
            rows.append(
                {"choice": choice, "option": option, "draws": int(at.sum()), "mean_shift": mean}
            )
    frame = pd.DataFrame(rows, columns=pd.Index(["choice", "option", "draws", "mean_shift"]))
    return frame.set_index(["choice", "option"])


def _one_out(table: Table, index: pd.Index) -> pd.DataFrame:
    """Return places without each indicator, all else as chosen; shape (units, indicators)."""
    k = table.k
    zero = np.zeros(k, dtype=np.int64)
    draws = Draws(zero, zero, zero, np.arange(k), np.tile(table.weights, (k, 1)))
    return pd.DataFrame(
        places(table.scores(draws)), index=index, columns=pd.Index(table.indicators)
    )


def _sensitivity(table: Table, base: Floats, samples: int, seed: int) -> Result:
    """Return which choice moves places most, all weights together."""
    names = [*LISTS, *(f"weight {code}" for code in table.indicators)]
    groups = [*LISTS, *("weights" for _ in table.indicators)]
    # What is not varied has no index; its place in the drawing stays fixed.
    varied = table.choices.varied(table.k)
    used = [i for i, group in enumerate(groups) if group in varied]

    def mean_shift(rows: Floats) -> Floats:
        uniform = np.full((len(rows), len(names)), 0.5)
        uniform[:, used] = rows
        for position in range(len(LISTS)):
            if position not in used:
                uniform[:, position] = 0.0
        found = []
        for start in range(0, len(rows), 2048):
            part = places(table.scores(table.drawn(uniform[start : start + 2048])))
            found.append(np.nanmean(np.abs(part - base[:, None]), axis=0))
        return np.concatenate(found)

    return sobol_indices(
        mean_shift,
        [names[i] for i in used],
        bounds=[(0.0, 1.0)] * len(used),
        groups=[groups[i] for i in used],
        samples=samples,
        seed=seed,
    )


def _sentences(
    details: dict[str, Number], called: object, n: int, labels: Labels
) -> tuple[Sentence, ...]:
    """Return the range of places over choices, in words."""
    if called is None:
        far = Counted(
            "With other reasonable weights and rules, {n} of {all} {nouns} would move more than "
            "{far} places.",
            "With other reasonable weights and rules, {n} of {all} {nouns} would move more than "
            "{far} places.",
            int(details["units_can_move"] or 0),
            all=rounded(n, 0),
            far=rounded(FAR, 0),
            **labels.values,
        )
        return (far,)
    values = {
        "name": called,
        "place": rounded(details["rank"] or 0, 0),
        "low": rounded(details["low"] or 0, 0),
        "high": rounded(details["high"] or 0, 0),
        "all": rounded(n, 0),
    }
    place = Message(
        "{name} is in place {place} of {all}; with other reasonable weights and rules it would be "
        "between {low} and {high}.",
        **values,
    )
    return (place,)
