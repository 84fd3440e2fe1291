"""Rows of titles and rules made into the groups and indicators of an instrument."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from workbench.errors import Problem, Reason, did_you_mean
from workbench.instruments import Instrument
from workbench.instruments.formula import FormulaError, parse_condition
from workbench.language import Message
from workbench.observations.tables import RawTable
from workbench.study.fill.rows import Item

LEVELLED = ("category", "grade")
Parts = list[dict[str, Any]]


@dataclass
class PartMaker:
    """Makes the parts of an instrument from its outline and the rows of a table.

    Parameters
    ----------
    outline : Instrument
    items : list of Item
    table : RawTable
        Gives the place of a problem.
    problems : list of Problem
        Takes what is found.
    """

    outline: Instrument
    items: list[Item]
    table: RawTable
    problems: list[Problem] = field(default_factory=list)

    def groups(self) -> Parts:
        """Return the groups: those of the outline, renamed where a row says so, and new ones."""
        rows = {i.code: i for i in self.items if i.kind == "group"}
        tiers = [tier.id for tier in self.outline.spec.tiers]
        above = {p for item in self.indicators_listed for p in item.parents}
        found: Parts = []
        for group in self.outline.spec.nodes:
            made = group.model_dump(mode="json", exclude_defaults=True)
            item = rows.pop(group.code, None)
            if item is not None:
                made |= self._common(item)
                made["tier"] = item.cells.get("tier", made["tier"])
            # An empty group of an outline weighs nothing; one that was filled in does.
            if (
                group.code in above
                and made.get("weight") == 0
                and "weight" not in (item.cells if item else {})
            ):
                del made["weight"]
            found.append(made)
        for item in rows.values():
            found.append(self._common(item) | {"tier": item.cells.get("tier", "")})
            if "tier" not in item.cells:
                self._report(
                    item,
                    "tier",
                    Message("{code} has no tier", code=item.code),
                    fix=Message("Write one of {names}.", names=", ".join(tiers)),
                )
        for item in self.items:
            tier = item.cells.get("tier")
            if tier is not None and tier not in tiers:
                self._report(
                    item,
                    "tier",
                    Message("there is no tier {name}", name=tier),
                    fix=did_you_mean(tier, tiers),
                )
        return found

    @property
    def indicators_listed(self) -> list[Item]:
        """Rows that are indicators."""
        return [i for i in self.items if i.kind not in ("group", "element", "none")]

    def indicators(self) -> Parts:
        """Return the indicators, in the order of the table."""
        groups = {g.code for g in self.outline.spec.nodes}
        groups |= {i.code for i in self.items if i.kind == "group"}
        elements = self._elements()
        found = []
        for item in self.indicators_listed:
            if not item.parents:
                what = Message("{code} stands under no group", code=item.code)
                fix = Message("Write the code of its group under parent.")
                self._report(item, "parent", what, fix=fix)
            for parent in item.parents:
                if parent not in groups:
                    what = Message("there is no group {code}", code=parent)
                    self._report(item, "parent", what, fix=did_you_mean(parent, groups))
            found.append(self._indicator(item, elements.get(item.code, [])))
        return found

    def _elements(self) -> dict[str, Parts]:
        """Return the elements of each checklist."""
        lists = {i.code for i in self.items if i.kind == "checklist"}
        found: dict[str, Parts] = {}
        for item in self.items:
            if item.kind != "element":
                continue
            if len(item.parents) != 1 or item.parents[0] not in lists:
                what = Message("an element stands under a checklist of the table")
                self._report(
                    item,
                    "parent",
                    what,
                    got=" ".join(item.parents),
                    fix=did_you_mean(" ".join(item.parents), lists),
                )
                continue
            entry = {"id": item.code, "title": item.words("title") or item.code}
            found.setdefault(item.parents[0], []).append(entry)
        return found

    def _common(self, item: Item) -> dict[str, Any]:
        """Return what groups and indicators have in common."""
        made: dict[str, Any] = {"code": item.code}
        for name in ("title", "note", "objective"):
            if item.words(name) and not (name == "objective" and item.kind != "group"):
                made[name] = item.words(name)
        if item.parents:
            made["parent"] = item.parents[0] if len(item.parents) == 1 else list(item.parents)
        if "weight" in item.cells:
            made["weight"] = item.number("weight")
        return made

    def _indicator(self, item: Item, elements: Parts) -> dict[str, Any]:
        """Return one indicator."""
        made = self._common(item) | {"kind": item.kind}
        for name in ("review", "basis"):
            if name in item.cells:
                made[name] = item.cells[name]
        if item.cells.get("direction") == "-1":
            made["direction"] = -1
        if item.words("evidence"):
            made["evidence"] = item.words("evidence")
        if item.kind in ("measure", "score") and item.words("unit"):
            made["unit"] = item.words("unit")
        for name in ("minimum", "maximum"):
            if name in item.cells and item.kind in ("measure", "score", "points"):
                made[name] = item.number(name)
        if item.kind == "checklist":
            made["elements"] = elements
            if not elements:
                self._report(
                    item,
                    "kind",
                    Message("{code} has no elements", code=item.code),
                    fix=Message(
                        "Add a row for each, with kind: element and this code under parent."
                    ),
                )
        if item.kind == "statement" and "basis" not in item.cells:
            what = Message("{code} is read in the norm or in practice", code=item.code)
            self._report(item, "basis", what, fix=Message("Write norm or practice under basis."))
        return made | self._levels(item)

    # -- levels -----------------------------------------------------------------------------------

    def _levels(self, item: Item) -> dict[str, Any]:
        """Return the scale of an indicator and the rule of each of its levels."""
        scale = self._scale(item)
        if scale is None:
            return {}
        own = [level.id for level in self.outline.scales[scale]]
        for level in item.rules:
            if level not in own:
                what = Message("{level} is no level of {scale}", level=level, scale=scale)
                self._report(item, level, what, fix=did_you_mean(level, own))
        if item.kind == "grade":
            return {"scale": scale}
        if item.kind == "category":
            options = [
                {
                    "id": level,
                    "title": {self.outline.spec.language: item.rules[level]},
                    "level": level,
                }
                for level in own
                if level in item.rules
            ]
            if len(options) < 2:
                what = Message("{code} has fewer than two answers", code=item.code)
                fix = Message(
                    "Write what gives each level in its column: {names}.", names=", ".join(own)
                )
                self._report(item, own[0], what, fix=fix)
            return {"scale": scale, "options": options}
        if not item.rules:
            return {}
        bands = [
            {"level": level, "when": item.rules[level]}
            for level in reversed(own)
            if level in item.rules and self._is_condition(item, level)
        ]
        return {"levels": {"scale": scale, "bands": bands}}

    def _is_condition(self, item: Item, level: str) -> bool:
        """Return whether the rule of a level is a condition on a number; report one that is not."""
        try:
            parse_condition(item.rules[level])
        except FormulaError as error:
            problem = error.problem
            self._report(
                item,
                level,
                problem.what,
                got=item.rules[level],
                fix=Message("Write a condition, such as: >= 80, or value == n for a checklist."),
            )
            return False
        return True

    def _scale(self, item: Item) -> str | None:
        """Return the scale of an indicator: as written, else the only one that fits its levels."""
        scales = self.outline.scales
        if "scale" in item.cells:
            if item.cells["scale"] in scales:
                return item.cells["scale"]
            what = Message("there is no scale {name}", name=item.cells["scale"])
            self._report(item, "scale", what, fix=did_you_mean(item.cells["scale"], scales))
            return None
        fits = [s for s, levels in scales.items() if set(item.rules) <= {x.id for x in levels}]
        used = {node.scale for c in self.outline.indicators for node in (self.outline.nodes[c],)}
        named = [s for s in fits if s in used] if len(fits) > 1 else fits
        if len(named) == 1:
            return named[0]
        if item.kind in LEVELLED or item.rules:
            what = Message("which scale {code} has can't be told", code=item.code)
            fix = Message("Write one of {names} under scale.", names=", ".join(scales) or "–")
            self._report(item, "scale", what, fix=fix)
        return None

    def _report(self, item: Item, column: str, what: Message, **options: Any) -> None:
        """Note a problem at a cell of a row."""
        place = self.table.place(item.row, column)
        self.problems.append(Problem(Reason.SPEC_VALUE, what, place, **options))
