"""The roadmap: its tasks on a calendar, and what a later measurement shows of them."""

from __future__ import annotations

import datetime as dt

from workbench.display import blocks as b
from workbench.display import figures
from workbench.display.parts import chip_of, locale_of, noun_of
from workbench.display.roadmap_figure import days_of, drawn_tasks
from workbench.display.values import plain_number, titled
from workbench.language import Locale, Span
from workbench.study.roadmap_views import CarriedIndicator, CarriedTask, RoadmapView, TaskView
from workbench.study.views import UnitView


def roadmap_blocks(view: UnitView) -> list[b.Block | None]:
    """Return the roadmap of a unit; that there is none, where there is none."""
    locale, noun = locale_of(view.info), noun_of(view.info)
    plan = view.roadmap
    if plan is None:
        text = noun.text("No calendar: the study has no roadmap of this {noun}.")
        return [b.Paragraph(b.as_rich(text), "note")]
    found: list[b.Block | None] = [b.Heading(plan.title, 3)]
    if plan.example:
        text = locale.text(
            "This roadmap is made up, as an example: its tasks, offices, dates and costs."
        )
        found.append(b.Paragraph(b.as_rich(text), "note"))
    if not plan.periods:
        found.append(b.Paragraph(_in_short(plan, locale)))
    found += _drawn(view, plan, locale)
    found += [b.Paragraph(b.as_rich(text), "note") for text in _remarks(plan, locale)]
    found += [b.Paragraph(b.as_rich(note), "note") for note in plan.notes]
    return found + _carried(view, plan, locale)


def status_words(locale: Locale) -> dict[str, str]:
    """Return what the states of a task are called."""
    return {
        "planned": locale.text("Planned"),
        "under_way": locale.text("Under way"),
        "done": locale.text("Done"),
        "dropped": locale.text("Dropped"),
    }


def total_cost(plan: RoadmapView, locale: Locale) -> str:
    """Return the sum of the costs that are given, one for each currency; empty for none.

    Tasks that were dropped cost nothing more.
    """
    sums: dict[str, float] = {}
    for task in plan.tasks:
        if task.cost is not None and task.status != "dropped":
            sums[task.currency] = sums.get(task.currency, 0.0) + task.cost
    return locale.listing([locale.money(x, currency) for currency, x in sums.items()])


def _in_short(plan: RoadmapView, locale: Locale) -> b.Rich:
    """Return the roadmap in a sentence or two: tasks, days, cost."""
    n, days = len(plan.tasks), days_of(plan)
    said = locale.rich_count("**{n} task**", "**{n} tasks**", n)
    if days:
        first, last = (_day(d, locale) for d in (days[0], days[-1]))
        dates = locale.text("from {first} to {last}", first=first, last=last)
        said = (*said, *b.as_rich(f", {dates}"))
    priced = [t for t in plan.tasks if t.cost is not None and t.status != "dropped"]
    live = [t for t in plan.tasks if t.status != "dropped"]
    if priced:
        cost = total_cost(plan, locale)
        text = (
            locale.text("They cost {cost}.", cost=cost)
            if len(priced) == len(live)
            else locale.count(
                "The cost of {n} task is given: {cost}.",
                "The costs of {n} tasks are given: {cost}.",
                len(priced),
                cost=cost,
            )
        )
        return (*said, *b.as_rich(f". {text}"))
    return (*said, *b.as_rich(". " + locale.text("No cost is given.")))


# -- the picture and its table ---------------------------------------------------------------------


def _drawn(view: UnitView, plan: RoadmapView, locale: Locale) -> list[b.Block | None]:
    """Return the roadmap as a picture, and its tasks as a table.

    The data of a picture are not printed; the tasks, with offices and costs, are.
    """
    if plan.periods:
        return [_figure(view, plan, _periods_table(plan, locale), locale)]
    drawn = _figure(view, plan, _days_table(plan, locale), locale) if drawn_tasks(plan) else None
    return [drawn, _table(view, plan, locale)]


def _figure(view: UnitView, plan: RoadmapView, table: b.Table, locale: Locale) -> b.Figure:
    """Return the picture."""
    words = status_words(locale) | {
        "milestone": locale.text("Milestone"),
        "day": locale.text("Date of this report"),
    }
    svg = figures.roadmap(plan, words, view.info.date, locale)
    return b.Figure(svg, _alt(plan, locale), plan.source, table)


def _alt(plan: RoadmapView, locale: Locale) -> str:
    """Return what the picture shows in words: how many tasks, from when to when, at what cost."""
    said = [locale.count("Roadmap with {n} task", "Roadmap with {n} tasks", len(plan.tasks))]
    days = days_of(plan)
    if days:
        first, last = (_day(d, locale) for d in (days[0], days[-1]))
        said.append(locale.text("from {first} to {last}", first=first, last=last))
    marks = sum(len(t.milestones) for t in plan.tasks)
    if marks:
        said.append(locale.count("{n} milestone", "{n} milestones", marks))
    for status, word in status_words(locale).items():
        n = sum(t.status == status for t in plan.tasks)
        if n and status != "planned":
            said.append(f"{word} {locale.integer(n)}")
    cost = total_cost(plan, locale)
    if cost:
        said.append(locale.text("cost {cost}", cost=cost))
    return ", ".join(said)


def _table(view: UnitView, plan: RoadmapView, locale: Locale) -> b.Table:
    """Return the tasks with who answers for them, when, at what cost, and how far they are."""
    costs = any(t.cost is not None for t in plan.tasks)
    offices = any(t.responsible for t in plan.tasks)
    words = status_words(locale)
    heads = [
        b.ColumnHead(locale.text("Task"), width=3.2),
        *([b.ColumnHead(locale.text("Who answers for it"), width=1.5)] if offices else []),
        b.ColumnHead(locale.text("When"), width=2.6),
        *([b.ColumnHead(locale.text("Cost"), "right", width=1.6)] if costs else []),
        b.ColumnHead(locale.text("State, as told"), width=1.1),
    ]
    rows = tuple(
        b.Row(
            (
                b.cell(_what(view, task, locale)),
                *([b.cell(task.responsible or "–")] if offices else []),
                b.cell(_when(task, locale)),
                *([_cost_cell(task, locale)] if costs else []),
                b.cell(words[task.status]),
            )
        )
        for task in plan.tasks
    )
    return b.Table(tuple(heads), rows)


def _what(view: UnitView, task: TaskView, locale: Locale) -> b.Rich:
    """Return a task with its indicators, what comes before it, and its note."""
    said = []
    if task.indicators:
        many = len(task.indicators) > 1
        title = view.info.indicator_plural if many else view.info.indicator_title
        said.append(f"{title}: {', '.join(task.indicators)}")
    if task.after:
        numbers = locale.listing([locale.integer(n) for n in task.after])
        said.append(locale.text("after {tasks}", tasks=numbers))
    if task.note:
        said.append(task.note)
    rest = f" ({'; '.join(said)})" if said else ""
    return (Span(f"{task.number}. {task.title}", strong=True), Span(rest))


def _when(task: TaskView, locale: Locale) -> str:
    """Return the days of a task and of its milestones."""
    said = []
    if task.start and task.end:
        days = [_day(d, locale) for d in dict.fromkeys((task.start, task.end))]
        said.append(" – ".join(days))
    for milestone in task.milestones:
        day = f"◆\N{NO-BREAK SPACE}{_day(milestone.date, locale)}" if milestone.date else "◆"
        said.append(f"{day}: {milestone.title}" if milestone.title else day)
    return "; ".join(said) or locale.text("no date yet")


def _day(iso: str, locale: Locale) -> str:
    """Return a day in short words that no line breaks."""
    return locale.day(dt.date.fromisoformat(iso)).replace(" ", "\N{NO-BREAK SPACE}")


def _cost_cell(task: TaskView, locale: Locale) -> b.Cell:
    """Return what a task costs."""
    if task.cost is None:
        return b.cell(locale.text("not given"))
    return b.cell(locale.money(task.cost, task.currency), number=task.cost)


def _days_table(plan: RoadmapView, locale: Locale) -> b.Table:
    """Return the days that the picture shows."""

    def day(iso: str | None) -> b.Cell:
        return b.cell(_day(iso, locale) if iso else "–")

    words = status_words(locale)
    heads = (
        b.ColumnHead(locale.text("Task"), width=2.6),
        b.ColumnHead(locale.text("Start")),
        b.ColumnHead(locale.text("End")),
        b.ColumnHead(locale.text("Milestones"), width=1.6),
        b.ColumnHead(locale.text("State, as told")),
    )
    rows = tuple(
        b.Row(
            (
                b.cell(f"{task.number}. {task.title}"),
                day(task.start),
                day(task.end),
                b.cell("; ".join(day(m.date).plain() for m in task.milestones) or "–"),
                b.cell(words[task.status]),
            )
        )
        for task in drawn_tasks(plan)
    )
    return b.Table(heads, rows)


def _periods_table(plan: RoadmapView, locale: Locale) -> b.Table:
    """Return the tasks of a printed calendar by its columns."""
    titles = {name: title for name, title, _ in plan.marks}
    heads = (
        b.ColumnHead(locale.text("Task"), width=2.6),
        b.ColumnHead(locale.text("Columns")),
        b.ColumnHead(locale.text("Marks")),
    )
    rows = tuple(
        b.Row(
            (
                b.cell(f"{task.number}. {task.title}"),
                b.cell(", ".join(map(str, task.active)) or "–"),
                b.cell(
                    ", ".join(
                        f"{m.period}: {titles.get(m.mark or '', m.title)}" for m in task.milestones
                    )
                    or "–"
                ),
            )
        )
        for task in plan.tasks
    )
    return b.Table(heads, rows)


def _remarks(plan: RoadmapView, locale: Locale) -> list[str]:
    """Return what of a roadmap is not drawn, and which tasks begin before their turn."""
    said = []
    away = len(plan.tasks) - len(drawn_tasks(plan))
    if away:
        text = locale.count(
            "{n} task has no date yet, so it is not drawn.",
            "{n} tasks have no date yet, so they are not drawn.",
            away,
        )
        said.append(text)
    by_number = {t.number: t for t in plan.tasks}
    for task in plan.tasks:
        for number in task.after:
            end = by_number[number].end
            if task.start and end and task.start <= end:
                text = locale.text(
                    "Task {later} begins before task {earlier} ends, on which it depends.",
                    later=locale.integer(task.number),
                    earlier=locale.integer(number),
                )
                said.append(text)
    return said


# -- what was carried out --------------------------------------------------------------------------


def outcome_words(locale: Locale) -> dict[str, str]:
    """Return what the outcomes of tasks and indicators are called."""
    return {
        "done": locale.text("done"),
        "partly": locale.text("partly"),
        "not": locale.text("not done"),
        "before": locale.text("was there before"),
        "ahead": locale.text("had not begun"),
        "unknown": locale.text("cannot be told"),
    }


def _carried(view: UnitView, plan: RoadmapView, locale: Locale) -> list[b.Block | None]:
    """Return what the measurement of the view shows of the tasks."""
    if plan.baseline is None:
        return []
    title = locale.text("What was carried out")
    if not plan.carried:
        text = locale.text(
            "The roadmap rests on the measurement {wave}. The next measurement will show what was "
            "carried out.",
            wave=plan.baseline,
        )
        return [b.Paragraph(b.as_rich(text), "note")]
    words = outcome_words(locale)
    counts = [
        f"{word} ({locale.integer(n)})"
        for outcome, word in words.items()
        if (n := sum(t.outcome == outcome for t in plan.carried))
    ]
    said = locale.rich(
        "**Of {tasks}, by the levels of their indicators: {counts}.**",
        tasks=locale.count("{n} task", "{n} tasks", len(plan.carried)),
        counts=locale.listing(counts),
    )
    heads = (
        b.ColumnHead(locale.text("Task, and its indicators"), width=3.4),
        b.ColumnHead(plan.baseline, width=1.6),
        b.ColumnHead(view.wave_title, width=1.6),
        b.ColumnHead(locale.text("What they show"), width=1.3),
    )
    states = status_words(locale)
    titles = {t.number: f"{t.title} – {states[t.status]}" for t in plan.tasks}
    rows = [
        row for task in plan.carried for row in _carried_rows(view, task, titles, words, locale)
    ]
    note = locale.text(
        "Done: at the best level now, and below it then. Partly: a better level, or more elements "
        "met. Not done: neither. A level says what is there, not whether the task brought it about."
    )
    return [
        b.Heading(title, 3),
        b.Paragraph(said),
        b.Table(heads, tuple(rows)),
        b.Paragraph(b.as_rich(note), "note"),
    ]


def _carried_rows(
    view: UnitView,
    task: CarriedTask,
    titles: dict[int, str],
    words: dict[str, str],
    locale: Locale,
) -> list[b.Row]:
    """Return the row of a task and those of its indicators."""
    outcome = words[task.outcome]
    if not task.indicators:
        outcome += " " + locale.text("(no indicator is linked)")
    head = b.cell(f"{task.number}. {titles[task.number]}")
    rows = [b.Row((head, b.cell(), b.cell(), b.cell(outcome)), strong=True)]
    for indicator in task.indicators:
        cells = (
            b.cell(titled(indicator.code, indicator.title)),
            _level_cell(view, indicator, 0, locale),
            _level_cell(view, indicator, 1, locale),
            b.cell(words[indicator.outcome]),
        )
        rows.append(b.Row(cells, depth=1))
    return rows


def _level_cell(view: UnitView, indicator: CarriedIndicator, at: int, locale: Locale) -> b.Cell:
    """Return the level of an indicator then (0) or now (1), with what counts of it."""
    level, met = (indicator.then, indicator.now)[at], indicator.met[at]
    count = ""
    if met is not None and indicator.full is not None:
        numbers = {"met": plain_number(met, locale), "n": plain_number(indicator.full, locale)}
        count = locale.text("{met} of {n}", **numbers).replace(" ", "\N{NO-BREAK SPACE}")
    if level is None:
        return b.cell(count or indicator.states[at] or locale.text("not known"))
    return b.cell(count, chip=chip_of(view.info, indicator.scale, level, ""))
