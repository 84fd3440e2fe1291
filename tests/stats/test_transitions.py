"""Moves between levels, and requirements gained and lost, against R."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.contingency_tables import SquareTable

from tests.stats.reference import Case
from workbench.stats import (
    Result,
    Verdict,
    cochrans_q,
    level_transitions,
    requirement_change,
)

Reference = Callable[[str], Case]
LEVELS = ["red", "yellow", "green"]


def moves(table: list[list[int]]) -> tuple[pd.Series, pd.Series]:
    """Return units that move as a table says."""
    cells = [(i, j) for i, row in enumerate(table) for j, n in enumerate(row) for _ in range(n)]
    codes = [f"{i:05d}" for i in range(len(cells))]
    names = [[LEVELS[cell[side]] for cell in cells] for side in (0, 1)]
    return pd.Series(names[0], index=codes), pd.Series(names[1], index=codes)


def answers(kept: int, gained: int, lost: int, never: int) -> tuple[pd.Series, pd.Series]:
    """Return yes and no of so many units."""
    before = [True] * kept + [False] * gained + [True] * lost + [False] * never
    after = [True] * kept + [True] * gained + [False] * lost + [False] * never
    codes = [f"{i:05d}" for i in range(len(before))]
    return pd.Series(before, index=codes), pd.Series(after, index=codes)


def numbers(result: Result) -> dict[str, Any]:
    return dict(result.details)


def test_transitions_agree_with_r(reference: Reference) -> None:
    case = reference("transitions_lights_a")
    frame = case.data().set_index("mun_code")
    order = case.spec["order"]
    result = level_transitions(frame["base"], frame["followup"], order)
    found = numbers(result)
    assert result.tables["transitions"].to_numpy().tolist() == case.expected["table"]
    nested = ("table", "levels", "bowker_dropping_empty_pairs", "binary_top_level")
    case.agree(found, only=set(case.expected) - set(nested))
    for key, want in case.expected["bowker_dropping_empty_pairs"].items():
        assert found[f"bowker_dropping_empty_pairs_{key}"] == pytest.approx(want, rel=1e-8)
    top = [frame[side] == order[-1] for side in ("base", "followup")]
    binary = numbers(requirement_change(*top))
    for key, want in case.expected["binary_top_level"].items():
        assert binary[key] == pytest.approx(want, rel=1e-8), key


def test_stuart_maxwell_agrees_with_statsmodels() -> None:
    table = [[20, 9, 4], [3, 25, 8], [1, 2, 30]]
    result = level_transitions(*moves(table), LEVELS)
    library = SquareTable(np.array(table), shift_zeros=False)
    assert result["stuart_maxwell_chi2"] == pytest.approx(library.homogeneity().statistic)
    assert result["bhapkar_chi2"] == pytest.approx(library.homogeneity(method="bhapkar").statistic)
    assert result["bowker_chi2"] == pytest.approx(library.symmetry().statistic)
    assert {test.name for test in result.tests} == {
        "Stuart-Maxwell",
        "Bhapkar",
        "Bowker",
        "marginal with scores",
    }


def test_a_level_that_nobody_has_is_left_out_and_named() -> None:
    table = [[20, 15, 0], [3, 25, 0], [0, 0, 0]]
    result = level_transitions(*moves(table), LEVELS)
    assert result["stuart_maxwell_df"] == 1
    assert result["stuart_maxwell_chi2"] == pytest.approx((15 - 3) ** 2 / (15 + 3))
    assert any("green" in note for note in result.notes("en"))
    assert result.tables["transitions"].shape == (3, 3)


def test_a_singular_table_keeps_the_sign_test() -> None:
    # Nobody enters or leaves green, so the margins of all three can't be tested together.
    table = [[20, 15, 0], [3, 25, 0], [0, 0, 9]]
    result = level_transitions(*moves(table), LEVELS)
    assert result["stuart_maxwell_chi2"] is None
    assert result["coin_mh_df"] == 1
    assert result["coin_mh_chi2"] == pytest.approx((15 - 3) ** 2 / (15 + 3))
    assert "Stuart-Maxwell" not in {test.name for test in result.tests}
    assert result.verdict is Verdict.POSITIVE


def test_few_movers_are_tested_by_direction_only() -> None:
    result = level_transitions(*moves([[20, 5, 0], [1, 25, 2], [0, 0, 9]]), LEVELS)
    assert result.tests == ()
    assert result.test is not None
    assert result.test.p == pytest.approx(2 * (8 + 1) / 2**8)
    assert len(result.notes("en")) == 2


def test_reversed_levels_reverse_the_direction() -> None:
    before, after = moves([[20, 9, 4], [3, 25, 8], [1, 2, 30]])
    one = level_transitions(before, after, LEVELS)
    other = level_transitions(before, after, LEVELS[::-1])
    assert one["moved_up"] == other["moved_down"]
    assert one["bowker_chi2"] == pytest.approx(other["bowker_chi2"])
    assert one["stuart_maxwell_chi2"] == pytest.approx(other["stuart_maxwell_chi2"])
    assert (one.verdict, other.verdict) == (Verdict.POSITIVE, Verdict.NEGATIVE)


def test_levels_that_nobody_declared_are_an_error() -> None:
    before, after = moves([[1, 1, 0], [0, 1, 0], [0, 0, 1]])
    with pytest.raises(ValueError, match=r"level 'green' is none of red, yellow"):
        level_transitions(before, after, LEVELS[:2])


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ([[20, 19, 4], [3, 25, 8], [1, 2, 30]], "Rises prevail"),
        ([[20, 3, 1], [19, 25, 2], [4, 8, 30]], "Falls prevail"),
        ([[20, 9, 1], [9, 25, 2], [4, 3, 30]], "cannot be told"),
    ],
    ids=["up", "down", "unclear"],
)
def test_transitions_in_words(table: list[list[int]], words: str) -> None:
    assert words in level_transitions(*moves(table), LEVELS).sentence("en")


def test_all_stayed() -> None:
    result = level_transitions(*moves([[3, 0, 0], [0, 4, 0], [0, 0, 5]]), LEVELS)
    assert result.refusal is not None
    assert result.sentence("en").startswith("All 12 municipalities")


# -- requirements -----------------------------------------------------------------------------


def test_nobody_lost_it() -> None:
    result = requirement_change(*answers(20, 12, 0, 10))
    ratio = result.effect("odds_ratio_gain_loss")
    assert ratio.value == np.inf
    assert ratio.interval is not None
    # 12 of 12: lower end (a/2)^(1/12) as odds.
    lowest = 0.025 ** (1 / 12)
    assert ratio.interval.low == pytest.approx(lowest / (1 - lowest))
    assert ratio.interval.high == np.inf
    assert "none lost it" in result.sentence("en")


@pytest.mark.parametrize(
    ("cells", "margin", "verdict", "words"),
    [
        ((20, 16, 3, 60), None, Verdict.POSITIVE, "13.1 more meet the requirement"),
        ((20, 3, 16, 60), None, Verdict.NEGATIVE, "13.1 fewer meet the requirement"),
        ((20, 4, 3, 60), None, Verdict.UNDETERMINED, "cannot be told"),
        ((200, 4, 3, 300), 0.03, Verdict.NEGLIGIBLE, "less than the 3 of every 100"),
    ],
    ids=["more", "fewer", "unclear", "negligible"],
)
def test_requirement_in_words(
    cells: tuple[int, int, int, int], margin: float | None, verdict: Verdict, words: str
) -> None:
    result = requirement_change(*answers(*cells), margin=margin)
    assert result.verdict is verdict
    assert words in result.sentence("en")


def test_no_discordant_pair_is_refused() -> None:
    result = requirement_change(*answers(5, 0, 0, 5))
    assert result.refusal is not None
    assert result.refusal.reason == "no_variation"
    assert result.sentence("en").startswith("None of the 10")


def test_neither_yes_nor_no_is_an_error() -> None:
    series = pd.Series([1, 2, 0], index=["a", "b", "c"])
    with pytest.raises(ValueError, match=r"unit b: .*2.* is neither yes nor no"):
        requirement_change(series, series)


def test_cochrans_q_by_hand() -> None:
    # Q = (k-1) (k sum C_j^2 - N^2) / (k N - sum R_i^2), Cochran 1950.
    rng = np.random.default_rng(5)
    met = pd.DataFrame(
        rng.random((30, 4)) < [0.3, 0.4, 0.6, 0.7],
        index=[f"{i:05d}" for i in range(30)],
        columns=["2019", "2021", "2023", "2025"],
    )
    result = cochrans_q(met)
    columns, rows = met.sum().to_numpy(), met.sum(axis=1).to_numpy()
    total = columns.sum()
    q = 3 * (4 * (columns**2).sum() - total**2) / (4 * total - (rows**2).sum())
    assert result["cochran_q"] == pytest.approx(q)
    assert len(result.tables["pairs"]) == 6
    assert (result.tables["pairs"]["p_holm"] >= result.tables["pairs"]["p"]).all()
    assert result.estimate == pytest.approx((columns[3] - columns[0]) / 30)


def test_cochrans_q_leaves_out_who_missed_a_wave() -> None:
    met = pd.DataFrame(
        {"a": [1.0, 0] * 6, "b": [1.0, 1] * 6, "c": [0.0, 1] * 5 + [np.nan, 1]},
        index=[f"{i:05d}" for i in range(12)],
    )
    result = cochrans_q(met.sample(frac=1, random_state=1))
    assert (result.n, result["n_excluded"]) == (11, 1)
    assert cochrans_q(met)["cochran_p"] == result["cochran_p"]
    few = cochrans_q(met.head(4))
    assert few.refusal is not None
    assert few.refusal.reason == "too_few"
