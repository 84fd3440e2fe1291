"""The audit of a study: what it finds, what it shows in both languages, and what it refuses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.audit.studies import asem_study, gdm_study
from workbench.display import audit as report
from workbench.errors import ScoringError
from workbench.study import Study
from workbench.study.audit import audit

SECTIONS = (
    "cover", "verdict", "structure", "measured", "together", "importance", "places",
    "sensitivity", "influence", "links", "method",
)  # fmt: skip
LOCALES = ("es-MX", "en")


def blocks_of(study: Study, **options: str) -> list[dict[str, Any]]:
    """Return what an audit shows, as the exporters take it."""
    view = report.AuditView(audit(study, **options))
    return [b.to_json() for name in SECTIONS for b in getattr(report, name)(view).blocks]


def texts(value: Any) -> Iterator[str]:
    """Yield every text in what is shown."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from texts(inner)


def check(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the figures, after a look at what no report may hold."""
    words = [t.strip().lower() for t in texts(blocks)]
    assert not {"nan", "inf", "-inf", "none", "<na>"} & set(words)
    figures = [b for b in blocks if b["kind"] == "figure"]
    for figure in figures:
        assert figure["alt"]
        assert figure["table"]
        assert figure["table"]["rows"]
        assert len(figure["svg"]) < 400_000
    return figures


def headings(blocks: list[dict[str, Any]]) -> list[str]:
    return [str(b["text"]) for b in blocks if b["kind"] == "heading"]


@pytest.fixture(scope="module")
def asem(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Path:
    reference = shared / "reference" / "coinr"
    if not reference.is_dir():
        pytest.skip(f"COINr's tables not found in {reference}")
    return asem_study(tmp_path_factory.mktemp("asem"), reference)


@pytest.mark.parametrize("locale", LOCALES)
def test_the_audit_of_asem(asem: Path, locale: str) -> None:
    blocks = blocks_of(Study.open(asem, locale=locale))
    figures = check(blocks)
    assert len(figures) >= 6
    steps = " ".join(headings(blocks))
    for number in range(1, 11):
        assert str(number) in steps
    words = " ".join(texts(blocks))
    if locale == "es-MX":
        prose = " ".join(
            t for b in blocks if b["kind"] not in ("figure", "table") for t in texts(b)
        )
        told = " ".join([prose, *(f"{b['alt']} {b['caption']}" for b in figures)])
        for node in audit(Study.open(asem)).structure.nodes.values():
            told = told.replace(node.title, "")
        assert re.findall(r"\b(?:the|says?|goes|each|with|places?)\b", told) == []
    assert ("lugares" if locale == "es-MX" else "places") in words


def test_what_the_audit_of_asem_finds(asem: Path) -> None:
    found = audit(Study.open(asem))
    assert len(found.values) == 51
    # COINr's availability of all data: 51 units and 49 indicators, 87 cells missing.
    assert int(found.raw.isna().to_numpy().sum()) == int(found.availability["n_missing"].sum())
    places = found.places
    assert (places["low"] <= places["rank"]).all()
    assert (places["rank"] <= places["high"]).all()
    indices = found.robustness.tables["indices"]
    assert "weights" in indices.index
    assert found.grade in ("firm", "rough", "loose")
    assert found.influence.is_monotonic_decreasing
    assert np.isfinite(found.importance["r_parent"]).all()


@pytest.mark.parametrize(("width", "said"), [(2.7, 3), (3.0, 3), (3.0000000004, 3)])
def test_half_of_the_ranges_fit_in_the_width_that_is_told(
    asem: Path, width: float, said: int
) -> None:
    view = report.AuditView(audit(Study.open(asem, locale="en")))
    places = view.found.places.assign(low=1.0, high=1.0 + width)
    view.found.__dict__["places"] = places
    told = " ".join(texts([b.to_json() for b in report.verdict(view).blocks]))
    assert f"a range of {said} places or less" in told
    # Three places are within a twentieth of no 51, but within a fifth.
    assert view.found.grade == "rough"


def test_another_group_and_what_is_none(asem: Path) -> None:
    study = Study.open(asem)
    assert audit(study, node="Sust").node == "Sust"
    with pytest.raises(ScoringError, match="LPI is no group of the index"):
        audit(study, node="LPI")
    with pytest.raises(ScoringError, match="no such wave"):
        audit(study, wave="2017")


@pytest.mark.parametrize("locale", LOCALES)
def test_the_audit_of_a_cohort_of_gdm(tmp_path: Path, root: Path, locale: str) -> None:
    study = Study.open(gdm_study(tmp_path, root, units=24), locale=locale)
    blocks = blocks_of(study)
    assert check(blocks)
    told = " ".join(texts(blocks))
    plan = "El estudio no declara" if locale == "es-MX" else "The study declares no plan"
    assert plan in told


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(
    "name",
    [
        "gdm-ejemplo",
        "capacidad-ejemplo",
        "comparaciones-ejemplo",
        "icma-asociaciones",
        "portal-presupuesto",
    ],
)
def test_what_can_not_be_told_is_said(root: Path, name: str, locale: str) -> None:
    """One unit, several instruments' worth of kinds of results: words, never a crash."""
    blocks = blocks_of(Study.open(root / f"params/{name}.yml", locale=locale))
    check(blocks)
    assert len(headings(blocks)) >= 2


def test_one_unit_has_no_ranking(ejemplo: Study) -> None:
    found = audit(ejemplo)
    assert found.robustness.refusal is not None
    kinds = [b["kind"] for b in blocks_of(ejemplo)]
    assert "callout" in kinds
