"""A language made up to find what can't be translated: ``‹Šçöŕé›`` for *Score*.

Every sentence that the extraction finds is written with accents and in brackets, in memory and from
the sources as they are. What a reader then sees without them is either data or a sentence that no
catalogue can hold.
"""

from __future__ import annotations

import re
from functools import lru_cache
from gettext import NullTranslations

ACCENTS = str.maketrans(
    "ACDEGHIJKLNORSTUWYZacdeghijklnorstuwyz", "ÁÇĐÉĞĤÍĴĶĹÑÖŔŠŢÚŴÝŽáçđéğĥíĵķĺñöŕšţúŵýž"
)
# What a sentence must keep: its fields, its emphasis, and code that a reader types.
_KEPT = re.compile(r"({\w*}|\*\*|`[^`]*`|--[a-z-]+)")


def pseudo(sentence: str) -> str:
    """Return a sentence with accents and in brackets; fields, emphasis and code stay.

    Examples
    --------
    >>> pseudo("**{n}** scores")
    '‹**{n}** šçöŕéš›'
    """
    parts = _KEPT.split(sentence)
    said = [part if i % 2 else part.translate(ACCENTS) for i, part in enumerate(parts)]
    return f"‹{''.join(said)}›"


@lru_cache(maxsize=1)
def _sentences() -> frozenset[str]:
    """Return every sentence that a catalogue can hold, both forms of those about a count."""
    from workbench.language.extract import extract_all

    ids = (m.id for m in extract_all() if m.id)
    return frozenset(x for i in ids for x in ((i,) if isinstance(i, str) else i))


class PseudoTranslations(NullTranslations):
    """The catalogue of the made-up language."""

    def gettext(self, message: str) -> str:
        """Return a sentence in it; as it is where the extraction does not know it."""
        return pseudo(message) if message in _sentences() else message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Return the form of a sentence that fits a count."""
        return self.gettext(msgid1 if n == 1 else msgid2)

    def pgettext(self, context: str, message: str) -> str:
        """Return a sentence in it: it has no genders."""
        return self.gettext(message)

    def npgettext(self, context: str, msgid1: str, msgid2: str, n: int) -> str:
        """Return the form of a sentence that fits a count: it has no genders."""
        return self.ngettext(msgid1, msgid2, n)
