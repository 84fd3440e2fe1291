"""Views: everything that one report shows, frozen, as plain values.

A view is made by the study and read by the display; nothing else passes between them. It holds
numbers and titles, no sentence: those are written by the display in the language of the view. Two
equal views give the same report, which is how a run knows what is up to date.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import Field

from workbench.instruments.own_wave import OwnWave
from workbench.study.certainty_views import CertaintyView, CohortCertainty
from workbench.study.change_views import CohortMove, CohortVersion, ComparisonView, VersionView
from workbench.study.measure_views import CohortMeasure
from workbench.study.part import Part
from workbench.study.roadmap_views import RoadmapView


class LevelInfo(Part):
    """One level of a scale, with its place from worst (0) to best."""

    id: str
    title: str
    colour: str | None
    place: int
    of: int
    follows: str = ""


class RankInfo(Part):
    """A place and what data bounds leave open; 1 is best.

    ``rank`` is among the ``scored`` units with a result, ``best`` and ``worst`` among all ``n``,
    those included of which only bounds are known.
    ``known`` is False where some results are only reported: what missing data could do to them, and
    so to the places, can't be told.
    """

    rank: int
    ties: int
    best: int
    worst: int
    n: int
    scored: int
    known: bool = True


class Earlier(Part):
    """A result of an earlier wave; ``state`` names what stands beside its level, such as D*."""

    wave: str
    wave_title: str
    score: float | None = None
    level: str | None = None
    value: float | None = None
    base: int | None = None
    state: str = ""
    rank: RankInfo | None = None


class SameIndicators(Part):
    """A share then and now over the ``n`` indicators that were measurable both times.

    ``gained`` came to the level and ``lost`` are at it no more; ``left`` were measurable only then
    and ``joined`` only now, of which ``left_top`` and ``joined_top`` were at the level.
    """

    n: int
    before: float | None
    now: float | None
    gained: int
    lost: int
    left: int
    left_top: int
    joined: int
    joined_top: int

    @property
    def differs(self) -> bool:
        """Whether the two waves do not measure the same indicators."""
        return self.left + self.joined > 0


class AskedView(Part):
    """One thing that the next level asks for and that does not hold, or is not known to.

    ``now`` is what was read and ``limit`` what it is compared with by ``sign``; both are places in
    ``levels``, 0 for the worst, where a level is read. ``source`` is the rule as written, where it
    is no such comparison. Of ``either`` any one is enough.
    """

    title: str
    unit: str
    yes_no: bool
    levels: tuple[str, ...]
    sign: str
    limit: float
    now: float | None
    holds: bool | None
    source: str = ""
    either: tuple[AskedView, ...] = ()


class ConditionsView(Part):
    """What the next ``level`` of a group asks for: ``n`` things, of which ``held`` hold."""

    level: str
    n: int
    held: int
    lacking: tuple[AskedView, ...]


class NodeView(Part):
    """A group of the instrument for one unit.

    ``counts`` holds indicators by level id and state; None where a count is not known. ``peers``
    and ``cohort`` are medians. ``wave`` is set where the result is of another wave than the view's.
    ``base`` is the number of indicators that a share divides by, ``base_deduced`` from the printed
    percentage. ``parts_known`` is False where a result is only reported. ``n_units`` counts, for a
    cohort, the units with a result. ``own_wave`` says that the result is measured against the units
    of its own wave, wholly or in part: a difference between waves tells of the others too.
    """

    code: str
    title: str
    tier: str
    tier_title: str
    depth: int
    parents: tuple[str, ...]
    n_indicators: int
    score: float | None
    low: float | None
    high: float | None
    computed: float | None
    decimals: int
    unit: str | None
    maximum: float | None
    scale: str | None
    level: str | None
    level_low: str | None
    level_high: str | None
    status: str
    coverage: float
    counts: dict[str, float | None] = Field(default={})
    peers: float | None = None
    n_peers: int = 0
    cohort: float | None = None
    rank: RankInfo | None = None
    earlier: Earlier | None = None
    wave: str | None = None
    same: SameIndicators | None = None
    base: int | None = None
    base_deduced: bool = False
    level_assumed: bool = False
    parts_known: bool = True
    less_is_better: bool = False
    own_wave: OwnWave | None = None
    n_units: int = 0
    conditions: ConditionsView | None = None


class LevelRange(Part):
    """Values of a measure that give a level; None for no limit, ``_in`` where the limit counts."""

    level: str
    low: float | None
    low_in: bool
    high: float | None
    high_in: bool


class ShownValue(Part):
    """A variable that the instrument wants printed beside the result."""

    title: str
    value: float | None
    unit: str


class Beside(Part):
    """What is printed beside an indicator: answer, variables, and what is typical of the peers.

    ``basis`` says whether a statement is read in the norm or in practice. ``note`` is that of the
    source of the data.
    ``text`` is the result in words. ``follows`` is what is due to who gave the answer, and
    ``next_answers`` are those of the next level.
    ``number`` marks numbers without levels.
    ``peers_best`` is the value that the best quarter of the peers reaches, ``peers_worst`` that
    which the worst does not exceed; with ``less_is_better`` the other way round. ``constant`` holds
    how many peers were measured now and at the baseline, and their medians then and now: members
    join and leave, and the median of all, ``peers_then`` at the baseline, moves with them.
    """

    answer: str = ""
    next_answers: tuple[str, ...] = ()
    follows: str = ""
    basis: str = ""
    note: str = ""
    text: str = ""
    values: tuple[ShownValue, ...] = ()
    n_peers: int = 0
    peers_median: float | None = None
    number: bool = False
    peers_best: float | None = None
    peers_worst: float | None = None
    less_is_better: bool = False
    constant: tuple[int, float, float] | None = None
    peers_then: tuple[int, float] | None = None


class BenchmarkView(Part):
    """A benchmark and its result: as printed, and as numbers.

    ``numbers`` holds the benchmark and a second number that is added to it; None where a number is
    not known. ``met`` is the level of a benchmark that is just met.
    """

    type: str
    printed: str
    result_printed: str
    numbers: tuple[float | None, ...]
    result: float | None
    unit: str
    met: str | None
    less_is_better: bool = False


class ChangeView(Part):
    """A number before and after: the change that its source prints, in words too, and as computed.

    ``agrees`` says whether both are the same within the printed precision; None where one of them
    is not known. Where they are not, ``allowed`` holds the lowest and the highest change that the
    numbers before and after give, since they are printed rounded themselves.
    """

    code: str
    title: str
    ends: tuple[str, ...]
    before: float | None
    after: float | None
    unit: str
    computed: float | None
    printed: float | None
    printed_text: str
    change_unit: str
    agrees: bool | None
    allowed: tuple[float, float] | None = None


class PipelineStage(Part):
    """How many came to one stage."""

    code: str
    title: str
    number: float | None


class PipelineView(Part):
    """Stages that follow each other: applications, trained, finalists."""

    title: str
    stages: tuple[PipelineStage, ...]


class IndicatorView(Part):
    """An indicator for one unit.

    ``lacking`` names the elements not met, ``unrecorded`` counts those of which nothing is known,
    and ``needed`` how many more it takes to the best level. ``ranges`` are the cut-points of a
    measure. ``peers_top`` counts peers at the best level. ``weightless`` ones count for nothing.
    ``benchmark`` and ``change`` are set for indicators that have one or are one. ``gate`` is a
    condition beside the elements that does not hold, ``reads`` the indicators whose elements it is
    made of.
    """

    code: str
    title: str
    kind: str
    parents: tuple[str, ...]
    scale: str | None
    level: str | None
    level_low: str | None
    level_high: str | None
    status: str
    state_title: str | None
    value: float | None
    full: float | None
    unit: str | None
    review: str | None
    lacking: tuple[str, ...] = ()
    lacking_known: bool = False
    unrecorded: int = 0
    needed: int | None = None
    ranges: tuple[LevelRange, ...] = ()
    weightless: bool = False
    remarks: tuple[str, ...] = ()
    because: tuple[str, ...] = ()
    note: str = ""
    peers_top: int | None = None
    peers_n: int = 0
    peers_there: tuple[str, ...] = ()
    earlier: Earlier | None = None
    wave: str | None = None
    beside: Beside = Beside()
    benchmark: BenchmarkView | None = None
    change: ChangeView | None = None
    gate: str = ""
    reads: tuple[str, ...] = ()


class StageView(Part):
    """The result of one stage of the same measurement."""

    id: str
    title: str
    score: float | None
    counts: dict[str, float | None]
    differs: tuple[tuple[str, str, str | None, str | None], ...] = ()


class FactView(Part):
    """A fact of the unit that the report prints."""

    title: str
    value: float
    unit: str | None
    boolean: bool
    wave_title: str | None = None


class AssumptionView(Part):
    """A rule that no source prints and on which this report rests."""

    status: str
    reason: str


class WarningView(Part):
    """A defect of the data; ``changes`` says whether the result depends on it, None if unknown."""

    kind: str
    text: str
    changes: bool | None = None


class SourceView(Part):
    """A source of data or method."""

    title: str
    publisher: str | None
    year: int | None
    url: str | None
    terms: str
    note: str


class NounView(Part):
    """What the units are called: one, many, and the gender of the noun in the view's language."""

    one: str
    many: str
    gender: str


class SampleView(Part):
    """How the respondents of a survey were chosen: random, everyone, or other.

    ``spread`` is the largest weight over the smallest.
    """

    sample: str
    weighted: bool
    source: str
    spread: float


class SurveyView(Part):
    """A result that rests on answers: the question, what is counted, and how many answered.

    ``rule`` is share, mean, answered, asked, non_response or quotes; ``counted`` names the answers
    of a share. ``table`` is the number of its survey in ``StudyInfo.samples``. ``hidden`` is what
    is suppressed since it, or what could be worked out from it, rests on fewer than ``minimum``
    answers; a count of None is so too.
    """

    code: str
    title: str
    question: str
    rule: str
    counted: tuple[str, ...]
    of_asked: bool
    value: float | None
    std_error: float | None
    answered: int | None
    asked: int | None
    withheld: bool
    hidden: bool = False
    minimum: int
    table: int


class StudyInfo(Part):
    """What all views of a study share."""

    study: str
    title: str
    description: str
    example: bool
    author: str
    date: str
    licence: str | None
    locale: str
    instrument: str
    instrument_title: str
    instrument_short: str
    publisher: str
    version: str
    completeness: str
    completeness_note: str
    unit_noun: NounView
    indicator_title: str
    indicator_plural: str
    share_level: str | None
    kinds: tuple[str, ...]
    n_indicators: int
    has_indicators: bool
    has_conditions: bool
    scales: dict[str, tuple[LevelInfo, ...]]
    states: dict[str, str]
    gaps: tuple[str, ...]
    sources: tuple[SourceView, ...]
    method_sources: tuple[SourceView, ...]
    recovered: tuple[AssumptionView, ...]
    peers_source: str
    samples: tuple[SampleView, ...]
    run_id: str | None
    package_version: str
    foreign: dict[str, str] = Field(description="Texts in another language than the locale's")


class AddedView(Part):
    """What a part adds to a result, and what it could add at most; None where that is not known."""

    code: str
    title: str
    adds: float
    most: float | None


class UnitView(Part):
    """Everything that the report of one unit shows.

    ``made_of`` holds, by result, what each of its parts adds to it.

    ``later_title`` names the last wave in which others were measured and this unit was not.
    """

    info: StudyInfo
    code: str
    name: str
    groups: tuple[tuple[str, str], ...]
    population: int | None
    wave: str
    wave_title: str
    wave_date: str | None
    baseline: str | None
    baseline_title: str | None
    stage: str | None
    peer_title: str
    grouped_by: str
    n_peers: int
    peer_minimum: int
    n_cohort: int
    headline: tuple[NodeView, ...]
    spread: dict[str, dict[str, tuple[float, ...]]]
    nodes: tuple[NodeView, ...]
    indicators: tuple[IndicatorView, ...]
    stages: tuple[StageView, ...]
    facts: tuple[FactView, ...]
    assumptions: tuple[AssumptionView, ...]
    warnings: tuple[WarningView, ...]
    notes: tuple[str, ...]
    roadmap: RoadmapView | None
    pipelines: tuple[PipelineView, ...] = ()
    surveys: tuple[SurveyView, ...] = ()
    comparison: ComparisonView | None = None
    versions: tuple[VersionView, ...] = ()
    certainty: CertaintyView = CertaintyView()
    later_title: str | None = None
    made_of: dict[str, tuple[AddedView, ...]] = Field(default={})


class CohortRow(Part):
    """One unit in the report of its cohort.

    ``levels_low`` and ``levels_high`` are what missing data leave open of a result that is a level.
    """

    code: str
    name: str
    population: int | None
    peer: str
    groups: tuple[str, ...]
    scores: dict[str, float | None]
    levels: dict[str, str | None]
    levels_low: dict[str, str | None]
    levels_high: dict[str, str | None]
    low: dict[str, float | None]
    high: dict[str, float | None]
    rank: RankInfo | None
    counts: dict[str, float | None]
    earlier: float | None = None
    earlier_rank: RankInfo | None = None
    values: dict[str, float | None] = Field(default={})
    n_warnings: int = 0
    known: bool = True


class CohortChange(Part):
    """How a result of the units measured both times changed.

    ``before`` and ``now`` are their medians. ``adjusted`` of them were compared over the indicators
    that were measurable both times, because the two waves do not measure the same ones.
    """

    code: str
    n: int
    before: float | None
    now: float | None
    rose: int
    fell: int
    adjusted: int
    most: tuple[tuple[str, float], ...] = ()


class CohortWarning(Part):
    """The defects in the data of one unit; no name for those of all."""

    name: str
    text: str
    changes: bool | None


class CohortGroup(Part):
    """A group of units and what is typical of it."""

    title: str
    n: int
    median: float | None
    lower: float | None
    upper: float | None


class CohortIndicator(Part):
    """How many units of the cohort are at each level of an indicator."""

    code: str
    title: str
    kind: str
    parents: tuple[str, ...]
    scale: str | None
    counts: dict[str, int]


class CohortView(Part):
    """Everything that the report of a cohort shows.

    ``n_both`` counts the units that were measured at the baseline too, ``absent`` names those that
    were measured only in other waves. ``unproved`` holds units with statements that are said to
    hold without evidence, and how many.
    ``moves`` holds changes result by result, where the instrument has rules for them.
    """

    info: StudyInfo
    wave: str
    wave_title: str
    wave_date: str | None
    baseline_title: str | None
    stage: str | None
    n: int
    nodes: tuple[NodeView, ...]
    headline: tuple[str, ...]
    rows: tuple[CohortRow, ...]
    groups: tuple[CohortGroup, ...]
    grouped_by: str
    group_minimum: int
    indicators: tuple[CohortIndicator, ...]
    n_both: int
    absent: tuple[str, ...]
    assumptions: tuple[AssumptionView, ...]
    warnings: tuple[CohortWarning, ...]
    notes: tuple[str, ...]
    changes: tuple[CohortChange, ...] = ()
    has_roadmap: bool = False
    unproved: tuple[tuple[str, int], ...] = ()
    moves: tuple[CohortMove, ...] = ()
    move_tiers: tuple[tuple[str, str], ...] = ()
    change_remarks: tuple[str, ...] = ()
    versions: tuple[CohortVersion, ...] = ()
    measures: tuple[CohortMeasure, ...] = ()
    certainty: CohortCertainty = CohortCertainty()


def worst_of(changes: Iterable[bool | None]) -> bool | None:
    """Return whether any of several defects changes the result; None where one is not known."""
    known = list(changes)
    if True in known:
        return True
    return None if None in known else False


def rounded(value: Any, digits: int = 10) -> float | None:
    """Return a number without the noise of its last bits, None for NaN.

    Views are hashed, and the last bits of a sum depend on the machine's libraries.
    """
    number = float(value)
    if number != number:
        return None
    result = round(number, digits)
    return 0.0 if result == 0 else result
