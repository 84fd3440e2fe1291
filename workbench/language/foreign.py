"""Texts in another language than the page: where they stand in what is read.

Titles of an instrument stay in their own language when the workbench speaks another. A reader that
speaks aloud, and a page that hyphenates, must be told; a sentence holds them in its middle.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_WORD = re.compile(r"\w+")
# What is shorter is no word of any language: a letter grade, a percent sign.
LEAST_LETTERS = 4


class Foreign:
    """Finds texts of known languages inside others.

    Parameters
    ----------
    texts : mapping of str to str
        Each text with its language.
    least : int
        Letters that a text must have to be looked for.

    Examples
    --------
    >>> Foreign({"En proceso": "es"}).parts("3 em En proceso.")
    [('3 em ', ''), ('En proceso', 'es'), ('.', '')]
    """

    def __init__(self, texts: Mapping[str, str], least: int = LEAST_LETTERS) -> None:
        self.texts = texts
        # By the first word of each, with the letters that stand before it; the longest text first.
        self._begins: dict[str, list[tuple[str, int]]] = {}
        for text in sorted(texts, key=len, reverse=True):
            word = _WORD.search(text)
            if word and sum(map(str.isalpha, text)) >= least:
                self._begins.setdefault(word.group(), []).append((text, word.start()))

    def __bool__(self) -> bool:
        """Return whether there is anything to find."""
        return bool(self._begins)

    def parts(self, text: str) -> list[tuple[str, str]]:
        """Return a text in parts, each with its language, empty where it is that of the page."""
        found, end = [], 0
        for word in _WORD.finditer(text):
            hit = self._at(text, word, end) if word.start() >= end else None
            if hit:
                start = word.start() - hit[1]
                if start > end:
                    found.append((text[end:start], ""))
                found.append((hit[0], self.texts[hit[0]]))
                end = start + len(hit[0])
        if end < len(text) or not found:
            found.append((text[end:], ""))
        return found

    def _at(self, text: str, word: re.Match[str], end: int) -> tuple[str, int] | None:
        """Return the text that a word begins, and how many letters of it stand before the word."""
        for known, before in self._begins.get(word.group(), ()):
            start = word.start() - before
            after = text[start + len(known) : start + len(known) + 1]
            if start >= end and text.startswith(known, start) and not _WORD.match(after):
                return known, before
        return None

    def within(self, value: Any) -> dict[str, str]:
        """Return the texts that plain values of any depth hold, each with its language."""
        hits = (p for text in _strings(value) for p in self.parts(text)) if self else ()
        return dict(sorted((part, language) for part, language in hits if language))


def _strings(value: Any) -> Iterator[str]:
    """Yield the texts of plain values; drawings are no texts."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, part in value.items():
            if key not in ("svg", "narrow", "src"):
                yield from _strings(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _strings(part)
