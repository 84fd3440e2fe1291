"""What is published of few people: an attacker with every published number finds no small count.

The attacker is written here apart from the product: unknown counts by group and answer, an equation
for each number that is published, rank and linear programming over them.
"""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from tests.observations.test_respondents import survey, values
from tests.support import Project
from workbench.display import municipality
from workbench.observations.disclosure import suppressed
from workbench.observations.respondents import SurveyReader
from workbench.observations.surveyed import Deriver
from workbench.observations.tables import RawTable
from workbench.specs.survey import RespondentsTable

N = 5
UNITS, OPTIONS = ("a", "b", "c"), ("si", "no", "tal")
CODES = {"p_si": ("p", "si"), "p_no": ("p", "no"), "q_si": ("q", "si")}


def _spec(unit: str, *, route: bool) -> RespondentsTable:
    asked = {"asked_if": {"p": ("si",)}} if route else {}
    items = {
        "p": {"title": "P", "options": dict.fromkeys(OPTIONS, "x"),
              "gives": {"p_si": {"share": ("si",)}, "p_no": {"share": ("no",)}}},
        "q": {"title": "Q", "options": dict.fromkeys(OPTIONS, "x"), **asked,
              "gives": {"q_si": {"share": ("si",)}, "q_n": "answered"}},
    }  # fmt: skip
    return RespondentsTable.model_validate(
        {"file": "x.csv", "respondent": "id", "unit": unit, "design": {"sample": "other"},
         "minimum": 1, "items": items, "took_part": {"h": ("1",)}, "gives": {"n": "respondents"}}
    )  # fmt: skip


def _published(frame: pd.DataFrame, *, route: bool) -> tuple[list[pd.DataFrame], pd.DataFrame]:
    """Observations and what they rest on, of the parts (unit) and of the whole (land)."""
    table = RawTable("x.csv", None, frame, np.arange(2, len(frame) + 2))
    surveys = []
    for number, unit in enumerate(("unit", "land")):
        reader = SurveyReader(_spec(unit, route=route), table, None, {}, ("w",))
        found = reader.read()
        assert found is not None
        assert not reader.problems
        surveys.append((number, found))
    hidden = suppressed(surveys, N)
    derived = [Deriver(s, n, N, hidden).derive() for n, s in surveys]
    return [d[0] for d in derived], pd.concat([d[1] for d in derived])


class Attacker:
    """Knows the questionnaire and all that is published; solves for counts of people."""

    def __init__(self, frame: pd.DataFrame, *, route: bool) -> None:
        self.frame, self.route = frame, route
        self.groups = sorted(frame["unit"].unique())
        labels = (*OPTIONS, "", "not_asked")
        self.index = {k: n for n, k in enumerate(product(self.groups, ("p", "q"), labels))}
        self.rows: list[np.ndarray[Any, Any]] = []
        self.sums: list[float] = []

    def vector(self, unit: str, item: str, labels: tuple[str, ...]) -> np.ndarray[Any, Any]:
        found = np.zeros(len(self.index))
        for group in self.groups if unit == "all" else [unit]:
            found[[self.index[group, item, label] for label in labels]] = 1
        return found

    def count(self, unit: str, item: str, labels: tuple[str, ...]) -> int:
        own = self.frame if unit == "all" else self.frame.loc[self.frame["unit"] == unit]
        cells = own[item].where((own["p"] == "si") | (item == "p") | (not self.route), "not_asked")
        return int(cells.isin(labels).sum())

    def know(self, row: np.ndarray[Any, Any], total: float) -> None:
        self.rows.append(row)
        self.sums.append(total)

    def learn(self, tables: list[pd.DataFrame], rests: pd.DataFrame) -> None:
        every = (*OPTIONS, "", "not_asked")
        for group in self.groups:  # the same people face both questions
            self.know(self.vector(group, "p", every) - self.vector(group, "q", every), 0)
            self.know(self.vector(group, "p", ("not_asked",)), 0)
            if self.route:
                asked = self.vector(group, "q", (*OPTIONS, ""))
                self.know(asked - self.vector(group, "p", ("si",)), 0)
            else:
                self.know(self.vector(group, "q", ("not_asked",)), 0)
        for row in rests.itertuples():
            said = self.vector(row.unit, row.item, OPTIONS)
            if not np.isnan(row.answered):
                self.know(said, row.answered)
            if not np.isnan(row.asked):
                self.know(self.vector(row.unit, row.item, (*OPTIONS, "")), row.asked)
            if row.code in CODES and not np.isnan(row.value):  # a share, of a base known or not
                item, option = CODES[row.code]
                self.know(self.vector(row.unit, item, (option,)) - row.value / 100 * said, 0)
        for row in pd.concat(tables).itertuples():
            if row.code == "n":
                self.know(self.vector(row.unit, "p", every), row.value)
            if row.code == "q_n":
                self.know(self.vector(row.unit, "q", OPTIONS), row.value)

    def interval(self, target: np.ndarray[Any, Any]) -> tuple[float, float]:
        ends = []
        for sign in (1, -1):
            found = linprog(sign * target, A_eq=np.array(self.rows), b_eq=self.sums, method="highs")
            assert found.status in (0, 3), found.message
            ends.append(sign * found.fun if found.status == 0 else np.inf)
        return ends[0], ends[1]

    def is_unique(self, target: np.ndarray[Any, Any]) -> bool:
        matrix = np.array(self.rows)
        rank = np.linalg.matrix_rank(matrix, tol=1e-8)
        return bool(np.linalg.matrix_rank(np.vstack([matrix, target]), tol=1e-8) == rank)


people = st.lists(
    st.tuples(st.sampled_from(UNITS), st.sampled_from((*OPTIONS, "")), st.sampled_from((*OPTIONS, ""))),
    min_size=1, max_size=60,
)  # fmt: skip


@given(people, st.booleans(), st.sampled_from([0.0, 0.6, 0.9]), st.integers(0, 10**6))
@settings(max_examples=60, deadline=None)
def test_no_small_count_can_be_worked_out(
    drawn: list[tuple[str, str, str]], route: bool, leaning: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    rows = [(u, "si" if rng.random() < leaning else p, q) for u, p, q in drawn]
    rows = [(u, p, q if p == "si" or not route else "") for u, p, q in rows]
    frame = pd.DataFrame(rows, columns=["unit", "p", "q"]).astype(object)
    frame["id"], frame["h"], frame["land"] = [f"i{n}" for n in range(len(frame))], "1", "all"
    attacker = Attacker(frame, route=route)
    attacker.learn(*_published(frame, route=route))
    for unit in (*attacker.groups, "all"):
        for item, labels in (
            ("p", OPTIONS), ("p", ("si",)), ("p", ("no",)), ("p", ("si", "tal")),
            ("p", ("no", "tal")), ("q", OPTIONS), ("q", ("si",)), ("q", ("no", "tal")),
            ("p", (*OPTIONS, "")), ("q", (*OPTIONS, "")),
        ):  # fmt: skip
            if not 0 < attacker.count(unit, item, labels) < N:
                continue
            target = attacker.vector(unit, item, labels)
            assert not attacker.is_unique(target), (unit, item, labels)
            low, high = attacker.interval(target)
            assert low <= 1 + 1e-6, (unit, item, labels, low, high)
            assert high >= N - 1 - 1e-6, (unit, item, labels, low, high)


def test_the_attacker_finds_what_is_not_suppressed() -> None:
    """The test above is no test unless its attacker can do it."""
    rows = [("a", "si", "si")] * 3 + [("b", "no", "si")] * 20
    frame = pd.DataFrame(rows, columns=["unit", "p", "q"]).astype(object)
    attacker = Attacker(frame, route=False)
    rests = pd.DataFrame(
        [("b", "p", 20, 20, "p_si", 0.0), ("all", "p", 23, 23, "p_si", np.nan)],
        columns=["unit", "item", "answered", "asked", "code", "value"],
    )
    attacker.learn([pd.DataFrame({"unit": [], "code": [], "value": []})], rests)
    assert attacker.is_unique(attacker.vector("a", "p", OPTIONS))


def _table(counts: dict[tuple[str, str], int]) -> str:
    """A table of respondents: unit and answer, so many of each."""
    rows = [key for key, n in counts.items() for _ in range(n)]
    return "id,unit,p1\n" + "".join(f"{n},{u},{a}\n" for n, (u, a) in enumerate(rows, 1))


def _study(project: Project, table: str, threshold: int | None = N) -> Project:
    survey(project, table=table, more="    withheld: ND\n    gives: {luz: respondents}\n")
    own = "" if threshold is None else f"privacy: {{threshold: {threshold}}}\n"
    project.study = project.study.replace("privacy: {threshold: 1, texts: [remark]}\n", own)
    return project


def test_small_cells_are_suppressed_in_words_and_nowhere_else_told(
    project: Project, tmp_path: Path
) -> None:
    counts = {("01001", "si"): 12, ("01001", "no"): 9, ("01002", "si"): 2, ("01002", "no"): 1}
    study = _study(project, _table(counts), None).open()  # the default is five
    assert values(study)["01001", "agua"] == pytest.approx(100 * 12 / 21)
    assert np.isnan(values(study)["01002", "agua"])
    assert np.isnan(values(study)["01002", "luz"])
    view = study.view("01002")
    assert (view.surveys[0].answered, view.surveys[0].asked, view.surveys[0].value) == (None,) * 3
    shown = repr(municipality.areas(view))
    assert "suprimido" in shown
    assert "menos de 5 respuestas" in shown
    assert not any("3 " in w.message.text("es-MX") for w in study.warnings)
    assert {w.kind for w in study.warnings} == {"survey_suppressed"}


def test_few_on_one_side_of_a_share_are_suppressed_too(project: Project) -> None:
    counts = {("01001", "si"): 30, ("01001", "no"): 1, ("01002", "si"): 10, ("01002", "no"): 0}
    found = values(_study(project, _table(counts)).open())
    assert np.isnan(found["01001", "agua"])
    assert found["01001", "luz"] == 31
    assert found["01002", "agua"] == 100  # nobody is no person


def test_a_threshold_of_one_suppresses_nothing(project: Project) -> None:
    counts = {("01001", "si"): 2, ("01001", "no"): 1}
    assert values(_study(project, _table(counts), 1).open())["01001", "luz"] == 3


def test_what_people_wrote_is_not_published_unless_it_is_named(project: Project) -> None:
    items = """
      remark: {title: Algo más, text: true, gives: {agua: quotes}}
"""
    survey(project, items=items)
    project.study = project.study.replace(", texts: [remark]", "")
    error = project.error()
    assert "privacy" in error.problems[0].text()
    assert "Ana" not in error.text()
