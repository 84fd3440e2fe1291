"""Tables of COINr: read with its checks, written for it, and an index as a workbook."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook

from workbench.audit import Index
from workbench.audit.coinr import coinr_tables, r_name, read_coinr, tables_of
from workbench.audit.workbook import export_workbook
from workbench.errors import DataError, ReportError


def meta(**changes: list[object]) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "Level": ["1", "1", "1", "2", "2", "3", None],
            "iCode": ["a", "b", "c", "g", "h", "index", "people"],
            "iName": ["A", "B", "C", "G", "H", "Index", "People"],
            "Parent": ["g", "g", "h", "index", "index", None, None],
            "Direction": ["1", "-1", "1", "1", "1", "1", None],
            "Weight": ["1", "2", "1", "1", "1", "1", None],
            "Type": ["Indicator"] * 3 + ["Aggregate"] * 3 + ["Denominator"],
        }
    )
    return frame.assign(**changes)


def data(**changes: list[object]) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "uCode": ["01001", "01002", "NA"],
            "uName": ["Uno", "=Dos", "Tres"],
            "a": ["1", "2", "3"],
            "b": ["5", None, "7"],
            "c": ["1", "0", "4"],
            "people": ["10", "20", "30"],
        }
    )
    return frame.assign(**changes)


def test_tables_make_an_index() -> None:
    index = tables_of(data(), meta()).index("x")
    assert index.structure.top == "index"
    assert index.structure.nodes["b"].direction == -1
    assert index.structure.nodes["b"].parents == {"g": 2.0}
    assert index.units["people"].tolist() == [10, 20, 30]
    assert np.isnan(index.data["raw"].loc["01002", "b"])


@pytest.mark.parametrize(
    ("tables", "words"),
    [
        ((data().drop(columns="uCode"), meta()), "no column uCode"),
        ((data(), meta().drop(columns="Weight")), "no column Weight"),
        (
            (data(a=["1", "x", "3"]), meta()),
            "row 3 column a: no number stands in the column, got x",
        ),
        ((data(uCode=["u", "u", "v"]), meta()), "a unit stands twice, got u"),
        ((data(uCode=["a", "u", "v"]), meta()), "a unit and a column have the same code, got a"),
        ((data().rename(columns={"a": "aa"}), meta()), "the column aa is not in iMeta"),
        ((data().drop(columns="c"), meta()), "iData has no column c"),
        ((data(), meta(Direction=["2", *meta()["Direction"][1:]])), "a: unknown direction, got 2"),
        ((data(), meta(Type=["Indicador", *meta()["Type"][1:]])), "unknown type, got Indicador"),
        ((data(), meta(Level=["1", "1", "1", "3", "3", "4", None])), "none left out, got 1, 3, 4"),
        (
            (data(), meta(Parent=["gg", *meta()["Parent"][1:]])),
            "its parent is not in the table, got gg",
        ),
        ((data(), meta(Parent=["index", *meta()["Parent"][1:]])), "not one level above"),
        ((data(), meta(Weight=[None, *meta()["Weight"][1:]])), "a has no Weight"),
        ((data(), meta(iCode=["a", "a", "c", "g", "h", "index", "people"])), "a code stands twice"),
        ((data(Time=["2020", "soon", "2020"]), meta()), "got soon"),
        ((pd.concat([data(), data()[["a"]]], axis=1), meta()), "column a: a column stands twice"),
        (
            (data(), pd.concat([meta(), meta()[["Weight"]]], axis=1)),
            "Weight: a column stands twice",
        ),
        (
            (data(), meta(Level=["1", "1", "1", "2", "2", "inf", None])),
            "none left out, got 1, 2, inf",
        ),
    ],
)
def test_what_coinr_refuses_is_told(tables: tuple[pd.DataFrame, pd.DataFrame], words: str) -> None:
    with pytest.raises(DataError, match=words):
        tables_of(*tables)


def test_every_mistake_is_told_at_once() -> None:
    with pytest.raises(DataError) as caught:
        tables_of(data(a=["1", "x", "y"], uCode=["u", "u", "v"]), meta())
    assert len(caught.value.problems) == 3


def test_there_and_back(tmp_path: Path) -> None:
    index = tables_of(data(), meta()).index()
    for path in (tmp_path / "tables", tmp_path / "tables.xlsx"):
        coinr_tables(index).write(path)
        again = read_coinr(path).index()
        pd.testing.assert_frame_equal(again.data["raw"], index.data["raw"])
        assert again.structure.nodes["b"].parents == {"g": 2.0}
    written = coinr_tables(index).data
    # Codes that begin with a digit are no names in R.
    assert written["uCode"].tolist() == ["x01001", "x01002", "NA"]
    assert r_name("1.1.2-b") == "x1.1.2_b"


def test_parameters_of_a_normalisation_stand_in_imeta() -> None:
    columns = {
        "minmax_lower": ["1", "0", "0"], "minmax_upper": ["10", "1", "100"],
        "zscore_mean": ["10", "0", "50"], "zscore_sd": ["2", "1", "10"],
        "scaled_lower": ["0", "-8", "1"], "scaled_upper": ["4", "0", "5"], "scale_factor": ["10", "1", "100"],
    }  # fmt: skip
    frame = meta(**{name: [*given, *[None] * 4] for name, given in columns.items()})
    tables = tables_of(data(), frame)
    index = tables.index()
    x = index.data["raw"] * [1, -1, 1]
    number = {name: np.array(given, dtype=float) for name, given in columns.items()}
    share = (x - x.min()) / (x.max() - x.min())
    low, high = number["minmax_lower"], number["minmax_upper"]
    wanted = {
        "min_max": share * (high - low) + low,
        "z_score": (x - x.mean()) / x.std() * number["zscore_sd"] + number["zscore_mean"],
        "scaled": (x - number["scaled_lower"])
        / (number["scaled_upper"] - number["scaled_lower"])
        * number["scale_factor"],
    }
    for method, expected in wanted.items():
        found = index.normalise(None, each=tables.each(method)).latest
        np.testing.assert_allclose(found, expected, rtol=1e-12)
    with pytest.raises(DataError, match="columns Target"):
        tables.each("distance_to_target")
    with pytest.raises(DataError, match="says nothing of the normalisation rank"):
        tables.each("rank")
    gap = tables_of(data(), frame.assign(zscore_sd=["1", None, "1", *[None] * 4]))
    with pytest.raises(DataError, match=r"column zscore_sd: no number.*got b"):
        gap.each("z_score")


def test_what_coinr_cannot_hold_is_told() -> None:
    rows = [("a", "g"), ("a", "top"), ("b", "g"), ("g", "top"), ("top", None)]
    frame = pd.DataFrame({"a": [1.0, 2], "b": [3.0, 4]}, index=["x", "y"])
    index = Index.make(frame, pd.DataFrame(rows, columns=["code", "parent"]))
    with pytest.raises(DataError, match="belongs to several groups"):
        coinr_tables(index)


def test_codes_that_would_be_one_in_r_are_told() -> None:
    # Written as they are, the second column would take the place of the first.
    rows = [("a b", "top"), ("a-b", "top"), ("top", None)]
    frame = pd.DataFrame({"a b": [1.0, 2], "a-b": [3.0, 4]}, index=["u 1", "u_1"])
    index = Index.make(frame, pd.DataFrame(rows, columns=["code", "parent"]))
    with pytest.raises(DataError, match="a-b and a b would both be a_b in R") as caught:
        coinr_tables(index)
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize("name", ["no.xlsx", "no.ods"])
def test_a_file_that_is_no_workbook_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("no workbook")
    with pytest.raises(DataError, match="the table can't be read"):
        read_coinr(tmp_path / name)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="does not exist"):
        read_coinr(tmp_path / "nothing.csv", tmp_path / "none.csv")


def test_an_index_as_a_workbook(tmp_path: Path) -> None:
    index = tables_of(data(), meta()).index()
    index = index.normalise("min_max").aggregate("arithmetic", min_availability=0.0)
    export_workbook(index, tmp_path / "index.xlsx")
    book = load_workbook(tmp_path / "index.xlsx")
    names = book.sheetnames
    assert names[:5] == ["structure", "steps", "data raw", "data normalised", "data aggregated"]
    assert {"statistics", "correlations", "importance", "results"} <= set(names)
    scores = pd.DataFrame(book["data aggregated"].values)
    assert scores.iloc[0, 0] == "unit"
    assert scores.iloc[1:, 0].tolist() == ["01001", "01002", "NA"]
    coinr_tables(index).write(tmp_path / "tables.xlsx")
    cell = load_workbook(tmp_path / "tables.xlsx")["iData"]["B3"]
    assert (cell.value, cell.data_type) == ("=Dos", "s")
    with pytest.raises(ReportError, match="can't be written"):
        export_workbook(index, tmp_path / "index.xlsx" / "below.xlsx")
