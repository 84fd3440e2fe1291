"""YAML read against a strict model, so that every mistake is reported with its file and line.

Scalars are resolved by YAML 1.2: ``NO`` stays a text. What was written is kept beside what it
means, because the number 1001 may once have been the code ``01001``.
"""

from __future__ import annotations

import json
import re
import warnings
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar, cast

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from workbench.errors import Place, Problem, Reason, WorkbenchError, did_you_mean, shorten
from workbench.language import UNSEEN, Message, marked
from workbench.specs.mistakes import problems_of

# Five times the largest instrument: a second is spent on 300,000 characters or 30,000 marks.
MAX_BYTES = 1_000_000
MAX_MARKS = 100_000
MARKS = ",:-[{\"'&*?\n"
MAX_NODES = 200_000
MAX_DEPTH = 60
MAX_NAME_BYTES = 255
MAX_WHOLE = 2**53

Path_ = tuple[str | int, ...]
Model = TypeVar("Model", bound=BaseModel)
_TAG = "tag:yaml.org,2002:"
_SURROGATE = re.compile("[\ud800-\udfff]")
# What the reader of YAML says most often, in words that can be translated.
_SYNTAX = (
    ("mapping values are not allowed here", marked("a colon stands where no key can be")),
    ("could not find expected ':'", marked("a key lacks its colon")),
    ("expected <block end>", marked("the indentation does not fit the lines above")),
    ("found unexpected end of stream", marked("a quote is opened and never closed")),
    ("expected ',' or ']'", marked("a list in brackets lacks a comma or its end")),
    ("expected ',' or '}'", marked("a mapping in braces lacks a comma or its end")),
    ("that cannot start any token", marked("a text that begins with this character needs quotes")),
    ("found undefined alias", marked("a text that begins with an asterisk needs quotes")),
    ("found another document", marked("the file holds two documents")),
    ("but found another document", marked("the file holds two documents")),
)


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
        if not path.is_file():
            raise FileNotFoundError
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


def is_file(path: Path) -> bool:
    """Return whether a path is a file; one too long to exist is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def is_folder(path: Path) -> bool:
    """Return whether a path is a folder; one too long to exist is none."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def missing_file(path: Path, place: Place) -> Problem:
    """Return the problem of a file that isn't there, with the nearest name in its folder."""
    if any(len(part.encode(errors="replace")) > MAX_NAME_BYTES for part in path.parts):
        what = Message("no file has a name of more than {n} bytes", n=MAX_NAME_BYTES)
        place = replace(place, file=shorten(place.file))
        return Problem(Reason.FILE_MISSING, what, place, fix=Message("Check the path."))
    try:
        siblings = sorted(p.name for p in path.parent.iterdir() if p.is_file())
    except (OSError, ValueError):
        siblings = []
    fix = did_you_mean(path.name, siblings) if siblings else Message("Check the path.")
    return Problem(Reason.FILE_MISSING, Message("no such file"), place, fix=fix)


def not_utf8(place: Place, cause: UnicodeDecodeError) -> Problem:
    """Return the problem of a file in another encoding, read as a whole."""
    line = cause.object[: cause.start].count(b"\n") + 1
    return Problem(
        Reason.FILE_ENCODING,
        Message(
            "the file is not {encoding}: byte {n} can't be read",
            encoding="UTF-8",
            n=cause.start + 1,
        ),
        Place(place.file, line=line),
        got=repr(cause.object[cause.start : cause.start + 1])[1:],
        fix=Message("Save it as UTF-8."),
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
    if sum(map(text.count, MARKS)) > MAX_MARKS:
        what = Message("the file has more than {n} keys, values and lines", n=MAX_MARKS)
        raise WorkbenchError(Problem(Reason.FILE_TOO_LARGE, what, Place(name)))
    document = Document(name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of an anchor that is given anew
            root = YAML(typ="safe", pure=True).compose(text)
        document.value = _plain(root, (), document, 0)
    except RecursionError as cause:
        what = Message("nested too deeply")
        raise WorkbenchError(_syntax(name, _deep_line(text), what)) from cause
    except MarkedYAMLError as cause:
        mark = cause.problem_mark or cause.context_mark
        line = None if mark is None else mark.line + 1
        raise WorkbenchError(_syntax(name, line, _said(cause))) from cause
    except ReaderError as cause:
        line = text.count("\n", 0, cause.position) + 1
        raise WorkbenchError(_syntax(name, line, *_not_shown(text[cause.position]))) from cause
    except (YAMLError, ValueError) as cause:
        raise WorkbenchError(_syntax(name, None, str(cause).splitlines()[0])) from cause
    return document


def _not_shown(character: str) -> tuple[Message, Message]:
    """Return what is wrong with a character that nobody sees, and what to do."""
    what = Message("the character U+{code} can't be shown", code=f"{ord(character):04x}")
    return what, Message("Delete it; it may have come with a copied text.")


def _said(cause: MarkedYAMLError) -> Message | str:
    """Return what the reader of YAML found, in our words where we have them."""
    said = str(cause.problem or cause.context)
    return next((Message(ours) for theirs, ours in _SYNTAX if theirs in said), said)


def _deep_line(text: str) -> int | None:
    """Return the line at which a file is nested more deeply than is read."""
    depth = 0
    for token in YAML(typ="safe", pure=True).scan(text):
        kind = type(token).__name__
        depth += kind.endswith(("SequenceStartToken", "MappingStartToken"))
        depth -= kind.endswith("EndToken") and not kind.startswith(("Stream", "Document"))
        if depth > MAX_DEPTH:
            return int(token.start_mark.line) + 1
    return None


def _syntax(
    name: str, line: int | None, detail: Message | str, fix: Message | None = None
) -> Problem:
    """Return the problem of a file that is no YAML."""
    return Problem(
        Reason.YAML_SYNTAX,
        Message("this is not valid YAML: {detail}", detail=detail),
        Place(name, line),
        fix=fix or Message("Check indentation, colons and quotes near this line."),
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
        raise WorkbenchError(_syntax(document.name, line, Message("too deep or too large")))
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
            raise WorkbenchError(_syntax(document.name, line, Message("a key must be a text")))
        key = _joined(key_node, document)
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
    text, tag = _joined(node, document), str(node.tag)
    if tag in (_TAG + "str", _TAG + "timestamp"):
        return text
    document.written[path] = text
    if tag == _TAG + "null":
        return None
    line = node.start_mark.line + 1
    if tag not in (_TAG + "bool", _TAG + "int", _TAG + "float"):
        what = Message("the tag {tag} is not allowed", tag=tag)
        raise WorkbenchError(_syntax(document.name, line, what))
    try:
        value = _value(text.replace("_", "").lower(), tag)
    except ValueError as cause:
        what = Message("{got} is not what its tag says", got=shorten(text))
        raise WorkbenchError(_syntax(document.name, line, what)) from cause
    if isinstance(value, int) and abs(value) > MAX_WHOLE:
        what = Message("the number {got} is too large", got=shorten(text))
        fix = Message("Write it between quotes if it is a code or a text.")
        raise WorkbenchError(_syntax(document.name, line, what, fix))
    return value


def _joined(node: ScalarNode, document: Document) -> str:
    """Return the text of a scalar; half of a character, a lone surrogate, is a problem."""
    text, line = str(node.value), node.start_mark.line + 1
    if _SURROGATE.search(text):
        try:
            text = text.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError as cause:
            what = Message("half a character can't be read: {got}", got=ascii(text)[1:-1])
            fix = Message("Write the character itself.")
            raise WorkbenchError(_syntax(document.name, line, what, fix)) from cause
    unseen = UNSEEN.search(text)
    if unseen is not None:  # escapes of YAML write what its reader refuses as it stands
        raise WorkbenchError(_syntax(document.name, line, *_not_shown(unseen[0])))
    return text


def _value(text: str, tag: str) -> bool | int | float:
    """Return the value of a number or truth; what is too long to be a number is infinite."""
    if tag == _TAG + "bool":
        if text not in ("true", "false"):
            raise ValueError(text)
        return text == "true"
    if tag == _TAG + "float":
        return float(text.replace(".inf", "inf").replace(".nan", "nan"))
    sign, digits = (-1 if text.startswith("-") else 1), text.lstrip("+-")
    if digits.isdigit() and len(digits.lstrip("0")) > 20:
        return sign * (MAX_WHOLE + 1)
    return sign * (int(digits, 0) if digits[:2] in ("0x", "0o") else int(digits))


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
        raise WorkbenchError(problems_of(found, document, model)) from error


def load(path: Path, name: str, model: type[Model]) -> tuple[Model, Document]:
    """Read a YAML file as a model; return the document too, for the lines of later findings."""
    document = read_document(path, name)
    return validate(document, model), document
