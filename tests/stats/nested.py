"""Reference numbers that stand in groups of groups, by one name each: ``se_HC3/wt``."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.stats.reference import Case


def numbers_of(group: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the numbers of a group by the path to each."""
    if isinstance(group, Mapping):
        for name, part in group.items():
            yield from numbers_of(part, f"{path}/{name}" if path else str(name))
    elif isinstance(group, list):
        for place, part in enumerate(group):
            yield from numbers_of(part, f"{path}/{place}")
    else:
        yield path, group


def agree(
    case: Case,
    found: Mapping[str, Any],
    *,
    rename: Mapping[str, str] | None = None,
    without: tuple[str, ...] = (),
) -> None:
    """Check every number of a case against what was found, within its tolerance.

    Parameters
    ----------
    case : Case
    found : mapping
        Numbers by path.
    rename : mapping, optional
        First part of the path in the case -> in what was found.
    without : tuple of str
        First parts that are checked elsewhere.
    """
    checked = 0
    for path, want in numbers_of(case.expected):
        head, _, rest = path.partition("/")
        dotted = path.replace("/", ".")
        if head in without or case._for_information(dotted) or case._for_information(head):
            continue
        name = (rename or {}).get(head, head) + (f"/{rest}" if rest else "")
        assert name in found, f"not given: {name}"
        if want is None:
            assert found[name] is None or math.isnan(found[name])
        else:
            relative, absolute = case._tolerance(dotted if case._override(dotted) else head)
            assert found[name] == pytest.approx(want, rel=relative, abs=absolute), path
        checked += 1
    assert checked
