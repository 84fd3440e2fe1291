"""Errors of the models, in sentences that can be translated."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import pytest
from pydantic import Field, StringConstraints

from tests.support import STUDY, Project
from workbench.errors import Problem, WorkbenchError
from workbench.specs.common import Id, Spec, Text
from workbench.specs.yaml import load


class Part(Spec):
    column: str


class Whole(Spec):
    day: dt.date | None = None
    count: int = Field(default=1, ge=1, le=9)
    share: float = Field(default=0.5, gt=0, lt=1)
    flag: bool = False
    id: Id = "x"
    page: Annotated[str, StringConstraints(pattern=r"^https?://")] = "http://x"
    word: Annotated[str, StringConstraints(min_length=2, max_length=3)] = "xx"
    some: tuple[int, ...] = Field(default=(1,), min_length=1, max_length=2)
    texts: dict[str, str] = Field(default={})
    title: Text = Text("x")
    unit: str | Part = "x"


def problems(tmp_path: Path, text: str) -> list[Problem]:
    (tmp_path / "f.yml").write_text(text, encoding="utf-8")
    with pytest.raises(WorkbenchError) as caught:
        load(tmp_path / "f.yml", "f.yml", Whole)
    return list(caught.value.problems)


@pytest.mark.parametrize(
    ("text", "english", "spanish"),
    [
        ("day: abc", "got abc; expected a date, as in 2025-01-31", "se esperaba una fecha"),
        ("day: 2025-02-31", "expected a date", "se esperaba una fecha"),
        ("count: x", "got x; expected a whole number", "un número entero"),
        ("count: 1.5", "got 1.5; expected a whole number", "un número entero"),
        ("count: 0", "got 0; expected a number of 1 or more", "un número de 1 o más"),
        ("count: 10", "got 10; expected a number of 9 or less", "un número de 9 o menos"),
        ("share: 0", "expected a number above 0", "un número mayor que 0"),
        ("share: 1", "expected a number below 1", "un número menor que 1"),
        ("share: x", "expected a number", "un número"),
        ("flag: 1", "got 1; expected true or false", "true o false"),
        ("id: a b", "expected letters, digits, _ and -, without", "letras, cifras, _ y -, sin espacios"),
        ("page: x", "expected a text of the pattern ^", "un texto con el patrón ^"),
        ("word: x", "a text of at least 2 characters", "un texto de al menos 2 caracteres"),
        ("word: xxxx", "a text of at most 3 characters", "un texto de a lo más 3 caracteres"),
        ("some: []", "expected at least 1 entries", "al menos 1"),
        ("some: [1, 2, 3]", "expected at most 2 entries", "a lo más 2"),
        ("some: 1", "expected a list", "una lista"),
        ("texts: [a]", "expected a mapping of keys to values", "claves"),
        ("title: [a]", "a text or a mapping of keys to values", "un texto o"),
        ("title: {xx_: a}", "f.yml:1 title.xx_: this is no language tag", "etiqueta de idioma"),
        ("unit: {colum: x}", "unknown key colum", "clave desconocida"),
        ("unit: true", "a text or a mapping of keys to values", "un texto o"),
    ],
)  # fmt: skip
def test_each_kind_of_error(tmp_path: Path, text: str, english: str, spanish: str) -> None:
    found = problems(tmp_path, text)
    assert any(english in p.text() for p in found), [p.text() for p in found]
    said = [p.text("es-MX") for p in found]
    assert any(spanish in s for s in said), said
    for line in said:
        assert "nput should" not in line
        assert "expected" not in line


def test_a_type_that_was_not_meant_is_not_told(tmp_path: Path) -> None:
    """A mapping with a mistake inside is no wrong text, and a number is told of once."""
    assert {str(p.place) for p in problems(tmp_path, "unit: {column: true}")} == {
        "f.yml:1 unit.column"
    }
    assert len(problems(tmp_path, "title: 5")) == 1


@pytest.mark.parametrize(
    ("old", "new", "place", "english", "spanish"),
    [
        ('{id: "2025", year: 2025}', '{id: "2025", year: 2025}, {id: "2024", year: 2024}', "8 waves[1]", "2025 is later than 2024", "orden del tiempo"),
        ('{id: "2025", year: 2025}', '{id: "2025"}, {id: "2025"}', "8 waves[1].id", "a wave is listed twice, got 2025", "dos veces"),
        ("date: 2025", "reference: {waves: ['2030']}\ndate: 2025", "5 reference.waves[0]", "no such wave, got 2030", "no tiene tal medición"),
        ("date: 2025", "peers: {by: column}\ndate: 2025", "5 peers", "need the name of the column", "columna"),
        ("date: 2025", "peers: {bands: []}\ndate: 2025", "5 peers.bands", "give the size bands in order", "en orden"),
        ("population: population}", "population: population, pattern: '['}", "7 units.pattern", "no regular expression", "expresión regular"),
        ("date: 2025", "locale: es\ndate: 2025", "5 locale", "a language alone", "Escriba es-MX"),
        ("code: {column: code}, ", "columns: codes, ", "10 observations[0].columns", "not both", "no las dos"),
        ("2025-01-31", "31/01/2025", "5 date", "expected a date", "una fecha"),
    ],
)  # fmt: skip
def test_checks_of_a_study(
    project: Project, old: str, new: str, place: str, english: str, spanish: str
) -> None:
    assert old in STUDY
    project.study = STUDY.replace(old, new)
    text = project.error().text()
    assert text.startswith(f"params/estudio.yml:{place}: "), text
    assert english in text
    assert spanish in project.error().text("es-MX")
