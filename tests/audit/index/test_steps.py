"""Each step of an index against the same arithmetic written anew in plain numpy and pandas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.audit.index.made import beside, index, panel, ready, structure, table
from workbench.audit.index import Index, Node, Structure
from workbench.audit.index.treat import box_cox_power
from workbench.errors import WorkbenchError

# The same sums in another order.
RTOL = 1e-10


# -- denomination and screening -------------------------------------------------------------------


def test_denominated_with_a_scale() -> None:
    found = index().denominate(scale={"b": 1000.0})
    np.testing.assert_allclose(found.latest["b"], table()["b"] / beside()["people"] * 1000)
    np.testing.assert_allclose(found.latest["a"], table()["a"])
    other = index().denominate({"a": "people", "b": None}, operation="multiply")
    np.testing.assert_allclose(other.latest["a"], table()["a"] * beside()["people"])
    np.testing.assert_allclose(other.latest["b"], table()["b"])


def test_a_denominator_of_0_is_told() -> None:
    units = beside()
    units.iloc[3, 0] = 0.0
    found = Index.make(table(), structure(), units=units).denominate()
    assert np.isnan(found.latest["b"].iloc[3])
    assert found.reports["denominated"].loc["b", ["denominator_zero", "lost"]].tolist() == [1, 1]


@pytest.mark.parametrize(
    ("by", "left"),
    [("missing", ["u0", "u2", "u3"]), ("zeros", ["u0", "u1", "u3"]), ("either", ["u0", "u3"])],
)
def test_screened(by: str, left: list[str]) -> None:
    values = pd.DataFrame(
        [[1.0, 2, 3, 4], [1, np.nan, np.nan, 4], [0, 0, 0, 1], [0, 1, np.nan, 2]],
        index=["u0", "u1", "u2", "u3"],
        columns=list("abcd"),
    )
    made = Index.make(values, structure())
    found = made.screen(by, min_available=0.75, min_nonzero=0.5)
    assert list(found.latest.index) == left
    report = found.reports["screened"]
    assert report["available"].tolist() == [1.0, 0.5, 1.0, 0.75]
    np.testing.assert_allclose(report["nonzero"], [1, 1, 0.25, 2 / 3])
    forced = made.screen(
        by, min_available=0.75, min_nonzero=0.5, include=["u1", "u2"], exclude=["u0"]
    )
    assert list(forced.latest.index) == ["u1", "u2", "u3"]


# -- imputation -----------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["mean", "median"])
def test_imputed_across_units(method: str) -> None:
    values = table(gaps=0.2)
    made = Index.make(values, structure(), units=beside())
    np.testing.assert_allclose(made.impute(method).latest, values.fillna(values.agg(method)))
    by_size = values.groupby(beside()["size"]).transform(method)
    found = made.impute(method, by="size")
    np.testing.assert_allclose(found.latest, values.fillna(by_size))
    report = found.reports["imputed"]
    assert (report["n_missing"] == values.isna().sum()).all()
    assert report["n_left"].sum() == 0


@pytest.mark.parametrize("method", ["mean", "median"])
@pytest.mark.parametrize("level", [None, 2])
def test_imputed_across_indicators(method: str, level: int | None) -> None:
    """Indicators between 0 and 1, turned where less is better, and back again."""
    values = table(gaps=0.2)
    sign = np.array([1, -1, 1, -1])
    turned = values * sign
    low, spread = turned.min(), turned.max() - turned.min()
    scaled = (turned - low) / spread
    wanted = scaled.copy()
    for group in [list("abcd")] if level is None else [["a", "b"], ["c", "d"]]:
        middle = scaled[group].agg(method, axis=1)
        for code in group:
            wanted[code] = scaled[code].fillna(middle)
    options = {} if level is None else {"level": level}
    found = Index.make(values, structure()).impute(method, across="indicators", **options)
    np.testing.assert_allclose(found.latest, (wanted * spread + low) * sign, rtol=RTOL)
    plain = Index.make(values, structure()).impute(
        method, across="indicators", normalise_first=False
    )
    np.testing.assert_allclose(
        plain.latest, values.T.fillna(values.agg(method, axis=1)).T, rtol=RTOL
    )


def wide(found: Index, code: str) -> pd.DataFrame:
    return found.latest[code].unstack("wave")


def test_imputed_with_the_latest() -> None:
    made = panel()
    for code in "abcd":
        before = wide(made, code)
        np.testing.assert_allclose(wide(made.impute("latest"), code), before.ffill(axis=1))
        near = before.ffill(axis=1, limit=1)
        np.testing.assert_allclose(wide(made.impute("latest", max_waves=1), code), near)
        held = before.ffill(axis=1).bfill(axis=1)
        np.testing.assert_allclose(wide(made.impute("constant"), code), held)


def test_imputed_on_a_line_by_date() -> None:
    """Waves 2018, 2020, 2021: the gap of 2020 is two thirds of the way."""
    made = panel()
    found, times = made.impute("linear"), [2018, 2020, 2021]
    for code in "abcd":
        before = wide(made, code).to_numpy()
        wanted = before.copy()
        for row in wanted:
            there = ~np.isnan(row)
            if there.any():
                row[~there] = np.interp(np.array(times)[~there], np.array(times)[there], row[there])
        np.testing.assert_allclose(wide(found, code), wanted, rtol=RTOL)
    told = found.reports["imputed_values"]
    assert set(told["from_wave"]) >= {"2018–2021"}
    assert len(told) == found.reports["imputed"]["n_filled"].sum()


def test_imputed_wave_by_wave_or_pooled() -> None:
    made = panel()
    by_wave = made.latest.fillna(made.latest.groupby(level="wave").transform("mean"))
    np.testing.assert_allclose(made.impute("mean").latest, by_wave)
    pooled = made.latest.fillna(made.latest.mean())
    np.testing.assert_allclose(made.impute("mean", scope="pooled").latest, pooled)


def test_em_is_the_most_likely() -> None:
    """No other mean and covariance make what is there more likely, and gaps are at their regression."""
    rng = np.random.default_rng(3)
    full = rng.multivariate_normal([0, 0, 0], [[1, 0.8, 0.5], [0.8, 1, 0.4], [0.5, 0.4, 1]], 150)
    values = np.where(rng.random(full.shape) < 0.15, np.nan, full)
    nodes = [Node(c, parents={"t": 1.0}) for c in "abc"] + [Node("t", 2, is_group=True)]
    frame = pd.DataFrame(values, index=[f"u{i}" for i in range(150)], columns=list("abc"))
    found = Index.make(frame, Structure.of(nodes)).impute("em").latest.to_numpy()
    assert np.array_equal(found[~np.isnan(values)], values[~np.isnan(values)])
    gaps = np.isnan(values)
    # Far nearer to the truth than the mean is.
    mean = np.where(gaps, np.nanmean(values, axis=0), values)
    assert np.abs(found - full)[gaps].mean() < 0.8 * np.abs(mean - full)[gaps].mean()
    # With one variable missing in a case, the fill is linear in the others: the residual is 0.
    rows = gaps[:, 0] & ~gaps[:, 1:].any(axis=1)
    design = np.c_[np.ones(rows.sum()), values[rows, 1:]]
    residual = found[rows, 0] - design @ np.linalg.lstsq(design, found[rows, 0], rcond=None)[0]
    np.testing.assert_allclose(residual, 0, atol=1e-8)


# -- treatment ------------------------------------------------------------------------------------


def winsorised(x: np.ndarray, most: int | None, skew: float = 2, kurt: float = 3.5) -> np.ndarray:
    """Bring all values at the end of the tail to the next, until the shape is tame."""
    x, brought = x.copy(), 0
    while most is None or brought < most:
        g1 = stats.skew(x, bias=False, nan_policy="omit")
        g2 = stats.kurtosis(x, bias=False, nan_policy="omit")
        if abs(g1) < skew or g2 < kurt:
            break
        end = np.nanmax(x) if g1 >= 0 else np.nanmin(x)
        at = x == end
        x[at] = np.nanmax(x[~at]) if g1 >= 0 else np.nanmin(x[~at])
        brought = int(at.sum())
    return x


HEAVY = np.r_[1.0, np.arange(36) % 9 + 1.5, 90, 90, 130, 400]
LOG_CT = {
    "log": lambda x: np.log(x),
    "log_ct": lambda x: np.log(x - x.min() + 0.01 * (x.max() - x.min())),
    "log_ct_orig": lambda x: np.log(x - x.min() + 1),
    "log_gii": lambda x: np.log((x.max() - 1) * (x - x.min()) / (x.max() - x.min()) + 1),
}


def heavy(values: np.ndarray = HEAVY) -> Index:
    frame = pd.DataFrame({c: values for c in "abcd"})
    return Index.make(frame.set_axis([f"u{i:02d}" for i in frame.index]), structure())


@pytest.mark.parametrize("most", [1, 2, 3, 5, None])
def test_winsorised(most: int | None) -> None:
    found = heavy().treat("shape", most=most)
    np.testing.assert_allclose(found.latest["a"], winsorised(HEAVY, most))
    np.testing.assert_allclose(
        heavy(-HEAVY).treat("shape", most=most).latest["a"], -winsorised(HEAVY, most)
    )


@pytest.mark.parametrize("name", list(LOG_CT))
def test_a_second_step_takes_the_values_as_they_were(name: str) -> None:
    found = heavy().treat("shape", most=1, then=name)
    np.testing.assert_allclose(found.latest["a"], LOG_CT[name](HEAVY), rtol=RTOL)
    row = found.reports["treated"].loc["a"]
    assert row["steps"] == f"winsorise, {name}"
    assert row["n_brought_in"] == 0
    np.testing.assert_allclose(row["skewness_2"], stats.skew(LOG_CT[name](HEAVY), bias=False))
    joined = heavy().treat("shape", most=1, then=name, combine=True)
    np.testing.assert_allclose(joined.latest["a"], LOG_CT[name](winsorised(HEAVY, 1)), rtol=RTOL)
    assert set(joined.reports["treated_points"]["how"]) >= {f"down+{name}"}


def test_transformed_from_the_side_of_the_tail() -> None:
    a = 0.01 * (HEAVY.max() - HEAVY.min())
    rule = {"method": "transform", "by": "log_ct_plus"}
    found = heavy().treat(None, each={"a": rule}).latest["a"]
    np.testing.assert_allclose(found, np.log(HEAVY - HEAVY.min() + a), rtol=RTOL)
    turned = heavy(-HEAVY).treat(None, each={"a": rule}).latest["a"]
    np.testing.assert_allclose(turned, -np.log(HEAVY - HEAVY.min() + a), rtol=RTOL)
    assert (np.argsort(turned, kind="stable") == np.argsort(-HEAVY, kind="stable")).all()


@pytest.mark.parametrize("power", [-0.5, 0.0, 0.5, 2.0])
def test_box_cox(power: float) -> None:
    rule = {"method": "transform", "by": "box_cox", "power": power}
    found = heavy().treat(None, each={"a": rule})
    np.testing.assert_allclose(found.latest["a"], stats.boxcox(HEAVY - HEAVY.min() + 1, power))
    np.testing.assert_allclose(found.latest["b"], HEAVY)


def test_what_would_be_left_with_one_value_is_left_alone() -> None:
    """As COINr does: no winsorising, and no logarithm of it either."""
    rare = np.r_[np.zeros(38), 1.0, 1.0]
    found = heavy(rare).treat("shape", then="log_ct")
    np.testing.assert_allclose(found.latest["a"], rare)
    row = found.reports["treated"].loc["a"]
    assert (row["steps"], row["passes_0"], row["n_brought_in"]) == ("", False, 0)


def test_the_power_that_fits_best() -> None:
    power = box_cox_power(HEAVY)
    best = stats.boxcox_llf(power, HEAVY)
    near = [stats.boxcox_llf(power + d, HEAVY) for d in (-0.05, 0.05)]
    assert best > max(near)


def test_treated_wave_by_wave_or_pooled() -> None:
    waves = {"1": HEAVY, "2": HEAVY * 3}
    names = [f"u{i:02d}" for i in range(len(HEAVY))]
    values = pd.concat(
        {w: pd.DataFrame({c: x for c in "abcd"}, index=names) for w, x in waves.items()}
    )
    values.index.names = ["wave", "unit"]
    made = Index.make(values.swaplevel(), structure())
    alone = made.treat("shape", scope="wave").latest["a"].unstack("wave")
    for wave, x in waves.items():
        np.testing.assert_allclose(alone[wave].sort_index(), winsorised(x, 5))
    pooled = made.treat("shape").latest["a"]
    np.testing.assert_allclose(pooled, winsorised(np.r_[HEAVY, HEAVY * 3], 5))


# -- normalisation --------------------------------------------------------------------------------


def ranks(x: pd.Series) -> pd.Series:
    return x.rank(method="min")


@pytest.mark.parametrize(
    ("choice", "by_hand"),
    [
        ({"method": "min_max", "range": [0, 1]}, lambda x: 1 - (x.max() - x) / (x.max() - x.min())),
        ({"method": "z_score", "mean": 50.0, "sd": 10.0}, lambda x: (x - x.mean()) / x.std() * 10 + 50),
        ({"method": "scaled", "lower": -5.0, "upper": 20.0, "scale": 10.0}, lambda x: (x + 5) / 25 * 10),
        ({"method": "rank"}, ranks),
        ({"method": "borda"}, lambda x: ranks(x) - 1),
        ({"method": "percentile_rank", "counts": "below", "range": [0, 1]}, lambda x: (ranks(x) - 1) / (x.count() - 1)),
        ({"method": "distance_to_reference", "unit": "u05"}, lambda x: 1 - (x["u05"] - x) / (x["u05"] - x.min())),
        ({"method": "distance_to_reference", "unit": "u05", "cap": True}, lambda x: np.minimum(1, 1 - (x["u05"] - x) / (x["u05"] - x.min()))),
        ({"method": "distance_to_maximum", "range": [0, 1], "signed": True}, lambda x: x / x.max()),
    ],
    ids=lambda value: value["method"] if isinstance(value, dict) else "",
)  # fmt: skip
def test_normalised_by_hand(choice: dict[str, Any], by_hand: Any) -> None:
    values = table(gaps=0.1)
    values.loc["u05"] = [4.0, 40.0, 4.0, 4.0]
    found = Index.make(values, structure()).normalise(**choice).latest
    for code, sign in zip("abcd", (1, -1, 1, -1), strict=True):
        np.testing.assert_allclose(found[code], by_hand(values[code] * sign), rtol=RTOL)


def test_targets_and_goalposts_by_indicator() -> None:
    values = table()
    target = {"method": "distance_to_target", "target": 6.0, "cap": False}
    post = {"method": "goalposts", "lower": 40.0, "upper": 60.0, "range": [0.0, 1.0]}
    found = (
        index().normalise(None, each={"a": target, "b": post, "d": {**target, "cap": True}}).latest
    )
    a, b, d = values["a"], values["b"], values["d"]
    np.testing.assert_allclose(found["a"], (a - a.min()) / (6 - a.min()))
    np.testing.assert_allclose(found["b"], ((60 - b) / 20).clip(0, 1))
    np.testing.assert_allclose(found["c"], values["c"])
    np.testing.assert_allclose(found["d"], ((d.max() - d) / (d.max() - 6)).clip(upper=1))


def test_fixed_classes() -> None:
    rule = {"method": "classes", "points": [0, 50, 100], "cuts": [4.0, 8.0]}
    down = {"method": "classes", "points": [0, 50, 100], "cuts": [8.0, 4.0]}
    found = index().normalise(rule.pop("method"), **rule, each={"d": down, "b": None}).latest
    values = table()
    wanted = np.select([values["a"] <= 4, values["a"] <= 8], [0, 50], 100)
    np.testing.assert_allclose(found["a"], wanted)
    wanted = np.select([values["d"] >= 8, values["d"] >= 4], [0, 50], 100)
    np.testing.assert_allclose(found["d"], wanted)


def test_normalised_over_the_panel() -> None:
    made = panel(gaps=0.0)
    x = made.latest["a"]
    pooled = (x - x.min()) / (x.max() - x.min()) * 100
    np.testing.assert_allclose(made.normalise().latest["a"], pooled)
    by = x.groupby(level="wave")
    alone = (x - by.transform("min")) / (by.transform("max") - by.transform("min")) * 100
    np.testing.assert_allclose(made.normalise("min_max", scope="wave").latest["a"], alone)
    first = x.xs("2018", level="wave")
    fixed = (x - first.min()) / (first.max() - first.min()) * 100
    np.testing.assert_allclose(made.normalise(reference_waves=["2018"]).latest["a"], fixed)
    assert made.normalise("min_max", scope="wave").parameters["a"].keys() == {
        "2018",
        "2020",
        "2021",
    }


# -- weights and aggregation ----------------------------------------------------------------------


MEANS = {
    "arithmetic": lambda x, w: (x * w).sum(1) / w.sum(),
    "geometric": lambda x, w: np.exp((np.log(x) * w).sum(1) / w.sum()),
    "harmonic": lambda x, w: w.sum() / (w / x).sum(1),
    "power": lambda x, w: ((x**3 * w).sum(1) / w.sum()) ** (1 / 3),
}


@pytest.mark.parametrize("method", list(MEANS))
def test_means(method: str) -> None:
    options = {"exponent": 3.0} if method == "power" else {}
    found, x = ready().aggregate(method, **options).latest, ready().latest.to_numpy()
    left = MEANS[method](x[:, :2], np.array([1.0, 2]))
    right = MEANS[method](x[:, 2:], np.array([1.0, 3]))
    np.testing.assert_allclose(found["left"], left, rtol=RTOL)
    np.testing.assert_allclose(found["right"], right, rtol=RTOL)
    total = MEANS[method](np.c_[left, right], np.array([1.0, 2]))
    np.testing.assert_allclose(found["all"], total, rtol=RTOL)


def test_rules_by_level_and_group() -> None:
    found = ready().aggregate(
        "arithmetic", levels={3: {"method": "harmonic"}}, each={"right": {"method": "geometric"}}
    )
    x = ready().latest.to_numpy()
    left = MEANS["arithmetic"](x[:, :2], np.array([1.0, 2]))
    right = MEANS["geometric"](x[:, 2:], np.array([1.0, 3]))
    total = MEANS["harmonic"](np.c_[left, right], np.array([1.0, 2]))
    np.testing.assert_allclose(found.latest["all"], total, rtol=RTOL)
    assert found.reports["aggregated"]["method"].to_dict() == {
        "left": "arithmetic", "right": "geometric", "all": "harmonic",
    }  # fmt: skip


def test_a_part_that_is_missing_withholds_its_group() -> None:
    made = ready(gaps=0.2)
    x = made.latest
    strict = made.aggregate()
    assert strict.latest["left"].isna().equals(x[["a", "b"]].isna().any(axis=1))
    report = strict.reports["aggregated"].loc["left"]
    nothing = int(x[["a", "b"]].isna().all(axis=1).sum())
    assert report["n_nothing"] == nothing
    assert report["n_withheld"] == int(x[["a", "b"]].isna().any(axis=1).sum()) - nothing
    loose = made.aggregate(min_availability=0.6)
    # b has two thirds of the weight of the left.
    assert loose.latest["left"].isna().equals(x["b"].isna())


def copeland(x: np.ndarray, w: np.ndarray) -> list[float]:
    scores = []
    for i in range(len(x)):
        won = 0.0
        for j in range(len(x)):
            both = ~np.isnan(x[i]) & ~np.isnan(x[j])
            if i == j or not both.any():
                continue
            share = w[both & (x[i] > x[j])].sum() + w[both & (x[i] == x[j])].sum() / 2
            won += np.sign(round(share / w[both].sum() - 0.5, 10))
        scores.append(won)
    return scores


@pytest.mark.parametrize("gaps", [0.0, 0.3])
def test_copeland_by_pairs(gaps: float) -> None:
    made = ready(gaps=gaps)
    found = made.aggregate("copeland").latest["left"]
    x = made.latest[["a", "b"]].to_numpy()
    there = ~np.isnan(x).all(axis=1)
    wanted = copeland(x[there], np.array([1.0, 2]))
    np.testing.assert_allclose(found[there], wanted)
    assert found[~there].isna().all()


def test_equal_and_given_weights() -> None:
    equal = ready().weigh("equal", levels=[1]).aggregate()
    np.testing.assert_allclose(equal.latest["left"], ready().latest[["a", "b"]].mean(axis=1))
    given = ready().weigh(weights={"a": 5.0, "b": {"left": 0.0}}).aggregate()
    np.testing.assert_allclose(given.latest["left"], ready().latest["a"])


def test_optimised_weights_reach_what_is_wanted() -> None:
    """Two parts can always be balanced; the shares that were reached stand in the report."""
    made = ready().weigh("optimised", levels=[2], importance={"left": 1.0, "right": 1.0})
    report = made.reports["weights"]
    np.testing.assert_allclose(report["obtained"], [0.5, 0.5], atol=1e-5)
    frame = made.aggregate(min_availability=0.0).latest
    r = frame.corr()["all"][["left", "right"]]
    np.testing.assert_allclose(r, report["correlation"], rtol=1e-9)
    assert (report["weight"] >= 0).all()


def test_optimised_weights_beat_many_others() -> None:
    made = ready()
    report = made.weigh("optimised", levels=[1]).reports["weights"]
    loss = ((report["obtained"] - report["wanted"]) ** 2).sum()
    rng = np.random.default_rng(1)
    for weights in rng.dirichlet(np.ones(4), 60):
        other = made.weigh(weights=dict(zip("abcd", weights, strict=True)))
        r = other.aggregate().latest.corr()["all"][list("abcd")]
        assert ((r / r.sum() - 0.25) ** 2).sum() >= loss - 1e-9


def test_weights_of_experts() -> None:
    experts = {"ana": {"a": 30, "b": 70}, "beto": {"a": 5, "b": 5}}
    made = ready().weigh("budget", experts=experts)
    assert made.structure.weights("left").tolist() == pytest.approx([0.4, 0.6])
    assert made.structure.weights("right").tolist() == [1, 3]
    assert made.reports["weights"].loc[("left", "a"), "n_experts"] == 2


def test_places_by_an_indicator_of_which_less_is_better() -> None:
    """By its values less is better, whether the step that is taken turned them or not."""
    wanted = table()["b"].rank(method="min")
    for made in (ready(), index(), index().normalise("min_max", turn=False)):
        assert made.aggregate().ranks("b").equals(wanted.rename("rank"))


# -- other choices --------------------------------------------------------------------------------


def built() -> Index:
    return index(gaps=0.1).denominate().impute("median").normalise("min_max").aggregate()


def test_what_if_leaves_the_index_as_it_is() -> None:
    made = built()
    before = {name: frame.copy() for name, frame in made.data.items()}
    other = made.what_if(
        weights={"a": 9.0}, normalise={"range": [1, 100]}, aggregate="geometric", impute="mean"
    )
    assert not other.scores.equals(made.scores)
    for name, frame in before.items():
        pd.testing.assert_frame_equal(made.data[name], frame)
    assert other.structure.nodes["a"].parents == {"left": 9.0}
    assert made.structure.nodes["a"].parents == {"left": 1.0}


def test_what_if_is_building_anew() -> None:
    other = built().what_if(normalise="z_score", without="d", treat={"method": "shape"})
    anew = (
        Index.make(table(gaps=0.1)[["a", "b", "c"]], structure().without("d"), units=beside())
        .denominate().impute("median").treat("shape").normalise("z_score").aggregate()
    )  # fmt: skip
    pd.testing.assert_frame_equal(other.latest, anew.latest)
    assert [step.step for step in other.steps] == [step.step for step in anew.steps]
    assert "treated" not in built().what_if(treat=None).data


def test_what_if_of_some_units() -> None:
    other = built().what_if(units=["u01", "u02", "u03"])
    assert list(other.latest.index) == ["u01", "u02", "u03"]


def test_steps_are_plain_values() -> None:
    made = built()
    again = Index.make(table(gaps=0.1), structure(), units=beside()).follow(made.plan())
    pd.testing.assert_frame_equal(again.latest, made.latest)


def test_a_step_is_taken_once_and_in_its_place() -> None:
    with pytest.raises(WorkbenchError, match="taken already"):
        built().normalise()
    with pytest.raises(WorkbenchError, match="before the groups are joined"):
        built().treat("shape")


def test_a_group_left_out_takes_its_parts_along() -> None:
    other = built().what_if(without="right")
    assert list(other.structure.nodes) == ["a", "b", "left", "all"]
