"""Messages that can be said in any language for which a catalogue exists.

A message keeps its English source and its values apart until it is shown, so that an error raised
in a worker can be read in Spanish by the person at the terminal.
"""

from __future__ import annotations

from dataclasses import dataclass

from workbench.language.catalogue import GENDERS, SOURCE_LANGUAGE, catalogue_of, language_of

NO_VALUE = "–"


def translate(source: str, tag: str | None = None, gender: str = "") -> str:
    """Return ``source`` in the language of ``tag``; the source itself if it is not translated.

    With a ``gender`` the sentence is looked up in that gender first: *ninguna asociación*.
    """
    if not source:
        return ""
    known = catalogue_of(tag)
    found = known.pgettext(gender, source) if gender in GENDERS else source
    return found if found != source else known.gettext(source)


def translate_plural(one: str, many: str, n: int, tag: str | None = None, gender: str = "") -> str:
    """Return the form of a sentence that fits the count ``n`` in the language of ``tag``."""
    known = catalogue_of(tag)
    found = known.npgettext(gender, one, many, n) if gender in GENDERS else one
    return found if found not in (one, many) else known.ngettext(one, many, n)


def marked(source: str) -> str:
    """Return a sentence as it is: it is translated later, and this lets the extraction find it."""
    return source


def marked_plural(one: str, many: str) -> tuple[str, str]:
    """Return the two forms of a sentence as they are, for translation later."""
    return one, many


@dataclass(frozen=True, slots=True, init=False)
class Message:
    """A sentence with named values, translated when it is shown.

    Parameters
    ----------
    source : str
        English text with ``{name}`` fields; also the key of the catalogue.
    **values : object
        What stands in the fields: texts; numbers, which are written as the locale does; other
        messages; and texts in several languages (anything with a method ``in_``).
    """

    source: str
    values: tuple[tuple[str, object], ...]

    def __init__(self, source: str, /, **values: object) -> None:
        object.__setattr__(self, "source", source)
        object.__setattr__(self, "values", tuple(values.items()))

    def text(self, tag: str | None = None) -> str:
        """Return the sentence in the language of ``tag``."""
        filled = {name: _shown(value, tag) for name, value in self.values}
        return translate(self.source, tag, _gender(self.values, tag)).format_map(filled)

    def __str__(self) -> str:
        """Return the sentence in the source language."""
        return self.text()

    def __reduce__(self) -> tuple[object, tuple[str, tuple[tuple[str, object], ...]]]:
        """Survive the way between processes."""
        return _rebuild, (self.source, self.values)


@dataclass(frozen=True, slots=True, init=False)
class Counted:
    """A sentence about a count, in the form that fits the count.

    Parameters
    ----------
    one, many : str
        English texts with ``{name}`` fields; ``{n}`` is the count itself.
    n : int
    **values : object
        As of :class:`Message`.
    """

    one: str
    many: str
    n: int
    values: tuple[tuple[str, object], ...]

    def __init__(self, one: str, many: str, n: int, /, **values: object) -> None:
        for name, value in {"one": one, "many": many, "n": n}.items():
            object.__setattr__(self, name, value)
        object.__setattr__(self, "values", tuple(values.items()))

    def text(self, tag: str | None = None) -> str:
        """Return the sentence in the language of ``tag``."""
        filled = {name: _shown(value, tag) for name, value in self.values}
        gender = _gender(self.values, tag)
        return translate_plural(self.one, self.many, self.n, tag, gender).format_map(
            {"n": _grouped(self.n, tag), **filled}
        )

    def __str__(self) -> str:
        """Return the sentence in the source language."""
        return self.text()

    def __reduce__(self) -> tuple[object, tuple[str, str, int, tuple[tuple[str, object], ...]]]:
        """Survive the way between processes."""
        return _recount, (self.one, self.many, self.n, self.values)


def _gender(values: tuple[tuple[str, object], ...], tag: str | None) -> str:
    """Return the gender of the noun in a message, empty where there is none."""
    for _, value in values:
        gender_in = getattr(value, "gender_in", None)
        if gender_in is not None:
            return str(gender_in(tag or SOURCE_LANGUAGE))
    return ""


def _grouped(n: int, tag: str | None) -> str:
    """Return a count with the grouping of the locale."""
    from workbench.language.locale import as_locale

    return as_locale(tag or SOURCE_LANGUAGE).integer(n)


def _shown(value: object, tag: str | None) -> str:
    """Return a value of a message as text in the language of ``tag``."""
    if isinstance(value, Message | Counted):
        return value.text(tag)
    if isinstance(value, float):
        return exact_number(value, tag)
    if hasattr(value, "in_"):
        return str(value.in_(tag or SOURCE_LANGUAGE))
    return str(value)


def exact_number(value: float, tag: str | None = None) -> str:
    """Return a number with all its digits (at most 12) and the decimal mark of ``tag``."""
    if value != value:  # NaN is the only number unlike itself
        return NO_VALUE
    text = f"{value:.12g}".replace("-", "−")
    if "." in text and tag is not None and language_of(tag) != SOURCE_LANGUAGE:
        from babel.numbers import get_decimal_symbol

        text = text.replace(".", get_decimal_symbol(tag.replace("-", "_")))
    return text


def _rebuild(source: str, values: tuple[tuple[str, object], ...]) -> Message:
    """Return a message from its parts; the counterpart of ``Message.__reduce__``."""
    return Message(source, **dict(values))


def _recount(one: str, many: str, n: int, values: tuple[tuple[str, object], ...]) -> Counted:
    """Return a counted sentence from its parts; the counterpart of ``Counted.__reduce__``."""
    return Counted(one, many, n, **dict(values))
