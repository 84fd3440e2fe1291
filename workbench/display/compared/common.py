"""What the sections of a comparison share: the study, its answers, and numbers as printed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from math import isfinite

import pandas as pd

from workbench.display import blocks as b
from workbench.display.parts import noun_of
from workbench.display.values import NO_VALUE
from workbench.language import Locale, Message, Noun, as_locale
from workbench.specs.common import Text
from workbench.specs.instrument import Share
from workbench.stats import Result, Verdict
from workbench.stats.wording import PValue
from workbench.study.compare import Answer, Comparison
from workbench.study.compared import Compared
from workbench.study.facade import Study
from workbench.study.views import CohortView, StudyInfo

# Of a comparison that counts, as a share; all else is in the unit of what was measured.
SHARE = "share"
POINTS = "points"
# Table of every two groups in a comparison of several.
PAIRS = "games_howell"
MOST_PAIRS = 15


@dataclass(frozen=True)
class ComparedView:
    """A comparison with the study that it is of.

    Parameters
    ----------
    study : Study
    found : Comparison
    follows : bool
        Whether another comparison of the study stands before it in the report, where what holds for
        all of them is said.
    """

    study: Study
    found: Comparison
    follows: bool = False

    @property
    def locale(self) -> Locale:
        """Language of the texts."""
        return as_locale(self.study.locale)

    @cached_property
    def cohort(self) -> CohortView:
        """What the report of all units says: rules that are assumed, defects, notes."""
        return self.study.cohort_view()

    @property
    def info(self) -> StudyInfo:
        """What all views of the study share."""
        return self.cohort.info

    @cached_property
    def data(self) -> Compared:
        """The data that were compared."""
        return Compared(self.study)

    @property
    def main(self) -> tuple[Answer, ...]:
        """The answers themselves, without those that stand beside them."""
        return tuple(a for a in self.found.answers if not a.beside)

    @property
    def beside(self) -> tuple[Answer, ...]:
        """Other ways to look at the same question."""
        return tuple(a for a in self.found.answers if a.beside)

    @property
    def told(self) -> tuple[Answer, ...]:
        """The answers that could be given."""
        return tuple(a for a in self.found.answers if a.result.refusal is None)

    @property
    def noun(self) -> Noun:
        """What the units are called."""
        return noun_of(self.info)

    def named(self, name: object) -> str:
        """Return the name of a group: a message, a text in several languages, or plain."""
        if isinstance(name, Message):
            return name.text(self.study.locale.tag)
        if isinstance(name, Text):
            return name.in_(self.study.locale.tag, self.study.instrument.spec.language)
        return str(name)

    def about(self, answer: Answer) -> str:
        """Return what an answer looks at, where the name of its comparison does not say it."""
        return answer.about.text(self.study.locale.tag) if answer.about else ""

    def axis(self, node: str) -> str:
        """Return what a node's numbers are, with their unit, for the axis of a picture."""
        unit = self.unit_of_node(node)
        percent = self.locale.text("percentage points")
        if unit == percent or isinstance(self.study.instrument.nodes[node].aggregate, Share):
            unit = "%"
        return f"{self.title(node)} ({unit})" if unit else self.title(node)

    def title(self, node: str) -> str:
        """Return the title of a node."""
        instrument = self.study.instrument
        title = instrument.nodes[node].spec.title
        return title.in_(self.study.locale.tag, instrument.spec.language)

    def wave_title(self, wave: str) -> str:
        """Return the title of a wave, its id where it has none."""
        spec = next((w for w in self.study.spec.waves if w.id == wave), None)
        return spec.title.in_(self.study.locale.tag) if spec and spec.title else wave

    def unit_of(self, answer: Answer) -> str:
        """Return what an estimate is counted in, empty for a number without a unit."""
        return self.unit_of_node(answer.node) if answer.result.unit == POINTS else ""

    def unit_of_node(self, node: str) -> str:
        """Return what a difference of a node's numbers is counted in."""
        unit = self.data.labels(node).unit
        if isinstance(unit, Message):
            return unit.text(self.study.locale.tag)
        language = self.study.instrument.spec.language
        return unit.in_(self.study.locale.tag, language) if isinstance(unit, Text) else str(unit)

    def section(self, blocks: Iterable[b.Block | None]) -> b.Section:
        """Return blocks as a section in the language of the study."""
        return b.Section(blocks, self.study.locale.tag, self.study.foreign)


def number(result: Result, value: float | None, locale: Locale) -> str:
    """Return a number of a result as printed; a dash where there is none or no limit."""
    if value is None or not isfinite(value):
        return NO_VALUE
    if result.unit == SHARE:
        return locale.percent(100 * value, 1)
    return locale.number(value, result.decimals + 1)


def pair_title(view: ComparedView, result: Result, pair: pd.Series) -> str:
    """Return the name of the difference of two groups, as its sign counts."""
    group, reference = (view.named(result.names.get(str(pair[side]), pair[side])) for side in "ba")
    return view.locale.text("{group} compared with {reference}", group=group, reference=reference)


def furthest_pairs(pairs: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs of groups in their order; of many those furthest apart, the higher first."""
    if len(pairs) <= MOST_PAIRS:
        return pairs
    gap = pairs["diff_b_minus_a"].abs()
    some = pairs.loc[gap.sort_values(ascending=False, kind="stable").index[:MOST_PAIRS]].copy()
    turned = some["diff_b_minus_a"] < 0
    some.loc[turned, ["a", "b"]] = some.loc[turned, ["b", "a"]].to_numpy()
    some.loc[turned, "diff_b_minus_a"] *= -1
    some.loc[turned, ["ci_low", "ci_high"]] = -some.loc[turned, ["ci_high", "ci_low"]].to_numpy()
    fell = turned & (some["verdict"] == Verdict.NEGATIVE)
    some.loc[fell, "verdict"] = Verdict.POSITIVE
    return some


def between(result: Result, low: float | None, high: float | None, locale: Locale) -> str:
    """Return both ends of an interval; a dash where there is none."""
    ends = [number(result, low, locale), number(result, high, locale)]
    return NO_VALUE if ends == [NO_VALUE, NO_VALUE] else "; ".join(ends)


def p_text(p: float | None, locale: Locale) -> str:
    """Return a p-value for a table: *0.016*, *< 0.001*, a dash for none."""
    if p is None or not isfinite(p):
        return NO_VALUE
    # A sign and its number stay on one line.
    return PValue(p).in_(locale.tag).removeprefix("= ").replace(" ", "\u00a0")
