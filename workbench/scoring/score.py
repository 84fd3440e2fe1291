"""Scoring: observations and a calibration to scores."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from workbench.errors import Problem, Reason, ScoringError
from workbench.instruments import Instrument
from workbench.language import Message
from workbench.observations import DataWarning, Observations
from workbench.scoring.calibrate import Calibration
from workbench.scoring.engine import Engine
from workbench.scoring.guards import refuse_outline
from workbench.scoring.matrix import Matrix, build_matrix
from workbench.scoring.scores import Scores

# A reported number may be off by half a unit of its last digit; the rest is for binary arithmetic.
ROUNDING_SLACK = 1e-9


def score(
    instrument: Instrument,
    observations: Observations,
    calibration: Calibration,
    *,
    undated: frozenset[str] = frozenset(),
) -> Scores:
    """Score units in waves.

    Parameters
    ----------
    instrument : Instrument
    observations : Observations
        At one stage: each code at most once for a unit and wave.
    calibration : Calibration
        From :func:`~workbench.scoring.calibrate.calibrate`, of the same instrument.
    undated : frozenset of str
        Waves without a date: nothing is carried into or out of them.

    Returns
    -------
    Scores

    Raises
    ------
    ScoringError
        If the calibration is of another instrument, or the instrument is an outline.
    """
    refuse_outline(instrument)
    if calibration.instrument_sha256 != instrument.sha256:
        what = Message(
            "the calibration was made with another version of {name}", name=calibration.instrument
        )
        fix = Message("Calibrate again with this instrument.")
        raise ScoringError(Problem(Reason.CALIBRATION, what, fix=fix))
    matrix = build_matrix(observations, undated=undated)
    engine = Engine(matrix, calibration.parameters)
    engine.run()
    return Scores(
        instrument,
        matrix.cases,
        {code: engine.results[code] for code in instrument.nodes},
        engine.counts,
        tuple(engine.remarks),
        tuple(_differences(matrix, engine)),
        matrix.facts,
    )


def _differences(matrix: Matrix, engine: Engine) -> Iterator[DataWarning]:
    """Yield reported values that their parts contradict beyond the printed precision."""
    for code in matrix.columns:
        if code not in engine.results:
            continue
        given, half = matrix.value(code), matrix.half_unit(code)
        result = engine.results[code]
        slack = np.nan_to_num(half) + ROUNDING_SLACK * np.maximum(1.0, np.abs(np.nan_to_num(given)))
        exact = ~np.isnan(result.computed)
        low = np.where(exact, result.computed, result.computed_low)
        high = np.where(exact, result.computed, result.computed_high)
        apart = ~np.isnan(given) & ((given < low - slack) | (given > high + slack))
        for row in np.flatnonzero(apart).tolist():
            unit, wave = matrix.cases[row]
            text = (
                Message(
                    "{node} is reported as {given}; its parts give {computed}.",
                    node=code,
                    given=f"{given[row]:.12g}",
                    computed=f"{result.computed[row]:.6g}",
                )
                if exact[row]
                else Message(
                    "{node} is reported as {given}; its parts give between {low} and {high}.",
                    node=code,
                    given=f"{given[row]:.12g}",
                    low=f"{low[row]:.6g}",
                    high=f"{high[row]:.6g}",
                )
            )
            yield DataWarning("reported_differs", text, str(unit), str(wave), code)
