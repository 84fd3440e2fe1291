"""What the sections of a municipal report share."""

from __future__ import annotations

from workbench.display import blocks as b
from workbench.display.figures import score_of
from workbench.display.parts import (
    areas_of,
    locale_of,
    measured_when,
    noun_of,
)
from workbench.display.values import unit_after
from workbench.language import Locale, marked
from workbench.study.views import IndicatorView, LevelRange, NodeView, UnitView


def section(view: UnitView, blocks: list[b.Block | None]) -> b.Section:
    """Return blocks as a section in the language of the view."""
    return b.Section(blocks, view.info.locale, view.info.foreign)


def measurement(view: UnitView) -> str:
    """Return the wave with its date."""
    return measured_when(view.wave_title, view.wave_date, locale_of(view.info))


def level_title(view: UnitView, level: str) -> str:
    """Return the title of a level by its id."""
    for levels in view.info.scales.values():
        for entry in levels:
            if entry.id == level:
                return entry.title
    return level


def open_levels(view: UnitView, node: NodeView) -> str:
    """Return the levels between which a group is known to lie; empty where more is known, or less.

    *Inicial – Consolidado*.
    """
    if node.status != "bounded" or node.score is not None:
        return ""
    if node.level_low is None or node.level_high is None:
        return ""
    return f"{level_title(view, node.level_low)} – {level_title(view, node.level_high)}"


def levels_from(view: UnitView, level: str) -> list[str]:
    """Return a level and those above it."""
    for levels in view.info.scales.values():
        ids = [entry.id for entry in levels]
        if level in ids:
            return ids[ids.index(level) :]
    return [level]


def is_best_level(view: UnitView, level: str) -> bool:
    """Return whether no level of its scale is above a level."""
    return len(levels_from(view, level)) == 1


def label_title(view: UnitView, label: str) -> str:
    """Return the title of a level or state."""
    return view.info.states.get(label) or level_title(view, label)


def areas_of_view(view: UnitView) -> list[NodeView]:
    """Return the areas of the report: what the headline is made of, and groupings beside it."""
    return areas_of(view.nodes, [n.code for n in view.headline])


def place_of(view: UnitView, scale: str | None, level: str | None) -> int:
    """Return the place of a level in its scale, -1 for none."""
    for entry in view.info.scales.get(scale or "", ()):
        if entry.id == level:
            return entry.place
    return -1


def aimed_level(view: UnitView, indicator: IndicatorView) -> str | None:
    """Return the level whose values a reader looks for: the next one, or the best if it is reached.

    None where the indicator has no level, or no cut-points are known.
    """
    levels = view.info.scales.get(indicator.scale or "", ())
    place = place_of(view, indicator.scale, indicator.level)
    given = {r.level for r in indicator.ranges}
    better = [entry.id for entry in levels[place + 1 :] if entry.id in given]
    if place < 0 or not given:
        return None
    return better[0] if better else indicator.level if indicator.level in given else None


def yardstick(view: UnitView, indicator: IndicatorView, locale: Locale) -> str:
    """Return the values of the next level, or of the best one where it is reached, in words."""
    level = aimed_level(view, indicator)
    if level is None:
        return ""
    sign = "%" if indicator.unit == "%" else ""  # other units are words, and stand beside
    some = [range_text(r, locale, sign) for r in indicator.ranges if r.level == level]
    either = locale.text(" or ").join(some)
    return f"{level_title(view, level)}: {either}"


def range_text(entry: LevelRange, locale: Locale, unit: str = "") -> str:
    """Return the values from one cut-point to another in words: *from 80 to 100 %*."""
    low = locale.exact(entry.low)
    high = unit_after(locale.exact(entry.high), unit, locale)
    if entry.high is None or entry.low == entry.high:
        low = unit_after(low, unit, locale)
    if entry.low is None and entry.high is None:
        return locale.text("any value")
    if entry.low is None:
        source = marked("{high} or less") if entry.high_in else marked("less than {high}")
    elif entry.high is None:
        source = marked("{low} or more") if entry.low_in else marked("more than {low}")
    elif entry.low == entry.high:
        source = marked("exactly {low}")
    else:
        source = {
            (True, True): marked("from {low} to {high}"),
            (True, False): marked("from {low} to less than {high}"),
            (False, True): marked("more than {low}, up to {high}"),
            (False, False): marked("more than {low}, less than {high}"),
        }[entry.low_in, entry.high_in]
    return locale.text(source, low=low, high=high)


def with_result(view: UnitView, node: NodeView, locale: Locale) -> str:
    """Return the title of an area with its result."""
    result = score_of(node, node.score, locale) if node.score is not None else ""
    if not result and node.level:
        result = level_title(view, node.level)
    return f"{node.title}: {result}" if result else node.title


def dated(title: str, nodes: list[NodeView]) -> str:
    """Return what some results are called, with their wave where it is another than the view's."""
    waves = {n.wave for n in nodes}
    wave = waves.pop() if len(waves) == 1 else None
    return f"{title} ({wave})" if title and wave else title or wave or ""


def median_of_all(view: UnitView, locale: Locale) -> str:
    """Return the name of the median of all units."""
    noun = noun_of(view.info)
    return noun.text("Median of all {n}", n=locale.integer(view.n_cohort))


def peer_median(view: UnitView, locale: Locale) -> str:
    """Return the name of the peers' median."""
    return locale.text("Median of peers ({peers})", peers=view.peer_title)
