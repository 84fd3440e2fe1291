"""Formulas that read all parts together, other waves, and figures of the reference."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support import INSTRUMENT, cell, load_text, observe, score_rows
from workbench.errors import InstrumentError, ScoringError
from workbench.instruments import Instrument
from workbench.scoring import Scores, calibrate, explain, score

WAVES = ("1", "2", "3")
YEARS = {"1": {"year": 2018.0}, "2": {"year": 2020.0}, "3": {"year": 2021.0}}


def with_(tmp_path: Path, *changes: tuple[str, str]) -> Instrument:
    text = INSTRUMENT
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return load_text(tmp_path, text)


def by_formula(
    tmp_path: Path, formula: str, *changes: tuple[str, str], more: str = ""
) -> Instrument:
    rule = f"{{method: formula, formula: '{formula}'{more}}}"
    return with_(tmp_path, ("{method: arithmetic}", rule), *changes)


def values(scores: Scores, node: str, column: str = "score") -> dict[tuple[str, str], Any]:
    rows = scores.frame.loc[scores.frame["node"] == node]
    return {(u, w): x for u, w, x in zip(rows["unit"], rows["wave"], rows[column], strict=True)}


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("mean(largest(1, scores()))", 80),
        ("sum(weights() * scores()) / sum(weights())", (80 + 3 * 40) / 4),
        ("(sum(weights() * scores() ** 2) / sum(weights())) ** (1 / 2)", np.sqrt((6400 + 3 * 1600) / 4)),
        ("sum(scores() >= 50)", 1),
        ("count(scores())", 2),
        ("max(scores(), 90)", 90),
    ],
)  # fmt: skip
def test_all_parts_together(tmp_path: Path, formula: str, expected: float) -> None:
    weight = ("{code: luz,", "{code: luz, weight: 3,")
    instrument = by_formula(tmp_path, formula, weight)
    rows = [("u", "1", "agua", 80.0), ("u", "1", "luz", 40.0)]
    assert cell(score_rows(instrument, rows), "total")["score"] == pytest.approx(expected)


def test_parts_together_need_enough_of_them(tmp_path: Path) -> None:
    rows = [("u", "1", "agua", 80.0)]
    strict = by_formula(tmp_path, "mean(scores())")
    assert cell(score_rows(strict, rows), "total")["status"] == "withheld"
    half = by_formula(tmp_path, "mean(scores())", more=", min_availability: 0.5")
    assert cell(score_rows(half, rows), "total")["score"] == 80
    # What does not apply is no gap.
    away = [*rows, ("u", "1", "luz", "NM")]
    assert cell(score_rows(strict, away), "total")["score"] == 80


def test_enough_indicators_below(tmp_path: Path) -> None:
    """Half of the weight is there, and a third of the indicators."""
    rule = "{method: arithmetic, min_availability: 0.5, min_indicators: 0.6}"
    parts = (
        "{code: luz, kind: score, parent: total,",
        "{code: gas, kind: score, parent: otros, title: Gas}\n"
        "  - {code: luz, kind: score, parent: otros,",
    )
    group = ("nodes:\n", "nodes:\n  - {code: otros, tier: total, parent: total, title: Otros}\n")
    instrument = with_(tmp_path, ("{method: arithmetic}", rule), parts, group)
    one = [("u", "1", "agua", 80.0)]
    assert cell(score_rows(instrument, one), "total")["status"] == "withheld"
    both = [*one, ("u", "1", "luz", 40.0), ("u", "1", "gas", 40.0)]
    assert cell(score_rows(instrument, both), "total")["score"] == 60


GROWTH = (
    "{code: agua, kind: score, parent: total, title: {es: Agua, en: Water}}",
    "{code: agua, kind: measure, parent: total, title: Agua, variables: [{id: x, title: x}], "
    "formula: FORMULA, undefined: {state: undetermined}}",
)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("x / previous(x)", {"1": None, "2": 2.0, "3": 1.5}),
        ("x - in_year(year - 1, x)", {"1": None, "2": None, "3": 10.0}),
        ("100 * x / in_year(2018, x)", {"1": 100.0, "2": 200.0, "3": 300.0}),
        ("mean(available(x, previous(x)))", {"1": 10.0, "2": 15.0, "3": 25.0}),
        ("where(known(previous(x)), x - previous(x), 0)", {"1": 0.0, "2": 10.0, "3": 10.0}),
    ],
)
def test_other_waves(tmp_path: Path, formula: str, expected: dict[str, float | None]) -> None:
    instrument = with_(tmp_path, (GROWTH[0], GROWTH[1].replace("FORMULA", f"'{formula}'")))
    # Another unit stands between the waves of u, and lacks one.
    rows = [
        ("u", "1", "agua.x", 10.0), ("v", "1", "agua.x", 99.0), ("u", "2", "agua.x", 20.0),
        ("u", "3", "agua.x", 30.0), ("v", "3", "agua.x", 5.0),
    ]  # fmt: skip
    found = score_rows(instrument, rows, waves=WAVES, wave_facts=YEARS)
    score, status = values(found, "agua"), values(found, "agua", "status")
    for wave, number in expected.items():
        if number is None:
            assert (status["u", wave], np.isnan(score["u", wave])) == ("missing", True)
        else:
            assert score["u", wave] == pytest.approx(number)


def test_a_division_by_an_earlier_zero_is_undetermined(tmp_path: Path) -> None:
    instrument = with_(tmp_path, (GROWTH[0], GROWTH[1].replace("FORMULA", "x / previous(x)")))
    rows = [("u", "1", "agua.x", 0.0), ("u", "2", "agua.x", 20.0)]
    found = score_rows(instrument, rows, waves=WAVES, wave_facts=YEARS)
    assert values(found, "agua", "status")["u", "2"] == "undetermined"


def test_optional_variables_are_filled_by_the_formula(tmp_path: Path) -> None:
    new = (
        GROWTH[1]
        .replace("FORMULA", "'x + where(known(y), y, 1)'")
        .replace("{id: x, title: x}", "{id: x, title: x}, {id: y, title: y, optional: true}")
    )
    instrument = with_(tmp_path, (GROWTH[0], new))
    rows = [("u", "1", "agua.x", 10.0), ("v", "1", "agua.y", 5.0), ("w", "1", "agua.x", 1.0), ("w", "1", "agua.y", 5.0)]  # fmt: skip
    found = values(score_rows(instrument, rows), "agua")
    assert (found["u", "1"], found["w", "1"]) == (11, 6)
    assert np.isnan(found["v", "1"])


FACTS = ("tiers:", "facts: [{id: grupo, title: Grupo}, {id: pob, title: Pob}]\ntiers:")
ROWS = [
    *(("a", w, "agua", x) for w, x in zip(WAVES, (10.0, 30.0, 90.0), strict=True)),
    *(("b", w, "agua", x) for w, x in zip(WAVES, (20.0, 50.0, 0.0), strict=True)),
    *(("c", w, "agua", x) for w, x in zip(WAVES, (60.0, 70.0, 30.0), strict=True)),
    *((u, w, "luz", 1.0) for u in "abc" for w in WAVES),
]
GROUPS = {"a": {"grupo": 1.0, "pob": 1.0}, "b": {"grupo": 1.0, "pob": 3.0}, "c": {"grupo": 2.0, "pob": 4.0}}  # fmt: skip


@pytest.mark.parametrize(
    ("formula", "of_a", "of_c"),
    [
        # The reference is the first wave: later ones do not move it.
        ('across(mean, value("agua"))', (30, 30, 30), (30, 30, 30)),
        ('across(mean, value("agua"), year)', (30, 50, 40), (30, 50, 40)),
        ('across(max, value("agua"), grupo)', (20, 20, 20), (60, 60, 60)),
        ('across(sum, value("agua"), grupo, year)', (30, 80, 90), (60, 70, 30)),
        ('across(sum, pob * value("agua")) / across(sum, pob)', (38.75,) * 3, (38.75,) * 3),
        ('across(p50, value("agua"), year)', (20, 50, 30), (20, 50, 30)),
        ('sum(scores() - across(min, scores()))', (0, 20, 80), (50, 60, 20)),
    ],
)  # fmt: skip
def test_figures_of_the_reference(
    tmp_path: Path, formula: str, of_a: tuple[float, ...], of_c: tuple[float, ...]
) -> None:
    instrument = by_formula(tmp_path, formula, FACTS)
    every = observe(instrument, ROWS, waves=WAVES, wave_facts=YEARS, facts=GROUPS)
    fitted = calibrate(instrument, every.of_waves(("1",)), every_wave=every)
    found = values(score(instrument, every, fitted), "total")
    assert [found["a", w] for w in WAVES] == pytest.approx(list(of_a))
    assert [found["c", w] for w in WAVES] == pytest.approx(list(of_c))


def test_a_figure_does_not_depend_on_who_is_scored(tmp_path: Path) -> None:
    instrument = by_formula(tmp_path, 'value("agua") - across(mean, value("agua"))')
    every = observe(instrument, ROWS, waves=WAVES, wave_facts=YEARS)
    fitted = calibrate(instrument, every.of_waves(("1",)))
    alone = score(instrument, every.of_units(["c"]), fitted)
    assert values(alone, "total")["c", "3"] == 0


def test_what_is_read_elsewhere_is_explained(tmp_path: Path) -> None:
    instrument = by_formula(tmp_path, 'value("agua") - across(mean, value("agua"), year)')
    every = observe(instrument, ROWS, waves=WAVES, wave_facts=YEARS)
    found = score(instrument, every, calibrate(instrument, every))
    text = explain(found, every, "c", "total", wave="2").text("en")
    assert "across(mean, value('agua'), year) = 50" in text
    assert "agua: 70" in text


def test_weights_by_a_formula(tmp_path: Path) -> None:
    lookup = (
        "tiers:",
        "facts: [{id: grupo, title: Grupo}]\n"
        "lookups: [{id: peso, rows: [{key: 2018, value: 1}, {key: 2020, value: 3}]}]\ntiers:",
    )
    weight = ("{code: luz,", "{code: luz, weight: 'lookup(peso, year) * grupo',")
    instrument = with_(tmp_path, lookup, weight)
    rows = [(u, w, c, x) for u in "ab" for w in WAVES for c, x in (("agua", 80.0), ("luz", 40.0))]
    facts = {"a": {"grupo": 1.0}, "b": {"grupo": 2.0}}
    found = score_rows(instrument, rows, waves=WAVES, wave_facts=YEARS, facts=facts)
    score, status = values(found, "total"), values(found, "total", "status")
    assert score["a", "1"] == 60
    assert score["a", "2"] == pytest.approx((80 + 3 * 40) / 4)
    assert score["b", "2"] == pytest.approx((80 + 6 * 40) / 7)
    # 2021 has no weight: no rule says what follows.
    assert status["a", "3"] == "undetermined"


def test_a_weight_below_zero_is_refused(tmp_path: Path) -> None:
    instrument = with_(tmp_path, ("{code: luz,", "{code: luz, weight: 'year - 2019',"))
    rows = [("a", w, c, 80.0) for w in WAVES for c in ("agua", "luz")]
    with pytest.raises(ScoringError, match=r"luz: the formula of its weight .* got -1"):
        score_rows(instrument, rows, waves=WAVES, wave_facts=YEARS)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("{code: luz,", "{code: luz, weight: 'value(\"agua\")',", "names agua, which is not defined"),
        ("{code: luz,", "{code: luz, weight: 'previous(year)',", "only formulas of measures and groups read other waves"),
        ("{code: luz,", "{code: luz, weight: 'lookup(nada, year)',", "names nada"),
        ("{code: luz,", "{code: luz, exists_when: {when: 'lookup(nada, year) > 1', title: x},", "conditions compare facts"),
        ("kind: score, parent: total, title: {es: Agua, en: Water}", "kind: measure, parent: total, title: A, formula: 'across(mean, value(\"luz\"))'", "only rules of groups read figures"),
        ("kind: score, parent: total, title: {es: Agua, en: Water}", "kind: measure, parent: total, title: A, formula: 'mean(scores())'", "only rules of groups read scores"),
        ("{method: arithmetic}", "{method: formula, formula: 'across(mean, value(\"agua\"), region)'}", "names region"),
        ("{method: arithmetic}", "{method: formula, formula: 'score(\"total\")'}", "names total"),
        ("{method: arithmetic}", "{method: first_component, by: region}", "no fact region"),
    ],
)  # fmt: skip
def test_what_formulas_may_not_read(tmp_path: Path, old: str, new: str, words: str) -> None:
    with pytest.raises(InstrumentError, match=words):
        with_(tmp_path, (old, new))


def test_a_group_reads_any_other_group(tmp_path: Path) -> None:
    """The order of the file does not matter, and neither does who stands above whom."""
    nodes = (
        "nodes:\n",
        "nodes:\n"
        "  - {code: tope, tier: total, title: T, aggregate: {method: formula, formula: 'min(score(\"total\"), 50)'}}\n",
    )  # fmt: skip
    rows = [("u", "1", "agua", 80.0), ("u", "1", "luz", 60.0)]
    found = score_rows(with_(tmp_path, nodes), rows)
    assert (cell(found, "tope")["score"], cell(found, "tope")["status"]) == (50, "computed")
    circle = ("{method: arithmetic}", "{method: formula, formula: 'score(\"tope\")'}")
    with pytest.raises(InstrumentError, match="in a circle: tope, total"):
        with_(tmp_path, nodes, circle)


def test_interpolated_tables(tmp_path: Path) -> None:
    table = (
        "tiers:",
        "lookups: [{id: t, rows: [{key: 10, value: 100}, {key: 0, value: 0}, {key: 5, value: 80}]}]\ntiers:",
    )  # fmt: skip
    instrument = by_formula(tmp_path, 'interpolate(t, value("agua"))', table)
    rows = [(u, "1", "agua", x) for u, x in (("a", 2.5), ("b", 6.0), ("c", 99.0))]
    found = values(score_rows(instrument, rows), "total")
    assert list(found.values()) == [40, 84, 100]
    limits = (
        "{key: 10, value: 100}, {key: 0, value: 0}, {key: 5, value: 80}",
        "{below: 5, value: 1}",
    )
    with pytest.raises(InstrumentError, match="interpolate needs keys"):
        by_formula(tmp_path, 'interpolate(t, value("agua"))', table, limits)


def test_limits_that_belong_to_a_row(tmp_path: Path) -> None:
    table = (
        "tiers:",
        "lookups: [{id: t, rows: [{up_to: 0.3, value: 1}, {below: 5, value: 2}, {value: 3}]}]\ntiers:",
    )  # fmt: skip
    instrument = by_formula(tmp_path, 'lookup(t, value("agua"))', table)
    # 0.1 + 0.2 is a little more than 0.3, and counts as 0.3.
    rows = [(u, "1", "agua", x) for u, x in (("a", 0.1 + 0.2), ("b", 4.0), ("c", 5.0))]
    assert list(values(score_rows(instrument, rows), "total").values()) == [1, 2, 3]


@pytest.mark.parametrize(
    ("grades", "level"),
    [(("verde", "verde"), "verde"), (("verde", "amarillo"), "amarillo"), (("rojo", "verde"), "rojo"), (("verde", None), None), (("verde", "NM"), "rojo")],
)  # fmt: skip
def test_levels_of_all_parts(
    tmp_path: Path, grades: tuple[str, str | None], level: str | None
) -> None:
    rule = (
        "{method: conditions, scale: semaforo, otherwise: rojo, levels: ["
        "{level: verde, when: 'sum(levels() == 2) >= 2'}, "
        "{level: amarillo, when: 'count(levels()) >= 2 and min(levels()) > 0'}]}"
    )
    kind = ("kind: score, parent: total,", "kind: grade, scale: semaforo, parent: total,")
    instrument = with_(tmp_path, ("{method: arithmetic}", rule), kind)
    rows = [("u", "1", c, g) for c, g in zip(("agua", "luz"), grades, strict=True) if g]
    got = cell(score_rows(instrument, rows), "total")
    assert (got["level"] if level else got["status"]) == (level or "bounded")


def test_counts_of_levels_as_a_score(tmp_path: Path) -> None:
    kind = ("kind: score, parent: total,", "kind: grade, scale: semaforo, parent: total,")
    instrument = by_formula(tmp_path, "100 * sum(levels() == 2) / count(levels())", kind)
    rows = [("u", "1", "agua", "verde"), ("u", "1", "luz", "rojo"), ("v", "1", "agua", "verde")]
    found = score_rows(instrument, rows)
    assert values(found, "total")["u", "1"] == 50
    assert values(found, "total", "status")["v", "1"] == "withheld"
