"""Filling in forms as people would: by the labels and drop-downs that they see."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pandas as pd
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from workbench.forms.layout import FIRST_ROW, NUMBER
from workbench.forms.questions import form_of
from workbench.forms.wording import Wording
from workbench.instruments import Instrument

TEXTS = ("note", "evidence")


def example(root: Path, wave: str, stage: str) -> list[dict[str, str]]:
    """Return the observations of the worked example in one wave and stage."""
    with (root / "data/cases/gdm-ejemplo/observaciones.csv").open(encoding="utf-8") as file:
        return [r for r in csv.DictReader(file) if (r["wave"], r["stage"]) == (wave, stage)]


def label(instrument: Instrument, tag: str, row: dict[str, Any]) -> tuple[str, Any, str]:
    """Return column, entry and key that a person would choose for one observation."""
    question = form_of(instrument).questions[row["code"]]
    wording = Wording(instrument, tag)
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
    places = {
        str(sheet.cell(n, 1).value): (sheet, n)
        for sheet in book.worksheets
        for n in range(FIRST_ROW, sheet.max_row + 1)
    }
    for row in rows:
        sheet, n = places[row["code"]]
        if row.get("value") or row.get("state"):
            key, entry, _ = label(instrument, tag, row)
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
