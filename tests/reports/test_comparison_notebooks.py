"""The notebooks of comparisons run by papermill alone, and become pages and PDFs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from workbench.reports.html import render_html
from workbench.reports.model import notebook_blocks
from workbench.reports.pdf import render_pdf

NOTEBOOKS = {
    "waves": ("params/comparaciones-ejemplo.yml", "¿Qué cambió?", 4),
    "groups": ("params/comparaciones-ejemplo.yml", "¿En qué difieren los grupos?", 2),
    "programme_effect": (
        "params/comparaciones-ejemplo.yml",
        "¿Cambiaron los participantes más que los demás?",
        2,
    ),
    "ranking": ("params/comparaciones-ejemplo.yml", "¿Qué tan firmes son los lugares?", 0),
    "funnel": ("params/certeza-ejemplo.yml", "¿Quién está fuera de lo que da el azar?", 1),
}
# Published tables that are no part of the project.
REAL = {
    "coneval-pobreza": ("waves", "groups"),
    "idf-pdet": ("waves", "groups", "programme_effect", "ranking"),
    "idf-pdet-2016-2021": ("programme_effect",),
    "guatemala-olas": ("waves", "groups"),
}


def run(root: Path, out: Path, name: str, study: str, *more: str) -> nbformat.NotebookNode:
    """Return a notebook that papermill ran in the project."""
    command = [sys.executable, "-m", "papermill", f"notebooks/{name}.ipynb", str(out)]
    wanted = ["-r", "study", study, *more, "--no-progress-bar", "--log-level", "ERROR"]
    subprocess.run([*command, *wanted], cwd=root, check=True, capture_output=True)
    return nbformat.read(out, as_version=4)


def check(notebook: nbformat.NotebookNode) -> list[dict]:
    """Return the blocks of a report after a look at what no report may hold."""
    blocks = notebook_blocks(notebook)
    page, pdf = render_html(notebook), render_pdf(notebook)
    assert pdf.startswith(b"%PDF")
    assert "Traceback" not in page
    assert ">nan<" not in page.lower()
    return blocks


@pytest.mark.slow
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_of_comparisons_runs_alone(root: Path, tmp_path: Path, name: str) -> None:
    study, heading, figures = NOTEBOOKS[name]
    blocks = check(run(root, tmp_path / "out.ipynb", name, study))
    assert any(b["kind"] == "heading" and str(b["text"]).find(heading) >= 0 for b in blocks)
    assert sum(b["kind"] == "figure" for b in blocks) == figures


@pytest.mark.slow
@pytest.mark.parametrize("locale", ["es-MX", "en"])
@pytest.mark.parametrize(("study", "name"), [(s, n) for s, names in REAL.items() for n in names])
def test_published_data_become_reports(
    root: Path, tmp_path: Path, shared: Path, study: str, name: str, locale: str
) -> None:
    if not (shared / "realdata").is_dir():
        pytest.skip(f"published tables not found in {shared}/realdata")
    path = f"params/comparisons/{study}.yml"
    blocks = check(run(root, tmp_path / "out.ipynb", name, path, "-r", "locale", locale))
    told = [b for b in blocks if b["kind"] in ("table", "callout")]
    assert told
    for block in blocks:
        if block["kind"] == "figure":
            # However many the units are, the picture stays a picture.
            assert len(block["svg"]) < 400_000
            assert block["alt"]
            assert block["table"]
