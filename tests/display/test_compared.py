"""Reports of comparisons: the numbers of the comparison, its picture, and refusals in words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workbench.display import blocks as b
from workbench.display import compared
from workbench.display.compared.common import furthest_pairs
from workbench.display.compared_figures import Slope, bundled, slopes
from workbench.display.flow_figures import flows
from workbench.display.place_figures import Place, places, places_of_many
from workbench.language import Message, as_locale
from workbench.stats import Result, several_groups
from workbench.stats.result import rounded
from workbench.stats.wording import Joined
from workbench.study import Study
from workbench.study.compare import compare

SECTIONS = ("cover", "answer", "picture", "notes", "choice", "method")
QUESTIONS = ("change", "indicators", "groups", "programme", "rank")
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
    pairs = (("Sierra", "Costa"), ("Valle", "Costa"), ("Valle", "Sierra"))
    names = [f"{group} compared with {reference}" for group, reference in pairs]
    rows = table(compared.answer(view)).rows[1:]
    assert [r.cells[0].plain() for r in rows] == names
    assert [r.cells[6].plain() for r in rows] == ["3"] * 3
    spread, differences = compared.picture(view).blocks
    assert isinstance(spread, b.Figure)
    assert isinstance(differences, b.Figure)
    assert spread.table is not None
    assert differences.table is not None
    assert {r.cells[0].plain() for r in spread.table.rows} == {"Costa", "Sierra", "Valle"}
    assert [r.cells[0].plain() for r in differences.table.rows] == names


def test_the_distance_before_the_start_is_zero_by_definition(root: Path, study: Study) -> None:
    wide = piped_water(root)
    units = pd.read_csv(
        root / "data/cases/comparaciones-ejemplo/municipios.csv", dtype={"unit": str}
    ).set_index("unit")
    joined = units["programa"] == "sí"
    gap = wide[joined].mean() - wide[~joined].mean()
    figure = compared.picture(shown(study, "programme")).blocks[1]
    assert isinstance(figure, b.Figure)
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


def test_both_groups_of_a_programme_are_named_with_their_means(root: Path, study: Study) -> None:
    wide = piped_water(root)
    path = root / "data/cases/comparaciones-ejemplo/municipios.csv"
    joined = pd.read_csv(path, dtype={"unit": str}).set_index("unit")["programa"] == "sí"
    figure = picture(compared.picture(shown(study, "programme")))
    assert figure.table is not None
    cells = {(r.cells[0].plain(), r.cells[1].plain()): r.cells[3].number for r in figure.table.rows}
    for name, part in (("with", joined), ("without", ~joined)):
        for wave in ("2021", "2024"):
            found = cells[f"{name} Made-up programme", wave]
            assert found == pytest.approx(wide.loc[part, wave].mean())
    assert "with Made-up programme (12)" in figure.svg


def test_two_groups_are_named_in_their_picture(root: Path) -> None:
    study = Study.open(root / "params/comparaciones-ejemplo.yml", locale="es-MX")
    view = shown(study, "groups", by="programa")
    for figure in compared.picture(view).blocks:
        assert isinstance(figure, b.Figure)
        assert "sí" in figure.svg
        assert "no" in figure.alt
    assert "no, frente a sí" in repr(compared.picture(view))


def test_many_pairs_are_cut_and_the_higher_group_comes_first() -> None:
    rng = np.random.default_rng(3)
    groups = np.repeat(list("abcdefgh"), 6)
    values = pd.Series(rng.normal(0, 1, 48) + (groups == "a") * 50)
    values.index = values.index.astype(str)
    pairs = several_groups(values, pd.Series(groups, index=values.index)).tables["games_howell"]
    some = furthest_pairs(pairs)
    assert len(pairs) == 28
    assert len(some) == 15
    assert (some["diff_b_minus_a"] >= 0).all()
    assert (some["b"].iloc[:7] == "a").all()
    assert (some["ci_low"] <= some["diff_b_minus_a"]).all()
    assert set(some["verdict"].iloc[:7]) == {"positive"}


def test_many_units_are_bundled_and_none_is_lost() -> None:
    rng = np.random.default_rng(1)
    before = rng.uniform(0, 100, 2469)
    found = bundled(before, np.clip(before + rng.normal(-5, 10, 2469), 0, 100))
    assert sum(s.n for s in found) == 2469
    assert len(found) <= 100
    drawn = slopes(
        found, ("Mean", Slope(50, 45), "50", "45"), ("then", "now"), "x (%)", EN, better=-1
    )
    assert len(drawn) < 100_000
    assert "fell, which is better" in drawn


def test_few_units_are_named_at_their_lines(root: Path) -> None:
    study = Study.open(root / "params/cimtra-monterrey.yml", locale="en")
    figure = picture(compared.picture(shown(study, "change")))
    assert all(name in figure.svg for name in ("Monterrey", "Guadalupe", "Santa Catarina"))
    assert "Median: 66.9, then 77.2" in figure.svg


def test_moves_between_levels_are_counted() -> None:
    chips = [("low", None), ("high", None)]
    drawn = flows({(0, 0): 5, (0, 1): 3, (1, 0): 1}, chips, ("then", "now"), EN)
    for text in ("low  8", "high  1", "low  6", "high  3", "moved up: 3", "moved down: 1"):
        assert text in drawn


def test_places_of_few_and_of_many_are_drawn() -> None:
    few = [Place(f"Unit {i}", i + 1, max(1, i - 1), min(9, i + 3)) for i in range(9)]
    many = [Place("", i + 1, max(1, i - 50), min(900, i + 50)) for i in range(900)]
    assert "Unit 4" in places(few, EN)
    assert "Places that could be" in places_of_many(many, EN)


def test_the_last_wave_alone_is_named_where_groups_are_compared(study: Study) -> None:
    said = repr(compared.cover(shown(study, "groups")))
    assert "2024" in said
    assert "2021" not in said


def test_what_holds_for_the_study_is_said_once(study: Study) -> None:
    first, second = (
        compared.ComparedView(study, compare(study, "indicators"), follows=follows)
        for follows in (False, True)
    )
    assert any(isinstance(x, b.Callout) for x in compared.answer(first).blocks)
    assert not any(isinstance(x, b.Callout) for x in compared.answer(second).blocks)


def test_indicators_are_summed_up_by_what_stands(study: Study) -> None:
    view = shown(study, "indicators")
    adjusted = [a.result.test.p_adjusted for a in view.found.answers if a.result.test]
    said = repr(compared.answer(view))
    assert f"Of 6 results looked at together, {sum(p < 0.05 for p in adjusted)} show" in said


def test_a_list_of_steps_keeps_the_decimals_of_its_result() -> None:
    steps = Joined((Message("{x} points", x=rounded(0.0123)),))
    result = Result("q", "change", 1, "m", sentences=(Message("{s}", s=steps),), decimals=3)
    assert result.sentence("en") == "0.012 points"
