"""Who took part in a programme, and what its sentences call both groups."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from workbench.language import Counted, Message
from workbench.stats.pairs import Floats
from workbench.stats.result import Dropped, Interval, Refusal, Sentence, Verdict, rounded
from workbench.stats.sizes import Sizes, too_few
from workbench.stats.wording import Labels


@dataclass(frozen=True, slots=True)
class Programme:
    """What sentences call both groups.

    Parameters
    ----------
    participants, others : Message or Text
        With their article where the language needs one.
    """

    participants: object = field(default=Message("the participants"))
    others: object = field(default=Message("the others"))

    @property
    def values(self) -> dict[str, object]:
        """The names as values of a message."""
        return {"participants": self.participants, "others": self.others}


PROGRAMME = Programme()
ONE_BEFORE = Message(
    "With one round before the start, whether both groups were on like paths is unknown."
)


def taking_part(treated: pd.Series, what: str = "treated") -> pd.Series:
    """Return who took part as 0 and 1, without units of which it is not known.

    Parameters
    ----------
    treated : Series of bool or number
        Yes/no or 0/1, indexed by unit.
    what : str
        How the column is called in errors.

    Raises
    ------
    ValueError
        If a code stands twice or there is another value.
    """
    if treated.index.has_duplicates:
        raise ValueError(f"unit {treated.index[treated.index.duplicated()][0]} stands twice")
    known = treated.dropna()
    try:
        numbers = known.astype("float64")
    except (TypeError, ValueError):
        numbers = pd.Series(np.nan, index=known.index)
    wrong = known[~numbers.isin([0.0, 1.0])]
    if len(wrong):
        raise ValueError(f"{what}: {wrong.iloc[0]} of unit {wrong.index[0]}; expected 0 or 1")
    return numbers


def unknown_part(n: int, labels: Labels) -> tuple[Dropped, ...]:
    """Return the units of which it is not known whether they took part."""
    text = Counted(
        "Of {n} of the {nouns} it is not known whether it took part; it is left out.",
        "Of {n} of the {nouns} it is not known whether they took part; they are left out.",
        n,
        nouns=labels.nouns,
    )
    return (Dropped(n, text),) if n else ()


def small_arm(
    treated: Floats, rule: str, what: Sentence, labels: Labels, sizes: Sizes | None
) -> Refusal | None:
    """Return the refusal of too few participants or others."""
    smaller = int(min(treated.sum(), (1 - treated).sum()))
    return too_few(
        smaller,
        rule,
        what,
        Message("The change of each of the {nouns} can be shown.", **labels.values),
        sizes,
    )


def deviations_apart(first: Floats, second: Floats) -> float:
    """Return the standardised difference of two groups; NaN where none of them varies.

    Notes
    -----
    Difference of the means over the root of the mean of both variances (Austin 2009).
    """
    if min(len(first), len(second)) < 2:
        return float("nan")
    spread = float(np.sqrt((first.var(ddof=1) + second.var(ddof=1)) / 2))
    return float(first.mean() - second.mean()) / spread if spread > 0 else float("nan")


def effect_sentence(
    estimate: float,
    interval: Interval,
    verdict: Verdict,
    assumption: Sentence,
    labels: Labels,
    whom: object,
) -> Sentence:
    """Return an estimated effect in words, with its assumption in the same sentence.

    Parameters
    ----------
    estimate : float
    interval : Interval
    verdict : Verdict
    assumption : Message
        A clause that follows *assuming that*.
    labels : Labels
    whom : Message or Text
        Those to whom the effect would have come.
    """
    values = {
        **labels.values,
        "whom": whom,
        "assumption": assumption,
        "size": rounded(abs(estimate)),
        "estimate": rounded(estimate),
        "low": rounded(interval.low),
        "high": rounded(interval.high),
        "least": rounded(min(abs(interval.low), abs(interval.high))),
        "most": rounded(max(abs(interval.low), abs(interval.high))),
    }
    match verdict:
        case Verdict.POSITIVE:
            return Message(
                "The estimated effect of the programme on {outcome} of {whom} is {size} "
                "{unit} upward (probably between {least} and {most}), assuming that {assumption}.",
                **values,
            )
        case Verdict.NEGATIVE:
            return Message(
                "The estimated effect of the programme on {outcome} of {whom} is {size} "
                "{unit} downward (probably between {least} and {most}), assuming that "
                "{assumption}.",
                **values,
            )
        case Verdict.NEGLIGIBLE:
            return Message(
                "No appreciable effect of the programme on {outcome} of {whom} is seen "
                "(probably {low} to {high} {unit}), assuming that {assumption}.",
                **values,
            )
    return Message(
        "These data neither show nor rule out an effect of the programme on {outcome} of "
        "{whom} (estimate {estimate}, probably {low} to {high} {unit}), assuming that "
        "{assumption}.",
        **values,
    )
