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


Transform = Literal["log", "log_ct", "log_ct_plus", "log_ct_orig", "log_gii", "box_cox"]
_TRANSFORM = (
    "log: natural logarithm; log_ct: log(x - min + (max - min) / 100); log_ct_plus: the same from "
    "the side of the tail; log_ct_orig: log(x - min + 1); log_gii: log((max - 1) (x - min) / "
    "(max - min) + 1); box_cox: with power"
)


class _Transformed(Spec):
    """A treatment that may transform values."""

    power: float | None = Field(
        default=None,
        description="Power of box_cox, of the values less their minimum plus 1; 0: log",
    )

    @property
    def transforms(self) -> tuple[str, ...]:
        """Transformations that the treatment may apply."""
        return ()

    @model_validator(mode="after")
    def _powered(self) -> _Transformed:
        if ("box_cox" in self.transforms) != (self.power is not None):
            raise Mistake(Message("box_cox needs a power, and nothing else has one"), ("power",))
        return self


class TreatShape(_Transformed):
    """Treat values until the distribution is tame, in one step or two.

    Nothing is done unless both the skewness and the kurtosis of the reference are beyond their
    limits. Then the most extreme values, at the side of the tail, are brought to the next one
    after the other; if the distribution is not tame after that, it is transformed.
    """

    method: Literal["shape"]
    skewness: float = Field(default=2.0, gt=0)
    kurtosis: float = Field(default=3.5, gt=0)
    most: int | None = Field(
        default=5, ge=1, description="Values that may be brought in; null for no limit"
    )
    force: bool = Field(
        default=False,
        description="Where the distribution is not tame, bring in as many as most says, though "
        "fewer would do",
    )
    first: Literal["winsorise"] | Transform = Field(
        default="winsorise", description="First step: " + _TRANSFORM
    )
    then: Transform | None = Field(
        default=None, description="Second step, if the first is not enough"
    )
    combine: bool = Field(
        default=False, description="The second step takes what the first gave, not the values"
    )

    @property
    def transforms(self) -> tuple[str, ...]:
        """Transformations that the treatment may apply."""
        return tuple(x for x in (self.first, self.then) if x not in (None, "winsorise"))

    @model_validator(mode="after")
    def _limited(self) -> TreatShape:
        if self.force and self.most is None:
            raise Mistake(Message("force needs a number of values"), ("most",))
        if self.force and self.first != "winsorise":
            raise Mistake(Message("force is of values that are brought in"), ("force",))
        if self.combine and self.then is None:
            raise Mistake(Message("combine is of a second step"), ("combine",))
        return self


class TreatTransform(_Transformed):
    """Transform every value."""

    method: Literal["transform"]
    by: Transform = Field(description=_TRANSFORM)

    @property
    def transforms(self) -> tuple[str, ...]:
        """Transformations that the treatment may apply."""
        return (self.by,)


Treatment = Annotated[
    TreatPercentiles | TreatDistance | TreatShape | TreatTransform, Field(discriminator="method")
]


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

    @model_validator(mode="after")
    def _ends_as_they_are(self) -> Fitted:
        names = ("lower", "upper", "target")
        fixed = [name for name in names if getattr(self, name, None) is not None]
        if fixed and isinstance(self.treat, _Transformed) and self.treat.transforms:
            raise Mistake(
                Message("{name} is of values that a treatment transforms", name=fixed[0]),
                (fixed[0],),
                fix=Message("Write log: true, or give the end of the values as they are treated."),
            )
        return self


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


class Scaled(_Turning):
    """Shift and scale by fixed numbers, which are not turned: 0 at lower, scale at upper."""

    method: Literal["scaled"]
    lower: float = 0.0
    upper: float = 100.0
    scale: float = 100.0

    @model_validator(mode="after")
    def _apart(self) -> Scaled:
        if self.lower == self.upper:
            raise Mistake(Message("lower and upper must differ"), ("upper",))
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
    cap: bool = Field(default=False, description="Keep what is beyond the unit at 1")


class DistanceToMaximum(Fitted):
    """Value as a share of the best of the reference, or of its group: 100 for the best."""

    method: Literal["distance_to_maximum"]
    range: tuple[float, float] = (0.0, 100.0)
    signed: bool = Field(
        default=False,
        description="Divide by the best even if it is below 0, as COINr does; of numbers above 0 "
        "of which less is better the worst then has the highest score",
    )


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
    cuts: tuple[float, ...] = Field(
        default=(), description="Fixed values up to which each class goes, worst first, instead"
    )

    @model_validator(mode="after")
    def _cuts(self) -> Classes:
        if self.at and len(self.at) != len(self.points) - 1:
            msg = "at names one cut fewer than there are points"
            raise ValueError(msg)
        if list(self.at) != sorted(set(self.at)) or any(not 0 < x < 1 for x in self.at):
            msg = "the shares of at rise and lie between 0 and 1"
            raise ValueError(msg)
        if self.cuts and (self.at or len(self.cuts) != len(self.points) - 1):
            raise Mistake(Message("cuts names one cut fewer than there are points, without at"))
        if len(set(self.cuts)) < len(self.cuts) or list(self.cuts) not in (
            sorted(self.cuts),
            sorted(self.cuts, reverse=True),
        ):
            raise Mistake(Message("cuts go from the worst to the best"), ("cuts",))
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
    | Scaled
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
