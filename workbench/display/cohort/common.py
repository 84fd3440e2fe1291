"""What the sections of a cohort's report share."""

from __future__ import annotations

from itertools import accumulate

from workbench.display import blocks as b
from workbench.display.parts import areas_of, locale_of, measured_when
from workbench.language import Locale
from workbench.study.views import CohortIndicator, CohortView, NodeView

MOST_LISTED = 60


def section(view: CohortView, blocks: list[b.Block | None]) -> b.Section:
    """Return blocks as a section in the language of the view."""
    return b.Section(blocks, view.info.locale, view.info.foreign)


def main(view: CohortView) -> NodeView | None:
    """Return the node by which the cohort is ordered."""
    code = view.headline[0] if view.headline else None
    return next((n for n in view.nodes if n.code == code), None)


def is_scored(view: CohortView, node: NodeView) -> bool:
    """Return whether any unit has a score at a node."""
    return any(row.scores.get(node.code) is not None for row in view.rows)


def level_counts(view: CohortView, nodes: list[NodeView], heading: str) -> list[b.Block | None]:
    """Return how many units are at each level of some nodes: a table for each of their scales."""
    locale = locale_of(view.info)
    found: list[b.Block | None] = []
    for scale in dict.fromkeys(n.scale or "" for n in nodes):
        some = [n for n in nodes if n.scale == scale]
        levels = list(reversed(view.info.scales[scale]))
        unknown = {n.code: view.n - int(sum(x or 0.0 for x in n.counts.values())) for n in some}
        with_unknown = any(unknown.values())
        heads = [b.ColumnHead(heading, width=3.0)]
        heads += [b.ColumnHead(level.title, "right", 0.7) for level in levels]
        if with_unknown:
            heads.append(b.ColumnHead(locale.text("No level"), "right", 0.7))
        rows = []
        for n in some:
            counts = [n.counts.get(level.id) for level in levels]
            counts += [unknown[n.code]] if with_unknown else []
            cells = [b.cell(locale.integer(x), number=x) for x in counts]
            rows.append(b.Row((b.cell(n.title), *cells)))
        found.append(b.Table(tuple(heads), tuple(rows)))
    return found


def indicators_in_levels(view: CohortView) -> list[CohortIndicator]:
    """Return the indicators with levels, less those that are a result by themselves.

    A decision, for instance, that was taken on top of the other results.
    """
    alone = {n.code for n in view.nodes if n.code in view.headline and n.n_indicators == 1}
    return [i for i in view.indicators if i.scale and not alone & set(i.parents)]


def at_levels(view: CohortView, indicator: CohortIndicator) -> tuple[int, ...]:
    """Return how many units have an indicator at its best level, at its two best, and so on."""
    levels = view.info.scales[indicator.scale or ""]
    counts = [indicator.counts.get(level.id, 0) for level in reversed(levels)]
    return tuple(accumulate(counts))


def listed(shown: int, of: int, locale: Locale) -> str:
    """Return how many of a list are shown; empty where all are."""
    if shown >= of:
        return ""
    return locale.text("{k} of {n} are listed.", k=locale.integer(shown), n=locale.integer(of))


def areas_of_view(view: CohortView) -> list[NodeView]:
    """Return the areas of the report: what the headline is made of, and groupings beside it."""
    return areas_of(view.nodes, list(view.headline))


def measurement(view: CohortView) -> str:
    """Return the wave with its date."""
    return measured_when(view.wave_title, view.wave_date, locale_of(view.info))
