"""The definition of the GDM against the tables of its workbook (reference data: domain/gdm_*.csv)."""

from __future__ import annotations

import csv
import math
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from tests.support import cell, score_rows
from workbench.instruments import Instrument
from workbench.instruments.bands import find_gaps, reachable, sample_points
from workbench.scoring import Scores
from workbench.specs.instrument import Checklist, Measure

LEVELS = ("rezago", "en_proceso", "optimo")
# Levels that no value can give: 2.3.3 prints two colours only, and counts are never below 0.
UNREACHABLE = {"2.3.3": {"en_proceso"}, "4.4.10": {"rezago"}}


def table(shared: Path, name: str) -> list[dict[str, str]]:
    """Return one of the workbook's tables."""
    with (shared / "domain" / f"gdm_2025_2027_{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def points_of(gdm: Instrument, code: str) -> np.ndarray:
    """Return values that stand for every stretch between the cut-points of an indicator."""
    node = gdm.nodes[code]
    assert node.bands is not None
    if isinstance(node.spec, Checklist):
        n = len(node.spec.elements)
        return sample_points(node.bands, 0, n, n=n)
    assert isinstance(node.spec, Measure)
    return sample_points(
        node.bands, node.spec.minimum, node.spec.maximum, integer=node.spec.integer
    )


def test_counts_are_those_of_the_workbook(gdm: Instrument) -> None:
    assert gdm.counts == {
        "total": 1, "module": 8, "theme": 31, "indicators": 115, "elements": 394, "variables": 84,
    }  # fmt: skip
    kinds = Counter(gdm.nodes[c].kind for c in gdm.indicators)
    assert kinds == {"checklist": 80, "measure": 35}


def test_indicators_stand_where_the_table_puts_them(gdm: Instrument, shared: Path) -> None:
    rows = table(shared, "indicators")
    assert [r["code"] for r in rows] == list(gdm.indicators)
    for row in rows:
        node = gdm.nodes[row["code"]]
        assert node.parents == (row["theme"],)
        assert gdm.nodes[row["theme"]].parents == (row["module"],)
        assert node.spec.review == row["review"]
        assert node.kind == {"gestion": "checklist", "desempeno": "measure"}[row["type"]]
        if row["n_elements"]:
            assert len(node.spec.elements) == int(row["n_elements"])


def test_elements_and_variables_are_those_of_the_tables(gdm: Instrument, shared: Path) -> None:
    elements = [f"{r['code']}.{r['element']}" for r in table(shared, "elements")]
    variables = [f"{r['code']}.{r['variable']}" for r in table(shared, "variables")]
    own = {kind: [] for kind in ("element", "variable")}
    for code, observable in gdm.observables.items():
        if observable.kind in own:
            own[observable.kind].append(code)
    assert own["element"] == elements
    assert own["variable"] == variables


def test_every_value_in_range_has_a_level(gdm: Instrument) -> None:
    for code in gdm.indicators:
        bands = gdm.nodes[code].bands
        assert bands is not None
        n = len(gdm.nodes[code].spec.elements) if gdm.nodes[code].kind == "checklist" else None
        assert find_gaps(bands, points_of(gdm, code), n=n) == [], code


@pytest.fixture(scope="module")
def swept(gdm: Instrument) -> tuple[dict[str, np.ndarray], Scores]:
    """Return the values tried for each indicator, one a unit, and the scores they give."""
    tried = {code: points_of(gdm, code) for code in gdm.indicators}
    rows = [(f"u{i:02d}", "1", code, v) for code, vs in tried.items() for i, v in enumerate(vs)]
    return tried, score_rows(gdm, rows)


@pytest.mark.parametrize("level", LEVELS)
def test_every_reachable_level_is_produced_and_no_other(
    gdm: Instrument, swept: tuple[dict[str, np.ndarray], Scores], level: str
) -> None:
    """Each indicator is fed one value of each stretch; what comes out is all that it can give."""
    tried, scores = swept
    for code in gdm.indicators:
        result = scores.results[code].level[: len(tried[code])]
        assert result.min() >= 0, code
        given = {LEVELS[i] for i in result}
        wanted = level not in UNREACHABLE.get(code, set())
        assert (level in given) == wanted, f"{code}: {given}"


def test_unreachable_levels_are_exactly_those_listed(gdm: Instrument) -> None:
    found = {}
    for code in gdm.indicators:
        bands = gdm.nodes[code].bands
        n = len(gdm.nodes[code].spec.elements) if gdm.nodes[code].kind == "checklist" else None
        missing = set(LEVELS) - reachable(bands, points_of(gdm, code), n=n)
        if missing:
            found[code] = missing
    assert found == UNREACHABLE


def printed(condition: str, value: float) -> bool:
    """Read a printed cut-point such as ``> 100 & <= 115`` as a condition on a value."""
    if not condition:
        return False
    return all(
        eval(
            f"{value!r} {part.strip().replace('= ', '== ', 1) if part.strip().startswith('= ') else part}"
        )
        for part in condition.split("&")
    )


def test_levels_follow_the_printed_cut_points(
    swept: tuple[dict[str, np.ndarray], Scores], shared: Path
) -> None:
    """At every cut-point and between each two, the level is the one that the table prints."""
    tried, scores = swept
    for row in table(shared, "indicators"):
        if row["type"] != "desempeno" or row["code"] == "2.3.4":
            continue
        code = row["code"]
        columns = ("rezago_rojo", "en_proceso_amarillo", "optimo_verde")
        for value, level in zip(tried[code], scores.results[code].level, strict=False):
            by_print = [i for i, c in enumerate(columns) if printed(row[c], float(value))]
            if by_print:
                assert by_print == [level], f"{code} at {value}"
            else:  # a printed gap: the definition says yellow, as assumed
                assert code in ("1.1.5", "4.4.9")
                assert LEVELS[level] == "en_proceso"


def test_formulas_give_what_the_printed_expressions_give(gdm: Instrument, shared: Path) -> None:
    rng = np.random.default_rng(20260101)
    for row in table(shared, "formulas"):
        node = gdm.nodes[row["code"]]
        names = [v.id for v in node.spec.variables]
        values = {n: float(x) for n, x in zip(names, rng.uniform(1, 9, len(names)), strict=True)}
        if any(v.options for v in node.spec.variables):
            values = {
                v.id: float(v.options[-1]) if v.options else values[v.id]
                for v in node.spec.variables
            }
        rows = [("u", "1", f"{row['code']}.{n}", x) for n, x in values.items()]
        got = cell(score_rows(gdm, rows), row["code"])["value"]
        expected = eval(row["expression"], {}, values)
        assert math.isclose(got, expected, rel_tol=1e-12), row["code"]


def test_weights_of_the_three_indices_sum_to_100(gdm: Instrument, shared: Path) -> None:
    with (shared / "domain" / "gdm_composite_index_weights.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for code in ("1.2.4", "3.1.4", "3.2.4"):
        weights = {r["variable"]: float(r["weight"]) for r in rows if r["code"] == code}
        assert sum(weights.values()) == 100
        for name, weight in weights.items():
            ticks = [("u", "1", f"{code}.{other}", float(other == name)) for other in weights]
            assert cell(score_rows(gdm, ticks), code)["value"] == weight


@pytest.mark.parametrize(
    ("population", "average"),
    [(49_999, 13), (50_000, 17), (499_999, 17), (500_000, 20), (999_999, 20), (1_000_001, 23)],
)
def test_average_units_by_population(gdm: Instrument, population: float, average: float) -> None:
    rows = [("u", "1", "1.1.4.v1", average * 2)]
    facts = {"u": {"poblacion": population}}
    assert cell(score_rows(gdm, rows, facts=facts), "1.1.4")["value"] == 200


@pytest.mark.parametrize(
    ("population", "low", "high", "limit"),
    [
        (20_000, 30_000, 51_000, 49_999),
        (120_000, 51_001, 65_000, 199_999),
        (300_000, 65_001, 83_000, 499_999),
        (700_000, 83_001, 105_000, 999_999),
    ],
)
def test_suggested_salary(
    gdm: Instrument, population: float, low: float, high: float, limit: float
) -> None:
    suggested = population * (high - low) / limit + low
    rows = [("u", "1", "1.1.6.v1", suggested * 1.1)]
    got = cell(score_rows(gdm, rows, facts={"u": {"poblacion": population}}), "1.1.6")
    assert math.isclose(got["value"], 1.1, rel_tol=1e-12)
    assert got["level"] == "en_proceso"


def test_no_salary_limit_is_printed_for_a_million(gdm: Instrument) -> None:
    rows = [("u", "1", "1.1.6.v1", 100_000.0)]
    got = cell(score_rows(gdm, rows, facts={"u": {"poblacion": 1_200_000}}), "1.1.6")
    assert got["status"] == "undetermined"
    assert (got["level_low"], got["level_high"]) == ("rezago", "optimo")


def test_price_index_turns_nominal_amounts_real(gdm: Instrument) -> None:
    rows = [("u", "1", "2.1.5.n1", 100.0), ("u", "1", "2.1.5.n2", 105.0)]
    got = cell(score_rows(gdm, rows, wave_facts={"1": {"year": 2026}}), "2.1.5")
    real = (105 / 143.042) / (100 / 137.949) * 100 - 100
    assert math.isclose(got["value"], real, rel_tol=1e-9)


MISSING_IS_RED = {
    c: "rezago" for c in ("1.1.5", "1.3.3", "1.4.3", "2.4.3", "2.3.4", "8.1.3", "8.1.4")
}
MISSING_IS_ND = {c: "not_available" for c in ("2.1.4", "2.2.4", "4.4.1", "5.3.4", "7.2.3")}
MISSING_IS_OPEN = {"3.3.6": "undetermined", "1.1.1": "missing"}


@pytest.mark.parametrize(
    ("code", "outcome"), [*MISSING_IS_RED.items(), *MISSING_IS_ND.items(), *MISSING_IS_OPEN.items()]
)
def test_missing_data_follow_the_rule_of_their_module(
    gdm: Instrument, code: str, outcome: str
) -> None:
    neighbour = next(
        c
        for c in gdm.indicators
        if c[0] == code[0] and c != code and gdm.nodes[c].kind == "checklist"
    )
    got = cell(score_rows(gdm, [("u", "1", f"{neighbour}.a", 1)]), code)
    assert (got["level"] if outcome == "rezago" else got["status"]) == outcome


def test_no_rule_for_missing_data_speaks_of_a_module_that_nobody_looked_at(gdm: Instrument) -> None:
    scores = score_rows(gdm, [("u", "1", "6.1.1.a", 1)])
    for code in (*MISSING_IS_RED, *MISSING_IS_ND, *MISSING_IS_OPEN):
        assert cell(scores, code)["status"] == "missing", code


def test_an_index_is_not_red_for_lack_of_variables(gdm: Instrument) -> None:
    """1.2.4 is exempt from red: it is open until the elements that it reads are recorded."""
    rows = [("u", "1", "1.2.3.a", 1), ("u", "1", "1.2.3.b", 1)]
    some = cell(score_rows(gdm, rows), "1.2.4")
    assert some["status"] == "missing"
    assert (some["level_low"], some["level_high"]) == ("rezago", "optimo")
    for code in ("1.2.1", "1.2.2", "1.2.3"):
        rows += [
            ("u", "1", f"{code}.{e.id}", 0)
            for e in gdm.nodes[code].spec.elements
            if f"{code}.{e.id}" not in ("1.2.3.a", "1.2.3.b")
        ]
    assert cell(score_rows(gdm, rows), "1.2.4")["value"] == 15 + 20


@pytest.mark.parametrize("code", ["4.4.1", "4.4.2", "1.3.3", "8.1.3", "2.1.5"])
def test_zero_denominators_have_no_printed_rule(gdm: Instrument, code: str) -> None:
    names = [v.id for v in gdm.nodes[code].spec.variables]
    got = cell(score_rows(gdm, [("u", "1", f"{code}.{n}", 0.0) for n in names]), code)
    assert got["status"] == "undetermined"
    assert math.isnan(got["value"])


NM_INDICATORS = {
    "2.1.2", "2.1.3", "2.1.5", "2.1.6", "5.3.1", "2.3.1", "2.3.4", "3.2.1", "3.2.2", "3.2.3", "3.2.4",
    "3.4.1", "3.4.2", "3.4.3", "4.2.3", "7.1.1", "7.1.2", "7.1.3", "7.1.4",
    *(f"4.4.{i}" for i in range(1, 11)),
}  # fmt: skip


def test_indicators_that_can_be_not_measurable(gdm: Instrument) -> None:
    assert {c for c in gdm.indicators if gdm.nodes[c].spec.not_measurable} == NM_INDICATORS


@pytest.fixture(scope="module")
def states(gdm: Instrument) -> Scores:
    """Return the scores of a unit with ND everywhere and one with NM wherever it is allowed."""
    rows = [("nd", "1", code, "ND") for code in gdm.indicators]
    rows += [("nm", "1", code, "NM") for code in NM_INDICATORS]
    return score_rows(gdm, rows)


# What a recorded ND gives: red in modules 1 and 8 and for 2.3.4 and 2.4.3, open for 3.3.6.
ND_RED = re.compile(r"^(1\.|8\.)|^2\.3\.4$|^2\.4\.3$")


def test_not_available_follows_the_rule_of_each_measure(gdm: Instrument, states: Scores) -> None:
    for code in gdm.indicators:
        got = cell(states, code, "nd")
        exempt = code in ("1.2.4", "3.1.4", "3.2.4")
        if gdm.nodes[code].kind == "measure" and ND_RED.match(code) and not exempt:
            assert got["level"] == "rezago", code
        elif code == "3.3.6":
            assert got["status"] == "undetermined"
        else:
            assert got["status"] == "not_available", code
            assert (got["level_low"], got["level_high"]) == ("rezago", "optimo")


def test_not_measurable_is_produced_where_a_supposition_allows_it(
    gdm: Instrument, states: Scores
) -> None:
    for code in gdm.indicators:
        status = cell(states, code, "nm")["status"]
        assert (status == "not_measurable") == (code in NM_INDICATORS), code
    assert states.counts["total"].excluded[0].tolist() == [0, len(NM_INDICATORS)]


def test_facts_set_indicators_aside(gdm: Instrument) -> None:
    facts = {
        "u": {"predial_estatal": 1, "fuera_zona_metropolitana": 1, "sin_ordenamiento_ecologico": 1}
    }
    scores = score_rows(gdm, [("u", "1", "1.1.1.a", 1)], facts=facts)
    away = {c for c in gdm.indicators if cell(scores, c)["status"] == "not_measurable"}
    assert away == {
        "2.1.2",
        "2.1.3",
        "2.1.5",
        "3.4.1",
        "3.4.2",
        "3.4.3",
        "3.2.1",
        "3.2.2",
        "3.2.3",
        "3.2.4",
    }


def test_theme_7_1_is_not_measured_in_2026(gdm: Instrument) -> None:
    for year, status in ((2025, "missing"), (2026, "not_measurable")):
        scores = score_rows(gdm, [("u", "1", "1.1.1.a", 1)], wave_facts={"1": {"year": year}})
        assert cell(scores, "7.1.1")["status"] == status
    assert scores.counts["total"].excluded[0][0] == 4


def test_not_measurable_elements_reduce_what_is_asked(gdm: Instrument) -> None:
    rows = [("u", "1", f"4.2.1.{e}", 1.0) for e in "abdf"]
    rows += [("u", "1", f"4.2.1.{e}", "NM") for e in "ceghi"]
    scores = score_rows(gdm, rows)
    assert cell(scores, "4.2.1")["level"] == "optimo"
    (remark,) = [r for r in scores.remarks if r.node == "4.2.1"]
    assert gdm.assumed[remark.path].status == "assumed"


def test_the_unit_in_charge_holds_back_the_best_level(gdm: Instrument) -> None:
    rows = [("u", "1", f"6.5.1.{e.id}", 1.0) for e in gdm.nodes["6.5.1"].spec.elements]
    for known, level in ((1.0, "optimo"), (0.0, "en_proceso")):
        scores = score_rows(gdm, rows, facts={"u": {"unidad_juventud": known}})
        assert cell(scores, "6.5.1")["level"] == level


def test_what_was_best_is_not_reviewed_again(gdm: Instrument) -> None:
    full = [("u", "1", f"1.1.1.{e.id}", 1.0) for e in gdm.nodes["1.1.1"].spec.elements]
    annual = [("u", "1", f"1.1.3.{e.id}", 1.0) for e in gdm.nodes["1.1.3"].spec.elements]
    rows = [*full, *annual, ("u", "2", "1.1.2.a", 1.0), ("u", "3", "1.1.2.a", 1.0)]
    scores = score_rows(gdm, rows, waves=("1", "2", "3"))
    for wave in ("2", "3"):
        assert cell(scores, "1.1.1", wave=wave)["status"] == "carried"
        assert cell(scores, "1.1.1", wave=wave)["level"] == "optimo"
        assert cell(scores, "1.1.3", wave=wave)["status"] == "missing"
