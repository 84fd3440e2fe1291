"""What the next level of a group by conditions asks for, and which of it does not hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.scoring.conditions import Asked
from workbench.specs.instrument import Element, Statement
from workbench.study import views as v

if TYPE_CHECKING:
    from workbench.study.build import ViewBuilder


def conditions(builder: ViewBuilder, code: str, row: int) -> v.ConditionsView | None:
    """Return what the next level of a group asks for; None where its level has no conditions.

    Parameters
    ----------
    builder : ViewBuilder
    code : str
        A group.
    row : int
        Row of the case in the scores.
    """
    found = builder.conditions.next_level(code, row)
    if found is None:
        return None
    return v.ConditionsView(
        level=found.level,
        n=len(found.asked),
        held=sum(part.holds is True for part in found.asked),
        lacking=tuple(_view(builder, part) for part in found.asked if not part.holds),
    )


def _view(builder: ViewBuilder, part: Asked) -> v.AskedView:
    """Return one thing that is asked for."""
    term = part.term
    levels = builder.instrument.levels_of(term.code) if term.reads in ("level", "complete") else ()
    return v.AskedView(
        title=_title(builder, term.code),
        unit=_unit(builder, term.code),
        yes_no=_is_yes_no(builder, term.code),
        levels=tuple(builder.instrument.text(level.title, builder.locale) for level in levels),
        sign=term.sign or "==",
        limit=len(levels) - 1.0 if term.reads == "complete" else term.limit,
        now=v.rounded(part.now),
        holds=part.holds,
        source="" if term.reads or part.either else term.formula.source,
        either=tuple(_view(builder, other) for other in part.either),
    )


def _title(builder: ViewBuilder, code: str) -> str:
    """Return the title of what is read: a group or indicator, a part of one, a fact."""
    instrument = builder.instrument
    if code in instrument.nodes:
        return instrument.title(code, builder.locale)
    for fact in instrument.spec.facts:
        if fact.id == code:
            return instrument.text(fact.title, builder.locale)
    found = instrument.observables.get(code)
    return instrument.text(found.part.title, builder.locale) if found and found.part else code


def _unit(builder: ViewBuilder, code: str) -> str:
    """Return the unit of what is read, empty where it has none."""
    instrument = builder.instrument
    if code in instrument.groups:
        return {"percent": "%"}.get(str(builder.node_unit(instrument.nodes[code])[0]), "")
    if code in instrument.nodes:
        return instrument.text(getattr(instrument.nodes[code].spec, "unit", None), builder.locale)
    found = instrument.observables.get(code)
    return instrument.text(getattr(found.part if found else None, "unit", None), builder.locale)


def _is_yes_no(builder: ViewBuilder, code: str) -> bool:
    """Return whether what is read holds or not: a statement, an element, a fact of that kind."""
    instrument = builder.instrument
    if code in instrument.nodes:
        return isinstance(instrument.nodes[code].spec, Statement)
    found = instrument.observables.get(code)
    if found is not None and isinstance(found.part, Element):
        return True
    return any(fact.id == code and fact.boolean for fact in instrument.spec.facts)
