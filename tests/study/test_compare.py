"""The chooser picks the comparison that the data allow, says why, and refuses in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support import INSTRUMENT, Project
from workbench.errors import WorkbenchError
from workbench.stats import Verdict
from workbench.study.compare import compare
from workbench.study.comparison_text import comparison_text

STUDY = """
id: estudio
title: {es: Estudio, en: Study}
author: Tester
date: 2025-01-31
instrument: prueba
units: {file: data/units.csv, population: population, groups: {zona: Zona, inicio: Inicio}}
waves: [{id: "2023", year: 2023}, {id: "2024", year: 2024}, {id: "2025", year: 2025}]
observations:
  - file: data/observations.csv
    wave: {column: wave}
    code: {column: code}
    value: {column: value}
"""


def project(path: Path, *, waves: tuple[str, ...] = ("2023", "2025"), **options: Any) -> Project:
    """Return a study of 24 units in two zones; the south rises by about ten points."""
    rng = np.random.default_rng(options.pop("seed", 5))
    units, rows = ["unit,name,population,zona,inicio"], ["unit,wave,code,value"]
    for i in range(24):
        code, south = f"{i + 1:05d}", i % 2 == 0
        units.append(f"{code},Name {i},{1000 * (i + 1)},{'sur' if south else 'norte'},")
        start = rng.uniform(30, 60)
        for place, wave in enumerate(waves):
            if i < options.get("absent", 0) and place == 0:
                continue
            rise = (10 if south else 0) * place + rng.normal(0, 2)
            rows += [f"{code},{wave},{c},{start + rise:.2f}" for c in ("agua", "luz")]
    study = STUDY + options.get("declared", "")
    return Project(path, INSTRUMENT, "\n".join(units), "\n".join(rows), study)


def test_a_score_in_two_waves_is_compared_in_pairs(tmp_path: Path) -> None:
    found = compare(project(tmp_path).open(), "change")
    assert found.result.question == "mean_change"
    assert found.result.n == 24
    assert found.result.verdict is Verdict.POSITIVE
    assert not found.result.confirmatory
    beside = [a.result.question for a in found.answers if a.beside]
    assert beside == ["typical_change", "share_improved"]
    assert any("margin" in text for text in found.choice("en"))


def test_a_declared_question_is_confirmatory_and_its_margin_counts(tmp_path: Path) -> None:
    declared = "comparisons:\n  margin: 50\n  hypotheses: [{id: h1, question: change, node: total}]"
    found = compare(project(tmp_path, declared=declared).open(), "change")
    assert found.result.confirmatory
    assert found.result.verdict is Verdict.NEGLIGIBLE


def test_rounds_of_different_units_are_compared_as_groups(tmp_path: Path) -> None:
    made = project(tmp_path)
    rows = made.observations.splitlines()[1:]  # type: ignore[union-attr]
    kept = [r for r in rows if (int(r[:5]) <= 12) == (",2023," in r)]  # type: ignore[index,operator]
    made.observations = "\n".join(["unit,wave,code,value", *kept])  # type: ignore[list-item]
    found = compare(made.open(), "change")
    assert found.result.refusal is not None
    assert found.result.refusal.reason == "no_common_units"
    assert found.answers[-1].result.question == "two_groups"


def test_groups_of_the_last_wave(tmp_path: Path) -> None:
    declared = "comparisons: {groups: zona, order: [norte, sur]}"
    found = compare(project(tmp_path, declared=declared).open(), "groups")
    assert found.result.question == "two_groups"
    assert found.result.estimate is not None
    assert found.result.estimate > 0  # the south, named last in the order, less the north


def test_a_programme_over_two_waves_is_a_difference_in_differences(tmp_path: Path) -> None:
    declared = "comparisons: {programme: {column: zona, participants: [sur]}}"
    found = compare(project(tmp_path, declared=declared).open())
    assert found.question == "programme"
    assert found.result.estimate == pytest.approx(10, abs=2)


def test_indicators_are_adjusted_for_their_number(tmp_path: Path) -> None:
    found = compare(project(tmp_path).open(), "indicators")
    assert [a.node for a in found.answers] == ["agua", "luz"]
    assert all(a.result.test is not None and a.result.test.m == 2 for a in found.answers)


def test_what_cannot_be_told_is_refused_in_words(tmp_path: Path) -> None:
    one = project(tmp_path / "one", waves=("2025",)).open()
    assert compare(one, "change").result.refusal is not None
    both = project(tmp_path / "two").open()
    for question in ("groups", "programme", "target", "peers", "agreement"):
        found = compare(both, question)
        assert found.result.refusal is not None, question
        text = comparison_text(found, "es-MX")
        assert "{" not in text
        assert "nan" not in text


@pytest.mark.parametrize(
    "asked",
    [
        {"question": "chnge"},
        {"node": "totl"},
        {"waves": ("2022",)},
        {"question": "groups", "by": "zon"},
        {"question": "peers", "unit": "1"},
    ],
)
def test_names_that_do_not_exist(tmp_path: Path, asked: dict[str, Any]) -> None:
    with pytest.raises(WorkbenchError) as error:
        compare(project(tmp_path).open(), **asked)
    assert str(error.value)


def test_every_answer_speaks_both_languages(tmp_path: Path) -> None:
    declared = "comparisons: {groups: zona, targets: {total: 50}}"
    study = project(tmp_path, declared=declared).open()
    for question in ("change", "indicators", "groups", "target", "rank"):
        found = compare(study, question)
        english, spanish = (found.sentence(tag) for tag in ("en", "es-MX"))
        assert english
        assert spanish != english


BANDS = """
peers:
  by: population
  bands:
    - {id: z_small, title: {es: "menos de 8,000", en: "under 8,000"}, below: 8000}
    - {id: m_middle, title: {es: medianos, en: middle}, below: 16000}
    - {id: a_large, title: {es: grandes, en: large}}
comparisons: {groups: peers}
"""


def test_size_bands_are_groups_in_their_order(tmp_path: Path) -> None:
    found = compare(project(tmp_path, declared=BANDS).open(), "groups")
    assert found.by == "peers"
    assert found.result.tables["groups"].index.tolist() == ["z_small", "m_middle", "a_large"]
    assert any(test.name == "Jonckheere-Terpstra" for test in found.result.tests)
    assert "menos de 8,000" in found.sentence("es-MX")
    assert "under 8,000" in found.sentence("en")


def test_what_the_main_answer_says_is_not_said_again(tmp_path: Path) -> None:
    found = compare(project(tmp_path, waves=("2023", "2024", "2025")).open(), "change")
    assert "measured both times rose" in found.result.sentence("en")
    beside = " ".join(a.result.sentence("en") for a in found.answers if a.beside)
    assert "measured both times rose" not in beside
    assert "a rise shows in 2 steps" in beside


def test_an_indicator_points_to_nothing_that_does_not_stand_beside(tmp_path: Path) -> None:
    made = project(tmp_path)
    # One unit that leaps makes changes unlike a normal distribution.
    lines = [
        "00001,2025,agua,100.0" if line.startswith("00001,2025,agua") else line
        for line in str(made.observations).splitlines()
    ]
    made.observations = "\n".join(lines)
    notes = [n for a in compare(made.open(), "indicators").answers for n in a.result.notes("en")]
    assert any("a few large ones may sway the mean" in note for note in notes)
    assert not any("stands beside" in note for note in notes)


def test_few_pairs_are_told_in_full(tmp_path: Path) -> None:
    made = project(tmp_path)
    rows = str(made.observations).splitlines()
    made.observations = "\n".join([rows[0], *(r for r in rows[1:] if int(r[:5]) <= 8)])
    sentence = compare(made.open(), "change").sentence("en")
    assert "Between 2023 and 2025" in sentence or "both in 2023 and 2025" in sentence
    assert "typical" in sentence


def test_more_improved_is_no_rise(tmp_path: Path) -> None:
    made = project(tmp_path)
    rows = str(made.observations).splitlines()
    made.observations = "\n".join([rows[0], *(r for r in rows[1:] if int(r[:5]) % 2)])
    found = compare(made.open(), "change")
    share = next(a.result for a in found.answers if a.result.question == "share_improved")
    assert share.verdict_word("en") == "more improved than worsened"


def test_a_single_part_is_not_compared_again(tmp_path: Path) -> None:
    made = project(tmp_path)
    made.instrument = made.instrument.rsplit("  - {code: luz", 1)[0]
    rows = str(made.observations).splitlines()
    made.observations = "\n".join(r for r in rows if ",luz," not in r)
    found = compare(made.open(), "indicators")
    assert found.result.refusal is not None
    assert found.result.refusal.reason == "one_part"


def test_a_group_of_which_less_is_better(tmp_path: Path) -> None:
    made = project(tmp_path)
    made.instrument = made.instrument.replace(
        "{code: total, tier: total,", "{code: total, tier: total, direction: -1,"
    )
    share = next(
        a.result
        for a in compare(made.open(), "change").answers
        if a.result.question == "share_improved"
    )
    assert share["worsened"] > share["improved"]


def test_methods_are_named_in_the_language_of_the_reader(tmp_path: Path) -> None:
    declared = (
        "comparisons: {groups: zona, targets: {total: 50},"
        " programme: {column: zona, participants: [sur]}}"
    )
    study = project(tmp_path, waves=("2023", "2024", "2025"), declared=declared).open()
    for question in ("change", "indicators", "groups", "target", "programme", "peers"):
        asked = {"unit": "00001"} if question == "peers" else {}
        for answer in compare(study, question, **asked).answers:
            result = answer.result
            assert str(result.method) == result.method.text("en")
            if result.refusal is None:
                assert result.method.text("es-MX") != str(result.method), result.method


def test_a_unit_is_called_by_its_name(tmp_path: Path) -> None:
    found = compare(project(tmp_path, waves=("2025",)).open(), "rank", unit="00004")
    assert "Name 3" in found.result.sentence("en")
    assert "00004" not in found.result.sentence("en")
    there = project(tmp_path, waves=("2025", "2024"), absent=4).open()
    told = compare(there, "peers", unit="00004").result
    assert "Name 3 was not measured." in told.sentence("en")
