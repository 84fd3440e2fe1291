"""The instruments of the field: what is known of each, and printed figures that come out of them."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from tests.support import cell
from workbench.display import municipality
from workbench.errors import InstrumentError, Reason, ScoringError, WorkbenchError
from workbench.instruments import Instrument, load_instrument
from workbench.scoring.states import NO_LEVEL, State
from workbench.study import Study

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "data/instruments").glob("*.yml"))
NAMES = [path.stem for path in FILES]

# Indicators, and how many groups of each tier, as the sources state them.
COUNTS = {
    "cimtra-basico": {"indicators": 31, "area": 3},
    "cimtra-municipal": {"indicators": 37, "field": 3, "block": 9},
    "banobras-clasificacion": {"indicators": 9},
    "agenda-desde-lo-local-2003": {"indicators": 39, "cuadrante": 4},
    "agenda-desde-lo-local-2012": {"indicators": 38, "cuadrante": 4},
    "iso-18091": {"indicators": 39, "cuadrante": 4},
    "agenda-desarrollo-municipal-2018": {"indicators": 270, "seccion": 2, "eje": 7, "tema": 46},
    "gdm-ciclo-anterior": {"indicators": 132, "modulo": 8, "tema": 31},
    "pefa-2016": {"indicators": 94, "pillar": 7, "indicator": 31},
    "pefa-2016-subnacional": {"indicators": 101, "pillar": 8, "indicator": 33},
    "sindes-2003": {"indicators": 50, "area": 9},
    "sindes-2016": {"indicators": 108},
    "sindes-actual": {"indicators": 70, "area": 11},
    "icapi": {"indicators": 0, "area": 4},
    "refim": {"indicators": 0, "area": 4},
    "upe-autoevaluacion": {"indicators": 0, "tema": 5},
    "gopi-prevencion": {"indicators": 11, "componente": 1, "tema": 1, "indicador": 1},
    "icma-resultados": {"indicators": 11, "area": 5},
    "compranet-encuesta": {"indicators": 2, "tema": 4},
}
OUTLINES = {
    "agenda-desarrollo-municipal-2018", "agenda-desde-lo-local-2003", "agenda-desde-lo-local-2012",
    "banobras-clasificacion", "campeche-reconocimiento", "gdm-ciclo-anterior", "icapi",
    "iso-18091", "refim", "simed", "sindes-2003", "sindes-2016", "sindes-actual",
    "upe-autoevaluacion",
}  # fmt: skip
EXAMPLES = [
    "asociaciones-ejemplo", "autoevaluacion-ejemplo", "base-institucional-ejemplo",
    "capacidad-ejemplo", "certificacion-medicion-ejemplo", "comparacion-ejemplo",
    "cuadrantes-ejemplo", "fortaleza-ejemplo", "gopi-ejemplo", "pefa-subnacional-ejemplo",
    "reconocimiento-ejemplo", "transparencia-31-ejemplo",
]  # fmt: skip
PRINTED = [
    "bm-ejecucion", "bm-tamanos", "cfo-certificacion", "compranet-encuesta", "icma-asociaciones",
    "icma-resultados", "mepp-programas", "onmr-subnacional", "portal-presupuesto",
]  # fmt: skip
# Names of institutions that no example may bear.
INSTITUTIONS = (
    "banobras", "campeche", "cimtra", "icapi", "icma", "inafed", "iso 18091", "pefa", "refim",
    "simed", "sindes", "upe",
)  # fmt: skip


def shipped(name: str) -> Instrument:
    """Return an instrument of the project."""
    return load_instrument(ROOT / f"data/instruments/{name}.yml")


def opened(name: str) -> Study:
    """Return a study of the project."""
    return Study.open(ROOT / f"params/{name}.yml")


def value(study: Study, code: str, unit: str, wave: str) -> float:
    """Return the value of an indicator of a unit."""
    return float(study.scores.results[code].value[study.scores.row(unit, wave)])


@pytest.mark.parametrize("name", NAMES)
def test_every_instrument_loads_and_speaks_two_languages(name: str) -> None:
    instrument = shipped(name)
    assert instrument.id == name
    for node in instrument.nodes.values():
        title = node.spec.title.root
        # A proper name of one word is the same in every language.
        if isinstance(title, dict) or " " in title:
            assert {"es", "en"} <= set(title), node.code
    if instrument.spec.completeness != "published":
        assert instrument.spec.completeness_note is not None
    if not instrument.spec.example and instrument.spec.completeness != "published":
        assert instrument.spec.gaps


@pytest.mark.parametrize("name", sorted(COUNTS))
def test_counts_are_those_of_the_sources(name: str) -> None:
    counts = shipped(name).counts
    assert {key: counts[key] for key in COUNTS[name]} == COUNTS[name]


def test_groups_of_known_size() -> None:
    campeche = shipped("campeche-reconocimiento").nodes
    assert len(campeche["salud_financiera"].leaves) == 10
    assert len(campeche["otros"].leaves) == 9
    agenda = shipped("agenda-desarrollo-municipal-2018")
    kinds = [code.split(".")[1][0] for code in agenda.indicators]
    assert (kinds.count("g"), kinds.count("d")) == (207, 63)
    assert [len(agenda.nodes[c].leaves) for c in "AB"] == [173, 97]
    earlier = shipped("gdm-ciclo-anterior").indicators
    assert (sum(c[0] == "g" for c in earlier), sum(c[0] == "d" for c in earlier)) == (96, 36)


def test_outlines_are_those_known_by_structure_only() -> None:
    found = {path.stem for path in FILES if shipped(path.stem).spec.completeness == "outline"}
    assert found == OUTLINES


@pytest.mark.parametrize("name", sorted(OUTLINES))
def test_every_outline_refuses_to_score(name: str, tmp_path: Path) -> None:
    (tmp_path / "params").mkdir()
    (tmp_path / "data/instruments").mkdir(parents=True)
    file = ROOT / f"data/instruments/{name}.yml"
    (tmp_path / f"data/instruments/{name}.yml").write_text(file.read_text(encoding="utf-8"))
    instrument = shipped(name)
    code = next(iter([*instrument.indicators, *instrument.groups]))
    (tmp_path / "data/u.csv").write_text("unit,name\na,A\n")
    answer = "verde" if instrument.nodes[code].kind == "grade" else "1"
    (tmp_path / "data/o.csv").write_text(f"unit,{code}\na,{answer}\n")
    (tmp_path / "params/s.yml").write_text(
        f"id: s\ntitle: S\nauthor: T\ndate: 2025-01-01\ninstrument: {name}\n"
        "units: {file: data/u.csv}\nwaves: [{id: '1', year: 2025}]\n"
        f"observations: [{{file: data/o.csv, wave: '1', columns: {{'{code}': {{}}}}}}]\n"
    )
    with pytest.raises(WorkbenchError) as caught:
        Study.open(tmp_path / "params/s.yml").scores  # noqa: B018
    assert isinstance(caught.value, InstrumentError | ScoringError)
    assert {p.reason for p in caught.value.problems} == {Reason.INSTRUMENT_OUTLINE}


@pytest.mark.parametrize("name", [*EXAMPLES, *PRINTED])
def test_every_case_scores_and_makes_its_views(name: str) -> None:
    study = opened(name)
    units = study.observed_units()
    view = study.view(units[0])
    assert view.info.example == (name in EXAMPLES)
    assert any(i.value is not None or i.level for i in view.indicators) or view.headline
    assert study.cohort_view().n >= 1


@pytest.mark.parametrize("name", sorted(n for n in NAMES if n.endswith("-ejemplo")))
def test_no_example_bears_the_name_of_an_institution(name: str) -> None:
    spec = shipped(name).spec
    assert spec.example
    said = " ".join([spec.id, *spec.title.root.values(), *spec.publisher.root.values()])  # type: ignore[union-attr]
    words = said.casefold()
    assert not any(f" {institution} " in f" {words} " for institution in INSTITUTIONS)


# -- points, places, conditions -------------------------------------------------------------------


def test_points_add_up_and_ties_share_a_place() -> None:
    study = opened("transparencia-31-ejemplo")
    maxima = [study.instrument.nodes[c].spec.maximum for c in study.instrument.indicators]  # type: ignore[union-attr]
    assert sum(maxima) == 100
    ranks = {u: study.view(u).headline[0].rank for u in study.observed_units()}
    assert {u: (r.rank, r.ties) for u, r in ranks.items() if r} == {
        "99001": (3, 2), "99002": (3, 2), "99003": (5, 1), "99004": (1, 2), "99005": (6, 1),
        "99006": (1, 2),
    }  # fmt: skip


def test_conditions_give_a_class_and_its_package() -> None:
    study = opened("capacidad-ejemplo")
    levels = {u: study.view(u).headline[0].level for u in study.observed_units()}
    assert levels == {"99001": "clase_a", "99002": "clase_b", "99003": "clase_c", "99004": None}
    scale = {level.id: level.follows for level in study.view("99001").info.scales["clase"]}
    assert all(scale.values())


def test_a_condition_that_is_not_known_leaves_bounds() -> None:
    node = opened("capacidad-ejemplo").view("99004").headline[0]
    assert (node.status, node.level_low, node.level_high) == ("bounded", "clase_b", "clase_a")


def test_the_certificate_asks_for_green_in_each_indicator() -> None:
    study = opened("cuadrantes-ejemplo")
    for unit, certificate in (("99001", "con_certificado"), ("99002", "sin_certificado")):
        total, mark = study.view(unit).headline
        assert mark.level == certificate
        assert (total.score == 100.0) == (certificate == "con_certificado")


def test_what_was_verified_green_is_not_reviewed_again() -> None:
    study = opened("cuadrantes-ejemplo")
    first = study.view("99002").indicators[0]
    assert (first.level, first.status) == ("verde", "carried")
    assert [w.kind for w in study.warnings] == ["carried_over"]


def test_the_decision_of_the_committee_does_not_follow_the_order_of_scores() -> None:
    study = opened("reconocimiento-ejemplo")
    views = [study.view(u) for u in ("99002", "99003")]
    assert [v.headline[0].level for v in views] == ["sin_reconocimiento", "mencion"]
    assert views[0].headline[1].score > views[1].headline[1].score  # type: ignore[operator]
    assert views[0].headline[0].counts == {}


def test_only_chosen_areas_exist_for_an_association() -> None:
    view = opened("asociaciones-ejemplo").view("A1")
    exist = [n.code for n in view.nodes if n.tier == "area" and n.status != "not_applicable"]
    assert exist == ["gob", "fin"]
    assert view.headline[0].score == pytest.approx(100 * 5 / 6)


def test_the_certified_measurement_counts_another_study(ejemplo: Study) -> None:
    study = opened("certificacion-medicion-ejemplo")
    scores, row = ejemplo.scores, ejemplo.scores.row("99001", "2026")
    states = [int(scores.results[c].state[row]) for c in ejemplo.instrument.indicators]
    frame = ejemplo.scored_observations.frame
    answers = frame.loc[frame["wave"] == "2026", "evidence"].astype(str)
    counted = {
        "cobertura.con": states.count(State.VALUED),
        "cobertura.todos": len(states) - states.count(State.NOT_MEASURABLE),
        "evidencia.con": int((answers != "").sum()),
        "evidencia.todas": len(answers),
    }
    here = study.scores.row("99001", "2026")
    assert {code: study.scores.parts[code][here] for code in counted} == counted
    assert value(study, "mediciones", "99001", "2026") == len(ejemplo.spec.waves)


# -- raw indicators -------------------------------------------------------------------------------


def test_raw_indicators_are_set_beside_peers_and_nothing_is_added_up() -> None:
    study = opened("comparacion-ejemplo")
    view = study.view("99001")
    assert view.headline == ()
    assert {n.status for n in view.nodes} == {"not_aggregated"}
    row = [
        study.scores.row(u, "2024") for u in study.observed_units() if u not in ("99001", "99008")
    ]
    peers = study.scores.results["agua2"].value[row]
    beside = next(i for i in view.indicators if i.code == "agua2").beside
    assert beside.less_is_better
    assert beside.peers_median == pytest.approx(np.median(peers))
    assert beside.peers_best == pytest.approx(np.quantile(peers, 0.25))


def test_constant_members_stand_beside_all() -> None:
    """Two members joined after 2022 and one left: six of the eight peers were measured both times."""
    view = opened("comparacion-ejemplo").view("99001")
    beside = next(i for i in view.indicators if i.code == "seg1").beside
    assert beside.n_peers == 8
    assert beside.constant is not None
    assert beside.constant[0] == 6
    assert beside.constant[2] != beside.peers_median


def test_answers_lead_to_recommendations() -> None:
    view = opened("autoevaluacion-ejemplo").view("P1")
    follows = {i.code: i.beside.follows for i in view.indicators}
    assert sum(bool(text) for text in follows.values()) == 3
    assert all(bool(i.beside.follows) == (i.level != "si") for i in view.indicators)


# -- PEFA sub-national ----------------------------------------------------------------------------


def test_pefa_subnational_is_the_national_set_and_one_pillar_more() -> None:
    national, sub = shipped("pefa-2016"), shipped("pefa-2016-subnacional")
    more = set(sub.nodes) - set(national.nodes)
    assert {code.split(".")[0] for code in more} == {"HLG", "HLG-1", "HLG-2"}
    for code in national.nodes:
        assert sub.nodes[code].spec.title == national.nodes[code].spec.title
        assert sub.nodes[code].aggregate == national.nodes[code].aggregate


def test_pefa_subnational_gives_no_grade_where_the_method_is_not_known() -> None:
    study = opened("pefa-subnacional-ejemplo")
    for code in ("HLG-1", "HLG-2"):
        assert (study.scores.results[code].level == NO_LEVEL).all()
    indicators = {i.code: i for i in study.view("99002").indicators}
    assert indicators["HLG-1.1"].level is not None
    assert indicators["10.1"].state_title == "No aplicable"


# -- printed figures ------------------------------------------------------------------------------


def test_the_eleven_rows_of_icma_come_out_as_printed(shared: Path) -> None:
    path = shared / "domain/seedfacts/icma_indicator_benchmark_result.csv"
    with path.open(encoding="utf-8") as file:
        printed = list(csv.DictReader(file))
    study = opened("icma-resultados")
    view = study.view("programa")
    assert len(view.indicators) == len(printed) == 11
    words = {"met": "alcanzado", "exceeded": "superado", "no_benchmark": None}
    for row, indicator in zip(printed, view.indicators, strict=True):
        assert shipped("icma-resultados").title(indicator.code, "en") == row["indicator"]
        status = row["status"] if row["status"] in words else "not_met"
        assert indicator.level == words.get(status, "no_alcanzado")
        attainment = float(row["attainment_pct"]) if row["attainment_pct"] else None
        assert indicator.value == attainment
        assert row["benchmark_as_printed"] in indicator.beside.note
        assert row["result_as_printed"].rstrip(".") in indicator.beside.note
        shown = [v.value for v in indicator.beside.values]
        if row["benchmark_numeric"]:
            assert sum(x for x in shown[:-1] if x is not None) == float(row["benchmark_numeric"])
        if row["result_numeric"]:
            assert shown[-1] == float(row["result_numeric"])
    counts = view.headline[0].counts
    assert [counts[k] for k in ("alcanzado", "superado", "no_alcanzado", "not_applicable")] == [
        2, 1, 7, 1,
    ]  # fmt: skip


def test_the_portal_reports_its_own_slip() -> None:
    study = opened("portal-presupuesto")
    assert [(w.kind, w.node) for w in study.warnings] == [("reported_differs", "cambio_paginas")]
    computed = {
        c: cell(study.scores, f"cambio_{c}", "portal", "2017")["computed"]
        for c in ("sesiones", "contratos", "paginas")
    }
    assert computed == pytest.approx(
        {"sesiones": 77.9, "contratos": 203.1, "paginas": 26.7}, abs=0.05
    )
    assert cell(study.scores, "cambio_tiempo", "portal", "2017")["score"] == 110


def test_pipelines_give_printed_figures_and_conversions() -> None:
    cfo, mepp = opened("cfo-certificacion"), opened("mepp-programas")
    assert value(cfo, "inicio", "cfo", "2003") == 30.0
    assert value(cfo, "en_capacitacion", "cfo", "2003") == 150.0
    assert value(cfo, "acreditados", "cfo", "2003") == 0.0
    found = [
        value(mepp, c, "convocatoria", "sin-fecha")
        for c in ("capacitados", "finalistas", "de_todo")
    ]
    assert found == pytest.approx([100 * 50 / 398, 20.0, 100 * 10 / 398])
    assert [value(mepp, "programas", "upe", w) for w in ("2014", "2015")] == [36, 88]


def test_commitments_and_average_of_the_states() -> None:
    study = opened("onmr-subnacional")
    node = cell(study.scores, "compromisos", "estados", "2019")
    assert (node["score"], round(node["computed"], 1)) == (60, 60.4)
    view = study.view("estados")
    assert view.headline[0].score - view.headline[0].earlier.score == 8  # type: ignore[operator, union-attr]
    assert study.warnings == ()


def test_size_bands_are_the_printed_ones(shared: Path) -> None:
    path = shared / "domain/seedfacts/wb_municipality_size_examples.csv"
    with path.open(encoding="utf-8") as file:
        printed = {r["municipality"]: r["band"] for r in csv.DictReader(file)}
    study = opened("bm-tamanos")
    bands = {"pequeno": "<20,000", "mediano": "20,000-100,000", "grande": ">=100,000"}
    found = {
        str(study.units["name"][u]): bands[str(study.peers.group[u])] for u in study.units.index
    }
    assert found == printed


def test_associations_and_survey_groups() -> None:
    study = opened("icma-asociaciones")
    assert [value(study, "areas", u, "2003") for u in study.observed_units()] == [2, 2, 2]
    done = {u: value(study, "tareas", u, "2003") for u in study.observed_units()}
    assert done == {"AMMAC": 1, "AALMAC": 0, "FENAMM": 0}
    survey = opened("compranet-encuesta")
    assert [value(survey, "n", u, "2018") for u in ("servidores", "empresas")] == [148, 50]
    assert value(survey, "jefes", "servidores", "2018") == pytest.approx(100 * 115 / 148)
    states = {i.code: i.state_title for i in survey.view("empresas").indicators}
    assert states["jefes"] == "No aplica"


def test_the_explanation_of_an_open_level_does_not_name_one() -> None:
    said = opened("capacidad-ejemplo").explain("99004", "i3").text("en")
    assert "can't be told" in said
    assert "No condition holds" not in said


@pytest.mark.parametrize("name", ["compranet-encuesta", "onmr-subnacional", "portal-presupuesto"])
def test_figures_of_a_source_are_not_said_to_be_a_full_count(name: str) -> None:
    study = opened(name)
    section = municipality.certainty(study.view(study.observed_units()[0]))
    assert "nada se muestreó" not in str(section.blocks)
