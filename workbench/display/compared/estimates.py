"""Pictures of estimates with their intervals, one below the other."""

from __future__ import annotations

from workbench.display import blocks as b
from workbench.display.compared.common import ComparedView, between, number
from workbench.display.compared_figures import Estimate, forest
from workbench.display.values import decimals_of
from workbench.language import Locale
from workbench.stats import Result
from workbench.study.compare import Answer


def by_unit(view: ComparedView, some: list[Answer]) -> list[b.Block | None]:
    """Return the estimates of several nodes, a picture for each unit in which they are counted."""
    found: list[b.Block | None] = []
    units = dict.fromkeys((a.result.unit, view.unit_of(a)) for a in some)
    for kind, unit in units:
        own = [a for a in some if (a.result.unit, view.unit_of(a)) == (kind, unit)]
        rows = [estimate_of(a.result, view.title(a.node)) for a in own if a.result.interval]
        rows = [r for r in rows if r.value == r.value]
        if rows:
            found.append(
                estimates(rows, unit, max((a.result for a in own), key=_digits), view.locale)
            )
    return found


def _digits(result: Result) -> int:
    """Return the decimals of a result."""
    return result.decimals


def estimate_of(result: Result, title: str) -> Estimate:
    """Return the estimate of a result."""
    low, high = (
        (result.interval.low, result.interval.high) if result.interval else (float("nan"),) * 2
    )
    value = float("nan") if result.estimate is None else float(result.estimate)
    return Estimate(title, value, low, high)


def estimates(
    rows: list[Estimate], unit: str, like: Result, locale: Locale, *, note: str = ""
) -> b.Figure:
    """Return estimates with their intervals and numbers, written as those of a result."""
    axis = locale.text("Estimate and interval ({unit})", unit=unit) if unit else ""
    places = decimals_of(*_range_of(rows)) if like.decimals > 1 else 1

    def write(x: float) -> str:
        return number(like, x, locale) if like.unit == "share" else locale.number(x, places)

    drawn = forest(rows, axis or locale.text("Estimate and interval"), write)
    heads = (
        b.ColumnHead(locale.text("What"), width=3.0),
        b.ColumnHead(locale.text("Estimate"), "right"),
        b.ColumnHead(locale.text("Interval"), "right", 1.6),
    )
    table = b.Table(heads, tuple(estimate_row(r, like, locale) for r in rows))
    alt = "; ".join(f"{r.title}: {write(r.value)}" for r in rows)
    return b.Figure(drawn, alt, f"{note} {_hollow(rows, locale)}".strip(), table)


def _range_of(rows: list[Estimate]) -> tuple[float, ...]:
    """Return the estimates, for the decimals of all of them."""
    return tuple(round(r.value, 3) for r in rows)


def estimate_row(row: Estimate, like: Result, locale: Locale) -> b.Row:
    """Return an estimate as numbers."""
    return b.Row(
        (
            b.cell(row.title),
            b.cell(number(like, row.value, locale), number=row.value),
            b.cell(between(like, row.low, row.high, locale)),
        )
    )


def _hollow(rows: list[Estimate], locale: Locale) -> str:
    """Return what a hollow square means, where there is one."""
    if not any(r.low <= 0 <= r.high for r in rows):
        return ""
    return locale.text(
        "Hollow squares: the interval holds zero, so no difference is not ruled out."
    )
