"""Explanations: the arithmetic of one result, down to what was observed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.instruments import Instrument, Node
from workbench.language import Message
from workbench.observations import Observations
from workbench.scoring.scores import Scores
from workbench.scoring.shares import STATES
from workbench.scoring.states import NO_LEVEL, State, status_names, status_of
from workbench.specs.common import Text
from workbench.specs.instrument import (
    Checklist,
    LookupTable,
    Mean,
    Measure,
    Points,
    Share,
    Single,
    WeakestLink,
)


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
        """Return one row a node: depth, code, score, low, high, status, how."""
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

    def text(self, tag: str | None = None, source_language: str = "es") -> str:
        """Return the explanation as indented lines in the language of ``tag``."""
        lines = []
        for depth, e in self.walk():
            title = e.title.in_(tag or "en", source_language)
            head = f"{'  ' * depth}{e.code}  {title}"
            lines.append(head + (f" = {_number(e.score)}" if not np.isnan(e.score) else ""))
            lines += [f"{'  ' * depth}    {message.text(tag)}" for message in e.how]
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
    row = scores.row(unit, wave or (waves[-1] if waves else ""))
    chosen = wave or waves[-1]
    frame = observations.frame
    rows = frame.loc[(frame["unit"] == unit) & (frame["wave"] == chosen)]
    return _Explainer(scores, rows, row).node(node)


@dataclass
class _Explainer:
    """Explains the nodes of one case."""

    scores: Scores
    rows: pd.DataFrame
    row: int

    @property
    def instrument(self) -> Instrument:
        """The instrument."""
        return self.scores.instrument

    def node(self, code: str) -> Explanation:
        """Return the explanation of a node with everything below it."""
        node, result = self.instrument.nodes[code], self.scores.results[code]
        row, levels = self.row, self.instrument.levels_of(code)
        level = int(result.level[row])
        status = status_names()[int(status_of(result.state, result.basis)[row])]
        how = [*self._how(node), *self._remarks(code)]
        # Below a group of which nothing was observed there is nothing to explain.
        below = () if result.state[row] == State.MISSING else node.children
        return Explanation(
            code,
            node.spec.title,
            float(result.score[row]),
            float(result.low[row]),
            float(result.high[row]),
            levels[level].title if level != NO_LEVEL else None,
            status,
            tuple(how),
            tuple(self.node(child) for child in below),
            self._sources(code),
        )

    def _sources(self, code: str) -> tuple[str, ...]:
        """Return the sources of what was observed for a node and its parts."""
        own = [c for c, o in self.instrument.observables.items() if o.owner == code]
        found = self.rows.loc[self.rows["code"].isin(own), "source"]
        return tuple(s for s in dict.fromkeys(found) if s)

    def _observed(self, code: str) -> float:
        """Return the number observed for a code; NaN for none."""
        found = self.rows.loc[(self.rows["code"] == code) & (self.rows["state"] == ""), "value"]
        return float(found.iloc[0]) if len(found) else np.nan

    def _how(self, node: Node) -> Iterator[Message]:
        """Yield the steps that lead to a node's result."""
        reported = self._observed(node.code)
        if not np.isnan(reported):
            yield Message("Reported as {given}.", given=_number(reported))
        if isinstance(node.spec, Checklist):
            yield from self._checklist(node, node.spec)
        elif isinstance(node.spec, Measure):
            yield from self._measure(node, node.spec)
        elif node.aggregate is not None and node.children:
            yield from self._group(node)
        result = self.scores.results[node.code]
        level = int(result.level[self.row])
        if level != NO_LEVEL:
            yield Message("Level: {level}.", level=self.instrument.levels_of(node.code)[level].id)
        elif node.is_indicator:
            state = State(int(result.state[self.row])).name.lower().replace("_", " ")
            if result.state[self.row] != State.VALUED:
                yield Message("No level: {state}.", state=state)

    def _checklist(self, node: Node, spec: Checklist) -> Iterator[Message]:
        """Yield how many elements are met, and which are not."""
        ticks = {e.id: self._observed(f"{node.code}.{e.id}") for e in spec.elements}
        if all(np.isnan(v) for v in ticks.values()):
            return
        met = [k for k, v in ticks.items() if v == 1]
        lacking = [k for k, v in ticks.items() if v != 1]
        yield Message(
            "{met} of {n} elements met ({yes}); not met: {no}.",
            met=len(met),
            n=len(ticks),
            yes=", ".join(met) or "-",
            no=", ".join(lacking) or "-",
        )

    def _measure(self, node: Node, spec: Measure) -> Iterator[Message]:
        """Yield the variables, the formula and the result."""
        given = {v.id: self._observed(f"{node.code}.{v.id}") for v in spec.variables}
        known = {k: v for k, v in given.items() if not np.isnan(v)}
        if known:
            yield Message(
                "Given: {values}.",
                values=", ".join(f"{k} = {_number(v)}" for k, v in known.items()),
            )
        for variable in spec.variables:
            if variable.compute and variable.id not in known:
                yield Message("{name} = {formula}.", name=variable.id, formula=variable.compute)
        value = float(self.scores.results[node.code].value[self.row])
        if spec.formula and not np.isnan(value):
            yield Message("{formula} = {value}.", formula=spec.formula, value=_number(value))

    def _group(self, node: Node) -> Iterator[Message]:
        """Yield the arithmetic of a group."""
        rule, result = node.aggregate, self.scores.results[node.code]
        computed = float(result.computed[self.row])
        match rule:
            case Share(level=level):
                yield from self._share(node, level)
            case Mean(method=method, weights="unknown"):
                yield Message(
                    "The weights are not known: the {method} mean lies between {low} and {high}.",
                    method=method,
                    low=_number(float(result.computed_low[self.row])),
                    high=_number(float(result.computed_high[self.row])),
                )
            case Mean(method=method):
                terms = self._terms(node)
                yield Message(
                    "{method}: {terms} = {value}.",
                    method=method,
                    terms=terms,
                    value=_number(computed),
                )
            case Points():
                yield Message(
                    "Points: {terms} = {value}.", terms=self._terms(node), value=_number(computed)
                )
            case WeakestLink() | LookupTable() | Single():
                letters = [self._letter(c) for c in node.children]
                yield Message(
                    "{method} of {letters}.", method=rule.method, letters=" ".join(letters)
                )

    def _share(self, node: Node, level: str) -> Iterator[Message]:
        """Yield the counts behind a share."""
        if self.scores.results[node.code].state[self.row] == State.MISSING:
            yield Message("Nothing was observed.")
            return
        counts = self.scores.counts[node.code]
        labels = [*counts.levels, *(s.name.lower() for s in STATES)]
        table = counts.table[self.row]
        text = ", ".join(
            f"{name} {_number(c)}" for name, c in zip(labels, table, strict=True) if c != 0
        )
        least, most = (float(x[self.row]) for x in counts.excluded)
        yield Message("Counts: {counts}.", counts=text)
        reached = float(np.nansum(table[counts.levels.index(level) : len(counts.levels)]))
        if least == most:
            yield Message(
                "{reached} / ({n} - {out}) = {value} %.",
                reached=_number(reached),
                n=counts.n,
                out=_number(least),
                value=_number(100 * reached / (counts.n - least)) if counts.n > least else "-",
            )
        else:
            yield Message(
                "{reached} / ({n} - between {least} and {most}): the denominator is not printed.",
                reached=_number(reached),
                n=counts.n,
                least=_number(least),
                most=_number(most),
            )

    def _terms(self, node: Node) -> str:
        """Return the children's scores with their weights."""
        parts = []
        for child in node.children:
            value = float(self.scores.results[child].score[self.row])
            weight = self.instrument.nodes[child].weight_under(node.code)
            parts.append(
                f"{child} {_number(value)}" + ("" if weight == 1 else f" x {_number(weight)}")
            )
        return "; ".join(parts)

    def _letter(self, code: str) -> str:
        """Return the level of a child as its id, or a question mark."""
        level = int(self.scores.results[code].level[self.row])
        return self.instrument.levels_of(code)[level].id if level != NO_LEVEL else "?"

    def _remarks(self, code: str) -> Iterator[Message]:
        """Yield what rules did to this case on the way."""
        for remark in self.scores.remarks:
            if remark.node == code and remark.where[self.row]:
                yield REMARKS[remark.kind]


REMARKS = {
    "assumed": Message("This rests on an assumed rule."),
    "gate": Message("Held below the best level: a condition beside the elements is not met."),
    "undefined": Message("The formula has no value here, and no printed rule says what follows."),
    "missing_reference": Message("A reference value that the formula needs is not printed."),
    "when_missing": Message("Data are missing: the instrument's rule for that was applied."),
    "carried": Message("Kept from an earlier wave: it is reviewed only once."),
}


def _number(value: float) -> str:
    """Return a number in short form."""
    return "-" if np.isnan(value) else f"{value:.6g}"
