"""An index as it shows itself in a notebook: structure, steps, last results."""

from __future__ import annotations

import numpy as np

from workbench.audit.index import Index
from workbench.display import blocks as b
from workbench.display.structure_figure import pieces, structure_of
from workbench.language import Locale, as_locale, marked

SHOWN = 10  # units, and columns of data that are no scores yet
STEPS = {
    "denominate": marked("Denominate"),
    "screen": marked("Screen units"),
    "impute": marked("Impute"),
    "treat": marked("Treat outliers"),
    "normalise": marked("Normalise"),
    "weigh": marked("Weigh"),
    "aggregate": marked("Aggregate"),
}


def index_section(index: Index, locale: str | None = None) -> b.Section:
    """Return an index as a section: its structure, what was done, its last results.

    Parameters
    ----------
    index : Index
    locale : str, optional
        Language and country of the texts; that of the index if left out.
    """
    speaker = as_locale(locale or index.locale)
    top = index.structure.nodes[index.structure.top]
    blocks: list[b.Block | None] = [
        b.Heading(top.title),
        b.Paragraph(b.as_rich(_size(index, speaker))),
        _structure(index, speaker),
        _steps(index, speaker),
        _latest(index, speaker),
    ]
    return b.Section(blocks, speaker.tag)


def _size(index: Index, locale: Locale) -> str:
    """Return how large the index is, in a sentence."""
    frame, structure = index.latest, index.structure
    units = frame.index.get_level_values("unit").nunique()
    said = [
        locale.count("{n} unit", "{n} units", units),
        locale.count("{n} indicator", "{n} indicators", len(structure.indicators)),
        locale.count("{n} group", "{n} groups", len(structure.groups)),
    ]
    if index.is_panel:
        waves = frame.index.get_level_values("wave").nunique()
        said.append(locale.count("{n} wave", "{n} waves", waves))
    return locale.listing(said) + "."


def _structure(index: Index, locale: Locale) -> b.Figure:
    """Return the structure as a picture, with a table of nodes and weights."""
    structure = index.structure
    frame = structure.to_frame()
    total = frame.groupby("parent")["weight"].transform("sum")
    heads = (
        b.ColumnHead(locale.text("Part"), width=2.4),
        b.ColumnHead(locale.text("Group"), width=2.0),
        b.ColumnHead(locale.text("Weight"), "right"),
        b.ColumnHead(locale.text("Share in the group"), "right"),
        b.ColumnHead(locale.text("Better is")),
    )
    more, less = locale.text("more"), locale.text("less")
    rows = tuple(
        b.Row(
            (
                b.cell(str(title)),
                b.cell(structure.nodes[parent].title if parent else "–"),
                b.cell(locale.number(weight, 2), number=weight),
                b.cell(locale.percent(100 * weight / sum_, 1), number=weight / sum_),
                b.cell(more if direction > 0 else less),
            )
        )
        for title, parent, weight, direction, sum_ in zip(
            frame["title"], frame["parent"], frame["weight"], frame["direction"], total, strict=True
        )
        if parent
    )
    alt = locale.text(
        "{indicators} indicators in {groups} groups, each as high as its weight in the index.",
        indicators=locale.integer(len(structure.indicators)),
        groups=locale.integer(len(structure.groups)),
    )
    return b.Figure(structure_of(pieces(structure)), alt, alt, b.Table(heads, rows))


def _steps(index: Index, locale: Locale) -> b.Table | None:
    """Return what was done, and what it changed or left open."""
    if not index.steps:
        return None
    heads = (
        b.ColumnHead(locale.text("Step"), width=1.2),
        b.ColumnHead(locale.text("Choices"), width=3.0),
        b.ColumnHead(locale.text("What it did"), width=2.4),
    )
    rows = tuple(
        b.Row(
            (
                b.cell(locale.text(STEPS[step.step])),
                b.cell(_choices(step.model_dump(mode="json", exclude_defaults=True))),
                b.cell(_did(index, step.step, locale)),
            )
        )
        for step in index.steps
    )
    return b.Table(heads, rows, locale.text("Steps"))


def _choices(plain: dict[str, object]) -> str:
    """Return the choices of a step as they are written in a file, long lists by their length."""
    said = []
    for key, value in plain.items():
        if key == "step":
            continue
        if isinstance(value, dict) and key == "rule":
            said.append(", ".join(f"{k}: {v}" for k, v in value.items()))
        elif isinstance(value, dict | list) and len(value) > 4:
            said.append(f"{key}: {{…{len(value)}}}")
        else:
            said.append(f"{key}: {value}")
    return "; ".join(said)


def _did(index: Index, step: str, locale: Locale) -> str:
    """Return what a step changed or left open, counted."""
    reports = index.reports
    match step:
        case "denominate":
            lost = int(reports["denominated"]["lost"].sum())
            n = len(reports["denominated"])
            done = locale.count("{n} indicator divided", "{n} indicators divided", n)
            left = locale.count("{n} value lost", "{n} values lost", lost)
            return f"{done}; {left}"
        case "screen":
            out = int((~reports["screened"]["kept"]).sum())
            return locale.count("{n} case left out", "{n} cases left out", out)
        case "impute":
            filled = int(reports["imputed"]["n_filled"].sum())
            left_ = int(reports["imputed"]["n_left"].sum())
            done = locale.count("{n} value filled in", "{n} values filled in", filled)
            return f"{done}; " + locale.count("{n} still missing", "{n} still missing", left_)
        case "treat":
            points = reports["treated_points"]
            changed = points["code"].nunique()
            done = locale.count("{n} value changed", "{n} values changed", len(points))
            inside = locale.count("in {n} indicator", "in {n} indicators", changed)
            return f"{done} {inside}"
        case "aggregate":
            withheld = int(reports["aggregated"]["n_withheld"].sum())
            return locale.count("{n} score withheld", "{n} scores withheld", withheld)
    return ""


def _latest(index: Index, locale: Locale) -> b.Table:
    """Return the first places, or the first rows of the data that there are so far."""
    if "aggregated" in index.data:
        frame = index.results()
        if index.is_panel:
            last = frame.index.get_level_values("wave")[-1]
            frame = frame.loc[frame.index.get_level_values("wave") == last]
        title = locale.text("First places")
    else:
        frame, title = index.latest, locale.text("Data: {name}", name=list(index.data)[-1])
    frame = frame.iloc[:SHOWN, :SHOWN]
    names = {code: node.title for code, node in index.structure.nodes.items()}
    heads = (
        b.ColumnHead(locale.text("Unit"), width=1.6),
        *(
            b.ColumnHead(
                locale.text("Place") if c == "rank" else names.get(str(c), str(c)), "right"
            )
            for c in frame.columns
        ),
    )
    rows = tuple(
        b.Row((b.cell(_unit(case, index)), *(_number(c, x, locale) for c, x in row.items())))
        for case, row in frame.iterrows()
    )
    return b.Table(heads, rows, title)


def _unit(case: object, index: Index) -> str:
    """Return the name of a case: that of the unit where it is known, and its wave."""
    unit, *wave = tuple(case) if isinstance(case, tuple) else (case,)
    name = unit
    if "name" in index.units:
        known = index.units["name"].groupby(level="unit").first()
        found = known.get(unit)
        name = found if isinstance(found, str) else unit
    return " ".join(map(str, (name, *wave)))


def _number(column: object, value: float, locale: Locale) -> b.Cell:
    """Return a number as a cell: places whole, others to two decimals; a dash for none."""
    if np.isnan(value):
        return b.cell("–")
    text = locale.integer(value) if column == "rank" else locale.number(float(value), 2)
    return b.cell(text, number=float(value))
