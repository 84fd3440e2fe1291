"""The PDF exporter: a notebook through Typst, with tags, titles and shipped fonts, always the same.

A report becomes a folder of files: its blocks as data, its pictures, the template. The folder is
compiled here, or by whoever is given to do that in a process of its own.
"""

from __future__ import annotations

import base64
import json
import re
import tempfile
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Any

from nbconvert.exporters import Exporter

from workbench.display.style import PATTERNS
from workbench.errors import Problem, Reason, ReportError
from workbench.language import Foreign, Locale, Message
from workbench.language.rich import SpanJson
from workbench.reports.compiling import Compile, RefusedError, compiled_folder
from workbench.reports.letters import covered, missing_letters, missing_letters_block
from workbench.reports.model import BlockJson, notebook_blocks, notebook_locale, notebook_title

HERE = Path(__file__).parent
SUFFIXES = {"image/png": "png", "image/jpeg": "jpg", "image/svg+xml": "svg"}
# Paragraphs that are kept with the figure or table they lead to.
MOST_LEADING = 3
# What is drawn on the letter before it, or joins it to the next; two letters that make one flag.
MARKS = ("Mn", "Me", "Mc", "Cf")
FLAGS = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
BOX = "\u25a1"
# Values of a block that are no text of the page.
UNREAD = ("kind", "svg", "narrow", "src", "alt", "tone", "shape", "align", "style", "foreign")


class TypstPDFExporter(Exporter):  # type: ignore[misc]
    """Export a notebook to a tagged PDF, without LaTeX, a browser or any system package.

    ``jupyter nbconvert --to typstpdf notebook.ipynb`` uses it.
    """

    output_mimetype = "application/pdf"
    export_from_notebook = "Report (PDF)"

    def _file_extension_default(self) -> str:
        return ".pdf"

    def from_notebook_node(
        self, nb: Any, resources: Any = None, **kw: Any
    ) -> tuple[bytes, dict[str, Any]]:
        """Return the PDF and the resources of nbconvert."""
        nb, resources = super().from_notebook_node(nb, resources, **kw)
        fallback = resources.get("metadata", {}).get("name") or "Notebook"
        resources["output_extension"] = ".pdf"
        return render_pdf(nb, fallback), resources


def render_pdf(
    notebook: Any, fallback_title: str = "", compiled: Compile = compiled_folder
) -> bytes:
    """Return a notebook's report as PDF.

    Parameters
    ----------
    notebook : NotebookNode
    fallback_title : str
        Title where the notebook shows neither cover nor heading.
    compiled : callable
        Who compiles: this process by default.

    Raises
    ------
    ReportError
        If Typst refuses it; its message is kept.
    """
    blocks = notebook_blocks(notebook)
    locale = notebook_locale(notebook)
    return typeset(blocks, locale, notebook_title(blocks, fallback_title), compiled)


def typeset(
    blocks: list[BlockJson], locale: Locale, title: str, compiled: Compile = compiled_folder
) -> bytes:
    """Return blocks as PDF, checked by the compiler against PDF/UA-1.

    Parameters
    ----------
    blocks : list of dict
    locale : Locale
    title : str
        Title of the document.
    compiled : callable
        Who compiles.
    """
    with tempfile.TemporaryDirectory(prefix="workbench-") as folder:
        root = Path(folder)
        blocks = _with_remark(_with_title(blocks, title), locale)
        files = [_block(b, index, root, locale) for index, b in enumerate(blocks)]
        rare = _has_rare_letters(files, root)
        model: dict[str, Any] = {
            "rare": rare,
            "title": title,
            "lang": locale.language,
            "region": locale.tag.split("-")[1].lower() if "-" in locale.tag else None,
            "patterns": PATTERNS,
            "running": _running(blocks),
            "footer": _footer(blocks),
            "contents": locale.text("Contents"),
            "groups": _groups(_levels_in_order(files)),
        }
        (root / "report.json").write_text(json.dumps(model, ensure_ascii=False), encoding="utf-8")
        (root / "report.typ").write_bytes((HERE / "templates" / "report.typ").read_bytes())
        try:
            return _compiled(root, compiled, rare=rare)
        except RefusedError as cause:
            what = Message("the PDF could not be made: {detail}", detail=str(cause))
            raise ReportError(Problem(Reason.REPORT, what)) from cause


def _compiled(root: Path, compiled: Compile, *, rare: bool) -> bytes:
    """Return the PDF of a folder, where it must be with simpler letters in its pictures.

    Typst refuses a picture in which several glyphs make one letter, as in g̃. The letter is set
    without its mark then, or as a box; the text of the report has it whole.
    """
    own, others = map(str, _font_folders())
    try:
        return compiled(root, [own, others] if rare else [own])
    except RefusedError as cause:
        refused = cause
    for simpler in (_without_marks, _in_own_letters):
        if not any([simpler(path) for path in root.glob("*.svg")]):
            continue
        try:
            return compiled(root, [own, others])
        except RefusedError as cause:
            refused = cause
    raise refused


def _without_marks(path: Path) -> bool:
    """Take the marks and joiners out of a picture's texts that stand for no letter of their own."""
    letters = unicodedata.normalize("NFC", path.read_text(encoding="utf-8"))
    plain = "".join(c for c in letters if c.isascii() or unicodedata.category(c) not in MARKS)
    return _rewrite(path, FLAGS.sub(BOX, plain))


def _in_own_letters(path: Path) -> bool:
    """Put a box for each letter of a picture that the shipped fonts don't have."""
    own = covered((_font_folders()[0],))
    svg = path.read_text(encoding="utf-8")
    return _rewrite(path, "".join(c if c.isascii() or c in own else BOX for c in svg))


def _rewrite(path: Path, text: str) -> bool:
    """Write a text file anew, and return whether that changed it."""
    before = path.read_text(encoding="utf-8")
    path.write_text(text, encoding="utf-8")
    return before != text


def _has_rare_letters(blocks: list[BlockJson], root: Path) -> bool:
    """Return whether blocks, or the drawings in a folder, have letters that shipped fonts lack.

    The fonts of rarer letters are many, and to look through them takes longer than a page.
    """
    texts = [json.dumps(blocks, ensure_ascii=False)]
    texts += [f.read_text(encoding="utf-8") for f in root.glob("*.svg")]
    letters = {c for text in texts for c in set(text) if not c.isascii()}
    return not letters <= covered((_font_folders()[0],))


@lru_cache(maxsize=1)
def _font_folders() -> tuple[Path, Path]:
    """Return the shipped fonts, and those that matplotlib ships for rarer letters."""
    import matplotlib as mpl

    return HERE / "fonts", Path(mpl.get_data_path()) / "fonts" / "ttf"


def _with_remark(blocks: list[BlockJson], locale: Locale) -> list[BlockJson]:
    """Return blocks that say, after their first section, that some letters can't be printed."""
    letters = missing_letters(blocks, _font_folders())
    if not letters:
        return blocks
    sections = [i for i, b in enumerate(blocks) if b["kind"] == "heading" and b["level"] == 2]
    place = sections[1] if len(sections) > 1 else len(blocks)
    return [*blocks[:place], missing_letters_block(letters, locale), *blocks[place:]]


def _with_title(blocks: list[BlockJson], title: str) -> list[BlockJson]:
    """Return blocks that begin with a title, which a document for all readers needs."""
    if any(b["kind"] == "cover" or (b["kind"] == "heading" and b["level"] == 1) for b in blocks):
        return blocks
    return [{"kind": "heading", "text": title, "level": 1}, *blocks]


def _levels_in_order(blocks: list[BlockJson]) -> list[BlockJson]:
    """Return blocks whose headings never skip a level: PDF/UA does not allow it."""
    last, found = 1, []
    for block in blocks:
        if block["kind"] == "heading":
            level = min(int(block["level"]), last + 1)
            last = level
            block = {**block, "level": level}
        elif block["kind"] == "cover":
            last = 1
        found.append(block)
    return found


def _groups(blocks: list[BlockJson]) -> list[BlockJson]:
    """Return blocks as groups: a figure or a table with what leads to it, all else alone.

    What leads to it are the paragraphs right before it, and the headings right before these.
    """
    groups: list[BlockJson] = []
    for block in blocks:
        lead: list[BlockJson] = []
        if block["kind"] in ("figure", "table"):
            for kind, most in (("paragraph", MOST_LEADING), ("heading", 2)):
                for _ in range(most):
                    if groups and groups[-1]["body"]["kind"] == kind and not groups[-1]["lead"]:
                        lead.insert(0, groups.pop()["body"])
        groups.append({"lead": lead, "body": block})
    return groups


def _block(block: BlockJson, index: int, root: Path, locale: Locale) -> BlockJson:
    """Return a block as the template takes it; pictures are written beside it as files."""
    if block.get("foreign"):
        block = _marked(block, Foreign(block["foreign"]))
    if block["kind"] != "figure":
        return block
    if block.get("svg"):
        name = f"figure{index}.svg"
        (root / name).write_text(block["svg"], encoding="utf-8")
    else:
        mime, _, data = str(block["src"]).removeprefix("data:").partition(";base64,")
        name = f"figure{index}.{SUFFIXES.get(mime, 'png')}"
        (root / name).write_bytes(base64.b64decode(data))
    alt = block["alt"] or locale.text("Figure {n}, without a description", n=index + 1)
    return {**block, "svg": "", "narrow": "", "src": "", "table": None, "file": name, "alt": alt}


def _marked(value: Any, foreign: Foreign) -> Any:
    """Return plain values with their texts cut into spans where another language begins or ends."""
    if isinstance(value, list) and all(map(_is_span, value)):
        return [part for span in value for part in _cut(span, foreign)]
    if isinstance(value, list):
        return [_marked(part, foreign) for part in value]
    if isinstance(value, dict):
        made = {k: v if k in UNREAD else _marked(v, foreign) for k, v in value.items()}
        if "facts" in value:  # pairs of name and value
            made["facts"] = [[_marked(x, foreign) for x in pair] for pair in value["facts"]]
        return made
    if isinstance(value, str) and foreign.within(value):
        return _cut(value, foreign)
    return value


def _is_span(value: Any) -> bool:
    """Return whether a value is a span of text."""
    return isinstance(value, str) or (
        isinstance(value, dict) and isinstance(value.get("text"), str)
    )


def _cut(span: SpanJson, foreign: Foreign) -> list[SpanJson]:
    """Return a span in parts of one language each."""
    whole = {"text": span} if isinstance(span, str) else span
    parts = foreign.parts(whole["text"])
    if len(parts) == 1 and not parts[0][1]:
        return [span]
    return [{**whole, "text": text} | ({"lang": x} if x else {}) for text, x in parts]


def _running(blocks: list[BlockJson]) -> str:
    """Return the words at the head of each page: the study. The page cuts what does not fit."""
    cover = next((b for b in blocks if b["kind"] == "cover"), None)
    return str(cover["eyebrow"]) if cover else ""


def _footer(blocks: list[BlockJson]) -> str:
    """Return the words at the foot of each page: the badge, then the instrument."""
    cover = next((b for b in blocks if b["kind"] == "cover"), None)
    if cover is None:
        return ""
    return " · ".join(str(w) for w in (cover["badge"], cover["subtitle"]) if w)
