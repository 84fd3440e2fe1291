"""Titles of an instrument in a report of another language are marked as what they are."""

from __future__ import annotations

import io
from pathlib import Path

import pikepdf
import pytest

from workbench.display import municipality as report
from workbench.language import Foreign, as_locale
from workbench.reports.html import render_page, with_anchors
from workbench.reports.pdf import typeset
from workbench.study import Study

EXAMPLE = "params/gdm-ejemplo.yml"


def test_texts_are_found_whole_and_the_longest_first() -> None:
    known = Foreign({"Hacienda": "es", "Hacienda municipal": "es", "¿Sí o no?": "es", "D": "es"})
    assert known.parts("Hacienda municipal: 3") == [("Hacienda municipal", "es"), (": 3", "")]
    assert known.parts("Haciendas e Hacienda") == [("Haciendas e ", ""), ("Hacienda", "es")]
    assert known.parts("A ¿Sí o no? B") == [("A ", ""), ("¿Sí o no?", "es"), (" B", "")]
    assert known.parts("D") == [("D", "")]  # a grade is no word of a language
    assert known.parts("") == [("", "")]
    assert known.within({"text": ["x Hacienda"], "svg": "¿Sí o no?"}) == {"Hacienda": "es"}
    assert not Foreign({})


def blocks_in(root: Path, tag: str) -> list[dict]:
    view = Study.open(root / EXAMPLE, locale=tag).view("99001")
    sections = (report.cover(view), report.where(view), report.areas(view))
    return [block for section in sections for block in section.to_json()["blocks"]]


@pytest.mark.parametrize(("tag", "marks"), [("es-MX", False), ("en", False), ("pt-BR", True)])
def test_a_report_marks_what_is_of_another_language(root: Path, tag: str, marks: bool) -> None:
    blocks = with_anchors(blocks_in(root, tag))
    page = render_page(blocks, as_locale(tag), "San Ejemplo del Valle")
    assert ('<span lang="es">Gestión del Territorio</span>' in page) == marks
    assert ('<p class="subtitle"><span lang="es">Guía Consultiva' in page) == marks
    assert ('<span lang="es">Óptimo</span>' in page) == marks
    assert ('lang="es"' in page) == marks
    assert '<span lang="es">San Ejemplo' not in page


def test_a_pdf_marks_what_is_of_another_language(root: Path) -> None:
    made = typeset(blocks_in(root, "pt-BR"), as_locale("pt-BR"), "San Ejemplo del Valle")
    with pikepdf.open(io.BytesIO(made)) as pdf:
        assert str(pdf.Root.Lang) == "pt-BR"
        languages = {
            str(thing.get("/Lang"))
            for thing in pdf.objects
            if isinstance(thing, pikepdf.Dictionary) and "/Lang" in thing
        }
        content = b"".join(page.Contents.read_bytes() for page in pdf.pages)
    assert "es" in languages or b"/Lang" in content
    assert not any(x.startswith("es-") for x in languages)
    assert b"(es-BR)" not in content
