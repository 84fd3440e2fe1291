"""Normalisation of an indicator or a group: values onto one scale."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from workbench.language import Message
from workbench.specs.common import Mistake, Spec
from workbench.specs.instrument.levels import By, Scope


class TreatPercentiles(Spec):
    """Bring what lies beyond two percentiles of the reference to them (winsorising)."""

    method: Literal["percentiles"]
    at: tuple[float, float] = Field(default=(5.0, 95.0), description="Percentiles of the values")

    @model_validator(mode="after")
    def _rise(self) -> TreatPercentiles:
        if not 0 <= self.at[0] < self.at[1] <= 100:
            raise Mistake(Message("percentiles rise, from 0 to 100"), ("at",))
        return self


class TreatDistance(Spec):
    """Bring what lies far from the middle of the reference to a limit.

    deviations: the mean plus and minus a number of standard deviations (n - 1); fences: the
    quartiles plus and minus a number of distances between them (Tukey).
    """

    method: Literal["deviations", "fences"]
    limit: float = Field(gt=0, description="3 deviations, or 1.5 distances between quartiles")


class TreatShape(Spec):
    """Bring the most extreme values to the next ones until the distribution is tame.

    Nothing is done unless both the skewness and the kurtosis of the reference are beyond their
    limits; then values at the side of the tail are brought in one by one.
    """

    method: Literal["shape"]
    skewness: float = Field(default=2.0, gt=0)
    kurtosis: float = Field(default=3.5, gt=0)
    most: int = Field(default=5, ge=1, description="Values that may be brought in")


Treatment = Annotated[TreatPercentiles | TreatDistance | TreatShape, Field(discriminator="method")]


class _Turning(Spec):
    """A normalisation for which more may be better or worse."""

    turn: bool | None = Field(
        default=None,
        description="Whether values count as their negative; left out, as the direction of the "
        "node and of what adds it up ask for",
    )


class Fitted(_Turning):
    """A normalisation whose parameters come from the reference population."""

    scope: Scope = Field(
        default="pooled",
        description="pooled: one set of parameters for the reference; wave: one for each wave, "
        "from that wave alone",
    )
    by: By = ()
    log: bool = Field(
        default=False,
        description="Natural logarithm of the values first; fixed ends and targets are of the "
        "values as they are",
    )
    treat: Treatment | None = Field(
        default=None, description="What is done to extreme values, after the logarithm"
    )


class MinMax(Fitted):
    """Rescale the range of the reference to a range."""

    method: Literal["min_max"]
    range: tuple[float, float] = (0.0, 100.0)
    percentiles: tuple[float, float] | None = Field(
        default=None,
        description="Percentiles of the reference instead of its minimum and maximum: [5, 95]",
    )
    lower: float | None = Field(default=None, description="Fixed end instead of the minimum")
    upper: float | None = Field(default=None, description="Fixed end instead of the maximum")
    cap: bool = Field(default=False, description="Keep what lies beyond an end at the end")

    @model_validator(mode="after")
    def _ends(self) -> MinMax:
        if self.lower is not None and self.upper is not None:
            msg = "with both ends fixed the method is goalposts"
            raise ValueError(msg)
        if self.percentiles is not None:
            low, high = self.percentiles
            if not 0 <= low < high <= 100:
                msg = "percentiles rise, from 0 to 100"
                raise ValueError(msg)
        return self


class Goalposts(_Turning):
    """Rescale between two fixed values, optionally on logarithms, capped or not."""

    method: Literal["goalposts"]
    lower: float
    upper: float
    log: bool = False
    cap: bool = True
    range: tuple[float, float] = (0.0, 100.0)

    @model_validator(mode="after")
    def _apart(self) -> Goalposts:
        if not self.lower < self.upper:
            raise Mistake(
                Message("lower must be below upper"),
                fix=Message("Set direction: -1 where less is better."),
            )
        if self.log and self.lower <= 0:
            raise Mistake(Message("a logarithm needs a lower goalpost above 0"), ("lower",))
        return self


class ZScore(Fitted):
    """Distance to the mean of the reference in standard deviations."""

    method: Literal["z_score"]
    ddof: Literal[0, 1] = 1
    mean: float = 0.0
    sd: float = Field(default=1.0, gt=0)
    limit: float | None = Field(
        default=None, gt=0, description="Deviations beyond which nothing more counts, as 3"
    )


class RankScore(Fitted):
    """Place among the reference: plain rank (1 is worst) or Borda points (one less)."""

    method: Literal["rank", "borda"]


class DistanceToTarget(Fitted):
    """Share of the way from the minimum of the reference to a target."""

    method: Literal["distance_to_target"]
    target: float
    cap: bool = True


class DistanceToReference(Fitted):
    """Value relative to that of one unit."""

    method: Literal["distance_to_reference"]
    unit: str


class DistanceToMaximum(Fitted):
    """Value as a share of the best of the reference, or of its group: 100 for the best."""

    method: Literal["distance_to_maximum"]
    range: tuple[float, float] = (0.0, 100.0)


class Ratio(Fitted):
    """Value relative to a figure of the reference, which is 100; inverse if less is better."""

    method: Literal["ratio"]
    to: Literal["mean", "median", "minimum", "maximum", "sum"] = "mean"
    scale: float = Field(default=100.0, gt=0)


class Classes(Fitted):
    """Points by quantiles of the reference: a fifth of the units in each class, for instance."""

    method: Literal["classes"]
    points: tuple[float, ...] = Field(min_length=2, description="Worst class first")
    at: tuple[float, ...] = Field(
        default=(), description="Shares of the reference below each cut; equal classes if left out"
    )

    @model_validator(mode="after")
    def _cuts(self) -> Classes:
        if self.at and len(self.at) != len(self.points) - 1:
            msg = "at names one cut fewer than there are points"
            raise ValueError(msg)
        if list(self.at) != sorted(set(self.at)) or any(not 0 < x < 1 for x in self.at):
            msg = "the shares of at rise and lie between 0 and 1"
            raise ValueError(msg)
        return self


class PercentileRank(Fitted):
    """Share of the reference below a value.

    half: those below and half of the ties, of n; below: those below, of n - 1 (as PERCENTRANK of
    spreadsheets counts); up_to: those below and the ties, of n.
    """

    method: Literal["percentile_rank"]
    counts: Literal["half", "below", "up_to"] = "half"
    range: tuple[float, float] = (0.0, 100.0)


class LevelNumbers(Spec):
    """Number of the level that the value falls in (``number`` of the scale's levels)."""

    method: Literal["level_numbers"]


class PluginNormaliser(Fitted):
    """A normaliser registered under the entry-point group ``workbench.normalisers``."""

    method: Literal["plugin"]
    name: str
    options: dict[str, float | str | bool] = {}


Normalise = Annotated[
    MinMax
    | Goalposts
    | ZScore
    | RankScore
    | DistanceToTarget
    | DistanceToReference
    | DistanceToMaximum
    | Ratio
    | Classes
    | PercentileRank
    | LevelNumbers
    | PluginNormaliser,
    Field(discriminator="method"),
]
