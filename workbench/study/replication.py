"""Published results reproduced: what a source reports beside what its parts give."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from workbench.errors import DataError, Reason
from workbench.language import Message
from workbench.scoring import rank_units
from workbench.scoring.results import NodeResult
from workbench.scoring.states import NO_LEVEL, Basis, Bools
from workbench.specs.study import Replicated
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
        Aggregation of the node.
    n : int
        Units and waves compared.
    error, tolerance : float or None
        Largest difference of scores, and the largest allowed.
    levels, ranks : tuple of int or None
        How many agree, and of how many.
    verdict : str
    note : str
        Why something was not compared.
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


HEADS = [
    ("case", "left"), ("node", "left"), ("waves", "left"), ("method", "left"), ("n", "right"),
    ("error", "right"), ("tolerance", "right"), ("levels", "right"), ("ranks", "right"),
    ("verdict", "left"), ("note", "left"),
]  # fmt: skip


def run_cases(paths: list[Path], *, locale: str | None = None) -> list[Replication]:
    """Return every published result of some studies beside what its parts give."""
    return [found for path in paths for found in replicate(path, locale=locale)]


def rows_of(found: list[Replication]) -> Iterator[tuple[object, ...]]:
    """Yield replications as rows of a table."""
    for r in found:
        pairs = ["" if pair is None else f"{pair[0]}/{pair[1]}" for pair in (r.levels, r.ranks)]
        error = "" if r.error is None else f"{r.error:.2g}"
        allowed = "" if r.tolerance is None else f"{r.tolerance:g}"
        yield r.case, r.node, r.waves, r.method, r.n, error, allowed, *pairs, r.verdict, r.note


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
    """Return the studies that replicate published results: those named, else all shipped.

    Parameters
    ----------
    root : Path
        Project folder.
    names : list of str
        Ids or paths of studies.
    """
    folder = root / "params" / "replications"
    if not names:
        return sorted(folder.glob("*.yml"))
    return [folder / f"{n}.yml" if (folder / f"{n}.yml").is_file() else Path(n) for n in names]


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
    try:
        scores = study.scores
    except DataError as error:
        if all(p.reason == Reason.FILE_MISSING for p in error.problems):
            note = error.problems[0].text(study.locale.tag)
            yield Replication(
                study.spec.id, "", "", "", 0, None, None, None, None, "not checked", note
            )
            return
        raise
    for check in study.spec.replication:
        node = scores.instrument.node(check.node)
        method = node.aggregate.method if node.aggregate is not None else node.kind
        waves = scores.cases.get_level_values("wave")
        rows = np.ones(len(waves), dtype=bool) if check.waves is None else waves.isin(check.waves)
        shown = ", ".join(check.waves or [w.id for w in study.spec.waves])
        yield _compared(study, check, scores.results[check.node], rows, method, shown)


def _compared(
    study: Study, check: Replicated, result: NodeResult, rows: Bools, method: str, waves: str
) -> Replication:
    """Return one comparison."""
    both = rows & (result.basis == Basis.REPORTED) & ~np.isnan(result.computed)
    both &= ~np.isnan(result.score)
    error = float(np.abs(result.score[both] - result.computed[both]).max()) if both.any() else None
    worded = rows & (result.basis == Basis.REPORTED) & (result.computed_level != NO_LEVEL)
    worded &= result.level != NO_LEVEL
    same = worded & (result.level == result.computed_level)
    levels = (int(same.sum()), int(worded.sum())) if check.levels else None
    ranks = _ranks(study, check.node, result, both) if check.ranks else None
    n = int((both | worded).sum())
    if check.not_reproducible is not None:
        verdict: Verdict = "not reproducible"
    elif n == 0:
        verdict = "not checked"
    else:
        verdict = "agrees" if _agrees(check, error, (levels, ranks)) else "differs"
    note = check.not_reproducible.in_(study.locale.tag) if check.not_reproducible else ""
    return Replication(
        study.spec.id, check.node, waves, method, n, error, check.tolerance, levels, ranks,
        verdict, note,
    )  # fmt: skip


def _agrees(
    check: Replicated, error: float | None, counts: tuple[tuple[int, int] | None, ...]
) -> bool:
    """Return whether a difference is within its tolerance, and all levels and places agree."""
    if check.tolerance is not None and (error is None or error > check.tolerance * (1 + SLACK)):
        return False
    return all(pair is None or (pair[0] == pair[1] and pair[1] > 0) for pair in counts)


def _ranks(study: Study, code: str, result: NodeResult, both: Bools) -> tuple[int, int]:
    """Return how many units have the same place by reported and by computed scores, by wave.

    Places are compared within the ties that the printed digits of the reported scores leave.
    """
    waves = study.scores.cases.get_level_values("wave").to_numpy()
    direction = study.instrument.nodes[code].spec.direction
    agree = total = 0
    for wave in dict.fromkeys(waves[both]):
        rows = both & (waves == wave)
        given, computed = result.score[rows], result.computed[rows]
        slack = float(np.abs(given - computed).max())
        place = rank_units(given, given, given, direction=direction).rank
        near = rank_units(computed, computed - slack, computed + slack, direction=direction)
        agree += int(((near.best <= place) & (place <= near.worst)).sum())
        total += int(rows.sum())
    return agree, total
