"""The reference of the file formats, from the JSON schemas that the models give."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Schema = dict[str, Any]
TITLES = {
    "study": "The file of a study",
    "instrument": "The file of an instrument",
    "roadmap": "The file of a roadmap",
}


def schema_pages(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield a page for each format that people write."""
    for name, title in TITLES.items():
        schema = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        yield f"{name}.md", SchemaPage(name, title, schema).text()


class SchemaPage:
    """One format: its keys, and below them the keys of what they hold.

    Parameters
    ----------
    name : str
        Start of the anchors.
    title : str
    schema : dict
        JSON schema.
    """

    def __init__(self, name: str, title: str, schema: Schema) -> None:
        self.name, self.title, self.schema = name, title, schema
        self.parts: dict[str, Schema] = schema.get("$defs", {})

    def text(self) -> str:
        """Return the page."""
        lines = [f"# {self.title}", _sentence(self.schema), _INTRO, self._table(self.schema)]
        for part in self._in_order():
            found = self.parts[part]
            lines += [f"({self.name}-{part.lower()})=", f"## {part}", _sentence(found)]
            lines.append(self._table(found) if "properties" in found else self._is(found))
        return "\n\n".join(line for line in lines if line) + "\n"

    def _in_order(self) -> list[str]:
        """Return the parts in the order in which the page comes to need them."""
        found: dict[str, None] = {}
        waiting = list(_references(self.schema.get("properties", {})))
        while waiting:
            part = waiting.pop(0)
            if part not in found:
                found[part] = None
                waiting += _references(self.parts[part])
        return list(found)

    def _is(self, part: Schema) -> str:
        """Return what a part without keys is."""
        return f"Is {self._type(part)}."

    def _table(self, part: Schema) -> str:
        """Return the table of the keys of a part."""
        required = set(part.get("required", ()))
        rows = ["| key | value | meaning |", "|---|---|---|"]
        for key, value in part.get("properties", {}).items():
            meaning = _cell(value.get("description", ""))
            meaning += "." if meaning and meaning[-1] not in ".?!" else ""
            if key in required:
                meaning = f"{meaning} **Required.**".strip()
            elif (default := _default(value)) is not None:
                meaning = f"{meaning} Default: `{_cell(default)}`".strip()
            rows.append(f"| `{key}` | {self._type(value)} | {meaning} |")
        return "\n".join(rows)

    def _type(self, value: Schema) -> str:
        """Return in words what stands for a value."""
        if "$ref" in value:
            part = value["$ref"].rsplit("/", 1)[-1]
            return f"[{part}](#{self.name}-{part.lower()})"
        if "const" in value:
            return f"`{_cell(str(value['const']))}`"
        if "enum" in value:
            return " or ".join(f"`{_cell(str(choice))}`" for choice in value["enum"])
        for several in ("anyOf", "oneOf", "allOf"):
            if several in value:
                kinds = [self._type(v) for v in value[several] if v.get("type") != "null"]
                return " or ".join(dict.fromkeys(kinds))
        return self._plain(value)

    def _plain(self, value: Schema) -> str:
        """Return in words a value of a plain type, a list or a mapping."""
        kind = value.get("type")
        if kind == "array":
            items = value.get("items") or next(iter(value.get("prefixItems", [])), {})
            return f"list of {self._type(items)}" if items else "list"
        if kind == "object":
            inner = next(iter(value.get("patternProperties", {}).values()), None)
            inner = inner or value.get("additionalProperties")
            return f"mapping to {self._type(inner)}" if isinstance(inner, dict) else "mapping"
        if value.get("format") == "date":
            return "day"
        names = {"string": "text", "integer": "whole number", "number": "number"}
        return names.get(str(kind), {"boolean": "`true` or `false`"}.get(str(kind), "any value"))


_INTRO = (
    "Editors that know YAML complete and check these files by the schema that their first line "
    "names. Other keys are refused."
)


def _references(value: Any) -> Iterator[str]:
    """Yield the parts that a piece of schema refers to."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "$ref":
                yield inner.rsplit("/", 1)[-1]
            elif key != "discriminator":
                yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


def _default(value: Schema) -> str | None:
    """Return a default worth telling."""
    default = value.get("default")
    if default is None or default == "" or isinstance(default, (list, dict)):
        return None  # an empty one says nothing; those of a part are told where it is described
    return json.dumps(default, ensure_ascii=False)


def _sentence(part: Schema) -> str:
    """Return the description of a part: its first paragraph, as the model says it."""
    return " ".join(part.get("description", "").split("\n\n")[0].split())


def _cell(text: str) -> str:
    """Return a text that fits in a cell and is no markup."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
