"""That nothing changed, and what could have been seen, against R."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from tests.stats.reference import Case
from workbench.stats import Verdict, detectable_change, mean_change, no_change

Reference = Callable[[str], Case]


def pairs(mean: float, sd: float, n: int = 40) -> tuple[pd.Series, pd.Series]:
    """Return pairs whose changes have just this mean and deviation."""
    rng = np.random.default_rng(7)
    codes = [f"{i:05d}" for i in range(n)]
    before = pd.Series(rng.normal(50, 10, n), index=codes)
    change = rng.normal(size=n)
    change = (change - change.mean()) / change.std(ddof=1)
    return before, before + mean + sd * change


def test_tost_agrees_with_r(reference: Reference) -> None:
    case = reference("tost_waves_a")
    frame = case.data().set_index("mun_code").query(case.spec["filter"])
    result = no_change(frame["score_base"], frame["score_followup"], margin=case.spec["delta"])
    case.agree(dict(result.details))


def test_detectable_change_agrees_with_r(reference: Reference) -> None:
    case = reference("mde_a")
    result = detectable_change(case.spec["n"], case.spec["sd"], power=case.spec["power"])
    case.agree(dict(result.details))
    assert result.estimate == pytest.approx(case.expected["mde_paired"], rel=1e-4)


@pytest.mark.parametrize(
    ("mean", "sd", "verdict", "words"),
    [
        (0.2, 4.0, Verdict.NEGLIGIBLE, "no appreciable change"),
        (5.0, 4.0, Verdict.POSITIVE, "rose by 5 points"),
        (-5.0, 4.0, Verdict.NEGATIVE, "fell by 5 points"),
        (1.0, 15.0, Verdict.UNDETERMINED, "Nor do they show that the change is smaller than the 3"),
    ],
)
def test_no_change_in_words(mean: float, sd: float, verdict: Verdict, words: str) -> None:
    before, after = pairs(mean, sd)
    result = no_change(before, after, margin=3.0)
    assert result.verdict is verdict
    assert words in result.sentence("en")
    assert mean_change(before, after, margin=3.0).verdict is verdict


def test_what_could_have_been_seen_is_said() -> None:
    result = no_change(*pairs(1.0, 15.0, 30), margin=3.0)
    assert result["mde_paired"] == pytest.approx(15 * 0.529236, rel=1e-4)
    assert "only changes of about 7.9 points or more" in result.sentence("en")


def test_without_a_margin_nothing_is_called_negligible() -> None:
    result = no_change(*pairs(0.0, 1.0), margin=None)
    assert result.refusal is not None
    assert result.refusal.reason == "not_declared"
    assert result.test is None


def test_units_needed() -> None:
    result = detectable_change(100, 10.0, smallest=5.0)
    # Half a deviation, as in the tables of power: 34 pairs.
    assert result["n_for_smallest"] == pytest.approx(33.367, abs=1e-3)
    more = detectable_change(1000, 10.0)
    assert (more.estimate or 0) < (result.estimate or 0)


@pytest.mark.parametrize(
    "options", [{"sd": 0.0}, {"sd": 5.0, "power": 1.2}, {"sd": 5.0, "power": 0.01}]
)
def test_wrong_options_are_errors(options: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"expected a value within its range"):
        detectable_change(30, **options)


def test_too_few_pairs() -> None:
    for result in (detectable_change(4, 5.0), no_change(*pairs(1, 2, 4), margin=1.0)):
        assert result.refusal is not None
        assert result.refusal.reason == "too_few"
