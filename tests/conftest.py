"""Fixtures shared by all tests: the project, the shipped studies, and small projects made for a test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.support import Project
from workbench.instruments import Instrument, load_instrument
from workbench.study import Study

ROOT = Path(__file__).parents[1]
CHROMIUM = Path("/usr/bin/chromium")  # as Debian's package puts it


@pytest.fixture(scope="session")
def root() -> Path:
    """Folder of the project."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder with reference data that are not part of the project; tests that need it skip without."""
    path = Path(os.environ.get("WORKBENCH_REFERENCE", ROOT.parent / "shared"))
    if not path.is_dir():
        pytest.skip(f"reference data not found at {path}; set WORKBENCH_REFERENCE to their folder")
    return path


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium without a window; a process can hold one alone."""
    path = str(CHROMIUM) if CHROMIUM.is_file() else shutil.which("chromium")
    if path is None:
        pytest.skip("no chromium on this machine: apt-get install chromium")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture(scope="session")
def gdm() -> Instrument:
    """The Guía Consultiva de Desempeño Municipal."""
    return load_instrument(ROOT / "data/instruments/gdm-2025-2027.yml")


@pytest.fixture(scope="session")
def pefa() -> Instrument:
    """PEFA 2016."""
    return load_instrument(ROOT / "data/instruments/pefa-2016.yml")


@pytest.fixture(scope="session")
def slp() -> Study:
    """The study of San Luis Potosí."""
    return Study.open(ROOT / "params/gdm-slp-2025.yml")


@pytest.fixture(scope="session")
def ejemplo() -> Study:
    """The worked example."""
    return Study.open(ROOT / "params/gdm-ejemplo.yml")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An empty project folder to fill."""
    return Project(tmp_path)


@pytest.fixture(autouse=True)
def _outside_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep tests free of variables that a developer's shell may hold."""
    monkeypatch.delenv("WORKBENCH_RUN", raising=False)
    monkeypatch.delenv("WORKBENCH_LANG", raising=False)


# Where everything that tests need is present, a skipped test is a test that was not run: it fails CI.
_skipped: list[str] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.skipped and not hasattr(report, "wasxfail"):
        _skipped.append(report.nodeid)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if os.environ.get("WORKBENCH_NO_SKIPS") and _skipped and session.exitstatus == 0:
        print(f"\nskipped although nothing may be: {', '.join(sorted(set(_skipped)))}")
        session.exitstatus = 1
