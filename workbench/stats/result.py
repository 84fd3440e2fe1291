"""What a comparison gives: one kind of result for all of them, or a refusal that says why.

A result is a value: it is made once, travels between processes, and speaks any language for which
there is a catalogue. A comparison that can't be made is a result too, with a refusal in it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd

from workbench.language import Counted, Message, as_locale
from workbench.stats.wording import Joined, Rounded, verdict_word

Sentence = Message | Counted
Number = float | int | None


@lru_cache(maxsize=1)
def library_versions() -> tuple[tuple[str, str], ...]:
    """Return the versions of the libraries that compute."""
    return tuple((name, version(name)) for name in ("numpy", "pandas", "scipy", "statsmodels"))


class Verdict(StrEnum):
    """What a comparison lets one say.

    NEGLIGIBLE needs a margin that was declared before; POSITIVE and NEGATIVE need an interval that
    leaves zero (or the target) out; all else is UNDETERMINED.
    """

    POSITIVE = "positive"
    NEGATIVE = "negative"
    NEGLIGIBLE = "negligible"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True, slots=True)
class Interval:
    """An interval with its level and how it was found.

    Parameters
    ----------
    low, high : float
        Ends; infinite where the data give no limit.
    level : float
        0.95 for 95 %.
    kind : str
        Method, such as ``t`` or ``Wilson``.
    """

    low: float
    high: float
    level: float = 0.95
    kind: str = ""

    def excludes(self, value: float) -> bool:
        """Return whether a value lies outside."""
        return value < self.low or value > self.high

    def inside(self, margin: float) -> bool:
        """Return whether the whole interval lies within a margin around zero."""
        return -margin < self.low and self.high < margin


@dataclass(frozen=True, slots=True)
class Effect:
    """A size of effect: its name (``d_z``, ``rank_biserial``), value and interval."""

    name: str
    value: float
    interval: Interval | None = None


@dataclass(frozen=True, slots=True)
class Test:
    """A test of a hypothesis.

    Parameters
    ----------
    name : str
    statistic : float or None
        None where the test has none, as exact ones.
    df : tuple of float
        Degrees of freedom; empty where there are none.
    p : float
        Two-sided unless the name says otherwise.
    p_adjusted : float or None
        After adjustment for the other tests of its family.
    adjustment : str
        ``holm``, ``bh``, ``by``; empty where nothing was adjusted.
    m : int
        Tests of the family.
    """

    # Not a case for pytest, whatever its name.
    __test__ = False

    name: str
    statistic: float | None
    df: tuple[float, ...]
    p: float
    p_adjusted: float | None = None
    adjustment: str = ""
    m: int = 1


@dataclass(frozen=True, slots=True)
class Check:
    """An assumption that was looked at: its test, and whether the data speak against it."""

    name: str
    statistic: float
    p: float
    text: Sentence

    @property
    def doubtful(self) -> bool:
        """Whether the data speak against the assumption at 5 %."""
        return self.p < 0.05


@dataclass(frozen=True, slots=True)
class Dropped:
    """Units that were left out, and why."""

    n: int
    why: Sentence


@dataclass(frozen=True, slots=True)
class Refusal:
    """What can't be computed, why, and what can be done instead.

    Parameters
    ----------
    reason : str
        Stable code: ``too_few``, ``no_variation``, ``no_common_units``, ``not_declared``, ...
    what, why, instead : Message
    """

    reason: str
    what: Sentence
    why: Sentence
    instead: Sentence

    def text(self, tag: str) -> str:
        """Return the three parts as sentences."""
        return " ".join(part.text(tag) for part in (self.what, self.why, self.instead))


@dataclass(frozen=True, eq=False)
class Result:
    """The answer to one question about two or more measurements.

    Parameters
    ----------
    question : str
        Which comparison: ``mean_change``; the family of its words is :attr:`family`.
    family : str
        ``change``, ``groups``, ``target``, ``chance``, ``effect``: decides the words of verdicts.
    n : int
        Units (or pairs, cells, items) used.
    method : Message
        Technical name, with the name of the procedure in the literature.
    design : str
        ``paired``, ``independent``, ``one unit``, ``panel``, ``survey``, ``raters``.
    dropped : tuple of Dropped
    conventions : tuple of str
        Choices between conventions that give different numbers.
    reading : str
        Where the error comes from: ``superpopulation``, ``sample``, ``measurement``, ``raters``,
        ``none``.
    estimate : float or None
    unit : str
        Unit of the estimate: ``points``, ``share``, ``places``.
    interval : Interval or None
        None where there is no source of error.
    effects : tuple of Effect
    test : Test or None
        The test of the method.
    tests : tuple of Test
        Further ones, under their own names.
    margin : float or None
        Smallest relevant difference, where it was declared.
    verdict : Verdict or None
        None where the question has none, as a description.
    checks : tuple of Check
    warnings : tuple of Message
    refusal : Refusal or None
    sentences : tuple of Message
        The answer in plain words.
    details : mapping of str to number
        Every further number by name; ``result["name"]`` looks here, too.
    tables : mapping of str to DataFrame
        Numbers by pair, unit, group or level.
    names : mapping of str to Message or Text
        How groups are called, by the value that stands in tables; ``group`` and ``other`` where two
        are compared.
    confirmatory : bool
        Whether the question was declared in the study; else it is exploratory.
    decimals : int
        Of numbers in sentences; more where the whole range would be written as 0.
    seed, replicates : int or None
        Of what was resampled.
    fingerprint : str
        Hash of the data used.
    versions : tuple of (str, str)
        Of the libraries that computed.
    """

    question: str
    family: str
    n: int
    method: Sentence
    design: str = ""
    dropped: tuple[Dropped, ...] = ()
    conventions: tuple[str, ...] = ()
    reading: str = "superpopulation"
    estimate: float | None = None
    unit: str = "points"
    interval: Interval | None = None
    effects: tuple[Effect, ...] = ()
    test: Test | None = None
    tests: tuple[Test, ...] = ()
    margin: float | None = None
    verdict: Verdict | None = None
    checks: tuple[Check, ...] = ()
    warnings: tuple[Sentence, ...] = ()
    refusal: Refusal | None = None
    sentences: tuple[Sentence, ...] = ()
    details: Mapping[str, Number] = field(default_factory=dict)
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    names: Mapping[str, object] = field(default_factory=dict)
    confirmatory: bool = False
    decimals: int = 1
    seed: int | None = None
    replicates: int | None = None
    fingerprint: str = ""
    versions: tuple[tuple[str, str], ...] = field(default_factory=library_versions)

    def __getitem__(self, name: str) -> Number:
        """Return a number by name.

        Raises
        ------
        KeyError
            With the names that there are.
        """
        if name in self.details:
            return self.details[name]
        raise KeyError(f"{name}; there are {', '.join(sorted(self.details))}")

    def effect(self, name: str) -> Effect:
        """Return a size of effect by name."""
        return next(effect for effect in self.effects if effect.name == name)

    def sentence(self, locale: str) -> str:
        """Return the answer in plain words, or the refusal.

        Parameters
        ----------
        locale : str
            Full tag, ``es-MX`` or ``en``.
        """
        return " ".join(self.lines(locale))

    def lines(self, locale: str) -> list[str]:
        """Return the answer sentence by sentence, or the refusal as one."""
        tag = as_locale(locale).tag
        if self.refusal is not None:
            return [self.refusal.text(tag)]
        return [self._written(s).text(tag) for s in self.sentences]

    def _written(self, sentence: Sentence) -> Sentence:
        """Return a sentence with the decimals of this result."""
        return _with_decimals(sentence, self.decimals, self._fine)

    @property
    def _fine(self) -> int:
        """Decimals of numbers that would be written as 0 or 0.1, as all of a range in points."""
        numbers = [] if self.estimate is None or self.unit != "points" else [self.estimate]
        if numbers and self.interval is not None:
            numbers += [self.interval.low, self.interval.high]
        largest = max((abs(number) for number in numbers), default=0.0)
        if not 0 < largest < 10.0**-self.decimals:
            return self.decimals
        return 1 - int(np.floor(np.log10(largest)))

    def verdict_word(self, locale: str) -> str:
        """Return the verdict in the words of its family; empty where there is none."""
        if self.verdict is None:
            return ""
        return verdict_word(self.family, self.verdict).text(as_locale(locale).tag)

    def notes(self, locale: str) -> list[str]:
        """Return what else a reader must know: who was left out, warnings, doubtful assumptions."""
        tag = as_locale(locale).tag
        doubts = [check.text for check in self.checks if check.doubtful]
        return [
            *(part.why.text(tag) for part in self.dropped),
            *(self._written(s).text(tag) for s in (*self.warnings, *doubts)),
        ]

    def to_frame(self) -> pd.DataFrame:
        """Return the main numbers as one row, missing where there are none."""
        interval, test = self.interval, self.test
        row = {
            "question": self.question,
            "method": str(self.method),
            "n": self.n,
            "dropped": sum(part.n for part in self.dropped),
            "estimate": self.estimate,
            "unit": self.unit,
            "low": interval.low if interval else None,
            "high": interval.high if interval else None,
            "level": interval.level if interval else None,
            "effect": self.effects[0].name if self.effects else None,
            "effect_size": self.effects[0].value if self.effects else None,
            "statistic": test.statistic if test else None,
            "p": test.p if test else None,
            "p_adjusted": test.p_adjusted if test else None,
            "tests": test.m if test else None,
            "verdict": str(self.verdict) if self.verdict else None,
            "refusal": self.refusal.reason if self.refusal else None,
            "confirmatory": self.confirmatory,
        }
        return pd.DataFrame([row])


def verdict_of(
    interval: Interval | None,
    *,
    narrow: Interval | None = None,
    margin: float | None = None,
    null: float = 0.0,
) -> Verdict:
    """Return what an interval lets one say.

    Parameters
    ----------
    interval : Interval or None
        The 95 % interval; without one nothing is determined.
    narrow : Interval or None
        The 90 % interval, for the margin (two one-sided tests at 5 %).
    margin : float or None
        Smallest relevant difference; without one nothing is negligible.
    null : float
        Value that means no difference, or the target.
    """
    if margin is not None and narrow is not None:
        around = Interval(narrow.low - null, narrow.high - null)
        if around.inside(margin):
            return Verdict.NEGLIGIBLE
    if interval is None or not interval.excludes(null):
        return Verdict.UNDETERMINED
    return Verdict.POSITIVE if interval.low > null else Verdict.NEGATIVE


def fingerprint(*arrays: Iterable[Any]) -> str:
    """Return a hash of data: the same for the same values in the same order."""
    found = hashlib.sha256()
    for array in arrays:
        # As a list an index gives its texts ten times faster than one by one.
        values = array.tolist() if isinstance(array, pd.Index) else array
        if not isinstance(values, np.ndarray):
            values = list(values)
            if not (values and isinstance(values[0], str)):
                values = np.asarray(values)
        if isinstance(values, np.ndarray) and values.dtype.kind in "fiub":
            found.update(np.ascontiguousarray(values, dtype=np.float64).tobytes())
        else:
            found.update("\x1f".join(map(str, values)).encode())
        found.update(b"\x1e")
    return found.hexdigest()[:16]


def rounded(value: float, decimals: int | None = None) -> Rounded:
    """Return a number for a sentence, written with at most so many decimals.

    None leaves them to the result: one on a scale of 100, more on a scale of 1.
    """
    return Rounded(float(value), decimals)


def _with_decimals(sentence: Sentence, decimals: int, fine: int) -> Sentence:
    """Return a sentence whose numbers have the decimals of the result, where they say nothing."""

    def written(value: object) -> object:
        if isinstance(value, Message | Counted):
            return _with_decimals(value, decimals, fine)
        if isinstance(value, Rounded) and value.decimals is None:
            small = abs(value.value) < 10.0**-decimals
            return Rounded(value.value, fine if small else decimals)
        if isinstance(value, Joined):
            return Joined(tuple(_with_decimals(item, decimals, fine) for item in value.items))
        return value

    values = {name: written(value) for name, value in sentence.values}
    if isinstance(sentence, Counted):
        return Counted(sentence.one, sentence.many, sentence.n, **values)
    return Message(sentence.source, **values)
