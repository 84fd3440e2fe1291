"""Standard error of measurement, against plain arithmetic."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from workbench.stats import measurement_error

SCORES = pd.Series(np.linspace(20, 80, 40), index=[f"{i:05d}" for i in range(40)])


def test_it_follows_from_the_deviation_and_the_reliability() -> None:
    result = measurement_error(SCORES, 0.84)
    assert result.estimate == pytest.approx(np.std(SCORES, ddof=1) * 0.4)
    assert measurement_error(SCORES.head(2), 0.84, sd=10.0).estimate == pytest.approx(4.0)
    assert "moves the score" in result.sentence("en")


@pytest.mark.parametrize(
    ("scores", "options", "reason"),
    [
        (SCORES, {"reliability": None}, "not_declared"),
        (SCORES, {"reliability": 0.59}, "too_unreliable"),
        (SCORES, {"reliability": 0.9, "items": 1}, "one_item"),
        (SCORES.head(29), {"reliability": 0.9}, "too_few"),
        (SCORES * 0, {"reliability": 0.9}, "no_variation"),
    ],
)
def test_without_its_ground_there_is_none(
    scores: pd.Series, options: dict[str, float], reason: str
) -> None:
    result = measurement_error(scores, **options)  # type: ignore[arg-type]
    assert result.refusal is not None
    assert result.refusal.reason == reason
    assert result.estimate is None


def test_wrong_numbers_are_errors() -> None:
    with pytest.raises(ValueError, match="reliability"):
        measurement_error(SCORES, 1.0)
    with pytest.raises(ValueError, match="sd"):
        measurement_error(SCORES, 0.9, sd=0.0)
