"""Published results reproduced: what a source reports beside what its parts give."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from workbench.errors import DataError, Place, Problem, Reason, did_you_mean
from workbench.language import Message, marked, translate
from workbench.scoring import rank_units
from workbench.scoring.results import NodeResult
from workbench.scoring.states import NO_LEVEL, Basis, Bools, Floats
from workbench.specs.study import Places, Replicated
from workbench.specs.yaml import is_file
from workbench.study.facade import Study

Verdict = Literal["agrees", "differs", "not reproducible", "not checked"]
# The tolerance is a decimal; the difference of two decimals may exceed it by binary noise.
SLACK = 1e-9


@dataclass(frozen=True)
class Replication:
    """One published result of a study beside what was computed.

    Parameters
    ----------
    case : str
        Id of the study.
    node : str
    waves : str
        Waves compared, joined.
    method : str
        Aggregation of the node, or kind of the indicator.
    n : int
        Units and waves compared.
    error, tolerance : float or None
        Largest difference of scores, and the largest allowed.
    levels, ranks : tuple of int or None
        How many agree, and of how many.
    verdict : str
    note : str
        Why something was not compared, or why not all must agree.
    seconds : float
        Time of the whole case, on its first result.
    """

    case: str
    node: str
    waves: str
    method: str
    n: int
    error: float | None
    tolerance: float | None
    levels: tuple[int, int] | None
    ranks: tuple[int, int] | None
    verdict: Verdict
    note: str = ""
    seconds: float | None = None


HEADS = (
    (Message("case"), "left"), (Message("node"), "left"), (Message("waves"), "left"),
    (Message("method"), "left"), (Message("n"), "right"), (Message("error"), "right"),
    (Message("tolerance"), "right"), (Message("levels"), "right"), (Message("ranks"), "right"),
    (Message("verdict"), "left"), (Message("seconds"), "right"), (Message("note"), "left"),
)  # fmt: skip
VERDICTS: dict[Verdict, str] = {
    "agrees": marked("agrees"), "differs": marked("differs"),
    "not checked": marked("not checked"), "not reproducible": marked("not reproducible"),
}  # fmt: skip


def run_cases(paths: list[Path], *, locale: str | None = None) -> list[Replication]:
    """Return every published result of some studies beside what its parts give."""
    found = []
    for path in paths:
        start = time.perf_counter()
        first, *others = replicate(path, locale=locale)
        found += [replace(first, seconds=time.perf_counter() - start), *others]
    return found


def rows_of(found: list[Replication], tag: str) -> Iterator[tuple[object, ...]]:
    """Yield replications as rows of a table in the language of ``tag``."""
    for r in found:
        pairs = ["" if pair is None else f"{pair[0]}/{pair[1]}" for pair in (r.levels, r.ranks)]
        error = "" if r.error is None else f"{r.error:.2g}"
        allowed = "" if r.tolerance is None else f"{r.tolerance:g}"
        spent = "" if r.seconds is None else f"{r.seconds:.1f}"
        verdict = translate(VERDICTS[r.verdict], tag)
        yield (
            r.case, r.node, r.waves, r.method, r.n, error, allowed, *pairs, verdict, spent, r.note
        )  # fmt: skip


def summary(found: list[Replication]) -> tuple[Message, int, int]:
    """Return how many results were checked, in a sentence; those that differ; those not checked."""
    differs = sum(r.verdict == "differs" for r in found)
    unchecked = sum(r.verdict == "not checked" for r in found)
    possible = [r for r in found if r.verdict != "not reproducible"]
    message = Message(
        "{n} of {m} checked; {agrees} agree.",
        n=len(possible) - unchecked,
        m=len(possible),
        agrees=sum(r.verdict == "agrees" for r in found),
    )
    return message, differs, unchecked


def find_cases(root: Path, names: list[str]) -> list[Path]:
    """Return the studies that replicate published results: those named, else all of the project.

    Any study may have a section ``replication``. Those in ``params/replications`` serve nothing
    else: their data are not part of the project.

    Parameters
    ----------
    root : Path
        Project folder.
    names : list of str
        Ids or paths of studies.
    """
    folders = (root / "params" / "replications", root / "params")
    if names:
        tried = ([folder / f"{name}.yml" for folder in folders] for name in names)
        return [
            next((path for path in paths if is_file(path)), Path(name))
            for name, paths in zip(names, tried, strict=True)
        ]
    return [
        path for folder in folders for path in sorted(folder.glob("*.yml")) if _replicates(path)
    ]


def _replicates(path: Path) -> bool:
    """Return whether a study says what it reproduces."""
    text = path.read_text(encoding="utf-8", errors="replace")
    return any(line.startswith("replication:") for line in text.splitlines())


def replicate(path: Path, *, locale: str | None = None) -> Iterator[Replication]:
    """Yield every published result of one study beside what its parts give.

    Parameters
    ----------
    path : Path
        Study with ``replication``.
    locale : str, optional
        Language of notes.

    Raises
    ------
    WorkbenchError
        If the study is wrong. Where its reference data are absent, it is not checked.
    """
    study = Study.open(path, locale=locale)
    if not study.spec.replication:
        what = Message("the study does not say which published results it reproduces")
        fix = Message("Add replication: with a node and its tolerance.")
        raise DataError(Problem(Reason.SPEC_MISSING_KEY, what, Place(study.spec.id), fix=fix))
    try:
        _ = study.scores
    except DataError as error:
        if all(p.reason == Reason.FILE_MISSING for p in error.problems):
            note = error.problems[0].text(study.locale.tag)
            yield Replication(
                study.spec.id, "", "", "", 0, None, None, None, None, "not checked", note
            )
            return
        raise
    for index, check in enumerate(study.spec.replication):
        _check_names(study, check, index)
        for code in check.nodes:
            yield _compared(study, check, code)


def _compared(study: Study, check: Replicated, code: str) -> Replication:
    """Return one comparison of one node."""
    scores = study.scores
    node, result = scores.instrument.nodes[code], scores.results[code]
    method = node.aggregate.method if node.aggregate is not None else node.kind
    waves = scores.cases.get_level_values("wave")
    rows = np.ones(len(waves), dtype=bool) if check.waves is None else waves.isin(check.waves)
    # An indicator may be observed beside its variables; its value is what they give.
    basis, given = Basis.REPORTED, result.score
    if node.is_indicator:
        basis, given = Basis.OBSERVED, result.value
    here = np.asarray(rows & ~np.isnan(result.score))
    rows = rows & (result.basis == basis)
    both = rows & ~np.isnan(result.computed) & ~np.isnan(given)
    worded = rows & (result.level != NO_LEVEL)
    own = result.cut_level if check.levels_of_reported else result.computed_level
    worded &= own != NO_LEVEL
    if check.levels_of_reported:
        worded &= ~np.isnan(given)
    same = worded & (result.level == own)
    compares_levels = check.levels or check.levels_of_reported
    levels = (int(same.sum()), int(worded.sum())) if compares_levels else None
    compares_scores = check.tolerance is not None or check.not_reproducible is not None
    n = int((both if compares_scores or check.ranks else worded & compares_levels).sum())
    ranks = _ranks(study, given, result, both, node.sense) if check.ranks else None
    if check.places is not None:
        ranks = _places(study, check.places, result, here, node.sense)
        n = max(n, ranks[1])
    error = None
    if both.any() and compares_scores:
        error = float(np.abs(given[both] - result.computed[both]).max())
    if check.not_reproducible is not None:
        verdict: Verdict = "not reproducible"
    elif n == 0:
        verdict = "not checked"
    else:
        verdict = "agrees" if _agrees(check, error, (levels, ranks)) else "differs"
    told = check.not_reproducible or (check.reason if check.share < 1 else None)
    return Replication(
        study.spec.id, code, ", ".join(check.waves or [w.id for w in study.spec.waves]),
        method, n, error, check.tolerance, levels, ranks, verdict,
        told.in_(study.locale.tag) if told else "",
    )  # fmt: skip


def _check_names(study: Study, check: Replicated, index: int) -> None:
    """Refuse a comparison that names a node, wave, fact or group that does not exist."""
    places = check.places
    facts = [fact.id for fact in study.instrument.spec.facts]
    named = [
        ("node", check.nodes, list(study.instrument.nodes)),
        ("waves", check.waves or (), [w.id for w in study.spec.waves]),
        ("places.fact", [places.fact] if places else [], facts),
        (
            "places.within",
            [places.within] if places and places.within else [],
            [*facts, *study.spec.units.groups],
        ),
    ]
    for key, names, known in named:
        for name in names:
            if name not in known:
                what = Message("{name} is not defined", name=name)
                place = Place(study.spec.id, path=f"replication[{index}].{key}")
                fix = did_you_mean(name, known)
                raise DataError(Problem(Reason.SPEC_REFERENCE, what, place, fix=fix))


def _agrees(
    check: Replicated, error: float | None, counts: tuple[tuple[int, int] | None, ...]
) -> bool:
    """Return whether a difference is within its tolerance, and enough levels and places agree."""
    if check.tolerance is not None and (error is None or error > check.tolerance * (1 + SLACK)):
        return False
    return all(
        pair is None or (pair[1] > 0 and pair[0] >= check.share * pair[1] - SLACK)
        for pair in counts
    )


def _ranks(
    study: Study, given: Floats, result: NodeResult, both: Bools, direction: int
) -> tuple[int, int]:
    """Return how many units have the same place by reported and by computed scores, by wave.

    Places are compared within the ties that the printed digits of the reported scores leave.
    """
    waves = study.scores.cases.get_level_values("wave").to_numpy()
    agree = total = 0
    for wave in dict.fromkeys(waves[both]):
        rows = both & (waves == wave)
        printed, computed = given[rows], result.computed[rows]
        slack = float(np.abs(printed - computed).max())
        place = rank_units(printed, printed, printed, direction=direction).rank
        near = rank_units(computed, computed - slack, computed + slack, direction=direction)
        agree += int(((near.best <= place) & (place <= near.worst)).sum())
        total += int(rows.sum())
    return agree, total


def _places(
    study: Study, places: Places, result: NodeResult, rows: Bools, direction: int
) -> tuple[int, int]:
    """Return how many units stand at the printed place by the score that stands.

    Units of one score share their places, in whatever order these were printed.
    """
    printed = study.scores.facts[places.fact]
    waves = study.scores.cases.get_level_values("wave").to_numpy()
    direction = direction if places.first == "best" else -direction
    within = _within(study, places)
    agree = total = 0
    for wave in dict.fromkeys(waves[rows]):
        for group in dict.fromkeys(within[rows & (waves == wave)]):
            here = rows & (waves == wave) & (within == group)
            score = result.score[here]
            found = rank_units(score, score, score, direction=direction)
            place = printed[here]
            known = ~np.isnan(place) & ~np.isnan(found.rank)
            inside = (found.rank <= place) & (place < found.rank + found.ties)
            agree += int((inside & known).sum())
            total += int(known.sum())
    return agree, total


def _within(study: Study, places: Places) -> np.ndarray:
    """Return the group of each case in which its place is counted."""
    if places.within is None:
        return np.zeros(study.scores.n_cases)
    if places.within in study.scores.facts:
        return study.scores.facts[places.within]
    units = study.scores.cases.get_level_values("unit")
    return study.units[places.within].reindex(units).to_numpy()
