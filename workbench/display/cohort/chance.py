"""What the ranges of places rest on, and which shares lie outside what chance gives."""

from __future__ import annotations

from workbench.display import blocks as b
from workbench.display.parts import named, noun_of
from workbench.display.values import titled, unit_after
from workbench.language import Locale
from workbench.study.certainty_views import CohortChance
from workbench.study.views import CohortView

MOST_NAMED = 5
OUTSIDE = 0.05


def ranges_blocks(view: CohortView, locale: Locale) -> list[b.Block | None]:
    """Return what the ranges of places in the table of all units rest on."""
    some = {p.basis: p for ranges in view.certainty.places.values() for p in ranges}
    texts = []
    if "error" in some:
        texts.append(
            locale.rich(
                "**Places by measurement error** hold for all at once, at {level}: two results are "
                "put in order only where their difference exceeds what measurement error gives, "
                "allowing for the number of pairs.",
                level=locale.percent(100 * some["error"].share, 0),
            )
        )
    if "choices" in some:
        texts.append(
            locale.rich(
                "**Places with other weights** are no margin of error: they hold {share} of the "
                "places that come out when each weight is up to {weight} more or less.",
                share=locale.percent(100 * some["choices"].share, 0),
                weight=locale.percent(100 * (some["choices"].weight_share or 0.0), 0),
            )
        )
    if view.certainty.no_choices:
        text = locale.text(
            "The study asks how other weights would move the places. Of {titles} that can't be "
            "told: it is no mean of parts that stand in these data.",
            titles=locale.listing(list(view.certainty.no_choices)),
        )
        texts.append(b.as_rich(text))
    return [b.Paragraph(text) for text in texts]


def chance_blocks(view: CohortView, locale: Locale) -> list[b.Block | None]:
    """Return which units lie far outside what chance gives, by indicator."""
    known = view.certainty.chances
    if not known:
        return []
    noun = noun_of(view.info)
    heads = (
        b.ColumnHead(locale.text("Indicator"), width=2.2),
        b.ColumnHead(noun.titles, "right", 0.9),
        b.ColumnHead(locale.text("All together"), "right", 1.0),
        b.ColumnHead(locale.text("Outside (by chance)"), "right", 1.1),
        b.ColumnHead(locale.text("Far above"), width=1.8),
        b.ColumnHead(locale.text("Far below"), width=1.8),
    )
    note = noun.text(
        "Outside: beyond limits that hold 95 of 100 {nouns} with so many cases if only chance made "
        "them differ; in brackets, how many chance alone puts there. Far: beyond those that leave "
        "2 in 1,000 out. Where {nouns} differ more than chance gives, the limits are wider for it."
    )
    return [
        b.Heading(locale.text("Beside what chance gives"), 3),
        b.Table(heads, tuple(_row(c, locale) for c in known)),
        b.Paragraph(b.as_rich(note), "note"),
    ]


def _row(chance: CohortChance, locale: Locale) -> b.Row:
    """Return one indicator."""
    expected = locale.number(OUTSIDE * chance.n, 1)
    outside = f"{locale.integer(chance.outside)} ({expected})"
    centre = unit_after(locale.number(chance.centre, 1), chance.unit, locale)
    return b.Row(
        (
            b.cell(titled(chance.code, chance.title)),
            b.cell(locale.integer(chance.n), number=chance.n),
            b.cell(centre, number=chance.centre),
            b.cell(outside, number=chance.outside),
            b.cell(named(list(chance.above), MOST_NAMED, locale) or "–"),
            b.cell(named(list(chance.below), MOST_NAMED, locale) or "–"),
        )
    )
