"""What a study has reports of, and which of them are asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from workbench.errors import Place, Problem, Reason, WorkbenchError, did_you_mean
from workbench.language import Message
from workbench.study import Study

COHORT = "cohort"
Kind = Literal["unit", "cohort"]


@dataclass(frozen=True, slots=True)
class Target:
    """A notebook that would be run once.

    Parameters
    ----------
    key : str
        Code of the unit, ``cohort``, or the name of a further notebook; ``UNIT/NAME`` for one that
        is run for each unit. It names the folder of the report.
    kind : {"unit", "cohort"}
    notebook : str
        Path from the project folder.
    unit : str
        Code of the unit; empty for the whole cohort.
    name : str
        Name of the further notebook; empty for the two main ones.
    title : str
        What the further notebook is called; empty for the two main ones.
    parameters : dict of str to str
        Those of the further notebook.
    """

    key: str
    kind: Kind
    notebook: str
    unit: str = ""
    name: str = ""
    title: str = ""
    parameters: dict[str, str] = field(default_factory=dict)

    @property
    def view(self) -> str:
        """Key of the view that it shows."""
        return self.unit or COHORT


@dataclass(frozen=True, slots=True)
class Shard:
    """One of several parts of a run, such that each report is in one of them."""

    number: int
    of: int

    def __str__(self) -> str:
        """Return the shard as it is written: ``3/16``."""
        return f"{self.number}/{self.of}"


def parse_shard(text: str) -> Shard:
    """Return a shard from ``K/N``.

    Raises
    ------
    WorkbenchError
        If it is none.
    """
    found = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", text.strip())
    if found is None or not 1 <= int(found[1]) <= int(found[2]):
        what = Message("a shard is written K/N, with K from 1 to N")
        raise WorkbenchError(Problem(Reason.PARAMETER_VALUE, what, Place("--shard"), got=text))
    return Shard(int(found[1]), int(found[2]))


def all_targets(study: Study) -> list[Target]:
    """Return everything that a study has reports of, units first, in the order of their codes.

    Raises
    ------
    WorkbenchError
        If a unit has the name of a further notebook.
    """
    notebooks, units = study.spec.notebooks, study.observed_units()
    more = notebooks.more
    taken = sorted(set(more) & set(units))
    if taken:
        what = Message("a unit has this code; give the notebook another name")
        place = study.place("notebooks", "more", taken[0])
        raise WorkbenchError(Problem(Reason.PARAMETER_VALUE, what, place, got=taken[0]))
    titles = {
        name: item.title.in_(study.locale.tag) if item.title else name
        for name, item in more.items()
    }
    found = []
    for unit in units:
        if notebooks.unit is not None:
            found.append(Target(unit, "unit", notebooks.unit, unit))
        for name, item in more.items():
            if item.of == "unit":
                found.append(
                    Target(
                        f"{unit}/{name}", "unit", item.notebook, unit, name, titles[name],
                        dict(item.parameters),
                    )
                )  # fmt: skip
    if notebooks.cohort is not None and len(units) > 1:
        found.append(Target(COHORT, "cohort", notebooks.cohort))
    for name, item in more.items():
        if item.of == "cohort":
            found.append(
                Target(
                    name, "cohort", item.notebook, name=name, title=titles[name],
                    parameters=dict(item.parameters),
                )
            )  # fmt: skip
    return found


def choose(
    study: Study,
    targets: list[Target],
    *,
    units: Iterable[str] | None = None,
    only: Iterable[str] | None = None,
    shard: Shard | None = None,
) -> list[Target]:
    """Return the targets asked for.

    Parameters
    ----------
    study : Study
    targets : list of Target
    units : iterable of str, optional
        Codes of units: all reports of these.
    only : iterable of str, optional
        Keys of reports, codes of units, or names of notebooks: what any of them names.
    shard : Shard, optional
        Every so-manieth of all targets, so that each is in one shard whatever is current.

    Raises
    ------
    WorkbenchError
        If a unit or a name is unknown, or has no report.
    """
    found = targets
    if shard is not None:
        found = found[shard.number - 1 :: shard.of]
    if units is None and only is None:
        return found
    wanted = {study.unit_code(unit) for unit in units or ()}
    names = set(only or ())
    # Only what is asked for by name and can't be given is an error, not what another shard has.
    having = {t.unit for t in targets}
    for unit in sorted(wanted - having):
        what = Message("the study has no notebook for {unit}", unit=unit)
        fix = Message("Name one under notebooks: unit.")
        raise WorkbenchError(Problem(Reason.PARAMETER_VALUE, what, Place("--unit"), fix=fix))
    known = {name for t in targets for name in (t.key, t.unit, t.name)} - {""}
    for name in sorted(names - known):
        what = Message("the study has no such report")
        fix = did_you_mean(name, sorted(known))
        problem = Problem(Reason.PARAMETER_VALUE, what, Place("--only"), got=name, fix=fix)
        raise WorkbenchError(problem)
    return [t for t in found if t.unit in wanted or names & ({t.key, t.unit, t.name} - {""})]
