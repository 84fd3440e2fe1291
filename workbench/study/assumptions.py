"""Which rules that no source prints a result rests on."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from workbench.instruments import Assumption
from workbench.scoring import Scores


def assumptions_of(scores: Scores, rows: np.ndarray) -> Iterator[Assumption]:
    """Yield the assumptions on which any result of some cases rests, each text once.

    Parameters
    ----------
    scores : Scores
    rows : array of int
        Rows of the cases.
    """
    used = {r.path for r in scores.remarks if r.kind == "rule" and bool(r.where[rows].any())}
    seen: set[tuple[str, object]] = set()
    for assumption in scores.instrument.assumptions:
        key = (assumption.status, assumption.reason)
        if assumption.path in used and key not in seen:
            seen.add(key)
            yield assumption
