"""Levels: scales, cut-points, strata fitted to a reference, and cases that a rule leaves open."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from workbench.language import Message
from workbench.specs.common import Id, LevelId, Mistake, Provenance, Spec, Text

Scope = Literal["pooled", "wave"]


def _as_list(by: object) -> object:
    """Return one fact as a list of one."""
    if isinstance(by, str):
        return (by,)
    return tuple(by) if isinstance(by, list) else by


By = Annotated[
    tuple[str, ...],
    BeforeValidator(_as_list, json_schema_input_type=str | tuple[str, ...]),
    Field(description="Fact, or facts, that group the units: parameters for each group"),
]


class Level(Spec):
    """One band of a scale: a colour of the semáforo, a letter, a class."""

    id: LevelId
    title: Text
    colour: Literal["red", "orange", "yellow", "light_green", "green", "blue", "grey"] | None = None
    number: float | None = Field(
        default=None, description="Number for charts, and for normalise: level_numbers"
    )
    follows: Text | None = Field(
        default=None, description="What is due to who is at the level: a package of assistance"
    )


class Scale(Spec):
    """An ordered set of levels, worst first."""

    id: Id
    title: Text | None = None
    levels: tuple[Level, ...] = Field(min_length=2, description="Worst first")


class Outcome(Provenance):
    """What happens in a case that the rule itself does not settle: exactly one of three."""

    level: LevelId | None = None
    state: str | None = Field(
        default=None, description="A state of the instrument, or undetermined: no rule is known"
    )
    value: float | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Outcome:
        if sum(x is not None for x in (self.level, self.state, self.value)) != 1:
            raise Mistake(Message("give exactly one of level, state and value"))
        return self


class Band(Provenance):
    """The values that give a level (or a state): the first band that holds counts."""

    when: str = Field(description="A condition on the value: '<= 100', '> 100 and <= 115'")
    level: LevelId | None = None
    state: str | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Band:
        if (self.level is None) == (self.state is None):
            raise Mistake(Message("give exactly one of level and state"))
        return self


class Strata(Provenance):
    """Levels by strata fitted to the reference.

    dalenius_hodges: values are counted in equal classes, and the classes are cut where the
    cumulative square root of the counts passes each equal part of its total. quantiles: equal
    numbers of cases, or those of ``at``. equal_intervals: equal parts of the range. deviations: cut
    at the mean plus each number of ``at`` times the standard deviation. natural_breaks: as alike
    inside as can be (Fisher, Jenks).
    """

    method: Literal[
        "dalenius_hodges", "quantiles", "equal_intervals", "deviations", "natural_breaks"
    ]
    at: tuple[float, ...] = Field(
        default=(),
        description="quantiles: shares of the cases below each cut, 0 to 1; deviations: standard "
        "deviations from the mean of each cut",
    )
    classes: float | Literal["sturges"] | dict[str, float] = Field(
        default="sturges",
        description="Number of equal classes, whole or not (the range divided by it is the width), "
        "or one for each wave by its id or year; sturges: 1 + log2 n",
    )
    cut: Literal["nearest", "last_below"] = Field(
        default="nearest",
        description="Cut after the class whose cumulative root is nearest to the part of the "
        "total, or after the last one that does not exceed it",
    )
    closed: Literal["left", "right"] = Field(
        default="left",
        description="The end that belongs to a class: a value between two classes is in the upper "
        "one (left) or in the lower one (right, as FREQUENCY of spreadsheets counts)",
    )
    of: Literal["value", "negative"] = Field(
        default="value", description="Whether the classes start at the least value or the greatest"
    )
    scope: Scope = "wave"
    by: By = ()

    @model_validator(mode="after")
    def _places(self) -> Strata:
        if self.at and self.method not in ("quantiles", "deviations"):
            msg = f"at is for quantiles and deviations, not for {self.method}"
            raise ValueError(msg)
        if self.method == "deviations" and not self.at:
            msg = "deviations need at: [-1, 0, 1], one number for each cut"
            raise ValueError(msg)
        if list(self.at) != sorted(set(self.at)):
            msg = "the numbers of at must rise"
            raise ValueError(msg)
        if self.method == "quantiles" and any(not 0 < share < 1 for share in self.at):
            msg = "shares lie between 0 and 1"
            raise ValueError(msg)
        return self


class Cuts(Provenance):
    """Levels by printed cut-points, or by strata fitted to the reference.

    Every value in range must fall in a band: gaps are declared.
    """

    scale: Id
    bands: tuple[Band, ...] = ()
    strata: Strata | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Cuts:
        if bool(self.bands) == (self.strata is not None):
            raise Mistake(Message("give bands or strata, one of the two"))
        return self


class Condition(Provenance):
    """A supposition under which an indicator is not measured, or exists at all."""

    when: str | None = Field(
        default=None, description="Formula over facts; left out where only the data can say so"
    )
    title: Text
    evidence: Text | None = None
