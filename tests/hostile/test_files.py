"""Hostile texts in the files of a run: PDF, csv, workbook, JSON, notebooks, names, and the terminal."""

from __future__ import annotations

import csv
import json
import re
import unicodedata
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath

import nbformat
import openpyxl
import pikepdf
import pytest

from tests.hostile.project import REPORTED
from tests.hostile.texts import SHOWN, UNSEEN
from tests.reports.pdf_words import pieces
from tests.runs.test_proof import flipped
from workbench.cli import execute
from workbench.language import UNSEEN as NEVER
from workbench.runs.pack import pack
from workbench.runs.verify import verify
from workbench.study import Study

pytestmark = pytest.mark.slow

REPORTS = [*REPORTED, "cohort"]
SIGNS = "=+-@＝＋－＠\t\r"
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


@pytest.mark.parametrize("key", REPORTS)
def test_a_pdf_leads_nowhere_but_to_the_web(key: str, hostile_run: Path) -> None:
    with pikepdf.open(hostile_run / f"reports/{key}/report.pdf") as pdf:
        names = {str(k) for o in pdf.objects if isinstance(o, pikepdf.Dictionary) for k in o}
        assert not names & {
            "/JS",
            "/JavaScript",
            "/AA",
            "/OpenAction",
            "/Launch",
            "/EmbeddedFiles",
            "/AcroForm",
        }
        for page in pdf.pages:
            for note in page.get("/Annots", []):
                if "/A" in note:
                    assert note.A.S in ("/URI", "/GoTo"), note.A.S
                    assert str(note.A.get("/URI", "https://")).startswith(
                        ("https://", "http://", "mailto:")
                    )


def test_a_pdf_says_what_was_written_and_nothing_of_the_disk(hostile_run: Path) -> None:
    said = squeezed(
        "".join(p.text for p in pieces((hostile_run / "reports/U000/report.pdf").read_bytes()))
    )
    for name in (
        "script",
        "end of an attribute",
        "command",
        "read",
        "eval",
        "markdown",
        "template",
        "latex",
        "up",
    ):
        assert squeezed(SHOWN[name]) in said, name
    assert "root:x:0" not in said
    assert squeezed("{{ 49 }}") not in said


def squeezed(text: str) -> str:
    """Return a text without blanks and hyphens, which lines are broken at."""
    return re.sub(r"[\s\u200b\u00ad-]", "", unicodedata.normalize("NFKC", text))


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_no_cell_of_a_csv_acts_whatever_divides_cells(delimiter: str, hostile_run: Path) -> None:
    names = [p for p in hostile_run.rglob("*.csv")]
    assert len(names) > 4
    for path in names:
        text = path.read_text(encoding="utf-8")
        for row in csv.reader(text.splitlines(keepends=delimiter == ","), delimiter=delimiter):
            for cell in row:
                if cell.lstrip('"').startswith(tuple(SIGNS)):
                    float(cell.lstrip('"'))  # a number is none


def test_no_cell_of_a_workbook_is_a_formula(hostile_run: Path) -> None:
    book = openpyxl.load_workbook(hostile_run / "site/results.xlsx")
    cells = [c for sheet in book for row in sheet.iter_rows() for c in row]
    assert len(cells) > 1000
    assert {c.data_type for c in cells} <= {"s", "inlineStr", "n", "b"}
    assert not any(c.hyperlink for c in cells)
    assert any(c.value == SHOWN["command"] for c in cells)


def test_json_and_notebooks_are_whole(hostile_run: Path) -> None:
    texts = (*hostile_run.rglob("*.json"), *hostile_run.rglob("*.jsonl"))
    notebooks = [*hostile_run.rglob("*.ipynb")]
    assert {"manifest.json", "ledger.jsonl"} <= {path.name for path in texts}
    assert len(notebooks) == len(REPORTS)
    for path in texts:
        lines = path.read_text(encoding="utf-8")
        for part in lines.splitlines() if path.suffix == ".jsonl" else [lines]:
            json.loads(part)
    for path in notebooks:
        nbformat.validate(nbformat.read(path, as_version=4))


class Alive(HTMLParser):
    """Collects elements and attributes that could act."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "iframe", "object", "embed", "link", "base", "form", "meta", "img"):
            self.found.append(tag)
        for name, value in attrs:
            if name.startswith("on"):
                self.found.append(name)
            if name in ("href", "src", "xlink:href") and not re.match(
                r"https?://|mailto:|#|[\w-]+\.ipynb$", value or ""
            ):
                self.found.append(f"{name}={value}")


def outputs(hostile_run: Path) -> Iterator[tuple[str, str]]:
    for path in hostile_run.rglob("*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            for output in cell.get("outputs", []):
                for mime, content in output.get("data", {}).items():
                    yield mime, content if isinstance(content, str) else json.dumps(content)


def test_outputs_of_a_notebook_act_in_no_jupyter(hostile_run: Path) -> None:
    kinds = set()
    for mime, content in outputs(hostile_run):
        kinds.add(mime)
        if mime == "text/html":
            parser = Alive()
            parser.feed(content)
            assert parser.found == []
    assert "text/html" in kinds
    assert not kinds & {
        "application/javascript",
        "text/latex",
        "text/markdown",
    }  # run or fetched by JupyterLab


def test_names_of_files_are_safe_and_no_two_alike(hostile_run: Path) -> None:
    names = [p.relative_to(hostile_run).as_posix() for p in hostile_run.rglob("*")]
    assert len({unicodedata.normalize("NFC", n).casefold() for n in names}) == len(names)
    for name in names:
        for part in PurePosixPath(name).parts:
            assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", part), name
            assert not part.endswith((".", " "))
            assert not RESERVED.fullmatch(part)
    assert not list(hostile_run.parents[1].rglob("executed"))


def told(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Return what a command prints, its colours apart."""
    execute([*words])
    out, err = capsys.readouterr()
    return re.sub(r"\x1b\[[0-9;]*m", "", out + err)


def test_the_terminal_is_told_nothing_but_text(
    hostile_study: Study, hostile_run: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
) -> None:  # fmt: skip
    root, study = hostile_study.root, "params/estudio.yml"
    monkeypatch.chdir(root)
    packed, _ = pack(hostile_run, root, tmp_path / "pack.zip")
    commands = [
        ("check", study), ("plan", study), ("plan", study, "--json"), ("score", study), ("instruments", "prueba"),
        ("explain", study, "U000", "total"), ("explain", study, "U003", "i05"), ("exposure", study),
        ("exposure", str(hostile_run)), ("diff", str(hostile_run), str(packed)), ("verify", str(hostile_run)),
        ("verify", str(packed)), ("compare", study, "indicators"), ("score", study, "--unit", "\x1b[2J\u202e"),
        ("plan", study, "--unit", "\x1b]0;x\x07"), ("check", "\x1b[2J.yml"), ("plan", study, "-p", "\x1b[2J=\u202ex"),
    ]  # fmt: skip
    for words in commands:
        said = told(capsys, *words)
        assert said.strip(), words
        assert not NEVER.search(said), (words, ascii(NEVER.search(said)))


def test_refusals_show_what_came_as_text(
    hostile_study: Study, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Units and codes that are hostile, where only known ones may stand."""
    root = hostile_study.root
    monkeypatch.chdir(root)
    path = root / "data/units.csv"
    before = path.read_text(encoding="utf-8")
    texts = {**SHOWN, **UNSEEN}
    rows = "".join(f'"{t.replace(chr(34), chr(34) * 2)}","x","1","g","p"\n' for t in texts.values())
    path.write_text(before + rows, encoding="utf-8", newline="")
    try:
        said = told(capsys, "check", "params/estudio.yml")
    finally:
        path.write_text(before, encoding="utf-8", newline="")
    assert "Traceback" not in said
    assert not NEVER.search(said)


def test_a_run_with_hostile_texts_is_verified(hostile_run: Path) -> None:
    assert verify(hostile_run).findings == ()
    page = hostile_run / "reports/U000/report.html"
    kept = page.read_bytes()
    flipped(page, 0.5)
    try:
        assert [f.path for f in verify(hostile_run).findings] == ["reports/U000/report.html"]
    finally:
        page.write_bytes(kept)
