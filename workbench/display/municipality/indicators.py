"""Every indicator with its level, its value, what is asked for, and what it was before."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.display import blocks as b
from workbench.display.figures import score_of
from workbench.display.municipality.beside import indicator_chip
from workbench.display.municipality.common import (
    areas_of_view,
    open_levels,
    with_result,
    yardstick,
)
from workbench.display.parts import chip_of, named, value_text
from workbench.display.values import titled
from workbench.language import Locale
from workbench.study.views import IndicatorView, NodeView, UnitView

# Areas of so few indicators that a table for each would be mostly heads.
FEW_INDICATORS = 5
MOST_TABLES = 6
MOST_NAMED = 8
# A column of this width holds words of this length on one line.
LEVEL_WIDTH, LEVEL_LETTERS = 1.5, 13


@dataclass(frozen=True)
class _Part:
    """A table: its title, and groups of indicators; no node for those without a row of its own."""

    title: str
    groups: list[tuple[NodeView | None, list[IndicatorView]]]

    @property
    def indicators(self) -> list[IndicatorView]:
        """The indicators of all groups."""
        return [i for _, some in self.groups for i in some]


def indicator_tables(view: UnitView, locale: Locale) -> list[b.Block | None]:
    """Return the indicators by area; those outside of every area come last."""
    found: list[b.Block | None] = []
    for part in _parts(view, locale):
        keep = _columns(view, part, locale)
        heads = tuple(h for h, k in zip(_heads(view, part, locale), keep, strict=True) if k)
        rows: list[b.Row] = []
        for node, some in part.groups:
            seen = [i for i in some if i.status != "missing"]
            if seen and node is not None:
                rows.append(_group_row(view, node, len(heads), locale))
            rows += [_indicator_row(view, i, keep, locale) for i in seen]
        if rows:
            found += [b.Heading(part.title, 3), b.Table(heads, tuple(rows))]
            found.append(_without_data(part, locale))
    return found


def _heads(view: UnitView, part: _Part, locale: Locale) -> tuple[b.ColumnHead, ...]:
    """Return the heads of all columns that a table can have; levels get the room of their names."""
    used = {i.scale for i in view.indicators if i.scale}
    longest = max((len(lv.title) for s in used for lv in view.info.scales[s]), default=0)
    width = LEVEL_WIDTH * min(max(longest / LEVEL_LETTERS, 1.0), 1.6)
    scored = any(node is not None and node.score is not None for node, _ in part.groups)
    level = locale.text("Level or result") if scored else locale.text("Level")
    return (
        b.ColumnHead(view.info.indicator_title, width=3.6),
        b.ColumnHead(level, width=width),
        b.ColumnHead(locale.text("Measured"), width=1.4),
        b.ColumnHead(locale.text("Yardstick"), width=1.7),
        b.ColumnHead(locale.text("Before"), width=width),
    )


def _columns(view: UnitView, part: _Part, locale: Locale) -> list[bool]:
    """Return which columns of a table hold something."""
    some = [i for i in part.indicators if i.status != "missing"]
    return [
        True,
        any(i.scale or i.state_title for i in some),
        any(value_text(i, locale) for i in some),
        any(yardstick(view, i, locale) for i in some),
        any(i.earlier and i.earlier.level for i in some),
    ]


def _parts(view: UnitView, locale: Locale) -> list[_Part]:
    """Return the tables: one an area, or one for all where areas are many and small."""
    nodes = {n.code: n for n in view.nodes}
    by_parent: dict[str, list[IndicatorView]] = {}
    for indicator in view.indicators:
        by_parent.setdefault(indicator.parents[0] if indicator.parents else "", []).append(
            indicator
        )
    parts: list[_Part] = []
    for top in areas_of_view(view):
        inside = _descendants(view, top.code)
        groups: list[tuple[NodeView | None, list[IndicatorView]]] = [
            (nodes[code] if code != top.code else None, by_parent.pop(code))
            for code in nodes
            if code in inside and code in by_parent
        ]
        parts.append(_Part(with_result(view, top, locale), groups))
    if len(parts) > MOST_TABLES and _mean_size(parts) < FEW_INDICATORS:
        tops = areas_of_view(view)
        merged: list[tuple[NodeView | None, list[IndicatorView]]] = [
            (node or top, some)
            for top, part in zip(tops, parts, strict=True)
            for node, some in part.groups
        ]
        parts = [_Part(view.info.indicator_plural, merged)]
    rest = [(nodes.get(code), by_parent[code]) for code in [*nodes, ""] if code in by_parent]
    alone = len(rest) == 1
    title = locale.text("Other indicators") if any(p.groups for p in parts) else ""
    groups = [(None if alone else node, some) for node, some in rest]
    return [*parts, _Part(title or view.info.indicator_plural, groups)]


def _mean_size(parts: list[_Part]) -> float:
    """Return how many indicators a table has on average."""
    return sum(len(p.indicators) for p in parts) / len(parts)


def _descendants(view: UnitView, code: str) -> set[str]:
    """Return a group and every group below it."""
    inside = {code}
    for node in view.nodes:  # parents come before children
        if set(node.parents) & inside:
            inside.add(node.code)
    return inside


def _group_row(view: UnitView, node: NodeView, columns: int, locale: Locale) -> b.Row:
    """Return the row of a group above its indicators, with its result."""
    chip = None if node.score is not None else chip_of(view.info, node.scale, node.level, "")
    text = score_of(node, node.score, locale) if node.score is not None else ""
    text = text or open_levels(view, node)
    cells = [b.cell(titled(node.code, node.title)), b.cell(text, chip=None if text else chip)]
    cells += [b.cell() for _ in range(columns - 2)]
    return b.Row(tuple(cells[:columns]), strong=True)


def _indicator_row(
    view: UnitView, indicator: IndicatorView, keep: list[bool], locale: Locale
) -> b.Row:
    """Return an indicator as a row."""
    chip = indicator_chip(view, indicator)
    title = titled(indicator.code, indicator.title)
    notes = _notes(indicator, locale)
    if notes:
        title += f" ({'; '.join(notes)})"
    earlier = indicator.earlier
    cells = [
        b.cell(title),
        b.cell(_beside_level(indicator), chip=chip) if chip else b.cell("–"),
        b.cell(value_text(indicator, locale), number=indicator.value),
        b.cell(yardstick(view, indicator, locale)),
        b.cell(earlier.state, chip=chip_of(view.info, indicator.scale, earlier.level, ""))
        if earlier and earlier.level
        else b.cell(""),
    ]
    return b.Row(tuple(c for c, kept in zip(cells, keep, strict=True) if kept), depth=1)


def _notes(indicator: IndicatorView, locale: Locale) -> list[str]:
    """Return what must be known of an indicator beside its level."""
    marks = {
        "carried": locale.text("kept from an earlier review"),
        "assumed": locale.text("assumed rule"),
        "when_missing": locale.text("data missing"),
        "no_evidence": locale.text("said to hold, without evidence"),
        "undefined": locale.text("no published rule"),
        "gate": locale.text("held back by a condition"),
        "gate_unknown": locale.text("a condition is not recorded"),
    }
    # The chip already says that no rule is published, or that the data are missing.
    said = {"undetermined": "undefined", "missing": "when_missing"}.get(indicator.status)
    notes = [indicator.wave] if indicator.wave else []
    notes += [marks[r] for r in indicator.remarks if r in marks and r != said]
    if indicator.weightless:
        notes.append(locale.text("weighs 0: it does not count"))
    return [*notes, *indicator.because]


def _beside_level(indicator: IndicatorView) -> str:
    """Return the state that stands beside a level, such as D* beside the D that it counts as."""
    if indicator.level and indicator.status == "insufficient":
        return indicator.state_title or ""
    return ""


def _without_data(part: _Part, locale: Locale) -> b.Block | None:
    """Return which indicators were not recorded, of the groups of which others were."""
    names = [
        titled(i.code, i.title)
        for _, some in part.groups
        if any(i.status != "missing" for i in some)
        for i in some
        if i.status == "missing"
    ]
    if not names:
        return None
    text = locale.text("Not recorded: {names}.", names=named(names, MOST_NAMED, locale))
    return b.Paragraph(b.as_rich(text), "note")
