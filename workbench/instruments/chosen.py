"""An instrument under other choices: what it leaves free, what it does not, the changed copy."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar, cast

from workbench.errors import InstrumentError, Place, Problem, Reason, did_you_mean
from workbench.instruments.model import Assumption, Instrument, Member, Node
from workbench.language import Message, marked
from workbench.specs.choices import Choices
from workbench.specs.common import Provenance, Text, languages_beside
from workbench.specs.instrument import (
    Aggregate,
    ByFormula,
    Conditions,
    Copeland,
    Distance,
    FirstComponent,
    Group,
    LevelNumbers,
    LookupTable,
    Mean,
    MinMax,
    NoAggregate,
    PercentileRank,
    Points,
    Share,
    Single,
    WeakestLink,
)

WEIGHTED = ("arithmetic", "geometric", "harmonic", "power")
SCALES: Mapping[str, type[MinMax] | type[PercentileRank]] = {
    "min_max": MinMax,
    "percentile_rank": PercentileRank,
}
REASON = marked("Chosen in the study, not by the instrument: {what}.")
WHAT = {
    "weights": marked("the weights"),
    "aggregate": marked("the kind of mean"),
    "min_availability": marked("how much may be missing"),
    "normalise": marked("the scale of the indicators"),
}
PlaceOf = Callable[..., Place]
Some = TypeVar("Some", bound=Member)


@dataclass(frozen=True, slots=True)
class Freedom:
    """What may be chosen otherwise in one group, and why the rest may not.

    Parameters
    ----------
    weights, aggregate, min_availability : Message or None
        Why it is not free; None where it is.
    """

    weights: Message | None
    aggregate: Message | None
    min_availability: Message | None

    @property
    def any(self) -> bool:
        """Whether anything is free."""
        return None in (self.weights, self.aggregate, self.min_availability)


def freedom_of(instrument: Instrument, code: str) -> Freedom:
    """Return what may be chosen otherwise in a group."""
    node = instrument.nodes[code]
    rule = node.aggregate
    fixed = _fixed(rule)
    weights = fixed
    if fixed is None and isinstance(rule, Mean):
        if rule.weights == "unknown":
            weights = Message("the instrument does not say what its parts weigh")
        elif any(instrument.nodes[part].weight_formula(code) for part in node.children):
            weights = Message("its weights differ by unit")
        elif len(node.children) < 2:
            weights = Message("it has one part alone")
    mean = fixed if fixed is not None or isinstance(rule, Mean) else None
    available = None if hasattr(rule, "min_availability") else fixed or Message("nothing is added")
    return Freedom(weights, mean, available)


def _fixed(rule: Aggregate | None) -> Message | None:
    """Return why the weights and the mean of a rule are not free; None for a weighted mean."""
    match rule:
        case Mean(method=method) if method in WEIGHTED:
            return None
        case Mean(method=method):
            return Message("its rule takes no weights ({method})", method=method)
        case Share():
            return Message(
                "it is a share: every indicator that can be measured counts the same, and there "
                "are no weights"
            )
        case Points():
            return Message("its points are added up as they are printed")
        case Distance() | FirstComponent() | Copeland():
            return Message("its method finds the weights in the data")
        case Conditions() | WeakestLink() | LookupTable() | Single():
            return Message("its level follows from conditions, and not from weights")
        case ByFormula():
            return Message("a printed formula gives it")
        case NoAggregate() | None:
            return Message("its parts stand side by side, without a result")
    return Message("its rule is a plug-in")


def scale_is_free(instrument: Instrument) -> Message | None:
    """Return why indicators can't have another scale; None where they can."""
    members = [instrument.nodes[code].spec for code in instrument.indicators]
    scaled = [m for m in members if _scaled(m)]
    if scaled and all(hasattr(m.normalise, "range") for m in scaled):
        return None
    if scaled:
        return Message("its scales have no ends that another one could keep")
    kinds = {instrument.nodes[code].kind for code in instrument.indicators}
    if kinds & {"checklist", "statement"}:
        return Message("a checklist has no scale to choose: its elements are met or not")
    return Message("its indicators are scores already, which nothing brings onto a scale")


def _scaled(member: Member) -> bool:
    """Return whether an indicator has a scale that could be another."""
    return member.normalise is not None and not isinstance(member.normalise, LevelNumbers)


def with_choices(instrument: Instrument, choices: Choices, place: PlaceOf) -> Instrument:
    """Return an instrument under other choices; every rule that is another says so.

    Parameters
    ----------
    instrument : Instrument
    choices : Choices
    place : callable
        Returns the place of a choice in the study's file: ``place("choices", "weights", "total")``.

    Raises
    ------
    InstrumentError
        With every choice that the instrument does not leave free, or of what it does not have.
    """
    problems = list(_problems(instrument, choices, place))
    if problems:
        raise InstrumentError(problems)
    spec = instrument.spec
    groups = tuple(_group(instrument, choices, m) for m in spec.nodes)
    indicators = tuple(_scale(choices, _weigh(choices, m)) for m in spec.indicators)
    changed = spec.model_copy(update={"nodes": groups, "indicators": indicators})
    mark = f"{instrument.sha256} {choices.model_dump_json()}"
    return replace(
        instrument,
        spec=changed,
        sha256=hashlib.sha256(mark.encode()).hexdigest(),
        nodes={
            member.code: _node(instrument.nodes[member.code], member, place)
            for place, member in _in_order(instrument, groups, indicators)
        },
        assumptions=(*_kept(instrument, groups), *_made(instrument, groups)),
    )


def _in_order(
    instrument: Instrument, groups: tuple[Group, ...], indicators: tuple[Member, ...]
) -> Iterator[tuple[str, Member]]:
    """Yield the members of an instrument with their places, in the order of its nodes."""
    found: dict[str, tuple[str, Member]] = {
        m.code: (f"nodes[{i}].aggregate", m) for i, m in enumerate(groups)
    }
    found |= {m.code: ("", m) for m in indicators}
    yield from (found[code] for code in instrument.nodes)


def _node(node: Node, member: Member, place: str) -> Node:
    """Return a node with its member as it is now; its formulas and levels stay."""
    if member is node.spec:
        return node
    rule = getattr(member, "aggregate", None)
    if rule is None or rule is getattr(node.spec, "aggregate", None):
        return replace(node, spec=member)
    return replace(node, spec=member, aggregate=rule, aggregate_path=place)


def _made(instrument: Instrument, groups: tuple[Group, ...]) -> Iterator[Assumption]:
    """Yield what a study assumes by its choices."""
    for index, group in enumerate(groups):
        rule, own = group.aggregate, instrument.spec.nodes[index].aggregate
        if rule is not None and rule is not own and rule.reason is not None:
            yield Assumption(f"nodes[{index}].aggregate", rule.status, rule.reason)


def _kept(instrument: Instrument, groups: tuple[Group, ...]) -> Iterator[Assumption]:
    """Yield what the instrument assumes itself, without what a choice has replaced."""
    replaced = {assumption.path for assumption in _made(instrument, groups)}
    yield from (a for a in instrument.assumptions if a.path not in replaced)


def _problems(instrument: Instrument, choices: Choices, place: PlaceOf) -> Iterator[Problem]:
    """Yield what can't be chosen."""
    for name in ("weights", "aggregate", "min_availability"):
        for code in getattr(choices, name):
            where = place("choices", name, code)
            if code not in instrument.groups:
                what = Message(
                    "{instrument} has no group {code}", instrument=instrument.id, code=code
                )
                fix = did_you_mean(code, instrument.groups)
                yield Problem(Reason.NODE_UNKNOWN, what, where, fix=fix)
                continue
            why = getattr(freedom_of(instrument, code), name)
            if why is not None:
                what = Message("{code}: {reason}", code=code, reason=why)
                fix = Message("Take this choice out.")
                yield Problem(Reason.SPEC_VALUE, what, where, fix=fix)
    for group, weights in choices.weights.items():
        parts = instrument.nodes[group].children if group in instrument.groups else ()
        for code in weights:
            if parts and code not in parts:
                what = Message("{group} has no part {code}", group=group, code=code)
                where = place("choices", "weights", group, code)
                yield Problem(Reason.NODE_UNKNOWN, what, where, fix=did_you_mean(code, parts))
    why = scale_is_free(instrument) if choices.normalise else None
    if why is not None:
        yield Problem(Reason.SPEC_VALUE, why, place("choices", "normalise"))


def _group(instrument: Instrument, choices: Choices, group: Group) -> Group:
    """Return a group with its weight under the groups above, and its own rule."""
    names = [
        name
        for name in ("weights", "aggregate", "min_availability")
        if group.code in getattr(choices, name)
    ]
    if choices.normalise and group.code in instrument.headline:
        names.append("normalise")
    weighed = _weigh(choices, group)
    rule = instrument.nodes[group.code].aggregate
    if not names or rule is None:
        return weighed
    changed: dict[str, object] = {"status": "assumed", "reason": _reason(rule, names)}
    if group.code in choices.aggregate:
        changed |= {"method": choices.aggregate[group.code], "exponent": None}
    if group.code in choices.min_availability:
        changed["min_availability"] = choices.min_availability[group.code]
    return weighed.model_copy(update={"aggregate": rule.model_copy(update=changed)})


def _reason(rule: Provenance, names: list[str]) -> Text:
    """Return what is chosen otherwise, after what was already said of a rule."""
    said = {}
    for tag in languages_beside(rule.reason):
        what = ", ".join(Message(WHAT[name]).text(tag) for name in names)
        new = Message(REASON, what=what).text(tag)
        said[tag] = f"{rule.reason.in_(tag)} {new}" if rule.reason else new
    return Text(said)


def _weigh(choices: Choices, member: Some) -> Some:
    """Return a member with the weights that are chosen for it."""
    chosen = {
        parent: choices.weights[parent][member.code]
        for parent in member.parents
        if member.code in choices.weights.get(parent, {})
    }
    if not chosen:
        return member
    if len(member.parents) == 1:
        return cast("Some", member.model_copy(update={"weight": chosen[member.parents[0]]}))
    old = member.weight
    every = old if isinstance(old, dict) else dict.fromkeys(member.parents, old)
    return cast("Some", member.model_copy(update={"weight": {**every, **chosen}}))


def _scale(choices: Choices, member: Member) -> Member:
    """Return an indicator with the scale chosen for all, turned and ending as its own."""
    if choices.normalise is None or not _scaled(member):
        return member
    kept = {name: getattr(member.normalise, name) for name in ("turn", "range")}
    rule = SCALES[choices.normalise](method=choices.normalise, **kept)  # type: ignore[arg-type]
    return member.model_copy(update={"normalise": rule})
