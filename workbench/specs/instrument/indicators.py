"""Nodes: groups, and the indicators of each kind."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from workbench.errors import did_you_mean
from workbench.language import Message, marked
from workbench.specs.common import (
    VARIABLE_PATTERN,
    WORD,
    Code,
    Id,
    LevelId,
    Mistake,
    Provenance,
    Spec,
    Text,
    check_rising,
    in_all_languages,
)
from workbench.specs.instrument.aggregation import Aggregate
from workbench.specs.instrument.levels import Condition, Cuts, Outcome
from workbench.specs.instrument.normalisation import Normalise

Direction = Literal[1, -1]
MAX_WEIGHT = 1e9
Weight = float | str


class Element(Spec):
    """One line of a checklist: ticked or not."""

    id: Annotated[str, Field(pattern=rf"^[{WORD}]{{1,12}}$")]
    title: Text
    condition: Text | None = Field(default=None, description="How the line is read in some cases")
    may_be_not_measurable: bool = False


class NotMeasurableElements(Provenance):
    """What is asked for where some elements of a list are not measurable."""

    rule: Literal["reduce", "keep"] = Field(
        description="reduce: all the measurable elements; keep: the whole list stays asked for"
    )


class Gate(Provenance):
    """A condition beside the elements without which the best level is not given."""

    when: str = Field(
        description="Formula over facts that must hold; an unknown fact is passed over"
    )
    title: Text
    otherwise: LevelId = Field(description="Best level that can be reached where it does not hold")


class _Limited(Provenance):
    """A number within limits."""

    minimum: float | None = None
    maximum: float | None = None

    @model_validator(mode="after")
    def _limits_rise(self) -> _Limited:
        check_rising(self.minimum, self.maximum, "minimum")
        return self


class Variable(_Limited):
    """One number asked for by a measure."""

    id: Annotated[str, Field(pattern=VARIABLE_PATTERN)]
    title: Text
    unit: Text | None = None
    year_offset: int | None = Field(
        default=None, description="0 evaluated year, -1 the year before"
    )
    at_most: str | None = Field(default=None, description="Variable that this one can't exceed")
    integer: bool = False
    options: tuple[float, ...] | None = None
    option_titles: tuple[Text, ...] | None = None
    compute: str | None = Field(default=None, description="Formula used where no value is given")
    optional: bool = Field(
        default=False,
        description="May be missing: the formula says what follows, as in where(known(x), x, 0)",
    )
    shown: bool = Field(default=False, description="Printed in the report beside the result")
    source: str | None = None


class _Member(Spec):
    """What groups and indicators have in common."""

    code: Code
    title: Text
    parent: Code | tuple[Code, ...] | None = None
    weight: Weight | dict[str, Weight] = Field(
        default=1.0,
        description="One, or one for each parent; a text is a formula over facts and look-ups",
    )
    direction: Direction = 1
    normalise: Normalise | None = None
    levels: Cuts | None = None
    note: Text | None = None
    source: str | None = None
    exists_when: Condition | None = Field(
        default=None, description="Supposition without which the node is not applicable"
    )

    @property
    def parents(self) -> tuple[str, ...]:
        """Codes of the nodes above."""
        if self.parent is None:
            return ()
        return (self.parent,) if isinstance(self.parent, str) else self.parent

    @model_validator(mode="after")
    def _weights(self) -> _Member:
        weights = self.weight.values() if isinstance(self.weight, dict) else [self.weight]
        if any(not isinstance(w, str) and not 0 <= w <= MAX_WEIGHT for w in weights):
            what = Message("weights are numbers from 0 to {high}", high=MAX_WEIGHT)
            raise Mistake(what, ("weight",))
        for index, parent in enumerate(self.parents):
            if parent in self.parents[:index]:
                raise Mistake(Message("a parent stands twice"), ("parent", index), got=parent)
        if isinstance(self.weight, dict) and set(self.weight) != set(self.parents):
            what = Message(
                "weight names {names}, the parents are {parents}",
                names=", ".join(sorted(self.weight)),
                parents=", ".join(sorted(self.parents)),
            )
            raise Mistake(what, ("weight",))
        return self


class Group(_Member):
    """A node that is made of others: area, module, theme, dimension, index."""

    tier: Id
    objective: Text | None = None
    aggregate: Aggregate | None = None
    pipeline: tuple[Code, ...] = Field(
        default=(),
        description="Indicators that count how many came to each stage, in order: applications, "
        "trained, finalists; reports show how many go on from one to the next",
    )


class _Indicator(_Member):
    """A leaf: what is observed."""

    review: Literal["once", "annual"] | None = Field(
        default=None, description="once: not reviewed again after the best level"
    )
    not_measurable: tuple[Condition, ...] = ()
    when_missing: Outcome | None = None
    evidence: Text | None = None


class ScoreIndicator(_Indicator):
    """A score that someone gave, within limits or from a list."""

    kind: Literal["score"]
    minimum: float = 0.0
    maximum: float = 100.0
    allowed: tuple[float, ...] | None = None
    unit: Text | None = None

    @model_validator(mode="after")
    def _limits_rise(self) -> ScoreIndicator:
        check_rising(self.minimum, self.maximum, "minimum")
        return self


class Checklist(_Indicator):
    """A list of elements; the level follows from how many are met."""

    kind: Literal["checklist"]
    elements: tuple[Element, ...] = Field(min_length=1)
    gate: Gate | None = None
    not_measurable_elements: NotMeasurableElements | None = None


class Measure(_Indicator):
    """A number computed from variables, read against cut-points or normalised."""

    kind: Literal["measure"]
    unit: Text | None = None
    variables: tuple[Variable, ...] = ()
    inputs: tuple[Variable, ...] = Field(
        default=(), description="Raw amounts from which a variable can be computed"
    )
    formula: str | None = Field(
        default=None, description="Over variables; left out: given as it is"
    )
    minimum: float | None = None
    maximum: float | None = None
    integer: bool = Field(default=False, description="Only whole results: an option, a count")
    undefined: Outcome | None = Field(
        default=None,
        description="Outcome where the formula has no value, as with a zero denominator",
    )
    missing_reference: Outcome | None = Field(
        default=None, description="Outcome where a look-up of the formula has no entry"
    )
    before_after: tuple[str, str] | None = Field(
        default=None,
        description="Variables that hold a number before and after, where the measure is the "
        "change from one to the other, as [antes, despues]",
    )
    counted: tuple[str, str] | None = Field(
        default=None,
        description="Variables that count how many and of how many, where the measure is a "
        "multiple of their ratio and each case counts once at most, as [con_agua, viviendas]: "
        "reports say what chance gives for so many cases",
    )

    @model_validator(mode="after")
    def _limits_rise(self) -> Measure:
        check_rising(self.minimum, self.maximum, "minimum")
        return self

    @model_validator(mode="after")
    def _known_variables(self) -> Measure:
        known = [v.id for v in self.variables]
        for key in ("before_after", "counted"):
            for index, name in enumerate(getattr(self, key) or ()):
                if name not in known:
                    what = Message("there is no variable {code}", code=name)
                    raise Mistake(what, (key, index), fix=did_you_mean(name, known))
        return self


BenchmarkType = Literal["number", "percent", "two_numbers", "yes_no", "text", "to_be_defined"]
# Attainment by type, in percent; the others have a status and no attainment.
ATTAINMENT = {
    "number": "result / benchmark * 100",
    "percent": "result / benchmark * 100",
    "two_numbers": "result / (benchmark + second) * 100",
    "yes_no": "result * 100",
}
PERCENT = Text("%")


class Benchmark(Measure):
    """A result read against a benchmark: attainment in percent, and a status by its cut-points.

    Data give ``CODE.benchmark`` and ``CODE.result``: the number, the text as printed, or both.
    ``two_numbers`` has a ``second`` one that is added to the first; the result of ``yes_no`` is 1
    or 0. A ``text`` and one ``to_be_defined`` have no attainment: their status is given.
    """

    kind: Literal["benchmark"]  # type: ignore[assignment]
    type: BenchmarkType = Field(description="What the benchmark is, as its source prints it")
    result: str | None = Field(
        default=None, description="Formula of the result over inputs, as 'now - before'"
    )

    @model_validator(mode="after")
    def _from_type(self) -> Benchmark:
        """Fill in variables and formula, which the type gives."""
        if self.variables:
            what = Message("a benchmark has its variables by its type")
            raise Mistake(
                what, ("variables",), fix=Message("Use inputs, and result for a formula.")
            )
        if self.direction == -1 and self.formula is None and self.type in ATTAINMENT:
            what = Message("where less is better, nothing says what attainment is")
            fix = Message("Write the formula that your source uses: benchmark / result * 100.")
            raise Mistake(what, fix=fix)
        wanted = ["benchmark", *(["second"] if self.type == "two_numbers" else []), "result"]
        parts = [self._part(name) for name in wanted]
        # Of a yes or no only the result is needed; of a text, nothing.
        needed = {"yes_no": ("result",), "text": (), "to_be_defined": ()}.get(self.type, wanted)
        return self.model_copy(
            update={
                "variables": tuple(p for p in parts if p.id in needed),
                "inputs": (*(p for p in parts if p.id not in needed), *self.inputs),
                "formula": self.formula or ATTAINMENT.get(self.type),
                "undefined": self.undefined or Outcome(state="undetermined"),
                "unit": PERCENT,
            }
        )

    @property
    def in_words(self) -> tuple[str, ...]:
        """Parts that are said in words and hold no number."""
        return {
            "yes_no": ("benchmark",),
            "text": ("benchmark", "result"),
            "to_be_defined": ("benchmark",),
        }.get(self.type, ())

    def _part(self, name: str) -> Variable:
        """Return the benchmark or the result as a variable."""
        titles = {
            "benchmark": marked("Benchmark"),
            "second": marked("Second benchmark"),
            "result": marked("Result"),
        }
        return Variable(
            id=name,
            title=in_all_languages(titles[name]),
            unit=PERCENT if self.type == "percent" else self.unit,
            options=(0.0, 1.0) if self.type == "yes_no" else None,
            minimum=self.minimum,
            compute=self.result if name == "result" else None,
            shown=True,
        )


class Grade(_Indicator):
    """A level of a scale given directly: a letter."""

    kind: Literal["grade"]
    scale: Id


class Output(Grade):
    """An output or deliverable: its result is a text, its status a level that is given."""

    kind: Literal["output"]  # type: ignore[assignment]


class PointsIndicator(_Indicator):
    """Points of a maximum; the maximum may be unknown."""

    kind: Literal["points"]
    maximum: float | None = None


class CategoryOption(Spec):
    """One answer of a category."""

    id: Code
    title: Text
    level: LevelId | None = None
    score: float | None = None
    follows: Text | None = Field(
        default=None, description="What is due to who gives this answer: a recommendation"
    )


class Category(_Indicator):
    """One answer of several, each with its level or score."""

    kind: Literal["category"]
    options: tuple[CategoryOption, ...] = Field(min_length=2)
    scale: Id | None = None


class Statement(_Indicator):
    """A sentence that holds or not, in the norm or in practice, with evidence."""

    kind: Literal["statement"]
    basis: Literal["norm", "practice"]
    needs_evidence: bool = Field(
        default=True, description="Whether the rule on evidence under defaults holds for this one"
    )


Indicator = Annotated[
    ScoreIndicator
    | Checklist
    | Measure
    | Benchmark
    | Grade
    | Output
    | PointsIndicator
    | Category
    | Statement,
    Field(discriminator="kind"),
]
