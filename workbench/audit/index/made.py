"""What a step of an index makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from workbench.audit.index.structure import Structure
from workbench.scoring.fits import Fitted


@dataclass(frozen=True, slots=True)
class Made:
    """What a step makes: data, another structure, parameters, reports; what it leaves is None."""

    frame: pd.DataFrame | None = None
    structure: Structure | None = None
    parameters: Mapping[str, Fitted] = field(default_factory=dict)
    reports: Mapping[str, pd.DataFrame] = field(default_factory=dict)
