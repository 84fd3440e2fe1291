"""Scoring: observations and a calibration to scores."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from workbench.errors import Problem, Reason, ScoringError
from workbench.instruments import Instrument
from workbench.language import Message, marked
from workbench.observations import DataWarning, Observations
from workbench.scoring.calibrate import Calibration
from workbench.scoring.engine import Engine, Indicators, read_indicators
from workbench.scoring.evidence import KIND, demand_evidence, evidence_remarks
from workbench.scoring.fits import Fits
from workbench.scoring.guards import refuse_outline
from workbench.scoring.matrix import Matrix, build_matrix
from workbench.scoring.results import NodeResult
from workbench.scoring.scores import Scores
from workbench.scoring.states import NO_LEVEL

# A reported number may be off by half a unit of its last digit; the rest is for binary arithmetic.
ROUNDING_SLACK = 1e-9
# Contradictions that scoring meets on its way: the remark they leave, and what a reader is told.
CONTRADICTIONS = {
    "carried_over": marked(
        "{node} was recorded again; it keeps the best level of an earlier wave, because it is "
        "reviewed only once."
    ),
    "set_aside": marked("{node} was observed, although the facts of the unit set it aside."),
    "marked_aside": marked(
        "{node} is marked as not measurable or not applicable, although parts of it were observed; "
        "the mark stands."
    ),
    "contradicted": marked(
        "{node} is marked as not measured, although its parts were observed; what was observed "
        "stands."
    ),
    "tally_differs": marked(
        "The counts of {node} differ from its indicators, which were all observed; the counts "
        "stand."
    ),
}


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
    return prepare(observations, undated=undated).score(instrument, calibration)


@dataclass(frozen=True)
class Prepared:
    """Observations as arrays, to be scored under one rule after the other.

    Parameters
    ----------
    matrix : Matrix
    unproved : DataFrame
        Statements without the evidence that is demanded: unit, wave, code.
    """

    matrix: Matrix
    unproved: pd.DataFrame

    @cached_property
    def indicators(self) -> Indicators:
        """What was observed of every indicator, read once."""
        return read_indicators(self.matrix)

    def score(self, instrument: Instrument, calibration: Calibration) -> Scores:
        """Return the scores under an instrument that observes the same codes.

        Parameters
        ----------
        instrument : Instrument
            That of the observations, or one with other rules for groups and scales.
        calibration : Calibration
            Of this instrument.

        Raises
        ------
        ScoringError
            If the calibration is of another instrument, or the instrument is an outline.
        """
        refuse_outline(instrument)
        if calibration.instrument_sha256 != instrument.sha256:
            what = Message(
                "the calibration was made with another version of {name}",
                name=calibration.instrument,
            )
            fix = Message("Calibrate again with this instrument.")
            raise ScoringError(Problem(Reason.CALIBRATION, what, fix=fix))
        matrix = replace(self.matrix, instrument=instrument)
        engine = Engine(matrix, Fits(matrix, calibration.parameters))
        engine.run(self.indicators)
        return Scores(
            instrument,
            matrix.cases,
            {code: engine.results[code] for code in instrument.nodes},
            engine.counts,
            (*engine.remarks, *evidence_remarks(instrument, matrix.cases, self.unproved)),
            (
                *_differences(matrix, engine),
                *_contradictions(matrix, engine),
                *_unproved(self.unproved),
            ),
            matrix.facts,
            engine.parts,
            calibration.parameters,
            matrix.previous,
        )


def prepare(observations: Observations, *, undated: frozenset[str] = frozenset()) -> Prepared:
    """Return observations as arrays.

    Parameters
    ----------
    observations : Observations
        At one stage: each code at most once for a unit and wave.
    undated : frozenset of str
        Waves without a date: nothing is carried into or out of them.
    """
    counted, unproved = demand_evidence(observations)
    return Prepared(build_matrix(counted, undated=undated), unproved)


def _contradictions(matrix: Matrix, engine: Engine) -> Iterator[DataWarning]:
    """Yield what the data say against each other, as scoring met it."""
    cases = matrix.cases.to_list()
    for remark in engine.remarks:
        if remark.kind in CONTRADICTIONS:
            message = Message(CONTRADICTIONS[remark.kind], node=remark.node)
            for row in np.flatnonzero(remark.where).tolist():
                unit, wave = cases[row]
                yield DataWarning(remark.kind, message, str(unit), str(wave), remark.node)


def _unproved(lacking: pd.DataFrame) -> Iterator[DataWarning]:
    """Yield the statements without the evidence that is demanded."""
    text = marked("{node} is said to hold, without the evidence that the instrument demands.")
    for unit, wave, code in lacking.itertuples(index=False, name=None):
        yield DataWarning(KIND, Message(text, node=code), unit, wave, code)


def _differences(matrix: Matrix, engine: Engine) -> Iterator[DataWarning]:
    """Yield reported values and levels that their parts contradict."""
    for code in matrix.columns:
        if code in engine.results:
            yield from _number_differs(matrix, engine.results[code], code)
            yield from _level_differs(matrix, engine.results[code], code)


def _number_differs(matrix: Matrix, result: NodeResult, code: str) -> Iterator[DataWarning]:
    """Yield reported values that differ from the parts beyond the printed precision."""
    given, half = matrix.value(code), matrix.half_unit(code)
    slack = np.nan_to_num(half) + ROUNDING_SLACK * np.maximum(1.0, np.abs(np.nan_to_num(given)))
    exact = ~np.isnan(result.computed)
    low = np.where(exact, result.computed, result.computed_low)
    high = np.where(exact, result.computed, result.computed_high)
    apart = ~np.isnan(given) & ((given < low - slack) | (given > high + slack))
    for row in np.flatnonzero(apart).tolist():
        unit, wave = matrix.cases[row]
        values: dict[str, object] = {"node": code}
        if exact[row]:
            text = marked("{node} is reported as {given}; its parts give {computed}.")
            values |= _short(given=given[row], computed=result.computed[row])
        else:
            text = marked("{node} is reported as {given}; its parts give between {low} and {high}.")
            values |= _short(given=given[row], low=low[row], high=high[row])
        yield DataWarning("reported_differs", Message(text, **values), str(unit), str(wave), code)


def _level_differs(matrix: Matrix, result: NodeResult, code: str) -> Iterator[DataWarning]:
    """Yield levels given as words that differ from those of the parts."""
    levels = matrix.instrument.levels_of(code)
    word = matrix.word(code)
    ids = [level.id for level in levels]
    worded = np.isin(word, [i for i, label in enumerate(matrix.labels) if label in ids])
    low, high = result.computed_level_low, result.computed_level_high
    given = np.array([*(ids.index(x) if x in ids else NO_LEVEL for x in matrix.labels), NO_LEVEL])
    apart = worded & (low != NO_LEVEL) & ((given[word] < low) | (given[word] > high))
    for row in np.flatnonzero(apart).tolist():
        unit, wave = matrix.cases[row]
        values: dict[str, object] = {"node": code, "given": levels[given[word[row]]].title}
        if low[row] == high[row]:
            text = marked("{node} is reported as {given}; its parts give {computed}.")
            values["computed"] = levels[low[row]].title
        else:
            text = marked("{node} is reported as {given}; its parts give between {low} and {high}.")
            values |= {"low": levels[low[row]].title, "high": levels[high[row]].title}
        message = Message(text, **values)
        yield DataWarning("reported_differs", message, str(unit), str(wave), code)


def _short(**values: float) -> dict[str, float]:
    """Return unequal numbers without digits that nobody compares: as many as tell them apart."""
    for digits in (6, 9, 12):
        found = {name: float(f"{value:.{digits}g}") for name, value in values.items()}
        if len(set(found.values())) == len(set(values.values())):
            break
    return found
