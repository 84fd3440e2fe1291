"""What the sections of a cohort's report share."""

from __future__ import annotations

from workbench.display import blocks as b
from workbench.display.parts import areas_of, locale_of, measured_when
from workbench.study.views import CohortView, NodeView

MOST_LISTED = 60


def section(view: CohortView, blocks: list[b.Block | None]) -> b.Section:
    """Return blocks as a section in the language of the view."""
    return b.Section(blocks, view.info.locale)


def main(view: CohortView) -> NodeView | None:
    """Return the node by which the cohort is ordered."""
    code = view.headline[0] if view.headline else None
    return next((n for n in view.nodes if n.code == code), None)


def areas_of_view(view: CohortView) -> list[NodeView]:
    """Return the areas of the report: what the headline is made of, and groupings beside it."""
    return areas_of(view.nodes, list(view.headline))


def measurement(view: CohortView) -> str:
    """Return the wave with its date."""
    return measured_when(view.wave_title, view.wave_date, locale_of(view.info))
