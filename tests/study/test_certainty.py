"""How sure single statements are, against plain arithmetic on the files of the example."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.support import INSTRUMENT, Project
from workbench.errors import WorkbenchError
from workbench.study import Study
from workbench.study.certainty_views import PlacesView
from workbench.study.compare import compare
from workbench.study.compared import Compared
from workbench.study.robustness import weight_robustness
from workbench.study.views import UnitView

# Of a 95 % interval.
WIDE = 1.959963984540054
AREAS = {"finanzas": ["f1", "f2", "f3"], "personal": ["h1", "h2"], "planeacion": ["p1", "p2", "p3"]}
WEIGHTS = {"finanzas": 0.5, "personal": 0.25, "planeacion": 0.25}
RELIABLE = "reliability: {total: {value: 0.9, kind: raters, source: Someone 2024}}"
STUDY = """
id: estudio
title: {es: Estudio, en: Study}
author: Tester
date: 2025-01-31
instrument: prueba
units: {file: data/units.csv, population: population}
waves: [{id: "2023", year: 2023}, {id: "2025", year: 2025}]
observations:
  - {file: data/observations.csv, wave: {column: wave}, code: {column: code}, value: {column: value}}
"""


@pytest.fixture(scope="module")
def example(root: Path) -> Study:
    return Study.open(root / "params/certeza-ejemplo.yml", locale="en")


@pytest.fixture(scope="module")
def results(root: Path) -> dict[str, pd.DataFrame]:
    """Results by wave, straight from the file: areas, the total, and homes counted."""
    rows = pd.read_csv(
        root / "data/cases/certeza-ejemplo/observaciones.csv", dtype={"unit": str, "wave": str}
    )
    found = {}
    for wave, part in rows.groupby("wave"):
        wide = part.pivot(index="unit", columns="code", values="value")
        areas = pd.DataFrame({a: wide[codes].mean(axis=1) for a, codes in AREAS.items()})
        areas["total"] = sum(WEIGHTS[a] * areas[a] for a in AREAS)
        areas[["con_agua", "viviendas"]] = wide[["agua.con_agua", "agua.viviendas"]]
        found[str(wave)] = areas
    return found


def project(
    path: Path, n: int = 36, *, declared: str = "", instrument: str = INSTRUMENT
) -> Project:
    """Return a study of units measured twice; each rises by two points but the first, by thirty."""
    rng = np.random.default_rng(2)
    units, rows = ["unit,name,population"], ["unit,wave,code,value"]
    for i in range(n):
        code, start = f"{i + 1:05d}", rng.uniform(20, 60)
        units.append(f"{code},Name {i},{1000 * (i + 1)}")
        for wave, rise in (("2023", 0), ("2025", 2 if i else 30)):
            rows += [f"{code},{wave},{c},{start + rise:.2f}" for c in ("agua", "luz")]
    study = STUDY + (f"comparisons:\n  {declared}\n" if declared else "")
    return Project(path, instrument, "\n".join(units), "\n".join(rows), study)


# -- change ----------------------------------------------------------------------------------------


def test_a_change_is_held_against_the_declared_precision(
    example: Study, results: dict[str, pd.DataFrame]
) -> None:
    before, now = results["2023"]["total"], results["2025"]["total"]
    error = before.std(ddof=1) * np.sqrt(1 - 0.9)
    reach = WIDE * np.sqrt(2) * error
    for unit in ("96003", "96010", "96024", "96030"):
        found = example.view(unit).certainty.changes["total"]
        change = now[unit] - before[unit]
        assert found.change == pytest.approx(change)
        assert found.reach == pytest.approx(reach)
        assert found.outcome == ("rose" if change > reach else "within")
    assert example.view("96024").certainty.changes["total"].outcome == "rose"
    # Who was not measured before has no change.
    assert example.view("96006").certainty.changes == {}


def test_a_standard_error_stands_as_it_is_declared(example: Study) -> None:
    found = example.view("96010").certainty.changes["finanzas"]
    assert found.reach == pytest.approx(WIDE * np.sqrt(2) * 4)
    assert "personal" not in example.view("96010").certainty.changes


def test_the_cohort_counts_what_the_reports_say(example: Study) -> None:
    counts = example.cohort_view().certainty.changes["total"]
    views = [example.view(unit).certainty.changes for unit in example.observed_units()]
    outcomes = [v["total"].outcome for v in views if "total" in v]
    assert counts == tuple(outcomes.count(word) for word in ("rose", "fell", "within"))


def test_without_a_declared_precision_no_change_is_judged(tmp_path: Path) -> None:
    view = project(tmp_path).open().view("00001")
    assert view.certainty.changes == {}
    assert view.certainty.precisions == ()
    assert view.certainty.places == {}


@pytest.mark.parametrize(
    ("n", "value", "reason"), [(36, 0.5, "too_unreliable"), (29, 0.9, "too_few")]
)
def test_a_precision_that_says_nothing_judges_nothing(
    tmp_path: Path, n: int, value: float, reason: str
) -> None:
    declared = RELIABLE.replace("0.9", str(value))
    view = project(tmp_path, n, declared=declared).open().view("00001")
    assert view.certainty.changes == {}
    assert [p.refusal for p in view.certainty.precisions] == [reason]


def test_the_study_speaks_before_the_instrument(tmp_path: Path) -> None:
    own = INSTRUMENT + "reliability: {total: {std_error: 20, kind: other, source: Instrument}}\n"
    declared = "reliability: {total: {std_error: 1, kind: retest, source: Study}}"
    study = project(tmp_path, instrument=own, declared=declared).open()
    assert [p.source for p in study.view("00001").certainty.precisions] == ["Study"]
    assert study.view("00001").certainty.changes["total"].outcome == "rose"
    other = project(tmp_path / "other", instrument=own).open()
    assert other.view("00001").certainty.changes["total"].outcome == "within"


def test_standard_errors_of_the_data_count(tmp_path: Path) -> None:
    made = project(tmp_path)
    rows = ["unit,wave,code,value,error"]
    rows += [
        f"{i:05d},{wave},total,{40 + i + rise},{error}"
        for i in range(1, 11)
        for wave, rise, error in (("2023", 0, 3), ("2025", 12, 4 if i < 10 else ""))
    ]
    made.observations = "\n".join(rows)
    made.study = made.study.replace(
        "{column: value}}", "{column: value}, std_error: {column: error}}"
    )
    study = made.open()
    found = study.view("00001").certainty
    assert found.changes["total"].reach == pytest.approx(WIDE * 5)
    assert found.changes["total"].outcome == "rose"
    # The tenth has no error now: nothing is said of it, nor of places among all ten.
    assert study.view("00010").certainty.changes == {}
    assert found.places == {}


def test_a_node_that_does_not_exist_is_named(tmp_path: Path) -> None:
    study = project(tmp_path, declared=RELIABLE.replace("{total:", "{totl:")).open()
    with pytest.raises(WorkbenchError, match="total"):
        study.view("00001")


# -- position, place, target -----------------------------------------------------------------------


def position_by_hand(total: pd.Series, unit: str, members: list[str]) -> tuple[int, int, int]:
    peers = total[members].dropna().round(1)
    own = round(total[unit], 1)
    return int((peers < own).sum()), int((peers == own).sum()), int((peers > own).sum())


def test_a_position_counts_peers(example: Study, results: dict[str, pd.DataFrame]) -> None:
    total = results["2025"]["total"]
    for unit in ("96001", "96010", "96020"):
        found = example.view(unit).certainty.positions["total"]
        members = example.peers.members(unit)
        assert (found.worse, found.same, found.better) == position_by_hand(total, unit, members)
        assert found.percentile == pytest.approx(100 * (found.worse + found.same / 2) / found.n)
        assert found.values == ()


def test_too_few_peers_are_listed(example: Study, results: dict[str, pd.DataFrame]) -> None:
    found = example.view("96030").certainty.positions["total"]
    assert found.percentile is None
    assert found.n == 6
    peers = results["2025"]["total"][example.peers.members("96030")]
    assert found.values == pytest.approx(sorted(peers.round(1)))


def test_missing_data_widen_a_position(example: Study) -> None:
    found = example.view("96004").certainty.positions["planeacion"]
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.high


def test_places_hold_by_error_and_over_choices(
    example: Study, results: dict[str, pd.DataFrame]
) -> None:
    total = results["2025"]["total"]
    error, choices = example.view("96010").certainty.places["total"]
    rank = int((total > total["96010"]).sum()) + 1
    assert (error.basis, choices.basis) == ("error", "choices")
    for found in (error, choices):
        assert 1 <= found.low <= rank <= found.high <= len(total)
    assert example.cohort_view().certainty.places["96010"] == (error, choices)


def test_only_a_mean_of_parts_has_other_weights(tmp_path: Path) -> None:
    made = project(tmp_path, declared="robustness: {}")
    assert made.open().view("00001").certainty.places["total"][0].basis == "choices"
    # Reported totals that the parts do not give have places of their own.
    made.observations = str(made.observations) + "\n00002,2025,total,99.5"
    found = made.open().view("00001").certainty
    assert found.places == {}
    assert found.no_choices == ("Resultado",)


def test_the_range_holds_the_share_that_the_study_declares(tmp_path: Path) -> None:
    study = project(tmp_path, declared="robustness: {share: 0.5}").open()
    assert study.view("00001").certainty.places["total"][0].share == 0.5
    found = weight_robustness(Compared(study), "total", "2025", "00001")
    assert found is not None
    assert found.interval is not None
    assert found.interval.level == 0.5


def test_levels_of_a_plan_count_in_reports(tmp_path: Path) -> None:
    """Parts of the total stand at level 1: what the plan says of that level is what is varied."""

    def found(declared: str) -> PlacesView:
        study = project(tmp_path, declared=f"robustness: {declared}").open()
        return study.view("00001").certainty.places["total"][0]

    plain, wide = found("{}"), found("{weight_share: 0.0, weight_shares: {1: 0.5}}")
    assert (plain.weight_share, wide.weight_share) == (0.25, 0.5)
    assert found("{weight_shares: {1: 0.25}, out_level: 1}") == plain
    for wrong in ("{weight_shares: {7: 0.1}}", "{out_level: 5}"):
        with pytest.raises(WorkbenchError, match="no parts have this level"):
            found(wrong)


def test_a_target_is_met_beyond_error_only(
    example: Study, results: dict[str, pd.DataFrame]
) -> None:
    error = results["2023"]["total"].std(ddof=1) * np.sqrt(0.1)
    for unit, total in results["2025"]["total"].items():
        found = example.view(str(unit)).certainty.targets["total"]
        verdict = "undetermined"
        if abs(total - 60) > WIDE * error:
            verdict = "positive" if total > 60 else "negative"
        assert found.verdict == verdict
        assert found.low == pytest.approx(total - WIDE * error)


def test_a_target_without_error_has_no_interval(tmp_path: Path) -> None:
    study = project(tmp_path, declared="targets: {total: 60}").open(locale="en")
    found = study.view("00001").certainty.targets["total"]
    assert found.verdict is None
    assert found.low is None
    result = compare(study, "target", unit="00001").result
    assert result.interval is None
    sure = project(tmp_path / "sure", declared=f"{RELIABLE}\n  targets: {{total: 60}}").open()
    assert compare(sure, "target", unit="00001").result.interval is not None


def test_an_index_of_which_less_is_better_is_turned(tmp_path: Path) -> None:
    turned = INSTRUMENT.replace("title: {es: Resultado", "direction: -1, title: {es: Resultado")
    study = project(tmp_path, instrument=turned).open()
    assert Compared(study).direction("total") == -1
    lowest = Compared(study).scores("total", "2025").idxmin()
    assert study.view(lowest).certainty.positions["total"].better == 0


# -- what chance gives -----------------------------------------------------------------------------


def test_shares_stand_beside_what_chance_gives(
    example: Study, results: dict[str, pd.DataFrame]
) -> None:
    counted = results["2025"]
    centre = 100 * counted["con_agua"].sum() / counted["viviendas"].sum()
    found = {u: example.view(u).certainty.chances[0] for u in example.observed_units()}
    for unit, chance in found.items():
        assert chance.value == pytest.approx(
            100 * counted.loc[unit, "con_agua"] / counted.loc[unit, "viviendas"]
        )
        assert chance.centre == pytest.approx(centre)
        assert chance.low < chance.centre < chance.high
        assert (chance.place == "inside") == (chance.low <= chance.value <= chance.high)
        assert chance.outer_low < chance.low
    outside = sum(c.place != "inside" for c in found.values())
    assert {c.outside for c in found.values()} == {outside}
    cohort = example.cohort_view().certainty.chances[0]
    assert cohort.outside == outside
    assert len(cohort.above) + len(cohort.below) == sum(c.beyond for c in found.values())


def test_fewer_than_ten_say_nothing_of_chance(tmp_path: Path) -> None:
    measure = (
        INSTRUMENT
        + """
  - code: casas
    kind: measure
    title: {es: Casas, en: Homes}
    variables: [{id: con, title: Con}, {id: todas, title: Todas}]
    formula: con / todas * 100
    counted: [con, todas]
    undefined: {state: undetermined}
"""
    )
    made = project(tmp_path, 9, instrument=measure)
    rows = [
        f"{i:05d},2025,casas.{k},{x}" for i in range(1, 10) for k, x in (("con", 20), ("todas", 30))
    ]
    made.observations = "\n".join([str(made.observations), *rows])
    found = made.open().view("00001").certainty
    assert found.chances == ()
    assert [(c.code, c.n, c.needed) for c in found.no_chances] == [("casas", 9, 10)]


def test_a_view_survives_being_frozen(example: Study) -> None:
    view = example.view("96010")
    assert UnitView.model_validate_json(view.model_dump_json()) == view
