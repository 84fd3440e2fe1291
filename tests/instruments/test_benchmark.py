"""Benchmarks: what each type asks for, attainment by hand, and definitions that are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import cell, load_text, score_rows
from workbench.errors import InstrumentError
from workbench.instruments import Instrument

TEXT = """
id: programa
version: "1"
title: Programa
publisher: Nobody
completeness: published
sources: [{id: none, title: Made up for a test}]
scales:
  - {id: estado, levels: [{id: no, title: No}, {id: si, title: Sí}, {id: mas, title: Más}]}
states: [{id: sin, title: Sin referencia, effect: not_applicable}]
tiers: [{id: t, title: T, plural: T, aggregate: {method: none}}]
defaults:
  benchmark: {scale: estado, bands: [{level: "no", when: "< 100"}, {level: si, when: "= 100"}, {level: mas, when: "> 100"}]}
nodes: [{code: g, tier: t, title: G}]
indicators:
  - {code: n, kind: benchmark, type: number, parent: g, title: N}
  - {code: two, kind: benchmark, type: two_numbers, parent: g, title: Two}
  - {code: yes, kind: benchmark, type: yes_no, parent: g, title: Y}
  - {code: w, kind: benchmark, type: text, parent: g, title: W}
  - {code: tbd, kind: benchmark, type: to_be_defined, parent: g, title: T}
  - {code: less, kind: benchmark, type: number, direction: -1, formula: "benchmark / result * 100", parent: g, title: L}
  - {code: diff, kind: benchmark, type: number, parent: g, title: D, result: "now - then", inputs: [{id: now, title: Now}, {id: then, title: Then}]}
"""


@pytest.fixture(scope="module")
def programme(tmp_path_factory: pytest.TempPathFactory) -> Instrument:
    return load_text(tmp_path_factory.mktemp("benchmark"), TEXT)


@pytest.mark.parametrize(
    ("code", "parts", "value", "level"),
    [
        ("n", {"benchmark": 20, "result": 10}, 50, "no"),
        ("n", {"benchmark": 20, "result": 20}, 100, "si"),
        ("n", {"benchmark": 4, "result": 6}, 150, "mas"),
        ("two", {"benchmark": 200, "second": 300, "result": 150}, 30, "no"),
        ("yes", {"result": 1}, 100, "si"),
        ("yes", {"result": 0}, 0, "no"),
        ("less", {"benchmark": 30, "result": 24}, 125, "mas"),
        ("diff", {"benchmark": 5, "now": 21, "then": 16}, 100, "si"),
        ("w", {"": "si"}, None, "si"),
    ],
)
def test_attainment_and_status(
    programme: Instrument, code: str, parts: dict[str, float | str], value: float | None, level: str
) -> None:
    rows = [("u", "1", f"{code}.{part}".rstrip("."), x) for part, x in parts.items()]
    found = cell(score_rows(programme, rows), code)
    assert found["level"] == level
    assert (found["value"] == value) if value is not None else found["value"] != found["value"]


@pytest.mark.parametrize(
    ("code", "rows", "status"),
    [
        ("n", [("n.benchmark", 20)], "missing"),
        ("n", [("n.benchmark", 0), ("n.result", 5)], "undetermined"),
        ("less", [("less.benchmark", 5), ("less.result", 0)], "undetermined"),
        ("tbd", [("tbd", "sin")], "not_applicable"),
    ],
)
def test_nothing_is_made_up_where_a_number_lacks(
    programme: Instrument, code: str, rows: list[tuple[str, float | str]], status: str
) -> None:
    found = cell(score_rows(programme, [("u", "1", *row) for row in rows]), code)
    assert (found["status"], found["level"] in (None, "") or found["level"] != found["level"]) == (
        status, True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (', formula: "benchmark / result * 100"', "", "nothing says what attainment is"),
        ("title: N}", "title: N, variables: [{id: x, title: X}]}", "variables by its type"),
        ("title: N}", "title: N, before_after: [a, b]}", "no variable a"),
        ("title: G}", "title: G, pipeline: [n, nn]}", "nn is no indicator that counts"),
        ("title: G}", "title: G, pipeline: [n]}", "two stages or more"),
        ("type: number, parent: g, title: N", "type: figure, parent: g, title: N", "type"),
    ],
)
def test_definitions_that_are_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in TEXT
    with pytest.raises(InstrumentError, match=said):
        load_text(tmp_path, TEXT.replace(old, new, 1))
