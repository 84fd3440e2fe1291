"""The file format of an instrument: what is measured, how it is scored, and how sure the rule is.

One YAML file an instrument. The models say what may be written; the meaning across lines (codes
that exist, formulas that parse, bands that leave no gap) is checked in ``workbench.instruments``.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from workbench.errors import did_you_mean
from workbench.language import Message, marked
from workbench.specs.common import (
    Code,
    Id,
    LevelId,
    Mistake,
    Provenance,
    Source,
    Spec,
    Text,
    UnitNoun,
    in_all_languages,
)

Completeness = Literal["published", "partial", "outline"]
Direction = Literal[1, -1]
Scope = Literal["pooled", "wave"]
MAX_WEIGHT = 1e9
# What a state does to the denominator of the node above it, and to the number itself.
StateEffect = Literal["not_available", "not_measurable", "not_applicable", "insufficient"]


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


class State(Provenance):
    """A reason why there is no value, as this instrument names it, and what it does."""

    id: Annotated[str, Field(pattern=r"^[\w*]{1,16}$")]
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

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
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
    key: float | None = Field(default=None, description="Value that x must equal")
    value: float


class Lookup(Provenance):
    """A table read by a formula as ``lookup(id, x)``."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    title: Text | None = None
    rows: tuple[LookupRow, ...] = Field(min_length=1)
    source: str | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Lookup:
        keyed = [row.key is not None for row in self.rows]
        if any(keyed) and not all(keyed):
            raise Mistake(Message("either every row has a key, or none"), ("rows",))
        if not any(keyed):
            limits = [row.below for row in self.rows]
            if None in limits[:-1]:
                raise Mistake(Message("only the last row may go without below"), ("rows",))
            finite = [x for x in limits if x is not None]
            if sorted(set(finite)) != finite:
                raise Mistake(Message("the limits (below) must rise from row to row"), ("rows",))
        return self


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


class Element(Spec):
    """One line of a checklist: ticked or not."""

    id: Annotated[str, Field(pattern=r"^[\w]{1,12}$")]
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
        _rising(self.minimum, self.maximum, "minimum")
        return self


class Variable(_Limited):
    """One number asked for by a measure."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,15}$")]
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
    shown: bool = Field(default=False, description="Printed in the report beside the result")
    source: str | None = None


class Fitted(Spec):
    """A normalisation whose parameters come from the reference population."""

    scope: Scope = Field(
        default="pooled",
        description="pooled: one set of parameters for the reference; wave: one for each wave, "
        "from that wave alone",
    )
    by: str | None = Field(
        default=None, description="Fact that groups the units: parameters for each of its values"
    )


class MinMax(Fitted):
    """Rescale the range of the reference to a range."""

    method: Literal["min_max"]
    range: tuple[float, float] = (0.0, 100.0)
    percentiles: tuple[float, float] | None = Field(
        default=None,
        description="Percentiles of the reference instead of its minimum and maximum: [5, 95]",
    )
    lower: float | None = Field(default=None, description="Fixed end instead of the minimum")
    upper: float | None = Field(default=None, description="Fixed end instead of the maximum")
    cap: bool = Field(default=False, description="Keep what lies beyond an end at the end")

    @model_validator(mode="after")
    def _ends(self) -> MinMax:
        if self.lower is not None and self.upper is not None:
            msg = "with both ends fixed the method is goalposts"
            raise ValueError(msg)
        if self.percentiles is not None:
            low, high = self.percentiles
            if not 0 <= low < high <= 100:
                msg = "percentiles rise, from 0 to 100"
                raise ValueError(msg)
        return self


class Goalposts(Spec):
    """Rescale between two fixed values, optionally on logarithms, capped or not."""

    method: Literal["goalposts"]
    lower: float
    upper: float
    log: bool = False
    cap: bool = True
    range: tuple[float, float] = (0.0, 100.0)

    @model_validator(mode="after")
    def _apart(self) -> Goalposts:
        if not self.lower < self.upper:
            raise Mistake(
                Message("lower must be below upper"),
                fix=Message("Set direction: -1 where less is better."),
            )
        if self.log and self.lower <= 0:
            raise Mistake(Message("a logarithm needs a lower goalpost above 0"), ("lower",))
        return self


class ZScore(Fitted):
    """Distance to the mean of the reference in standard deviations."""

    method: Literal["z_score"]
    ddof: Literal[0, 1] = 1
    mean: float = 0.0
    sd: float = Field(default=1.0, gt=0)
    limit: float | None = Field(
        default=None, gt=0, description="Deviations beyond which nothing more counts, as 3"
    )


class RankScore(Fitted):
    """Place among the reference: plain rank (1 is worst) or Borda points (one less)."""

    method: Literal["rank", "borda"]


class DistanceToTarget(Fitted):
    """Share of the way from the minimum of the reference to a target."""

    method: Literal["distance_to_target"]
    target: float
    cap: bool = True


class DistanceToReference(Fitted):
    """Value relative to that of one unit."""

    method: Literal["distance_to_reference"]
    unit: str


class DistanceToMaximum(Fitted):
    """Value as a share of the best of the reference, or of its group: 100 for the best."""

    method: Literal["distance_to_maximum"]
    range: tuple[float, float] = (0.0, 100.0)


class Ratio(Fitted):
    """Value relative to a figure of the reference, which is 100; inverse if less is better."""

    method: Literal["ratio"]
    to: Literal["mean", "median", "minimum", "maximum", "sum"] = "mean"
    scale: float = Field(default=100.0, gt=0)


class Classes(Fitted):
    """Points by quantiles of the reference: a fifth of the units in each class, for instance."""

    method: Literal["classes"]
    points: tuple[float, ...] = Field(min_length=2, description="Worst class first")
    at: tuple[float, ...] = Field(
        default=(), description="Shares of the reference below each cut; equal classes if left out"
    )

    @model_validator(mode="after")
    def _cuts(self) -> Classes:
        if self.at and len(self.at) != len(self.points) - 1:
            msg = "at names one cut fewer than there are points"
            raise ValueError(msg)
        if list(self.at) != sorted(set(self.at)) or any(not 0 < x < 1 for x in self.at):
            msg = "the shares of at rise and lie between 0 and 1"
            raise ValueError(msg)
        return self


class PercentileRank(Fitted):
    """Share of the reference below, ties counted half, in percent."""

    method: Literal["percentile_rank"]


class LevelNumbers(Spec):
    """Number of the level that the value falls in (``number`` of the scale's levels)."""

    method: Literal["level_numbers"]


class PluginNormaliser(Fitted):
    """A normaliser registered under the entry-point group ``workbench.normalisers``."""

    method: Literal["plugin"]
    name: str
    options: dict[str, float | str | bool] = {}


Normalise = Annotated[
    MinMax
    | Goalposts
    | ZScore
    | RankScore
    | DistanceToTarget
    | DistanceToReference
    | DistanceToMaximum
    | Ratio
    | Classes
    | PercentileRank
    | LevelNumbers
    | PluginNormaliser,
    Field(discriminator="method"),
]


def _rising(low: float | None, high: float | None, name: str) -> None:
    """Refuse limits of which the lower, written under ``name``, is above the upper."""
    if low is not None and high is not None and low > high:
        what = Message("the lower limit {low} is above {high}", low=low, high=high)
        raise Mistake(what, (name,))


class _Limits(Provenance):
    """The limits of a result, and the decimals to which its publisher rounds it."""

    cap: float | None = None
    floor: float | None = None
    round: int | None = Field(
        default=None, ge=0, le=12, description="Decimals that are kept, halves away from zero"
    )

    @model_validator(mode="after")
    def _limits(self) -> _Limits:
        _rising(self.floor, self.cap, "floor")
        return self


class _Available(Provenance):
    """An aggregation that says how much must be there."""

    min_availability: float = Field(
        default=1.0,
        ge=0,
        le=1,
        description="Share of weight that must be present; below it no score is given, only bounds",
    )


class _Number(_Available, _Limits):
    """An aggregation that gives a number, and its limits."""


class Mean(_Number):
    """A weighted mean of the children; weights may be declared unknown, which leaves bounds."""

    method: Literal["arithmetic", "geometric", "harmonic", "median", "minimum", "maximum", "sum"]
    weights: Literal["given", "unknown"] = "given"


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
    total: float | None = None


class ByFormula(_Limits):
    """A formula over what lies below: score("CODE"), value("CODE"), level("CODE") and facts."""

    method: Literal["formula"]
    formula: str = Field(
        description="Such as score('a') * score('b'); no result where it reads something missing"
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
    | Conditions
    | ByFormula
    | NoAggregate
    | PluginAggregator,
    Field(discriminator="method"),
]


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


class _Member(Spec):
    """What groups and indicators have in common."""

    code: Code
    title: Text
    parent: Code | tuple[Code, ...] | None = None
    weight: float | dict[str, float] = Field(default=1.0, description="One, or one for each parent")
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
        if any(not 0 <= w <= MAX_WEIGHT for w in weights):
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
        _rising(self.minimum, self.maximum, "minimum")
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

    @model_validator(mode="after")
    def _limits_rise(self) -> Measure:
        _rising(self.minimum, self.maximum, "minimum")
        return self

    @model_validator(mode="after")
    def _before_and_after(self) -> Measure:
        known = [v.id for v in self.variables]
        for index, name in enumerate(self.before_after or ()):
            if name not in known:
                what = Message("there is no variable {code}", code=name)
                raise Mistake(what, ("before_after", index), fix=did_you_mean(name, known))
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


class Defaults(Spec):
    """What indicators of a kind follow unless they say otherwise."""

    checklist: Cuts | None = None
    statement: Cuts | None = None
    benchmark: Cuts | None = None


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
    nodes: tuple[Group, ...] = ()
    indicators: tuple[Indicator, ...] = ()
