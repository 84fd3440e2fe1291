"""Ranges of levels agree with the cut-points that they word."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.instruments import Instrument
from workbench.instruments.bands import sample_points
from workbench.study.views import LevelRange
from workbench.study.yardstick import ranges_of


def holds(entry: LevelRange, x: float) -> bool:
    above = entry.low is None or x > entry.low or (entry.low_in and x == entry.low)
    below = entry.high is None or x < entry.high or (entry.high_in and x == entry.high)
    return above and below


def test_every_value_is_in_the_range_of_its_level(gdm: Instrument) -> None:
    seen = 0
    for code in gdm.indicators:
        node = gdm.nodes[code]
        ranges = ranges_of(node)
        if not ranges:
            continue
        assert node.bands is not None
        seen += 1
        points = sample_points(node.bands, None, None)
        for x, level in zip(points, node.bands.level_of(points), strict=True):
            found = {r.level for r in ranges if holds(r, float(x))}
            expected = {gdm.levels_of(code)[level].id} if level >= 0 else set()
            assert found == expected, (code, x)
    assert seen > 30


def test_checklists_have_none(gdm: Instrument) -> None:
    lists = [c for c in gdm.indicators if gdm.nodes[c].kind == "checklist"]
    assert all(ranges_of(gdm.nodes[c]) == () for c in lists)


@pytest.mark.parametrize(
    ("code", "levels"), [("1.1.4", ["rezago", "en_proceso", "optimo"]), ("2.3.3", ["rezago", "optimo"])]
)  # fmt: skip
def test_worst_level_first(gdm: Instrument, code: str, levels: list[str]) -> None:
    assert [r.level for r in ranges_of(gdm.nodes[code])] == levels
    assert np.all([r.low is not None or r.high is not None for r in ranges_of(gdm.nodes[code])])
