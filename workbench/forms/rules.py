"""What the cells of a form accept: data validations made from what a code may hold."""

from __future__ import annotations

from typing import Any

import numpy as np

from workbench.forms.excel import number
from workbench.forms.layout import Layout
from workbench.forms.questions import Question
from workbench.forms.sheets import Lists
from workbench.forms.wording import Wording

_HUGE = 1e300


def answer_rule(
    question: Question, wording: Wording, lists: Lists, layout: Layout | None = None
) -> dict[str, Any]:
    """Return the data validation of an answer cell, with the message that explains a refusal.

    Parameters
    ----------
    question : Question
    wording : Wording
    lists : Lists
        Holds what there is to choose from.
    layout : Layout, optional
        Gives the cell that a number can't exceed; that limit is left to reading if left out.
    """
    labels = wording.choices(question)
    if labels:
        message = wording.text("Choose one of the list.")
        items = [_item(label) for label, _ in labels]
        return {"message": message, "type": "list", "formula1": lists.reference(items)}
    expected = wording.text("Enter {expected}.", expected=question.allowed.expected())
    if question.at_most is not None and layout is not None and question.at_most in layout.spots:
        return {"message": expected, "type": "custom", "formula1": _limited(question, layout)}
    return {"message": expected, **_range(question)}


def _item(label: str) -> object:
    """Return an entry of a list: a number where the label is one, so that it is read as such."""
    try:
        return float(label)
    except ValueError:
        return label


def _range(question: Question) -> dict[str, Any]:
    """Return the rule of a number between limits."""
    allowed = question.allowed
    low = max(allowed.low, -_HUGE) if np.isfinite(allowed.low) else -_HUGE
    high = min(allowed.high, _HUGE) if np.isfinite(allowed.high) else _HUGE
    kind = "whole" if allowed.whole and abs(low) < _HUGE else "decimal"
    if kind == "whole":
        high = min(high, 1e15)
    return {
        "type": kind, "operator": "between", "formula1": number(low).strip("()"),
        "formula2": number(high).strip("()"),
    }  # fmt: skip


def _limited(question: Question, layout: Layout) -> str:
    """Return the rule of a number that another one limits, where that one is given."""
    spot, other = layout.spots[question.code], layout.spots[str(question.at_most)]
    here, limit = (s.cell("answer").rpartition("!")[2] for s in (spot, other))
    allowed = question.allowed
    parts = [f"ISNUMBER({here})", f"OR(NOT(ISNUMBER({limit})),{here}<={limit})"]
    if np.isfinite(allowed.low):
        parts.append(f"{here}>={number(allowed.low)}")
    if np.isfinite(allowed.high):
        parts.append(f"{here}<={number(allowed.high)}")
    if allowed.whole:
        parts.append(f"{here}=INT({here})")
    return f"AND({','.join(parts)})"
