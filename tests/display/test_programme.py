"""The report of a programme: what a funder reads, and nothing that the data do not bear."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.display import blocks as b
from workbench.display import programme
from workbench.display.programme.common import why_not
from workbench.language import Locale
from workbench.study import Study
from workbench.study.views import IndicatorView, UnitView

SECTIONS = (
    "cover",
    "results",
    "outputs",
    "stages",
    "change",
    "figures_beside",
    "certainty",
    "method",
)
EN = Locale("en")


def opened(root: Path, name: str, tag: str = "en") -> UnitView:
    study = Study.open(root / f"params/{name}.yml", locale=tag)
    return study.view(study.observed_units()[0])


@pytest.fixture(scope="module")
def icma(root: Path) -> UnitView:
    return opened(root, "icma-resultados")


@pytest.fixture(scope="module")
def example(root: Path) -> UnitView:
    return opened(root, "programa-ejemplo")


def table(section: b.Section, number: int = -1) -> b.Table:
    """A table of a section, the last one by default."""
    return [x for x in section.blocks if isinstance(x, b.Table)][number]


def test_page_one_counts_the_benchmarks_and_says_why_one_cannot_be_told(icma: UnitView) -> None:
    section = programme.results(icma)
    said = repr(section)
    # One of the eleven is to be defined: it is no benchmark that was missed.
    assert "met or exceeded 3 of its 10 benchmarks" in said
    assert "1 more indicator has no benchmark." in said
    assert "Number of state institutions participating in the development of" in said
    assert "(Without a benchmark)" in said
    figure = next(x for x in section.blocks if isinstance(x, b.Figure))
    assert figure.alt == "Exceeded: 1; Met: 2; Not met: 7; Without a benchmark: 1"


def test_each_status_has_a_word_and_a_shape(icma: UnitView) -> None:
    chips = [row.cells[-1].chip for row in table(programme.results(icma)).rows if not row.strong]
    assert len(chips) == 11
    assert {(c.title, c.shape) for c in chips if c} == {
        ("Exceeded", "circle"), ("Met", "square"), ("Not met", "triangle"),
        ("Without a benchmark", "cross"),
    }  # fmt: skip


def test_attainment_is_printed_only_where_both_are_numbers(icma: UnitView) -> None:
    rows = [r for r in table(programme.results(icma)).rows if not r.strong]
    assert [r.cells[3].plain() for r in rows] == [
        "30.0%", "0.0%", "–", "–", "–", "–", "100.0%", "50.0%", "80.0%", "50.0%", "150.0%",
    ]  # fmt: skip


def test_outputs_have_words_and_no_number(icma: UnitView) -> None:
    shown = table(programme.outputs(icma))
    assert len(shown.rows) == 12
    assert all(r.cells[-1].plain() == "Status not printed" for r in shown.rows)
    assert all(i.value is None for i in icma.indicators if i.kind == "output")


def test_the_example_shows_every_type_and_what_was_before(example: UnitView) -> None:
    said = repr(programme.results(example))
    assert "met or exceeded 4 of its 6 benchmarks" in said
    assert "Status in 2024" in said
    assert "Less is better, and attainment follows the formula of the instrument, in: Days" in said
    assert "Delivered (1), Under way (1), and Not delivered (1)" in repr(programme.outputs(example))
    assert "Certified | 90 | 75.0% | 37.5%" in repr(programme.stages(example))
    assert "to the last printed digit: 1 of 1." in repr(programme.change(example))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"state_title": "Postponed"}, "Postponed"),
        ({"status": "undetermined"}, "no rule covers its numbers"),
        ({"type": "to_be_defined"}, "its benchmark is still to be defined"),
        ({"numbers": (None, None)}, "the data hold no benchmark"),
        ({"numbers": (None, None), "printed": "Many"}, "the data hold no result"),
        ({"result": 3.0, "numbers": (None, None), "printed": "Many"}, "no number gives its status"),
    ],
)
def test_reasons(example: UnitView, changes: dict[str, object], said: str) -> None:
    found = next(i for i in example.indicators if i.code == "manuales")
    assert found.benchmark is not None
    bare = found.benchmark.model_copy(update={"result": None, "printed": "", "result_printed": ""})
    own = {k: x for k, x in changes.items() if k in IndicatorView.model_fields}
    inner = {k: x for k, x in changes.items() if k not in own}
    indicator = found.model_copy(
        update={
            "level": None,
            "status": "missing",
            "benchmark": bare.model_copy(update=inner),
            **own,
        }
    )
    assert why_not(indicator, EN).startswith(said)


def test_printed_changes_are_checked_against_their_numbers(root: Path) -> None:
    view = opened(root, "portal-presupuesto")
    rows = {r.cells[0].plain(): [c.plain() for c in r.cells[3:]]
            for r in table(programme.change(view), 0).rows}  # fmt: skip
    assert rows == {
        "Sessions": ["78%", "77.9%", "yes"],
        "Visits to the open contracting site": [
            "more than doubled",
            "203.1%",
            "not printed as a number",
        ],
        "Average session time": ["110%", "–", "can't be told"],
        "Pages per session": ["26.5%", "26.7%", "within rounding"],
    }
    said = repr(programme.change(view))
    assert "to the last printed digit: 1 of 2." in said
    # 1.945 to 1.955 before and 2.465 to 2.475 after: 2.465 / 1.955 and 2.475 / 1.945.
    assert "26.5% is printed, and its numbers give 26.7%" in said
    assert "anything from 26.1% to 27.2%" in said
    assert "The source prints 26.5%." in repr(programme.results(view))


@pytest.mark.parametrize(
    ("printed", "said"),
    [(26.5, "both can be right"), (28.0, "Rounding does not explain it"), (26.05, "not explain")],
)
def test_rounding_is_blamed_only_where_it_can_be(root: Path, printed: float, said: str) -> None:
    view = opened(root, "portal-presupuesto")
    pages = next(i for i in view.indicators if i.code == "paginas")
    assert pages.change is not None
    assert pages.change.allowed is not None
    changed = pages.change.model_copy(update={"printed": printed})
    view = view.model_copy(update={"indicators": (pages.model_copy(update={"change": changed}),)})
    assert said in repr(programme.change(view))


def test_without_benchmarks_nothing_is_said_to_be_met(root: Path) -> None:
    said = repr(programme.results(opened(root, "mepp-programas")))
    assert "of 398 (Applications), 10 came to the last stage (Finalists), 2.5%" in said
    assert "met or exceeded" not in said


@pytest.mark.parametrize("tag", ["es-MX", "en"])
@pytest.mark.parametrize("name", ["gdm-ejemplo", "asociaciones-ejemplo", "cfo-certificacion"])
def test_any_study_can_be_printed(root: Path, name: str, tag: str) -> None:
    view = opened(root, name, tag)
    for section in SECTIONS:
        made = getattr(programme, section)(view)
        assert made.to_json()["version"] == 1


def test_none_of_the_benchmarks_is_said_in_words(root: Path) -> None:
    said = repr(programme.results(opened(root, "cfo-certificacion")))
    assert "met none of its 2 benchmarks" in said
