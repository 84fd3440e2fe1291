"""How the parts of an index go together: with each other, with what they belong to, with size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
import pandas as pd

from workbench.audit.index.structure import Structure
from workbench.audit.lineage import ancestors, at_level, direction
from workbench.audit.options import refuse_idle, require_option
from workbench.errors import Problem, Reason, ScoringError
from workbench.language import Message
from workbench.stats.consistency import cronbach_alpha
from workbench.stats.correlation_tables import Method, correlation_table, p_value_table
from workbench.stats.measured import numeric_frame

Pairs = Literal["all", "parent", "family", "group"]
Side = Literal["high", "low"]


def correlations(
    values: pd.DataFrame,
    structure: Structure,
    *,
    levels: tuple[int, int] = (1, 1),
    within: tuple[Sequence[str] | None, Sequence[str] | None] = (None, None),
    method: Method = "pearson",
    pairs: Pairs = "all",
    group_level: int | None = None,
    most_p: float | None = None,
    directed: bool = False,
) -> pd.DataFrame:
    """Return correlations between nodes of an index, within a level or across two.

    Parameters
    ----------
    values : DataFrame of float
        Units by nodes; what is used must be there.
    structure : Structure
    levels : tuple of int
        Level of the first and of the second node of each pair.
    within : tuple of sequence of str or None
        Nodes to which the first, and the second, belong; all by default.
    method : {"pearson", "spearman", "kendall"}
    pairs : {"all", "parent", "family", "group"}
        All pairs; each node with what it belongs to at the other level; each node of the lower
        level with all above it; or pairs of one level that share a group at ``group_level``.
    group_level : int, optional
        Of pairs within groups: the level above by default.
    most_p : float, optional
        Correlations with a larger p-value are missing.
    directed : bool
        Whether indicators of which less is better are turned first.

    Returns
    -------
    DataFrame
        Long: ``first``, ``second``, ``correlation``, ``p_value``, ``n`` (units with both).

    Raises
    ------
    ScoringError
        If a node, a level or a choice is unknown, values of a node are not there, or an option
        would change nothing.
    """
    low, high = sorted(levels)
    require_option("pairs", pairs, get_args(Pairs))
    if group_level is not None and pairs != "group":
        refuse_idle("group_level", Message("it is of pairs that share a group"))
    if pairs == "parent" and low == high:
        refuse_idle("pairs", Message("parents stand at another level"))
    if pairs == "family":
        above = [level for level in structure.levels if level > low]
        parts = [
            correlations(values, structure, levels=(low, level), within=within, method=method,
                         pairs="parent", most_p=most_p, directed=directed)
            for level in above
        ]  # fmt: skip
        return pd.concat(parts, ignore_index=True)
    first, second = (at_level(structure, level, w) for w, level in zip(within, levels, strict=True))
    chosen = _chosen(structure, first, second, levels, pairs, group_level or high + 1)
    frame = _directed(values, structure, [*first, *second], directed)
    r = correlation_table(frame[first], frame[second], method=method).to_numpy()
    p = p_value_table(frame[first], frame[second], method=method).to_numpy()
    there = frame.notna().astype(np.float64)
    n = (there[first].T.to_numpy() @ there[second].to_numpy()).astype(np.int64)
    if most_p is not None:
        r = np.where(p > most_p, np.nan, r)
    i, j = np.nonzero(chosen)
    return pd.DataFrame(
        {
            "first": np.array(first, dtype=object)[i],
            "second": np.array(second, dtype=object)[j],
            "correlation": r[i, j],
            "p_value": p[i, j],
            "n": n[i, j],
        }
    )


def _chosen(
    structure: Structure,
    first: Sequence[str],
    second: Sequence[str],
    levels: tuple[int, int],
    pairs: str,
    group_level: int,
) -> np.ndarray:
    """Return which pairs are wanted, shape (first, second)."""
    if pairs == "all":
        return np.ones((len(first), len(second)), dtype=bool)
    if pairs == "parent":
        above = {code: ancestors(structure, code) for code in (*first, *second)}
        return np.array([[a in above[b] or b in above[a] for b in second] for a in first], bool)
    if not max(levels) < group_level <= structure.levels[-1]:
        what = Message("group_level: a level above those of the pairs is needed")
        expected = Message("{low} to {high}", low=max(levels) + 1, high=structure.levels[-1])
        got = str(group_level)
        raise ScoringError(Problem(Reason.PARAMETER_VALUE, what, got=got, expected=expected))
    groups = [[structure.above(c, group_level) for c in codes] for codes in (first, second)]
    return np.array([[a == b and a is not None for b in groups[1]] for a in groups[0]], dtype=bool)


def _directed(
    values: pd.DataFrame, structure: Structure, codes: Sequence[str], directed: bool
) -> pd.DataFrame:
    """Return the values of some nodes as numbers, turned where less is better if asked."""
    wanted = list(dict.fromkeys(codes))
    absent = [code for code in wanted if code not in values]
    if absent:
        what = Message("there are no values of {codes}", codes=", ".join(absent[:12]))
        fix = Message("Give the values after aggregation, which hold groups and indicators.")
        raise ScoringError(Problem(Reason.NODE_UNKNOWN, what, fix=fix))
    frame = numeric_frame(values[wanted])
    return frame * [direction(structure, code) for code in wanted] if directed else frame


def correlation_flags(
    values: pd.DataFrame,
    structure: Structure,
    *,
    limit: float = 0.9,
    side: Side = "high",
    method: Method = "pearson",
    group_level: int = 2,
    directed: bool = False,
) -> pd.DataFrame:
    """Return pairs of indicators of one group that go together more, or less, than a limit.

    Parameters
    ----------
    values : DataFrame of float
        Units by indicators.
    structure : Structure
    limit : float
        -1 to 1.
    side : {"high", "low"}
        Above the limit: what is counted twice. Below it: what goes against its group.
    method : {"pearson", "spearman", "kendall"}
    group_level : int
    directed : bool
        As of :func:`correlations`.

    Returns
    -------
    DataFrame
        ``group``, ``first``, ``second``, ``correlation``; each pair once.
    """
    require_option("side", side, get_args(Side))
    found = correlations(values, structure, method=method, pairs="group", group_level=group_level,
                         directed=directed)  # fmt: skip
    order = {code: i for i, code in enumerate(structure.indicators)}
    once = found["first"].map(order).to_numpy() < found["second"].map(order).to_numpy()
    r = found["correlation"].to_numpy()
    with np.errstate(invalid="ignore"):
        beyond = r > limit if side == "high" else r < limit
    some = found.loc[once & beyond, ["first", "second", "correlation"]].reset_index(drop=True)
    groups = [structure.above(str(code), group_level) for code in some["first"]]
    some.insert(0, "group", pd.Series(groups, dtype=object))
    return some


def size_correlations(
    values: pd.DataFrame,
    sizes: pd.DataFrame,
    *,
    limit: float = 0.6,
    method: Method = "pearson",
    structure: Structure | None = None,
) -> pd.DataFrame:
    """Return indicators that go together with the size of units, as population or area.

    Parameters
    ----------
    values : DataFrame of float
        Units by indicators.
    sizes : DataFrame of float
        Units by what indicators could be divided by.
    limit : float
        Pairs whose correlation is larger, whatever its sign.
    method : {"pearson", "spearman", "kendall"}
    structure : Structure, optional
        Given, indicators of which less is better are turned first.

    Returns
    -------
    DataFrame
        ``indicator``, ``size``, ``correlation``.
    """
    frame = numeric_frame(values)
    if structure is not None:
        frame = frame * [direction(structure, code) for code in frame]
    table = correlation_table(frame, sizes, method=method)
    r = table.to_numpy()
    with np.errstate(invalid="ignore"):
        i, j = np.nonzero(np.abs(r) > limit)
    return pd.DataFrame(
        {
            "indicator": table.index.to_numpy()[i],
            "size": table.columns.to_numpy()[j],
            "correlation": r[i, j],
        }
    )


def consistency(values: pd.DataFrame) -> float:
    """Return Cronbach's alpha of some columns, from the covariances of pairs that are there.

    Parameters
    ----------
    values : DataFrame of float
        Units by indicators, or by groups.

    Notes
    -----
    Groups of an index add up different things and need not be consistent: a low alpha is no fault
    by itself. :func:`workbench.stats.internal_consistency` gives an interval and what each column
    adds.
    """
    return cronbach_alpha(numeric_frame(values).cov().to_numpy())


def consistency_by_group(values: pd.DataFrame, structure: Structure) -> pd.Series:
    """Return Cronbach's alpha of the parts of each group; missing where a group has one part.

    Parameters
    ----------
    values : DataFrame of float
        Units by nodes; groups whose parts are not there are left out.
    structure : Structure
    """
    inside = {g: list(parts) for g, parts in structure.parts.items()}
    return pd.Series(
        {
            g: consistency(values[inside[g]]) if len(inside[g]) > 1 else np.nan
            for g in structure.order
            if all(code in values for code in inside[g])
        },
        dtype=np.float64,
        name="alpha",
    )
