"""Comparing two runs: what they were made from, and whose results moved because of what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Required

import pandas as pd
from pandas.api.types import is_numeric_dtype
from pydantic import TypeAdapter, ValidationError
from typing_extensions import TypedDict

from workbench.language import Message
from workbench.runs.attribute import Heads, Part, Side, attribute
from workbench.runs.contents import Contents, contents_of, unreadable
from workbench.runs.rerun import CASE, SCORES, close
from workbench.runs.verify import read_manifest
from workbench.specs.manifest import FileHash, Manifest

CALIBRATION = "data/calibration.json"
_NUMBERS = ("value", "score", "low", "high")
_WORDS = ("level", "status")


class Cause(StrEnum):
    """Why a result moved, as far as two runs tell."""

    OWN = "own_data"
    REFERENCE = "reference"
    METHOD = "method"
    OTHERS = "others"
    NEW = "new"
    GONE = "gone"
    UNTOLD = "untold"


WORDS = {
    Cause.OWN: Message("its own data changed"),
    Cause.REFERENCE: Message("parameters fitted to the reference changed"),
    Cause.METHOD: Message("method or code changed, its data did not"),
    Cause.OTHERS: Message("its result is the same, others moved"),
    Cause.NEW: Message("only in the second run"),
    Cause.GONE: Message("only in the first run"),
    Cause.UNTOLD: Message("its own data and the method changed: cannot be told apart"),
}


@dataclass(frozen=True, slots=True)
class Moved:
    """A unit whose printed result moved.

    Parameters
    ----------
    unit, name, wave, node : str
        Code and name of the unit; wave and headline of the result.
    scores, levels, ranks : tuple of two
        In the first run and in the second; None where there is none.
    cause : Cause
    nodes : int
        Results of the unit that moved, of all nodes and waves.
    parts : tuple of Part
        What each change does to it by itself; empty where that can't be told.
    """

    unit: str
    name: str
    wave: str
    node: str
    scores: tuple[float | None, float | None]
    levels: tuple[str | None, str | None]
    ranks: tuple[int | None, int | None]
    cause: Cause
    nodes: int
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """How two runs differ.

    Parameters
    ----------
    made_from : tuple of Message
        Inputs, choices, notebooks, code and versions that changed.
    moved : tuple of Moved
        Largest move of a score first, then of a rank.
    units : int
        Units of both runs.
    untold : Message or None
        Why it can't be told what each change does by itself; None where it can.
    """

    made_from: tuple[Message, ...]
    moved: tuple[Moved, ...]
    units: int
    untold: Message | None = None


def diff(first: Path, second: Path) -> Difference:
    """Return how two runs differ: folders or packs.

    Parameters
    ----------
    first, second : Path

    Raises
    ------
    WorkbenchError
        If one is no run.
    """
    a, b = contents_of(first), contents_of(second)
    then, now = read_manifest(a), read_manifest(b)
    made_from = tuple(_made_from(then, now))
    before, after = _views(a, then), _views(b, now)
    own, every = _moves(_scores(a), _scores(b))
    method = _method_changed(then, now)
    fitted = _text(a, CALIBRATION) != _text(b, CALIBRATION)
    moved: list[Moved] = []
    for unit in sorted(before.keys() | after.keys()):
        cause = _cause(unit, before, after, own, every, method=method, fitted=fitted)
        moved += _moved(unit, before.get(unit), after.get(unit), cause, every.get(unit, 0))
    sides = [Side(c, m, _heads(v)) for c, m, v in ((a, then, before), (b, now, after))]
    parts, untold = attribute(*sides) if moved else ({}, None)
    moved = [replace(m, parts=parts.get((m.unit, m.node), ())) for m in moved]
    moved.sort(key=lambda m: (-_size(m.scores), -_size(m.ranks), m.unit, m.node))
    return Difference(made_from, tuple(moved), len(before.keys() | after.keys()), untold)


# -- what they were made from -----------------------------------------------------------------


def _made_from(then: Manifest, now: Manifest) -> Iterator[Message]:
    """Yield what changed beside the results."""
    yield from _files(then.inputs, now.inputs)
    yield from _files(then.notebooks, now.notebooks)
    pairs: list[tuple[Message, object, object]] = [
        (Message("instruments"), _instruments(then), _instruments(now)),
        (Message("language"), then.choices.locale, now.choices.locale),
        (Message("formats"), _listed(then.choices.formats), _listed(now.choices.formats)),
        (Message("seed"), then.choices.seed, now.choices.seed),
        (Message("stages"), _listed(then.choices.stages), _listed(now.choices.stages)),
        (
            Message("waves of the reference"),
            _listed(then.choices.reference_waves),
            _listed(now.choices.reference_waves),
        ),
        (Message("parameters"), _pairs(then), _pairs(now)),
        (Message("version of the workbench"), then.software.version, now.software.version),
        (Message("Python"), then.software.python, now.software.python),
    ]
    for name, a, b in pairs:
        if a != b:
            yield Message("{what}: {then}, now {now}", what=name, then=a or "-", now=b or "-")
    if then.software.code_sha256 != now.software.code_sha256:
        yield Message("the code of the workbench changed")
    if then.software.lock_sha256 != now.software.lock_sha256:
        yield Message("the locked versions changed")


def _files(then: tuple[FileHash, ...], now: tuple[FileHash, ...]) -> Iterator[Message]:
    """Yield the files that changed."""
    a, b = ({f.path: f.sha256 for f in files} for files in (then, now))
    for path in sorted(a.keys() | b.keys()):
        if path not in b:
            yield Message("{file} is no longer read", file=path)
        elif path not in a:
            yield Message("{file} is new", file=path)
        elif a[path] != b[path]:
            yield Message("{file} changed", file=path)


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(values)


def _instruments(manifest: Manifest) -> str:
    return ", ".join(f"{used.id} {used.version}" for used in manifest.instruments)


def _pairs(manifest: Manifest) -> str:
    return ", ".join(f"{k}={v}" for k, v in sorted(manifest.choices.parameters.items()))


def _method_changed(then: Manifest, now: Manifest) -> bool:
    """Return whether anything changed by which a result is computed from the same data."""

    def method(manifest: Manifest) -> tuple[object, ...]:
        instrument = [f.sha256 for f in manifest.inputs if f.path.startswith("data/instruments/")]
        own = [f.sha256 for f in manifest.inputs if f.path == manifest.study_file]
        return (
            instrument,
            own,
            manifest.choices.stages,
            manifest.choices.reference_waves,
            manifest.software.code_sha256,
            manifest.software.lock_sha256,
        )

    return method(then) != method(now)


# -- whose results moved ----------------------------------------------------------------------


class _Place(TypedDict):
    rank: int | None


class _Node(TypedDict, total=False):
    code: Required[str]
    score: float | None
    level: str | None
    rank: _Place | None


class _View(TypedDict):
    """What is read of a view, which may be of another version."""

    name: str
    wave: str | None
    headline: list[_Node]


_VIEW = TypeAdapter(_View)


def _views(contents: Contents, manifest: Manifest) -> dict[str, _View]:
    """Return name and headline results of each unit, as its report prints them."""
    units = {r.key for r in manifest.reports if r.kind == "unit"}
    names = set(contents.names())
    found = {}
    for unit in sorted(units):
        path = f"data/views/{unit}.json"
        if path in names:
            try:
                found[unit] = _VIEW.validate_json(contents.read(path))
            except ValidationError as cause:
                raise unreadable(path, cause) from cause
    return found


def _scores(contents: Contents) -> pd.DataFrame:
    """Return the scores of a run, each case once.

    Raises
    ------
    WorkbenchError
        If the table is not one that a run writes.
    """
    frame = contents.read_table(SCORES)
    wrong = [c for c in (*CASE, *_NUMBERS, *_WORDS) if list(frame.columns).count(c) != 1]
    wrong = wrong or [c for c in _NUMBERS if not is_numeric_dtype(frame[c].dtype)]
    if wrong or frame.duplicated(CASE).any():
        raise unreadable(SCORES, wrong[0] if wrong else ", ".join(CASE))
    return frame


def _heads(views: dict[str, _View]) -> Heads:
    """Return score, level and rank by unit and headline."""
    return {
        (unit, node["code"]): (
            node.get("score"),
            node.get("level"),
            place["rank"] if (place := node.get("rank")) else None,
        )
        for unit, view in views.items()
        for node in view["headline"]
    }


def _text(contents: Contents, name: str) -> bytes:
    return contents.read(name) if name in contents.names() else b""


def _moves(then: pd.DataFrame, now: pd.DataFrame) -> tuple[dict[str, int], dict[str, int]]:
    """Return by unit how many recorded values changed, and how many results."""
    a, b = (f.astype({c: "str" for c in CASE}).set_index(CASE) for f in (then, now))
    cases = a.index.union(b.index)
    a, b = a.reindex(cases), b.reindex(cases)
    numbers = {c: ~close(a[c], b[c]) for c in _NUMBERS}
    words = {
        c: a[c].astype("object").fillna("").ne(b[c].astype("object").fillna("")).to_numpy()
        for c in _WORDS
    }
    # What came from the data: values and where they come from, not what was computed of them.
    data = a["status"].astype(str).isin(_RECORDED) | b["status"].astype(str).isin(_RECORDED)
    own = ((numbers["value"] | words["level"]) & data.to_numpy()) | words["status"]
    any_ = own | numbers["score"] | numbers["low"] | numbers["high"] | words["level"]
    unit = cases.get_level_values("unit")
    return _counts(unit[own]), _counts(unit[any_])


_RECORDED = ("observed", "reported", "carried")


def _counts(units: pd.Index) -> dict[str, int]:
    return {str(k): int(v) for k, v in units.value_counts().items()}


def _cause(
    unit: str,
    before: dict[str, _View],
    after: dict[str, _View],
    own: dict[str, int],
    every: dict[str, int],
    *,
    method: bool,
    fitted: bool,
) -> Cause:
    """Return why a unit moved, as far as it can be told."""
    if unit not in before:
        return Cause.NEW
    if unit not in after:
        return Cause.GONE
    if own.get(unit):
        return Cause.UNTOLD if method else Cause.OWN
    if not every.get(unit):
        return Cause.OTHERS
    if method:
        return Cause.METHOD
    return Cause.REFERENCE if fitted else Cause.OWN


def _moved(
    unit: str, then: _View | None, now: _View | None, cause: Cause, nodes: int
) -> Iterator[Moved]:
    """Yield the headlines of a unit whose score, level or rank moved."""
    heads = [{n["code"]: n for n in view["headline"]} if view else {} for view in (then, now)]
    shown = now or then
    for node in dict.fromkeys([*heads[0], *heads[1]]):
        pair: list[_Node] = [h.get(node) or {"code": node} for h in heads]
        scores = (pair[0].get("score"), pair[1].get("score"))
        levels = (pair[0].get("level"), pair[1].get("level"))
        ranks = [place["rank"] if (place := p.get("rank")) else None for p in pair]
        if shown and (scores[0] != scores[1] or levels[0] != levels[1] or ranks[0] != ranks[1]):
            yield Moved(
                unit, shown["name"], shown["wave"] or "", node, scores, levels,
                (ranks[0], ranks[1]), cause, nodes,
            )  # fmt: skip


def _size(pair: tuple[float | None, float | None]) -> float:
    """Return how far a number moved; infinitely where it came or went."""
    a, b = pair
    if a is None and b is None:
        return 0.0
    return float("inf") if a is None or b is None else abs(a - b)
