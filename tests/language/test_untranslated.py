"""Nothing that a reader sees stays in English: a run in a made-up language, and equal sentences."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

import nbformat
import pytest
from babel.messages.pofile import read_po
from typer.main import get_command

from tests.language.visible import allowed, allowed_texts, data_texts, html_texts, untranslated
from tests.reports.pdf_words import pieces
from workbench.cli.main import app
from workbench.display import municipality as report
from workbench.display.html import blocks_html
from workbench.language.catalogue import CATALOGUES, PSEUDO_TAG
from workbench.language.extract import extract_all
from workbench.language.help_text import paragraphs
from workbench.language.pseudo import ACCENTS, pseudo
from workbench.reports.html import render_html, render_page, with_anchors
from workbench.site.content import make_site
from workbench.site.pages import site_files
from workbench.study import Study

EXAMPLE = "params/gdm-ejemplo.yml"
SECTIONS = ("cover", "where", "peers", "change", "areas", "strengths", "next_steps", "certainty",
            "method")  # fmt: skip
COMPARED = "params/comparaciones-ejemplo.yml"
NOTEBOOKS = {
    "waves": COMPARED, "groups": COMPARED, "programme_effect": COMPARED, "ranking": COMPARED,
    "funnel": "params/certeza-ejemplo.yml", "audit": "params/gdm-slp-2025.yml",
    "explore": "params/gdm-slp-2025.yml",
}  # fmt: skip
HASH = re.compile(r"\b[0-9a-f]{16,64}\b")
# Places in the file of an instrument, as tiers[0].aggregate, and files.
PLACE = re.compile(r"\b\w+(?:\[\d+\])?(?:\.\w+(?:\[\d+\])?)*\[\d+\](?:\.\w+)*|\S*/\S+\.\w+")


@lru_cache(maxsize=4)
def opened(path: Path) -> Study:
    """Return a study in the made-up language."""
    return Study.open(path, locale=PSEUDO_TAG)


def left(study: Study, texts: list[str]) -> list[str]:
    """Return what is not translated among texts that are shown of a study."""
    data = data_texts(study)
    said = [PLACE.sub("", HASH.sub("", text)) for text in texts]
    found = untranslated(said, data, allowed_texts())
    # A figure breaks long titles into lines: a line is data as its title is.
    lines = {x: re.sub(r"^\d+\. ", "", x.partition(" <- ")[2]) for x in found}
    return [x for x, line in lines.items() if not any(line in title for title in data)]


@pytest.mark.parametrize("language", sorted(p.stem for p in CATALOGUES.glob("*.po")))
def test_sentences_equal_to_their_source_are_listed(language: str) -> None:
    """A sentence copied and never translated looks complete; each equal one must be meant."""
    listed = {t for entry in allowed()["equal"][language] for t in entry["texts"]}
    equal = set()
    with (CATALOGUES / f"{language}.po").open("rb") as file:
        for message in read_po(file, locale=language):
            sources = [message.id] if isinstance(message.id, str) else list(message.id)
            texts = [message.string] if isinstance(message.string, str) else list(message.string)
            equal |= {text for text in texts if message.id and text in sources}
    assert equal == listed


def test_the_made_up_language_keeps_what_a_sentence_must_keep() -> None:
    assert pseudo("**{n}** of {all}: run `make lab`") == "‹**{n}** öf {all}: ŕúñ `make lab`›"
    assert untranslated(["‹Šçöŕé› 3 of 4", "‹Šçöŕé› 3", "San Ejemplo"], ["San Ejemplo"], []) == [
        "of <- ‹Šçöŕé› 3 of 4"
    ]
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    assert set(letters) - {chr(x) for x in ACCENTS} <= set("BFMPQVXbfmpqvx")


def test_a_report_holds_no_sentence_that_cannot_be_translated(root: Path) -> None:
    study = opened(root / EXAMPLE)
    view = study.view("99001")
    blocks = [b for name in SECTIONS for b in getattr(report, name)(view).to_json()["blocks"]]
    page = render_page(with_anchors(blocks), study.locale, view.name)
    assert left(study, html_texts(page)) == []
    assert left(study, html_texts(blocks_html(blocks, standalone=True))) in ([], ["Data <- Data"])


def test_the_site_holds_no_sentence_that_cannot_be_translated(root: Path) -> None:
    study = opened(root / EXAMPLE)
    head = {"locale": PSEUDO_TAG, "title": "", "author": "", "date": "", "instrument": "",
            "run_id": "", "example": True, "description": "", "unit": ""}  # fmt: skip
    files = site_files(make_site(study, "0"), head, {})
    pages = [text.decode() for name, text in files.items() if name.endswith(".html")]
    texts = [text for page in pages for text in html_texts(page)]
    nodes = [re.sub(r"^[\w.]+_(score|low|high|state|level)$", "", text) for text in texts]
    assert left(study, nodes) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebooks_hold_no_sentence_that_cannot_be_translated(
    root: Path, tmp_path: Path, name: str
) -> None:
    out, study = tmp_path / "out.ipynb", opened(root / NOTEBOOKS[name])
    command = [sys.executable, "-m", "papermill", f"notebooks/{name}.ipynb", str(out)]
    wanted = ["-r", "study", NOTEBOOKS[name], "-r", "locale", PSEUDO_TAG, "--no-progress-bar"]
    subprocess.run([*command, *wanted], cwd=root, check=True, capture_output=True)
    notebook = nbformat.read(out, as_version=4)
    texts = html_texts(render_html(notebook))
    for cell in notebook.cells:  # prose of a notebook is for who runs it, in English
        for output in cell.get("outputs", []):
            said = output.get("data", {})
            texts += str(output.get("text", said.get("text/plain", ""))).splitlines()
            texts += html_texts(str(said.get("text/html", "")))
    assert left(study, texts) == []


@pytest.mark.slow
def test_a_run_in_the_made_up_language(root: Path, tmp_path: Path) -> None:
    """Report, index and what the terminal says of a run; and the words of the PDF."""
    study = opened(root / EXAMPLE)
    done = command(root, "run", EXAMPLE, "--locale", PSEUDO_TAG, "--out", str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    said = done.stdout.replace(str(tmp_path), "")
    assert left(study, said.splitlines()) == []
    pages = sorted((tmp_path / "out").rglob("*.html"))
    assert len(pages) > 2
    for page in pages:
        texts = html_texts(page.read_text(encoding="utf-8"))
        nodes = [re.sub(r"^[\w.]+_(score|low|high|state|level)$", "", text) for text in texts]
        assert left(study, nodes) == [], page.name
    words = {w for text in data_texts(study) for w in text.split()}
    pdf = next((tmp_path / "out").rglob("*.pdf")).read_bytes()
    lines = [HASH.sub("", piece.text) for piece in pieces(pdf)]
    assert untranslated(lines, [*data_texts(study), *words], allowed_texts()) == []


def test_every_help_of_the_command_line_is_in_the_catalogues() -> None:
    known = extract_all()
    whole = get_command(app)
    for part in (whole, *whole.commands.values()):
        said = [part.help, *(getattr(p, "help", "") for p in part.params)]
        for text in filter(None, said):
            for paragraph, example in paragraphs(text):
                assert example or known.get(paragraph) is not None, paragraph


@pytest.mark.slow
def test_help_is_given_in_the_language_of_the_reader(root: Path) -> None:
    said = command(root, "run", "--help").stdout
    assert said.count("‹") > 15
    assert not re.search(r"\b(reports|Show|Options|Arguments|Commands|default)\b", said)


MISTAKES = {
    "no such study": ("check", "params/99.yml"),
    "no such command": ("chek",),
    "no such option": ("run", EXAMPLE, "--unti", "99001"),
    "no such unit": ("run", EXAMPLE, "--unit", "1"),
    "no such locale": ("run", EXAMPLE, "--locale", "xx-YY"),
    "nothing given": ("run",),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_told_in_the_language_of_the_reader(root: Path, name: str) -> None:
    done = command(root, *MISTAKES[name])
    assert done.returncode == 2
    typed = {word for argument in MISTAKES[name] for word in re.findall(r"\w+", argument)}
    known = [
        *typed,
        "STUDY",
        "workbench",
        "en",
        "es",
        "pt",
        "MX",
        "BR",
        "--help",
        "check",
        "locale",
    ]
    said = [PLACE.sub("", line) for line in done.stderr.splitlines()]
    assert untranslated(said, known, allowed_texts()) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "args", [("instruments",), ("instruments", "gdm-2025-2027"), ("run", EXAMPLE, "--dry-run")]
)
def test_lists_are_printed_in_the_language_of_the_reader(root: Path, args: tuple[str, ...]) -> None:
    said = command(root, *args).stdout
    assert "‹" in said
    assert not re.search(r"^(sources|tree|not known|rules [\w ]+|report .*|id .*):?$", said, re.M)
    assert "publisher:" not in said


def command(root: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Return what a command says in the made-up language."""
    code = "from workbench.cli import main; main()"
    environment = {**os.environ, "WORKBENCH_LANG": PSEUDO_TAG, "PYTHONPATH": str(root)}
    return subprocess.run(
        [sys.executable, "-c", code, *args], cwd=root, env=environment,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
