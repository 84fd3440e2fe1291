"""What the index is made of, and what its data look like: steps 1 to 3 and 5."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from workbench.audit.index import Structure
from workbench.audit.limits import KURTOSIS, SKEWNESS
from workbench.audit.statistics import OUT
from workbench.display import blocks as b
from workbench.display.audit.common import (
    MOST_ROWS,
    AuditView,
    more_rows,
    number_cell,
    plain,
    records,
    share_cell,
)
from workbench.display.audit.words import rule_name
from workbench.display.audit_figures import Spread, spreads
from workbench.display.structure_figure import pieces, structure_of
from workbench.language import Locale, marked


def structure(view: AuditView) -> b.Section:
    """Return the groups of the index with their weights and rules."""
    locale, found = view.locale, view.found
    heading = view.step(locale.text("What is the index made of?"), 1, 6)
    if found.index is None:
        return view.section([])
    tree = found.structure
    groups = list(reversed(tree.order))
    text = locale.count(
        "{n} indicator, joined in {steps} steps.",
        "{n} indicators, joined in {steps} steps.",
        len(tree.indicators),
        steps=locale.integer(len(tree.levels) - 1),
    )
    if len(tree.levels) == 2:
        text = locale.count(
            "{n} indicator, joined in one step.",
            "{n} indicators, joined in one step.",
            len(tree.indicators),
        )
    heads = (
        b.ColumnHead(locale.text("Group"), width=2.4),
        b.ColumnHead(locale.text("Parts"), "right", 0.7),
        b.ColumnHead(locale.text("Indicators"), "right", 0.9),
        b.ColumnHead(locale.text("Weight in the index"), "right", 1.0),
        b.ColumnHead(locale.text("Rule"), width=1.6),
    )
    rules = found.rules
    top = tree.levels[-1]
    rows = tuple(
        b.Row(
            (
                b.cell(view.title(code)),
                b.cell(locale.integer(len(tree.parts[code])), number=len(tree.parts[code])),
                b.cell(locale.integer(len(tree.indicators_below(code)))),
                share_cell(float(found.weights[code]), locale),
                b.cell(rule_name(rules[code], locale)),
            ),
            depth=top - tree.nodes[code].level,
            strong=code == tree.top,
        )
        for code in groups[:MOST_ROWS]
    )
    table = b.Table(heads, rows, more_rows(MOST_ROWS, len(groups), locale))
    caption = locale.text("Each part is as high as its weight in the index.")
    picture = b.Figure(structure_of(pieces(_titled(view))), text, caption, table)
    return view.section([heading, plain(text), picture, _left_out(view, locale)])


def _titled(view: AuditView) -> Structure:
    """Return the structure with titles in the language of the report."""
    nodes = view.found.structure.nodes
    return Structure.of([replace(node, title=view.title(c)) for c, node in nodes.items()])


def _left_out(view: AuditView, locale: Locale) -> b.Block | None:
    """Return what of the instrument is no part of the index, and why; None where nothing is."""
    reasons = view.found.left_out
    if not reasons:
        return None
    title = locale.text("Not part of the index")
    return b.Callout("info", title, tuple(b.as_rich(reason) for reason in reasons[:6]))


def measured(view: AuditView) -> b.Section:
    """Return how much was measured, and what the distributions look like."""
    locale, found = view.locale, view.found
    if found.index is None:
        return view.section([])
    heading = view.step(locale.text("What do the data look like?"), 2, 3, 5)
    table = found.statistics
    missing = float(1 - table["share_available"].mean())
    units = found.availability
    whole = int((units["n_missing"] == 0).sum())
    text = locale.text("No value is missing.")
    if whole < len(units):
        text = view.noun.text(
            "{share} of the values are missing; {whole} of {n} {nouns} have all of them.",
            share=locale.percent(100 * missing, 1 if missing >= 0.001 else 3),
            whole=locale.integer(whole),
            n=locale.integer(len(units)),
        )
    steps = locale.text("Steps taken: {steps}.", steps=_steps(view, locale))
    blocks: list[b.Block | None] = [heading, plain(text), plain(steps)]
    if len(found.raw) >= 2:
        blocks.append(_spreads(view, locale))
    return view.section(blocks)


STEPS = {
    "denominate": marked("division by size"),
    "screen": marked("units with little data left out"),
    "impute": marked("missing values filled in"),
    "treat": marked("outliers treated"),
    "normalise": marked("one scale for all indicators"),
    "weigh": marked("weights found"),
    "aggregate": marked("groups joined"),
}


def _steps(view: AuditView, locale: Locale) -> str:
    """Return what was done with the data, in order."""
    return ", ".join(locale.text(STEPS[step]) for step in view.found.steps)


def _spreads(view: AuditView, locale: Locale) -> b.Block:
    """Return the distribution of each indicator as a picture with its numbers."""
    every = records(view.found.statistics)
    flagged = [row["flag_skew_kurtosis"] == OUT for row in every]
    # What asks for a closer look comes first where there is no room for all.
    order = sorted(range(len(every)), key=lambda i: len(every) > MOST_ROWS and not flagged[i])
    shown = [every[i] for i in order[:MOST_ROWS]]
    # What has two values, as reached or not, has no distribution to draw.
    drawn = [_spread(view, row) for row in shown if row["n_unique"] > 2]
    heads = (
        b.ColumnHead(locale.text("Indicator"), width=2.4),
        b.ColumnHead(locale.text("Lowest"), "right"),
        b.ColumnHead(locale.text("Mean"), "right"),
        b.ColumnHead(locale.text("Median"), "right"),
        b.ColumnHead(locale.text("Highest"), "right"),
        b.ColumnHead(locale.text("Skewness"), "right"),
        b.ColumnHead(locale.text("Measured"), "right"),
    )
    rows = tuple(
        b.Row(
            (
                b.cell(view.title(row["indicator"])),
                *(number_cell(row[name], locale) for name in ("min", "mean", "median", "max")),
                number_cell(row["skewness"], locale, 1),
                share_cell(row["share_available"], locale),
            )
        )
        for row in shown
    )
    numbers = b.Table(heads, rows, more_rows(len(shown), len(every), locale))
    if not drawn:
        return numbers
    many = sum(flagged)
    alt = locale.count(
        "Distributions of the indicators; {n} has outliers",
        "Distributions of the indicators; {n} have outliers",
        many,
    )
    caption = locale.text(
        "Each line goes from the lowest to the highest value of the indicator. Outliers: skewness "
        "above {skewness} and kurtosis above {kurtosis}.",
        skewness=locale.number(SKEWNESS, 0),
        kurtosis=locale.number(KURTOSIS, 1),
    )
    return b.Figure(spreads(drawn, locale), alt, caption, numbers)


def _spread(view: AuditView, row: dict[str, Any]) -> Spread:
    """Return the quartiles of an indicator between its ends."""
    x = view.found.raw[row["indicator"]].dropna().to_numpy()
    low, middle, high = ((q - row["min"]) / (row["max"] - row["min"])
                         for q in np.quantile(x, (0.25, 0.5, 0.75)).tolist())  # fmt: skip
    title = view.title(row["indicator"])
    return Spread(title, (low, middle, high), row["flag_skew_kurtosis"] == OUT)
