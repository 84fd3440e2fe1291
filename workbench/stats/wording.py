"""Words of comparisons: verdicts by family, numbers in sentences, and what is compared.

A result keeps its sentences as messages with values, so that numbers are written as in the country
of the reader. Rules of wording: natural frequencies, one decimal at most, *probably between a and
b* for 95 %; no *effect* outside programme comparisons; no place without its range.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from workbench.language import Counted, Message, as_locale, half_up

_CHANGE = {
    "positive": Message("rose"),
    "negative": Message("fell"),
    "negligible": Message("no appreciable change"),
    "undetermined": Message("cannot be told from these data"),
}
_GROUPS = {
    "positive": Message("higher"),
    "negative": Message("lower"),
    "negligible": Message("no appreciable difference"),
    "undetermined": Message("cannot be told from these data"),
}
_TARGET = {
    "positive": Message("meets it"),
    "negative": Message("does not meet it"),
    "negligible": Message("at the target, within the margin"),
    "undetermined": Message("cannot be told from these data"),
}
_CHANCE = {
    "positive": Message("above what chance gives"),
    "negative": Message("below what chance gives"),
    "negligible": Message("as expected"),
    "undetermined": Message("within what chance gives"),
}
_EFFECT = {
    "positive": Message("estimated effect upward"),
    "negative": Message("estimated effect downward"),
    "negligible": Message("no appreciable effect"),
    "undetermined": Message("cannot be told from these data"),
}
_ASSOCIATION = {
    "positive": Message("go together"),
    "negative": Message("go against each other"),
    "negligible": Message("no appreciable association"),
    "undetermined": Message("cannot be told from these data"),
}
_GAPS = {
    "positive": Message("the gaps widened"),
    "negative": Message("the gaps narrowed"),
    "negligible": Message("the gaps did not change appreciably"),
    "undetermined": Message("cannot be told from these data"),
}
_AGREEMENT = {
    "positive": Message("they agree well enough"),
    "negative": Message("they do not agree well enough"),
    "negligible": Message("no appreciable difference"),
    "undetermined": Message("cannot be told from these data"),
}
_BALANCE = {
    "positive": Message("more improved than worsened"),
    "negative": Message("more worsened than improved"),
    "negligible": Message("as many improved as worsened"),
    "undetermined": Message("cannot be told from these data"),
}
_SPREAD = {
    "positive": Message("more spread out"),
    "negative": Message("less spread out"),
    "negligible": Message("spread out alike"),
    "undetermined": Message("cannot be told from these data"),
}
FAMILIES = {
    "change": _CHANGE,
    "groups": _GROUPS,
    "target": _TARGET,
    "chance": _CHANCE,
    "effect": _EFFECT,
    "association": _ASSOCIATION,
    "spread": _SPREAD,
    "agreement": _AGREEMENT,
    "gaps": _GAPS,
    "balance": _BALANCE,
}


def verdict_word(family: str, verdict: str) -> Message:
    """Return the word of a verdict in a family of questions."""
    return FAMILIES[family][str(verdict)]


@dataclass(frozen=True, slots=True)
class Rounded:
    """A number in a sentence: at most so many decimals, none that is a zero.

    Parameters
    ----------
    value : float
    decimals : int or None
        None for those of the result in whose sentence it stands; one if it says nothing.
    """

    value: float
    decimals: int | None = None

    def in_(self, tag: str, source: str = "") -> str:
        """Return the number as the locale writes it."""
        if self.value != self.value or self.value in (float("inf"), float("-inf")):
            return as_locale(tag).number(None)
        most = 1 if self.decimals is None else self.decimals
        exact = half_up(self.value, most)
        decimals = 0 if exact == exact.to_integral_value() else most
        return as_locale(tag).number(self.value, decimals)


@dataclass(frozen=True, slots=True)
class Joined:
    """Several messages in one sentence, as the language lists them: *a, b and c*."""

    items: tuple[Message | Counted, ...]

    def in_(self, tag: str, source: str = "") -> str:
        """Return the list."""
        return as_locale(tag).listing([item.text(tag) for item in self.items])


@dataclass(frozen=True, slots=True)
class PValue:
    """A p-value in a sentence: three decimals, and *less than 0.001* below."""

    value: float

    def in_(self, tag: str, source: str = "") -> str:
        """Return the p-value as the locale writes it."""
        locale = as_locale(tag)
        smallest = 0.001
        if self.value < smallest:
            return f"< {locale.number(smallest, 3)}"
        return f"= {locale.number(self.value, 3)}"


@dataclass(frozen=True, slots=True)
class Labels:
    """What is compared, for sentences.

    Parameters
    ----------
    nouns : Message or Text
        The units, in the plural: *municipalities*.
    outcome : Message or Text
        What was measured, with its article: *the score*.
    unit : Message or Text
        What a difference is counted in: *points*.
    before, after : str
        Names of the two waves.
    """

    nouns: object = field(default=Message("municipalities"))
    outcome: object = field(default=Message("the score"))
    unit: object = field(default=Message("points"))
    before: object = field(default=Message("the first round"))
    after: object = field(default=Message("the second round"))

    @property
    def values(self) -> dict[str, object]:
        """The labels as values of a message."""
        return {
            "nouns": self.nouns,
            "outcome": self.outcome,
            "unit": self.unit,
            "before": self.before,
            "after": self.after,
        }


PLAIN = Labels()
