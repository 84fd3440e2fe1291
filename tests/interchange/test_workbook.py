"""The exported workbook, computed by the package ``formulas`` and compared with the scoring."""

import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from openpyxl import load_workbook

from tests.forms.evaluating import Evaluator
from tests.interchange.recomputing import ABOUT, ANSWERS, SCORES, Recomputed, changed_scores
from tests.support import Project
from workbench.errors import Reason, WorkbenchError
from workbench.interchange import workbook as books
from workbench.interchange.workbook import workbook
from workbench.scoring import prepare
from workbench.study import Study

# One unit of each study whose workbook is computed in a second or two, and the rules it shows.
QUICK = {
    "bm-ejecucion": "no result",
    "capacidad-ejemplo": "conditions",
    "cfo-certificacion": "benchmarks",
    "comparacion-ejemplo": "measures",
    "compranet-encuesta": "a survey",
    "encuesta-ejemplo": "a survey with small cells",
    "fortaleza-ejemplo": "means with gaps",
    "icma-asociaciones": "outputs",
    "mepp-programas": "undefined measures",
    "onmr-subnacional": "unknown weights and measures",
    "portal-presupuesto": "means of measures",
}
LONG = {
    "asociaciones-ejemplo": "suppositions",
    "autoevaluacion-ejemplo": "options",
    "certificacion-medicion-ejemplo": "conditions over numbers",
    "gopi-ejemplo": "statements",
    "migestion-ejemplo": "unknown weights",
    "programa-ejemplo": "a programme",
    "reconocimiento-ejemplo": "a share of a single",
    "transparencia-31-ejemplo": "points",
    "base-institucional-ejemplo": "checklists",
    "certeza-ejemplo": "a threshold of weight",
    "cimtra-monterrey": "points of a deep tree",
    "cuadrantes-ejemplo": "two parents, reviews once",
    "gdm-ejemplo": "checklists, gates, suppositions, look-ups",
    "gdm-slp-2025": "tallies beside reported results",
    "icma-resultados": "shares of benchmarks",
    "pefa-subnacional-ejemplo": "grades by M1 and M2",
}
REPLICATIONS = (
    "conapo-acp", "conapo-estatal", "conapo-municipal", "idf-colombia", "idh-pnud", "idhm", "iegm",
    "mdd-colombia", "metrica-gobierno-abierto", "ranking-guatemala",
)  # fmt: skip


def one_unit(study: Study) -> tuple[str, ...]:
    """Return a unit from the middle of a study."""
    units = sorted(study.scores.units)
    return (units[len(units) // 2],)


def check(study: Study) -> None:
    """Check that every result of one unit is what the scoring gives, and nothing is silent."""
    made = Recomputed(study, one_unit(study))
    assert made.differences() == []
    assert made.agrees() == {1.0}


@pytest.mark.parametrize("name", QUICK)
def test_every_result_is_recomputed(name: str) -> None:
    check(Study.open(f"params/{name}.yml"))


@pytest.mark.slow
@pytest.mark.parametrize("name", LONG)
def test_every_result_of_a_long_instrument_is_recomputed(name: str) -> None:
    check(Study.open(f"params/{name}.yml"))


@pytest.mark.slow
@pytest.mark.parametrize("name", REPLICATIONS)
def test_every_published_index_is_recomputed(name: str, shared: Path) -> None:
    check(Study.open(f"params/replications/{name}.yml"))


CHANGES = ("capacidad-ejemplo", "fortaleza-ejemplo", "portal-presupuesto")
LONG_CHANGES = ("gdm-ejemplo", "transparencia-31-ejemplo")


def check_change(study: Study, to: float | None) -> None:
    """Check that the workbook of another answer gives what the scoring gives of it."""
    unit = one_unit(study)[0]
    frame = study.scored_observations.frame
    asked = [
        c
        for c, o in study.instrument.observables.items()
        if o.kind in ("indicator", "element", "variable")
    ]
    here = (frame["unit"] == unit) & (frame["value"] > 0) & (frame["state"] == "")
    first = frame.loc[here & frame["code"].isin(asked)].iloc[-1]
    code, wave = str(first["code"]), str(first["wave"])
    made = Recomputed(study, (unit,))
    sheet = made.book.worksheets[ANSWERS]
    sheet.cell(made.row_of(code, wave), 7).value = to
    expected = changed_scores(study, unit, wave, code, to)
    assert made.differences(expected) == []
    at = study.scores.row(unit, wave), expected.row(unit, wave)
    pairs = [
        (r.score[at[0]], expected.results[n].score[at[1]]) for n, r in study.scores.results.items()
    ]
    moved = [a for a, b in pairs if not np.array_equal(a, b, equal_nan=True)]
    assert moved, "the answer changes nothing, so the test shows nothing"


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("to", [0.0, None], ids=["zero", "nothing"])
def test_a_changed_answer_changes_what_the_workbench_says_it_does(
    name: str, to: float | None
) -> None:
    check_change(Study.open(f"params/{name}.yml"), to)


@pytest.mark.slow
@pytest.mark.parametrize("name", LONG_CHANGES)
def test_a_changed_answer_of_a_long_instrument_does_so_too(name: str) -> None:
    for to in (0.0, None):
        check_change(Study.open(f"params/{name}.yml"), to)


def test_a_changed_grade_changes_what_it_leads_to() -> None:
    study = Study.open("params/pefa-subnacional-ejemplo.yml")
    unit = one_unit(study)[0]
    frame = study.scored_observations.frame
    given = frame.loc[(frame["unit"] == unit) & (frame["state"] == "A")].iloc[0]
    code, wave = str(given["code"]), str(given["wave"])
    parent = study.instrument.nodes[code].parents[0]
    made = Recomputed(study, (unit,))
    made.book.worksheets[ANSWERS].cell(made.row_of(code, wave), 7).value = "D"
    observed = study.scored_observations
    states = frame["state"].astype(str)
    states[given.name] = "D"
    other = replace(observed, frame=frame.assign(state=states.astype("category")))
    expected = prepare(other).score(study.instrument, study.calibration)
    evaluate, sheet = Evaluator(made.book), made.book.worksheets[SCORES]
    levels = study.instrument.levels_of(parent)
    row = next(
        r for r in range(2, sheet.max_row + 1)
        if (sheet.cell(r, 4).value, sheet.cell(r, 3).value) == (parent, wave)
    )  # fmt: skip
    now = expected.results[parent].level[expected.row(unit, wave)]
    before = study.scores.results[parent].level[study.scores.row(unit, wave)]
    assert now != before
    assert evaluate(sheet.title, row, 15) == now + 1
    assert evaluate(sheet.title, row, 16) == study.instrument.text(levels[now].title, "es-MX")


NORMALISERS = {
    "minmax": "{method: min_max}",
    "ends": "{method: min_max, range: [1, 10], percentiles: [10, 90], cap: true}",
    "logged": "{method: min_max, log: true}",
    "treated": "{method: min_max, treat: {method: percentiles, at: [10, 90]}}",
    "posts": "{method: goalposts, lower: 10, upper: 80}",
    "logposts": "{method: goalposts, lower: 1, upper: 80, log: true}",
    "zscore": "{method: z_score, mean: 50, sd: 10, limit: 1.2}",
    "ranks": "{method: rank}",
    "bordas": "{method: borda}",
    "halves": "{method: percentile_rank}",
    "belows": "{method: percentile_rank, counts: below}",
    "uptos": "{method: percentile_rank, counts: up_to}",
    "target": "{method: distance_to_target, target: 90}",
    "nearest": '{method: distance_to_reference, unit: "01003"}',
    "best": "{method: distance_to_maximum}",
    "ratios": "{method: ratio, to: median}",
    "quarters": "{method: classes, points: [1, 2, 3, 4]}",
    "scaling": "{method: scaled, lower: 5, upper: 50, scale: 10}",
    "within": "{method: min_max, scope: wave}",
}
LESS = ("minmax", "zscore", "ranks", "posts", "ratios", "belows", "quarters")
MEANS = ("arithmetic", "geometric", "harmonic", "median", "minimum", "maximum", "sum")


def every_rule() -> str:
    """Return an instrument with every normalisation, both ways, and every mean of parts."""
    tiers = "".join(
        f"  - {{id: {m}, title: {m}, plural: {m}, aggregate: {{method: {m}, min_availability: 0.4}}}}\n"
        for m in MEANS
    )
    tiers += (
        "  - {id: power, title: p, plural: p, aggregate: {method: power, exponent: -2, "
        "min_availability: 0.4, min_parts: 0.6}}\n"
        "  - {id: cubes, title: p, plural: p, aggregate: {method: power, exponent: 3, floor: 20, "
        "cap: 60, round: 1, min_availability: 0}}\n"
        "  - {id: spread, title: s, plural: s, aggregate: {method: formula, formula: "
        "'mean(scores()) - 0.5 * sd(scores()) + max(0, count(scores()) - 3)', "
        "min_availability: 0.3}}\n"
        "  - {id: copeland, title: c, plural: c, aggregate: {method: copeland}}\n"
        "  - {id: pca, title: c, plural: c, aggregate: {method: first_component, scope: pooled}}\n"
        "  - {id: dp, title: c, plural: c, aggregate: {method: dp2, scope: pooled, relative_to: 50}}\n"
    )
    groups = [*MEANS, "power", "cubes", "spread", "copeland", "pca", "dp"]
    nodes = "".join(f"  - {{code: g.{g}, tier: {g}, title: {g}}}\n" for g in groups)
    nodes = nodes.replace(
        "tier: arithmetic,",
        "tier: arithmetic, levels: {scale: semaforo, strata: {method: quantiles, scope: pooled}},",
    ).replace(
        "tier: sum,",
        "tier: sum, levels: {scale: semaforo, strata: {method: dalenius_hodges, scope: pooled, "
        "classes: 5}},",
    )
    parents = ", ".join(f"g.{g}" for g in groups)
    rows = "".join(
        f"  - {{code: p{n}, kind: score, title: p{n}, parent: [{parents}], weight: "
        f"{{{', '.join(f'g.{g}: {n}' for g in groups)}}}}}\n"
        for n in (1, 2, 3, 4)
    )
    rows += "".join(
        f"  - {{code: {name}.{sign}, kind: score, title: {name}, direction: {way}, "
        f"normalise: {rule}}}\n"
        for name, rule in NORMALISERS.items()
        for sign, way in (("up", 1), *((("down", -1),) if name in LESS else ()))
    )
    head = Project(Path()).instrument.split("tiers:")[0]
    return f"{head}tiers:\n{tiers}headline: [g.arithmetic]\nnodes:\n{nodes}indicators:\n{rows}"


def test_every_normalisation_and_mean_has_a_formula(tmp_path: Path) -> None:
    # The numbers are made up, with ties, zeros and holes.
    random = np.random.default_rng(20251201)
    units = [f"010{n:02d}" for n in range(1, 13)]
    names = [
        f"{name}.{s}" for name in NORMALISERS for s in ("up", *(("down",) if name in LESS else ()))
    ]
    lines = ["unit,code,value"]
    for unit in units:
        for code in [*names, "p1", "p2", "p3", "p4"]:
            value = float(random.integers(2, 19)) * 5.0
            hole = unit in units[:2] and random.random() < 0.3
            zero = code == "p1" and unit == "01002"
            if not hole:
                lines.append(f"{unit},{code},{0 if zero else value}")
    study = Project(
        tmp_path,
        every_rule(),
        "unit,name,population\n" + "".join(f"{u},M{u},1000\n" for u in units),
        "\n".join(lines) + "\n",
    ).open(locale="en")
    made = Recomputed(study, ("01001", "01002", "01007"))
    assert made.differences() == []
    # What has no formula is told, and nothing else is a value.
    assert made.values() == {
        "value, no formula: units are compared two by two, each with all the others": 3
    }


def test_a_text_that_begins_like_a_formula_stays_a_text(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.units = str(project.units).replace("Aguas", '"=HYPERLINK(""http://x"",""y"")"')
    project.study = project.study.replace("author: Tester", "author: '=1+1'")
    study = project.open()
    book = load_workbook(BytesIO(workbook(study, "run")))
    hostile = [
        c
        for ws in book
        for row in ws.iter_rows()
        for c in row
        if str(c.value)[:3] in ("=HY", "=1+")
    ]
    assert len(hostile) > 3
    assert {c.data_type for c in hostile} == {"s"}


def test_the_workbook_is_the_same_bytes_every_time_and_has_no_links(tmp_path: Path) -> None:
    study = Project(tmp_path).open()
    made = [workbook(study, "run") for _ in range(2)]
    assert made[0] == made[1]
    with zipfile.ZipFile(BytesIO(made[0])) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert not [name for name in archive.namelist() if "external" in name.lower()]
    for sheet in load_workbook(BytesIO(made[0])):
        text = " ".join(
            str(c.value) for row in sheet.iter_rows() for c in row if c.data_type == "f"
        )
        for volatile in ("NOW(", "TODAY(", "RAND", "OFFSET(", "INDIRECT(", "FILTER(", "LET("):
            assert volatile not in text


def test_the_first_sheet_says_whether_all_agree(tmp_path: Path) -> None:
    study = Project(tmp_path).open(locale="en")
    made = Recomputed(study)
    about = made.book.worksheets[ABOUT]
    row = next(r for r in range(1, 30) if about.cell(r, 1).value == "Do all results agree?")
    assert Evaluator(made.book)(about.title, row, 2) == (
        "Yes: all 6 results agree with those of the workbench."
    )
    made.book.worksheets[ANSWERS].cell(made.row_of("agua", "2025"), 7).value = 10
    assert str(Evaluator(made.book)(about.title, row, 2)).startswith("2 of 6 results differ")


def test_a_changed_weight_changes_the_scores(tmp_path: Path) -> None:
    study = Project(tmp_path).open()
    made = Recomputed(study, ("01001",))
    tree = made.book.worksheets[3]
    row = next(r for r in range(2, 9) if tree.cell(r, 1).value == "agua")
    tree.cell(row, 4).value = 3
    sheet = made.book.worksheets[SCORES]
    assert Evaluator(made.book)(sheet.title, 2, 14) == pytest.approx((3 * 80 + 60) / 4)


def test_a_workbook_too_large_is_refused_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(books, "MOST_CELLS", 150)
    study = Project(tmp_path).open()
    with pytest.raises(WorkbenchError) as caught:
        workbook(study, "run")
    problem = caught.value.problems[0]
    assert problem.reason is Reason.FILE_TOO_LARGE
    assert "--unit" in problem.fix.text("en")  # type: ignore[union-attr]
    assert workbook(study, "run", ("01001",))


def test_a_unit_that_was_not_observed_is_told(tmp_path: Path) -> None:
    with pytest.raises(WorkbenchError) as caught:
        workbook(Project(tmp_path).open(), "run", ("01004",))
    assert caught.value.problems[0].reason is Reason.UNIT_UNKNOWN
