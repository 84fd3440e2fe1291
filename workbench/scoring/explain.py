"""Explanations: the arithmetic of one result, down to what was observed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from workbench.instruments import Node
from workbench.language import Message, marked
from workbench.observations import Observations
from workbench.scoring.explain_case import ExplainedCase
from workbench.scoring.explain_groups import group_sentences
from workbench.scoring.explain_indicators import checklist_sentences, measure_sentences
from workbench.scoring.results import NodeResult
from workbench.scoring.scores import Scores
from workbench.scoring.states import (
    NO_LEVEL,
    Basis,
    State,
)
from workbench.specs.common import Text
from workbench.specs.instrument import ByFormula, Checklist, Measure

REMARKS = {
    "gate": marked("Held below the best level: a condition beside the elements is not met."),
    "gate_unknown": marked(
        "A condition beside the elements is not recorded; without it the level would be lower."
    ),
    "uncalibrated": marked("Its parameters were fitted to other waves or groups: no score."),
    "undefined": marked("The numbers give no result, and no printed rule says what follows."),
    "missing_reference": marked("A reference value that the formula needs is not printed."),
    "no_evidence": marked("Said to hold, without the evidence that the instrument demands."),
    "when_missing": marked("Data are missing: the instrument's rule for that was applied."),
    "carried": marked("Kept from an earlier wave: it is reviewed only once."),
    "set_aside": marked("It was observed, although the facts of the unit set it aside."),
    "carried_over": marked("It was recorded again; the earlier best level stands."),
    "marked_aside": marked("It was observed, although it is marked as set aside; the mark stands."),
    "contradicted": marked("It is marked as not measured; what was observed below it stands."),
    "tally_differs": marked("The counts differ from the indicators, which were all observed."),
}


@dataclass(frozen=True)
class Explanation:
    """One result and the parts it is made of.

    Parameters
    ----------
    code : str
    title : Text
    score, low, high : float
        NaN where there is none.
    level : Text or None
    status : str
        As in the ``status`` column of scores.
    how : tuple of Message
        The arithmetic, one sentence a step.
    parts : tuple of Explanation
    sources : tuple of str
        Where the observations come from.
    """

    code: str
    title: Text
    score: float
    low: float
    high: float
    level: Text | None
    status: str
    how: tuple[Message, ...]
    parts: tuple[Explanation, ...]
    sources: tuple[str, ...] = ()

    def walk(self, depth: int = 0) -> Iterator[tuple[int, Explanation]]:
        """Yield this explanation and its parts with their depth."""
        yield depth, self
        for part in self.parts:
            yield from part.walk(depth + 1)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a node: depth, node, score, low, high, status, how."""
        return pd.DataFrame(
            [
                {
                    "depth": depth,
                    "node": e.code,
                    "score": e.score,
                    "low": e.low,
                    "high": e.high,
                    "status": e.status,
                    "how": " ".join(m.text() for m in e.how),
                }
                for depth, e in self.walk()
            ]
        )

    def text(self, tag: str | None = None) -> str:
        """Return the explanation as indented lines in the language of ``tag``."""
        lines = []
        for depth, e in self.walk():
            indent = "  " * depth
            head = Message("{code}  {title}", code=e.code, title=e.title).text(tag)
            if not np.isnan(e.score):
                head += Message(" = {score}", score=e.score).text(tag)
            lines.append(indent + head)
            lines += [f"{indent}    {message.text(tag)}" for message in e.how]
            lines += [
                f"{indent}    {Message('Source: {source}.', source=s).text(tag)}" for s in e.sources
            ]
        return "\n".join(lines)


def explain(
    scores: Scores, observations: Observations, unit: str, node: str, wave: str | None = None
) -> Explanation:
    """Explain one result.

    Parameters
    ----------
    scores : Scores
    observations : Observations
        Those that were scored.
    unit : str
        Code of the unit.
    node : str
        Code of the node.
    wave : str, optional
        The last in which the unit was observed by default.

    Returns
    -------
    Explanation

    Raises
    ------
    ScoringError
        If there is no such node, unit or wave.
    """
    scores.instrument.node(node)
    waves = scores.waves_of(unit)
    chosen = wave or (waves[-1] if waves else "")
    row = scores.row(unit, chosen)
    frame = observations.frame
    rows = frame.loc[(frame["unit"] == unit) & (frame["wave"] == chosen) & ~frame["compare_only"]]
    return _Explainer(scores, rows, row).node(node)


@dataclass
class _Explainer(ExplainedCase):
    """Explains the nodes of one case."""

    told: set[str] = field(default_factory=set)

    def node(self, code: str) -> Explanation:
        """Return the explanation of a node with everything below it."""
        node, result = self.instrument.nodes[code], self.scores.results[code]
        row, levels = self.row, self.instrument.levels_of(code)
        level = int(result.level[row])
        # Below a group of which nothing was observed there is nothing to explain; what stands under
        # several groups is explained under the first.
        nothing = result.state[row] == State.MISSING or code in self.told
        below = () if nothing else node.children
        self.told.add(code)
        return Explanation(
            code,
            node.spec.title,
            float(result.score[row]),
            float(result.low[row]),
            float(result.high[row]),
            levels[level].title if level != NO_LEVEL else None,
            result.status(row),
            (*self._given(node), *self._how(node, result), *self._outcome(node, result)),
            tuple(self.node(child) for child in below),
            self._sources(code),
        )

    # -- what was observed ------------------------------------------------------------------------

    def _sources(self, code: str) -> tuple[str, ...]:
        """Return the sources of what was observed for a node and its parts."""
        own = [c for c, o in self.instrument.observables.items() if o.owner == code]
        found = self.rows.loc[self.rows["code"].isin(own), "source"]
        return tuple(s for s in dict.fromkeys(found) if s)

    def _given(self, node: Node) -> Iterator[Message]:
        """Yield what was observed at the node itself."""
        own = self.rows.loc[self.rows["code"] == node.code]
        formula = isinstance(node.spec, Measure) and node.spec.formula is not None
        made_of_parts = formula or node.kind in ("group", "checklist")
        for state, value in zip(own["state"].astype(str), own["value"], strict=True):
            if state and not np.isnan(value):
                continue  # a count, which the share explains
            shown: object = self.title(state) if state else float(value)
            if made_of_parts:
                yield Message("Reported: {given}.", given=shown)
            else:
                yield Message("Observed: {given}.", given=shown)

    def _how(self, node: Node, result: NodeResult) -> Iterator[Message]:
        """Yield the steps that lead from the parts to a node's result."""
        if isinstance(node.spec, Checklist):
            yield from checklist_sentences(self, node, node.spec)
        elif isinstance(node.spec, Measure):
            yield from measure_sentences(self, node, node.spec, result)
        elif node.children or isinstance(node.aggregate, ByFormula):
            yield from group_sentences(self, node, result)
        if node.spec.normalise is not None and result.basis[self.row] != Basis.REPORTED:
            yield from self._normalised(node, result)

    def _normalised(self, node: Node, result: NodeResult) -> Iterator[Message]:
        """Yield the normalisation of a value, with its parameters and its direction."""
        rule, score = node.spec.normalise, float(result.score[self.row])
        if rule is None or np.isnan(score):
            return
        cap, floor = getattr(node.aggregate, "cap", None), getattr(node.aggregate, "floor", None)
        value = float(result.value[self.row])
        if cap is not None or floor is not None:
            value = float(np.clip(value, floor, cap))
        fixed = rule.model_dump(exclude={"method"}, exclude_defaults=True)
        known = fixed | self.parameters(node.code)
        text = (
            marked("Normalised ({method}: {parameters}): {value} gives {score}.")
            if node.turn == 1
            else marked(
                "Normalised, less is better ({method} of the negative: {parameters}): {value} "
                "gives {score}."
            )
        )
        yield Message(
            text,
            method=rule.method,
            parameters=", ".join(
                f"{k} = {v:.12g}" if isinstance(v, float) else f"{k} = {v}"
                for k, v in known.items()
                if not isinstance(v, tuple)
            ),
            value=value,
            score=score,
        )

    # -- what came of it --------------------------------------------------------------------------

    def _outcome(self, node: Node, result: NodeResult) -> Iterator[Message]:
        """Yield the level or the reason why there is none, and which rules had a part in it."""
        level, state = int(result.level[self.row]), State(int(result.state[self.row]))
        if level != NO_LEVEL:
            yield Message(
                "Level: {level}.", level=self.instrument.levels_of(node.code)[level].title
            )
        elif state not in (State.VALUED, State.NOT_AGGREGATED, State.WITHHELD, State.BOUNDED):
            yield Message("No result: {state}.", state=self.state_title(state))
        told: set[Text] = set()
        for remark in self.scores.remarks:
            if remark.node != node.code or not remark.where[self.row]:
                continue
            if remark.kind == "rule":
                reason = self.instrument.assumed[remark.path].reason
                if reason not in told:
                    told.add(reason)
                    yield Message(
                        "This rests on a rule that no source prints: {reason}", reason=reason
                    )
            elif remark.kind == "supposition":
                yield Message("Because: {title}.", title=self.instrument.supposition(remark.path))
            else:
                yield Message(REMARKS[remark.kind])
