"""What happens on the way to a result and a reader should be able to learn."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from workbench.instruments import Instrument, Node
from workbench.scoring.states import Bools


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that happened to a node in some cases.

    Parameters
    ----------
    node : str
    kind : str
        ``rule`` for a rule that no source prints and ``supposition`` for what sets an indicator
        aside (``path`` says which); gate, gate_unknown, undefined, missing_reference, when_missing,
        carried, uncalibrated, no_evidence; and the contradictions that ``score`` tells of:
        carried_over, set_aside, marked_aside, contradicted, tally_differs.
    where : array of bool, shape (cases,)
        Cases that it touches.
    path : str
        Place of the rule in the instrument's file, as in the instrument's assumptions.
    """

    node: str
    kind: str
    where: Bools
    path: str = ""


@dataclass
class Remarks:
    """Collects remarks; what touches no case is passed over.

    Parameters
    ----------
    instrument : Instrument
    found : list of Remark
    """

    instrument: Instrument
    found: list[Remark] = field(default_factory=list)

    def note(self, node: Node, kind: str, where: Bools, path: str = "") -> None:
        """Note what happened to a node."""
        if np.any(where):
            self.found.append(Remark(node.code, kind, where, path))

    def is_assumed(self, path: str) -> bool:
        """Return whether no source prints a rule."""
        return path in self.instrument.assumed

    def rests_on(self, path: str, node: Node, where: Bools) -> None:
        """Note that a result rests on a rule, where no source prints it."""
        if self.is_assumed(path):
            self.note(node, "rule", where, path)
