"""Bases of shares and what is known of reported results."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from workbench.study import Study
from workbench.study.tallies import agrees, base_of, parts_known


def test_a_base_gives_the_printed_percentage(slp: Study) -> None:
    scores = slp.scores
    deduced = 0
    for code, counts in scores.counts.items():
        place = counts.labels.index("optimo")
        for row in range(len(scores.cases)):
            base, guessed = base_of(scores, code, row, 1)
            score = scores.results[code].score[row]
            if base and not np.isnan(score) and not np.isnan(counts.table[row, place]):
                share = 100 * counts.table[row, place] / base
                assert abs(share - score) < 0.0501, (code, row)
            deduced += guessed
    assert deduced > 10


def test_sources_round_halves_either_way() -> None:
    assert agrees(31.25, 31.2, 1)
    assert agrees(31.25, 31.3, 1)
    assert not agrees(31.25, 31.1, 1)


def test_reported_totals_have_no_known_parts(slp: Study, root: Path) -> None:
    rows = np.arange(len(slp.scores.cases))
    assert parts_known(slp.scores, "total", rows).all()
    scores = Study.open(root / "params/cimtra-monterrey.yml").scores
    assert not parts_known(scores, "total", np.arange(len(scores.cases))).any()
