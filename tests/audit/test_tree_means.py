"""Scores under thousands of sets of weights are those of the index, one set at a time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.audit import Index, Node, Structure
from workbench.audit.alternatives import LISTS
from workbench.audit.importance import edges_of
from workbench.audit.index.aggregate import rules_of
from workbench.audit.tree_means import TreeMeans
from workbench.audit.variants import Variants
from workbench.errors import ScoringError
from workbench.specs.index import AggregateAll
from workbench.specs.instrument import Mean
from workbench.specs.robustness import Robustness

# c belongs to both groups; right is half an indicator, half a group of its own.
ROWS = [
    {"code": "a", "parent": "left", "weight": 1.0},
    {"code": "b", "parent": "left", "weight": 2.0},
    {"code": "c", "parent": "left", "weight": 0.5},
    {"code": "c", "parent": "inner", "weight": 3.0},
    {"code": "d", "parent": "inner", "weight": 1.0},
    {"code": "e", "parent": "right", "weight": 1.0},
    {"code": "inner", "parent": "right", "weight": 1.0},
    {"code": "left", "parent": "all", "weight": 2.0},
    {"code": "right", "parent": "all", "weight": 3.0},
    {"code": "all", "parent": None, "weight": 1.0},
]
MEANS = ["arithmetic", "geometric", "harmonic"]


def index(gaps: float = 0.0, units: int = 30, seed: int = 3) -> Index:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        rng.uniform(1, 99, (units, 5)),
        index=[f"u{i:02d}" for i in range(units)],
        columns=list("abcde"),
    )
    holes = rng.random(frame.shape) < gaps
    return Index.make(frame.mask(holes), pd.DataFrame(ROWS)).normalise(None)


def tree_of(made: Index) -> TreeMeans:
    step = next(s for s in made.steps if isinstance(s, AggregateAll))
    values = made.data["normalised"][list(made.structure.indicators)].to_numpy(dtype=float)
    return TreeMeans(values, made.structure, rules_of(made.structure, step))


def one_by_one(made: Index, weights: np.ndarray) -> np.ndarray:
    """Return scores of the index itself, built anew for each set of weights."""
    edges, nodes = edges_of(made.structure), made.structure.to_frame()
    step = next(s for s in made.steps if isinstance(s, AggregateAll))
    found = []
    for row in weights:
        table = nodes.copy()
        for (part, group), weight in zip(edges, row, strict=True):
            table.loc[(table["code"] == part) & (table["parent"] == group), "weight"] = weight
        again = Index.make(made.data["raw"], table).normalise(None).follow([step])
        found.append(again.aggregated["all"].to_numpy())
    return np.column_stack(found)


def drawn(made: Index, n: int = 4, seed: int = 8) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0.3, 3, (n, len(edges_of(made.structure))))


@pytest.mark.parametrize("gaps", [0.0, 0.3])
@pytest.mark.parametrize("method", MEANS)
def test_products_are_the_index(method: str, gaps: float) -> None:
    made = index(gaps).aggregate(method, min_availability=0.0)
    weights = drawn(made)
    expected = one_by_one(made, weights)
    assert tree_of(made).scores(weights) == pytest.approx(expected, rel=1e-11, nan_ok=True)


@pytest.mark.parametrize("gaps", [0.0, 0.2])
def test_power_means_are_the_index(gaps: float) -> None:
    made = index(gaps).aggregate("power", exponent=3, min_availability=0.0)
    weights = drawn(made)
    expected = one_by_one(made, weights)
    assert tree_of(made).scores(weights) == pytest.approx(expected, rel=1e-11, nan_ok=True)


@pytest.mark.parametrize("gaps", [0.0, 0.3])
def test_rules_that_differ_are_joined_group_by_group(gaps: float) -> None:
    levels = {2: {"method": "geometric", "min_availability": 0.0}, 3: {"method": "median"}}
    made = index(gaps).aggregate("arithmetic", levels=levels, min_availability=0.0)
    tree, weights = tree_of(made), drawn(made)
    assert tree._power is None
    expected = one_by_one(made, weights)
    assert tree.scores(weights) == pytest.approx(expected, rel=1e-11, nan_ok=True)


@given(
    gaps=st.floats(0, 0.6),
    seed=st.integers(0, 10_000),
    method=st.sampled_from(MEANS),
    least=st.sampled_from([0.0, 0.4, 0.7, 1.0]),
)
@settings(max_examples=40, deadline=None)
def test_both_ways_agree(gaps: float, seed: int, method: str, least: float) -> None:
    made = index(gaps, 15, seed).aggregate(method, min_availability=least)
    tree, weights = tree_of(made), drawn(made, 6, seed)
    assert tree.scores(weights) == pytest.approx(
        tree._group_by_group(weights), rel=1e-11, nan_ok=True
    )


@pytest.mark.parametrize("least", [0.0, 0.5, 1.0])
def test_who_has_a_score_does_not_depend_on_the_draw(least: float) -> None:
    made = index(0.3).aggregate("arithmetic", min_availability=least)
    found = tree_of(made).scores(drawn(made, 50))
    own = made.aggregated["all"].isna().to_numpy()
    assert 0 < own.sum() < len(own) or least == 0
    assert (np.isnan(found) == own[:, None]).all()


def test_a_part_without_weight_counts_nothing() -> None:
    made = index().aggregate("arithmetic")
    weights = drawn(made)
    at = edges_of(made.structure).index(("a", "left"))
    weights[:, at] = 0.0
    without = made.data["normalised"].assign(a=50.0)
    step = next(s for s in made.steps if isinstance(s, AggregateAll))
    other = TreeMeans(
        without[list(made.structure.indicators)].to_numpy(),
        made.structure,
        rules_of(made.structure, step),
    )
    assert tree_of(made).scores(weights) == pytest.approx(other.scores(weights), rel=1e-12)


def test_a_cap_is_kept_on_the_way_up() -> None:
    rule = {"method": "arithmetic", "cap": 40.0}
    made = index().aggregate("arithmetic", levels={2: rule, 3: rule})
    weights = drawn(made)
    expected = one_by_one(made, weights)
    assert tree_of(made)._power is None
    assert tree_of(made).scores(weights) == pytest.approx(expected, rel=1e-11)


def test_a_root_of_0_is_refused_by_name() -> None:
    made = index().aggregate("geometric")
    values = made.data["normalised"][list(made.structure.indicators)].to_numpy(copy=True)
    values[4, 1] = 0.0
    rules = {g: Mean(method="geometric") for g in made.structure.order}
    with pytest.raises(ScoringError, match=r"scores above 0; b has 1 others, as that of u04"):
        TreeMeans(values, made.structure, rules, units=list(made.data["raw"].index))


def test_blocks_of_draws_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    made = index(0.2).aggregate("arithmetic", levels={2: {"method": "median"}}, min_availability=0)
    tree, weights = tree_of(made), drawn(made, 25)
    whole = tree.scores(weights)
    monkeypatch.setattr("workbench.audit.tree_means._CELLS", 1000)
    assert np.array_equal(tree.scores(weights), whole, equal_nan=True)


# -- what a plan varies --------------------------------------------------------------------------


COUNTS = [
    *(Node(c, parents={"l": 1.0}) for c in "abcd"),
    *(Node(c, parents={"r": 1.0}) for c in "ef"),
    Node("l", 2, {"t": 4.0}, is_group=True, counts=True),
    Node("r", 2, {"t": 2.0}, is_group=True, counts=True),
    Node("t", 3, is_group=True, counts=True),
]


@pytest.mark.parametrize("least", [0.0, 0.6, 1.0])
@pytest.mark.parametrize("top", ["arithmetic", "geometric", "median"])
def test_what_does_not_apply_leaves_its_weight(top: str, least: float) -> None:
    """A group of four of which two apply weighs as two, in the draws as in the index."""
    rng = np.random.default_rng(1)
    units = [f"u{i:02d}" for i in range(40)]
    frame = pd.DataFrame(rng.uniform(1, 99, (40, 6)), index=units, columns=list("abcdef"))
    absent = pd.DataFrame(rng.random(frame.shape) < 0.25, index=units, columns=frame.columns)
    frame = frame.mask(absent | (rng.random(frame.shape) < 0.1))
    made = replace(Index.make(frame, Structure.of(COUNTS)), not_applicable=absent)
    rule = {"method": top, "min_availability": least}
    made = made.normalise(None).aggregate("arithmetic", levels={3: rule}, min_availability=least)
    variants = Variants(made, Robustness())
    for place, code in enumerate(["", *"abcdef"]):
        picks = np.zeros(len(LISTS), dtype=int)
        picks[LISTS.index("one_out")] = place
        found = variants.scores(picks, np.nan, variants.base[None, :])[:, 0]
        other = made.what_if(without=code) if code else made
        assert found == pytest.approx(other.scores.to_numpy(), rel=1e-11, nan_ok=True), code


def test_shares_by_level() -> None:
    made = index().aggregate("arithmetic")
    variants = Variants(made, Robustness(weight_share=0.1, weight_shares={1: 0.5, 3: 0.0}))
    reach = dict(zip(variants.edges, variants.reach, strict=True))
    levels = {part: made.structure.nodes[part].level for part, _ in reach}
    expected = {edge: {1: 0.5, 2: 0.1, 3: 0.0}[levels[edge[0]]] for edge in reach}
    assert reach == expected
    uniform = np.random.default_rng(1).random((500, len(reach)))
    ratio = variants.weights(uniform) / variants.base
    assert ratio.min() >= 0.5
    assert ratio.max() <= 1.5
    assert (np.abs(ratio - 1).max(axis=0) <= variants.reach + 1e-12).all()


def test_a_choice_that_turns_the_order_is_refused() -> None:
    turned = pd.DataFrame(ROWS)
    turned["direction"] = [-1 if len(code) == 1 else 1 for code in turned["code"]]
    frame = index().data["raw"]
    made = Index.make(frame, turned).normalise("min_max", range=(1, 100)).aggregate("arithmetic")
    with pytest.raises(ScoringError, match=r"normalise: none.*turns the order of the units round"):
        Variants(made, Robustness(normalise=("none",)))


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        ({"sobol_samples": 100}, "a power of two is needed"),
        ({"weight_shares": {2: 1.5}}, "a share of a weight"),
        ({"missing": ()}, "at least one rule for missing values"),
    ],
)
def test_a_plan_says_what_is_wrong_with_it(plan: dict, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Robustness(**plan)
