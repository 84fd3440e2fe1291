"""Principal components of the groups of an index: how much of each group one line tells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.audit.index.structure import Structure
from workbench.audit.lineage import at_level
from workbench.errors import Problem, Reason, ScoringError
from workbench.language import Message
from workbench.stats.measured import Floats, numeric_frame

ALL = "all"


@dataclass(frozen=True, slots=True, eq=False)
class Components:
    """Principal components of one group.

    Parameters
    ----------
    group : str
        Code of the group; ``all`` where groups were not told apart.
    loadings : DataFrame
        Nodes by components.
    deviations : Series
        Standard deviation of each component.
    scores : DataFrame
        Units by components.
    dropped : int
        Units left out because a value was missing.
    """

    group: str
    loadings: pd.DataFrame
    deviations: pd.Series
    scores: pd.DataFrame
    dropped: int

    @property
    def shares(self) -> pd.Series:
        """Share of the variance that each component holds."""
        variances = self.deviations.to_numpy() ** 2
        return pd.Series(variances / variances.sum(), index=self.deviations.index)

    @property
    def weights(self) -> pd.Series:
        """Loadings of the first component: the weights that keep most of the variance."""
        return self.loadings.iloc[:, 0].rename("weight")


def principal_components(
    values: pd.DataFrame,
    structure: Structure,
    *,
    level: int = 1,
    within: Sequence[str] | None = None,
    by_group: bool = True,
) -> dict[str, Components]:
    """Return the principal components of the nodes of a level, group by group.

    Parameters
    ----------
    values : DataFrame of float
        Units by nodes.
    structure : Structure
    level : int
    within : sequence of str, optional
        Nodes to which those looked at belong.
    by_group : bool
        Whether each group is looked at by itself, or all nodes together.

    Returns
    -------
    dict of str to Components

    Raises
    ------
    ScoringError
        If a node has one value only, or too few units have all values.

    Notes
    -----
    Of columns brought to mean 0 and deviation 1; units with a gap are left out and counted. The
    sign of a component is free: it is set so that its loadings sum to 0 or more.
    """
    codes = at_level(structure, level, within)
    if not by_group:
        return {ALL: components(values[codes], ALL)}
    groups: dict[str, list[str]] = {}
    for code in codes:
        for parent in structure.nodes[code].parents:
            groups.setdefault(parent, []).append(code)
    return {group: components(values[some], group) for group, some in groups.items()}


def components(values: pd.DataFrame, group: str = ALL) -> Components:
    """Return the principal components of some columns (:func:`principal_components`)."""
    frame = numeric_frame(values)
    whole = frame.dropna()
    if len(whole) < 2:
        what = Message("{node}: too few units have all values for components", node=group)
        fix = Message("Impute what is missing first, or leave out indicators with many gaps.")
        got = str(len(whole))
        raise ScoringError(Problem(Reason.CALIBRATION, what, got=got, fix=fix, code=group))
    flat = [str(code) for code in whole if whole[code].nunique() < 2]
    if flat:
        what = Message("{node}: all units have the same value of {names}", node=group,
                       names=", ".join(flat))  # fmt: skip
        fix = Message("Leave it out: what does not vary tells no units apart.")
        raise ScoringError(Problem(Reason.CALIBRATION, what, fix=fix, code=group))
    x = whole.to_numpy()
    z = (x - x.mean(axis=0)) / x.std(axis=0, ddof=1)
    loadings, deviations = _rotation(z)
    names = [f"pc{i + 1}" for i in range(loadings.shape[1])]
    return Components(
        group,
        pd.DataFrame(loadings, index=whole.columns, columns=pd.Index(names)),
        pd.Series(deviations, index=pd.Index(names), name="deviation"),
        pd.DataFrame(z @ loadings, index=whole.index, columns=pd.Index(names)),
        len(frame) - len(whole),
    )


def _rotation(z: Floats) -> tuple[Floats, Floats]:
    """Return loadings and deviations of the components of standardised columns."""
    _, sizes, rows = np.linalg.svd(z, full_matrices=False)
    signs = np.where(rows.sum(axis=1) < -1e-12, -1.0, 1.0)
    return (rows * signs[:, None]).T, sizes / np.sqrt(len(z) - 1)


def component_table(found: dict[str, Components]) -> pd.DataFrame:
    """Return one row a component: ``group``, ``component``, ``deviation``, ``share``."""
    rows = [
        (group, i + 1, float(deviation), float(share))
        for group, c in found.items()
        for i, (deviation, share) in enumerate(zip(c.deviations, c.shares, strict=True))
    ]
    return pd.DataFrame(rows, columns=pd.Index(["group", "component", "deviation", "share"]))


def component_weights(found: dict[str, Components]) -> pd.Series:
    """Return the loading of each node on the first component of its group."""
    found_weights: pd.Series = pd.concat([c.weights for c in found.values()])
    return found_weights
