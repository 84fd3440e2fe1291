"""The roadmap of a unit: tasks on a calendar, who answers for them, what they cost and serve.

A task has dates, or, where a printed roadmap has columns without dates, the columns in which it
runs. What the tasks of a file say of each other is checked where it is read, with the instrument.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field

from workbench.specs.common import Code, Id, Spec, Text
from workbench.specs.rendering import UnitCode

Column = Annotated[int, Field(ge=1)]
TaskStatus = Literal["planned", "under_way", "done", "dropped"]


class Money(Spec):
    """An amount and its currency."""

    amount: float = Field(ge=0)
    currency: str = Field(pattern=r"^[A-Z]{3}$", description="Code of ISO 4217: MXN, USD")


class RoadmapMark(Spec):
    """A mark on the roadmap and its meaning."""

    id: Id
    title: Text
    shape: Literal["star", "triangle", "diamond", "circle"]


class RoadmapPeriod(Spec):
    """One column of a printed calendar."""

    label: Text | None = None


class RoadmapMilestone(Spec):
    """What shows that a task goes on: something to look at on a day."""

    title: Text | None = None
    date: dt.date | None = None
    period: Column | None = Field(default=None, description="Column of the periods, from 1")
    mark: Id | None = Field(default=None, description="One of the marks; a diamond if left out")


class RoadmapTask(Spec):
    """A task: when it runs, who answers for it, what it costs, which indicators it serves."""

    id: Id
    title: Text
    responsible: Text | None = Field(default=None, description="Office that answers for it")
    start: dt.date | None = Field(default=None, description="First day; with end")
    end: dt.date | None = Field(default=None, description="Last day; with start")
    active: tuple[Column, ...] = Field(
        default=(), description="Columns of the periods in which it runs, from 1"
    )
    milestones: tuple[RoadmapMilestone, ...] = ()
    cost: Money | None = None
    indicators: tuple[Code, ...] = Field(default=(), description="Codes of indicators it serves")
    depends_on: tuple[Id, ...] = Field(default=(), description="Tasks that come before it, by id")
    status: TaskStatus = Field(
        default="planned", description="As the unit says; the next measurement says the rest"
    )
    note: Text | None = None


class RoadmapSpec(Spec):
    """A roadmap: the tasks of one unit."""

    unit: UnitCode = Field(description="Code of the unit whose roadmap it is")
    title: Text
    example: bool = Field(default=False, description="Made up, and marked so in the report")
    baseline: str | None = Field(
        default=None,
        description="Wave on which it rests: later reports set the levels of the linked indicators "
        "then and now side by side",
    )
    source: str | None = None
    notes: tuple[Text, ...] = ()
    periods: tuple[RoadmapPeriod, ...] = Field(
        default=(), description="Columns of a printed calendar without dates"
    )
    marks: tuple[RoadmapMark, ...] = ()
    tasks: tuple[RoadmapTask, ...] = Field(min_length=1)
