"""Surveys: what answers give, standard errors against R, mistakes told, persons never printed."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.support import Project
from workbench.display import municipality
from workbench.errors import Reason
from workbench.observations.estimates import Sample, estimate
from workbench.study import Study

TABLE = """id,unit,w,h,office,p1,p2,p3,remark
1,01001,1,a,x,si,5,,Ana vive aquí
2,01001,3,a,x,no,3,,
3,01001,1,a,y,ns,1,,
4,01001,1,a,y,,9,,
5,01002,2,b,z,si,4,,
6,01002,2,b,z,si,2,,
"""
ITEM = """
      p1:
        title: {es: ¿Sí?, en: "Yes?"}
        options: {si: {es: Sí, en: "Yes"}, no: {es: "No", en: "No"}}
        no_answer: {ns: dont_know}
        gives: {agua: {share: [si]}}
"""


def survey(project: Project, *, items: str = ITEM, design: str = "{sample: other}", more: str = "",
           table: str = TABLE) -> Project:  # fmt: skip
    """A project whose observations are a survey."""
    project.observations = table
    head = project.study.partition("observations:")[0].partition("privacy:")[0]
    project.study = (
        f"{head}privacy: {{threshold: 1, texts: [remark]}}\nrespondents:\n  - file: data/observations.csv\n    respondent: id\n"
        f"    design: {design}\n    minimum: 1\n{more}    items:{items}"
    )
    return project


def values(study: Study, column: str = "value") -> dict[tuple[str, str], Any]:
    """Numbers (or another column) by unit and code."""
    frame = study.observations.frame
    keys = zip(frame["unit"].astype(str), frame["code"].astype(str), strict=True)
    return dict(zip(keys, frame[column], strict=True))


def reasons(project: Project) -> list[tuple[Reason, int | None, str | None]]:
    """Reason, row and column of each mistake."""
    return [(p.reason, p.place.row, p.place.column) for p in project.error().problems]


# -- rules by hand --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "design", "first", "second"),
    [
        ("{share: [si]}", "{sample: other}", 50, 100),
        ("{share: [si]}", "{sample: other, weight: w}", 25, 100),
        ("{share: [si, no]}", "{sample: other, weight: w}", 100, 100),
        ("{share: [si], of: asked}", "{sample: other}", 25, 100),
        ("answered", "{sample: other, weight: w}", 2, 2),
        ("asked", "{sample: other}", 4, 2),
        ("non_response", "{sample: other, weight: w}", 50, 0),
    ],
)
def test_what_an_item_gives(
    project: Project, rule: str, design: str, first: float, second: float
) -> None:
    items = ITEM.replace("{share: [si]}", rule)
    found = values(survey(project, items=items, design=design).open())
    assert found == {("01001", "agua"): first, ("01002", "agua"): second}


def test_a_mean_leaves_out_what_is_no_answer(project: Project) -> None:
    items = """
      p2: {title: Nota, range: [1, 5], no_answer: {"9": refused}, gives: {agua: mean, luz: non_response}}
"""
    found = values(survey(project, items=items, design="{sample: other, weight: w}").open())
    assert found["01001", "agua"] == pytest.approx((5 + 3 * 3 + 1) / 5)
    assert found["01001", "luz"] == 25
    assert found["01002", "agua"] == 3


def test_who_is_not_asked_is_out_of_the_question(project: Project) -> None:
    table = TABLE.replace("1,01001,1,a,x,si,5,,", "1,01001,1,a,x,si,5,si,").replace(
        "5,01002,2,b,z,si,4,,", "5,01002,2,b,z,si,4,nunca,"
    )
    items = (
        ITEM
        + """      p3:
        title: Otra
        options: {si: Sí, "no": "No"}
        not_asked: [nunca]
        asked_if: {p1: [si]}
        gives: {luz: {share: [si], of: asked}}
"""
    )
    found = values(survey(project, items=items, table=table).open())
    assert found["01001", "luz"] == 100  # one was asked: the others did not say yes
    assert ("01002", "luz") not in found  # one of two was asked, and nobody answered


def test_response_rates(project: Project) -> None:
    gives = "    gives: {luz: response_rate}\n"
    part = survey(project, more=gives + "    took_part: {h: [a]}\n", items=ITEM)
    assert values(part.open())["01001", "luz"] == 100
    assert values(part.open())["01002", "luz"] == 0
    known = survey(project, more=gives + '    invited: {"01001": 16, "01002": 4}\n')
    assert values(known.open())["01001", "luz"] == 25
    assert values(known.open())["01002", "luz"] == 50


def test_too_few_answers_are_withheld(project: Project) -> None:
    more = "    withheld: ND\n"
    study = survey(project, more=more).open()
    assert values(study)["01002", "agua"] == 100
    project.study = project.study.replace("minimum: 1", "minimum: 3")
    study = project.open()
    assert values(study, "state") == {("01001", "agua"): "ND", ("01002", "agua"): "ND"}
    assert {w.kind for w in study.warnings} == {"survey_withheld"}
    shown = repr(municipality.areas(study.view("01001")))
    assert "reservado | 2 | 4" in shown
    assert "menos de 3 respuestas" in shown
    assert "se contradice" not in repr(municipality.where(study.view("01001")))


def test_two_waves_are_kept_apart(project: Project) -> None:
    table = TABLE.replace("id,unit", "id,ola,unit").replace("\n1,0", "\n1,2024,0")
    lines = table.splitlines()
    lines = [lines[0], *(x if ",2024," in x else x.replace(",", ",2025,", 1) for x in lines[1:])]
    project.study = project.study.replace(
        'waves: [{id: "2025", year: 2025}]',
        'waves: [{id: "2024", year: 2024}, {id: "2025", year: 2025}]',
    )
    survey(project, table="\n".join(lines) + "\n", more="    wave: {column: ola}\n")
    frame = project.open().observations.frame
    assert frame.loc[frame["unit"] == "01001", ["wave", "value"]].astype(str).values.tolist() == [
        ["2024", "100.0"], ["2025", "0.0"],
    ]  # fmt: skip
    project.study = project.study.replace("    wave: {column: ola}\n", "")
    assert "respondents[0]" in project.error().problems[0].text()


# -- standard errors ------------------------------------------------------------------------------


def test_errors_of_a_stratified_sample_are_those_of_r(shared: Path) -> None:
    # survey 4.1.1: expected/survey_apistrat.json; computed there with the same linearisation.
    table = pd.read_csv(shared / "reference/stats/data/apistrat.csv")
    stratum = table["stype"].factorize()[0]
    size = table.groupby(stratum)["fpc"].first().to_numpy(float)
    sample = Sample(table["pw"].to_numpy(float), stratum, np.arange(len(table)), size)
    y = table["api00"].to_numpy(float)
    expected = {
        None: (662.287363159321, 9.40894080278458),
        "E": (674.43, 12.3824797939073),
        "H": (625.82, 14.9371291853931),
        "M": (636.6, 16.2147073081845),
    }
    for kind, (mean, error) in expected.items():
        where = np.ones(len(y), bool) if kind is None else (table["stype"] == kind).to_numpy()
        rows = np.flatnonzero(where)
        found = estimate(y[rows], rows, sample)
        assert found.value == pytest.approx(mean, rel=1e-12)
        assert found.std_error == pytest.approx(error, rel=1e-12)


@pytest.mark.parametrize(
    ("column", "mean", "error"),
    [
        ("satisfaction", 5.56683168316832, 0.100523026748504),
        ("pays", 0.581683168316832, 0.0245721634357854),
    ],
)
def test_errors_of_a_simple_sample_are_those_of_r(
    shared: Path, column: str, mean: float, error: float
) -> None:
    # survey 4.1.1: expected/survey_citizen_a.json, raw.
    table = pd.read_csv(shared / "reference/stats/data/citizen_survey_a.csv")
    n = len(table)
    sample = Sample(np.ones(n), np.zeros(n, np.intp), np.arange(n), np.array([np.nan]))
    found = estimate(table[column].to_numpy(float), np.arange(n), sample)
    assert (found.value, found.std_error) == pytest.approx((mean, error), rel=1e-12)


def test_clusters_count_as_one_each() -> None:
    # Four clusters of two who answer alike are four answers: sqrt(p q / (n - 1)).
    y = np.repeat([1.0, 1.0, 0.0, 1.0], 2)
    sample = Sample(
        np.ones(8), np.zeros(8, np.intp), np.repeat(np.arange(4), 2), np.array([np.nan])
    )
    assert estimate(y, np.arange(8), sample).std_error == pytest.approx(math.sqrt(0.75 * 0.25 / 3))


@pytest.mark.parametrize(
    ("design", "given"),
    [
        ("{sample: random}", True),
        ("{sample: random, weight: w}", True),
        ("{sample: other, weight: w}", False),
        ("{sample: everyone}", False),
        ("{sample: random, stratum: h}", True),
        ("{sample: random, cluster: office}", False),  # both answers are of one office, and cancel
    ],
)
def test_an_error_is_given_only_where_the_design_gives_one(
    project: Project, design: str, given: bool
) -> None:
    study = survey(project, design=design).open()
    found = values(study, "std_error")
    assert (not math.isnan(found["01001", "agua"])) == given
    assert math.isnan(found["01002", "agua"])  # all answered alike, or one cluster alone
    said = repr(municipality.certainty(study.view("01001")))
    assert ("error estándar" in said) == ("random" in design)


def test_a_lonely_cluster_is_told(project: Project) -> None:
    table = TABLE.replace("6,01002,2,b,z,si", "6,01002,2,b,z,no")
    study = survey(
        project, table=table, design="{sample: random, stratum: h, cluster: office}"
    ).open()
    assert [(w.kind, w.unit) for w in study.warnings] == [("survey_alone", "01002")]
    assert math.isnan(values(study, "std_error")["01002", "agua"])


def test_weights_far_apart_are_told(project: Project) -> None:
    table = TABLE.replace("2,01001,3,", "2,01001,30,")
    study = survey(project, table=table, design="{sample: other, weight: w}").open()
    assert [w.kind for w in study.warnings] == ["survey_weights"]
    assert "30.0 veces" in repr(municipality.certainty(study.view("01001")))


# -- persons --------------------------------------------------------------------------------------


def test_the_design_stays_with_the_study(project: Project) -> None:
    study = survey(
        project, design="{sample: random, weight: w, stratum: h, cluster: office}"
    ).open()
    frame = study.respondents
    assert len(frame) == 6
    assert {"respondent", "unit", "wave", "weight", "stratum", "cluster", "item", "state"} <= {
        *frame.columns
    }
    assert frame["state"].tolist() == [
        "answered", "answered", "dont_know", "no_answer", "answered", "answered",
    ]  # fmt: skip


def test_what_is_not_named_is_never_read(root: Path) -> None:
    study = Study.open(root / "params/encuesta-ejemplo.yml", locale="en")
    said = ""
    for unit in study.observed_units():
        view = study.view(unit)
        said += view.model_dump_json()
        said += "".join(repr(getattr(municipality, name)(view)) for name in municipality.__all__)
    for word in ("Persona 0", "@ejemplo", "ventanilla", "F001", "fed-01"):
        assert word not in said
    assert "nombre" not in study.respondents.columns
    assert not study.respondents.astype(str).apply(lambda c: c.str.contains("Persona")).any().any()


def test_texts_are_quoted_only_where_the_study_says_so(project: Project) -> None:
    items = ITEM + "      remark: {title: Comentario, text: true, gives: {luz: quotes}}\n"
    study = survey(project, items=items).open()
    assert study.observations.texts[["unit", "code", "text"]].values.tolist() == [
        ["01001", "luz", "«Ana vive aquí»"]
    ]
    assert "«Ana vive aquí»" in repr(municipality.areas(study.view("01001")))


# -- mistakes -------------------------------------------------------------------------------------


def test_every_mistake_of_the_table_is_told(project: Project) -> None:
    table = """id,unit,w,h,office,p1,p2,p3,remark
1,01001,1,a,x,quizá,5,,
1,01001,-3,a,x,no,7,,
,01009,1,,y,ns,uno,,
4,,x,a,y,si,,no,
5,01002,1,a,y,no,3,si,
"""
    items = (
        ITEM
        + """      p2: {title: Nota, range: [1, 5], gives: {luz: mean}}
      p3: {title: Otra, options: {si: Sí, "no": "No"}, asked_if: {p1: [si]}, gives: {total: answered}}
"""
    )
    design = "{sample: random, weight: w, stratum: h}"
    found = reasons(survey(project, table=table, items=items, design=design))
    assert sorted(found, key=lambda p: (p[1] or 0, p[2] or "")) == [
        (Reason.STATE_UNKNOWN, 2, "p1"),
        (Reason.DUPLICATE, 3, "id"),
        (Reason.VALUE_RANGE, 3, "p2"),
        (Reason.VALUE_RANGE, 3, "w"),
        (Reason.RESPONDENT, 4, "h"),
        (Reason.RESPONDENT, 4, "id"),
        (Reason.VALUE_NOT_NUMBER, 4, "p2"),
        (Reason.UNIT_UNKNOWN, 4, "unit"),
        (Reason.UNIT_CODE, 5, "unit"),
        (Reason.VALUE_RANGE, 5, "w"),
        (Reason.STATE_NOT_ALLOWED, 6, "p3"),
    ]


def test_columns_that_lack_are_all_told(project: Project) -> None:
    items = ITEM.replace("p1:", "p9:")
    found = survey(project, items=items, design="{sample: random, weight: pesos}").error()
    assert [(p.reason, p.what.text()) for p in found.problems] == [
        (Reason.COLUMN_MISSING, "there is no column p9"),
        (Reason.COLUMN_MISSING, "there is no column pesos"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{share: [si]}", "{share: [sí]}", "no such answer"),
        ("{share: [si]}", "mean", "answers that are numbers"),
        ("{share: [si]}", "quotes", "only texts are quoted"),
        ("agua:", "aguas:", "no such code"),
        ("minimum: 1\n", "minimum: 1\n    withheld: NX\n", "no such state"),
        ("    minimum: 1\n", "", "minimum"),
        ("minimum: 1\n", "minimum: 1\n    gives: {luz: response_rate}\n", "how many were asked"),
        ("minimum: 1\n", 'minimum: 1\n    invited: {"01009": 4}\n', "no such unit"),
        ("minimum: 1\n", "minimum: 1\n    gives: {agua: respondents}\n", "give the same code"),
        ("{ns: dont_know}", "{si: dont_know}", "mean two things"),
        ("{ns: dont_know}", "{ns: lazy}", "p1.no_answer.ns"),
        ("sample: other", "sample: other, stratum: h", "for samples drawn at random"),
        ("options: {", "range: [1, 5]\n        options: {", "one of options, range and text"),
        ("no_answer:", "asked_if: {p4: [si]}\n        no_answer:", "no such item"),
    ],
)
def test_definitions_that_are_refused(project: Project, old: str, new: str, said: str) -> None:
    survey(project)
    assert old in project.study
    project.study = project.study.replace(old, new, 1)
    assert said in "\n".join(p.text() for p in project.error().problems)


def test_a_result_out_of_range_is_told_with_its_column(project: Project) -> None:
    project.instrument = project.instrument.replace(
        "title: {es: Agua", "maximum: 10, title: {es: Agua"
    )
    (problem, *_) = survey(project).error().problems
    assert (problem.reason, problem.place.row, problem.place.column) == (
        Reason.VALUE_RANGE, None, "p1",
    )  # fmt: skip
