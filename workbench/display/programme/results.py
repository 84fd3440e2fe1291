"""Page one: how many benchmarks were met, which can't be told and why, and each of them."""

from __future__ import annotations

from collections import Counter

from workbench.display import blocks as b
from workbench.display import figures
from workbench.display.municipality.common import section
from workbench.display.parts import assumed_callout, chip_of, locale_of, sentence
from workbench.display.programme.change import printed_change
from workbench.display.programme.common import (
    is_met,
    status_chip,
    still_to_be_defined,
    why_not,
    with_benchmark,
)
from workbench.display.programme.stages import first_to_last
from workbench.display.style import level_chip
from workbench.display.values import plain_number, with_unit
from workbench.language import Locale, marked, marked_plural
from workbench.study.views import BenchmarkView, IndicatorView, UnitView


def results(view: UnitView) -> b.Section:
    """Return how many benchmarks were met, which can't be told and why, and all of them."""
    locale = locale_of(view.info)
    blocks: list[b.Block | None] = [b.Heading(locale.text("What came of it?"))]
    some = with_benchmark(view)
    if some:
        blocks += _counted(view, some, locale)
    else:
        blocks += _without_benchmarks(view, locale)
    blocks.append(assumed_callout(view.info, view.assumptions, locale))
    blocks += _table(view, some, locale) if some else []
    return section(view, blocks)


def _counted(view: UnitView, some: list[IndicatorView], locale: Locale) -> list[b.Block | None]:
    """Return the counts of benchmarks by status, and why some can't be told."""
    met = sum(is_met(view, i) for i in some)
    open_ = sum(still_to_be_defined(i) for i in some)
    one, many = (
        marked_plural(
            "**{name} met or exceeded {met} of its {n} benchmark.**",
            "**{name} met or exceeded {met} of its {n} benchmarks.**",
        )
        if met
        else marked_plural(
            "**{name} did not meet its benchmark.**",
            "**{name} met none of its {n} benchmarks.**",
        )
    )
    values = {"name": view.name, "met": locale.integer(met)}
    lead = locale.rich_count(one, many, len(some) - open_, **values)
    if open_:
        lead = (*lead, *_without(open_, locale))
    parts = _parts(view, some, locale)
    said = "; ".join(f"{chip.title}: {locale.integer(n)}" for chip, n in parts)
    heads = (b.ColumnHead(locale.text("Status")), b.ColumnHead(locale.text("Benchmarks"), "right"))
    rows = tuple(
        b.Row((b.cell(chip=chip), b.cell(locale.integer(n), number=n))) for chip, n in parts
    )
    found: list[b.Block | None] = [
        b.Paragraph(lead, "lead"),
        b.Figure(figures.counted(parts, locale), said, "", b.Table(heads, rows)),
    ]
    found += _untold([i for i in some if not i.level], locale)
    return found


def _without(n: int, locale: Locale) -> b.Rich:
    """Return how many indicators have no benchmark yet."""
    text = locale.count(
        "{n} more indicator has no benchmark.", "{n} more indicators have no benchmark.", n
    )
    return b.as_rich(f" {text}")


def _untold(some: list[IndicatorView], locale: Locale) -> list[b.Block | None]:
    """Return of which benchmarks it can't be told whether they were met, and why."""
    reasons = [(i.title, why_not(i, locale)) for i in some]
    if len(some) == 1:
        (title, why), *_ = reasons
        said = locale.rich(
            "Of one it can't be told whether it was met: **{title}** ({why}).", title=title, why=why
        )
        return [b.Paragraph(said)]
    text = locale.text("Of {n} it can't be told whether they were met:", n=len(some))
    items = tuple(
        locale.rich("**{title}**: {why}", title=title, why=sentence(why)) for title, why in reasons
    )
    return [b.Paragraph(b.as_rich(text)), b.Bullets(items)] if items else []


def _parts(view: UnitView, some: list[IndicatorView], locale: Locale) -> list[tuple[b.Chip, float]]:
    """Return how many benchmarks have each status, the best first; those without one last."""
    counts = Counter((i.scale, i.level) for i in some if i.level)
    parts = [
        (level_chip(level), float(counts[scale, level.id]))
        for scale, levels in view.info.scales.items()
        for level in reversed(levels)
        if counts[scale, level.id]
    ]
    chips = Counter(status_chip(view, i, locale) for i in some if not i.level)
    return [*parts, *((chip, float(n)) for chip, n in chips.items())]


def _without_benchmarks(view: UnitView, locale: Locale) -> list[b.Block | None]:
    """Return what there is instead of benchmarks: stages, changes, or figures."""
    leads = [first_to_last(pipeline, locale) for pipeline in view.pipelines]
    leads += [
        _changed(i, locale) for i in view.indicators if i.change and i.change.computed is not None
    ]
    text = locale.text(
        "The data hold no benchmarks, so nothing is said to be met or not. Results stand beside "
        "the numbers that they come from."
    )
    n = sum(1 for i in view.indicators if i.value is not None)
    if not leads:
        leads = [
            locale.rich_count("**{n} figure was measured.**", "**{n} figures were measured.**", n)
        ]
    return [*(b.Paragraph(x, "lead") for x in leads if x), b.Paragraph(b.as_rich(text))]


def _changed(indicator: IndicatorView, locale: Locale) -> b.Rich:
    """Return a change in one sentence."""
    change = indicator.change
    assert change is not None  # noqa: S101  # asked of changes only
    source = (
        marked("**{title}: {change}**, from {before} to {after}. The source prints {printed}.")
        if change.agrees is False
        else marked("**{title}: {change}**, from {before} to {after}.")
    )
    return locale.rich(
        source,
        printed=printed_change(change, locale),
        title=change.title,
        change=locale.percent(change.computed, 1, sign=True)
        if change.change_unit == "%"
        else locale.number(change.computed, 1, sign=True),
        before=plain_number(change.before, locale),
        after=with_unit(change.after, change.unit, locale),
    )


def _table(view: UnitView, some: list[IndicatorView], locale: Locale) -> list[b.Block | None]:
    """Return every benchmark beside its result, as printed, with attainment and status."""
    printed = any(i.benchmark and i.benchmark.printed for i in some)
    before = next((i.earlier.wave_title for i in some if i.earlier and i.earlier.level), "")
    heads = [
        b.ColumnHead(view.info.indicator_title, width=2.9),
        b.ColumnHead(_as_printed(locale.text("Benchmark"), printed, locale), width=2.1),
        b.ColumnHead(_as_printed(locale.text("Result"), printed, locale), width=2.2),
        b.ColumnHead(locale.text("Attainment"), "right", 0.8),
        b.ColumnHead(locale.text("Status"), width=1.5),
    ]
    if before:
        heads.append(b.ColumnHead(locale.text("Status in {wave}", wave=before), width=1.5))
    rows: list[b.Row] = []
    titles = {n.code: n.title for n in view.nodes}
    for parent in dict.fromkeys(i.parents[0] if i.parents else "" for i in some):
        inside = [i for i in some if (i.parents[0] if i.parents else "") == parent]
        if parent in titles:
            blank = (b.cell() for _ in heads[1:])
            rows.append(b.Row((b.cell(titles[parent]), *blank), strong=True))
        rows += [_row(view, i, locale, before=bool(before)) for i in inside]
    note = locale.text(
        "Attainment is the result divided by the benchmark. A dash stands where one of them is no "
        "number; of a yes or no there is only the status."
    )
    less = [i.title for i in some if i.benchmark and i.benchmark.less_is_better]
    if less:
        note += " " + locale.text(
            "Less is better, and attainment follows the formula of the instrument, in: {names}.",
            names="; ".join(less),
        )
    return [b.Table(tuple(heads), tuple(rows)), b.Paragraph(b.as_rich(note), "note")]


def _as_printed(title: str, printed: bool, locale: Locale) -> str:
    """Return the head of a column of texts that stand as their source prints them."""
    return locale.text("{title}, as printed", title=title) if printed else title


def _row(view: UnitView, indicator: IndicatorView, locale: Locale, *, before: bool) -> b.Row:
    """Return a benchmark as a row."""
    benchmark = indicator.benchmark
    assert benchmark is not None  # noqa: S101  # asked of benchmarks only
    value = None if benchmark.type == "yes_no" else indicator.value
    earlier = indicator.earlier.level if indicator.earlier else None
    then = chip_of(view.info, indicator.scale, earlier, "")
    return b.Row(
        (
            b.cell(indicator.title),
            b.cell(_wanted(benchmark, locale)),
            b.cell(_reached(benchmark, locale), number=benchmark.result),
            b.cell(locale.percent(value, 1), number=value),
            b.cell(chip=status_chip(view, indicator, locale)),
            *([b.cell("" if then else "–", chip=then)] if before else []),
        ),
        depth=1,
    )


def _wanted(benchmark: BenchmarkView, locale: Locale) -> str:
    """Return a benchmark as printed, else as its numbers."""
    if benchmark.printed:
        return benchmark.printed
    if benchmark.type == "to_be_defined":
        return locale.text("to be defined")
    if benchmark.type == "yes_no":
        return locale.text("yes")
    known = [x for x in benchmark.numbers if x is not None]
    return " + ".join(with_unit(x, benchmark.unit, locale) for x in known) or "–"


def _reached(benchmark: BenchmarkView, locale: Locale) -> str:
    """Return a result as printed, else as its number."""
    if benchmark.result_printed or benchmark.result is None:
        return benchmark.result_printed or "–"
    if benchmark.type == "yes_no":
        return locale.text("yes") if benchmark.result else locale.text("no")
    return with_unit(benchmark.result, benchmark.unit, locale)
