"""Reports rendered on a cluster of Dask, and runs copied to other places."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import fsspec
import nbformat
import pytest
from distributed.client import CancelledError
from distributed.comm import CommClosedError
from fsspec.implementations.local import LocalFileSystem
from fsspec.implementations.memory import MemoryFileSystem

from tests.runs.host import await_line
from tests.runs.test_proof import project_at
from workbench.cli import execute
from workbench.errors import WorkbenchError
from workbench.runs import cluster
from workbench.runs.engine import KERNEL_ENVIRONMENT
from workbench.runs.files import write_whole
from workbench.runs.hand import Hand
from workbench.runs.ledger import read_ledger
from workbench.runs.listing import make_listing
from workbench.runs.mirror import copy_run
from workbench.runs.plan import make_plan
from workbench.runs.provenance import MANIFEST, make_manifest, manifest_text
from workbench.runs.render import Workplace
from workbench.runs.run import execute_plan, write_records
from workbench.runs.verify import verify
from workbench.site.content import make_site
from workbench.study import Study

FILES = ("report.html", "report.ipynb")
DIES = """
import os, pathlib
if unit == "01002":
    mark = pathlib.Path(os.environ["WORKBENCH_RUN"]) / "died"
    if not mark.exists() or ALWAYS:
        mark.write_text("once")
        hand = os.getppid()  # started this report, and was started by the worker
        os.kill(int(open(f"/proc/{hand}/stat").read().rsplit(")", 1)[1].split()[1]), 9)
"""


def plan_at(path: Path, cell: str = "") -> Any:
    """Return the plan of two small reports, with a further cell in their notebook."""
    project = project_at(path)
    notebook = path / "notebooks" / "unit.ipynb"
    node = nbformat.read(notebook, as_version=4)
    if cell:
        node.cells.append(nbformat.v4.new_code_cell(cell, id="last"))
    nbformat.write(node, notebook)
    return make_plan(Study.open(project.write()), formats=("ipynb", "html"))


def contents(run: Path) -> dict[str, bytes]:
    """Return what a run promises to be the same."""
    return {
        p.relative_to(run).as_posix(): p.read_bytes()
        for p in sorted(run.rglob("*"))
        if p.is_file() and p.name != "ledger.jsonl"
    }


@pytest.mark.slow
@pytest.mark.parametrize("sees", [True, False])
def test_a_cluster_gives_the_bytes_of_one_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sees: bool
) -> None:
    alone = plan_at(tmp_path / "a")
    execute_plan(alone, workers=1)
    if not sees:
        # As workers elsewhere would: nothing is read from the folders of the run.
        monkeypatch.setattr(cluster, "sees", lambda *_: False)
    plan = plan_at(tmp_path / "b")
    outcome = execute_plan(plan, workers=1, scheduler="local")
    assert (outcome.rendered, outcome.failed) == (2, 0)
    assert contents(plan.run) == contents(alone.run)
    assert verify(plan.run).findings == ()


@pytest.mark.slow
def test_a_worker_that_is_killed_loses_no_report(tmp_path: Path) -> None:
    plan = plan_at(tmp_path / "a", DIES.replace("ALWAYS", "False"))
    outcome = execute_plan(plan, workers=1, scheduler="local")
    assert (plan.run / "died").is_file()
    assert (outcome.rendered, outcome.failed) == (2, 0)


@pytest.mark.slow
def test_a_report_that_kills_every_worker_fails_alone(tmp_path: Path) -> None:
    plan = plan_at(tmp_path / "a", DIES.replace("ALWAYS", "True"))
    outcome = execute_plan(plan, workers=1, scheduler="local")
    assert (outcome.rendered, outcome.failed) == (1, 1)
    assert read_ledger(plan.run)["01002"].reason.startswith("KilledWorker")


@pytest.mark.slow
def test_a_stop_of_a_terminal_ends_in_words_alone(tmp_path: Path) -> None:
    """Its Ctrl-C goes to every process of the terminal, those of Dask too."""
    plan = plan_at(tmp_path, "import time; time.sleep(60)")
    command = "from workbench.cli import main; main()"
    words = ["run", "params/estudio.yml", "--dask", "local", "--workers", "2"]
    with subprocess.Popen(
        [sys.executable, "-c", command, *words], cwd=tmp_path, start_new_session=True, text=True,
        stderr=subprocess.PIPE, env={**os.environ, **KERNEL_ENVIRONMENT},
    ) as started:  # fmt: skip
        await_line(plan.run, "started")
        time.sleep(5)
        os.killpg(started.pid, signal.SIGINT)
        err = started.communicate(timeout=60)[1]
    assert started.returncode == 130
    assert err == "Stopped. What was finished is kept; run again to go on.\n"


def test_no_scheduler_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "CONNECT", 0.5)
    plan = plan_at(tmp_path / "a")
    with pytest.raises(WorkbenchError, match="no scheduler answers"):
        execute_plan(plan, scheduler="tcp://127.0.0.1:9")
    with pytest.raises(WorkbenchError, match="no scheduler answers"):
        execute_plan(plan, scheduler="nonsense://x")


@pytest.mark.slow
def test_a_run_is_copied_and_only_what_changed_again(tmp_path: Path) -> None:
    plan = plan_at(tmp_path / "a")
    execute_plan(plan, workers=1)
    there = tmp_path / "there"
    copied = copy_run(plan.run, there.as_uri())
    assert copied == len([p for p in plan.run.rglob("*") if p.is_file()])
    assert verify(there).findings == ()
    # Ledger, crate and manifest are not in the manifest; all it lists is there.
    assert copy_run(plan.run, there.as_uri()) == 3
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(WorkbenchError, match="can't be copied there"):
        copy_run(plan.run, (tmp_path / "file" / "x").as_uri())
    with pytest.raises(WorkbenchError, match="can't be copied there"):
        copy_run(plan.run, "nonsense://x/y")


def test_a_place_that_cannot_be_is_said_before_the_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    project = project_at(tmp_path / "a")
    monkeypatch.chdir(project.path)
    code = execute(["run", "params/estudio.yml", "--formats", "ipynb", "--copy-to", "nonsense://x"])
    assert code == 2
    assert "--copy-to" in capsys.readouterr().err
    assert not (project.path / "outputs").exists()


class Refusing(MemoryFileSystem):  # type: ignore[misc]
    """A place whose errors are of its own kind, as those of a bucket are."""

    protocol = "refusing"

    def put_file(self, *_: Any, **__: Any) -> None:
        raise Refused


class Refused(Exception):
    """No credentials."""


def test_errors_of_any_place_end_in_words(tmp_path: Path) -> None:
    fsspec.register_implementation("refusing", Refusing, clobber=True)
    (tmp_path / "index.html").write_text("x", encoding="utf-8")
    with pytest.raises(WorkbenchError, match="can't be copied there: Refused"):
        copy_run(tmp_path, "refusing://bucket/run")


def test_a_copy_that_is_cut_off_has_no_manifest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the next one would believe an old manifest, and leave what it says as it is."""
    plan = plan_at(tmp_path / "a")
    write_records(plan, make_listing(plan), make_site(plan.study, plan.run_id))
    there = tmp_path / "there"
    copy_run(plan.run, there.as_uri())
    (plan.run / "data").mkdir()
    (plan.run / "index.html").write_text("other", encoding="utf-8")
    write_whole(plan.run / MANIFEST, manifest_text(make_manifest(plan, make_listing(plan), {})))
    monkeypatch.setattr(LocalFileSystem, "put_file", Refusing.put_file)
    with pytest.raises(WorkbenchError, match="can't be copied there"):
        copy_run(plan.run, there.as_uri())
    assert not (there / MANIFEST).exists()


def test_only_a_missing_scheduler_is_told_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("distributed.Client", lambda *_, **__: contextlib.nullcontext())
    with pytest.raises(ValueError, match="of the run"), cluster._client("tcp://x:1", None):
        raise ValueError("of the run")


@pytest.mark.parametrize("error", [CommClosedError("reset"), CancelledError("report-1")])
def test_a_scheduler_that_is_lost_is_said_and_fails_no_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    class Lost:
        def run(self, *_: Any) -> dict[str, bool]:
            return {"worker": True}

        def nthreads(self) -> None:
            raise error

    monkeypatch.setattr(cluster, "_client", lambda *_: contextlib.nullcontext(Lost()))
    plan = plan_at(tmp_path / "a")
    with pytest.raises(WorkbenchError, match="the scheduler is gone"):
        execute_plan(plan, scheduler="tcp://x:1")
    assert read_ledger(plan.run) == {}


def test_a_hand_that_ended_is_not_ended_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its number may be that of another process by then."""
    made = Hand(Workplace(tmp_path, tmp_path, "", 5), "standard", {})
    made.process.kill()
    made.process.wait()
    ended: list[int] = []
    monkeypatch.setattr("workbench.runs.hand.end_tree", ended.append)
    made.end()
    assert ended == []
    assert not made.temporary.exists()
