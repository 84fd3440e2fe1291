"""What the next level asks for where a level follows from sets of conditions."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import INSTRUMENT, load_text, score_rows
from workbench.display import municipality
from workbench.instruments import Instrument
from workbench.scoring.conditions import ConditionReader
from workbench.study import Study

ROOT = Path(__file__).parents[2]


@pytest.fixture
def instrument(tmp_path: Path) -> Instrument:
    rule = "{method: conditions, scale: semaforo, levels: [" + (
        '{level: verde, when: \'value("agua") >= 80 and value("luz") >= 60\'}, '
        "{level: amarillo, when: 'value(\"agua\") >= 50'}], otherwise: rojo}"
    )
    return load_text(tmp_path, INSTRUMENT.replace("{method: arithmetic}", rule))


@pytest.mark.parametrize(
    ("agua", "luz", "level", "asked"),
    [
        (40, 90, "amarillo", [("agua", False, 40)]),
        (70, 90, "verde", [("agua", False, 70), ("luz", True, 90)]),
        (85, 10, "verde", [("agua", True, 85), ("luz", False, 10)]),
        (85, 60, None, []),
    ],
)
def test_the_next_level_and_what_it_asks_for(
    instrument: Instrument, agua: float, luz: float, level: str | None, asked: list[object]
) -> None:
    scores = score_rows(instrument, [("u", "1", "agua", agua), ("u", "1", "luz", luz)])
    found = ConditionReader(scores).next_level("total", 0)
    assert (found.level if found else None) == level
    parts = found.asked if found else ()
    assert [(a.term.code, a.holds, a.now) for a in parts] == asked


def test_what_is_not_known_neither_holds_nor_fails(instrument: Instrument) -> None:
    found = ConditionReader(score_rows(instrument, [("u", "1", "agua", 85)])).next_level("total", 0)
    assert found is not None
    assert [(a.term.code, a.holds) for a in found.asked] == [("agua", True), ("luz", None)]


@pytest.mark.parametrize(
    ("name", "unit", "rows"),
    [
        (
            "capacidad-ejemplo",
            "99003",
            [
                "Own revenue over total revenue | 15% or more | 6%",
                "Own revenue | Developing or better | Initial",
                "Managerial posts filled by profile or Organisation manual in force | 50% or more, "
                "or yes | 20%; no",
                "1 other holds",
            ],
        ),
        ("capacidad-ejemplo", "99004", ["Debt service over disposable revenue | 15% or less | not known"]),
        (
            "certificacion-medicion-ejemplo",
            "99001",
            ["The council discusses the results every year | yes | no", "4 others hold"],
        ),
        ("cuadrantes-ejemplo", "99002", ["Orderly finances | Green | Red", "8 more do not hold; 19"]),
    ],
)  # fmt: skip
def test_reports_say_which_condition_fails(name: str, unit: str, rows: list[str]) -> None:
    view = Study.open(ROOT / f"params/{name}.yml", locale="en").view(unit)
    text = repr(municipality.next_steps(view))
    assert "What the next level still asks for" in text
    for row in rows:
        assert row in text
    assert "not met." not in text
