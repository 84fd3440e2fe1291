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
        ({"a": 1}, "missing", "en_proceso", "optimo"),
        ({"a": 0}, "missing", "rezago", "en_proceso"),
        ({"a": 1, "b": 0}, "computed", "en_proceso", "en_proceso"),  # the rest changes nothing
        ({"a": 1, "b": 1, "c": 1}, "missing", "en_proceso", "optimo"),
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
    assert cell(scores, "3.4")["status"] == "computed"  # not available counts as not reached
    assert cell(scores, "3.4")["score"] == 0


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
