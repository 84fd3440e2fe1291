"""The roadmap as a Gantt chart: a row a task, its time as a bar, milestones as marks."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from workbench.display.blocks import Chip
from workbench.display.marks import (
    Key,
    Rows,
    bare_axes,
    label_row,
    legend,
    legend_height,
    points_per_x,
    points_per_y,
    rows_of,
)
from workbench.display.sheet import Axes, Sheet, sketch
from workbench.display.style import ACCENT, FAINT, INK, MUTED, PEER
from workbench.display.svg import SIZE, Canvas, widest
from workbench.language import Locale
from workbench.study.roadmap_views import MilestoneView, RoadmapView, TaskView

MARKERS = {"star": "*", "triangle": "^", "diamond": "D", "circle": "o"}
SIZES = {"*": 13.0, "D": 9.0}
STEPS = (1, 2, 3, 6, 12, 24, 60, 120)  # months from one head of the calendar to the next
HEAD = 0.3
BARS: dict[str, dict[str, Any]] = {
    "planned": {"color": "white", "edgecolor": ACCENT},
    "under_way": {"color": PEER, "edgecolor": ACCENT},
    "done": {"color": ACCENT, "edgecolor": ACCENT},
    "dropped": {"color": "white", "edgecolor": MUTED, "hatch": "////"},
}


@dataclass(frozen=True, slots=True)
class Calendar:
    """The horizontal axis: its ends, and its heads with a line under each.

    Parameters
    ----------
    low, high : float
        Columns from 0, or days as Python counts them.
    heads : tuple of (place, upper text, lower text)
    """

    low: float
    high: float
    heads: tuple[tuple[float, str, str], ...]

    def bars(self, task: TaskView) -> list[tuple[float, float]]:
        """Return left end and width of the bars of a task."""
        if task.start is not None and task.end is not None:
            start, end = _day(task.start), _day(task.end) + 1
            return [(start, max(end - start, (self.high - self.low) * 0.008))]
        return [(c - 1.0, 1.0) for c in task.active]

    def place(self, milestone: MilestoneView) -> float | None:
        """Return where a milestone stands."""
        if milestone.date is not None:
            return _day(milestone.date) + 0.5
        return None if milestone.period is None else milestone.period - 0.5


def drawn_tasks(plan: RoadmapView) -> tuple[TaskView, ...]:
    """Return the tasks that have a place in the calendar."""
    return tuple(
        t for t in plan.tasks
        if t.start or t.active or any(m.date or m.period for m in t.milestones)
    )  # fmt: skip


@sketch
def roadmap(
    canvas: Canvas, plan: RoadmapView, words: dict[str, str], day: str | None, locale: Locale
) -> Sheet:
    """Return the roadmap.

    Parameters
    ----------
    canvas : Canvas
    plan : RoadmapView
        With at least one task that has a place in the calendar.
    words : mapping of str to str
        What the legend calls each status, a ``milestone``, and the ``day``.
    day : str or None
        A day in ISO form that is marked by a line, if it lies within the calendar.
    locale : Locale
    """
    tasks = drawn_tasks(plan)
    rows = rows_of(canvas, [f"{t.number}. {t.title}" for t in tasks], bar=0.19, most=3.0)
    inches = canvas.width - rows.left - 0.15
    calendar = _columns(plan) if plan.periods else _days(plan, inches, locale)
    now = None if day is None or plan.periods else _day(day) + 0.5
    now = now if now is not None and calendar.low < now < calendar.high else None
    told = any(t.status != "planned" for t in tasks)
    keys = _keys(plan, tasks, words, told=told, now=now is not None)
    head = HEAD + 0.16 * any(upper for _, upper, _ in calendar.heads)
    figure = Sheet(canvas.width, head + rows.height + legend_height(canvas, keys, rows.left) + 0.05)
    axes = bare_axes(figure, (rows.left, head, inches, rows.height))
    axes.axis("off")
    axes.set(xlim=(calendar.low, calendar.high), ylim=(len(tasks), 0))
    _grid(axes, rows, calendar)
    if now is not None:
        for low, high in _beside(rows):
            axes.plot([now, now], [low, high], color=INK, lw=1.2, zorder=1.5)
    for index, task in enumerate(tasks):
        label_row(axes, rows, index)
        _task(axes, rows, index, task, plan, calendar, told=told)
    if not canvas.narrow:  # labels stand above the bars of a phone, and arrows would cross them
        _order(axes, rows, tasks, calendar)
    legend(canvas, figure, head + rows.height, keys, rows.left)
    return figure


def _beside(rows: Rows) -> list[tuple[float, float]]:
    """Return where a line across the rows is drawn: not through labels that stand above bars."""
    n = len(rows.labels)
    if not rows.above:
        return [(0.0, float(n))]
    half = rows.thick / 2 * 1.3
    return [(i + rows.middle - half, i + rows.middle + half) for i in range(n)]


def _grid(axes: Axes, rows: Rows, calendar: Calendar) -> None:
    """Draw the heads of the calendar, their lines, and those between the tasks."""
    n = len(rows.labels)
    for place, upper, lower in calendar.heads:
        axes.plot([place, place], [0, n], color=FAINT, lw=0.6, zorder=1)
        style = {"ha": "left", "va": "bottom", "fontsize": SIZE - 0.5, "color": MUTED}
        axes.text(place, 0, lower, dx=2, dy=-3, **style)
        if upper:
            axes.text(place, 0, upper, dx=2, dy=-14, **(style | {"fontweight": "semibold"}))
    for index in range(n + 1):
        axes.plot([calendar.low, calendar.high], [index, index], color=FAINT, lw=0.6, zorder=1)


def _task(
    axes: Axes, rows: Rows, index: int, task: TaskView, plan: RoadmapView, calendar: Calendar, *,
    told: bool,
) -> None:  # fmt: skip
    """Draw the time and the milestones of a task."""
    y = index + rows.middle
    style = BARS[task.status] if told else {"color": PEER, "edgecolor": "white", "linewidth": 0.4}
    for left, width in calendar.bars(task):
        axes.barh([y], [width], left=left, height=rows.thick, zorder=2, **style)
        if "hatch" in style:  # a pattern has no edge of its own
            axes.barh([y], [width], left=left, height=rows.thick, zorder=2, color="none",
                      edgecolor=MUTED)  # fmt: skip
    shapes = {name: MARKERS[shape] for name, _, shape in plan.marks}
    for milestone in task.milestones:
        place = calendar.place(milestone)
        if place is not None:
            marker = shapes.get(milestone.mark or "", "D")
            axes.plot([place], [y], marker=marker, color=ACCENT, markeredgecolor="white", zorder=4,
                      markersize=SIZES.get(marker, 10.0), linestyle="none")  # fmt: skip


def _order(axes: Axes, rows: Rows, tasks: tuple[TaskView, ...], calendar: Calendar) -> None:
    """Draw an arrow from each task to those that wait for it: along, then up or down."""
    at = {task.number: index for index, task in enumerate(tasks)}
    inset, gap = 4 / points_per_x(axes), 1 / points_per_y(axes)
    half = rows.thick / 2
    for index, task in enumerate(tasks):
        own = calendar.bars(task)
        for number in task.after:
            other = at.get(number)
            before = [] if other is None else calendar.bars(tasks[other])
            if other is None or not own or not before:
                continue
            down = 1 if index > other else -1
            x, end = own[0][0] + inset, before[-1][0] + before[-1][1]
            y = other + rows.middle
            if end < x:
                axes.plot([end, x], [y, y], color=MUTED, lw=1.0, zorder=1.8)
            else:
                y += down * half
            target = index + rows.middle - down * (half + gap)
            axes.arrow((x, y), (x, target), color=MUTED, lw=1.0, shrink=(0, 0))


def _keys(
    plan: RoadmapView, tasks: tuple[TaskView, ...], words: dict[str, str], *, told: bool, now: bool
) -> list[Key]:
    """Return the keys: states of tasks, marks, and the line of a day."""
    keys: list[Key] = []
    for status, style in BARS.items():
        if told and any(t.status == status for t in tasks):
            keys.append((_box(style), words[status]))
    plain = {"color": ACCENT, "linestyle": "none"}
    if any(not m.mark for t in tasks for m in t.milestones):
        keys.append((plain | {"marker": "D", "markersize": 7}, words["milestone"]))
    keys += [(plain | {"marker": MARKERS[s], "markersize": 8}, t) for _, t, s in plan.marks]
    if now:
        line = {"marker": "|", "color": INK, "markersize": 9, "markeredgewidth": 1.2}
        keys.append((line | {"linestyle": "none"}, words["day"]))
    return keys


def _box(style: dict[str, Any]) -> dict[str, Any]:
    """Return how a legend draws a bar."""
    if "hatch" in style:
        return {"chip": Chip("", "white", "hatch")}
    face, edge = style["color"], style["edgecolor"]
    return {"marker": "s", "markersize": 8, "color": face, "markeredgecolor": edge,
            "linestyle": "none"}  # fmt: skip


# -- calendars -------------------------------------------------------------------------------------


def _columns(plan: RoadmapView) -> Calendar:
    """Return the calendar of a printed roadmap, in columns."""
    heads = tuple((float(i), "", label) for i, label in enumerate(plan.periods))
    return Calendar(0.0, float(len(plan.periods)), heads)


def _days(plan: RoadmapView, inches: float, locale: Locale) -> Calendar:
    """Return the calendar of the days of a roadmap, in whole months."""
    days = sorted(dt.date.fromisoformat(text) for text in days_of(plan))
    first, last = _months(days[0]), _months(days[-1]) + 1
    names = [locale.month(_first_day(m)) for m in range(first, first + 12)]
    fits = max(inches / (widest(names, SIZE - 0.5) + 0.1), 1)
    step = next((s for s in STEPS if (last - first) / s <= fits), STEPS[-1])
    heads, year = [], None
    for month in range(first, last, step):
        day = _first_day(month)
        upper = "" if day.year == year else str(day.year)
        heads.append((float(day.toordinal()), upper, names[(month - first) % 12]))
        year = day.year
    ends = (_first_day(first).toordinal(), _first_day(last).toordinal())
    return Calendar(float(ends[0]), float(ends[1]), tuple(heads))


def days_of(plan: RoadmapView) -> list[str]:
    """Return every day that a roadmap names, in ISO form, in order."""
    found = [d for t in plan.tasks for d in (t.start, t.end, *(m.date for m in t.milestones))]
    return sorted(d for d in found if d is not None)


def _months(day: dt.date) -> int:
    """Return a month as a number."""
    return day.year * 12 + day.month - 1


def _first_day(month: int) -> dt.date:
    """Return the first day of a month."""
    return dt.date(month // 12, month % 12 + 1, 1)


def _day(iso: str) -> float:
    """Return a day as a number."""
    return float(dt.date.fromisoformat(iso).toordinal())
