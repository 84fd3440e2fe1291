"""The table of faults: by kind and by the level at which a file is opened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

KINDS = ("structure", "type", "encoding", "size", "nesting", "truncation", "hostile text")
FAULTS: dict[tuple[str, str], list[Callable[..., Any]]] = {}


def fault(kind: str, level: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Enter a function of random source and content as a fault of a kind at a level."""
    assert kind in KINDS

    def enter(function: Callable[..., Any]) -> Callable[..., Any]:
        FAULTS.setdefault((kind, level), []).append(function)
        return function

    return enter
