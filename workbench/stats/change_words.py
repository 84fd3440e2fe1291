"""Sentences about change between two waves."""

from __future__ import annotations

from workbench.language import Counted, Message
from workbench.stats.pairs import Pairs
from workbench.stats.result import Interval, Sentence, Verdict, rounded
from workbench.stats.wording import Labels

NOT_A_CAUSE = Message("This describes the change; it does not say what caused it.")


def mean_sentence(
    n: int,
    mean: float,
    interval: Interval,
    verdict: Verdict,
    margin: float | None,
    labels: Labels,
) -> Sentence:
    """Return the mean change in words, by its verdict."""
    values = {
        **labels.values,
        "size": rounded(abs(mean)),
        "mean": rounded(mean),
        "low": rounded(interval.low),
        "high": rounded(interval.high),
        "least": rounded(min(abs(interval.low), abs(interval.high))),
        "most": rounded(max(abs(interval.low), abs(interval.high))),
    }
    match verdict:
        case Verdict.POSITIVE:
            return Counted(
                "Between {before} and {after}, {outcome} of {n} of the {nouns} measured both times "
                "rose by {size} {unit} on average (probably between {least} and {most}).",
                "Between {before} and {after}, {outcome} of the {n} {nouns} measured both times "
                "rose by {size} {unit} on average (probably between {least} and {most}).",
                n,
                **values,
            )
        case Verdict.NEGATIVE:
            return Counted(
                "Between {before} and {after}, {outcome} of {n} of the {nouns} measured both times "
                "fell by {size} {unit} on average (probably between {least} and {most}).",
                "Between {before} and {after}, {outcome} of the {n} {nouns} measured both times "
                "fell by {size} {unit} on average (probably between {least} and {most}).",
                n,
                **values,
            )
        case Verdict.NEGLIGIBLE:
            return Counted(
                "Between {before} and {after} there was no appreciable change in {outcome} of {n} "
                "of the {nouns} measured both times: less than the {margin} {unit} that count.",
                "Between {before} and {after} there was no appreciable change in {outcome} of the "
                "{n} {nouns} measured both times: less than the {margin} {unit} that count.",
                n,
                margin=rounded(margin or 0.0),
                **values,
            )
    return Counted(
        "Whether {outcome} of {n} of the {nouns} measured both in {before} and {after} rose or "
        "fell on average cannot be told from these data (probably {low} to {high} {unit}).",
        "Whether {outcome} of the {n} {nouns} measured both in {before} and {after} rose or fell "
        "on average cannot be told from these data (probably {low} to {high} {unit}).",
        n,
        **values,
    )


def typical_sentence(pairs: Pairs, estimate: float, interval: Interval, labels: Labels) -> Sentence:
    """Return the typical change in words."""
    if (pairs.change != 0).all():
        return Message(
            "The typical change was {estimate} {unit} (probably between {low} and {high}).",
            estimate=rounded(estimate),
            low=rounded(interval.low),
            high=rounded(interval.high),
            **labels.values,
        )
    return Counted(
        "The typical change was {estimate} {unit} (probably between {low} and {high}); {n} of "
        "{all} {nouns} did not change.",
        "The typical change was {estimate} {unit} (probably between {low} and {high}); {n} of "
        "{all} {nouns} did not change.",
        int((pairs.change == 0).sum()),
        estimate=rounded(estimate),
        low=rounded(interval.low),
        high=rounded(interval.high),
        all=rounded(pairs.n, 0),
        **labels.values,
    )


def typical_in_full(
    n: int, estimate: float, interval: Interval, verdict: Verdict, labels: Labels
) -> Sentence:
    """Return the typical change in words that stand alone: of what, of whom, and when."""
    values = {
        **labels.values,
        "size": rounded(abs(estimate)),
        "estimate": rounded(estimate),
        "low": rounded(interval.low),
        "high": rounded(interval.high),
        "least": rounded(min(abs(interval.low), abs(interval.high))),
        "most": rounded(max(abs(interval.low), abs(interval.high))),
        "n": rounded(n, 0),
    }
    match verdict:
        case Verdict.POSITIVE:
            return Message(
                "Between {before} and {after}, {outcome} of the {n} {nouns} measured both times "
                "typically rose by {size} {unit} (probably between {least} and {most}).",
                **values,
            )
        case Verdict.NEGATIVE:
            return Message(
                "Between {before} and {after}, {outcome} of the {n} {nouns} measured both times "
                "typically fell by {size} {unit} (probably between {least} and {most}).",
                **values,
            )
    return Message(
        "Whether {outcome} of the {n} {nouns} measured both in {before} and {after} typically rose "
        "or fell cannot be told from these data (typical change {estimate} {unit}, probably {low} "
        "to {high}).",
        **values,
    )


def share_sentence(pairs: Pairs, up: int, down: int, noise: float, labels: Labels) -> Sentence:
    """Return how many improved in words."""
    worsened = Counted("{n} worsened", "{n} worsened", down)
    values = {**labels.values, "all": rounded(pairs.n, 0), "worsened": worsened}
    if noise:
        return Counted(
            "{n} of {all} {nouns} improved by more than {noise} {unit}; {worsened}.",
            "{n} of {all} {nouns} improved by more than {noise} {unit}; {worsened}.",
            up,
            noise=rounded(noise),
            **values,
        )
    return Counted(
        "{n} of {all} {nouns} improved; {worsened}.",
        "{n} of {all} {nouns} improved; {worsened}.",
        up,
        **values,
    )
