"""Groups as formulas of a spreadsheet: from the cells of the parts to a score and a level."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from workbench.instruments import Node
from workbench.interchange import means
from workbench.interchange.cells import CaseCells, weight
from workbench.interchange.expressions import written
from workbench.interchange.leaves import Written
from workbench.interchange.levels import by_bands, by_strata, by_word
from workbench.interchange.normalised import normalised
from workbench.interchange.places import Asked, Column, Places
from workbench.interchange.shares import ShareWriter
from workbench.interchange.spelling import (
    NOTHING,
    Unwritable,
    chained,
    known,
    number,
    otherwise,
    rounded,
    total,
)
from workbench.language import Message
from workbench.scoring.components import component_weights
from workbench.scoring.groups import LEVEL_RULES
from workbench.specs.instrument import (
    ByFormula,
    Conditions,
    Copeland,
    Distance,
    FirstComponent,
    LookupTable,
    Mean,
    PluginAggregator,
    Points,
    Share,
    Single,
    WeakestLink,
)

SLACK = "1E-12"


@dataclass(frozen=True)
class GroupWriter:
    """Writes the formulas of the groups.

    Parameters
    ----------
    places : Places
    """

    places: Places

    def write(self, row: int, node: Node, *, plain: Mapping[str, bool]) -> Written:
        """Return the formulas of one group in one case, by column.

        Parameters
        ----------
        row : int
            Row of the case in the scores.
        node : Node
        plain : mapping of str to bool
            Groups below whose counts are formulas or known numbers.

        Raises
        ------
        Unwritable
            If one of its rules has no formula.
        """
        group = _Group(self.places, row, node)
        found: Written = {"given": total(group.of_children("given"))}
        rule = node.aggregate
        if isinstance(rule, Share):
            found |= ShareWriter(self.places, row, node, rule).write(plain)
        else:
            found |= {"counts": group.counts(), "known": total(group.of_children("known"))}
            found |= group.number()
        return found | group.reported(found)


@dataclass(frozen=True)
class _Group:
    """One group in one case."""

    places: Places
    row: int
    node: Node

    def cell(self, column: Column) -> str:
        """Return a cell of the group."""
        return self.places.at(self.row, self.node.code, column)

    @property
    def reads(self) -> CaseCells:
        """What its formulas read."""
        return CaseCells(self.places, self.row, self.node)

    @property
    def made_of(self) -> tuple[str, ...]:
        """The nodes of which the group is made: its children, else what its formula reads."""
        rule = self.node.aggregate
        if isinstance(rule, ByFormula | Conditions):
            return self.places.instrument.read_by(self.node.code)
        return self.node.children

    def of_children(self, column: Column) -> list[str]:
        """Return a column of the children."""
        return [self.places.at(self.row, code, column) for code in self.node.children]

    def counts(self) -> str:
        """Return 1 where a part of the group counts, else 0."""
        cells = [self.places.at(self.row, code, "counts") for code in self.made_of]
        return f"IF({total(cells)}=0,0,1)" if cells else "1"

    def parts(self) -> list[means.Part]:
        """Return the children as parts of a mean."""
        return [
            means.Part(
                self.places.at(self.row, code, "score"),
                self.places.at(self.row, code, "counts"),
                weight(self.places, self.row, code, self.node),
            )
            for code in self.node.children
        ]

    # -- rules ------------------------------------------------------------------------------------

    def number(self) -> Written:
        """Return what the rule of the group makes of its parts."""
        match self.node.aggregate:
            case Mean() | Points() as rule:
                return self._mean(rule)
            case ByFormula() as rule:
                return {"found": self._limited(rule, self._by_formula(rule))}
            case Distance() as rule:
                return {"found": self._distance(rule)}
            case FirstComponent() as rule:
                return {"found": self._component(rule)}
            case WeakestLink() | Single() | LookupTable() | Conditions():
                return {}
            case Copeland():
                raise Unwritable(Message("units are compared two by two, each with all the others"))
            case PluginAggregator(name=name):
                raise Unwritable(Message("{method} is a rule of another package", method=name))
        return {}

    def _mean(self, rule: Mean | Points) -> Written:
        """Return a mean with the weight that counts and the weight that is there."""
        parts = self.parts()
        if not parts:
            return {}
        asked, present = self.cell("asked"), self.cell("present")
        if isinstance(rule, Mean) and rule.exponent is not None:
            found = means.power(parts, present, rule.exponent)
        else:
            found = means.MEANS[rule.method](parts, present)
        enough = [f"{present}>0", self._enough(asked, present)]
        enough += self._further(rule, parts)
        if isinstance(rule, Mean) and rule.weights == "unknown":
            # With unknown weights only limits are known, unless one part alone counts.
            enough.append(f"{total([f'IF({p.counts}*{p.weight}>0,1,0)' for p in parts])}=1")
        return {
            "asked": means.counted_weight(parts),
            "present": means.present_weight(parts),
            "found": self._limited(rule, f"IF(AND({','.join(enough)}),{found},{NOTHING})"),
        }

    def _enough(self, asked: str, present: str) -> str:
        """Return whether enough weight is there."""
        return f"{present}>=({self.places.least_known(self.node.code)}-{SLACK})*{asked}"

    def _further(self, rule: Mean | Points | ByFormula, parts: list[means.Part]) -> list[str]:
        """Return whether enough parts, and enough indicators below, have a score."""
        found = []
        if rule.min_parts is not None:
            there = total([f"IF({p.there},1,0)" for p in parts])
            of = total([f"IF({p.counts}*{p.weight}>0,1,0)" for p in parts])
            found.append(f"{there}>=({number(rule.min_parts)}-{SLACK})*{of}")
        if rule.min_indicators is not None:
            leaves = [
                (self.places.at(self.row, code, "score"), self.places.at(self.row, code, "counts"))
                for code in self.node.leaves
            ]
            there = total([f"IF(ISNUMBER({score}),{counts},0)" for score, counts in leaves])
            of = total([counts for _, counts in leaves])
            found.append(f"{there}>=({number(rule.min_indicators)}-{SLACK})*{of}")
        return found

    def _limited(self, rule: Mean | Points | ByFormula, found: str) -> str:
        """Return a number between floor and cap, with the decimals that are kept."""
        limited = found
        if rule.floor is not None or rule.cap is not None or rule.round is not None:
            limited = f"(0+{limited})"  # an empty text is an error from here on
        if rule.floor is not None:
            limited = f"MAX({number(rule.floor)},{limited})"
        if rule.cap is not None:
            limited = f"MIN({number(rule.cap)},{limited})"
        if rule.round is not None:
            limited = rounded(limited, str(rule.round))
        return otherwise(limited)

    def _by_formula(self, rule: ByFormula) -> str:
        """Return what the formula of the group gives."""
        formula = self.node.formulas["aggregate"]
        found = written(formula, self.reads)
        if not formula.of_parts:
            return found
        parts = self.parts()
        asked, present = means.counted_weight(parts), means.present_weight(parts)
        enough = [f"{asked}>0", self._enough(asked, present), *self._further(rule, parts)]
        return f"IF(AND({','.join(enough)}),{found},NA())"

    def _values(self) -> list[str]:
        """Return the scores of the children, unknown where there is none."""
        return [known(cell) for cell in self.of_children("score")]

    def _distance(self, rule: Distance) -> str:
        """Return a DP2 distance: deviations and weights are those fitted to the reference."""
        cells = self.places.fitted(self.row, f"{self.node.code}:aggregate", rule)
        if cells is None:
            raise Unwritable(Message("nothing was fitted for this wave or group"))
        reference, deviation, weights = (
            cells.cells(name) for name in ("reference", "deviation", "weight")
        )

        def of(values: list[str]) -> str:
            rows = zip(values, reference, deviation, weights, strict=True)
            return total([f"ABS({x}-{r})/{d}*{w}" for x, r, d, w in rows])

        own = of(self._values())
        if rule.relative_to is None:
            return otherwise(own)
        return otherwise(f"{own}/{of([number(rule.relative_to)] * len(weights))}")

    def _component(self, rule: FirstComponent) -> str:
        """Return a first component: its loadings are those fitted to the reference."""
        key = f"{self.node.code}:aggregate"
        cells = self.places.fitted(self.row, key, rule)
        if cells is None:
            raise Unwritable(Message("nothing was fitted for this wave or group"))
        if rule.weights is not None:
            weights = component_weights(rule.weights, cells.values)
            own = self.places.parameters.cells(
                key, "weight", cells.label, tuple(map(float, weights))
            )
            return otherwise(total([f"{x}*{w}" for x, w in zip(self._values(), own, strict=True)]))
        rows = zip(
            self._values(), cells.cells("mean"), cells.cells("deviation"), cells.cells("loading"),
            strict=True,
        )  # fmt: skip
        found = total([f"({x}-{m})/{d}*{load}" for x, m, d, load in rows])
        return otherwise(
            f"{found}/SQRT({cells.cell('variance')})" if rule.variance == "unit" else found
        )

    # -- what is reported, score and level --------------------------------------------------------

    def reported(self, found: Written) -> Written:
        """Return score and level: as reported, else made of the parts."""
        made: Written = {}
        level = self._level_of_parts()
        rule = self.node.spec.normalise
        if not isinstance(self.node.aggregate, LEVEL_RULES) or self._number_cell() is not None:
            score = self.cell("found") if "found" in found else NOTHING
            if rule is not None and not isinstance(self.node.aggregate, LEVEL_RULES):
                score = otherwise(normalised(self.places, self.row, self.node, known(score)))
            given = self._number_cell()
            made["score"] = f"IF(ISNUMBER({given}),{given},{score})" if given else score
            if given and "counts" in found:
                made["counts"] = f"IF(ISNUMBER({given}),1,{found['counts']})"
        if level is None:
            level = self._cut()
        word = self.places.answer(self.row, Asked(self.node.code, "word"))
        if level is not None and word is not None:
            by = by_word(self.places, self.node, word)
            level = f"IF(ISNUMBER({by}),{by},{level})"
        if level is not None:
            made["level"] = level
        return made

    def _number_cell(self) -> str | None:
        """Return the cell with the score that is reported; None where none can be."""
        return self.places.answer(self.row, Asked(self.node.code))

    def _cut(self) -> str | None:
        """Return the level of the score by cut-points or strata."""
        score = self.cell("score")
        if self.node.bands is not None:
            return f"IF(ISNUMBER({score}),{by_bands(self.node.bands, score)},{NOTHING})"
        if self.node.cuts is not None and self.node.cuts.strata is not None:
            rule = self.node.cuts.strata
            stratum = by_strata(self.places, self.row, self.node, rule, score)
            return f"IF(ISNUMBER({score}),{stratum},{NOTHING})"
        return None

    def _level_of_parts(self) -> str | None:
        """Return the level that follows from the levels of the parts."""
        match self.node.aggregate:
            case Conditions() as rule:
                return self._by_conditions(rule)
            case WeakestLink() as rule:
                return self._weakest(rule.scale, plus=rule.plus)
            case Single() as rule:
                return self._weakest(rule.scale, plus=False)
            case LookupTable() as rule:
                return self._looked_up(rule)
        return None

    def _by_conditions(self, rule: Conditions) -> str:
        """Return the first level whose condition holds; none where one before is not known."""
        own = [level.id for level in self.places.instrument.scales[rule.scale]]
        found = str(own.index(rule.otherwise) + 1)
        for index, entry in reversed(list(enumerate(rule.levels))):
            formula = self.node.formulas[f"levels[{index}]"]
            if formula.of_parts:
                raise Unwritable(Message("its condition reads all parts together"))
            level = own.index(entry.level) + 1
            found = f"IF({written(formula, self.reads)}=1,{level},{found})"
        seen = [f"IF({self.places.at(self.row, code, 'given')}>0,1,0)" for code in self.made_of]
        found = otherwise(found)
        return f"IF({total(seen)}=0,{NOTHING},{found})" if seen else found

    def _levels(self) -> tuple[list[str], list[str], str]:
        """Return levels of the children, whether they count, and whether all that do are known."""
        levels, counts = self.of_children("level"), self.of_children("counts")
        pairs = list(zip(levels, counts, strict=True))
        n = total(counts)
        there = total([f"IF(ISNUMBER({level}),{c},0)" for level, c in pairs])
        return levels, counts, f"AND({n}>0,{there}={n})"

    def _weakest(self, scale: str, *, plus: bool) -> str:
        """Return the lowest level of the children, with a plus where any other is higher."""
        levels, counts, whole = self._levels()
        pairs = list(zip(levels, counts, strict=True))
        low = chained("MIN", [f"IF({c}=1,{level},99)" for level, c in pairs])
        high = chained("MAX", [f"IF({c}=1,{level},0)" for level, c in pairs])
        instrument = self.places.instrument
        names = [level.id for level in instrument.levels_of(self.node.children[0])]
        own = [level.id for level in instrument.scales[scale]]
        base = ",".join(str(own.index(name) + 1) for name in names)
        found = f"CHOOSE({low},{base})"
        if plus:
            better = ",".join(str(own.index(f"{n}+" if f"{n}+" in own else n) + 1) for n in names)
            found = f"IF({high}>{low},CHOOSE({low},{better}),{found})"
        return f"IF({whole},{found},{NOTHING})"

    def _looked_up(self, rule: LookupTable) -> str:
        """Return the level that a table gives for how many children are at each level."""
        levels, counts, whole = self._levels()
        pairs = list(zip(levels, counts, strict=True))
        key = total([f"IF({c}=1,10^({level}-1),0)" for level, c in pairs])
        keys = self.places.table("conversion", rule.table, "D")
        entries = self.places.table("conversion", rule.table, "E")
        return f"IF({whole},IFERROR(INDEX({entries},MATCH({key},{keys},0)),{NOTHING}),{NOTHING})"
