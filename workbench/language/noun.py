"""What the units of a study are called, in sentences that agree with it.

A Spanish sentence about municipalities reads otherwise when it is about associations: *ningún
municipio*, *ninguna asociación*. The noun is filled into the sentence, and the sentence itself is
taken from the catalogue in the gender of the noun (gettext's context).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workbench.language.locale import Locale
from workbench.language.rich import Span


@dataclass(frozen=True, slots=True)
class Nouns:
    """A noun in the plural as a value of a message, which then agrees with its gender.

    Parameters
    ----------
    many : object
        Text in several languages: anything with methods ``in_`` and ``language``.
    genders : tuple of (str, str)
        Language and ``masculine`` or ``feminine``; masculine where a language is not listed.
    """

    many: Any
    genders: tuple[tuple[str, str], ...] = ()

    def in_(self, tag: str, source: str = "es") -> str:
        """Return the noun in a language."""
        return str(self.many.in_(tag, source))

    def gender_in(self, tag: str) -> str:
        """Return its gender in the language in which it answers."""
        return dict(self.genders).get(self.many.language(tag), "masculine")


@dataclass(frozen=True, slots=True)
class Noun:
    """A noun with its forms; its methods say sentences as those of a locale do.

    In sentences ``{noun}`` stands for one and ``{nouns}`` for many. Call an instance ``noun``: the
    extraction asks for every sentence said by one in each gender.

    Parameters
    ----------
    locale : Locale
    one, many : str
        *asociación*, *asociaciones*.
    gender : str
        ``masculine`` or ``feminine``, in the language of the locale.
    """

    locale: Locale
    one: str
    many: str
    gender: str = "masculine"

    @property
    def title(self) -> str:
        """The noun with a capital, as the head of a column."""
        return self.one[:1].upper() + self.one[1:]

    @property
    def titles(self) -> str:
        """Its plural with a capital."""
        return self.many[:1].upper() + self.many[1:]

    def _in_gender(self) -> Locale:
        """Return the locale that says sentences in the gender of the noun."""
        return Locale(self.locale.tag, self.gender)

    def text(self, source: str, /, **values: object) -> str:
        """Return a sentence as :meth:`Locale.text` does."""
        return self._in_gender().text(source, noun=self.one, nouns=self.many, **values)

    def count(self, one: str, many: str, n: int, /, **values: object) -> str:
        """Return a counted sentence as :meth:`Locale.count` does."""
        return self._in_gender().count(one, many, n, noun=self.one, nouns=self.many, **values)

    def rich(self, source: str, /, **values: object) -> tuple[Span, ...]:
        """Return a sentence as :meth:`Locale.rich` does."""
        return self._in_gender().rich(source, noun=self.one, nouns=self.many, **values)
