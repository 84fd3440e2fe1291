"""What a result is made of, and all indicators at a glance: sums that are true, marks told apart."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.display.test_figures import texts, width_of
from workbench.display import blocks as b
from workbench.display import municipality
from workbench.display.municipality.overview import indicators_at_a_glance, made_of_blocks
from workbench.display.overview_figures import marks_of_indicators, waterfall
from workbench.language import as_locale
from workbench.study import Study

LOCALE = as_locale("es-MX")


@pytest.mark.parametrize(
    "name",
    [
        "gdm-ejemplo",
        "gdm-slp-2025",
        "certeza-ejemplo",
        "transparencia-31-ejemplo",
        "icma-resultados",
    ],
)
def test_what_parts_add_is_the_result(root: Path, name: str) -> None:
    study = Study.open(root / f"params/{name}.yml")
    drawn = 0
    for unit in study.observed_units():
        view = study.view(unit)
        for node in view.headline:
            parts = view.made_of.get(node.code, ())
            drawn += bool(parts)
            if parts:
                away = 0.5 * 10.0**-node.decimals + 1e-6  # a reported result is printed rounded
                assert sum(p.adds for p in parts) == pytest.approx(node.score, abs=away)
                assert all(p.most is None or p.adds <= p.most + 1e-9 for p in parts)
    assert drawn


def test_shares_are_counted_by_hand(ejemplo: Study) -> None:
    """46 of 106 measurable indicators: Hacienda has 13 of them, of 17 measurable."""
    parts = {p.code: p for p in ejemplo.view("99001").made_of["total"]}
    assert parts["2"].adds == pytest.approx(100 * 13 / 106)
    assert parts["2"].most == pytest.approx(100 * 17 / 106)


@pytest.mark.parametrize("name", ["gopi-ejemplo", "migestion-ejemplo", "pefa-subnacional-ejemplo"])
def test_what_is_no_known_sum_is_not_told(root: Path, name: str) -> None:
    study = Study.open(root / f"params/{name}.yml")
    view = study.view(study.observed_units()[0])
    assert view.made_of == {}
    assert made_of_blocks(view, LOCALE) == []


def test_the_steps_state_their_main_number(ejemplo: Study) -> None:
    figure = next(
        x for x in made_of_blocks(ejemplo.view("99001"), LOCALE) if isinstance(x, b.Figure)
    )
    assert figure.alt == "Resultado municipal: 43.4%; lo que más aporta es Hacienda, 12.3%"
    assert figure.table is not None
    assert figure.table.rows[-1].cells[1].plain() == "43.4%"


def test_a_result_of_nothing_has_no_steps(ejemplo: Study) -> None:
    view = ejemplo.view("99001")
    parts = tuple(p.model_copy(update={"adds": 0.0}) for p in view.made_of["total"])
    assert made_of_blocks(view.model_copy(update={"made_of": {"total": parts}}), LOCALE) == []


def test_every_indicator_has_one_mark_and_its_code(ejemplo: Study) -> None:
    view = ejemplo.view("99001")
    figure = next(x for x in indicators_at_a_glance(view, LOCALE) if isinstance(x, b.Figure))
    assert figure.alt.startswith("115 indicadores por área: Óptimo 46, En proceso 55, Rezago 3")
    codes = [t for t, _, _ in texts(figure.svg) if re.fullmatch(r"\d\.\d\.\d+", t)]
    assert sorted(codes) == sorted(i.code for i in view.indicators)
    assert figure.table is not None
    assert sum(c.number or 0 for r in figure.table.rows for c in r.cells[1:]) == 115


def test_rows_of_few_marks_are_left_to_the_table(root: Path) -> None:
    """PEFA has one to four dimensions in each of its 31 indicators: a page of lonely marks."""
    study = Study.open(root / "params/pefa-subnacional-ejemplo.yml")
    view = study.view("99001")
    assert len([i for i in view.indicators if i.level]) > 31
    assert indicators_at_a_glance(view, study.locale) == []


def test_levels_that_would_look_alike_are_not_drawn(
    ejemplo: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "workbench.display.municipality.overview.indicator_chip",
        lambda view, i: b.Chip(f"Nivel {len(i.code)}", "green", "circle"),
    )
    assert indicators_at_a_glance(ejemplo.view("99001"), LOCALE) == []


def test_nothing_is_cut_off_at_the_edges(ejemplo: Study) -> None:
    view = ejemplo.view("99001")
    node = view.headline[0].model_copy(update={"title": "Resultado " * 30})
    long = tuple(p.model_copy(update={"title": "X" * 200}) for p in view.made_of["total"])
    step = waterfall(node, long, ("a", "b"), LOCALE)
    chip = b.Chip("Óptimo", "green", "circle")
    for code in ("4.4.10", "un_codigo_muy_largo"):
        marks = marks_of_indicators([("Área " * 40, [(code, chip)] * 50)], [(chip, "Óptimo 50")])
        for svg in (step, step.narrow, marks, marks.narrow):
            for text, left, right in texts(svg):
                assert left >= -0.5, text
                assert right <= width_of(svg) + 0.5, text


def test_results_of_a_source_without_indicators_have_no_marks(slp: Study) -> None:
    assert indicators_at_a_glance(slp.view("24024"), LOCALE) == []
    assert "De qué se compone el resultado" in repr(municipality.areas(slp.view("24024")))
