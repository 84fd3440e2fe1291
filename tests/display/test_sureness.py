"""Reports say how sure they are: error where it is declared, nothing where it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.display import cohort, municipality
from workbench.study import Study
from workbench.study.certainty_views import CertaintyView, PrecisionView
from workbench.study.compare import compare
from workbench.study.comparison_text import comparison_text


def example(root: Path, tag: str) -> Study:
    return Study.open(root / "params/certeza-ejemplo.yml", locale=tag)


@pytest.fixture(scope="module")
def english(root: Path) -> Study:
    return example(root, "en")


@pytest.fixture(scope="module")
def spanish(root: Path) -> Study:
    return example(root, "es-MX")


def test_a_change_is_within_or_beyond_error_in_words(english: Study, spanish: Study) -> None:
    within = repr(municipality.change(english.view("96010")))
    assert "Municipal management fell by 2.6 points" in within
    assert "Within measurement error: with the precision of this score, a change of less" in within
    assert (
        "Areas within measurement error: Finance (−6.6; the error gives less than 11.1)" in within
    )
    assert "states neither a sample nor the precision" not in within
    beyond = repr(municipality.change(spanish.view("96024")))
    assert "Más allá del error de medición" in beyond
    assert "| sí (±9.7)" in beyond


def test_the_precision_is_told_with_its_source(english: Study, spanish: Study) -> None:
    text = repr(municipality.certainty(english.view("96010")))
    assert "measurement error of 3.50 points, because the score has a reliability of 0.9" in text
    assert "Source: Two evaluators scored 36 made-up municipalities; own example, 2023." in text
    assert "There is no margin of error" not in text
    assert "The change since 2023 | Margin of error | measurement error" in text
    assert "The place among all | Range over choices | other weights of the parts" in text
    text = repr(municipality.certainty(spanish.view("96010")))
    assert "Si nada hubiera cambiado, dos puntajes de un mismo municipio diferirían" in text
    assert "El cambio desde 2023 | Margen de error | el error de medición" in text


def test_a_place_is_told_with_its_ranges(english: Study, spanish: Study) -> None:
    text = repr(municipality.where(english.view("96010")))
    assert "measurement error leaves open places 22 to 36" in text
    assert "with other weights (up to 25% more or less, or one part left out)" in text
    assert "the target of 60.0 is not met. The result is 30.1" in text
    text = repr(municipality.where(spanish.view("96030")))
    assert "no se puede decir si se cumple la meta de 60.0" in text


def test_a_position_is_told_or_peers_are_listed(english: Study, spanish: Study) -> None:
    text = repr(municipality.peers(english.view("96010")))
    assert "in the lower third of its 13 peers. Behind it: 1; level with it: 0" in text
    assert "| 1 / 0 / 12" in text
    text = repr(municipality.peers(spanish.view("96030")))
    assert "no se da una posición entre 6 pares; hacen falta al menos 8" in text
    assert "51.6, 53.7, 58.5, 61.5, 73.2 y 74.6" in text


def test_shares_are_told_beside_chance(english: Study, spanish: Study) -> None:
    text = repr(municipality.peers(english.view("96010")))
    assert "51.47% (35 of 68) | 71.7% | 59.9 to 81.4% | far below what is to be expected" in text
    text = repr(municipality.peers(spanish.view("96010")))
    assert "muy por debajo de lo esperable: merece revisión" in text


def test_where_nothing_is_declared_no_error_is_told(slp: Study) -> None:
    view = slp.view("24024")
    text = repr(municipality.certainty(view)) + repr(municipality.where(view))
    assert "No hay margen de error" in text
    assert "error de medición" not in text
    assert "Margen de error" not in text


def test_a_reliability_that_says_nothing_is_told_why(english: Study) -> None:
    view = english.view("96010")
    weak = PrecisionView(
        code="total", title="Total", kind="raters", source="Someone", reliability=0.5,
        std_error=None, refusal="too_unreliable", n=34,
    )  # fmt: skip
    view = view.model_copy(update={"certainty": CertaintyView(precisions=(weak,))})
    text = repr(municipality.certainty(view))
    assert "a reliability of 0.5 is declared" in text
    assert "below 0.6 most of a change would be error" in text
    assert "The change since 2023 | Cannot be given" in text


def test_the_cohort_says_the_same(english: Study, spanish: Study) -> None:
    view = english.cohort_view()
    assert "Beyond measurement error: 3 rose and 0 fell; 31 are within it" in repr(
        cohort.change(view)
    )
    text = repr(cohort.ranking(view))
    assert "By measurement error" in text
    assert "With other weights" in text
    text = repr(cohort.certainty(spanish.cohort_view()))
    assert "Los lugares con otros pesos no son un margen de error" in text
    assert "Municipio inventado 10" in text


def test_names_of_methods_speak_the_language_of_the_reader(spanish: Study) -> None:
    found = compare(spanish, "change")
    assert "prueba t pareada" in comparison_text(found, "es-MX")
    assert "paired t test" in comparison_text(found, "en")
    assert found.result.to_frame()["method"].item() == "paired t test"


def test_a_place_by_results_only_is_of_no_known_certainty(root: Path) -> None:
    view = Study.open(root / "params/cimtra-monterrey.yml", locale="en").view("19021")
    text = repr(municipality.certainty(view))
    assert "The place among all | Cannot be given | not known: the source gives" in text
    assert "it is the difference of two recorded values" in text
