"""Tables as they come: encodings, decimal marks, workbooks, parquet, and what is wrong with them."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from tests.support import OBSERVATIONS, STUDY, UNITS, Project
from workbench.errors import Reason
from workbench.observations.cells import _float_precision

SCORES = {("01001", "agua"): 80, ("01001", "luz"): 60, ("01002", "agua"): 40, ("01002", "luz"): 20}


def leaf_scores(project: Project) -> dict[tuple[str, str], float]:
    frame = project.open().scores.frame
    some = frame.loc[frame["node"].isin(["agua", "luz"])]
    return {(r.unit, r.node): r.score for r in some.itertuples()}


def test_long_csv(project: Project) -> None:
    assert leaf_scores(project) == SCORES


@pytest.mark.parametrize(
    ("text", "options"),
    [
        (OBSERVATIONS.replace(",", ";"), ""),
        (OBSERVATIONS.replace(",", "\t"), ""),
        ("\ufeff" + OBSERVATIONS, ""),
        (OBSERVATIONS.replace("\n", "\r\n"), ""),
        ("# title\n# more\n" + OBSERVATIONS, "header_row: 3, "),
        (OBSERVATIONS + "\n\n,,\n", ""),
        (OBSERVATIONS.replace("80", "80,0").replace(",", ";").replace("80;0", "80,0"), "decimal: ',', "),
        (OBSERVATIONS.replace("80", '"0.080,0"'), "decimal: ',', thousands: '.', "),
        (OBSERVATIONS.replace("01001,agua", "01001 , agua "), ""),
        (OBSERVATIONS.replace("80", "8e1").replace("60", "+60"), ""),
    ],
)  # fmt: skip
def test_forms_of_csv(project: Project, text: str, options: str) -> None:
    project.observations = text
    project.study = STUDY.replace(
        "{file: data/observations.csv, ", "{file: data/observations.csv, " + options
    )
    assert leaf_scores(project) == SCORES


def test_latin_1_declared(project: Project) -> None:
    project.units = UNITS.replace("Aguas", "Peñón").encode("latin-1")
    project.study = STUDY.replace(
        "{file: data/units.csv", "{file: data/units.csv, encoding: latin-1"
    )
    assert project.open().units["name"]["01001"] == "Peñón"


WIDE = "unit,agua,luz\n01001,80,60\n01002,40,20\n"
WIDE_STUDY = STUDY.replace("code: {column: code}, value: {column: value}", "columns: codes")


def test_wide_csv_named_by_codes(project: Project) -> None:
    project.observations, project.study = WIDE, WIDE_STUDY
    assert leaf_scores(project) == SCORES


def test_wide_csv_with_its_own_names(project: Project) -> None:
    project.observations = "clave,Agua (pct),Luz (pct)\n01001,80,60\n01002,40,20\n"
    project.study = STUDY.replace(
        "code: {column: code}, value: {column: value}",
        "unit: clave, columns: {'Agua (pct)': {code: agua}, 'Luz (pct)': {code: luz}}",
    )
    assert leaf_scores(project) == SCORES


def workbook(rows: list[list[object]], before: int = 0) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for _ in range(before):
        sheet.append(["A title over the table"])
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def other_table(project: Project, name: str, content: bytes, options: str = "") -> None:
    """Put a table of another type in the place of the observations."""
    (project.path / "data").mkdir(exist_ok=True)
    (project.path / "data" / name).write_bytes(content)
    project.study = project.study.replace("data/observations.csv", f"data/{name}{options}")


def test_xlsx(project: Project) -> None:
    rows = [["unit", "agua", "luz"], ["01001", 80, 60], ["01002", 40.0, "20"]]
    project.study = WIDE_STUDY
    other_table(project, "o.xlsx", workbook(rows, before=2), ", header_row: 3")
    assert leaf_scores(project) == SCORES


def test_ods(project: Project, tmp_path: Path) -> None:
    other_table(
        project, "o.ods", ods([["unit", "agua", "luz"], ["01001", 80, 60], ["01002", 40, 20]])
    )
    project.study = project.study.replace(
        "code: {column: code}, value: {column: value}", "columns: codes"
    )
    assert leaf_scores(project) == SCORES


def ods(rows: list[list[object]]) -> bytes:
    """Return a small OpenDocument spreadsheet."""

    def one(value: object) -> str:
        if isinstance(value, str):
            return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'
        return f'<table:table-cell office:value-type="float" office:value="{value}"><text:p>{value}</text:p></table:table-cell>'

    body = "".join(f"<table:table-row>{''.join(map(one, row))}</table:table-row>" for row in rows)
    content = (
        '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
        'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2">'
        f'<office:body><office:spreadsheet><table:table table:name="Hoja1">{body}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = (
        '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest '
        'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry '
        'manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>'
        "</manifest:manifest>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", manifest)
    return out.getvalue()


def test_parquet(project: Project) -> None:
    frame = pd.read_csv(io.StringIO(OBSERVATIONS), dtype={"unit": str})
    out = io.BytesIO()
    frame.to_parquet(out)
    other_table(project, "o.parquet", out.getvalue())
    assert leaf_scores(project) == SCORES


def test_names_instead_of_codes(project: Project) -> None:
    project.observations = OBSERVATIONS.replace("01001", "AGUAS").replace("01002", "Bosque")
    project.study = STUDY.replace("code: {column: code}", "unit_by: name, code: {column: code}")
    assert leaf_scores(project) == SCORES


def test_words_are_states(project: Project) -> None:
    project.observations = OBSERVATIONS.replace("80", "s/i").replace("20", "ND").replace("40", "-")
    project.study = STUDY.replace(
        "value: {column: value}", "value: {column: value}, words: {s/i: ND}"
    )
    frame = project.open().scores.frame
    status = {(r.unit, r.node): r.status for r in frame.itertuples()}
    assert status["01001", "agua"] == status["01002", "luz"] == "not_available"
    assert status["01002", "agua"] == "missing"


def bad(project: Project, reason: Reason, *words: str) -> None:
    """Assert that a project is refused for a reason, in words, and says where."""
    error = project.error()
    assert error.exit_code == 2
    assert error.reason == reason, error.text()
    for word in words:
        assert word in error.text(), error.text()
    assert all(str(p.place) for p in error.problems)
    assert all(p.text("es-MX") for p in error.problems)


def test_number_as_code_in_xlsx(project: Project) -> None:
    rows = [["unit", "agua", "luz"], [1001, 80, 60], ["01002", 40, 20]]
    project.study = WIDE_STUDY
    other_table(project, "o.xlsx", workbook(rows))
    bad(
        project, Reason.CODE_IS_NUMBER, "row 2", "1001 is a number; codes are text", "leading zeros"
    )


def test_number_as_code_in_parquet(project: Project) -> None:
    frame = pd.DataFrame({"unit": [1001, 1002], "agua": [80.0, 40.0], "luz": [60.0, 20.0]})
    out = io.BytesIO()
    frame.to_parquet(out)
    project.study = WIDE_STUDY
    other_table(project, "o.parquet", out.getvalue())
    bad(project, Reason.CODE_IS_NUMBER, "1001", "1002")


def test_number_as_code_in_csv(project: Project) -> None:
    project.observations = OBSERVATIONS.replace("01001", "1001")
    bad(project, Reason.UNIT_UNKNOWN, "row 2", "Write 01001: the leading zero is part of the code")


def test_lost_zero_in_units(project: Project) -> None:
    project.units = UNITS.replace("01001", "1001")
    bad(project, Reason.UNIT_CODE, "units.csv row 2", "leading zero", "Write 01001")


def test_number_as_code_in_yaml(project: Project) -> None:
    project.study = STUDY.replace('waves: [{id: "2025"', "waves: [{id: 2025")
    bad(project, Reason.CODE_IS_NUMBER, "estudio.yml:8 waves[0].id", 'Write "2025"')


@pytest.mark.parametrize(
    ("old", "new", "reason", "words"),
    [
        ("01001,agua,80", "01001,agua,80\n01001,agua,81", Reason.DUPLICATE, ["row 3", "first in data/observations.csv row 2"]),
        ("80", "180", Reason.VALUE_RANGE, ["got 180", "from 0 to 100"]),
        ("80", "0.58C+", Reason.VALUE_NOT_NUMBER, ["0.58C+", "row 2 column value", "Keep the number alone"]),
        ("80", '"80,5"', Reason.VALUE_NOT_NUMBER, ["80,5", "decimal: ','"]),
        ("80", "80%", Reason.VALUE_NOT_NUMBER, ["percent sign"]),
        ("80", "ochenta", Reason.VALUE_NOT_NUMBER, ["ochenta"]),
        ("80", "1e999", Reason.VALUE_NOT_NUMBER, ["1e999"]),
        ("80", "inf", Reason.VALUE_NOT_NUMBER, ["inf"]),
        ("80", "0x10", Reason.VALUE_NOT_NUMBER, ["0x10"]),
        ("80", "1_000", Reason.VALUE_NOT_NUMBER, ["1_000"]),
        ("80", "NM", Reason.STATE_NOT_ALLOWED, ["agua has no supposition"]),
        ("80", "verde", Reason.STATE_UNKNOWN, ["verde"]),
        ("01001,agua", "01001,aguas", Reason.CODE_UNKNOWN, ["no code aguas", "Did you mean agua?"]),
        ("01001,agua", "09999,agua", Reason.UNIT_UNKNOWN, ["09999"]),
        ("unit,code", "unidad,code", Reason.COLUMN_MISSING, ["no column unit", "Did you mean unidad?"]),
        ("unit,code,value", "unit,unit,value", Reason.FILE_FORMAT, ["two columns are called unit"]),
        ("01001,agua,80", "01001,agua", Reason.FILE_FORMAT, ["row 2: the row has 2 cells, the header 3"]),
        ("01001,agua,80", "01001,agua,80,extra,cells", Reason.FILE_FORMAT, ["row 2: the row has 5 cells, the header 3"]),
    ],
)  # fmt: skip
def test_bad_observations(
    project: Project, old: str, new: str, reason: Reason, words: list[str]
) -> None:
    project.observations = OBSERVATIONS.replace(old, new, 1)
    bad(project, reason, *words)


@pytest.mark.parametrize(
    ("content", "reason", "words"),
    [
        (b"", Reason.FILE_EMPTY, "empty"),
        (b"unit,code,value\n", Reason.FILE_EMPTY, "no rows"),
        (b"\n\n\n", Reason.FILE_FORMAT, "header row is empty"),
        (
            OBSERVATIONS.replace("agua", "agüa").encode("latin-1"),
            Reason.FILE_ENCODING,
            "encoding: latin-1",
        ),
        (b"\xff\xfe\x00u\x00n", Reason.FILE_ENCODING, "not UTF-8"),
        (b"unit,code,value\n01001,agua,\n", Reason.NOTHING_OBSERVED, "no observation"),
    ],
)
def test_bad_files(project: Project, content: bytes, reason: Reason, words: str) -> None:
    project.observations = content
    bad(project, reason, words)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("o.xlsx", b"not a zip"),
        ("o.xlsx", b"PK\x03\x04" + b"\x00" * 50),
        ("o.parquet", b"PAR1xx"),
        ("o.docx", b"x"),
        ("o.ods", b""),
    ],
)
def test_damaged_workbooks(project: Project, name: str, content: bytes) -> None:
    other_table(project, name, content)
    error = project.error()
    assert error.reason in (Reason.FILE_FORMAT, Reason.FILE_EMPTY)
    assert name in error.text()


def test_missing_sheet_names_the_nearest(project: Project) -> None:
    other_table(project, "o.xlsx", workbook([["unit", "agua"], ["01001", 80]]), ", sheet: Shet")
    bad(project, Reason.FILE_FORMAT, "no sheet Shet", "Did you mean Sheet?")


def test_an_unknown_column_of_codes(project: Project) -> None:
    project.observations, project.study = WIDE.replace("luz", "luzz"), WIDE_STUDY
    bad(project, Reason.CODE_UNKNOWN, "luzz", "Did you mean luz?")
    project.study = WIDE_STUDY.replace("columns: codes", "columns: codes, ignore: [luzz]")
    assert leaf_scores(project)["01001", "agua"] == 80


def test_two_hundred_problems_are_shown_at_once(project: Project) -> None:
    units = "".join(f"{i:05d},U{i},1\n" for i in range(100))
    project.units = "unit,name,population\n" + units
    project.observations = "unit,code,value\n" + "".join(
        f"{i:05d},agua,{'x' * (1 + i % 3)}\n{i:05d},luz,{200 + i}\n" for i in range(100)
    )
    error = project.error()
    assert len(error.problems) == 200
    records = error.to_records("es-MX")
    assert {r["reason"] for r in records} == {"data.value_not_number", "data.value_range"}
    assert all(r["row"] >= 2 and r["file"] == "data/observations.csv" for r in records)


def test_problems_of_all_tables_come_together(project: Project) -> None:
    project.units = UNITS + "01002,Otra vez,5\n"
    project.observations = OBSERVATIONS.replace("80", "x")
    reasons = [p.reason for p in project.error().problems]
    assert Reason.UNIT_DUPLICATED in reasons
    assert Reason.VALUE_NOT_NUMBER in reasons


@pytest.mark.parametrize(
    "code",
    [
        "../../etc",
        "a/b",
        "..",
        "a..b",
        "cohort",
        "CON",
        " ",
        "ñandú",
        "a b",
        "x" * 65,
        "-x",
        ".hidden",
    ],
)
def test_codes_that_cannot_name_a_folder(project: Project, code: str) -> None:
    project.units = UNITS.replace("01001", f'"{code}"')
    project.observations = OBSERVATIONS.replace("01001", f'"{code}"')
    error = project.error()
    assert Reason.UNIT_CODE in [p.reason for p in error.problems], error.text()


def test_codes_that_differ_in_case_only(project: Project) -> None:
    project.units = "unit,name,population\nab,Uno,1\nAB,Dos,2\n"
    bad(project, Reason.UNIT_DUPLICATED, "first in row 2")


def test_a_pattern_holds_for_every_code(project: Project) -> None:
    project.study = STUDY.replace(
        "{file: data/units.csv", '{file: data/units.csv, pattern: "[0-9]{5}"'
    )
    project.units = UNITS.replace("01002", "1002")
    bad(project, Reason.UNIT_CODE, "[0-9]{5}")


def test_a_table_must_say_its_wave(project: Project) -> None:
    project.study = STUDY.replace('{id: "2025", year: 2025}', '{id: "2024"}, {id: "2025"}')
    bad(project, Reason.WAVE_UNKNOWN, "several waves")


@pytest.mark.parametrize("pad", ["", "ñ"], ids=["ascii", "utf-8"])
def test_a_wrong_byte_far_down(project: Project, pad: str) -> None:
    """The decoder counts from the start of a piece of the file, and the message must not."""
    rows = [f"01001,agua{pad},{n}" for n in range(1, 1000)]
    lines = ["unit,code,value", *rows]
    before = "\n".join(lines[:700]).encode() + b"\n"
    project.observations = before + b"01001,ag\xfca,1\n" + "\n".join(lines[700:]).encode()
    assert len(project.observations) > 13_000
    place = f"observations.csv:701: the file is not UTF-8: byte {len(before) + 9} can't be read"
    bad(project, Reason.FILE_ENCODING, place, "got '\\xfc'")


def test_a_wrong_byte_of_another_encoding(project: Project) -> None:
    project.observations = OBSERVATIONS.encode("utf-32") + b"\xff\xff\xff\xff"
    project.study = STUDY.replace(
        "{file: data/observations.csv", "{file: data/observations.csv, encoding: utf-32"
    )
    bad(project, Reason.FILE_ENCODING, "csv:6:", "the file is not utf-32")


@pytest.mark.parametrize("rows", [0, 9000], ids=["small", "larger than a cell may be"])
def test_a_quote_that_is_never_closed(project: Project, rows: int) -> None:
    project.observations = OBSERVATIONS + '01001,"agua,80\n' + "01001,agua,8\n" * rows
    bad(project, Reason.FILE_FORMAT, "observations.csv row 6: a quote is opened and never closed")


def test_a_text_after_its_closing_quote(project: Project) -> None:
    project.observations = OBSERVATIONS.replace("01002,agua", '01002,"ag"ua')
    bad(project, Reason.FILE_FORMAT, "observations.csv row 4: a text goes on after")


@pytest.mark.parametrize("name", ["a" * 400 + ".csv", "a" * 300 + "/o.csv", "ñ" * 140 + ".csv"])
def test_a_name_no_file_can_have(project: Project, name: str) -> None:
    project.study = STUDY.replace("data/observations.csv", f"data/{name}")
    bad(project, Reason.FILE_MISSING, "more than 255 bytes")


@pytest.mark.parametrize("code", ["COM1", "lpt9", "a.", "con.x", "nul."])
def test_codes_that_windows_reserves(project: Project, code: str) -> None:
    project.units = UNITS.replace("01001", code)
    project.observations = OBSERVATIONS.replace("01001", code)
    assert Reason.UNIT_CODE in [p.reason for p in project.error().problems]


def test_numbers_of_single_precision_have_its_seven_digits() -> None:
    found = _float_precision(np.array([84.93556213378906, 0.5, 1.95, 2 / 3, np.nan]))
    # Two numbers of single precision near 85 lie 2**-17 apart; the others are as they are written.
    assert found[0] == 2.0**-17
    assert found[1:4] == pytest.approx([0.05, 0.005, 0.5e-16])
    assert np.isnan(found[4])
