"""Regular expressions of a study: none takes for ever, whatever text it meets."""

from __future__ import annotations

import time

import pytest

from workbench.specs.common import Mistake
from workbench.specs.expressions import MOST_LETTERS, expression, fitted, searched

GOOD = (
    "[0-9]{5}",
    "^([0-9.]+)",
    "([ABC][+]?)$",
    r"\s*([0-9]+)\s*%?",
    "a|b",
    "(?:19|20)[0-9]{2}",
    r"[0-9]{1,3}(,[0-9]{3})*",
)
BAD = (
    "(a+)+$",
    "(x*)*y",
    "(a|aa)+$",
    "(a?){25}a{25}",
    "a*a*a*a*b",
    "(a{1,99}){1,99}",
    r"(a*)\1b",
    "(?:(?:a)*b?)*c",
    "(?=(a+)+)b",
)


@pytest.mark.parametrize("text", GOOD)
def test_an_expression_that_ends_is_taken(text: str) -> None:
    assert expression(text).pattern == text


@pytest.mark.parametrize("text", BAD)
def test_an_expression_that_may_take_for_ever_is_refused(text: str) -> None:
    with pytest.raises(Mistake, match="may take for ever"):
        expression(text)


@pytest.mark.parametrize("text", [r"a*a*a*b", r"\s*(\w+)\s*$", "a?a?a?a?a?a*a*a*b"])
def test_the_worst_that_is_taken_ends_within_seconds(text: str) -> None:
    expression(text)
    start = time.process_time()
    for n in (MOST_LETTERS, MOST_LETTERS + 1, 1_000_000):
        assert not fitted(text, "a" * n + " !")
        searched(text, "a" * n)
    assert time.process_time() - start < 5
