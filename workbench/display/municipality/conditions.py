"""What the next level asks for where a level follows from conditions, and what of it fails."""

from __future__ import annotations

from workbench.display import blocks as b
from workbench.display.municipality.common import level_title, range_text
from workbench.display.parts import chip_of
from workbench.display.values import with_unit
from workbench.language import Locale, marked
from workbench.study.views import AskedView, ConditionsView, LevelRange, NodeView, UnitView

MOST_LACKING = 12
_ABOVE, _BELOW = (">", ">="), ("<", "<=")


def failing(view: UnitView, locale: Locale) -> list[b.Block | None]:
    """Return, for each result whose level has conditions, those of the next level that fail."""
    some = [(n, n.conditions) for n in view.nodes if n.conditions and n.conditions.lacking]
    if not some:
        return []
    heads = (
        b.ColumnHead(locale.text("Result, and what it lacks"), width=3.2),
        b.ColumnHead(locale.text("Asked for"), width=1.8),
        b.ColumnHead(locale.text("Now"), width=1.6),
    )
    rows = [row for node, found in some for row in _rows(view, node, found, locale)]
    title = locale.text("What the next level still asks for")
    return [b.Heading(title, 3), b.Table(heads, tuple(rows))]


def _rows(view: UnitView, node: NodeView, found: ConditionsView, locale: Locale) -> list[b.Row]:
    """Return the conditions that fail for one result: a row of the result, and one for each."""
    chip = chip_of(view.info, node.scale, node.level, node.status)
    head = (
        b.cell(node.title),
        b.cell(level_title(view, found.level)),
        b.cell(chip=chip) if chip else b.cell("–"),
    )
    rows = [b.Row(head, strong=True)]
    for asked in found.lacking[:MOST_LACKING]:
        cells = (b.cell(_what(asked, locale)), b.cell(_asked(asked, locale)), _now(asked, locale))
        rows.append(b.Row(cells, depth=1))
    said = []
    if len(found.lacking) > MOST_LACKING:
        more = len(found.lacking) - MOST_LACKING
        said.append(locale.count("{n} more does not hold", "{n} more do not hold", more))
    if found.held:
        said.append(locale.count("{n} other holds", "{n} others hold", found.held))
    if said:
        rows.append(b.Row((b.cell("; ".join(said)), b.cell(), b.cell()), depth=1))
    return rows


def _what(asked: AskedView, locale: Locale) -> str:
    """Return what is asked for: its title, several of which one is enough, or the rule itself."""
    if asked.either:
        return locale.text(" or ").join(_what(part, locale) for part in asked.either)
    return asked.title if not asked.source else asked.source


def _asked(asked: AskedView, locale: Locale) -> str:
    """Return the value or level that is asked for, in words."""
    if asked.either:
        return locale.text(", or ").join(dict.fromkeys(_asked(p, locale) for p in asked.either))
    if asked.source:
        return locale.text("that it holds")
    if asked.yes_no:
        return locale.text("yes") if _wants_yes(asked) else locale.text("no")
    if asked.levels:
        return _level_asked(asked, locale)
    if asked.sign == "!=":
        return locale.text("other than {value}", value=locale.exact(asked.limit))
    closed = asked.sign in ("<=", ">=", "==")
    low = asked.limit if asked.sign not in _BELOW else None
    high = asked.limit if asked.sign not in _ABOVE else None
    limits = LevelRange(level="", low=low, low_in=closed, high=high, high_in=closed)
    return range_text(limits, locale, asked.unit)


def _wants_yes(asked: AskedView) -> bool:
    """Return whether what holds or not is asked to hold."""
    if asked.sign in ("==", "!="):
        return (asked.limit == 1) == (asked.sign == "==")
    return asked.sign in _ABOVE


def _level_asked(asked: AskedView, locale: Locale) -> str:
    """Return the level that is asked for, by its name."""
    place = asked.limit
    if asked.sign == ">":
        place = float(int(place) + 1)
    if asked.sign == "<":
        place = float(-(-place // 1) - 1)
    title = asked.levels[min(max(round(place), 0), len(asked.levels) - 1)]
    if asked.sign == "!=":
        return locale.text("other than {value}", value=title)
    if asked.sign == "==" or (asked.sign in _ABOVE and round(place) == len(asked.levels) - 1):
        return title
    source = marked("{level} or better") if asked.sign in _ABOVE else marked("{level} or worse")
    return locale.text(source, level=title)


def _now(asked: AskedView, locale: Locale) -> b.Cell:
    """Return what was read, or that it is not known."""
    if asked.either:
        return b.cell("; ".join(dict.fromkeys(_now(p, locale).plain() for p in asked.either)))
    if asked.now is None:
        unknown = asked.holds is None
        return b.cell(locale.text("not known") if unknown else "–")
    if asked.yes_no:
        return b.cell(locale.text("yes") if asked.now else locale.text("no"), number=asked.now)
    if asked.levels:
        return b.cell(asked.levels[int(asked.now)])
    return b.cell(with_unit(asked.now, asked.unit, locale), number=asked.now)
