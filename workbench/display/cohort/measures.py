"""Raw indicators of a cohort: what is typical, who has what, what changed."""

from __future__ import annotations

from workbench.display import blocks as b
from workbench.display.cohort.common import MOST_LISTED
from workbench.display.parts import added_up_nowhere, noun_of
from workbench.display.values import NO_VALUE, plain_number, titled
from workbench.language import Locale, half_up
from workbench.study.measure_views import CohortMeasure
from workbench.study.views import CohortView

MOST_COLUMNS = 6
WHOLE_FROM = 1000.0  # 12,306.34 beside 146,829.70 says no more than 12,306 beside 146,830


def alone(view: CohortView) -> list[CohortMeasure]:
    """Return the raw indicators of which nothing makes a result."""
    return [m for m in view.measures if m.alone]


def typical(view: CohortView, locale: Locale) -> list[b.Block | None]:
    """Return the spread of each raw indicator; quartiles where enough units have one."""
    if not view.measures:
        return []
    enough = any(m.lower is not None for m in view.measures)
    quartile, best = [], []
    if enough:
        quartile = [b.ColumnHead(locale.text("Lower quartile"), "right")]
        quartile += [b.ColumnHead(locale.text("Upper quartile"), "right")]
        best = [b.ColumnHead(locale.text("Best quarter from"), "right", width=1.2)]
    heads = (
        b.ColumnHead(view.info.indicator_title, width=3.0),
        b.ColumnHead(noun_of(view.info).titles, "right"),
        b.ColumnHead(locale.text("Lowest"), "right"),
        *quartile[:1],
        b.ColumnHead(locale.text("Median"), "right"),
        *quartile[1:],
        b.ColumnHead(locale.text("Highest"), "right"),
        *best,
    )
    rows = []
    for m in view.measures[:MOST_LISTED]:
        known = (m.lowest, m.lower, m.median, m.upper, m.highest, m.best)
        values = _numbers(_readable(known if enough else (m.lowest, m.median, m.highest)), locale)
        count = b.cell(locale.integer(m.n), number=m.n)
        rows.append(b.Row((b.cell(measure_title(m, locale)), count, *values)))
    if not enough:
        return [b.Table(heads, tuple(rows))]
    note = locale.text(
        "The best quarter stands at the last value or beyond it: above, or below where less is "
        "better."
    )
    if not view.headline:
        note += f" {added_up_nowhere(locale)}"
    return [b.Table(heads, tuple(rows)), b.Paragraph(b.as_rich(note), "note")]


def everyone(view: CohortView, locale: Locale) -> list[b.Block | None]:
    """Return the values of every unit, in tables of the indicators of one group."""
    noun = noun_of(view.info)
    titles = {n.code: n.title for n in view.nodes}
    by_group: dict[str, list[CohortMeasure]] = {}
    for measure in alone(view):
        by_group.setdefault(measure.parent, []).append(measure)
    # One column is printed with one number of decimals.
    alike = {m.code: [r.values.get(m.code) for r in view.rows] for m in alone(view)}
    found: list[b.Block | None] = []
    for code, some in by_group.items():
        if len(by_group) > 1:
            found.append(b.Heading(titles.get(code, code), 3))
        for start in range(0, len(some), MOST_COLUMNS):
            part = some[start : start + MOST_COLUMNS]
            heads = (
                b.ColumnHead(noun.title, width=2.0),
                *(b.ColumnHead(measure_title(m, locale), "right", width=1.4) for m in part),
            )
            rows = tuple(
                b.Row(
                    (
                        b.cell(r.name),
                        *(_number(r.values.get(m.code), locale, *alike[m.code]) for m in part),
                    )
                )
                for r in view.rows
            )
            found.append(b.Table(heads, rows))
    return found


def changed(view: CohortView, locale: Locale) -> list[b.Block | None]:
    """Return the medians of all then and now beside those of the units measured both times."""
    some = [m for m in view.measures if m.then is not None or m.same is not None]
    if not some:
        return []
    moved = any(_joined_or_left(m) for m in some)
    noun, before, now = noun_of(view.info), view.baseline_title or "", view.wave_title
    heads = (
        b.ColumnHead(view.info.indicator_title, width=2.6),
        b.ColumnHead(locale.text("All, {wave}", wave=before), "right", width=1.1),
        b.ColumnHead(locale.text("All, {wave}", wave=now), "right", width=1.1),
        *(_heads_of_same(before, now, locale) if moved else ()),
        b.ColumnHead(locale.text("Rose"), "right", width=0.8),
        b.ColumnHead(locale.text("Fell"), "right", width=0.8),
    )
    rows = tuple(b.Row(_changed(m, locale, moved=moved)) for m in some[:MOST_LISTED])
    if not moved:
        return [b.Table(heads, rows)]
    note = noun.text(
        "Medians, with how many {nouns} in brackets. Some joined or left between the two "
        "measurements, and the median of all moves with them: the columns on the right keep to "
        "those measured both times."
    )
    return [b.Table(heads, rows), b.Paragraph(b.as_rich(note), "note")]


def _joined_or_left(measure: CohortMeasure) -> bool:
    """Return whether units have a value at one of the two measurements only."""
    then, same = measure.then, measure.same
    return then is None or same is None or not same.n == then[0] == measure.n


def _heads_of_same(before: str, now: str, locale: Locale) -> tuple[b.ColumnHead, ...]:
    """Return the heads of the columns that keep to the units measured both times."""
    return (
        b.ColumnHead(locale.text("Measured both times"), "right", width=1.1),
        b.ColumnHead(locale.text("Theirs, {wave}", wave=before), "right", width=1.1),
        b.ColumnHead(locale.text("Theirs, {wave}", wave=now), "right", width=1.1),
    )


def _changed(measure: CohortMeasure, locale: Locale, *, moved: bool) -> tuple[b.Cell, ...]:
    """Return the cells of one indicator then and now; ``moved`` if units joined or left."""
    then, same = measure.then, measure.same
    alike = _readable(
        (
            measure.median,
            then[1] if then else None,
            same.before if same else None,
            same.now if same else None,
        )
    )
    now, before, *theirs = alike
    cells = [b.cell(measure_title(measure, locale))]
    for n, value in ((then[0] if then else None, before), (measure.n, now)):
        text = plain_number(value, locale, *alike)
        cells.append(b.cell(text if n is None else f"{text} ({locale.integer(n)})", number=value))
    if same is None:
        return (*cells, *(b.cell(NO_VALUE) for _ in range(5)))
    if moved:
        cells += [b.cell(locale.integer(same.n), number=same.n)]
        cells += [_number(x, locale, *alike) for x in theirs]
    cells += [b.cell(locale.integer(n), number=n) for n in (same.rose, same.fell)]
    return tuple(cells)


def _readable(values: tuple[float | None, ...]) -> tuple[float | None, ...]:
    """Return statistics of one kind without decimals where the largest needs none to be read."""
    if max((abs(v) for v in values if v is not None), default=0.0) < WHOLE_FROM:
        return values
    return tuple(None if v is None else float(half_up(v, 0)) for v in values)


def measure_title(measure: CohortMeasure, locale: Locale) -> str:
    """Return the title of an indicator with its unit, and whether less is better."""
    title = titled(measure.code, measure.title)
    said = [measure.unit] if measure.unit else []
    said += [locale.text("less is better")] if measure.less_is_better else []
    return f"{title} ({', '.join(said)})" if said else title


def _numbers(values: tuple[float | None, ...], locale: Locale) -> list[b.Cell]:
    """Return numbers of one kind as cells, with the same decimals."""
    return [_number(value, locale, *values) for value in values]


def _number(value: float | None, locale: Locale, *beside: float | None) -> b.Cell:
    """Return a number as a cell, printed like those beside it; a dash for none."""
    return b.cell(plain_number(value, locale, *beside), number=value)
