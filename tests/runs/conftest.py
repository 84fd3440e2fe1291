"""Processes that several tests of runs share, and what they are reached by."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from tests.runs.engines import Bench, worker
from tests.runs.host import Host


@pytest.fixture(scope="module")
def pool() -> Iterator[ProcessPoolExecutor]:
    """Give a process started as those are that render reports."""
    with worker() as process:
        yield process


@pytest.fixture
def bench(pool: ProcessPoolExecutor, tmp_path: Path) -> Bench:
    """Give what runs notebooks by an engine in that process."""
    return Bench(pool, tmp_path)


@pytest.fixture(scope="module")
def host(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """Give a process that starts command lines."""
    made = Host(tmp_path_factory.mktemp("host"), root)
    yield made
    made.close()
