"""Shares against what chance gives: who is outside is named, and what was not counted is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.stats as sp

from workbench.display import blocks as b
from workbench.display import compared
from workbench.display.compared.picture_of_chance import _drawn
from workbench.language import as_locale
from workbench.study import Study
from workbench.study.compare import compare


@pytest.fixture(scope="module")
def study(root: Path) -> Study:
    return Study.open(root / "params/certeza-ejemplo.yml", locale="en")


@pytest.fixture(scope="module")
def counts(root: Path) -> pd.DataFrame:
    """Homes and those with water in 2025, straight from the file."""
    frame = pd.read_csv(root / "data/cases/certeza-ejemplo/observaciones.csv", dtype={"unit": str})
    last = frame[frame["wave"] == 2025].pivot_table(index="unit", columns="code", values="value")
    cases = next(c for c in last.columns if c.endswith("viviendas"))
    events = next(c for c in last.columns if c.endswith("con_agua"))
    return last[[events, cases]].dropna().set_axis(["x", "n"], axis=1)


def test_every_indicator_that_counts_cases_is_looked_at(study: Study, counts: pd.DataFrame) -> None:
    found = compare(study, "chance")
    assert len(found.answers) == 1
    result = found.result
    assert result.n == len(counts) == 36
    assert result.estimate == pytest.approx(counts["x"].sum() / counts["n"].sum())


def test_limits_of_the_picture_are_binomial_quantiles_around_all_together(
    study: Study, counts: pd.DataFrame
) -> None:
    data = _drawn(compare(study, "chance").answers[0], 100.0)
    theta = counts["x"].sum() / counts["n"].sum()
    assert data.centre == pytest.approx(100 * theta)
    for low, high, n in zip(*data.limits["95"], data.grid, strict=True):
        # Interpolated: within one case of the whole quantiles, where limits are not widened.
        ends = 100 * sp.binom.ppf([0.025, 0.975], n, theta) / n
        assert low == pytest.approx(ends[0], abs=100 / n)
        assert high == pytest.approx(ends[1], abs=100 / n)
    assert (np.diff(data.limits["998"][1]) <= 1e-9).mean() > 0.5  # narrower with more cases


def test_who_is_far_outside_is_named(study: Study) -> None:
    view = compared.ComparedView(study, compare(study, "chance"))
    text = repr(compared.picture(view))
    figure = next(x for x in compared.picture(view).blocks if isinstance(x, b.Figure))
    assert "Far above: " in text
    assert "Municipio inventado 17" in text
    assert figure.table is not None
    assert len(figure.table.rows) == 7
    assert "Who is outside what chance gives?" in repr(compared.answer(view))


def test_what_counts_no_cases_is_refused(study: Study, root: Path) -> None:
    code = next(c for c in study.instrument.indicators if c == "f1")
    found = compare(study, "chance", node=code)
    assert found.result.refusal is not None
    assert "Ask for one that counts cases" in found.result.sentence("en")
    none = Study.open(root / "params/cimtra-monterrey.yml", locale="en")
    assert compare(none, "chance").result.refusal is not None


def test_a_funnel_of_one_size_can_be_drawn() -> None:
    from workbench.display.funnel_figures import Funnel, funnel

    same, none = np.full(12, 50.0), np.zeros(12, dtype=bool)
    limits = {name: (np.array([30.0]), np.array([70.0])) for name in ("95", "998")}
    data = Funnel(same, np.linspace(40, 60, 12), none, none, 50.0, np.array([50.0]), limits)
    drawn = funnel(data, "Water (%)", str, as_locale("en"))
    assert "Cases counted" in drawn
