"""How sure the results of a programme are: what was computed, what was given, what is missing."""

from __future__ import annotations

from workbench.display import blocks as b
from workbench.display import municipality
from workbench.display.municipality.common import section
from workbench.display.parts import locale_of
from workbench.display.programme.common import with_benchmark
from workbench.language import Locale
from workbench.study.views import IndicatorView, UnitView


def certainty(view: UnitView) -> b.Section:
    """Return which statuses follow from numbers and which were given, and what else is not sure."""
    locale, some = locale_of(view.info), with_benchmark(view)
    heading, *rest = municipality.certainty(view).blocks
    own = [b.Paragraph(b.as_rich(text)) for text in _statuses(some, locale)]
    return section(view, [heading, *own, *rest])


def _statuses(some: list[IndicatorView], locale: Locale) -> list[str]:
    """Return how many statuses follow from benchmark and result, and which were given in words."""
    told = [i for i in some if i.level]
    given = [i.title for i in told if i.value is None]
    found = []
    if len(told) > len(given):
        found.append(
            locale.count(
                "{n} status follows from benchmark and result.",
                "{n} statuses follow from benchmark and result.",
                len(told) - len(given),
            )
        )
    if given:
        found.append(
            locale.count(
                "{n} status was read from words, because no number gives it: {names}.",
                "{n} statuses were read from words, because no number gives them: {names}.",
                len(given),
                names="; ".join(given),
            )
        )
    return found
