"""Before and after: printed changes beside those that their numbers give."""

from __future__ import annotations

from workbench.display import blocks as b
from workbench.display.municipality.beside import changed_values
from workbench.display.municipality.common import section
from workbench.display.parts import locale_of, recorded_change
from workbench.display.values import unit_after, with_unit
from workbench.language import Locale, marked
from workbench.study.rounding import half_of_last_digit
from workbench.study.views import ChangeView, UnitView


def change(view: UnitView) -> b.Section:
    """Return what was before and after, with printed changes checked; empty where there is none."""
    locale = locale_of(view.info)
    some = [i.change for i in view.indicators if i.change is not None]
    blocks: list[b.Block | None] = []
    if some:
        blocks += [_table(some, locale), b.Paragraph(b.as_rich(_checked(some, locale)))]
    blocks += changed_values(view, locale)
    if not blocks:
        return section(view, [])
    blocks.append(b.Paragraph(recorded_change(view.info, locale)))
    return section(view, [b.Heading(locale.text("Before and after")), *blocks])


def _table(some: list[ChangeView], locale: Locale) -> b.Table:
    """Return the changes, as printed and as computed."""
    ends = {c.ends for c in some}
    before, after = (
        next(iter(ends)) if len(ends) == 1 else (locale.text("Before"), locale.text("After"))
    )
    heads = (
        b.ColumnHead(locale.text("What"), width=2.4),
        b.ColumnHead(before, "right", 1.3),
        b.ColumnHead(after, "right", 1.3),
        b.ColumnHead(locale.text("Change as printed"), "right", 1.2),
        b.ColumnHead(locale.text("Change computed"), "right", 1.2),
        b.ColumnHead(locale.text("Do they agree?"), width=1.2),
    )
    rows = tuple(
        b.Row(
            (
                b.cell(c.title),
                b.cell(with_unit(c.before, c.unit, locale, c.after), number=c.before),
                b.cell(with_unit(c.after, c.unit, locale, c.before), number=c.after),
                b.cell(printed_change(c, locale), number=c.printed),
                b.cell(_computed(c, locale), number=c.computed),
                b.cell(_agrees(c, locale)),
            )
        )
        for c in some
    )
    return b.Table(heads, rows)


def printed_change(change: ChangeView, locale: Locale) -> str:
    """Return a change as its source prints it, with all its digits."""
    if change.printed_text or change.printed is None:
        return change.printed_text or "–"
    text = locale.exact(change.printed)
    return unit_after(text, change.change_unit, locale)


def _computed(change: ChangeView, locale: Locale) -> str:
    """Return the change that the numbers give."""
    return _of_change(change, change.computed, locale)


def _of_change(change: ChangeView, value: float | None, locale: Locale) -> str:
    """Return a value in the unit of a change."""
    if change.change_unit == "%":
        return locale.percent(value, 1)
    return locale.number(value, 1)


def _agrees(change: ChangeView, locale: Locale) -> str:
    """Return whether the printed change is the computed one."""
    if change.agrees is not None:
        if not change.agrees and within(change):
            return locale.text("within rounding")
        return locale.text("yes") if change.agrees else locale.text("no")
    if change.computed is None:
        return locale.text("can't be told")
    return locale.text("not printed as a number")


def _checked(some: list[ChangeView], locale: Locale) -> str:
    """Return how many printed changes agree with their numbers, and which do not."""
    known = [c for c in some if c.agrees is not None]
    if not known:
        return locale.text("No printed change can be checked against its numbers.")
    wrong = [c for c in known if not c.agrees]
    text = locale.text(
        "Printed changes that agree with their numbers to the last printed digit: {k} of {n}.",
        n=locale.integer(len(known)),
        k=locale.integer(len(known) - len(wrong)),
    )
    return " ".join([text, *(_disagreement(c, locale) for c in wrong)])


def _disagreement(change: ChangeView, locale: Locale) -> str:
    """Return what is printed, what the numbers give, and whether rounding can explain it."""
    values = {
        "title": change.title,
        "printed": printed_change(change, locale),
        "computed": _computed(change, locale),
    }
    if change.allowed is None:
        return locale.text(
            "{title}: {printed} is printed, and its numbers give {computed}.", **values
        )
    low, high = (_of_change(change, x, locale) for x in change.allowed)
    source = (
        marked(
            "{title}: {printed} is printed, and its numbers give {computed}. They are printed "
            "rounded themselves: unrounded they may give anything from {low} to {high}, so both "
            "can be right."
        )
        if within(change)
        else marked(
            "{title}: {printed} is printed, and its numbers give {computed}. Rounding does not "
            "explain it: unrounded they may give from {low} to {high}."
        )
    )
    return locale.text(source, **values, low=low, high=high)


def within(change: ChangeView) -> bool:
    """Return whether the printed change is one that the rounded numbers allow."""
    if change.allowed is None or change.printed is None:
        return False
    (low, high), half = change.allowed, half_of_last_digit(change.printed)
    return low <= change.printed + half and change.printed - half <= high
