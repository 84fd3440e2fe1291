"""What the model of a file finds wrong, as problems in the words of the file.

Whoever writes a study knows neither pydantic nor the types of Python: each kind of error is said
here in one sentence that can be translated.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel

from workbench.errors import Place, Problem, Reason, did_you_mean
from workbench.language import Message, marked
from workbench.specs.common import (
    CODE_PATTERN,
    ID_PATTERN,
    LEVEL_PATTERN,
    NAME_PATTERN,
    VARIABLE_PATTERN,
    Mistake,
)

if TYPE_CHECKING:
    from workbench.specs.yaml import Document, Path_

_DATE = marked("a date, as in 2025-01-31")
_MAPPING = marked("a mapping of keys to values")
_LIST = marked("a list")
_WHOLE = marked("a whole number")
_NUMBER = marked("a number")
_TYPES = {
    "int_type": _WHOLE,
    "int_from_float": _WHOLE,
    "int_parsing": _WHOLE,
    "float_type": _NUMBER,
    "finite_number": marked("a finite number"),
    "bool_type": marked("true or false"),
    "string_type": marked("a text"),
    "tuple_type": _LIST,
    "list_type": _LIST,
    "dict_type": _MAPPING,
    "model_type": _MAPPING,
    "model_attributes_type": _MAPPING,
    "date_type": _DATE,
    "date_parsing": _DATE,
    "date_from_datetime_parsing": _DATE,
    "date_from_datetime_inexact": _DATE,
    "none_required": marked("nothing"),
}
# The name of the limit in the error, and what is expected.
_LIMITS = {
    "greater_than_equal": ("ge", marked("a number of {low} or more")),
    "greater_than": ("gt", marked("a number above {low}")),
    "less_than_equal": ("le", marked("a number of {high} or less")),
    "less_than": ("lt", marked("a number below {high}")),
    "too_short": ("min_length", marked("at least {n} entries")),
    "too_long": ("max_length", marked("at most {n} entries")),
    "string_too_short": ("min_length", marked("a text of at least {n} characters")),
    "string_too_long": ("max_length", marked("a text of at most {n} characters")),
    "string_pattern_mismatch": ("pattern", marked("a text of the pattern {pattern}")),
}
# What the patterns of the file formats mean, in words.
_PATTERNS: dict[str, str] = {
    CODE_PATTERN: marked("letters, digits, _, - and points, without spaces"),
    LEVEL_PATTERN: marked("letters, digits, _, -, +, * and points, without spaces"),
    ID_PATTERN: marked("letters, digits, _ and -, without spaces"),
    NAME_PATTERN: marked("small letters a to z, digits and _, beginning with a letter"),
    VARIABLE_PATTERN: marked("letters a to z, digits and _, beginning with a letter, at most 32"),
}


def problems_of(found: list[Any], document: Document, model: type[BaseModel]) -> list[Problem]:
    """Return the mistakes that a model found, each once, with file, line and path.

    Parameters
    ----------
    found : list of dict
        Errors of a pydantic ``ValidationError``.
    document : Document
        What was read.
    model : type
        What it was to be.
    """
    problems: list[Problem] = []
    typed: dict[Place, int] = {}  # where the type is wrong, and which problem says so
    for error in found:
        if _follows(error, found) or _other_member(error, found, document.value):
            continue
        problem = _problem(error, document, model)
        before = typed.get(problem.place) if error["type"] in _TYPES else None
        if before is not None:
            problems[before] = _either(problems[before], problem)
            continue
        if error["type"] in _TYPES:
            typed[problem.place] = len(problems)
        problems.append(problem)
    return problems


def _either(one: Problem, other: Problem) -> Problem:
    """Return the problem of a part that may be of either of two types, and is of neither."""
    if other.reason == Reason.CODE_IS_NUMBER:
        return other
    if not one.expected or not other.expected or one.expected == other.expected:
        return one
    both = Message("{this} or {that}", this=one.expected, that=other.expected)
    return replace(one, expected=both)


def _other_member(error: Any, all_errors: list[Any], value: Any) -> bool:
    """Return whether an error is about a type that was not meant, where another fits better.

    What may be a text or a mapping, and is a mapping with a mistake inside, is no wrong text.
    """
    loc = error["loc"]
    if error["type"] not in _TYPES or _locate(loc, value) != _locate(loc[:-1], value):
        return False
    return any(
        len(e["loc"]) > len(loc) and e["loc"][: len(loc) - 1] == loc[:-1] for e in all_errors
    )


def _follows(error: Any, all_errors: list[Any]) -> bool:
    """Return whether an error only says that mistakes inside a list left it too short."""
    loc = error["loc"]
    return error["type"] == "too_short" and any(
        e["loc"][: len(loc)] == loc and len(e["loc"]) > len(loc) for e in all_errors
    )


def _problem(error: Any, document: Document, model: type[BaseModel]) -> Problem:
    """Return one mistake found by the model in the words of the file."""
    path, here = _locate(error["loc"], document.value)
    last = error["loc"][-1] if error["loc"] else ""
    place, kind = document.place(path), error["type"]
    if kind == "missing":
        return Problem(
            Reason.SPEC_MISSING_KEY, Message("the key {key} is missing", key=last), place
        )
    if kind == "extra_forbidden":
        names = sorted(_fields_at(model, error["loc"][:-1]))
        # Inside {...} a comma ends a text, and what follows it is read as a key.
        cut_off = not set("()+*/<>=\"'").isdisjoint(str(last))
        quotes = Message('Between braces a text with commas needs quotes: "max(a, 0)".')
        return Problem(
            Reason.SPEC_UNKNOWN_KEY,
            Message("unknown key {key}", key=last),
            place,
            fix=quotes if cut_off else did_you_mean(str(last), names),
        )
    if kind == "string_type" and isinstance(here, int | float) and not isinstance(here, bool):
        written = document.written.get(path, str(here))
        return Problem(
            Reason.CODE_IS_NUMBER,
            Message("{got} is a number; codes are text", got=written),
            place,
            fix=Message('Write "{got}", with its quotes and any leading zero.', got=written),
        )
    context = error.get("ctx", {})
    if kind == "literal_error":
        names = [str(x) for x in context.get("expected", "").replace("'", "").split(", ")]
        names = [n for part in names for n in part.split(" or ")]
        fix = did_you_mean(str(here), names)
        return Problem(Reason.SPEC_VALUE, Message("unknown value"), place, got=str(here), fix=fix)
    if kind == "union_tag_invalid":
        tags = [t.strip(" '") for t in str(context.get("expected_tags", "")).split(",")]
        got = str(context.get("tag", ""))
        return Problem(
            Reason.SPEC_VALUE,
            Message("unknown {key}", key=str(context.get("discriminator", "")).strip("'")),
            place,
            got=got,
            fix=did_you_mean(got, tags),
        )
    if kind == "union_tag_not_found":
        key = str(context.get("discriminator", "")).strip("'")
        return Problem(Reason.SPEC_MISSING_KEY, Message("the key {key} is missing", key=key), place)
    if kind == "value_error":
        return _own(context.get("error"), str(error["msg"]), document, path)
    got = "" if isinstance(here, dict | list) else document.written.get(path, str(here))
    expected = _expected(kind, context)
    if expected is None:
        what = Message("not what is expected here: {detail}", detail=str(error["msg"]))
        return Problem(Reason.SPEC_VALUE, what, place, got=got)
    what = Message("not what is expected here")
    return Problem(Reason.SPEC_VALUE, what, place, got=got, expected=expected)


def _own(mistake: Any, said: str, document: Document, path: Path_) -> Problem:
    """Return what a check of ours found."""
    if not isinstance(mistake, Mistake):
        text = Message("{detail}", detail=said if mistake is None else str(mistake))
        return Problem(Reason.SPEC_VALUE, text, document.place(path))
    place = document.place((*path, *mistake.path))
    return Problem(
        Reason.SPEC_VALUE,
        mistake.what,
        place,
        got=mistake.got,
        expected=mistake.expected,
        fix=mistake.fix,
    )


def _expected(kind: str, context: dict[str, Any]) -> Message | None:
    """Return what a part should have been, None for an error that has no sentence of ours."""
    if kind in _TYPES:
        return Message(_TYPES[kind])
    if kind not in _LIMITS:
        return None
    name, text = _LIMITS[kind]
    limit = context.get(name)
    if limit in _PATTERNS:
        return Message(_PATTERNS[limit])
    return Message(text, low=limit, high=limit, n=limit, pattern=limit)


def _locate(loc: tuple[Any, ...], value: Any) -> tuple[Path_, Any]:
    """Return the path of an error in the file, without the steps that only the model knows."""
    path: list[str | int] = []
    for step in loc:
        if (isinstance(value, dict) and step in value) or (
            isinstance(value, list) and isinstance(step, int) and step < len(value)
        ):
            path.append(step)
            value = value[step]
    return tuple(path), value


def _fields_at(model: type[BaseModel], loc: tuple[Any, ...]) -> set[str]:
    """Return the keys that the format knows at a place, by walking the types along ``loc``."""
    members: list[Any] = [model]
    for step in loc:
        nested: list[Any] = []
        for member in members:
            if isinstance(member, type) and issubclass(member, BaseModel):
                found = member.model_fields.get(str(step))
                if found is not None:
                    nested.extend(_models_in(found.annotation))
                elif _is_tag(member, step):
                    nested.append(member)
        # An index, a dictionary key or a union member adds nothing to the type already reached.
        members = nested or members
    return {name for member in members for name in getattr(member, "model_fields", {})}


def _is_tag(member: type[BaseModel], step: Any) -> bool:
    """Return whether ``step`` is the tag that selects this member of a union."""
    for name in ("method", "kind"):
        found = member.model_fields.get(name)
        if found is not None and typing.get_origin(found.annotation) is Literal:
            return step in typing.get_args(found.annotation)
    return bool(member.__name__ == step)


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """Yield every model inside an annotation: unions, tuples, annotated types."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif isinstance(annotation, types.UnionType) or typing.get_origin(annotation) is not None:
        for part in typing.get_args(annotation):
            yield from _models_in(part)
