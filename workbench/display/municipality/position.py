"""Where a unit stands among its peers, in words: counts, the third, and what missing data allow."""

from __future__ import annotations

from workbench.display import blocks as b
from workbench.display.figures import score_text
from workbench.language import Locale, marked
from workbench.stats import third_of
from workbench.study.certainty_views import PositionView
from workbench.study.views import NodeView, UnitView

THIRDS = (
    marked("**{title}: in the lower third of its {n} peers.**"),
    marked("**{title}: in the middle third of its {n} peers.**"),
    marked("**{title}: in the upper third of its {n} peers.**"),
)


def position_text(view: UnitView, node: NodeView, locale: Locale) -> b.Rich | None:
    """Return where a result stands among the peers; their values where they are too few."""
    position = view.certainty.positions.get(node.code)
    if position is None:
        return None
    if position.percentile is None or position.low is None or position.high is None:
        return _listed(node, position, locale)
    low, own, high = (third_of(p) for p in (position.low, position.percentile, position.high))
    source = THIRDS[own]
    if low != high:
        source = marked("**{title}: in which third of its {n} peers depends on missing data.**")
    said = locale.rich(source, title=node.title, n=locale.integer(position.n))
    counts = locale.text(
        "Behind it: {worse}; level with it: {same}; ahead of it: {better}.",
        worse=locale.integer(position.worse),
        same=locale.integer(position.same),
        better=locale.integer(position.better),
    )
    rest = [counts, _open(position, locale)]
    return (*said, *b.as_rich(" " + " ".join(text for text in rest if text)))


def _open(position: PositionView, locale: Locale) -> str:
    """Return what missing data could do to the position."""
    if not position.known:
        return locale.text("What missing data could change in it can't be told.")
    if position.low == position.high:
        return locale.text("No missing data could change it.")
    return locale.text(
        "With the data that are missing, from {low} to {high} of every 100 could be behind it.",
        low=locale.number(position.low, 0),
        high=locale.number(position.high, 0),
    )


def _listed(node: NodeView, position: PositionView, locale: Locale) -> b.Rich:
    """Return the values of peers that are too few for a position."""
    return locale.rich_count(
        "**{title}: no position is given among {n} peer**; it takes at least {needed}. Its result: "
        "{values}.",
        "**{title}: no position is given among {n} peers**; it takes at least {needed}. Their "
        "results: {values}.",
        position.n,
        title=node.title,
        needed=locale.integer(position.needed),
        values=locale.listing([score_text(node, x, locale) for x in position.values]),
    )


def counts_cell(position: PositionView | None, locale: Locale) -> b.Cell:
    """Return how many peers are behind, level and ahead, as a cell."""
    if position is None or position.percentile is None:
        return b.cell("–")
    counts = (position.worse, position.same, position.better)
    return b.cell(" / ".join(map(locale.integer, counts)))
