"""A locale: how numbers, dates and sentences are written for one country and language.

Babel formats, the machine's own locale is never asked, and every number of a report passes through
here once.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from math import isfinite
from typing import TYPE_CHECKING

from workbench.language.catalogue import PSEUDO_TAG, SOURCE_LANGUAGE, full_tags, language_of
from workbench.language.messages import (
    NO_VALUE,
    Message,
    exact_number,
    translate,
    translate_plural,
)
from workbench.language.rich import Span, rich

if TYPE_CHECKING:
    import babel

    from workbench.errors import WorkbenchError

# Before the sound of *i* Spanish says *e* for *y*: León e Irapuato, but piedra y hielo.
LIKE_I = re.compile(r"h?[ií](?![aeoáéó])", re.IGNORECASE)
SIGN_OF_LETTERS = re.compile(r"([^\W\d_])(\d)")
LANGUAGE_TAG = re.compile(r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")


def half_up(value: float, decimals: int) -> Decimal:
    """Return a finite number with a fixed count of decimals, halves away from zero.

    Published tables are rounded that way, by hand or by spreadsheet.

    Examples
    --------
    >>> half_up(31.25, 1), round(31.25, 1)
    (Decimal('31.3'), 31.2)
    """
    exact = Decimal(repr(float(value)))
    return exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def printed_difference(value: float, other: float, decimals: int) -> float:
    """Return the difference of two numbers as they are printed, so that a reader's sum agrees.

    Examples
    --------
    >>> printed_difference(18.75, 31.25, 1)
    -12.5
    """
    return float(half_up(value, decimals) - half_up(other, decimals))


@dataclass(frozen=True, slots=True)
class Locale:
    """Numbers, dates and sentences of one locale.

    Parameters
    ----------
    tag : str
        Full language tag, ``es-MX`` or ``en``.
    gender : str
        Gender in which sentences are said, where their language tells them apart.
    """

    tag: str
    gender: str = ""

    @property
    def language(self) -> str:
        """Language part of the tag, ``es``."""
        return language_of(self.tag)

    @property
    def babel(self) -> babel.Locale:
        """The CLDR data behind this locale."""
        return _babel_locale(self.tag)

    def number(self, value: float | None, decimals: int = 1, *, sign: bool = False) -> str:
        """Return a number with a fixed count of decimals, as :func:`half_up` rounds.

        Parameters
        ----------
        value : float or None
            None and NaN give a dash.
        decimals : int
            Digits after the decimal mark, 0-12.
        sign : bool
            Whether a plus stands before positive numbers.
        """
        if value is None or value != value:  # NaN is the only number unlike itself
            return NO_VALUE
        if not isfinite(value):
            return NO_VALUE
        text, negative, zero = _decimal(float(value), decimals, self.tag)
        if negative:
            return f"−{text}"
        return f"+{text}" if sign and not zero else text

    def percent(self, value: float | None, decimals: int = 1, *, sign: bool = False) -> str:
        """Return a percentage of a value that is already 0-100, with the sign of the language."""
        text = self.number(value, decimals, sign=sign)
        return text if text == NO_VALUE else text + self.percent_sign

    @property
    def percent_sign(self) -> str:
        """What follows a percentage, with its space where the language has one."""
        return str(self.babel.percent_formats[None].suffix[0])

    def exact(self, value: float | None) -> str:
        """Return a number with all its digits, at most 12."""
        return NO_VALUE if value is None else exact_number(float(value), self.tag)

    def integer(self, value: float | None) -> str:
        """Return a whole number with the grouping of the locale."""
        return self.number(value, 0)

    def date(self, value: dt.date) -> str:
        """Return a date in words: *18 de diciembre de 2025*."""
        from babel.dates import format_date

        return str(format_date(value, format="long", locale=self.babel))

    def day(self, value: dt.date) -> str:
        """Return a date in short words, for tables: *18 dic 2025*."""
        from babel.dates import format_date

        return str(format_date(value, format="medium", locale=self.babel))

    def month(self, value: dt.date) -> str:
        """Return the short name of a date's month, as it stands alone: *dic*."""
        from babel.dates import format_date

        return str(format_date(value, format="LLL", locale=self.babel))

    def money(self, value: float, currency: str) -> str:
        """Return an amount with the sign that its currency has here; whole ones without decimals.

        Parameters
        ----------
        value : float
        currency : str
            Code of ISO 4217.
        """
        from babel.numbers import format_currency

        pattern = self.babel.currency_formats["standard"].pattern
        whole = float(value).is_integer()
        text = format_currency(
            half_up(value, 0 if whole else 2),
            currency,
            format=pattern.replace(".00", "") if whole else pattern,
            locale=self.babel,
            currency_digits=not whole,
        )
        # CLDR wants a space between letters and digits, which Babel leaves out.
        return SIGN_OF_LETTERS.sub("\\1\N{NO-BREAK SPACE}\\2", text)

    def when(self, iso: str) -> str:
        """Return a day or a month in words, as precisely as it is known: *abril de 2013*."""
        from babel.dates import format_skeleton

        if len(iso) > len("2013-04"):
            return self.date(dt.date.fromisoformat(iso))
        month = dt.date.fromisoformat(f"{iso}-01")
        return str(format_skeleton("yMMMM", month, locale=self.babel))

    def listing(self, items: list[str]) -> str:
        """Return a list as a sentence part: *a, b y c*."""
        from babel.lists import format_list

        text = str(format_list(items, locale=self.babel)) if items else ""
        if len(items) > 1 and self.babel.language == "es" and LIKE_I.match(items[-1]):
            text = f"{text.removesuffix(f' y {items[-1]}')} e {items[-1]}"
        return text

    def text(self, source: str, /, **values: object) -> str:
        """Return a sentence of the interface in this language, with its values filled in."""
        return translate(source, self.tag, self.gender).format_map(
            {k: str(v) for k, v in values.items()}
        )

    def count(self, one: str, many: str, n: int, /, **values: object) -> str:
        """Return the form of a sentence that fits the count ``n``; ``{n}`` is the count itself."""
        filled = {"n": self.integer(n)} | {k: str(v) for k, v in values.items()}
        return translate_plural(one, many, n, self.tag, self.gender).format_map(filled)

    def rich_count(self, one: str, many: str, n: int, /, **values: object) -> tuple[Span, ...]:
        """Return :meth:`count` as spans; ``**`` in it marks what is strong."""
        source = translate_plural(one, many, n, self.tag, self.gender)
        return rich(source, n=self.integer(n), **values)

    def rich(self, source: str, /, **values: object) -> tuple[Span, ...]:
        """Return a sentence of the interface as spans; ``**`` in it marks what is strong."""
        return rich(translate(source, self.tag, self.gender), **values)


@lru_cache(maxsize=8192)
def _decimal(value: float, decimals: int, tag: str) -> tuple[str, bool, bool]:
    """Return the digits of a number as written, and whether it is below zero, and zero, by then.

    A report writes the same few hundred numbers again and again, and thousands of reports do.
    """
    from babel.numbers import format_decimal

    rounded = half_up(value, decimals)
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    text = format_decimal(abs(rounded), format=pattern, locale=_babel_locale(tag))
    return text, rounded < 0, rounded == 0


@lru_cache(maxsize=64)
def _babel_locale(tag: str) -> babel.Locale:
    """Return Babel's data for a tag, an error of ours where there is none."""
    import babel

    return babel.Locale.parse(SOURCE_LANGUAGE if tag == PSEUDO_TAG else tag, sep="-")


def as_locale(tag: str | Locale) -> Locale:
    """Return the locale of a tag.

    Parameters
    ----------
    tag : str or Locale
        Full tag such as ``es-MX``; ``en`` alone is accepted.

    Raises
    ------
    WorkbenchError
        If the tag is unknown, or names a language whose countries write numbers differently.
    """
    if isinstance(tag, Locale):
        return tag
    clean = tag.strip().replace("_", "-")
    languages = full_tags()
    # One language of many countries writes 1.234,5 in one and 1,234.5 in the next.
    full = languages.get(clean.lower(), clean)
    if full not in (clean, SOURCE_LANGUAGE):
        what = Message("a language alone does not say how numbers are written")
        raise _refusal(tag, what, Message("a language and a country"), [full])
    if LANGUAGE_TAG.match(clean) and language_of(clean) not in languages:
        what = Message("the workbench does not speak this language")
        expected = Message("one of {names}", names=", ".join(languages))
        raise _refusal(tag, what, expected, list(languages.values()))
    try:
        _babel_locale(clean)
    except Exception as cause:
        what, expected = Message("unknown locale"), Message("a language tag")
        raise _refusal(tag, what, expected, list(languages.values())) from cause
    return Locale(clean)


def _refusal(tag: str, what: Message, expected: Message, tags: list[str]) -> WorkbenchError:
    """Return the error for a tag that is not taken, with those that would be."""
    # Imported here because errors are built from messages of this room.
    from workbench.errors import Place, Problem, Reason, WorkbenchError

    fix = Message("Write {tags}, for instance.", tags=", ".join(tags))
    return WorkbenchError(
        Problem(Reason.LOCALE, what, Place("locale"), got=tag, expected=expected, fix=fix)
    )
