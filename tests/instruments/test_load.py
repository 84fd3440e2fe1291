"""Instruments with mistakes: each is named with its line, its path and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import INSTRUMENT, load_text, score_rows
from workbench.errors import InstrumentError, Reason
from workbench.instruments import load_instrument

MEASURE = """
  - code: medida
    kind: measure
    parent: total
    title: Medida
    minimum: 0
    variables: [{id: v1, title: v}, {id: v2, title: v}]
    formula: v1 / v2
    undefined: {state: undetermined}
    levels:
      scale: semaforo
      bands: [{level: rojo, when: "< 5"}, {level: verde, when: ">= 5"}]
"""


def refused(tmp_path: Path, text: str) -> InstrumentError:
    with pytest.raises(InstrumentError) as caught:
        load_text(tmp_path, text)
    for problem in caught.value.problems:
        assert problem.place.line is not None, problem
    return caught.value


def changed(old: str, new: str, *, base: str = INSTRUMENT + MEASURE) -> str:
    assert old in base, old
    return base.replace(old, new)


def test_the_path_may_be_a_text(tmp_path: Path) -> None:
    path = tmp_path / "prueba.yml"
    path.write_text(INSTRUMENT, encoding="utf-8")
    assert load_instrument(str(path)).id == load_instrument(path).id == "prueba"


def test_a_good_instrument_loads(tmp_path: Path) -> None:
    instrument = load_text(tmp_path, INSTRUMENT + MEASURE)
    assert instrument.indicators == ("agua", "luz", "medida")
    assert instrument.nodes["total"].leaves == ("agua", "luz", "medida")
    assert [depth for depth, _ in instrument.walk()] == [0, 1, 1, 1]


@pytest.mark.parametrize(
    ("old", "new", "reason", "words"),
    [
        ("parent: total, title: {es: Agua", "parent: totl, title: {es: Agua", Reason.SPEC_REFERENCE, "Did you mean total?"),
        ("code: luz", "code: agua", Reason.SPEC_VALUE, "agua stands twice"),
        ("{code: total, tier: total", "{code: total, tier: totale", Reason.SPEC_REFERENCE, "unknown tier"),
        ("headline: [total]", "headline: [totalito]", Reason.SPEC_REFERENCE, "there is no node totalito"),
        ("method: arithmetic", "method: aritmetic", Reason.SPEC_VALUE, "Did you mean arithmetic?"),
        ("formula: v1 / v2", "formula: v1 / v3", Reason.FORMULA, "names v3"),
        ("formula: v1 / v2", "formula: v1 /", Reason.FORMULA, "no formula"),
        ("formula: v1 / v2", "formula: v1 / lookup(tabla, v2)", Reason.FORMULA, "names tabla"),
        ('formula: v1 / v2', 'formula: v1 / value("aguita")', Reason.FORMULA, "Did you mean agua?"),
        ("    undefined: {state: undetermined}\n", "", Reason.SPEC_MISSING_KEY, "division by 0"),
        ('when: ">= 5"', 'when: "> 5"', Reason.INSTRUMENT_LEVELS, "no band covers value = 5"),
        ('when: ">= 5"', 'when: ">= 9"', Reason.INSTRUMENT_LEVELS, "no band covers 5 <= value < 9"),
        ("level: verde, when", "level: azul, when", Reason.SPEC_REFERENCE, "unknown level"),
        ("scale: semaforo", "scale: semaforito", Reason.SPEC_REFERENCE, "Did you mean semaforo?"),
        ("state: undetermined", "state: NX", Reason.SPEC_REFERENCE, "unknown state"),
        ("kind: measure", "kind: mesure", Reason.SPEC_VALUE, "Did you mean measure?"),
        ("    kind: measure\n", "", Reason.SPEC_MISSING_KEY, "kind is missing"),
        ("completeness: published", "completeness: done", Reason.SPEC_VALUE, "unknown value"),
        ("title: {es: Agua, en: Water}", "title: {español: Agua}", Reason.SPEC_VALUE, "language tag"),
        ("title: {es: Agua, en: Water}", "title: {es: Agua}, weight: -1", Reason.SPEC_VALUE, "weights are numbers from 0"),
        ("aggregate: {method: arithmetic}", "aggregate: {method: points, total: 0}", Reason.SPEC_VALUE, "expected a number above 0"),
        ("title: {es: Agua, en: Water}", "title: {es: Agua}, weight: 1e308", Reason.SPEC_VALUE, "weights are numbers from 0"),
        ("title: {es: Agua, en: Water}", "title: ''", Reason.SPEC_VALUE, "the text is empty"),
        ("title: {es: Agua, en: Water}", "title: A, maximum: .nan", Reason.SPEC_VALUE, "finite"),
        ("title: {es: Agua, en: Water}", "title: A, minimum: 9, maximum: 8", Reason.SPEC_VALUE, "9 is above 8"),
        ("code: agua, kind: score, parent: total", "code: agua, kind: score, parent: [total, total]", Reason.SPEC_VALUE, "a parent stands twice"),
        ("method: arithmetic", "method: arithmetic, cap: 1, floor: 2", Reason.SPEC_VALUE, "2 is above 1"),
        ("method: arithmetic", "method: arithmetic, cap: .inf", Reason.SPEC_VALUE, "finite"),
        ("method: arithmetic", "method: share_of_level, level: verde, scale: nada", Reason.SPEC_REFERENCE, "tiers[0].aggregate.scale"),
        ("{id: ND,", "{id: verde,", Reason.SPEC_VALUE, "the id of a level and of a state"),
        ("formula: v1 / v2", "formula: v1 / value('medida')", Reason.FORMULA, "in a circle: medida"),
        ("formula: v1 / v2", "formula: v1 / v2 * 100 + 1\n    counted: [v1, v2]", Reason.SPEC_VALUE, "no multiple of v1 / v2"),
        ("formula: v1 / v2", "formula: v1 / v2\n    counted: [v1, v3]", Reason.SPEC_VALUE, "there is no variable v3"),
        ("headline: [total]", "headline: [total]\nreliability: {totl: {value: 0.9, kind: raters, source: S}}", Reason.SPEC_REFERENCE, "Did you mean total?"),
        ("headline: [total]", "headline: [total]\nreliability: {total: {value: 1.2, kind: raters, source: S}}", Reason.SPEC_VALUE, "between 0 and 1"),
        ("headline: [total]", "headline: [total]\nreliability: {total: {kind: raters, source: S}}", Reason.SPEC_VALUE, "one of the two"),
        ("headline: [total]", "headline: [total]\nreliability: {total: {value: 0.9, kind: raters}}", Reason.SPEC_MISSING_KEY, "source is missing"),
        ("code: agua", "code: 'agua potable'", Reason.SPEC_VALUE, "without spaces"),
        ("sources: [{id: none, title: Made up for a test}]", "sources: []", Reason.SPEC_VALUE, "at least 1"),
    ],
)  # fmt: skip
def test_mistakes(tmp_path: Path, old: str, new: str, reason: Reason, words: str) -> None:
    error = refused(tmp_path, changed(old, new))
    assert reason in [p.reason for p in error.problems]
    assert words in error.text()


def test_a_circle_is_found(tmp_path: Path) -> None:
    text = INSTRUMENT.replace(
        "nodes:\n",
        "nodes:\n  - {code: a, tier: total, title: A, parent: b}\n  - {code: b, tier: total, title: B, parent: a}\n",
    )
    error = refused(tmp_path, text)
    assert error.reason == Reason.INSTRUMENT_CYCLE
    assert "a, b" in error.text()


def test_an_indicator_has_no_children(tmp_path: Path) -> None:
    error = refused(
        tmp_path,
        INSTRUMENT.replace(
            "code: luz, kind: score, parent: total", "code: luz, kind: score, parent: agua"
        ),
    )
    assert "agua is an indicator" in error.text()


def test_several_mistakes_come_together(tmp_path: Path) -> None:
    text = changed("formula: v1 / v2", "formula: v1 / v9").replace(
        "level: rojo, when", "level: rojito, when"
    )
    text = text.replace("headline: [total]", "headline: [nada]")
    assert len(refused(tmp_path, text).problems) >= 2


def test_an_assumption_needs_a_reason(tmp_path: Path) -> None:
    error = refused(
        tmp_path,
        changed('{level: verde, when: ">= 5"}', '{level: verde, when: ">= 5", status: assumed}'),
    )
    assert "needs a reason" in error.text()


def test_assumptions_know_their_place(tmp_path: Path) -> None:
    text = changed(
        '{level: verde, when: ">= 5"}',
        '{level: verde, when: ">= 5", status: assumed, reason: Because}',
    )
    assumption = load_text(tmp_path, text).assumptions[0]
    assert (assumption.status, assumption.reason.in_("en")) == ("assumed", "Because")
    assert assumption.path == "indicators[2].levels.bands[1]"


def test_a_node_may_have_several_parents(tmp_path: Path) -> None:
    text = INSTRUMENT.replace(
        "indicators:\n",
        "  - {code: dim, tier: total, title: Dim}\nindicators:\n",
    ).replace(
        "code: agua, kind: score, parent: total",
        "code: agua, kind: score, parent: [total, dim], weight: {total: 2, dim: 1}",
    )
    instrument = load_text(tmp_path, text)
    assert instrument.nodes["dim"].leaves == ("agua",)
    assert instrument.nodes["agua"].weight_under("total") == 2


def test_every_shipped_instrument_loads(root: Path) -> None:
    from workbench.instruments import load_instrument

    files = sorted((root / "data/instruments").glob("*.yml"))
    assert {f.stem for f in files} >= {
        "gdm-2025-2027",
        "mi-gestion",
        "pefa-2016",
        "cimtra-municipal",
    }
    for path in files:
        instrument = load_instrument(path)
        assert instrument.id == path.stem
        assert instrument.spec.sources


def test_shares_need_indicators_with_levels(tmp_path: Path) -> None:
    text = INSTRUMENT.replace(
        "method: arithmetic", "method: share_of_level, level: verde, scale: semaforo"
    )
    assert "no indicator below total has a level" in refused(tmp_path, text).text()


def test_a_tree_has_a_depth_that_can_be_read(tmp_path: Path) -> None:
    lines = "".join(
        f"  - {{code: g{i}, tier: total, title: G, parent: {f'g{i - 1}' if i else 'total'}}}\n"
        for i in range(1200)
    )
    text = INSTRUMENT.replace("indicators:\n", lines + "indicators:\n")
    assert "more than 60 groups deep" in refused(tmp_path, text).text()


def test_groups_with_several_parents_are_walked_once(tmp_path: Path) -> None:
    """Thirty layers of two groups, each under both above: a billion paths, 63 groups."""
    lines = "".join(
        f"  - {{code: g{i}{side}, tier: total, title: G, parent: "
        f"{f'[g{i - 1}a, g{i - 1}b]' if i else 'total'}}}\n"
        for i in range(30)
        for side in "ab"
    )
    text = INSTRUMENT.replace("indicators:\n", lines + "indicators:\n")
    text = text.replace(
        "code: agua, kind: score, parent: total", "code: agua, kind: score, parent: [g29a, g29b]"
    )
    instrument = load_text(tmp_path, text)
    assert {node.code for _, node in instrument.walk()} == set(instrument.nodes)
    assert score_rows(instrument, [("u", "1", "agua", 5.0)]).results["g0a"].score[0] == 5.0


def test_whole_numbers_of_a_wide_range_are_not_tried_one_by_one(tmp_path: Path) -> None:
    text = changed(
        "    minimum: 0\n", "    minimum: 0\n    maximum: 100000000000\n    integer: true\n"
    )
    assert load_text(tmp_path, text).nodes["medida"].bands is not None
