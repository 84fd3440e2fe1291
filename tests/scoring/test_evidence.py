"""Statements that are said to hold without the evidence that an instrument demands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.forms.filling import fill
from tests.forms.test_levels import drawn, shown
from tests.support import cell, load_text, observe
from workbench.display import cohort, municipality
from workbench.instruments import Instrument, load_instrument
from workbench.scoring import Scores, calibrate, score
from workbench.study import Study

ROOT = Path(__file__).parents[2]
TEXT = """
id: prueba
version: "1"
title: Prueba
publisher: Nobody
completeness: published
sources: [{id: none, title: Made up for a test}]
scales: [{id: s, levels: [{id: "no", title: "No"}, {id: si, title: "Sí"}]}]
tiers: [{id: t, title: Total, plural: Totales, aggregate: {method: share_of_level, scale: s, level: si}}]
defaults:
  statement: {scale: s, bands: [{level: si, when: "= 1"}, {level: "no", when: "= 0"}]}
  evidence: {without: RULE}
nodes: [{code: total, tier: t, title: Total}]
indicators:
  - {code: a, kind: statement, basis: norm, parent: total, title: A}
  - {code: b, kind: statement, basis: practice, parent: total, title: B}
  - {code: c, kind: statement, basis: practice, parent: total, title: C, needs_evidence: false}
"""


def instrument(tmp_path: Path, rule: str | None) -> Instrument:
    text = TEXT.replace("RULE", rule) if rule else TEXT.replace("  evidence: {without: RULE}\n", "")
    return load_text(tmp_path, text)


def scores(made: Instrument, evidence: dict[str, str]) -> Scores:
    rows: list[tuple[Any, ...]] = [("u", "1", code, 1) for code in "abc"]
    observations = observe(made, rows)
    observations.frame["evidence"] = [evidence.get(code, "") for code in "abc"]
    return score(made, observations, calibrate(made, observations))


@pytest.mark.parametrize(
    ("rule", "evidence", "total", "b"),
    [
        (None, {}, 100, "observed"),
        ("not_met", {}, 100 / 3, "observed"),
        ("not_met", {"a": "acta.pdf"}, 200 / 3, "observed"),
        ("not_met", {"a": "acta.pdf", "b": "  "}, 200 / 3, "observed"),
        ("not_met", {"a": "acta.pdf", "b": "foto"}, 100, "observed"),
        ("missing", {"a": "acta.pdf"}, None, "missing"),
    ],
)
def test_only_what_has_evidence_counts(
    tmp_path: Path, rule: str | None, evidence: dict[str, str], total: float | None, b: str
) -> None:
    found = scores(instrument(tmp_path, rule), evidence)
    result = cell(found, "total")
    if total is not None:
        assert result["score"] == pytest.approx(total)
    else:
        assert (result["low"], result["high"]) == pytest.approx((200 / 3, 100))
    assert cell(found, "b")["status"] == b


def test_what_has_no_evidence_is_told(tmp_path: Path) -> None:
    found = scores(instrument(tmp_path, "not_met"), {"b": "foto"})
    assert [(w.kind, w.node, w.unit, w.wave) for w in found.warnings] == [
        ("no_evidence", "a", "u", "1")
    ]
    assert [r.node for r in found.remarks] == ["a"]


def test_the_reports_of_the_example_name_it() -> None:
    study = Study.open(ROOT / "params/gopi-ejemplo.yml", locale="en")
    view = study.view("99002")
    assert view.headline[0].score == pytest.approx(100 * 3 / 11)
    text = repr(municipality.where(view))
    assert "1 statement is said to hold without evidence, and does not count as met" in text
    assert "e10 It has an annual work plan" in text
    assert "that without it they count as not met is not published" in text
    assert not view.warnings
    assert "in practice: said to hold, without evidence" in repr(municipality.areas(view))
    assert "without evidence" not in repr(municipality.where(study.view("99001")))
    assert "Puerto Modelo: 1" in repr(cohort.certainty(study.cohort_view()))
    assert "Said to hold, without the evidence" in study.explain("99002", "e10").text("en")


def test_a_form_shows_the_level_that_counts() -> None:
    made = load_instrument(ROOT / "data/instruments/gopi-prevencion.yml")
    workbook = drawn(made, {}, 2025)
    rows = [{"code": "e01", "value": "1"}, {"code": "e02", "value": "1", "evidence": "acta.pdf"}]
    fill(workbook.book, made, "es-MX", rows)
    assert shown(workbook, workbook.book, "e01")[1] == "No se cumple"
    assert shown(workbook, workbook.book, "e02")[1] == "Se cumple"
