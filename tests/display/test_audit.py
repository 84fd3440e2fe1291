"""The audit of a study: what it finds, what it shows in both languages, and what it refuses."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.audit.studies import asem_study, gdm_study
from workbench.display import audit as report
from workbench.display.audit_figures import Bar, bars
from workbench.display.svg import PAGE
from workbench.errors import ScoringError
from workbench.language import Locale
from workbench.specs.robustness import Robustness
from workbench.study import Study
from workbench.study.audit import Audit, audit

SECTIONS = (
    "cover", "verdict", "structure", "measured", "together", "importance", "places",
    "sensitivity", "influence", "links", "method",
)  # fmt: skip
LOCALES = ("es-MX", pytest.param("en", marks=pytest.mark.slow))


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
        assert any(c.isdigit() for c in figure["alt"]), figure["alt"]
        assert figure["table"]
        assert figure["table"]["rows"]
        assert len(figure["svg"]) < 400_000
    assert len({figure["alt"] for figure in figures}) == len(figures)
    return figures


def headings(blocks: list[dict[str, Any]]) -> list[str]:
    return [str(b["text"]) for b in blocks if b["kind"] == "heading"]


@pytest.fixture(scope="module")
def asem(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Path:
    reference = shared / "reference" / "coinr"
    if not reference.is_dir():
        pytest.skip(f"COINr's tables not found in {reference}")
    return asem_study(tmp_path_factory.mktemp("asem"), reference)


@pytest.fixture(scope="module")
def english(asem: Path) -> Audit:
    return audit(Study.open(asem, locale="en"))


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
    english: Audit, width: float, said: int
) -> None:
    view = report.AuditView(copy.copy(english))
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
    # Of what is not seen nothing is missing, and few of so many parts move nobody far.
    assert ("No falta ningún valor" if locale == "es-MX" else "No value is missing") in told


@pytest.mark.parametrize(
    ("plan", "said", "unsaid"),
    [
        (Robustness(weight_share=0.0, draws=200), "takes one of the choices of every kind, 200", "weights near"),
        (Robustness(one_out=False, draws=200), "takes weights near those of the index, 200", "choices of every kind"),
        (Robustness(weight_shares={1: 0.1, 2: 0.5}, draws=200), "every kind and weights near", "each up to 25%"),
    ],
    ids=["no weights", "weights alone", "by level"],
)  # fmt: skip
def test_what_is_not_varied_is_not_said_to_be(
    tmp_path: Path, root: Path, plan: Robustness, said: str, unsaid: str
) -> None:
    view = report.AuditView(audit(Study.open(gdm_study(tmp_path, root, units=24), locale="en")))
    view.found.__dict__["plan"] = plan
    told = " ".join(texts([b.to_json() for b in report.places(view).blocks]))
    assert said in told
    assert unsaid not in told
    if plan.weight_shares:
        assert "10% to 50%, by level" in told


def test_that_nobody_moves_is_said(english: Audit) -> None:
    view = report.AuditView(copy.copy(english))
    still = view.found.places
    view.found.__dict__["places"] = still.assign(low=still["rank"], high=still["rank"])
    told = " ".join(texts([b.to_json() for b in report.verdict(view).blocks]))
    assert "None of the 51 countries" in told


@pytest.mark.parametrize("most", [0.034, 0.34, 1.2, 11.0, 340.0])
def test_ticks_are_what_they_say(most: float) -> None:
    """Steps of 0.08 with one decimal would be written twice."""
    draw = bars.__wrapped__  # type: ignore[attr-defined]  # before it is written as SVG
    figure = draw(PAGE, [Bar("a", most), Bar("b", most / 2)], Locale("en"), axis="places")
    axis = figure.axes[0].xaxis
    ticks = axis.get_majorticklocs()
    assert [float(t) for t in axis.get_major_formatter().format_ticks(ticks)] == pytest.approx(
        ticks
    )


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
