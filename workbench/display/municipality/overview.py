"""What the result is made of, and every indicator at a glance."""

from __future__ import annotations

from collections import Counter

from workbench.display import blocks as b
from workbench.display.figures import score_text
from workbench.display.municipality.beside import indicator_chip
from workbench.display.municipality.common import areas_of_view
from workbench.display.overview_figures import marks_of_indicators, waterfall
from workbench.display.style import level_chip
from workbench.language import Locale
from workbench.study.views import AddedView, IndicatorView, NodeView, UnitView

MOST_PARTS = 25
FEWEST_INDICATORS = 12
FEWEST_MARKS = 4  # of a row on average: with fewer the table that follows shows as much at once


def made_of_blocks(view: UnitView, locale: Locale) -> list[b.Block | None]:
    """Return what each part adds to the results, where these are sums."""
    found: list[b.Block | None] = []
    for node in view.headline:
        parts = view.made_of.get(node.code, ())
        if 2 <= len(parts) <= MOST_PARTS and any(p.adds for p in parts):
            found.append(_steps(node, parts, locale))
    if not found:
        return []
    return [b.Heading(locale.text("What the result is made of"), 3), *found]


def _steps(node: NodeView, parts: tuple[AddedView, ...], locale: Locale) -> b.Figure:
    """Return one result as a picture of steps."""
    bounded = any(p.most is not None for p in parts)
    words = (locale.text("What it adds"), locale.text("What it could add at most"))
    most = sorted(parts, key=lambda p: -p.adds)[0]
    alt = locale.text(
        "{title}: {score}; {part} adds most, {adds}",
        title=node.title,
        score=score_text(node, node.score, locale),
        part=most.title,
        adds=score_text(node, most.adds, locale),
    )
    heads = [b.ColumnHead(locale.text("Area"), width=2.6), b.ColumnHead(words[0], "right")]
    heads += [b.ColumnHead(words[1], "right")] if bounded else []
    rows = []
    for part in parts:
        cells = [b.cell(part.title), _number(node, part.adds, locale)]
        cells += [_number(node, part.most, locale)] if bounded else []
        rows.append(b.Row(tuple(cells)))
    total = [b.cell(node.title), _number(node, node.score, locale)]
    total += [b.cell()] if bounded else []
    rows.append(b.Row(tuple(total), strong=True))
    caption = locale.text(
        "Each step begins where the one above it ends; together they are the result."
    )
    svg = waterfall(node, parts, words, locale)
    return b.Figure(svg, alt, caption, b.Table(tuple(heads), tuple(rows)))


def _number(node: NodeView, value: float | None, locale: Locale) -> b.Cell:
    """Return a number in the decimals of a result."""
    return b.cell(score_text(node, value, locale), number=value)


def indicators_at_a_glance(view: UnitView, locale: Locale) -> list[b.Block | None]:
    """Return every indicator with a level or state as a mark, where there are many."""
    groups = _groups(view)
    chips = [chip for _, some in groups for _, chip in some]
    levels = [i for i in view.indicators if i.level]
    if len(groups) < 2 or len(levels) < FEWEST_INDICATORS:
        return []
    if len(chips) < FEWEST_MARKS * len(groups):
        return []
    counts = Counter(chips)
    if len({(chip.shape, chip.tone) for chip in counts}) < len(counts):
        return []  # more levels than marks that can be told apart
    order = _in_order(view, counts)
    keys = [(chip, f"{chip.title} {locale.integer(counts[chip])}") for chip in order]
    said = ", ".join(text for _, text in keys)
    alt = locale.count("{n} indicator by area", "{n} indicators by area", len(chips))
    heads = (
        b.ColumnHead(locale.text("Area"), width=2.6),
        *(b.ColumnHead(chip.title, "right") for chip in order),
    )
    rows = []
    for title, some in groups:
        own = Counter(chip for _, chip in some)
        cells = [b.cell(locale.integer(own[chip]), number=own[chip]) for chip in order]
        rows.append(b.Row((b.cell(title), *cells)))
    svg = marks_of_indicators([(t, [(i.code, c) for i, c in some]) for t, some in groups], keys)
    title = locale.text("All at a glance")
    return [b.Heading(title, 3), b.Figure(svg, f"{alt}: {said}", "", b.Table(heads, tuple(rows)))]


def _in_order(view: UnitView, counts: Counter[b.Chip]) -> list[b.Chip]:
    """Return chips as legends have them: levels from the best to the worst, then states."""
    scales = dict.fromkeys(i.scale for i in view.indicators if i.scale)
    levels = [level_chip(lv) for s in scales for lv in reversed(view.info.scales[s])]
    known = [chip for chip in dict.fromkeys(levels) if chip in counts]
    return [*known, *(chip for chip in counts if chip not in known)]


def _groups(view: UnitView) -> list[tuple[str, list[tuple[IndicatorView, b.Chip]]]]:
    """Return the indicators that have a level or a state, by area; each under its first area."""
    areas = {area.code: area for area in areas_of_view(view)}
    above: dict[str, str | None] = {}  # first area at or above each group; parents come first
    for node in view.nodes:
        over = next((a for parent in node.parents if (a := above.get(parent))), None)
        above[node.code] = node.code if node.code in areas else over
    found: dict[str, list[tuple[IndicatorView, b.Chip]]] = {code: [] for code in areas}
    for indicator in view.indicators:
        if not indicator.scale or indicator.status == "missing":
            continue
        area = next((a for parent in indicator.parents if (a := above.get(parent))), None)
        chip = indicator_chip(view, indicator)
        if area is not None and chip is not None:
            found[area].append((indicator, chip))
    return [(areas[code].title, some) for code, some in found.items() if some]
