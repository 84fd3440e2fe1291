"""The project itself: its rooms, its lock, and what must not be in it."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from workbench.runs.parameters import notebook_parameters

# Each room may import those before it, and itself.
ORDER = [
    ["language", "errors", "specs"],
    ["instruments"],
    ["observations"],
    ["forms"],
    ["scoring"],
    ["stats"],
    ["audit"],
    ["study"],
    ["display"],
    ["explore"],
    ["reports"],
    ["site"],
    ["runs"],
    ["interchange"],
    ["console", "usage", "cli"],
]


def imports_of(path: Path) -> set[str]:
    """Return the rooms that a module imports when it is loaded (inside functions too)."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
        elif isinstance(node, ast.Import):
            names = [a.name for a in node.names]
        for name in names:
            parts = name.split(".")
            if parts[0] == "workbench" and len(parts) > 1:
                found.add(parts[1])
    return found


def test_imports_go_one_way(root: Path) -> None:
    rank = {room: i for i, rooms in enumerate(ORDER) for room in rooms}
    seen = 0
    for path in (root / "workbench").rglob("*.py"):
        inside = path.relative_to(root / "workbench")
        room = inside.parts[0].removesuffix(".py")
        if room == "__init__":
            continue
        for other in imports_of(path):
            assert rank[other] <= rank[room], f"{inside} imports {other}"
            seen += 1
    assert seen > 100


def test_importing_the_package_is_free() -> None:
    code = "import sys, workbench; print(sorted(m for m in ('numpy', 'pandas', 'pydantic') if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def project_table(root: Path) -> dict:
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))


def locked(root: Path) -> dict[str, list[str]]:
    """Return the locked versions of each package."""
    found: dict[str, list[str]] = {}
    for line in (root / "requirements.lock").read_text(encoding="utf-8").splitlines():
        match = re.match(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^ ;\\]+)", line)
        if match:
            found.setdefault(canonicalize_name(match[1]), []).append(match[2])
    return found


def test_lock_satisfies_the_project(root: Path) -> None:
    table, versions = project_table(root), locked(root)
    wanted = [
        *table["project"]["dependencies"],
        *(d for group in table["project"]["optional-dependencies"].values() for d in group),
        *(d for group in table["dependency-groups"].values() for d in group),
        *table["build-system"]["requires"],
    ]
    assert len(wanted) > 40
    for text in wanted:
        requirement = Requirement(text)
        pins = versions.get(canonicalize_name(requirement.name))
        assert pins, f"{text} is not locked; run: make lock"
        assert all(requirement.specifier.contains(p, prereleases=True) for p in pins), text


def test_lock_holds_hashes_and_no_address(root: Path) -> None:
    text = (root / "requirements.lock").read_text(encoding="utf-8")
    pins = len(re.findall(r"^[A-Za-z0-9._-]+==", text, flags=re.MULTILINE))
    assert pins > 150
    assert text.count("--hash=sha256:") > pins
    assert not re.search(r"https?://|file:|--(extra-)?index|--find-links", text)


def test_conda_and_pip_ask_for_the_same(root: Path) -> None:
    from ruamel.yaml import YAML

    environment = YAML(typ="safe").load((root / "environment.yml").read_text(encoding="utf-8"))
    table = project_table(root)
    assert environment["name"] == table["project"]["name"]
    python = next(d for d in environment["dependencies"] if str(d).startswith("python"))
    assert python == f"python{table['project']['requires-python']}"
    pip = next(d["pip"] for d in environment["dependencies"] if isinstance(d, dict))
    assert pip == ["--require-hashes", "-r requirements.lock"]


# Licences that would bind those who pass the product on.
COPYLEFT = re.compile(r"\b(A?GPL|GNU (Affero )?General Public)", re.IGNORECASE)


def test_no_copyleft_at_run_time(root: Path) -> None:
    from importlib.metadata import PackageNotFoundError, distribution

    table = project_table(root)
    waiting = [Requirement(d).name for d in table["project"]["dependencies"]]
    seen: set[str] = set()
    bad = []
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name in seen:
            continue
        seen.add(name)
        try:
            found = distribution(name)
        except PackageNotFoundError:  # a dependency of another platform
            continue
        fields = [
            found.metadata.get("License-Expression") or "",
            *(c for c in found.metadata.get_all("Classifier") or [] if "License" in c),
        ]
        licence = " ".join(fields)
        if (
            COPYLEFT.search(licence)
            and "LGPL" not in licence
            and "Lesser" not in licence
            and " OR " not in licence
        ):
            bad.append(f"{name}: {licence}")
        for text in found.requires or []:
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                waiting.append(requirement.name)
    assert len(seen) > 60
    assert bad == []


@pytest.mark.parametrize(
    "name",
    [
        "index", "explore", "municipality", "cohort", "waves", "groups", "programme_effect", "funnel",
        "ranking",
    ],
)  # fmt: skip
def test_notebooks_are_prose_and_calls(root: Path, name: str) -> None:
    notebook = nbformat.read(root / f"notebooks/{name}.ipynb", as_version=4)
    assert {"study", "locale"} <= set(notebook_parameters(notebook))
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None
            assert not re.search(r"^\s*(def|class|lambda)\b", cell.source, flags=re.MULTILINE)
            assert len(cell.source.splitlines()) <= 6


def test_every_case_says_where_it_comes_from(root: Path) -> None:
    import json

    cases = sorted(p for p in (root / "data/cases").iterdir() if p.is_dir())
    assert len(cases) >= 4
    for case in cases:
        package = json.loads((case / "datapackage.json").read_text(encoding="utf-8"))
        assert package["name"] == case.name
        assert package["sources"]
        assert package["licenses"]
        listed = {r["path"] for r in package["resources"]}
        present = {p.name for p in case.iterdir()} - {"datapackage.json", "generar.py"}
        assert listed == present


def test_columns_of_the_cases_are_described(root: Path) -> None:
    import csv
    import json

    for path in (root / "data/cases").glob("*/datapackage.json"):
        for resource in json.loads(path.read_text(encoding="utf-8"))["resources"]:
            if not resource["path"].endswith(".csv"):
                continue
            with (path.parent / resource["path"]).open(encoding="utf-8") as file:
                header = next(csv.reader(file))
            described = [f["name"] for f in resource["schema"]["fields"]]
            assert set(described) <= set(header), resource["path"]
            if path.parent.name != "gdm-ejemplo":
                assert described == header, resource["path"]


def test_the_example_is_what_its_script_makes(root: Path, tmp_path: Path) -> None:
    import shutil

    case = tmp_path / "data/cases/gdm-ejemplo"
    shutil.copytree(root / "data/instruments", tmp_path / "data/instruments")
    case.mkdir(parents=True)
    shutil.copyfile(root / "data/cases/gdm-ejemplo/generar.py", case / "generar.py")
    subprocess.run([sys.executable, "data/cases/gdm-ejemplo/generar.py"], cwd=tmp_path, check=True)
    for name in ("municipio.csv", "observaciones.csv"):
        assert (case / name).read_bytes() == (root / "data/cases/gdm-ejemplo" / name).read_bytes()


def test_changelog_says_whether_scores_change(root: Path) -> None:
    entries = re.split(
        r"^## ", (root / "CHANGELOG.md").read_text(encoding="utf-8"), flags=re.MULTILINE
    )[1:]
    assert entries
    assert all("Scores change:" in entry for entry in entries)


@pytest.mark.parametrize("script", ["scoring.py 40 2"])
def test_benchmarks_run(root: Path, script: str) -> None:
    name, *arguments = script.split()
    done = subprocess.run(
        [sys.executable, str(root / "benchmarks" / name), *arguments],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "ratio" in done.stdout


def test_every_instrument_of_the_field_is_in_the_list(root: Path) -> None:
    listed = (root / "docs/instruments.md").read_text(encoding="utf-8")
    made_up = re.compile(r"-ejemplo$")
    names = [path.stem for path in sorted((root / "data/instruments").glob("*.yml"))]
    missing = [n for n in names if not made_up.search(n) and f"`{n}`" not in listed]
    assert len(names) > 40
    assert missing == []


def test_the_made_up_nation_is_a_study_as_any_other(root: Path, tmp_path: Path) -> None:
    """Two makings are the same; few tables have holes; no unit contradicts its own facts."""
    from workbench.study import Study

    tables = []
    for name in ("one", "two"):
        command = [sys.executable, str(root / "benchmarks/made_up_nation.py"), str(tmp_path / name)]
        subprocess.run([*command, "--units", "30"], check=True, capture_output=True)
        case = tmp_path / name / "data/cases/nacion-ejemplo"
        tables.append([(case / "observaciones.parquet").read_bytes()])
        tables[-1].append((case / "municipios.csv").read_bytes())
    assert tables[0] == tables[1]
    study = Study.open(tmp_path / "one/params/nacion-ejemplo.yml")
    assert len(study.observed_units()) == 30
    known = study.scores.wide("2026")["total"].notna()
    assert known.mean() > 0.5
    view = study.view(known.index[known][0])
    assert view.headline[0].score is not None
    assert len(view.indicators) == 115
