"""How precise a score is, as a source found it: declared by an instrument or by a study."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from workbench.language import Message
from workbench.specs.common import Mistake, Spec, Text


class Reliability(Spec):
    """The reliability of a score, or its standard error of measurement, and who found it."""

    value: float | None = Field(
        default=None, description="Reliability of the score, between 0 and 1"
    )
    std_error: float | None = Field(
        default=None,
        gt=0,
        description="Standard error of measurement, in the units of the score, where that is what "
        "the source gives",
    )
    sd: float | None = Field(
        default=None,
        gt=0,
        description="Standard deviation of the scores with which the reliability was found; left "
        "out, that of the first measurement, which needs 30 units",
    )
    kind: Literal["retest", "raters", "consistency", "other"] = Field(
        description="How it was found: measured again, by several evaluators, by how far the "
        "questions go together, or otherwise"
    )
    source: Text = Field(description="Who found it, when and on what, as printed on the reports")

    @model_validator(mode="after")
    def _one_of_two(self) -> Reliability:
        if (self.value is None) == (self.std_error is None):
            raise Mistake(Message("give value or std_error, one of the two"), ("value",))
        if self.value is not None and not 0 < self.value < 1:
            what = Message("a reliability lies between 0 and 1")
            raise Mistake(what, ("value",), got=f"{self.value:g}")
        if self.sd is not None and self.value is None:
            raise Mistake(Message("sd goes with value: a standard error needs none"), ("sd",))
        return self
