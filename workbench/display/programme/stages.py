"""Pipelines: how many came to each stage, and how many of them went on."""

from __future__ import annotations

from itertools import pairwise

from workbench.display import blocks as b
from workbench.display.municipality.common import section
from workbench.display.parts import locale_of
from workbench.display.programme.common import with_benchmark
from workbench.display.programme_figures import stages_figure
from workbench.language import Locale
from workbench.study.views import PipelineView, UnitView


def stages(view: UnitView) -> b.Section:
    """Return each pipeline as a picture and a table; empty where there is none."""
    locale = locale_of(view.info)
    blocks: list[b.Block | None] = []
    for pipeline in view.pipelines:
        blocks.append(b.Heading(pipeline.title, 3))
        # Without benchmarks this is the answer of page one already.
        text = first_to_last(pipeline, locale) if with_benchmark(view) else ()
        blocks.append(b.Paragraph(text) if text else None)
        blocks.append(_figure(pipeline, locale))
    if not blocks:
        return section(view, [])
    note = locale.text(
        "A share is a count divided by that of the stage before, and by the first. It says how "
        "many went on, not why the others did not."
    )
    return section(
        view,
        [
            b.Heading(locale.text("How many came through?")),
            *blocks,
            b.Paragraph(b.as_rich(note), "note"),
        ],
    )


def first_to_last(pipeline: PipelineView, locale: Locale) -> b.Rich:
    """Return how many of the first stage came to the last; empty where one is not known."""
    first, last = pipeline.stages[0], pipeline.stages[-1]
    if first.number is None or last.number is None:
        return ()
    return locale.rich(
        "**{title}: of {first} ({start}), {last} came to the last stage ({end}), {share}.**",
        title=pipeline.title,
        first=locale.integer(first.number),
        start=first.title,
        last=locale.integer(last.number),
        end=last.title,
        share=locale.percent(share_of(last.number, first.number), 1),
    )


def share_of(number: float | None, whole: float | None) -> float | None:
    """Return a count as a share of another, in percent; None where that can't be told."""
    if number is None or not whole:
        return None
    return number / whole * 100


def _figure(pipeline: PipelineView, locale: Locale) -> b.Figure:
    """Return the picture of a pipeline with its numbers."""
    numbers = [stage.number for stage in pipeline.stages]
    shares = [None, *(share_of(after, before) for before, after in pairwise(numbers))]
    heads = (
        b.ColumnHead(locale.text("Stage"), width=2.4),
        b.ColumnHead(locale.text("Number"), "right"),
        b.ColumnHead(locale.text("Of the stage before"), "right", 1.2),
        b.ColumnHead(locale.text("Of the first"), "right", 1.2),
    )
    rows = tuple(
        b.Row(
            (
                b.cell(stage.title),
                b.cell(locale.integer(stage.number), number=stage.number),
                b.cell(locale.percent(share, 1), number=share),
                _of_first(index, stage.number, numbers[0], locale),
            )
        )
        for index, (stage, share) in enumerate(zip(pipeline.stages, shares, strict=True))
    )
    alt = "; ".join(f"{s.title}: {locale.integer(s.number)}" for s in pipeline.stages)
    return b.Figure(stages_figure(pipeline, shares, locale), alt, "", b.Table(heads, rows))


def _of_first(index: int, number: float | None, first: float | None, locale: Locale) -> b.Cell:
    """Return a count as a share of the first; nothing for the first itself."""
    share = share_of(number, first) if index else None
    return b.cell(locale.percent(share, 1), number=share)
