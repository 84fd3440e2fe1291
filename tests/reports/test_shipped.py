"""Every report of every shipped study, read for the kinds of mistakes that a reader would find.

Reports are made from views, without kernels: what is read is what both exporters draw.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po

from tests.reports.pdf_words import Piece, pieces
from tests.support import report_notebook
from workbench.language.catalogue import CATALOGUES
from workbench.reports.model import notebook_blocks
from workbench.reports.pdf import render_pdf
from workbench.study import Study

pytestmark = pytest.mark.slow

PARAMS = Path(__file__).parents[2] / "params"
STUDIES = sorted(p.stem for p in PARAMS.glob("*.yml"))
LOCALES = ("es-MX", "en")
MOST_UNITS = 4
FOOT = 785.0  # points: below it stands the foot of a page
EMPTY_BELOW = 450.0  # the lowest line of a page that is not the last

Block = dict[str, Any]


@cache
def _blocks(name: str, locale: str) -> dict[str, list[Block]]:
    """Return the blocks of the reports of a study: its first units, and its cohort."""
    study = Study.open(PARAMS / f"{name}.yml", locale=locale)
    unit = Path(study.spec.notebooks.unit or "municipality").stem
    found = {}
    for code in study.observed_units()[:MOST_UNITS]:
        found[code] = notebook_blocks(report_notebook(study.view(code), unit))
    if study.spec.notebooks.cohort:
        found["cohort"] = notebook_blocks(report_notebook(study.cohort_view()))
    return found


def spans(rich: list[Any]) -> str:
    """Return the text of spans; one without a style is its text alone."""
    return "".join(s if isinstance(s, str) else s["text"] for s in rich)


def texts(block: Block) -> Iterator[str]:
    """Yield every text of a block that a reader sees or hears."""
    kind = block["kind"]
    if kind == "cover":
        yield from (block["title"], block["subtitle"], block["eyebrow"], block["badge"])
        yield from (text for fact in block["facts"] for text in fact)
    elif kind == "heading":
        yield block["text"]
    elif kind == "paragraph":
        yield spans(block["text"])
    elif kind in ("bullets", "callout"):
        yield from (spans(item) for item in block["items"])
        yield block.get("title", "")
    elif kind == "table":
        yield block["caption"]
        yield from (head["title"] for head in block["columns"])
        for row in block["rows"]:
            yield from (spans(cell["text"]) for cell in row["cells"])
    elif kind == "figure":
        yield from (block["alt"], block["caption"])
        if block["table"]:
            yield from texts({"kind": "table", **block["table"]})


def tables(blocks: list[Block]) -> Iterator[Block]:
    for block in blocks:
        if block["kind"] == "table":
            yield block
        elif block["kind"] == "figure" and block["table"]:
            yield block["table"]


def filled(cell: dict[str, Any]) -> bool:
    return bool(cell.get("chip")) or bool(spans(cell["text"]).strip())


every_study = pytest.mark.parametrize("name", STUDIES)
every_locale = pytest.mark.parametrize("locale", LOCALES)

# What no sentence holds: values that were not filled in, and signs where none belong.
BLEMISHES = {
    "a value that is no text": r"\b(nan|NaN|None(?! yet| of)|True|False|inf|NaT)\b",
    "a field that was not filled in": r"\{\w*\}",
    "marks of strong text": r"\*\*",
    "two spaces": r"\S  +\S",
    "a space before a sign": r"\w [,;:.!?](\s|$)",
    "two full stops": r"(?<!\.)\.\.(?!\.)",
    "two colons": r"::",
    "empty brackets": r"\(\s*\)",
    "a minus before zero": r"−0(?:\.0+)?(?![\d.])",
    "a hyphen as a minus": r"(?<![\w-])-\d",
    "a number with digits of binary noise": r"\d\.\d{7,}",
}


@every_locale
@every_study
def test_no_text_has_a_blemish(name: str, locale: str) -> None:
    found = []
    for report, blocks in _blocks(name, locale).items():
        for text in (t for block in blocks for t in texts(block)):
            said = [what for what, sign in BLEMISHES.items() if re.search(sign, text)]
            if said or text != text.strip():
                found.append((report, text, said))
    assert found == []


@cache
def _sentences() -> list[tuple[str, str]]:
    """Return what is told apart in both languages: the longest stretch of words of each text."""
    with (CATALOGUES / "es.po").open("rb") as file:
        catalogue = read_po(file)
    found = []
    for message in catalogue:
        ids = message.id if isinstance(message.id, tuple | list) else [message.id]
        said = message.string if isinstance(message.string, tuple | list) else [message.string]
        for english, spanish in zip(ids, said, strict=True):
            pair = (_longest(english), _longest(str(spanish)))
            if english and all(len(p.split()) >= 4 for p in pair) and pair[0] != pair[1]:
                found.append(pair)
    return found


def _longest(text: str) -> str:
    """Return the longest part of a sentence between the values that are filled in."""
    return max(re.split(r"\{\w+\}|\*\*", text), key=len).strip(" .,:;()")


@every_locale
@every_study
def test_no_sentence_is_in_the_other_language(name: str, locale: str) -> None:
    found = []
    for report, blocks in _blocks(name, locale).items():
        whole = "\n".join(t for block in blocks for t in texts(block))
        for english, spanish in _sentences():
            foreign = english if locale == "es-MX" else spanish
            if foreign in whole:
                found.append((report, foreign))
    assert found == []


@every_study
def test_titles_are_said_in_both_languages(name: str) -> None:
    """A title that is the same in both reports is a name, a code or a number, not a phrase."""
    both = [_blocks(name, locale) for locale in LOCALES]
    heads = [
        {
            head["title"]
            for blocks in reports.values()
            for table in tables(blocks)
            for head in table["columns"]
        }
        | {
            block["text"]
            for blocks in reports.values()
            for block in blocks
            if block["kind"] == "heading"
        }
        for reports in both
    ]
    names = {b[0]["title"] for reports in both for b in reports.values() if b}
    alike = {t for t in heads[0] & heads[1] if len(t.split()) >= 3} - names
    assert alike == set()


@every_locale
@every_study
def test_every_heading_has_something_under_it(name: str, locale: str) -> None:
    found = []
    for report, blocks in _blocks(name, locale).items():
        for block, after in zip(blocks, [*blocks[1:], None], strict=True):
            if block["kind"] != "heading":
                continue
            if after is None or (after["kind"] == "heading" and after["level"] <= block["level"]):
                found.append((report, block["text"]))
    assert found == []


@every_locale
@every_study
def test_no_table_has_an_empty_row_or_column(name: str, locale: str) -> None:
    found = []
    for report, blocks in _blocks(name, locale).items():
        for table in tables(blocks):
            heads = [head["title"] for head in table["columns"]]
            rows = [row["cells"] for row in table["rows"]]
            if not rows or any(len(row) != len(heads) for row in rows):
                found.append((report, heads, "cells that do not fit the heads"))
                continue
            empty = [
                h for h, *cells in zip(heads, *rows, strict=True) if not any(map(filled, cells))
            ]
            if empty or not all(any(map(filled, row)) for row in rows):
                found.append((report, heads, empty))
    assert found == []


@every_locale
@every_study
def test_no_paragraph_is_said_twice_in_a_section(name: str, locale: str) -> None:
    found = []
    for report, blocks in _blocks(name, locale).items():
        said: set[str] = set()
        for block in blocks:
            if block["kind"] == "heading" and block["level"] == 2:
                said = set()
            if block["kind"] == "paragraph":
                text = spans(block["text"])
                if text in said and not text.startswith(("Lugar", "Place")):
                    found.append((report, text))
                said.add(text)
    assert found == []


@every_study
def test_the_picture_of_page_one_is_described_with_the_name(name: str) -> None:
    for report, blocks in _blocks(name, "es-MX").items():
        second = [i for i, b in enumerate(blocks) if b["kind"] == "heading" and b["level"] == 2][
            1:2
        ]
        first = blocks[: second[0]] if second else blocks
        for block in first:
            if block["kind"] == "figure" and report != "cohort" and name not in PROGRAMMES:
                assert block["alt"].startswith(blocks[0]["title"]), report


@every_locale
@every_study
def test_every_picture_says_its_number_and_has_its_data(name: str, locale: str) -> None:
    """Its description holds a number and is no other's; a table is in it, or follows it at once."""
    for report, blocks in _blocks(name, locale).items():
        found = [(k, block) for k, block in enumerate(blocks) if block["kind"] == "figure"]
        said = [block["alt"] for _, block in found]
        assert len(set(said)) == len(said), report
        for k, block in found:
            assert any(c.isdigit() for c in block["alt"]), (report, block["alt"])
            beside = [b for b in blocks[k + 1 : k + 4] if b["kind"] == "table"]
            assert block["table"] or beside, (report, block["alt"])


PROGRAMMES = {
    name for name in STUDIES if "programme.ipynb" in (PARAMS / f"{name}.yml").read_text("utf-8")
}


@cache
def _printed(name: str) -> dict[str, list[Piece]]:
    """Return the text of the PDFs of a study as it stands on their pages."""
    study = Study.open(PARAMS / f"{name}.yml")
    unit = Path(study.spec.notebooks.unit or "municipality").stem
    made = {
        code: report_notebook(study.view(code), unit)
        for code in study.observed_units()[:MOST_UNITS]
    }
    if study.spec.notebooks.cohort:
        made["cohort"] = report_notebook(study.cohort_view())
    return {
        report: [p for p in pieces(render_pdf(notebook)) if p.text.strip()]
        for report, notebook in made.items()
    }


@every_study
def test_pages_are_numbered_and_none_is_left_nearly_empty(name: str) -> None:
    for report, found in _printed(name).items():
        pages = sorted({p.page for p in found})
        for number in pages:
            own = [p for p in found if p.page == number]
            foot = "".join(p.text for p in own if p.top > FOOT).replace("\xa0", " ")
            assert foot.rstrip().endswith(f"{number} / {len(pages)}"), (report, number, foot)
            if number != pages[-1]:
                lowest = max(p.top for p in own if p.top < FOOT)
                assert lowest > EMPTY_BELOW, (report, number)
