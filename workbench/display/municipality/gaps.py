"""What could be better where no elements are ticked: answers and points."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.display import blocks as b
from workbench.display.municipality.common import place_of
from workbench.display.parts import chip_of, indicators_of, value_text
from workbench.display.values import plain_number, titled
from workbench.language import Locale
from workbench.study.views import AskedView, IndicatorView, UnitView

MOST_POINTS = 12


def to_answer(view: UnitView) -> list[IndicatorView]:
    """Return answers below their best level, the lowest first.

    Left out are those of which the report says already what follows from them, or what the next
    level of a result asks for, and those that are a result by themselves, such as a decision.
    """
    alone = {n.code for n in view.headline if n.n_indicators == 1}
    asked = {title for n in view.nodes if n.conditions for title in _titles(n.conditions.lacking)}
    found = []
    for indicator in view.indicators:
        levels = view.info.scales.get(indicator.scale or "", ())
        place = place_of(view, indicator.scale, indicator.level)
        known = bool(indicator.beside.next_answers)
        told = bool(indicator.beside.follows) or indicator.title in asked
        told = told or bool(alone & set(indicator.parents))
        if known and not told and 0 <= place < len(levels) - 1:
            found.append((place, indicator))
    return [indicator for _, indicator in sorted(found, key=lambda pair: pair[0])]


def _titles(asked: tuple[AskedView, ...]) -> Iterator[str]:
    """Yield the titles of what the next level asks for."""
    for part in asked:
        yield part.title
        yield from _titles(part.either)


def answer_steps(
    view: UnitView, shown: list[IndicatorView], n: int, locale: Locale
) -> list[b.Block | None]:
    """Return answers below their best level beside those of the next one."""
    heads = (
        b.ColumnHead(view.info.indicator_title, width=2.6),
        b.ColumnHead(locale.text("Now"), width=1.3),
        b.ColumnHead(locale.text("For the next level"), width=2.8),
        *peers_head(shown, locale),
    )
    rows = tuple(
        b.Row(
            (
                b.cell(titled(i.code, i.title)),
                b.cell(chip=chip_of(view.info, i.scale, i.level, i.status)),
                b.cell(locale.text(" or ").join(i.beside.next_answers)),
                *peers_cell(i, shown, locale),
            )
        )
        for i in shown
    )
    text = locale.count(
        "{n} answer is below its best level.", "{n} answers are below their best level.", n
    )
    if n > len(shown):
        text += " " + locale.text(
            "{k} of them are listed, taken from each area in turn, the weakest area first:",
            k=locale.integer(len(shown)),
        )
    return [b.Paragraph(b.as_rich(text)), b.Table(heads, rows)]


def point_steps(view: UnitView, locale: Locale) -> list[b.Block | None]:
    """Return the indicators with most points to gain; none where their maximum is not known."""
    gaps = [
        (i.full - i.value, i)
        for i in view.indicators
        if i.kind == "points" and i.full is not None and i.value is not None and i.full > i.value
    ]
    if not gaps:
        return []
    gaps.sort(key=lambda pair: -pair[0])
    shown = gaps[:MOST_POINTS]
    heads = (
        b.ColumnHead(view.info.indicator_title, width=3.2),
        b.ColumnHead(locale.text("Measured"), "right", width=1.2),
        b.ColumnHead(locale.text("Points to gain"), "right", width=1.2),
    )
    rows = tuple(
        b.Row(
            (
                b.cell(titled(i.code, i.title)),
                b.cell(value_text(i, locale), number=i.value),
                b.cell(plain_number(gap, locale), number=gap),
            )
        )
        for gap, i in shown
    )
    text = locale.text(
        "{n} of {all} {indicators} are below their maximum.",
        n=locale.integer(len(gaps)),
        all=locale.integer(sum(i.kind == "points" and i.full is not None for i in view.indicators)),
        indicators=indicators_of(view.info),
    )
    if len(gaps) > len(shown):
        text += " " + locale.text(
            "The {k} with most points to gain are listed:", k=locale.integer(len(shown))
        )
    return [b.Paragraph(b.as_rich(text)), b.Table(heads, rows)]


def peers_head(some: list[IndicatorView], locale: Locale) -> list[b.ColumnHead]:
    """Return the head of the column of peers, where any is known of them."""
    if all(i.peers_top is None for i in some):
        return []
    return [b.ColumnHead(locale.text("Peers there"), width=2.2)]


def peers_cell(indicator: IndicatorView, some: list[IndicatorView], locale: Locale) -> list[b.Cell]:
    """Return how many peers are at the best level, and some of them by name."""
    if all(i.peers_top is None for i in some):
        return []
    if indicator.peers_top is None:
        return [b.cell("–")]
    text = locale.text(
        "{k} of {n}", k=locale.integer(indicator.peers_top), n=locale.integer(indicator.peers_n)
    )
    names = locale.listing(list(indicator.peers_there))
    return [b.cell(f"{text}: {names}" if names else text)]
