"""Which way normalised values count, and indices fitted to groups of units."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.support import INSTRUMENT, load_text, observe, score_rows
from workbench.errors import InstrumentError
from workbench.instruments import Instrument
from workbench.scoring import calibrate, score
from workbench.scoring.components import component_weights, fit_component

MIN_MAX = "normalise: {method: min_max"
ROWS = [
    *((u, "1", "agua", x) for u, x in (("a", 0.0), ("b", 10.0), ("c", 40.0))),
    *((u, "1", "luz", x) for u, x in (("a", 5.0), ("b", 6.0), ("c", 7.0))),
]


def turned(tmp_path: Path, group: str, agua: str, luz: str, rule: str = "") -> Instrument:
    text = INSTRUMENT.replace("{code: total,", f"{{code: total, {group}")
    text = text.replace("{code: agua,", f"{{code: agua, {agua}")
    text = text.replace("{code: luz,", f"{{code: luz, {luz}")
    return load_text(tmp_path, text.replace("{method: arithmetic}", rule or "{method: arithmetic}"))


LESS = "direction: -1, "


@pytest.mark.parametrize(
    ("group", "agua", "luz", "expected"),
    [
        ("", f"{MIN_MAX}}}, ", f"{MIN_MAX}}}, ", [0, 37.5, 100]),
        ("", f"{LESS}{MIN_MAX}}}, ", f"{MIN_MAX}}}, ", [50, 62.5, 50]),
        # Of an index of shortfalls more is worse, and of its parts alike: nothing is turned.
        (LESS, f"{LESS}{MIN_MAX}}}, ", f"{LESS}{MIN_MAX}}}, ", [0, 37.5, 100]),
        (LESS, f"{LESS}{MIN_MAX}}}, ", f"{MIN_MAX}, turn: true}}, ", [50, 37.5, 50]),
        # A whole index is rescaled as it is, whatever its direction.
        (f"{LESS}{MIN_MAX}}}, ", f"{LESS}", f"{LESS}", [0, 100 * 5.5 / 21, 100]),
    ],
)  # fmt: skip
def test_values_agree_with_what_adds_them_up(
    tmp_path: Path, group: str, agua: str, luz: str, expected: list[float]
) -> None:
    found = score_rows(turned(tmp_path, group, agua, luz), ROWS).results["total"].score
    np.testing.assert_allclose(found, expected)


def test_a_benefit_within_an_index_of_shortfalls_is_asked_about(tmp_path: Path) -> None:
    with pytest.raises(InstrumentError, match="more of luz is better, and more of what adds it up"):
        turned(tmp_path, LESS, f"{LESS}{MIN_MAX}}}, ", f"{MIN_MAX}}}, ")


def test_a_formula_takes_indicators_of_which_more_is_better(tmp_path: Path) -> None:
    """A distance counts more as worse; what it is a distance of does not."""
    rule = "{method: formula, formula: 'sum(100 - scores())'}"
    instrument = turned(tmp_path, LESS, f"{MIN_MAX}}}, ", f"{LESS}{MIN_MAX}}}, ", rule)
    found = score_rows(instrument, ROWS).results["total"].score
    np.testing.assert_allclose(found, [100, 75 + 50, 100])


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("loadings", lambda loading, sd: loading / loading.sum()),
        ("squared_loadings", lambda loading, sd: loading**2),
        ("scaled_loadings", lambda loading, sd: loading / sd / (loading / sd).sum()),
    ],
)
def test_weights_of_a_component(kind: str, expected: object) -> None:
    rng = np.random.default_rng(7)
    factor = rng.normal(size=40)
    values = np.column_stack([k * factor + rng.normal(size=40) for k in (1.0, 2.0, 5.0)])
    loading = np.linalg.eigh(np.corrcoef(values.T))[1][:, -1]
    loading *= np.sign(loading.sum())
    found = component_weights(kind, fit_component(values, 1, None, "x"))
    wanted = expected(loading, values.std(axis=0, ddof=1))  # type: ignore[operator]
    np.testing.assert_allclose(found, wanted, rtol=1e-10)
    assert found.sum() == pytest.approx(1)


def test_an_index_of_each_group_of_units(tmp_path: Path) -> None:
    """Strata and components by two facts: each group is described by itself."""
    text = INSTRUMENT.replace(
        "tiers:", "facts: [{id: tipo, title: T}, {id: zona, title: Z}]\ntiers:"
    )
    text = text.replace(
        "{method: arithmetic}", "{method: first_component, positive: agua, by: [tipo, zona]}"
    )
    text = text.replace(
        "{code: total,",
        "{code: total, levels: {scale: semaforo, strata: {method: quantiles, by: tipo}},",
    )
    instrument = load_text(tmp_path, text)
    rng = np.random.default_rng(3)
    units = [f"u{i:02d}" for i in range(40)]
    values = rng.normal(50, 9, size=(40, 2)) @ [[1, 0.6], [0, 1]]
    rows = [(u, "1", c, v) for u, row in zip(units, values, strict=True) for c, v in zip(("agua", "luz"), row, strict=True)]  # fmt: skip
    tipo, zona = np.arange(40) % 2, np.arange(40) // 20
    facts = {u: {"tipo": float(t), "zona": float(z)} for u, t, z in zip(units, tipo, zona, strict=True)}  # fmt: skip
    every = observe(instrument, rows, facts=facts)
    found = score(instrument, every, calibrate(instrument, every)).results["total"]
    for group in range(4):
        rows_of = np.flatnonzero(2 * tipo + zona == group)
        z = values[rows_of]
        z = (z - z.mean(axis=0)) / z.std(axis=0)
        variance, vectors = np.linalg.eigh(np.corrcoef(z.T))
        loading = vectors[:, -1] * np.sign(vectors[0, -1])
        expected = z @ loading / np.sqrt(variance[-1])
        np.testing.assert_allclose(found.score[rows_of], expected, atol=1e-12)
    for kind in range(2):
        mine = found.score[tipo == kind]
        cuts = np.quantile(mine, (1 / 3, 2 / 3))
        np.testing.assert_array_equal(found.level[tipo == kind], np.searchsorted(cuts, mine))
