"""From a notebook to blocks: one reading, shared by the HTML and the PDF exporter.

Displays of the workbench carry their own model. Everything else that a notebook can hold is read as
well as it can be: Markdown, text, errors, images, tables.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import Any

from workbench.language import Locale, as_locale, only_seen
from workbench.reports.markdown import markdown_blocks
from workbench.specs.version import MIMETYPE

HIDE_CELL = {"remove-cell", "remove_cell", "injected-parameters", "parameters"}
HIDE_OUTPUT = {"remove-output", "remove_output", "hide-output"}
SHOW_INPUT = {"show-input", "show_input"}
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")

BlockJson = dict[str, Any]


def notebook_blocks(notebook: Any) -> list[BlockJson]:
    """Return everything that a report of a notebook shows.

    Parameters
    ----------
    notebook : NotebookNode
        Executed or not. Code is hidden unless its cell is tagged ``show-input``.

    Returns
    -------
    list of dict
        Blocks as the exporters draw them.
    """
    blocks: list[BlockJson] = []
    for cell in notebook.cells:
        tags = set(cell.metadata.get("tags", []))
        if tags & HIDE_CELL and not _has_error(cell):
            continue
        if cell.cell_type == "markdown":
            blocks += markdown_blocks(cell.source, cell.get("attachments", {}))
        elif cell.cell_type == "code":
            if tags & SHOW_INPUT and cell.source.strip():
                blocks.append({"kind": "code", "text": cell.source, "style": "input"})
            if not tags & HIDE_OUTPUT:
                for output in cell.outputs:
                    blocks += _output_blocks(output)
    return [_seen(block) for block in blocks]


def _seen(value: Any) -> Any:
    """Return a block without what no reader sees, and what no PDF may hold, in any of its texts."""
    if isinstance(value, str):
        return only_seen(value)
    if isinstance(value, dict):
        return {key: _seen(inner) for key, inner in value.items()}
    return [_seen(inner) for inner in value] if isinstance(value, list | tuple) else value


def notebook_locale(notebook: Any) -> Locale:
    """Return the locale of a notebook's report: that of its first display, else of its metadata."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            model = output.get("data", {}).get(MIMETYPE)
            if model:
                return as_locale(str(model["locale"]))
    tag = notebook.metadata.get("workbench", {}).get("locale", "en")
    return as_locale(str(tag))


def notebook_title(blocks: list[BlockJson], fallback: str) -> str:
    """Return the title of a report: its cover, its first heading, else the name of the file."""
    for block in blocks:
        if block["kind"] == "cover":
            return str(block["title"])
        if block["kind"] == "heading" and block["level"] == 1:
            return str(block["text"])
    return fallback


def _has_error(cell: Any) -> bool:
    """Return whether a cell ended in an error, which a report must never hide."""
    return any(o.get("output_type") == "error" for o in cell.get("outputs", []))


def _output_blocks(output: Any) -> Iterator[BlockJson]:
    """Yield the blocks of one output."""
    kind = output.output_type
    if kind == "stream":
        # Warnings of libraries stay in the notebook: they are for who made it, not for its reader.
        if output.name == "stderr":
            return
        text = _ANSI.sub("", _joined(output.text)).strip("\n")
        if text:
            yield {"kind": "code", "text": text, "style": "stream"}
    elif kind == "error":
        trace = _ANSI.sub("", "\n".join(output.get("traceback", [])))
        title = f"{output.ename}: {output.evalue}"
        yield {"kind": "callout", "tone": "failed", "title": title, "items": []}
        if trace:
            yield {"kind": "code", "text": trace, "style": "error"}
    elif kind in ("display_data", "execute_result"):
        yield from _data_blocks(output.data, output.get("metadata", {}))


def _data_blocks(data: Any, metadata: Any) -> Iterator[BlockJson]:
    """Yield the blocks of a display, taking its richest form."""
    if MIMETYPE in data:
        yield from data[MIMETYPE]["blocks"]
    elif "image/svg+xml" in data:
        svg = _joined(data["image/svg+xml"])
        yield _image("image/svg+xml", svg.encode(), metadata)
    elif "image/png" in data or "image/jpeg" in data:
        mime = "image/png" if "image/png" in data else "image/jpeg"
        yield _image(mime, base64.b64decode(_joined(data[mime])), metadata)
    elif "text/markdown" in data:
        yield from markdown_blocks(_joined(data["text/markdown"]), {})
    elif "text/plain" in data:
        # HTML of other libraries is not taken over: it can hold scripts, and has no form in a PDF.
        yield {"kind": "code", "text": _joined(data["text/plain"]), "style": "output"}


def _image(mime: str, content: bytes, metadata: Any) -> BlockJson:
    """Return an image as a figure; its alternative text is taken from the output's metadata."""
    alt = str(metadata.get(mime, {}).get("alt") or metadata.get("alt") or "")
    encoded = base64.b64encode(content).decode()
    return {
        "kind": "figure",
        "svg": "",
        "src": f"data:{mime};base64,{encoded}",
        "alt": alt,
        "caption": "",
        "table": None,
    }


def _joined(text: Any) -> str:
    """Return multi-line text of a notebook as one string."""
    return text if isinstance(text, str) else "".join(text)
