"""Other choices than those of the instrument, as a study makes them: what was explored and kept."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from workbench.language import Message
from workbench.specs.common import Code, Mistake, Spec
from workbench.specs.instrument.indicators import MAX_WEIGHT

PEERS = "peers"
Means = Literal["arithmetic", "geometric", "harmonic"]
# Scales that end at 0 and 100, so that the levels of the instrument can still be read.
Scales = Literal["min_max", "percentile_rank"]
ChosenWeight = Annotated[float, Field(ge=0, le=MAX_WEIGHT)]
ChosenShare = Annotated[float, Field(ge=0, le=1)]


class Cohort(Spec):
    """Some of the units: those whose group is one of these."""

    by: str = Field(description="Column that groups the units, or 'peers' for peer groups")
    values: tuple[str, ...] = Field(
        min_length=1, description="Groups that belong to it; of peers their ids"
    )


class Choices(Spec):
    """Choices of the study that are not those of its instrument; reports say so on page one."""

    cohort: Cohort | None = Field(
        default=None,
        description="Units that are reported and compared; parameters are still fitted to the "
        "reference, so that no score changes by it",
    )
    until: str | None = Field(default=None, description="Last wave that is reported")
    weights: dict[Code, dict[Code, ChosenWeight]] = Field(
        default={}, description="Weights of the parts of a mean: {total: {finances: 2, staff: 1}}"
    )
    aggregate: dict[Code, Means] = Field(default={}, description="Another mean, by group")
    min_availability: dict[Code, ChosenShare] = Field(
        default={},
        description="Share of weight that must be present for a score, by group",
    )
    normalise: Scales | None = Field(
        default=None, description="Another scale for all indicators that have one"
    )

    @model_validator(mode="after")
    def _weighs(self) -> Choices:
        for group, weights in self.weights.items():
            if not any(weights.values()):
                what = Message("one weight at least is above 0")
                raise Mistake(what, ("weights", group))
        return self

    @property
    def changes_scores(self) -> bool:
        """Whether any rule of the instrument is another."""
        return bool(self.weights or self.aggregate or self.min_availability or self.normalise)
