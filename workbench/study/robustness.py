"""How far places move under other weights of the parts of a mean."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.audit.index import Index, Node, Structure
from workbench.audit.robustness import METHOD, rank_robustness
from workbench.language import Message
from workbench.specs.robustness import Robustness
from workbench.stats import Refusal, Result
from workbench.study.compared import Compared


def weight_robustness(
    data: Compared, code: str, wave: str, unit: str | None = None
) -> Result | None:
    """Return how far places move where the weights behind a result are others.

    Parameters
    ----------
    data : Compared
    code, wave : str
    unit : str, optional
        As of :func:`workbench.audit.robustness.rank_robustness`.

    Returns
    -------
    Result or None
        None where the result is no weighted mean of two parts or more. Refused where the parts do
        not give the printed results: their places would be others from the start.

    Notes
    -----
    Only weights are varied: parts are scores on one scale already, and a mean is what joins them.
    """
    node = data.instrument.nodes[code]
    if node.aggregate is None or node.aggregate.method != "arithmetic" or len(node.children) < 2:
        return None
    parts = pd.DataFrame({c: data.scores(c, wave) for c in node.children})
    weights = {c: data.instrument.nodes[c].weight_under(code) for c in node.children}
    labels = data.labels(code, None, wave)
    if not _given_by(parts, weights, data.scores(code, wave), data.instrument.decimals(code)):
        refusal = Refusal(
            "parts_differ",
            Message("How far the places depend on the choices cannot be computed."),
            Message("The parts in these data do not give the results as they are printed."),
            Message("The places can be shown as they are."),
        )
        return Result("rank_robustness", "description", len(parts), METHOD, refusal=refusal)
    asked = data.spec.robustness or Robustness()
    turned = -1 if data.direction(code) == -1 else 1
    nodes = [Node(c, parents={code: weight}, direction=turned) for c, weight in weights.items()]
    structure = Structure.of([*nodes, Node(code, level=2, is_group=True)])
    scored = parts.loc[data.scores(code, wave).notna()].sort_index()
    index = Index.make(scored, structure).normalise(None)
    return rank_robustness(
        index.aggregate("arithmetic", min_availability=0.0),
        Robustness(
            weight_share=asked.weight_share,
            one_out=asked.one_out,
            draws=asked.draws,
            share=asked.share,
        ),
        unit=unit,
        names=data.study.names,
        seed=data.study.spec.seed,
        labels=labels,
        sizes=data.sizes,
    )


def _given_by(
    parts: pd.DataFrame, weights: dict[str, float], printed: pd.Series, decimals: int
) -> bool:
    """Return whether the weighted means of the parts are the results, as they are printed."""
    x, w = parts.to_numpy(dtype=np.float64), np.array(list(weights.values()))
    total = (w * ~np.isnan(x)).sum(axis=1)
    mean = np.divide(np.nansum(x * w, axis=1), total, out=np.full(len(x), np.nan), where=total > 0)
    scored = printed.notna().to_numpy()
    apart = np.abs(mean - printed.to_numpy(dtype=np.float64))[scored]
    return bool((apart <= 10.0**-decimals).all())
