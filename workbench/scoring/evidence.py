"""Statements that are said to hold without the evidence that the instrument demands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from workbench.instruments import Instrument
from workbench.observations import Observations
from workbench.scoring.remarks import Remark

PATH = "defaults.evidence"
KIND = "no_evidence"


def demand_evidence(observations: Observations) -> tuple[Observations, pd.DataFrame]:
    """Return observations in which what has no evidence does not count as met.

    Parameters
    ----------
    observations : Observations

    Returns
    -------
    Observations
        The same where the instrument demands no evidence. Else statements that are said to hold and
        have none are not met, or not recorded, as the rule says.
    DataFrame
        Columns unit, wave, code: the statements without evidence, one row each.
    """
    rule = observations.instrument.spec.defaults.evidence
    frame = observations.frame
    if rule is None:
        return observations, frame.loc[[], ["unit", "wave", "code"]]
    instrument = observations.instrument
    demanding = [code for code in instrument.indicators if instrument.evidence_rule(code)]
    asked = frame["code"].isin(demanding) & ~frame["compare_only"]
    held = (frame["value"] > 0) | frame["state"].isin(_best_levels(instrument))
    bare = asked & held & (frame["evidence"].astype(str).str.strip() == "")
    lacking = frame.loc[bare, ["unit", "wave", "code"]].astype(str)
    if rule.without == "missing":
        return replace(observations, frame=frame.loc[~bare].reset_index(drop=True)), lacking
    state = frame["state"].astype(object).mask(bare, "").astype("category")
    changed = frame.assign(value=frame["value"].mask(bare, 0.0), state=state)
    return replace(observations, frame=changed), lacking


def evidence_remarks(
    instrument: Instrument, cases: pd.MultiIndex, lacking: pd.DataFrame
) -> Iterator[Remark]:
    """Yield what a reader should learn of the statements without evidence."""
    for code, some in lacking.groupby("code"):
        pairs = pd.MultiIndex.from_frame(some[["unit", "wave"]])
        where = np.asarray(cases.isin(pairs))
        yield Remark(str(code), KIND, where)
        if PATH in instrument.assumed:
            yield Remark(str(code), "rule", where, PATH)


def _best_levels(instrument: Instrument) -> set[str]:
    """Return the best level of each scale, which may stand for a statement that holds."""
    return {levels[-1].id for levels in instrument.scales.values()}
