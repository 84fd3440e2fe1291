"""Areas that are worth as much are named together, or none of them."""

from __future__ import annotations

from typing import Any

import pytest

from workbench.display.blocks import as_rich
from workbench.display.standouts import MOST_LISTED, bullets_of, first_of
from workbench.language import as_locale, plain


@pytest.mark.parametrize(
    ("ordered", "k", "expected"),
    [
        ([1, 2, 3, 4], 2, [1, 2]),
        ([0, 0, 0, 50], 2, [0, 0, 0]),
        ([5, 3, 3, 3, 1], 2, [5, 3, 3, 3]),
        ([1, 2, 2, 2, 2, 5], 2, [1]),
        ([2, 2, 2, 2, 2, 5], 2, [2, 2, 2, 2, 2]),
        ([1, 2], 3, [1, 2]),
        ([1, 2], 0, []),
        ([1, 2], -1, []),
        ([], 2, []),
    ],
)
def test_equals_are_named_together(ordered: Any, k: int, expected: list[int]) -> None:
    assert first_of(ordered, k, float) == expected


def test_a_long_list_says_how_many_more() -> None:
    items = [as_rich(str(i)) for i in range(MOST_LISTED + 4)]
    said = [plain(x) for x in bullets_of(items, as_locale("es-MX")).items]
    assert len(said) == MOST_LISTED + 1
    assert said[-1] == "y 4 más, iguales a la última"
    assert len(bullets_of(items[: MOST_LISTED + 1], as_locale("es-MX")).items) == MOST_LISTED + 1
