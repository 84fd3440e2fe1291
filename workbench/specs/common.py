"""What every file format of the workbench has in common."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel, StringConstraints, model_validator

from workbench.language import Locale, Message, Noun, as_locale
from workbench.language.catalogue import catalogue_languages, language_of
from workbench.language.messages import translate

# Letters of any alphabet: \w would mean ASCII alone to the JSON schema, and more to the models.
WORD = r"\p{L}\p{M}\p{N}_"
CODE_PATTERN = rf"^[{WORD}][{WORD}.\-]{{0,63}}$"
LEVEL_PATTERN = rf"^[{WORD}][{WORD}.\-+*]{{0,31}}$"
ID_PATTERN = rf"^[{WORD}][{WORD}\-]{{0,63}}$"
# What formulas call by name is plain ASCII, as in every formula language.
NAME_PATTERN = r"^[a-z][a-z0-9_]{0,63}$"
VARIABLE_PATTERN = r"^[A-Za-z][A-Za-z0-9_]{0,31}$"
Code = Annotated[str, StringConstraints(pattern=CODE_PATTERN)]
LevelId = Annotated[str, StringConstraints(pattern=LEVEL_PATTERN)]
Id = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
Name = Annotated[str, StringConstraints(pattern=NAME_PATTERN)]
LANGUAGE_TAG = re.compile(r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
Status = Literal["published", "assumed", "recovered", "inferred", "unverified"]


class Mistake(ValueError):
    """What the check of a model finds, in words that can be translated.

    Parameters
    ----------
    what : Message
        What is wrong.
    path : tuple
        Place below the model that is checked, such as ``("waves", 1)``.
    got : str
        What came.
    expected, fix : Message or None
        What was expected, and what to do.
    """

    def __init__(
        self,
        what: Message,
        path: tuple[str | int, ...] = (),
        *,
        got: str = "",
        expected: Message | None = None,
        fix: Message | None = None,
    ) -> None:
        super().__init__(what.text())
        self.what = what
        self.path = path
        self.got = got
        self.expected = expected
        self.fix = fix


class Spec(BaseModel):
    """A part of a file format: unknown keys are errors, nothing is coerced, nothing changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Text(RootModel[str | dict[str, str]]):
    """A text in one language, or in several by tag: ``{es: Estructura, en: Structure}``."""

    model_config = ConfigDict(frozen=True, strict=True)

    @model_validator(mode="after")
    def _tags(self) -> Text:
        texts = list(self.root.values()) if isinstance(self.root, dict) else [self.root]
        if not texts:
            raise Mistake(Message("a text needs at least one language"))
        if not all(text.strip() for text in texts):
            raise Mistake(Message("the text is empty"))
        if isinstance(self.root, dict):
            for tag in self.root:
                if not LANGUAGE_TAG.match(tag):
                    raise Mistake(
                        Message("this is no language tag"),
                        (tag,),
                        got=tag,
                        fix=Message(
                            "Write {tags}, for instance.", tags=", ".join(catalogue_languages())
                        ),
                    )
        return self

    def in_(self, tag: str, source_language: str = "es") -> str:
        """Return the text in the language of ``tag``, else in its source language, else in any.

        Parameters
        ----------
        tag : str
            Language tag wanted, ``es-MX``.
        source_language : str
            Language in which the text was first written.
        """
        if isinstance(self.root, str):
            return self.root
        for wanted in (tag, language_of(tag), source_language):
            if wanted in self.root:
                return self.root[wanted]
        return next(iter(self.root.values()))

    def language(self, tag: str, source_language: str = "es") -> str:
        """Return the language in which :meth:`in_` answers, for the ``lang`` mark of a page."""
        if isinstance(self.root, str):
            return source_language
        for wanted in (tag, language_of(tag), source_language):
            if wanted in self.root:
                return language_of(wanted)
        return language_of(next(iter(self.root)))

    def __hash__(self) -> int:
        """Hash by content, so that specs can be dictionary keys."""
        return hash(self.root if isinstance(self.root, str) else tuple(sorted(self.root.items())))


class UnitNoun(Spec):
    """What the units are called in sentences: one of them, and many."""

    one: Text
    many: Text
    gender: dict[str, Literal["masculine", "feminine"]] = Field(
        default={},
        description="Gender of the noun by language, as {es: feminine}; masculine if left out",
    )


class Provenance(Spec):
    """A rule and where it comes from: whatever no source prints carries its status and a reason."""

    status: Status = Field(
        default="published",
        description="published; assumed (no source states it); recovered (found from published "
        "results); inferred (read from the wording); unverified (not yet compared with print)",
    )
    reason: Text | None = Field(default=None, description="Why, where the status is not published")

    @model_validator(mode="after")
    def _needs_reason(self) -> Provenance:
        if self.status != "published" and self.reason is None:
            raise Mistake(Message("the status {status} needs a reason", status=self.status))
        return self


class Source(Spec):
    """A document or table that facts were taken from."""

    id: Id
    title: Text
    publisher: Text | None = None
    year: int | None = None
    url: str | None = Field(default=None, pattern=r"^https?://")
    terms: Text | None = Field(default=None, description="Licence or terms of use")
    note: Text | None = None


def in_all_languages(source: str) -> Text:
    """Return a sentence of the interface as a text in every language of the catalogues."""
    return Text({tag: translate(source, tag) for tag in catalogue_languages()})


def languages_beside(text: Text | None, source_language: str = "es") -> tuple[str, ...]:
    """Return the languages in which a sentence of the interface can stand beside a text.

    Two languages in one sentence help nobody; where the text has none of ours, it is English.
    """
    ours = catalogue_languages()
    if text is None:
        return ours
    return tuple(x for x in ours if text.language(x, source_language) == x) or ours[:1]


def check_rising(low: float | None, high: float | None, name: str) -> None:
    """Refuse limits of which the lower, written under ``name``, is above the upper."""
    if low is not None and high is not None and low > high:
        what = Message("the lower limit {low} is above {high}", low=low, high=high)
        raise Mistake(what, (name,))


def noun_in(noun: UnitNoun | None, locale: Locale, source_language: str = "es") -> Noun:
    """Return what units are called in one language; municipalities if nothing else is said.

    Parameters
    ----------
    noun : UnitNoun or None
    locale : Locale
    source_language : str
        Language in which the noun was first written.
    """
    if noun is None:
        return Noun(locale, locale.text("municipality"), locale.text("municipalities"))
    return Noun(
        locale,
        noun.one.in_(locale.tag, source_language),
        noun.many.in_(locale.tag, source_language),
        noun.gender.get(noun.one.language(locale.tag, source_language), "masculine"),
    )


def locale_tag(tag: str) -> str:
    """Return ``tag`` if it is a locale the workbench can write; for use as a validator."""
    from workbench.errors import WorkbenchError

    try:
        return as_locale(tag).tag
    except WorkbenchError as error:
        found = error.problems[0]
        raise Mistake(found.what, got=found.got, expected=found.expected, fix=found.fix) from error


def json_schema(model: type[BaseModel], title: str) -> dict[str, Any]:
    """Return the JSON schema of a file format, for editors that complete and check as one types."""
    schema = model.model_json_schema(mode="validation")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title} | {
        key: value for key, value in schema.items() if key != "title"
    }
