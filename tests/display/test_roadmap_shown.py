"""The roadmap in a municipal report: picture, tasks, what was carried out, and what is closest."""

from __future__ import annotations

import datetime as dt
import re
import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.display.test_figures import NAMES, texts, width_of
from workbench.display import blocks as b
from workbench.display import municipality
from workbench.display.municipality.roadmap import roadmap_blocks, status_words, total_cost
from workbench.display.municipality.steps import checklists, lacking_text, missing_steps
from workbench.display.roadmap_figure import roadmap
from workbench.language import as_locale
from workbench.study import Study
from workbench.study.roadmap_views import RoadmapView, TaskView
from workbench.study.views import UnitView

LOCALE = as_locale("es-MX")
WORDS = status_words(LOCALE) | {"milestone": "Hito", "day": "Fecha"}


@pytest.fixture(scope="module")
def view(ejemplo: Study) -> UnitView:
    return ejemplo.view("99001")


def plan_of(view: UnitView) -> RoadmapView:
    assert view.roadmap is not None
    return view.roadmap


def with_tasks(plan: RoadmapView, **changes: Any) -> RoadmapView:
    """Return a roadmap whose tasks are all changed alike."""
    return plan.model_copy(
        update={"tasks": tuple(t.model_copy(update=changes) for t in plan.tasks)}
    )


def said(view: UnitView) -> str:
    return "\n".join(x.plain() for x in roadmap_blocks(view) if x is not None)


def test_the_picture_states_its_main_numbers_and_has_its_data(view: UnitView) -> None:
    figure = next(x for x in roadmap_blocks(view) if isinstance(x, b.Figure))
    alt = figure.alt.replace("\N{NO-BREAK SPACE}", " ")
    assert alt.startswith("Hoja de ruta con 6 tareas, del 3 feb 2025 al 30 oct 2026, 7 hitos")
    assert alt.endswith("costo $3,955,000")  # without the task that was dropped
    assert figure.table is not None
    assert [len(r.cells) for r in figure.table.rows] == [5] * 6
    words = [t for t, _, _ in texts(figure.svg)]
    assert {
        "Por iniciar",
        "En curso",
        "Terminada",
        "Cancelada",
        "Hito",
        "Fecha de este informe",
    } <= set(words)
    assert {"2025", "2026"} <= set(words)


def test_bars_stand_where_their_days_are(view: UnitView) -> None:
    """A task of all of 2025 in a calendar of 2025 fills it; one of June has the width of June."""
    first = plan_of(view).tasks[0].model_copy(update={"milestones": (), "after": ()})
    year = first.model_copy(update={"start": "2025-01-01", "end": "2025-12-31"})
    june = first.model_copy(update={"start": "2025-06-01", "end": "2025-06-30"})
    plan = plan_of(view).model_copy(update={"tasks": (year, june)})
    svg = roadmap(plan, WORDS, None, LOCALE)
    bars = [
        float(r.attrib["width"])
        for r in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}rect")
    ]
    assert bars[1] / bars[0] == pytest.approx(30 / 365, abs=1e-3)


@pytest.mark.parametrize("name", [n for n in NAMES if n != "cjk"])
def test_nothing_is_cut_off_at_the_edges(view: UnitView, name: str) -> None:
    plan = with_tasks(plan_of(view), title=NAMES[name])
    made = roadmap(plan, WORDS, "2026-01-15", LOCALE)
    for svg in (made, made.narrow):
        for text, left, right in texts(svg):
            assert left >= -0.5, text
            assert right <= width_of(svg) + 0.5, text


@pytest.mark.parametrize(
    ("start", "end"),
    [("2025-01-31", "2025-01-31"), ("2025-01-01", "2025-03-02"), ("2024-05-01", "2031-09-30"), ("1990-01-01", "2090-12-31")],
)  # fmt: skip
def test_heads_of_the_calendar_do_not_overlap(view: UnitView, start: str, end: str) -> None:
    plan = with_tasks(plan_of(view), start=start, end=end, milestones=(), after=())
    made = roadmap(plan, WORDS, None, LOCALE)
    months = {LOCALE.month(dt.date(2025, m, 1)) for m in range(1, 13)}
    for svg in (made, made.narrow):
        heads = sorted((left, right) for text, left, right in texts(svg) if text in months)
        years = sorted(
            (left, right) for text, left, right in texts(svg) if re.fullmatch(r"\d{4}", text)
        )
        assert heads
        for row in (heads, years):
            assert all(a[1] <= c[0] for a, c in pairwise(row))


def test_money_is_never_added_across_currencies(view: UnitView) -> None:
    plan = plan_of(view)
    tasks = (
        plan.tasks[0].model_copy(update={"cost": 1000.0, "currency": "USD"}),
        *plan.tasks[1:],
    )
    both = plan.model_copy(update={"tasks": tasks})
    assert total_cost(both, LOCALE) == "USD\N{NO-BREAK SPACE}1,000 y $3,475,000"
    assert total_cost(both, as_locale("en")) == "$1,000 and MX$3,475,000"
    assert total_cost(with_tasks(plan, cost=None), LOCALE) == ""


def test_tasks_without_dates_are_told_and_not_drawn(view: UnitView) -> None:
    bare: dict[str, Any] = {"start": None, "end": None, "milestones": ()}
    plan = with_tasks(plan_of(view), **bare)
    some = roadmap_blocks(view.model_copy(update={"roadmap": plan}))
    assert not any(isinstance(x, b.Figure) for x in some)
    assert any(isinstance(x, b.Table) for x in some)
    text = said(view.model_copy(update={"roadmap": plan}))
    assert "6 tareas aún no tienen fecha y no se dibujan." in text
    assert "aún sin fecha" in text


def test_a_task_that_begins_before_its_turn_is_told(view: UnitView) -> None:
    plan = plan_of(view)
    early = plan.tasks[1].model_copy(update={"start": "2025-05-01"})
    moved = plan.model_copy(update={"tasks": (plan.tasks[0], early, *plan.tasks[2:])})
    text = "La tarea 2 empieza antes de que termine la 1, de la que depende."
    assert text not in said(view)
    assert text in said(view.model_copy(update={"roadmap": moved}))


def test_what_was_carried_out_is_told_without_a_cause(view: UnitView) -> None:
    text = said(view).replace("\N{NO-BREAK SPACE}", " ")
    assert (
        "De 6 tareas, según los niveles de sus indicadores: cumplida (2), en parte (2), sin cumplir (1) y no se puede saber (1)."
        in text
    )
    assert "En proceso 4 de 6 | Óptimo 6 de 6 | cumplida" in text
    assert "No medible | no se puede saber" in text
    assert "El nivel dice lo que hay, no si la tarea lo produjo." in text


def test_before_the_next_wave_it_is_said_when_it_will_show(view: UnitView) -> None:
    plan = plan_of(view).model_copy(update={"carried": ()})
    text = said(view.model_copy(update={"roadmap": plan}))
    assert "parte de la medición 2025. La siguiente medición mostrará lo que se cumplió." in text


def test_a_printed_calendar_keeps_its_columns_and_marks(root: Path) -> None:
    view = Study.open(root / "params/migestion-ejemplo.yml", locale="en").view("ejemplo")
    figure = next(x for x in roadmap_blocks(view) if isinstance(x, b.Figure))
    assert figure.alt == "Roadmap with 8 tasks, 3 milestones"
    assert figure.table is not None
    rows = [[c.plain() for c in r.cells] for r in figure.table.rows]
    assert rows[1] == ["2. Process re-engineering", "3, 4", "5: Star (not explained)"]
    assert rows[5][2] == "12: Triangle (not explained)"
    text = said(view)
    assert "Planned" not in text  # the source says nothing of how far the tasks are
    assert "no year is printed" in text


# -- closest to green ------------------------------------------------------------------------------


def test_a_list_held_back_by_a_condition_alone_is_among_the_next_steps(view: UnitView) -> None:
    code = "6.5.1"
    full = tuple(
        i.model_copy(update={"lacking": (), "needed": None}) if i.code == code else i
        for i in view.indicators
    )
    found = {i.code: i for i in checklists(view.model_copy(update={"indicators": full}))}
    assert missing_steps(found[code]) == 1
    text = lacking_text(found[code], LOCALE)
    assert (
        text
        == "una condición: La unidad responsable de juventud está en el organigrama y tiene manual"
    )


def test_a_list_that_asks_for_what_is_not_measurable_is_left_out(view: UnitView) -> None:
    code = "4.2.1"
    some = tuple(
        i.model_copy(update={"needed": 4, "lacking": i.lacking[:2]}) if i.code == code else i
        for i in view.indicators
    )
    changed = view.model_copy(update={"indicators": some})
    assert code in {i.code for i in checklists(view)}
    assert code not in {i.code for i in checklists(changed)}
    text = repr(municipality.next_steps(changed))
    assert "Se deja fuera 1 lista, porque pide elementos que aquí no son medibles (4.2.1 " in text


def test_what_depends_on_what_is_told(view: UnitView) -> None:
    text = repr(municipality.next_steps(view))
    assert "tiene manual: sin ello no se alcanza el mejor nivel en 6.5.1" in text
    assert "1.2.4 Índice de Planeación Municipal se llena con 1.2.1" in text
    assert "3.1.4 Índice de Planeación Urbana se llena con" not in text  # at its best level


def test_the_list_names_the_tasks_that_serve_it_with_their_cost(view: UnitView) -> None:
    plan = plan_of(view)
    task = plan.tasks[1].model_copy(update={"indicators": ("1.1.2",)})
    short = plan.model_copy(update={"tasks": (plan.tasks[0], task), "carried": ()})
    changed = view.model_copy(update={"roadmap": short})
    table = next(x for x in municipality.next_steps(changed).blocks if isinstance(x, b.Table))
    assert table.columns[-1].title == "En la hoja de ruta"
    cells = {r.cells[0].plain(): r.cells[-1].plain() for r in table.rows}
    assert cells["1.1.2 Manuales de Organización"] == "tarea 2 ($65,000)"
    assert set(cells.values()) == {"tarea 2 ($65,000)", "–"}


def test_a_view_of_a_task_holds_what_a_person_wrote(view: UnitView) -> None:
    hostile = '<script>alert("x")</script> & "co"'
    task: TaskView = plan_of(view).tasks[0].model_copy(update={"title": hostile})
    plan = plan_of(view).model_copy(update={"tasks": (task,)})
    made = roadmap(plan, WORDS, None, LOCALE)
    assert "<script" not in made
    assert "<script" not in made.narrow
