"""What the parts of an indicator give, in sentences."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator

import numpy as np

from workbench.instruments import Node
from workbench.instruments.evaluation import CODE_FUNCTIONS
from workbench.instruments.formula import ELSEWHERE, parse
from workbench.language import Message, marked
from workbench.scoring.contexts import FactContext, read_lookup
from workbench.scoring.explain_case import ExplainedCase, elsewhere_sentences
from workbench.scoring.results import NodeResult
from workbench.specs.instrument import (
    Checklist,
    Measure,
)


def checklist_sentences(case: ExplainedCase, node: Node, spec: Checklist) -> Iterator[Message]:
    """Yield how many elements are met, which are not, and which nobody recorded."""
    marks: dict[str, list[str]] = {"met": [], "lacking": [], "away": [], "open": []}
    codes = case.rows.loc[case.rows["state"].astype(str) != "", "code"].astype(str)
    away = set(codes)
    for element in spec.elements:
        code = f"{node.code}.{element.id}"
        tick = float(case.scores.parts[code][case.row])
        kind = "open" if np.isnan(tick) else "met" if tick == 1 else "lacking"
        marks["away" if code in away else kind].append(element.id)
    if len(marks["open"]) == len(spec.elements):
        return
    asked = float(case.scores.results[node.code].full[case.row])
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


def measure_sentences(
    case: ExplainedCase, node: Node, spec: Measure, result: NodeResult
) -> Iterator[Message]:
    """Yield the variables, and the formula with their values in it."""
    if spec.formula is None:
        return
    observed = set(case.rows["code"].astype(str))
    for variable in spec.variables:
        code = f"{node.code}.{variable.id}"
        value = float(case.scores.parts[code][case.row])
        if code in observed and not np.isnan(value):
            yield Message(
                "{name} = {value} ({title})",
                name=variable.id, value=value, title=variable.title,
            )  # fmt: skip
        elif variable.compute is not None and not np.isnan(value):
            yield Message(
                "{name} = {formula} = {filled} = {value} ({title})",
                name=variable.id, formula=variable.compute,
                filled=_filled(case, node, variable.compute), value=value, title=variable.title,
            )  # fmt: skip
        else:
            yield Message("{name}: not recorded", name=variable.id)
    computed = float(result.computed[case.row])
    if not np.isnan(computed):
        yield Message(
            "{formula} = {filled} = {value}",
            formula=spec.formula, filled=_filled(case, node, spec.formula), value=computed,
        )  # fmt: skip
        yield from elsewhere_sentences(case, node, node.formulas["formula"])


def _filled(case: ExplainedCase, node: Node, formula: str) -> str:
    """Return a formula with numbers in place of its names and of the tables it reads."""
    tree = copy.deepcopy(parse(formula).tree)
    return ast.unparse(_Filler(case, node).visit(tree))


class _Filler(ast.NodeTransformer):
    """Puts numbers in place of the names and look-ups of a formula, where they are known."""

    def __init__(self, case: ExplainedCase, node: Node) -> None:
        self.case = case
        self.node = node

    def visit_Name(self, name: ast.Name) -> ast.AST:
        """Return a number for a variable or fact."""
        return _shown(self.case.number(self.node, name.id), name)

    def visit_Call(self, call: ast.Call) -> ast.AST:
        """Return the entry of a look-up; codes and names of functions stay as they are."""
        function = getattr(call.func, "id", "")
        if function in CODE_FUNCTIONS:
            return call
        if function in ELSEWHERE:
            context = self.case.context(self.node)
            return _shown(float(self.case.evaluate(call, context)), call)
        if function != "lookup":
            call.args = [self.visit(part) for part in call.args]
            return call
        table = getattr(call.args[0], "id", None) or getattr(call.args[0], "value", "")
        call.args[1:] = [self.visit(part) for part in call.args[1:]]
        formula = parse(ast.unparse(call.args[1]))
        if formula.names or formula.codes or formula.tables:
            return call
        x = formula.evaluate(FactContext({}))
        entries = read_lookup(self.case.instrument.lookups[str(table)], np.atleast_1d(x))[1]
        return _shown(float(entries[0]), call)


def _shown(value: float, otherwise: ast.AST) -> ast.AST:
    """Return a number as part of a formula, or the part itself where there is none."""
    return otherwise if np.isnan(value) else ast.Name(id=f"{value:.12g}")
