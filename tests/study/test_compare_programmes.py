"""Programmes: who takes part, when it began, and what is never called an effect."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.study.test_compare import project
from workbench.errors import DataError, WorkbenchError
from workbench.study import Study
from workbench.study.compare import compare

THREE = ("2023", "2024", "2025")
SOUTH = "column: zona, participants: [sur]"


def declared(more: str, who: str = SOUTH) -> str:
    return f"comparisons: {{programme: {{{who}{more}}}}}"


def listing(path: Path, rows: list[str], pad: str = "") -> Study:
    """Return a study whose participants stand in a list of their own."""
    who = f"title: PDET, listed: {{file: data/list.csv, unit: clave{pad}}}"
    made = project(path, waves=("2023", "2025"), declared=declared("", who))
    study = made.write()
    (path / "data/list.csv").write_text("\n".join(["clave", *rows]), encoding="utf-8")
    return Study.open(study)


def test_what_began_before_every_measurement_has_no_effect(tmp_path: Path) -> None:
    for waves in (THREE, ("2023", "2025")):
        study = project(
            tmp_path / str(len(waves)), waves=waves, declared=declared(', start_wave: "2023"')
        ).open()
        found = compare(study, "programme")
        assert found.result.refusal is not None
        assert "Nothing was measured before the programme started" in found.sentence("en")
        beside = [a for a in found.answers if a.beside]
        assert [a.result.question for a in beside] == ["two_groups"] * 3
        # The south rises by ten points from round to round: a difference of changes, no effect.
        assert beside[2].result.estimate == pytest.approx(10 * (len(waves) - 1), abs=2)
        assert not any("effect" in a.result.sentence("en") for a in beside)


def test_what_begins_after_every_measurement_has_no_effect(tmp_path: Path) -> None:
    study = project(tmp_path, waves=THREE, declared=declared(', start_wave: "2025"')).open()
    found = compare(study, "programme", waves=("2023", "2024"))
    assert "Nothing was measured after the programme started" in found.sentence("en")


def test_a_start_that_nobody_declared_is_not_guessed(tmp_path: Path) -> None:
    found = compare(project(tmp_path, waves=THREE, declared=declared("")).open(), "programme")
    assert found.result.refusal is not None
    assert "does not say when they started" in found.sentence("en")


def test_a_start_is_a_wave_of_the_study(tmp_path: Path) -> None:
    with pytest.raises(WorkbenchError, match="no such wave, got 2022"):
        project(tmp_path, waves=THREE, declared=declared(', start_wave: "2022"')).open()


def test_a_start_of_a_unit_is_a_wave_of_the_study(tmp_path: Path) -> None:
    made = project(tmp_path, waves=THREE, declared=declared(", start: inicio"))
    made.units = str(made.units).replace("sur,", "sur,2022", 1)
    with pytest.raises(DataError, match="started in a wave that the study does not have"):
        compare(made.open(), "programme")


def test_without_dated_waves_nothing_is_compared(tmp_path: Path) -> None:
    made = project(tmp_path, declared=declared(""))
    made.study = (
        made.study.replace("year: 2023", "undated: true")
        .replace("year: 2024", "undated: true")
        .replace("year: 2025", "undated: true")
    )
    assert compare(made.open(), "programme").result.refusal is not None


def test_participants_may_stand_in_a_list(tmp_path: Path) -> None:
    study = listing(tmp_path, [f"{i + 1}" for i in range(0, 24, 2)], pad=", pad: 5")
    found = compare(study, "programme")
    assert found.result.estimate == pytest.approx(10, abs=2)
    assert found.result["n_treated"] == 12
    assert not any("list of participants" in note for note in found.result.notes("en"))


def test_codes_of_the_list_that_are_no_units_are_told(tmp_path: Path) -> None:
    codes = [f"{i + 1:05d}" for i in range(0, 24, 2)] + ["99001"]
    found = compare(listing(tmp_path, codes), "programme")
    assert "1 code of the list of participants is no unit of the study: 99001." in (
        found.result.notes("en")
    )


@pytest.mark.parametrize(
    ("rows", "match"),
    [
        (["1", "3"], "none of the 2 codes of the list is a unit of the study"),
        (["00001", "00001"], "stands twice in the list of participants"),
    ],
)
def test_a_wrong_list_is_refused(tmp_path: Path, rows: list[str], match: str) -> None:
    with pytest.raises(DataError, match=match):
        compare(listing(tmp_path, rows), "programme")


@pytest.mark.parametrize(
    ("who", "match"),
    [
        (f"{SOUTH}, listed: {{file: data/list.csv}}", "one way"),
        ("column: zona", "both or none"),
        ("title: Nothing", "one way"),
    ],
)
def test_who_takes_part_is_said_in_one_way(tmp_path: Path, who: str, match: str) -> None:
    with pytest.raises(WorkbenchError, match=match):
        project(tmp_path, declared=declared("", who)).open()


def test_how_far_apart_both_were_before_stands_beside(tmp_path: Path) -> None:
    study = project(tmp_path, waves=THREE, declared=declared(', start_wave: "2024"')).open()
    found = compare(study, "programme")
    assert "whether both groups were on like paths is unknown" in found.sentence("en")
    beside = found.answers[1]
    assert beside.about is not None
    assert beside.about.text("en") == "participants compared with others, 2023"


def test_columns_that_make_units_alike_are_used(tmp_path: Path) -> None:
    study = project(tmp_path, declared=declared(", alike: [population]") + "\n").open()
    found = compare(study, "programme")
    assert [a.result.question for a in found.answers] == ["effect_two_waves", "effect_weighted"]
