"""What an index would be without each of its parts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.audit.alternatives import LISTS, parts_of_level
from workbench.audit.draws import places_of
from workbench.audit.index import Index
from workbench.audit.variants import Variants
from workbench.errors import Problem, Reason, ScoringError
from workbench.language import Message
from workbench.specs.robustness import Robustness

NOMINAL = "nominal"


@dataclass(frozen=True, slots=True, eq=False)
class Influence:
    """Scores and places without each part, beside those of the index.

    Parameters
    ----------
    scores, places : DataFrame
        Cases by ``nominal`` and parts: what the case has without that part.
    """

    scores: pd.DataFrame
    places: pd.DataFrame

    @property
    def differences(self) -> pd.DataFrame:
        """Place as it is less place without the part: above 0 a case that would go up."""
        return self.places.rsub(self.places[NOMINAL], axis=0)

    @property
    def shifts(self) -> pd.DataFrame:
        """Size of the differences."""
        return self.differences.abs()

    @property
    def mean_shift(self) -> pd.Series:
        """Mean over cases of how far places move without each part."""
        return self.shifts.mean().rename("mean_shift")


def influence(index: Index, *, level: int | None = None, node: str | None = None) -> Influence:
    """Return what an index would be without each part of a level, one at a time.

    Parameters
    ----------
    index : Index
        With all its steps.
    level : int, optional
        Of the parts; indicators by default.
    node : str, optional
        Group whose scores are looked at; the index by default.

    Raises
    ------
    ScoringError
        If there is no such level below the group.

    Notes
    -----
    A part is left out when groups are joined: its weight goes to the others of its group, and
    nothing is fitted anew, as COINr's ``remove_elements`` has it. A group without parts is left out
    as well.
    """
    plan = Robustness(weight_share=0.0, one_out=True, out_level=level)
    variants = Variants(index, plan, node=node, alone=True)
    parts = parts_of_level(variants.structure, level)
    if not parts:
        what = Message("no part of this level is below {node}", node=variants.structure.top)
        raise ScoringError(Problem(Reason.PARAMETER_VALUE, what, got=str(level)))
    columns = []
    for place in range(len(variants.lists["one_out"])):
        picks = np.zeros(len(LISTS), dtype=np.int64)
        picks[LISTS.index("one_out")] = place
        columns.append(variants.scores(picks, np.nan, variants.base[None, :])[:, 0])
    scores = np.column_stack(columns)
    found = places_of(variants, scores).T.astype(np.float64)
    names = pd.Index([NOMINAL, *(choice.label for choice in variants.lists["one_out"][1:])])
    return Influence(
        pd.DataFrame(scores, index=variants.cases, columns=names),
        pd.DataFrame(np.where(found > 0, found, np.nan), index=variants.cases, columns=names),
    )
