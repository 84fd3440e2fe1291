"""Sentences on factors that go with an outcome: associations, never causes."""

from __future__ import annotations

from collections.abc import Mapping

from workbench.language import Counted, Message
from workbench.stats.predictors import Column, Design
from workbench.stats.result import Interval, Sentence, Verdict, rounded
from workbench.stats.wording import Labels

NOT_A_CAUSE = Message("This is an association; it does not say what causes what.")


def association(
    column: Column,
    estimate: float,
    interval: Interval | None,
    verdict: Verdict | None,
    labels: Labels,
    names: Mapping[str, object],
) -> Sentence:
    """Return in words how an outcome differs between two values of a factor.

    Parameters
    ----------
    column : Column
    estimate, interval
        Of one more of the factor; the sentence speaks of the distance between its quartiles.
    verdict : Verdict or None
    labels : Labels
    names : mapping
        Factor or level -> words for it.
    """
    step = column.step
    low, high = (interval.low * step, interval.high * step) if interval else (step, step)
    size = abs(estimate * step)
    values = {
        **labels.values,
        **_sides(column, names),
        "size": rounded(size),
        "low": rounded(low),
        "high": rounded(high),
        "least": rounded(min(abs(low), abs(high))),
        "most": rounded(max(abs(low), abs(high))),
    }
    if verdict is Verdict.NEGLIGIBLE:
        return Message(
            "There is no appreciable difference in {outcome} between {one} and {other} "
            "(probably {low} to {high} {unit}).",
            **values,
        )
    if verdict is Verdict.POSITIVE:
        return Message(
            "For {nouns} with {one}, {outcome} is {size} {unit} higher than for those with {other} "
            "(probably between {least} and {most}).",
            **values,
        )
    if verdict is Verdict.NEGATIVE:
        return Message(
            "For {nouns} with {one}, {outcome} is {size} {unit} lower than for those with {other} "
            "(probably between {least} and {most}).",
            **values,
        )
    return Message(
        "Whether {outcome} is higher or lower for {nouns} with {one} than for those with {other} "
        "cannot be told from these data (probably {low} to {high} {unit}).",
        **values,
    )


def share_association(
    column: Column,
    share: float,
    interval: Interval,
    verdict: Verdict,
    labels: Labels,
    names: Mapping[str, object],
) -> Sentence:
    """Return in words how many more of 100 say yes at one value of a factor than at another.

    Parameters
    ----------
    column : Column
    share, interval
        Difference of shares (0-1) between both values of the column.
    verdict : Verdict
    labels : Labels
    names : mapping
        Factor or level -> words for it.
    """
    low, high = max(100 * interval.low, -100.0), min(100 * interval.high, 100.0)
    values = {
        **labels.values,
        **_sides(column, names),
        "size": rounded(abs(100 * share)),
        "low": rounded(low),
        "high": rounded(high),
        "least": rounded(min(abs(low), abs(high))),
        "most": rounded(max(abs(low), abs(high))),
    }
    if verdict is Verdict.POSITIVE:
        return Message(
            "Of every 100 {nouns} with {one}, {size} more say yes than of every 100 with {other} "
            "(probably between {least} and {most} more).",
            **values,
        )
    if verdict is Verdict.NEGATIVE:
        return Message(
            "Of every 100 {nouns} with {one}, {size} fewer say yes than of every 100 with {other} "
            "(probably between {least} and {most} fewer).",
            **values,
        )
    if verdict is Verdict.NEGLIGIBLE:
        return Message(
            "There is no appreciable difference in the share of yes between {one} and {other} "
            "(probably {low} to {high} of 100).",
            **values,
        )
    return Message(
        "Whether more or fewer {nouns} say yes with {one} than with {other} cannot be told from "
        "these data (probably {low} to {high} of 100).",
        **values,
    )


def level_association(
    column: Column,
    shares: tuple[float, float],
    interval: Interval,
    verdict: Verdict,
    top: object,
    labels: Labels,
    names: Mapping[str, object],
) -> Sentence:
    """Return in words how many reach the highest level at one value of a factor and at another.

    Parameters
    ----------
    column : Column
    shares : tuple of float
        Expected shares (0-1) of the highest level at both values of the column.
    interval : Interval
        Of their difference.
    verdict : Verdict
    top : Message or text
        The highest level.
    labels : Labels
    names : mapping
        Factor or level -> words for it.
    """
    values = {
        **labels.values,
        **_sides(column, names),
        "top": top,
        "first": rounded(100 * shares[0], 1),
        "second": rounded(100 * shares[1], 1),
        "low": rounded(max(100 * interval.low, -100.0)),
        "high": rounded(min(100 * interval.high, 100.0)),
    }
    if verdict is Verdict.POSITIVE:
        return Message(
            "The {nouns} with {one} are at higher levels than those with {other}: {first} of 100 "
            "against {second} of 100 reach {top} (difference probably {low} to {high}).",
            **values,
        )
    if verdict is Verdict.NEGATIVE:
        return Message(
            "The {nouns} with {one} are at lower levels than those with {other}: {first} of 100 "
            "against {second} of 100 reach {top} (difference probably {low} to {high}).",
            **values,
        )
    return Message(
        "Whether {nouns} with {one} are at higher or lower levels than those with {other} cannot "
        "be told from these data: {first} of 100 against {second} of 100 reach {top} (difference "
        "probably {low} to {high}).",
        **values,
    )


def allowance(design: Design) -> tuple[Sentence, ...]:
    """Return which other factors were allowed for, nothing where there are none."""
    others = len(design.terms) - 1
    if others < 1:
        return ()
    text = Counted(
        "Allowance is made for {n} other factor.",
        "Allowance is made for {n} other factors.",
        others,
    )
    return (text,)


def _sides(column: Column, names: Mapping[str, object]) -> dict[str, object]:
    """Return both sides of a comparison: values of a number, yes and no, or two levels."""
    factor = names.get(column.term, column.term)
    match column.kind:
        case "number":
            one, other = (
                Message("{factor} of {value}", factor=factor, value=rounded(value))
                for value in (column.upper, column.lower)
            )
            return {"one": one, "other": other}
        case "yes":
            return {
                "one": Message("{factor}: yes", factor=factor),
                "other": Message("{factor}: no", factor=factor),
            }
    one, other = (
        Message("{factor}: {level}", factor=factor, level=names.get(level, level))
        for level in (column.level, column.reference)
    )
    return {"one": one, "other": other}
