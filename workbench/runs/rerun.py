"""Running reports again from the recorded inputs, and comparing them with what was recorded."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from workbench.errors import Place, Problem, Reason, WorkbenchError
from workbench.language import Message
from workbench.observations.tables import REFERENCE_FOLDER, locate
from workbench.runs.contents import Contents, FolderContents, contents_of
from workbench.runs.engine import environment
from workbench.runs.files import write_whole
from workbench.runs.hashing import code_sha256, sha256_of_file, sha256_of_text
from workbench.runs.listing import LISTING
from workbench.runs.plan import make_plan
from workbench.runs.run import execute_plan
from workbench.runs.software import software
from workbench.runs.targets import COHORT
from workbench.runs.verify import INPUTS, packed_name, read_manifest
from workbench.specs.manifest import Manifest
from workbench.study import Study
from workbench.study.project import find_source

# Sums in another order, or another processor, move the last digits; a score has two or three.
TOLERANCE = 1e-9
ALL = "all"
MOST = 20
VIEWS = "data/views/"
SCORES = "data/scores.parquet"
CASE = ["unit", "wave", "node"]
# What every view says of the run and program that made it.
OWN_OF_A_RUN = {"run_id", "package_version"}


@dataclass(frozen=True, slots=True)
class Rerun:
    """What running again gave.

    Parameters
    ----------
    environment : tuple of Message
        Where this one differs from that of the run; empty where it does not.
    inputs : tuple of Message
        Inputs that are not those of the run: then nothing is run.
    reports : tuple of str
        Keys of the reports that were run again.
    same : int
        Files with the same bytes: data and reports.
    differ : tuple of str
        Paths of the files with other bytes.
    compared : int
        Numbers that were compared: all scores, and those of the views of these reports.
    largest : float
        Largest difference of such a number, relative to its size where that is above 1.
    numbers : tuple of str
        Where they differ by more than :data:`TOLERANCE`; with the same code also where words do.
    failed : tuple of Message
        Reports that could not be made again.
    """

    environment: tuple[Message, ...]
    inputs: tuple[Message, ...]
    reports: tuple[str, ...] = ()
    same: int = 0
    differ: tuple[str, ...] = ()
    compared: int = 0
    largest: float = 0.0
    numbers: tuple[str, ...] = ()
    failed: tuple[Message, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether the numbers are the same, and in the same environment the bytes too."""
        if self.inputs or self.failed or self.numbers:
            return False
        return bool(self.environment) or not self.differ


def rerun(
    path: Path, which: str, *, project: Path | None = None, workers: int | None = None
) -> Rerun:
    """Run reports of a run again and compare them.

    Parameters
    ----------
    path : Path
        Folder of the run, or a pack.
    which : str
        ``all``, or how many; which ones follows from the run's id.
    project : Path, optional
        Folder with the inputs; those in the pack, or the folders above the run, by default.
    workers : int, optional

    Raises
    ------
    WorkbenchError
        If the inputs are not to be found.
    """
    contents = contents_of(path)
    manifest = read_manifest(contents)
    keys = chosen(manifest, which)
    environment = tuple(differences(manifest))
    with project_of(contents, manifest, project) as root, tempfile.TemporaryDirectory() as out:
        changed = tuple(changed_inputs(root, manifest))
        if changed:
            return Rerun(environment, changed)
        study = Study.open(root / manifest.study_file, locale=manifest.choices.locale)
        plan = make_plan(
            study,
            only=keys,
            formats=manifest.choices.formats,
            out=Path(out) / "run",
            force=True,
            parameters=manifest.choices.parameters,
        )
        outcome = execute_plan(plan, workers=workers)
        failed = tuple(
            Message("{report}: {reason}", report=e.job, reason=e.reason) for e in outcome.failures
        )
        return _compared(contents, manifest, keys, plan.run, environment, failed)


def chosen(manifest: Manifest, which: str) -> list[str]:
    """Return the keys of the reports to run again."""
    every = [r.key for r in manifest.reports]
    if which == ALL:
        return every
    if not which.isdecimal() or int(which) < 1:
        what = Message("this is neither a number of reports nor {word}", word=ALL)
        raise WorkbenchError(Problem(Reason.PARAMETER_VALUE, what, Place("--rerun"), got=which))
    # A sample that nobody picked, and that anybody draws again.
    units = [r.key for r in manifest.reports if r.kind == "unit"] or every
    drawn = sorted(units, key=lambda key: sha256_of_text(manifest.run_id + key))
    return sorted(drawn[: int(which)])


def differences(manifest: Manifest) -> Iterator[Message]:
    """Yield in what this environment differs from that of a run."""
    then, now = manifest.software, software(manifest.software.lock_sha256)
    if then.version != now.version:
        yield Message(
            "the workbench is version {now}, the run was made by {then}",
            now=now.version,
            then=then.version,
        )
    if then.code_sha256 != now.code_sha256:
        yield Message("the code of the workbench is another one")
    if then.python != now.python:
        yield Message(
            "Python is {now}, the run was made by {then}", now=now.python, then=then.python
        )
    for name in sorted(then.libraries.keys() | now.libraries.keys()):
        there, here = then.libraries.get(name, "-"), now.libraries.get(name, "-")
        if there != here:
            yield Message(
                "{name} is {now}, the run was made by {then}", name=name, now=here, then=there
            )
    if then.machine != now.machine:
        yield Message(
            "this machine is {now}, that of the run {then}", now=now.machine, then=then.machine
        )


@contextmanager
def project_of(contents: Contents, manifest: Manifest, project: Path | None) -> Iterator[Path]:
    """Give the folder with the inputs of a run."""
    names = set(contents.names())
    if project is None and any(name.startswith(INPUTS) for name in names):
        with (
            tempfile.TemporaryDirectory(prefix="workbench-") as folder,
            environment({REFERENCE_FOLDER: str(Path(folder) / "reference")}),
        ):
            root = Path(folder) / "project"
            for file in manifest.sources:
                if packed_name(file) in names:
                    content = contents.read(packed_name(file), file.bytes)
                    write_whole(locate(root, file.path), content)
            yield root
        return
    places = [project] if project else [*contents.path.resolve().parents]
    for place in places:
        if (place / manifest.study_file).is_file():
            yield place
            return
    what = Message(
        "the inputs of the run are not to be found: there is no {file}", file=manifest.study_file
    )
    fix = Message("Name the project folder with --project.")
    raise WorkbenchError(Problem(Reason.PROJECT_MISSING, what, Place(str(contents.path)), fix=fix))


def changed_inputs(root: Path, manifest: Manifest) -> Iterator[Message]:
    """Yield the inputs that are not those of the run."""
    for file in manifest.sources:
        path = find_source(file.path, root)
        if path is None:
            withheld = file.path in manifest.restricted
            yield (
                Message("{file} is not handed on with the run", file=file.path)
                if withheld
                else Message("{file} is missing", file=file.path)
            )
        elif sha256_of_file(path) != file.sha256:
            yield Message("{file} is not the one of the run", file=file.path)


def _compared(
    contents: Contents,
    manifest: Manifest,
    keys: list[str],
    run: Path,
    environment: tuple[Message, ...],
    failed: tuple[Message, ...],
) -> Rerun:
    """Return what differs between recorded files and those made again."""
    recorded = [f for f in manifest.data if f.path != LISTING]  # it lists less than the whole run
    reports = [report for report in manifest.reports if report.key in keys]
    recorded += [file for report in reports for file in report.files]
    same, differ = 0, []
    for file in recorded:
        made = run / file.path
        if made.is_file() and sha256_of_file(made) == file.sha256:
            same += 1
        elif made.is_file() or not file.path.startswith(VIEWS):  # a view for each report asked for
            differ.append(file.path)
    words = manifest.software.code_sha256 == code_sha256()
    found = Numbers()
    again = FolderContents(run)
    _compare_scores(contents.read_table(SCORES), again.read_table(SCORES), found)
    for report in reports:
        unit = report.key.split("/")[0] if report.kind == "unit" else COHORT
        name = f"{VIEWS}{unit}.json"
        if (run / name).is_file() and name in contents.names():
            then, now = contents.read_json(name), again.read_json(name)
            for place, gap in _gaps(then, now, report.key, words=words):
                found.add(gap, place)
    return Rerun(
        environment, (), tuple(keys), same, tuple(differ), found.compared, found.largest,
        tuple(found.places[:MOST]), failed,
    )  # fmt: skip


@dataclass
class Numbers:
    """Numbers that were compared: how many, by how much they differ at most, and where too much."""

    compared: int = 0
    largest: float = 0.0
    places: list[str] = field(default_factory=list)

    def add(self, gap: float, place: str) -> None:
        """Count a number that was compared."""
        self.compared += 1
        self.largest = max(self.largest, gap)
        if gap > TOLERANCE:
            self.places.append(place)

    def add_column(self, gaps: np.ndarray, cases: pd.MultiIndex, column: str) -> None:
        """Count the numbers of a column of scores."""
        self.compared += len(gaps)
        self.largest = max(self.largest, float(gaps.max(initial=0.0)))
        for row in np.flatnonzero(gaps > TOLERANCE)[:MOST]:
            self.places.append(f"{' '.join(cases[row])}: {column}")


def _compare_scores(then: pd.DataFrame, now: pd.DataFrame, found: Numbers) -> None:
    """Compare all scores; a level, status or row that differs does so infinitely."""
    a, b = (frame.astype(dict.fromkeys(CASE, "str")).set_index(CASE) for frame in (then, now))
    cases = pd.MultiIndex.from_tuples(a.index.union(b.index), names=CASE)
    only = ~(cases.isin(a.index) & cases.isin(b.index))
    a, b = a.reindex(cases), b.reindex(cases)
    for column in a.columns.intersection(b.columns):
        found.add_column(
            np.where(only, np.inf, _gaps_of_column(a[column], b[column])), cases, column
        )


def _gaps_of_column(then: pd.Series, now: pd.Series) -> np.ndarray:
    """Return gaps, relative to a number's size where that is above 1; missing ones are alike."""
    if not pd.api.types.is_numeric_dtype(then):
        differ = then.astype("object").fillna("") != now.astype("object").fillna("")
        return np.where(differ.to_numpy(), np.inf, 0.0)
    x, y = then.to_numpy(float), now.to_numpy(float)
    gaps = np.abs(x - y) / np.maximum(1.0, np.abs(x))
    alike = (np.isnan(x) & np.isnan(y)) | (x == y)
    return np.where(alike, 0.0, np.where(np.isnan(gaps), np.inf, gaps))


def _gaps(then: Any, now: Any, place: str, *, words: bool) -> Iterator[tuple[str, float]]:
    """Yield by how much each number of two views differs; infinitely where words do.

    Other code may say the same in other words, and more or less of it: then numbers that stand in
    the same place are compared.
    """
    if isinstance(then, dict) and isinstance(now, dict):
        for key in sorted(then.keys() & now.keys() if not words else then.keys() | now.keys()):
            if key not in OWN_OF_A_RUN:
                yield from _gaps(then.get(key), now.get(key), f"{place}.{key}", words=words)
    elif isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        for index, (a, b) in enumerate(zip(then, now, strict=True)):
            yield from _gaps(a, b, f"{place}[{index}]", words=words)
    elif _number(then) and _number(now):
        yield place, abs(then - now) / max(1.0, abs(then))
    elif then != now and words:
        yield place, float("inf")


def _number(value: Any) -> bool:
    """Return whether a value is a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def close(a: pd.Series, b: pd.Series) -> np.ndarray:
    """Return which numbers are the same but for their last digits; missing ones are alike."""
    return np.asarray(_gaps_of_column(a, b) <= TOLERANCE)
