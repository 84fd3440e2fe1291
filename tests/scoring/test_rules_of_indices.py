"""Rules that published indices use: formulas of groups, rounding, classes, ratios, strata."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.support import INSTRUMENT, cell, load_text, observe, score_rows
from workbench.errors import InstrumentError, ScoringError
from workbench.instruments import Instrument
from workbench.instruments.arithmetic import rounded
from workbench.instruments.formula import parse
from workbench.scoring import calibrate, score
from workbench.scoring.components import component, fit_component
from workbench.scoring.contexts import FactContext
from workbench.scoring.normalise import Reference, apply, fit
from workbench.scoring.strata import fit_strata, stratum_of
from workbench.specs.instrument import Classes, MinMax, Ratio, Strata, ZScore

X = np.array([1.0, 2.0, 4.0, 5.0, 8.0])


def with_rule(tmp_path: Path, rule: str, *changes: tuple[str, str]) -> Instrument:
    text = INSTRUMENT.replace("{method: arithmetic}", rule)
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return load_text(tmp_path, text)


@pytest.mark.parametrize(
    ("x", "decimals", "expected"),
    [(0.125, 2, 0.13), (-0.125, 2, -0.13), (2.675, 2, 2.68), (0.4999, 0, 0.0), (61.5, 0, 62.0)],
)
def test_numbers_are_rounded_as_by_hand(x: float, decimals: int, expected: float) -> None:
    assert rounded(np.array([x]), decimals)[0] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("mean(1, 2, 6)", 3),
        ("sd(1, 3)", 1),
        ("sqrt(9)", 3),
        ("round(2.345, 2)", 2.35),
        ("sqrt(0 - 1)", np.nan),
    ],
)
def test_functions_of_formulas(formula: str, expected: float) -> None:
    found = parse(formula).evaluate(FactContext({}))
    np.testing.assert_allclose(found, expected)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        # Mazziotta and Pareto: the mean less the deviation times the coefficient of variation.
        ("'mean(score(\"agua\"), score(\"luz\")) - sd(score(\"agua\"), score(\"luz\"))**2 / "
         "mean(score(\"agua\"), score(\"luz\"))'", 60 - 20**2 / 60),
        ("'sqrt(score(\"agua\") * score(\"luz\")) + 50', cap: 100", 100),
        ("'score(\"agua\") / 3', round: 1", 26.7),
    ],
)  # fmt: skip
def test_a_group_by_a_formula(tmp_path: Path, rule: str, expected: float) -> None:
    instrument = with_rule(tmp_path, f"{{method: formula, formula: {rule}}}")
    got = cell(score_rows(instrument, [("u", "1", "agua", 80.0), ("u", "1", "luz", 40.0)]), "total")
    assert got["score"] == pytest.approx(expected)
    assert (got["status"], got["low"]) == ("computed", got["score"])


def test_a_formula_without_a_part_gives_nothing(tmp_path: Path) -> None:
    rule = '{method: formula, formula: \'score("agua") * score("luz")\'}'
    instrument = with_rule(tmp_path, rule)
    got = cell(score_rows(instrument, [("u", "1", "agua", 80.0)]), "total")
    assert np.isnan(got["score"])
    assert got["status"] == "withheld"
    zero = with_rule(tmp_path, "{method: formula, formula: '1 / score(\"agua\")'}")
    rows = [("u", "1", "agua", 0.0), ("u", "1", "luz", 1.0)]
    assert cell(score_rows(zero, rows), "total")["status"] == "undetermined"


def test_only_groups_read_scores(tmp_path: Path) -> None:
    change = (
        "kind: score, parent: total, title: {es: Agua",
        "kind: measure, formula: 'score(\"luz\")', parent: total, title: {es: Agua",
    )
    with pytest.raises(InstrumentError, match="only rules of groups read scores"):
        with_rule(tmp_path, "{method: arithmetic}", change)


def test_means_are_rounded_before_their_level(tmp_path: Path) -> None:
    cuts = "levels: {scale: semaforo, bands: [{level: verde, when: '>= 0.6'}, {level: rojo, when: '< 0.6'}]}"
    instrument = with_rule(
        tmp_path, "{method: arithmetic, round: 1}", ("code: total,", f"code: total, {cuts},")
    )
    got = cell(score_rows(instrument, [("u", "1", "agua", 0.5), ("u", "1", "luz", 0.6)]), "total")
    assert (got["score"], got["level"]) == (0.6, "verde")


def test_an_index_of_shortfalls_needs_no_turning(tmp_path: Path) -> None:
    """Less is better of the index and of its parts alike; a parent that counts more does refuse."""
    part = (
        "kind: score, parent: total, title: {es: Agua",
        "kind: score, direction: -1, parent: total, title: {es: Agua",
    )
    with pytest.raises(InstrumentError, match="counts less as better"):
        with_rule(tmp_path, "{method: arithmetic}", part)
    with_rule(
        tmp_path, "{method: arithmetic}", part, ("code: total,", "code: total, direction: -1,")
    )


def normalised(rule: object, direction: int = 1, values: np.ndarray = X) -> list[float]:
    parameters = fit(rule, Reference(X * direction, np.arange(5)), "x", direction)  # type: ignore[arg-type]
    return apply(rule, values, parameters, direction).tolist()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rule", "direction", "expected"),
    [
        (MinMax(method="min_max", lower=0.0), 1, [12.5, 25, 50, 62.5, 100]),
        (MinMax(method="min_max", upper=9.0), -1, [100, 87.5, 62.5, 50, 12.5]),
        (MinMax(method="min_max", percentiles=(25.0, 75.0), cap=True), 1, [0, 0, 200 / 3, 100, 100]),
        (MinMax(method="min_max", percentiles=(25.0, 75.0), cap=True), -1, [100, 100, 100 / 3, 0, 0]),
        (Ratio(method="ratio"), 1, [25, 50, 100, 125, 200]),
        (Ratio(method="ratio", to="minimum"), -1, [100, 50, 25, 20, 12.5]),
        (Classes(method="classes", points=(0.0, 50.0, 100.0), at=(0.25, 0.75)), 1, [0, 0, 50, 50, 100]),
        (Classes(method="classes", points=(0.0, 100.0)), -1, [100, 100, 0, 0, 0]),
    ],
)  # fmt: skip
def test_normalisations_of_a_reference(
    rule: MinMax | Ratio | Classes, direction: int, expected: list[float]
) -> None:
    np.testing.assert_allclose(normalised(rule, direction), expected)


def test_deviations_count_up_to_a_limit() -> None:
    assert normalised(ZScore(method="z_score", ddof=0, limit=1.0))[-1] == 1.0


def test_ends_that_cross_are_refused() -> None:
    with pytest.raises(ScoringError, match="the same or crossed"):
        normalised(MinMax(method="min_max", lower=9.0))


STRATA = np.array([1.0, 2.0, 3.0, 10.0, 11.0, 30.0])


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"method": "quantiles"}, [0, 0, 1, 1, 2, 2]),
        ({"method": "quantiles", "at": [0.5, 0.9]}, [0, 0, 0, 1, 1, 2]),
        ({"method": "equal_intervals"}, [0, 0, 0, 0, 1, 2]),
        ({"method": "deviations", "at": [-0.5, 0.5]}, [0, 0, 0, 1, 1, 2]),
        ({"method": "natural_breaks"}, [0, 0, 0, 1, 1, 2]),
    ],
)
def test_other_strata(options: dict[str, object], expected: list[int]) -> None:
    rule = Strata.model_validate_json(json.dumps(options))
    found = fit_strata(rule, STRATA, 0.0, 3, "x")
    assert stratum_of(rule, STRATA, found, direction=1).tolist() == expected
    assert stratum_of(rule, STRATA, found, direction=-1).tolist() == [2 - k for k in expected]


def test_natural_breaks_leave_the_least_squares() -> None:
    """Every way to cut eight values in three is tried."""
    x = np.sort(np.random.default_rng(7).normal(size=8))
    rule = Strata(method="natural_breaks")
    level = stratum_of(rule, x, fit_strata(rule, x, 0.0, 3, "x"), direction=1)

    def inside(a: int, b: int) -> float:
        parts = x[:a], x[a:b], x[b:]
        return float(sum(((p - p.mean()) ** 2).sum() for p in parts))

    best = min((inside(a, b), a, b) for a in range(1, 7) for b in range(a + 1, 8))
    assert np.flatnonzero(np.diff(level)).tolist() == [best[1] - 1, best[2] - 1]


def test_the_end_of_a_class_belongs_to_one_side() -> None:
    values = np.array([0.0, 1.0, 1.0, 2.0, 2.0, 2.0, 3.0, 4.0])
    levels = {}
    for closed in ("left", "right"):
        rule = Strata(method="dalenius_hodges", classes=4.0, cut="nearest", closed=closed)
        found = fit_strata(rule, values, 4.0, 2, "x")
        levels[closed] = stratum_of(rule, values, found, direction=1).tolist()
    assert levels == {"left": [0, 0, 0, 1, 1, 1, 1, 1], "right": [0, 0, 0, 0, 0, 0, 1, 1]}


def test_a_component_of_the_covariance_matrix() -> None:
    pair = np.random.default_rng(3).normal(size=(30, 2)) * [1, 5]
    found = fit_component(pair, 1, None, "x", standardised=False)
    assert found["variance"] == pytest.approx(np.linalg.eigvalsh(np.cov(pair.T))[-1])
    assert component(pair, found, unit_variance=False).var(ddof=1) == pytest.approx(
        found["variance"]
    )


def test_a_wave_without_data_is_left_out_of_what_is_fitted(tmp_path: Path) -> None:
    """Neither an index nor a normalisation by wave stops because one wave lacks an indicator."""
    change = ("title: {es: Agua", "normalise: {method: min_max, scope: wave}, title: {es: Agua")
    instrument = with_rule(tmp_path, "{method: first_component}", change)
    rng = np.random.default_rng(1)
    rows = [(f"u{i}", "1", c, float(rng.normal())) for i in range(9) for c in ("agua", "luz")]
    rows += [(f"u{i}", "2", "luz", float(i)) for i in range(9)]
    observations = observe(instrument, rows, waves=("1", "2"))
    scores = score(instrument, observations, calibrate(instrument, observations))
    found = scores.results["total"].score
    assert np.isnan(found[9:]).all()
    assert not np.isnan(found[:9]).any()
    assert "uncalibrated" in {r.kind for r in scores.remarks}


def test_levels_by_strata_are_fitted_to_what_is_reported(tmp_path: Path) -> None:
    levels = "levels: {scale: semaforo, strata: {method: equal_intervals}}"
    instrument = with_rule(
        tmp_path, "{method: arithmetic}", ("code: total,", f"code: total, {levels},")
    )
    rows = [(f"u{i}", "1", "total", float(i)) for i in range(4)]
    rows += [("u0", "1", "total", "verde")]
    result = score_rows(instrument, rows).results["total"]
    assert result.level.tolist() == [2, 0, 1, 2]
    assert result.cut_level.tolist() == [0, 0, 1, 2]


def test_copeland_compares_with_the_reference(tmp_path: Path) -> None:
    """Units that are scored later are compared with those of the calibration, and change none."""
    instrument = with_rule(tmp_path, "{method: copeland, scope: pooled}")
    rows = [("a", "1", 90, 10), ("b", "1", 50, 50), ("c", "1", 10, 40)]
    first = observe(instrument, [(u, w, c, float(x)) for u, w, *v in rows for c, x in zip(("agua", "luz"), v, strict=True)])  # fmt: skip
    calibration = calibrate(instrument, first)
    # a beats b and c by water alone and loses by light: half of the weight is no more than half.
    assert score(instrument, first, calibration).results["total"].score.tolist() == [0, 1, -1]
    later = observe(instrument, [("z", "1", "agua", 95.0), ("z", "1", "luz", 60.0), ("y", "1", "luz", 45.0)])  # fmt: skip
    found = score(instrument, later, calibration)
    assert cell(found, "total", "z")["score"] == 3
    assert cell(found, "total", "y")["score"] == 1


def test_copeland_is_checked_when_it_is_loaded(tmp_path: Path) -> None:
    with pytest.raises(InstrumentError, match="agua counts less as better, and nothing turns it"):
        with_rule(
            tmp_path, "{method: copeland}",
            ("parent: total, title: {es: Agua", "parent: total, direction: -1, title: {es: Agua"),
        )  # fmt: skip
    with pytest.raises(InstrumentError, match="grupo"):
        with_rule(tmp_path, "{method: copeland, by: grupo}")


def test_units_with_other_weights_are_not_compared(tmp_path: Path) -> None:
    change = ("parent: total, title: {es: Agua", "parent: total, weight: \"where(year > 2020, 2, 1)\", title: {es: Agua")  # fmt: skip
    instrument = with_rule(tmp_path, "{method: copeland, scope: pooled}", change)
    rows = [("a", w, c, 5.0 + i) for i, w in enumerate(("1", "2")) for c in ("agua", "luz")]
    facts = {"1": {"year": 2020.0}, "2": {"year": 2021.0}}
    with pytest.raises(ScoringError, match="different weights"):
        score_rows(instrument, rows, waves=("1", "2"), wave_facts=facts)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("{method: power}", "a power mean has an exponent other than 0"),
        ("{method: power, exponent: 0}", "geometric"),
        ("{method: arithmetic, exponent: 2}", "no other mean has one"),
    ],
)
def test_exponents_belong_to_power_means(tmp_path: Path, rule: str, said: str) -> None:
    with pytest.raises(InstrumentError, match=said):
        with_rule(tmp_path, rule)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("{method: min_max, treat: {method: shape, then: box_cox}}", "box_cox needs a power"),
        ("{method: min_max, treat: {method: transform, by: log, power: 2}}", "nothing else has one"),
        ("{method: min_max, upper: 9, treat: {method: transform, by: log_ct}}", "upper is of values that a treatment transforms"),
        ("{method: min_max, lower: 0, treat: {method: transform, by: log_ct}}", "lower is of values"),
        ("{method: scaled, lower: 3, upper: 3}", "must differ"),
        ("{method: classes, points: [1, 2], cuts: [1, 2]}", "one cut fewer"),
        ("{method: classes, points: [1, 2, 3], cuts: [1, 1]}", "from the worst to the best"),
    ],
)  # fmt: skip
def test_rules_that_do_not_fit_together(tmp_path: Path, rule: str, said: str) -> None:
    change = ("title: {es: Agua", f"normalise: {rule}, title: {{es: Agua")
    with pytest.raises(InstrumentError, match=said):
        with_rule(tmp_path, "{method: arithmetic}", change)
