"""The whole file of an instrument, and what its rules refer to."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from workbench.language import Message
from workbench.specs.common import (
    WORD,
    Code,
    Id,
    LevelId,
    Mistake,
    Name,
    Provenance,
    Source,
    Spec,
    Text,
    UnitNoun,
)
from workbench.specs.instrument.aggregation import Aggregate
from workbench.specs.instrument.comparing import Comparison, VersionLink
from workbench.specs.instrument.indicators import Group, Indicator
from workbench.specs.instrument.levels import Cuts, Scale
from workbench.specs.precision import Reliability

Completeness = Literal["published", "partial", "outline"]
# What a state does to the denominator of the node above it, and to the number itself.
StateEffect = Literal["not_available", "not_measurable", "not_applicable", "insufficient"]


class State(Provenance):
    """A reason why there is no value, as this instrument names it, and what it does."""

    id: Annotated[str, Field(pattern=rf"^[{WORD}*]{{1,16}}$")]
    title: Text
    effect: StateEffect = Field(
        description="not_available stays in the denominator; not_measurable and not_applicable "
        "leave it; insufficient counts as the lowest level"
    )


class Stage(Spec):
    """A stage of one measurement: self-declared, updated, reviewed."""

    id: Id
    title: Text
    who: Text | None = None
    carries: bool = Field(
        default=False,
        description="What reached its best level at this stage is not reviewed again later, where "
        "the indicator says review: once",
    )


class Fact(Spec):
    """Something known of a unit (or a unit in a wave) that formulas and conditions may use."""

    id: Name
    title: Text
    unit: Text | None = None
    boolean: bool = False
    minimum: float | None = None
    maximum: float | None = None
    shown: bool = Field(default=False, description="Printed in the report beside the scores")
    population: bool = Field(
        default=False, description="Filled with the population of the unit where it is not given"
    )
    source: str | None = None


class LookupRow(Provenance):
    """One row of a look-up: values up to a limit, or for one key."""

    below: float | None = Field(default=None, description="x < below; leave out in the last row")
    up_to: float | None = Field(default=None, description="x <= up_to; leave out in the last row")
    key: float | None = Field(default=None, description="Value that x must equal")
    value: float

    @model_validator(mode="after")
    def _one_limit(self) -> LookupRow:
        if sum(x is not None for x in (self.below, self.up_to, self.key)) > 1:
            raise Mistake(Message("give one of below, up_to and key"))
        return self

    @property
    def limit(self) -> float | None:
        """Upper limit of the row, if it has one."""
        return self.below if self.up_to is None else self.up_to


class Lookup(Provenance):
    """A table read by a formula as ``lookup(id, x)`` or ``interpolate(id, x)``."""

    id: Name
    title: Text | None = None
    rows: tuple[LookupRow, ...] = Field(min_length=1)
    source: str | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Lookup:
        keys = [row.key for row in self.rows if row.key is not None]
        if keys and len(keys) < len(self.rows):
            raise Mistake(Message("either every row has a key, or none"), ("rows",))
        for index, key in enumerate(keys):
            if key in keys[:index]:
                what = Message("a key stands twice in the table")
                raise Mistake(what, ("rows", index, "key"), got=f"{key:g}")
        if not keys:
            limits = [row.limit for row in self.rows]
            if None in limits[:-1]:
                raise Mistake(Message("only the last row may go without a limit"), ("rows",))
            finite = [x for x in limits if x is not None]
            if sorted(set(finite)) != finite:
                raise Mistake(Message("the limits must rise from row to row"), ("rows",))
        return self


class ConversionTable(Provenance):
    """Level by the sorted levels of the children, worst first, joined by a space."""

    id: Id
    rows: dict[str, LevelId]


class Tier(Spec):
    """A kind of node with its name, and the rule its nodes follow unless they say otherwise."""

    id: Id
    title: Text
    plural: Text
    aggregate: Aggregate | None = None
    levels: Cuts | None = None
    decimals: int = Field(default=1, ge=0, le=6, description="Decimals in which scores are printed")
    unit: Text | None = Field(default=None, description="Unit of the score; percent if left out")


class EvidenceRule(Provenance):
    """Statements that are said to hold count only with evidence: what they are without it."""

    without: Literal["not_met", "missing"] = Field(
        description="not_met: they count as not met; missing: they are not known, which leaves "
        "bounds"
    )


class Defaults(Spec):
    """What indicators of a kind follow unless they say otherwise."""

    checklist: Cuts | None = None
    statement: Cuts | None = None
    benchmark: Cuts | None = None
    evidence: EvidenceRule | None = Field(
        default=None, description="For statements; left out, evidence is recorded and not demanded"
    )


class InstrumentSpec(Spec):
    """An instrument: its structure, its rules, its sources and its gaps."""

    id: Id
    version: str
    title: Text
    short_title: Text | None = None
    description: Text | None = None
    publisher: Text
    language: str = Field(default="es", description="Language of the titles as published")
    completeness: Completeness
    completeness_note: Text | None = None
    example: bool = Field(default=False, description="A filled-in copy with a fictitious name")
    sources: tuple[Source, ...] = Field(min_length=1)
    gaps: tuple[Text, ...] = Field(default=(), description="What no source states")
    unit_noun: UnitNoun | None = Field(
        default=None, description="What is measured, if not municipalities"
    )
    scales: tuple[Scale, ...] = ()
    states: tuple[State, ...] = ()
    stages: tuple[Stage, ...] = ()
    facts: tuple[Fact, ...] = ()
    lookups: tuple[Lookup, ...] = ()
    tables: tuple[ConversionTable, ...] = ()
    tiers: tuple[Tier, ...] = Field(min_length=1)
    indicator_title: Text | None = Field(default=None, description="Name of the leaves, singular")
    indicator_plural: Text | None = None
    defaults: Defaults = Defaults()
    headline: tuple[Code, ...] = Field(
        default=(), description="Nodes that are the result on page one"
    )
    comparison: Comparison | None = Field(
        default=None,
        description="Rules for two measurements; left out, levels are compared as such",
    )
    reliability: dict[Code, Reliability] = Field(
        default={}, description="How precise the score of a node is, where a source found it"
    )
    versions: tuple[VersionLink, ...] = Field(
        default=(), description="What corresponds to what in other versions of the instrument"
    )
    nodes: tuple[Group, ...] = ()
    indicators: tuple[Indicator, ...] = ()
