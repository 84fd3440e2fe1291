"""The same study run twice, under conditions that may differ and must not matter: same bytes."""

from __future__ import annotations

import datetime
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.runs.comparing import first_difference
from tests.runs.test_proof import project_at
from workbench.runs.ledger import LEDGER

COMMAND = [sys.executable, "-c", "from workbench.cli import main; main()"]
SECONDS = 600
# The ledger holds times and processes; it stands outside of the promise, and of a pack.
LEAVE = frozenset({LEDGER})
# Another day for everything that asks Python. The methods are put into the types themselves: a type
# of one's own in their place is not the one that compiled libraries know. libfaketime is no way: the
# sleep of Python 3.11 fails under it. What asks the system by itself sees another minute anyway.
CLOCK = """
import ctypes, datetime, gc, time
SHIFT = 437 * 86_400 + 12_345
_time, _time_ns = time.time, time.time_ns
time.time = lambda: _time() + SHIFT
time.time_ns = lambda: _time_ns() + SHIFT * 10**9
for _name in ("localtime", "gmtime", "ctime"):
    def _shifted(seconds=None, _of=getattr(time, _name)):
        return _of(time.time() if seconds is None else seconds)
    setattr(time, _name, _shifted)
_strftime = time.strftime
time.strftime = lambda form, when=None: _strftime(form, time.localtime() if when is None else when)

def _put(kind, **methods):
    for name, method in methods.items():
        gc.get_referents(kind.__dict__)[0][name] = classmethod(method)
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(kind))

_utc = datetime.timezone.utc
_put(
    datetime.datetime,
    now=lambda cls, tz=None: cls.fromtimestamp(time.time(), tz),
    utcnow=lambda cls: cls.fromtimestamp(time.time(), _utc).replace(tzinfo=None),
    today=lambda cls: cls.fromtimestamp(time.time()),
)
_put(datetime.date, today=lambda cls: cls.fromtimestamp(time.time()))
"""


@dataclass
class Conditions:
    """Where and how a study is run.

    ``folder`` is that of the project, ``cwd`` the one in which the command is given.
    """

    folder: str
    options: list[str]
    variables: dict[str, str]
    umask: int
    cwd: str = "."
    other_day: bool = False
    codes: list[int] = field(default_factory=lambda: [0])


def here() -> Conditions:
    variables = {
        "TZ": "America/Mexico_City", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0",
        "OMP_NUM_THREADS": "1", "COLUMNS": "200",
    }  # fmt: skip
    return Conditions("project", ["--workers", "1", "--engine", "forked"], variables, 0o022)


def elsewhere() -> Conditions:
    variables = {
        "TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "4711", "LANG": "de_DE.UTF-8",
        "OMP_NUM_THREADS": "2", "COLUMNS": "40", "WORKBENCH_LANG": "en", "MPLBACKEND": "svg",
        "SOURCE_DATE_EPOCH": "86400",
    }  # fmt: skip
    return Conditions(
        "otra carpeta/más honda (2)", ["--workers", "2", "--engine", "standard"], variables, 0o077,
        cwd="notebooks", other_day=True,
    )  # fmt: skip


def run_under(
    made: Conditions, project: Path, study: str, more: list[str], tmp: Path, scratch: str
) -> Path:
    """Run a study under conditions, and return the folder of the run and of its pack."""
    env = {**os.environ, **made.variables}
    for name in ("HOME", "XDG_CACHE_HOME", "MPLCONFIGDIR", "IPYTHONDIR"):
        env[name] = str(tmp / f"{name} of {project.name}")
        Path(env[name]).mkdir(exist_ok=True)
    env["TMPDIR"] = scratch
    paths = [str(Path(__file__).parents[2])]
    if made.other_day:
        clock = tmp / "clock"
        clock.mkdir(exist_ok=True)
        (clock / "sitecustomize.py").write_text(CLOCK, encoding="utf-8")
        paths.insert(0, str(clock))
    env["PYTHONPATH"] = os.pathsep.join(paths)

    def call(*arguments: str) -> None:
        done = subprocess.run(
            [*COMMAND, *arguments], cwd=project / made.cwd, env=env, umask=made.umask,
            timeout=SECONDS, capture_output=True, text=True, errors="replace", check=False,
        )  # fmt: skip
        assert done.returncode in made.codes, f"{arguments}: {done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr, done.stderr

    call("run", str(project / "params" / f"{study}.yml"), *made.options, *more)
    run = project / "outputs" / study
    call("verify", str(run))
    call(
        "pack", str(run), "--project", str(project), "--out", str(project / "outputs" / "pack.zip")
    )
    return project / "outputs"


def both(tmp: Path, study: str, more: list[str], source: Path, codes: list[int]) -> list[Path]:
    """Return the outputs of a study run under both conditions."""
    found = []
    for made in (here(), elsewhere()):
        project = tmp / made.folder
        project.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, project)
        made.codes = codes
        # Sockets of kernels lie there, and the system allows them some hundred bytes of path.
        with tempfile.TemporaryDirectory(prefix=f"t{len(found)}-") as scratch:
            found.append(run_under(made, project, study, more, tmp, scratch))
    return found


@pytest.fixture(scope="module")
def shipped(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what the project holds for its studies."""
    folder = tmp_path_factory.mktemp("shipped") / "p"
    for name in ("data", "notebooks", "params"):
        shutil.copytree(root / name, folder / name)
    shutil.copy(root / "requirements.lock", folder)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize(
    ("study", "more"),
    [
        pytest.param("gdm-slp-2025", ["--only", "24028", "cohort"], id="index with peers"),
        pytest.param("encuesta-ejemplo", [], id="survey of people"),
        pytest.param("comparaciones-ejemplo", [], id="comparison by drawing again"),
        pytest.param("certeza-ejemplo", ["--only", "96036"], id="uncertainty"),
    ],
)
def test_two_runs_give_the_same_bytes(
    shipped: Path, tmp_path: Path, study: str, more: list[str]
) -> None:
    a, b = both(tmp_path, study, more, shipped, [0])
    assert len([p for p in a.rglob("*") if p.suffix in {".pdf", ".html", ".parquet"}]) > 5
    assert not (found := first_difference(a / study, b / study, LEAVE)), found
    assert (a / "pack.zip").read_bytes() == (b / "pack.zip").read_bytes()


@pytest.mark.slow
def test_what_fails_fails_the_same_way(tmp_path: Path) -> None:
    """A report that fails leaves its notebook and a line in ``failures.csv``: the same ones."""
    project_at(tmp_path / "source")
    notebook = tmp_path / "source" / "notebooks" / "unit.ipynb"
    text = notebook.read_text(encoding="utf-8")
    notebook.write_text(
        text.replace("report.cover(view)", "report.cover(view)\\n1 / (int(unit) - 1001)"),
        encoding="utf-8",
    )
    a, b = both(tmp_path, "estudio", [], tmp_path / "source", [0, 3])
    assert "ZeroDivisionError" in (a / "estudio" / "failures.csv").read_text(encoding="utf-8")
    assert not (found := first_difference(a / "estudio", b / "estudio", LEAVE)), found


def test_the_other_day_is_another_one(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(CLOCK, encoding="utf-8")
    asked = (
        "import datetime as d, time as t, pandas as p; print(d.date.today().year, d.datetime.now().year, "
        "d.datetime.today().year, p.Timestamp.now().year, t.strftime('%Y'), t.gmtime().tm_year)"
    )
    done = subprocess.run(
        [sys.executable, "-c", asked], env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    years = {int(year) for year in done.stdout.split()}
    assert len(years) == 1
    assert years.pop() > datetime.date.today().year


def test_a_difference_is_shown_where_it_begins(tmp_path: Path) -> None:
    for name, word in (("a", "uno"), ("b", "dos")):
        folder = tmp_path / name / "reports" / "01001"
        folder.mkdir(parents=True)
        cell = (
            f'{{"cell_type": "markdown", "id": "x", "metadata": {{}}, "source": "# Hoja {word}"}}'
        )
        (folder / "report.ipynb").write_text(
            f'{{"cells": [\n{cell}\n], "metadata": {{}}, "nbformat": 4, "nbformat_minor": 5}}'
        )
        (folder / "report.html").write_text(f"<p>{word}")
        (tmp_path / name / LEDGER).write_text(word)
    found = first_difference(tmp_path / "a", tmp_path / "b", LEAVE)
    assert found.startswith("2 of 2 files differ")
    assert "report.ipynb: byte" in found
    assert "cell 1: # Hoja uno" in found
    (tmp_path / "a" / "more").write_text("")
    assert "only in the first: ['more']" in first_difference(tmp_path / "a", tmp_path / "b")
    assert first_difference(tmp_path / "a", tmp_path / "a") == ""
