"""Calibration: every parameter that depends on data, fitted once to a declared reference."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from workbench.instruments import Instrument, Node
from workbench.observations import Observations
from workbench.scoring.engine import Engine
from workbench.scoring.evidence import demand_evidence
from workbench.scoring.fits import Fits, Fitted
from workbench.scoring.guards import refuse_outline
from workbench.scoring.matrix import Matrix, build_matrix
from workbench.specs.instrument import Copeland, Distance, FirstComponent
from workbench.specs.instrument import Fitted as FittedScale


@dataclass(frozen=True)
class Calibration:
    """Parameters fitted to a reference population.

    Parameters
    ----------
    instrument : str
        Id of the instrument.
    instrument_sha256 : str
        Hash of its file.
    waves : tuple of str
        Waves of the reference.
    n_units : int
        Units in it.
    parameters : mapping of str to mapping
        Parameters by node and what they are for; empty for instruments that need none.
    """

    instrument: str
    instrument_sha256: str
    waves: tuple[str, ...]
    n_units: int
    parameters: Mapping[str, Fitted]

    def to_json(self) -> dict[str, Any]:
        """Return the calibration as plain values."""
        return {
            "instrument": self.instrument,
            "instrument_sha256": self.instrument_sha256,
            "waves": list(self.waves),
            "n_units": self.n_units,
            "parameters": {
                key: {
                    label: {k: list(v) if isinstance(v, tuple) else v for k, v in p.items()}
                    for label, p in fitted.items()
                }
                for key, fitted in self.parameters.items()
            },
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Calibration:
        """Return a calibration from the values that :meth:`to_json` gave."""
        return Calibration(
            data["instrument"],
            data["instrument_sha256"],
            tuple(data["waves"]),
            data["n_units"],
            {
                key: {
                    label: {k: tuple(v) if isinstance(v, list) else v for k, v in p.items()}
                    for label, p in fitted.items()
                }
                for key, fitted in data["parameters"].items()
            },
        )

    @property
    def sha256(self) -> str:
        """Hash of the calibration's content."""
        text = json.dumps(self.to_json(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def calibrate(
    instrument: Instrument,
    reference: Observations,
    *,
    every_wave: Observations | None = None,
    matrix: Matrix | None = None,
) -> Calibration:
    """Fit every data-dependent parameter of an instrument to a reference population.

    Parameters
    ----------
    instrument : Instrument
    reference : Observations
        Units and waves to which pooled parameters are fitted, at one stage.
    every_wave : Observations, optional
        What parameters with ``scope: wave`` are fitted to, each wave by itself; the reference by
        default. A new wave changes those of no other.
    matrix : Matrix, optional
        The observations of every wave as arrays, where they are at hand already.

    Returns
    -------
    Calibration
        Frozen; ``score`` with it gives a unit the same score whatever other units are present.

    Raises
    ------
    ScoringError
        If the reference can't give a parameter, or the instrument is an outline.
    """
    refuse_outline(instrument)
    fitted: Mapping[str, Fitted] = {}
    if is_fitted(instrument):
        if matrix is None:
            counted, _ = demand_evidence(reference if every_wave is None else every_wave)
            matrix = build_matrix(counted)
        matrix = replace(matrix, instrument=instrument)
        fits = Fits(matrix, reference=np.asarray(matrix.cases.isin(reference.cases)))
        Engine(matrix, fits).run()
        fitted = fits.fitted
    return Calibration(
        instrument.id, instrument.sha256, reference.waves, reference.n_units(), fitted
    )


def is_fitted(instrument: Instrument) -> bool:
    """Return whether any rule of an instrument has parameters that come from data."""
    return any(map(_is_fitted, instrument.nodes.values()))


def _is_fitted(node: Node) -> bool:
    """Return whether a node has a rule whose parameters come from data."""
    strata = node.cuts is not None and node.cuts.strata is not None
    fitted = isinstance(node.aggregate, Distance | FirstComponent | Copeland)
    figures = any(formula.across for formula in node.formulas.values())
    return strata or fitted or figures or isinstance(node.spec.normalise, FittedScale)
