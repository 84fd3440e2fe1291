"""The reference of the Python rooms, from their docstrings."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType

# What a researcher calls from a notebook; each name is described on the first page that has it.
ROOMS = {
    "workbench": "Studies, instruments, scores",
    "workbench.scoring": "Scoring",
    "workbench.stats": "Comparisons",
    "workbench.audit": "Indices and their audit",
    "workbench.explore": "Exploring",
    "workbench.observations": "Observations",
    "workbench.instruments": "Instruments",
    "workbench.forms": "Forms",
}


def python_pages() -> Iterator[tuple[str, str]]:
    """Yield a page for each room."""
    seen: dict[int, str] = {}
    for name, title in ROOMS.items():
        yield f"python/{name}.md", _page(import_module(name), title, seen)


def _page(room: ModuleType, title: str, seen: dict[int, str]) -> str:
    """Return the page of a room; names described before are told at its end."""
    lines = [f"# {title}", f"`{room.__name__}`: {inspect.getdoc(room) or ''}"]
    before = []
    for name in sorted(room.__all__, key=str.casefold):
        found = getattr(room, name)
        if id(found) in seen:
            before.append(f"[{name}](#{seen[id(found)]})")
            continue
        seen[id(found)] = f"about-{room.__name__}-{name}".lower().replace(".", "-")
        lines += [f"({seen[id(found)]})=", f"## {name}", _described(room.__name__, name, found)]
    if before:
        lines.append(f"Described elsewhere: {', '.join(before)}.")
    return "\n\n".join(lines) + "\n"


def _described(room: str, name: str, found: object) -> str:
    """Return the directive that describes an object."""
    kind, options = "data", ""
    if inspect.isclass(found):
        kind, options = "class", "\n   :members:"
    elif callable(found):
        kind = "function"
    return f"```{{eval-rst}}\n.. auto{kind}:: {room}.{name}{options}\n```"
