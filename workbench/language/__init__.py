"""Language: catalogues, messages, numbers and dates. A leaf that every other room may import.

The source language of the interface is English; catalogues lie in ``catalogues/LANG.po``. A locale
is a full tag such as ``es-MX``, because the decimal mark differs between countries of one language.
"""

from workbench.language.catalogue import nearest_tag
from workbench.language.foreign import Foreign
from workbench.language.locale import Locale, as_locale, half_up, printed_difference
from workbench.language.messages import (
    Counted,
    Message,
    exact_number,
    marked,
    marked_plural,
    translate,
    translate_plural,
)
from workbench.language.noun import Noun, Nouns
from workbench.language.rich import Span, plain, rich
from workbench.language.unseen import UNSEEN, only_seen

__all__ = [
    "UNSEEN",
    "Counted",
    "Foreign",
    "Locale",
    "Message",
    "Noun",
    "Nouns",
    "Span",
    "as_locale",
    "exact_number",
    "half_up",
    "marked",
    "marked_plural",
    "nearest_tag",
    "only_seen",
    "plain",
    "printed_difference",
    "rich",
    "translate",
    "translate_plural",
]
