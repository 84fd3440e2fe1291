"""Blocks as HTML. Every text from data is escaped by the template engine; drawings are our own."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from workbench.display.style import MUTED, TONES

TEMPLATES = Path(__file__).parent / "templates"
SHAPES = {
    "circle": '<circle cx="6" cy="6" r="5" {style}/>',
    "ring": '<circle cx="6" cy="6" r="4.5" {style}/>',
    "square": '<rect x="1.2" y="1.2" width="9.6" height="9.6" {style}/>',
    "diamond": '<path d="M6 .3 11.7 6 6 11.7 .3 6z" {style}/>',
    "triangle": '<path d="M.5 1.5h11L6 11.3z" {style}/>',
    "dash": '<rect x="1" y="4.5" width="10" height="3" {style}/>',
}
LINKS = ("https://", "http://", "mailto:", "#")


def shape_svg(tone: str, shape: str) -> Markup:
    """Return the drawing of a chip; its word stands beside it, so it is hidden from readers."""
    fill = "none" if shape == "ring" else TONES[tone]
    stroke = MUTED if tone in ("white", "grey") else TONES[tone]
    style = f'fill="{fill}" stroke="{stroke}"'
    body = SHAPES[shape].format(style=style)
    return Markup(  # noqa: S704  # made of constants
        f'<svg class="shape" viewBox="0 0 12 12" aria-hidden="true" focusable="false">{body}</svg>'
    )


def drawing(svg: str) -> Markup:
    """Return a drawing made by this package for use inside a page."""
    return Markup(svg)  # noqa: S704  # matplotlib escapes every text it writes


def safe_href(href: str) -> str:
    """Return a link if it leads to the web, to mail or into the page; else nothing."""
    return href if href.lower().startswith(LINKS) else ""


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Return the template environment, which escapes everything it is not told to trust."""
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.globals.update(shape_svg=shape_svg, drawing=drawing, safe_href=safe_href)
    return env


def blocks_html(
    blocks: list[dict[str, Any]], *, standalone: bool = False, words: Any = None
) -> str:
    """Return blocks as HTML.

    Parameters
    ----------
    blocks : list of dict
        As :meth:`~workbench.display.blocks.Block.to_json` gives them.
    standalone : bool
        Whether the styles come along, as a notebook's output needs them.
    words : mapping of str to str, optional
        Texts of the interface: ``data``, the name of the table behind a figure.
    """
    template = environment().get_template("blocks.html.j2")
    return template.render(blocks=blocks, standalone=standalone, words=words or {"data": "Data"})


def styles() -> str:
    """Return the style sheet of blocks."""
    return (TEMPLATES / "blocks.css").read_text(encoding="utf-8")
