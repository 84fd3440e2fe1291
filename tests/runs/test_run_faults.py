"""Runs that are disturbed: what a fault costs, and that a resumed run is as if nothing had been.

Each fault is real: the cells crash, processes are killed, disks are full.
"""

from __future__ import annotations

import contextlib
import csv
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.runs.host import Host, Started, alive, await_line
from tests.support import Project
from workbench.runs.engine import STANDARD
from workbench.runs.engines import ENGINES
from workbench.runs.ledger import Entry, read_history, read_ledger
from workbench.runs.processes import descendants
from workbench.specs.version import MIMETYPE

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="processes are followed by /proc"
)

SHOW = f"""
from IPython.display import display
blocks = [{{"kind": "heading", "text": f"Report of {{unit}}", "level": 1}}]
model = {{"version": 1, "locale": "es-MX", "blocks": blocks}}
display({{"{MIMETYPE}": model, "text/plain": unit}}, raw=True)
"""
POISON = """
import os, signal, sys, time
if unit == "raises":
    raise ValueError("no such thing")
if unit == "segfaults":
    os.kill(os.getpid(), signal.SIGSEGV)
if unit == "exits":
    os._exit(3)
if unit == "loops":
    while True:
        pass
if unit == "eats":
    held = [bytearray(b"x" * 50_000_000) for _ in range(40)]
if unit == "forks":
    if os.fork() == 0:
        if os.fork() == 0:
            os.setsid()
        time.sleep(600)
        os._exit(0)
if unit == "prints":
    for _ in range(100):
        print("x" * 1_000_000)
if unit == "deletes":
    import shutil
    shutil.rmtree(os.getcwd())
"""
UNITS = ("a-good", "raises", "segfaults", "exits", "loops", "eats", "forks", "prints", "deletes",
         "z-good")  # fmt: skip


def make_project(path: Path, units: tuple[str, ...], *cells: str, limits: str = "{}") -> Project:
    """Return a project with a small notebook for each unit, and none for all."""
    project = Project(path)
    project.units = "unit,name,population\n" + "".join(f"{u},{u},1000\n" for u in units)
    project.observations = "unit,code,value\n" + "".join(
        f"{u},agua,{10 * i}\n{u},luz,50\n" for i, u in enumerate(units)
    )
    project.study += "notebooks: {cohort: null}\n" + f"limits: {limits}\n"
    project.write()
    v4 = nbformat.v4
    first = v4.new_code_cell(
        'study = ""\nunit = ""\nlocale = ""', metadata={"tags": ["parameters"]}
    )
    node = v4.new_notebook(cells=[first, *(v4.new_code_cell(c) for c in (*cells, SHOW))])
    for number, cell in enumerate(node.cells):
        cell.id = f"cell{number}"  # else random, and a part of the run's id
    (path / "notebooks").mkdir(exist_ok=True)
    nbformat.write(node, path / "notebooks/municipality.ipynb")
    return project


def files_of(run: Path) -> dict[str, bytes]:
    """Return what a run left, but for the ledger."""
    found = {p.relative_to(run).as_posix(): p for p in run.rglob("*") if p.is_file()}
    return {name: path.read_bytes() for name, path in found.items() if name != "ledger.jsonl"}


def check_ledger(run: Path, keys: tuple[str, ...]) -> list[Entry]:
    """Check that nothing is lost, and nothing was rendered again once it was done."""
    history = read_history(run)
    for key in keys:
        states = [e.status for e in history if e.job == key]
        assert states.count("done") == 1, (key, states)
        assert states[-1] == "done", (key, states)
    return history


def check_tidy(run: Path, *processes: int) -> None:
    """Check that no half-written file, no lock and no process is left."""
    names = [p.name for p in run.rglob("*")]
    assert not [n for n in names if n.startswith(".")], names
    until = time.monotonic() + 5
    while any(alive(p) for p in processes):
        assert time.monotonic() < until, [p for p in processes if alive(p)]
        time.sleep(0.02)
    prefixes = tuple(f"wb-{p}-" for p in {e.worker for e in read_history(run)} | set(processes))
    assert not [p for p in Path(tempfile.gettempdir()).iterdir() if p.name.startswith(prefixes)]


# -- cells that do harm -----------------------------------------------------------------------------


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(name, marks=pytest.mark.slow if name == STANDARD else ())
        for name in sorted(ENGINES)
    ],
)
def poisoned(request: Any, host: Host, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A run of ten municipalities, eight of which do harm."""
    path = tmp_path_factory.mktemp("poisoned")
    limits = '{seconds: 8, report_seconds: 90, memory: "900 MB"}'
    make_project(path, UNITS, POISON, limits=limits)
    run = path / "outputs/estudio"
    done = host.run(
        "run", "params/estudio.yml", "--workers", "2", "--engine", request.param, cwd=path
    )
    return path, run, done


def test_only_reports_that_do_harm_fail(poisoned: Any) -> None:
    _, run, done = poisoned
    assert done.wait() == 3, done.err
    assert done.err == ""
    ledger = read_ledger(run)
    failed = {key for key, entry in ledger.items() if entry.status == "failed"}
    assert failed == {"raises", "segfaults", "exits", "loops", "eats"}
    assert set(ledger) == set(UNITS)
    workers = {e.worker for e in read_history(run)}
    check_tidy(run, *workers)


@pytest.mark.parametrize(
    ("unit", "reason", "attempts"),
    [
        ("raises", "ValueError: no such thing", "1"),
        ("segfaults", "DeadKernelError", "2"),
        ("exits", "DeadKernelError", "2"),
        ("loops", "CellTimeoutError", "1"),
        ("eats", ("MemoryError", "it held more memory than 900 MB"), "1"),
    ],
)
def test_a_failure_says_why_and_how_to_try_again(
    poisoned: Any, unit: str, reason: str | tuple[str, ...], attempts: str
) -> None:
    _, run, _ = poisoned
    with (run / "failures.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["report"]: row for row in csv.DictReader(file)}
    row = rows[unit]
    assert row["reason"].startswith(reason)
    assert row["attempts"] == attempts
    assert row["command"] == (
        f"workbench run params/estudio.yml --only {unit} --retry-failed --engine standard"
    )
    if row["signal"] != "SIGKILL":
        assert (run / row["notebook"]).is_file()
        assert row["cell"] == "cell-002"


def test_what_forks_leaves_no_process(poisoned: Any) -> None:
    _, run, _ = poisoned
    assert read_ledger(run)["forks"].status == "done"
    marked = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                told = (folder / "environ").read_bytes()
            except OSError:
                continue
            if str(run).encode() in told:
                marked.append(folder.name)
    assert marked == []


def test_what_prints_without_end_is_cut(poisoned: Any) -> None:
    _, run, _ = poisoned
    folder = run / "reports/prints"
    assert len(list(folder.iterdir())) == 3
    assert all(p.stat().st_size < 2_000_000 for p in folder.iterdir())


def test_who_deletes_its_folder_deletes_nothing_else(poisoned: Any) -> None:
    path, run, _ = poisoned
    assert read_ledger(run)["deletes"].status == "done"
    assert (path / "params/estudio.yml").is_file()
    assert (path / "data/units.csv").is_file()


def test_failures_are_left_until_asked_for(poisoned: Any, host: Host) -> None:
    path, run, _ = poisoned
    again = host.run("run", "params/estudio.yml", cwd=path)
    assert again.wait() == 3
    assert "0 rendered, 5 current, 0 failed" in again.out
    assert "5 failed before and are left" in again.out
    command = ["run", "params/estudio.yml", "--only", "raises", "--retry-failed"]
    tried = host.run(*command, cwd=path)
    assert tried.wait() == 3
    assert "0 rendered, 0 current, 1 failed" in tried.out
    states = [e.status for e in read_history(run) if e.job == "raises"]
    assert states.count("failed") == 2


# -- what takes too long or too much as a whole -------------------------------------------------------


def test_a_report_that_hangs_is_ended_with_all_it_started(host: Host, tmp_path: Path) -> None:
    hang = (
        "import os, signal, time\nif unit == 'b':\n    if os.fork() == 0: os.setsid()\n"
        "    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})\n"
        "    time.sleep(600)"
    )
    make_project(tmp_path, ("a", "b", "c"), hang, limits="{seconds: 60, report_seconds: 9}")
    run = tmp_path / "outputs/estudio"
    done = host.run(
        "run", "params/estudio.yml", "--workers", "2", "--formats", "html", cwd=tmp_path
    )
    assert done.wait() == 3
    ledger = read_ledger(run)
    assert {k: e.status for k, e in ledger.items()} == {"a": "done", "b": "failed", "c": "done"}
    assert ledger["b"].reason == "it took longer than 9 s, the limit for a report"
    assert ledger["b"].signal == "SIGKILL"
    check_tidy(run, *{e.worker for e in read_history(run)})


def test_memory_of_all_processes_of_a_report_counts(host: Host, tmp_path: Path) -> None:
    """Each of four processes stays below the limit of one."""
    eat = (
        "import os, time\nif unit == 'b':\n    for _ in range(4):\n        if os.fork() == 0:\n"
        "            held = bytearray(os.urandom(1 << 20) * 200); time.sleep(600)\n"
        "    time.sleep(600)"
    )
    limits = '{seconds: 60, memory: "500 MB"}'
    make_project(tmp_path, ("a", "b", "c"), eat, limits=limits)
    done = host.run("run", "params/estudio.yml", "--formats", "html", cwd=tmp_path)
    run = tmp_path / "outputs/estudio"
    assert done.wait() == 3
    ledger = read_ledger(run)
    assert {k: e.status for k, e in ledger.items()} == {"a": "done", "b": "failed", "c": "done"}
    assert ledger["b"].reason == "it held more memory than 500 MB, the limit for a report"
    check_tidy(run, *{e.worker for e in read_history(run)})


# -- killed at any moment -----------------------------------------------------------------------------

FIVE = ("01001", "01002", "01003", "01004", "01005")
QUICK = ("run", "params/estudio.yml", "--engine", "quick", "--workers", "2")


@pytest.fixture(scope="module")
def undisturbed(host: Host, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What a run leaves that nothing disturbed."""
    path = tmp_path_factory.mktemp("undisturbed")
    make_project(path, FIVE)
    done = host.run(*QUICK, cwd=path)
    assert done.wait() == 0, done.err
    run = path / "outputs/estudio"
    states = [e.status for e in read_history(run)]
    assert states.count("queued") == states.count("started") == states.count("done") == 5
    check_tidy(run, *{e.worker for e in read_history(run)})
    return files_of(run)


def resumed(host: Host, path: Path, undisturbed: dict[str, bytes]) -> list[Entry]:
    """Run again, and check that the result is as if nothing had happened."""
    run = path / "outputs/estudio"
    before = {key for key, entry in read_ledger(run).items() if entry.status == "done"}
    again = host.run(*QUICK, cwd=path)
    assert again.wait() == 0, again.err + again.out
    history = check_ledger(run, FIVE)
    assert f"{5 - len(before)} rendered, {len(before)} current, 0 failed" in again.out
    check_tidy(run, *{e.worker for e in history})
    left = files_of(run)
    assert left.keys() == undisturbed.keys()
    assert [n for n in left if left[n] != undisturbed[n]] == []
    return history


STATES = ("queued", "started", "executed", "done")


@pytest.mark.parametrize("skip", [0, pytest.param(2, marks=pytest.mark.slow)])
@pytest.mark.parametrize("state", STATES)
def test_the_supervisor_is_killed(
    host: Host, tmp_path: Path, undisturbed: dict[str, bytes], state: str, skip: int
) -> None:
    make_project(tmp_path, FIVE)
    run = tmp_path / "outputs/estudio"
    started = host.start(*QUICK, cwd=tmp_path)
    await_line(run, state, skip=skip)
    started.kill()
    assert started.wait() is None
    resumed(host, tmp_path, undisturbed)


@pytest.mark.parametrize("state", ["started", "executed", "done"])
def test_a_worker_is_killed(
    host: Host, tmp_path: Path, undisturbed: dict[str, bytes], state: str
) -> None:
    """Its report goes to another one, and the run ends as any other."""
    make_project(tmp_path, FIVE)
    run = tmp_path / "outputs/estudio"
    started = host.start(*QUICK, cwd=tmp_path)
    os.kill(await_line(run, state).worker, signal.SIGKILL)
    assert started.wait() == 0, started.err
    history = check_ledger(run, FIVE)
    died = [e for e in history if e.status == "died"]
    assert all(e.signal == "SIGKILL" for e in died)
    assert len(died) == 1 or state != "started"
    check_tidy(run, *{e.worker for e in history})
    left = files_of(run)
    assert [n for n in undisturbed if left.get(n) != undisturbed[n]] == []
    assert left.keys() == undisturbed.keys()


def test_a_worker_is_killed_again_and_again(host: Host, tmp_path: Path) -> None:
    """Two tries, then the report stands among the failures."""
    make_project(tmp_path, FIVE)
    run = tmp_path / "outputs/estudio"
    started = host.start(*QUICK, cwd=tmp_path)
    victim = await_line(run, "started").job
    killed: set[int] = set()
    while alive(started.pid):
        for entry in read_history(run) if run.is_dir() else []:
            if (entry.job, entry.status) == (victim, "started") and entry.worker not in killed:
                killed.add(entry.worker)
                if alive(entry.worker):
                    os.kill(entry.worker, signal.SIGKILL)
        time.sleep(0.002)
    assert started.wait() == 3
    assert [e.status for e in read_history(run) if e.job == victim] == [
        "queued", "started", "died", "started", "failed",
    ]  # fmt: skip
    entry = read_ledger(run)[victim]
    assert (entry.reason, entry.signal) == ("its process ended by SIGKILL", "SIGKILL")
    again = host.run(*QUICK, "--retry-failed", cwd=tmp_path)
    assert again.wait() == 0
    check_ledger(run, FIVE)


def test_the_child_of_a_worker_is_killed(
    host: Host, tmp_path: Path, undisturbed: dict[str, bytes]
) -> None:
    make_project(tmp_path, FIVE)
    run = tmp_path / "outputs/estudio"
    started = host.start(*QUICK, cwd=tmp_path)
    worker = await_line(run, "started").worker
    until = time.monotonic() + 10
    while not (below := descendants(worker)):
        assert time.monotonic() < until
    os.kill(below[0], signal.SIGKILL)
    assert started.wait() == 0, started.err
    history = check_ledger(run, FIVE)
    assert [e.status for e in history].count("died") == 1
    assert files_of(run) == undisturbed


@pytest.mark.slow
@pytest.mark.parametrize("moment", range(20))
def test_everything_is_killed_at_any_moment(
    host: Host, tmp_path: Path, undisturbed: dict[str, bytes], moment: int
) -> None:
    """Supervisor and workers, together, at moments spread over the whole run."""
    make_project(tmp_path, FIVE)
    run = tmp_path / "outputs/estudio"
    started = host.start(*QUICK, cwd=tmp_path)
    while not run.is_dir() and alive(started.pid):
        time.sleep(0.001)
    time.sleep(0.1 * moment)
    for process in [*descendants(started.pid), started.pid]:
        if alive(process):
            os.kill(process, signal.SIGKILL)
    started.wait()
    resumed(host, tmp_path, undisturbed)


# -- stopped ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "number",
    [
        pytest.param(signal.SIGINT, id="INT"),
        pytest.param(signal.SIGTERM, id="TERM", marks=pytest.mark.slow),
    ],
)
@pytest.mark.parametrize("state", ["started", "executed", "done"])
def test_a_run_that_is_stopped_keeps_what_is_finished(
    host: Host, tmp_path: Path, undisturbed: dict[str, bytes], state: str, number: int
) -> None:
    make_project(tmp_path, FIVE)
    run = tmp_path / "outputs/estudio"
    started = host.start(*QUICK, cwd=tmp_path)
    await_line(run, state)
    clock = time.monotonic()
    started.kill(number)
    assert started.wait() == 130
    # The promise is one second; a machine that is busy with other tests gets more.
    assert time.monotonic() - clock < 3
    assert "Stopped." in started.err
    history = read_history(run)
    last = {e.job: e.status for e in history}
    assert "stopped" in last.values()
    check_tidy(run, *{e.worker for e in history})
    page = (run / "index.html").read_text(encoding="utf-8")
    for key, status in last.items():
        assert (f'href="reports/{key}/report.pdf"' in page) == (status == "done")
        for path in (run / f"reports/{key}").glob("*") if status == "done" else []:
            assert path.stat().st_size > 0
    assert not (run / "manifest.json").exists()
    resumed(host, tmp_path, undisturbed)


def test_a_stop_ends_kernels_too(host: Host, tmp_path: Path) -> None:
    make_project(tmp_path, FIVE, "import time; time.sleep(600)")
    run = tmp_path / "outputs/estudio"
    started = host.start("run", "params/estudio.yml", "--workers", "2", cwd=tmp_path)
    worker = await_line(run, "started").worker
    until = time.monotonic() + 30
    while not (below := descendants(worker)):
        assert time.monotonic() < until
        time.sleep(0.01)
    started.kill(signal.SIGINT)
    assert started.wait() == 130
    check_tidy(run, worker, *below)


# -- disks --------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of four megabytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(disk)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if made.returncode:
        pytest.skip(f"no disk can be mounted here: {made.stderr.strip()}")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def test_a_full_disk_stops_the_run_and_the_next_goes_on(
    host: Host, tmp_path: Path, small_disk: Path, undisturbed: dict[str, bytes]
) -> None:
    make_project(tmp_path / "p", FIVE)
    ballast, run = small_disk / "ballast", small_disk / "run"
    started = host.start(*QUICK, "--out", run, cwd=tmp_path / "p")
    await_line(run, "started")
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"x" * 4096):
            pass
    assert started.wait() == 3, started.out
    assert "No space left on device" in started.err
    assert "run again" in started.err
    check_tidy(run, *{e.worker for e in read_history(run)})
    subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
    again = host.run(*QUICK, "--out", run, cwd=tmp_path / "p")
    assert again.wait() == 0, again.err
    check_ledger(run, FIVE)
    left = files_of(run)
    assert left.keys() == undisturbed.keys()
    assert [n for n in left if left[n] != undisturbed[n]] == []


def test_a_disk_that_cannot_be_written(
    host: Host, tmp_path: Path, small_disk: Path, undisturbed: dict[str, bytes]
) -> None:
    make_project(tmp_path / "p", FIVE)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    run = small_disk / "run"
    done = host.run(*QUICK, "--out", run, cwd=tmp_path / "p")
    assert done.wait() == 2
    assert "can't be written: Read-only file system" in done.err
    subprocess.run(["mount", "-o", "remount,rw,size=64m", str(small_disk)], check=True)
    assert host.run(*QUICK, "--out", run, cwd=tmp_path / "p").wait() == 0
    assert files_of(run) == undisturbed


def test_a_file_in_place_of_the_folder(host: Host, tmp_path: Path) -> None:
    make_project(tmp_path, FIVE)
    (tmp_path / "outputs").mkdir()
    (tmp_path / "outputs/estudio").write_text("in the way")
    done = host.run(*QUICK, cwd=tmp_path)
    assert done.wait() == 2
    assert "outputs/estudio: the run folder can't be written" in done.err
    assert (tmp_path / "outputs/estudio").read_text() == "in the way"


def test_a_file_in_place_of_the_folder_of_one_report(host: Host, tmp_path: Path) -> None:
    make_project(tmp_path, FIVE)
    run = tmp_path / "outputs/estudio"
    (run / "reports").mkdir(parents=True)
    (run / "reports/01003").write_text("in the way")
    done = host.run(*QUICK, cwd=tmp_path)
    assert done.wait() == 3
    assert {k for k, e in read_ledger(run).items() if e.status == "failed"} == {"01003"}
    assert "can't be written" in (run / "failures.csv").read_text()
    (run / "reports/01003").unlink()
    assert host.run(*QUICK, "--retry-failed", cwd=tmp_path).wait() == 0
    check_ledger(run, FIVE)


# -- two at once --------------------------------------------------------------------------------------


def test_a_second_run_in_the_same_folder_is_refused(
    host: Host, tmp_path: Path, undisturbed: dict[str, bytes]
) -> None:
    make_project(tmp_path, FIVE)
    run = tmp_path / "outputs/estudio"
    first = host.start(*QUICK, cwd=tmp_path)
    await_line(run, "started")
    os.kill(first.pid, signal.SIGSTOP)  # else it might have ended by the time the other is there
    second = host.run(*QUICK, cwd=tmp_path)
    os.kill(first.pid, signal.SIGCONT)
    assert second.wait() == 2
    assert f"another run is writing here: process {first.pid}" in second.err
    assert first.wait() == 0
    check_ledger(run, FIVE)
    assert files_of(run) == undisturbed


def test_of_many_that_start_at_once_one_runs(host: Host, tmp_path: Path) -> None:
    make_project(tmp_path, FIVE)
    run = tmp_path / "outputs/estudio"
    started: list[Started] = [host.start(*QUICK, cwd=tmp_path) for _ in range(4)]
    codes = sorted(s.wait() or 0 for s in started)
    assert codes[0] == 0
    assert set(codes) <= {0, 2}
    check_ledger(run, FIVE)
