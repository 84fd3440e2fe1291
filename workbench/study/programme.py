"""What a funder reads beside scores: benchmarks, stages of a pipeline, and a before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.instruments import Node
from workbench.scoring.states import Basis
from workbench.specs.common import Text
from workbench.specs.instrument import Benchmark, Group, Measure, Variable
from workbench.study import views as v
from workbench.study.rounding import allowed

if TYPE_CHECKING:
    from workbench.study.build import ViewBuilder

Case = tuple[str, str, int]
PARTS = ("benchmark", "result")
ALL = 100.0  # attainment of a benchmark that is just met, in percent


def benchmark_of(builder: ViewBuilder, node: Node, case: Case) -> v.BenchmarkView | None:
    """Return the benchmark and the result of an indicator; None if it has no benchmark.

    Parameters
    ----------
    builder : ViewBuilder
    node : Node
    case : tuple of str, str and int
        Unit, wave, and their row in the scores.
    """
    spec = node.spec
    if not isinstance(spec, Benchmark):
        return None
    unit, wave, _ = case
    texts = builder.recorded.texts
    said = {part: texts.get((unit, wave, f"{node.code}.{part}"), "") for part in PARTS}
    return v.BenchmarkView(
        type=spec.type,
        printed=said["benchmark"],
        result_printed=said["result"],
        numbers=tuple(_part(builder, node, name, case) for name in ("benchmark", "second")),
        result=_part(builder, node, "result", case),
        unit=builder.instrument.text(_unit_of(spec), builder.locale),
        met=_level_if_met(builder, node),
        less_is_better=spec.direction == -1,
    )


def _part(builder: ViewBuilder, node: Node, name: str, case: Case) -> float | None:
    """Return a number of a benchmark as it was used, or as it was given; None where unknown."""
    unit, wave, row = case
    code = f"{node.code}.{name}"
    used = builder.scores.parts.get(code)
    if used is not None:
        return v.rounded(used[row])
    return builder.recorded.inputs.get((unit, wave, code))


def _unit_of(spec: Benchmark) -> Text | None:
    """Return the unit in which a benchmark counts."""
    parts: tuple[Variable, ...] = (*spec.variables, *spec.inputs)
    return next((p.unit for p in parts if p.id == "result"), None)


def _level_if_met(builder: ViewBuilder, node: Node) -> str | None:
    """Return the level of a benchmark that is just met; None where no cut-points say so."""
    if node.bands is None:
        return None
    return builder.level_id(node.code, int(node.bands.level_of(np.array([ALL]))[0]))


def pipelines_of(
    builder: ViewBuilder, rows: dict[str, int], unit: str
) -> tuple[v.PipelineView, ...]:
    """Return the pipelines of the instrument of which the unit has a number.

    Parameters
    ----------
    builder : ViewBuilder
    rows : mapping of str to int
        Row of the unit in each wave, in the order in which results are looked for.
    unit : str
        Its code.
    """
    found = []
    for code in builder.instrument.groups:
        spec = builder.instrument.nodes[code].spec
        if not isinstance(spec, Group) or not spec.pipeline:
            continue
        stages = tuple(
            _stage(builder, builder.instrument.nodes[c], rows, unit) for c in spec.pipeline
        )
        if any(stage.number is not None for stage in stages):
            title = builder.instrument.title(code, builder.locale)
            found.append(v.PipelineView(title=title, stages=stages))
    return tuple(found)


def _stage(builder: ViewBuilder, node: Node, rows: dict[str, int], unit: str) -> v.PipelineStage:
    """Return how many came to a stage: the value of a measure, the result of a benchmark."""
    number = None
    for wave, row in rows.items():
        number = (
            _part(builder, node, "result", (unit, wave, row))
            if isinstance(node.spec, Benchmark)
            else v.rounded(builder.scores.results[node.code].value[row])
        )
        if number is not None:
            break
    return v.PipelineStage(
        code=node.code, title=builder.instrument.title(node.code, builder.locale), number=number
    )


def change_of(builder: ViewBuilder, node: Node, case: Case) -> v.ChangeView | None:
    """Return the numbers before and after of a measure that is a change; None for others."""
    spec = node.spec
    if not isinstance(spec, Measure) or spec.before_after is None:
        return None
    unit, wave, row = case
    ends = [next(x for x in spec.variables if x.id == name) for name in spec.before_after]
    before, after = (v.rounded(builder.scores.parts[f"{node.code}.{x.id}"][row]) for x in ends)
    computed = v.rounded(builder.scores.results[node.code].computed[row])
    where, printed = _printed(builder, node, row)
    said = builder.recorded.texts.get((unit, wave, where), "")
    if before is None and after is None and printed is None and not said:
        return None
    differs = any(
        w.kind == "reported_differs" and (w.unit, w.wave, w.node) == (unit, wave, where)
        for w in builder.study.warnings
    )
    agrees = None if computed is None or printed is None else not differs
    return v.ChangeView(
        code=node.code,
        title=builder.instrument.title(node.code, builder.locale),
        ends=tuple(builder.instrument.text(x.title, builder.locale) for x in ends),
        before=before,
        after=after,
        unit=builder.instrument.text(ends[0].unit, builder.locale),
        computed=computed,
        printed=printed,
        printed_text=said,
        change_unit=builder.instrument.text(spec.unit, builder.locale),
        agrees=agrees,
        allowed=_allowed(node, spec.before_after, (before, after)) if agrees is False else None,
    )


def _allowed(
    node: Node, names: tuple[str, ...], numbers: tuple[float | None, ...]
) -> tuple[float, float] | None:
    """Return between which changes the rounding of the numbers before and after leaves it open."""
    formula = node.formulas.get("formula")
    known = {name: x for name, x in zip(names, numbers, strict=True) if x is not None}
    return allowed(formula, known) if formula is not None else None


def _printed(builder: ViewBuilder, node: Node, row: int) -> tuple[str, float | None]:
    """Return where a source reports a change itself, the measure or its own group, and as what."""
    instrument, results = builder.instrument, builder.scores.results
    alone = [c for c in node.parents if instrument.nodes[c].leaves == (node.code,)]
    for code in (node.code, *alone):
        if results[code].basis[row] in (Basis.OBSERVED, Basis.REPORTED):
            return code, v.rounded(results[code].score[row])
    return node.code, None
