"""Shares of counted cases beside what chance gives for so many of them."""

from __future__ import annotations

from workbench.display import blocks as b
from workbench.display.parts import noun_of
from workbench.display.values import decimals_of, titled, unit_after, with_unit
from workbench.language import Locale
from workbench.study.certainty_views import ChanceView
from workbench.study.views import UnitView

# What chance alone puts outside the limits of 95 %.
OUTSIDE = 0.05
# Below so many cases a share is told with its cases only, never by itself.
FEW_CASES = 20


def chance_blocks(view: UnitView, locale: Locale) -> list[b.Block | None]:
    """Return where shares of counted cases lie beside what chance gives; nothing without any."""
    known, few = view.certainty.chances, view.certainty.no_chances
    if not known and not few:
        return []
    found: list[b.Block | None] = [b.Heading(locale.text("Beside what chance gives"), 3)]
    if known:
        found += [_table(known, locale), b.Paragraph(b.as_rich(_note(view, locale)), "note")]
    if few:
        noun = noun_of(view.info)
        text = noun.text(
            "Of {titles} too few {nouns} have their cases counted to know what chance gives; at "
            "least {needed} are needed.",
            titles=locale.listing([titled(c.code, c.title) for c in few]),
            needed=locale.integer(few[0].needed),
        )
        found.append(b.Paragraph(b.as_rich(text)))
    return found


def _table(chances: tuple[ChanceView, ...], locale: Locale) -> b.Table:
    """Return a row an indicator: what was counted, what chance gives, and where it lies."""
    heads = (
        b.ColumnHead(locale.text("Indicator"), width=2.2),
        b.ColumnHead(locale.text("Counted"), "right", 1.5),
        b.ColumnHead(locale.text("All together"), "right", 1.0),
        b.ColumnHead(locale.text("To be expected"), "right", 1.3),
        b.ColumnHead(locale.text("Where it lies"), width=1.7),
    )
    return b.Table(heads, tuple(_row(c, locale) for c in chances))


def _row(chance: ChanceView, locale: Locale) -> b.Row:
    """Return one indicator."""
    ends = (round(chance.low, 1), round(chance.high, 1))
    most = min(1, decimals_of(round(chance.centre, 1), *ends))

    def said(value: float, unit: str = chance.unit) -> str:
        return unit_after(locale.number(value, most), unit, locale)

    counted = locale.text(
        "{value} ({events} of {cases})",
        value=with_unit(chance.value, chance.unit, locale),
        events=locale.integer(chance.events),
        cases=locale.integer(chance.cases),
    )
    between = locale.text("{low} to {high}", low=said(chance.low, ""), high=said(chance.high))
    return b.Row(
        (
            b.cell(titled(chance.code, chance.title)),
            b.cell(counted, number=chance.value),
            b.cell(said(chance.centre), number=chance.centre),
            b.cell(between),
            b.cell(_where(chance, locale)),
        )
    )


def _where(chance: ChanceView, locale: Locale) -> str:
    """Return where a share lies, and how many lie outside beside how many chance puts there."""
    if chance.place == "inside":
        return (
            locale.text("within what chance gives")
            if chance.factor == 1
            else locale.text("within what chance and their usual differences give")
        )
    if chance.beyond:
        return {
            "above": locale.text("far above what is to be expected: worth a look"),
            "below": locale.text("far below what is to be expected: worth a look"),
        }[chance.place]
    said = {
        "above": locale.text("above what is to be expected"),
        "below": locale.text("below what is to be expected"),
    }[chance.place]
    among = locale.text(
        "{outside} of {n} lie outside, chance alone puts about {expected} there",
        outside=locale.integer(chance.outside),
        n=locale.integer(chance.n),
        expected=locale.number(OUTSIDE * chance.n, 0 if chance.n >= 200 else 1),
    )
    return f"{said}; {among}"


def _note(view: UnitView, locale: Locale) -> str:
    """Return how to read the table: the limits, how many are looked at, how limits were widened."""
    noun, chances = noun_of(view.info), view.certainty.chances
    said = [
        noun.text(
            "If only chance made {nouns} differ, 95 of 100 with so many cases would lie within "
            "these limits around all together, and only 2 in 1,000 far outside of them (limits of "
            "{outer}).",
            outer=locale.percent(99.8, 1),
        )
    ]
    if len(chances) > 1:
        said.append(
            locale.text(
                "{n} indicators are looked at here: by chance alone about {expected} of them would "
                "lie outside.",
                n=locale.integer(len(chances)),
                expected=locale.number(OUTSIDE * len(chances), 1),
            )
        )
    wide = [c for c in chances if c.factor > 1]
    if wide:
        factors = [
            locale.text(
                "{title}, {factor} times",
                title=titled(c.code, c.title),
                factor=locale.number(c.factor, 1),
            )
            for c in wide
        ]
        said.append(
            noun.text(
                "The {nouns} differ more than chance gives, as they do where means and needs "
                "differ; the limits are wider for it: {factors}.",
                factors=locale.listing(factors),
            )
        )
    if any(c.cases < FEW_CASES for c in chances):
        said.append(locale.text("A share of fewer than 20 cases says little by itself."))
    return " ".join(said)
