"""Places of units, and tables of results by place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.audit.index.structure import Structure
from workbench.audit.lineage import at_level, direction
from workbench.audit.options import refuse_idle, require_option
from workbench.errors import Problem, Reason, ScoringError, did_you_mean
from workbench.language import Message
from workbench.scoring.ranks import rank_units
from workbench.scoring.states import Floats

Ints = NDArray[np.int32]
Show = Literal["index", "groups", "all"]
Use = Literal["scores", "places", "group_places"]

# Binary arithmetic would break ties beyond this decimal.
DECIMALS = 9


def row_places(scores: Floats) -> Ints:
    """Return places of scores of shape (draws, units), 1 is best, ties share; 0 without a score."""
    draws, n = scores.shape
    key = np.round(scores, DECIMALS)
    np.negative(key, out=key)
    missing = np.isnan(key)
    if missing.any():
        key[missing] = np.inf
    order = np.argsort(key, axis=1)
    order += (np.arange(draws) * n)[:, None]
    ordered = np.take(key, order)
    place = np.broadcast_to(np.arange(1, n + 1, dtype=np.int32), (draws, n))
    tied = ordered[:, 1:] == ordered[:, :-1]
    if tied.any():
        place = place.copy()
        place[:, 1:][tied] = 1
        place = np.maximum.accumulate(place, axis=1)
    found = np.empty(draws * n, dtype=np.int32)
    found[order.ravel()] = place.ravel()
    found = found.reshape(draws, n)
    found[missing] = 0
    return found


def place_frame(
    values: pd.DataFrame, by: pd.Series | None = None, *, less_is_better: bool = False
) -> pd.DataFrame:
    """Return a table with its numbers as places, 1 is the best; ties share the best place.

    Parameters
    ----------
    values : DataFrame
        Units by nodes; columns that are no numbers stay.
    by : Series, optional
        Group of each unit: places are within groups, missing where there is no group.
    less_is_better : bool
        Whether the first place is that of the smallest.
    """
    found = values.copy()
    numeric = [str(c) for c in values if pd.api.types.is_numeric_dtype(values[c].dtype)]
    group = None if by is None else by.reindex(values.index)
    for name in numeric:
        if group is None:
            found[name] = place_series(values[name], less_is_better=less_is_better)
        else:
            each = values[name].groupby(group, dropna=True)
            found[name] = each.transform(place_series, less_is_better=less_is_better)
    return found


def place_series(values: pd.Series, *, less_is_better: bool = False) -> pd.Series:
    """Return numbers as places, with the ties that scores have everywhere (:func:`rank_units`)."""
    x = values.to_numpy(dtype=np.float64, na_value=np.nan)
    found = rank_units(x, x, x, direction=-1 if less_is_better else 1).rank
    return pd.Series(found, index=values.index, name=values.name)


def result_frame(
    values: pd.DataFrame,
    structure: Structure,
    *,
    show: Show = "index",
    use: Use = "scores",
    order_by: str | None = None,
    by: pd.Series | None = None,
    beside: pd.DataFrame | None = None,
    decimals: int | None = None,
) -> pd.DataFrame:
    """Return the results of an index, the best unit first.

    Parameters
    ----------
    values : DataFrame of float
        Units by nodes, after aggregation.
    structure : Structure
    show : {"index", "groups", "all"}
        The index, all groups from the top down, or indicators too.
    use : {"scores", "places", "group_places"}
    order_by : str, optional
        Node by which units are ordered; the index by default.
    by : Series, optional
        Group of each unit, needed for ``group_places``; rows are then ordered by group.
    beside : DataFrame, optional
        Columns to set before the results, as names.
    decimals : int, optional
        Scores are rounded to so many; places are of what is not rounded.

    Returns
    -------
    DataFrame
        Indexed by unit; with scores a column ``place`` of the node that orders, too.

    Raises
    ------
    ScoringError
        If a node is not there, groups are needed and not given, a choice is unknown, or an option
        would change nothing.
    """
    require_option("show", show, get_args(Show))
    require_option("use", use, get_args(Use))
    if by is not None and use != "group_places":
        refuse_idle("by", Message("it is of places within groups"))
    if decimals is not None and use != "scores":
        refuse_idle("decimals", Message("places are whole numbers"))
    node = order_by or structure.top
    groups = [c for level in structure.levels[:0:-1] for c in structure.at_level(level)]
    codes = {"index": [node], "groups": groups, "all": [*groups, *structure.indicators]}[show]
    absent = [code for code in dict.fromkeys([node, *codes]) if code not in values]
    if absent:
        what = Message("there are no values of {codes}", codes=", ".join(absent[:12]))
        raise ScoringError(
            Problem(Reason.NODE_UNKNOWN, what, fix=did_you_mean(absent[0], map(str, values)))
        )
    if use == "group_places" and by is None:
        what = Message("places within groups need the group of each unit")
        raise ScoringError(Problem(Reason.PARAMETER_VALUE, what))
    table = values[codes].sort_index()
    less = structure.nodes[structure.top].direction < 0
    order = values[node].reindex(table.index).sort_values(ascending=less, kind="stable").index
    table = table.reindex(order)
    if use == "scores":
        place = place_series(values[node], less_is_better=less).reindex(order)
        table = table if decimals is None else table.round(decimals)
        table.insert(1 if show == "index" else 0, "place", place)
    else:
        within = by if use == "group_places" else None
        table = place_frame(table, within, less_is_better=less)
    if use == "group_places" and by is not None:
        group = by.reindex(table.index)
        table.insert(0, "group", group)
        table = table.loc[group.sort_values(kind="stable").index]
    if beside is not None:
        table = beside.reindex(table.index).join(table)
    return table


def unit_frame(
    values: pd.DataFrame, structure: Structure, unit: str, levels: Sequence[int] | None = None
) -> pd.DataFrame:
    """Return the scores and places of one unit, from the top down.

    Parameters
    ----------
    values : DataFrame of float
        Units by nodes, after aggregation.
    structure : Structure
    unit : str
    levels : sequence of int, optional
        All by default.

    Returns
    -------
    DataFrame
        One row a node: ``title``, ``level``, ``score``, ``place``.

    Raises
    ------
    ScoringError
        If the unit or a level does not exist.
    """
    require_unit(values, unit)
    shown = levels or structure.levels
    codes = [c for level in sorted(shown, reverse=True) for c in at_level(structure, level)]
    table = values[codes]
    less = structure.nodes[structure.top].direction < 0
    places_ = place_frame(table, less_is_better=less)
    return pd.DataFrame(
        {
            "title": [structure.nodes[code].title for code in codes],
            "level": [structure.nodes[code].level for code in codes],
            "score": table.loc[unit].to_numpy(dtype=np.float64),
            "place": places_.loc[unit].to_numpy(dtype=np.float64),
        },
        index=pd.Index(codes, name="node"),
    )


def require_unit(values: pd.DataFrame, unit: str) -> None:
    """Refuse a unit that is not there.

    Raises
    ------
    ScoringError
        The nearest is named.
    """
    if unit not in values.index:
        what = Message("there is no unit {unit}", unit=unit)
        fix = did_you_mean(str(unit), map(str, values.index))
        raise ScoringError(Problem(Reason.UNIT_UNKNOWN, what, fix=fix))


def strengths_and_weaknesses(
    values: pd.DataFrame,
    structure: Structure,
    unit: str,
    *,
    strongest: int = 5,
    weakest: int = 5,
    by: pd.Series | None = None,
    unique: float | None = None,
    leave_last: bool = True,
    group_level: int = 2,
    directed: bool = False,
    measures: Mapping[str, str] | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the indicators in which a unit stands best, and those in which it stands worst.

    Parameters
    ----------
    values : DataFrame of float
        Units by indicators.
    structure : Structure
    unit : str
    strongest, weakest : int
        How many of each.
    by : Series, optional
        Group of each unit: places are then within the unit's group.
    unique : float, optional
        Indicators whose share of unique values is not above it are left out: yes or no tells
        little.
    leave_last : bool
        Whether indicators in which the unit has the last place are left out: where many share a
        0, the last place can be a good one.
    group_level : int
        Level of the group that is named beside.
    directed : bool
        Whether indicators of which less is better are turned first: yes for raw values.
    measures : mapping of str to str, optional
        Unit in which an indicator is measured.

    Returns
    -------
    tuple of DataFrame
        Strengths and weaknesses: ``title``, ``group``, ``place``, ``value``, ``measure``, indexed
        by indicator. With few indicators one can stand in both.

    Raises
    ------
    ScoringError
        If the unit does not exist, or has no group where places are within groups.

    Notes
    -----
    As COINr's ``get_str_weak``: of equal places the indicator that comes first stands first; the
    share of unique values counts missing ones as one value.
    """
    require_unit(values, unit)
    if by is not None and pd.isna(by.reindex([unit]).iloc[0]):
        what = Message("by: {unit} has no group", unit=unit)
        raise ScoringError(Problem(Reason.PARAMETER_VALUE, what))
    codes = [code for code in structure.indicators if code in values]
    signs = [direction(structure, code) if directed else 1 for code in codes]
    less = not directed and structure.nodes[structure.top].direction < 0
    table = place_frame(values[codes] * signs, by, less_is_better=less)
    if unique is not None:
        share = values[codes].nunique(dropna=False) / len(values)
        table = table.loc[:, share > unique]
    own = pd.Series(table.to_numpy()[values.index.get_loc(unit)], index=table.columns).dropna()
    if leave_last:
        own = own[(own != table.max().reindex(own.index)).to_numpy()]
    ordered = own.sort_values(kind="stable")

    def part(some: pd.Series) -> pd.DataFrame:
        names = list(map(str, some.index))
        return pd.DataFrame(
            {
                "title": [structure.nodes[code].title for code in names],
                "group": [structure.above(code, group_level) for code in names],
                "place": some.to_numpy(),
                "value": values.loc[unit, names].to_numpy(dtype=np.float64),
                "measure": [(measures or {}).get(code, "") for code in names],
            },
            index=pd.Index(names, name="indicator"),
        )

    return part(ordered.iloc[:strongest]), part(ordered.iloc[max(0, len(ordered) - weakest) :])
