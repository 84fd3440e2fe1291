"""Runs: planned, rendered once, recorded, resumed; failures that cost one report."""

from __future__ import annotations

import html
import json
import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.support import OBSERVATIONS, Project
from workbench.errors import Reason, WorkbenchError
from workbench.runs.crate import crate_text
from workbench.runs.engine import NotebookFailedError, clean, execute_standard
from workbench.runs.files import write_whole
from workbench.runs.ledger import LEDGER, Entry, append_entry, is_current, read_ledger
from workbench.runs.listing import make_listing
from workbench.runs.lock import locked
from workbench.runs.outline import outline
from workbench.runs.parameters import check_parameters, notebook_parameters, read_notebook
from workbench.runs.plan import Plan, make_plan, parse_formats
from workbench.runs.press import PressDiedError
from workbench.runs.provenance import make_manifest
from workbench.runs.render import Workplace, render_report
from workbench.runs.run import execute_plan
from workbench.specs.manifest import Manifest
from workbench.specs.version import MIMETYPE
from workbench.study import Study

NOTEBOOK = """
from workbench import Study
from workbench.display import municipality as report
view = Study.open(study, locale=locale).view(unit)
report.cover(view)
"""


def notebook(parameters: str, *cells: str) -> Any:
    v4 = nbformat.v4
    first = v4.new_code_cell(parameters, metadata={"tags": ["parameters"]})
    node = v4.new_notebook(cells=[first, *(v4.new_code_cell(c) for c in cells)])
    node.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    return node


@pytest.fixture
def small(project: Project) -> Project:
    """A project of two units with small notebooks."""
    project.write()
    folder = project.path / "notebooks"
    folder.mkdir()
    unit = notebook('study = ""\nunit = ""\nlocale = "es-MX"', NOTEBOOK)
    cohort = notebook(
        'study = ""\nlocale = "es-MX"',
        NOTEBOOK.replace(".view(unit)", ".cohort_view()").replace("municipality", "cohort"),
    )
    nbformat.write(unit, folder / "municipality.ipynb")
    nbformat.write(cohort, folder / "cohort.ipynb")
    return project


def plan_of(small: Project, **options: Any) -> Plan:
    return make_plan(Study.open(small.write()), **options)


def instant(path: Path, parameters: dict[str, Any], root: Path, run: Path, seconds: int) -> Any:
    """Stand in for the engine: the notebook comes back with one display."""
    node = nbformat.read(path, as_version=4)
    model = {
        "version": 1,
        "locale": "es-MX",
        "blocks": [{"kind": "heading", "text": str(parameters), "level": 1}],
    }
    node.cells[-1].outputs = [
        nbformat.v4.new_output("display_data", data={MIMETYPE: model, "text/plain": ""})
    ]
    return clean(node)


def place_of(plan: Plan) -> Workplace:
    return Workplace(plan.study.root, plan.run, plan.run_id, 60)


# -- plan -------------------------------------------------------------------------------------------


def test_plan_names_every_report(small: Project) -> None:
    plan = plan_of(small)
    assert [(j.key, j.kind, j.why) for j in plan.jobs] == [
        ("01001", "unit", "new"), ("01002", "unit", "new"), ("cohort", "cohort", "new"),
    ]  # fmt: skip
    assert plan.jobs[0].parameters == {
        "study": "params/estudio.yml",
        "locale": "es-MX",
        "unit": "01001",
    }
    assert plan.run == small.path / "outputs" / "estudio"


def test_plan_names_the_notebooks_that_are_run_with_their_hashes(small: Project) -> None:
    plan = plan_of(small, units=["01001"])
    whole = sha256((small.path / "notebooks/municipality.ipynb").read_bytes()).hexdigest()
    assert plan.notebooks == {"notebooks/municipality.ipynb": whole}
    assert outline(plan)["notebooks"] == plan.notebooks


@pytest.mark.parametrize("how", ["up", "absolute", "link", "linked folder"])
def test_a_notebook_from_outside_of_the_project_is_not_run(
    small: Project, how: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "unit.ipynb"
    shutil.copyfile(small.path / "notebooks/municipality.ipynb", outside)
    name = {"up": os.path.relpath(outside, small.path), "absolute": str(outside)}.get(how, "")
    if how == "link":
        name = "notebooks/linked.ipynb"
        (small.path / name).symlink_to(outside)
    elif how == "linked folder":
        (small.path / "more").symlink_to(outside.parent)
        name = "more/unit.ipynb"
    small.study += f"notebooks: {{unit: {json.dumps(name)}}}\n"
    with pytest.raises(WorkbenchError) as caught:
        plan_of(small)
    problem = caught.value.problems[0]
    assert problem.reason == Reason.RUN
    assert "outside of the project" in problem.what.text()
    assert problem.got == name


def test_one_unit_alone_keeps_its_place_among_all(small: Project) -> None:
    alone = plan_of(small, units=["01002"])
    assert [j.key for j in alone.jobs] == ["01002"]
    everyone = plan_of(small)
    assert alone.views["01002"] == everyone.views["01002"]
    assert alone.jobs[0].fingerprint == everyone.jobs[1].fingerprint


def test_another_language_has_its_own_folder(small: Project) -> None:
    plan = make_plan(Study.open(small.write(), locale="en"))
    assert plan.run.name == "estudio.en"
    assert plan.run_id != plan_of(small).run_id


@pytest.mark.parametrize("change", ["data", "study", "instrument", "notebook"])
def test_the_id_of_a_run_is_that_of_its_inputs(small: Project, change: str) -> None:
    before = plan_of(small).run_id
    assert plan_of(small).run_id == before
    if change == "data":
        small.observations = OBSERVATIONS.replace("80", "81")
    elif change == "study":
        small.study = small.study.replace("Tester", "Otra")
    elif change == "instrument":
        small.instrument = small.instrument.replace("publisher: Nobody", "publisher: Somebody")
    else:
        path = small.path / "notebooks/cohort.ipynb"
        path.write_text(path.read_text().replace("report", "informe"))
    assert plan_of(small).run_id != before


def test_an_earlier_study_is_an_input(small: Project) -> None:
    small.write()
    earlier = small.path / "params/antes.yml"
    data = small.path / "data/antes.csv"
    text = small.study.replace("id: estudio", "id: antes")
    earlier.write_text(text.replace("data/observations.csv", "data/antes.csv"), encoding="utf-8")
    data.write_text(OBSERVATIONS, encoding="utf-8")
    small.study += "earlier: [params/antes.yml]\n"
    plan = plan_of(small)
    assert {"params/antes.yml", "data/antes.csv"} <= set(plan.inputs)
    data.write_text(OBSERVATIONS.replace("80", "81"), encoding="utf-8")
    again = plan_of(small)
    assert again.run_id != plan.run_id
    assert again.jobs[0].fingerprint != plan.jobs[0].fingerprint


def test_formats() -> None:
    assert parse_formats("pdf,html") == ("html", "pdf")
    assert parse_formats("ipynb,html") == ("ipynb", "html")
    with pytest.raises(WorkbenchError, match="no format is named"):
        parse_formats(" ,")
    with pytest.raises(WorkbenchError, match="unknown format"):
        parse_formats("htm")


def test_a_missing_notebook_is_an_error(small: Project) -> None:
    small.study += "notebooks: {unit: notebooks/municipalit.ipynb}\n"
    with pytest.raises(WorkbenchError, match=r"Did you mean municipality\.ipynb"):
        plan_of(small)


def test_unknown_parameters_are_refused(root: Path) -> None:
    node = read_notebook(root / "notebooks/municipality.ipynb", "n")
    assert notebook_parameters(node) == ["study", "unit", "locale"]
    with pytest.raises(WorkbenchError, match="Did you mean locale"):
        check_parameters(node, "n", {"local": "x"})


@pytest.mark.parametrize("text", ["", "{}", "no", '{"cells": 3}'])
def test_what_is_no_notebook(tmp_path: Path, text: str) -> None:
    path = tmp_path / "n.ipynb"
    path.write_text(text)
    with pytest.raises(WorkbenchError) as caught:
        read_notebook(path, "n.ipynb")
    assert caught.value.reason == Reason.FILE_FORMAT


# -- rendering --------------------------------------------------------------------------------------


def test_a_report_is_written_whole_and_hashed(small: Project) -> None:
    plan = plan_of(small)
    entry = render_report(plan.jobs[0], place_of(plan), instant)
    assert entry.status == "done"
    assert sorted(entry.files) == [f"reports/01001/report.{f}" for f in ("html", "ipynb", "pdf")]
    assert sorted(p.name for p in (plan.run / "reports/01001").iterdir()) == [
        "report.html",
        "report.ipynb",
        "report.pdf",
    ]


def test_a_format_not_asked_for_stays_while_it_is_current(small: Project) -> None:
    plan = plan_of(small)
    entry = render_report(plan.jobs[0], place_of(plan), instant)
    append_entry(plan.run, entry)
    path = "reports/01001/report.pdf"
    before = (plan.run / path).read_bytes()
    only = plan_of(small, formats=("ipynb", "html"), force=True)
    assert (only.jobs[0].why, only.jobs[0].stale) == ("forced", ())
    again = render_report(only.jobs[0], place_of(only), instant)
    append_entry(plan.run, again)
    assert (plan.run / path).read_bytes() == before
    assert again.files == entry.files  # the index goes on linking it
    assert plan_of(small).jobs[0].why == ""


@pytest.mark.parametrize("change", ["data", "file"])
def test_a_format_not_asked_for_goes_once_it_is_stale(small: Project, change: str) -> None:
    """An old PDF beside a new page misleads; the plan says beforehand that it goes."""
    plan = plan_of(small)
    append_entry(plan.run, render_report(plan.jobs[0], place_of(plan), instant))
    pdf = plan.run / "reports/01001/report.pdf"
    if change == "data":
        small.observations = OBSERVATIONS.replace("01001,agua,80", "01001,agua,82")
    else:
        pdf.write_bytes(b"something else")
    only = plan_of(small, formats=("ipynb", "html"), force=True)
    assert only.jobs[0].why == "forced; removes stale pdf"
    entry = render_report(only.jobs[0], place_of(only), instant)
    assert not pdf.exists()
    assert sorted(entry.files) == [f"reports/01001/report.{f}" for f in ("html", "ipynb")]


def failing(reason: str) -> Any:
    def execute(path: Path, *rest: Any) -> Any:
        raise NotebookFailedError(reason, nbformat.read(path, as_version=4))

    return execute


def test_a_failure_keeps_the_notebook_and_nothing_old(small: Project) -> None:
    plan = plan_of(small)
    render_report(plan.jobs[0], place_of(plan), instant)
    entry = render_report(plan.jobs[0], place_of(plan), failing("ValueError: no"))
    assert (entry.status, entry.reason, entry.files) == ("failed", "ValueError: no", {})
    assert [p.name for p in (plan.run / "reports/01001").iterdir()] == ["report.failed.ipynb"]


def test_no_error_leaves_a_report(small: Project) -> None:
    def broken(*_: Any) -> Any:
        msg = "inside"
        raise KeyError(msg)

    plan = plan_of(small)
    entry = render_report(plan.jobs[0], place_of(plan), broken)
    assert entry.status == "failed"
    assert "KeyError: 'inside' (test_run.py:" in entry.reason


def test_a_press_that_died_is_the_end_of_a_process(small: Project) -> None:
    """So it is tried again, as where any process died."""

    def died(*_: Any) -> bytes:
        raise PressDiedError("SIGSEGV", -11)

    plan = plan_of(small)
    entry = render_report(plan.jobs[0], place_of(plan), instant, compiled=died)
    assert (entry.status, entry.signal, entry.files) == ("failed", "SIGSEGV", {})
    assert entry.reason.endswith("the process that made its PDF ended by SIGSEGV")
    assert (plan.run / "reports/01001/report.failed.ipynb").is_file()


# -- ledger -----------------------------------------------------------------------------------------


def test_what_must_be_rendered_and_why(small: Project) -> None:
    plan = plan_of(small)
    job = plan.jobs[0]
    entry = render_report(job, place_of(plan), instant)

    def why(key: str | None = None, files: list[str] | None = None) -> str:
        return is_current(plan.run, entry, key or job.fingerprint, files or job.files())

    assert why() == ""
    assert why(key="other") == "changed"
    assert why(files=[*job.files(), "reports/01001/report.docx"]) == "format missing"
    assert is_current(plan.run, None, job.fingerprint, job.files()) == "new"
    page = plan.run / "reports/01001/report.html"
    page.write_text(page.read_text() + " ")
    assert why() == "damaged"
    page.unlink()
    assert why() == "file missing"


def test_a_cut_line_of_the_ledger_is_passed_over(tmp_path: Path) -> None:
    good = Entry("a", "k", "done", {}, "r", 1.0, "standard")
    append_entry(tmp_path, good)
    with (tmp_path / LEDGER).open("a") as file:
        file.write('{"job": "b", "key"')
    assert read_ledger(tmp_path) == {"a": good}
    # What comes next does not glue to it.
    other = Entry("b", "k", "failed", {}, "r", 1.0, "standard", "a\u2028b\nc")
    append_entry(tmp_path, other, good)
    assert read_ledger(tmp_path) == {"a": good, "b": other}
    assert len((tmp_path / LEDGER).read_bytes().split(b"\n")) == 5


def test_a_run_folder_has_one_writer(tmp_path: Path) -> None:
    hold = "import sys; from pathlib import Path; from workbench.runs.lock import locked\nwith locked(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", hold, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(WorkbenchError, match=f"process {holder.pid}"), locked(tmp_path):
            pass
        # The number in a file that nobody holds says nothing: it may be anybody's by now.
        holder.kill()
        holder.wait()
    left = (tmp_path / ".lock").read_text().split("\n")
    assert left[0] == str(holder.pid)
    assert Path(left[1]).is_dir()
    (tmp_path / ".lock").write_text(f"{os.getppid()}\n{left[1]}\n")
    with locked(tmp_path) as temporary:
        lines = (tmp_path / ".lock").read_text().split("\n")
        assert lines[:2] == [str(os.getpid()), str(temporary)]
        assert not Path(left[1]).exists()
    assert not (tmp_path / ".lock").exists()


def test_a_folder_that_cannot_be_written(small: Project) -> None:
    blocked = small.path / "file"
    blocked.write_text("in the way")
    with pytest.raises(WorkbenchError) as caught:
        execute_plan(plan_of(small, out=blocked))
    assert caught.value.reason == Reason.FILE_NOT_WRITABLE


def test_half_written_files_are_never_seen(tmp_path: Path) -> None:
    write_whole(tmp_path / "a" / "f.txt", "whole")
    assert [p.name for p in (tmp_path / "a").iterdir()] == ["f.txt"]


# -- the whole way ----------------------------------------------------------------------------------


def test_a_run_and_its_second_time(small: Project) -> None:
    plan = plan_of(small, formats=("ipynb", "html"))
    outcome = execute_plan(plan, workers=1)
    assert (outcome.rendered, outcome.current, outcome.failed) == (3, 0, 0)
    run = plan.run
    names = {p.relative_to(run).as_posix() for p in run.rglob("*") if p.is_file()}
    assert {
        "index.html",
        "manifest.json",
        "ro-crate-metadata.json",
        "ledger.jsonl",
        "failures.csv",
    } <= names
    assert {
        "data/scores.csv",
        "data/scores.parquet",
        "data/calibration.json",
        "data/views/01001.json",
    } <= names
    assert not any(".tmp-" in n or ".lock" in n for n in names)
    manifest = Manifest.model_validate_json((run / "manifest.json").read_text())
    assert manifest.run_id == plan.run_id
    assert [r.key for r in manifest.reports] == ["01001", "01002", "cohort"]
    assert plan.run_id in (run / "data/views/01001.json").read_text()
    page = (run / "reports/01001/report.html").read_text()
    assert "Aguas" in page
    index = (run / "index.html").read_text()
    assert 'href="reports/01002/report.html"' in index
    assert "report.pdf" not in index

    again = plan_of(small, formats=("ipynb", "html"))
    assert [j.why for j in again.jobs] == ["", "", ""]
    small.observations = OBSERVATIONS.replace("01001,agua,80", "01001,agua,82")
    changed = plan_of(small, formats=("ipynb", "html"))
    assert [j.why for j in changed.jobs] == [
        "changed: data", "changed: data", "changed: data, inputs",
    ]  # fmt: skip


def test_a_crate_names_every_report(small: Project) -> None:
    plan = plan_of(small, formats=("ipynb",))
    execute_plan(plan, workers=1)
    graph = json.loads((plan.run / "ro-crate-metadata.json").read_text())["@graph"]
    actions = [e for e in graph if e["@type"] == "CreateAction"]
    assert [a["@id"] for a in actions][-1] == "#scoring"
    assert len(actions) == 4
    assert all(a["instrument"] == {"@id": "#workbench"} for a in actions)
    root = next(e for e in graph if e["@id"] == "./")
    assert root["datePublished"] == "2025-01-31"
    author = next(e for e in graph if e["@id"] == "#author")
    assert (author["@type"], author["name"]) == ("Person", "Tester")


def test_an_organization_is_no_person(small: Project) -> None:
    plan = plan_of(small, formats=("ipynb",))
    made = make_manifest(plan, make_listing(plan), {})
    graph = json.loads(crate_text(made.model_copy(update={"author_is": "organization"})))["@graph"]
    assert next(e for e in graph if e["@id"] == "#author")["@type"] == "Organization"


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("import os; os._exit(3)", "DeadKernelError"),
        ("while True: pass", "CellTimeoutError"),
    ],
)
def test_a_notebook_that_fails_says_why(tmp_path: Path, cell: str, reason: str) -> None:
    path = tmp_path / "n.ipynb"
    nbformat.write(notebook("x = 1", "'first'", cell, "'last'"), path)
    with pytest.raises(NotebookFailedError) as caught:
        execute_standard(path, {}, tmp_path, tmp_path, 5)
    assert reason in caught.value.reason
    if caught.value.notebook is not None:
        kinds = [o.output_type for c in caught.value.notebook.cells for o in c.get("outputs", [])]
        assert "error" in kinds
        assert "'last'" not in str([c.get("outputs") for c in caught.value.notebook.cells])


def test_cleaned_notebooks_hold_nothing_of_the_moment(small: Project) -> None:
    path = small.path / "notebooks/municipality.ipynb"
    plan = plan_of(small)
    one, two = (
        nbformat.writes(execute_standard(path, plan.jobs[0].parameters, small.path, plan.run, 60))
        for _ in range(2)
    )
    assert one == two
    assert str(small.path) not in one


@pytest.mark.slow
def test_papermill_alone_runs_the_report_of_a_programme(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.ipynb"
    papermill = [sys.executable, "-m", "papermill", "notebooks/programme.ipynb", str(out)]
    wanted = [
        "-r",
        "study",
        "params/programa-ejemplo.yml",
        "-r",
        "unit",
        "P1",
        "-r",
        "locale",
        "en",
    ]
    subprocess.run([*papermill, *wanted, "--no-progress-bar"], cwd=root, check=True)
    said = out.read_text(encoding="utf-8")
    assert "met or exceeded 4 of its 6 benchmarks" in said
    assert "75.0%" in said


@pytest.mark.slow
def test_papermill_alone_runs_the_notebook(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.ipynb"
    command = [
        sys.executable,
        "-m",
        "papermill",
        "notebooks/municipality.ipynb",
        str(out),
        "-r",
        "unit",
        "24024",
        "--no-progress-bar",
    ]
    subprocess.run(command, cwd=root, check=True, capture_output=True)
    assert "114 de 115" in out.read_text(encoding="utf-8")
    wrong = subprocess.run(
        [*command[:-4], "-p", "unit", "24024"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert wrong.returncode != 0
    assert "24024 is a number; codes are text" in wrong.stderr


@pytest.mark.slow
def test_the_shipped_studies_run_whole(root: Path, tmp_path: Path) -> None:
    """All 43 municipalities, their cohort and the example, each as notebook, page and PDF."""
    for study, n in (
        ("gdm-slp-2025", 44),
        ("gdm-ejemplo", 1),
        ("cimtra-monterrey", 9),
        ("migestion-ejemplo", 1),
    ):
        run = tmp_path / study
        plan = make_plan(Study.open(root / f"params/{study}.yml"), out=run)
        outcome = execute_plan(plan, workers=2)
        assert (outcome.rendered, outcome.failed) == (n, 0), outcome.failures
        for job in plan.jobs:
            for path in job.files():
                assert (run / path).stat().st_size > 5000, path
        assert (run / "failures.csv").read_text().count("\n") == 1


@pytest.mark.slow
def test_a_new_project_runs(tmp_path: Path) -> None:
    from workbench.study.create import create_project

    list(create_project(tmp_path / "mine"))
    plan = make_plan(Study.open(tmp_path / "mine/params/gdm-ejemplo.yml"))
    assert execute_plan(plan, workers=1).rendered == 1


@pytest.mark.slow
def test_a_poisoned_unit_costs_one_report(small: Project) -> None:
    path = small.path / "notebooks/municipality.ipynb"
    poison = "import os\nif unit == '01001': os._exit(9)"
    nbformat.write(notebook('study = ""\nunit = ""\nlocale = "es-MX"', poison, NOTEBOOK), path)
    plan = plan_of(small)
    outcome = execute_plan(plan, workers=2)
    assert (outcome.rendered, outcome.failed) == (2, 1)
    failures = (plan.run / "failures.csv").read_text().splitlines()
    assert failures[1].startswith("01001,DeadKernelError")
    assert failures[1].endswith(
        "workbench run params/estudio.yml --only 01001 --retry-failed --engine standard"
    )
    assert [j.why for j in plan_of(small).jobs] == ["failed before", "", ""]


@pytest.mark.slow
def test_hostile_names_end_as_text(root: Path, small: Project) -> None:
    """Names that try to be script, Typst, a path, or 300 letters long, through the real notebooks."""
    import shutil

    names = [
        '<script>alert(1)</script> & "Ñ" #let x',
        "../../etc",
        "Villa " + "muy " * 73 + "larga",
    ]
    small.units = "unit,name,population\n" + "".join(
        '{:05d},"{}",1000\n'.format(i, n.replace('"', '""')) for i, n in enumerate(names)
    )
    small.observations = "unit,code,value\n" + "".join(
        f"{i:05d},agua,{30 * i}\n{i:05d},luz,50\n" for i in range(3)
    )
    for name in ("municipality", "cohort"):
        shutil.copyfile(root / f"notebooks/{name}.ipynb", small.path / f"notebooks/{name}.ipynb")
    before = {p for p in small.path.parent.rglob("*") if "outputs" not in p.parts}
    plan = plan_of(small)
    outcome = execute_plan(plan, workers=2)
    assert (outcome.rendered, outcome.failed) == (4, 0)
    assert len(names[2]) > 290
    after = {p for p in small.path.parent.rglob("*") if "outputs" not in p.parts}
    assert after - before <= {small.path / "notebooks"}
    for i, name in enumerate(names):
        page = (plan.run / f"reports/{i:05d}/report.html").read_text(encoding="utf-8")
        assert "<script" not in page
        assert html.escape(name.strip(), quote=False)[:60] in page.replace("&#34;", '"')
        assert (plan.run / f"reports/{i:05d}/report.pdf").stat().st_size > 5000
    index = (plan.run / "index.html").read_text(encoding="utf-8")
    assert index.count("<script>") == 1
    assert "alert(1)</script>" not in index
