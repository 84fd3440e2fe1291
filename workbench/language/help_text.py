"""Help of the command line in parts: its paragraphs are translated, its examples are not."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workbench.language.messages import translate

_EXAMPLES = re.compile(r"(```.*?```)", re.DOTALL)
_EMPTY_LINE = re.compile(r"\n[ \t]*\n")


def paragraphs(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the paragraphs of a help text, each with whether it is an example.

    A paragraph is one line: how it is broken in the source is no part of what it says.
    """
    for part in _EXAMPLES.split(text):
        if part.startswith("```"):
            yield part, True
        else:
            yield from ((" ".join(p.split()), False) for p in _EMPTY_LINE.split(part) if p.strip())


def translate_help(text: str, tag: str | None) -> str:
    """Return a help text in the language of ``tag``."""
    said = (p if example else translate(p, tag) for p, example in paragraphs(text))
    return "\n\n".join(said)
