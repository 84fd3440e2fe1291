"""Published results that the engine must reproduce to their last printed digit."""

from __future__ import annotations

import csv
from itertools import combinations_with_replacement
from pathlib import Path

import numpy as np
import pytest

from tests.support import cell, score_rows
from workbench.instruments import Instrument
from workbench.study import Study

# Half a unit of the printed digit; halves may be rounded to either side by whoever printed them.
HALF_TENTH = 0.05 + 1e-9
# R writes 15 significant digits.
R_RELATIVE = 1e-10


def test_san_luis_potosi_advances_equal_the_printed_ones(slp: Study) -> None:
    total = slp.scores.results["total"]
    assert len(total.score) == 43
    assert np.all(np.abs(total.computed - total.score) <= HALF_TENTH)
    assert np.array_equal(np.round(total.computed, 1), total.score)


@pytest.mark.parametrize(
    ("unit", "printed"), [("24024", 99.1), ("24035", 93.4), ("24053", 52.0), ("24010", 2.6)]
)
def test_advance_of_single_municipalities(slp: Study, unit: str, printed: float) -> None:
    assert cell(slp.scores, "total", unit, "2025")["score"] == printed


def test_module_shares_lie_where_their_counts_allow(slp: Study) -> None:
    for code in map(str, range(1, 9)):
        result = slp.scores.results[code]
        assert np.all(result.score <= result.computed_high + HALF_TENTH)
        assert np.all(result.score >= result.computed_low - HALF_TENTH)


def test_module_denominators_are_known_where_nothing_is_not_measurable(slp: Study) -> None:
    """The module table prints no NM; where the total has none, the share is exact all the same."""
    none = slp.scores.counts["total"].excluded[1] == 0
    assert none.sum() > 20
    for code in map(str, range(1, 9)):
        result = slp.scores.results[code]
        assert np.all(~np.isnan(result.computed[none]))
        assert np.all(np.abs(result.computed[none] - result.score[none]) <= HALF_TENTH)


def test_defects_of_the_table_are_warnings(slp: Study) -> None:
    kinds = [w.kind for w in slp.warnings]
    assert kinds.count("tally_total") == 1
    assert [w.unit for w in slp.warnings if w.kind == "tally_total"] == ["24032"]
    mismatched = {w.unit for w in slp.warnings if w.kind == "tally_mismatch"}
    assert len(mismatched) == 28
    states = {dict(w.message.values)["state"] for w in slp.warnings if w.kind == "tally_mismatch"}
    assert states == {"rezago"}


def test_mi_gestion_accounting_is_45(root: Path) -> None:
    study = Study.open(root / "params/migestion-ejemplo.yml")
    node = cell(study.scores, "contabilidad", "ejemplo", "sin-fecha")
    assert node["computed"] == 45.0
    assert node["score"] == 45.0
    assert node["status"] == "reported"
    assert [w.node for w in study.warnings] == []


def test_mi_gestion_area_is_bounded_not_guessed(root: Path) -> None:
    study = Study.open(root / "params/migestion-ejemplo.yml")
    area = study.scores.results["gestion_financiera"]
    row = study.scores.row("ejemplo", "sin-fecha")
    assert np.isnan(area.computed[row])
    assert (area.computed_low[row], area.computed_high[row]) == (40.0, 100.0)
    assert area.score[row] == 54.26


def test_mi_gestion_global_result_cannot_come_from_the_dimensions(root: Path) -> None:
    """61.67 lies above both dimensions of its axis, so their waves must not be mixed."""
    study = Study.open(root / "params/migestion-ejemplo.yml")
    axis = study.scores.results["desempeno_operativo"]
    undated = study.scores.row("ejemplo", "sin-fecha")
    assert (axis.low[undated], axis.high[undated]) == (45.67, 56.80)
    assert axis.score[study.scores.row("ejemplo", "2012-01")] == 61.67
    view = study.view("ejemplo")
    assert [n.score for n in view.headline] == [80.0, 70.0]
    assert [n.earlier.score for n in view.headline] == [61.67, 36.0]


def test_cimtra_state_places_are_computed(root: Path) -> None:
    study = Study.open(root / "params/cimtra-monterrey.yml")
    with (root / "data/cases/cimtra-monterrey/puntos.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        view = study.view(row["unit"])
        assert view.headline[0].rank.rank == int(row["lugar_estatal_2006"])
        assert view.headline[0].score == float(row["puntos_2006"])
        assert [f.value for f in view.facts] == [float(row["lugar_nacional_2006"])]


SUMS = {
    # Grade of an M2 indicator by the sum of D=1 .. A=4, stated beside the table (instruments.md, 2).
    2: dict(zip(range(2, 9), ["D", "D+", "C", "C+", "B", "B+", "A"], strict=True)),
    3: dict(zip(range(3, 13), ["D", "D+", "D+", "C", "C+", "B", "B", "B+", "A", "A"], strict=True)),
    4: dict(
        zip(
            range(4, 17),
            ["D", "D", "D+", "D+", "C", "C+", "C+", "B", "B", "B+", "B+", "A", "A"],
            strict=True,
        )
    ),
}
M2_CHILDREN = {2: "PI-3", 3: "PI-6", 4: "PI-11"}


@pytest.mark.parametrize("n", [2, 3, 4])
def test_pefa_m2_equals_the_rule_of_sums(pefa: Instrument, n: int) -> None:
    code = M2_CHILDREN[n]
    children = pefa.nodes[code].children
    assert len(children) == n
    combinations = list(combinations_with_replacement("DCBA", n))
    rows = [
        (f"u{i:03d}", "1", child, grade)
        for i, grades in enumerate(combinations)
        for child, grade in zip(children, reversed(grades), strict=True)
    ]
    result = score_rows(pefa, rows).results[code]
    ids = [level.id for level in pefa.levels_of(code)]
    for grades, level in zip(combinations, result.level, strict=True):
        total = sum("DCBA".index(g) + 1 for g in grades)
        assert ids[level] == SUMS[n][total], grades


def test_pefa_m2_equals_the_table(pefa: Instrument, shared: Path) -> None:
    with (shared / "domain" / "pefa_2016_m2_conversion.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 65
    table = pefa.spec.tables[0].rows
    assert table == {r["dimension_scores_sorted_low_to_high"]: r["overall_score"] for r in rows}


@pytest.mark.parametrize(
    ("grades", "grade"),
    [
        ("AAA", "A"), ("BAA", "B+"), ("BBB", "B"), ("CBA", "C+"), ("CCC", "C"), ("DAA", "D+"), ("DDD", "D"),
        (["D*", "A", "A"], "D+"), (["D*", "D*", "D"], "D"), (["NA", "B", "A"], "B+"), (["NA", "NU", "C"], "C"),
    ],
)  # fmt: skip
def test_pefa_m1_weakest_link(pefa: Instrument, grades: str | list[str], grade: str) -> None:
    children = pefa.nodes["PI-2"].children
    scores = score_rows(pefa, [("u", "1", c, g) for c, g in zip(children, grades, strict=True)])
    assert cell(scores, "PI-2")["level"] == grade


def test_pefa_all_dimensions_not_applicable(pefa: Instrument) -> None:
    scores = score_rows(pefa, [("u", "1", c, "NA") for c in pefa.nodes["PI-2"].children])
    assert cell(scores, "PI-2")["status"] == "not_applicable"


def test_pefa_missing_dimension_gives_bounds(pefa: Instrument) -> None:
    children = pefa.nodes["PI-2"].children
    scores = score_rows(pefa, [("u", "1", children[0], "B"), ("u", "1", children[1], "C")])
    got = cell(scores, "PI-2")
    assert (got["level_low"], got["level_high"]) == ("D+", "C+")
    assert got["status"] == "bounded"


def test_pefa_structure(pefa: Instrument, shared: Path) -> None:
    with (shared / "domain" / "pefa_2016.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [r["dimension"] for r in rows] == list(pefa.indicators)
    methods = {"M1": "weakest_link", "M2": "lookup_table", "single": "single"}
    for row in rows:
        assert pefa.nodes[row["dimension"]].parents == (row["indicator"],)
        assert pefa.nodes[row["indicator"]].aggregate.method == methods[row["aggregation_method"]]
    assert len([c for c in pefa.groups if c.startswith("PI-")]) == 31


def test_pefa_has_no_result_above_indicators(pefa: Instrument) -> None:
    scores = score_rows(pefa, [("u", "1", c, "A") for c in pefa.indicators])
    pillars = [c for c in pefa.groups if not c.startswith("PI-")]
    assert {cell(scores, c)["status"] for c in pillars} == {"not_aggregated"}
