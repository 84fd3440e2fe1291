"""One unit against a target, through the standard error of its own score."""

from __future__ import annotations

from typing import Literal

import numpy as np
import scipy.special as special

from workbench.language import Message
from workbench.stats.noise import grain, settled
from workbench.stats.result import (
    Interval,
    Refusal,
    Result,
    Sentence,
    Test,
    fingerprint,
    rounded,
    verdict_of,
)
from workbench.stats.target import VERDICTS, turned
from workbench.stats.wording import PLAIN, Labels

METHOD = Message("distance of one score, its own standard error")


def unit_against_target(
    value: float,
    target: float,
    *,
    std_error: float | None = None,
    unit: str = "",
    direction: Literal[1, -1] = 1,
    margin: float | None = None,
    level: float = 0.95,
    labels: Labels = PLAIN,
) -> Result:
    """Return how far one unit's score lies from a target.

    Parameters
    ----------
    value, target : float
    std_error : float or None
        Of the score, from a sample, raters or a reliability. None where there is no source of
        error: the distance is then a fact, without interval or verdict.
    unit : str
        Name or code of the unit, for sentences.
    direction : {1, -1}
        -1 where less is better: the target is met below it.
    margin : float, optional
        Distance that counts as being at the target, declared before the data were seen.
    level : float
        Of the interval.
    labels : Labels

    Returns
    -------
    Result
        Estimate: score less target; with a standard error its normal interval, test and verdict.

    Raises
    ------
    ValueError
        If the standard error is not above 0.
    """
    if std_error is not None and not std_error > 0:
        raise ValueError(f"std_error: {std_error}; expected a number above 0, or none")
    gap = float(settled(np.array([value - target]), grain(np.array([value, target])))[0])
    mark = fingerprint([unit], [value, target])
    if np.isnan(value):
        refusal = Refusal(
            "not_measured",
            Message("Whether the target is met cannot be told."),
            Message("{name} was not measured.", name=unit),
            Message("It can be once there is a value."),
        )
        return Result("unit_against_target", "target", 0, METHOD, design="one unit",
                      refusal=refusal, fingerprint=mark)  # fmt: skip
    if std_error is None:
        return Result(
            "unit_against_target",
            "target",
            1,
            METHOD,
            design="one unit",
            reading="none",
            estimate=gap,
            sentences=_plain(unit, value, gap, target, direction, labels),
            details={"value": value, "target": target, "gap": gap},
            fingerprint=mark,
        )
    interval, narrow = (_normal(gap, std_error, at) for at in (level, 0.90))
    z = gap / std_error
    verdict = verdict_of(
        turned(interval, direction), narrow=turned(narrow, direction), margin=margin
    )
    return Result(
        "unit_against_target",
        "target",
        1,
        METHOD,
        design="one unit",
        reading="measurement",
        estimate=gap,
        interval=interval,
        test=Test("z", z, (), float(2 * special.ndtr(-abs(z)))),
        margin=margin,
        verdict=verdict,
        sentences=(_distance(unit, value, gap, target, interval, labels), VERDICTS[verdict]),
        details={
            "value": value,
            "target": target,
            "gap": gap,
            "std_error": std_error,
            "z": z,
            "gap_ci_low": interval.low,
            "gap_ci_high": interval.high,
        },
        fingerprint=mark,
    )


def _normal(gap: float, std_error: float, level: float) -> Interval:
    """Return a normal interval."""
    reach = float(special.ndtri(0.5 + level / 2)) * std_error
    return Interval(gap - reach, gap + reach, level, "normal")


def _values(
    name: str, value: float, gap: float, target: float, labels: Labels
) -> dict[str, object]:
    """Return the values of both sentences."""
    return {
        **labels.values,
        "name": name,
        "value": rounded(value),
        "target": rounded(target),
        "size": rounded(abs(gap)),
    }


def _distance(
    name: str, value: float, gap: float, target: float, interval: Interval, labels: Labels
) -> Sentence:
    """Return where a score lies from the target, with its interval, in words."""
    values = {
        **_values(name, value, gap, target, labels),
        "low": rounded(target + interval.low),
        "high": rounded(target + interval.high),
    }
    if gap < 0:
        return Message(
            "In {outcome}, {name} has {value} (probably between {low} and {high}), {size} {unit} "
            "below the target of {target}.",
            **values,
        )
    return Message(
        "In {outcome}, {name} has {value} (probably between {low} and {high}), {size} {unit} "
        "above the target of {target}.",
        **values,
    )


def _plain(
    name: str, value: float, gap: float, target: float, direction: int, labels: Labels
) -> tuple[Sentence, ...]:
    """Return where a recorded value lies from the target, and that no error is known."""
    values = _values(name, value, gap, target, labels)
    reached = (
        Message("In {outcome}, {name} has {value} and reaches the target of {target}.", **values)
        if direction * gap >= 0
        else Message(
            "In {outcome}, {name} has {value} and is {size} {unit} away from the target of "
            "{target}.",
            **values,
        )
    )
    no_error = Message("No source of error is stated for it, so there is no interval.")
    return reached, no_error
