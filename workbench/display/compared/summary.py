"""Many answers at once in a few lines: what rose, what fell, what can't be told."""

from __future__ import annotations

from workbench.display import blocks as b
from workbench.display.compared.common import POINTS, ComparedView
from workbench.language import marked
from workbench.stats import Verdict
from workbench.study.compare import Answer

# A p adjusted for the other tests counts below this.
ALPHA = 0.05
MOST_NAMED = 12

HEADS = {
    Verdict.POSITIVE: marked("Rose"),
    Verdict.NEGATIVE: marked("Fell"),
    Verdict.NEGLIGIBLE: marked("No appreciable change"),
    Verdict.UNDETERMINED: marked("Cannot be told"),
}


def summary(view: ComparedView, told: list[Answer]) -> list[b.Block]:
    """Return how many of the results changed, then which, with their changes.

    A change counts where it still does once the number of results looked at is allowed for.
    """
    locale = view.locale
    by_verdict = {verdict: [a for a in told if standing(a) == verdict] for verdict in HEADS}
    changed = len(by_verdict[Verdict.POSITIVE]) + len(by_verdict[Verdict.NEGATIVE])
    lead = locale.count(
        "Of {all} results looked at together, {n} shows a change once their number is allowed for.",
        "Of {all} results looked at together, {n} show a change once their number is allowed for.",
        changed,
        all=locale.integer(len(told)),
    )
    items = [
        locale.rich(
            "**{verdict}**: {results}.",
            verdict=locale.text(HEADS[verdict]),
            results=_listed(view, some),
        )
        for verdict, some in by_verdict.items()
        if some
    ]
    cause = locale.text("This describes the changes; it does not say what caused them.")
    return [
        b.Paragraph(b.as_rich(lead), "lead"),
        b.Bullets(tuple(items)),
        b.Paragraph(b.as_rich(cause), "note"),
    ]


def standing(answer: Answer) -> Verdict:
    """Return the verdict that stands once the other tests are allowed for."""
    result = answer.result
    adjusted = result.test.p_adjusted if result.test else None
    if result.verdict in (None, Verdict.UNDETERMINED):
        return Verdict.UNDETERMINED
    if result.verdict != Verdict.NEGLIGIBLE and adjusted is not None and adjusted >= ALPHA:
        return Verdict.UNDETERMINED
    return Verdict(result.verdict)


def _listed(view: ComparedView, some: list[Answer]) -> str:
    """Return titles with their changes, those that changed most first; the first of many."""
    locale = view.locale

    def size(answer: Answer) -> float:
        return -abs(answer.result.estimate or 0.0)

    named = [_one(view, a) for a in sorted(some, key=size)[:MOST_NAMED]]
    if len(some) > MOST_NAMED:
        rest = locale.count("{n} more", "{n} more", len(some) - MOST_NAMED)
        named.append(rest)
    return locale.listing(named)


def _one(view: ComparedView, answer: Answer) -> str:
    """Return the title of a result with its change, where that is a number with a unit."""
    result, title = answer.result, view.title(answer.node)
    unit = view.unit_of(answer)
    told = standing(answer) in (Verdict.POSITIVE, Verdict.NEGATIVE)
    if not told or result.unit != POINTS or result.estimate is None or not unit:
        return title
    change = view.locale.number(result.estimate, result.decimals, sign=True)
    return f"{title} ({change} {unit})"
