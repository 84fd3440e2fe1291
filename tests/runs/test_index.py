"""The page that lists the reports of a run: results as they are, no column that holds nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from workbench.runs.listing import make_listing
from workbench.runs.plan import make_plan
from workbench.site.content import make_site
from workbench.site.pages import site_files
from workbench.study import Study


def listed(root: Path, name: str, out: Path) -> tuple[list[str], list[list[str]]]:
    """Return the heads and the cells of the page of a study of which nothing is rendered yet."""
    plan = make_plan(Study.open(root / f"params/{name}.yml"), out=out)
    made = site_files(make_site(plan.study, plan.run_id), make_listing(plan).head, {})
    page = made["index.html"].decode("utf-8")
    table = page.partition('<table id="reports"')[2].partition("</table>")[0]
    head, body = table.split("<tbody", maxsplit=1)
    heads = [text.strip() for text in re.findall(r'<button type="button">([^<]*)</button>', head)]
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in body.split("<tr")[1:]]
    rows = [[re.sub("<[^>]*>", "", text).strip() for text in row[:-1]] for row in cells]
    return heads, sorted(rows, key=lambda row: row[1])


@pytest.mark.parametrize(
    ("name", "heads", "row"),
    [
        (
            "capacidad-ejemplo",
            ["Municipio", "Clave", "Población", "Clase de capacidad"],
            ["Villa Ejemplo", "99001", "8,200", "Clase A"],
        ),
        (
            "certificacion-medicion-ejemplo",
            [
                "Sistema de medición",
                "Clave",
                "Certificado del sistema de medición",
                "Indicadores con resultado (%)",
                "Respuestas con documento que las apoya (%)",
                "Mediciones en el tiempo",
            ],
            [
                "Sistema de San Ejemplo del Valle",
                "99001",
                "En proceso",
                "98.11",
                "63.52",
                "2",
            ],
        ),
    ],
    ids=lambda x: x if isinstance(x, str) else "",
)
def test_a_result_that_is_a_level_is_listed_as_one(
    root: Path, tmp_path: Path, name: str, heads: list[str], row: list[str]
) -> None:
    found, rows = listed(root, name, tmp_path / "run")
    assert found == heads
    assert rows[0] == row


def test_a_result_known_between_levels_says_between_which(root: Path, tmp_path: Path) -> None:
    _, rows = listed(root, "capacidad-ejemplo", tmp_path / "run")
    assert rows[3][-1] == "Clase B – Clase A"


def test_scores_keep_their_place(root: Path, tmp_path: Path) -> None:
    heads, rows = listed(root, "cimtra-monterrey", tmp_path / "run")
    assert heads[-2:] == ["Transparencia municipal", "Lugar"]
    assert any(row[-2].startswith("98.50") and row[-1] == "1 (no se sabe)" for row in rows)
