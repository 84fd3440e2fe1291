"""What a cohort's report says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import INSTRUMENT, Project
from workbench.display import cohort
from workbench.study import Study
from workbench.study.views import CohortView


def said(view: CohortView, *names: str) -> str:
    return "\n\n".join(repr(getattr(cohort, n)(view)) for n in names or cohort.__all__)


@pytest.fixture(scope="module")
def cimtra(root: Path) -> CohortView:
    return Study.open(root / "params/cimtra-monterrey.yml").cohort_view()


def test_reported_totals_leave_results_and_places_open(cimtra: CohortView) -> None:
    text = said(cimtra, "ranking", "areas", "certainty")
    assert text.count("| no se sabe | no se sabe |") == 8
    assert " = " not in text
    assert "En 0 municipios" not in text
    assert "De 8 municipios la fuente publica solo los resultados" in text
    assert "La fuente da un solo resultado" in text


def test_change_is_counted_in_grammar(cimtra: CohortView) -> None:
    text = said(cimtra, "change")
    assert "De 8 municipios medidos también en 2004: 6 subieron y 2 bajaron." in text
    assert "Apodaca (+58.59)" in text
    one = cimtra.changes[0].model_copy(update={"rose": 1, "fell": 1, "n": 3})
    text = said(cimtra.model_copy(update={"changes": (one,)}), "change")
    assert "1 subió y 1 bajó; 1 no cambió" in text


def test_every_question_is_answered_or_says_why_not(slp: Study, cimtra: CohortView) -> None:
    text = said(slp.cohort_view(), "change", "strengths", "next_steps")
    assert "Hay una sola medición (18 de diciembre de 2025)" in text
    assert "Hacienda: mediana 52.6%" in text
    assert "Los datos no traen indicadores" in text
    assert "Sin calendario" in text
    assert "no se dividen en áreas" in said(cimtra, "strengths")


def test_indicators_near_the_best_level_are_listed(ejemplo: Study) -> None:
    text = said(ejemplo.cohort_view(), "next_steps")
    assert "el anterior a Óptimo" in text
    assert "1.1.2 Manuales de Organización | 1 | 0" in text


def test_the_wave_is_dated_alike_everywhere(slp: Study) -> None:
    text = said(slp.cohort_view(), "cover", "method")
    assert text.count("18 de diciembre de 2025") >= 2
    assert "Medición | 2025" not in text


def test_defects_of_all_say_whether_they_matter(slp: Study) -> None:
    text = said(slp.cohort_view(), "certainty")
    assert "Los datos de 28 municipios no concuerdan entre sí" in text
    assert "En ningún municipio esto cambia el resultado." in text


def test_change_over_the_same_indicators(ejemplo: Study) -> None:
    """A share that rose by its denominator alone counts as unchanged."""
    changes = {c.code: c for c in ejemplo.cohort_view().changes}
    assert (changes["7"].rose, changes["7"].fell, changes["7"].adjusted) == (0, 0, 1)
    assert (changes["total"].rose, changes["total"].n) == (1, 1)
    assert "sobre los que fueron medibles en ambas" in said(ejemplo.cohort_view(), "change")


# -- nothing is told apart that is equal, and nothing said that the data do not bear ---------------


def test_changes_stand_in_the_order_of_the_instrument(root: Path) -> None:
    """An order taken from a set of texts would differ from one process to the next."""
    view = Study.open(root / "params/fortaleza-ejemplo.yml").cohort_view()
    codes = [c.code for c in view.changes]
    assert codes == ["total", "finanzas", "recursos_humanos", "planeacion", "marco_juridico"]


def test_areas_that_are_equal_are_named_together(root: Path) -> None:
    view = Study.open(root / "params/capacidad-ejemplo.yml").cohort_view()
    text = said(view, "strengths")
    best = text.partition("Lo más débil")[0]
    for area in ("Ingresos propios", "Balance", "Recaudación", "Personal", "Planeación"):
        assert area in best
    assert "Gasto corriente: Consolidado: 1, En desarrollo: 2 e Inicial: 1" in text


def test_areas_at_levels_are_ordered_by_all_of_their_levels(root: Path) -> None:
    """None of them is at A in either government: the share at A alone would tell nothing."""
    view = Study.open(root / "params/pefa-subnacional-ejemplo.yml").cohort_view()
    worst = said(view, "strengths").partition("Lo más débil")[2]
    assert "Auditoría externa: D+: 2" in worst
    assert worst.count("C: 1 y D+: 1") == 3
    assert "Resultados del gasto agregado" not in worst
    areas = said(view, "areas")
    assert "Dimensiones que menos gobiernos subnacionales tienen en el nivel A" in areas
    assert "Se enlistan 15 de 99." in areas


def test_who_shares_the_first_place_is_named(root: Path) -> None:
    view = Study.open(root / "params/transparencia-31-ejemplo.yml").cohort_view()
    text = said(view, "where", "strengths")
    assert "El resultado más alto, 85.50, es de Llano Supuesto y Monte Ficticio" in text
    assert "mediana 28.75 de 39; la mitad central está entre 20.88 y 31.00" in text
    same = tuple(r.model_copy(update={"scores": dict.fromkeys(r.scores, 50.0)}) for r in view.rows)
    text = said(view.model_copy(update={"rows": same}), "where")
    assert "El resultado es el mismo en todos los casos: 50.00." in text


def test_two_units_have_no_half(root: Path) -> None:
    text = said(Study.open(root / "params/autoevaluacion-ejemplo.yml").cohort_view(), "where")
    assert "Al menos la mitad" not in text
    assert "70.0%, es de Programa de Prueba A; el más bajo, 30.0%, de Programa de Prueba B" in text


def test_a_result_withheld_for_one_missing_datum_is_not_said_to_lack_much(root: Path) -> None:
    view = Study.open(root / "params/cuadrantes-anterior-ejemplo.yml").cohort_view()
    text = said(view, "certainty")
    assert "1 municipio no tiene resultado: faltan datos que requiere." in text
    assert "En ningún municipio con resultado podrían cambiarlo los datos faltantes." in text


def test_a_decision_is_not_listed_among_what_comes_next(root: Path) -> None:
    view = Study.open(root / "params/reconocimiento-ejemplo.yml").cohort_view()
    text = said(view, "areas", "next_steps")
    assert "Dictamen" not in text
    assert "Se enlistan 12 de 17. Lo que le falta a cada municipio" in text


def test_a_score_with_levels_is_counted_by_level_too(tmp_path: Path) -> None:
    levels = (
        "aggregate: {method: arithmetic},"
        " levels: {scale: semaforo, bands: [{level: rojo, when: '< 50'}, {level: verde, when: '>= 50'}]}}"
    )
    instrument = INSTRUMENT.replace("aggregate: {method: arithmetic}}", levels)
    view = Project(tmp_path, instrument).open().cohort_view()
    text = repr(cohort.where(view))
    assert "Resultado, en 2 municipios" in text
    assert "Verde: 1" in text
    assert "Rojo: 1" in text
