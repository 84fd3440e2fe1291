"""Formulas of a workbook against scoring: the same answers give the same results and levels."""

from __future__ import annotations

import math
import random
from pathlib import Path
from typing import Any

import pytest
from openpyxl.workbook import Workbook

from tests.forms.evaluating import Evaluator
from tests.forms.filling import example, fill
from tests.forms.instruments import EVERYTHING
from tests.support import load_text, observe
from workbench.forms.layout import NUMBER
from workbench.forms.questions import form_of
from workbench.forms.respondents import Respondent
from workbench.forms.wording import Wording
from workbench.forms.workbook import UnitWorkbook
from workbench.instruments import Instrument
from workbench.scoring import calibrate, score

Rows = list[dict[str, Any]]


def drawn(instrument: Instrument, facts: dict[str, float], year: int) -> UnitWorkbook:
    """Return a blank workbook for one unit."""
    workbook = UnitWorkbook(form_of(instrument), Wording(instrument, "es-MX"))
    workbook.address(Respondent("01001", "Aguas", str(year), "", year, facts))
    return workbook


def shown(workbook: UnitWorkbook, book: Workbook, code: str) -> tuple[Any, str]:
    """Return the result and level that a workbook shows for an indicator."""
    spot = workbook.layout.spots[code]
    evaluate = Evaluator(book)
    result = evaluate(spot.sheet, spot.row, NUMBER["result"])
    return result, evaluate(spot.sheet, spot.row, NUMBER["level"]) or ""


def scored(
    instrument: Instrument, rows: Rows, facts: dict[str, float], year: int
) -> dict[str, dict[str, Any]]:
    """Return what scoring gives for each indicator."""
    tuples = [
        (
            "u",
            "1",
            r["code"],
            *([float(r["value"])] if r.get("value") else []),
            *([r["state"]] if r.get("state") else []),
        )
        for r in rows
    ]
    observed = observe(
        instrument,
        tuples,
        waves=("1",),
        facts={"u": facts},
        wave_facts={"1": {"year": float(year)}},
    )
    frame = score(instrument, observed, calibrate(instrument, observed)).frame
    return {r["node"]: r for r in frame.to_dict("records") if r["node"] in instrument.indicators}


def differences(
    instrument: Instrument, workbook: UnitWorkbook, rows: Rows, facts: dict[str, float], year: int
) -> list[tuple[Any, ...]]:
    """Return every indicator that the workbook shows otherwise than scoring has it."""
    fill(workbook.book, instrument, "es-MX", rows)
    found, evaluate = [], Evaluator(workbook.book)
    states = {s.effect: f"{s.id} – {s.title.in_('es')}" for s in instrument.spec.states}
    for code, want in scored(instrument, rows, facts, year).items():
        spot = workbook.layout.spots[code]
        level = evaluate(spot.sheet, spot.row, NUMBER["level"]) or ""
        result = evaluate(spot.sheet, spot.row, NUMBER["result"])
        titles = {x.id: x.title.in_("es") for x in instrument.levels_of(code)}
        status = want["status"]
        if status in ("computed", "observed"):
            expected = titles.get(want["level"], "")
            if math.isnan(want["value"]) and level == "" and expected:
                continue  # a rule for what is missing, which is applied when all is in
            if level != expected:
                found.append((code, status, expected, level))
            if isinstance(result, float) and not math.isclose(
                result, want["value"], rel_tol=1e-9, abs_tol=1e-9
            ):
                found.append((code, want["value"], result))
            computed = workbook.form.questions[code].answer == "none" and not math.isnan(
                want["value"]
            )
            if computed and not isinstance(result, float):
                found.append((code, want["value"], result))
        elif status == "not_measurable" or status == "not_applicable":
            if level not in states.values():
                found.append((code, status, level))
        elif level in titles.values():
            found.append((code, status, level))
    return found


@pytest.mark.parametrize("seed", range(12))
def test_everything_the_language_can_say(tmp_path: Path, seed: int) -> None:
    instrument = load_text(tmp_path, EVERYTHING)
    rng = random.Random(seed)
    facts: dict[str, float] = {}
    if seed % 4:
        facts["pob"] = rng.choice([50, 999, 1000, 49_999, 50_000, 89_999, 90_000, 2_000_000])
    for name in ("turistico", "unidad"):
        if rng.random() < 0.8:
            facts[name] = float(rng.random() < 0.6)
    year = rng.choice([2025, 2026, 2027])
    answers: dict[str, list[Any]] = {
        "A.1.a": [1, 0, 1], "A.1.b": [1, 0, "NM"], "A.1.c": [1, "NM", "NM"], "A.1": [None, None, "ND", "NA"],
        "A.2.v1": [0, 3, 7, 2.5, "ND"], "A.2.v2": [0, 7, 8, 10], "A.2.v3": [None, None, 0.5, 20], "A.2.v4": [None, None, 4],
        "A.2.n1": [121, 3.5, None], "A.2": [None, None, None, "NA"], "A.3.x": [None, 0], "A.3.y": [None, 3, 10],
        "A.4": [0, 2.5, 9.9999999999, 10, 12], "A.5": [2.4, 20, "ND"], "B.1": [1, 0, "NM"], "B.2": ["rojo", "verde", "ND"],
        "B.3": ["si", "en_parte", "nada", "NA"], "B.4": [-5, 2.5, 10, 50],
    }  # fmt: skip
    rows: Rows = []
    for code, options in answers.items():
        chosen = rng.choice([*options, None])
        if isinstance(chosen, str):
            rows.append({"code": code, "state": chosen, "value": ""})
        elif chosen is not None:
            rows.append({"code": code, "state": "", "value": str(chosen)})
    if rng.random() < 0.3:
        rows = [
            {**r, "value": "1"} if r["code"].startswith("A.1.") else r
            for r in rows
            if r["code"] != "A.1"
        ]
        rows = [{**r, "state": ""} if r["code"].startswith("A.1.") else r for r in rows]
    workbook = drawn(instrument, facts, year)
    assert differences(instrument, workbook, rows, facts, year) == []


GDM_FACTS = {
    "poblacion": 41250.0, "unidad_educacion": 1.0, "unidad_salud": 1.0, "unidad_genero": 1.0,
    "unidad_grupos_vulnerables": 1.0, "unidad_juventud": 0.0, "unidad_deporte": 1.0, "sin_deuda_bancaria": 1.0,
}  # fmt: skip


@pytest.mark.parametrize(
    ("wave", "stage", "kept"), [("2025", "revision", 1.0), ("2026", "revision", 0.9)]
)
def test_the_worked_example(
    root: Path, gdm: Instrument, wave: str, stage: str, kept: float
) -> None:
    rng = random.Random(7)
    rows = [r for r in example(root, wave, stage) if rng.random() <= kept]
    workbook = drawn(gdm, GDM_FACTS, int(wave))
    assert differences(gdm, workbook, rows, GDM_FACTS, int(wave)) == []


def test_progress_counts_what_is_asked(root: Path, gdm: Instrument) -> None:
    workbook = drawn(gdm, GDM_FACTS, 2025)
    title, section = workbook.layout.sheets[0]
    asked = [q.code for q in section.questions if q.answer != "none" and not q.optional]
    first = Evaluator(workbook.book)(title, 2, NUMBER["hint"])
    assert first == f"0 de {len(asked)} contestadas"
    fill(
        workbook.book,
        gdm,
        "es-MX",
        [{"code": "1.1.1.a", "value": "1"}, {"code": "1.1.2", "state": "ND", "value": ""}],
    )
    # A state of a list answers all its elements.
    assert Evaluator(workbook.book)(title, 2, NUMBER["hint"]) == f"5 de {len(asked)} contestadas"
