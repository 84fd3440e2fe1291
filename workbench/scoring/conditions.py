"""Which parts of the conditions of a level hold in a case, and which do not."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from workbench.instruments import Node
from workbench.instruments.terms import Term, terms_of
from workbench.scoring.contexts import GroupContext
from workbench.scoring.fits import Fits
from workbench.scoring.scores import Scores
from workbench.scoring.states import NO_LEVEL, Floats
from workbench.specs.instrument import Conditions


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that the conditions of a level ask for, in one case.

    Parameters
    ----------
    term : Term
    holds : bool or None
        None where what it reads is not known.
    now : float
        What it reads: a value, a score, the number of a level, 0 for the worst; NaN where unknown.
    either : tuple of Asked
        Where any of several things is enough: those.
    """

    term: Term
    holds: bool | None
    now: float
    either: tuple[Asked, ...] = ()


@dataclass(frozen=True, slots=True)
class NextLevel:
    """What the next better level of a group asks for in one case.

    Parameters
    ----------
    level : str
        Id of the level.
    asked : tuple of Asked
        All of it, in the order of the condition.
    """

    level: str
    asked: tuple[Asked, ...]


@dataclass
class ConditionReader:
    """Reads the conditions of groups whose level follows from sets of conditions.

    Parameters
    ----------
    scores : Scores
    """

    scores: Scores
    _found: dict[tuple[str, str], tuple[Floats, Floats]] = field(default_factory=dict)

    def next_level(self, code: str, row: int) -> NextLevel | None:
        """Return what the next better level of a group asks for.

        Parameters
        ----------
        code : str
            A group.
        row : int
            Row of the case in the scores.

        Returns
        -------
        NextLevel or None
            None for other groups, where nothing is known, and at the best level. Where the level is
            only known between bounds, the next above the lower one.
        """
        node = self.scores.instrument.nodes[code]
        result, rule = self.scores.results[code], node.aggregate
        at = int(result.level[row])
        if at == NO_LEVEL:
            at = int(result.level_low[row])
        if not isinstance(rule, Conditions) or at == NO_LEVEL:
            return None
        own = [level.id for level in self.scores.instrument.levels_of(code)]
        above = [i for i, entry in enumerate(rule.levels) if own.index(entry.level) > at]
        if not above:
            return None
        nearest = min(above, key=lambda i: own.index(rule.levels[i].level))
        terms = terms_of(node.formulas[f"levels[{nearest}]"])
        return NextLevel(
            rule.levels[nearest].level, tuple(self._asked(node, t, row) for t in terms)
        )

    def _asked(self, node: Node, term: Term, row: int) -> Asked:
        """Return one part of a condition in a case."""
        holds, now = (values[row] for values in self._read(node, term))
        return Asked(
            term,
            None if np.isnan(holds) else bool(holds),
            float(now),
            tuple(self._asked(node, t, row) for t in term.either),
        )

    def _read(self, node: Node, term: Term) -> tuple[Floats, Floats]:
        """Return whether a part of a condition holds, and what it reads, in every case."""
        key = node.code, term.formula.source
        if key not in self._found:
            scores = self.scores
            fits = Fits(scores, scores.parameters)
            context = GroupContext(node, scores.instrument, scores.results, scores.parts, fits)
            now: Floats = np.full(scores.n_cases, np.nan)
            if term.reads:
                # Whoever is not at the best level wants to know which one it is.
                reads = {"fact": "name", "complete": "level"}.get(term.reads, term.reads)
                now = getattr(context, reads)(term.code)
            holds = context.holds(term.formula)
            self._found[key] = holds, now
        return self._found[key]
