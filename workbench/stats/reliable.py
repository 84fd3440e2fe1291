"""Change of single units beyond what measurement error gives."""

from __future__ import annotations

import numpy as np
import pandas as pd
import scipy.stats as sp

from workbench.language import Counted, Message
from workbench.stats.paired import described, no_pairs, refused
from workbench.stats.pairs import Floats, Pairs, matched
from workbench.stats.precision import check_precision, no_deviation, not_reliable
from workbench.stats.result import (
    Interval,
    Number,
    Refusal,
    Result,
    Sentence,
    Verdict,
    rounded,
    verdict_of,
)
from workbench.stats.sizes import Sizes, few
from workbench.stats.wording import PLAIN, Labels

METHOD = Message("reliable change index (Jacobson and Truax)")
# A standard error for all units, or that of each in the first and in the second measurement.
StdError = float | tuple[pd.Series, pd.Series]


def reliable_change(
    before: pd.Series,
    after: pd.Series,
    *,
    reliability: float | None = None,
    std_error: StdError | None = None,
    sd: float | None = None,
    items: int | None = None,
    unit: str | None = None,
    level: float = 0.95,
    labels: Labels = PLAIN,
    sizes: Sizes | None = None,
) -> Result:
    """Return which units changed by more than measurement error.

    Parameters
    ----------
    before, after : Series of float
        One number a unit, indexed by code.
    reliability : float or None
        Of the score, 0-1, from raters or from the structure of the index; refused where neither it
        nor ``std_error`` is known, or below 0.6.
    std_error : float or pair of Series, optional
        Standard error of one score, where it is known itself: one for all units, or that of each in
        both measurements, whose errors are taken as independent.
    sd : float, optional
        Deviation of the scores that the reliability was found with; that of the first measurement
        of the pairs if left out, which about a single unit needs 30 of them.
    items : int, optional
        Questions behind the score; a score of one has no reliability of its own.
    unit : str, optional
        Code of the unit that the question is about; all of them if left out.
    level : float
        Of the interval and of the smallest change that can be told from error.
    labels : Labels
    sizes : mapping, optional
        Smallest sizes; the defaults if left out.

    Returns
    -------
    Result
        Of one unit: its change, with the interval that measurement error gives. Of all: the
        smallest change that can be told from error, and the counts. Table ``units``: change, z and
        outcome of each.

    Raises
    ------
    ValueError
        If ``reliability`` is 1 or more, or ``sd`` is not above 0.

    Notes
    -----
    SEM = sd sqrt(1 - reliability); z = change / (sqrt(2) SEM); smallest change = z(level) sqrt(2)
    SEM (Jacobson and Truax 1991, doi:10.1037/0022-006X.59.1.12). The error is that of measurement:
    one number a unit needs no other units, but ``sd`` does.
    """
    check_precision(reliability, sd)
    if isinstance(std_error, float | int) and not std_error > 0:
        raise ValueError(f"std_error: {std_error}; expected a number above 0")
    if isinstance(std_error, tuple):
        before, after = (
            scores[error.reindex(scores.index).notna()]
            for scores, error in zip((before, after), std_error, strict=True)
        )
    known = np.nan if reliability is None else reliability
    pairs = matched(before, after, labels)
    refusal = no_pairs(pairs, labels) or _not_measured(unit, pairs, labels)
    if refusal is None and std_error is None:
        rule = "paired" if unit is None else "deviation"
        refusal = not_reliable(known, items)
        if refusal is None and sd is None:
            refusal = no_deviation(pairs.before, rule, labels, sizes)
    if refusal is not None:
        return refused("reliable_change", METHOD, pairs, refusal, described(pairs))
    error, details = _error(pairs, known, std_error, sd)
    table = _by_unit(pairs, error, float(sp.norm.ppf(0.5 + level / 2)))
    reach = float(np.median(table["reach"]))
    up, down = (int((table["outcome"] == word).sum()) for word in ("rose", "fell"))
    details |= {
        "mdc": reach,
        "improved": up,
        "worsened": down,
        "no_reliable_change": pairs.n - up - down,
    }
    if unit is not None:
        return _of_one(pairs, str(unit), level, details, table, labels)
    return Result(
        "reliable_change",
        "change",
        pairs.n,
        METHOD,
        design="paired",
        dropped=pairs.dropped,
        reading="measurement",
        estimate=reach,
        warnings=(
            *(few(pairs.n, "deviation", sizes) if sd is None and std_error is None else ()),
            _by_chance(pairs, level),
        ),
        sentences=(
            _counted(up, down, pairs.n, labels),
            *(() if isinstance(std_error, tuple) else (_least(reach, labels),)),
        ),
        details=details,
        tables={"units": table},
        fingerprint=pairs.fingerprint,
    )


# -- parts ------------------------------------------------------------------------------------


def _error(
    pairs: Pairs, reliability: float, std_error: StdError | None, sd: float | None
) -> tuple[Floats, dict[str, Number]]:
    """Return the standard error of each change, and what it was found from."""
    if isinstance(std_error, tuple):
        first, second = (
            error.set_axis(error.index.map(str)).reindex(pairs.units).to_numpy(dtype=np.float64)
            for error in std_error
        )
        return np.hypot(first, second), {"n": pairs.n}
    spread = float(pairs.before.std(ddof=1)) if sd is None else sd
    sem = spread * float(np.sqrt(1 - reliability)) if std_error is None else float(std_error)
    error = float(np.sqrt(2)) * sem
    found: dict[str, Number] = {
        "n": pairs.n,
        "sem": sem,
        "s_diff": error,
        "mdc95": float(sp.norm.ppf(0.975)) * error,
    }
    if std_error is None:
        found |= {"reliability": reliability, "sd": spread}
    return np.full(pairs.n, error), found


def _of_one(
    pairs: Pairs,
    unit: str,
    level: float,
    details: dict[str, Number],
    table: pd.DataFrame,
    labels: Labels,
) -> Result:
    """Return the result about one unit."""
    change, reach = float(table["change"][unit]), float(table["reach"][unit])
    interval = Interval(change - reach, change + reach, level, "measurement error")
    verdict = verdict_of(interval)
    return Result(
        "reliable_change",
        "change",
        1,
        METHOD,
        design="one unit",
        reading="measurement",
        estimate=change,
        interval=interval,
        verdict=verdict,
        sentences=(_one_sentence(unit, change, reach, verdict, labels),),
        details={**details, "mdc": reach, "change": change, "z": float(table["z"][unit])},
        tables={"units": table.loc[[unit]]},
        fingerprint=pairs.fingerprint,
    )


def _by_unit(pairs: Pairs, error: Floats, wide: float) -> pd.DataFrame:
    """Return the change of each unit, in units of its error, and what can be said of it."""
    change, reach = pairs.change, wide * error
    outcome = np.select([change > reach, change < -reach], ["rose", "fell"], "within error")
    return pd.DataFrame(
        {
            "before": pairs.before,
            "after": pairs.after,
            "change": change,
            "z": np.divide(change, error, out=np.full(pairs.n, np.nan), where=error > 0),
            "reach": reach,
            "outcome": outcome,
        },
        index=pd.Index(pairs.units, name="unit"),
    )


def _not_measured(unit: str | None, pairs: Pairs, labels: Labels) -> Refusal | None:
    """Return the refusal where the unit asked about was not measured both times."""
    if unit is None or str(unit) in pairs.units:
        return None
    return Refusal(
        "not_measured",
        Message("Whether {name} changed beyond measurement error cannot be told.", name=unit),
        Message("It was not measured both in {before} and in {after}.", **labels.values),
        Message("The change of the others can be shown."),
    )


def _by_chance(pairs: Pairs, level: float) -> Sentence:
    """Return how many of so many would exceed the error by chance."""
    return Message(
        "By measurement error alone, about {expected} of {all} would seem to have changed.",
        expected=rounded(pairs.n * (1 - level)),
        all=rounded(pairs.n, 0),
    )


def _counted(up: int, down: int, n: int, labels: Labels) -> Sentence:
    """Return how many changed beyond error."""
    return Counted(
        "{n} of {all} {nouns} rose by more than measurement error and {down} fell.",
        "{n} of {all} {nouns} rose by more than measurement error and {down} fell.",
        up,
        all=rounded(n, 0),
        down=rounded(down, 0),
        **labels.values,
    )


def _least(reach: float, labels: Labels) -> Sentence:
    """Return the smallest change that can be told from error."""
    return Message(
        "With the precision of this score, changes below {least} {unit} cannot be told from "
        "measurement error.",
        least=rounded(reach),
        unit=labels.unit,
    )


def _one_sentence(
    name: str, change: float, reach: float, verdict: Verdict, labels: Labels
) -> Sentence:
    """Return the change of one unit in words."""
    values = {
        "name": name,
        "size": rounded(abs(change)),
        "change": rounded(change),
        "least": rounded(reach),
        "low": rounded(abs(change) - reach),
        "high": rounded(abs(change) + reach),
        "unit": labels.unit,
    }
    if verdict is Verdict.POSITIVE:
        return Message(
            "{name} rose by {size} {unit} (probably between {low} and {high}): more than the "
            "{least} {unit} that measurement error gives.",
            **values,
        )
    if verdict is Verdict.NEGATIVE:
        return Message(
            "{name} fell by {size} {unit} (probably between {low} and {high}): more than the "
            "{least} {unit} that measurement error gives.",
            **values,
        )
    return Message(
        "{name} changed by {change} {unit}; with the precision of this score, changes below "
        "{least} {unit} cannot be told from measurement error.",
        **values,
    )
