"""The ASEM index, step by step, against what the R package COINr 1.1.14 gives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.audit.index.asem import R_RELATIVE, asem, assert_same, expected, folder, meta
from workbench.audit.index import Index


def treated(shared: Path) -> Index:
    """Return the index as COINr's example has it before it is normalised."""
    imputed = asem(shared).denominate().impute("mean", by="EurAsia_group")
    return imputed.screen(min_available=0.9).treat("shape", most=5, then="log_ct")


def unequal(shared: Path) -> dict[str, float]:
    table = pd.read_csv(folder(shared) / "weights_unequal.csv")
    return {c: w for c, w in zip(table["iCode"], table["Weight"], strict=True) if c != "Index"}


def test_raw_and_denominated(shared: Path) -> None:
    index = asem(shared)
    assert_same(index.latest, expected(shared, "raw.csv"))
    index = index.denominate()
    assert_same(index.latest, expected(shared, "denominated.csv"))
    # Two units have no denominator (Energy), and lose a value each.
    assert index.reports["denominated"].query("lost > 0")["lost"].to_dict() == {"Elec": 1, "Gas": 1}


def test_imputed_by_group(shared: Path) -> None:
    index = asem(shared).denominate()
    missing = int(index.latest.isna().sum().sum())
    index = index.impute("mean", by="EurAsia_group")
    assert_same(index.latest, expected(shared, "imputed_mean_grp.csv"))
    assert index.reports["imputed"]["n_left"].sum() == 0
    assert len(index.reports["imputed_values"]) == missing == 65


def test_nobody_is_screened_out(shared: Path) -> None:
    index = asem(shared).denominate().impute("mean", by="EurAsia_group").screen(min_available=0.9)
    assert index.reports["screened"]["kept"].all()
    assert len(index.latest) == 51


def test_treated_values(shared: Path) -> None:
    assert_same(treated(shared).latest, expected(shared, "treated_winsorised.csv"))


def test_treated_details(shared: Path) -> None:
    """Skewness, kurtosis and points brought in, before and after, of all 49 indicators."""
    report = treated(shared).reports["treated"]
    wanted = pd.read_csv(folder(shared) / "treated_winsorised_details.csv").set_index("iCode")
    for number in (0, 1):
        for ours, theirs in (("skewness", "Skew"), ("kurtosis", "Kurt")):
            np.testing.assert_allclose(
                report.loc[wanted.index, f"{ours}_{number}"].astype(float),
                wanted[f"check_SkewKurt{number}.{theirs}"],
                rtol=R_RELATIVE,
            )
        told = report.loc[wanted.index, f"passes_{number}"]
        theirs = wanted[f"check_SkewKurt{number}.Pass"]
        assert told.isna().equals(theirs.isna())
        assert (told.dropna().astype(bool) == theirs.dropna().astype(bool)).all()
    nwin = wanted["winsorise.nwin"].fillna(0)
    assert (report.loc[wanted.index, "n_brought_in"] == nwin).all()


def test_treated_points(shared: Path) -> None:
    """Each value that was brought in, and from which side."""
    points = treated(shared).reports["treated_points"]
    table = pd.read_csv(folder(shared) / "treated_winsorised_points.csv", keep_default_na=False)
    table.index = expected(shared, "treated_winsorised.csv").index
    marks = {"winhi": "down", "winlo": "up"}
    wanted = {
        (unit, code, marks[table.loc[unit, code]])
        for unit in table.index
        for code in table.columns
        if table.loc[unit, code]
    }
    assert set(zip(points["unit"], points["code"], points["how"], strict=True)) == wanted
    assert len(wanted) == 35


@pytest.mark.parametrize(
    ("choice", "result"),
    [
        ({"method": "min_max", "range": [0, 100]}, "norm_minmax_0_100.csv"),
        ({"method": "min_max", "range": [1, 100]}, "norm_minmax_1_100.csv"),
        ({"method": "z_score"}, "norm_zscore_0_1.csv"),
        ({"method": "scaled", "lower": 0, "upper": 200, "scale": 100}, "norm_scaled_0_200.csv"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_normalised(shared: Path, choice: dict[str, object], result: str) -> None:
    assert_same(treated(shared).normalise(**choice).latest, expected(shared, result))


def test_ranks(shared: Path) -> None:
    """Values that differ beyond the 15 digits written are ties here and were none in R."""
    found, wanted = treated(shared).normalise("rank").latest, expected(shared, "norm_rank.csv")
    found = found.loc[wanted.index, wanted.columns]
    for code in wanted:
        same = found.groupby(code)[code].transform("size")
        assert (found[code] <= wanted[code]).all(), code
        assert (wanted[code] < found[code] + same).all(), code
    assert (found != wanted).sum().sum() <= 3


@pytest.mark.parametrize(
    ("range_", "weighted", "method", "result"),
    [
        ([0, 100], False, "arithmetic", "agg_amean.csv"),
        ([0, 100], True, "arithmetic", "agg_amean_unequal_weights.csv"),
        ([1, 100], False, "geometric", "agg_gmean.csv"),
        ([1, 100], True, "geometric", "agg_gmean_unequal_weights.csv"),
    ],
)
def test_aggregated(
    shared: Path, range_: list[int], weighted: bool, method: str, result: str
) -> None:
    index = treated(shared).normalise("min_max", range=range_)
    if weighted:
        index = index.weigh(weights=unequal(shared))
    assert_same(index.aggregate(method).latest, expected(shared, result))


def test_aggregated_with_gaps(shared: Path) -> None:
    index = asem(shared).normalise("min_max").weigh(weights=unequal(shared))
    assert_same(
        index.data["normalised"], expected(shared, "norm_minmax_0_100_raw_with_missing.csv")
    )
    found = index.aggregate("arithmetic", min_availability=0)
    assert_same(found.latest, expected(shared, "agg_amean_missing.csv"))
    found = index.aggregate("arithmetic", min_availability=0, min_parts=0.9)
    wanted = expected(shared, "agg_amean_missing_thresh0.9.csv")
    assert_same(found.latest, wanted)
    lost = wanted[list(found.structure.groups)].isna().sum()
    report = found.reports["aggregated"]
    assert (report["n"] - report["n_scored"]).loc[lost.index].equals(lost.astype(int))


def test_results(shared: Path) -> None:
    index = treated(shared).normalise("min_max").aggregate()
    found, wanted = index.results(), expected(shared, "final_ranking.csv")
    assert list(found.index) == list(wanted.index)
    np.testing.assert_allclose(found["Index"], wanted["Index"], rtol=R_RELATIVE)
    assert (found["rank"] == wanted["Rank"]).all()
    assert_same(
        index.latest, expected(shared, "final_scores_all_aggregates.csv").drop(columns="Rank")
    )
    ranks = expected(shared, "final_ranks_all_aggregates.csv")
    for code in ranks:
        assert (index.ranks(code).loc[ranks.index] == ranks[code]).all(), code


def test_structure_is_its_lineage(shared: Path) -> None:
    structure = asem(shared).structure
    lineage = pd.read_csv(folder(shared) / "lineage.csv")
    for row in lineage.itertuples(index=False):
        assert [structure.above(row[0], level) for level in (2, 3, 4)] == list(row[1:])


@pytest.mark.parametrize("level", [1, 2, 3])
def test_component_weights(shared: Path, level: int) -> None:
    """Loadings of the first component of each group, up to the sign of a group."""
    index = treated(shared).normalise("min_max").weigh("components", levels=[level])
    found = index.reports["weights"]["loading"]
    wanted = pd.read_csv(folder(shared) / "pca_weights.csv").query("Level == @level")
    wanted = wanted.set_index("iCode")["PC1_loading"]
    assert len(wanted) == len(found)
    for _, loadings in found.groupby(level="group"):
        theirs = wanted.loc[loadings.index.get_level_values("code")].to_numpy()
        sign = np.sign((loadings.to_numpy() * theirs).sum())
        np.testing.assert_allclose(loadings.to_numpy(), sign * theirs, rtol=1e-8)


def test_every_indicator_is_compared(shared: Path) -> None:
    assert len(meta(shared).query("Level == 1")) == 49
