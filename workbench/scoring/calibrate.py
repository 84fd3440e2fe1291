"""Calibration: every parameter that depends on data, fitted once to a declared reference."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbench.instruments import Instrument
from workbench.observations import Observations
from workbench.scoring.engine import Engine
from workbench.scoring.guards import refuse_outline
from workbench.scoring.matrix import build_matrix
from workbench.scoring.normalise import Parameters


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
        Parameters of normalisation by node; empty for instruments that need none.
    """

    instrument: str
    instrument_sha256: str
    waves: tuple[str, ...]
    n_units: int
    parameters: Mapping[str, Parameters]

    def to_json(self) -> dict[str, Any]:
        """Return the calibration as plain values."""
        return {
            "instrument": self.instrument,
            "instrument_sha256": self.instrument_sha256,
            "waves": list(self.waves),
            "n_units": self.n_units,
            "parameters": {
                node: {k: list(v) if isinstance(v, tuple) else v for k, v in p.items()}
                for node, p in self.parameters.items()
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
                node: {k: tuple(v) if isinstance(v, list) else v for k, v in p.items()}
                for node, p in data["parameters"].items()
            },
        )

    @property
    def sha256(self) -> str:
        """Hash of the calibration's content."""
        text = json.dumps(self.to_json(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def calibrate(instrument: Instrument, reference: Observations) -> Calibration:
    """Fit every data-dependent parameter of an instrument to a reference population.

    Parameters
    ----------
    instrument : Instrument
    reference : Observations
        Units and waves of the reference, at one stage.

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
    fitted: dict[str, Parameters] = {}
    if any(node.spec.normalise is not None for node in instrument.nodes.values()):
        engine = Engine(build_matrix(reference), fit=True)
        engine.run()
        fitted = engine.fitted
    return Calibration(
        instrument.id, instrument.sha256, reference.waves, reference.n_units(), fitted
    )
