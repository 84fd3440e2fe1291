"""The guide to write an instrument: its example runs as printed, and it names every method."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
from typer.testing import CliRunner

from tests.support import cell
from workbench.cli import app
from workbench.instruments.formula import _FUNCTIONS, parse
from workbench.specs import instrument as spec
from workbench.study import Study
from workbench.study.replication import run_cases

PAGE = Path(__file__).parents[2] / "docs/write-your-own-instrument.md"
FILES = re.compile(r"^`([\w/.-]+)`\n\n```\w+\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project that the page prints."""
    folder = tmp_path_factory.mktemp("guide")
    found = FILES.findall(PAGE.read_text(encoding="utf-8"))
    assert len(found) == 3
    for name, text in found:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def test_the_example_gives_what_its_rules_say(example: Path) -> None:
    scores = Study.open(example / "params/servicios.yml").scores
    # Water, losses against 20 to 40 of 2020, investment at prices of 2020 against the 200 of 2020.
    services = {
        ("01001", "2020"): (90 + 100 + 100) / 3,
        ("01002", "2020"): (60 + 0 + 50) / 3,
        ("01003", "2020"): (75 + 50 + 50) / 3,
        ("01001", "2023"): (95 + 100 + 100) / 3,
        ("01002", "2023"): (70 + 0 + 60) / 3,
        ("01003", "2023"): (25 + 75) / 2,
    }
    management = dict(
        zip(services, [90, 140 / 3, 25, 95, (200 / 3 + 65) / 2, (100 / 3 + 70) / 2], strict=True)
    )
    for (unit, wave), expected in services.items():
        assert cell(scores, "servicios", unit, wave)["score"] == pytest.approx(expected)
        assert cell(scores, "gestion", unit, wave)["score"] == pytest.approx(management[unit, wave])
        index = (expected**2 * management[unit, wave]) ** (1 / 3)
        assert cell(scores, "indice", unit, wave)["computed"] == pytest.approx(index, abs=0.005)
    seals = [cell(scores, "sello", u, "2023")["level"] for u in ("01001", "01002", "01003")]
    assert seals[:2] == ["alto", "medio"]
    assert cell(scores, "sello", "01003", "2023")["level_high"] == "medio"


def test_the_example_compares_with_print(example: Path) -> None:
    (found,) = run_cases([example / "params/servicios.yml"])
    assert (found.n, found.levels, found.verdict) == (6, (6, 6), "differs")
    assert found.error == pytest.approx(0.01)


@pytest.mark.parametrize("command", [["check"], ["score"], ["explain", "01003"]])
def test_the_commands_of_the_page_run(example: Path, command: list[str]) -> None:
    name, *rest = command
    result = CliRunner().invoke(app, [name, str(example / "params/servicios.yml"), *rest])
    assert result.exit_code == 0, result.output


def test_the_example_has_a_view(example: Path) -> None:
    study = Study.open(example / "params/servicios.yml")
    assert study.view("01003").headline[0].score == 50.54
    assert study.cohort_view() is not None


def methods(union: object) -> set[str]:
    """Return the values of ``method`` of a tagged union."""
    models = get_args(get_args(union)[0])
    return {name for m in models for name in get_args(m.model_fields["method"].annotation)}


def test_the_page_names_every_method_kind_and_function() -> None:
    text = PAGE.read_text(encoding="utf-8")
    names = methods(spec.Normalise) | methods(spec.Aggregate) | set(_FUNCTIONS)
    names |= set(get_args(spec.Strata.model_fields["method"].annotation))
    kinds = get_args(get_args(spec.Indicator)[0])
    names |= {get_args(k.model_fields["kind"].annotation)[0] for k in kinds}
    missing = sorted(n for n in names if f"`{n}" not in text)
    assert not missing


def formulas_of_the_page() -> list[str]:
    """Return what method notes are translated into: code with brackets, without keys and braces."""
    text = PAGE.read_text(encoding="utf-8")
    rows = text[text.index("## From a method note") :].splitlines()
    cells = [row.rsplit(" | ", 1)[-1] for row in rows if row.startswith('| "')]
    spans = [span for cell in cells for span in re.findall(r"`([^`]+)`", cell)]
    return [s for s in spans if "(" in s and ":" not in s and "..." not in s]


def test_there_are_formulas_on_the_page() -> None:
    assert len(formulas_of_the_page()) >= 15


@pytest.mark.parametrize("formula", formulas_of_the_page())
def test_the_formulas_of_the_page_can_be_read(formula: str) -> None:
    assert parse(formula).source == formula
