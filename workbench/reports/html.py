"""The HTML exporter: one file that opens anywhere, without network, under a strict policy."""

from __future__ import annotations

import base64
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from nbconvert.exporters import Exporter

from workbench.display.html import environment, shapes_once, styles
from workbench.language import Locale
from workbench.reports.model import BlockJson, notebook_blocks, notebook_locale, notebook_title

HERE = Path(__file__).parent
# Nothing may run and nothing may be fetched; styles, images and fonts are inside the page.
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; "
    "base-uri 'none'; form-action 'none'"
)


class ReportHTMLExporter(Exporter):  # type: ignore[misc]
    """Export a notebook to a report in one HTML file.

    Displays of the workbench are drawn from their model, so that a template changes without running
    the notebook again. ``jupyter nbconvert --to workbenchhtml notebook.ipynb`` uses it.
    """

    output_mimetype = "text/html"
    export_from_notebook = "Report (HTML)"

    def _file_extension_default(self) -> str:
        return ".html"

    def from_notebook_node(
        self, nb: Any, resources: Any = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """Return the page and the resources of nbconvert."""
        nb, resources = super().from_notebook_node(nb, resources, **kw)
        fallback = resources.get("metadata", {}).get("name") or "Notebook"
        return render_html(nb, fallback), resources


def render_html(notebook: Any, fallback_title: str = "") -> str:
    """Return a notebook's report as one HTML page.

    Parameters
    ----------
    notebook : NotebookNode
    fallback_title : str
        Title where the notebook shows neither cover nor heading.
    """
    blocks = with_anchors(notebook_blocks(notebook))
    locale = notebook_locale(notebook)
    return render_page(blocks, locale, notebook_title(blocks, fallback_title))


def render_page(blocks: list[BlockJson], locale: Locale, title: str) -> str:
    """Return blocks as one HTML page in the language of ``locale``."""
    template = page_environment(HERE / "templates").get_template("page.html.j2")
    page: str = template.render(
        blocks=blocks,
        title=title,
        lang=locale.tag,
        policy=POLICY,
        styles=styles() + (HERE / "templates" / "page.css").read_text(encoding="utf-8"),
        fonts=font_faces(),
        words=interface_words(locale),
        contents=[b for b in blocks if b["kind"] == "heading" and b["level"] == 2],
        has_title=any(b["kind"] == "cover" for b in blocks)
        or any(b["kind"] == "heading" and b["level"] == 1 for b in blocks),
    )
    return shapes_once(page)


def interface_words(locale: Locale) -> dict[str, str]:
    """Return the few words of the page itself."""
    return {
        "data": locale.text("Data of the figure"),
        "contents": locale.text("Contents"),
        "skip": locale.text("Skip to the report"),
    }


def with_anchors(blocks: list[BlockJson]) -> list[BlockJson]:
    """Return blocks with an anchor for each heading, the same every time, no two alike."""
    seen: set[str] = set()
    found = []
    for block in blocks:
        if block["kind"] != "heading":
            found.append(block)
            continue
        base = re.sub(r"[^\w]+", "-", str(block["text"]).lower()).strip("-") or "section"
        anchor, n = base, 2
        while anchor in seen:
            anchor, n = f"{base}-{n}", n + 1
        seen.add(anchor)
        found.append({**block, "anchor": anchor})
    return found


@lru_cache(maxsize=4)
def page_environment(folder: Path) -> Any:
    """Return the templates of a folder with those of blocks beside them."""
    from jinja2 import ChoiceLoader, FileSystemLoader

    blocks = environment()
    loader = blocks.loader
    assert loader is not None  # noqa: S101  # set where the environment is made
    env = blocks.overlay()
    env.loader = ChoiceLoader([FileSystemLoader(folder), loader])
    return env


@lru_cache(maxsize=1)
def font_faces() -> str:
    """Return the fonts of the page as data, cut to the letters of European languages."""
    faces = []
    for name, weight in (("Regular", 400), ("SemiBold", 600)):
        data = base64.b64encode(web_font(HERE / "fonts" / f"PublicSans-{name}.ttf")).decode()
        faces.append(
            f'@font-face{{font-family:"Public Sans";font-weight:{weight};font-display:swap;'
            f"src:url(data:font/woff;base64,{data}) format('woff')}}"
        )
    return "".join(faces)


def web_font(path: Path) -> bytes:
    """Return a font as WOFF with the letters, marks and signs that reports use."""
    from io import BytesIO

    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    options = Options()
    options.flavor = "woff"
    options.layout_features = ["kern", "liga", "tnum", "ccmp", "locl", "mark"]
    options.notdef_outline = True
    options.hinting = False
    font = TTFont(path, recalcTimestamp=False)
    subsetter = Subsetter(options)
    subsetter.populate(
        unicodes=[
            *range(0x20, 0x7F),
            *range(0xA0, 0x180),
            *range(0x2010, 0x2040),
            0x2212,
            0x2264,
            0x2265,
            0x00B2,
            0x00B3,
        ]
    )
    subsetter.subset(font)
    font.flavor = "woff"
    out = BytesIO()
    font.save(out)
    return out.getvalue()
