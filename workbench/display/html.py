"""Blocks as HTML. Every text from data is escaped by the template engine; drawings are our own."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from workbench.display.style import INK, MUTED, PATTERNS, TONES
from workbench.language import Foreign
from workbench.language.rich import SpanJson

TEMPLATES = Path(__file__).parent / "templates"
SHAPES = {
    "circle": '<circle cx="6" cy="6" r="5" {style}/>',
    "square": '<rect x="1.2" y="1.2" width="9.6" height="9.6" {style}/>',
    "diamond": '<path d="M6 .3 11.7 6 6 11.7 .3 6z" {style}/>',
    "triangle": '<path d="M.5 1.5h11L6 11.3z" {style}/>',
    "dash": '<rect x="1" y="4.5" width="10" height="3" {style}/>',
}
# On a phone of 360 pixels a table has this many; a letter takes about so many, and a column so many
# more for its margin. What does not fit, or only in many lines, is shown as one card a row.
PHONE = 322
LETTER = 7.6
MARGIN = 10
MOST_LINES = 4
_LINK = Markup('<a href="{}" rel="noopener noreferrer">{}</a>')
_LANG = Markup('<span lang="{}">{}</span>')
_STYLES = {
    "strong": Markup("<strong>{}</strong>"),
    "em": Markup("<em>{}</em>"),
    "code": Markup("<code>{}</code>"),
}
_ROLES = {"tr": "row", "th": "rowheader", "td": "cell"}
LINKS = ("https://", "http://", "mailto:", "#")
# A notebook beside the one that is read.
NOTEBOOK = re.compile(r"[A-Za-z0-9_\-]+\.ipynb")


@lru_cache(maxsize=256)
def chip_html(tone: str, shape: str, title: str, lang: str = "") -> Markup:
    """Return a level or state with its drawing and word, marked if of another language."""
    mark = Markup(' lang="{}"').format(lang) if lang else ""
    return Markup('<span class="chip">{}<span{}>{}</span></span>').format(
        shape_svg(tone, shape), mark, title
    )


def said_html(text: str, foreign: Foreign | None = None) -> Markup:
    """Return a text with what is of other languages marked; everything is escaped."""
    if not foreign:
        return escape(text)
    marked = (_LANG.format(x, part) if x else escape(part) for part, x in foreign.parts(text))
    return Markup("").join(marked)


def spans_html(spans: list[SpanJson], foreign: Foreign | None = None) -> Markup:
    """Return spans of text with their emphasis; everything that is read is escaped."""
    return Markup("").join(_span(span, foreign) for span in spans)


def _span(span: SpanJson, foreign: Foreign | None) -> Markup:
    """Return one span."""
    if isinstance(span, str):
        return said_html(span, foreign)
    text = said_html(span["text"], foreign)
    if href := safe_href(span.get("href", "")):
        return _LINK.format(href, text)
    style = next((style for style in _STYLES if style in span), None)
    return _STYLES[style].format(text) if style else text


@lru_cache(maxsize=64)
def shape_svg(tone: str, shape: str) -> Markup:
    """Return the drawing of a chip; its word stands beside it, so it is hidden from readers."""
    stroke = MUTED if tone in ("white", "grey") else TONES[tone]
    style = f'fill="{TONES[tone]}" stroke="{stroke}"'
    if shape in PATTERNS:
        body = SHAPES["square"].format(style=style)
        body += f'<g fill="none" stroke="{INK}">{"".join(map(_mark, PATTERNS[shape]))}</g>'
    else:
        body = SHAPES[shape].format(style=style)
    return Markup(  # noqa: S704  # made of constants
        f'<svg class="shape" viewBox="0 0 12 12" aria-hidden="true">{body}</svg>'
    )


_SHAPE = re.compile(r'(<svg class="shape" [^>]*>)(.*?)</svg>')


def shapes_once(page: str) -> str:
    """Return a page whose later shapes point at the first of their kind: a table has hundreds."""
    names: dict[str, str] = {}

    def named(found: re.Match[str]) -> str:
        opened, body = found.groups()
        if body in names:
            return f'{opened}<use href="#{names[body]}"/></svg>'
        names[body] = f"shape{len(names) + 1}"
        return f'{opened}<g id="{names[body]}">{body}</g></svg>'

    return _SHAPE.sub(named, page)


def _mark(part: tuple[float, ...]) -> str:
    """Return a line or a circle of a pattern."""
    if len(part) == 3:
        return '<circle cx="{:g}" cy="{:g}" r="{:g}"/>'.format(*part)
    return '<path d="M{:g} {:g} {:g} {:g}"/>'.format(*part)


def drawing(svg: str) -> Markup:
    """Return a drawing made by this package for use inside a page."""
    return Markup(svg)  # noqa: S704  # matplotlib and sheets escape every text they write


def safe_href(href: str) -> str:
    """Return a link if it leads to the web, to mail, into the page or to a notebook beside it."""
    return href if href.lower().startswith(LINKS) or NOTEBOOK.fullmatch(href) else ""


def as_cards(table: dict[str, Any]) -> bool:
    """Return whether a table has no room on a phone: too wide, or long texts in too narrow columns.

    Parameters
    ----------
    table : dict
        A table block as plain values.
    """
    least = [_letters(table, index, longest=False) * LETTER + MARGIN
             for index in range(len(table["columns"]))]  # fmt: skip
    spare = PHONE - sum(least)
    if spare < 0:
        return True
    most = [_letters(table, index, longest=True) * LETTER for index in range(len(least))]
    return any(m > MOST_LINES * (n - MARGIN + spare) for m, n in zip(most, least, strict=True))


def rows_html(
    table: dict[str, Any], cards: bool, name_at: int, foreign: Foreign | None = None
) -> Markup:
    """Return the rows of a table; a template would ask for every attribute of every cell anew.

    Parameters
    ----------
    table : dict
        A table block as plain values.
    cards : bool
        Whether a row becomes a card on a phone: each cell then brings its column's name along.
    name_at : int
        Column of what a row is about.
    foreign : Foreign, optional
        Texts of other languages that may stand in the cells.
    """
    role = {tag: f' role="{name}"' if cards else "" for tag, name in _ROLES.items()}
    opens, align = [], table["columns"][0]["align"]
    for index, column in enumerate(table["columns"]):
        name = "name" if index == name_at and index else ""
        head = f' data-head="{escape(column["title"])}"' if cards and index != name_at else ""
        opens.append(f"<td{_class(column['align'], name)}{role['td']}{head}>")
    head = f' data-head="{escape(table["columns"][0]["title"])}"' if cards and name_at else ""
    lines = []
    for row in table["rows"]:
        strong = ' class="strong"' if row["strong"] else ""
        depth = f"depth{min(int(row['depth']), 4)}" if row["depth"] else ""
        lines.append(f"<tr{strong}{role['tr']}>")
        for index, cell in enumerate(row["cells"]):
            opened = opens[index]
            if not index:
                opened = f'<th scope="row"{_class(align, depth)}{role["th"]}{head}>'
            lines += [opened, _cell(cell, foreign), "</td>" if index else "</th>"]
        lines.append("</tr>\n")
    return Markup("".join(lines))  # noqa: S704  # every text from data is escaped above


def _class(align: str, other: str) -> str:
    """Return the class of a cell; what stands at the left needs none."""
    names = " ".join(n for n in (align if align != "left" else "", other) if n)
    return f' class="{escape(names)}"' if names else ""


def _cell(cell: dict[str, Any], foreign: Foreign | None) -> str:
    """Return what stands in a cell."""
    text = spans_html(cell["text"], foreign)
    if "chip" not in cell:
        return text
    chip = cell["chip"]
    lang = foreign.texts.get(chip["title"], "") if foreign else ""
    return f"{chip_html(chip['tone'], chip['shape'], chip['title'], lang)} {text}"


def _letters(table: dict[str, Any], index: int, *, longest: bool) -> int:
    """Return the letters of the longest text of a column, or of its longest word."""
    head = str(table["columns"][index]["title"])
    texts = [(head, "")]
    for row in table["rows"]:
        cell = row["cells"][index]
        chip = str(cell["chip"]["title"]) if "chip" in cell else ""
        texts.append(("".join(s if isinstance(s, str) else s["text"] for s in cell["text"]), chip))
    # A chip is never broken, and its shape takes the room of two letters.
    chips = max(len(chip) + 2 if chip else 0 for _, chip in texts)
    if longest:
        return max(len(text) + len(chip) for text, chip in texts)
    return max(chips, *(_longest(text) for text, _ in texts))


def _longest(text: str) -> int:
    """Return the letters of the longest word; what is longer than any word is broken anyway."""
    return min(max(map(len, text.split()), default=0), 24)


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
    env.globals.update(
        chip=chip_html, drawing=drawing, spans=spans_html, said=said_html, rows=rows_html,
        as_cards=as_cards, foreign=Foreign,
    )  # fmt: skip
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
    if standalone:  # a notebook shows the drawing of a page; the exporters have the other too
        blocks = [{k: v for k, v in b.items() if k != "narrow"} for b in blocks]
    return template.render(blocks=blocks, standalone=standalone, words=words or {"data": "Data"})


def styles() -> str:
    """Return the style sheet of blocks."""
    return (TEMPLATES / "blocks.css").read_text(encoding="utf-8")
