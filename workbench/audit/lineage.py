"""Who belongs to whom in an index: what is above a node, and which nodes stand at a level."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pandas as pd

from workbench.audit.index.structure import Structure
from workbench.errors import Place, Problem, Reason, ScoringError, did_you_mean
from workbench.language import Message


def ancestors(structure: Structure, code: str) -> tuple[str, ...]:
    """Return the groups above a node, from its parents up, each once."""
    found: dict[str, None] = {}
    waiting = list(structure.nodes[code].parents)
    while waiting:
        group = waiting.pop(0)
        found[group] = None
        waiting += structure.nodes[group].parents
    return tuple(found)


def paths(structure: Structure, code: str) -> list[tuple[str, ...]]:
    """Return every way from a node up to the index, the node itself first."""
    if code == structure.top:
        return [(code,)]
    return [
        (code, *rest)
        for parent in structure.nodes[code].parents
        for rest in paths(structure, parent)
    ]


def lineage(structure: Structure) -> pd.DataFrame:
    """Return one row an indicator with what it belongs to at each level: ``level_1`` and so on."""
    rows = [[structure.above(c, level) for level in structure.levels] for c in structure.indicators]
    columns = pd.Index([f"level_{level}" for level in structure.levels])
    return pd.DataFrame(rows, columns=columns)


def at_level(structure: Structure, level: int, under: Iterable[str] | None = None) -> list[str]:
    """Return the nodes of a level, all or those that belong to some nodes.

    Parameters
    ----------
    structure : Structure
    level : int
    under : iterable of str, optional
        Nodes at the level or above it.

    Raises
    ------
    ScoringError
        If there is no such level or node.
    """
    if level not in structure.levels:
        what = Message("the index has no level {level}", level=level)
        expected = Message("one of {names}", names=", ".join(map(str, structure.levels)))
        raise ScoringError(Problem(Reason.PARAMETER_VALUE, what, expected=expected))
    here = structure.at_level(level)
    if under is None:
        return list(here)
    wanted = set(under)
    require(structure, wanted)
    return [c for c in here if wanted & {c, *ancestors(structure, c)}]


def require_level(structure: Structure, level: int, place: Place | None = None) -> None:
    """Refuse a level at which no part stands.

    Raises
    ------
    ScoringError
    """
    if level not in structure.levels[:-1]:
        what = Message("no parts have this level")
        expected = Message("one of {names}", names=", ".join(map(str, structure.levels[:-1])))
        where = place or Place()
        raise ScoringError(
            Problem(Reason.PARAMETER_VALUE, what, where, str(level), expected=expected)
        )


def require(structure: Structure, codes: Iterable[str]) -> None:
    """Refuse codes that the index does not have.

    Raises
    ------
    ScoringError
        The nearest code is named.
    """
    problems = [
        Problem(
            Reason.NODE_UNKNOWN,
            Message("the index has no node {code}", code=code),
            fix=did_you_mean(code, structure.nodes),
            code=code,
        )
        for code in codes
        if code not in structure.nodes
    ]
    if problems:
        raise ScoringError(problems)


def require_group(structure: Structure, node: str) -> None:
    """Refuse what is no group of the index.

    Raises
    ------
    ScoringError
        The nearest code is named.
    """
    require(structure, [node])
    if node not in structure.groups:
        what = Message("{code} is no group of the index", code=node)
        fix = did_you_mean(node, structure.groups)
        raise ScoringError(Problem(Reason.NODE_UNKNOWN, what, fix=fix, code=node))


def direction(structure: Structure, code: object) -> int:
    """Return -1 where less of an indicator is better, else 1; of a group always 1."""
    node = structure.nodes[str(code)]
    return 1 if node.is_group else node.direction


def below(structure: Structure, node: str) -> Structure:
    """Return the structure of one group alone, with all that it is made of.

    Raises
    ------
    ScoringError
        If there is no such group.
    """
    if structure.roots == (node,):
        return structure
    require_group(structure, node)
    inside, waiting = {node}, [node]
    while waiting:
        parts = structure.parts.get(waiting.pop(), ())
        inside |= set(parts)
        waiting += parts
    kept = [
        replace(
            each, parents={p: w for p, w in each.parents.items() if p in inside and code != node}
        )
        for code, each in structure.nodes.items()
        if code in inside
    ]
    return Structure.of(kept)
