"""Which texts of a study and its instrument are in another language than its reports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from pydantic import BaseModel

from workbench.language.catalogue import language_of
from workbench.specs.common import Text

if TYPE_CHECKING:
    from workbench.instruments import Instrument
    from workbench.study.facade import Study


def foreign_texts(study: Study) -> dict[str, str]:
    """Return each text that stays in its own language, with that language.

    A text given in one language alone is in that of its instrument. Of a study's own the language
    is not known: it is left unmarked.
    """
    found = dict(foreign_of(study.instrument, study.locale.tag))
    for text in _texts(study.spec):
        if isinstance(text.root, dict):
            found |= _foreign(text, study.locale.tag, study.instrument.spec.language)
    return found


def foreign_of(instrument: Instrument, tag: str) -> dict[str, str]:
    """Return each text of an instrument that is not in the language of a tag, with its own."""
    found: dict[str, str] = {}
    for text in _texts(instrument.spec):
        found |= _foreign(text, tag, instrument.spec.language)
    return found


def _foreign(text: Text, tag: str, source: str) -> dict[str, str]:
    """Return a text as it is shown, with its language, if that is another one."""
    language = text.language(tag, source)
    return {} if language == language_of(tag) else {text.in_(tag, source): language}


def _texts(value: object) -> Iterator[Text]:
    """Yield every text of a model, however deep."""
    if isinstance(value, Text):
        yield value
    elif isinstance(value, BaseModel):
        for part in value.__dict__.values():
            yield from _texts(part)
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _texts(part)
