"""Telling causes apart: what each change alone does to the results, by scoring again.

One change after another is made to the inputs of the first run, each by itself, and the study is
scored: what moves then moves because of that change. What no single change explains comes from
several together.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.language import Message
from workbench.observations.tables import REFERENCE_FOLDER, locate
from workbench.runs.contents import Contents
from workbench.runs.engine import environment
from workbench.runs.rerun import TOLERANCE, changed_inputs, differences, project_of
from workbench.specs.manifest import Manifest
from workbench.study import Study
from workbench.study.project import find_source

# Each change is one scoring of the whole study.
MOST_CHANGES = 12
CODE = "code"
Head = tuple[float | None, str | None, int | None]
Heads = Mapping[tuple[str, str], Head]


@dataclass(frozen=True, slots=True)
class Part:
    """What one change alone does to a result.

    Parameters
    ----------
    change : str
        Path of the file that changed, :data:`CODE`, or empty for several changes together.
    score : float or None
        By how much it moves the score; None where there is no score before or after.
    levels : tuple of two
    ranks : tuple of two
    """

    change: str
    score: float | None
    levels: tuple[str | None, str | None]
    ranks: tuple[int | None, int | None]


@dataclass(frozen=True, slots=True)
class Side:
    """A run with what it was made from.

    Parameters
    ----------
    contents : Contents
    manifest : Manifest
    heads : mapping
        Score, level and rank by unit and headline, as recorded.
    """

    contents: Contents
    manifest: Manifest
    heads: Heads


def attribute(
    then: Side, now: Side
) -> tuple[dict[tuple[str, str], tuple[Part, ...]], Message | None]:
    """Return what each change does to each result that moved, and why that can't be told.

    Parameters
    ----------
    then, now : Side

    Returns
    -------
    tuple of dict and Message
        Parts by unit and headline, and None; or nothing, and the reason.
    """
    changes = changed_files(then.manifest, now.manifest)
    code = then.manifest.software != now.manifest.software
    if len(changes) + code == 1:
        only = CODE if code else next(iter(changes))
        return _of_one(then.heads, now.heads, only), None
    if not changes:
        return {}, None
    other = next(differences(now.manifest), None)
    if other is not None:
        return {}, other
    if len(changes) > MOST_CHANGES:
        return {}, Message("{n} files changed", n=len(changes))
    try:
        with tempfile.TemporaryDirectory(prefix="workbench-") as folder:
            roots = [Path(folder) / "then", Path(folder) / "now"]
            for side, root in zip((then, now), roots, strict=True):
                with project_of(side.contents, side.manifest, None) as project:
                    missing = next(changed_inputs(project, side.manifest), None)
                    if missing is not None:
                        return {}, missing
                    _copy(project, root, {f.path for f in side.manifest.inputs})
            return _parts(then, now, changes, roots, code=code), None
    except WorkbenchError as error:
        return {}, error.problems[0].what


def changed_files(then: Manifest, now: Manifest) -> dict[str, frozenset[str]]:
    """Return the changes of which results can come: files that belong together, by one of them.

    A file that came or went does so by the study that names it.
    """
    a, b = ({f.path: f.sha256 for f in side.inputs} for side in (then, now))
    changed = {path for path in a.keys() | b.keys() if a.get(path) != b.get(path)}
    moved = {path for path in changed if path not in a or path not in b}
    study = {then.study_file, now.study_file} & changed
    found = {path: frozenset({path}) for path in sorted(changed - moved - study)}
    if moved or study:
        found[now.study_file] = frozenset(moved | study)
    return found


def _of_one(then: Heads, now: Heads, change: str) -> dict[tuple[str, str], tuple[Part, ...]]:
    """Return the parts where one thing changed: all that moved moved because of it."""
    return {key: (_part(change, then[key], now[key]),) for key in then.keys() & now.keys()
            if _moves(then[key], now[key])}  # fmt: skip


def _parts(
    then: Side, now: Side, changes: Mapping[str, frozenset[str]], roots: list[Path], *, code: bool
) -> dict[tuple[str, str], tuple[Part, ...]]:
    """Return what each change does by itself, and what is left for all together."""
    keys = [k for k in then.heads.keys() & now.heads.keys() if _moves(then.heads[k], now.heads[k])]
    base = _scored(then, then, roots, frozenset(), keys) if code else then.heads
    alone = {}
    for name, files in changes.items():
        # One that does not fit the rest of the first run does what it does with others only.
        with suppress(WorkbenchError):
            alone[name] = _scored(then, now, roots, files, keys)
    found = {}
    for key in keys:
        parts = [_part(CODE, then.heads[key], base[key])] if code and key in base else []
        parts += [_part(n, base[key], heads[key]) for n, heads in alone.items()
                  if key in heads and key in base]  # fmt: skip
        parts = [part for part in parts if _says(part)]
        rest = _rest(then.heads[key], now.heads[key], parts)
        found[key] = (*parts, *rest)
    return found


def _rest(then: Head, now: Head, parts: list[Part]) -> Iterator[Part]:
    """Yield what the changes do together beside what each does alone."""
    if then[0] is not None and now[0] is not None:
        left = now[0] - then[0] - sum(part.score or 0.0 for part in parts)
        if abs(left) > TOLERANCE * max(1.0, abs(now[0])):
            yield Part("", left, (None, None), (None, None))
            return
    if not parts:
        yield _part("", then, now)


def _scored(
    then: Side, now: Side, roots: list[Path], files: frozenset[str], keys: Iterable[tuple[str, str]]
) -> Heads:
    """Return the results of the first run's inputs with some files of the second."""
    with tempfile.TemporaryDirectory(prefix="workbench-") as folder:
        root = Path(folder)
        kept = {f.path for f in then.manifest.inputs} - files
        taken = files & {f.path for f in now.manifest.inputs}
        for source, names in zip(roots, (kept, taken), strict=True):
            with environment({REFERENCE_FOLDER: str(source / "reference")}):
                _copy(source / "project", root, names)
        named = then.manifest.study_file
        named = now.manifest.study_file if now.manifest.study_file in files else named
        with environment({REFERENCE_FOLDER: str(root / "reference")}):
            study = Study.open(root / "project" / named, locale=then.manifest.choices.locale)
            return _heads(study, {unit for unit, _ in keys})


def _heads(study: Study, units: set[str]) -> Heads:
    """Return score, level and rank of the headlines of units."""
    found = {}
    for unit in sorted(units & {str(u) for u in study.units.index}):
        for node in study.view(unit).headline:
            rank = node.rank.rank if node.rank else None
            found[unit, node.code] = (node.score, node.level, rank)
    return found


def _copy(root: Path, folder: Path, names: Iterable[str]) -> None:
    """Copy files of a project, and of the reference data, to a folder."""
    found = {name: find_source(name, root) for name in names}
    with environment({REFERENCE_FOLDER: str(folder / "reference")}):
        for name, source in found.items():
            if source is not None:
                target = locate(folder / "project", name)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target)


def _part(change: str, then: Head, now: Head) -> Part:
    score = now[0] - then[0] if then[0] is not None and now[0] is not None else None
    return Part(change, score, (then[1], now[1]), (then[2], now[2]))


def _moves(then: Head, now: Head) -> bool:
    """Return whether a result is another one, beyond the last digits."""
    return _says(_part("", then, now)) or (then[0] is None) != (now[0] is None)


def _says(part: Part) -> bool:
    moved = part.score is not None and abs(part.score) > TOLERANCE
    return moved or part.levels[0] != part.levels[1] or part.ranks[0] != part.ranks[1]
