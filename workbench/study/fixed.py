"""What views say of a node whatever the unit: titles, units, scales, cut-points."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.instruments import Node
from workbench.instruments.own_wave import levels_of_own_wave
from workbench.scoring.contexts import FactContext
from workbench.scoring.states import EFFECTS
from workbench.specs.instrument import Checklist, State
from workbench.study.yardstick import ranges_of

if TYPE_CHECKING:
    from workbench.study.build import ViewBuilder


@dataclass(frozen=True)
class FixedParts:
    """Parts of views that are the same for all units of a study, each made once.

    Parameters
    ----------
    builder : ViewBuilder
    """

    builder: ViewBuilder

    @cached_property
    def groups(self) -> dict[str, dict[str, Any]]:
        """Fields of the view of each group, in reading order."""
        found: dict[str, dict[str, Any]] = {}
        for depth, node in self.builder.instrument.walk():
            if not node.is_indicator and node.code not in found:
                found[node.code] = self._group(depth, node)
        return found

    def _group(self, depth: int, node: Node) -> dict[str, Any]:
        """Return the fields of a group."""
        b = self.builder
        unit, maximum = b.node_unit(node)
        assert node.tier is not None  # noqa: S101  # groups have a tier
        return {
            "code": node.code,
            "title": b.instrument.title(node.code, b.locale),
            "tier": node.tier.id,
            "tier_title": b.instrument.text(node.tier.title, b.locale),
            "depth": depth,
            "parents": node.parents,
            "n_indicators": len(node.leaves),
            "decimals": node.tier.decimals,
            "unit": unit,
            "maximum": maximum,
            "scale": node.scale,
            "less_is_better": node.spec.direction == -1,
            "own_wave": b.instrument.own_wave.get(node.code),
        }

    @cached_property
    def indicators(self) -> dict[str, dict[str, Any]]:
        """Fields of the view of each indicator, in the order of the instrument."""
        nodes = self.builder.instrument.nodes
        return {code: self._indicator(nodes[code]) for code in self.builder.instrument.indicators}

    def _indicator(self, node: Node) -> dict[str, Any]:
        """Return the fields of an indicator."""
        b, spec = self.builder, node.spec
        return {
            "code": node.code,
            "title": b.instrument.title(node.code, b.locale),
            "kind": node.kind,
            "parents": node.parents,
            "scale": node.scale,
            "unit": b.instrument.text(getattr(spec, "unit", None), b.locale) or None,
            "review": spec.review,  # type: ignore[union-attr]
            "ranges": ranges_of(node),
            "weightless": bool(node.parents) and not any(map(node.weight_under, node.parents)),
            "note": b.instrument.text(spec.note, b.locale),
            "reads": tuple(c for c in b.instrument.read_by(node.code) if c != node.code),
        }

    @cached_property
    def elements(self) -> dict[str, tuple[tuple[int, str], ...]]:
        """Place among the parts of a case, and title, of each element of every checklist."""
        b, place = self.builder, self.builder.cases.part
        nodes = [b.instrument.nodes[code] for code in b.instrument.indicators]
        return {
            n.code: tuple(
                (place[f"{n.code}.{e.id}"], b.instrument.text(e.title, b.locale))
                for e in n.spec.elements
            )
            for n in nodes
            if isinstance(n.spec, Checklist)
        }

    @cached_property
    def gates(self) -> dict[str, tuple[str, np.ndarray]]:
        """Condition beside the elements of each checklist that has one, and where it fails."""
        b = self.builder
        facts, found = FactContext(b.scores.facts), {}
        for code in b.instrument.indicators:
            node = b.instrument.nodes[code]
            if isinstance(node.spec, Checklist) and node.spec.gate is not None:
                holds = node.formulas["gate"].evaluate(facts)
                fails = np.broadcast_to(holds == 0.0, b.scores.n_cases)
                found[code] = b.instrument.text(node.spec.gate.title, b.locale), fails
        return found

    @cached_property
    def levels(self) -> dict[str, tuple[str | None, ...]]:
        """Ids of the levels of every node, and None for none, which is the last."""
        instrument = self.builder.instrument
        return {
            code: (*(level.id for level in instrument.levels_of(code)), None)
            for code in instrument.nodes
        }

    @cached_property
    def levels_of_own_wave(self) -> frozenset[str]:
        """Nodes of which each wave has levels of its own."""
        nodes = self.builder.instrument.nodes
        return frozenset(code for code, node in nodes.items() if levels_of_own_wave(node))

    @cached_property
    def states(self) -> dict[int, list[State]]:
        """States of the instrument by their effect."""
        found: dict[int, list[State]] = {}
        for state in self.builder.instrument.spec.states:
            found.setdefault(int(EFFECTS[state.effect]), []).append(state)
        return found

    @cached_property
    def _steps(self) -> dict[tuple[str, float, float], tuple[int | None, bool]]:
        """What :meth:`steps_to_best` found before."""
        return {}

    def steps_to_best(self, node: Node, value: float, full: float) -> tuple[int | None, bool]:
        """Return how many more elements reach the best level, and whether it is reached now.

        Parameters
        ----------
        node : Node
            A checklist with cut-points.
        value, full : float
            Elements met, and those that count.
        """
        key = node.code, value, full
        if key not in self._steps and node.bands is not None:
            best = len(self.levels[node.code]) - 2
            steps = np.arange(0.0, full - value + 1.0)
            reached = node.bands.level_of(value + steps, np.full(len(steps), full)) == best
            least = int(np.argmax(reached)) if reached.any() else None
            self._steps[key] = least, bool(reached[0])
        return self._steps[key]
