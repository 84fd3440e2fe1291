"""Sentences about trajectories and about the differences that last."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from workbench.language import Counted, Message
from workbench.stats.mixed import Lasting, Model
from workbench.stats.result import Interval, Sentence, Verdict, rounded
from workbench.stats.wording import Labels


@dataclass(frozen=True, slots=True)
class Nouns:
    """What groups and steps are called in sentences.

    Parameters
    ----------
    innermost, groups : Message or Text
        The innermost groups, and those that hold them, in the plural.
    step : Message or Text
        What a change is counted by.
    """

    innermost: object = field(default=Message("municipalities"))
    groups: object = field(default=Message("states"))
    step: object = field(default=Message("round"))

    @property
    def values(self) -> dict[str, object]:
        """The nouns as values of a message."""
        return {"innermost": self.innermost, "groups": self.groups, "step": self.step}


UNITS = Nouns()
GROUPS = Nouns(innermost=Message("groups"), groups=Message("larger groups"))


def coefficient_sentence(
    name: str | None, estimate: float, interval: Interval, verdict: Verdict | None, labels: Labels
) -> Sentence:
    """Return a coefficient, or the mean, in words."""
    values = {
        **labels.values,
        "name": name,
        "size": rounded(abs(estimate)),
        "mean": rounded(estimate),
        "low": rounded(interval.low),
        "high": rounded(interval.high),
        "least": rounded(min(abs(interval.low), abs(interval.high))),
        "most": rounded(max(abs(interval.low), abs(interval.high))),
    }
    match verdict:
        case None:
            return Message(
                "On average {outcome} is {mean} {unit} (probably between {low} and {high}).",
                **values,
            )
        case Verdict.POSITIVE:
            return Message(
                "Where {name} is one higher, {outcome} is {size} {unit} higher on average "
                "(probably between {least} and {most}).",
                **values,
            )
        case Verdict.NEGATIVE:
            return Message(
                "Where {name} is one higher, {outcome} is {size} {unit} lower on average "
                "(probably between {least} and {most}).",
                **values,
            )
    return Message(
        "Whether {outcome} is higher or lower where {name} is higher cannot be told from these "
        "data (probably {low} to {high} {unit}).",
        **values,
    )


def pace_sentence(
    n: int,
    pace: float,
    interval: Interval,
    verdict: Verdict,
    margin: float | None,
    labels: Labels,
    nouns: Nouns,
) -> Sentence:
    """Return the mean change a step in words, by its verdict."""
    values = {
        **labels.values,
        **nouns.values,
        "size": rounded(abs(pace)),
        "low": rounded(interval.low),
        "high": rounded(interval.high),
        "least": rounded(min(abs(interval.low), abs(interval.high))),
        "most": rounded(max(abs(interval.low), abs(interval.high))),
        "margin": rounded(margin or 0.0),
    }
    match verdict:
        case Verdict.POSITIVE:
            return Counted(
                "From {step} to {step}, {outcome} of {n} of the {nouns} rose by {size} {unit} on "
                "average (probably between {least} and {most}).",
                "From {step} to {step}, {outcome} of the {n} {nouns} rose by {size} {unit} on "
                "average (probably between {least} and {most}).",
                n,
                **values,
            )
        case Verdict.NEGATIVE:
            return Counted(
                "From {step} to {step}, {outcome} of {n} of the {nouns} fell by {size} {unit} on "
                "average (probably between {least} and {most}).",
                "From {step} to {step}, {outcome} of the {n} {nouns} fell by {size} {unit} on "
                "average (probably between {least} and {most}).",
                n,
                **values,
            )
        case Verdict.NEGLIGIBLE:
            return Counted(
                "From {step} to {step} there was no appreciable change in {outcome} of {n} of the "
                "{nouns}: less than the {margin} {unit} that count.",
                "From {step} to {step} there was no appreciable change in {outcome} of the {n} "
                "{nouns}: less than the {margin} {unit} that count.",
                n,
                **values,
            )
    return Counted(
        "Whether {outcome} of {n} of the {nouns} rose or fell from {step} to {step} cannot be told "
        "from these data (probably {low} to {high} {unit}).",
        "Whether {outcome} of the {n} {nouns} rose or fell from {step} to {step} cannot be told "
        "from these data (probably {low} to {high} {unit}).",
        n,
        **values,
    )


def paces_sentence(model: Model, pace: float, labels: Labels, nouns: Nouns) -> Sentence:
    """Return between what limits the paces of two of three units lie."""
    spread = float(np.sqrt(model.terms()[-1][1][1, 1]))
    return Message(
        "Each has a pace of its own: for two of three {innermost} it lies between about {low} and "
        "{high} {unit} a {step}.",
        low=rounded(pace - spread),
        high=rounded(pace + spread),
        unit=labels.unit,
        **nouns.values,
    )


def share_sentences(
    model: Model, exact: Lasting | None, nouns: Nouns, *, over_time: bool
) -> tuple[Sentence, ...]:
    """Return what part of the variance lies between groups, out of ten points.

    Parameters
    ----------
    model : Model
    exact : Lasting or None
    nouns : Nouns
    over_time : bool
        Whether what lies within the innermost groups are their rounds.
    """
    if model.data.columns.slope is not None:
        return ()
    variances = [float(part[0, 0]) for _, part in model.terms()]
    shares = [10 * variance / (sum(variances) + model.residual) for variance in variances]
    values: dict[str, object] = {
        **nouns.values,
        "share": rounded(shares[0]),
        "rest": rounded(10 - sum(shares)),
    }
    if exact is None:
        return (_nested(shares[1], values, over_time=over_time),)
    interval = exact.share.interval
    if interval is None:
        return (
            Message(
                "No differences between {innermost} could be told from noise: they are more alike "
                "than chance alone gives.",
                **values,
            ),
        )
    values |= {"low": rounded(10 * interval.low), "high": rounded(10 * interval.high)}
    if interval.low <= 0:
        return (
            Message(
                "No differences between {innermost} could be told from noise: of every 10 points "
                "of variance they are probably between {low} and {high}.",
                **values,
            ),
        )
    if over_time:
        return (
            Message(
                "Of every 10 points of variance, about {share} are lasting differences between "
                "{innermost} (probably between {low} and {high}) and {rest} vary from {step} to "
                "{step}.",
                **values,
            ),
        )
    return (
        Message(
            "Of every 10 points of variance, about {share} are differences between {innermost} "
            "(probably between {low} and {high}) and {rest} lie within them.",
            **values,
        ),
    )


def _nested(inner: float, values: dict[str, object], *, over_time: bool) -> Sentence:
    """Return the shares of two levels and the rest."""
    if over_time:
        return Message(
            "Of every 10 points of variance, about {share} are lasting differences between "
            "{groups}, {inner} between {innermost} of the same group, and {rest} vary from {step} "
            "to {step}. These shares are approximate.",
            inner=rounded(inner),
            **values,
        )
    return Message(
        "Of every 10 points of variance, about {share} are differences between {groups}, {inner} "
        "between {innermost} of the same group, and {rest} lie within them. These shares are "
        "approximate.",
        inner=rounded(inner),
        **values,
    )
