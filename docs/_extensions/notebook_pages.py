"""The notebooks as pages: their words and their code, without outputs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import nbformat


def notebook_pages(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield a page for each notebook."""
    for path in sorted(folder.glob("*.ipynb")):
        yield f"notebooks/{path.stem}.md", _page(path)


def _page(path: Path) -> str:
    """Return the first title, words as they are, neighbouring cells of code as one block."""
    cells = nbformat.read(path, as_version=4).cells
    title, _, words = cells[0].source.partition("\n")
    lines = [title, f"`notebooks/{path.name}`", _linked(words)]
    for kind, group in groupby(cells[1:], key=lambda cell: cell.cell_type):
        sources = [cell.source for cell in group]
        if kind == "code":
            lines.append("```python\n" + "\n\n".join(sources) + "\n```")
        else:
            lines += map(_linked, sources)
    return "\n\n".join(lines) + "\n"


def _linked(words: str) -> str:
    """Return words whose links to other notebooks lead to their pages."""
    return re.sub(r"\]\((\w+)\.ipynb\)", r"](\1.md)", words.strip())
