"""Change beyond measurement error, against R."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from tests.stats.reference import Case
from workbench.stats import Verdict, reliable_change

Reference = Callable[[str], Case]


def some() -> tuple[pd.Series, pd.Series]:
    codes = [f"{i:05d}" for i in range(20)]
    before = pd.Series(np.linspace(30, 70, 20), index=codes)
    after = before + [0, 25, -25, 3, -3] * 4
    return before, after


def test_reliable_change_agrees_with_r(reference: Reference) -> None:
    case = reference("reliable_change_waves_a")
    frame = case.data().set_index("mun_code")
    before, after = frame[case.spec["x"]], frame[case.spec["y"]]
    result = reliable_change(before, after, reliability=case.spec["reliability"])
    case.agree(dict(result.details), only=set(case.expected) - {"z_first5"})
    z = result.tables["units"]["z"]
    for code, want in case.expected["z_first5"].items():
        assert z[code] == pytest.approx(want, rel=1e-8)


@pytest.mark.parametrize(
    ("unit", "verdict", "words"),
    [
        ("00001", Verdict.POSITIVE, "00001 rose by 25 points"),
        ("00002", Verdict.NEGATIVE, "00002 fell by 25 points"),
        ("00003", Verdict.UNDETERMINED, "changes below 13.8 points cannot be told"),
    ],
)
def test_one_unit_in_words(unit: str, verdict: Verdict, words: str) -> None:
    result = reliable_change(*some(), reliability=0.9, sd=15.8, unit=unit)
    assert result.verdict is verdict
    assert words in result.sentence("en")
    assert result.reading == "measurement"


def test_a_declared_deviation_stands_for_the_group() -> None:
    before, after = some()
    alone = reliable_change(before.head(2), after.head(2), reliability=0.9, sd=10.0, unit="00001")
    assert alone["sem"] == pytest.approx(10 * np.sqrt(0.1))
    # Twenty are too few to find the deviation that the range of a single one rests on.
    refused = reliable_change(before, after, reliability=0.9, unit="00001")
    assert refused.refusal is not None
    assert refused.refusal.reason == "too_few"


def test_all_in_words() -> None:
    result = reliable_change(*some(), reliability=0.9)
    assert result.sentence("en").startswith("4 of 20 municipalities rose by more than")
    assert "about 1 of 20" in result.notes("en")[-1]
    assert result.verdict is None


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"reliability": None}, "not_declared"),
        ({"reliability": float("nan")}, "not_declared"),
        ({"reliability": 0.55}, "too_unreliable"),
        ({"reliability": 0.9, "items": 1}, "one_item"),
    ],
)
def test_without_reliability_nothing_is_said(options: dict[str, float], reason: str) -> None:
    result = reliable_change(*some(), **options)  # type: ignore[arg-type]
    assert result.refusal is not None
    assert result.refusal.reason == reason
    assert "mdc" not in result.details


@pytest.mark.parametrize(
    "options",
    [
        {"reliability": 1.0},
        {"reliability": 0.9, "sd": 0.0},
    ],
)
def test_wrong_options_are_errors(options: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"reliability|sd"):
        reliable_change(*some(), **options)  # type: ignore[arg-type]


def test_equal_scores_have_no_deviation() -> None:
    before, after = some()
    result = reliable_change(before * 0 + 5, after, reliability=0.9)
    assert result.refusal is not None
    assert result.refusal.reason == "no_variation"


def test_a_unit_that_was_measured_once_is_a_refusal() -> None:
    before, after = some()
    result = reliable_change(before, after.iloc[1:], reliability=0.9, sd=5.0, unit=before.index[0])
    assert result.refusal is not None
    assert result.refusal.reason == "not_measured"
    assert str(before.index[0]) in result.sentence("es-MX")


def test_a_known_standard_error_needs_no_reliability() -> None:
    before, after = some()
    by_reliability = reliable_change(before, after, reliability=0.9, sd=10.0)
    by_error = reliable_change(before, after, std_error=10 * np.sqrt(0.1))
    columns = ["change", "reach", "outcome"]
    pd.testing.assert_frame_equal(
        by_error.tables["units"][columns], by_reliability.tables["units"][columns]
    )
    assert by_error.refusal is None
    # Two pairs are enough: the error does not come from them.
    assert reliable_change(before.head(2), after.head(2), std_error=3.0).refusal is None


def test_each_unit_may_have_its_own_error() -> None:
    before, after = some()
    first = pd.Series(np.linspace(1, 4, 20), index=before.index)
    second = pd.Series(2.0, index=before.index).drop("00003")
    result = reliable_change(before, after, std_error=(first, second))
    units = result.tables["units"]
    # 1.959964 is the quantile of a 95 % interval; the errors of both measurements add as squares.
    assert units["reach"]["00001"] == pytest.approx(
        1.959964 * np.hypot(first["00001"], 2), abs=1e-5
    )
    assert "00003" not in units.index
    assert result.sentence("en").count("measurement error") == 1
