"""Texts of csv files: never a formula for a spreadsheet, the same text for the workbench."""

from __future__ import annotations

from io import StringIO

import pandas as pd
import pytest

from workbench.observations.csv_texts import csv_text
from workbench.observations.units import clean_name

HOSTILE = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\tx", "\r=1", "Ana", "-3.5"]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_comes_back_and_is_no_formula(text: str) -> None:
    written = csv_text(pd.DataFrame({"name": [text], "n": [1.5]}))
    cell = pd.read_csv(StringIO(written), dtype=str, keep_default_na=False)["name"][0]
    assert cell.strip() == text.strip()
    assert text == "-3.5" or not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


def test_two_ways_to_write_a_name_are_one() -> None:
    assert clean_name("Leo\u0301n") == clean_name("Le\u00f3n") == "Le\u00f3n"
    assert clean_name("A\u202enigol\u200b\x1b[2J") == "A nigol [2J"
