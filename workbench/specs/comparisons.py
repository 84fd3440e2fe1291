"""What a study declares before its data are compared: margins, hypotheses, groups, a programme."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from workbench.language import Message
from workbench.specs.common import Code, Id, Mistake, Spec, Text
from workbench.specs.precision import Reliability
from workbench.specs.robustness import Robustness
from workbench.specs.tables import TableFile

Question = Literal[
    "change",
    "indicators",
    "groups",
    "programme",
    "target",
    "peers",
    "chance",
    "rank",
    "agreement",
]


class Hypothesis(Spec):
    """A question asked before the data were seen: its answer is confirmatory."""

    id: Id
    question: Question
    node: Code
    title: Text | None = None
    margin: float | None = Field(
        default=None, gt=0, description="Smallest relevant difference, in units of the node"
    )
    expected: Literal["positive", "negative", "negligible"] | None = None


class ParticipantList(TableFile):
    """A table with a row for each unit that takes part; all others do not."""

    unit: str = Field(default="unit", description="Column with the code of the unit")


class Programme(Spec):
    """Who takes part in a programme, and since when.

    A group of the units table tells (``column`` and ``participants``), or a list of its own
    (``listed``).
    """

    title: Text | None = None
    column: str | None = Field(
        default=None, description="Group of the units table that says who takes part"
    )
    participants: tuple[str, ...] = Field(default=(), description="Cells that mean taking part")
    listed: ParticipantList | None = Field(
        default=None, description="Table with a row for each unit that takes part"
    )
    start: str | None = Field(
        default=None,
        description="Group of the units table with the wave in which each unit started; empty for "
        "those that never did",
    )
    start_wave: str | None = Field(
        default=None,
        description="First wave after the start, where all started together; the first of all "
        "where it started before any was measured",
    )
    assigned: str | None = Field(
        default=None,
        description="Group of the units table at which the programme was assigned, as the state: "
        "errors are clustered there",
    )
    alike: tuple[str, ...] = Field(
        default=(),
        description="Columns of the units table by which participants and others are made alike",
    )

    @model_validator(mode="after")
    def _one_source(self) -> Programme:
        if (self.column is None) == (self.listed is None):
            what = Message("say who takes part by column and participants, or by listed: one way")
            raise Mistake(what, ("column",))
        if (self.column is None) == bool(self.participants):
            what = Message("participants are cells of the column: give both or none")
            raise Mistake(what, ("participants",))
        return self

    @model_validator(mode="after")
    def _one_start(self) -> Programme:
        if self.start is not None and self.start_wave is not None:
            raise Mistake(Message("give start or start_wave, not both"), ("start_wave",))
        return self


class SizeLimits(Spec):
    """Smallest sizes of a comparison."""

    refuse: float = Field(ge=0)
    warn: float = Field(ge=0)


class Comparisons(Spec):
    """What a study declares about its comparisons."""

    took_part: Literal["all", "sample", "volunteers"] | None = Field(
        default=None,
        description="Whether all units of the universe were measured, a random sample, or those "
        "that wanted to; reports say what an interval then means",
    )
    margin: float | None = Field(
        default=None,
        gt=0,
        description="Smallest relevant difference; without one no change is called negligible",
    )
    margins: dict[Code, float] = Field(default={}, description="Margins of single nodes")
    noise: float = Field(
        default=0.0, ge=0, description="Changes up to this size count neither as better nor worse"
    )
    groups: str | None = Field(
        default=None,
        description="Group of the units table to compare by; peers for the groups of peers that "
        "the study declares, as size bands",
    )
    order: tuple[str, ...] = Field(
        default=(), description="Groups from low to high, where they are ordered"
    )
    programme: Programme | None = None
    targets: dict[Code, float] = Field(default={}, description="Standard to be met, by node")
    reliability: dict[Code, Reliability] = Field(
        default={},
        description="How precise the score of a node is, from a source; left out, as the "
        "instrument says",
    )
    robustness: Robustness | None = Field(
        default=None,
        description="Choices of the instrument that could be others: reports then give the range "
        "of places over them",
    )
    adjustment: Literal["holm", "bh", "by"] | None = Field(
        default=None,
        description="For several tests of one family: holm for hypotheses, bh for many indicators",
    )
    hypotheses: tuple[Hypothesis, ...] = ()
    sizes: dict[str, SizeLimits] = Field(
        default={}, description="Smallest sizes that differ from workbench/stats/sizes.yml"
    )

    @model_validator(mode="after")
    def _sound(self) -> Comparisons:
        for code, value in self.margins.items():
            if value <= 0:
                what = Message("a margin is larger than 0")
                raise Mistake(what, ("margins", code), got=f"{value:g}")
        ids = [h.id for h in self.hypotheses]
        for index, name in enumerate(ids):
            if name in ids[:index]:
                what = Message("a hypothesis is listed twice")
                raise Mistake(what, ("hypotheses", index, "id"), got=name)
        return self

    def margin_of(self, code: str) -> float | None:
        """Return the smallest relevant difference of a node, None where none was declared."""
        return self.margins.get(code, self.margin)
