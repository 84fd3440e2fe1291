"""The file format of a survey: one row a person or company, and what its answers give.

A study names the table, its design, its items with their answers, and for each item the codes of
the instrument that it gives. Columns that the study does not name are never read.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from workbench.errors import did_you_mean
from workbench.language import Message
from workbench.specs.common import Code, Mistake, Spec, Text
from workbench.specs.tables import Column, TableFile

NoAnswer = Literal["dont_know", "refused", "other"]
Counted = Literal["mean", "answered", "asked", "non_response", "quotes"]
OfTable = Literal["respondents", "invited", "response_rate"]


class Design(Spec):
    """How the respondents were chosen, and the columns that say so."""

    sample: Literal["random", "everyone", "other"] = Field(
        description="random: each was drawn with a known chance, so that standard errors can be "
        "given; everyone: all were asked; other: chosen otherwise, or it is not known how"
    )
    weight: str | None = Field(
        default=None, description="Column with how many each respondent stands for"
    )
    stratum: str | None = Field(default=None, description="Column with the stratum of the sample")
    cluster: str | None = Field(
        default=None, description="Column with what was drawn inside a stratum, if not each person"
    )
    size: str | None = Field(
        default=None,
        description="Column with how many people (or clusters, if taken whole) the stratum has in "
        "all: where many of them were drawn, chance did less",
    )
    source: Text | None = Field(default=None, description="Where the design is described")

    @model_validator(mode="after")
    def _only_of_samples(self) -> Design:
        for name in ("stratum", "cluster", "size"):
            if getattr(self, name) is not None and self.sample != "random":
                what = Message("{name} is for samples drawn at random", name=name)
                raise Mistake(what, (name,))
        return self


class ShareRule(Spec):
    """Share of those who gave one of some answers, in percent."""

    share: tuple[str, ...] = Field(min_length=1, description="Answers that are counted")
    of: Literal["answered", "asked"] = Field(
        default="answered",
        description="answered: of those who gave an answer; asked: of all who were asked",
    )


class Item(Spec):
    """A question: its answers, who was asked, and the codes of the instrument that it gives."""

    title: Text
    options: dict[str, Text] = Field(
        default={}, description="Answers as the cells hold them, with their titles: {'1': Sí}"
    )
    range: tuple[float, float] | None = Field(
        default=None, description="Lowest and highest number, where the answer is a number"
    )
    text: bool = Field(default=False, description="The answer is a text of the respondent's own")
    no_answer: dict[str, NoAnswer] = Field(
        default={},
        description="Cells that are no answer: {'8': dont_know, '9': refused}; blank ones are too",
    )
    not_asked: tuple[str, ...] = Field(
        default=(), description="Cells of those to whom the question was not put"
    )
    asked_if: dict[str, tuple[str, ...]] = Field(
        default={},
        description="Put only to those with one of these answers to another item: {p1: [si]}",
    )
    minimum: int | None = Field(
        default=None, ge=1, description="Fewest answers for a share or mean, if not the table's"
    )
    gives: dict[Code, Counted | ShareRule] = Field(
        min_length=1,
        description="Code of the instrument: what it counts. {share: [si]}, mean, answered, asked, "
        "non_response (percent of those asked), or quotes (the texts themselves)",
    )

    @property
    def numeric(self) -> bool:
        """Whether every answer is a number."""
        return self.range is not None or (bool(self.options) and all(map(_is_number, self.options)))

    @model_validator(mode="after")
    def _answers(self) -> Item:
        if sum((bool(self.options), self.range is not None, self.text)) != 1:
            raise Mistake(Message("give one of options, range and text"))
        if self.range is not None and not self.range[0] < self.range[1]:
            raise Mistake(Message("the range of an answer rises"), ("range",))
        cells = [*self.options, *self.no_answer, *self.not_asked]
        twice = next((c for c in cells if cells.count(c) > 1), None)
        if twice is not None:
            raise Mistake(Message("a cell can't mean two things"), got=twice)
        return self

    @model_validator(mode="after")
    def _rules(self) -> Item:
        for code, rule in self.gives.items():
            path = ("gives", code)
            if isinstance(rule, ShareRule):
                for index, name in enumerate(rule.share):
                    if name not in self.options:
                        what = Message("the item has no such answer")
                        fix = did_you_mean(name, self.options)
                        raise Mistake(what, (*path, "share", index), got=name, fix=fix)
            elif rule == "mean" and not self.numeric:
                raise Mistake(Message("a mean needs answers that are numbers"), path)
            elif (rule == "quotes") > self.text:
                raise Mistake(Message("only texts are quoted"), path)
        return self


class RespondentsTable(TableFile):
    """A table with one row a respondent."""

    respondent: str = Field(description="Column with what tells respondents apart; never printed")
    unit: str = Field(default="unit", description="Column with the unit or group of each")
    unit_by: Literal["code", "name"] = "code"
    wave: str | Column | None = Field(default=None, description="One wave, or the column with it")
    design: Design
    took_part: dict[str, tuple[str, ...]] = Field(
        default={},
        description="Rows of those who took part, where the table holds others too: "
        "{resultado: [completa, parcial]}",
    )
    invited: dict[str, int] | None = Field(
        default=None,
        description="How many were asked to take part, by unit, where the table holds only those "
        "who did: {servidores: 200}",
    )
    minimum: Annotated[int, Field(ge=1)] = Field(
        description="Fewest answers for which a share or mean is given"
    )
    withheld: str | None = Field(
        default=None,
        description="State of the instrument that stands where a result is withheld; without one "
        "nothing is recorded there",
    )
    items: dict[str, Item] = Field(min_length=1, description="Questions, by the column of answers")
    gives: dict[Code, OfTable] = Field(
        default={},
        description="Code of the instrument: respondents, invited, or response_rate (in percent)",
    )

    @model_validator(mode="after")
    def _codes_once(self) -> RespondentsTable:
        seen: set[str] = set(self.gives)
        for name, item in self.items.items():
            for code in item.gives:
                if code in seen:
                    what = Message("two items give the same code")
                    raise Mistake(what, ("items", name, "gives", code), got=code)
                seen.add(code)
        return self

    @model_validator(mode="after")
    def _known_items(self) -> RespondentsTable:
        for name, item in self.items.items():
            for other, answers in item.asked_if.items():
                path = ("items", name, "asked_if", other)
                if other not in self.items or other == name:
                    fix = did_you_mean(other, [x for x in self.items if x != name])
                    raise Mistake(Message("there is no such item"), path, got=other, fix=fix)
                for answer in answers:
                    if answer not in self.items[other].options:
                        fix = did_you_mean(answer, self.items[other].options)
                        what = Message("the item has no such answer")
                        raise Mistake(what, path, got=answer, fix=fix)
        return self

    @model_validator(mode="after")
    def _who_was_asked(self) -> RespondentsTable:
        if self.took_part and self.invited is not None:
            what = Message("took_part and invited both say who was asked: give one of them")
            raise Mistake(what, ("invited",))
        if self.invited is not None and isinstance(self.wave, Column):
            what = Message("invited is for a table of one wave")
            raise Mistake(what, ("invited",), fix=Message("Name the wave, or use took_part."))
        wanted = [code for code, rule in self.gives.items() if rule != "respondents"]
        if wanted and not self.took_part and self.invited is None:
            what = Message("nothing says how many were asked to take part")
            fix = Message("Give took_part, where the table holds them all, or invited.")
            raise Mistake(what, ("gives", wanted[0]), fix=fix)
        return self


def _is_number(text: str) -> bool:
    """Return whether a text is a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True
