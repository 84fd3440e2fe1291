"""The notebook of audits runs by papermill alone, and becomes a page and a PDF."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.audit.studies import asem_study, gdm_study
from tests.reports.test_comparison_notebooks import check, run

pytestmark = pytest.mark.slow
LOCALES = ("es-MX", "en")


def looked_at(blocks: list[dict], least: int) -> None:
    """Look at what a report shows: pictures with words and tables, ten steps."""
    figures = [b for b in blocks if b["kind"] == "figure"]
    assert len(figures) >= least
    for figure in figures:
        assert figure["alt"]
        assert figure["table"]
        assert len(figure["svg"]) < 400_000
    steps = " ".join(str(b["text"]) for b in blocks if b["kind"] == "heading")
    assert all(str(number) in steps for number in range(1, 11))


@pytest.mark.parametrize("locale", LOCALES)
def test_the_audit_of_asem(root: Path, tmp_path: Path, shared: Path, locale: str) -> None:
    reference = shared / "reference" / "coinr"
    if not reference.is_dir():
        pytest.skip(f"COINr's tables not found in {reference}")
    study = str(asem_study(tmp_path, reference))
    looked_at(check(run(root, tmp_path / "out.ipynb", "audit", study, "-r", "locale", locale)), 6)


@pytest.mark.parametrize("locale", LOCALES)
def test_the_audit_of_a_cohort_of_gdm(root: Path, tmp_path: Path, locale: str) -> None:
    study = str(gdm_study(tmp_path, root))
    looked_at(check(run(root, tmp_path / "out.ipynb", "audit", study, "-r", "locale", locale)), 5)


def test_the_audit_of_conapo(root: Path, tmp_path: Path, shared: Path) -> None:
    if not (shared / "realdata").is_dir():
        pytest.skip(f"published tables not found in {shared}/realdata")
    study = "params/replications/conapo-estatal.yml"
    looked_at(check(run(root, tmp_path / "out.ipynb", "audit", study)), 4)


def test_an_audit_that_cannot_be_made_says_so(root: Path, tmp_path: Path) -> None:
    blocks = check(run(root, tmp_path / "out.ipynb", "audit", "params/gdm-ejemplo.yml"))
    assert any(b["kind"] == "callout" for b in blocks)
