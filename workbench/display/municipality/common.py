"""What the sections of a municipal report share."""

from __future__ import annotations

from workbench.display import blocks as b
from workbench.display.figures import score_text
from workbench.display.parts import (
    areas_of,
    locale_of,
)
from workbench.language import Locale
from workbench.study.views import NodeView, UnitView


def section(view: UnitView, blocks: list[b.Block | None]) -> b.Section:
    """Return blocks as a section in the language of the view."""
    return b.Section(blocks, view.info.locale)


def measurement(view: UnitView) -> str:
    """Return the wave with its date."""
    import datetime as dt

    locale = locale_of(view.info)
    if view.wave_date is None:
        return view.wave_title
    date = locale.date(dt.date.fromisoformat(view.wave_date))
    return f"{view.wave_title} ({date})" if view.wave_title not in date else date


def level_title(view: UnitView, level: str) -> str:
    """Return the title of a level by its id."""
    for levels in view.info.scales.values():
        for entry in levels:
            if entry.id == level:
                return entry.title
    return level


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


def with_result(view: UnitView, node: NodeView, locale: Locale) -> str:
    """Return the title of an area with its result."""
    result = score_text(node, node.score, locale) if node.score is not None else ""
    if not result and node.level:
        result = level_title(view, node.level)
    return f"{node.title}: {result}" if result else node.title


def peer_median(view: UnitView, locale: Locale) -> str:
    """Return the name of the peers' median."""
    return locale.text("Median of peers ({peers})", peers=view.peer_title)
