"""Roadmaps of the units of a study: read, checked, and set beside what was measured later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.errors import DataError, Place, Problem, Reason, WorkbenchError, did_you_mean
from workbench.language import Message
from workbench.scoring.states import NO_LEVEL
from workbench.specs.roadmap import RoadmapSpec, RoadmapTask
from workbench.specs.yaml import is_file, missing_file, read_document, validate
from workbench.study.roadmap_checks import PlanChecker
from workbench.study.roadmap_views import (
    CarriedIndicator,
    CarriedTask,
    MilestoneView,
    RoadmapView,
    TaskView,
)
from workbench.study.views import rounded

if TYPE_CHECKING:
    from workbench.study.facade import Study
    from workbench.study.unit import UnitMaker

SUFFIX = ".yml"
WHOLE_DAY = len("2026-01-31")
# Kinds of which more is better by itself, whatever the level.
COUNTED = frozenset({"checklist", "points", "score"})


def roadmap_files(study: Study) -> dict[str, str]:
    """Return the file of each unit's roadmap by the unit's code, as paths from the project folder.

    Raises
    ------
    DataError
        If the study names a folder that is none, a file that is not there, or an unknown unit.
    """
    named = study.spec.roadmap
    if named is None:
        return {}
    if isinstance(named, dict):
        problems = [p for unit, file in named.items() for p in _wrong_entry(study, unit, file)]
        if problems:
            raise DataError(problems)
        return dict(named)
    folder, place = study.root / named, study.place("roadmap")
    if is_file(folder):
        what = Message("the roadmap of a study is a folder, or one file for each unit")
        fix = Message("Name the unit: roadmap: {{CODE: {file}}}.", file=named)
        raise DataError(Problem(Reason.SPEC_VALUE, what, place, got=named, fix=fix))
    if not folder.is_dir():
        fix = Message("Check the path.")
        what = Message("no such folder")
        raise DataError(Problem(Reason.FILE_MISSING, what, place, got=named, fix=fix))
    return _files_of_folder(study, folder, named)


def _wrong_entry(study: Study, unit: str, file: str) -> list[Problem]:
    """Return what is wrong with one entry of the mapping."""
    place, path = study.place("roadmap", unit), study.root / file
    if unit not in study.units.index:
        what, known = Message("there is no such unit"), [str(u) for u in study.units.index]
        return [Problem(Reason.UNIT_UNKNOWN, what, place, got=unit, fix=did_you_mean(unit, known))]
    return [] if is_file(path) else [replace(missing_file(path, place), got=file)]


def _files_of_folder(study: Study, folder: Path, name: str) -> dict[str, str]:
    """Return the files of a folder, of which each is called after a unit."""
    known = [str(u) for u in study.units.index]
    found, problems = {}, []
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        file = f"{name.rstrip('/')}/{path.name}"
        if path.stem in known:
            found[path.stem] = file
            continue
        what = Message("the file of a roadmap is called after its unit, and there is none of this")
        fix = did_you_mean(path.stem, known)
        place = Place(file)
        problems.append(Problem(Reason.UNIT_UNKNOWN, what, place, got=path.stem, fix=fix))
    if problems:
        raise DataError(problems)
    return found


def read_roadmaps(study: Study) -> dict[str, RoadmapSpec]:
    """Return the roadmaps of a study by unit.

    Raises
    ------
    DataError
        With everything that is wrong in any of the files.
    """
    found: dict[str, RoadmapSpec] = {}
    problems: list[Problem] = []
    for unit, name in roadmap_files(study).items():
        try:
            found[unit] = read_roadmap(study, unit, name)
        except WorkbenchError as error:
            problems += error.problems
    if problems:
        raise DataError(problems)
    return found


def read_roadmap(study: Study, unit: str, name: str) -> RoadmapSpec:
    """Return the roadmap of one unit.

    Parameters
    ----------
    study : Study
    unit : str
    name : str
        Path from the project folder.

    Raises
    ------
    DataError
        With everything that is wrong in the file, in its order.
    """
    document = read_document(study.root / name, name)
    units = [str(u) for u in study.units.index]
    waves = [w.id for w in study.spec.waves]
    problems: list[Problem] = []
    spec = None
    try:
        spec = validate(document, RoadmapSpec)
    except WorkbenchError as error:
        problems += error.problems
    problems += PlanChecker(document, unit, units, waves, study.instrument.indicators).check()
    if spec is None or problems:
        raise DataError(sorted(problems, key=lambda p: p.place.line or 0))
    return spec


# -- views -----------------------------------------------------------------------------------------


def roadmap_view(maker: UnitMaker) -> RoadmapView | None:
    """Return the roadmap of a unit with what was carried out, None where the study has none."""
    b = maker.builder
    spec = b.study.roadmaps.get(maker.code)
    if spec is None:
        return None
    numbers = {task.id: n for n, task in enumerate(spec.tasks, 1)}
    return RoadmapView(
        title=spec.title.in_(b.locale),
        example=spec.example,
        baseline=b.wave_title(spec.baseline) if spec.baseline else None,
        source=spec.source or "",
        notes=tuple(note.in_(b.locale) for note in spec.notes),
        periods=tuple(p.label.in_(b.locale) if p.label else "" for p in spec.periods),
        marks=tuple((m.id, m.title.in_(b.locale), m.shape) for m in spec.marks),
        tasks=tuple(_task(task, numbers, b.locale) for task in spec.tasks),
        carried=_carried(maker, spec),
    )


def _task(task: RoadmapTask, numbers: Mapping[str, int], locale: str) -> TaskView:
    """Return a task."""
    return TaskView(
        number=numbers[task.id],
        title=task.title.in_(locale),
        responsible=task.responsible.in_(locale) if task.responsible else "",
        start=task.start.isoformat() if task.start else None,
        end=task.end.isoformat() if task.end else None,
        active=task.active,
        milestones=tuple(
            MilestoneView(
                title=m.title.in_(locale) if m.title else "",
                date=m.date.isoformat() if m.date else None,
                period=m.period,
                mark=m.mark,
            )
            for m in task.milestones
        ),
        cost=task.cost.amount if task.cost else None,
        currency=task.cost.currency if task.cost else "",
        indicators=task.indicators,
        after=tuple(sorted(numbers[name] for name in task.depends_on)),
        status=task.status,
        note=task.note.in_(locale) if task.note else "",
    )


def _carried(maker: UnitMaker, spec: RoadmapSpec) -> tuple[CarriedTask, ...]:
    """Return what was carried out, if the unit was measured after the baseline."""
    dated = maker.builder.dated
    if spec.baseline not in dated or maker.wave not in dated:
        return ()
    if dated.index(maker.wave) <= dated.index(spec.baseline):
        return ()
    found = []
    for number, task in enumerate(spec.tasks, 1):
        some = tuple(_indicator(maker, code, spec.baseline) for code in task.indicators)
        outcome = outcome_of_task([i.outcome for i in some])
        day = maker.builder.wave_date(maker.wave) or ""
        if task.start is not None and len(day) == WHOLE_DAY and task.start.isoformat() > day:
            outcome = "ahead"
        found.append(CarriedTask(number=number, indicators=some, outcome=outcome))
    return tuple(found)


def _indicator(maker: UnitMaker, code: str, baseline: str) -> CarriedIndicator:
    """Return an indicator at the baseline and in the wave of the view."""
    b = maker.builder
    node, place, ids = b.instrument.nodes[code], b.cases.place[code], b.fixed.levels[code]
    cases = (maker.cases.get(baseline), maker.cases[maker.wave])
    then, now = (NO_LEVEL if case is None else case.level[place] for case in cases)
    counts = node.kind in COUNTED
    met = [None if c is None or not counts else rounded(c.value[place]) for c in cases]
    full = rounded(maker.cases[maker.wave].full[place]) if counts else None
    best = len(ids) - 2
    if best < 0:  # no levels: the whole of the points stands for the best
        outcome = outcome_of_points(met[0], met[1], full)
    else:
        more = met[0] is not None and met[1] is not None and met[1] > met[0]
        outcome = outcome_of_levels(then, now, best, more=more)
    return CarriedIndicator(
        code=code,
        title=b.instrument.title(code, b.locale),
        scale=node.scale,
        then=ids[then],
        now=ids[now],
        states=(_state(maker, code, baseline), _state(maker, code, maker.wave)),
        met=(met[0], met[1]),
        full=full,
        outcome=outcome,
    )


def _state(maker: UnitMaker, code: str, wave: str) -> str:
    """Return what stands in place of a level in a wave; empty for nothing."""
    case = maker.cases.get(wave)
    if case is None:
        return ""
    return maker.state_title(code, wave, case.state[maker.builder.cases.place[code]]) or ""


def outcome_of_levels(then: int, now: int, best: int, *, more: bool) -> str:
    """Return what levels then and now show.

    Parameters
    ----------
    then, now, best : int
        Places in the scale; below 0 where there is none.
    more : bool
        Whether more elements are met, or more points reached, than then.
    """
    if now < 0 or (then < 0 and now < best):
        return "unknown"
    if now == best:
        return "before" if then == best else "done"
    return "partly" if now > then or (now == then and more) else "not"


def outcome_of_points(then: float | None, now: float | None, full: float | None) -> str:
    """Return what points then and now show, where there are no levels."""
    if then is None or now is None or full is None:
        return "unknown"
    if now >= full:
        return "before" if then >= full else "done"
    return "partly" if now > then else "not"


def outcome_of_task(outcomes: list[str]) -> str:
    """Return what the indicators of a task show together.

    Those that were at their best level before show nothing of it. Where one can't be told, neither
    can it be told that all is done, nor that nothing is.
    """
    some = {outcome for outcome in outcomes if outcome != "before"}
    if not some:
        return "before" if outcomes else "unknown"
    if some & {"done", "partly"}:
        return "done" if some == {"done"} else "partly"
    return "not" if some == {"not"} else "unknown"
