"""How far places move under other weights of the parts of a mean."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.audit.index import Index, Node, Structure
from workbench.audit.robustness import METHOD, rank_robustness
from workbench.errors import Place, Problem, Reason, ScoringError
from workbench.instruments import Instrument
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

    Raises
    ------
    ScoringError
        If the plan names a level at which nothing stands.
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
    plan, levels = _of_parts(asked, data.instrument, code)
    turned = -1 if data.direction(code) == -1 else 1
    nodes = [
        Node(c, level=levels[c], parents={code: weight}, direction=turned)
        for c, weight in weights.items()
    ]
    structure = Structure.of([*nodes, Node(code, level=levels[code], is_group=True)])
    scored = parts.loc[data.scores(code, wave).notna()].sort_index()
    index = Index.make(scored, structure).normalise(None)
    return rank_robustness(
        index.aggregate("arithmetic", min_availability=0.0),
        plan,
        unit=unit,
        names=data.study.names,
        seed=data.study.spec.seed,
        labels=labels,
        sizes=data.sizes,
    )


def share_of_weights(data: Compared, code: str) -> float:
    """Return up to what share of itself a weight of a result's parts varies."""
    plan, levels = _of_parts(data.spec.robustness or Robustness(), data.instrument, code)
    parts = data.instrument.nodes[code].children
    return max(plan.weight_shares.get(levels[c], plan.weight_share) for c in parts)


def _of_parts(
    asked: Robustness, instrument: Instrument, code: str
) -> tuple[Robustness, dict[str, int]]:
    """Return what a plan says of the parts of one result, and the level of every node."""
    levels = _levels(instrument)
    top = max(levels.values())
    named = [*asked.weight_shares, *([] if asked.out_level is None else [asked.out_level])]
    for level in named:
        if level not in levels.values() or level == top:
            what = Message("no parts have this level")
            expected = Message("one of {names}", names=", ".join(map(str, range(1, top))))
            where = Place("robustness")
            raise ScoringError(
                Problem(Reason.PARAMETER_VALUE, what, where, str(level), expected=expected)
            )
    here = {levels[c] for c in instrument.nodes[code].children}
    plan = Robustness(
        weight_share=asked.weight_share,
        weight_shares={level: x for level, x in asked.weight_shares.items() if level in here},
        one_out=asked.one_out and (asked.out_level is None or asked.out_level in here),
        draws=asked.draws,
        share=asked.share,
    )
    if plan.one_out:
        plan = plan.model_copy(update={"out_level": asked.out_level})
    return plan, levels


def _levels(instrument: Instrument) -> dict[str, int]:
    """Return the level of each node: of indicators 1, of groups one above their parts."""
    found: dict[str, int] = {}

    def level(code: str) -> int:
        if code not in found:
            inner = instrument.nodes[code].children
            found[code] = 1 + max(map(level, inner)) if inner else 1
        return found[code]

    for code in instrument.nodes:
        level(code)
    return found


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
