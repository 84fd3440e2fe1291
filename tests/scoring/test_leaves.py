"""Indicators known in part, carried, set aside or contradicted, on the GDM's own definitions."""

from __future__ import annotations

import pytest

from tests.support import cell, score_rows
from workbench.instruments import Instrument
from workbench.scoring import Scores

FULL = [("u", "1", f"1.1.1.{e}", 1.0) for e in "abcd"]


def kinds(scores: Scores, node: str) -> set[str]:
    """Return the kinds of remarks about a node."""
    return {r.kind for r in scores.remarks if r.node == node}


@pytest.mark.parametrize(
    ("ticks", "status", "low", "high"),
    [
        ({"a": 1}, "bounded", "en_proceso", "optimo"),
        ({"a": 0}, "bounded", "rezago", "en_proceso"),
        ({"a": 1, "b": 0}, "computed", "en_proceso", "en_proceso"),  # the rest changes nothing
        ({"a": 1, "b": 1, "c": 1}, "bounded", "en_proceso", "optimo"),
    ],
)
def test_a_list_recorded_in_part_is_bounded_unless_the_rest_changes_nothing(
    gdm: Instrument, ticks: dict[str, int], status: str, low: str, high: str
) -> None:
    rows = [("u", "1", f"1.1.1.{e}", tick) for e, tick in ticks.items()]
    got = cell(score_rows(gdm, rows), "1.1.1")
    assert (got["status"], got["level_low"], got["level_high"]) == (status, low, high)


def test_a_study_can_list_only_what_is_met(gdm: Instrument) -> None:
    got = cell(score_rows(gdm, [FULL[0]], unlisted_elements="not_met"), "1.1.1")
    assert (got["level"], got["value"], got["status"]) == ("en_proceso", 1.0, "computed")


@pytest.mark.parametrize(("stage", "status"), [("revision", "carried"), ("diagnostico", "missing")])
def test_only_a_review_settles_what_is_reviewed_once(
    gdm: Instrument, stage: str, status: str
) -> None:
    rows = [*FULL, ("u", "2", "1.1.2.a", 1.0)]
    scores = score_rows(gdm, rows, waves=("1", "2"), stages={"1": stage, "2": stage})
    assert cell(scores, "1.1.1", wave="2")["status"] == status


def test_a_later_answer_does_not_reopen_a_review_and_is_told(gdm: Instrument) -> None:
    rows = [*FULL, ("u", "2", "1.1.1.a", 0.0), ("u", "2", "1.1.1.b", 1.0)]
    scores = score_rows(gdm, rows, waves=("1", "2"))
    got = cell(scores, "1.1.1", wave="2")
    assert (got["status"], got["level"]) == ("carried", "optimo")
    assert [(w.kind, w.wave, w.node) for w in scores.warnings] == [("carried_over", "2", "1.1.1")]


def test_what_facts_set_aside_is_not_scored_although_it_was_observed(gdm: Instrument) -> None:
    rows = [("u", "1", f"2.1.2.{e.id}", 1.0) for e in gdm.nodes["2.1.2"].spec.elements]
    scores = score_rows(gdm, rows, facts={"u": {"predial_estatal": 1}})
    assert cell(scores, "2.1.2")["status"] == "not_measurable"
    assert [(w.kind, w.node) for w in scores.warnings] == [("set_aside", "2.1.2")]
    assert {"set_aside", "supposition"} <= kinds(scores, "2.1.2")


def test_a_state_of_a_theme_holds_for_its_indicators(gdm: Instrument) -> None:
    scores = score_rows(gdm, [("u", "1", "3.4", "ND"), ("u", "1", "3.1.1.a", 1.0)])
    for code in ("3.4.1", "3.4.2", "3.4.3"):
        assert cell(scores, code)["status"] == "not_available"
    assert cell(scores, "3.4")["status"] == "not_available"
    assert scores.warnings == ()


def test_a_state_that_observations_contradict_is_told(gdm: Instrument) -> None:
    scores = score_rows(gdm, [*FULL, ("u", "1", "1.1", "ND")])
    assert cell(scores, "1.1.1")["level"] == "optimo"
    assert ("contradicted", "1.1") in [(w.kind, w.node) for w in scores.warnings]


def test_a_gate_that_is_not_recorded_leaves_the_lower_level_open(gdm: Instrument) -> None:
    rows = [("u", "1", f"6.5.1.{e.id}", 1.0) for e in gdm.nodes["6.5.1"].spec.elements]
    got = cell(score_rows(gdm, rows), "6.5.1")
    assert (got["level"], got["level_low"]) == ("optimo", "en_proceso")


def test_the_boundary_of_two_printed_ranges_is_an_assumption_where_it_is_used(
    gdm: Instrument,
) -> None:
    def assumed(population: float) -> list[str]:
        facts = {"u": {"poblacion": population}}
        scores = score_rows(gdm, [("u", "1", "1.1.4.v1", 20.0)], facts=facts)
        rules = [r for r in scores.remarks if r.node == "1.1.4" and r.kind == "rule"]
        return [gdm.assumed[r.path].status for r in rules]

    assert assumed(500_000) == ["assumed"]
    assert assumed(499_999) == []


def test_a_review_holds_through_later_stages_and_waves_set_aside(gdm: Instrument) -> None:
    """Green reviewed, then declared green again, then not measurable: all that follows is settled."""
    facts_row = ("u", "3", "predial_estatal", 1.0)
    full = [f"2.1.2.{e.id}" for e in gdm.nodes["2.1.2"].spec.elements]
    rows = [("u", w, c, 1.0) for w in ("1", "2") for c in full]
    rows += [facts_row, *(("u", w, "1.1.1.a", 1.0) for w in ("3", "4"))]
    stages = {"1": "revision", "2": "actualizacion", "3": "actualizacion", "4": "actualizacion"}
    scores = score_rows(gdm, rows, waves=("1", "2", "3", "4"), stages=stages)
    found = [cell(scores, "2.1.2", wave=w)["status"] for w in ("2", "3", "4")]
    assert found == ["computed", "not_measurable", "carried"]


def test_more_elements_than_can_be_met_are_no_result(gdm: Instrument) -> None:
    rows = [("u", "1", f"4.2.1.{e}", 1.0) for e in "abdf"]
    rows += [("u", "1", f"4.2.1.{e}", "NM") for e in "ceghi"]
    scores = score_rows(gdm, [*rows, ("u", "1", "4.2.1", 9.0)])
    assert cell(scores, "4.2.1")["score"] == 100
    assert [w.kind for w in scores.warnings] == ["reported_differs"]


def test_elements_that_are_recorded_stand_beside_a_state(gdm: Instrument) -> None:
    scores = score_rows(gdm, [*FULL, ("u", "1", "1.1.1", "ND")])
    assert cell(scores, "1.1.1")["level"] == "optimo"
    assert [(w.kind, w.node) for w in scores.warnings] == [("contradicted", "1.1.1")]


def test_a_mark_that_sets_aside_stands_and_is_told(gdm: Instrument) -> None:
    rows = [("u", "1", f"2.1.2.{e.id}", 1.0) for e in gdm.nodes["2.1.2"].spec.elements]
    scores = score_rows(gdm, [*rows, ("u", "1", "2.1.2", "NM")])
    assert cell(scores, "2.1.2")["status"] == "not_measurable"
    assert [(w.kind, w.node) for w in scores.warnings] == [("marked_aside", "2.1.2")]


@pytest.mark.parametrize("given", ["optimo", 4.0])
def test_a_reported_result_that_recorded_elements_rule_out_is_told(
    gdm: Instrument, given: object
) -> None:
    scores = score_rows(gdm, [("u", "1", "1.1.1.a", 0.0), ("u", "1", "1.1.1", given)])
    assert [(w.kind, w.node) for w in scores.warnings] == [("reported_differs", "1.1.1")]


def test_a_gate_that_fails_settles_what_was_open(gdm: Instrument) -> None:
    spec = gdm.nodes["6.5.1"].spec
    rows = [("u", "1", f"6.5.1.{e.id}", 1.0) for e in spec.elements[:-1]]
    scores = score_rows(gdm, rows, facts={"u": {"unidad_juventud": 0.0}})
    got = cell(scores, "6.5.1")
    assert (got["status"], got["level"]) == ("computed", "en_proceso")


def test_a_tally_confirms_indicators_that_were_all_seen(gdm: Instrument) -> None:
    codes = [c for c in gdm.indicators if c.startswith("1.")]
    rows = [("u", "1", c, "optimo" if i < 8 else "rezago") for i, c in enumerate(codes)]
    for tally in ([], [("u", "1", "1", 0.0, "NM")], [("u", "1", "1", 8.0, "optimo")]):
        scores = score_rows(gdm, [*rows, *tally])
        assert cell(scores, "1")["score"] == pytest.approx(100 * 8 / 17)
        assert scores.warnings == ()


def test_a_tally_and_some_indicators_narrow_each_other(gdm: Instrument) -> None:
    """Nine of 16 are green by the tally and four were seen at red: three are left to be anything."""
    codes = [c for c in gdm.indicators if c.startswith("6.")]
    seen = [("u", "1", c, "rezago") for c in codes[:4]]
    got = cell(score_rows(gdm, [*seen, ("u", "1", "6", 9.0, "optimo")]), "6")
    assert got["low"] == pytest.approx(100 * 9 / 16)
    assert got["high"] == pytest.approx(100 * 12 / 16)  # not available, and green had it been known
