"""The pages of a PDF: nothing beyond the margins, nothing torn from what it belongs to."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pikepdf
import pytest

from tests.reports.pdf_words import Piece, pieces
from tests.support import report_notebook
from workbench.display import blocks as b
from workbench.language import as_locale
from workbench.reports.pdf import _groups, render_pdf, typeset
from workbench.study import Study

LEFT, RIGHT = 56.6, 538.8  # points: 20 mm from either side of A4
HEAD, FOOT = 66.0, 785.0
SECTION = 14  # points, of the heading of a section
NAMES = {
    "unbroken": "X" * 300,
    "widest": "W" * 300,
    "words": "Heroica Villa de " + "San Juan Bautista " * 16,
    "hebrew": "שלום עולם " * 30,
    "hebrew-unbroken": "ש" * 300,
    "arabic": "بلدية " * 50,
    "chinese": "日本語市" * 75,
    "address": "https://example.org/" + "una-parte/" * 28,
}


def setting(view: object) -> list[Piece]:
    return [p for p in pieces(render_pdf(report_notebook(view))) if p.text.strip()]


def text_of(found: list[Piece]) -> str:
    return re.sub(r"\s+", " ", "".join(p.text for p in found))


def page_of(found: list[Piece], words: str) -> int:
    """Return the page on which words stand: the last one, for a heading is also in no list."""
    pages = sorted({p.page for p in found})
    on = [n for n in pages if words in text_of([p for p in found if p.page == n])]
    assert on, words
    return on[-1]


def test_contents_lead_to_each_section_and_say_its_page(slp: Study) -> None:
    made = render_pdf(report_notebook(slp.view("24032")))
    with pikepdf.open(io.BytesIO(made)) as pdf:
        number = {page.obj.objgen: n for n, page in enumerate(pdf.pages, start=1)}
        links = [a for a in pdf.pages[0].Annots if "/Dest" in a]
        led = [number[a.Dest[0].objgen] for a in links]
        said = [int(str(a.Contents).split()[-1]) for a in links]
    heads = {(p.page, round(p.top)) for p in pieces(made) if round(p.size) == SECTION}
    assert led == said == sorted(page for page, _ in heads)
    assert len(led) >= 5


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_long_name_stays_inside_the_margins(slp: Study, name: str) -> None:
    found = setting(slp.view("24032").model_copy(update={"name": name}))
    outside = [p for p in found if p.left < LEFT - 0.5 or p.right > RIGHT + 0.5]
    assert outside == []
    answer = page_of(found, "40 de 115")
    assert answer == 1
    for number in {p.page for p in found} - {1}:
        head = sorted((p for p in found if p.page == number and p.top < HEAD), key=lambda p: p.left)
        assert "Desempeño municipal" in text_of(head)
        assert all(b.left >= a.right - 0.5 for a, b in pairwise(head))
        assert len({round(p.top) for p in head}) == 1


def test_long_running_words_never_meet(slp: Study) -> None:
    """Titles of study and instrument as long as they like: head and foot stay one line."""
    view = slp.view("24032")
    info = view.info.model_copy(
        update={"title": "W" * 200, "instrument_title": "Guía " * 60, "example": True}
    )
    found = setting(view.model_copy(update={"info": info, "name": "Villa " * 40}))
    for number in {p.page for p in found} - {1}:
        for line in (
            [p for p in found if p.page == number and p.top < HEAD],
            [p for p in found if p.page == number and p.top > FOOT],
        ):
            line.sort(key=lambda p: p.left)
            assert len({round(p.top) for p in line}) == 1
            assert all(b.left >= a.right - 0.5 for a, b in pairwise(line))
            assert line[-1].right <= RIGHT + 0.5


@pytest.fixture(scope="module")
def settings(root: Path, slp: Study, ejemplo: Study) -> dict[str, list[Piece]]:
    axes = Study.open(root / "params/migestion-ejemplo.yml")
    return {
        "cohort": setting(slp.cohort_view()),
        "unit": setting(slp.view("24032")),
        "example": setting(ejemplo.view("99001")),
        "two-axes": setting(axes.view(axes.observed_units()[0])),
    }


def test_a_figure_stands_with_its_heading_and_sentence(settings: dict[str, list[Piece]]) -> None:
    """What follows the figure is on the page of its heading, so the figure between them is too."""
    example, axes, cohort = (settings[n] for n in ("example", "two-axes", "cohort"))
    assert page_of(example, "¿Qué cambió?") == page_of(example, "De 104 indicadores con nivel")
    assert page_of(axes, "¿Qué cambió?") == page_of(axes, "Es un cambio en lo registrado")
    assert page_of(cohort, "Áreas e indicadores") == page_of(cohort, "Resultados de 43 municipios")


@pytest.mark.parametrize("before", [10, 30])
def test_a_long_table_begins_where_some_rows_have_room(before: int) -> None:
    def table(name: str, rows: int) -> b.Table:
        made = (b.Row((b.cell(f"{name}{n:02d}"), b.cell("1"))) for n in range(rows))
        return b.Table((b.ColumnHead("Uno"), b.ColumnHead("Dos")), tuple(made))

    blocks: list[b.Block] = [table("A", before), b.Heading("Todos los municipios"), table("B", 40)]
    found = pieces(typeset([x.to_json() for x in blocks], as_locale("es-MX"), "Título"))
    assert page_of(found, "Todos los municipios") == page_of(found, "B03") == 1
    assert page_of(found, "B39") == 2


NUMBERED = ["cohort", "unit", "example", "two-axes"]


@pytest.mark.parametrize("name", NUMBERED)
def test_every_page_says_its_number_and_how_many_there_are(
    settings: dict[str, list[Piece]], name: str
) -> None:
    """A layout that still changes when it is written counts its pages wrong."""
    found = settings[name]
    pages = sorted({p.page for p in found})
    for number in pages:
        foot = text_of([p for p in found if p.page == number and p.top > FOOT])
        assert foot.endswith(f"{number} / {len(pages)}"), foot


@pytest.mark.parametrize("name", NUMBERED)
def test_no_page_is_left_nearly_empty(settings: dict[str, list[Piece]], name: str) -> None:
    found = settings[name]
    for number in sorted({p.page for p in found})[:-1]:
        lowest = max(p.top for p in found if p.page == number and p.top < FOOT)
        assert lowest > 500, number


def test_what_leads_to_a_figure_is_kept_with_it() -> None:
    def block(kind: str) -> dict[str, str]:
        return {"kind": kind}

    kinds: Callable[[str], list[tuple[list[str], str]]] = lambda text: [  # noqa: E731
        ([b["kind"] for b in g["lead"]], g["body"]["kind"])
        for g in _groups([block(k) for k in text.split()])
    ]
    assert kinds("heading paragraph figure paragraph") == [
        (["heading", "paragraph"], "figure"),
        ([], "paragraph"),
    ]
    assert kinds("cover heading heading paragraph paragraph table") == [
        ([], "cover"),
        (["heading", "heading", "paragraph", "paragraph"], "table"),
    ]
    assert kinds("figure figure") == [([], "figure"), ([], "figure")]
    assert kinds("heading bullets table") == [([], "heading"), ([], "bullets"), ([], "table")]


def test_rows_stay_whole_and_the_head_of_a_group_with_its_first_row() -> None:
    def row(name: str, text: str, *, strong: bool = False) -> b.Row:
        return b.Row((b.cell(f"{name} {text}"), b.cell("1")), strong=strong)

    long = "palabra " * 24  # some lines of a narrow column
    rows = [
        made
        for n in range(40)
        for made in (row(f"G{n:02d}", "grupo", strong=True), row(f"R{n:02d}", f"{long} Z{n:02d}"))
    ]
    table = b.Table((b.ColumnHead("Uno"), b.ColumnHead("Dos", width=2.0)), tuple(rows))
    found = pieces(typeset([table.to_json()], as_locale("es-MX"), "Título"))
    assert max(p.page for p in found) > 3
    for n in range(40):
        pages = {page_of(found, f"{letter}{n:02d}") for letter in "GRZ"}
        assert len(pages) == 1, n
    for number in range(1, max(p.page for p in found) + 1):
        assert "Uno" in text_of([p for p in found if p.page == number])


def test_page_breaks_settle_in_a_report_of_many_tables(ejemplo: Study) -> None:
    """Each plan depends on those before it: more of them than Typst tries to settle by itself."""
    notebook = report_notebook(ejemplo.view("99001"))
    assert render_pdf(notebook) == render_pdf(notebook)
