"""Reference cases computed in R."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.stats.reference import Case, read_case


@pytest.fixture
def reference(shared: Path) -> Callable[[str], Case]:
    """Return what reads a case by its id; skips where the reference data are absent."""
    return lambda name: read_case(shared / "reference" / "stats", name)
