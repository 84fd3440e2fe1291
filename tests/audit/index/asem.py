"""The ASEM index of COINr, read from its tables for the tests."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workbench.audit.index import Index, Structure

# COINr's results were written with 15 significant digits; what is built on them loses some.
R_RELATIVE = 1e-9
# Near 0 the noise of sums counts, not that of digits.
R_ABSOLUTE = 1e-11
NAMES = {
    "iCode": "code",
    "Parent": "parent",
    "Weight": "weight",
    "Direction": "direction",
    "Level": "level",
    "iName": "title",
    "Denominator": "denominator",
}


def folder(shared: Path) -> Path:
    path = shared / "reference" / "coinr"
    if not path.is_dir():
        pytest.skip(f"results of COINr not found at {path}")
    return path


def meta(shared: Path) -> pd.DataFrame:
    frame = pd.read_csv(folder(shared) / "iMeta.csv")
    return frame[frame["Level"].notna()]


def asem(shared: Path, *, panel: bool = False) -> Index:
    structure = Structure.from_frame(meta(shared).rename(columns=NAMES)[list(NAMES.values())])
    name = "iData_panel.csv" if panel else "iData.csv"
    data = pd.read_csv(folder(shared) / name)
    data = data.set_index(["uCode", "Time"] if panel else "uCode")
    if panel:
        data.index = data.index.set_levels(data.index.levels[1].astype(str), level=1)
    data.index.names = ["unit", "wave"] if panel else ["unit"]
    codes = list(structure.indicators)
    return Index.make(data[codes], structure, units=data.drop(columns=codes), name="ASEM")


def expected(shared: Path, name: str) -> pd.DataFrame:
    frame = pd.read_csv(folder(shared) / name)
    return frame.set_index("uCode").rename_axis("unit")


def assert_same(found: pd.DataFrame, wanted: pd.DataFrame) -> None:
    """Compare all columns that are wanted, joined by unit."""
    there = found.loc[wanted.index, wanted.columns]
    np.testing.assert_allclose(
        there.to_numpy(float), wanted.to_numpy(float), rtol=R_RELATIVE, atol=R_ABSOLUTE
    )
    assert len(found) == len(wanted)
