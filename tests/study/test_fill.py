"""Outlines filled in from a table of titles and rules, up to a report."""

from __future__ import annotations

import csv
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from workbench.cli import app
from workbench.display import municipality
from workbench.errors import DataError, InstrumentError, Reason
from workbench.instruments import Instrument, load_instrument
from workbench.study import Study
from workbench.study.fill import Filled, fill_outline, write_blank

ROOT = Path(__file__).parents[2]
QUADRANTS = ("institucional", "economico", "social", "ambiental")
Row = dict[str, str]
STUDY = """
id: agenda
title: Agenda
author: Tester
date: 2025-01-31
instrument: mi-agenda
units: {file: data/units.csv}
waves: [{id: "2025", year: 2025}]
observations: [{file: data/o.csv, code: {column: code}, value: {column: value}}]
"""


@pytest.fixture(scope="module")
def agenda() -> Instrument:
    return load_instrument(ROOT / "data/instruments/agenda-desde-lo-local-2003.yml")


def rows_of(path: Path) -> list[Row]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write(path: Path, rows: list[Row]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(k for r in rows for k in r)), restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture
def rows(agenda: Instrument, tmp_path: Path) -> list[Row]:
    """The blank table, filled in: ten indicators a quadrant, one of each kind."""
    write_blank(agenda, tmp_path / "blank.csv")
    found = rows_of(tmp_path / "blank.csv")
    for n, row in enumerate(r for r in found if not r["kind"]):
        row |= {"title_es": f"Indicador propio {n + 1}", "parent": QUADRANTS[n // 10]}
        row |= {"rojo": "Nada", "amarillo": "Algo", "verde": "Todo", "review": "once"}
    return found


def filled(agenda: Instrument, rows: list[Row], folder: Path) -> Filled:
    table = write(folder / "items.csv", rows)
    return fill_outline(agenda, table, name="mi-agenda", root=folder, source="Manual propio")


def test_the_agenda_is_filled_in_and_scored_to_a_report(
    agenda: Instrument, rows: list[Row], tmp_path: Path
) -> None:
    made = filled(agenda, rows, tmp_path)
    assert made.path == tmp_path / "data/instruments/mi-agenda.yml"
    assert [len(made.instrument.nodes[q].leaves) for q in QUADRANTS] == [10, 10, 10, 9]
    assert made.instrument.spec.completeness == "partial"
    assert "Manual propio" in [s.title.in_("es") for s in made.instrument.spec.sources]
    codes = [f"i{n:02d}" for n in range(1, 40)]
    data = tmp_path / "data"
    (data / "units.csv").write_text("unit,name\n01001,Aguas\n01002,Bosque\n", encoding="utf-8")
    (data / "o.csv").write_text(
        "unit,code,value\n"
        + "".join(f"01001,{c},verde\n" for c in codes)
        + "".join(f"01002,{c},{'rojo' if c == 'i07' else 'verde'}\n" for c in codes),
        encoding="utf-8",
    )
    (tmp_path / "params").mkdir()
    (tmp_path / "params/agenda.yml").write_text(STUDY, encoding="utf-8")
    study = Study.open(tmp_path / "params/agenda.yml", locale="es-MX")
    levels = {u: study.view(u).headline[0].level for u in ("01001", "01002")}
    assert levels == {"01001": "con_certificado", "01002": "sin_certificado"}
    text = repr(municipality.next_steps(study.view("01002")))
    assert "Indicador propio 7 | Mínimo aceptable | Práctica municipal inaceptable" in text
    text = repr(municipality.areas(study.view("01002")))
    assert "i07 Indicador propio 7" in text
    assert "Manual propio" in repr(municipality.where(study.view("01001")))


def test_every_mistake_is_told_at_its_cell(
    agenda: Instrument, rows: list[Row], tmp_path: Path
) -> None:
    by_code = {row["code"]: row for row in rows}
    by_code["i01"]["parent"] = "institucionl"
    by_code["i02"]["title_es"] = ""
    by_code["i03"]["kind"] = "lista"
    by_code["i04"] |= {"kind": "measure", "rojo": "< 50", "amarillo": "50 a 80", "verde": ">= 80"}
    by_code["i05"]["review"] = "siempre"
    by_code["i06"] |= {"amarillo": "", "rojo": ""}
    by_code["i08"]["code"] = "i07"
    rows.remove(by_code["i09"])
    rows.append({"code": "a", "kind": "element", "parent": "i10", "title_es": "Elemento"})
    with pytest.raises(DataError) as caught:
        filled(agenda, rows, tmp_path)
    said = {(p.place.row, p.place.column): p.text() for p in caught.value.problems}
    assert "Did you mean institucional?" in said[7, "parent"]
    assert "i02 has no title" in said[8, "title_es"]
    assert "no such kind, got lista" in said[9, "kind"]
    assert "got 50 a 80" in said[10, "amarillo"]
    assert "got siempre; expected one of once, annual" in said[11, "review"]
    assert "fewer than two answers" in said[12, "rojo"]
    assert "stands twice, first in row 13" in said[14, "code"]
    assert "i08 of the outline is not in the table" in " ".join(
        p.text() for p in caught.value.problems
    )
    assert "i09 of the outline is not in the table" in " ".join(
        p.text() for p in caught.value.problems
    )
    assert "under a checklist" in said[45, "parent"]
    assert not (tmp_path / "data").exists()


def test_what_the_loader_refuses_is_told_at_its_row(
    agenda: Instrument, rows: list[Row], tmp_path: Path
) -> None:
    row = next(r for r in rows if r["code"] == "i04")
    row |= {"kind": "measure", "rojo": "< 50", "amarillo": ">= 60 and < 80", "verde": ">= 80"}
    with pytest.raises(DataError) as caught:
        filled(agenda, rows, tmp_path)
    assert [(p.reason, p.place.row) for p in caught.value.problems] == [
        (Reason.INSTRUMENT_LEVELS, 10)
    ]
    assert not (tmp_path / "data/instruments/mi-agenda.yml").exists()


def test_codes_of_ones_own_and_kinds_of_all_sorts(agenda: Instrument, tmp_path: Path) -> None:
    own: list[Row] = [
        {"code": "1.1", "parent": "institucional", "title": "Lista", "kind": "checklist",
         "verde": "value == n", "amarillo": "> 0 and value < n", "rojo": "== 0"},
        {"code": "a", "parent": "1.1", "kind": "element", "title": "Existe"},
        {"code": "b", "parent": "1.1", "kind": "element", "title": "Se publica"},
        {"code": "1.2", "parent": "economico", "title_es": "Medida", "title_en": "Measure",
         "kind": "measure", "unit": "%", "minimum": "0", "maximum": "100", "verde": ">= 80",
         "amarillo": ">= 50 and < 80", "rojo": "< 50"},
        {"code": "1.3", "parent": "social", "title": "Enunciado", "kind": "statement",
         "basis": "practice", "verde": "value == 1", "rojo": "value == 0"},
        {"code": "1.4", "parent": "social ambiental", "title": "Color", "kind": "grade"},
        {"code": "ambiental", "title_es": "Ambiente", "title_en": "Environment"},
    ]  # fmt: skip
    made = filled(agenda, own, tmp_path).instrument
    assert made.indicators == ("1.1", "1.2", "1.3", "1.4")
    assert [made.nodes[c].kind for c in made.indicators] == [
        "checklist", "measure", "statement", "grade",
    ]  # fmt: skip
    assert made.nodes["1.4"].parents == ("social", "ambiental")
    assert made.title("ambiental", "en") == "Environment"
    # The certificate asks for what the copy has, not for the outline's 39.
    asked = made.nodes["certificado"].formulas["levels[0]"].codes
    assert asked == {"1.1", "1.2", "1.3", "1.4"}


def test_a_workbook_and_the_command(
    agenda: Instrument, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["fill", "iso-18091", "--blank", "titles.xlsx"])
    assert done.exit_code == 0, done.output
    book = openpyxl.load_workbook("titles.xlsx")
    sheet = book.active
    assert sheet is not None
    heads = {cell.value: cell.column for cell in sheet[1]}
    n = 0
    for cells in sheet.iter_rows(min_row=2):
        if cells[heads["kind"] - 1].value == "group":
            continue
        cells[heads["title_es"] - 1].value = f"Título {n}"
        cells[heads["parent"] - 1].value = QUADRANTS[n % 4]
        n += 1
    book.save("titles.xlsx")
    command = ["fill", "iso-18091", "titles.xlsx", "--id", "mi-iso", "--title", "La nuestra"]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    assert "39 indicators; the outline has 39" in done.output
    made = load_instrument(tmp_path / "data/instruments/mi-iso.yml")
    assert made.spec.title.in_("es") == "La nuestra"
    # A grade takes its colour as it is given, since the table holds no rule for it.
    assert made.nodes["i01"].kind == "grade"


@pytest.mark.parametrize(
    ("name", "message"),
    [("iso-18091", "there is an instrument iso-18091 already"), ("mi-agenda", "not written over")],
)
def test_nothing_is_written_over(
    agenda: Instrument, rows: list[Row], tmp_path: Path, name: str, message: str
) -> None:
    out = tmp_path / "mi-agenda.yml"
    out.write_text("mine", encoding="utf-8")
    table = write(tmp_path / "items.csv", rows)
    with pytest.raises(InstrumentError, match=message):
        fill_outline(agenda, table, name=name, root=tmp_path, out=out)
    assert out.read_text(encoding="utf-8") == "mine"
    with pytest.raises(DataError, match="not written over"):
        write_blank(agenda, table)
