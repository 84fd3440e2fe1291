"""Nominal weights of an index, and how much each node counts in fact."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from workbench.audit.index.structure import Structure
from workbench.audit.lineage import require_level
from workbench.errors import Problem, Reason, ScoringError
from workbench.language import Message
from workbench.stats.correlation_tables import correlation_table
from workbench.stats.measured import Floats


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
    The product of the shares on the way up; of a part of several groups their sum. COINr calls
    these effective weights; the Handbook calls them nominal, and effective what :func:`importance`
    gives.
    """
    share = dict.fromkeys(structure.nodes, 0.0) | {structure.top: 1.0}
    for group in reversed(structure.order):
        weights = structure.weights(group)
        for code, part in zip(structure.parts[group], weights / weights.sum(), strict=True):
            share[code] += share[group] * float(part)
    return pd.Series(share, name="effective_weight")


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
        One row a part of a group: ``node``, ``parent``, ``level``, ``weight`` (its share within
        the parent), ``weight_in_index``, ``r_parent``, ``r_index`` (Pearson's), ``importance``
        (square of ``r_parent``), ``importance_share`` (of the sum over the parent's parts) and
        ``ratio`` (of that share to the weight: 1 where it counts as much as it is meant to).

    Notes
    -----
    The square of Pearson's correlation is the part of the parent's variance that the node explains
    alone on a straight line (Paruolo, Saisana and Saltelli 2013,
    doi:10.1111/j.1467-985X.2012.01059.x). A negative correlation is a part that works against its
    group, whatever its square.
    """
    in_index = effective_weights(structure)
    tables = []
    for group in reversed(structure.order):
        parts = list(structure.parts[group])
        weight = structure.weights(group) / structure.weights(group).sum()
        r_parent = _with(values, parts, group)
        square = r_parent**2
        total = np.nansum(square)
        share = square / total if total > 0 else np.full(len(parts), np.nan)
        ratio = np.divide(share, weight, out=np.full(len(parts), np.nan), where=weight > 0)
        tables.append(
            pd.DataFrame(
                {
                    "node": parts,
                    "parent": group,
                    "level": [structure.nodes[code].level for code in parts],
                    "weight": weight,
                    "weight_in_index": in_index[parts].to_numpy(),
                    "r_parent": r_parent,
                    "r_index": _with(values, parts, structure.top),
                    "importance": square,
                    "importance_share": share,
                    "ratio": ratio,
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


def _with(values: pd.DataFrame, codes: list[str], node: str) -> Floats:
    """Return the correlation of some nodes with one."""
    found: Floats = correlation_table(values[codes], values[[node]]).to_numpy()[:, 0]
    return found


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
        Each weight lies evenly between itself less and plus this share of it; by level of the part,
        those not named stay as they are.
    draws : int
    rng : Generator or int

    Returns
    -------
    DataFrame
        Draws by part and parent; within each group only the ratios of weights count.

    Raises
    ------
    ScoringError
        If a share is not from 0 to 1, or no part has its level.
    """
    _check_shares(structure, shares)
    generator = np.random.default_rng(rng)
    edges = edges_of(structure)
    noise = 1 + reach_of(structure, shares) * (2 * generator.random((draws, len(edges))) - 1)
    return pd.DataFrame(
        weights_of(structure) * noise,
        columns=pd.MultiIndex.from_tuples(edges, names=["node", "parent"]),
    )


def _check_shares(structure: Structure, shares: float | Mapping[int, float]) -> None:
    """Refuse shares of levels that no part has, and those that would turn a weight below 0."""
    by_level = shares if isinstance(shares, Mapping) else {0: shares}
    for level, share in by_level.items():
        if isinstance(shares, Mapping):
            require_level(structure, level)
        if not 0 <= share <= 1:
            what, expected = Message("a share of a weight"), Message("0 to 1")
            got = f"{share:g}"
            raise ScoringError(Problem(Reason.PARAMETER_VALUE, what, got=got, expected=expected))


def edges_of(structure: Structure) -> list[tuple[str, str]]:
    """Return each part with each of its groups, group by group from below."""
    return [(part, group) for group in structure.order for part in structure.parts[group]]


def weights_of(structure: Structure) -> Floats:
    """Return the weight of each part in each of its groups, by edge."""
    return np.array([structure.nodes[part].parents[group] for part, group in edges_of(structure)])


def reach_of(structure: Structure, shares: float | Mapping[int, float]) -> Floats:
    """Return how far each weight may lie from its value, as a share of it, by edge."""
    levels = [structure.nodes[part].level for part, _ in edges_of(structure)]
    if isinstance(shares, Mapping):
        return np.array([float(shares.get(level, 0.0)) for level in levels])
    return np.full(len(levels), float(shares))
