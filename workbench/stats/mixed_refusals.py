"""When a mixed model can't be found, and what is told instead."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.language import Counted, Message
from workbench.stats.mixed import Prepared
from workbench.stats.result import Dropped, Refusal, Result
from workbench.stats.sizes import Sizes, too_few

METHOD = Message("linear mixed model, REML; Kenward-Roger")
# Below this share of the variance, what is left is rounding, not noise.
NO_NOISE = 1e-12


def cannot(data: Prepared, sizes: Sizes | None) -> Refusal | None:
    """Return the refusal of rows from which the model can't be found."""
    what = Message("What lasts and what varies cannot be told apart.")
    instead = Message("The mean of each group and of each round can be shown.")
    refusal = too_few(len(data.names), "mixed_groups", what, instead, sizes)
    if refusal is not None:
        return refusal
    if not np.ptp(data.y):
        return Refusal("no_variation", what, Message("All values are the same."), instead)
    if np.linalg.matrix_rank(data.x) < data.x.shape[1]:
        why = Message("One of the columns follows from the others, or does not vary.")
        return Refusal("collinear", what, why, instead)
    if data.n <= data.innermost * data.effects.shape[1]:
        why = Message("There are too few measurements of each one.")
        return Refusal("too_few_each", what, why, instead)
    if data.noise < NO_NOISE:
        why = Message("Beside the differences that last nothing varies.")
        return Refusal("no_variation", what, why, instead)
    return None


def astray() -> Refusal:
    """Return the refusal of a search that found no largest likelihood."""
    return Refusal(
        "not_converged",
        Message("What lasts and what varies cannot be told apart."),
        Message("The search for the best fit did not settle."),
        Message("The mean of each group and of each round can be shown."),
    )


def refused(question: str, family: str, data: Prepared, refusal: Refusal) -> Result:
    """Return a result that holds a refusal and the means of the groups."""
    frame = pd.DataFrame({"group": [data.names[g] for g in data.group], "value": data.y})
    return Result(
        question,
        family,
        data.n,
        METHOD,
        dropped=with_gaps(data),
        refusal=refusal,
        details={"n_obs": data.n, "n_groups": len(data.names)},
        tables={"groups": frame.groupby("group")["value"].agg(["size", "mean"])},
        fingerprint=data.fingerprint,
    )


def with_gaps(data: Prepared) -> tuple[Dropped, ...]:
    """Return how many rows were left out for a gap."""
    if not data.missing:
        return ()
    text = Counted(
        "{n} row with a gap is left out.", "{n} rows with gaps are left out.", data.missing
    )
    return (Dropped(data.missing, text),)
