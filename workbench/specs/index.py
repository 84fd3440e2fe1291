"""The steps in which an index is built, as plain values: the ten steps of the Handbook in a file.

An index records each step that made it in these models; the same models are what a plan of other
choices is written in. OECD/JRC (2008), Handbook on Constructing Composite Indicators.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from workbench.language import Message
from workbench.specs.common import Code, Mistake, Spec
from workbench.specs.instrument import (
    Copeland,
    Distance,
    FirstComponent,
    Mean,
    Normalise,
    PluginAggregator,
    Points,
    Treatment,
)
from workbench.specs.instrument.levels import By, Scope

Aggregation = Annotated[
    Mean | Points | Distance | FirstComponent | Copeland | PluginAggregator,
    Field(discriminator="method"),
]


class Denominate(Spec):
    """Divide indicators by what makes units comparable: population, area, income."""

    step: Literal["denominate"] = "denominate"
    by: dict[Code, str | None] | None = Field(
        default=None,
        description="Column of the units by indicator, null for none; left out, as the structure "
        "says",
    )
    scale: dict[Code, float] = Field(
        default={}, description="Factor of the result by indicator, as 1000 for each thousand"
    )
    operation: Literal["divide", "multiply"] = "divide"


class Screen(Spec):
    """Leave out units of which too little is known."""

    step: Literal["screen"] = "screen"
    by: Literal["missing", "zeros", "either"] = Field(
        default="missing", description="What leaves a unit out: missing values, zeros, or either"
    )
    min_available: float = Field(default=2 / 3, ge=0, le=1, description="Share of the indicators")
    min_nonzero: float = Field(
        default=0.05, ge=0, le=1, description="Share of the values that are there"
    )
    include: tuple[str, ...] = Field(default=(), description="Units that stay whatever is missing")
    exclude: tuple[str, ...] = Field(default=(), description="Units that are left out in any case")

    @model_validator(mode="after")
    def _apart(self) -> Screen:
        for unit in self.include:
            if unit in self.exclude:
                raise Mistake(Message("a unit is both kept and left out"), ("include",), got=unit)
        return self


class Impute(Spec):
    """Fill in missing values."""

    step: Literal["impute"] = "impute"
    method: Literal["mean", "median", "latest", "constant", "linear", "em"] = Field(
        description="mean, median: of other units, or of other indicators of the unit; latest: of "
        "the waves before; constant: of the wave before, else after; linear: on the line between "
        "waves, the nearest beyond them; em: what a joint normal distribution expects"
    )
    across: Literal["units", "indicators"] = Field(
        default="units", description="Whether the mean is of the same indicator or of the same unit"
    )
    by: By = ()
    level: int | None = Field(
        default=None,
        ge=2,
        description="Level of the structure in whose groups indicators speak for each other; left "
        "out, all together",
    )
    normalise_first: bool = Field(
        default=True, description="Put indicators on one scale before they speak for each other"
    )
    scope: Scope = Field(default="wave", description="Whether other waves count as other units")
    max_waves: int | None = Field(
        default=None, ge=1, description="How many waves away a value may be taken from"
    )

    @model_validator(mode="after")
    def _fits(self) -> Impute:
        over_time = self.method in ("latest", "constant", "linear")
        rows = self.across == "indicators"
        if rows and self.method not in ("mean", "median"):
            what = Message("only a mean or median is taken across indicators")
            raise Mistake(what, ("across",), got=self.method)
        if not self.normalise_first and not rows:
            what = Message("indicators are on one scale first where they speak for each other")
            raise Mistake(what, ("normalise_first",), fix=Message("Leave it out."))
        if over_time and self.scope != "wave":
            what = Message("values are taken from other waves of the unit, whatever the scope")
            raise Mistake(what, ("scope",), fix=Message("Leave it out."))
        if self.max_waves is not None and not over_time:
            raise Mistake(Message("max_waves is of values from other waves"), ("max_waves",))
        if self.by and (over_time or rows or self.method == "em"):
            raise Mistake(Message("groups of units are for the mean or median of units"), ("by",))
        if self.level is not None and not rows and self.method != "em":
            raise Mistake(
                Message("a level is for indicators that speak for each other"), ("level",)
            )
        return self


class Treat(Spec):
    """Treat indicators whose distribution has a long tail or outliers."""

    step: Literal["treat"] = "treat"
    rule: Treatment | None = Field(description="For all indicators; null for none")
    each: dict[Code, Treatment | None] = Field(default={}, description="Other rules by indicator")
    scope: Scope = "pooled"
    by: By = ()


class _Referenced(Spec):
    """A step whose pooled parameters are fitted to a reference population."""

    reference_waves: tuple[str, ...] = Field(default=(), description="All waves if left out")
    reference_units: tuple[str, ...] = Field(default=(), description="All units if left out")


class NormaliseAll(_Referenced):
    """Bring indicators onto one scale."""

    step: Literal["normalise"] = "normalise"
    rule: Normalise | None = Field(description="For all indicators; null only turns them")
    each: dict[Code, Normalise | None] = Field(default={}, description="Other rules by indicator")


# Options of weights that not every method looks at, and the methods that do.
WEIGH_OPTIONS = {
    "levels": ("equal", "components", "optimised"),
    "loadings": ("components",),
    "objective": ("optimised",),
    "correlation": ("optimised",),
    "rule": ("components", "optimised"),
}


class Weigh(Spec):
    """Give the parts of groups their weights."""

    step: Literal["weigh"] = "weigh"
    method: Literal["given", "equal", "components", "optimised", "budget"] = Field(
        description="components: first component of each group; optimised: so that correlations "
        "with the index are as important as wanted; budget: points that experts gave"
    )
    weights: dict[Code, float | dict[Code, float]] = Field(
        default={}, description="Of given: one, or one for each parent"
    )
    levels: tuple[int, ...] = Field(
        default=(), description="Levels of the parts that are weighed; all if left out"
    )
    loadings: Literal["loadings", "squared_loadings"] = "squared_loadings"
    importance: dict[Code, float] = Field(
        default={}, description="Of optimised: wanted importance, equal if left out"
    )
    objective: Literal["balance", "most"] = Field(
        default="balance", description="balance: as wanted; most: the largest sum of correlations"
    )
    correlation: Literal["pearson", "spearman", "kendall"] = "pearson"
    experts: dict[str, dict[Code, float]] = Field(
        default={}, description="Of budget: points by expert and part"
    )
    rule: Aggregation = Field(
        default=Mean(method="arithmetic", min_availability=0.0),
        description="How the parts are joined while weights of higher levels are found",
    )

    @model_validator(mode="after")
    def _fits(self) -> Weigh:
        for name, method in (("weights", "given"), ("experts", "budget")):
            if bool(getattr(self, name)) != (self.method == method):
                what = Message("{name} belong to the method {method}", name=name, method=method)
                raise Mistake(what, (name,))
        if self.importance and (self.method != "optimised" or self.objective == "most"):
            raise Mistake(Message("importance is what optimised weights balance"), ("importance",))
        for name, methods in WEIGH_OPTIONS.items():
            default = type(self).model_fields[name].default
            if getattr(self, name) != default and self.method not in methods:
                names = Message("{names}", names=", ".join(methods))
                what = Message("{name} belongs to another method", name=name)
                raise Mistake(what, (name,), got=self.method, expected=names)
        if self.method == "optimised" and len(self.levels) != 1:
            raise Mistake(Message("weights are optimised at one level at a time"), ("levels",))
        return self


class AggregateAll(_Referenced):
    """Join the parts of groups, from the indicators up."""

    step: Literal["aggregate"] = "aggregate"
    rule: Aggregation = Field(description="For all groups")
    levels: dict[int, Aggregation] = Field(
        default={}, description="Other rules by level of the groups"
    )
    each: dict[Code, Aggregation] = Field(default={}, description="Other rules by group")


Step = Annotated[
    Denominate | Screen | Impute | Treat | NormaliseAll | Weigh | AggregateAll,
    Field(discriminator="step"),
]


class Building(Spec):
    """The steps of an index, in their order."""

    steps: tuple[Step, ...]
