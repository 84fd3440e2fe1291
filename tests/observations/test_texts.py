"""What sources say in words: kept word for word, beside numbers and states."""

from __future__ import annotations

import pytest

from tests.support import Project
from workbench.errors import Reason
from workbench.study import Study

LONG = (
    "unit,code,value,text\n01001,agua,80,Ochenta de cien\n01001,luz,,Sin dato aún\n01002,agua,40,\n"
)
HEAD = "value: {column: value}}"


@pytest.fixture(autouse=True)
def named(project: Project) -> None:
    """The study names the columns of its texts; those that none names reach no report."""
    project.study += "privacy: {texts: [text, printed, agua]}\n"


def said(study: Study) -> list[tuple[str, str, str]]:
    """Unit, code and text of what is said."""
    frame = study.observations.texts[["unit", "code", "text"]]
    return list(frame.itertuples(index=False, name=None))


def test_a_long_table_says_something_of_a_code(project: Project) -> None:
    project.observations = LONG
    plain = Project(project.path / "plain", observations=LONG.replace(",text", ",note"))
    project.study = project.study.replace(HEAD, "value: {column: value}, text: {column: text}}")
    study = project.open()
    assert said(study) == [("01001", "agua", "Ochenta de cien"), ("01001", "luz", "Sin dato aún")]
    assert study.scores.frame.equals(plain.open().scores.frame)  # words change no score
    views = {i.code: i for i in study.view("01001").indicators}
    assert [views[c].beside.text for c in ("agua", "luz")] == ["Ochenta de cien", "Sin dato aún"]


def test_a_wide_table_has_columns_of_texts_and_of_parts(project: Project) -> None:
    project.instrument = project.instrument.replace(
        "indicators:",
        "indicators:\n  - {code: r1, kind: benchmark, type: number, title: R}",
    )
    project.observations = (
        "unit,code,printed,wanted,reached\n01001,r1,veinte,20,10\n01002,r1,20,20,\n"
    )
    project.study = project.study.replace(
        "code: {column: code}, value: {column: value}}",
        "columns: {printed: {code: {column: code}, part: benchmark, text: true}, "
        "wanted: {code: {column: code}, part: benchmark}, "
        "reached: {code: {column: code}, part: result}}}",
    )
    study = project.open()
    assert said(study) == [("01001", "r1.benchmark", "veinte"), ("01002", "r1.benchmark", "20")]
    found = next(i for i in study.view("01001").indicators if i.code == "r1")
    assert found.value == 50
    assert found.benchmark is not None
    assert (found.benchmark.printed, found.benchmark.result) == ("veinte", 10)


def test_texts_are_checked_like_numbers(project: Project) -> None:
    project.observations = (
        "unit,code,value,text\n01001,agua,80,a\n01001,agua,,b\n01009,agua,,c\n01002,ague,,d\n"
        "01002,,,e\n"
    )
    project.study = project.study.replace(HEAD, "value: {column: value}, text: {column: text}}")
    found = project.error().problems
    assert [(p.reason, p.place.row) for p in found] == [
        (Reason.CODE_UNKNOWN, 6),
        (Reason.DUPLICATE, 3),
        (Reason.UNIT_UNKNOWN, 4),
        (Reason.CODE_UNKNOWN, 5),
    ]


def test_a_row_without_a_code_is_told_once(project: Project) -> None:
    project.observations = "unit,code,value,text\n01001,,80,a\n01001,agua,7,\n"
    project.study = project.study.replace(HEAD, "value: {column: value}, text: {column: text}}")
    (problem,) = project.error().problems
    assert (problem.reason, problem.place.row) == (Reason.CODE_UNKNOWN, 2)


@pytest.mark.parametrize("also", ["state: verde", "extract: '^(.)'", "compare_only: true"])
def test_a_column_of_texts_is_nothing_else(project: Project, also: str) -> None:
    project.study = project.study.replace(
        "code: {column: code}, value: {column: value}}",
        f"columns: {{agua: {{text: true, {also}}}}}}}",
    )
    assert any("column of texts" in p.what.text() for p in project.error().problems)


def test_texts_stay_with_their_stage(project: Project) -> None:
    project.instrument = project.instrument.replace(
        "tiers:",
        "stages:\n  - {id: propio, title: Propio}\n  - {id: revisado, title: Revisado}\ntiers:",
    )
    project.observations = (
        "unit,code,value,stage,text\n01001,agua,80,propio,dicho\n01001,agua,60,revisado,visto\n"
    )
    project.study = project.study.replace(
        HEAD, "value: {column: value}, stage: {column: stage}, text: {column: text}}"
    )
    study = project.open()
    assert len(study.observations.texts) == 2
    assert study.scored_observations.texts["text"].tolist() == ["visto"]
