"""Filling in forms as people would: by the labels and drop-downs that they see."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pandas as pd
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from workbench.forms.layout import FIRST_ROW, NUMBER
from workbench.forms.questions import Form, form_of
from workbench.forms.wording import Wording
from workbench.instruments import Instrument

TEXTS = ("note", "evidence")


def example(root: Path, wave: str, stage: str) -> list[dict[str, str]]:
    """Return the observations of the worked example in one wave and stage."""
    with (root / "data/cases/gdm-ejemplo/observaciones.csv").open(encoding="utf-8") as file:
        return [r for r in csv.DictReader(file) if (r["wave"], r["stage"]) == (wave, stage)]


def label(form: Form, tag: str, row: dict[str, Any]) -> tuple[str, Any, str]:
    """Return column, entry and key that a person would choose for one observation."""
    question = form.questions[row["code"]]
    wording = Wording(form.instrument, tag)
    value = row.get("value") or ""
    for text, meaning in wording.choices(question):
        if value != "" and meaning.value == float(value):
            return "answer", (float(text) if text.replace(".", "").isdigit() else text), text
        if value == "" and meaning.state == row["state"]:
            return "answer", text, text
    if value != "":
        return "answer", float(value), ""
    text = next((t for t, m in wording.states(question) if m.state == row["state"]), "")
    return "state", text, text


def fill(book: Workbook, instrument: Instrument, tag: str, rows: list[dict[str, Any]]) -> None:
    """Enter observations into a workbook for one unit."""
    form = form_of(instrument)
    places = {
        str(sheet.cell(n, 1).value): (sheet, n)
        for sheet in book.worksheets
        for n in range(FIRST_ROW, sheet.max_row + 1)
    }
    for row in rows:
        sheet, n = places[row["code"]]
        if row.get("value") or row.get("state"):
            key, entry, _ = label(form, tag, row)
            sheet.cell(n, NUMBER[key]).value = entry
        for key in TEXTS:
            if row.get(key):
                sheet.cell(n, NUMBER[key]).value = row[key]


def fill_file(path: Path, instrument: Instrument, tag: str, rows: list[dict[str, Any]]) -> None:
    """Enter observations into a workbook on disk."""
    book = load_workbook(path)
    fill(book, instrument, tag, rows)
    book.save(path)


def tidy(rows: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    """Return observations as sorted tuples, to be compared."""
    keys = ("code", "state", "value", "note", "evidence")
    return sorted(
        tuple(_shown(row.get(k) or "") if k == "value" else (row.get(k) or "") for k in keys)
        for row in rows
    )


def _shown(value: str) -> str:
    return "" if value == "" else repr(float(value))


def read(path: Path) -> list[dict[str, str]]:
    """Return a table of observations as written."""
    return pd.read_csv(path, dtype=str, keep_default_na=False).to_dict("records")  # type: ignore[return-value]


def fill_rows(
    path: Path, instrument: Instrument, tag: str, unit: str, rows: list[dict[str, Any]]
) -> None:
    """Enter the observations of one unit, wave and stage into a workbook with units in rows."""
    form = form_of(instrument)
    book = load_workbook(path)
    data, notes = book.worksheets[1], book.worksheets[2]
    columns = {str(c.value): n for n, c in enumerate(data[2], start=1)}
    line = next(n for n in range(3, 99) if data.cell(n, columns["@wave"]).value is None)
    wanted = {"@unit": unit, "@wave": rows[0]["wave"], "@stage": rows[0].get("stage", "")}
    for key, text in wanted.items():
        if key in columns:
            data.cell(line, columns[key]).value = text
    keys = {str(c.value): n for n, c in enumerate(notes[2], start=1)}
    for row in rows:
        if row.get("value") or row.get("state"):
            data.cell(line, columns[row["code"]]).value = label(form, tag, row)[1]
        if any(row.get(key) for key in TEXTS):
            below = max(3, notes.max_row + 1)
            for key, text in {
                **wanted,
                "code": row["code"],
                **{k: row.get(k) for k in TEXTS},
            }.items():
                if key in keys and text:
                    notes.cell(below, keys[key]).value = text
    book.save(path)


def export(
    survey: Path, rows: list[dict[str, Any]], unit: str, *, join: str = "/"
) -> tuple[list[str], list[str]]:
    """Return header and record that a server would export for observations entered on a phone.

    Names of questions come from the XLSForm itself, with those of the groups around them.
    """
    sheet = load_workbook(survey)["survey"]
    keys = {str(c.value): n for n, c in enumerate(sheet[1])}
    groups: list[str] = []
    header, record = [], []
    answers = {row["code"]: row for row in rows}
    given = {"wb_unit": unit, "wb_wave": rows[0]["wave"], "wb_stage": rows[0].get("stage", "")}
    for line in sheet.iter_rows(min_row=2, values_only=True):
        kind, name = str(line[keys["type"]]), str(line[keys["name"]])
        if kind == "begin_group":
            groups.append(name)
        elif kind == "end_group":
            groups.pop()
        else:
            header.append(join.join([*groups, name]))
            if kind == "calculate":
                record.append(str(line[keys["calculation"]]).strip("'"))
            else:
                record.append(given.get(name) or _exported(kind, name, answers))
    return header, record


def _exported(kind: str, name: str, answers: dict[str, dict[str, Any]]) -> str:
    from workbench.forms.xml_names import decode

    row = answers.get(decode(name[1:]))
    if name.startswith("wb_") or row is None:
        return ""
    if name[0] in "ne":
        return str(row.get({"n": "note", "e": "evidence"}[name[0]]) or "")
    if name[0] == "q":
        return str(row.get("value") or (row["state"] if kind.startswith("select") else ""))
    return str(row["state"]) if name[0] == "s" else ""


def write_export(path: Path, header: list[str], records: list[list[str]]) -> None:
    """Write an export as csv, or as a workbook of texts."""
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header, *records])
        return
    book = Workbook()
    for row in [header, *records]:
        book.worksheets[0].append(row)
    book.save(path)
