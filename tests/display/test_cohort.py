"""What a cohort's report says."""

from __future__ import annotations

from pathlib import Path

import pytest

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
