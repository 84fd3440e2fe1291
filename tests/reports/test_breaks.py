"""Page breaks of a PDF: plans follow from places, and settle."""

from __future__ import annotations

from typing import Any

import pytest

from workbench.reports.breaks import BOTTOM, PAGE, TOP, exact_plans, next_plans


def figure(index: int, y: float, page: int = 1) -> dict[str, Any]:
    return {
        "index": str(index),
        "page": page,
        "y": y,
        "headed": False,
        "picture": 200.0,
        "around": 50.0,
    }


def table(
    index: int, y: float, height: float, page: int = 1, *, whole: bool = True
) -> dict[str, Any]:
    return {
        "index": str(index),
        "page": page,
        "y": y,
        "headed": True,
        "height": height,
        "whole": whole,
    }


@pytest.mark.parametrize(
    ("room", "moved", "share"),
    [(300.0, False, 1.0), (262.0, False, 1.0), (232.0, False, 0.85), (180.0, True, 1.0)],
    ids=["room enough", "just enough", "smaller", "next page"],
)
def test_a_figure_shrinks_within_limits_else_goes_to_the_next_page(
    room: float, moved: bool, share: float
) -> None:
    plan = exact_plans([figure(0, BOTTOM - room)], {})["0"]
    assert (plan["moved"], plan["share"]) == (moved, pytest.approx(share, abs=1e-3))


def test_a_table_begins_where_it_fits_and_a_long_one_where_a_few_rows_do() -> None:
    assert not exact_plans([table(0, BOTTOM - 200, 150.0)], {})["0"]["moved"]
    assert exact_plans([table(0, BOTTOM - 200, 190.0)], {})["0"]["moved"]
    assert not exact_plans([table(0, BOTTOM - 150, 900.0, whole=False)], {})["0"]["moved"]
    assert exact_plans([table(0, BOTTOM - 130, 900.0, whole=False)], {})["0"]["moved"]


def test_what_barely_fits_is_not_moved_and_moved_back() -> None:
    """Once moved, a group has lost the space above it: its room is judged with it."""
    spots = [table(0, BOTTOM - 180, 150.0)]
    first = exact_plans(spots, {})
    assert not first["0"]["moved"]
    moved = {"0": {**first["0"], "moved": True}}
    assert exact_plans([table(0, BOTTOM - 180, 150.0)], moved)["0"]["moved"]


def test_what_follows_a_change_moves_along() -> None:
    """The first table goes to the next page; the second then begins below it, where it fits."""
    spots = [table(0, BOTTOM - 100, 300.0), table(1, TOP + 200, 300.0, page=2)]
    before = {s["index"]: {"moved": False, "share": 1.0, "whole": True} for s in spots}
    plans = next_plans(spots, before)
    assert plans["0"]["moved"]
    assert not plans["1"]["moved"]
    below = [table(0, BOTTOM - 100, 300.0), table(1, BOTTOM - 350, 300.0, page=2)]
    assert not exact_plans(below, before)["1"]["moved"]
    assert next_plans(below, before)["1"]["moved"]  # for it will begin lower down


def test_without_a_change_plans_are_those_of_the_places() -> None:
    spots = [figure(0, TOP + 10), table(1, TOP + 300, 200.0), figure(2, TOP + PAGE - 90, page=1)]
    plans = exact_plans(spots, exact_plans(spots, {}))
    assert next_plans(spots, plans) == plans


def test_nothing_to_plan() -> None:
    assert exact_plans([], {}) == next_plans([], {}) == {}
