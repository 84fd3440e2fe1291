"""What a municipal report says: nothing more than the data bear."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import STUDY, Project
from workbench.display import blocks as b
from workbench.display import municipality
from workbench.display.municipality.change import _drawn
from workbench.display.municipality.common import range_text
from workbench.display.municipality.steps import missing_steps
from workbench.language import as_locale
from workbench.study import Study
from workbench.study.views import LevelRange, UnitView

SECTIONS = (
    "cover", "where", "peers", "change", "areas", "strengths", "next_steps", "certainty", "method",
)  # fmt: skip
SHIPPED = ("gdm-slp-2025", "gdm-ejemplo", "cimtra-monterrey", "migestion-ejemplo")


def said(view: UnitView, *names: str) -> str:
    return "\n\n".join(repr(getattr(municipality, n)(view)) for n in names or SECTIONS)


@pytest.fixture(scope="module")
def cimtra(root: Path) -> UnitView:
    return Study.open(root / "params/cimtra-monterrey.yml").view("19021")


@pytest.fixture(scope="module")
def migestion(root: Path) -> UnitView:
    return Study.open(root / "params/migestion-ejemplo.yml").view("ejemplo")


# -- what changed ----------------------------------------------------------------------------------


def test_a_rise_by_a_smaller_denominator_is_called_no_change(ejemplo: Study) -> None:
    text = said(ejemplo.view("99001"), "change")
    assert "Desarrollo Económico | 30.0% | 33.3% | +3.3 | sin cambio (6)" in text
    assert "Sobre los mismos 106 indicadores, medibles las dos veces: +16.0 puntos" in text
    assert "18 llegaron a Óptimo, 1 dejó de estar en Óptimo y 4 dejaron de ser medibles" in text
    assert "¿Es real?" in text


def test_the_picture_of_change_compares_like_with_like(ejemplo: Study) -> None:
    node = next(n for n in ejemplo.view("99001").nodes if n.title == "Desarrollo Económico")
    drawn = _drawn(node)
    assert drawn is not None
    assert drawn.earlier is not None
    assert drawn.title == "Desarrollo Económico *"
    assert drawn.score == drawn.earlier.score
    figure = next(
        x for x in municipality.change(ejemplo.view("99001")).blocks if isinstance(x, b.Figure)
    )
    assert figure.caption.startswith("* ")


def test_a_base_that_moved_without_names_is_told(ejemplo: Study) -> None:
    view = ejemplo.view("99001")
    node = view.headline[0].model_copy(update={"same": None})
    alone = view.model_copy(update={"headline": (node,), "nodes": (node,)})
    text = said(alone, "change")
    assert "se dividía entre 110 indicadores medibles y ahora entre 106" in text


def test_moves_are_counted_in_grammar(ejemplo: Study) -> None:
    assert "22 subieron, 1 bajó y 81 siguen igual" in said(ejemplo.view("99001"), "change")


# -- what next -------------------------------------------------------------------------------------


def test_the_list_of_next_steps_says_how_it_was_cut(ejemplo: Study) -> None:
    view = ejemplo.view("99001")
    text = said(view, "next_steps")
    assert "A 45 listas les falta algo para llegar a Óptimo." in text
    assert "A 20 de ellas les falta un solo elemento." in text
    assert "De estas se enlistan 12, tomadas por turno de cada área, de la más débil" in text
    table = next(x for x in municipality.next_steps(view).blocks if isinstance(x, b.Table))
    codes = [row.cells[0].plain().split()[0] for row in table.rows]
    assert len(codes) == 12
    assert {c.split(".")[0] for c in codes} == {"1", "3", "4", "5", "6", "8"}
    assert codes[0].startswith("6.")  # Desarrollo Social, 6.3%
    by_code = {i.code: i for i in view.indicators}
    assert {missing_steps(by_code[c]) for c in codes} == {1}


def test_measures_get_a_step_too(ejemplo: Study) -> None:
    text = said(ejemplo.view("99001"), "next_steps")
    assert "13 indicadores con fórmula están abajo de su mejor nivel" in text
    assert "66.76% | Óptimo: 80% o más" in text


def test_no_calendar_and_no_peers_are_said(ejemplo: Study, slp: Study, migestion: UnitView) -> None:
    text = said(ejemplo.view("99001"), "next_steps")
    assert "No se nombran pares que ya lo lograron: el estudio tiene un solo municipio" in text
    assert "Sin calendario" in said(slp.view("24024"), "next_steps")
    assert "Sin calendario" not in said(migestion, "next_steps")


def test_elements_that_nobody_recorded_are_no_small_gap(ejemplo: Study) -> None:
    some = next(i for i in ejemplo.view("99001").indicators if i.needed == 1 and i.lacking)
    assert missing_steps(some) == 1
    assert missing_steps(some.model_copy(update={"unrecorded": 2})) == 3


# -- strengths -------------------------------------------------------------------------------------


def parts(view: UnitView) -> tuple[list[str], list[str]]:
    """Return the titles of the areas called strong and weak."""
    lists = [x for x in municipality.strengths(view).blocks if isinstance(x, b.Bullets)]
    found = [[item[0].text for item in bullets.items] for bullets in lists]
    return found[0] if found else [], found[1] if len(found) > 1 else []


def test_an_area_is_never_both(slp: Study) -> None:
    for unit in slp.observed_units():
        view = slp.view(unit)
        best, worst = parts(view)
        assert not set(best) & set(worst), unit
        tops = {n.title for n in view.nodes if n.score == 100.0 and n not in view.headline}
        assert tops <= set(best), unit
        assert not tops & set(worst), unit


def test_the_only_area_below_the_top_is_no_strength(slp: Study) -> None:
    best, worst = parts(slp.view("24024"))
    assert len(best) == 7
    assert worst == []
    text = said(slp.view("24024"), "strengths")
    assert "Ninguna área está abajo de sus pares. El resultado más bajo es Servicios" in text


def test_the_lowest_result_is_not_called_strongest_and_lowest(slp: Study) -> None:
    view = slp.view("24035")
    # The lower the result of an area, the farther it is above its peers.
    nodes = tuple(
        n.model_copy(update={"score": 30 + 0.5 * i, "peers": 0.9 * i})
        for i, n in enumerate(view.nodes)
    )
    text = said(view.model_copy(update={"nodes": nodes}), "strengths")
    assert "Ninguna área está abajo de sus pares." in text
    assert "El resultado más bajo" not in text


def test_equal_areas_are_not_told_apart(slp: Study) -> None:
    view = slp.view("24035")
    same = tuple(n.model_copy(update={"score": 50.0}) for n in view.nodes)
    assert "Ningún área sobresale" in said(view.model_copy(update={"nodes": same}), "strengths")


# -- peers -----------------------------------------------------------------------------------------


def test_too_few_peers_leave_the_medians_of_all(slp: Study) -> None:
    text = said(slp.view("24035"), "peers")
    assert "El estudio tiene 3 pares" in text
    assert "Medio Ambiente | 80.0% | 0.0% | +80.0" in text
    assert "La mediana de los 43 cuenta también a Soledad" in text


def test_a_small_study_promises_no_comparison(project: Project) -> None:
    text = said(project.open(locale="en").view("01001"), "peers")
    assert "The study has 1 peer" in text
    assert "instead" not in text


def test_the_medians_say_who_is_in_them(slp: Study) -> None:
    text = said(slp.view("24032"), "peers")
    assert "La mediana de los pares deja fuera a Santa María del Río" in text
    assert "la mediana de los 43 lo cuenta" in text


# -- areas -----------------------------------------------------------------------------------------


def test_the_base_of_a_share_is_shown(slp: Study) -> None:
    text = said(slp.view("24035"), "areas")
    assert "Gestión del Territorio | 69.2% | 13* | 9 | 2 | 0 | 6" in text
    assert "Medibles*: la fuente no publica este número" in text
    assert text.count("Sin desglosar: indicadores del área") == 1


def test_a_base_that_cannot_be_told_says_so(slp: Study) -> None:
    bases = {
        (unit, n.code): n.base
        for unit in slp.observed_units()
        for n in slp.view(unit).nodes
        if n.counts
    }
    unknown = [key for key, base in bases.items() if base is None]
    assert unknown  # 0.0% divides by anything
    assert "no se publica" in said(slp.view(unknown[0][0]), "areas")


def test_measures_have_a_yardstick(ejemplo: Study) -> None:
    text = said(ejemplo.view("99001"), "areas")
    assert "115.38% | En proceso: más de 100 y hasta 115%" in text
    assert "0.99 veces el salario sugerido | Óptimo: 1 o menos" in text


@pytest.mark.parametrize(
    ("low", "low_in", "high", "high_in", "words"),
    [
        (80.0, True, 100.0, True, "de 80 a 100"),
        (50.0, True, 80.0, False, "de 50 a menos de 80"),
        (100.0, False, 115.0, True, "más de 100 y hasta 115"),
        (0.0, False, 1.0, False, "más de 0 y menos de 1"),
        (0.0, True, 0.0, True, "exactamente 0"),
        (None, False, 0.5, True, "0.5 o menos"),
        (None, False, 0.5, False, "menos de 0.5"),
        (2.0, True, None, False, "2 o más"),
        (2.0, False, None, False, "más de 2"),
        (None, False, None, False, "cualquier valor"),
    ],
)
def test_cut_points_in_words(
    low: float | None, low_in: bool, high: float | None, high_in: bool, words: str
) -> None:
    entry = LevelRange(level="x", low=low, low_in=low_in, high=high, high_in=high_in)
    assert range_text(entry, as_locale("es-MX")) == words


def test_what_is_not_measured_lacks_no_data(ejemplo: Study) -> None:
    view = ejemplo.view("99001")
    line = next(x for x in said(view, "areas").splitlines() if x.startswith("7.1.4"))
    assert "faltan datos" not in line
    assert "- 1 indicador tiene el nivel o estado que el instrumento da a los datos" in said(view)


def test_a_state_is_not_said_twice(ejemplo: Study) -> None:
    line = next(
        x for x in said(ejemplo.view("99001"), "areas").splitlines() if x.startswith("4.4.2")
    )
    assert line.lower().count("sin regla publicada") == 1


def test_what_a_source_reports_stands_beside_what_its_parts_give(migestion: UnitView) -> None:
    text = said(migestion, "areas")
    assert "Contabilidad y Registro de la Información (sin fecha) | 45.00 | 45.00 |" in text
    assert "municipal (sin fecha; pesa 0: no cuenta) | 70" in text


# -- where and how sure ----------------------------------------------------------------------------


def test_a_level_by_assumed_cut_points_says_so(migestion: UnitView, ejemplo: Study) -> None:
    text = said(migestion, "where")
    assert "80.00%, Desempeño Alto (nivel con cortes supuestos)." in text
    assert "solo se dan límites" not in said(migestion)
    assert "cortes supuestos" not in said(ejemplo.view("99001"), "where")


@pytest.mark.parametrize("params", SHIPPED)
@pytest.mark.parametrize("locale", ["es-MX", "en"])
def test_a_place_comes_with_what_could_change_it(root: Path, params: str, locale: str) -> None:
    study = Study.open(root / f"params/{params}.yml", locale=locale)
    sure = {
        "es-MX": ("podría ir del", "ningún dato faltante podría cambiarlo", "no se sabe si"),
        "en": ("it could be from", "no missing data could change it", "can't be told"),
    }[locale]
    start = {"es-MX": "Lugar ", "en": "Place "}[locale]
    for unit in study.observed_units():
        view = study.view(unit)
        for line in said(view, "where").splitlines():
            if start in line and " | " not in line:
                assert any(words in line for words in sure), line


def test_where_only_a_total_is_published_nothing_is_certain(cimtra: UnitView) -> None:
    text = said(cimtra)
    assert "Lugar 5 de 8; no se sabe si algún dato faltante podría cambiarlo" in text
    assert "La fuente da un solo resultado: estos datos no traen áreas ni indicadores." in text
    assert "siguiente nivel" not in text
    assert "La fuente solo da resultados por área" not in text
    assert "Nada se muestreó" not in text
    assert ". ." not in text


def test_indicators_without_a_level_are_counted_by_state(ejemplo: Study) -> None:
    text = said(ejemplo.view("99001"), "certainty")
    assert "los 2 indicadores sin nivel (Sin regla publicada: 1; " in text
    assert "Información no disponible: 1)" in text


def test_defects_say_what_they_are_and_whether_they_matter(slp: Study) -> None:
    text = said(slp.view("24032"), "where")
    assert "suman 114 indicadores; el instrumento tiene 115." in text
    assert "cuenta 25 indicadores en Rezago" in text
    assert "Esto no cambia el resultado." in text


def test_defects_of_other_instruments_leave_the_result_open(project: Project) -> None:
    project.observations = "unit,code,value\n01001,agua,80\n01001,luz,60\n01001,total,99\n"
    text = said(project.open(locale="es-MX").view("01001"), "where")
    assert "no se sabe si esto cambia el resultado" in text


def test_what_the_instrument_leaves_open_stands_once_at_the_end(ejemplo: Study) -> None:
    view = ejemplo.view("99001")
    assert "Lo que el instrumento deja abierto" not in said(view, *SECTIONS[:-1])
    assert "Lo que el instrumento deja abierto" in said(view, "method")


# -- who, when, in which language ------------------------------------------------------------------


def test_no_day_is_made_up(migestion: UnitView) -> None:
    assert "Medición: abril de 2013" in said(migestion, "cover")
    assert "30 de abril" not in said(migestion)


def test_a_wave_is_named_once(project: Project) -> None:
    wave = '{id: "2013-04", title: {es: "abril de 2013", en: "April 2013"}, year: 2013, month: 4}'
    project.study = STUDY.replace('{id: "2025", year: 2025}', wave)
    assert "Measurement: April 2013" in said(project.open(locale="en").view("01001"), "cover")
    project.study = project.study.replace("abril de 2013", "Ola 1").replace("April 2013", "First")
    view = project.open(locale="en").view("01001")
    assert "Measurement: First (April 2013)" in said(view, "cover")


@pytest.mark.parametrize("params", SHIPPED)
def test_each_language_speaks_for_itself(root: Path, params: str) -> None:
    path = root / f"params/{params}.yml"
    spanish, english = Study.open(path), Study.open(path, locale="en")
    unit = spanish.observed_units()[0]
    es, en = said(spanish.view(unit)), said(english.view(unit))
    for word in ("press note", "presentation and pages", "World Bank", "Aug ", "Municipal Workben"):
        assert word not in es
    for word in ("ficticio", "del ejemplo", "Nota de prensa", "16 ago"):
        assert word not in en
    assert "cluido con municipal-workbench" in es
    assert "included with municipal-workbench" in en


def test_the_licence_of_the_report_is_not_that_of_the_data(slp: Study) -> None:
    text = said(slp.view("24024"), "method")
    assert "Licencia de este informe | CC-BY-4.0" in text
    assert "Condiciones de estos datos: cifras publicadas" in text


# -- read as its reader does -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def capacity(root: Path) -> Study:
    return Study.open(root / "params/capacidad-ejemplo.yml")


def test_a_level_stands_with_the_others_of_its_scale(capacity: Study) -> None:
    text = said(capacity.view("99001"), "where")
    assert "Clase de capacidad: Clase A." in text
    assert "Niveles, del peor al mejor: Clase C, Clase B, Clase A." in text


def test_a_group_between_levels_says_so_above_its_indicators(capacity: Study) -> None:
    assert "i3 Deuda | Inicial – Consolidado" in said(capacity.view("99004"), "areas")


def test_one_of_two_conditions_is_read_as_one_of_two(capacity: Study) -> None:
    text = said(capacity.view("99003"), "next_steps")
    assert "50% o más, o sí | 20%; no" in text
    assert "Resultado y lo que le falta | Se pide | Ahora" in text


def test_the_last_of_a_list_is_named_before_one_more_is_counted(capacity: Study) -> None:
    text = said(capacity.view("99001"), "strengths")
    assert "Planeación" in text
    assert "y 1 más" not in text


def test_equal_areas_are_weak_together(root: Path) -> None:
    text = said(Study.open(root / "params/autoevaluacion-ejemplo.yml").view("P2"), "strengths")
    worst = text.partition("Lo más débil")[2]
    assert all(f"{area}: 0.0%" in worst for area in ("Objetivos", "Reglas", "Evaluación"))


def test_page_one_draws_the_first_result_that_can_be_drawn(root: Path) -> None:
    view = Study.open(root / "params/reconocimiento-ejemplo.yml").view("99004")
    figures = [x for x in municipality.where(view).blocks if isinstance(x, b.Figure)]
    assert len(figures) == 1
    assert "Salud financiera: 20.0%. Umbral alcanzado 2" in figures[0].alt


def test_a_picture_without_a_result_says_so(root: Path) -> None:
    view = Study.open(root / "params/cuadrantes-anterior-ejemplo.yml").view("99002")
    figure = next(x for x in municipality.where(view).blocks if isinstance(x, b.Figure))
    assert "Indicadores en verde: sin resultado." in figure.alt


def test_results_of_another_date_are_dated_in_every_section(migestion: UnitView) -> None:
    text = said(migestion, "areas", "strengths")
    assert "Dimensión (sin fecha)" in text
    assert "Lo más fuerte: Área de gestión (sin fecha)" in text


def test_points_stand_with_their_maximum(root: Path) -> None:
    """24.50 of 29 is more than 26.00 of 32: without the maximum the reader sees a mistake."""
    view = Study.open(root / "params/transparencia-31-ejemplo.yml").view("99006")
    text = said(view, "areas", "strengths", "next_steps")
    assert (
        "El resultado más bajo es Transparencia en los procesos de gobierno: 26.00 de 32." in text
    )
    assert "Comunicación entre gobierno y sociedad | 24.50 de 29" in text
    assert "Abajo de su máximo: 19 de 31 reactivos." in text


def test_unknown_precision_is_not_called_none(migestion: UnitView) -> None:
    text = said(migestion, "certainty")
    assert "No puede darse un margen de error" in text
    assert "No hay margen" not in text


def test_a_table_of_indicators_has_the_columns_that_its_area_uses(ejemplo: Study) -> None:
    tables = [x for x in municipality.areas(ejemplo.view("99001")).blocks if isinstance(x, b.Table)]
    heads = {t.rows[0].cells[0].plain(): [h.title for h in t.columns] for t in tables}
    assert heads["6.1 Educación"] == ["Indicador", "Nivel o resultado", "Medido", "Antes"]
    assert "Lo que se pide" in heads["2.1 Ingresos"]


def test_the_few_indicators_that_a_rule_touches_are_named(ejemplo: Study) -> None:
    text = said(ejemplo.view("99001"), "certainty")
    assert "no da una regla para su caso (4.4.2 Tasa de abatimiento de la carencia" in text
    assert "8 indicadores conservan su nivel de una revisión anterior." in text


def test_who_was_not_measured_with_the_others_is_told_so(root: Path) -> None:
    study = Study.open(root / "params/cuadrantes-ejemplo.yml")
    text = said(study.view("99003"), "where")
    assert "Sierra de Prueba no se midió en 2025: este informe muestra 2024." in text
    assert "no se midió" not in said(study.view("99001"), "where")
