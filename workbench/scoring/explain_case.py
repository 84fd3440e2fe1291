"""What explanations of one unit in one wave read."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.instruments import Instrument, Node
from workbench.instruments.evaluation import evaluate
from workbench.instruments.formula import Formula
from workbench.language import Message
from workbench.scoring.contexts import GroupContext
from workbench.scoring.fits import POOLED, Fits
from workbench.scoring.scores import Scores
from workbench.scoring.states import (
    EFFECTS,
    NO_LEVEL,
    STATE_TITLES,
    Floats,
    State,
)
from workbench.specs.common import Text
from workbench.specs.instrument import (
    Level,
)
from workbench.specs.instrument import State as SpecState


@dataclass
class ExplainedCase:
    """One unit in one wave: its scores and what was observed of it.

    Parameters
    ----------
    scores : Scores
    rows : DataFrame
        Observations of the unit in the wave.
    row : int
        Its row in the arrays of the scores.
    """

    scores: Scores
    rows: pd.DataFrame
    row: int

    @property
    def instrument(self) -> Instrument:
        """The instrument."""
        return self.scores.instrument

    def title(self, label: str) -> Text | str:
        """Return the title of a level, state or answer."""
        spec = self.instrument.spec
        entries: list[SpecState | Level] = [
            *spec.states,
            *(level for scale in spec.scales for level in scale.levels),
        ]
        return next((e.title for e in entries if e.id == label), label)

    def state_title(self, state: State) -> Text | Message:
        """Return the instrument's name of a state, else that of the interface."""
        for entry in self.instrument.spec.states:
            if EFFECTS[entry.effect] == state:
                return entry.title
        return Message(STATE_TITLES[state])

    def parameters(self, key: str) -> dict[str, float | tuple[float, ...]]:
        """Return the parameters that are for this case; the longest label is the nearest."""
        wave = str(self.scores.cases[self.row][1])
        fitted = self.scores.parameters.get(key, {})
        fits = [label for label in fitted if label.partition(",")[0] in (wave, POOLED)]
        if len(fits) > 1:
            fits = [label for label in fits if self.is_of(label)]
        return dict(fitted[fits[0]]) if fits else {}

    def is_of(self, label: str) -> bool:
        """Return whether the groups that a label names are those of this case."""
        groups = (part.rpartition(" ") for part in label.split(", ")[1:])
        return all(f"{self.scores.facts[n][self.row]:.12g}" == value for n, _, value in groups)

    def context(self, node: Node) -> GroupContext:
        """Return what the formulas of a group read, with the parameters that scoring used."""
        scores = self.scores
        fits = Fits(scores, scores.parameters)
        return GroupContext(node, self.instrument, scores.results, scores.parts, fits)

    def evaluate(self, tree: ast.expr, context: GroupContext) -> Floats:
        """Return what a part of a formula gives in this case: one number, or several."""
        with np.errstate(all="ignore"):
            values = np.asarray(evaluate(tree, context), dtype=np.float64)
        full = np.broadcast_to(values, (*values.shape[:-1], self.scores.n_cases))
        return full[..., self.row]

    def number(self, node: Node, name: str) -> float:
        """Return what a name of a formula stands for; NaN where it is not known."""
        known = self.scores.parts.get(f"{node.code}.{name}", self.scores.facts.get(name))
        if known is not None:
            return float(known[self.row])
        seen = self.rows.loc[self.rows["code"] == f"{node.code}.{name}", "value"]
        return float(seen.iloc[0]) if len(seen) else np.nan

    def label_title(self, label: str, is_level: bool) -> Text | Message:
        """Return the title of a column of counts."""
        if is_level:
            levels = (e for scale in self.instrument.spec.scales for e in scale.levels)
            return next(e.title for e in levels if e.id == label)
        return self.state_title(State[label.upper()])

    def letter(self, code: str) -> str:
        """Return the level of a child as its id, or a question mark."""
        level = int(self.scores.results[code].level[self.row])
        return self.instrument.levels_of(code)[level].id if level != NO_LEVEL else "?"


def elsewhere_sentences(case: ExplainedCase, node: Node, formula: Formula) -> Iterator[Message]:
    """Yield the figures of the reference and the numbers of other waves that a formula reads."""
    context = case.context(node)
    for source, call in {ast.unparse(call): call for call in formula.elsewhere}.items():
        values = np.atleast_1d(case.evaluate(call, context))
        shown = ", ".join(f"{x:.6g}" for x in values.tolist())
        yield Message("{formula} = {value}", formula=source, value=shown)
