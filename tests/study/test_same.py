"""Shares of two waves over the same indicators, against a count by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.study import Study


def test_against_a_count_by_hand(ejemplo: Study) -> None:
    frame = ejemplo.scores.frame
    wide = {
        wave: frame.loc[frame["wave"] == wave].set_index("node")[["level", "status"]]
        for wave in ("2025", "2026")
    }
    view = ejemplo.view("99001")
    for node in view.nodes:
        if node.earlier is None or node.earlier.score is None or node.score is None:
            continue
        leaves = list(ejemplo.instrument.nodes[node.code].leaves)
        table = pd.concat({w: t.loc[leaves] for w, t in wide.items()}, axis=1)
        inside = {w: table[w]["status"] != "not_measurable" for w in wide}
        both = inside["2025"] & inside["2026"]
        top = {w: both & (table[w]["level"] == "optimo") for w in wide}
        same = node.same
        assert same is not None
        assert same.n == both.sum()
        assert np.isclose(same.before, 100 * top["2025"].sum() / both.sum())
        assert np.isclose(same.now, 100 * top["2026"].sum() / both.sum())
        assert same.gained - same.lost == top["2026"].sum() - top["2025"].sum()
        assert same.left == (inside["2025"] & ~inside["2026"]).sum()


def test_the_parts_of_a_change_add_up(ejemplo: Study) -> None:
    node = ejemplo.view("99001").headline[0]
    same, earlier = node.same, node.earlier
    assert same is not None
    assert earlier is not None
    at_level = [round(n.score * n.base / 100) for n in (earlier, node)]
    moved = same.gained - same.lost - same.left_top + same.joined_top
    assert at_level[1] - at_level[0] == moved
    assert node.base - earlier.base == same.joined - same.left


def test_counts_alone_do_not_tell(slp: Study) -> None:
    rows = np.array([0])
    found = slp.builder.like_for_like.compare("total", rows, rows)
    assert found.view(0) is None
