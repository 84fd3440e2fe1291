"""What the sections of a programme's report share."""

from __future__ import annotations

from workbench.display import blocks as b
from workbench.display.municipality.common import place_of
from workbench.display.parts import chip_of
from workbench.display.style import state_chip
from workbench.language import Locale
from workbench.study.views import IndicatorView, UnitView


def with_benchmark(view: UnitView) -> list[IndicatorView]:
    """Return the indicators that are read against a benchmark."""
    return [i for i in view.indicators if i.benchmark is not None]


def still_to_be_defined(indicator: IndicatorView) -> bool:
    """Return whether an indicator has no benchmark yet, so that none can be met."""
    benchmark = indicator.benchmark
    if benchmark is None or benchmark.type != "to_be_defined" or indicator.level:
        return False
    return all(number is None for number in benchmark.numbers)


def status_chip(view: UnitView, indicator: IndicatorView, locale: Locale) -> b.Chip:
    """Return the status of an indicator: its level, its state, or that it can't be told."""
    if indicator.state_title and not indicator.level:
        return state_chip(indicator.status, indicator.state_title)
    found = chip_of(view.info, indicator.scale, indicator.level, indicator.status)
    return found or state_chip("undetermined", locale.text("Can't be told"))


def is_met(view: UnitView, indicator: IndicatorView) -> bool:
    """Return whether a benchmark was met or exceeded: at the level of one just met, or better."""
    met = indicator.benchmark.met if indicator.benchmark else None
    least = place_of(view, indicator.scale, met)
    return least >= 0 and place_of(view, indicator.scale, indicator.level) >= least


def why_not(indicator: IndicatorView, locale: Locale) -> str:
    """Return why the status of a benchmark can't be told."""
    benchmark = indicator.benchmark
    if indicator.state_title:
        return indicator.state_title
    if benchmark is None or indicator.status == "undetermined":
        return locale.text("no rule covers its numbers")
    if benchmark.type == "to_be_defined":
        return locale.text("its benchmark is still to be defined")
    lacks_benchmark = benchmark.numbers[0] is None and benchmark.type != "yes_no"
    if lacks_benchmark and not benchmark.printed:
        return locale.text("the data hold no benchmark")
    if benchmark.result is None and not benchmark.result_printed:
        return locale.text("the data hold no result")
    return locale.text("no number gives its status, and the data do not give it")
