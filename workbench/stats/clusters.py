"""Clusters: groups of units that resemble each other, and when they are too few to tell."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.language import Counted, Message
from workbench.stats.linear import Codes
from workbench.stats.pairs import Floats
from workbench.stats.result import Refusal, Sentence
from workbench.stats.sizes import Sizes, default_sizes, too_few


def cluster_codes(clusters: pd.Series, index: pd.Index) -> Codes:
    """Return the number of the cluster of each row, from 0, in the order of their names."""
    names = clusters.loc[index].astype(str)
    numbers: Codes = np.unique(names.to_numpy(dtype=str), return_inverse=True)[1]
    return numbers


def clusters_refused(
    codes: Codes | None, columns: Floats, what: Sentence, sizes: Sizes | None
) -> Refusal | None:
    """Return the refusal of too few clusters, or of a yes or no that only one of them has.

    Parameters
    ----------
    codes : array of int, shape (n,), or None
    columns : array of float, shape (n, columns)
        What the question is about.
    what : Message
    sizes : mapping, optional
    """
    if codes is None:
        return None
    few_groups = too_few(
        int(codes.max()) + 1,
        "clusters",
        what,
        Message("The averages of each group can be described one beside the other."),
        sizes,
    )
    if few_groups is not None or not any(in_one_cluster(codes, column) for column in columns.T):
        return few_groups
    return Refusal(
        "one_cluster",
        what,
        Message("All cases of one kind lie in a single group, so the group and the kind are one."),
        Message("The average of that group can be described beside the others."),
    )


def in_one_cluster(codes: Codes, column: Floats) -> bool:
    """Return whether one of the two values of a yes or no occurs in a single cluster."""
    kinds = np.unique(column)
    return len(kinds) == 2 and any(len(np.unique(codes[column == kind])) == 1 for kind in kinds)


def few_clusters(codes: Codes | None, sizes: Sizes | None) -> tuple[Sentence, ...]:
    """Return the warning of few clusters, nothing where they suffice or there are none."""
    if codes is None:
        return ()
    groups = int(codes.max()) + 1
    if groups >= (sizes or default_sizes())["clusters"].warn:
        return ()
    text = Counted(
        "There is {n} group only: its interval is approximate.",
        "There are {n} groups only: the interval is approximate.",
        groups,
    )
    return (text,)
