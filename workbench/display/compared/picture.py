"""The picture of a comparison: slopes of a change, intervals of estimates, paths around a start."""

from __future__ import annotations

from collections import Counter

import pandas as pd

from workbench.display import blocks as b
from workbench.display.compared.common import PAIRS, ComparedView, between, number, pair_title
from workbench.display.compared_figures import Estimate, Slope, events, forest, slopes
from workbench.display.values import NO_VALUE, decimals_of
from workbench.language import Locale
from workbench.stats import Result
from workbench.study.compare import Answer

HIGHEST = 60


def picture(view: ComparedView) -> b.Section:
    """Return the picture that fits the question; empty where nothing could be compared."""
    told = [a for a in view.found.answers if a.result.refusal is None]
    if not told:
        return view.section([])
    match view.found.question:
        case "change":
            return view.section([_slopes(view)])
        case "programme":
            return view.section([_programme(view, told[0])])
        case "groups":
            return view.section([_groups(view, told[0])])
    return view.section(_by_unit(view, [a for a in told if not a.beside]))


# -- change ----------------------------------------------------------------------------------------


def _slopes(view: ComparedView) -> b.Figure | None:
    """Return the result of each unit in the first and the last wave."""
    node, (first, last) = view.main[0].node, (view.found.waves[0], view.found.waves[-1])
    scale, data = view.data.scale(node), view.data
    read = {"level": data.level_numbers, "yes_no": data.met}.get(scale, data.scores)
    both = pd.DataFrame({"before": read(node, first), "after": read(node, last)}).dropna()
    if both.empty:
        return None
    waves = view.wave_title(first), view.wave_title(last)
    if scale == "number":
        return _slopes_of_numbers(view, both, waves)
    return _slopes_of_levels(view, both, waves, _steps(view, node, scale))


def _steps(view: ComparedView, node: str, scale: str) -> list[str]:
    """Return the titles of levels, or of no and yes."""
    levels = view.data.instrument.levels_of(node)
    if scale == "yes_no" and len(levels) != 2:
        return [view.locale.text("no"), view.locale.text("yes")]
    language = view.study.instrument.spec.language
    return [level.title.in_(view.study.locale.tag, language) for level in levels]


def _slopes_of_numbers(view: ComparedView, both: pd.DataFrame, waves: tuple[str, str]) -> b.Figure:
    """Return a line for each unit, and that of the mean or the median."""
    locale, main = view.locale, view.main[0].result
    on_average = main.question == "mean_change"
    ends = both.mean() if on_average else both.median()
    name = locale.text("Mean") if on_average else locale.text("Median")
    middle = Slope(float(ends["before"]), float(ends["after"]))
    some = [Slope(float(x), float(y)) for x, y in zip(both["before"], both["after"], strict=True)]
    drawn = slopes(some, (name, middle), waves, (), locale)
    digits = max(view.data.decimals(view.main[0].node), 1)
    alt = locale.text(
        "{name} of {n}: {before} in {first}, {after} in {last}",
        name=name,
        n=locale.integer(len(both)),
        before=locale.number(middle.before, digits),
        after=locale.number(middle.after, digits),
        first=waves[0],
        last=waves[1],
    )
    return b.Figure(drawn, alt, "", _units_table(view, both, waves, digits))


def _units_table(
    view: ComparedView, both: pd.DataFrame, waves: tuple[str, str], digits: int
) -> b.Table:
    """Return the numbers of each unit, the largest rise first; the highest where they are many."""
    locale, names = view.locale, view.study.names
    both = both.assign(change=both["after"] - both["before"])
    both = both.sort_values("change", ascending=False, kind="stable")
    left_out = len(both) - HIGHEST
    heads = (
        b.ColumnHead(view.info.unit_noun.one.capitalize(), width=2.4),
        b.ColumnHead(waves[0], "right"),
        b.ColumnHead(waves[1], "right"),
        b.ColumnHead(locale.text("Change"), "right"),
    )
    rows = tuple(
        b.Row(
            (
                b.cell(str(names.get(unit, unit))),
                b.cell(locale.number(row["before"], digits), number=row["before"]),
                b.cell(locale.number(row["after"], digits), number=row["after"]),
                b.cell(locale.number(row["change"], digits, sign=True), number=row["change"]),
            )
        )
        for unit, row in both.head(HIGHEST).iterrows()
    )
    caption = ""
    if left_out > 0:
        caption = locale.text(
            "The {n} with the highest change, of {all}.",
            n=locale.integer(HIGHEST),
            all=locale.integer(len(both)),
        )
    return b.Table(heads, rows, caption)


def _slopes_of_levels(
    view: ComparedView, both: pd.DataFrame, waves: tuple[str, str], steps: list[str]
) -> b.Figure:
    """Return a line for each way between levels, as wide as the units that went it are many."""
    locale = view.locale
    ways = Counter((int(x), int(y)) for x, y in zip(both["before"], both["after"], strict=True))
    some = [Slope(x, y, n) for (x, y), n in sorted(ways.items())]
    drawn = slopes(some, None, waves, steps, locale)
    heads = (
        b.ColumnHead(waves[0], width=2.0),
        b.ColumnHead(waves[1], width=2.0),
        b.ColumnHead(locale.text("Cases"), "right"),
    )
    rows = tuple(
        b.Row((b.cell(steps[x]), b.cell(steps[y]), b.cell(locale.integer(n), number=n)))
        for (x, y), n in sorted(ways.items())
    )
    alt = locale.text(
        "{up} rose, {down} fell, {same} did not change",
        up=locale.integer(sum(n for (x, y), n in ways.items() if y > x)),
        down=locale.integer(sum(n for (x, y), n in ways.items() if y < x)),
        same=locale.integer(sum(n for (x, y), n in ways.items() if y == x)),
    )
    return b.Figure(drawn, alt, "", b.Table(heads, rows))


# -- estimates with intervals ----------------------------------------------------------------------


def _by_unit(view: ComparedView, some: list[Answer]) -> list[b.Block | None]:
    """Return the estimates of several nodes, a picture for each unit in which they are counted."""
    found: list[b.Block | None] = []
    units = dict.fromkeys((a.result.unit, view.unit_of(a)) for a in some)
    for kind, unit in units:
        own = [a for a in some if (a.result.unit, view.unit_of(a)) == (kind, unit)]
        rows = [_estimate(a.result, view.title(a.node)) for a in own if a.result.interval]
        rows = [r for r in rows if r.value == r.value]
        if rows:
            found.append(
                _forest(rows, unit, max((a.result for a in own), key=_digits), view.locale)
            )
    return found


def _digits(result: Result) -> int:
    """Return the decimals of a result."""
    return result.decimals


def _estimate(result: Result, title: str) -> Estimate:
    """Return the estimate of a result."""
    low, high = (
        (result.interval.low, result.interval.high) if result.interval else (float("nan"),) * 2
    )
    value = float("nan") if result.estimate is None else float(result.estimate)
    return Estimate(title, value, low, high)


def _forest(rows: list[Estimate], unit: str, like: Result, locale: Locale) -> b.Figure:
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
    table = b.Table(heads, tuple(_forest_row(r, like, locale) for r in rows))
    alt = "; ".join(f"{r.title}: {write(r.value)}" for r in rows)
    return b.Figure(drawn, alt, _hollow(rows, locale), table)


def _range_of(rows: list[Estimate]) -> tuple[float, ...]:
    """Return the estimates, for the decimals of all of them."""
    return tuple(round(r.value, 3) for r in rows)


def _forest_row(row: Estimate, like: Result, locale: Locale) -> b.Row:
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


def _groups(view: ComparedView, answer: Answer) -> b.Figure | None:
    """Return the differences of every two groups, or of the two that there are."""
    locale, result = view.locale, answer.result
    pairs = result.tables.get(PAIRS)
    if pairs is None:
        if result.interval is None:
            return None
        title = locale.text("Difference of two groups")
        return _forest([_estimate(result, title)], view.unit_of(answer), result, locale)
    rows = [
        Estimate(
            pair_title(pair, locale),
            float(pair["diff_b_minus_a"]),
            float(pair["ci_low"]),
            float(pair["ci_high"]),
        )
        for _, pair in pairs.iterrows()
    ]
    return _forest(rows, view.unit_of_node(answer.node), result, locale)


# -- programme -------------------------------------------------------------------------------------


def _programme(view: ComparedView, answer: Answer) -> b.Figure | None:
    """Return the distance of participants and others around the start, or the one estimate."""
    result, locale = answer.result, view.locale
    if "by_wave" in result.tables:
        some, reference = _by_wave(view, result)
    elif "dynamic" in result.tables:
        some, reference = _by_step(result, locale), ""
    elif result.interval is not None:
        title = locale.text("Participants less the others")
        return _forest([_estimate(result, title)], view.unit_of(answer), result, locale)
    else:
        return None
    unit = view.unit_of(answer)
    drawn = events(some, reference, unit, lambda x: locale.number(x, result.decimals), locale)
    heads = (
        b.ColumnHead(locale.text("When"), width=2.0),
        b.ColumnHead(locale.text("Distance"), "right"),
        b.ColumnHead(locale.text("Interval"), "right", 1.6),
    )
    rows = tuple(
        b.Row((b.cell(e.title), b.cell("0"), b.cell(NO_VALUE)))
        if e.title == reference
        else _forest_row(e, result, locale)
        for e in some
    )
    alt = "; ".join(f"{e.title}: {number(result, e.value, locale)}" for e in some)
    text = locale.text(
        "Distance between participants and others, less that before the start. Were both on like "
        "paths before, the dots before the start lie near zero."
    )
    return b.Figure(drawn, alt, text, b.Table(heads, rows))


def _by_wave(view: ComparedView, result: Result) -> tuple[list[Estimate], str]:
    """Return the distances by wave in order of time, with the wave of reference."""
    table = result.tables["by_wave"]
    known = {str(wave): row for wave, row in table.iterrows()}
    some, reference = [], ""
    for wave in view.found.waves:
        title = view.wave_title(wave)
        if wave in known:
            row = known[wave]
            ends = float(row["coef"]), float(row["ci_low"]), float(row["ci_high"])
            some.append(Estimate(title, *ends, after=bool(row["after"])))
        else:
            reference = title
            some.append(Estimate(title, 0.0, 0.0, 0.0, after=False))
    return some, reference


def _by_step(result: Result, locale: Locale) -> list[Estimate]:
    """Return the average effects by the number of waves since each unit's start."""
    table = result.tables["dynamic"].sort_values("e")
    columns = ("e", "att", "ci_low", "ci_high")
    return [
        Estimate(
            locale.number(step, 0, sign=True), float(value), float(low), float(high), step >= 0
        )
        for step, value, low, high in zip(*(table[c] for c in columns), strict=True)
    ]
