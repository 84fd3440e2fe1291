"""Normalisation of an indicator or a group: values onto one scale."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from workbench.language import Message
from workbench.specs.common import Mistake, Spec
from workbench.specs.instrument.levels import By, Scope


class Fitted(Spec):
    """A normalisation whose parameters come from the reference population."""

    scope: Scope = Field(
        default="pooled",
        description="pooled: one set of parameters for the reference; wave: one for each wave, "
        "from that wave alone",
    )
    by: By = ()


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


class Goalposts(Spec):
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
    """Share of the reference below, ties counted half, in percent."""

    method: Literal["percentile_rank"]


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
