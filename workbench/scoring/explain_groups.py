"""The arithmetic of a group, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from workbench.instruments import Node
from workbench.language import Message, exact_number, marked
from workbench.scoring.components import component_weights
from workbench.scoring.contexts import part_weights
from workbench.scoring.explain_case import ExplainedCase, elsewhere_sentences
from workbench.scoring.results import NodeResult
from workbench.scoring.states import Floats, State
from workbench.specs.instrument import (
    ByFormula,
    Conditions,
    Copeland,
    Distance,
    FirstComponent,
    LookupTable,
    Mean,
    NoAggregate,
    PluginAggregator,
    Points,
    Share,
    Single,
    WeakestLink,
)

METHODS = {
    "arithmetic": marked("Arithmetic mean"),
    "geometric": marked("Geometric mean"),
    "harmonic": marked("Harmonic mean"),
    "power": marked("Power mean"),
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


def group_sentences(case: ExplainedCase, node: Node, result: NodeResult) -> Iterator[Message]:
    """Yield the arithmetic of a group."""
    rule, computed = node.aggregate, float(result.computed_value[case.row])
    match rule:
        case NoAggregate() | None:
            return
        case Share(level=level):
            yield from _share(case, node, level, result)
        case WeakestLink() | LookupTable() | Single():
            letters = ", ".join(case.letter(c) for c in node.children)
            yield Message(LEVEL_RULES[rule.method], levels=letters)
        case Mean(method=name) | PluginAggregator(name=name):
            terms, method = _terms(case, node), Message(METHODS.get(name, name))
            if not np.isnan(computed):
                yield Message(
                    "{method} of {terms} = {value}.", method=method, terms=terms, value=computed
                )
                if isinstance(rule, Mean) and rule.exponent is not None:
                    yield Message("The exponent is {p}.", p=rule.exponent)
            elif isinstance(rule, Mean) and rule.weights == "unknown":
                yield Message(
                    "{method} of {terms}; the weights are not known.",
                    method=method, terms=terms,
                )  # fmt: skip
        case Distance() | FirstComponent():
            yield from _of_reference(case, node, rule, computed)
        case Copeland():
            if not np.isnan(computed):
                yield Message(
                    "Units that it is above in more than half of the weight, less those above it, "
                    "by {terms}: {value}.",
                    terms=_terms(case, node), value=computed,
                )  # fmt: skip
        case Conditions():
            yield from _by_conditions(case, node, rule)
        case ByFormula():
            if not np.isnan(computed):
                yield Message(
                    "{formula}, with {terms}: {value}.",
                    formula=rule.formula, terms=_read(case, node), value=computed,
                )  # fmt: skip
                yield from elsewhere_sentences(case, node, node.formulas["aggregate"])
        case Points():
            if not np.isnan(computed):
                yield Message(
                    "Points: {terms} = {value}.", terms=_terms(case, node, " + "), value=computed
                )
    if result.state[case.row] == State.WITHHELD and not isinstance(rule, Share):
        yield Message(
            "Withheld: {share} of the weight has a result, and {needed} is needed.",
            share=float(result.coverage[case.row]),
            needed=getattr(rule, "min_availability", 1.0),
        )  # fmt: skip
    yield from _limits(case, rule, computed)
    low, high = float(result.computed_low[case.row]), float(result.computed_high[case.row])
    if np.isnan(computed) and not np.isnan(low) and not np.isnan(high):
        yield Message("Between {low} and {high}.", low=low, high=high)


def _of_reference(
    case: ExplainedCase, node: Node, rule: Distance | FirstComponent, computed: float
) -> Iterator[Message]:
    """Yield an index fitted to the reference with its parameters."""
    found = case.parameters(f"{node.code}:aggregate")
    if np.isnan(computed) or not found:
        return
    if isinstance(rule, FirstComponent) and rule.weights is not None:
        yield from _weighted_by_component(case, node, component_weights(rule.weights, found))
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
        value = exact_number(float(case.scores.results[child].score[case.row]))
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


def _read(case: ExplainedCase, node: Node) -> str:
    """Return what the formula of a group reads: its parts with their weights, or what it names."""
    formula, context = node.formulas["aggregate"], case.context(node)
    parts = [_terms(case, node)] if formula.of_parts else []
    for code in sorted(formula.codes):
        read = context.score if code in formula.scored else context.value
        read = context.level if code in formula.completed else read
        parts.append(f"{code}: {exact_number(float(read(code)[case.row]))}")
    for name in sorted(formula.names):
        parts.append(f"{name}: {exact_number(float(context.name(name)[case.row]))}")
    return "; ".join(part for part in parts if part) or "–"


def _weighted_by_component(case: ExplainedCase, node: Node, weights: Floats) -> Iterator[Message]:
    """Yield a mean whose weights come from a component."""
    terms = []
    for child, weight in zip(node.children, weights.tolist(), strict=True):
        value = exact_number(float(case.scores.results[child].score[case.row]))
        terms.append(f"{value} × {weight:.6g} [{child}]")
    yield Message("Mean with the weights of the first component: {terms}.", terms=" + ".join(terms))


def _by_conditions(case: ExplainedCase, node: Node, rule: Conditions) -> Iterator[Message]:
    """Yield each condition up to the first that holds, with what it reads."""
    context = case.context(node)
    unknown = False
    for index, entry in enumerate(rule.levels):
        holds = float(context.holds(node.formulas[f"levels[{index}]"])[case.row])
        text = {1.0: marked("{when}: holds."), 0.0: marked("{when}: does not hold.")}.get(
            holds, marked("{when}: not known.")
        )
        yield Message(text, when=entry.when)
        if holds == 1.0:
            return
        unknown |= bool(np.isnan(holds))
    if unknown:
        yield Message("No condition is known to hold: the level can't be told.")
        return
    yield Message("No condition holds: the level is {level}.", level=case.title(rule.otherwise))


def _limits(case: ExplainedCase, rule: object, computed: float) -> Iterator[Message]:
    """Yield the cap or floor where it changes a result."""
    cap, floor = getattr(rule, "cap", None), getattr(rule, "floor", None)
    if cap is not None and computed > cap:
        yield Message("At most {cap}: {value} gives {cap}.", cap=cap, value=computed)
    if floor is not None and computed < floor:
        yield Message("At least {floor}: {value} gives {floor}.", floor=floor, value=computed)
    decimals = getattr(rule, "round", None)
    if decimals is not None and not np.isnan(computed):
        yield Message("Rounded to {n} decimals.", n=decimals)


def _share(case: ExplainedCase, node: Node, level: str, result: NodeResult) -> Iterator[Message]:
    """Yield the counts behind a share."""
    if result.state[case.row] == State.MISSING:
        yield Message("Nothing was observed.")
        return
    counts = case.scores.counts[node.code]
    least, most = counts.least[case.row], counts.most[case.row]
    for i, label in enumerate(counts.labels):
        title = case.label_title(label, i < len(counts.levels))
        if least[i] != most[i]:
            yield Message(
                "{label}: between {low} and {high} (not listed)",
                label=title, low=float(least[i]), high=float(most[i]),
            )  # fmt: skip
        elif least[i]:
            yield Message("{label}: {n}", label=title, n=float(least[i]))
    computed = float(result.computed[case.row])
    if np.isnan(computed):
        return
    first, last = counts.levels.index(level), len(counts.levels)
    out = float(counts.excluded[0][case.row])
    yield Message(
        "100 × {reached} / ({n} − {out}) = {value}",
        reached=float(least[first:last].sum()), n=counts.n, out=out, value=computed,
    )  # fmt: skip


def _terms(case: ExplainedCase, node: Node, sign: str = "; ") -> str:
    """Return the children's scores with their weights."""
    parts = []
    weights = part_weights(case.instrument, node.code, node.children, case.scores.facts)
    for child, weight in zip(node.children, weights[case.row].tolist(), strict=True):
        result = case.scores.results[child]
        value = float(result.score[case.row])
        shown = exact_number(value)
        parts.append(f"{child}: {shown}" + ("" if weight == 1 else f" × {weight:.12g}"))
    return sign.join(parts)
