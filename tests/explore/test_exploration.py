"""What an exploration shows is what the batch computes, and no place stands without its range."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workbench.errors import Reason, WorkbenchError
from workbench.explore import explore, overview, pair, profile, save_choice
from workbench.explore.exploration import Exploration
from workbench.explore.ranges import DRAWS, WEIGHT_SHARE, Ranges
from workbench.instruments.chosen import with_choices
from workbench.instruments.load import Compiler
from workbench.specs.choices import Choices
from workbench.specs.yaml import Document
from workbench.study import Study
from workbench.study.index import tree_of

# Both sides add the same numbers in another order.
TOLERANCE = 1e-9
WEIGHTS = {"finanzas": 10.0, "personal": 60.0, "planeacion": 30.0}


@pytest.fixture(scope="module")
def seen(root: Path) -> Exploration:
    return explore(root / "params/certeza-ejemplo.yml")


@pytest.fixture(scope="module")
def moved(seen: Exploration) -> Exploration:
    return seen.choose(weights={"total": WEIGHTS})


def own_mean(seen: Exploration, study: Study) -> pd.Series:
    """Weighted mean of the areas, by plain numpy."""
    areas = np.column_stack(
        [study.scores.results[c].score[seen.rows] for c in ("finanzas", "personal", "planeacion")]
    )
    weights = np.array(list(WEIGHTS.values()))
    return pd.Series(areas @ weights / weights.sum(), index=seen.units)


def test_scores_follow_the_weights(seen: Exploration, moved: Exploration) -> None:
    expected = own_mean(seen, seen.base)
    assert moved.table["score"].to_numpy() == pytest.approx(
        expected[moved.table.index].to_numpy(), abs=TOLERANCE
    )
    places = expected.round(9).rank(ascending=False, method="min")
    assert (moved.table["place"] == places[moved.table.index]).all()
    assert (moved.table["place_before"] == seen.table["place"][moved.table.index]).all()
    assert seen.study is seen.base
    assert not seen.is_changed


def test_every_place_has_its_range(moved: Exploration) -> None:
    table = moved.table
    there = table["place"].notna()
    assert moved.basis == "weights"
    assert (table["low"] <= table["place"])[there].all()
    assert (table["place"] <= table["high"])[there].all()
    assert (table["low"] < table["high"]).any()


def test_a_range_is_the_middle_of_places_under_drawn_weights(moved: Exploration) -> None:
    """The same draws, scored by plain numpy: of areas alone, as nothing is missing above them."""
    found = moved.ranges
    assert isinstance(found, Ranges)
    results = moved.study.scores.results
    parts = {a: moved.study.instrument.nodes[a].children for a in WEIGHTS}
    order = tree_of(moved.study, "total", moved.rows).edges
    uniform = np.random.default_rng(moved.base.spec.seed).random((DRAWS, len(order)))
    scores = np.empty((DRAWS, len(moved.rows)))
    for i, row in enumerate(uniform):
        factor = dict(zip(order, 1 + WEIGHT_SHARE * (2 * row - 1), strict=True))
        top, base = np.zeros(len(moved.rows)), 0.0
        for area, weight in WEIGHTS.items():
            x = np.column_stack([results[c].score[moved.rows] for c in parts[area]])
            w = np.array([factor[(c, area)] for c in parts[area]])
            mean = np.nansum(x * w, axis=1) / (~np.isnan(x) * w).sum(axis=1)
            own = weight * factor[(area, "total")]
            top, base = top + own * mean, base + own
        scores[i] = top / base
    places = np.sort((-scores).argsort(axis=1).argsort(axis=1) + 1, axis=0)
    low, high = places[int((DRAWS - 1) * 0.05)], places[int(np.ceil((DRAWS - 1) * 0.95))]
    place = moved.ranks(moved.study).rank
    assert found.low == pytest.approx(np.fmin(low, place))
    assert found.high == pytest.approx(np.fmax(high, place))


def test_a_cohort_has_places_of_its_own_and_scores_of_all(seen: Exploration) -> None:
    name = next(n for n in seen.cohorts if "100,000" in n)
    some = seen.choose(cohort=seen.cohorts[name])
    assert 0 < len(some.table) < len(seen.table)
    assert some.table["place"].min() == 1
    both = seen.table.loc[some.table.index]
    assert (some.table["score"] == both["score"]).all()


def test_what_is_not_free_is_said(root: Path, seen: Exploration) -> None:
    assert seen.freedom("total").any
    assert seen.scale_fixed is not None
    gdm = explore(root / "params/gdm-ejemplo.yml", locale="en")
    assert "there are no weights" in str(gdm.freedom("total").weights)
    assert "no scale to choose" in str(gdm.scale_fixed)
    assert gdm.basis == "data"
    text = repr(overview(gdm))
    assert "Weights of" in text
    assert "there are no weights" in text
    slp = explore(root / "params/gdm-slp-2025.yml")
    assert "la fuente informa el resultado" in repr(overview(slp))


@pytest.mark.parametrize(
    ("study", "choices", "said"),
    [
        ("gdm-ejemplo", {"weights": {"total": {"1": 2}}}, "there are no weights"),
        ("gdm-slp-2025", {"min_availability": {"total": 0.5}}, "what is reported stands"),
        ("certeza-ejemplo", {"weights": {"totl": {"finanzas": 2}}}, "Did you mean total?"),
        ("certeza-ejemplo", {"weights": {"total": {"finanza": 2}}}, "finanzas"),
        ("certeza-ejemplo", {"aggregate": {"servicios": "geometric"}}, "side by side"),
        ("certeza-ejemplo", {"normalise": "min_max"}, "scores already"),
        ("certeza-ejemplo", {"weights": {"total": {"finanzas": 0}}}, "above 0"),
        ("certeza-ejemplo", {"cohort": {"by": "estado", "values": ["x"]}}, "does not group"),
        ("certeza-ejemplo", {"cohort": {"by": "peers", "values": ["grand"]}}, "grande"),
    ],
)
def test_a_choice_that_cant_be_made_is_refused(
    root: Path, study: str, choices: dict, said: str
) -> None:
    opened = Study.open(root / f"params/{study}.yml")
    with pytest.raises(WorkbenchError, match=said):
        _ = opened.what_if(**choices).scores


def test_changed_rules_are_those_of_a_file_that_says_so(root: Path) -> None:
    """The copy is the same as one compiled from what it says."""
    study = Study.open(root / "params/certeza-ejemplo.yml")
    choices = Choices(
        weights={"total": WEIGHTS},
        aggregate={"total": "geometric"},
        min_availability={"personal": 0.0},
    )
    found = with_choices(study.own_instrument, choices, study.place)
    whole = Compiler(found.spec, Document(found.name), found.sha256).compile()
    assert {c: (n.aggregate, n.aggregate_path) for c, n in found.nodes.items()} == {
        c: (n.aggregate, n.aggregate_path) for c, n in whole.nodes.items()
    }
    assert {c: n.spec for c, n in found.nodes.items()} == {
        c: n.spec for c, n in whole.nodes.items()
    }
    assert {a.path for a in found.assumptions} == {a.path for a in whole.assumptions}


def test_another_scale_is_fitted_to_the_reference(tmp_path: Path) -> None:
    """Three units between goalposts, then from the lowest to the highest of them."""
    small_study(tmp_path)
    seen = explore(tmp_path / "params/escalas.yml")
    scaled = seen.choose(normalise="min_max")
    assert seen.table["score"].tolist() == pytest.approx([60, 40, 20])
    assert scaled.table["score"].tolist() == pytest.approx([100, 50, 0])
    assert scaled.is_changed
    assert not scaled.choose(normalise=None).table["score"].equals(scaled.table["score"])


def small_study(folder: Path) -> None:
    """A study of three units whose one indicator lies between goalposts."""
    for name in ("params", "data/instruments"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "data/units.csv").write_text("unit,name\na,A\nb,B\nc,C\n", encoding="utf-8")
    (folder / "data/obs.csv").write_text("unit,code,value\na,x,6\nb,x,4\nc,x,2\n", encoding="utf-8")
    (folder / "data/instruments/escalas.yml").write_text(
        """
id: escalas
version: "1"
title: {es: "Escalas"}
publisher: {es: "Prueba"}
completeness: published
sources: [{id: p, title: {es: "Prueba"}}]
tiers: [{id: total, title: {es: "Total"}, plural: {es: "Totales"}, aggregate: {method: arithmetic}}]
nodes: [{code: t, tier: total, title: {es: "Total"}}]
indicators:
  - {code: x, kind: measure, parent: t, title: {es: "X"}, normalise: {method: goalposts, lower: 0, upper: 10}}
""",
        encoding="utf-8",
    )
    (folder / "params/escalas.yml").write_text(
        """
id: escalas
title: {es: "Escalas"}
author: {es: "Prueba"}
date: 2025-01-01
instrument: escalas
units: {file: data/units.csv}
waves: [{id: "2025", year: 2025}]
observations: [{file: data/obs.csv, wave: "2025", code: {column: code}, value: {column: value}}]
""",
        encoding="utf-8",
    )


# -- said in words ------------------------------------------------------------------------------


def test_a_profile_and_a_pair_say_what_the_table_says(moved: Exploration) -> None:
    unit, other = moved.table.index[3], moved.table.index[8]
    row = moved.table.loc[unit]
    text = repr(profile(moved, unit))
    assert f"{row['place']:.0f} ({row['low']:.0f}–{row['high']:.0f})" in text
    assert f"{row['score']:.1f}" in text
    both = repr(pair(moved, unit, other))
    assert row["name"] in both
    assert moved.table.loc[other, "name"] in both


def test_without_a_range_no_place_is_shown(root: Path) -> None:
    cimtra = explore(root / "params/cimtra-monterrey.yml", locale="en")
    assert cimtra.basis == ""
    assert cimtra.table["place"].isna().all()
    assert "No places are shown" in repr(overview(cimtra))


def test_a_level_has_no_places(root: Path) -> None:
    classes = explore(root / "params/capacidad-ejemplo.yml", locale="en")
    assert not classes.has_places
    assert "only levels" in repr(overview(classes))
    assert sum(classes.level_counts()) + classes.without_level == len(classes.table)


def test_a_study_without_results_says_so(root: Path) -> None:
    with pytest.raises(WorkbenchError, match="no group of the study has a result"):
        explore(root / "params/comparaciones-ejemplo.yml")


# -- kept as a study ----------------------------------------------------------------------------


def test_a_saved_choice_gives_the_same_in_the_batch(root: Path, tmp_path: Path) -> None:
    copied = copy_certeza(root, tmp_path)
    seen = explore(copied)
    name = next(n for n in seen.cohorts if "20,000 a" in n)
    seen = seen.choose(
        weights={"total": WEIGHTS}, aggregate={"total": "geometric"}, cohort=seen.cohorts[name],
        wave="2023",
    )  # fmt: skip
    study = Study.open(save_choice(seen, "mi-eleccion"))
    assert study.spec.id == "mi-eleccion"
    assert "(elecciones propias)" in study.spec.title.in_("es-MX")
    assert list(study.scores.cases.get_level_values("wave").unique()) == ["2023"]
    batch = study.scores.wide("2023")["total"]
    assert sorted(batch.index) == sorted(seen.table.index)
    assert batch[seen.table.index].to_numpy() == pytest.approx(
        seen.table["score"].to_numpy(), abs=TOLERANCE, nan_ok=True
    )
    view = study.view(str(batch.idxmax()))
    assert any("Se eligió en el estudio" in a.reason for a in view.assumptions)
    # What was not touched stays as its author wrote it.
    text = (tmp_path / "params/mi-eleccion.yml").read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server:")


def test_nothing_is_written_over_unasked(root: Path, tmp_path: Path) -> None:
    seen = explore(copy_certeza(root, tmp_path))
    path = save_choice(seen, "mia")
    before = path.read_bytes()
    changed = seen.choose(weights={"total": WEIGHTS})
    with pytest.raises(WorkbenchError) as error:
        save_choice(changed, "mia")
    assert error.value.reason is Reason.FILE_EXISTS
    assert path.read_bytes() == before
    assert save_choice(changed, "mia", overwrite=True).read_bytes() != before
    for name in ("certeza-ejemplo", "../fuera", "Con Espacios", ""):
        with pytest.raises(WorkbenchError):
            save_choice(changed, name, overwrite=True)
    assert sorted(p.name for p in (tmp_path / "params").iterdir()) == [
        "certeza-ejemplo.yml",
        "mia.yml",
    ]


def copy_certeza(root: Path, folder: Path) -> Path:
    """A project folder with the example that has weights."""
    import shutil

    for name in ("params", "data/instruments", "data/cases"):
        (folder / name).mkdir(parents=True)
    for name in ("params/certeza-ejemplo.yml", "data/instruments/certeza-ejemplo.yml"):
        shutil.copyfile(root / name, folder / name)
    shutil.copytree(root / "data/cases/certeza-ejemplo", folder / "data/cases/certeza-ejemplo")
    return folder / "params/certeza-ejemplo.yml"
