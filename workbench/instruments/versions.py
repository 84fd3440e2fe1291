"""Two versions of an instrument side by side: what corresponds, what came, went or changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from workbench.errors import InstrumentError, Place, Problem, Reason, did_you_mean
from workbench.instruments.model import Instrument, Node
from workbench.language import Message
from workbench.specs.common import Text
from workbench.specs.instrument import NoAggregate, VersionLink, VersionPart

What = Literal["same", "changed", "merged", "split", "added", "removed", "unknown"]
# What is said about a rule and is no part of it.
_REMARKS = {"status", "reason", "note", "source", "evidence", "follows", "shown"}
# Where an indicator stands, and what it is called: no part of how it is scored.
_PLACE = {
    "code", "title", "parent", "weight", "review", "tier", "objective", "levels", "counted",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Correspondence:
    """Parts of two versions that correspond, or one that corresponds to nothing.

    Parameters
    ----------
    before, now : tuple of str
        Codes in the older and in the newer version; empty where there is none.
    what : str
        same (the part, and as far as is known its rule), changed (the rule), merged, split, added,
        removed, or unknown: no source says.
    differs : tuple of str
        Fields of the rule that differ.
    comparable : bool
        Whether results may be compared.
    note : Text or None
    """

    before: tuple[str, ...]
    now: tuple[str, ...]
    what: What
    differs: tuple[str, ...] = ()
    comparable: bool = False
    note: Text | None = None


@dataclass(frozen=True)
class VersionComparison:
    """Two versions of an instrument, and what corresponds to what.

    Parameters
    ----------
    older, newer : Instrument
    link : VersionLink or None
        What one of them declares of the other; None where neither does.
    parts : tuple of Correspondence
        Groups, then indicators, in the order of the newer version; what was removed comes last.
    """

    older: Instrument
    newer: Instrument
    link: VersionLink | None
    parts: tuple[Correspondence, ...]

    def is_group(self, part: Correspondence) -> bool:
        """Return whether a correspondence is one of groups."""
        if part.now:
            return part.now[0] in self.newer.groups
        return part.before[0] in self.older.groups

    def comparable(self) -> dict[str, str]:
        """Return the code in the older version of each part whose results may be compared."""
        return {p.now[0]: p.before[0] for p in self.parts if p.comparable}

    def to_frame(self) -> pd.DataFrame:
        """Return one row a correspondence: kind, before, now, what, differs, comparable."""
        return pd.DataFrame(
            [
                {
                    "kind": "group" if self.is_group(p) else "indicator",
                    "before": ", ".join(p.before),
                    "now": ", ".join(p.now),
                    "what": p.what,
                    "differs": ", ".join(p.differs),
                    "comparable": p.comparable,
                }
                for p in self.parts
            ],
            columns=["kind", "before", "now", "what", "differs", "comparable"],
        )


def compare_versions(older: Instrument, newer: Instrument) -> VersionComparison:
    """Set two versions of an instrument side by side.

    Parameters
    ----------
    older, newer : Instrument
        What corresponds is read from ``versions`` of the newer one, else from that of the older.

    Returns
    -------
    VersionComparison
        Where neither declares the other, nothing corresponds, and that is all that is known.

    Raises
    ------
    InstrumentError
        If a correspondence names a code that the other version does not have.
    """
    for own, other, turned in ((newer, older, False), (older, newer, True)):
        for index, link in enumerate(own.spec.versions):
            if link.of == other.id:
                _check(own, other, link, index)
                pairs = _Pairs(older, newer, link, turned)
                return VersionComparison(older, newer, link, tuple(pairs.all()))
    pairs = _Pairs(older, newer, VersionLink(of=older.id), False)
    return VersionComparison(older, newer, None, tuple(pairs.all()))


def _check(own: Instrument, other: Instrument, link: VersionLink, index: int) -> None:
    """Raise if a correspondence names what the other version does not have."""
    problems = []
    for number, part in enumerate(link.parts):
        for code in part.before:
            if code not in other.nodes:
                what = Message("{instrument} has no node {code}", instrument=other.id, code=code)
                place = Place(own.name, path=f"versions[{index}].parts[{number}].was")
                fix = did_you_mean(code, other.nodes)
                problems.append(Problem(Reason.SPEC_REFERENCE, what, place, fix=fix))
    if problems:
        raise InstrumentError(problems)


@dataclass(frozen=True)
class _Pairs:
    """Finds what corresponds; ``turned`` where the older version declares the newer one."""

    older: Instrument
    newer: Instrument
    link: VersionLink
    turned: bool

    def all(self) -> Iterator[Correspondence]:
        """Yield groups and then indicators, those of the newer version first."""
        found = list(self._listed())
        told = {code for p in found for code in p.now}
        gone = {code for p in found for code in p.before}
        found += [
            self._pair((code,), (code,), None)
            for code in self.newer.nodes
            if code in self.older.nodes
            and code not in told
            and code not in gone
            and self._is_covered(code, self.link.same_codes)
        ]
        told |= {code for p in found for code in p.now}
        gone |= {code for p in found for code in p.before}
        found += [self._alone((), (c,)) for c in self.newer.nodes if c not in told]
        found += [self._alone((c,), ()) for c in self.older.nodes if c not in gone]
        made = {p.now[0]: p for p in found if p.now}
        for code in reversed(self.newer.groups):  # parts before what is made of them
            if code in made:
                made[code] = self._with_parts(made[code], made)
        order = {code: i for i, code in enumerate(self.newer.nodes)}
        whole = [*made.values(), *(p for p in found if not p.now)]
        yield from sorted(
            whole, key=lambda p: (not self._is_group(p), order[p.now[0]] if p.now else len(order))
        )

    def _is_group(self, part: Correspondence) -> bool:
        """Return whether a correspondence is one of groups."""
        side, codes = (self.newer, part.now) if part.now else (self.older, part.before)
        return codes[0] in side.groups

    def _is_covered(self, code: str, what: str) -> bool:
        """Return whether a code is of a kind that the link speaks of, in both versions."""
        groups = [code in side.groups for side in (self.older, self.newer) if code in side.nodes]
        return what == "all" or (what == "groups" and all(groups))

    def _listed(self) -> Iterator[Correspondence]:
        """Yield the correspondences that are listed; parts split in several stand together."""
        split: dict[str, list[VersionPart]] = {}
        for part in self.link.parts:
            if len(part.before) == 1:
                split.setdefault(part.before[0], []).append(part)
        for part in self.link.parts:
            same = split.get(part.before[0], [part]) if len(part.before) == 1 else [part]
            if part is not same[0]:
                continue
            own, other = tuple(p.code for p in same), part.before
            before, now = (own, other) if self.turned else (other, own)
            yield self._pair(before, now, part)

    def _pair(
        self, before: tuple[str, ...], now: tuple[str, ...], part: VersionPart | None
    ) -> Correspondence:
        """Return parts that correspond, and whether their rules are the same."""
        note = part.note if part is not None else None
        if len(before) > 1 or len(now) > 1:
            return Correspondence(before, now, "merged" if len(before) > 1 else "split", note=note)
        if self._is_outline:
            return Correspondence(before, now, "same", note=note)
        old, new = self.older.nodes[before[0]], self.newer.nodes[now[0]]
        differs = _differences(self.older, old, self.newer, new)
        declared = part.comparable if part is not None else None
        comparable = (not differs if declared is None else declared) and _gives_result(new)
        return Correspondence(
            before, now, "changed" if differs else "same", differs, comparable, note
        )

    @property
    def _is_outline(self) -> bool:
        """Return whether of one of the two only the structure is known, and no rule."""
        return "outline" in (self.older.spec.completeness, self.newer.spec.completeness)

    def _alone(self, before: tuple[str, ...], now: tuple[str, ...]) -> Correspondence:
        """Return a part that corresponds to nothing: added or removed, where that is known."""
        side, code = (self.newer, now[0]) if now else (self.older, before[0])
        kind = "groups" if code in side.groups else "all"
        if self.link.complete not in ("all", kind):
            return Correspondence(before, now, "unknown")
        return Correspondence(before, now, "added" if now else "removed")

    def _with_parts(self, part: Correspondence, made: dict[str, Correspondence]) -> Correspondence:
        """Return a pair of groups, comparable only where all that they are made of is."""
        if not part.comparable or len(part.now) != 1:
            return part
        before = set(self.older.nodes[part.before[0]].children)
        now = self.newer.nodes[part.now[0]].children
        pairs = [made[code] for code in now if code in made]
        whole = len(pairs) == len(now) > 0 and all(p.comparable for p in pairs)
        if whole and {p.before[0] for p in pairs} == before:
            return part
        return Correspondence(
            part.before, part.now, part.what, (*part.differs, "parts"), False, part.note
        )


def _gives_result(node: Node) -> bool:
    """Return whether a node has a result that could be compared."""
    return node.is_indicator or not isinstance(node.aggregate, NoAggregate | None)


def _differences(older: Instrument, old: Node, newer: Instrument, new: Node) -> tuple[str, ...]:
    """Return the fields in which the rules of two nodes differ."""
    a, b = _rule(older, old), _rule(newer, new)
    return tuple(name for name in dict.fromkeys((*a, *b)) if a.get(name) != b.get(name))


def _rule(instrument: Instrument, node: Node) -> dict[str, Any]:
    """Return how a node is scored, as plain values without what is said about it."""
    written = node.spec.model_dump(mode="json", exclude_defaults=True)
    found = {k: v for k, v in written.items() if k not in _PLACE | _REMARKS}
    found["kind"] = node.kind
    if not node.is_indicator:
        found.pop("aggregate", None)
        rule = node.aggregate
        found["aggregate"] = rule.model_dump(mode="json") if rule is not None else None
        table = getattr(rule, "table", None)
        found["table"] = next((t.rows for t in instrument.spec.tables if t.id == table), None)
    if node.cuts is not None:
        found["levels"] = node.cuts.model_dump(mode="json")
    if node.scale is not None:
        found["scale"] = [level.id for level in instrument.scales[node.scale]]
    tables = {name for formula in node.formulas.values() for name in formula.tables}
    found["lookups"] = [instrument.lookups[name].model_dump(mode="json") for name in sorted(tables)]
    plain: dict[str, Any] = _without_remarks(found)
    return plain


def _without_remarks(value: Any) -> Any:
    """Return plain values without status, reasons and notes."""
    if isinstance(value, dict):
        return {k: _without_remarks(v) for k, v in value.items() if k not in _REMARKS}
    if isinstance(value, list):
        return [_without_remarks(v) for v in value]
    return value
