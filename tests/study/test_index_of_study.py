"""The index of a study in matrix form: the same scores as the study, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.support import Project
from workbench.errors import WorkbenchError
from workbench.study import Study

# The same sums in another order.
APART = 1e-9


@pytest.mark.parametrize(
    "name",
    ["gdm-ejemplo", "fortaleza-ejemplo", "asociaciones-ejemplo", "cuadrantes-ejemplo",
     "base-institucional-ejemplo", "reconocimiento-ejemplo", "icma-resultados"],
)  # fmt: skip
def test_scores_are_those_of_the_study(root: Path, name: str) -> None:
    """Shares of a level and means, with what is missing, not available and not applicable."""
    index = Study.open(root / f"params/{name}.yml").index
    beside = index.reports["beside_study"]
    assert beside["largest_difference"].max() < APART
    assert beside["n_in_one_alone"].sum() == 0
    assert beside["n"].sum() > 0


@pytest.mark.parametrize("name", ["conapo-municipal", "conapo-acp", "idh-pnud"])
def test_published_indices(root: Path, shared: Path, name: str) -> None:
    """DP2 over three waves with a pooled reference, first components, geometric means."""
    index = Study.open(root / f"params/replications/{name}.yml").index
    beside = index.reports["beside_study"]
    assert beside["largest_difference"].max() < APART
    assert beside["n_in_one_alone"].sum() == 0
    other = index.what_if(without=index.structure.indicators[0])
    assert 0.5 < abs(other.scores.corr(index.scores)) < 1


def test_places_of_an_index_of_which_less_is_better(root: Path, shared: Path) -> None:
    index = Study.open(root / "params/replications/conapo-acp.yml").index
    top = index.structure.nodes[index.structure.top]
    last = index.latest.index.get_level_values("wave")[-1]
    score, rank = (x.xs(last, level="wave") for x in (index.scores, index.ranks()))
    best = score.min() if top.direction < 0 else score.max()
    assert rank[score == best].tolist() == [1.0]


def test_another_normalisation_keeps_the_order_of_an_index_of_which_less_is_better(
    root: Path, shared: Path
) -> None:
    index = Study.open(root / "params/replications/conapo-acp.yml").index
    other = index.what_if(normalise={"method": "z_score", "scope": "wave"}, aggregate="arithmetic")
    last = index.latest.index.get_level_values("wave")[-1]
    ranks = [x.ranks().xs(last, level="wave") for x in (index, other)]
    assert ranks[0].corr(ranks[1]) > 0.95


def test_a_choice_that_changes_nothing_is_refused(root: Path) -> None:
    index = Study.open(root / "params/fortaleza-ejemplo.yml").index
    with pytest.raises(WorkbenchError, match="every part has a rule of its own"):
        index.what_if(normalise={"scale": 2.0})
    assert not index.what_if(normalise="rank").scores.equals(index.scores)


def test_a_share_without_an_indicator_weighs_the_others(root: Path) -> None:
    """What is left of a theme weighs as many indicators as are left."""
    index = Study.open(root / "params/gdm-ejemplo.yml").index
    gone = index.structure.indicators[0]
    other = index.what_if(without=gone)
    left = [c for c in index.structure.indicators if c != gone]
    raw = index.data["raw"][left].mean(axis=1)
    if index.not_applicable is not None:
        raw = index.data["raw"][left].mask(index.not_applicable[left]).mean(axis=1)
    np.testing.assert_allclose(other.scores, raw, rtol=1e-10)


def test_results_without_indicators_are_refused(root: Path) -> None:
    with pytest.raises(WorkbenchError, match="nothing is observed of the indicators"):
        _ = Study.open(root / "params/gdm-slp-2025.yml").index


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("migestion-ejemplo", "its weights are not known"),
        ("pefa-subnacional-ejemplo", "makes no number of numbers|stand side by side"),
    ],
)
def test_what_is_no_number_of_numbers_is_refused(root: Path, name: str, said: str) -> None:
    with pytest.raises(WorkbenchError, match=said):
        _ = Study.open(root / f"params/{name}.yml").index


NATION = """
id: prueba
version: "1"
title: Nación
publisher: Prueba
example: true
completeness: partial
sources: [{id: p, title: Prueba}]
tiers:
  - {id: indice, title: Índice, plural: Índices}
headline: [total]
nodes:
  - {code: total, tier: indice, title: Total, aggregate: {method: power, exponent: 2.0, min_availability: 0.0, min_parts: 0.6}}
  - {code: pares, tier: indice, title: Por pares, parent: total, weight: 2.0, aggregate: {method: copeland}, normalise: {method: min_max}}
  - {code: suma, tier: indice, title: Suma, aggregate: {method: copeland}}
indicators:
  - {code: a, kind: measure, parent: [suma], title: A, weight: 3.0, normalise: {method: min_max, treat: {method: shape, most: 1, then: log_ct}}}
  - {code: b, kind: measure, parent: [suma, pares], direction: -1, title: B, normalise: {method: scaled, upper: 200.0}}
  - {code: c, kind: measure, parent: [pares, total], title: C, normalise: {method: classes, points: [0, 50, 100], cuts: [3.0, 6.0]}}
  - {code: d, kind: measure, parent: [total], title: D, normalise: {method: min_max, range: [0, 50], treat: {method: transform, by: box_cox, power: 0.5}}}
"""


STUDY = """
id: nacion
title: Nación
author: Prueba
date: 2025-01-31
instrument: prueba
units: {file: data/units.csv, name: name}
waves: [{id: "2025", year: 2025}]
observations:
  - {file: data/observations.csv, columns: codes}
"""


def test_an_instrument_declares_what_coinr_can(tmp_path: Path) -> None:
    """Two-step treatment, Box-Cox, scaling, fixed classes, power means, Copeland: all in YAML."""
    rng = np.random.default_rng(4)
    data = pd.DataFrame(
        {"a": np.r_[rng.uniform(1, 5, 36), 90, 90, 130, 400], "b": rng.uniform(10, 90, 40),
         "c": rng.uniform(0, 9, 40), "d": rng.gamma(1, 5, 40)}
    )  # fmt: skip
    data.insert(0, "unit", [f"{i:05d}" for i in range(40)])
    units = data[["unit"]].assign(name=data["unit"]).to_csv(index=False)
    project = Project(tmp_path, NATION, units, data.to_csv(index=False), STUDY)
    study = project.open()
    scores = study.scores.wide("2025")
    x = data.set_index("unit")
    shifted = np.log(x["a"] - x["a"].min() + 0.01 * (x["a"].max() - x["a"].min()))
    wanted = (shifted - shifted.min()) / (shifted.max() - shifted.min()) * 100
    np.testing.assert_allclose(scores["a"], wanted, rtol=1e-9)
    np.testing.assert_allclose(scores["b"], -x["b"] / 200 * 100)
    np.testing.assert_allclose(scores["c"], np.select([x["c"] <= 3, x["c"] <= 6], [0, 50], 100))
    root_ = np.sqrt(x["d"] - x["d"].min() + 1) * 2 - 2
    np.testing.assert_allclose(scores["d"], root_ / root_.max() * 50, rtol=1e-9)
    parts, weights = scores[["a", "b"]].to_numpy(), np.array([3.0, 1.0])
    above = (np.sign(parts[:, None] - parts[None]) * weights).sum(axis=2)
    np.testing.assert_allclose(scores["suma"], np.sign(above).sum(axis=1))
    pairs = study.scores.results["pares"].score
    total = np.sqrt((2 * pairs**2 + scores["c"] ** 2 + scores["d"] ** 2) / 4)
    np.testing.assert_allclose(scores["total"], total, rtol=1e-9)
    said = study.explain("00001", "suma").text("en")
    assert "above in more than half of the weight" in said
