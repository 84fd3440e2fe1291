"""Blocks: what a report is made of, as a model that every exporter can render.

A section is a few blocks: headings, paragraphs, tables, figures. In a notebook it shows itself as
text, as HTML, and as the model under ``application/vnd.workbench.v1+json``; the HTML and PDF
exporters render from the model, so that a template can change without running a notebook again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from workbench.language import Foreign, Span, plain, translate
from workbench.language.rich import SpanJson
from workbench.specs.version import MIMETYPE

Rich = tuple[Span, ...]


def as_rich(text: str | Rich) -> Rich:
    """Return a text as spans."""
    return (Span(text),) if isinstance(text, str) else tuple(text)


def _spans(rich: Rich) -> list[SpanJson]:
    """Return spans as plain values."""
    return [span.to_json() for span in rich]


@dataclass(frozen=True, slots=True)
class Chip:
    """A level or state as people see it: a colour, a shape and a word.

    Parameters
    ----------
    title : str
        The word.
    tone : str
        Name of the colour: red, orange, yellow, light_green, green, blue, grey, white.
    shape : str
        A level's: triangle, square, diamond, circle. A state's, drawn as a box with its pattern:
        box, hatch, ring, cross, dots, lines. A dash where nothing is known of it.
    """

    title: str
    tone: str
    shape: str

    def to_json(self) -> dict[str, Any]:
        """Return the chip as plain values."""
        return {"title": self.title, "tone": self.tone, "shape": self.shape}


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table.

    Parameters
    ----------
    text : str or spans
    chip : Chip or None
        Shown before the text.
    number : float or None
        What the text says, for sorting and for data exports.
    """

    text: Rich
    chip: Chip | None = None
    number: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the cell as plain values."""
        found: dict[str, Any] = {"text": _spans(self.text)}
        if self.chip:
            found["chip"] = self.chip.to_json()
        if self.number is not None:
            found["number"] = self.number
        return found

    def plain(self) -> str:
        """Return the cell as text."""
        text = plain(self.text)
        if self.chip is None:
            return text
        return f"{self.chip.title} {text}".strip()


def cell(text: str | Rich = "", *, chip: Chip | None = None, number: float | None = None) -> Cell:
    """Return a cell."""
    return Cell(as_rich(text) if text else (), chip, number)


@dataclass(frozen=True, slots=True)
class ColumnHead:
    """Head of a column: its title, its alignment, and its share of the width."""

    title: str
    align: str = "left"
    width: float = 1.0

    def to_json(self) -> dict[str, Any]:
        """Return the head as plain values."""
        return {"title": self.title, "align": self.align, "width": self.width}


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table; a strong row is a subtotal or a group."""

    cells: tuple[Cell, ...]
    depth: int = 0
    strong: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the row as plain values."""
        return {
            "cells": [c.to_json() for c in self.cells],
            "depth": self.depth,
            "strong": self.strong,
        }


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a section."""

    kind: ClassVar[str]

    def to_json(self) -> dict[str, Any]:
        """Return the block as plain values."""
        raise NotImplementedError

    def plain(self) -> str:
        """Return the block as text."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Heading(Block):
    """A heading; level 2 is a section of the report."""

    text: str
    level: int = 2
    kind: ClassVar[str] = "heading"

    def to_json(self) -> dict[str, Any]:
        """Return the block as plain values."""
        return {"kind": self.kind, "text": self.text, "level": self.level}

    def plain(self) -> str:
        """Return the block as text."""
        return f"{'#' * self.level} {self.text}"


@dataclass(frozen=True, slots=True)
class Paragraph(Block):
    """A paragraph; ``lead`` is the answer in one sentence, ``note`` is small."""

    text: Rich
    style: str = "normal"
    kind: ClassVar[str] = "paragraph"

    def to_json(self) -> dict[str, Any]:
        """Return the block as plain values."""
        return {"kind": self.kind, "text": _spans(self.text), "style": self.style}

    def plain(self) -> str:
        """Return the block as text."""
        return plain(self.text)


@dataclass(frozen=True, slots=True)
class Bullets(Block):
    """A list."""

    items: tuple[Rich, ...]
    kind: ClassVar[str] = "bullets"

    def to_json(self) -> dict[str, Any]:
        """Return the block as plain values."""
        return {"kind": self.kind, "items": [_spans(i) for i in self.items]}

    def plain(self) -> str:
        """Return the block as text."""
        return "\n".join(f"- {plain(i)}" for i in self.items)


@dataclass(frozen=True, slots=True)
class Callout(Block):
    """A remark set apart; its tone is info, warning or example."""

    tone: str
    title: str
    items: tuple[Rich, ...]
    kind: ClassVar[str] = "callout"

    def to_json(self) -> dict[str, Any]:
        """Return the block as plain values."""
        items = [_spans(i) for i in self.items]
        return {"kind": self.kind, "tone": self.tone, "title": self.title, "items": items}

    def plain(self) -> str:
        """Return the block as text."""
        return "\n".join([f"[{self.title}]", *(plain(i) for i in self.items)])


@dataclass(frozen=True, slots=True)
class Cover(Block):
    """Head of a report: what it is about, and a few facts.

    Parameters
    ----------
    title, subtitle : str
    eyebrow : str
        Small line above the title.
    facts : tuple of (str, str)
        Names and values.
    badge : str
        A word that must not be missed, such as *Example*; empty for none.
    """

    title: str
    subtitle: str
    eyebrow: str
    facts: tuple[tuple[str, str], ...]
    badge: str = ""
    kind: ClassVar[str] = "cover"

    def to_json(self) -> dict[str, Any]:
        """Return the block as plain values."""
        return {
            "kind": self.kind,
            "title": self.title,
            "subtitle": self.subtitle,
            "eyebrow": self.eyebrow,
            "facts": [list(f) for f in self.facts],
            "badge": self.badge,
        }

    def plain(self) -> str:
        """Return the block as text."""
        head = [f"# {self.title}", self.subtitle, self.badge]
        return "\n".join([*(h for h in head if h), *(f"{k}: {v}" for k, v in self.facts)])


@dataclass(frozen=True, slots=True)
class Table(Block):
    """A table.

    Parameters
    ----------
    columns : tuple of ColumnHead
    rows : tuple of Row
    caption : str
    """

    columns: tuple[ColumnHead, ...]
    rows: tuple[Row, ...]
    caption: str = ""
    kind: ClassVar[str] = "table"

    def to_json(self) -> dict[str, Any]:
        """Return the block as plain values."""
        return {
            "kind": self.kind,
            "columns": [c.to_json() for c in self.columns],
            "rows": [r.to_json() for r in self.rows],
            "caption": self.caption,
        }

    def plain(self) -> str:
        """Return the block as text."""
        lines = [self.caption] if self.caption else []
        lines.append(" | ".join(c.title for c in self.columns))
        lines += [" | ".join(c.plain() for c in row.cells) for row in self.rows]
        return "\n".join(lines)


class Drawing(str):
    """A drawing as SVG text, with its twin for narrow screens.

    Parameters
    ----------
    wide : str
        The drawing at the width of a page.
    narrow : str
        The same drawn for a phone; empty for none.
    """

    narrow: str

    def __new__(cls, wide: str, narrow: str = "") -> Drawing:
        """Return the wide drawing that knows the narrow one."""
        made = super().__new__(cls, wide)
        made.narrow = narrow
        return made


@dataclass(frozen=True, slots=True)
class Figure(Block):
    """A picture with what it says in words and in numbers.

    Parameters
    ----------
    svg : str or Drawing
        The drawing; a :class:`Drawing` brings its twin for narrow screens along.
    alt : str
        States the main number that the picture shows.
    caption : str
    table : Table or None
        The data behind it.
    """

    svg: str = field(repr=False)
    alt: str
    caption: str = ""
    table: Table | None = None
    kind: ClassVar[str] = "figure"

    def to_json(self) -> dict[str, Any]:
        """Return the block as plain values."""
        return {
            "kind": self.kind,
            "svg": str(self.svg),
            "narrow": self.svg.narrow if isinstance(self.svg, Drawing) else "",
            "alt": self.alt,
            "caption": self.caption,
            "table": self.table.to_json() if self.table else None,
        }

    def plain(self) -> str:
        """Return the block as text."""
        return f"[{self.alt}]" + (f"\n{self.table.plain()}" if self.table else "")


class Section:
    """A few blocks that show themselves in a notebook and travel to the exporters.

    Parameters
    ----------
    blocks : iterable of Block
        None entries are left out.
    locale : str
        Language tag of the texts.
    foreign : mapping of str to str, optional
        Texts of other languages that the blocks may hold, each with its language.
    """

    def __init__(
        self,
        blocks: Iterable[Block | None],
        locale: str,
        foreign: Mapping[str, str] | None = None,
    ) -> None:
        self.blocks: Sequence[Block] = tuple(b for b in blocks if b is not None)
        self.locale = locale
        self.foreign = foreign or {}

    def to_json(self) -> dict[str, Any]:
        """Return the model."""
        return {"version": 1, "locale": self.locale, "blocks": self.marked()}

    def marked(self) -> list[dict[str, Any]]:
        """Return the blocks as plain values, each with the texts of other languages that it has."""
        foreign, blocks = Foreign(self.foreign), [b.to_json() for b in self.blocks]
        if not foreign:
            return blocks
        hits = [foreign.within(block) for block in blocks]
        return [{**b, "foreign": h} if h else b for b, h in zip(blocks, hits, strict=True)]

    def __repr__(self) -> str:
        """Return the section as text."""
        return "\n\n".join(b.plain() for b in self.blocks)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """Return text, HTML and the model, for Jupyter."""
        from workbench.display.html import blocks_html

        model = self.to_json()
        return {
            "text/plain": repr(self),
            "text/html": blocks_html(
                model["blocks"], standalone=True, words={"data": translate("Data", self.locale)}
            ),
            MIMETYPE: model,
        }
