"""Reports of comparisons: the numbers of the comparison, its picture, and refusals in words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workbench.display import blocks as b
from workbench.display import compared
from workbench.language import as_locale
from workbench.study import Study
from workbench.study.compare import compare

SECTIONS = ("cover", "answer", "picture", "notes", "choice", "method")
QUESTIONS = ("change", "indicators", "groups", "programme")
EN = as_locale("en")


@pytest.fixture(scope="module")
def study(root: Path) -> Study:
    return Study.open(root / "params/comparaciones-ejemplo.yml", locale="en")


def shown(study: Study, question: str, **options: str) -> compared.ComparedView:
    return compared.ComparedView(study, compare(study, question, **options))  # type: ignore[arg-type]


def piped_water(root: Path) -> pd.DataFrame:
    """Percent of homes with piped water by unit and wave, straight from the file."""
    path = root / "data/cases/comparaciones-ejemplo/observaciones.csv"
    rows = pd.read_csv(path, dtype={"unit": str, "wave": str})
    wide = rows.pivot_table(index=["unit", "wave"], columns="code", values="value")
    return (wide["agua1.a"] / wide["agua1.b"] * 100).unstack()


def table(section: b.Section) -> b.Table:
    return next(x for x in section.blocks if isinstance(x, b.Table))


def picture(section: b.Section) -> b.Figure:
    return next(x for x in section.blocks if isinstance(x, b.Figure))


def test_the_mean_change_is_that_of_the_file(root: Path, study: Study) -> None:
    wide = piped_water(root)
    change = float((wide["2024"] - wide["2021"]).mean())
    row = table(compared.answer(shown(study, "change"))).rows[0]
    assert row.cells[2].plain() == EN.number(change, 2)
    assert row.cells[-1].plain() == "rose"


def test_slopes_hold_each_unit(root: Path, study: Study) -> None:
    wide = piped_water(root)
    figure = picture(compared.picture(shown(study, "change")))
    assert figure.table is not None
    found = sorted(r.cells[3].number or 0.0 for r in figure.table.rows)
    np.testing.assert_allclose(found, sorted(wide["2024"] - wide["2021"]), atol=1e-9)
    assert figure.alt.startswith(f"Mean of 30: {EN.number(wide['2021'].mean(), 1)} in 2021")


def test_indicators_say_how_many_tests_were_made(study: Study) -> None:
    view = shown(study, "indicators")
    rows = table(compared.answer(view)).rows
    assert [r.cells[6].plain() for r in rows] == ["6"] * 6
    assert all(r.cells[5].plain() != "–" for r in rows)
    # Percentage points, officers and robberies do not share an axis.
    assert len(compared.picture(view).blocks) == 3


def test_pairs_of_groups_stand_in_the_table_and_in_the_picture(study: Study) -> None:
    view = shown(study, "groups")
    names = ["Sierra less Costa", "Valle less Costa", "Valle less Sierra"]
    rows = table(compared.answer(view)).rows[1:]
    assert [r.cells[0].plain() for r in rows] == names
    assert [r.cells[6].plain() for r in rows] == ["3"] * 3
    figure = picture(compared.picture(view))
    assert figure.table is not None
    assert [r.cells[0].plain() for r in figure.table.rows] == names


def test_the_distance_before_the_start_is_zero_by_definition(root: Path, study: Study) -> None:
    wide = piped_water(root)
    units = pd.read_csv(
        root / "data/cases/comparaciones-ejemplo/municipios.csv", dtype={"unit": str}
    ).set_index("unit")
    joined = units["programa"] == "sí"
    gap = wide[joined].mean() - wide[~joined].mean()
    figure = picture(compared.picture(shown(study, "programme")))
    assert figure.table is not None
    cells = {r.cells[0].plain(): r.cells[1].plain() for r in figure.table.rows}
    wanted = {w: EN.number(float(gap[w] - gap["2022"]), 2) for w in ("2021", "2023", "2024")}
    assert cells == {**wanted, "2022": "0"}
    assert list(cells) == ["2021", "2022", "2023", "2024"]


def test_what_was_not_made_is_said(study: Study) -> None:
    said = repr(compared.choice(shown(study, "change")))
    assert "Test of no appreciable change: the study declares no margin" in said


def test_a_refusal_is_shown_in_words_and_without_a_picture(root: Path) -> None:
    study = Study.open(root / "params/cimtra-monterrey.yml", locale="en")
    view = shown(study, "programme")
    section = compared.answer(view)
    assert any(isinstance(x, b.Callout) and x.tone == "warning" for x in section.blocks)
    assert "The study does not say who takes part in one" in repr(section)
    assert compared.picture(view).blocks == ()


@pytest.mark.parametrize("tag", ["es-MX", "en"])
@pytest.mark.parametrize("question", QUESTIONS)
def test_every_section_speaks_both_languages(root: Path, question: str, tag: str) -> None:
    study = Study.open(root / "params/comparaciones-ejemplo.yml", locale=tag)
    view = shown(study, question)
    for name in SECTIONS:
        made = getattr(compared, name)(view)
        assert made.to_json()["locale"] == tag
        said = repr(made)
        assert "nan" not in said.split()
        assert "{" not in said
    heading = repr(compared.choice(view)).splitlines()[0]
    assert ("Cómo se eligieron" in heading) == (tag == "es-MX")
