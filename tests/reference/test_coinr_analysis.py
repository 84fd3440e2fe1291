"""Analyses of the ASEM index beside the outputs of COINr 1.1.14 (reference/coinr, its README)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workbench.audit import Index, Structure
from workbench.audit.coinr import CoinrTables, read_coinr
from workbench.audit.components import component_table, component_weights, principal_components
from workbench.audit.correlations import consistency
from workbench.audit.influence import influence
from workbench.audit.lineage import at_level, lineage
from workbench.audit.places import result_frame
from workbench.audit.statistics import indicator_statistics

# Tables hold 15 digits, statistics 12: relative 1e-9 is far above the rounding of either.
RTOL = 1e-9
STATISTICS = {
    "min": "Min",
    "max": "Max",
    "mean": "Mean",
    "median": "Median",
    "sd": "Std",
    "skewness": "Skew",
    "kurtosis": "Kurt",
    "n_available": "N.Avail",
    "n_nonzero": "N.NonZero",
    "n_unique": "N.Unique",
    "n_same": "N.Same",
    "share_available": "Frc.Avail",
    "share_nonzero": "Frc.NonZero",
    "share_unique": "Frc.Unique",
    "share_same": "Frc.Same",
}
FLAGS = {
    "flag_available": "Flag.Avail",
    "flag_nonzero": "Flag.NonZero",
    "flag_unique": "Flag.Unique",
    "flag_skew_kurtosis": "Flag.SkewKurt",
}


@pytest.fixture(scope="module")
def folder(shared: Path) -> Path:
    return shared / "reference" / "coinr"


@pytest.fixture(scope="module")
def tables(folder: Path) -> CoinrTables:
    return read_coinr(folder / "iData.csv", folder / "iMeta.csv")


@pytest.fixture(scope="module")
def structure(tables: CoinrTables) -> Structure:
    return tables.structure


def table(folder: Path, name: str, index: str = "uCode") -> pd.DataFrame:
    return pd.read_csv(folder / f"{name}.csv", keep_default_na=False, na_values=["NA"]).set_index(
        index
    )


@pytest.fixture(scope="module")
def built(folder: Path) -> pd.DataFrame:
    """Normalised indicators and their aggregates, as COINr made them."""
    return table(folder, "norm_minmax_0_100").join(table(folder, "agg_amean"))


def test_statistics(folder: Path) -> None:
    found = indicator_statistics(table(folder, "raw"))
    expected = table(folder, "stats_raw", "iCode").loc[found.index]
    # Two values of TolMin differ in their 16th digit, which the table of raw values no longer has.
    exact = [code for code in found.index if code != "TolMin"]
    for ours, theirs in STATISTICS.items():
        codes = exact if "unique" in ours else found.index
        np.testing.assert_allclose(found.loc[codes, ours], expected.loc[codes, theirs], rtol=RTOL)
    for ours, theirs in FLAGS.items():
        assert (found[ours] == expected[theirs]).all(), ours


def test_lineage(folder: Path, structure: Structure) -> None:
    expected = pd.read_csv(folder / "lineage.csv")
    found = lineage(structure).set_axis(expected.columns, axis=1)
    by = list(expected.columns[::-1])
    pd.testing.assert_frame_equal(
        found.sort_values(by).reset_index(drop=True).astype(object),
        expected.sort_values(by).reset_index(drop=True).astype(object),
    )


def test_consistency(folder: Path, structure: Structure, built: pd.DataFrame) -> None:
    data = {"Raw": table(folder, "raw"), "Normalised": built, "Aggregated": built}
    for row in pd.read_csv(folder / "cronbach.csv").itertuples():
        under = None if row.group == "all indicators" else [row.group]
        codes = at_level(structure, row.level, under)
        assert consistency(data[row.dset][codes]) == pytest.approx(row.alpha, rel=RTOL), row.group


@pytest.mark.parametrize("level", [1, 2, 3])
def test_components(folder: Path, structure: Structure, built: pd.DataFrame, level: int) -> None:
    found = principal_components(built, structure, level=level)
    expected = pd.read_csv(folder / "pca_variance.csv").query("Level == @level")
    expected = expected.set_index(["Group", "Component"]).sort_index()
    ours = component_table(found).set_index(["group", "component"]).sort_index()
    np.testing.assert_allclose(ours["deviation"], expected["sdev"], rtol=RTOL)
    np.testing.assert_allclose(ours["share"], expected["VarShare"], rtol=RTOL)
    loadings = pd.read_csv(folder / "pca_weights.csv").query("Level == @level").set_index("iCode")
    weights = component_weights(found)
    for group, part in found.items():
        own, theirs = weights[part.loadings.index], loadings.loc[part.loadings.index, "PC1_loading"]
        sign = np.sign(own.iloc[0] * theirs.iloc[0])
        np.testing.assert_allclose(own * sign, theirs, rtol=RTOL, err_msg=group)


def test_results(folder: Path, structure: Structure, built: pd.DataFrame) -> None:
    scores = result_frame(built, structure, show="groups")
    expected = table(folder, "final_scores_all_aggregates")
    assert list(scores.index) == list(expected.index)
    np.testing.assert_allclose(
        scores.rename(columns={"place": "Rank"})[expected.columns], expected, rtol=RTOL
    )
    places = result_frame(built, structure, show="groups", use="places")
    ranks = table(folder, "final_ranks_all_aggregates")
    assert (places[ranks.columns] == ranks).all(axis=None)
    summary = result_frame(built, structure)
    final = table(folder, "final_ranking")
    assert list(summary.index) == list(final.index)
    np.testing.assert_allclose(summary["Index"], final["Index"], rtol=RTOL)
    assert (summary["place"] == final["Rank"]).all()


def test_what_an_index_is_without_its_parts(tables: CoinrTables) -> None:
    # What COINr does by hand: the weight of a part set to 0, everything else as it was.
    index = tables.index().normalise("min_max", range=(0, 100))
    index = index.aggregate("arithmetic", min_availability=0.0)
    for level in (1, 2, 3):
        found = influence(index, level=level)
        for code in list(found.scores)[1:4]:
            other = index.what_if(without=code)
            np.testing.assert_allclose(found.scores[code], other.scores, rtol=RTOL)
            assert (found.places[code] == other.ranks()).all()
        shift = found.mean_shift
        assert shift["nominal"] == 0
        assert (shift.iloc[1:] > 0).all()


def test_an_index_of_the_tables_is_that_of_the_package(folder: Path, tables: CoinrTables) -> None:
    weights = table(folder, "weights_unequal", "iCode")["Weight"]
    index: Index = tables.index().normalise("min_max", range=(0, 100))
    index = index.what_if(weights=weights.drop("Index").to_dict())
    index = index.aggregate("arithmetic", min_availability=0.0)
    expected = table(folder, "agg_amean_missing")
    found = index.aggregated.loc[expected.index, expected.columns]
    np.testing.assert_allclose(found, expected, rtol=RTOL)
