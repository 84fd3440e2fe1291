"""Nominal weights of an index, and how much each node counts in fact."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from workbench.audit.structure import Structure
from workbench.stats.correlation_tables import correlation_table


def effective_weights(structure: Structure) -> pd.Series:
    """Return the weight of each node in the index: of the index 1, of its parts their shares.

    Parameters
    ----------
    structure : Structure

    Returns
    -------
    Series
        By node, from the indicators up; the weights of a level add up to 1.

    Notes
    -----
    The product of the shares on the way up. COINr calls these effective weights; the Handbook
    calls them nominal, and effective what :func:`importance` gives.
    """
    share = {structure.top: 1.0}
    for group in reversed(structure.groups):
        parts = structure.children[group]
        total = sum(structure.weight(code) for code in parts)
        share |= {code: share[group] * structure.weight(code) / total for code in parts}
    codes = [*structure.parents, structure.top]
    return pd.Series({code: share[code] for code in codes}, name="effective_weight")


def importance(values: pd.DataFrame, structure: Structure) -> pd.DataFrame:
    """Return how much each node counts in its parent and in the index, against its weight.

    Parameters
    ----------
    values : DataFrame of float
        Units by nodes, normalised and aggregated.
    structure : Structure

    Returns
    -------
    DataFrame
        One row a node but the index: ``parent``, ``level``, ``weight`` (its share within the
        parent), ``weight_in_index``, ``r_parent``, ``r_index`` (Pearson's), ``importance`` (square
        of ``r_parent``), ``importance_share`` (of the sum over the parent's parts) and ``ratio``
        (of that share to the weight: 1 where it counts as much as it is meant to).

    Notes
    -----
    The square of Pearson's correlation is the part of the parent's variance that the node explains
    alone on a straight line (Paruolo, Saisana and Saltelli 2013,
    doi:10.1111/j.1467-985X.2012.01059.x). A negative correlation is a part that works against its
    group, whatever its square.
    """
    weights = effective_weights(structure)
    rows = []
    for group in reversed(structure.groups):
        parts = list(structure.children[group])
        r_parent = _with(values, parts, group)
        r_index = _with(values, parts, structure.top)
        square = r_parent**2
        total = float(np.nansum(square))
        for i, code in enumerate(parts):
            weight = float(weights[code] / weights[group]) if weights[group] > 0 else np.nan
            share = float(square[i] / total) if total > 0 else np.nan
            rows.append(
                {
                    "node": code,
                    "parent": group,
                    "level": structure.levels[code],
                    "weight": weight,
                    "weight_in_index": float(weights[code]),
                    "r_parent": float(r_parent[i]),
                    "r_index": float(r_index[i]),
                    "importance": float(square[i]),
                    "importance_share": share,
                    "ratio": share / weight if weight > 0 else np.nan,
                }
            )
    return pd.DataFrame(rows).set_index("node")


def _with(values: pd.DataFrame, codes: list[str], node: str) -> np.ndarray:
    """Return the correlation of some nodes with one."""
    return correlation_table(values[codes], values[[node]]).to_numpy()[:, 0]


def noisy_weights(
    structure: Structure,
    shares: float | Mapping[int, float],
    draws: int,
    *,
    rng: np.random.Generator | int = 20250101,
) -> pd.DataFrame:
    """Return weights drawn about their values.

    Parameters
    ----------
    structure : Structure
    shares : float or mapping of int to float
        Each weight lies evenly between itself less and plus this share of it; by level, those not
        named stay as they are.
    draws : int
    rng : Generator or int

    Returns
    -------
    DataFrame
        Draws by nodes; within each group only the ratios of weights count.
    """
    generator = np.random.default_rng(rng)
    codes = [*structure.parents, structure.top]
    of = (
        dict.fromkeys(range(1, structure.depth + 1), shares)
        if isinstance(shares, float | int)
        else shares
    )
    reach = np.array([of.get(structure.levels[code], 0.0) for code in codes])
    base = np.array([structure.weight(code) for code in codes])
    noise = 1 + reach * (2 * generator.random((draws, len(codes))) - 1)
    return pd.DataFrame(base * noise, columns=pd.Index(codes))
