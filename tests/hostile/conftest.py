"""The hostile study, run once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.hostile.project import REPORTED, hostile
from workbench.runs.plan import make_plan
from workbench.runs.run import execute_plan
from workbench.study import Study


@pytest.fixture(scope="session")
def hostile_study(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Study:
    """The study, opened."""
    project = hostile(tmp_path_factory.mktemp("hostile"))
    path = project.write()
    shutil.copytree(root / "notebooks", project.path / "notebooks")
    return Study.open(path)


@pytest.fixture(scope="session")
def hostile_run(hostile_study: Study) -> Path:
    """The folder of its run: two reports of units, that of the cohort, and the site."""
    plan = make_plan(hostile_study, units=REPORTED, only=["cohort"])
    done = execute_plan(plan, workers=1)
    assert done.failed == 0
    return plan.run
