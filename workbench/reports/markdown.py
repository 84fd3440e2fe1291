"""Markdown as blocks, for notebooks that bring their own prose."""

from __future__ import annotations

import base64
from functools import lru_cache
from typing import Any

BlockJson = dict[str, Any]
SpanJson = dict[str, Any]


@lru_cache(maxsize=1)
def _parser() -> Any:
    """Return the Markdown parser, with tables and without raw HTML."""
    import mistune

    return mistune.create_markdown(renderer=None, plugins=["table", "strikethrough", "url"])


def markdown_blocks(source: str, attachments: Any) -> list[BlockJson]:
    """Return Markdown as blocks.

    Parameters
    ----------
    source : str
        Markdown. Raw HTML in it is shown as text, never interpreted.
    attachments : mapping
        Images attached to the cell, by name.
    """
    blocks: list[BlockJson] = []
    for token in _parser()(source):
        blocks += _token(token, attachments)
    return blocks


def _token(token: Any, attachments: Any) -> list[BlockJson]:
    """Return the blocks of one token."""
    kind = token["type"]
    children = token.get("children", [])
    if kind == "heading":
        level = min(int(token["attrs"]["level"]), 4)
        return [{"kind": "heading", "text": _plain(children), "level": level}]
    if kind in ("paragraph", "block_text"):
        images = [c for c in children if c["type"] == "image"]
        if images and len(images) == len(children):
            return [_image(c, attachments) for c in images]
        return [{"kind": "paragraph", "text": _spans(children), "style": "normal"}]
    if kind == "list":
        items = [_item(item) for item in children]
        return [{"kind": "bullets", "items": items}]
    if kind in ("block_code", "block_html"):
        return [{"kind": "code", "text": str(token.get("raw", "")).rstrip("\n"), "style": "output"}]
    if kind == "block_quote":
        inner = [_spans(c.get("children", [])) for c in children if c["type"] == "paragraph"]
        return [{"kind": "callout", "tone": "info", "title": "", "items": inner}]
    if kind == "table":
        return [_table(children)]
    return []


def _item(item: Any) -> list[SpanJson]:
    """Return a list item as spans; what is nested in it follows in the same line."""
    spans: list[SpanJson] = []
    for child in item.get("children", []):
        if child["type"] == "list":
            for nested in child["children"]:
                spans += [{"text": " — "}, *_item(nested)]
        else:
            spans += _spans(child.get("children", []))
    return spans


def _table(parts: list[Any]) -> BlockJson:
    """Return a Markdown table."""
    head: Any = next((p for p in parts if p["type"] == "table_head"), {"children": []})
    body: Any = next((p for p in parts if p["type"] == "table_body"), {"children": []})
    columns = [
        {
            "title": _plain(c.get("children", [])),
            "align": "right" if c.get("attrs", {}).get("align") == "right" else "left",
            "width": 1.0,
        }
        for c in head["children"]
    ]
    rows = [
        {
            "cells": [{"text": _spans(c.get("children", []))} for c in row["children"]],
            "depth": 0,
            "strong": False,
        }
        for row in body["children"]
    ]
    return {"kind": "table", "columns": columns, "rows": rows, "caption": ""}


def _image(token: Any, attachments: Any) -> BlockJson:
    """Return an image that is attached to its cell; others are named, not fetched."""
    url = str(token["attrs"].get("url", ""))
    alt = _plain(token.get("children", []))
    name = url.removeprefix("attachment:")
    for mime, content in dict(attachments.get(name, {})).items():
        if mime in ("image/png", "image/jpeg", "image/svg+xml"):
            encoded = (
                content if mime != "image/svg+xml" else base64.b64encode(content.encode()).decode()
            )
            return {"kind": "figure", "svg": "", "src": f"data:{mime};base64,{encoded}", "alt": alt,
                    "caption": "", "table": None}  # fmt: skip
    return {"kind": "paragraph", "text": [{"text": f"[{alt or url}]"}], "style": "note"}


def _spans(tokens: list[Any], **style: Any) -> list[SpanJson]:
    """Return inline tokens as spans."""
    spans: list[SpanJson] = []
    for token in tokens:
        kind = token["type"]
        inner = token.get("children", [])
        if kind == "text":
            spans.append({"text": str(token["raw"]), **style})
        elif kind in ("linebreak", "softbreak"):
            spans.append({"text": " ", **style})
        elif kind == "codespan":
            spans.append({"text": str(token["raw"]), **style, "code": True})
        elif kind == "strong":
            spans += _spans(inner, **(style | {"strong": True}))
        elif kind == "emphasis":
            spans += _spans(inner, **(style | {"em": True}))
        elif kind == "link":
            spans += _spans(inner, **(style | {"href": str(token["attrs"].get("url", ""))}))
        elif kind == "image":
            spans.append({"text": f"[{_plain(inner)}]", **style})
        elif inner:
            spans += _spans(inner, **style)
        elif "raw" in token:
            spans.append({"text": str(token["raw"]), **style})
    return spans


def _plain(tokens: list[Any]) -> str:
    """Return inline tokens as text."""
    return "".join(str(s["text"]) for s in _spans(tokens))
