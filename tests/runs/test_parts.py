"""Parts of a run: what is asked for, shards that are united, further notebooks, plans for machines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.runs.host import Host
from tests.runs.test_run_faults import FIVE, QUICK, check_tidy, files_of, make_project
from tests.support import Project
from workbench.errors import WorkbenchError
from workbench.runs.ledger import read_history, read_ledger
from workbench.runs.plan import make_plan
from workbench.runs.targets import parse_shard
from workbench.study import Study

MORE = """notebooks:
  cohort: notebooks/cohort.ipynb
  more:
    waves: {notebook: notebooks/waves.ipynb, title: {es: Cambios, en: Changes}, parameters: {node: total}}
    card: {notebook: notebooks/municipality.ipynb, of: unit}
"""


@pytest.fixture
def several(tmp_path: Path) -> Project:
    """A study of five units with four notebooks."""
    project = make_project(tmp_path, FIVE)
    project.study = project.study.replace("notebooks: {cohort: null}\n", MORE)
    for name, more in (("cohort", ""), ("waves", '\nnode = ""')):
        parameters = nbformat.v4.new_code_cell(
            f'study = ""\nlocale = ""{more}', metadata={"tags": ["parameters"]}, id="a"
        )
        node = nbformat.v4.new_notebook(cells=[parameters, nbformat.v4.new_code_cell("1", id="b")])
        nbformat.write(node, tmp_path / f"notebooks/{name}.ipynb")
    project.write()
    return project


def keys_of(project: Project, **options: Any) -> list[str]:
    return [job.key for job in make_plan(Study.open(project.write()), **options).jobs]


ALL = [k for u in FIVE for k in (u, f"{u}/card")] + ["cohort", "waves"]


@pytest.mark.parametrize(
    ("options", "keys"),
    [
        ({}, ALL),
        ({"units": ["01002"]}, ["01002", "01002/card"]),
        ({"only": ["cohort"]}, ["cohort"]),
        ({"only": ["waves", "01003"]}, ["01003", "01003/card", "waves"]),
        ({"only": ["card"]}, [f"{u}/card" for u in FIVE]),
        ({"only": ["01004/card"]}, ["01004/card"]),
        ({"shard": parse_shard("2/5")}, ["01001/card", "01004", "waves"]),
        ({"shard": parse_shard("2/5"), "only": ["01001"]}, ["01001/card"]),
    ],
    ids=lambda x: str(x)[:30],
)
def test_what_is_asked_for(several: Project, options: dict[str, Any], keys: list[str]) -> None:
    assert keys_of(several, **options) == keys


def test_each_report_is_in_one_shard(several: Project) -> None:
    for n in (1, 2, 3, 7, 20):
        parts = [keys_of(several, shard=parse_shard(f"{k}/{n}")) for k in range(1, n + 1)]
        assert sorted(key for part in parts for key in part) == sorted(ALL)


@pytest.mark.parametrize("text", ["0/3", "4/3", "3", "a/b", "1/0", "-1/3", ""])
def test_what_is_no_shard(text: str) -> None:
    with pytest.raises(WorkbenchError, match="K/N"):
        parse_shard(text)


def test_an_unknown_report_is_refused(several: Project) -> None:
    with pytest.raises(WorkbenchError, match="Did you mean waves"):
        keys_of(several, only=["wave"])


def test_a_unit_and_a_notebook_cannot_share_a_name(several: Project) -> None:
    several.study = several.study.replace("    waves:", "    01001:")
    several.study = several.study.replace("    01001:", '    "01001":')
    with pytest.raises(WorkbenchError, match="a unit has this code"):
        keys_of(several)


def test_further_notebooks_in_one_run(host: Host, several: Project) -> None:
    run = several.path / "outputs/estudio"
    done = host.run(*QUICK, "--formats", "html", cwd=several.path)
    assert done.wait() == 0, done.err
    assert set(read_ledger(run)) == set(ALL)
    found = sorted(p.relative_to(run / "reports").as_posix() for p in run.rglob("report.*"))
    assert found == sorted(f"{key}/report.html" for key in ALL)
    page = (run / "index.html").read_text(encoding="utf-8")
    for key in ALL:
        assert f'href="reports/{key}/report.html"' in page
    assert "<strong>Cambios</strong>" in page
    jobs = json.loads((run / "manifest.json").read_text(encoding="utf-8"))["reports"]
    assert {j["key"]: j["kind"] for j in jobs}["waves"] == "cohort"
    # One more format adds it, and leaves the rest.
    again = host.run(*QUICK, "--only", "waves", "--formats", "html,pdf", cwd=several.path)
    assert again.wait() == 0
    assert "1 rendered" in again.out
    assert (run / "index.html").read_text(encoding="utf-8").count("report.html") == page.count(
        "report.html"
    )


def test_what_all_units_are_read_for_follows_every_input(several: Project) -> None:
    plan = make_plan(Study.open(several.write()))
    before = {job.key: job.fingerprint for job in plan.jobs}
    several.units = str(several.units).replace("01005,01005,1000", "01005,01005,1001")
    plan = make_plan(Study.open(several.write()))
    changed = {job.key for job in plan.jobs if job.fingerprint != before[job.key]}
    assert {"cohort", "waves"} <= changed


@pytest.mark.slow
def test_shards_make_the_same_run(host: Host, several: Project, tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    assert host.run(*QUICK, "--out", whole, cwd=several.path).wait() == 0
    outputs = several.path / "outputs"
    for k in (1, 2, 3):
        part = host.run(*QUICK, "--shard", f"{k}/3", cwd=several.path)
        assert part.wait() == 0, part.err
    parts = sorted(outputs.iterdir())
    assert [p.name for p in parts] == [f"estudio.{k}-of-3" for k in (1, 2, 3)]
    short = host.run("merge", *parts[:2], cwd=several.path)
    assert short.wait() == 3
    assert "in no part: " in short.out
    done = host.run("merge", *parts, cwd=several.path)
    assert done.wait() == 0, done.err
    assert "12 reports united, 0 failed, 0 in no part." in done.out
    run = outputs / "estudio"
    made, wanted = files_of(run), files_of(whole)
    assert made.keys() == wanted.keys()
    assert [n for n in made if made[n] != wanted[n]] == []
    assert [e.status for e in read_history(run)].count("done") == 12
    check_tidy(run)
    again = host.run(*QUICK, cwd=several.path)
    assert "0 rendered, 12 current" in again.out


@pytest.mark.slow
def test_other_runs_are_not_united(host: Host, several: Project) -> None:
    assert host.run(*QUICK, "--shard", "1/2", cwd=several.path).wait() == 0
    several.observations = str(several.observations).replace("01005,luz,50", "01005,luz,51")
    several.write()
    assert host.run(*QUICK, "--shard", "2/2", cwd=several.path).wait() == 0
    outputs = several.path / "outputs"
    names = [outputs / f"estudio.{k}-of-2" for k in (1, 2)]
    done = host.run("merge", *names, cwd=several.path)
    assert done.wait() == 2
    assert "this is another run than that in" in done.err
    assert not (outputs / "estudio").exists()
    (names[1] / "manifest.json").unlink()
    done = host.run("merge", *names, cwd=several.path)
    assert done.wait() == 2
    assert "this is no finished run" in done.err


def test_a_plan_for_machines(host: Host, several: Project) -> None:
    done = host.run("plan", "params/estudio.yml", "--json", "--formats", "html", cwd=several.path)
    assert done.wait() == 0, done.err
    plan = json.loads(done.out)
    assert [j["key"] for j in plan["jobs"]] == ALL
    job = plan["jobs"][1]
    assert (job["why"], job["kind"]) == ("new", "unit")
    assert job["files"] == ["outputs/estudio.parts/01001.card/reports/01001/card/report.html"]
    made = host.run(*job["command"][1:], "--engine", "quick", cwd=several.path)
    assert made.wait() == 0, made.err
    assert (several.path / job["files"][0]).is_file()
    split = host.run("plan", "params/estudio.yml", "--json", "--shards", "2", cwd=several.path)
    commands = {tuple(j["command"]) for j in json.loads(split.out)["jobs"]}
    assert len(commands) == 2
    for command in commands:
        assert host.run(*command[1:], "--engine", "quick", cwd=several.path).wait() == 0
    united = host.run(*json.loads(split.out)["merge"][1:], cwd=several.path)
    assert united.wait() == 0, united.err
    assert set(read_ledger(several.path / "outputs/estudio")) == set(ALL)


def test_a_command_leaves_no_choice_out(host: Host, several: Project) -> None:
    """What was chosen for all reports is in the command of each, in the plan and of a failure."""
    chosen = ("--locale", "en", "--formats", "html", "--param", "node=agua")
    for name in ("municipality", "cohort"):  # every notebook must take what is given to all
        path = several.path / f"notebooks/{name}.ipynb"
        node = nbformat.read(path, as_version=4)
        node.cells[0].source += '\nnode = ""'
        nbformat.write(node, path)
    done = host.run("plan", "params/estudio.yml", "--json", *chosen, cwd=several.path)
    assert done.wait() == 0, done.err
    job = next(j for j in json.loads(done.out)["jobs"] if j["key"] == "waves")
    assert job["command"][3:-4] == list(chosen)
    assert host.run(*job["command"][1:], "--engine", "quick", cwd=several.path).wait() == 0
    part = several.path / job["command"][-1]
    made = json.loads((part / "manifest.json").read_text(encoding="utf-8"))["choices"]
    # Also where a notebook of the study has a value of its own for it.
    assert made["parameters"] == {"node": "agua"}
    (several.path / "outputs/blocked/reports").mkdir(parents=True)
    (several.path / "outputs/blocked/reports/waves").write_text("in the way")
    blocked = ("--only", "waves", "--out", "outputs/blocked")
    assert host.run(*QUICK, *chosen, *blocked, cwd=several.path).wait() == 3
    united = host.run("merge", "outputs/blocked", "--out", "outputs/all", cwd=several.path)
    assert united.wait() == 3, united.err
    for run in ("blocked", "all"):
        failures = (several.path / "outputs" / run / "failures.csv").read_text(encoding="utf-8")
        assert f"{' '.join(chosen)} --out outputs/{run} --only waves" in failures


def test_progress_for_machines(host: Host, several: Project) -> None:
    done = host.run(*QUICK, "--progress", "json", "--formats", "html", cwd=several.path)
    assert done.wait() == 0, done.err
    assert done.err == ""
    told = [json.loads(line) for line in done.out.splitlines()]
    assert [t["event"] for t in told] == ["start", *["report"] * 12, "end"]
    assert told[0]["total"] == 12
    assert [t["done"] for t in told[1:-1]] == list(range(1, 13))
    assert told[-2]["seconds_left"] == 0
    assert (told[-1]["rendered"], told[-1]["failed"]) == (12, 0)
