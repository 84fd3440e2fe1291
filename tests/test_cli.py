"""The command line, through a real process: what it prints, and how it ends."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from tests.support import OBSERVATIONS, Project


def workbench(*args: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the command line and return what came."""
    command = [sys.executable, "-c", "from workbench.cli import main; main()", *args]
    variables = {**os.environ, "COLUMNS": "120", **env}
    return subprocess.run(
        command,
        cwd=cwd,
        capture_output=True,
        text=True,
        env=variables,
        check=False,
        encoding="utf-8",
    )


def test_help_teaches_with_examples(root: Path) -> None:
    done = workbench("--help", cwd=root)
    assert done.returncode == 0
    assert "workbench run params/STUDY.yml" in done.stdout
    for command in ("init", "instruments", "check", "score", "explain", "roadmap", "run"):
        page = workbench(command, "--help", cwd=root)
        assert page.returncode == 0
        assert f"workbench {command} " in page.stdout.replace("Usage: ", ""), command


def test_instruments(root: Path) -> None:
    done = workbench("instruments", cwd=root)
    assert done.returncode == 0
    lines = {line.split()[0]: line for line in done.stdout.splitlines() if line.strip()}
    assert "published" in lines["gdm-2025-2027"]
    assert "partial" in lines["mi-gestion"]
    one = workbench("instruments", "mi-gestion", "--locale", "es-MX", cwd=root)
    assert "La fuente no da los cortes de los niveles" in one.stdout
    sources = one.stdout.split("fuentes:")[1].splitlines()[1:2]
    assert sources[0].startswith("  - ")
    assert "root=" not in one.stdout
    assert (
        workbench("instruments", "mi-gestio", cwd=root).stderr.count("Did you mean mi-gestion?")
        == 1
    )


def test_a_roadmap_is_drafted_once(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "plan.yml"
    args = ("roadmap", "params/gdm-ejemplo.yml", "--unit", "99001", "--out", str(out))
    done = workbench(*args, "--most", "2", cwd=root)
    assert (done.returncode, done.stderr) == (0, "")
    assert f'roadmap: {{"99001": {out}}}' in done.stdout.replace("\n", "")
    assert out.read_text(encoding="utf-8").count("- id: ") == 5
    again = workbench(*args, cwd=root, WORKBENCH_LANG="es-MX")
    assert again.returncode == 2
    assert "nunca se sobrescribe nada" in again.stderr.replace("\n", " ")
    assert out.read_text(encoding="utf-8").count("- id: ") == 5


def test_check_score_explain(root: Path, tmp_path: Path) -> None:
    done = workbench("check", "params/gdm-slp-2025.yml", cwd=root)
    assert (done.returncode, done.stderr) == (0, "")
    assert "43 units" in done.stdout
    assert "29 warnings" in done.stdout
    done = workbench("score", "params/gdm-slp-2025.yml", "--locale", "es-MX", cwd=root)
    assert "Rioverde" in done.stdout
    assert "99.1" in done.stdout
    out = tmp_path / "scores.parquet"
    assert (
        workbench("score", "params/gdm-slp-2025.yml", "--out", str(out), cwd=root).returncode == 0
    )
    frame = pd.read_parquet(out)
    assert len(frame) == 43 * (40 + 115)
    done = workbench("explain", "params/gdm-slp-2025.yml", "24024", cwd=root)
    assert "100 × 114 / (115 − 0) = 99.1304347826" in done.stdout


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["scor"], "Did you mean 'score'"),
        (["run", "params/gdm-slp-2025.yml", "--unti", "x"], "--unit"),
        (["run"], "Missing argument"),
        (["check", "params/gdm-slp.yml"], "no such study"),
        (["run", "params/gdm-slp-2025.yml", "--unit", "2402"], "Did you mean"),
        (["run", "params/gdm-slp-2025.yml", "--formats", "docx"], "Valid ones: ipynb, html, pdf."),
        (["run", "params/gdm-slp-2025.yml", "--locale", "es"], "a language and a country"),
        (["run", "params/gdm-slp-2025.yml", "-p", "uni=3", "--dry-run"], "Did you mean unit?"),
        (["run", "params/gdm-slp-2025.yml", "-p", "unit=3", "--dry-run"], "--unit"),
        (["run", "params/gdm-slp-2025.yml", "-p", "unit"], "NAME=VALUE"),
        (["run", "params/gdm-slp-2025.yml", "--workers", "0"], "--workers"),
        (["score", "params/gdm-slp-2025.yml", "--node", "11"], "has no node 11"),
        (["score", "params/gdm-slp-2025.yml", "--wave", "2024"], "no such wave"),
        (["score", "params/gdm-slp-2025.yml", "--out", "x.docx"], ".csv or .parquet"),
        (["explain", "params/gdm-slp-2025.yml", "Rioverde"], "Write its code: 24024."),
        (["check", "README.md"], "README.md"),
        (["check", "LICENSE"], "LICENSE"),
    ],
)  # fmt: skip
def test_mistakes_end_with_2_and_advice(root: Path, args: list[str], words: str) -> None:
    done = workbench(*args, cwd=root)
    assert done.returncode == 2, done.stderr
    assert words in " ".join((done.stdout + done.stderr).split())
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["scor"], "No existe el comando 'scor'. ¿Quiso decir 'score'?"),
        (["zzz"], "No existe el comando 'zzz'"),
        (["run"], "Falta el argumento 'STUDY'. Vea"),
        (["run", "x", "--unti", "x"], "No existe la opción --unti (opciones posibles: --out, --unit)"),
        (["run", "x", "-z"], "No existe la opción -z"),
        (["check", "a", "b"], "Sobran argumentos: b"),
        (["run", "x", "--unit"], "La opción '--unit' requiere un valor"),
        (["run", "x", "--dry-run=3"], "La opción '--dry-run' no lleva valor"),
        (["run", "x", "--workers", "0"], "Valor no válido para '--workers'; se esperaba un número de 1 o más"),
        (["run", "x", "--workers", "z"], "Valor no válido para '--workers'; se esperaba un número entero"),
    ],
)  # fmt: skip
def test_mistakes_in_arguments_in_spanish(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, args: list[str], words: str
) -> None:
    from workbench.cli import execute

    monkeypatch.setenv("WORKBENCH_LANG", "es-MX")
    assert execute(args) == 2
    assert words in " ".join(capsys.readouterr().err.split())


def test_places_in_spanish(project: Project) -> None:
    project.observations = OBSERVATIONS.replace("80", "x")
    done = workbench("check", str(project.write()), cwd=project.path, WORKBENCH_LANG="es-MX")
    assert "observations.csv renglón 2 columna value: no es un número" in done.stderr


def test_a_table_of_problems_that_cannot_be_written(project: Project) -> None:
    project.observations = OBSERVATIONS.replace("80", "x")
    study = str(project.write())
    done = workbench("check", study, "--problems", str(project.path), cwd=project.path)
    assert done.returncode == 2
    assert "can't be written" in done.stderr
    assert "not a number, got x" in done.stderr


@pytest.mark.parametrize("args", [["check"], ["instruments"]])
def test_a_name_no_file_can_have(root: Path, args: list[str]) -> None:
    done = workbench(*args, "a" * 400, cwd=root)
    assert done.returncode == 2
    assert "aaa...aaa" in done.stderr


def test_problems_are_a_table_and_a_file(project: Project) -> None:
    project.observations = "unit,code,value\n" + "".join(f"01001,agua,x{i}\n" for i in range(60))
    study, out = project.write(), project.path / "problems.csv"
    done = workbench(
        "check", str(study), "--problems", str(out), cwd=project.path, WORKBENCH_LANG="es-MX"
    )
    assert done.returncode == 2
    assert "problemas" in done.stderr
    assert "no es un número" in done.stderr
    assert "y 10 más" in done.stderr
    frame = pd.read_csv(out)
    assert len(frame) == 60
    assert set(frame["reason"]) == {"data.value_not_number"}


def test_hostile_text_cannot_steer_the_terminal(project: Project) -> None:
    project.observations = OBSERVATIONS.replace("80", "\x1b[2J\x1b]0;x\x07[red]x")
    done = workbench("check", str(project.write()), cwd=project.path)
    assert done.returncode == 2
    assert "\x1b" not in done.stderr
    assert "[red]x" in done.stderr


def test_dry_run_shows_the_plan_and_makes_nothing(root: Path, tmp_path: Path) -> None:
    done = workbench(
        "run", "params/gdm-slp-2025.yml", "--dry-run", "--out", str(tmp_path / "o"), cwd=root
    )
    assert done.returncode == 0
    assert "44 of 44 reports" in done.stdout
    assert re.search(r"notebooks/municipality\.ipynb, SHA-256 [0-9a-f]{64}\n", done.stdout)
    assert not (tmp_path / "o").exists()


def test_a_project_is_made_and_nothing_is_overwritten(tmp_path: Path) -> None:
    done = workbench("init", "mine", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    made = tmp_path / "mine"
    assert (made / "params/gdm-ejemplo.yml").is_file()
    for path in (made / "params/gdm-ejemplo.yml", made / "data/instruments/gdm-2025-2027.yml"):
        first = path.read_text(encoding="utf-8").splitlines()[0]
        assert (path.parent / first.partition("$schema=")[2]).is_file()
    assert workbench("check", "params/gdm-ejemplo.yml", cwd=made).returncode == 0
    again = workbench("init", "mine", cwd=tmp_path)
    assert again.returncode == 2
    assert "not empty" in again.stderr


def test_a_bug_is_written_down_not_shown(root: Path, tmp_path: Path) -> None:
    code = (
        "import workbench.study as s\n"
        "def broken(*a, **k): raise ZeroDivisionError('inside')\n"
        "s.Study.open = broken\n"
        "from workbench.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "check", "x"], cwd=root, capture_output=True, text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)}, check=False,
    )  # fmt: skip
    assert done.returncode == 70
    assert "Traceback" not in done.stderr
    crash = next(tmp_path.glob("workbench-crash-*.txt"))
    assert "ZeroDivisionError: inside" in crash.read_text()


def test_several_units_after_one_option(root: Path) -> None:
    for units in (["24024", "24028"], ["24024,24028"]):
        done = workbench("run", "params/gdm-slp-2025.yml", "--dry-run", "--unit", *units, cwd=root)
        assert done.returncode == 0, done.stderr
        assert {"24024", "24028"} <= set(done.stdout.split())
        assert "24002" not in done.stdout.split()


def test_a_run_whose_tables_are_absent_is_bad_input(root: Path, tmp_path: Path) -> None:
    study = "params/comparisons/guatemala-olas.yml"
    done = workbench("run", study, "--dry-run", cwd=root, WORKBENCH_REFERENCE=str(tmp_path))
    assert done.returncode == 2
    assert "no such file" in done.stderr
