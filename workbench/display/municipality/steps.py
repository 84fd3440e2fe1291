"""What is closest to the best level: which lists, what they lack, and what depends on what."""

from __future__ import annotations

from itertools import groupby, zip_longest

from workbench.display import blocks as b
from workbench.display.municipality.common import areas_of_view, place_of
from workbench.display.parts import named
from workbench.display.values import natural, titled
from workbench.language import Locale
from workbench.study.views import IndicatorView, UnitView

MOST_NAMED = 8


def _below_best(view: UnitView, indicator: IndicatorView) -> bool:
    """Return whether an indicator has a level, and it is not the best."""
    levels = view.info.scales.get(indicator.scale or "", ())
    place = place_of(view, indicator.scale, indicator.level)
    return bool(levels) and 0 <= place < len(levels) - 1


def _asks_too_much(indicator: IndicatorView) -> bool:
    """Return whether a list needs more elements than can be met: others are not measurable."""
    there = len(indicator.lacking) + indicator.unrecorded
    return indicator.needed is not None and indicator.needed > there


def checklists(view: UnitView) -> list[IndicatorView]:
    """Return checklists below their best level whose gap is known, the smallest gap first.

    Those that can't reach it, because they ask for elements that are not measurable, are left out.
    """
    found = [
        i
        for i in view.indicators
        if _below_best(view, i) and (i.lacking or i.gate) and not _asks_too_much(i)
    ]
    return sorted(found, key=lambda i: (missing_steps(i), natural(i.code)))


def missing_steps(indicator: IndicatorView) -> int:
    """Return how many things a checklist lacks at most.

    Elements needed and elements not recorded, and the condition beside them where it fails.
    """
    needed = len(indicator.lacking) if indicator.needed is None else indicator.needed
    return needed + indicator.unrecorded + bool(indicator.gate)


def lacking_text(indicator: IndicatorView, locale: Locale) -> str:
    """Return the elements not met, how many are not recorded, and the condition that fails."""
    found = list(indicator.lacking)
    if indicator.unrecorded:
        found.append(
            locale.count(
                "{n} element is not recorded", "{n} elements are not recorded", indicator.unrecorded
            )
        )
    if indicator.gate:
        found.append(locale.text("a condition: {condition}", condition=indicator.gate))
    return "; ".join(found)


def out_of_reach(view: UnitView, locale: Locale) -> b.Paragraph | None:
    """Return which lists are left out, because they ask for what is not measurable here."""
    some = [i for i in view.indicators if _below_best(view, i) and _asks_too_much(i)]
    if not some:
        return None
    text = locale.count(
        "{n} list is left out: it asks for elements that are not measurable here ({names}).",
        "{n} lists are left out: they ask for elements that are not measurable here ({names}).",
        len(some),
        names=named([titled(i.code, i.title) for i in some], MOST_NAMED, locale),
    )
    return b.Paragraph(b.as_rich(text), "note")


# -- which are shown -------------------------------------------------------------------------------


def chosen(view: UnitView, lists: list[IndicatorView], most: int) -> list[IndicatorView]:
    """Return the closest checklists; the last gap that does not fit whole is cut fairly."""
    found: list[IndicatorView] = []
    for _, same in groupby(lists, key=missing_steps):
        some = list(same)
        found += fair(view, some, most - len(found)) if len(found) < most else []
    return found


def fair(view: UnitView, some: list[IndicatorView], n: int) -> list[IndicatorView]:
    """Return at most ``n`` indicators: one from each area in turn, the weakest area first."""
    areas = sorted(areas_of_view(view), key=lambda a: (a.score is None, a.score or 0.0, a.code))
    by_area: dict[str, list[IndicatorView]] = {}
    for indicator in some:
        area = next((a.code for a in areas if is_in(view, indicator, a.code)), "")
        by_area.setdefault(area, []).append(indicator)
    order = [*(a.code for a in areas), ""]
    queues = [by_area[code] for code in order if code in by_area]
    turns = [i for turn in zip_longest(*queues) for i in turn if i is not None]
    return turns[:n]


def is_in(view: UnitView, indicator: IndicatorView, area: str) -> bool:
    """Return whether an indicator lies in an area."""
    nodes = {n.code: n for n in view.nodes}
    waiting = list(indicator.parents)
    while waiting:
        code = waiting.pop()
        if code == area:
            return True
        waiting += nodes[code].parents if code in nodes else ()
    return False


# -- what depends on what, and what is planned -----------------------------------------------------


def dependencies(view: UnitView, locale: Locale) -> list[b.Block | None]:
    """Return what several indicators wait for: a condition that fails, elements of others."""
    items = [
        locale.rich(
            "**{condition}**: without it the best level is not given in {names}.",
            condition=condition,
            names=named([titled(i.code, i.title) for i in some], MOST_NAMED, locale),
        )
        for condition, some in failing_gates(view).items()
    ]
    by_code = {i.code: i for i in view.indicators}
    for indicator in view.indicators:
        if indicator.reads and _below_best(view, indicator):
            parts = [by_code[c] for c in indicator.reads if c in by_code]
            text = locale.rich(
                "**{indicator}** is read from {names}: what is completed there raises it too.",
                indicator=titled(indicator.code, indicator.title),
                names=named([titled(i.code, i.title) for i in parts], MOST_NAMED, locale),
            )
            items.append(text)
    if not items:
        return []
    return [b.Heading(locale.text("What depends on what"), 3), b.Bullets(tuple(items))]


def failing_gates(view: UnitView) -> dict[str, list[IndicatorView]]:
    """Return the conditions that fail, each with the indicators below their best level by it."""
    found: dict[str, list[IndicatorView]] = {}
    for indicator in view.indicators:
        if indicator.gate and _below_best(view, indicator):
            found.setdefault(indicator.gate, []).append(indicator)
    return found


def planned(view: UnitView, some: list[IndicatorView], locale: Locale) -> dict[str, str]:
    """Return the tasks of the roadmap that serve some indicators, with their cost, by indicator."""
    codes, found = {i.code for i in some}, dict[str, list[str]]()
    for task in view.roadmap.tasks if view.roadmap else ():
        if task.status == "dropped":
            continue
        text = locale.text("task {n}", n=locale.integer(task.number))
        if task.cost is not None:
            text += f" ({locale.money(task.cost, task.currency)})"
        for code in codes.intersection(task.indicators):
            found.setdefault(code, []).append(text)
    return {code: "; ".join(texts) for code, texts in found.items()}
