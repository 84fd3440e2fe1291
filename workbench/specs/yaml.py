"""YAML read against a strict model, so that every mistake is reported with its file and line.

Scalars are resolved by YAML 1.2: ``NO`` stays a text. What was written is kept beside what it
means, because the number 1001 may once have been the code ``01001``.
"""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar, cast

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from workbench.errors import Place, Problem, Reason, WorkbenchError, did_you_mean
from workbench.language import Message

MAX_BYTES = 20_000_000
MAX_NODES = 2_000_000
MAX_DEPTH = 60

Path_ = tuple[str | int, ...]
Model = TypeVar("Model", bound=BaseModel)
_TAG = "tag:yaml.org,2002:"


@dataclass(slots=True)
class Document:
    """A YAML file as plain values, with the line and the written form of each part.

    Parameters
    ----------
    name : str
        Path as the user knows it.
    value : object
        Mappings, lists and scalars.
    lines : dict of path to int
        Line of each part, from 1.
    written : dict of path to str
        Scalars as they were written, where that differs from a text.
    """

    name: str
    value: Any = None
    lines: dict[Path_, int] = field(default_factory=dict)
    written: dict[Path_, str] = field(default_factory=dict)
    nodes: int = 0

    def place(self, path: Path_) -> Place:
        """Return the place of a part, or of the nearest part above it that exists."""
        line = None
        for end in range(len(path), -1, -1):
            line = self.lines.get(path[:end])
            if line is not None:
                break
        return Place(self.name, line, show_path(path) or None)


def show_path(path: Path_) -> str:
    """Return a path as text: ``indicators[3].direction``."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else (f".{step}" if text else step)
    return text


def read_text(path: Path, name: str, limit: int = MAX_BYTES) -> str:
    """Return the text of a small UTF-8 file.

    Raises
    ------
    WorkbenchError
        If the file is missing, empty, larger than ``limit`` bytes or not UTF-8.
    """
    place = Place(name)
    try:
        size = path.stat().st_size
        if path.is_dir():
            raise IsADirectoryError
        if size > limit:
            problem = Problem(
                Reason.FILE_TOO_LARGE,
                Message("the file is too large"),
                place,
                got=f"{size} bytes",
                expected=Message("at most {n} bytes", n=limit),
            )
            raise WorkbenchError(problem)
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, ValueError) as cause:
        if isinstance(cause, UnicodeDecodeError):
            raise WorkbenchError(not_utf8(place, cause)) from cause
        raise WorkbenchError(missing_file(path, place)) from cause
    if not text.strip():
        problem = Problem(Reason.FILE_EMPTY, Message("the file is empty"), place)
        raise WorkbenchError(problem)
    return text


def missing_file(path: Path, place: Place) -> Problem:
    """Return the problem of a file that isn't there, with the nearest name in its folder."""
    try:
        siblings = sorted(p.name for p in path.parent.iterdir() if p.is_file())
    except (OSError, ValueError):
        siblings = []
    fix = did_you_mean(path.name, siblings) if siblings else Message("Check the path.")
    return Problem(Reason.FILE_MISSING, Message("no such file"), place, fix=fix)


def not_utf8(place: Place, cause: UnicodeDecodeError) -> Problem:
    """Return the problem of a file in another encoding."""
    line = cause.object[: cause.start].count(b"\n") + 1
    return Problem(
        Reason.FILE_ENCODING,
        Message("the file is not UTF-8: byte {n} can't be read", n=cause.start + 1),
        Place(place.file, line=line),
        got=repr(cause.object[cause.start : cause.start + 1])[1:],
        fix=Message("Save it as UTF-8, or name its encoding (encoding: latin-1)."),
    )


def read_document(path: Path, name: str) -> Document:
    """Read a YAML file.

    Parameters
    ----------
    path : Path
        File to read.
    name : str
        How messages call it.

    Raises
    ------
    WorkbenchError
        If it can't be read, is no YAML, holds a key twice, or uses tags that build objects.
    """
    text = read_text(path, name)
    document = Document(name)
    try:
        root = YAML(typ="safe", pure=True).compose(text)
        document.value = _plain(root, (), document, 0)
    except RecursionError as cause:
        raise WorkbenchError(_syntax(name, None, "nested too deeply")) from cause
    except MarkedYAMLError as cause:
        mark = cause.problem_mark or cause.context_mark
        line = None if mark is None else mark.line + 1
        raise WorkbenchError(_syntax(name, line, str(cause.problem or cause.context))) from cause
    except (YAMLError, ValueError) as cause:
        raise WorkbenchError(_syntax(name, None, str(cause).splitlines()[0])) from cause
    return document


def _syntax(name: str, line: int | None, detail: str) -> Problem:
    """Return the problem of a file that is no YAML."""
    return Problem(
        Reason.YAML_SYNTAX,
        Message("this is not valid YAML: {detail}", detail=detail),
        Place(name, line),
        fix=Message("Check indentation, colons and quotes near this line."),
    )


def _plain(node: Node | None, path: Path_, document: Document, depth: int) -> Any:
    """Return a node as plain values, noting lines and written forms on the way."""
    if node is None:
        return None
    document.nodes += 1
    line = node.start_mark.line + 1
    document.lines.setdefault(path, line)
    # Aliases may repeat a part without end in sight; counting what they expand to is the guard.
    if depth > MAX_DEPTH or document.nodes > MAX_NODES:
        raise WorkbenchError(_syntax(document.name, line, "too deep or too large"))
    if isinstance(node, MappingNode):
        return _mapping(node, path, document, depth)
    if isinstance(node, SequenceNode):
        return [_plain(n, (*path, i), document, depth + 1) for i, n in enumerate(node.value)]
    return _scalar(cast("ScalarNode", node), path, document)


def _mapping(node: MappingNode, path: Path_, document: Document, depth: int) -> dict[str, Any]:
    """Return a mapping; its keys are texts, whatever they look like."""
    result: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, ScalarNode):
            raise WorkbenchError(_syntax(document.name, line, "a key must be a text"))
        key = str(key_node.value)
        if key in result:
            problem = Problem(
                Reason.YAML_SYNTAX,
                Message("the key {key} stands twice", key=key),
                Place(document.name, line, show_path((*path, key))),
                fix=Message("Keep one of them."),
            )
            raise WorkbenchError(problem)
        document.lines[(*path, key)] = line
        result[key] = _plain(value_node, (*path, key), document, depth + 1)
    return result


def _scalar(node: ScalarNode, path: Path_, document: Document) -> Any:
    """Return a scalar by YAML 1.2; a tag that would build an object is refused."""
    text, tag = str(node.value), str(node.tag)
    if tag in (_TAG + "str", _TAG + "timestamp"):
        return text
    document.written[path] = text
    if tag == _TAG + "null":
        return None
    if tag == _TAG + "bool":
        return text.lower() == "true"
    if tag == _TAG + "int":
        clean = text.replace("_", "")
        sign = -1 if clean.startswith("-") else 1
        digits = clean.lstrip("+-")
        return sign * (int(digits, 0) if digits[:2].lower() in ("0x", "0o") else int(digits))
    if tag == _TAG + "float":
        clean = text.replace("_", "").lower().replace(".inf", "inf").replace(".nan", "nan")
        return float(clean)
    line = node.start_mark.line + 1
    raise WorkbenchError(_syntax(document.name, line, f"the tag {tag} is not allowed"))


def validate(document: Document, model: type[Model]) -> Model:
    """Return the document as a model.

    Raises
    ------
    WorkbenchError
        With one problem for each mistake, each with file, line and path.
    """
    if not isinstance(document.value, dict):
        problem = Problem(
            Reason.SPEC_VALUE,
            Message("the file must be a mapping of keys to values"),
            Place(document.name, 1),
            got=type(document.value).__name__,
        )
        raise WorkbenchError(problem)
    try:
        # The JSON mode takes lists for tuples and texts for dates while staying strict otherwise.
        return model.model_validate_json(json.dumps(document.value))
    except ValidationError as error:
        found = error.errors(include_url=False)
        problems = [_problem(e, document, model) for e in found if not _follows(e, found)]
        raise WorkbenchError(problems) from error


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
        return Problem(
            Reason.SPEC_UNKNOWN_KEY,
            Message("unknown key {key}", key=last),
            place,
            fix=did_you_mean(str(last), names),
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
        text = Message("{detail}", detail=str(context.get("error", error["msg"])))
        return Problem(Reason.SPEC_VALUE, text, place)
    got = "" if isinstance(here, dict | list) else document.written.get(path, str(here))
    what = Message("not what is expected here: {detail}", detail=str(error["msg"]))
    return Problem(Reason.SPEC_VALUE, what, place, got=got)


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


def load(path: Path, name: str, model: type[Model]) -> tuple[Model, Document]:
    """Read a YAML file as a model; return the document too, for the lines of later findings."""
    document = read_document(path, name)
    return validate(document, model), document
