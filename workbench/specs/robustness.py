"""Which choices behind an index could reasonably have been others: one plan for all of them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from workbench.language import Message
from workbench.specs.common import Mistake, Spec
from workbench.specs.index import Aggregation, Impute
from workbench.specs.instrument import Normalise, Treatment

MissingRule = Literal["available", "median", "lowest"]
# Leaves a step out, where the index itself takes it.
NONE = "none"
_OTHERS = (
    "by the name of a method, or with its options; none leaves the step out. What the index itself "
    "does is always among the choices"
)


class Robustness(Spec):
    """Choices that could reasonably be others; each draw takes one of each, evenly.

    Reports give the range of places over them.
    """

    weight_share: float = Field(
        default=0.25, ge=0, le=1, description="Weights vary up to this share of each, up and down"
    )
    weight_shares: dict[int, float] = Field(
        default={}, description="Other shares by level of the parts; 1 are indicators"
    )
    impute: tuple[str | Impute, ...] = Field(
        default=(), description="Other ways to fill in missing values, " + _OTHERS
    )
    treat: tuple[str | Treatment, ...] = Field(
        default=(), description="Other treatments of outliers, " + _OTHERS
    )
    normalise: tuple[str | Normalise, ...] = Field(
        default=(), description="Other scales of the indicators, " + _OTHERS
    )
    aggregate: tuple[str | Aggregation, ...] = Field(
        default=(), description="Other rules for all groups, " + _OTHERS
    )
    missing: tuple[MissingRule, ...] = Field(
        default=("available",),
        description="What stands for a normalised value that is missing: nothing, so that the "
        "others count more, the median of the units, or the lowest; the first is the index's own",
    )
    one_out: bool = Field(
        default=True, description="Whether one part at a time is left out, each as likely as none"
    )
    out_level: int | None = Field(
        default=None,
        ge=1,
        description="Level of the parts of which one is left out; 1 are indicators. Left out: "
        "indicators in an audit, what a result is directly the mean of in reports",
    )
    measurement: bool = Field(
        default=False,
        description="Whether indicators vary by the standard errors that observations declare",
    )
    draws: int = Field(default=1000, ge=200, le=1_000_000)
    sobol_samples: int | None = Field(
        default=None,
        ge=64,
        description="A power of two: which choice moves places most is computed too",
    )
    share: float = Field(default=0.90, gt=0, lt=1, description="Of the draws that a range holds")
    top: int = Field(default=10, ge=1, description="First places whose chance is given")

    @model_validator(mode="after")
    def _sound(self) -> Robustness:
        for level, share in self.weight_shares.items():
            if not 0 <= share <= 1:
                what, expected = Message("a share of a weight"), Message("0 to 1")
                raise Mistake(what, ("weight_shares", level), got=f"{share:g}", expected=expected)
        samples = self.sobol_samples
        if samples is not None and samples & (samples - 1):
            what, expected = Message("a power of two is needed"), Message("64, 128, 256, ...")
            raise Mistake(what, ("sobol_samples",), got=str(samples), expected=expected)
        if self.out_level is not None and not self.one_out:
            what = Message("a level of what is left out, where nothing is left out")
            fix = Message("Leave it out, or set one_out: true.")
            raise Mistake(what, ("out_level",), got=str(self.out_level), fix=fix)
        if not self.missing:
            raise Mistake(Message("at least one rule for missing values is needed"), ("missing",))
        return self
