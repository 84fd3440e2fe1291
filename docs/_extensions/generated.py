"""Pages made from what the code says of itself, written to ``_generated`` before a build."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from command_pages import command_page
from notebook_pages import notebook_pages
from python_pages import python_pages
from schema_pages import schema_pages
from sphinx.application import Sphinx

ROOT = Path(__file__).parents[2]


def pages() -> Iterator[tuple[str, str]]:
    """Yield the path and the text of each page."""
    yield "commands.md", command_page()
    yield from schema_pages(ROOT / "workbench" / "specs" / "schemas")
    yield from python_pages()
    yield from notebook_pages(ROOT / "notebooks")


def write(app: Sphinx) -> None:
    """Write all pages anew, those alone that changed, so that a second build is short."""
    folder = Path(app.srcdir) / "_generated"
    made = {folder / name: text for name, text in pages()}
    for path in folder.rglob("*.md"):
        if path not in made:
            path.unlink(missing_ok=True)
    for path, text in made.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            whole = path.with_name(f"{path.name}.{os.getpid()}")
            whole.write_text(text, encoding="utf-8")
            whole.replace(path)  # another build at the same time never reads half a page


def setup(app: Sphinx) -> dict[str, Any]:
    """Write the pages when a build begins."""
    app.connect("builder-inited", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
