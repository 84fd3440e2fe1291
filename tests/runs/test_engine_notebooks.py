"""Every notebook of the project comes out of both engines byte by byte alike."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest

from workbench.runs.engine import execute_standard
from workbench.runs.forked import execute_forked
from workbench.runs.needs import needs_standard
from workbench.runs.shared_cells import alike
from workbench.runs.warming import warm
from workbench.specs.version import MIMETYPE

ROOT = Path(__file__).parents[2]
SECONDS = 180
FAST = {"municipality", "show_a_report"}
# The unit of a report; other parameters keep what the notebook says.
UNITS = {
    "municipality": {"study": "params/gdm-ejemplo.yml", "unit": "99001", "locale": "es-MX"},
    "programme": {"study": "params/icma-resultados.yml", "unit": "programa", "locale": "es-MX"},
}
NOTEBOOKS = [
    pytest.param(path, id=path.stem, marks=[] if path.stem in FAST else [pytest.mark.slow])
    for folder in ("notebooks", "tests/notebooks")
    for path in sorted((ROOT / folder).glob("*.ipynb"))
    if path.stem != "explore"  # shows widgets, and so has a kernel of its own
]


def figures(node: Any) -> int:
    """Return how many pictures a notebook shows."""
    count = 0
    for out in (o for c in node.cells for o in c.get("outputs", [])):
        data = out.get("data", {})
        count += sum(b["kind"] == "figure" for b in data.get(MIMETYPE, {}).get("blocks", []))
        count += sum(form.startswith("image/") for form in data)
    return count


@pytest.mark.parametrize("path", NOTEBOOKS)
def test_both_engines_agree(pool, path: Path, tmp_path: Path) -> None:
    parameters = UNITS.get(path.stem, {})
    assert needs_standard(nbformat.read(path, as_version=4)) is None
    if parameters:  # warm, with what is shared by two reports
        others = {**parameters, "unit": "another"}
        common = {path: alike([parameters, others])}
        assert pool.submit(warm, common, ROOT, tmp_path, SECONDS).result(300) == {}

    def run(engine: Any) -> Any:
        return pool.submit(engine, path, parameters, ROOT, tmp_path, SECONDS).result(900)

    forked, standard = run(execute_forked), run(execute_standard)
    assert figures(forked) == figures(standard)
    for mine, reference in zip(forked.cells, standard.cells, strict=True):
        assert mine == reference
    assert nbformat.writes(forked) == nbformat.writes(standard)
