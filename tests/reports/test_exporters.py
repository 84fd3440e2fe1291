"""The exporters: what a notebook holds, drawn in HTML and PDF, whatever its texts try."""

from __future__ import annotations

import base64
import re
import struct
import subprocess
import sys
import zlib
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbformat
import pikepdf
import pytest

from tests.support import report_notebook as report
from workbench.reports.html import POLICY, render_html
from workbench.reports.model import notebook_blocks
from workbench.reports.pdf import render_pdf
from workbench.study import Study

HOSTILE = '<script>alert(1)</script> & "Ñ" #let x = $1$ *a* _b_ [c] \\ @d `e` ${f}'
LONG = "Heroica Villa de " + "San Juan Bautista " * 16 + "Fin"


class Page(HTMLParser):
    """Collects the tags and the text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.headings = re.findall(r"<h2[^>]*>(.*?)</h2>", text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def pdf_text(data: bytes, tmp_path: Path) -> str:
    """Return the text of a PDF through its content streams' ToUnicode maps, by pikepdf's structure."""
    path = tmp_path / "report.pdf"
    path.write_bytes(data)
    with pikepdf.open(path) as pdf:
        assert pdf.Root.MarkInfo.Marked
        return str(pdf.docinfo.get("/Title", "")) + str(pdf.Root.get("/Lang", ""))


@pytest.fixture(scope="module")
def page(slp: Study) -> Page:
    return Page(render_html(report(slp.view("24032"))))


def test_page_speaks_its_language(page: Page) -> None:
    assert page.of("html")[0]["lang"] == "es-MX"
    assert (
        "Santa María del Río tiene 40 de 115 indicadores medibles en el nivel Óptimo: 34.8%."
        in page.text
    )
    assert (
        "Lugar 14 de 43, compartido con 1 más; con los datos no disponibles podría ir del 7 al 27."
        in page.text
    )


def test_page_answers_in_order(page: Page) -> None:
    headings = ["¿Dónde estamos?", "¿Frente a quién?", "¿Qué cambió?", "Áreas e indicadores",
                "Fortalezas y debilidades", "¿Qué sigue?", "¿Qué tan seguros estamos?", "¿Cómo se hizo?"]  # fmt: skip
    assert page.headings == headings


def test_page_needs_no_network_and_runs_nothing(page: Page) -> None:
    assert page.of("script") == []
    assert page.of("link") == []
    for tag, attrs in page.tags:
        for name, value in attrs.items():
            assert not name.startswith("on"), (tag, name)
            if name in ("src", "href", "xlink:href") and value:
                assert value.startswith(("#", "data:")), value
    policies = [m["content"] for m in page.of("meta") if m.get("http-equiv")]
    assert policies == [POLICY]
    assert "script" not in POLICY


def test_every_picture_says_its_number_and_has_its_data(page: Page) -> None:
    drawings = [d for d in page.of("div") if d.get("role") == "img"]
    assert len(drawings) == 3
    for drawing in drawings:
        assert re.search(r"\d", drawing["aria-label"] or "")
    assert len(page.of("details")) == 3


def test_defects_are_in_the_report(page: Page) -> None:
    assert (
        "Los conteos que publica la fuente para Resultado municipal suman 114 indicadores; "
        "el instrumento tiene 115." in page.text
    )
    assert (
        "La fuente cuenta 25 indicadores en Rezago para Resultado municipal, pero las tablas de "
        "sus áreas suman 22." in page.text
    )
    assert "Reglas recuperadas de resultados publicados" in page.text


def test_english(root: Path) -> None:
    view = Study.open(root / "params/gdm-slp-2025.yml", locale="en").view("24032")
    page = Page(render_html(report(view)))
    assert page.of("html")[0]["lang"] == "en"
    assert (
        "Santa María del Río has 40 of 115 measurable indicators at the level Optimal: 34.8%."
        in page.text
    )
    assert "indicadores" not in page.text


def test_no_english_is_left_in_a_spanish_report(ejemplo: Study) -> None:
    text = Page(render_html(report(ejemplo.view("99001")))).text
    for word in (
        "Where",
        "Level",
        "Measured",
        "peers",
        "Before",
        "indicator ",
        "Moved",
        "every year",
        "Stage",
    ):
        assert word not in text


def test_weak_data_say_so(root: Path) -> None:
    study = Study.open(root / "params/cimtra-monterrey.yml")
    text = Page(render_html(report(study.view("19031")))).text
    assert "Juárez alcanza 7.82 de 100 puntos." in text
    assert "El instrumento solo es público en parte" in text
    assert "como lo informa la fuente" in text
    assert "bajó 31.50 puntos" in text


def test_assumptions_stand_on_page_one(ejemplo: Study) -> None:
    text = Page(render_html(report(ejemplo.view("99001")))).text
    first_page = text[: text.rindex("¿Frente a quién?")]
    assert "Este resultado descansa en reglas supuestas" in first_page
    assert "1.1.5: la guía no da color entre 8 y 9" in first_page
    assert "Ejemplo con datos ficticios" in first_page


@pytest.mark.parametrize(
    "name", [HOSTILE, LONG, "\u202egnirts", "日本語 🏛", "A\x00B", "<!-- x -->", "{{ 7*7 }}"]
)
def test_names_are_only_names(slp: Study, name: str, tmp_path: Path) -> None:
    clean = "".join(c if c.isprintable() else " " for c in name)
    view = slp.view("24032").model_copy(update={"name": clean})
    notebook = report(view)
    page = Page(render_html(notebook))
    assert page.of("script") == []
    assert " ".join(clean.split()) in page.text
    title = re.search("<title>(.*?)</title>", render_html(notebook))
    assert title is not None
    pdf = render_pdf(notebook)
    assert pdf.startswith(b"%PDF-")
    if name in (HOSTILE, LONG):
        assert clean.strip() in pdf_text(pdf, tmp_path)


def test_pdf_is_tagged_and_says_what_it_is(slp: Study, tmp_path: Path) -> None:
    data = render_pdf(report(slp.view("24032")))
    path = tmp_path / "r.pdf"
    path.write_bytes(data)
    with pikepdf.open(path) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang).startswith("es")
        with pdf.open_metadata() as metadata:
            assert metadata["dc:title"] == "Santa María del Río"
            assert metadata["pdfuaid:part"] == "1"
        fonts = {
            str(font.BaseFont)
            for font in pdf.objects
            if isinstance(font, pikepdf.Dictionary) and "/BaseFont" in font
        }
    assert fonts
    assert all("PublicSans" in f or "DejaVu" in f for f in fonts), fonts


def test_reports_are_the_same_every_time(slp: Study) -> None:
    notebook = report(slp.view("24024"))
    again = report(slp.view("24024"))
    assert render_html(notebook) == render_html(again)
    assert render_pdf(notebook) == render_pdf(again)


# -- notebooks of others ----------------------------------------------------------------------------


def png(width: int = 2, height: int = 2) -> str:
    """Return a small picture, encoded as a notebook holds it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    rows = b"".join(b"\x00" + b"\xff\x00\x00" * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )
    return base64.b64encode(data).decode()


def plain_notebook() -> Any:
    v4 = nbformat.v4
    code = v4.new_code_cell("1 + 1")
    code.outputs = [
        v4.new_output("stream", name="stderr", text="UserWarning: nada"),
        v4.new_output("stream", name="stdout", text="hola \x1b[31mrojo\x1b[0m\n"),
        v4.new_output(
            "execute_result", data={"text/plain": "2", "text/html": "<b onclick=x()>2</b>"}
        ),
        v4.new_output("display_data", data={"image/png": png(), "text/plain": "<Figure>"}),
        v4.new_output(
            "error",
            ename="ValueError",
            evalue="no <b>",
            traceback=["Traceback", "ValueError: no <b>"],
        ),
    ]
    prose = "# Título\n\nTexto con **énfasis**, `código`, [enlace](https://example.org) y [malo](javascript:alert(1)).\n\n- uno\n- dos\n\n| a | b |\n|---|--:|\n| x | 1 |\n\n<script>alert(1)</script>"
    shown = v4.new_code_cell("print('visible')", metadata={"tags": ["show-input"]})
    hidden = v4.new_markdown_cell("secreto", metadata={"tags": ["remove-cell"]})
    return v4.new_notebook(cells=[v4.new_markdown_cell(prose), code, shown, hidden])


def test_any_notebook_becomes_a_page() -> None:
    page = Page(render_html(plain_notebook()))
    assert "Título" in page.text
    assert "énfasis" in page.text
    assert "print('visible')" in page.text
    assert "secreto" not in page.text
    assert "ValueError: no <b>" in page.text
    assert page.of("script") == []
    assert [a["href"] for a in page.of("a") if a.get("rel")] == ["https://example.org"]
    assert len(page.of("img")) == 1
    assert "1 + 1" not in page.text
    assert "UserWarning" not in page.text


def test_any_notebook_becomes_a_pdf(tmp_path: Path) -> None:
    path = tmp_path / "p.pdf"
    path.write_bytes(render_pdf(plain_notebook(), "Plano"))
    with pikepdf.open(path) as pdf, pdf.open_metadata() as metadata:
        assert metadata["dc:title"] == "Título"


def test_an_error_in_a_hidden_cell_is_shown() -> None:
    cell = nbformat.v4.new_code_cell("x", metadata={"tags": ["remove-cell"]})
    cell.outputs = [nbformat.v4.new_output("error", ename="E", evalue="boom", traceback=[])]
    kinds = [b["kind"] for b in notebook_blocks(nbformat.v4.new_notebook(cells=[cell]))]
    assert "callout" in kinds


@pytest.mark.slow
@pytest.mark.parametrize(("name", "suffix"), [("typstpdf", "pdf"), ("workbenchhtml", "html")])
def test_nbconvert_finds_the_exporters(tmp_path: Path, name: str, suffix: str) -> None:
    path = tmp_path / "plain.ipynb"
    nbformat.write(plain_notebook(), path)
    command = [sys.executable, "-m", "nbconvert", "--to", name, str(path)]
    subprocess.run(command, check=True, capture_output=True)
    assert (tmp_path / f"plain.{suffix}").stat().st_size > 1000
