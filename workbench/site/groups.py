"""How results are spread in each group of units that the study knows."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from workbench.display import blocks as b
from workbench.display import cohort_figures as figures
from workbench.display.cohort.common import is_scored, main
from workbench.display.parts import locale_of, noun_of, number_cell
from workbench.display.scales import score_text
from workbench.display.style import level_chip
from workbench.language import Locale
from workbench.study import Study
from workbench.study.views import CohortRow, CohortView, NodeView, rounded

MOST_DRAWN = 40  # groups; of more there is the table alone


def groups_of(study: Study, view: CohortView) -> list[b.Block]:
    """Return picture and table of the main result by each group variable; none where none divides.

    Parameters
    ----------
    study : Study
    view : CohortView
    """
    node, locale = main(view), locale_of(view.info)
    if node is None:
        return []
    ways: list[tuple[str, Callable[[CohortRow], str]]] = [
        (title.in_(locale.tag), partial(_group, index))
        for index, title in enumerate(study.spec.units.groups.values())
    ]
    by_size = view.grouped_by == "population"
    peers = noun_of(view.info).text("Size of {noun}") if by_size else locale.text("Peers")
    ways.append((peers, lambda r: r.peer))
    found: list[b.Block] = []
    seen: set[tuple[str, ...]] = set()
    for title, read in ways:
        told = tuple(read(row) for row in view.rows)
        if len({t for t in told if t}) > 1 and told not in seen:
            seen.add(told)
            found += _by(view, node, title, read, locale)
    return found


def _group(index: int, row: CohortRow) -> str:
    """Return the group of a unit by one variable."""
    return row.groups[index]


def _by(
    view: CohortView, node: NodeView, title: str, read: Callable[[CohortRow], str], locale: Locale
) -> list[b.Block]:
    """Return how the main result is spread by one variable."""
    members: dict[str, list[CohortRow]] = {}
    for row in view.rows:
        members.setdefault(read(row) or locale.text("not stated"), []).append(row)
    # Bands of size stand in the order of the study, all else by name.
    known = {g.title: place for place, g in enumerate(view.groups)}
    names = sorted(members, key=lambda name: (known.get(name, len(known)), name))
    groups = [(name, members[name]) for name in names]
    heading = b.Heading(title)
    if is_scored(view, node):
        return [heading, *_scored(view, node, title, groups, locale)]
    return [heading, _levels(view, node, title, groups, locale)]


def _scored(
    view: CohortView, node: NodeView, title: str, groups: list[tuple[str, list[CohortRow]]],
    locale: Locale,
) -> list[b.Block]:  # fmt: skip
    """Return medians and quartiles as a picture and a table."""
    noun, least = noun_of(view.info), view.group_minimum
    entries, rows = [], []
    for name, some in groups:
        scores = [s for r in some if (s := r.scores.get(node.code)) is not None]
        enough = len(scores) >= least
        at = [0.0, 0.25, 0.5, 0.75, 1.0]
        five = [rounded(x) for x in np.quantile(scores, at)] if enough else [None] * 5
        entries.append((name, len(scores), five[1], five[2], five[3]))
        cells = (
            b.cell(name),
            b.cell(locale.integer(len(scores)), number=len(scores)),
            b.cell(locale.integer(len(some) - len(scores)), number=len(some) - len(scores)),
            *(number_cell(node, x, locale) for x in five),
        )
        rows.append(b.Row(cells))
    heads = (
        b.ColumnHead(title, width=2.2),
        *(
            b.ColumnHead(head, "right")
            for head in (
                locale.text("With result"), locale.text("Without result"), locale.text("Lowest"),
                locale.text("Lower quartile"), locale.text("Median"),
                locale.text("Upper quartile"), locale.text("Highest"),
            )
        ),
    )  # fmt: skip
    table = b.Table(heads, tuple(rows))
    note = noun.text(
        "{title}. The bar is the middle half of the group, the line its median; the number in "
        "brackets counts those with a result. Groups of fewer than {n} are not summarised. What is "
        "described here is not tested: groups may differ for other reasons.",
        title=node.title, n=locale.integer(least),
    )  # fmt: skip
    told = [e for e in entries if e[3] is not None]
    found: list[b.Block] = []
    if len(told) == 1:
        alone = locale.text(
            "Median of {title} in {group}: {median}. No other group has enough results.",
            title=node.title, group=told[0][0], median=score_text(node, told[0][3], locale),
        )  # fmt: skip
        found = [b.Paragraph(b.as_rich(alone), "lead")]
    elif told and len(entries) <= MOST_DRAWN:
        best, worst = max(told, key=lambda e: e[3] or 0.0), min(told, key=lambda e: e[3] or 0.0)
        alt = locale.text(
            "Median of {title} by group: from {low} in {worst} to {high} in {best}.",
            title=node.title, low=score_text(node, worst[3], locale), worst=worst[0],
            high=score_text(node, best[3], locale), best=best[0],
        )  # fmt: skip
        found = [
            b.Paragraph(b.as_rich(alt), "lead"),
            b.Figure(figures.groups(entries, node, locale), alt),
        ]
    return [*found, table, b.Paragraph(b.as_rich(note), "note")]


def _levels(
    view: CohortView, node: NodeView, title: str, groups: list[tuple[str, list[CohortRow]]],
    locale: Locale,
) -> b.Block:  # fmt: skip
    """Return how many of each group are at each level."""
    levels = list(reversed(view.info.scales.get(node.scale or "", ())))
    heads = [b.ColumnHead(title, width=2.2)]
    heads += [b.ColumnHead(level_chip(level).title, "right") for level in levels]
    heads.append(b.ColumnHead(locale.text("No level"), "right"))
    rows = []
    for name, some in groups:
        found = [r.levels.get(node.code) for r in some]
        counts = [sum(x == level.id for x in found) for level in levels] + [found.count(None)]
        rows.append(b.Row((b.cell(name), *(b.cell(locale.integer(n), number=n) for n in counts))))
    return b.Table(tuple(heads), tuple(rows))
