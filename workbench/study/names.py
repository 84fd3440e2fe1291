"""Names by which units can be told apart where they stand in one list."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd


def distinct_names(units: pd.DataFrame, groups: Sequence[str]) -> pd.Series:
    """Return the name of each unit; with its group or its code where several share it.

    Several municipalities of Mexico are called Benito Juárez: a list of all names their states.

    Parameters
    ----------
    units : DataFrame
        Indexed by code, with ``name`` and the columns of ``groups``.
    groups : sequence of str
        Columns that divide the units, such as the state; the first that tells all units of a name
        apart is used.

    Returns
    -------
    Series of str
        Indexed as ``units``.

    Examples
    --------
    >>> rows = {"name": ["Juárez", "Juárez", "León"], "estado": ["NL", "Chih.", "Gto."]}
    >>> list(distinct_names(pd.DataFrame(rows, index=["19031", "08037", "11020"]), ["estado"]))
    ['Juárez (NL)', 'Juárez (Chih.)', 'León']
    """
    names = units["name"].astype(str)
    shared = names.duplicated(keep=False)
    if not shared.any():
        return names
    codes = pd.Series(units.index.astype(str), index=units.index)
    found = names + " (" + codes + ")"
    for column in reversed(groups):
        value = units[column].fillna("").astype(str)
        told = names + " (" + value + ")"
        apart = (value != "") & ~told.duplicated(keep=False)
        whole = apart.groupby(names).transform("all")
        found = found.where(~whole, told)
    return names.where(~shared, found)
