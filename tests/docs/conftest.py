"""The site of the documentation, built once for the tests that look at it."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, ROOT


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as ``make docs`` builds it, elsewhere.

    A build writes pages beside its sources, so processes that test side by side share one.
    """
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder = shared / "documentation"
    with (shared / "documentation.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "html").is_dir():
            _build(folder)
    return folder / "html"


def _build(folder: Path) -> None:
    """Build the site; what failed is removed, so that the next to ask hears of it too."""
    made = folder.with_name("documentation.part")
    command = [sys.executable, "-m", "sphinx", "--quiet", "--fail-on-warning", "--fresh-env"]
    done = subprocess.run(
        [*command, "--doctree-dir", str(made / "trees"), str(DOCS), str(made / "html")],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    made.rename(folder)
