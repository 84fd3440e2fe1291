"""Explanations: the arithmetic of one result, down to what was observed."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from workbench.instruments import Instrument, Node
from workbench.instruments.formula import CODE_FUNCTIONS, parse
from workbench.language import Message, exact_number, marked
from workbench.observations import Observations
from workbench.scoring.contexts import FactContext, GroupContext, read_lookup
from workbench.scoring.fits import POOLED
from workbench.scoring.results import NodeResult
from workbench.scoring.scores import Scores
from workbench.scoring.states import (
    EFFECTS,
    NO_LEVEL,
    STATE_TITLES,
    Basis,
    State,
    status_names,
    status_of,
)
from workbench.specs.common import Text
from workbench.specs.instrument import (
    ByFormula,
    Checklist,
    Conditions,
    Distance,
    FirstComponent,
    Level,
    LookupTable,
    Mean,
    Measure,
    NoAggregate,
    PluginAggregator,
    Points,
    Share,
    Single,
    WeakestLink,
)
from workbench.specs.instrument import State as SpecState

REMARKS = {
    "gate": marked("Held below the best level: a condition beside the elements is not met."),
    "gate_unknown": marked(
        "A condition beside the elements is not recorded; without it the level would be lower."
    ),
    "uncalibrated": marked("Its parameters were fitted to other waves or groups: no score."),
    "undefined": marked("The numbers give no result, and no printed rule says what follows."),
    "missing_reference": marked("A reference value that the formula needs is not printed."),
    "when_missing": marked("Data are missing: the instrument's rule for that was applied."),
    "carried": marked("Kept from an earlier wave: it is reviewed only once."),
    "set_aside": marked("It was observed, although the facts of the unit set it aside."),
    "carried_over": marked("It was recorded again; the earlier best level stands."),
    "marked_aside": marked("It was observed, although it is marked as set aside; the mark stands."),
    "contradicted": marked("It is marked as not measured; what was observed below it stands."),
    "tally_differs": marked("The counts differ from the indicators, which were all observed."),
}
METHODS = {
    "arithmetic": marked("Arithmetic mean"),
    "geometric": marked("Geometric mean"),
    "harmonic": marked("Harmonic mean"),
    "median": marked("Median"),
    "minimum": marked("Lowest"),
    "maximum": marked("Highest"),
    "sum": marked("Sum"),
}
LEVEL_RULES = {
    "weakest_link": marked("Weakest of {levels}, with a plus if any other is higher."),
    "lookup_table": marked("Conversion table for {levels}."),
    "single": marked("Level of its only part: {levels}."),
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
class _Explainer:
    """Explains the nodes of one case."""

    scores: Scores
    rows: pd.DataFrame
    row: int
    told: set[str] = field(default_factory=set)

    @property
    def instrument(self) -> Instrument:
        """The instrument."""
        return self.scores.instrument

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
            status_names()[int(status_of(result.state, result.basis)[row])],
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
            shown: object = self._title(state) if state else float(value)
            if made_of_parts:
                yield Message("Reported: {given}.", given=shown)
            else:
                yield Message("Observed: {given}.", given=shown)

    def _title(self, label: str) -> Text | str:
        """Return the title of a level, state or answer."""
        spec = self.instrument.spec
        entries: list[SpecState | Level] = [
            *spec.states,
            *(level for scale in spec.scales for level in scale.levels),
        ]
        return next((e.title for e in entries if e.id == label), label)

    # -- the arithmetic ---------------------------------------------------------------------------

    def _how(self, node: Node, result: NodeResult) -> Iterator[Message]:
        """Yield the steps that lead from the parts to a node's result."""
        if isinstance(node.spec, Checklist):
            yield from self._checklist(node, node.spec)
        elif isinstance(node.spec, Measure):
            yield from self._measure(node, node.spec, result)
        elif node.aggregate is not None and node.children:
            yield from self._group(node, result)
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
        known = fixed | self._parameters(node.code)
        text = (
            marked("Normalised ({method}: {parameters}): {value} gives {score}.")
            if node.spec.direction == 1
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

    def _parameters(self, key: str) -> dict[str, float | tuple[float, ...]]:
        """Return the parameters that are for this case; the longest label is the nearest."""
        wave = str(self.scores.cases[self.row][1])
        fitted = self.scores.parameters.get(key, {})
        fits = [label for label in fitted if label.partition(",")[0] in (wave, POOLED)]
        if len(fits) > 1:
            fits = [label for label in fits if self._is_of(label)]
        return dict(fitted[fits[0]]) if fits else {}

    def _is_of(self, label: str) -> bool:
        """Return whether the group that a label names is that of this case."""
        name, _, value = label.partition(", ")[2].rpartition(" ")
        return f"{self.scores.facts[name][self.row]:.12g}" == value

    def _checklist(self, node: Node, spec: Checklist) -> Iterator[Message]:
        """Yield how many elements are met, which are not, and which nobody recorded."""
        marks: dict[str, list[str]] = {"met": [], "lacking": [], "away": [], "open": []}
        codes = self.rows.loc[self.rows["state"].astype(str) != "", "code"].astype(str)
        away = set(codes)
        for element in spec.elements:
            code = f"{node.code}.{element.id}"
            tick = float(self.scores.parts[code][self.row])
            kind = "open" if np.isnan(tick) else "met" if tick == 1 else "lacking"
            marks["away" if code in away else kind].append(element.id)
        if len(marks["open"]) == len(spec.elements):
            return
        asked = float(self.scores.results[node.code].full[self.row])
        yield Message(
            "{met} of {n} elements met: {names}.",
            met=len(marks["met"]),
            n=int(asked),
            names=", ".join(marks["met"]) or "–",
        )
        for kind, text in (
            ("lacking", marked("Not met: {names}.")),
            ("away", marked("Not measurable: {names}.")),
            ("open", marked("Not recorded: {names}.")),
        ):
            if marks[kind]:
                yield Message(text, names=", ".join(marks[kind]))

    def _measure(self, node: Node, spec: Measure, result: NodeResult) -> Iterator[Message]:
        """Yield the variables, and the formula with their values in it."""
        if spec.formula is None:
            return
        observed = set(self.rows["code"].astype(str))
        for variable in spec.variables:
            code = f"{node.code}.{variable.id}"
            value = float(self.scores.parts[code][self.row])
            if code in observed and not np.isnan(value):
                yield Message(
                    "{name} = {value} ({title})",
                    name=variable.id, value=value, title=variable.title,
                )  # fmt: skip
            elif variable.compute is not None and not np.isnan(value):
                yield Message(
                    "{name} = {formula} = {filled} = {value} ({title})",
                    name=variable.id, formula=variable.compute,
                    filled=self._filled(node, variable.compute), value=value, title=variable.title,
                )  # fmt: skip
            else:
                yield Message("{name}: not recorded", name=variable.id)
        computed = float(result.computed[self.row])
        if not np.isnan(computed):
            yield Message(
                "{formula} = {filled} = {value}",
                formula=spec.formula, filled=self._filled(node, spec.formula), value=computed,
            )  # fmt: skip

    def _filled(self, node: Node, formula: str) -> str:
        """Return a formula with numbers in place of its names and of the tables it reads."""
        tree = copy.deepcopy(parse(formula).tree)
        return ast.unparse(_Filler(self, node).visit(tree))

    def number(self, node: Node, name: str) -> float:
        """Return what a name of a formula stands for; NaN where it is not known."""
        known = self.scores.parts.get(f"{node.code}.{name}", self.scores.facts.get(name))
        if known is not None:
            return float(known[self.row])
        seen = self.rows.loc[self.rows["code"] == f"{node.code}.{name}", "value"]
        return float(seen.iloc[0]) if len(seen) else np.nan

    def _group(self, node: Node, result: NodeResult) -> Iterator[Message]:
        """Yield the arithmetic of a group."""
        rule, computed = node.aggregate, float(result.computed_value[self.row])
        match rule:
            case NoAggregate() | None:
                return
            case Share(level=level):
                yield from self._share(node, level, result)
            case WeakestLink() | LookupTable() | Single():
                letters = ", ".join(self._letter(c) for c in node.children)
                yield Message(LEVEL_RULES[rule.method], levels=letters)
            case Mean(method=name) | PluginAggregator(name=name):
                terms, method = self._terms(node), Message(METHODS.get(name, name))
                if not np.isnan(computed):
                    yield Message(
                        "{method} of {terms} = {value}.", method=method, terms=terms, value=computed
                    )
                elif isinstance(rule, Mean) and rule.weights == "unknown":
                    yield Message(
                        "{method} of {terms}; the weights are not known.",
                        method=method, terms=terms,
                    )  # fmt: skip
            case Distance() | FirstComponent():
                yield from self._of_reference(node, rule, computed)
            case Conditions():
                yield from self._by_conditions(node, rule)
            case ByFormula():
                if not np.isnan(computed):
                    yield Message(
                        "{formula}, with {terms}: {value}.",
                        formula=rule.formula, terms=self._terms(node), value=computed,
                    )  # fmt: skip
            case Points():
                if not np.isnan(computed):
                    yield Message(
                        "Points: {terms} = {value}.", terms=self._terms(node, " + "), value=computed
                    )
        if result.state[self.row] == State.WITHHELD and not isinstance(rule, Share):
            yield Message(
                "Withheld: {share} of the weight has a result, and {needed} is needed.",
                share=float(result.coverage[self.row]),
                needed=getattr(rule, "min_availability", 1.0),
            )  # fmt: skip
        yield from self._limits(rule, computed)
        low, high = float(result.computed_low[self.row]), float(result.computed_high[self.row])
        if np.isnan(computed) and not np.isnan(low) and not np.isnan(high):
            yield Message("Between {low} and {high}.", low=low, high=high)

    def _of_reference(
        self, node: Node, rule: Distance | FirstComponent, computed: float
    ) -> Iterator[Message]:
        """Yield an index fitted to the reference with its parameters."""
        found = self._parameters(f"{node.code}:aggregate")
        if np.isnan(computed) or not found:
            return
        names = (
            ("weight", "reference", "deviation")
            if isinstance(rule, Distance)
            else ("loading", "mean", "deviation")
        )
        terms = []
        numbers = np.column_stack([np.asarray(found[name]) for name in names]).tolist()
        for child, row in zip(node.children, numbers, strict=True):
            factor, centre, deviation = (f"{x:.6g}" for x in row)
            value = exact_number(float(self.scores.results[child].score[self.row]))
            inner = f"{value} − {centre}"
            inner = f"|{inner}|" if isinstance(rule, Distance) else f"({inner})"
            terms.append(f"{factor} × {inner} / {deviation} [{child}]")
        text = (
            marked("Distance DP2 (weight × distance to the reference / deviation): {terms}.")
            if isinstance(rule, Distance)
            else marked("First component (loading × distance to the mean / deviation): {terms}.")
        )
        yield Message(text, terms=" + ".join(terms))
        if isinstance(rule, Distance) and rule.relative_to is not None:
            yield Message(
                "Divided by the distance of a unit in which every part is {ideal}: {value}.",
                ideal=rule.relative_to, value=computed,
            )  # fmt: skip
        elif isinstance(rule, FirstComponent) and rule.variance == "unit":
            variance = float(found["variance"])  # type: ignore[arg-type]
            yield Message(
                "Divided by the root of {variance}: {value}.", variance=variance, value=computed
            )

    def _by_conditions(self, node: Node, rule: Conditions) -> Iterator[Message]:
        """Yield each condition up to the first that holds, with what it reads."""
        context = GroupContext(
            self.instrument, self.scores.results, self.scores.parts, self.scores.facts
        )
        for index, entry in enumerate(rule.levels):
            formula = node.formulas[f"levels[{index}]"]
            holds = float(np.broadcast_to(formula.evaluate(context), self.scores.n_cases)[self.row])
            text = {1.0: marked("{when}: holds."), 0.0: marked("{when}: does not hold.")}.get(
                holds, marked("{when}: not known.")
            )
            yield Message(text, when=entry.when)
            if holds == 1.0:
                return
        yield Message(
            "No condition holds: the level is {level}.", level=self._title(rule.otherwise)
        )

    def _limits(self, rule: object, computed: float) -> Iterator[Message]:
        """Yield the cap or floor where it changes a result."""
        cap, floor = getattr(rule, "cap", None), getattr(rule, "floor", None)
        if cap is not None and computed > cap:
            yield Message("At most {cap}: {value} gives {cap}.", cap=cap, value=computed)
        if floor is not None and computed < floor:
            yield Message("At least {floor}: {value} gives {floor}.", floor=floor, value=computed)
        decimals = getattr(rule, "round", None)
        if decimals is not None and not np.isnan(computed):
            yield Message("Rounded to {n} decimals.", n=decimals)

    def _share(self, node: Node, level: str, result: NodeResult) -> Iterator[Message]:
        """Yield the counts behind a share."""
        if result.state[self.row] == State.MISSING:
            yield Message("Nothing was observed.")
            return
        counts = self.scores.counts[node.code]
        least, most = counts.least[self.row], counts.most[self.row]
        for i, label in enumerate(counts.labels):
            title = self._label_title(label, i < len(counts.levels))
            if least[i] != most[i]:
                yield Message(
                    "{label}: between {low} and {high} (not listed)",
                    label=title, low=float(least[i]), high=float(most[i]),
                )  # fmt: skip
            elif least[i]:
                yield Message("{label}: {n}", label=title, n=float(least[i]))
        computed = float(result.computed[self.row])
        if np.isnan(computed):
            return
        first, last = counts.levels.index(level), len(counts.levels)
        out = float(counts.excluded[0][self.row])
        yield Message(
            "100 × {reached} / ({n} − {out}) = {value}",
            reached=float(least[first:last].sum()), n=counts.n, out=out, value=computed,
        )  # fmt: skip

    def _label_title(self, label: str, is_level: bool) -> Text | Message:
        """Return the title of a column of counts."""
        if is_level:
            levels = (e for scale in self.instrument.spec.scales for e in scale.levels)
            return next(e.title for e in levels if e.id == label)
        return self._state_title(State[label.upper()])

    def _state_title(self, state: State) -> Text | Message:
        """Return the instrument's name of a state, else that of the interface."""
        for entry in self.instrument.spec.states:
            if EFFECTS[entry.effect] == state:
                return entry.title
        return Message(STATE_TITLES[state])

    def _terms(self, node: Node, sign: str = "; ") -> str:
        """Return the children's scores with their weights."""
        parts = []
        for child in node.children:
            result = self.scores.results[child]
            value = float(result.score[self.row])
            shown = exact_number(value)
            weight = self.instrument.nodes[child].weight_under(node.code)
            parts.append(f"{child}: {shown}" + ("" if weight == 1 else f" × {weight:.12g}"))
        return sign.join(parts)

    def _letter(self, code: str) -> str:
        """Return the level of a child as its id, or a question mark."""
        level = int(self.scores.results[code].level[self.row])
        return self.instrument.levels_of(code)[level].id if level != NO_LEVEL else "?"

    # -- what came of it --------------------------------------------------------------------------

    def _outcome(self, node: Node, result: NodeResult) -> Iterator[Message]:
        """Yield the level or the reason why there is none, and which rules had a part in it."""
        level, state = int(result.level[self.row]), State(int(result.state[self.row]))
        if level != NO_LEVEL:
            yield Message(
                "Level: {level}.", level=self.instrument.levels_of(node.code)[level].title
            )
        elif state not in (State.VALUED, State.NOT_AGGREGATED, State.WITHHELD, State.BOUNDED):
            yield Message("No result: {state}.", state=self._state_title(state))
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


class _Filler(ast.NodeTransformer):
    """Puts numbers in place of the names and look-ups of a formula, where they are known."""

    def __init__(self, explainer: _Explainer, node: Node) -> None:
        self.explainer = explainer
        self.node = node

    def visit_Name(self, name: ast.Name) -> ast.AST:
        """Return a number for a variable or fact."""
        return _shown(self.explainer.number(self.node, name.id), name)

    def visit_Call(self, call: ast.Call) -> ast.AST:
        """Return the entry of a look-up; codes and names of functions stay as they are."""
        function = getattr(call.func, "id", "")
        if function in CODE_FUNCTIONS:
            return call
        if function != "lookup":
            call.args = [self.visit(part) for part in call.args]
            return call
        table = getattr(call.args[0], "id", None) or getattr(call.args[0], "value", "")
        call.args[1:] = [self.visit(part) for part in call.args[1:]]
        formula = parse(ast.unparse(call.args[1]))
        if formula.names or formula.codes or formula.tables:
            return call
        x = formula.evaluate(FactContext({}))
        entries = read_lookup(self.explainer.instrument.lookups[str(table)], np.atleast_1d(x))[1]
        return _shown(float(entries[0]), call)


def _shown(value: float, otherwise: ast.AST) -> ast.AST:
    """Return a number as part of a formula, or the part itself where there is none."""
    return otherwise if np.isnan(value) else ast.Name(id=f"{value:.12g}")
