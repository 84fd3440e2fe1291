"""What is wrong in the file of a roadmap, all of it at once, each with its line.

The values are checked as they were written, because a file that the model refuses for one mistake
can hold others that are worth telling in the same breath.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from workbench.errors import Problem, Reason, did_you_mean
from workbench.language import Message
from workbench.specs.yaml import Document, Path_


@dataclass
class PlanChecker:
    """Finds what tasks say wrongly of each other, of the instrument and of the calendar.

    Parameters
    ----------
    document : Document
        The file as it was read.
    unit : str
        Unit for which the study names the file.
    units, waves, indicators : sequence of str
        Codes of the study and of its instrument.
    """

    document: Document
    unit: str
    units: Sequence[str]
    waves: Sequence[str]
    indicators: Sequence[str]
    found: list[Problem] = field(default_factory=list)

    def check(self) -> list[Problem]:
        """Return the problems."""
        top = self.document.value if isinstance(self.document.value, dict) else {}
        self._check_head(top)
        tasks = [(i, t) for i, t in enumerate(_listed(top.get("tasks"))) if isinstance(t, dict)]
        periods = len(_listed(top.get("periods")))
        marks = [m.get("id") for m in _listed(top.get("marks")) if isinstance(m, dict)]
        for index, task in tasks:
            self._check_calendar(task, ("tasks", index), periods)
            self._check_milestones(task, ("tasks", index), periods, marks)
            self._check_codes(task, ("tasks", index))
        self._check_order(tasks)
        return self.found

    def _report(
        self, what: Message, path: Path_, got: object = "", fix: Message | None = None,
        reason: Reason = Reason.SPEC_VALUE,
    ) -> None:  # fmt: skip
        """Take a problem at a place of the file."""
        place = self.document.place(path)
        self.found.append(Problem(reason, what, place, got=str(got), fix=fix))

    def _unknown(self, what: Message, path: Path_, got: str, known: Iterable[str]) -> None:
        """Take a name that nothing has."""
        self._report(what, path, got, did_you_mean(got, known), Reason.SPEC_REFERENCE)

    def _check_head(self, top: dict[str, Any]) -> None:
        """Report a unit that does not exist or is another's, and a wave that does not exist."""
        unit, wave = top.get("unit"), top.get("baseline")
        if isinstance(unit, str) and unit not in self.units:
            self._unknown(Message("there is no such unit"), ("unit",), unit, self.units)
        elif isinstance(unit, str) and unit != self.unit:
            what = Message("the study names this file for the unit {unit}", unit=self.unit)
            self._report(what, ("unit",), unit)
        if isinstance(wave, str) and wave not in self.waves:
            self._unknown(Message("the study has no such wave"), ("baseline",), wave, self.waves)

    def _check_calendar(self, task: dict[str, Any], path: Path_, periods: int) -> None:
        """Report days in the wrong order, half a pair of them, and columns that do not exist."""
        start, end = (_day(task.get(key)) for key in ("start", "end"))
        if start and end and end < start:
            what = Message("the task ends before it begins, on {start}", start=start.isoformat())
            self._report(what, (*path, "end"), end.isoformat())
        for key, other in (("start", "end"), ("end", "start")):
            if task.get(key) is not None and task.get(other) is None:
                what = Message("{key} is there without {other}", key=key, other=other)
                self._report(what, (*path, key), fix=Message("Give both, or none."))
        columns = [c for c in _listed(task.get("active")) if isinstance(c, int)]
        if columns and not periods:
            what = Message("the roadmap has no periods")
            fix = Message("Write start and end, or add the periods.")
            self._report(what, (*path, "active"), fix=fix)
        elif any(c > periods for c in columns):
            what = Message("columns go from 1 to {n}", n=periods)
            self._report(what, (*path, "active"), max(columns))
        if periods and (start or end):
            what = Message("the roadmap has periods: its tasks have columns and no days")
            fix = Message("Write active, or take the periods away.")
            self._report(what, (*path, "start" if start else "end"), fix=fix)

    def _check_milestones(
        self, task: dict[str, Any], path: Path_, periods: int, marks: list[Any]
    ) -> None:
        """Report milestones without a place in the calendar, and marks that do not exist."""
        for index, entry in enumerate(_listed(task.get("milestones"))):
            if not isinstance(entry, dict):
                continue
            place: Path_ = (*path, "milestones", index)
            key = "period" if periods else "date"
            if key not in entry:
                self._report(Message("the milestone has no {key}", key=key), place)
            other = "date" if periods else "period"
            if other in entry:
                what = Message("the milestone has a {key}, and the roadmap has none", key=other)
                self._report(what, (*place, other))
            column = entry.get("period")
            if isinstance(column, int) and periods and column > periods:
                what = Message("columns go from 1 to {n}", n=periods)
                self._report(what, (*place, "period"), column)
            mark = entry.get("mark")
            if isinstance(mark, str) and mark not in marks:
                known = [m for m in marks if isinstance(m, str)]
                self._unknown(
                    Message("the roadmap has no such mark"), (*place, "mark"), mark, known
                )
            if mark is None and "title" not in entry:
                what = Message("the milestone has neither title nor mark")
                self._report(what, place)

    def _check_codes(self, task: dict[str, Any], path: Path_) -> None:
        """Report indicators that the instrument does not have, and currencies that do not exist."""
        for index, code in enumerate(_listed(task.get("indicators"))):
            if isinstance(code, str) and code not in self.indicators:
                what = Message("the instrument has no such indicator")
                self._unknown(what, (*path, "indicators", index), code, self.indicators)
        cost = task.get("cost")
        currency = cost.get("currency") if isinstance(cost, dict) else None
        if isinstance(currency, str) and len(currency) == 3 and currency not in _currencies():
            what = Message("there is no such currency")
            fix = Message("Write its code of three letters, such as MXN or USD.")
            self._report(what, (*path, "cost", "currency"), currency, fix)

    # -- the order of the tasks -------------------------------------------------------------------

    def _check_order(self, tasks: list[tuple[int, dict[str, Any]]]) -> None:
        """Report ids that stand twice, tasks that wait for none, and circles of waiting."""
        places: dict[str, int] = {}
        for index, task in tasks:
            name = task.get("id")
            if not isinstance(name, str):
                continue
            if name in places:
                n = places[name] + 1
                what = Message("a task with this id stands above, at number {n}", n=n)
                fix = Message("Give each task an id of its own.")
                self._report(what, ("tasks", index, "id"), name, fix)
            places.setdefault(name, index)
        before: dict[str, list[str]] = {name: [] for name in places}
        for index, task in tasks:
            for step, name in enumerate(_listed(task.get("depends_on"))):
                if not isinstance(name, str):
                    continue
                if name not in places:
                    others = [p for p in places if p != task.get("id")]
                    path = ("tasks", index, "depends_on", step)
                    self._unknown(Message("the roadmap has no such task"), path, name, others)
                elif isinstance(task.get("id"), str):
                    before[task["id"]].append(name)
        for circle in circles(before):
            names = " → ".join([*circle, circle[0]])
            what = Message("these tasks wait for each other in a circle: {names}", names=names)
            self._report(what, ("tasks", places[circle[0]], "depends_on"))


def circles(before: dict[str, list[str]]) -> Iterator[list[str]]:
    """Yield the circles in which tasks wait for each other, each once, from its first task.

    Parameters
    ----------
    before : mapping of str to list of str
        Tasks for which each one waits, in the order of the file.

    Examples
    --------
    >>> list(circles({"a": ["b"], "b": ["c"], "c": ["b"], "d": ["d"]}))
    [['b', 'c'], ['d']]
    """
    done: set[str] = set()
    for first in before:
        way, waiting = [first], [iter(before[first])]
        while waiting and first not in done:
            name = next(waiting[-1], None)
            if name is None:
                waiting.pop()
                done.add(way.pop())
            elif name in way:
                circle = way[way.index(name) :]
                start = min(range(len(circle)), key=lambda i: list(before).index(circle[i]))
                yield circle[start:] + circle[:start]
            elif name not in done:
                way.append(name)
                waiting.append(iter(before[name]))


def _listed(value: Any) -> list[Any]:
    """Return a list as it was written; empty for anything else, which the model refuses."""
    return value if isinstance(value, list) else []


def _day(value: Any) -> dt.date | None:
    """Return a day as it was written; None for anything else."""
    try:
        return dt.date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


@lru_cache(maxsize=1)
def _currencies() -> frozenset[str]:
    """Return the codes of the currencies that Babel can write."""
    from babel.numbers import list_currencies

    return frozenset(list_currencies())
