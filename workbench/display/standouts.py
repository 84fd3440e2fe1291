"""Which areas stand out: the first of an order, where none is left out that is worth as much."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from workbench.display import blocks as b
from workbench.language import Locale
from workbench.study.views import NodeView

MOST_LISTED = 8


def first_of(
    ordered: Sequence[NodeView], k: int, worth: Callable[[NodeView], Any]
) -> list[NodeView]:
    """Return about the first ``k`` of an order: of areas that are worth as much all or none.

    Where the ``k``-th is worth as much as those after it, all of them are named, unless that would
    be more than twice as many and there are others before them.

    Parameters
    ----------
    ordered : sequence of NodeView
        By what they are worth, either way.
    k : int
    worth : callable
        What each was ordered by.
    """
    if k <= 0 or len(ordered) <= k:
        return list(ordered[: max(k, 0)])
    limit = worth(ordered[k - 1])
    before = [n for n in ordered[:k] if worth(n) != limit]
    alike = [n for n in ordered if worth(n) == limit]
    return before if before and len(before) + len(alike) > 2 * k else [*before, *alike]


def bullets_of(items: Sequence[b.Rich], locale: Locale) -> b.Bullets:
    """Return areas as a list; of many that are worth as much the first, and how many more."""
    if len(items) <= MOST_LISTED + 1:
        return b.Bullets(tuple(items))
    more = locale.count(
        "and {n} more, equal to the last one",
        "and {n} more, equal to the last one",
        len(items) - MOST_LISTED,
    )
    return b.Bullets((*items[:MOST_LISTED], b.as_rich(more)))
