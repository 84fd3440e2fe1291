"""What a reader sees of a page, a PDF or a terminal, and which words of it were not translated.

In the made-up language every sentence of the catalogues has accents. A word without them is data,
stands in ``allowed.yml`` with the reason, or is a sentence that nobody can translate.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import BaseModel
from ruamel.yaml import YAML

from workbench.language import Foreign
from workbench.language.pseudo import ACCENTS
from workbench.specs.common import Text
from workbench.study import Study

INLINE = {"a", "b", "code", "em", "i", "span", "strong", "sub", "sup", "tspan"}
HIDDEN = {"script", "style"}
SPOKEN = ("alt", "aria-label", "aria-description", "title", "placeholder", "content", "data-text",
          "data-up", "data-down", "data-head", "label")  # fmt: skip
WORD = re.compile(r"[^\W\d_]{2,}")
PLAIN = {chr(letter) for letter in ACCENTS}


class _Page(HTMLParser):
    """Collects the texts of a page, those that are heard included."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = [""]
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a text at a block; take those of attributes."""
        self.hidden += tag in HIDDEN
        own = dict(attrs)
        if tag != "meta":
            self.texts[:0] = [str(own[name]) for name in SPOKEN if own.get(name)]
        if tag not in INLINE:
            self.texts.append("")
        elif own.get("class"):  # what has a style of its own may stand apart
            self.texts[-1] += " "

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take an element without content."""
        self.handle_starttag(tag, attrs)
        self.hidden -= tag in HIDDEN

    def handle_endtag(self, tag: str) -> None:
        """End a text at a block."""
        self.hidden -= tag in HIDDEN
        if tag not in INLINE:
            self.texts.append("")

    def handle_data(self, data: str) -> None:
        """Take a text."""
        if not self.hidden:
            self.texts[-1] += data


def html_texts(page: str) -> list[str]:
    """Return the texts of a page, one for each block or attribute."""
    reader = _Page()
    reader.feed(page)
    return [text for text in (" ".join(t.split()) for t in reader.texts) if text]


def data_texts(study: Study) -> set[str]:
    """Return every text of a study and its instruments as a report in its language shows it."""
    found = {
        *dict(study.names).values(),
        study.spec.id,
        study.instrument.id,
        study.instrument.spec.version,
    }
    for spec in (study.spec, study.instrument.spec, *(e.instrument.spec for e in study.earlier)):
        found |= set(_strings(spec, study.locale.tag))
    found |= set(study.instrument.nodes)
    for column in study.spec.units.groups:
        found |= set(study.units[column].dropna().astype(str))
    for name in re.findall(r"[\w/.-]+\.(?:csv|yml)", study.path.read_text(encoding="utf-8")):
        found |= _texts_of(study.root / name)
    return {text for text in found if WORD.search(text)}


def _texts_of(path: Path) -> set[str]:
    """Return the cells of a table, or the values of a roadmap, that are texts and no codes."""
    if path.suffix == ".csv":
        cells = pd.read_csv(path, dtype=str).to_numpy().ravel().tolist()
    else:
        cells = re.findall(r'"([^"]+)"', path.read_text(encoding="utf-8"))
    return {cell for cell in cells if isinstance(cell, str) and " " in cell}


def _strings(value: object, tag: str) -> Iterator[str]:
    """Yield the texts of a model that are no codes."""
    if isinstance(value, Text):
        yield value.in_(tag)
    elif isinstance(value, BaseModel):
        for part in value.__dict__.values():
            yield from _strings(part, tag)
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _strings(part, tag)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _strings(part, tag)


def untranslated(texts: Iterable[str], data: Iterable[str], allowed: Iterable[str]) -> list[str]:
    """Return the texts that hold words without accents which are neither data nor allowed.

    Parameters
    ----------
    texts : iterable of str
    data, allowed : iterable of str
        Texts that stay as they are.
    """
    known = Foreign({" ".join(text.split()): "known" for text in (*data, *allowed)}, least=1)
    found = {}
    for text in texts:
        left = " ".join(part for part, language in known.parts(text) if not language)
        plain = [word for word in WORD.findall(left) if PLAIN & set(word)]
        if plain:
            found[text] = f"{' '.join(plain)} <- {text[:160]}"
    return list(found.values())


def allowed_texts() -> list[str]:
    """Return what may be read the same in every language."""
    return [text for entry in allowed()["everywhere"] for text in entry["texts"]]


def allowed() -> Any:
    """Return the file of what is allowed, with its reasons."""
    return YAML(typ="safe").load(Path(__file__).with_name("allowed.yml"))
