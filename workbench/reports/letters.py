"""Which letters of a report the fonts of the PDF do not have.

The PDF uses the shipped fonts alone, so that it is the same everywhere. They have the letters of
European, Hebrew and Arabic writing; a font with those of Chinese or Japanese weighs as much as the
rest of the workbench. What they lack prints as a box, and the report says so.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from workbench.language import Locale
from workbench.reports.model import BlockJson

# Parts of a block that are no text to be read: pictures, addresses, and names of styles.
NOT_TEXT = frozenset({"svg", "narrow", "src", "href", "kind", "tone", "shape", "style", "align"})
# The families that the PDF is set in. Of the others beside them, one draws every letter as a box.
FAMILIES = ("PublicSans-*.ttf", "DejaVuSans*.ttf")
# Marks, controls and spaces are drawn with their letter, or not at all.
NOT_LETTERS = ("C", "M", "Z")


def missing_letters(blocks: list[BlockJson], folders: tuple[Path, ...]) -> list[str]:
    """Return the letters of blocks that no font of some folders has, each once, in order.

    Parameters
    ----------
    blocks : list of dict
    folders : tuple of Path
        Folders with the fonts.
    """
    rare = [text for text in _texts(blocks) if not text.isascii()]
    found = {c for text in rare for c in text if not c.isascii()}
    wanted = {c for c in found if not unicodedata.category(c).startswith(NOT_LETTERS)}
    return sorted(wanted - covered(folders)) if wanted else []


def missing_letters_block(letters: list[str], locale: Locale) -> BlockJson:
    """Return the remark on letters that print as boxes."""
    text = locale.count(
        "{n} character of this report is in none of the fonts of this PDF and prints as a box. The "
        "HTML page of the same report shows it.",
        "{n} characters of this report are in none of the fonts of this PDF and print as boxes. "
        "The HTML page of the same report shows them.",
        len(letters),
    )
    return {"kind": "paragraph", "style": "note", "text": [{"text": text}]}


def _texts(value: Any) -> Iterator[str]:
    """Yield every text of blocks."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key not in NOT_TEXT:
                yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)


@lru_cache(maxsize=4)
def covered(folders: tuple[Path, ...]) -> frozenset[str]:
    """Return the letters that the fonts of some folders have between them."""
    from fontTools.ttLib import TTFont

    found: set[int] = set()
    for path in (path for folder in folders for name in FAMILIES for path in folder.glob(name)):
        with TTFont(path, lazy=True) as font:
            found.update(font.getBestCmap() or {})
    return frozenset(map(chr, found))
