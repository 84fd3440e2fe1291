"""The roadmap of a unit as part of its view, and what a later measurement shows of it."""

from __future__ import annotations

from workbench.study.part import Part


class MilestoneView(Part):
    """A milestone: on a day in ISO form, or in a column; ``mark`` is the id of its mark."""

    title: str
    date: str | None
    period: int | None
    mark: str | None


class TaskView(Part):
    """A task; ``number`` is its place in the roadmap from 1, ``after`` those of tasks before it.

    ``start`` and ``end`` are days in ISO form, ``active`` columns of a calendar without days.
    """

    number: int
    title: str
    responsible: str
    start: str | None
    end: str | None
    active: tuple[int, ...]
    milestones: tuple[MilestoneView, ...]
    cost: float | None
    currency: str
    indicators: tuple[str, ...]
    after: tuple[int, ...]
    status: str
    note: str


class CarriedIndicator(Part):
    """An indicator of a task then and now.

    ``outcome`` is done (at its best level now), partly (better than then), not (no better), before
    (at its best level then already) or unknown. ``states`` name what stands in place of a level
    then and now; ``met`` holds what counts, elements or points, of ``full``.
    """

    code: str
    title: str
    scale: str | None
    then: str | None
    now: str | None
    states: tuple[str, str]
    met: tuple[float | None, float | None]
    full: float | None
    outcome: str


class CarriedTask(Part):
    """What the indicators of a task show.

    ``outcome`` is as of an indicator, or ahead where the task began after the measurement.
    """

    number: int
    indicators: tuple[CarriedIndicator, ...]
    outcome: str


class RoadmapView(Part):
    """The roadmap of a unit.

    ``periods`` are the columns of a printed calendar, ``marks`` their id, title and shape.
    ``carried`` is there where the unit was measured after the wave on which the roadmap rests.
    """

    title: str
    example: bool
    baseline: str | None
    source: str
    notes: tuple[str, ...]
    periods: tuple[str, ...]
    marks: tuple[tuple[str, str, str], ...]
    tasks: tuple[TaskView, ...]
    carried: tuple[CarriedTask, ...] = ()
