"""Studies, instruments, scores and results show themselves in a notebook; the tour links all notebooks."""

from __future__ import annotations

from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell

from workbench.display.lab import SHOWN, register
from workbench.display.tour import NOTEBOOKS, tour
from workbench.specs.version import MIMETYPE
from workbench.study import Study
from workbench.study.compare import compare


@pytest.fixture(scope="module")
def certeza(root: Path) -> Study:
    return Study.open(root / "params/certeza-ejemplo.yml")


def shown(made: object) -> dict:
    shell = InteractiveShell()
    register(shell)
    bundle, _ = shell.display_formatter.format(made)
    return bundle


def test_objects_show_themselves(certeza: Study) -> None:
    found = compare(certeza, "change")
    for made, said in (
        (certeza, "36 municipios"),
        (certeza.instrument, "Gestión municipal en tres áreas"),
        (certeza.scores, "36"),
        (found, found.sentence("es-MX")[:20]),
        (found.result, found.result.sentence("en")[:20]),
        (certeza.index, "Gestión municipal"),
    ):
        bundle = shown(made)
        assert set(bundle) >= {"text/plain", "text/html", MIMETYPE}
        assert said in bundle["text/plain"]


def test_own_choices_are_said(certeza: Study) -> None:
    other = certeza.what_if(weights={"total": {"finanzas": 1, "personal": 1, "planeacion": 1}})
    assert "no son las del instrumento" in shown(other)["text/plain"]
    assert "no son las del instrumento" not in shown(certeza)["text/plain"]


def test_every_registered_type_and_section_exists() -> None:
    from importlib import import_module

    for (home, name), section in SHOWN.items():
        assert hasattr(import_module(home), name)
        place, _, function = section.partition(":")
        assert hasattr(import_module(place), function)


def test_the_tour_links_every_other_notebook(root: Path, certeza: Study) -> None:
    there = {path.stem for path in (root / "notebooks").glob("*.ipynb")} - {"index"}
    assert set(NOTEBOOKS) == there
    html = tour(certeza)._repr_mimebundle_()["text/html"]
    for name in there:
        assert f'<a href="{name}.ipynb"' in html
