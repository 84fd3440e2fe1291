"""Versions of an index side by side: whose place moves, and how far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, get_args

import pandas as pd

from workbench.audit.options import require_option
from workbench.audit.places import place_frame
from workbench.errors import Problem, Reason, ScoringError, did_you_mean
from workbench.language import Message
from workbench.stats.correlation_tables import correlation_table

By = Literal["places", "scores"]
Show = Literal["values", "differences", "shifts"]
COLUMNS = ("first", "second", "difference", "shift")


def compare_two(
    first: pd.Series, second: pd.Series, *, by: By = "places", order_by: str | None = None
) -> pd.DataFrame:
    """Return the results of two versions of an index, unit by unit.

    Parameters
    ----------
    first, second : Series of float
        Score of each unit; units of one version alone are missing in the other.
    by : {"places", "scores"}
        Places are taken within each version, 1 is best, ties share the best.
    order_by : {"first", "second", "difference", "shift"}, optional
        Column by which rows are ordered, the largest shift or difference first; by unit if left
        out.

    Returns
    -------
    DataFrame
        ``first``, ``second``, ``difference`` (first less second: above 0 a unit that goes up), and
        ``shift`` (its size).

    Raises
    ------
    ScoringError
        If the two have no unit in common, or there is no such choice.
    """
    require_option("by", by, get_args(By))
    if order_by is not None:
        require_option("order_by", order_by, COLUMNS)
    _common([first, second])
    units = first.index.union(second.index).sort_values()
    table = pd.DataFrame({"first": first.reindex(units), "second": second.reindex(units)})
    if by == "places":
        table = place_frame(table)
    table["difference"] = table["first"] - table["second"]
    table["shift"] = table["difference"].abs()
    if order_by is None:
        return table
    rising = order_by in ("first", "second") and by == "places"
    return table.sort_values(order_by, ascending=rising, kind="stable")


def compare_many(
    versions: Mapping[str, pd.Series],
    *,
    show: Show = "values",
    base: str | None = None,
    by: By = "places",
) -> pd.DataFrame:
    """Return the results of several versions of an index, unit by unit.

    Parameters
    ----------
    versions : mapping of str to Series of float
        Score of each unit by name of the version.
    show : {"values", "differences", "shifts"}
        The results, what each is away from the base (less it), or the size of that.
    base : str, optional
        The version that others are held against; the first by default. Its units are shown, in
        the order of what is shown of it.
    by : {"places", "scores"}

    Returns
    -------
    DataFrame
        Units by versions, the base first.

    Raises
    ------
    ScoringError
        If there is no version, the base is none of them, two versions have no unit in common, or
        there is no such choice.
    """
    require_option("show", show, get_args(Show))
    require_option("by", by, get_args(By))
    if not isinstance(versions, Mapping) or not versions:
        what = Message("the versions to compare are given by name, one at least")
        raise ScoringError(Problem(Reason.PARAMETER_VALUE, what))
    first = base or next(iter(versions))
    if first not in versions:
        what = Message("there is no version {name}", name=first)
        fix = did_you_mean(first, versions)
        raise ScoringError(Problem(Reason.PARAMETER_VALUE, what, fix=fix))
    names = [first, *(name for name in versions if name != first)]
    for name in names[1:]:
        _common([versions[first], versions[name]])
    units = versions[first].index.sort_values()
    table = pd.DataFrame({name: versions[name].reindex(units) for name in names})
    if by == "places":
        table = place_frame(table)
    if show != "values":
        table = table.sub(table[first], axis=0)
    if show == "shifts":
        table = table.abs()
    return table.sort_values(first, kind="stable")


def correlate_two(
    first: pd.DataFrame, second: pd.DataFrame, codes: Sequence[str], *, by: By = "places"
) -> pd.Series:
    """Return how each node of two versions goes together with itself.

    Parameters
    ----------
    first, second : DataFrame of float
        Units by nodes of each version.
    codes : sequence of str
    by : {"places", "scores"}
        Of places it is Spearman's correlation, of scores Pearson's.

    Raises
    ------
    ScoringError
        If the two have no unit in common, or one does not have a node.
    """
    require_option("by", by, get_args(By))
    _common([first, second])
    absent = [c for c in codes if c not in first or c not in second]
    if absent:
        what = Message("there are no values of {codes}", codes=", ".join(absent[:12]))
        fix = did_you_mean(absent[0], map(str, first))
        raise ScoringError(Problem(Reason.NODE_UNKNOWN, what, fix=fix))
    found = {}
    for code in codes:
        table = compare_two(first[code], second[code], by=by)[["first", "second"]]
        found[code] = float(correlation_table(table).to_numpy()[0, 1])
    return pd.Series(found, name="correlation")


def _common(versions: Sequence[pd.Series | pd.DataFrame]) -> None:
    """Refuse versions without a unit in common."""
    if versions[0].index.intersection(versions[1].index).empty:
        what = Message("the two versions have no unit in common")
        fix = Message("Give both with the same codes of units.")
        raise ScoringError(Problem(Reason.UNIT_UNKNOWN, what, fix=fix))
