"""A draft of a unit's roadmap to edit, made of what is closest to the next level in its report."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from workbench.display.municipality.common import yardstick
from workbench.display.municipality.gaps import to_answer
from workbench.display.municipality.next_steps import measures_below
from workbench.display.municipality.steps import (
    checklists,
    chosen,
    failing_gates,
    fair,
    lacking_text,
)
from workbench.display.parts import locale_of
from workbench.display.values import titled
from workbench.errors import DataError, Place, Problem, Reason
from workbench.language import Locale, Message
from workbench.specs.schema_files import FOLDER
from workbench.study import Study
from workbench.study.views import IndicatorView, UnitView

DRAFTS = "data/roadmaps"


@dataclass(frozen=True, slots=True)
class _Task:
    """A task of a draft."""

    id: str
    title: str
    note: str
    indicators: tuple[str, ...]
    after: tuple[str, ...] = ()


def write_draft(study: Study, unit: str, out: Path | None, most: int) -> Path:
    """Write a draft of a unit's roadmap to a new file and return its path.

    Parameters
    ----------
    study : Study
    unit : str
    out : Path or None
        In the folder of roadmaps that the study names if left out, else in ``data/roadmaps/STUDY``.
    most : int
        Most tasks of each kind: lists, measures, answers.

    Raises
    ------
    DataError
        If there is a file already, or no next step can be told from the data.
    """
    view = study.view(unit)
    text = draft(study, view, most)
    path = out or study.root / _default(study, view.code)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(_schema_line(study.root, path) + text)
    except FileExistsError as cause:
        what = Message("there is a file already, and nothing is ever overwritten")
        fix = Message("Edit it, or name another one by --out.")
        problem = Problem(Reason.FILE_NOT_WRITABLE, what, Place(str(out or path)), fix=fix)
        raise DataError(problem) from cause
    except OSError as cause:
        what = Message("the file can't be written: {detail}", detail=cause.strerror or str(cause))
        problem = Problem(Reason.FILE_NOT_WRITABLE, what, Place(str(path)))
        raise DataError(problem) from cause
    return path


def how_to_name(study: Study, unit: str, path: Path) -> Message:
    """Return what to do with a draft: edit it, and name it in the study."""
    named, shown = study.spec.roadmap, str(path)
    if path.resolve().is_relative_to(study.root):
        shown = path.resolve().relative_to(study.root).as_posix()
    inside = isinstance(named, str) and shown == f"{named.rstrip('/')}/{unit}.yml"
    if inside or (isinstance(named, dict) and named.get(unit) == shown):
        return Message("Edit it; the study names it already.")
    return Message(
        'Edit it, and name it in {study}: roadmap: {{"{unit}": {path}}}',
        study=study.path.name, unit=unit, path=shown,
    )  # fmt: skip


def _default(study: Study, unit: str) -> str:
    """Return where the roadmap of a unit belongs, as a path from the project folder."""
    named = study.spec.roadmap
    if isinstance(named, dict) and unit in named:
        return named[unit]
    return f"{named if isinstance(named, str) else f'{DRAFTS}/{study.spec.id}'}/{unit}.yml"


def _schema_line(root: Path, path: Path) -> str:
    """Return the first line, by which editors complete and check; empty outside of a project."""
    target = path.resolve()
    for schema in (root / "data/schemas/roadmap.json", FOLDER / "roadmap.json"):
        if schema.is_file() and schema.is_relative_to(root) and target.is_relative_to(root):
            way = os.path.relpath(schema, target.parent)
            return f"# yaml-language-server: $schema={Path(way).as_posix()}\n"
    return ""


def draft(study: Study, view: UnitView, most: int) -> str:
    """Return the draft as YAML.

    Raises
    ------
    DataError
        If no next step can be told from the data.
    """
    locale = locale_of(view.info)
    tasks = _tasks(view, most, locale)
    if not tasks:
        what = Message("the report of this unit lists no next step to begin with")
        fix = Message("Write the roadmap by hand; docs/how-to/roadmap.md shows its form.")
        raise DataError(Problem(Reason.NOTHING_OBSERVED, what, Place(view.code), fix=fix))
    title = locale.text("Roadmap of {name}", name=view.name)
    head = [*_comments(view, locale), f"unit: {_text(view.code)}", f"title: {_text(title)}"]
    if view.wave in study.builder.dated:
        head.append(f"baseline: {_text(view.wave)}")
    return "\n".join([*head, "tasks:", *(line for task in tasks for line in _lines(task))]) + "\n"


def _comments(view: UnitView, locale: Locale) -> list[str]:
    """Return the remarks at the head of a draft."""
    from babel.numbers import get_territory_currencies

    known = get_territory_currencies(locale.babel.territory) if locale.babel.territory else []
    said = (
        locale.text(
            "A draft from the report of {name}: what is closest to the next level, not what "
            "matters most.",
            name=view.name,
        ),
        locale.text(
            "Choose what serves people, and the level will follow: take tasks out, add others, "
            "join those that belong together."
        ),
        locale.text("Fill in who answers for it (an office), dates, cost and milestones, as in:"),
    )
    passed = _text(locale.text("passed by the council"))
    example = (
        f"  responsible: {_text(locale.text('Planning office'))}",
        "  start: 2026-02-02",
        "  end: 2026-04-30",
        f"  cost: {{amount: 45000, currency: {known[0] if known else 'USD'}}}",
        f"  milestones: [{{title: {passed}, date: 2026-03-27}}]",
    )
    states = locale.text(
        "status: planned, under_way, done or dropped; depends_on: ids of the tasks before it."
    )
    return [f"# {line}" for line in (*said, *example, states)]


def _lines(task: _Task) -> list[str]:
    """Return a task as lines of YAML; empty keys are there to be filled in."""
    codes = ", ".join(_text(code) for code in task.indicators)
    return [
        f"  - id: {task.id}",
        f"    title: {_text(task.title)}",
        f"    note: {_text(task.note)}",
        "    responsible:",
        "    start:",
        "    end:",
        "    cost:",
        "    milestones: []",
        f"    indicators: [{codes}]",
        f"    depends_on: [{', '.join(task.after)}]",
        "    status: planned",
    ]


def _text(text: str) -> str:
    """Return a text between quotes, as YAML and JSON both read it."""
    return json.dumps(text, ensure_ascii=False)


# -- tasks -----------------------------------------------------------------------------------------


def _tasks(view: UnitView, most: int, locale: Locale) -> list[_Task]:
    """Return the tasks: conditions that several indicators wait for, then what is closest.

    Measures that are read from the elements of other indicators are no tasks by themselves.
    """
    lists = chosen(view, checklists(view), most)
    measures = [i for i in measures_below(view) if not i.reads]
    answers = fair(view, to_answer(view), most)
    points = [i for i in view.indicators if _lost(i) > 0]
    points = sorted(points, key=lambda i: -_lost(i))[:most]
    found: list[_Task] = []
    waits: dict[str, str] = {}
    for condition, some in failing_gates(view).items():
        name = f"t{len(found) + 1}"
        codes = tuple(i.code for i in some)
        note = locale.text("without it the best level is not given")
        found.append(_Task(name, condition, note, codes))
        waits |= dict.fromkeys(codes, name)
    for indicator in (*lists, *fair(view, measures, most), *answers, *points):
        note = _note(view, indicator, locale)
        name, after = f"t{len(found) + 1}", waits.get(indicator.code)
        title = titled(indicator.code, indicator.title)
        after_all = (after,) if after else ()
        found.append(_Task(name, title, note, (indicator.code,), after_all))
    return found


def _lost(indicator: IndicatorView) -> float:
    """Return the points that an indicator lacks to its maximum."""
    if indicator.kind != "points" or indicator.full is None or indicator.value is None:
        return 0.0
    return indicator.full - indicator.value


def _note(view: UnitView, indicator: IndicatorView, locale: Locale) -> str:
    """Return what an indicator lacks, how often it is reviewed, and who is there already."""
    said = []
    if indicator.kind == "checklist":
        said.append(locale.text("lacking: {what}", what=lacking_text(indicator, locale)))
    elif indicator.beside.next_answers:
        answers = locale.text(" or ").join(indicator.beside.next_answers)
        said.append(locale.text("for the next level: {what}", what=answers))
    elif _lost(indicator):
        gap = locale.exact(_lost(indicator))
        said.append(locale.text("points to gain: {n}", n=gap))
    else:
        what = yardstick(view, indicator, locale)
        said.append(locale.text("for the next level: {what}", what=what))
    review = {
        "once": locale.text("reviewed once"),
        "annual": locale.text("reviewed every year"),
    }.get(indicator.review or "")
    said += [review] if review else []
    if indicator.peers_there:
        names = locale.listing(list(indicator.peers_there))
        said.append(locale.text("there already: {names}", names=names))
    return "; ".join(said)
