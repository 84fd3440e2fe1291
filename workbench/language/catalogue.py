"""Catalogues: which languages the workbench speaks, and the country that each is written for.

A catalogue is a file ``catalogues/LANG.po``. Its own head names the country (``Language: es_MX``),
so that a language is added with a file alone and no list in the code has to follow.
"""

from __future__ import annotations

import re
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

SOURCE_LANGUAGE = "en"
# Genders in which a catalogue holds sentences apart; the others read as without one.
GENDERS = ("feminine",)
CATALOGUES = Path(__file__).parent / "catalogues"
# English with accents and brackets: what stays plain in it can't be translated.
PSEUDO_TAG = "en-XA"
_HEAD = 1000  # letters of a catalogue in which its head stands
_LANGUAGE = re.compile(r'"Language: ([A-Za-z_]+)\\n"')


@lru_cache(maxsize=16)
def catalogue(name: str) -> NullTranslations:
    """Return the catalogue of a language (``es``, ``pt``), an empty one where there is none.

    The ``.po`` files are the only form kept: they are compiled in memory, so that no binary twin
    can fall out of step with what translators read.
    """
    if name == PSEUDO_TAG:
        from workbench.language.pseudo import PseudoTranslations

        return PseudoTranslations()
    path = CATALOGUES / f"{name}.po"
    if name == SOURCE_LANGUAGE or not path.is_file():
        return NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=name))
    compiled.seek(0)
    return GNUTranslations(compiled)


def catalogue_of(tag: str | None) -> NullTranslations:
    """Return the catalogue that answers for a tag: that of its language."""
    return catalogue(PSEUDO_TAG if tag == PSEUDO_TAG else language_of(tag))


@lru_cache(maxsize=1)
def full_tags() -> dict[str, str]:
    """Return each language of the workbench with the tag it is written for, English first."""
    found = {SOURCE_LANGUAGE: SOURCE_LANGUAGE}
    for path in sorted(CATALOGUES.glob("*.po")):
        head = _LANGUAGE.search(path.read_text(encoding="utf-8")[:_HEAD])
        found[path.stem] = (head[1] if head else path.stem).replace("_", "-")
    return found


def catalogue_languages() -> tuple[str, ...]:
    """Return the languages in which the workbench can speak, its source language first."""
    return tuple(full_tags())


def language_of(tag: str | None) -> str:
    """Return the language part of a tag: ``es`` of ``es-MX``."""
    return (tag or SOURCE_LANGUAGE).replace("_", "-").split("-")[0].lower()


def nearest_tag(wish: str | None) -> str:
    """Return the full tag that is nearest to a wish: English where the language is not known.

    Parameters
    ----------
    wish : str or None
        A language alone (``pt``), a tag, or what an environment holds (``es_MX.UTF-8``).
    """
    tag = (wish or "").partition(".")[0].strip().replace("_", "-")
    full = full_tags().get(language_of(tag))
    return (full or SOURCE_LANGUAGE) if "-" not in tag or full is None else tag
