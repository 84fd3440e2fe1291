"""Regular expressions that a study brings along: none of which may take for ever."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from typing import Any

from workbench.language import Message
from workbench.specs.common import Mistake

# A cell that is longer fits no expression, so that three repeats without end are some million
# steps at worst.
MOST_LETTERS = 100
MOST_REPEATS = 3
MOST_CHOICES = 5
LONG = 12
_REPEATS = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")


def expression(text: str) -> re.Pattern[str]:
    """Return a regular expression, or refuse what is none, or what may take for ever.

    Refused are repeats of what can itself match in several ways, as ``(a+)+`` and ``(a|aa)*``, more
    than three repeats without end, references to groups, and expressions of thousands of letters.

    Examples
    --------
    >>> expression("^([0-9.]+)").match("0.58C+")[1]
    '0.58'
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what a later Python may read otherwise
            found = re.compile(text)
            parts = list(_parts(re._parser.parse(text), inside=False))  # type: ignore[attr-defined]
    except (re.error, OverflowError, RecursionError) as cause:
        what = Message("this is no regular expression: {detail}", detail=str(cause))
        raise Mistake(what, got=text) from cause
    nested = "nested" in parts
    if nested or parts.count("long") > MOST_REPEATS or parts.count("choice") > MOST_CHOICES:
        what = Message("this regular expression may take for ever")
        fix = Message(
            "Leave out repeats inside of repeats, as in (a+)+, alternatives inside of repeats, and "
            "more than {n} repeats without end.",
            n=MOST_REPEATS,
        )
        raise Mistake(what, got=text, fix=fix)
    return found


def _parts(parsed: Any, *, inside: bool) -> Iterator[str]:
    """Yield what of an expression can match in several ways; nested if it is inside of a repeat."""
    for code, value in parsed:
        name = str(code)
        if name in _REPEATS:
            low, high, body = value
            if low != high:
                yield "nested" if inside else ("long" if high > LONG else "choice")
            yield from _parts(body, inside=inside or high > 1)
        elif name == "BRANCH":
            yield "nested" if inside else "choice"
            for branch in value[1]:
                yield from _parts(branch, inside=inside)
        elif name in ("GROUPREF", "GROUPREF_EXISTS"):
            yield "nested"
        elif name in ("SUBPATTERN", "ATOMIC_GROUP", "ASSERT", "ASSERT_NOT"):
            body = value[-1] if isinstance(value, tuple) else value
            yield from _parts(body, inside=inside)


def searched(pattern: str, text: str) -> re.Match[str] | None:
    """Return where an expression is found in a text; nowhere in one that is too long."""
    return re.search(pattern, text) if len(text) <= MOST_LETTERS else None


def fitted(pattern: str, text: str) -> bool:
    """Return whether a whole text fits an expression; one that is too long does not."""
    return len(text) <= MOST_LETTERS and re.fullmatch(pattern, text) is not None
