"""A PDF as a screen reader takes it: its tags hold every text, in the order in which it is told."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from tests.reports.pdf_words import pieces
from tests.support import executed_notebook, report_notebook
from workbench.reports.model import notebook_blocks
from workbench.reports.pdf import render_pdf
from workbench.study import Study

pytestmark = pytest.mark.slow

Tag = tuple[str, Any]


def tags(element: Any) -> Iterator[Tag]:
    """Yield the tags and marks of a PDF in the order of its structure."""
    if isinstance(element, pikepdf.Array):
        for inner in element:
            yield from tags(inner)
    elif isinstance(element, pikepdf.Dictionary):
        if "/S" in element:
            yield str(element.S), element
            page = element.get("/Pg")
            for tag, value in tags(element.get("/K", pikepdf.Array())):
                # A mark belongs to the page of the nearest element that names one.
                known = tag != "mark" or value[0] is not None
                yield tag, value if known else (page, value[1])
        elif "/MCID" in element:
            yield "mark", (element.get("/Pg"), int(element.MCID))
    else:
        yield "mark", (None, int(element))


def letters(text: str) -> str:
    """Return the letters and figures of a text alone: lines are broken and hyphens put in."""
    return re.sub(r"[\W_]+", "", text)


def spans(rich: list[Any]) -> str:
    """Return the text of spans; one without a style is its text alone."""
    return "".join(s if isinstance(s, str) else s["text"] for s in rich)


@pytest.fixture(scope="module", params=["unit", "cohort", "audit"])
def report(request: Any, root: Path) -> tuple[list[dict[str, Any]], bytes]:
    if request.param == "audit":
        made = executed_notebook("audit", study=str(root / "params/certeza-ejemplo.yml"))
    else:
        study = Study.open(root / "params/gdm-slp-2025.yml")
        made = report_notebook(
            study.view("24032") if request.param == "unit" else study.cohort_view()
        )
    return notebook_blocks(made), render_pdf(made)


def test_tags_tell_everything_in_its_order(report: tuple[list[dict[str, Any]], bytes]) -> None:
    blocks, data = report
    with pikepdf.open(io.BytesIO(data)) as pdf:
        pages = {page.objgen: number for number, page in enumerate(pdf.pages, start=1)}
        found = list(tags(pdf.Root.StructTreeRoot.K))
        told = [(pages[page.objgen], mark) for tag, (page, mark) in
                ((t, v) for t, v in found if t == "mark")]  # fmt: skip
        shown = [str(e.get("/Alt", "")) for tag, e in found if tag == "/Figure"]
        heads = [tag for tag, _ in found if re.fullmatch(r"/H\d", tag)]
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
    assert len(set(told)) == len(told)
    texts: dict[tuple[int, int], str] = {}
    for piece in pieces(data):
        if piece.mark >= 0:
            texts[piece.page, piece.mark] = texts.get((piece.page, piece.mark), "") + piece.text
    # Nothing that stands on a page is missing among the tags.
    assert {k for k, text in texts.items() if text.strip()} <= set(told)
    read = letters("".join(texts.get(mark, "") for mark in told))
    at = 0
    for block in blocks:
        if block["kind"] == "heading":
            said = letters(block["text"])
        elif block["kind"] == "paragraph":
            said = letters(spans(block["text"]))
        else:
            continue
        place = read.find(said, at)
        assert place >= 0, said
        at = place + len(said)
    assert shown == [block["alt"] for block in blocks if block["kind"] == "figure"]
    assert heads[0] == "/H1"
    levels = [int(head[2]) for head in heads]
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert len(heads) >= sum(block["kind"] == "heading" for block in blocks)
