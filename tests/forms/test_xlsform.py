"""XLSForms convert with pyxform, and their names lead back to codes."""

from __future__ import annotations

import string
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from pyxform.xls2xform import convert

from tests.forms.instruments import EVERYTHING, HOSTILE
from tests.support import load_text
from workbench.forms import CaptureOptions, write_forms
from workbench.forms.xml_names import decode, encode
from workbench.forms.xpath import xpath_text
from workbench.instruments import Instrument, load_instrument

UNITS = pd.DataFrame(
    {"name": ["San ${qpob} <b>'\"&", "=1+1"]}, index=pd.Index(["01001", "01002"], name="unit")
)
NAMES = ["gdm-2025-2027", "pefa-2016", "cimtra-municipal", "mi-gestion", "programa-ejemplo"]


def converted(instrument: Instrument, path: Path, options: CaptureOptions, **more: object) -> str:
    [survey] = write_forms(instrument, path, options, **more)  # type: ignore[arg-type]
    warnings: list[str] = []
    form = convert(xlsform=str(survey), validate=False, warnings=warnings)
    assert warnings == []
    return str(form.xform)


@pytest.mark.parametrize("name", NAMES)
def test_instruments_convert(root: Path, tmp_path: Path, name: str) -> None:
    instrument = load_instrument(root / f"data/instruments/{name}.yml")
    xml = converted(instrument, tmp_path / "s.xlsx", CaptureOptions(format="xlsform", photos=True))
    for code in instrument.indicators:
        assert f"<p{encode(code)}/>" in xml
    if name != "pefa-2016":  # whose dimensions are titled in English alone
        assert '<translation lang="Español (es)"' in xml
        assert '<translation lang="English (en)"' in xml


@pytest.mark.parametrize("text", [EVERYTHING, HOSTILE], ids=["everything", "hostile"])
def test_made_up_instruments_convert(tmp_path: Path, text: str) -> None:
    instrument = load_text(tmp_path, text)
    options = CaptureOptions(format="xlsform", wave="20'2\"6", stage="revision")
    xml = converted(instrument, tmp_path / "s.xlsx", options, units=UNITS)
    assert "$ {qpob}" in xml


def test_what_the_survey_asks_and_refuses(tmp_path: Path) -> None:
    instrument = load_text(tmp_path, EVERYTHING)
    [path] = write_forms(instrument, tmp_path / "s.xlsx", CaptureOptions(format="xlsform"))
    book = load_workbook(path)
    sheet = book["survey"]
    heads = [c.value for c in sheet[1]]
    lines = {
        row[1]: dict(zip(heads, row, strict=True))
        for row in sheet.iter_rows(min_row=2, values_only=True)
    }
    part = lines["qA_2_v1"]
    assert part["type"] == "decimal"
    assert part["constraint"] == ". >= 0 and (${qA_2_v2} = '' or . <= ${qA_2_v2})"
    assert part["constraint_message::English (en)"] == "Enter a number of 0 or more."
    assert lines["qA_2_v2"]["type"] == "integer"
    assert lines["sA_2_v1"]["relevant"] == "${qA_2_v1} = ''"
    # A fact that sets an indicator aside hides its questions, and neither its note nor its evidence.
    unknown = "(${qturistico} = '' or ${qturistico} = '1')"
    assert lines["qB_4"]["relevant"] == (
        "not(((${qpob} != '' and ${qpob} < 100) or ${qunidad} = '1')) and " + unknown
    )
    assert lines["eB_4"]["relevant"] is None
    settings = dict(zip(*book["settings"].iter_rows(values_only=True), strict=True))
    assert settings["default_language"] == "Español (es)"


@given(st.text(alphabet=string.ascii_letters + string.digits + "._-ñá", min_size=1, max_size=20))
def test_names_lead_back_to_codes(code: str) -> None:
    name = encode(code)
    assert decode(name) == code
    assert set(name) <= set(string.ascii_letters + string.digits + "_")


@given(st.sets(st.text(alphabet="a1._-ñdx", min_size=1, max_size=6), min_size=2))
def test_no_two_codes_share_a_name(codes: set[str]) -> None:
    assert len({encode(code) for code in codes}) == len(codes)


def test_codes_of_instruments_stay_readable() -> None:
    assert encode("1.1.1.a") == "1_1_1_a"


@pytest.mark.parametrize(
    ("text", "written"), [("a", "'a'"), ("a'b", '"a\'b"'), ("a'b\"c", "concat('a', \"'\", 'b\"c')")]
)
def test_texts_in_expressions(text: str, written: str) -> None:
    assert xpath_text(text) == written
