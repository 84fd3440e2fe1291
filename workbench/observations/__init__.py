"""Observations: tables read, mapped into tidy rows, checked against the instrument."""

from workbench.observations.load import load_observations
from workbench.observations.model import DataWarning, Observations

__all__ = ["DataWarning", "Observations", "load_observations"]
