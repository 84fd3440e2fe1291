"""The file format of a study: an instrument, its observations, and what to make of them."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from workbench.errors import did_you_mean
from workbench.language import Message
from workbench.specs.choices import Choices
from workbench.specs.common import (
    Code,
    Id,
    Mistake,
    Source,
    Spec,
    Text,
    UnitNoun,
    locale_tag,
)
from workbench.specs.comparisons import Comparisons
from workbench.specs.expressions import expression
from workbench.specs.privacy import Privacy
from workbench.specs.rendering import Boundaries, Limits, Notebooks, UnitCode
from workbench.specs.survey import RespondentsTable
from workbench.specs.tables import Column, TableFile

LocaleTag = Annotated[str, AfterValidator(locale_tag)]


class CodeColumn(Spec):
    """What a column of numbers is: an observation of a code, or a count of a state of it."""

    code: Code | Column | None = Field(
        default=None, description="Code observed; the column's own name if left out"
    )
    part: str | None = Field(
        default=None,
        description="Part of the code that the column holds, as result of a benchmark, where the "
        "code itself stands in another column",
    )
    text: bool = Field(
        default=False, description="The column holds what the source says in words, as printed"
    )
    state: str | None = Field(
        default=None, description="Level or state whose count stands in the column: a tally"
    )
    note: str | None = None
    wave: str | None = Field(default=None, description="Wave of the column, where columns differ")
    extract: str | None = Field(
        default=None,
        description="Regular expression with one group: the part of a cell that counts, as "
        "'^([0-9.]+)' of 0.58C+; a cell that it does not fit is read whole",
    )
    precision: float | None = Field(
        default=None, ge=0, description="Half unit of the last printed digit; read from the cells"
    )
    compare_only: bool = Field(
        default=False, description="Compared with the other counts, never counted: unreliable"
    )

    @model_validator(mode="after")
    def _texts_are_no_numbers(self) -> CodeColumn:
        numeric = (self.state, self.extract, self.precision, self.compare_only or None)
        if self.text and any(x is not None for x in numeric):
            what = Message("a column of texts has no state, extract, precision or compare_only")
            raise Mistake(what, ("text",))
        return self

    @field_validator("extract")
    @classmethod
    def _has_a_group(cls, extract: str | None) -> str | None:
        if extract is not None and expression(extract).groups != 1:
            what = Message("the expression needs one group in brackets: '^([0-9.]+)'")
            raise Mistake(what, got=extract)
        return extract


class ObservationTable(TableFile):
    """A table of observations and the meaning of its columns.

    Long tables give ``code`` and ``value`` (and ``state``) as columns; wide tables list
    ``columns``, or say ``columns: codes`` where each column is named by the code it holds.
    """

    unit: str | Column = Field(default="unit", description="Column with the code of the unit")
    unit_by: Literal["code", "name"] = "code"
    wave: str | Column | None = Field(default=None, description="One wave, or the column with it")
    stage: str | Column | None = None
    rater: str | Column | None = None
    code: Column | None = None
    value: Column | None = None
    state: Column | None = None
    text: Column | None = Field(
        default=None, description="What the source says of the code in words, as printed"
    )
    std_error: Column | None = None
    source: str | Column | None = None
    note: str | Column | None = None
    evidence: Column | None = None
    codes: dict[str, Code] = Field(
        default={},
        description="Code of the instrument for each name that stands in the column of codes, "
        "where the table calls them otherwise",
    )
    columns: Literal["codes"] | dict[str, CodeColumn | tuple[CodeColumn, ...]] | None = None
    ignore: tuple[str, ...] = Field(
        default=(), description="Columns that columns: codes passes over"
    )
    blank: float | None = Field(
        default=None,
        description="Number that an empty cell of values stands for; nothing observed if left out",
    )
    repeated: Literal["refuse", "last", "sum", "mean"] = Field(
        default="refuse",
        description="What several rows of one code of a unit in a wave are: a mistake, or the "
        "last, the sum or the mean of their numbers, as the items of a questionnaire",
    )

    @model_validator(mode="after")
    def _layout(self) -> ObservationTable:
        long = any(x is not None for x in (self.code, self.value, self.text))
        if long and self.columns is not None:
            what = Message("a table is long (code, value) or wide (columns), not both")
            raise Mistake(what, ("columns",))
        if not long and self.columns is None:
            raise Mistake(
                Message("nothing says where values stand"),
                fix=Message("Give code and value for a long table, columns for a wide one."),
            )
        held = (self.value, self.state, self.text)
        if long and (self.code is None or all(x is None for x in held)):
            what = Message(
                "a long table needs the columns of its code and of its value, state or text"
            )
            raise Mistake(what)
        return self

    @property
    def tells_wave(self) -> bool:
        """Whether the table, or each of its columns, says which wave it is about."""
        if self.wave is not None or not isinstance(self.columns, dict):
            return self.wave is not None
        parts = (p for c in self.columns.values() for p in (c if isinstance(c, tuple) else (c,)))
        return all(part.wave is not None for part in parts)


class UnitsTable(TableFile):
    """The table of units: who is measured."""

    unit: str = Field(default="unit", description="Column with the code")
    name: str = Field(default="name", description="Column with the name")
    population: str | None = Field(
        default=None, description="Column with the number of inhabitants"
    )
    groups: dict[str, Text] = Field(
        default={}, description="Columns that group units, with the title of the grouping"
    )
    facts: dict[str, str] = Field(default={}, description="Fact of the instrument: column")
    pattern: str | None = Field(
        default=None, description="Regular expression that every code fits, '[0-9]{5}'"
    )
    more: tuple[str, ...] = Field(
        default=(),
        description="More files of the same form, whose units are added: those of another year",
    )
    codes_from_names: bool = Field(
        default=False,
        description="Make codes of the names, where the source has none: Abadia dos Dourados is "
        "then abadia-dos-dourados",
    )
    repeated: Literal["refuse", "last"] = Field(
        default="refuse",
        description="What a unit in several rows, of any of the files, is: a mistake, or its last "
        "row",
    )

    @field_validator("pattern")
    @classmethod
    def _is_expression(cls, pattern: str | None) -> str | None:
        expression(pattern or "")
        return pattern


class Wave(Spec):
    """A date of measurement."""

    id: Annotated[str, StringConstraints(min_length=1, max_length=32)]
    title: Text | None = None
    year: int | None = Field(default=None, description="Year that formulas call ``year``")
    month: int | None = Field(
        default=None, ge=1, le=12, description="Month of the year, where the day is not known"
    )
    date: dt.date | None = None
    undated: bool = Field(
        default=False, description="No date is known: shown, and never compared in time"
    )
    facts: dict[str, float] = Field(default={}, description="Facts that hold for the whole wave")

    @model_validator(mode="after")
    def _one_precision(self) -> Wave:
        if self.month is not None and (self.year is None or self.date is not None):
            raise Mistake(Message("a month needs its year, and no date beside it"), ("month",))
        return self

    @property
    def iso(self) -> str | None:
        """When it was, as precisely as is known: ``2025-12-18``, ``2013-04``; else None."""
        if self.date is not None:
            return self.date.isoformat()
        return f"{self.year:04d}-{self.month:02d}" if self.month is not None else None


class Reference(Spec):
    """The population to which data-dependent parameters are fitted."""

    waves: tuple[str, ...] | None = Field(
        default=None,
        description="The first dated wave if left out, so that later waves never "
        "change a score that was published",
    )
    units: tuple[UnitCode, ...] | None = Field(default=None, description="All units if left out")
    without: tuple[UnitCode, ...] = Field(
        default=(), description="Units that are scored, and to which nothing is fitted: the capital"
    )

    @model_validator(mode="after")
    def _one_of_two(self) -> Reference:
        if self.units is not None and self.without:
            raise Mistake(Message("give units or without, one of the two"), ("without",))
        return self


class SizeBand(Spec):
    """A band of population size."""

    id: Id
    title: Text
    below: float | None = Field(default=None, description="inhabitants < below; none in the last")


class Peers(Spec):
    """Who is like whom."""

    by: Literal["population", "column", "all"] = "population"
    column: str | None = None
    bands: tuple[SizeBand, ...] = ()
    minimum: int = Field(default=5, ge=2, description="Fewer peers than this are not summarised")
    source: Text | None = Field(default=None, description="Where the bands come from")

    @model_validator(mode="after")
    def _complete(self) -> Peers:
        if self.by == "column" and not self.column:
            raise Mistake(Message("peers by column need the name of the column"))
        if self.by == "population":
            limits = [band.below for band in self.bands]
            if not limits or None in limits[:-1] or limits[-1] is not None:
                what = Message("give the size bands in order; all but the last have below")
                raise Mistake(what, ("bands",))
            finite = [x for x in limits if x is not None]
            if sorted(set(finite)) != finite:
                raise Mistake(Message("the limits of the size bands must rise"), ("bands",))
        return self


class DataNote(Spec):
    """A known defect of the data, for the report of one unit or of all."""

    text: Text
    unit: UnitCode | None = None


class Places(Spec):
    """Printed places that the scores of a node must give."""

    fact: Code = Field(description="Fact of the instrument that holds the printed place")
    first: Literal["best", "worst"] = Field(
        default="best", description="Who has place 1: more marginalized units come first in some"
    )
    within: str | None = Field(
        default=None, description="Group of the units, or fact, in which places are counted"
    )


class Replicated(Spec):
    """A published result that the parts of a node must reproduce."""

    node: Code | tuple[Code, ...] = Field(description="Node, or several compared alike")
    tolerance: float | None = Field(
        default=None, ge=0, description="Largest difference allowed between reported and computed"
    )
    reason: Text | None = Field(default=None, description="Why the tolerance is what it is")
    levels: bool = Field(
        default=False, description="Whether every reported level must follow from the parts"
    )
    levels_of_reported: bool = Field(
        default=False,
        description="Whether every reported level must follow from the reported score",
    )
    ranks: bool = Field(
        default=False, description="Whether the order by reported scores must be that by computed"
    )
    places: Places | None = None
    share: float = Field(
        default=1.0, gt=0, le=1, description="Share of levels and places that must agree"
    )
    waves: tuple[str, ...] | None = Field(
        default=None, description="Waves compared; all by default"
    )
    not_reproducible: Text | None = Field(
        default=None, description="Why these can't be reproduced: they are listed and not compared"
    )

    @property
    def nodes(self) -> tuple[str, ...]:
        """Codes of the nodes."""
        return (self.node,) if isinstance(self.node, str) else self.node

    @model_validator(mode="after")
    def _compares_something(self) -> Replicated:
        if self.levels and self.levels_of_reported:
            msg = "levels and levels_of_reported are two comparisons: write two entries"
            raise ValueError(msg)
        if self.ranks and self.places is not None:
            msg = "ranks and places are two comparisons: write two entries"
            raise ValueError(msg)
        compared = self.tolerance is not None or self.levels or self.levels_of_reported
        compared = compared or self.ranks or self.places is not None
        if compared == (self.not_reproducible is not None):
            raise Mistake(
                Message(
                    "give tolerance, levels, ranks or places; or not_reproducible with the reason"
                )
            )
        if self.share < 1 and self.reason is None:
            raise Mistake(Message("a share below 1 needs a reason"), ("share",))
        return self


class StudySpec(Spec):
    """A study."""

    id: Id
    title: Text
    description: Text | None = None
    example: bool = Field(default=False, description="Fictitious data, marked so on every report")
    author: Text = Field(description="Who made the study, as printed on its reports")
    author_is: Literal["person", "organization"] = "person"
    date: dt.date = Field(description="Date printed on the reports; never the clock")
    licence: str | None = None
    locale: LocaleTag = "es-MX"
    seed: int = Field(default=20250101, ge=0)
    sources: tuple[Source, ...] = ()
    instrument: str = Field(description="Id of an instrument in data/instruments, or a path")
    choices: Choices = Field(
        default=Choices(), description="What the study does otherwise than the instrument says"
    )
    units: UnitsTable
    unit_noun: UnitNoun | None = Field(
        default=None, description="What its units are called, if not as the instrument says"
    )
    waves: tuple[Wave, ...] = Field(min_length=1)
    stages: tuple[str, ...] = Field(
        default=(), description="Stages that are scored, best first; others are shown beside"
    )
    rater: str | None = None
    unlisted_elements: Literal["missing", "not_met"] = Field(
        default="missing",
        description="What an element without a record is, where others of its checklist are "
        "recorded: not known, or not met (tables that list only what is met)",
    )
    observations: tuple[ObservationTable, ...] = ()
    respondents: tuple[RespondentsTable, ...] = Field(
        default=(), description="Tables with one row a person or company: surveys"
    )
    earlier: tuple[str, ...] = Field(
        default=(),
        description="Studies of the same units with other versions of the instrument, as paths "
        "from the project folder: their results stand beside, and what corresponds is compared",
    )
    reference: Reference = Reference()
    peers: Peers | None = None
    comparisons: Comparisons = Comparisons()
    replication: tuple[Replicated, ...] = Field(
        default=(), description="Published results that workbench replicate compares"
    )
    notes: tuple[DataNote, ...] = ()
    roadmap: str | dict[UnitCode, str] | None = Field(
        default=None,
        description="Roadmaps of the units: the file of each by its code, or a folder with a file "
        "CODE.yml for each",
    )
    notebooks: Notebooks = Notebooks()
    boundaries: Boundaries | None = Field(
        default=None, description="Areas of the units, for the map of the site"
    )
    limits: Limits = Limits()
    restricted: tuple[str, ...] | None = Field(
        default=None,
        description="Files of data that are never handed on, of which a pack holds the hash alone; "
        "those of respondents where nothing is said",
    )

    privacy: Privacy = Privacy()

    @property
    def files(self) -> list[str]:
        """Files that the study names, each once."""
        names = [self.units.file, *self.units.more]
        names += [table.file for table in (*self.observations, *self.respondents)]
        names += self.roadmap.values() if isinstance(self.roadmap, dict) else ()
        names += [self.boundaries.file] if self.boundaries else []
        programme = self.comparisons.programme
        names += [programme.listed.file] if programme and programme.listed else []
        return list(dict.fromkeys(names))

    @property
    def withheld(self) -> list[str]:
        """Files that are never handed on."""
        if self.restricted is not None:
            return sorted(self.restricted)
        return sorted({table.file for table in self.respondents})

    @model_validator(mode="after")
    def _restricts(self) -> StudySpec:
        for index, name in enumerate(self.restricted or ()):
            if name not in self.files:
                raise Mistake(
                    Message("the study reads no such file"),
                    ("restricted", index),
                    got=name,
                    fix=did_you_mean(name, self.files),
                )
        return self

    @model_validator(mode="after")
    def _quotes_are_allowed(self) -> StudySpec:
        for index, table in enumerate(self.respondents):
            for name, item in table.items.items():
                if "quotes" in item.gives.values() and name not in self.privacy.texts:
                    what = Message("what respondents wrote is published only if privacy names it")
                    fix = Message(
                        "Add to the study: privacy: {texts}", texts=f"{{texts: [{name}]}}"
                    )
                    raise Mistake(what, ("respondents", index, "items", name), fix=fix)
        return self

    @model_validator(mode="after")
    def _observes(self) -> StudySpec:
        if not self.observations and not self.respondents:
            fix = Message("Add observations, or respondents for a survey.")
            raise Mistake(Message("the study names no table of observations"), fix=fix)
        return self

    @model_validator(mode="after")
    def _waves(self) -> StudySpec:
        ids = [wave.id for wave in self.waves]
        for index, name in enumerate(ids):
            if name in ids[:index]:
                raise Mistake(Message("a wave is listed twice"), ("waves", index, "id"), got=name)
        placed = [(i, w) for i, w in enumerate(self.waves) if not w.undated]
        days = [(i, w.id, w.date.toordinal()) for i, w in placed if w.date is not None]
        years = [(i, w.id, w.year) for i, w in placed if w.year is not None]
        months = [
            (i, w.id, int(w.iso[:7].replace("-", ""))) for i, w in placed if w.iso is not None
        ]
        for known in (days, months, years):
            for (_, a, before), (index, b, after) in pairwise(known):
                if before > after:
                    what = Message(
                        "waves stand in the order of time, and {a} is later than {b}", a=a, b=b
                    )
                    raise Mistake(what, ("waves", index))
        for index, name in enumerate(self.reference.waves or ()):
            if name not in ids:
                raise Mistake(
                    Message("the study has no such wave"),
                    ("reference", "waves", index),
                    got=name,
                    fix=did_you_mean(name, ids),
                )
        if self.choices.until is not None and self.choices.until not in ids:
            raise Mistake(
                Message("the study has no such wave"),
                ("choices", "until"),
                got=self.choices.until,
                fix=did_you_mean(self.choices.until, ids),
            )
        programme = self.comparisons.programme
        start = programme.start_wave if programme is not None else None
        if start is not None and start not in ids:
            raise Mistake(
                Message("the study has no such wave"),
                ("comparisons", "programme", "start_wave"),
                got=start,
                fix=did_you_mean(start, ids),
            )
        return self
