"""Letters that the fonts of the PDF lack: the report says so instead of printing boxes silently."""

from __future__ import annotations

import pytest

from tests.reports.pdf_words import pieces
from tests.support import report_notebook
from workbench.reports.html import render_html
from workbench.reports.pdf import render_pdf
from workbench.study import Study

PRINTED = {
    "plain": "San Juan Ñuñoa, «¿qué?» – 100 % → ½",
    "hebrew": "שלום",
    "arabic": "بلدية",
    "greek": "Αθήνα",
    "cyrillic": "Київ",
    "marks": "e\u0301\ufe0f\u200d",
}
BOXES = {"japanese": ("日本", 2), "repeated": ("日日日", 1), "emoji": ("🏛", 1)}


def words(study: Study, name: str) -> str:
    view = study.view("99001").model_copy(update={"name": name})
    return " ".join(p.text for p in pieces(render_pdf(report_notebook(view))) if p.page == 1)


@pytest.mark.parametrize("name", PRINTED.values(), ids=PRINTED)
def test_letters_of_the_fonts_need_no_remark(ejemplo: Study, name: str) -> None:
    assert "recuadro" not in words(ejemplo, name)


@pytest.mark.parametrize(("name", "n"), BOXES.values(), ids=BOXES)
def test_the_pdf_says_how_many_letters_it_lacks(ejemplo: Study, name: str, n: int) -> None:
    found = words(ejemplo, name)
    assert ("1 carácter" if n == 1 else f"{n} caracteres") in found
    assert "recuadro" in found


def test_the_page_shows_them_as_it_has_the_fonts_of_its_reader(ejemplo: Study) -> None:
    view = ejemplo.view("99001").model_copy(update={"name": "日本"})
    page = render_html(report_notebook(view))
    assert "日本" in page
    assert "recuadro" not in page
