"""Rules of aggregation: from the children of a group to its result."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from workbench.language import Message
from workbench.specs.common import Code, Id, LevelId, Mistake, Provenance, check_rising
from workbench.specs.instrument.levels import By, Scope


class _Limits(Provenance):
    """The limits of a result, and the decimals to which its publisher rounds it."""

    cap: float | None = None
    floor: float | None = None
    round: int | None = Field(
        default=None, ge=0, le=12, description="Decimals that are kept, halves away from zero"
    )

    @model_validator(mode="after")
    def _limits(self) -> _Limits:
        check_rising(self.floor, self.cap, "floor")
        return self


class _Available(Provenance):
    """An aggregation that says how much must be there."""

    min_availability: float = Field(
        default=1.0,
        ge=0,
        le=1,
        description="Share of weight that must be present; below it no score is given, only bounds",
    )
    min_indicators: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="Share of all indicators below, however deep, that must have a score as well",
    )
    min_parts: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="Share of the parts, each counted once, that must have a score as well",
    )


class _Number(_Available, _Limits):
    """An aggregation that gives a number, and its limits."""


class Mean(_Number):
    """A weighted mean of the children; weights may be declared unknown, which leaves bounds."""

    method: Literal[
        "arithmetic", "geometric", "harmonic", "power", "median", "minimum", "maximum", "sum"
    ]
    weights: Literal["given", "unknown"] = "given"
    exponent: float | None = Field(
        default=None, description="Of a power mean: 1 is arithmetic, -1 harmonic; never 0"
    )

    @model_validator(mode="after")
    def _powered(self) -> Mean:
        if (self.method == "power") != (self.exponent is not None) or self.exponent == 0:
            raise Mistake(
                Message("a power mean has an exponent other than 0, and no other mean has one"),
                ("exponent",),
                fix=Message("With an exponent of 0 a power mean is the geometric one."),
            )
        return self


class Share(_Available):
    """Share of the indicators below that reached a level or a better one, in percent."""

    method: Literal["share_of_level"]
    level: LevelId
    scale: Id


class WeakestLink(Provenance):
    """The lowest level of the children, with a plus if any other is higher (PEFA M1)."""

    method: Literal["weakest_link"]
    scale: Id
    plus: bool = True


class LookupTable(Provenance):
    """Level read from a table by the sorted levels of the children (PEFA M2)."""

    method: Literal["lookup_table"]
    scale: Id
    table: Id


class Single(Provenance):
    """The level of the only child."""

    method: Literal["single"]
    scale: Id


class Points(_Number):
    """Points reached, out of a total."""

    method: Literal["points"]
    total: float | None = Field(default=None, gt=0)


class ByFormula(_Number):
    """A formula over what lies below: scores(), score("CODE"), value("CODE") and facts."""

    method: Literal["formula"]
    formula: str = Field(
        description="Such as mean(scores()) - sd(scores()), or score('a') * score('b'); no result "
        "where it reads something missing"
    )


class NoAggregate(Provenance):
    """No result at this node: its children stand side by side."""

    method: Literal["none"]


class Distance(Provenance):
    """Distance DP2 of Pena Trapero: distances to a reference, each freed of what others tell."""

    method: Literal["dp2"]
    reference: Literal["minimum", "maximum"] | dict[Code, float] = Field(
        default="minimum", description="Value of each child from which the distance is taken"
    )
    reference_scope: Scope = Field(
        default="pooled", description="Where minimum and maximum are looked for"
    )
    scope: Scope = Field(default="wave", description="Where deviations and weights are fitted")
    by: By = ()
    ddof: Literal[0, 1] = Field(
        default=0, description="Deviation with n (0) or n - 1 (1) in the denominator"
    )
    relative_to: float | None = Field(
        default=None,
        description="Value that every child has in an ideal unit; the result is divided by the "
        "distance of that unit",
    )


class FirstComponent(Provenance):
    """First principal component of the children."""

    method: Literal["first_component"]
    scope: Scope = "wave"
    by: By = ()
    ddof: Literal[0, 1] = 0
    matrix: Literal["correlation", "covariance"] = Field(
        default="correlation", description="correlation: the children are standardised first"
    )
    positive: Code | None = Field(
        default=None,
        description="Child whose loading is positive; left out, the sum of all loadings is",
    )
    variance: Literal["unit", "eigenvalue"] = Field(
        default="unit", description="Variance of the result in the reference"
    )
    weights: Literal["loadings", "squared_loadings", "scaled_loadings"] | None = Field(
        default=None,
        description="The result is then the mean of the children with these weights instead of the "
        "component: its loadings, their squares, or loading / deviation, which weighs the "
        "standardised children",
    )


class Copeland(Provenance):
    """Units of the reference that a unit beats in more weight, less those that beat it.

    Two are compared by the children that both have; the order of units plays no part.
    """

    method: Literal["copeland"]
    scope: Scope = "wave"
    by: By = ()


class ConditionalLevel(Provenance):
    """A level and the condition under which it is given."""

    level: LevelId
    when: str = Field(
        description='Condition on indicators and facts: \'value("a") >= 1 and level("b") > 0\''
    )


class Conditions(Provenance):
    """Level by sets of conditions, best level first; the first that holds is given."""

    method: Literal["conditions"]
    scale: Id
    levels: tuple[ConditionalLevel, ...] = Field(min_length=1)
    otherwise: LevelId = Field(description="Level where no condition holds")


class PluginAggregator(_Number):
    """An aggregator registered under the entry-point group ``workbench.aggregators``."""

    method: Literal["plugin"]
    name: str
    options: dict[str, float | str | bool] = {}


Aggregate = Annotated[
    Mean
    | Share
    | WeakestLink
    | LookupTable
    | Single
    | Points
    | Distance
    | FirstComponent
    | Copeland
    | Conditions
    | ByFormula
    | NoAggregate
    | PluginAggregator,
    Field(discriminator="method"),
]
