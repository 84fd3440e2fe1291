"""A difference that the study declares beforehand is no defect of its data."""

from __future__ import annotations

import pytest

from workbench.language import Message
from workbench.observations import DataWarning
from workbench.specs.study import Replicated
from workbench.study.defects import is_explained

DECLARED = Replicated(node="IM", tolerance=0.0016, waves=("2010",))


@pytest.mark.parametrize(
    ("given", "computed", "wave", "node", "explained"),
    [
        (1.654, 1.65476, "2010", "IM", True),
        (1.654, 1.66, "2010", "IM", False),
        (1.654, 1.65476, "2000", "IM", False),
        (1.654, 1.65476, "2010", "IMN", False),
        ("Alto", "Medio", "2010", "IM", False),
    ],
)
def test_only_what_is_declared_is_explained(
    given: object, computed: object, wave: str, node: str, explained: bool
) -> None:
    said = Message("{node} is reported as {given}; its parts give {computed}.",
                   node=node, given=given, computed=computed)  # fmt: skip
    warning = DataWarning("reported_differs", said, "07111", wave, node)
    assert is_explained(warning, [DECLARED]) is explained
