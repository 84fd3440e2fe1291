"""The results of a unit against the targets of the study, in words."""

from __future__ import annotations

from collections.abc import Callable

from workbench.display import blocks as b
from workbench.display.figures import score_text
from workbench.display.values import with_unit
from workbench.language import Locale
from workbench.study.certainty_views import TargetView
from workbench.study.views import UnitView


def target_texts(view: UnitView, locale: Locale) -> list[b.Rich]:
    """Return each result for which the study declares a target beside it."""
    found = []
    for code, target in view.certainty.targets.items():
        title, said = _printed(view, code, target, locale)
        found.append(_text(title, target, said, locale))
    return found


Printed = Callable[[float | None], str]


def _printed(view: UnitView, code: str, target: TargetView, locale: Locale) -> tuple[str, Printed]:
    """Return the title of a result, and how its numbers are printed."""
    node = next((n for n in view.nodes if n.code == code), None)
    if node is not None:
        return node.title, lambda value: score_text(node, value, locale)
    indicator = next(i for i in view.indicators if i.code == code)
    beside = (indicator.value, target.target)
    return indicator.title, lambda value: with_unit(value, indicator.unit, locale, *beside)


def _text(title: str, target: TargetView, said: Printed, locale: Locale) -> b.Rich:
    """Return one result beside its target, told apart only where an error is known."""
    values = {
        "title": title,
        "target": said(target.target),
        "value": said(target.target + target.gap),
        "low": said(target.low),
        "high": said(target.high),
        "margin": said(target.margin),
    }
    match target.verdict:
        case "positive":
            return locale.rich(
                "**{title}: the target of {target} is met.** The result is {value}; with "
                "measurement error probably between {low} and {high}.",
                **values,
            )
        case "negative":
            return locale.rich(
                "**{title}: the target of {target} is not met.** The result is {value}; with "
                "measurement error probably between {low} and {high}.",
                **values,
            )
        case "negligible":
            return locale.rich(
                "**{title}: the result is at the target of {target}**, within the margin of "
                "{margin} that the study declares: {value}.",
                **values,
            )
        case "undetermined":
            return locale.rich(
                "**{title}: whether the target of {target} is met can't be told.** The result is "
                "{value}; with measurement error probably between {low} and {high}.",
                **values,
            )
    if target.met:
        return locale.rich(
            "**{title}: the recorded result, {value}, reaches the target of {target}.** No source "
            "states how precise it is, so there is no margin of error.",
            **values,
        )
    return locale.rich(
        "**{title}: the recorded result, {value}, does not reach the target of {target}.** No "
        "source states how precise it is, so there is no margin of error.",
        **values,
    )
