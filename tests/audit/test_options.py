"""Options that would change nothing, and choices that there are not, are refused by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.audit.index.made import beside, panel, ready
from tests.audit.index.made import index as fresh
from workbench.audit import rank_robustness
from workbench.audit.correlations import correlation_flags, correlations
from workbench.audit.importance import noisy_weights
from workbench.audit.outranking import outranking
from workbench.audit.places import result_frame, strengths_and_weaknesses
from workbench.audit.trends import trends
from workbench.audit.versions import compare_many, compare_two, correlate_two
from workbench.errors import WorkbenchError
from workbench.specs.robustness import Robustness

SCORES = pd.Series([3.0, 2.0, 1.0], index=["x", "y", "z"])


def refused(action: Callable[[], Any]) -> str:
    with pytest.raises(WorkbenchError) as caught:
        action()
    return caught.value.text()


def built() -> Any:
    return ready().aggregate()


def wide() -> pd.DataFrame:
    index = pd.MultiIndex.from_product([["u"], [2018, 2019, 2020]], names=["unit", "time"])
    return pd.DataFrame({"a": [1.0, 2, 3]}, index=index)


ANALYSES: dict[str, tuple[Callable[[], Any], str]] = {
    "by": (lambda: compare_two(SCORES, SCORES, by="ranks"), "by: there is no such choice"),
    "order": (lambda: compare_two(SCORES, SCORES, order_by="shft"), "Did you mean shift"),
    "show": (lambda: compare_many({"a": SCORES}, show="diffs"), "show: there is no such choice"),
    "no versions": (lambda: compare_many({}), "one at least"),
    "list of versions": (lambda: compare_many([SCORES]), "given by name"),
    "base": (lambda: compare_many({"own": SCORES}, base="onw"), "Did you mean own"),
    "node": (lambda: correlate_two(SCORES.to_frame("k"), SCORES.to_frame("k"), ["m"]), "no values of m"),
    "pairs": (lambda: correlations(built().latest, built().structure, pairs="parents"), "Did you mean parent"),
    "group level": (lambda: correlations(built().latest, built().structure, group_level=2), "group_level would change nothing"),
    "own parents": (lambda: correlations(built().latest, built().structure, pairs="parent"), "parents stand at another level"),
    "side": (lambda: correlation_flags(built().latest, built().structure, side="above"), "side: there is no such choice"),
    "show index": (lambda: result_frame(built().latest, built().structure, show="Aggs"), "show: there is no such choice"),
    "use": (lambda: result_frame(built().latest, built().structure, use="ranks"), "use: there is no such choice"),
    "groups of scores": (lambda: result_frame(built().latest, built().structure, by=beside()["size"]), "by would change nothing"),
    "rounded places": (lambda: result_frame(built().latest, built().structure, use="places", decimals=1), "decimals would change nothing"),
    "per": (lambda: trends(wide(), per=10), "per would change nothing"),
    "times and latest": (lambda: trends(wide(), times=[2018, 2019], latest=2), "times would change nothing"),
    "latest": (lambda: trends(wide(), latest=1), "two times at least"),
    "measure": (lambda: trends(wide(), measure="CAGR"), "measure: there is no such choice"),
    "level of noise": (lambda: noisy_weights(built().structure, {7: 0.2}, 3), "no parts have this level"),
    "share of noise": (lambda: noisy_weights(built().structure, 1.5, 3), "0 to 1"),
    "weights as a list": (lambda: outranking(built().latest[["a"]], [1.0]), "weights are given by code"),
    "no group": (lambda: strengths_and_weaknesses(built().latest, built().structure, "u01", by=pd.Series({"u00": "x"})), "u01 has no group"),
    "weights of nothing": (lambda: outranking(built().latest[["a"]], pd.Series({"a": 1.0, "z": 1})), "no values of z"),
    "errors": (lambda: rank_robustness(built(), Robustness(), errors=built().data["raw"]), "errors would change nothing"),
    "weights of a level": (lambda: rank_robustness(built(), Robustness(weight_shares={7: 0.1})), "weight_shares: no parts have this level"),
    "out level": (lambda: rank_robustness(built(), Robustness(out_level=3)), "out_level: no parts have this level"),
}  # fmt: skip


@pytest.mark.parametrize("name", list(ANALYSES))
def test_an_analysis_refuses_what_it_would_pass_over(name: str) -> None:
    action, said = ANALYSES[name]
    assert said in refused(action)


STEPS: dict[str, tuple[Callable[[], Any], str]] = {
    "weights as a list": (lambda: built().what_if(weights=[1.0, 2.0]), "weights are given by code, got list"),
    "directions as a list": (lambda: built().what_if(directions=[1, -1]), "directions are given by code"),
    "scale": (lambda: fresh().denominate(scale={"a": 1000.0}), "a scale without a denominator"),
    "normalise first": (lambda: fresh().impute("mean", normalise_first=False), "on one scale first"),
    "rows by em": (lambda: fresh().impute("em", across="indicators"), "only a mean or median"),
    "scope over time": (lambda: panel().impute("latest", scope="pooled"), "whatever the scope"),
    "levels of given weights": (lambda: fresh().weigh(weights={"a": 2.0}, levels=[1]), "levels belongs to another method"),
    "loadings": (lambda: ready().weigh("equal", loadings="loadings"), "loadings belongs to another method"),
    "correlation": (lambda: ready().weigh("components", correlation="kendall"), "correlation belongs to another method"),
    "reference": (lambda: panel(gaps=0.0).normalise("z_score", scope="wave", reference_waves=["2018"]), "a reference changes nothing"),
    "force": (lambda: fresh().treat("shape", first="log_ct", force=True), "force is of values"),
    "combine": (lambda: fresh().treat("shape", combine=True), "combine is of a second step"),
}  # fmt: skip


@pytest.mark.parametrize("name", list(STEPS))
def test_a_step_refuses_what_it_would_pass_over(name: str) -> None:
    action, said = STEPS[name]
    assert said in refused(action)


def test_a_level_of_nothing_left_out_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing is left out"):
        Robustness(one_out=False, out_level=2)


def test_one_unit_is_a_choice_of_units() -> None:
    assert list(fresh().what_if(units="u03").latest.index) == ["u03"]


def test_places_are_of_what_is_not_rounded() -> None:
    made = built()
    found = result_frame(made.aggregated, made.structure, decimals=0)
    assert found["place"].is_monotonic_increasing
    assert found["place"].is_unique
    assert (found["all"] == np.round(found["all"])).all()
