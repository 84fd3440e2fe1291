"""Shares of a level against every completion of what the data leave open."""

from __future__ import annotations

import tempfile
from functools import lru_cache
from itertools import product
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import load_text, score_rows
from workbench.instruments import Instrument

LEVELS = ("rojo", "amarillo", "verde")
STATES = ("ND", "NM")
TEXT = """
id: prueba
version: "1"
title: Prueba
publisher: Nobody
completeness: published
sources: [{id: none, title: Made up for a test}]
scales:
  - id: semaforo
    levels: [{id: rojo, title: Rojo}, {id: amarillo, title: Amarillo}, {id: verde, title: Verde}]
states:
  - {id: ND, title: No disponible, effect: not_available}
  - {id: NM, title: No medible, effect: not_measurable}
tiers:
  - id: total
    title: Total
    plural: Totales
    aggregate: {method: share_of_level, level: verde, scale: semaforo, min_availability: 0}
nodes: [{code: total, tier: total, title: Total}]
indicators:
"""
N = 4


@lru_cache(maxsize=1)
def instrument() -> Instrument:
    lines = (
        f"  - {{code: i{k}, kind: grade, scale: semaforo, parent: total, title: I, "
        "not_measurable: [{title: x}]}"
        for k in range(N)
    )
    return load_text(Path(tempfile.mkdtemp()), TEXT + "\n".join(lines))


def shares(completions: list[tuple[str, ...]]) -> list[float]:
    """Return the share in green of each way to fill in the indicators; those without any are out."""
    found = []
    for labels in completions:
        counted = [x for x in labels if x != "NM"]
        if counted:
            found.append(100 * sum(x == "verde" for x in counted) / len(counted))
    return found


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from([*LEVELS, *STATES, ""]), min_size=N, max_size=N))
def test_bounds_of_indicators_are_those_of_their_completions(labels: list[str]) -> None:
    rows = [("u", "1", f"i{k}", label) for k, label in enumerate(labels) if label]
    if not rows or all(x in ("NM", "") for x in labels):
        return
    result = score_rows(instrument(), rows).results["total"]
    open_ = [LEVELS if x in ("", "ND") else (x,) for x in labels]
    found = shares(list(product(*open_)))
    assert np.isclose(result.low[0], min(found))
    assert np.isclose(result.high[0], max(found))


@settings(max_examples=120, deadline=None)
@given(
    st.lists(st.sampled_from([*LEVELS, *STATES]), min_size=N, max_size=N),
    st.sets(st.sampled_from([*LEVELS, *STATES]), min_size=1),
)
def test_a_tally_bounds_what_it_does_not_list(truth: list[str], listed: set[str]) -> None:
    """Some counts of a true table are given: the bounds are those of all tables that agree."""
    rows = [("u", "1", "total", float(truth.count(x)), x) for x in sorted(listed)]
    result = score_rows(instrument(), rows).results["total"]
    agreeing = [
        labels
        for labels in product([*LEVELS, *STATES], repeat=N)
        if all(labels.count(x) == truth.count(x) for x in listed)
    ]
    scores = shares(agreeing)
    if not scores:
        return
    exact = max(scores) - min(scores) < 1e-9 and all(set(x) != {"NM"} for x in agreeing)
    if exact:
        assert np.isclose(result.score[0], scores[0])
    elif not np.isnan(result.score[0]):
        assert np.isclose(result.score[0], min(scores))
        assert np.isclose(result.score[0], max(scores))
    # What is not available could have been green, had it been known.
    possible = shares(
        [
            filled
            for labels in agreeing
            for filled in product(*(LEVELS if x == "ND" else (x,) for x in labels))
        ]
    )
    assert np.isclose(result.low[0], min(possible))
    assert np.isclose(result.high[0], max(possible))
